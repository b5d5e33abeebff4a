//! Interim engine, until the document crate is there.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use uuid::Uuid;

use crate::merging::{Choice, Difference, Merging, Projection};
use crate::wire::{Fields, Table};

pub struct Engine;

fn blocks(text: &str) -> Vec<Value> {
    let value: Value = serde_json::from_str(text).unwrap();
    value["content"].as_array().cloned().unwrap_or_default()
}
fn by_id(blocks: &[Value]) -> BTreeMap<String, Value> {
    blocks.iter().map(|b| (b["attrs"]["id"].as_str().unwrap().to_owned(), b.clone())).collect()
}
fn difference(
    kind: &str,
    block: Option<&str>,
    field: &str,
    [base, head, local]: [Value; 3],
    stands: &str,
) -> Difference {
    Difference {
        kind: kind.into(),
        block: block.map(str::to_owned),
        field: field.into(),
        base,
        head,
        local,
        stands: stands.into(),
    }
}

impl Merging for Engine {
    fn rows(
        &self,
        _: Table,
        _: Uuid,
        base: Option<&Fields>,
        head: &Fields,
        local: &Fields,
    ) -> (Fields, Vec<Difference>) {
        let mut out = head.clone();
        let mut differences = Vec::new();
        let keys: BTreeSet<&String> = head.keys().chain(local.keys()).collect();
        for key in keys {
            let get = |f: Option<&Fields>| f.and_then(|f| f.get(key)).cloned().unwrap_or_default();
            let (o, a, b) = (get(base), get(Some(head)), get(Some(local)));
            if a == b || (base.is_some() && b == o) {
                continue;
            }
            if base.is_some() && a == o {
                out.insert(key.clone(), b);
            } else if a.is_null() && base.is_none() {
                out.insert(key.clone(), b);
            } else if !matches!(key.as_str(), "position" | "sub_course_id") && !b.is_null() {
                differences.push(difference("field", None, key, [o, a, b], "head"));
            }
        }
        (out, differences)
    }

    fn bodies(&self, base: Option<&str>, head: &str, local: &str) -> Option<(String, Vec<Difference>)> {
        let (o, a, b) = (base.map(blocks).unwrap_or_default(), blocks(head), blocks(local));
        let (o, am, bm) = (by_id(&o), by_id(&a), by_id(&b));
        let mut differences = Vec::new();
        let mut out = Vec::new();
        let order: Vec<&Value> =
            a.iter().chain(b.iter().filter(|x| !am.contains_key(x["attrs"]["id"].as_str().unwrap()))).collect();
        for block in order {
            let id = block["attrs"]["id"].as_str().unwrap();
            let (x, y, z) = (o.get(id), am.get(id), bm.get(id));
            let three = || [x, y, z].map(|v| v.cloned().unwrap_or_default());
            match (x, y, z) {
                (Some(x), Some(y), None) => {
                    if y != x {
                        differences.push(difference("block_deleted", Some(id), "content", three(), "head"));
                        out.push(y.clone());
                    }
                }
                (Some(x), None, Some(z)) => {
                    if z != x {
                        differences.push(difference("block_deleted", Some(id), "content", three(), "local"));
                        out.push(z.clone());
                    }
                }
                (_, Some(y), Some(z)) => {
                    if y == z || Some(z) == x {
                        out.push(y.clone());
                    } else if Some(y) == x {
                        out.push(z.clone());
                    } else {
                        differences.push(difference("words", Some(id), "content", three(), "head"));
                        out.push(y.clone());
                    }
                }
                _ => out.push(block.clone()),
            }
        }
        Some((json!({"content": out, "type": "doc"}).to_string(), differences))
    }

    fn decide(&self, _: &str, _: &Fields, _: Choice) -> Option<String> {
        None
    }

    fn decide_row(&self, row: &Fields, card: &Fields, choice: Choice) -> Fields {
        let mut row = row.clone();
        if choice == Choice::UseOther && card["kind"] == "field" {
            let other = if card["stands"] == "head" { "local" } else { "head" };
            row.insert(card["field"].as_str().unwrap().to_owned(), card[other].clone());
        }
        row
    }

    fn from_markdown(&self, _: Uuid, _: &str) -> Option<String> {
        None
    }

    fn project(&self, document: &str) -> Projection {
        let text: Vec<String> = blocks(document).iter().map(ToString::to_string).collect();
        Projection { markdown: text.join("\n"), html: text.concat(), plain_text: text.join(" ") }
    }
}
