//! A course as it is on this computer: its sub-courses, lessons and quizzes in their order, with how each stands.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sync_core::{
    store::LocalRow,
    wire::{Key, Table},
};
use uuid::Uuid;

use super::{Keeping, Machine, RowState, fields_as, id_of, is_archived, told};
use crate::{
    error::{Error, Result},
    ids::{CourseId, LessonId, QuizId, SubCourseId},
};

/// Each list by position, then id; archived ones too.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Contents {
    pub sub_courses: Vec<DraftSubCourse>,
    pub lessons: Vec<DraftLessonRow>,
    pub quizzes: Vec<DraftQuizRow>,
}

#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct DraftSubCourse {
    pub id: SubCourseId,
    pub title: String,
    pub description: String,
    pub position: String,
    pub published_at: Option<String>,
    pub archived_at: Option<String>,
    pub state: RowState,
    /// Why the server refuses it.
    pub refused: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct DraftLessonRow {
    pub id: LessonId,
    pub sub_course_id: Option<SubCourseId>,
    pub title: String,
    pub position: String,
    pub duration_minutes: i32,
    pub video: Option<String>,
    pub published_at: Option<String>,
    /// Something was written since it was published.
    pub is_changed_since: bool,
    pub archived_at: Option<String>,
    /// Its sub-course is archived or gone.
    pub is_unfiled: bool,
    pub is_downloaded: bool,
    pub conflicts: u32,
    pub state: RowState,
    pub refused: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct DraftQuizRow {
    pub id: QuizId,
    pub sub_course_id: Option<SubCourseId>,
    pub title: String,
    pub position: String,
    /// Those in use.
    pub questions: u32,
    pub published_at: Option<String>,
    pub archived_at: Option<String>,
    pub is_unfiled: bool,
    pub conflicts: u32,
    pub state: RowState,
    pub refused: Option<String>,
}

#[derive(Deserialize)]
struct SubCourseFields {
    title: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    position: String,
    #[serde(default)]
    published_at: Option<String>,
    #[serde(default)]
    archived_at: Option<String>,
}

#[derive(Deserialize)]
struct LessonFields {
    #[serde(default)]
    sub_course_id: Option<SubCourseId>,
    title: String,
    #[serde(default)]
    position: String,
    #[serde(default)]
    duration_minutes: i32,
    #[serde(default)]
    video: Option<String>,
    #[serde(default)]
    revision_id: Option<Uuid>,
    #[serde(default)]
    published_at: Option<String>,
    #[serde(default)]
    published_revision_id: Option<Uuid>,
    #[serde(default)]
    archived_at: Option<String>,
}

#[derive(Deserialize)]
struct QuizFields {
    #[serde(default)]
    sub_course_id: Option<SubCourseId>,
    title: String,
    #[serde(default)]
    position: String,
    #[serde(default)]
    published_at: Option<String>,
    #[serde(default)]
    archived_at: Option<String>,
}

/// All rows of a course at one moment, and what is said of them in more than one place.
pub(super) struct Rows {
    pub all: BTreeMap<Key, LocalRow>,
    pub waiting: BTreeSet<Key>,
    /// Undecided conflicts by the row they are about, and by the quiz or lesson that row belongs to.
    conflicts: BTreeMap<Key, u32>,
    /// The rows of each quiz, itself included.
    parts: BTreeMap<Key, Vec<Key>>,
    /// Lessons whose newest text is still on the server.
    lacking: BTreeSet<Uuid>,
}

impl Rows {
    pub fn read<S: Keeping>(machine: &Machine<S>, course: CourseId) -> Result<Self> {
        let store = machine.store();
        if store.course(course.0).map_err(Into::into)?.is_none() {
            return Err(told::<S::Error>(sync_core::Error::NotKept));
        }
        let all: BTreeMap<Key, LocalRow> =
            store.rows(course.0).map_err(Into::into)?.into_iter().map(|row| (row.key, row)).collect();
        let waiting = store.waiting(course.0).map_err(Into::into)?.into_iter().collect();
        let lacking = store.bodies_to_fetch(course.0, usize::MAX >> 1).map_err(Into::into)?.into_iter().collect();
        let mut rows = Self { all, waiting, conflicts: BTreeMap::new(), parts: BTreeMap::new(), lacking };
        for key in rows.all.keys() {
            let holder = rows.holder(*key);
            if holder.table == Table::Quizzes {
                rows.parts.entry(holder).or_default().push(*key);
            }
        }
        for card in machine.open_cards(course.0).map_err(told)? {
            *rows.conflicts.entry(rows.holder(card.about)).or_default() += 1;
        }
        Ok(rows)
    }

    /// The rows of a quiz, itself included.
    pub fn parts(&self, quiz: Key) -> impl Iterator<Item = &LocalRow> {
        self.parts.get(&quiz).into_iter().flatten().filter_map(|key| self.all.get(key))
    }

    /// The lesson, quiz or sub-course a row belongs to.
    pub fn holder(&self, key: Key) -> Key {
        let above = match key.table {
            Table::Questions => ("quiz_id", Table::Quizzes),
            Table::QuestionOptions | Table::AnswerKeys => ("question_id", Table::Questions),
            _ => return key,
        };
        let holder = self.all.get(&key).and_then(|row| id_of(&row.current, above.0));
        holder.map_or(key, |id| self.holder(Key { table: above.1, id }))
    }

    pub fn of(&self, table: Table) -> impl Iterator<Item = &LocalRow> {
        self.all.values().filter(move |row| row.key.table == table)
    }

    pub fn state(&self, row: &LocalRow) -> RowState {
        RowState::of(row, self.waiting.contains(&row.key))
    }

    pub fn conflicts(&self, key: Key) -> u32 {
        self.conflicts.get(&key).copied().unwrap_or_default()
    }

    fn is_unfiled(&self, row: &LocalRow) -> bool {
        let holder = id_of(&row.current, "sub_course_id").map(|id| Key { table: Table::SubCourses, id });
        !is_archived(&row.current)
            && holder.is_some_and(|key| self.all.get(&key).is_none_or(|holder| is_archived(&holder.current)))
    }

    fn sub_course(&self, row: &LocalRow) -> Result<DraftSubCourse> {
        let fields: SubCourseFields = fields_as(&row.current)?;
        Ok(DraftSubCourse {
            id: SubCourseId(row.key.id),
            title: fields.title,
            description: fields.description,
            position: fields.position,
            published_at: fields.published_at,
            archived_at: fields.archived_at,
            state: self.state(row),
            refused: row.refused.clone(),
        })
    }

    pub fn lesson<S: Keeping>(&self, machine: &Machine<S>, row: &LocalRow) -> Result<DraftLessonRow> {
        let fields: LessonFields = fields_as(&row.current)?;
        let store = machine.store();
        let id = row.key.id;
        let is_lacking = self.lacking.contains(&id);
        // Only where something waits or is missing has the text to be looked at.
        let body = match is_lacking || self.waiting.contains(&row.key) {
            true => store.body(id).map_err(Into::into)?,
            false => None,
        };
        let has_text = body.as_ref().is_some_and(|body| {
            body.current.is_some() || body.base.as_ref().is_some_and(|base| base.document.is_some())
        });
        let newest = match body.as_ref().is_some_and(|body| body.current.is_some()) {
            true => None,
            false if self.waiting.contains(&row.key) => {
                store.drafts(id).map_err(Into::into)?.last().map(|draft| draft.id).or(fields.revision_id)
            }
            false => fields.revision_id,
        };
        let is_written = body.is_some_and(|body| body.current.is_some()) || newest.is_some();
        Ok(DraftLessonRow {
            id: LessonId(id),
            sub_course_id: fields.sub_course_id,
            title: fields.title,
            position: fields.position,
            duration_minutes: fields.duration_minutes,
            video: fields.video,
            is_changed_since: fields.published_at.is_some() && is_written && newest != fields.published_revision_id,
            published_at: fields.published_at,
            archived_at: fields.archived_at,
            is_unfiled: self.is_unfiled(row),
            is_downloaded: !is_lacking || has_text,
            conflicts: self.conflicts(row.key),
            state: self.state(row),
            refused: row.refused.clone(),
        })
    }

    pub fn quiz(&self, row: &LocalRow) -> Result<DraftQuizRow> {
        let fields: QuizFields = fields_as(&row.current)?;
        let asked = |question: &&LocalRow| {
            !is_archived(&question.current) && id_of(&question.current, "quiz_id") == Some(row.key.id)
        };
        let parts = self.parts.get(&row.key).map(Vec::as_slice).unwrap_or_default();
        let refused = parts.iter().find_map(|part| self.all.get(part)?.refused.clone());
        let state = match () {
            () if refused.is_some() => RowState::Refused,
            () if parts.iter().any(|part| self.waiting.contains(part)) => RowState::Here,
            () => RowState::OnTheServer,
        };
        Ok(DraftQuizRow {
            id: QuizId(row.key.id),
            sub_course_id: fields.sub_course_id,
            title: fields.title,
            position: fields.position,
            questions: u32::try_from(self.of(Table::Questions).filter(asked).count()).unwrap_or(u32::MAX),
            published_at: fields.published_at,
            archived_at: fields.archived_at,
            is_unfiled: self.is_unfiled(row),
            conflicts: self.conflicts(row.key),
            state,
            refused,
        })
    }
}

/// # Errors
/// `notFound` when the course is not kept here; what the file of drafts tells.
pub fn read<S: Keeping>(machine: &Machine<S>, course: CourseId) -> Result<Contents> {
    let rows = Rows::read(machine, course)?;
    let mut sub_courses =
        rows.of(Table::SubCourses).map(|row| rows.sub_course(row)).collect::<Result<Vec<_>, Error>>()?;
    let mut lessons =
        rows.of(Table::Lessons).map(|row| rows.lesson(machine, row)).collect::<Result<Vec<_>, Error>>()?;
    let mut quizzes = rows.of(Table::Quizzes).map(|row| rows.quiz(row)).collect::<Result<Vec<_>, Error>>()?;
    sub_courses.sort_by(|a, b| (&a.position, a.id).cmp(&(&b.position, b.id)));
    lessons.sort_by(|a, b| (&a.position, a.id).cmp(&(&b.position, b.id)));
    quizzes.sort_by(|a, b| (&a.position, a.id).cmp(&(&b.position, b.id)));
    Ok(Contents { sub_courses, lessons, quizzes })
}
