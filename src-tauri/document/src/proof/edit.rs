//! What an author does to a document. Every edit is one number, so a failing list of edits shrinks.

use serde_json::{Map, json};

use super::generate::{Source, object};
use crate::block::{Block, Body, Document, Inline, Kind, push_text};
use crate::text;

/// The document after these edits of one author. It is valid again after each, as the editor keeps it.
pub(crate) fn edited(document: &Document, edits: &[u64], first_word: u64) -> Document {
    let mut source = Source::new(first_word, first_word);
    let mut document = document.clone();
    for edit in edits {
        source.reseed(*edit);
        one(&mut document, &mut source);
        document = document.repair();
        assert_eq!(document.check(), []);
    }
    document
}

fn ids(document: &Document, which: impl Fn(&Block) -> bool) -> Vec<String> {
    document.walk().filter(|block| which(block)).map(|block| block.id.clone()).collect()
}

/// The siblings among which a block stands, and its place.
fn siblings<'a>(blocks: &'a mut Vec<Block>, id: &str) -> Option<(&'a mut Vec<Block>, usize)> {
    if let Some(at) = blocks.iter().position(|block| block.id == id) {
        return Some((blocks, at));
    }
    for block in blocks {
        if let Body::Blocks(children) = &mut block.body
            && let Some(found) = siblings(children, id)
        {
            return Some(found);
        }
    }
    None
}

/// A line as single words with their marks, and back.
fn parts(line: &[Inline]) -> Vec<Inline> {
    let mut parts = Vec::new();
    for inline in line {
        match inline {
            Inline::Text { text, marks } => {
                parts.extend(text::segments(text).map(|part| Inline::text(part, marks.clone())));
            }
            atom => parts.push(atom.clone()),
        }
    }
    parts
}

fn joined(parts: Vec<Inline>) -> Vec<Inline> {
    let mut line = Vec::new();
    for part in parts {
        match part {
            Inline::Text { text, marks } => push_text(&mut line, &text, &marks),
            atom => line.push(atom),
        }
    }
    line
}

fn one(document: &mut Document, source: &mut Source) {
    let is_text = |block: &Block| matches!(block.body, Body::Text(_));
    let flow = |block: &Block| !block.kind.is_item() && !block.kind.is_cell() && block.kind != Kind::TableRow;
    let choice = source.below(22);
    let candidates = match choice {
        0..=7 => ids(document, is_text),
        8..=11 | 13 => ids(document, flow),
        12 => ids(document, |block| matches!(block.body, Body::Blocks(_))),
        14 | 15 => ids(document, |block| !is_text(block) || block.kind == Kind::Heading),
        16 => ids(document, |block| block.kind.is_item()),
        17 | 18 => ids(document, |block| block.kind == Kind::Table),
        19 => ids(document, |block| block.kind.is_list()),
        _ => ids(document, |_| true),
    };
    if candidates.is_empty() {
        return;
    }
    let id = source.pick(&candidates).clone();
    match choice {
        0..=5 => words(document, &id, choice, source),
        6 => split(document, &id, source),
        7 => turn(document, &id, source),
        8 | 9 => wrap(document, &id, source),
        10 => shift(document, &id, source),
        11 | 20 => {
            if let Some((siblings, at)) = siblings(&mut document.blocks, &id) {
                siblings.remove(at);
            }
        }
        12 => lift(document, &id),
        13 => {
            let new = source.block(1);
            if let Some((siblings, at)) = siblings(&mut document.blocks, &id) {
                siblings.insert(at + source.below(2), new);
            }
        }
        14 | 15 => attribute(document, &id, source),
        16 => indent(document, &id, source),
        17 | 18 => table(document, &id, source),
        19 => {
            if let Some(list) = document.block_mut(&id) {
                list.kind = source.pick(&[Kind::BulletList, Kind::OrderedList, Kind::TaskList]).clone();
                list.attributes.remove("start");
            }
        }
        _ => join(document, &id),
    }
}

