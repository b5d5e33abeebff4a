//! Attached files on their way: in pieces, resumed where they were, named by their content.

use std::collections::BTreeSet;

use base64::{Engine, engine::general_purpose::STANDARD};
use document::Document;
use local_store::{AttachedFile, LocalStore};
use serde_json::Value;
use sqlx::PgConnection;

use super::remote::{self, CHUNK_BYTES, NewFile, Uploaded};
use crate::{
    database::{Access, Database, open_session},
    drafts::{Machine, file::DraftsFile, history},
    error::{Code, Error, Result},
    ids::{AttachmentId, CourseId, LessonId, OrganizationId},
};

/// What a picture may be shown as from its own bytes.
const PICTURES: [&str; 6] = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/svg+xml"];

fn hash(sha256: &str) -> Result<[u8; 32]> {
    let bytes = hex::decode(sha256).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| Error::invalid("attachment", "This is no name of a file."))
}

fn organization(access: &Access) -> Result<OrganizationId> {
    access.organization.ok_or_else(Error::not_allowed)
}

/// Does one thing with the caller's rights in a transaction of its own, which is committed.
async fn committed<T>(
    database: &Database,
    access: &Access,
    work: impl AsyncFnOnce(&mut PgConnection) -> Result<T>,
) -> Result<T> {
    let mut transaction = database.pool().begin().await?;
    open_session(&mut transaction, access).await?;
    let answer = work(&mut transaction).await?;
    transaction.commit().await?;
    Ok(answer)
}

/// Sends the files of a course the server lacks. One it refuses waits, and keeps nothing else from being sent.
///
/// # Errors
/// `signedOut`, `unreachable`: what was sent of a file stays there. What the file of drafts tells.
pub async fn upload(drafts: &DraftsFile, database: &Database, access: &Access, course: CourseId) -> Result<()> {
    let waiting = drafts.with(move |machine| Ok(machine.store().files_waiting(course.0)?)).await?;
    for file in waiting {
        match upload_one(drafts, database, access, course, &file).await {
            Err(error) if matches!(error.code, Code::Invalid | Code::NotAllowed | Code::Stale) => {
                tracing::warn!(code = ?error.code, message = %error, "a file waits");
            }
            sent => sent?,
        }
    }
    Ok(())
}

async fn upload_one(
    drafts: &DraftsFile,
    database: &Database,
    access: &Access,
    course: CourseId,
    file: &AttachedFile,
) -> Result<()> {
    let organization = organization(access)?;
    let new = NewFile {
        id: AttachmentId::new(),
        course_id: course,
        sha256: hash(&file.sha256)?,
        file_name: file.name.clone(),
        media_type: file.media_type.clone(),
        byte_size: i64::try_from(file.byte_size).unwrap_or(i64::MAX),
    };
    let begun = committed(database, access, async |c| remote::begin_upload(c, organization, &new).await).await?;
    if !begun.is_complete {
        let present: BTreeSet<i32> = begun.present.into_iter().collect();
        let chunks = i32::try_from(file.byte_size.div_ceil(CHUNK_BYTES as u64)).unwrap_or(i32::MAX);
        for number in (0..chunks).filter(|number| !present.contains(number)) {
            let (name, nth) = (file.sha256.clone(), u32::try_from(number).unwrap_or_default());
            let chunk = drafts.with(move |machine| Ok(machine.store().read_chunk(course.0, &name, nth)?)).await?;
            let Some(chunk) = chunk else { return Ok(()) };
            committed(database, access, async |c| remote::send_chunk(c, organization, begun.id, number, &chunk).await)
                .await?;
        }
        let ended =
            committed(database, access, async |c| remote::finish_upload(c, organization, begun.id).await).await?;
        if ended != Uploaded::Complete {
            // Another device may be sending it too; what is missing is asked for at the next pass.
            return Ok(());
        }
    }
    let name = file.sha256.clone();
    drafts.change(course, move |machine| Ok(machine.store_mut().set_uploaded(course.0, &name)?)).await
}

