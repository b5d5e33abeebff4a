//! What is written on this computer: the courses somebody keeps here, read and changed without the server. `sync` brings
//! server and drafts together; nothing here asks a network, and every change is durable when its function returns.

pub mod conflicts;
pub mod file;
pub mod history;
pub mod lessons;
pub mod opening;
pub mod outbox;
pub mod outline;
pub mod publication;
pub mod quizzes;
pub mod rows;
pub mod standing;

use local_store::LocalStore;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sync_core::{
    Engine,
    store::{LocalRow, Store},
    wire::{Fields, Key, Table},
};
use uuid::Uuid;

use crate::{
    error::{Code, Error, Result},
    ids::{CourseId, OrganizationId},
};

/// The state of all kept courses over a store whose failures are told to people.
pub type Machine<S> = sync_core::Machine<S, Engine>;

/// A store that tells its failures in sentences.
pub trait Keeping: Store<Error: Into<Error>> {}
impl<S: Store<Error: Into<Error>>> Keeping for S {}

/// Names a row; the table as the database calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
pub struct DraftKey {
    pub table: DraftTable,
    pub id: Uuid,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum DraftTable {
    SubCourses,
    Lessons,
    Quizzes,
    Questions,
    QuestionOptions,
    AnswerKeys,
    MergeCards,
}

impl From<DraftKey> for Key {
    fn from(key: DraftKey) -> Self {
        let table = match key.table {
            DraftTable::SubCourses => Table::SubCourses,
            DraftTable::Lessons => Table::Lessons,
            DraftTable::Quizzes => Table::Quizzes,
            DraftTable::Questions => Table::Questions,
            DraftTable::QuestionOptions => Table::QuestionOptions,
            DraftTable::AnswerKeys => Table::AnswerKeys,
            DraftTable::MergeCards => Table::MergeCards,
        };
        Self { table, id: key.id }
    }
}

impl DraftKey {
    /// None for a row of a newer server's table.
    fn of(key: Key) -> Option<Self> {
        let table = match key.table {
            Table::SubCourses => DraftTable::SubCourses,
            Table::Lessons => DraftTable::Lessons,
            Table::Quizzes => DraftTable::Quizzes,
            Table::Questions => DraftTable::Questions,
            Table::QuestionOptions => DraftTable::QuestionOptions,
            Table::AnswerKeys => DraftTable::AnswerKeys,
            Table::MergeCards => DraftTable::MergeCards,
            Table::Unknown => return None,
        };
        Some(Self { table, id: key.id })
    }
}

/// Where a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub enum RowState {
    OnTheServer,
    /// Saved on this computer, not or not wholly on the server.
    Here,
    Refused,
}

impl RowState {
    fn of(row: &LocalRow, waits: bool) -> Self {
        match () {
            () if row.refused.is_some() => Self::Refused,
            () if waits => Self::Here,
            () => Self::OnTheServer,
        }
    }
}

/// Keeps a course on this computer from now on; it arrives with the next look at the server.
///
/// # Errors
/// What the file of drafts tells.
pub fn keep(
    machine: &mut Machine<LocalStore>,
    organization: OrganizationId,
    course: CourseId,
    title: &str,
) -> Result<()> {
    if machine.store().course(course.0)?.is_none() {
        let about = file::About { title: title.to_owned(), ..file::about(machine, course)? };
        file::set_about(machine, course, &about)?;
    }
    opening::set_left(machine, course.0, false)?;
    machine.keep(organization.0, course.0).map_err(told)
}

/// The organization a kept course is of.
///
/// # Errors
/// `notFound`; what the file of drafts tells.
pub fn organization(machine: &Machine<LocalStore>, course: CourseId) -> Result<OrganizationId> {
    let kept = machine.store().course(course.0)?;
    kept.map(|kept| OrganizationId(kept.organization_id))
        .ok_or_else(|| told::<local_store::Error>(sync_core::Error::NotKept))
}

/// Keeps a course no longer. What waits to be sent is gone with it: refused unless that is meant.
///
/// # Errors
/// `conflict` while something waits and `even_waiting` is not said; `notFound`; what the file of drafts tells.
pub fn leave(machine: &mut Machine<LocalStore>, course: CourseId, even_waiting: bool) -> Result<()> {
    let waiting = machine.waiting(course.0).map_err(told)?.len();
    if waiting > 0 && !even_waiting {
        return Err(Error::new(Code::Conflict, format!("{waiting} changes of this course are only on this computer."))
            .next_step("Send them, or export them first."));
    }
    opening::set_left(machine, course.0, true)?;
    machine.forget(course.0);
    Ok(machine.store_mut().remove_course(course.0)?)
}

/// A failure of the machine as a person is told it.
pub(crate) fn told<E: Into<Error>>(error: sync_core::Error<E>) -> Error {
    match error {
        sync_core::Error::Store(error) => error.into(),
        sync_core::Error::NotKept => Error::new(Code::NotFound, "This course is not kept on this computer.")
            .next_step("Choose it under Drafts to keep it here."),
        sync_core::Error::NoSuchRow => {
            Error::new(Code::NotFound, "This is not on this computer any more.").next_step("Go back to the course.")
        }
        sync_core::Error::Damaged => Error::internal("What waited to be sent cannot be read any more.")
            .next_step("Export what waits, then tell whoever looks after Lectern."),
    }
}

/// The fields of a row as `T` names them; what `T` does not name stays unread.
fn fields_as<T: DeserializeOwned>(fields: &Fields) -> Result<T> {
    let object = fields.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    serde_json::from_value(serde_json::Value::Object(object)).map_err(Error::from_json)
}

fn is_archived(fields: &Fields) -> bool {
    fields.get("archived_at").is_some_and(|at| !at.is_null())
}

fn id_of(fields: &Fields, field: &str) -> Option<Uuid> {
    fields.get(field)?.as_str()?.parse().ok()
}

fn text_of<'f>(fields: &'f Fields, field: &str) -> &'f str {
    fields.get(field).and_then(serde_json::Value::as_str).unwrap_or_default()
}

/// What a person calls a row.
fn name_of(fields: &Fields) -> &str {
    let names = ["title", "prompt", "label", "accepted_text"];
    names.into_iter().map(|field| text_of(fields, field)).find(|name| !name.is_empty()).unwrap_or_default()
}
