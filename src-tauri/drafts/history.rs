//! A lesson's revisions: those of the server and those saved here; compared word by word, and restored.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use document::{Block, Body, Document, diff_blocks};
use local_store::LocalStore;
use serde::Serialize;
use serde_json::Value;
use sqlx::PgConnection;
use sync_core::{
    engine::canonical,
    frames,
    store::Store,
    wire::{FetchAnswer, FetchRequest},
};
use uuid::Uuid;

use super::{Machine, conflicts::Pieces, lessons::key, publication, told};
use crate::{
    error::{Code, Error, Result},
    ids::{CourseId, LessonId, OperationId, OrganizationId},
    sync::remote,
};

#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Revisions {
    /// Newest first.
    pub revisions: Vec<Revision>,
    /// False without a network: older ones are on the server.
    pub is_complete: bool,
}

#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Revision {
    pub id: Uuid,
    pub name: Option<String>,
    /// None: not on the server yet.
    pub saved_at: Option<String>,
    pub person_name: Option<String>,
    pub is_here: bool,
    pub is_published: bool,
    pub is_current: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub enum BlockChangeKind {
    Same,
    Added,
    Removed,
    /// Other words, another kind, or other attributes.
    Changed,
    Moved,
}

#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct BlockChange {
    pub id: String,
    pub change: BlockChangeKind,
    pub pieces: Vec<Pieces>,
}

/// From the older to the newer, block by block.
#[must_use]
pub fn changes(older: &Document, newer: &Document) -> Vec<BlockChange> {
    let change = |change: document::BlockChange| BlockChange {
        id: change.id,
        change: match change.change {
            document::Change::Same => BlockChangeKind::Same,
            document::Change::Added => BlockChangeKind::Added,
            document::Change::Removed => BlockChangeKind::Removed,
            document::Change::Changed => BlockChangeKind::Changed,
            document::Change::Moved => BlockChangeKind::Moved,
        },
        pieces: change.pieces.into_iter().map(Pieces::from).collect(),
    };
    diff_blocks(older, newer).into_iter().map(change).collect()
}

/// # Errors
/// `internal` for what is no document.
pub fn parsed(text: &str) -> Result<Document> {
    let value: Value = serde_json::from_str(text).map_err(Error::from_json)?;
    Document::parse(&value).map_err(|fault| {
        tracing::error!(?fault, "a revision cannot be read");
        Error::internal("This revision cannot be read.")
    })
}

/// What the lesson says here now; none while it is empty or not downloaded.
///
/// # Errors
/// `notFound`; what the file of drafts tells.
pub fn document(machine: &Machine<LocalStore>, course: CourseId, lesson: LessonId) -> Result<Option<Document>> {
    machine.document(course.0, lesson.0).map_err(told)?.as_deref().map(parsed).transpose()
}

/// The revisions this computer has the text of, newest first: what waits, then what was sent from here, then what the
/// lesson is written on.
///
/// # Errors
/// `notFound`; what the file of drafts tells.
pub fn here(machine: &Machine<LocalStore>, lesson: LessonId) -> Result<Vec<Revision>> {
    let store = machine.store();
    let published = publication::published(machine, lesson)?;
    let revision = |id: Uuid, name: Option<String>, is_here: bool| Revision {
        id,
        name,
        saved_at: None,
        person_name: None,
        is_here,
        is_published: published == Some(id),
        is_current: false,
    };
    let mut revisions: Vec<Revision> =
        store.drafts(lesson.0)?.into_iter().rev().map(|draft| revision(draft.id, draft.name, true)).collect();
    revisions.extend(store.history(lesson.0)?.into_iter().map(|kept| revision(kept.id, kept.name, false)));
    if let Some(base) = store.body(lesson.0)?.and_then(|body| body.base).filter(|base| base.document.is_some())
        && revisions.iter().all(|known| known.id != base.revision_id)
    {
        revisions.push(revision(base.revision_id, None, false));
    }
    Ok(revisions)
}

/// The lesson's revisions on the server, newest first.
///
/// # Errors
/// `signedOut`, `unreachable`.
pub async fn on_server(
    connection: &mut PgConnection,
    organization: OrganizationId,
    lesson: LessonId,
) -> Result<Vec<Revision>> {
    let found = sqlx::query_as!(
        Found,
        r#"select r.id, r.name, r.created_at, m.name as "person_name?", l.published_revision_id is not distinct from r.id as "is_published!"
           from lectern.revisions r
           join lectern.lessons l on (l.organization_id, l.id) = (r.organization_id, r.lesson_id)
           left join lectern.memberships m on (m.organization_id, m.person_id) = (r.organization_id, r.person_id)
           where r.organization_id = $1 and r.lesson_id = $2
           order by r.created_at desc, r.id desc"#,
        organization as OrganizationId,
        lesson as LessonId,
    )
    .fetch_all(connection)
    .await?;
    let revision = |row: Found| Revision {
        id: row.id,
        name: row.name,
        saved_at: Some(row.created_at.to_rfc3339()),
        person_name: row.person_name,
        is_here: false,
        is_published: row.is_published,
        is_current: false,
    };
    Ok(found.into_iter().map(revision).collect())
}

struct Found {
    id: Uuid,
    name: Option<String>,
    created_at: DateTime<Utc>,
    person_name: Option<String>,
    is_published: bool,
}

