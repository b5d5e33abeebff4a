//! What must hold after a merge, asked of its inputs and its answer only.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::block::{Block, Document};
use crate::card::{Card, CardKind};
use crate::merge::{Merged, merge};

type Words = BTreeSet<u64>;

/// The numbers by which words are known: in texts and attributes, not in ids and hashes.
fn gather(value: &Value, words: &mut Words) {
    match value {
        Value::String(text) => {
            let numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|digits| digits.len() >= 5);
            words.extend(numbers.filter_map(|digits| digits.parse::<u64>().ok()));
        }
        Value::Array(values) => values.iter().for_each(|value| gather(value, words)),
        Value::Object(node) => {
            let told = node.iter().filter(|(key, _)| !matches!(key.as_str(), "id" | "attachment"));
            told.for_each(|(_, value)| gather(value, words));
        }
        _ => {}
    }
}

pub(crate) fn words_in(value: &Value) -> Words {
    let mut words = Words::new();
    gather(value, &mut words);
    words
}

pub(crate) fn words_of(document: &Document) -> Words {
    words_in(&document.to_value())
}

fn words_of_cards(cards: &[Card]) -> Words {
    let mut words = Words::new();
    cards.iter().for_each(|card| [&card.head, &card.local].into_iter().for_each(|version| gather(version, &mut words)));
    words
}

/// What is wrong with this merge, in a sentence.
pub(crate) fn judge(base: Option<&Document>, head: &Document, local: &Document, merged: &Merged) -> Result<(), String> {
    let faults = merged.document.check();
    if let Some(fault) = faults.first() {
        return Err(format!("not valid: {fault}"));
    }
    let (in_base, in_head, in_local) = (base.map(words_of).unwrap_or_default(), words_of(head), words_of(local));
    let mut kept = words_of(&merged.document);
    kept.extend(words_of_cards(&merged.cards));
    let added = in_head.union(&in_local).filter(|word| !in_base.contains(word));
    if let Some(lost) = added.clone().find(|word| !kept.contains(word)) {
        return Err(format!("an added word is lost: {lost}"));
    }
    let untouched = in_base.iter().filter(|word| in_head.contains(word) && in_local.contains(word));
    if let Some(lost) = untouched.clone().find(|word| !kept.contains(word)) {
        return Err(format!("a word nobody deleted is lost: {lost}"));
    }
    let ids: BTreeSet<&str> = merged.cards.iter().map(|card| card.id.as_str()).collect();
    if ids.len() != merged.cards.len() {
        return Err("two cards have one id".to_owned());
    }
    unknown_is_untouched(base, head, local, merged)
}

/// A block of a newer version stands as one of the two sides had it, to the letter. Where a table stands as a whole, a block
/// dragged out of it may stand twice, the second with an id of its own.
fn unknown_is_untouched(
    base: Option<&Document>,
    head: &Document,
    local: &Document,
    merged: &Merged,
) -> Result<(), String> {
    let unknown = |document: &Document| -> BTreeMap<String, Value> {
        let unknown = document.walk().filter(|block| block.kind.name() == "future");
        unknown.map(|block| (block.id.clone(), Block { id: String::new(), ..block.clone() }.to_value())).collect()
    };
    let (in_head, in_local, in_base) = (unknown(head), unknown(local), base.map(unknown).unwrap_or_default());
    let has_whole_table = merged.cards.iter().any(|card| card.kind == CardKind::Table);
    for (id, block) in unknown(&merged.document) {
        if !in_head.values().chain(in_local.values()).any(|version| *version == block) {
            return Err(format!("an unknown block was touched: {id}"));
        }
        let wanted = if in_head.get(&id) == in_base.get(&id) { in_local.get(&id) } else { in_head.get(&id) };
        if !has_whole_table && wanted.is_some_and(|wanted| *wanted != block) {
            return Err(format!("an unknown block is the wrong version: {id}"));
        }
    }
    Ok(())
}

/// Merges both ways round, with and without the base.
pub(crate) fn judge_all(base: &Document, head: &Document, local: &Document) -> Result<usize, String> {
    let mut cards = 0;
    for (base, head, local) in [(Some(base), head, local), (Some(base), local, head), (None, head, local)] {
        let merged = merge(base, head, local).map_err(|refused| refused.to_string())?;
        judge(base, head, local, &merged)?;
        cards += merged.cards.len();
    }
    Ok(cards)
}