/// Notes that the file is wanted here, if the server has it.
///
/// # Errors
/// `signedOut`, `unreachable`; what the file of drafts tells.
pub async fn want(
    drafts: &DraftsFile,
    database: &Database,
    access: &Access,
    course: CourseId,
    sha256: &str,
) -> Result<()> {
    let name = sha256.to_owned();
    if drafts.with(move |machine| Ok(machine.store().file(course.0, &name)?)).await?.is_some() {
        return Ok(());
    }
    let (organization, content) = (organization(access)?, hash(sha256)?);
    let asked = database.read("find_file", access, |c| {
        Box::pin(async move { remote::find_file(c, organization, course, &content).await })
    });
    let Some(found) = asked.await? else { return Ok(()) };
    let name = sha256.to_owned();
    drafts
        .with(move |machine| {
            let size = u64::try_from(found.byte_size).unwrap_or_default();
            Ok(machine.store_mut().want_file(course.0, &name, &found.file_name, &found.media_type, size)?)
        })
        .await
}

/// Notes that the files a lesson's text names are wanted here.
///
/// # Errors
/// As [`want`].
pub async fn want_of(
    drafts: &DraftsFile,
    database: &Database,
    access: &Access,
    course: CourseId,
    lesson: LessonId,
) -> Result<()> {
    let text = drafts.with(move |machine| history::document(machine, course, lesson)).await?;
    for name in text.iter().flat_map(named) {
        match want(drafts, database, access, course, &name).await {
            Err(error) if error.code == Code::Invalid => {}
            wanted => wanted?,
        }
    }
    Ok(())
}

/// The files a document names, by their content.
pub fn named(document: &Document) -> BTreeSet<String> {
    let of = |block: &document::Block| block.attributes.get("attachment").and_then(Value::as_str).map(str::to_owned);
    document.walk().filter_map(of).collect()
}

/// Fetches what is wanted of a course, piece by piece; what came stays when the line breaks.
///
/// # Errors
/// `signedOut`, `unreachable`; what the file of drafts tells.
pub async fn download(drafts: &DraftsFile, database: &Database, access: &Access, course: CourseId) -> Result<()> {
    let organization = organization(access)?;
    for wanted in drafts.with(move |machine| Ok(machine.store().files_wanted(course.0)?)).await? {
        let content = hash(&wanted.file.sha256)?;
        let asked = database.read("find_file", access, |c| {
            Box::pin(async move { remote::find_file(c, organization, course, &content).await })
        });
        let Some(found) = asked.await? else { continue };
        for number in wanted.missing {
            let nth = i32::try_from(number).unwrap_or(i32::MAX);
            let asked = database.read("fetch_chunk", access, |c| {
                Box::pin(async move { remote::fetch_chunk(c, organization, found.id, nth).await })
            });
            let Some(chunk) = asked.await? else { break };
            let name = wanted.file.sha256.clone();
            let put = move |machine: &mut Machine<LocalStore>| {
                match machine.store_mut().put_chunk(course.0, &name, number, &chunk) {
                    // It is asked for anew.
                    Err(local_store::Error::NotThisFile) => Ok(()),
                    put => Ok(put.map(drop)?),
                }
            };
            drafts.with(put).await?;
        }
    }
    Ok(())
}

/// A `data:` address of a picture; none for what is not here or is no picture.
///
/// # Errors
/// What the file of drafts tells.
pub fn address(machine: &mut Machine<LocalStore>, course: CourseId, sha256: &str) -> Result<Option<String>> {
    let Some(file) = machine.store().file(course.0, sha256)?.filter(|file| file.is_here) else { return Ok(None) };
    if !PICTURES.contains(&file.media_type.as_str()) {
        return Ok(None);
    }
    let content = machine.store_mut().read_file(course.0, sha256)?;
    Ok(content.map(|content| format!("data:{};base64,{}", file.media_type, STANDARD.encode(content))))
}
