//! What waits to be sent: a list a person understands, and all of it as a file to take along.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use local_store::LocalStore;
use serde::Serialize;
use serde_json::json;
use sync_core::store::Store;

use super::{DraftKey, Keeping, Machine, file, told};
use crate::{
    error::{Code, Error, Result},
    ids::CourseId,
};

#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct OutboxEntry {
    pub course_id: CourseId,
    pub course_title: String,
    pub key: DraftKey,
    pub name: String,
    /// The server does not have it at all.
    pub is_new: bool,
    /// Names of changed fields; `document` for the text of a lesson.
    pub changed: Vec<String>,
    /// Why the server refuses it.
    pub refused: Option<String>,
}

/// What waits of a course, in the order of its tables.
///
/// # Errors
/// `notFound` when the course is not kept here; what the file of drafts tells.
pub fn of_course<S: Keeping>(machine: &Machine<S>, course: CourseId, title: &str) -> Result<Vec<OutboxEntry>> {
    let waiting = machine.waiting(course.0).map_err(told)?.into_iter();
    let entry = |waiting: sync_core::status::Waiting| {
        Some(OutboxEntry {
            course_id: course,
            course_title: title.to_owned(),
            key: DraftKey::of(waiting.key)?,
            name: waiting.name,
            is_new: waiting.is_new,
            changed: waiting.changed,
            refused: waiting.refused,
        })
    };
    Ok(waiting.filter_map(entry).collect())
}

/// What an export made now is called.
#[must_use]
pub fn file_name(folder: &Path, now: DateTime<Utc>) -> PathBuf {
    folder.join(format!("lectern-drafts-{}.json", now.format("%Y-%m-%d-%H%M%S")))
}

/// Writes what waits of all courses with its contents, for a person to take along when the server cannot have it. Only this
/// account may read the file.
///
/// # Errors
/// `localServer` when the folder cannot be written; what the file of drafts tells.
pub fn export(machine: &Machine<LocalStore>, path: &Path) -> Result<()> {
    let mut courses = Vec::new();
    for course in machine.store().courses()? {
        let mut exported = machine.export(course).map_err(told)?;
        exported["title"] = json!(file::about(machine, CourseId(course))?.title);
        courses.push(exported);
    }
    write(path, &json!({"courses": courses}))
}

/// Writes a file whole or not at all.
///
/// # Errors
/// `localServer` when the folder cannot be written.
pub(super) fn write(path: &Path, what: &impl Serialize) -> Result<()> {
    let unwritable = |cause: std::io::Error| {
        Error::new(Code::LocalServer, format!("{} cannot be written.", path.display()))
            .next_step("Make room there, or make the folder writable, and export again.")
            .caused_by(cause)
    };
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder).map_err(unwritable)?;
    let mut whole = tempfile::NamedTempFile::new_in(folder).map_err(unwritable)?;
    serde_json::to_writer_pretty(&mut whole, what).map_err(Error::from_json)?;
    whole.flush().map_err(unwritable)?;
    whole.as_file().sync_all().map_err(unwritable)?;
    whole.persist(path).map_err(|refused| unwritable(refused.error))?;
    Ok(())
}
