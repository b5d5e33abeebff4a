//! Mending. Nothing here drops a word: what may not stand somewhere is wrapped, or put beside.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::{block_among_words, is_plain, may_hold, nested_ids, tables, unusable_attribute};
use crate::block::{Attributes, Block, Body, Document, Kind, push_text};
use crate::{ids, text};

pub(super) fn repair(mut document: Document) -> Document {
    document.blocks = open(document.blocks);
    name(&mut document.blocks);
    let mut blocks = arrange(None, document.blocks.into_iter().flat_map(mend).collect());
    if blocks.is_empty() {
        blocks.push(Block::paragraph(ids::derive(&["paragraph", "document"]), Vec::new()));
    }
    document.blocks = blocks;
    name(&mut document.blocks);
    document
}

/// Takes blocks out of where only words or nothing may stand, before anything gets its id.
fn open(blocks: Vec<Block>) -> Vec<Block> {
    let mut opened = Vec::with_capacity(blocks.len());
    for mut block in blocks {
        let mut beside = Vec::new();
        match &mut block.body {
            Body::Text(line) if line.iter().any(|inline| block_among_words(inline).is_some()) => {
                let (among, words): (Vec<_>, Vec<_>) =
                    std::mem::take(line).into_iter().partition(|inline| block_among_words(inline).is_some());
                *line = words;
                beside.extend(among.iter().map(|inline| read_or_tell(&inline.to_value())));
            }
            Body::Opaque(content) if block.kind.shape() == crate::block::Shape::Leaf => {
                let inside = json!({"type": "doc", "content": std::mem::take(content)});
                beside = Document::parse(&inside).map_or_else(|_| vec![read_or_tell(&inside)], |inside| inside.blocks);
                block.body = Body::Leaf;
            }
            Body::Blocks(children) => *children = open(std::mem::take(children)),
            _ => {}
        }
        opened.push(block);
        opened.extend(open(beside));
    }
    opened
}

/// The block, or a paragraph with its words.
fn read_or_tell(value: &Value) -> Block {
    Block::parse(value).unwrap_or_else(|_| {
        let mut line = Vec::new();
        push_text(&mut line, &text::words_in(value), &[]);
        Block::paragraph("", line)
    })
}

/// Gives every block an id of its own. The first of two equal ones keeps its id, and an id inside unknown content its.
fn name(blocks: &mut [Block]) {
    fn give(blocks: &mut [Block], parent: &str, taken: &mut HashSet<String>) {
        let mut before = String::new();
        for block in blocks {
            if block.id.is_empty() {
                block.id = ids::derive(&["missing", parent, &before, block.kind.name()]);
            } else if !ids::is_id(&block.id) {
                block.id = ids::derive(&["named", &block.id]);
            }
            let given = block.id.clone();
            let mut round = 1u32;
            while !taken.insert(block.id.clone()) {
                block.id = ids::derive(&["again", &given, parent, &round.to_string()]);
                round += 1;
            }
            before.clone_from(&block.id);
            let id = block.id.clone();
            if let Body::Blocks(children) = &mut block.body {
                give(children, &id, taken);
            }
        }
    }
    let mut taken = nested_ids(blocks);
    give(blocks, "", &mut taken);
}

/// The block made valid inside; none when it is an empty wrapper.
fn mend(mut block: Block) -> Option<Block> {
    mend_attributes(&mut block);
    match &mut block.body {
        Body::Text(line) if block.kind == Kind::CodeBlock && !is_plain(line) => {
            let mut code = Vec::new();
            for inline in line.iter() {
                push_text(&mut code, &text::of_inline(inline), &[]);
            }
            *line = code;
        }
        Body::Blocks(children) => {
            let children = std::mem::take(children).into_iter().filter_map(mend).collect();
            let mut children = arrange(Some(&block.kind), children);
            if children.is_empty() && !block.kind.is_item() && !block.kind.is_cell() {
                return None;
            }
            let wants_paragraph = children.is_empty() || (block.kind.is_item() && children[0].kind != Kind::Paragraph);
            if wants_paragraph {
                children.insert(0, Block::paragraph(ids::derive(&["paragraph", &block.id]), Vec::new()));
            }
            if block.kind == Kind::Table {
                tables::level(&mut children);
            }
            block.body = Body::Blocks(children);
        }
        _ => {}
    }
    Some(block)
}

