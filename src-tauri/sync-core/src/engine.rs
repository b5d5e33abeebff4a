//! The document engine behind the machine: bodies, rows and cards of the crate `document`.

use std::collections::BTreeMap;

use document::{Card, CardKind, Decision, Document, Row, RowKind, Side};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::merging::{Choice, Difference, Merging, Projection};
use crate::wire::{Fields, Table};

#[derive(Clone, Copy, Debug, Default)]
pub struct Engine;

/// A document as it is kept and sent: JSON, keys in order, nothing between. Nothing when it is no document.
#[must_use]
pub fn canonical(document: &Value) -> Option<String> {
    Some(text(&Document::parse(document).ok()?))
}

/// Keys in order whatever order the JSON library keeps.
#[derive(Serialize)]
#[serde(untagged)]
enum Ordered {
    Object(BTreeMap<String, Ordered>),
    Array(Vec<Ordered>),
    Plain(Value),
}

impl From<Value> for Ordered {
    fn from(value: Value) -> Self {
        match value {
            Value::Object(fields) => Self::Object(fields.into_iter().map(|(key, value)| (key, value.into())).collect()),
            Value::Array(values) => Self::Array(values.into_iter().map(Self::from).collect()),
            plain => Self::Plain(plain),
        }
    }
}

fn text(document: &Document) -> String {
    serde_json::to_string(&Ordered::from(document.to_value())).unwrap_or_default()
}

fn read(text: &str) -> Option<Document> {
    Document::parse(&serde_json::from_str(text).ok()?).ok()
}

fn row(fields: &Fields) -> Row {
    fields.iter().map(|(field, value)| (field.clone(), value.clone())).collect()
}

fn difference(card: Card) -> Difference {
    let name = |value: Value| value.as_str().unwrap_or_default().to_owned();
    Difference {
        kind: name(json!(card.kind)),
        stands: name(json!(card.stands)),
        block: card.block,
        field: card.field,
        base: card.base,
        head: card.head,
        local: card.local,
    }
}

fn card(fields: &Fields) -> Option<Card> {
    let of = |field: &str| fields.get(field).cloned().unwrap_or_default();
    Some(Card {
        id: String::new(),
        kind: serde_json::from_value::<CardKind>(of("kind")).ok()?,
        block: of("block_id").as_str().map(str::to_owned),
        field: of("field").as_str().unwrap_or_default().to_owned(),
        base: of("base"),
        head: of("head"),
        local: of("local"),
        stands: serde_json::from_value::<Side>(of("stands")).ok()?,
    })
}

fn decision(choice: Choice) -> Decision {
    match choice {
        Choice::Keep => Decision::Keep,
        Choice::UseOther => Decision::UseOther,
        Choice::KeepBoth => Decision::KeepBoth,
    }
}

impl Merging for Engine {
    fn rows(
        &self,
        table: Table,
        _: Uuid,
        base: Option<&Fields>,
        head: &Fields,
        local: &Fields,
    ) -> (Fields, Vec<Difference>) {
        let kind = match table {
            Table::SubCourses => RowKind::SubCourse,
            Table::Lessons => RowKind::Lesson,
            Table::Quizzes => RowKind::Quiz,
            Table::Questions => RowKind::Question,
            Table::QuestionOptions => RowKind::QuestionOption,
            Table::AnswerKeys => RowKind::AnswerKey,
            Table::MergeCards | Table::Unknown => return (head.clone(), Vec::new()),
        };
        let base = base.map(row);
        let merged = document::merge_row(kind, base.as_ref(), &row(head), &row(local));
        (merged.fields.into_iter().collect(), merged.cards.into_iter().map(difference).collect())
    }

    fn answers(&self, question: Uuid, base: &[Fields], head: &[Fields], local: &[Fields]) -> Option<Difference> {
        let rows = |all: &[Fields]| -> Vec<Row> { all.iter().map(row).collect() };
        let merged = document::merge_answers(&question.to_string(), &rows(base), &rows(head), &rows(local));
        merged.cards.into_iter().next().map(difference)
    }

    fn bodies(&self, base: Option<&str>, head: &str, local: &str) -> Option<(String, Vec<Difference>)> {
        let base = base.and_then(read);
        let merged = document::merge(base.as_ref(), &read(head)?, &read(local)?).ok()?;
        Some((text(&merged.document), merged.cards.into_iter().map(difference).collect()))
    }

    fn decide(&self, document: &str, fields: &Fields, choice: Choice) -> Option<String> {
        Some(text(&document::resolve(&read(document)?, &card(fields)?, decision(choice))))
    }

    fn decide_row(&self, fields: &Fields, about: &Fields, choice: Choice) -> Fields {
        match card(about) {
            Some(card) => document::resolve_row(&row(fields), &card, decision(choice)).into_iter().collect(),
            None => fields.clone(),
        }
    }

    fn read_markdown(&self, lesson: Uuid, markdown: &str) -> Option<String> {
        Some(text(&document::from_markdown(markdown, &lesson.to_string())))
    }

    fn project(&self, document: &str) -> Projection {
        match read(document) {
            Some(document) => {
                Projection { markdown: document.markdown(), html: document.html(), plain_text: document.plain_text() }
            }
            None => Projection::default(),
        }
    }
}
