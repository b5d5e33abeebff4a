//! A table is a rectangle once every cell is counted with the columns and rows it spans.

use serde_json::json;

use crate::block::{Block, Body, Kind};
use crate::ids;

fn span(cell: &Block, attribute: &str) -> u64 {
    cell.number_of(attribute).unwrap_or(1).max(1)
}

/// The width of each row, cells reaching in from above included, and whether a cell reaches below the last row.
fn widths(rows: &[Block]) -> (Vec<u64>, bool) {
    let mut from_above: Vec<(u64, u64)> = Vec::new();
    let mut widths = Vec::with_capacity(rows.len());
    for row in rows {
        let mut width: u64 = from_above.iter().map(|(_, width)| width).sum();
        for (rows_left, _) in &mut from_above {
            *rows_left -= 1;
        }
        for cell in row.children() {
            width += span(cell, "colspan");
            from_above.push((span(cell, "rowspan") - 1, span(cell, "colspan")));
        }
        from_above.retain(|(rows_left, _)| *rows_left > 0);
        widths.push(width);
    }
    (widths, !from_above.is_empty())
}

/// Rows of a newer version are not judged.
fn is_known(rows: &[Block]) -> bool {
    rows.iter().all(|row| row.kind == Kind::TableRow && row.children().iter().all(|cell| cell.kind.is_cell()))
}

pub(super) fn is_ragged(rows: &[Block]) -> bool {
    let (widths, overhangs) = widths(rows);
    is_known(rows) && (overhangs || widths.windows(2).any(|pair| pair[0] != pair[1]))
}

/// Ends cells with the table and fills short rows up with empty cells.
pub(super) fn level(rows: &mut [Block]) {
    if !is_ragged(rows) {
        return;
    }
    let count = rows.len() as u64;
    for (index, row) in rows.iter_mut().enumerate() {
        let Body::Blocks(cells) = &mut row.body else { continue };
        for cell in cells {
            let left = count - index as u64;
            if span(cell, "rowspan") > left {
                cell.attributes.insert("rowspan".into(), json!(left));
            }
        }
    }
    let (widths, _) = widths(rows);
    let widest = widths.iter().copied().max().unwrap_or(0);
    for (row, width) in rows.iter_mut().zip(widths) {
        let row_id = row.id.clone();
        let Body::Blocks(cells) = &mut row.body else { continue };
        let heads = !cells.is_empty() && cells.iter().all(|cell| cell.kind == Kind::TableHeader);
        for missing in width..widest {
            let id = ids::derive(&["cell", &row_id, &missing.to_string()]);
            let paragraph = Block::paragraph(ids::derive(&["paragraph", &id]), Vec::new());
            let kind = if heads { Kind::TableHeader } else { Kind::TableCell };
            cells.push(Block::new(kind, id, crate::block::Attributes::new(), Body::Blocks(vec![paragraph])));
        }
    }
}
