//! A table merges cell by cell while at most one side changed its shape. Otherwise one side's table stands as a whole
//! and the other's waits in a card: rows of one and columns of the other make no table.

use std::collections::{BTreeMap, HashMap};

use crate::block::{Block, Document, Kind};
use crate::card::Side;

/// Tables that are not looked into, and whose version stands.
pub(super) type Whole<'a> = BTreeMap<&'a str, Side>;

fn tables(document: &Document) -> HashMap<&str, &Block> {
    document.walk().filter(|block| block.kind == Kind::Table).map(|table| (table.id.as_str(), table)).collect()
}

type Shape<'a> = Vec<(&'a str, Vec<(&'a str, u64, u64)>)>;

fn shape(table: &Block) -> Shape<'_> {
    let span = |cell: &Block, attribute| cell.number_of(attribute).unwrap_or(1);
    let cell = |cell: &'_ Block| (span(cell, "colspan"), span(cell, "rowspan"));
    table
        .children()
        .iter()
        .map(|row| {
            let cells = row.children().iter().map(|one| (one.id.as_str(), cell(one).0, cell(one).1)).collect();
            (row.id.as_str(), cells)
        })
        .collect()
}

fn cells(table: &Block) -> HashMap<&str, &Block> {
    table.children().iter().flat_map(Block::children).map(|cell| (cell.id.as_str(), cell)).collect()
}

/// Whether `shaper`, who changed the shape, took away a cell whose content `writer` changed.
fn took_away_an_edited_cell(base: &Block, shaper: &Block, writer: &Block) -> bool {
    let (base, left, written) = (cells(base), cells(shaper), cells(writer));
    base.iter().any(|(id, cell)| !left.contains_key(id) && written.get(id).is_some_and(|now| now != cell))
}

pub(super) fn whole<'a>(base: Option<&'a Document>, head: &'a Document, local: &'a Document) -> Whole<'a> {
    let (in_base, in_head, in_local) = (base.map(tables).unwrap_or_default(), tables(head), tables(local));
    let mut whole = Whole::new();
    for (id, head) in &in_head {
        let Some(local) = in_local.get(id) else {
            // Deleted by local: an edit anywhere inside keeps all of it.
            if in_base.get(id).is_some_and(|base| base != head) {
                whole.insert(*id, Side::Head);
            }
            continue;
        };
        let (of_head, of_local) = (shape(head), shape(local));
        if of_head == of_local {
            continue;
        }
        let Some(base) = in_base.get(id) else {
            whole.insert(*id, Side::Head);
            continue;
        };
        let of_base = shape(base);
        if of_head != of_base && of_local != of_base {
            whole.insert(*id, Side::Head);
        } else if of_head != of_base && took_away_an_edited_cell(base, head, local) {
            whole.insert(*id, Side::Local);
        } else if of_local != of_base && took_away_an_edited_cell(base, local, head) {
            whole.insert(*id, Side::Head);
        }
    }
    for (id, local) in &in_local {
        if !in_head.contains_key(id) && in_base.get(id).is_some_and(|base| base != local) {
            whole.insert(*id, Side::Local);
        }
    }
    whole
}