fn mend_attributes(block: &mut Block) {
    while let Some(attribute) = unusable_attribute(block) {
        let usable = match attribute {
            "level" => json!(block.number_of("level").map_or(1, |level| level.clamp(1, 6))),
            "checked" => json!(false),
            "kind" => json!("note"),
            _ => json!(1),
        };
        block.attributes.insert(attribute.to_owned(), usable);
    }
}

/// Makes `blocks` children `parent` may hold.
fn arrange(parent: Option<&Kind>, blocks: Vec<Block>) -> Vec<Block> {
    if blocks.iter().all(|block| may_hold(parent, &block.kind)) {
        return blocks;
    }
    match parent {
        Some(list) if list.is_list() => {
            let item = if *list == Kind::TaskList { Kind::TaskItem } else { Kind::ListItem };
            arrange_in(blocks, &item, Kind::is_item)
        }
        Some(Kind::Table) => {
            let rows = gather(blocks, Kind::is_cell, |_| Kind::TableRow);
            arrange_in(rows, &Kind::TableRow, |kind| *kind == Kind::TableRow)
        }
        Some(Kind::TableRow) => {
            let opened = blocks.into_iter().flat_map(|block| match block {
                Block { kind: Kind::TableRow, body: Body::Blocks(cells), .. } => cells,
                other => vec![other],
            });
            arrange_in(opened.collect(), &Kind::TableCell, Kind::is_cell)
        }
        _ => {
            let blocks = gather(blocks, |kind| *kind == Kind::ListItem, |_| Kind::BulletList);
            let blocks = gather(blocks, |kind| *kind == Kind::TaskItem, |_| Kind::TaskList);
            let blocks = gather(blocks, Kind::is_cell, |_| Kind::TableRow);
            let mut blocks = gather(blocks, |kind| *kind == Kind::TableRow, |_| Kind::Table);
            for table in blocks.iter_mut().filter(|block| block.kind == Kind::Table) {
                if let Body::Blocks(rows) = &mut table.body {
                    tables::level(rows);
                }
            }
            blocks
        }
    }
}

/// Every block as `wanted`: those alike are turned into it, others wrapped in one of their own.
fn arrange_in(blocks: Vec<Block>, wanted: &Kind, alike: impl Fn(&Kind) -> bool) -> Vec<Block> {
    let turn = |mut block: Block| {
        if alike(&block.kind) {
            if wanted.is_item() && block.kind != *wanted {
                block.attributes.remove("checked");
                if *wanted == Kind::TaskItem {
                    block.attributes.insert("checked".into(), json!(false));
                }
                block.kind = wanted.clone();
            }
            return Some(block);
        }
        if matches!(block.kind, Kind::Unknown(_)) {
            return Some(block);
        }
        let id = ids::derive(&[wanted.name(), &block.id]);
        mend(Block::new(wanted.clone(), id, Attributes::new(), Body::Blocks(vec![block])))
    };
    blocks.into_iter().filter_map(turn).collect()
}

/// Puts each run of `loose` blocks into one new block.
fn gather(blocks: Vec<Block>, loose: impl Fn(&Kind) -> bool, wrapper: impl Fn(&Block) -> Kind) -> Vec<Block> {
    let mut gathered: Vec<Block> = Vec::with_capacity(blocks.len());
    let mut open = false;
    for block in blocks {
        if !loose(&block.kind) {
            open = false;
            gathered.push(block);
            continue;
        }
        if open && let Some(Block { body: Body::Blocks(run), .. }) = gathered.last_mut() {
            run.push(block);
            continue;
        }
        let kind = wrapper(&block);
        let id = ids::derive(&[kind.name(), &block.id]);
        gathered.push(Block::new(kind, id, Attributes::new(), Body::Blocks(vec![block])));
        open = true;
    }
    gathered
}
