//! Rows around a document, three ways, field by field.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::merge;
use crate::block::Document;
use crate::card::{Card, CardKind, Side};
use crate::hash;

/// A row as JSON: column name and value; absent and `null` are the same.
pub type Row = serde_json::Map<String, Value>;

/// The tables whose rows are merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowKind {
    SubCourse,
    Lesson,
    Quiz,
    Question,
    QuestionOption,
    AnswerKey,
}

/// The merged fields, and what a person has to decide. Fields that are absent in all versions stay absent.
#[derive(Clone, Debug, PartialEq)]
pub struct RowMerged {
    pub fields: Row,
    pub cards: Vec<Card>,
}

/// The answer keys of one question. `rows` in the order of head, then what local added; `left_out` are the ids of
/// local's rows that do not count until a person has decided.
#[derive(Clone, Debug, PartialEq)]
pub struct AnswersMerged {
    pub rows: Vec<Row>,
    pub left_out: Vec<String>,
    pub cards: Vec<Card>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    /// Where a row stands, what only the server or publishing writes, what follows from other fields: head's.
    Mechanical,
    /// Somebody wrote it: two changes make a card.
    Human,
    /// Which answer is correct and what it counts. All such fields of a row are one: two changes anywhere make one card.
    Answer,
    /// Set aside or not.
    Archived,
    /// A lesson's body.
    Body,
}

/// The table of rules. What is not named here is a newer version's, and treated as written by somebody.
fn rule(kind: RowKind, field: &str) -> Rule {
    match (kind, field) {
        (_, "archived_at") => Rule::Archived,
        (_, "id" | "organization_id" | "course_id" | "sub_course_id" | "quiz_id" | "question_id" | "position")
        | (_, "seq" | "version" | "created_at" | "updated_at" | "created_by")
        | (_, "published_at" | "published_revision_id") => Rule::Mechanical,
        (RowKind::Lesson, "markdown" | "html" | "plain_text") => Rule::Mechanical,
        (RowKind::Lesson, "document") => Rule::Body,
        (RowKind::Question, "kind" | "points_hundredths") => Rule::Answer,
        (RowKind::AnswerKey, "option_id" | "accepted_text" | "accepted_number" | "tolerance" | "weight_percent") => {
            Rule::Answer
        }
        _ => Rule::Human,
    }
}

fn said<'a>(row: Option<&'a Row>, field: &str) -> &'a Value {
    row.and_then(|row| row.get(field)).unwrap_or(&Value::Null)
}

fn same(one: &Value, other: &Value) -> bool {
    one == other || hash::canonical(one) == hash::canonical(other)
}

struct Three<'a> {
    base: Option<&'a Row>,
    head: &'a Row,
    local: &'a Row,
}

impl<'a> Three<'a> {
    fn versions(&self, field: &str) -> [&'a Value; 3] {
        [said(self.base, field), said(Some(self.head), field), said(Some(self.local), field)]
    }

    /// Whether head and local each changed it, and not to the same.
    fn clash(&self, field: &str) -> bool {
        let [base, head, local] = self.versions(field);
        !same(head, local) && (self.base.is_none() || (!same(head, base) && !same(local, base)))
    }

    fn changed(&self, field: &str, side: &Row) -> bool {
        !same(said(Some(side), field), said(self.base, field))
    }
}

/// Merges a row field by field: whoever changed a field decides; where both did, the rule of the field does. Without a base
/// every difference counts as changed by both. A row archived by one and edited by the other (its place apart) is not
/// archived, and a card says so. A lesson's `document` is merged block by block; one that is no document is a
/// human field like others.
#[must_use]
pub fn merge_row(kind: RowKind, base: Option<&Row>, head: &Row, local: &Row) -> RowMerged {
    let three = Three { base, head, local };
    let mut merged = RowMerged { fields: head.clone(), cards: Vec::new() };
    let names: BTreeSet<&String> = base.into_iter().chain([head, local]).flat_map(|row| row.keys()).collect();
    let answers: Vec<&String> = names.iter().copied().filter(|name| rule(kind, name) == Rule::Answer).collect();
    let edits = |side: &Row| {
        names
            .iter()
            .any(|name| !matches!(rule(kind, name), Rule::Mechanical | Rule::Archived) && three.changed(name, side))
    };
    let mut cards = Vec::new();
    for name in &names {
        let versions = three.versions(name);
        let [in_base, in_head, in_local] = versions;
        let owned = || versions.map(Value::clone);
        let mut stands =
            if three.base.is_some() && same(in_head, in_base) { in_local.clone() } else { in_head.clone() };
        match rule(kind, name) {
            Rule::Mechanical if three.base.is_none() => stands = in_head.clone(),
            Rule::Mechanical | Rule::Answer => {}
            Rule::Human if three.clash(name) => {
                cards.push(Card::new(CardKind::Field, None, name, owned(), Side::Head));
            }
            Rule::Human => {}
            Rule::Archived => {
                let (is_head, is_local) = (!in_head.is_null(), !in_local.is_null());
                let was = !in_base.is_null();
                if is_head != is_local && !was {
                    // Without a base nobody can say who has seen what: not archived, and told.
                    let (archiver, writer) = if is_head { (Side::Head, local) } else { (Side::Local, head) };
                    if three.base.is_none() || edits(writer) {
                        stands = Value::Null;
                        cards.push(Card::new(CardKind::Archived, None, name, owned(), archiver.other()));
                    }
                }
            }
            Rule::Body if three.clash(name) => match bodies(versions) {
                Some((document, mut told)) => {
                    stands = document;
                    cards.append(&mut told);
                }
                None => cards.push(Card::new(CardKind::Field, None, name, owned(), Side::Head)),
            },
            Rule::Body => {}
        }
        if stands.is_null() && !head.contains_key(*name) && !local.contains_key(*name) {
            merged.fields.remove(*name);
        } else {
            merged.fields.insert((*name).clone(), stands);
        }
    }
    if let Some(card) = answer_card(&three, &answers, &mut merged.fields) {
        cards.push(card);
    }
    merged.cards = named(&three, cards);
    merged
}