fn words(document: &mut Document, id: &str, choice: usize, source: &mut Source) {
    let Some(block) = document.block_mut(id) else { return };
    let is_code = block.kind == Kind::CodeBlock;
    let Body::Text(line) = &mut block.body else { return };
    let mut parts = parts(line);
    let at = source.below(parts.len() + 1);
    let end = (at + 1 + source.below(4)).min(parts.len());
    match choice {
        // Type at a place.
        0 | 1 => {
            let marks = if is_code { Vec::new() } else { source.marks() };
            let new = [Inline::text(" ", vec![]), Inline::text(source.word(), marks), Inline::text(" ", vec![])];
            parts.splice(at..at, new);
        }
        // Type over words.
        2 if at < end => _ = parts.splice(at..end, [Inline::text(source.words(2), vec![])]),
        3 if at < end => _ = parts.drain(at..end),
        // Mark words, or take their marks.
        4 if at < end && !is_code => {
            let link = source.link();
            let marks = if source.chance(50) { vec![link] } else { source.marks() };
            for part in &mut parts[at..end] {
                if let Inline::Text { marks: worn, .. } = part {
                    worn.clone_from(&marks);
                }
            }
        }
        // Everything anew.
        5 if source.chance(40) => parts = vec![Inline::text(source.words(6), vec![])],
        5 if !is_code => parts.insert(at, source.atom()),
        _ => {}
    }
    *line = joined(parts);
}

fn split(document: &mut Document, id: &str, source: &mut Source) {
    let new_id = source.id();
    let Some((siblings, at)) = siblings(&mut document.blocks, id) else { return };
    let Body::Text(line) = &mut siblings[at].body else { return };
    let mut first = parts(line);
    let second = first.split_off(source.below(first.len() + 1));
    *line = joined(first);
    let mut new = siblings[at].clone();
    new.id = new_id;
    new.body = Body::Text(joined(second));
    siblings.insert(at + 1, new);
}

fn join(document: &mut Document, id: &str) {
    let Some((siblings, at)) = siblings(&mut document.blocks, id) else { return };
    if at == 0 || !matches!((&siblings[at - 1].body, &siblings[at].body), (Body::Text(_), Body::Text(_))) {
        return;
    }
    if (siblings[at - 1].kind == Kind::CodeBlock) != (siblings[at].kind == Kind::CodeBlock) {
        return;
    }
    if let Body::Text(second) = siblings.remove(at).body
        && let Body::Text(first) = &mut siblings[at - 1].body
    {
        push_text(first, " ", &[]);
        first.extend(second);
        *first = joined(std::mem::take(first));
    }
}

fn turn(document: &mut Document, id: &str, source: &mut Source) {
    let Some(block) = document.block_mut(id) else { return };
    let level = 1 + source.below(6);
    // The editor takes marks and formulas with it when words become code; here only plain words do.
    let plain = block.inline().iter().all(|inline| matches!(inline, Inline::Text { marks, .. } if marks.is_empty()));
    (block.kind, block.attributes) = match source.below(3) {
        0 => (Kind::Paragraph, Map::new()),
        1 if plain => (Kind::CodeBlock, object(json!({"language": "c"}))),
        _ => (Kind::Heading, object(json!({ "level": level }))),
    };
}

fn wrap(document: &mut Document, id: &str, source: &mut Source) {
    let (outer, inner) = (source.id(), source.id());
    let Some((siblings, at)) = siblings(&mut document.blocks, id) else { return };
    let block = siblings.remove(at);
    let wrapper = match source.below(3) {
        0 => Block::new(Kind::Blockquote, outer, Map::new(), Body::Blocks(vec![block])),
        1 => Block::new(Kind::Callout, outer, object(json!({"kind": "tip"})), Body::Blocks(vec![block])),
        _ => {
            let item = Block::new(Kind::ListItem, inner, Map::new(), Body::Blocks(vec![block]));
            Block::new(Kind::BulletList, outer, Map::new(), Body::Blocks(vec![item]))
        }
    };
    siblings.insert(at, wrapper);
}

