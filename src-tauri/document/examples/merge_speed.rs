//! What a merge costs: a lesson of 50 pages, 300 edits on each side, as a ratio to writing the same document as JSON once.
//! `cargo run --release -p lectern-document --example merge_speed`

use std::hint::black_box;
use std::time::Instant;

use document::{Document, derive, merge};
use serde_json::{Value, json};

const PARAGRAPHS: usize = 500;
const EDITS: usize = 300;

fn lesson() -> Vec<Value> {
    let paragraph = |index: usize| {
        let words: Vec<String> = (0..90).map(|word| format!("word{}", (index * 7 + word * 13) % 997)).collect();
        json!({"type": "paragraph", "attrs": {"id": derive(&[&index.to_string()])}, "content": [
            {"type": "text", "text": words[..40].join(" ")},
            {"type": "text", "text": format!(" {} ", words[40]), "marks": [{"type": "bold"}]},
            {"type": "text", "text": words[41..].join(" ")}]})
    };
    (0..PARAGRAPHS).map(paragraph).collect()
}

/// Types a word into every n-th paragraph, and moves, adds and deletes some.
fn edited(mut blocks: Vec<Value>, author: usize) -> Document {
    for edit in 0..EDITS {
        let index = (edit * (17 + author * 6) + author * 5) % blocks.len();
        match edit % 20 {
            0 => {
                let block = blocks.remove(index);
                blocks.insert((index + 40) % blocks.len(), block);
            }
            1 => {
                let id = derive(&["new", &author.to_string(), &edit.to_string()]);
                blocks.insert(index, json!({"type": "paragraph", "attrs": {"id": id}, "content": [{"type": "text", "text": "a new paragraph"}]}));
            }
            2 => _ = blocks.remove(index),
            _ => {
                if let Some(text) = blocks[index]["content"][0]["text"].as_str() {
                    let at = text.match_indices(' ').nth(author * 9 + 3).map_or(0, |(at, _)| at);
                    blocks[index]["content"][0]["text"] =
                        json!(format!("{} typed{author}x{edit}{}", &text[..at], &text[at..]));
                }
            }
        }
    }
    parsed(blocks)
}

/// The worst a difference can be asked: hardly a word in common, all words often.
fn anew() -> [Document; 3] {
    let text = |factor: usize| {
        (0..60_000).map(|word| format!("w{}", word * word * factor % 1009)).collect::<Vec<_>>().join(" ")
    };
    [1, 7, 31].map(|factor| {
        parsed(vec![json!({"type": "paragraph", "attrs": {"id": derive(&["one"])}, "content": [{"type": "text", "text": text(factor)}]})])
    })
}

fn turned_round() -> [Document; 3] {
    let block = |index: usize| json!({"type": "horizontalRule", "attrs": {"id": derive(&[&index.to_string()])}});
    let all: Vec<Value> = (0..20_000).map(block).collect();
    let round: Vec<Value> = all.iter().rev().cloned().collect();
    let half: Vec<Value> = all.iter().step_by(2).cloned().collect();
    [all, round, half].map(parsed)
}

fn parsed(blocks: Vec<Value>) -> Document {
    Document::parse(&json!({"type": "doc", "content": blocks})).unwrap_or_default()
}

/// The median of 31 runs, in microseconds.
fn median(mut run: impl FnMut()) -> u128 {
    let mut times: Vec<u128> = (0..31)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_micros()
        })
        .collect();
    times.sort_unstable();
    times[times.len() / 2]
}

#[allow(clippy::print_stdout, reason = "an example says what it measured")]
fn main() {
    let base = parsed(lesson());
    let (head, local) = (edited(lesson(), 0), edited(lesson(), 1));
    let value = head.to_value();
    let json = median(|| _ = black_box(value.to_string()));
    let reading = median(|| {
        _ = black_box(serde_json::from_str::<Value>(&value.to_string()).ok().map(|value| Document::parse(&value)))
    });
    let merging = median(|| _ = black_box(merge(Some(&base), &head, &local)));
    let hashing = median(|| _ = black_box(document::hash(&head)));
    let html = median(|| _ = black_box(head.html()));
    let cards = merge(Some(&base), &head, &local).map_or(0, |merged| merged.cards.len());
    println!(
        "document {} bytes, {PARAGRAPHS} paragraphs, {EDITS} + {EDITS} edits, {cards} cards",
        value.to_string().len()
    );
    println!("write as JSON {json} us");
    for (name, time) in [("write and read", reading), ("merge", merging), ("hash", hashing), ("html", html)] {
        println!("{name} {time} us = {:.1} x write", time as f64 / json.max(1) as f64);
    }
    let worst = [
        ("a paragraph of 60,000 words written anew twice", anew()),
        ("20,000 blocks turned round and every other one deleted", turned_round()),
    ];
    for (name, [base, head, local]) in worst {
        let start = Instant::now();
        let answer = merge(Some(&base), &head, &local)
            .map_or_else(|refused| refused.to_string(), |merged| format!("{} cards", merged.cards.len()));
        println!("{name}: {} ms, {answer}", start.elapsed().as_millis());
    }
}
