//! Doing what a person decided about a card, in the document as it is by then.

use serde_json::Value;

use super::{Card, CardKind, Decision};
use crate::block::{Block, Body, Document, Inline, Kind};
use crate::ids;
use crate::merge::{Row, fits_code, line};

/// The document after the decision; valid. Nothing is lost by it: where the words a card speaks of have changed since, or
/// stand in code that could not hold the others' links, the other version is put behind them as a block of its own
/// instead of in their place, and a block that has changed since is not deleted.
#[must_use]
pub fn resolve(document: &Document, card: &Card, decision: Decision) -> Document {
    if decision == Decision::Keep {
        return document.clone();
    }
    let keeps_both = decision == Decision::KeepBoth;
    let mut document = document.clone();
    match card.kind {
        CardKind::Words | CardKind::WordsDeleted | CardKind::Rewritten | CardKind::Link => {
            words(&mut document, card, keeps_both)
        }
        CardKind::Attribute => attribute(&mut document, card, keeps_both),
        CardKind::Type => turn(&mut document, card, keeps_both),
        CardKind::BlockDeleted | CardKind::Block | CardKind::Table => block(&mut document, card, keeps_both),
        CardKind::Document => {
            if let Ok(other) = Document::parse(card.other()) {
                if keeps_both { document.blocks.extend(other.blocks) } else { document = other }
            }
        }
        CardKind::Field | CardKind::Answer | CardKind::Archived => {}
    }
    document.repair()
}

/// A row's fields after the decision about one of its cards. Both versions of a text are put one after the other, apart by
/// ` / `; of anything else only one can stand, and keeping both keeps what stands.
#[must_use]
pub fn resolve_row(row: &Row, card: &Card, decision: Decision) -> Row {
    let mut row = row.clone();
    match (decision, card.kind, card.other()) {
        (Decision::UseOther, CardKind::Answer, Value::Object(fields)) => {
            row.extend(fields.iter().map(|(name, value)| (name.clone(), value.clone())));
        }
        (Decision::UseOther, CardKind::Field | CardKind::Archived, other) => {
            row.insert(card.field.clone(), other.clone());
        }
        (Decision::KeepBoth, CardKind::Field, Value::String(other)) => {
            let standing = row.get(&card.field).and_then(Value::as_str).unwrap_or("");
            let both = if standing.is_empty() { other.clone() } else { format!("{standing} / {other}") };
            row.insert(card.field.clone(), both.into());
        }
        _ => {}
    }
    row
}

/// Puts `new` behind the block, or at the end when the block is gone.
fn insert_after(blocks: &mut Vec<Block>, id: &str, new: Block) {
    fn insert(blocks: &mut Vec<Block>, id: &str, new: Block) -> Option<Block> {
        if let Some(at) = blocks.iter().position(|block| block.id == id) {
            blocks.insert(at + 1, new);
            return None;
        }
        let mut new = new;
        for block in blocks {
            if let Body::Blocks(children) = &mut block.body {
                new = insert(children, id, new)?;
            }
        }
        Some(new)
    }
    if let Some(new) = insert(blocks, id, new) {
        blocks.push(new);
    }
}

fn remove(blocks: &mut Vec<Block>, id: &str) {
    blocks.retain(|block| block.id != id);
    for block in blocks {
        if let Body::Blocks(children) = &mut block.body {
            remove(children, id);
        }
    }
}

fn line_of(version: &Value) -> Vec<Inline> {
    version.as_array().and_then(|nodes| Inline::parse_all(nodes).ok()).unwrap_or_default()
}

fn words(document: &mut Document, card: &Card, keeps_both: bool) {
    let id = card.block.as_deref().unwrap_or("");
    let (standing, other) = (line_of(card.standing()), line_of(card.other()));
    if let Some(Block { kind, body: Body::Text(text), .. }) = document.block_mut(id)
        && (*kind != Kind::CodeBlock || fits_code(&other))
    {
        let replaced = match card.kind {
            CardKind::Rewritten if keeps_both => None,
            CardKind::Rewritten => (*text == standing).then(|| other.clone()),
            _ => line::replace(text, &standing, &other, keeps_both),
        };
        if let Some(replaced) = replaced {
            *text = replaced;
            return;
        }
    }
    if !other.is_empty() {
        insert_after(&mut document.blocks, id, Block::paragraph(ids::derive(&["kept", &card.id]), other));
    }
}

fn attribute(document: &mut Document, card: &Card, keeps_both: bool) {
    let Some(id) = card.block.as_deref() else {
        if !keeps_both {
            document.rest.insert(card.field.clone(), card.other().clone());
        }
        return;
    };
    let Some(block) = document.block_mut(id) else { return };
    let mut other = block.clone();
    match card.other() {
        Value::Null => other.attributes.remove(&card.field),
        value => other.attributes.insert(card.field.clone(), value.clone()),
    };
    if !keeps_both {
        *block = other;
    } else if matches!(block.body, Body::Leaf) {
        other.id = ids::derive(&["kept", &card.id]);
        insert_after(&mut document.blocks, id, other);
    }
}

fn turn(document: &mut Document, card: &Card, keeps_both: bool) {
    let id = card.block.as_deref().unwrap_or("");
    let Ok(other) = Block::parse(card.other()) else { return };
    if let Some(block) = document.block_mut(id)
        && block.kind.shape() == other.kind.shape()
        && (other.kind != Kind::CodeBlock || fits_code(block.inline()))
    {
        if !keeps_both {
            for name in block.kind.own_attributes() {
                block.attributes.remove(*name);
            }
            block.kind = other.kind;
            block.attributes.extend(other.attributes);
        }
        return;
    }
    insert_after(&mut document.blocks, id, other);
}

fn block(document: &mut Document, card: &Card, keeps_both: bool) {
    let id = card.block.as_deref().unwrap_or("");
    let standing = Block::parse(card.standing()).ok();
    let is_as_it_stood = document.block(id) == standing.as_ref();
    match Block::parse(card.other()) {
        Ok(mut other) if keeps_both || !is_as_it_stood || standing.is_none() => {
            if document.block(id).is_some() {
                other.id = ids::derive(&["kept", &card.id]);
            }
            insert_after(&mut document.blocks, id, other);
        }
        Ok(other) => {
            if let Some(block) = document.block_mut(id) {
                *block = other;
            }
        }
        // The other version is a deletion.
        Err(_) if is_as_it_stood && !keeps_both => {
            remove(&mut document.blocks, id);
            if document.blocks.is_empty() {
                document.blocks.push(Block::new(
                    Kind::Paragraph,
                    ids::derive(&["paragraph", id]),
                    Default::default(),
                    Body::Text(Vec::new()),
                ));
            }
        }
        Err(_) => {}
    }
}
