//! The server's half of sync, as the connection of an open session reaches it. Each function is one statement inside the
//! caller's transaction, so PgBouncer may stand in between; a push is sent alone in its transaction.

use serde_json::Value;
use sqlx::PgConnection;
use sync_core::{
    batch,
    wire::{FetchAnswer, FetchRequest, Fields, MAX_BYTES, PullAnswer, PullRequest, Push, PushAnswer, Table},
};
use uuid::Uuid;

use crate::{
    error::{Code, Error, Result},
    ids::{AttachmentId, CourseId, OrganizationId},
};

pub use super::presence::{Open, Reader, keep_open};

/// A file travels in pieces of so many bytes, the last one shorter.
pub const CHUNK_BYTES: usize = 262_144;

/// A file has at most so many bytes.
pub const MAX_FILE_BYTES: i64 = 268_435_456;

/// Sends a frozen batch as it is. Whatever is answered is definite; after an error nobody knows, and the same batch is sent
/// again in another transaction.
///
/// # Errors
/// `signedOut`, `unreachable`, `stale` when two writers waited for each other and this one gave way; `internal` when the
/// batch is damaged.
pub async fn push(connection: &mut PgConnection, frozen: &[u8]) -> Result<PushAnswer> {
    let damaged = |_| Error::internal("What waits to be sent cannot be read any more.");
    let (json, contents) = batch::arguments(frozen).map_err(damaged)?;
    if frozen.len() > MAX_BYTES {
        return Ok(PushAnswer::TooLarge);
    }
    // The one character JSON and Rust have and PostgreSQL has not: it would refuse the whole message without saying where.
    if json.contains(r"\u0000")
        && let Some((table, id)) = with_nul(&batch::thaw(frozen).map_err(damaged)?)
    {
        let reason = "Its text holds a character no database keeps (U+0000). Delete it, often it is invisible.".into();
        return Ok(PushAnswer::Invalid { table, id, reason });
    }
    let answer = sqlx::query_scalar!(
        r#"select lectern_api.sync_push($1::text::jsonb, $2) as "answer!""#,
        json,
        contents.as_slice() as &[&[u8]],
    )
    .fetch_one(connection)
    .await?;
    serde_json::from_value(answer).map_err(Error::from_json)
}

fn with_nul(push: &Push) -> Option<(Table, Uuid)> {
    let holds = |fields: &Fields| fields.iter().any(|(name, value)| name.contains('\0') || value_holds_nul(value));
    let row = push.rows.iter().find(|change| holds(&change.fields)).map(|change| (change.key.table, change.key.id));
    let revision = || {
        let named = |name: &Option<String>| name.as_ref().is_some_and(|name| name.contains('\0'));
        push.revisions
            .iter()
            .find(|revision| named(&revision.name))
            .map(|revision| (Table::Lessons, revision.lesson_id))
    };
    row.or_else(revision)
}

