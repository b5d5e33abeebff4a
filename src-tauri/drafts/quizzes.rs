//! A quiz as it is on this computer, with its questions, their options and which answers are correct.

use serde::{Deserialize, Serialize};
use sync_core::{
    store::LocalRow,
    wire::{Key, Table},
};
use uuid::Uuid;

use super::{
    Keeping, Machine, RowState,
    conflicts::{self, Conflict},
    fields_as, id_of, is_archived,
    outline::{DraftQuizRow, Rows},
    told,
};
use crate::{
    error::Result,
    ids::{CourseId, QuestionId, QuizId},
};

#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct DraftQuiz {
    pub row: DraftQuizRow,
    pub course_title: String,
    pub description: String,
    /// None is no limit.
    pub time_limit_minutes: Option<i32>,
    /// None is unlimited.
    pub max_attempts: Option<i32>,
    pub passing_score: i32,
    pub may_write: bool,
    /// By position, then id; archived ones too.
    pub questions: Vec<DraftQuestion>,
    pub conflicts: Vec<Conflict>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum QuestionKind {
    MultipleChoice,
    MultipleResponse,
    TrueFalse,
    ShortAnswer,
    Numeric,
    Essay,
}

#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct DraftQuestion {
    pub id: QuestionId,
    pub kind: QuestionKind,
    pub prompt: String,
    /// Points times 100.
    pub points_hundredths: i32,
    pub explanation: String,
    pub feedback: String,
    pub position: String,
    pub archived_at: Option<String>,
    pub options: Vec<DraftOption>,
    pub answers: Vec<DraftAnswer>,
    pub state: RowState,
    pub refused: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct DraftOption {
    pub id: Uuid,
    pub label: String,
    pub feedback: String,
    pub position: String,
    pub archived_at: Option<String>,
    pub refused: Option<String>,
}

/// An accepted answer: an option, a text (`true` or `false` for true/false) or a number with its tolerance. Archived ones
/// are left out.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct DraftAnswer {
    pub id: Uuid,
    pub option_id: Option<Uuid>,
    pub accepted_text: Option<String>,
    pub accepted_number: Option<f64>,
    pub tolerance: Option<f64>,
    pub weight_percent: i32,
    pub refused: Option<String>,
}

#[derive(Deserialize)]
struct QuizFields {
    #[serde(default)]
    description: String,
    #[serde(default)]
    time_limit_minutes: Option<i32>,
    #[serde(default)]
    max_attempts: Option<i32>,
    #[serde(default)]
    passing_score: i32,
}

#[derive(Deserialize)]
struct QuestionFields {
    kind: QuestionKind,
    #[serde(default)]
    prompt: String,
    #[serde(default)]
    points_hundredths: i32,
    #[serde(default)]
    explanation: String,
    #[serde(default)]
    feedback: String,
    #[serde(default)]
    position: String,
    #[serde(default)]
    archived_at: Option<String>,
}

#[derive(Deserialize)]
struct OptionFields {
    #[serde(default)]
    label: String,
    #[serde(default)]
    feedback: String,
    #[serde(default)]
    position: String,
    #[serde(default)]
    archived_at: Option<String>,
}

#[derive(Deserialize)]
struct AnswerFields {
    #[serde(default)]
    option_id: Option<Uuid>,
    #[serde(default)]
    accepted_text: Option<String>,
    #[serde(default)]
    accepted_number: Option<f64>,
    #[serde(default)]
    tolerance: Option<f64>,
    #[serde(default = "all_of_it")]
    weight_percent: i32,
}

fn all_of_it() -> i32 {
    100
}

/// # Errors
/// `notFound`; what the file of drafts tells.
pub fn open<S: Keeping>(machine: &Machine<S>, course: CourseId, quiz: QuizId) -> Result<DraftQuiz> {
    let rows = Rows::read(machine, course)?;
    let key = Key { table: Table::Quizzes, id: quiz.0 };
    let row = rows.all.get(&key).ok_or_else(|| told::<S::Error>(sync_core::Error::NoSuchRow))?;
    let fields: QuizFields = fields_as(&row.current)?;
    let mut questions = rows
        .parts(key)
        .filter(|part| part.key.table == Table::Questions)
        .map(|part| question(&rows, key, part))
        .collect::<Result<Vec<_>>>()?;
    questions.sort_by(|a, b| (&a.position, a.id).cmp(&(&b.position, b.id)));
    Ok(DraftQuiz {
        row: rows.quiz(row)?,
        course_title: String::new(),
        description: fields.description,
        time_limit_minutes: fields.time_limit_minutes,
        max_attempts: fields.max_attempts,
        passing_score: fields.passing_score,
        may_write: false,
        questions,
        conflicts: conflicts::open(machine, course, Some(key))?,
    })
}

fn question(rows: &Rows, quiz: Key, row: &LocalRow) -> Result<DraftQuestion> {
    let fields: QuestionFields = fields_as(&row.current)?;
    let parts = |table: Table| {
        let of_question = |part: &&LocalRow| id_of(&part.current, "question_id") == Some(row.key.id);
        rows.parts(quiz).filter(move |part| part.key.table == table).filter(of_question)
    };
    let mut options = parts(Table::QuestionOptions).map(option).collect::<Result<Vec<_>>>()?;
    options.sort_by(|a, b| (&a.position, a.id).cmp(&(&b.position, b.id)));
    let answers =
        parts(Table::AnswerKeys).filter(|part| !is_archived(&part.current)).map(answer).collect::<Result<Vec<_>>>()?;
    let all = || std::iter::once(row).chain(parts(Table::QuestionOptions)).chain(parts(Table::AnswerKeys));
    let refused = all().find_map(|part| part.refused.clone());
    let state = match () {
        () if refused.is_some() => RowState::Refused,
        () if all().any(|part| rows.waiting.contains(&part.key)) => RowState::Here,
        () => RowState::OnTheServer,
    };
    Ok(DraftQuestion {
        id: QuestionId(row.key.id),
        kind: fields.kind,
        prompt: fields.prompt,
        points_hundredths: fields.points_hundredths,
        explanation: fields.explanation,
        feedback: fields.feedback,
        position: fields.position,
        archived_at: fields.archived_at,
        options,
        answers,
        state,
        refused,
    })
}

fn option(row: &LocalRow) -> Result<DraftOption> {
    let fields: OptionFields = fields_as(&row.current)?;
    Ok(DraftOption {
        id: row.key.id,
        label: fields.label,
        feedback: fields.feedback,
        position: fields.position,
        archived_at: fields.archived_at,
        refused: row.refused.clone(),
    })
}

fn answer(row: &LocalRow) -> Result<DraftAnswer> {
    let fields: AnswerFields = fields_as(&row.current)?;
    Ok(DraftAnswer {
        id: row.key.id,
        option_id: fields.option_id,
        accepted_text: fields.accepted_text,
        accepted_number: fields.accepted_number,
        tolerance: fields.tolerance,
        weight_percent: fields.weight_percent,
        refused: row.refused.clone(),
    })
}
