//! Draft and published apart: what learners read is one revision of the lesson, and publishing sends another in its place.

use document::Document;
use local_store::LocalStore;
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::PgConnection;
use sync_core::{store::Store, wire::Fields};
use uuid::Uuid;

use super::{
    Machine,
    history::{self, BlockChange},
    lessons::key,
    outline::Rows,
    rows::now,
    told,
};
use crate::{
    error::{Code, Error, Result},
    ids::{CourseId, LessonId, OperationId, OrganizationId},
    sync::files,
};

/// What publishing would do.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Publication {
    /// When it was published last; none: learners do not read it.
    pub published_at: Option<String>,
    /// Against what learners read now; all added when they read nothing.
    pub changes: Vec<BlockChange>,
    /// Sentences that warn, as of open conflicts and missing files.
    pub warnings: Vec<String>,
    /// A sentence why it cannot be published now; none: it can.
    pub refusal: Option<String>,
    /// The organization asks for a reviewer's approval first.
    pub needs_approval: bool,
}

/// The revision learners read, of which the text may still be on the server.
pub fn published(machine: &Machine<LocalStore>, lesson: LessonId) -> Result<Option<Uuid>> {
    let row = machine.store().row(key(lesson))?;
    Ok(row.and_then(|row| super::id_of(&row.current, "published_revision_id")))
}

/// `published` is the text of the revision learners read, if it is known.
///
/// # Errors
/// `notFound`; what the file of drafts tells.
pub fn read(
    machine: &Machine<LocalStore>,
    course: CourseId,
    lesson: LessonId,
    published: Option<&Document>,
    needs_approval: bool,
) -> Result<Publication> {
    let rows = Rows::read(machine, course)?;
    let row = rows.all.get(&key(lesson)).ok_or_else(|| told::<local_store::Error>(sync_core::Error::NoSuchRow))?;
    let standing = rows.lesson(machine, row)?;
    let now = history::document(machine, course, lesson)?;
    let empty = Document::default();
    let mut warnings = Vec::new();
    if standing.conflicts > 0 {
        let many = standing.conflicts;
        let what = if many == 1 { "One conflict waits".to_owned() } else { format!("{many} conflicts wait") };
        warnings.push(format!("{what} for a decision; what stands now would be published."));
    }
    let missing = missing_files(machine, course, now.as_ref())?;
    if missing > 0 {
        warnings.push(format!(
            "{} not on the server yet; learners see {} once sent.",
            if missing == 1 { "One file is".to_owned() } else { format!("{missing} files are") },
            if missing == 1 { "it" } else { "them" },
        ));
    }
    let is_read = super::id_of(&row.current, "published_revision_id").is_some();
    if is_read && published.is_none() {
        warnings.push("What learners read now is not on this computer, so all of it shows as new.".to_owned());
    }
    let refusal = match () {
        () if standing.archived_at.is_some() => Some("This lesson is archived. Restore it first."),
        () if !standing.is_downloaded => Some("The text is not on this computer yet. Connect to the server first."),
        () if now.is_none() => Some("There is nothing to publish: the lesson is empty."),
        () => None,
    };
    Ok(Publication {
        published_at: standing.published_at,
        changes: history::changes(published.unwrap_or(&empty), now.as_ref().unwrap_or(&empty)),
        warnings,
        refusal: refusal.map(str::to_owned),
        needs_approval,
    })
}

/// Attached files of the text the server does not have whole.
fn missing_files(machine: &Machine<LocalStore>, course: CourseId, document: Option<&Document>) -> Result<usize> {
    let waiting = machine.store().files_waiting(course.0)?;
    let named = document.map(files::named).unwrap_or_default();
    Ok(waiting.iter().filter(|file| named.contains(&file.sha256)).count())
}

/// Whether the organization asks for a reviewer's approval and the lesson's newest draft on the server has none. The
/// database decides when it is published.
///
/// # Errors
/// `signedOut`, `unreachable`.
pub async fn needs_approval(
    connection: &mut PgConnection,
    organization: OrganizationId,
    lesson: LessonId,
) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select o.approval_required and not exists (
                    select from lectern.approvals a
                     where a.organization_id = l.organization_id and a.lesson_id = l.id and a.revision_id = l.revision_id
                       and a.decision = 'approved') as "needed!"
             from lectern.organizations o
             join lectern.lessons l on l.organization_id = o.id
            where o.id = $1 and l.id = $2"#,
        organization as OrganizationId,
        lesson as LessonId,
    )
    .fetch_optional(connection)
    .await?
    .unwrap_or(false))
}

/// Publishes what the lesson says now.
///
/// # Errors
/// `invalid` for an empty lesson; `notFound`; what the file of drafts tells.
pub fn publish(machine: &mut Machine<LocalStore>, course: CourseId, lesson: LessonId) -> Result<()> {
    let mut ids = || OperationId::new().0;
    match machine.publish(course.0, lesson.0, &now(), &mut ids).map_err(told)? {
        Some(_) => Ok(()),
        None => Err(Error::new(Code::Invalid, "There is nothing to publish: the lesson is empty.")
            .next_step("Write something first.")),
    }
}

/// Learners no longer read the lesson.
///
/// # Errors
/// `notFound`; what the file of drafts tells.
pub fn unpublish(machine: &mut Machine<LocalStore>, course: CourseId, lesson: LessonId) -> Result<()> {
    let fields: Fields =
        [("published_at".to_owned(), Value::Null), ("published_revision_id".to_owned(), json!(null))].into();
    machine.edit(course.0, key(lesson), &fields).map_err(told)
}
