//! Two versions of which one stands and the other waits for a person: shown in words, decided once for everybody.

use document::{Card, CardKind, Piece, Side, diff_words};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sync_core::{
    Choice,
    status::OpenCard,
    wire::{Key, Table},
};
use uuid::Uuid;

use super::{DraftKey, Keeping, Machine, id_of, name_of, outline::Rows, rows::now, text_of, told};
use crate::{error::Result, ids::CourseId};

#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Conflict {
    pub id: Uuid,
    pub about: DraftKey,
    /// The title, prompt or label of what it is about.
    pub title: String,
    pub kind: ConflictKind,
    pub block: Option<String>,
    pub field: String,
    /// In words; empty: deleted, or not there.
    pub before: String,
    pub stands: String,
    pub other: String,
    /// From what stands to the other.
    pub pieces: Vec<Pieces>,
    pub may_keep_both: bool,
    #[serde(skip)]
    pub person_id: Option<Uuid>,
    /// Whose device met it; none while the server does not know of it.
    pub person_name: Option<String>,
    pub created_at: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum ConflictKind {
    Words,
    WordsDeleted,
    Rewritten,
    Link,
    Type,
    Attribute,
    BlockDeleted,
    Block,
    Table,
    Document,
    Field,
    Answer,
    Archived,
}

/// A run of words and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename = "Piece", rename_all = "camelCase")]
pub struct Pieces {
    pub kind: PieceKind,
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub enum PieceKind {
    Same,
    Added,
    Removed,
}

impl From<Piece> for Pieces {
    fn from(piece: Piece) -> Self {
        let kind = match piece.kind {
            document::PieceKind::Same => PieceKind::Same,
            document::PieceKind::Added => PieceKind::Added,
            document::PieceKind::Removed => PieceKind::Removed,
        };
        Self { kind, text: piece.text }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub enum ConflictChoice {
    /// What stands stays.
    Keep,
    UseOther,
    /// The other stands behind it.
    KeepBoth,
}

/// Those nobody has decided, about the course, or about one row and what belongs to it.
///
/// # Errors
/// `notFound` when the course is not kept here; what the file of drafts tells.
pub fn open<S: Keeping>(machine: &Machine<S>, course: CourseId, about: Option<Key>) -> Result<Vec<Conflict>> {
    let cards = machine.open_cards(course.0).map_err(told)?;
    if cards.is_empty() {
        return Ok(Vec::new());
    }
    let rows = Rows::read(machine, course)?;
    let wanted = cards.into_iter().filter(|card| about.is_none_or(|key| rows.holder(card.about) == key));
    Ok(wanted.filter_map(|card| conflict(&rows, &card)).collect())
}

/// Does what a person decided. Deciding what was decided before changes nothing.
///
/// # Errors
/// `notFound`; what the file of drafts tells.
pub fn decide<S: Keeping>(
    machine: &mut Machine<S>,
    course: CourseId,
    conflict: Uuid,
    choice: ConflictChoice,
) -> Result<()> {
    let choice = match choice {
        ConflictChoice::Keep => Choice::Keep,
        ConflictChoice::UseOther => Choice::UseOther,
        ConflictChoice::KeepBoth => Choice::KeepBoth,
    };
    machine.resolve(course.0, conflict, choice, &now()).map_err(told)
}

/// None for a kind of a newer version of Lectern: it waits for that one.
fn conflict(rows: &Rows, open: &OpenCard) -> Option<Conflict> {
    let of = |field: &str| open.fields.get(field).cloned().unwrap_or_default();
    let kind: ConflictKind = serde_json::from_value(of("kind")).ok()?;
    let card = Card {
        id: open.id.to_string(),
        kind: serde_json::from_value::<CardKind>(of("kind")).ok()?,
        block: of("block_id").as_str().map(str::to_owned),
        field: text_of(&open.fields, "field").to_owned(),
        base: of("base"),
        head: of("head"),
        local: of("local"),
        stands: serde_json::from_value::<Side>(of("stands")).ok()?,
    };
    let words = |version: &Value| match kind {
        ConflictKind::Answer => answers_in_words(rows, version),
        ConflictKind::Archived if version.is_null() => "In use".to_owned(),
        ConflictKind::Archived => "Archived".to_owned(),
        _ => card.words(version),
    };
    let (stands, other) = (words(card.standing()), words(card.other()));
    let is_text = card.other().is_string() && card.standing().is_string();
    let may_keep_both = match kind {
        ConflictKind::Words
        | ConflictKind::Rewritten
        | ConflictKind::Block
        | ConflictKind::Table
        | ConflictKind::Type
        | ConflictKind::Document => true,
        // With one correct answer there is none beside it.
        ConflictKind::Answer => {
            let question = rows.all.get(&open.about).map(|row| text_of(&row.current, "kind")).unwrap_or_default();
            !matches!(question, "multiple_choice" | "true_false")
        }
        ConflictKind::Field => is_text && card.field != "published_revision_id",
        _ => false,
    };
    let about = rows.all.get(&open.about);
    Some(Conflict {
        id: open.id,
        about: DraftKey::of(open.about)?,
        title: about.map(|row| name_of(&row.current).to_owned()).unwrap_or_default(),
        kind,
        before: words(&card.base),
        pieces: diff_words(&stands, &other).into_iter().map(Pieces::from).collect(),
        stands,
        other,
        may_keep_both,
        person_id: id_of(&open.fields, "person_id"),
        person_name: None,
        created_at: of("created_at").as_str().map(str::to_owned),
        block: card.block,
        field: card.field,
    })
}

/// Which answers are correct, by the labels of their options.
fn answers_in_words(rows: &Rows, version: &Value) -> String {
    let answers = version.get("answers").and_then(Value::as_array).cloned().unwrap_or_else(|| vec![version.clone()]);
    let word = |answer: &Value| -> Option<String> {
        let text = |field: &str| answer.get(field).and_then(Value::as_str);
        if answer.get("archived_at").is_some_and(|at| !at.is_null()) {
            return None;
        }
        let option =
            text("option_id").and_then(|id| id.parse().ok()).map(|id| Key { table: Table::QuestionOptions, id });
        let label = option.and_then(|key| rows.all.get(&key)).map(|row| text_of(&row.current, "label").to_owned());
        let number = || {
            let number = answer.get("accepted_number")?.as_f64()?;
            let tolerance = answer.get("tolerance").and_then(Value::as_f64).filter(|tolerance| *tolerance > 0.0);
            Some(tolerance.map_or_else(|| number.to_string(), |tolerance| format!("{number} ± {tolerance}")))
        };
        let said = label.or_else(|| text("accepted_text").map(str::to_owned)).or_else(number)?;
        let weight = answer.get("weight_percent").and_then(Value::as_i64).unwrap_or(100);
        Some(if weight == 100 { said } else { format!("{said} ({weight} %)") })
    };
    let mut words: Vec<String> = answers.iter().filter_map(word).collect();
    words.sort();
    words.join("; ")
}
