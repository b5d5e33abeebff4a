//! Three-way merge of documents and of rows. `base` is what both sides started from, `head` what the server has, `local` what
//! this computer wrote meanwhile. Rules (design §8): no word of either side is lost, a deletion never beats an edit its
//! author had not seen, two edits of the same words never interleave, what is unknown travels untouched, no clock is read.

mod fields;
pub(crate) mod line;
mod marks;
mod order;
mod rows;
mod tables;
mod tree;
mod words;

#[cfg(test)]
pub(crate) mod sabotage;

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::Value;

pub(crate) use tree::fits_code;

pub use rows::{AnswersMerged, Row, RowKind, RowMerged, merge_answers, merge_row};

use crate::block::Document;
use crate::card::{Card, CardKind, Side};
use crate::hash;
use crate::validity::Fault;

/// The merged document, always valid, and what a person has to decide. The cards stand in the order of their blocks in
/// head; local's own blocks follow.
#[derive(Clone, Debug, PartialEq)]
pub struct Merged {
    pub document: Document,
    pub cards: Vec<Card>,
}

/// The two do not go together (too deep, too large). Nothing is lost: head stays, and the card holds all of local.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("these two versions cannot be brought together: {}", faults.first().map(ToString::to_string).unwrap_or_default())]
pub struct Refused {
    pub faults: Vec<Fault>,
    pub card: Box<Card>,
}

/// Merges two versions of a document, block by block and word by word.
///
/// `merge(b, x, b)`, `merge(b, b, x)` and `merge(b, x, x)` are `x` without cards. Without a base nothing counts as deleted:
/// blocks are united by id, and where the two differ head stands and local waits in a card. Versions that are not valid
/// are repaired first.
///
/// # Errors
/// [`Refused`] when the result, or one of the versions, is beyond a document's limits.
pub fn merge(base: Option<&Document>, head: &Document, local: &Document) -> Result<Merged, Refused> {
    if head == local || base == Some(local) {
        return checked(head.clone(), Vec::new(), head, local);
    }
    if base == Some(head) {
        return checked(local.clone(), Vec::new(), head, local);
    }
    merge_trees(base, head, local)
}

fn merge_trees(base: Option<&Document>, head: &Document, local: &Document) -> Result<Merged, Refused> {
    let (base, head, local) = (base.map(valid), valid(head), valid(local));
    let (document, cards) = tree::merge(base.as_deref(), &head, &local);
    let cards = named(cards, base.as_deref(), &head, &local);
    #[cfg(test)]
    let cards = sabotage::cards(cards);
    checked(document, cards, &head, &local)
}

/// The identities must also hold without the short ways.
#[cfg(test)]
pub(crate) fn merge_the_long_way(base: &Document, head: &Document, local: &Document) -> Result<Merged, Refused> {
    merge_trees(Some(base), head, local)
}

fn valid(document: &Document) -> Cow<'_, Document> {
    if document.check().is_empty() { Cow::Borrowed(document) } else { Cow::Owned(document.repair()) }
}

fn checked(mut document: Document, cards: Vec<Card>, head: &Document, local: &Document) -> Result<Merged, Refused> {
    let mut faults = document.check();
    if !faults.is_empty() {
        document = document.repair();
        faults = document.check();
    }
    if faults.is_empty() {
        return Ok(Merged { document, cards });
    }
    let versions = [Value::Null, head.to_value(), local.to_value()];
    let card = Card::new(CardKind::Document, None, "document", versions, Side::Head);
    let card = named(vec![card], None, head, local).remove(0);
    Err(Refused { faults, card: Box::new(card) })
}

/// Names the cards after the three versions, and puts those of equal name together.
fn named(cards: Vec<Card>, base: Option<&Document>, head: &Document, local: &Document) -> Vec<Card> {
    if cards.is_empty() {
        return cards;
    }
    let hashes = [base.map(hash::hash).unwrap_or_default(), hash::hash(head), hash::hash(local)];
    let merge: String = hashes.iter().flatten().map(|byte| format!("{byte:02x}")).collect();
    let mut seen: HashMap<String, u32> = HashMap::new();
    let number = |card: Card| {
        let card = card.named(&merge);
        let count = seen.entry(card.id.clone()).or_default();
        *count += 1;
        // The same change twice in one block: two cards, told apart by their turn.
        if *count > 1 { Card { id: crate::ids::derive(&[&card.id, &count.to_string()]), ..card } } else { card }
    };
    cards.into_iter().map(number).collect()
}