fn lift(document: &mut Document, id: &str) {
    let Some((siblings, at)) = siblings(&mut document.blocks, id) else { return };
    let children = match &siblings[at] {
        block if block.kind.is_cell() || block.kind == Kind::Table || block.kind == Kind::TableRow => return,
        block if block.kind.is_list() => block.children().iter().flat_map(|item| item.children().to_vec()).collect(),
        block => block.children().to_vec(),
    };
    siblings.splice(at..=at, children);
}

/// Drag a block to another place.
fn shift(document: &mut Document, id: &str, source: &mut Source) {
    let Some((siblings_here, at)) = siblings(&mut document.blocks, id) else { return };
    let block = siblings_here.remove(at);
    let targets =
        ids(document, |target| !target.kind.is_item() && !target.kind.is_cell() && target.kind != Kind::TableRow);
    if targets.is_empty() {
        document.blocks.push(block);
        return;
    }
    let target = source.pick(&targets).clone();
    if let Some((there, at)) = siblings(&mut document.blocks, &target) {
        there.insert(at + source.below(2), block);
    }
}

fn indent(document: &mut Document, id: &str, source: &mut Source) {
    let new_id = source.id();
    let Some((items, at)) = siblings(&mut document.blocks, id) else { return };
    if at == 0 || !items[at - 1].kind.is_item() {
        return;
    }
    let item = items.remove(at);
    let list = if item.kind == Kind::TaskItem { Kind::TaskList } else { Kind::BulletList };
    if let Body::Blocks(children) = &mut items[at - 1].body {
        children.push(Block::new(list, new_id, Map::new(), Body::Blocks(vec![item])));
    }
}

fn attribute(document: &mut Document, id: &str, source: &mut Source) {
    let Some(block) = document.block_mut(id) else { return };
    let (name, value) = match &block.kind {
        Kind::Image => (*source.pick(&["alt", "title"]), json!(source.words(2))),
        Kind::Attachment => ("name", json!(source.words(2))),
        Kind::Video => (*source.pick(&["title", "url"]), json!(source.words(1))),
        Kind::MathBlock => ("latex", json!(source.words(2))),
        Kind::Heading => ("level", json!(1 + source.below(6))),
        Kind::TaskItem => ("checked", json!(source.chance(50))),
        Kind::Callout => ("kind", json!(*source.pick(&["note", "tip", "warning", "danger"]))),
        Kind::TableCell | Kind::TableHeader => ("align", json!(*source.pick(&["left", "right", "center"]))),
        Kind::Unknown(_) => ("title", json!(source.word())),
        _ => (*source.pick(&["dir", "newer"]), json!(source.below(5))),
    };
    block.attributes.insert(name.to_owned(), value);
}

fn table(document: &mut Document, id: &str, source: &mut Source) {
    let Some(table) = document.block_mut(id) else { return };
    let Body::Blocks(rows) = &mut table.body else { return };
    let columns = rows.first().map_or(1, |row| row.children().len());
    let at = source.below(rows.len() + 1);
    match source.below(4) {
        0 => rows.insert(at, source.row(columns, false)),
        1 if rows.len() > 1 => _ = rows.remove(at.min(rows.len() - 1)),
        2 => {
            let at = source.below(columns + 1);
            for row in rows {
                let mut new = source.row(1, false);
                if let (Body::Blocks(cells), Body::Blocks(new)) = (&mut row.body, &mut new.body) {
                    cells.insert(at.min(cells.len()), new.remove(0));
                }
            }
        }
        3 if columns > 1 => {
            let at = source.below(columns);
            for row in rows {
                if let Body::Blocks(cells) = &mut row.body
                    && cells.len() > 1
                {
                    cells.remove(at.min(cells.len() - 1));
                }
            }
        }
        _ => {}
    }
}