/// What waits here, then what the server has (else what of it is here), as one list.
#[must_use]
pub fn together(here: Vec<Revision>, server: Option<Vec<Revision>>) -> Revisions {
    let is_complete = server.is_some();
    let mut revisions = match server {
        Some(server) => {
            let waits = |revision: &Revision| revision.is_here && server.iter().all(|known| known.id != revision.id);
            here.into_iter().filter(waits).chain(server.clone()).collect::<Vec<_>>()
        }
        None => here,
    };
    if let Some(newest) = revisions.first_mut() {
        newest.is_current = true;
    }
    Revisions { revisions, is_complete }
}

/// A revision's text, where this computer has it.
///
/// # Errors
/// What the file of drafts tells.
pub fn local_text(machine: &Machine<LocalStore>, lesson: LessonId, revision: Uuid) -> Result<Option<String>> {
    let store = machine.store();
    if let Some(draft) = store.drafts(lesson.0)?.into_iter().find(|draft| draft.id == revision) {
        return Ok(Some(draft.document));
    }
    if let Some(kept) = store.history_document(revision)? {
        return Ok(Some(kept));
    }
    let base = store.body(lesson.0)?.and_then(|body| body.base).filter(|base| base.revision_id == revision);
    Ok(base.and_then(|base| base.document))
}

/// A revision's text, canonical JSON, from the server.
///
/// # Errors
/// `notFound`; `signedOut`, `unreachable`; `internal` for one that cannot be read.
pub async fn text_on_server(
    connection: &mut PgConnection,
    organization: OrganizationId,
    course: CourseId,
    revision: Uuid,
) -> Result<String> {
    let request = FetchRequest {
        organization_id: organization.0,
        course_id: course.0,
        revisions: vec![revision],
        known: Vec::new(),
    };
    let (answer, contents) = remote::bodies(connection, &request).await?;
    let FetchAnswer::Page { revisions } = answer else { return Err(Error::not_found("revision")) };
    let mut documents: BTreeMap<Uuid, String> = BTreeMap::new();
    for (found, content) in revisions.iter().zip(&contents) {
        let parent = found.parent_id.filter(|_| !found.is_key_frame).and_then(|parent| documents.get(&parent));
        let text = frames::unpack(content, parent.map(String::as_str), &found.content_hash);
        documents.insert(found.id, text.ok_or_else(|| Error::internal("This revision cannot be read."))?);
    }
    documents.remove(&revision).ok_or_else(|| Error::not_found("revision"))
}

/// Says again what the lesson, or one block of it, said in `then`; what it says now is kept as a revision first.
///
/// # Errors
/// `notFound` when the block was not in that revision; what the file of drafts tells.
pub fn restore(
    machine: &mut Machine<LocalStore>,
    course: CourseId,
    lesson: LessonId,
    then: &Document,
    block: Option<&str>,
) -> Result<()> {
    let mut ids = || OperationId::new().0;
    let now = document(machine, course, lesson)?;
    let restored = match (block, now.clone()) {
        (Some(id), Some(now)) => with_block(now, then, id)?,
        _ => then.clone(),
    };
    if now.is_some() {
        machine.save_version(course.0, lesson.0, None, &mut ids).map_err(told)?;
    }
    let text = canonical(&restored.repair().to_value())
        .ok_or_else(|| Error::internal("This revision cannot be restored as it is."))?;
    machine.write(course.0, lesson.0, &text).map_err(told)?;
    machine.save_version(course.0, lesson.0, None, &mut ids).map_err(told)?;
    Ok(())
}

/// `now` with one top-level block as it was: in its place, or where it stood, or at the end.
fn with_block(mut now: Document, then: &Document, id: &str) -> Result<Document> {
    let holds = |block: &Block| holds(block, id);
    let gone = || {
        Error::new(Code::NotFound, "This block is not in that revision.")
            .next_step("Restore the whole revision instead.")
    };
    let place = then.blocks.iter().position(holds).ok_or_else(gone)?;
    let block = then.blocks[place].clone();
    if let Some(standing) = now.blocks.iter_mut().find(|standing| standing.id == block.id) {
        *standing = block;
        return Ok(now);
    }
    let before = then.blocks[..place].iter().rev().find_map(|before| now.blocks.iter().position(|b| b.id == before.id));
    now.blocks.insert(before.map_or(0, |before| before + 1).min(now.blocks.len()), block);
    Ok(now)
}

fn holds(block: &Block, id: &str) -> bool {
    block.id == id || matches!(&block.body, Body::Blocks(children) if children.iter().any(|child| holds(child, id)))
}

/// Keeps what the lesson says now as a revision, with a name if it was given one.
///
/// # Errors
/// `invalid` at `name`; for an empty lesson; what the file of drafts tells.
pub fn save(machine: &mut Machine<LocalStore>, course: CourseId, lesson: LessonId, name: Option<&str>) -> Result<()> {
    let name = name.map(|typed| crate::text::line("name", typed)).transpose()?;
    if name.as_ref().is_some_and(|name| name.chars().count() > 200) {
        return Err(Error::invalid("name", "A name has at most 200 characters."));
    }
    if machine.store().row(key(lesson))?.is_none() {
        return Err(told::<local_store::Error>(sync_core::Error::NoSuchRow));
    }
    let mut ids = || OperationId::new().0;
    let saved = machine.save_version(course.0, lesson.0, name.as_deref(), &mut ids).map_err(told)?;
    saved.map(drop).ok_or_else(|| {
        Error::new(Code::Invalid, "There is nothing to keep: the lesson is empty.").next_step("Write something first.")
    })
}