fn bodies([base, head, local]: [&Value; 3]) -> Option<(Value, Vec<Card>)> {
    let (head, local) = (Document::parse(head).ok()?, Document::parse(local).ok()?);
    let base = Document::parse(base).ok();
    match merge(base.as_ref(), &head, &local) {
        Ok(merged) => Some((merged.document.to_value(), merged.cards)),
        Err(refused) => Some((head.to_value(), vec![*refused.card])),
    }
}

/// Both changed what is correct, even in different fields: all of head's stand together.
fn answer_card(three: &Three<'_>, answers: &[&String], fields: &mut Row) -> Option<Card> {
    let by = |side: &Row| answers.iter().any(|name| three.changed(name, side));
    let differ = answers.iter().any(|name| !same(said(Some(three.head), name), said(Some(three.local), name)));
    if !differ || (three.base.is_some() && !(by(three.head) && by(three.local))) {
        return None;
    }
    for name in answers {
        fields.insert((*name).clone(), said(Some(three.head), name).clone());
    }
    let of = |row: Option<&Row>| {
        row.map_or(Value::Null, |row| {
            answers.iter().map(|name| ((*name).clone(), said(Some(row), name).clone())).collect()
        })
    };
    let versions = [of(three.base), of(Some(three.head)), of(Some(three.local))];
    Some(Card::new(CardKind::Answer, None, "answer", versions, Side::Head))
}

/// A row's cards are named after its id and its versions' contents; those of its body have their names.
fn named(three: &Three<'_>, cards: Vec<Card>) -> Vec<Card> {
    let version = |row: &Row| {
        json!(
            row.iter()
                .filter(|(name, _)| !matches!(name.as_str(), "seq" | "version" | "updated_at"))
                .collect::<BTreeMap<_, _>>()
        )
    };
    let merge = json!([three.base.map(version), version(three.head), version(three.local)]);
    let merge: String = hash::canonical(&merge).iter().map(|byte| format!("{byte:02x}")).collect();
    cards.into_iter().map(|card| if card.id.is_empty() { card.named(&merge) } else { card }).collect()
}

/// Merges all answer keys of one question, matched by `id`. While only one side changed which answers are correct, its
/// set is taken. Where both did, and not to the same, head's whole set stands and local's goes into one card: an
/// answer one side made correct beside one the other made correct is a question neither wrote.
#[must_use]
pub fn merge_answers(question: &str, base: &[Row], head: &[Row], local: &[Row]) -> AnswersMerged {
    let by_base = |side: &[Row]| meaning(side) != meaning(base);
    let (head_changed, local_changed) = (by_base(head), by_base(local));
    let clash = head_changed && local_changed && meaning(head) != meaning(local);
    let (rows, other) = if local_changed && !head_changed { (local, head) } else { (head, local) };
    let ids: BTreeSet<&str> = rows.iter().filter_map(id_of).collect();
    let mut merged = AnswersMerged { rows: rows.to_vec(), left_out: Vec::new(), cards: Vec::new() };
    if clash {
        merged.left_out = other.iter().filter_map(id_of).filter(|id| !ids.contains(id)).map(str::to_owned).collect();
        let versions = [base, head, local].map(|rows| json!({ "answers": rows }));
        let card = Card::new(CardKind::Answer, None, "answers", versions, Side::Head);
        merged.cards.push(card.named(question));
    }
    merged
}

fn id_of(row: &Row) -> Option<&str> {
    row.get("id").and_then(Value::as_str)
}

/// What a set of answer keys says: what counts as correct, and how much, without those set aside.
fn meaning(rows: &[Row]) -> BTreeSet<Vec<u8>> {
    let says = |row: &Row| {
        let fields: BTreeMap<&String, &Value> = row
            .iter()
            .filter(|(name, value)| rule(RowKind::AnswerKey, name) == Rule::Answer && !value.is_null())
            .collect();
        hash::canonical(&json!([id_of(row), fields]))
    };
    rows.iter().filter(|row| said(Some(row), "archived_at").is_null()).map(says).collect()
}

#[cfg(test)]
mod tests;