fn value_holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(value_holds_nul),
        Value::Object(values) => values.iter().any(|(name, value)| name.contains('\0') || value_holds_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// # Errors
/// `signedOut`, `unreachable`; `internal` when a newer server answers something unknown.
pub async fn pull(connection: &mut PgConnection, request: &PullRequest) -> Result<PullAnswer> {
    let request = serde_json::to_value(request).map_err(Error::from_json)?;
    let answer =
        sqlx::query_scalar!(r#"select lectern_api.sync_pull($1) as "answer!""#, request).fetch_one(connection).await?;
    serde_json::from_value(answer).map_err(Error::from_json)
}

/// Revisions, and their contents in the same order.
///
/// # Errors
/// As [`pull`].
pub async fn bodies(connection: &mut PgConnection, request: &FetchRequest) -> Result<(FetchAnswer, Vec<Vec<u8>>)> {
    let request = serde_json::to_value(request).map_err(Error::from_json)?;
    let found = sqlx::query!(
        r#"select b.answer as "answer!", b.contents as "contents!: Vec<Vec<u8>>" from lectern_api.sync_bodies($1) b"#,
        request
    )
    .fetch_one(connection)
    .await?;
    Ok((serde_json::from_value(found.answer).map_err(Error::from_json)?, found.contents))
}

/// A file on its way to a course, named by its content.
#[derive(Clone, Debug)]
pub struct NewFile {
    /// Used when the course does not have this content yet.
    pub id: AttachmentId,
    pub course_id: CourseId,
    pub sha256: [u8; 32],
    pub file_name: String,
    pub media_type: String,
    pub byte_size: i64,
}

/// What the server has of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// The course's id for this content, which another device may have chosen.
    pub id: AttachmentId,
    pub is_complete: bool,
    /// Numbers of the chunks that are there, from 0, ascending. Not asked for once it is complete.
    pub present: Vec<i32>,
}

/// Begins an upload, or finds the one that was begun.
///
/// # Errors
/// `invalid` at `byteSize`, `fileName` or `mediaType`; `notAllowed`.
pub async fn begin_upload(
    connection: &mut PgConnection,
    organization: OrganizationId,
    file: &NewFile,
) -> Result<Upload> {
    if file.byte_size > MAX_FILE_BYTES {
        return Err(Error::invalid("byteSize", "A file has at most 256 MB.")
            .next_step("Offer it as a link, or make it smaller."));
    }
    sqlx::query!(
        "insert into lectern.attachments (organization_id, id, course_id, sha256, file_name, media_type, byte_size)
         values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing",
        organization as OrganizationId,
        file.id as AttachmentId,
        file.course_id as CourseId,
        &file.sha256[..],
        file.file_name,
        file.media_type,
        file.byte_size,
    )
    .execute(&mut *connection)
    .await
    .map_err(Error::from)
    .map_err(|error| match error.constraint() {
        Some("attachments_file_name_length") => Error::invalid("fileName", "A file's name has 1 to 255 characters."),
        Some("attachments_media_type_form") => Error::invalid("mediaType", "This kind of file has no proper name."),
        _ => error,
    })?;
    let found = sqlx::query!(
        r#"select a.id as "id: AttachmentId", a.completed_at is not null as "is_complete!",
                  case when a.completed_at is null
                       then array(select k.number from lectern.attachment_chunks k
                                   where k.organization_id = a.organization_id and k.attachment_id = a.id order by k.number)
                       else '{}' end as "present!"
           from lectern.attachments a where a.organization_id = $1 and a.course_id = $2 and a.sha256 = $3"#,
        organization as OrganizationId,
        file.course_id as CourseId,
        &file.sha256[..],
    )
    .fetch_optional(connection)
    .await?
    .ok_or_else(Error::not_allowed)?;
    Ok(Upload { id: found.id, is_complete: found.is_complete, present: found.present })
}

/// Sends the chunk of this number, from 0; one that is there already stays as it is.
///
/// # Errors
/// `invalid` when it is no part of the file or the file is complete; `notAllowed`.
pub async fn send_chunk(
    connection: &mut PgConnection,
    organization: OrganizationId,
    file: AttachmentId,
    number: i32,
    content: &[u8],
) -> Result<()> {
    sqlx::query!(
        "insert into lectern.attachment_chunks (organization_id, attachment_id, number, content)
         values ($1, $2, $3, $4) on conflict do nothing",
        organization as OrganizationId,
        file as AttachmentId,
        number,
        content,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// How an upload ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uploaded {
    Complete,
    /// Chunks are missing: ask which with [`begin_upload`].
    Incomplete,
    /// What was there was not the file; it is gone, begin anew.
    Damaged,
}

/// Completes an upload whose content has its name; the server counts the hash itself.
///
/// # Errors
/// `notAllowed`.
pub async fn finish_upload(
    connection: &mut PgConnection,
    organization: OrganizationId,
    file: AttachmentId,
) -> Result<Uploaded> {
    let answer = sqlx::query_scalar!(
        r#"select lectern_api.complete_attachment($1, $2) as "answer!""#,
        organization as OrganizationId,
        file as AttachmentId,
    )
    .fetch_one(connection)
    .await?;
    match answer.as_str() {
        "complete" => Ok(Uploaded::Complete),
        "incomplete" => Ok(Uploaded::Incomplete),
        "damaged" => Ok(Uploaded::Damaged),
        _ => Err(Error::new(Code::SchemaNewer, "This server answers in a way this version of Lectern does not know.")
            .next_step("Install the newest version.")),
    }
}

/// A complete file of a course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    pub id: AttachmentId,
    pub file_name: String,
    pub media_type: String,
    pub byte_size: i64,
}

/// The course's file with this content, once it is complete.
///
/// # Errors
/// `signedOut`, `unreachable`.
pub async fn find_file(
    connection: &mut PgConnection,
    organization: OrganizationId,
    course: CourseId,
    sha256: &[u8; 32],
) -> Result<Option<File>> {
    Ok(sqlx::query_as!(
        File,
        r#"select id as "id: AttachmentId", file_name, media_type, byte_size from lectern.attachments
           where organization_id = $1 and course_id = $2 and sha256 = $3 and completed_at is not null"#,
        organization as OrganizationId,
        course as CourseId,
        &sha256[..],
    )
    .fetch_optional(connection)
    .await?)
}

/// One chunk of a file, from 0; none behind its end.
///
/// # Errors
/// `signedOut`, `unreachable`.
pub async fn fetch_chunk(
    connection: &mut PgConnection,
    organization: OrganizationId,
    file: AttachmentId,
    number: i32,
) -> Result<Option<Vec<u8>>> {
    Ok(sqlx::query_scalar!(
        "select content from lectern.attachment_chunks where organization_id = $1 and attachment_id = $2 and number = $3",
        organization as OrganizationId,
        file as AttachmentId,
        number,
    )
    .fetch_optional(connection)
    .await?)
}
