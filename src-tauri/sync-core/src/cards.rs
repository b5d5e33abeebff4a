//! Merge cards as rows: two versions of which one stands and the other waits for a person. The id follows from what the
//! card says, so two devices that meet the same difference make the same card.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::merging::Difference;
use crate::store::LocalRow;
use crate::wire::{Fields, Key, Table};

/// The space card ids are made in.
const CARDS: Uuid = Uuid::from_u128(0x5f0c_6a52_6a0e_4d2b_9a53_0b5f_7b1d_c0a1);

/// What the server adds to a card when it is written.
pub(crate) const SET_BY_SERVER: [&str; 3] = ["device_id", "person_id", "created_at"];

/// The card of a difference about `key`; `again` counts the cards of the same difference that were decided before.
pub(crate) fn row(course_id: Uuid, key: Key, difference: &Difference, again: u32) -> LocalRow {
    let current: Fields = [
        ("table_name", json!(key.table)),
        ("row_id", json!(key.id)),
        ("block_id", json!(difference.block)),
        ("field", json!(difference.field)),
        ("kind", json!(difference.kind)),
        ("base", difference.base.clone()),
        ("head", difference.head.clone()),
        ("local", difference.local.clone()),
        ("stands", json!(difference.stands)),
        ("resolution", Value::Null),
        ("resolved_at", Value::Null),
    ]
    .into_iter()
    .map(|(field, value)| (field.to_owned(), value))
    .collect();
    let said = json!([current, again]).to_string();
    LocalRow {
        course_id,
        key: Key { table: Table::MergeCards, id: Uuid::new_v5(&CARDS, said.as_bytes()) },
        version: None,
        base: None,
        current,
        seen: Vec::new(),
        unsure: false,
        refused: None,
    }
}

/// A card is decided once: the first decision the server has stands.
pub(crate) fn merge(head: &Fields, local: &Fields) -> Fields {
    let mut merged = head.clone();
    if head.get("resolution").is_none_or(Value::is_null) {
        for field in ["resolution", "resolved_at"] {
            merged.extend(local.get(field).map(|value| (field.to_owned(), value.clone())));
        }
    }
    merged
}

pub(crate) fn is_open(card: &Fields) -> bool {
    card.get("resolution").is_none_or(Value::is_null)
}

fn of_row(kind: &str, field: &str, [base, head, local]: [Value; 3], stands: &str) -> Difference {
    Difference { kind: kind.into(), block: None, field: field.into(), base, head, local, stands: stands.into() }
}

/// Archived by one and changed by the other: it is not archived.
pub(crate) fn archived(base: Value, head: Value, local: Value) -> Difference {
    let stands = if head.is_null() { "head" } else { "local" };
    of_row("archived", "archived_at", [base, head, local], stands)
}

/// A container was brought back for what stands in it.
pub(crate) fn revived(child: Key, archived_at: Value, ours: bool) -> Difference {
    let mut versions = [json!(child.id), Value::Null, archived_at];
    if !ours {
        versions.swap(1, 2);
    }
    of_row("archived", "archived_at", versions, if ours { "head" } else { "local" })
}

pub(crate) fn published_twice(versions: [Value; 3]) -> Difference {
    of_row("field", "published_revision_id", versions, "head")
}

/// The server lost a publication and it cannot be sent again from here.
pub(crate) fn unpublished(revision: Uuid) -> Difference {
    of_row("field", "published_revision_id", [Value::Null, Value::Null, json!(revision)], "head")
}

/// The whole body of one side, where a merge would not have been valid.
pub(crate) fn whole_body(base: Option<&str>, head: &str, local: &str) -> Difference {
    let document = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| json!(text));
    of_row("document", "document", [base.map_or(Value::Null, document), document(head), document(local)], "head")
}
