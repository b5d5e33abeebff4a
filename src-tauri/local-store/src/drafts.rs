//! Versions of lessons saved here: those the server does not have yet, and the newest of those it has.

use rusqlite::params;
use serde::{Deserialize, Serialize};
use sync_core::store::Draft;
use uuid::Uuid;

use crate::LocalStore;
use crate::error::Result;
use crate::sealing::Place;

/// So many versions of a lesson that were sent are kept here, for reading without a network.
pub const KEPT: u32 = 50;

/// A version of a lesson that was saved here and is on the server. Its id tells when it was saved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    pub id: Uuid,
    pub lesson_id: Uuid,
    pub parent_id: Option<Uuid>,
    pub merged_id: Option<Uuid>,
    pub name: Option<String>,
}

impl LocalStore {
    /// The versions of a lesson that were saved here and are on the server, newest first.
    ///
    /// # Errors
    /// The disk's.
    pub fn history(&self, lesson: Uuid) -> Result<Vec<Kept>> {
        let sealed = self.all(
            "select id, about from history where lesson_id = ?1 order by number desc",
            params![lesson],
            |row| Ok((row.get::<_, Uuid>(0)?, row.get::<_, Vec<u8>>(1)?)),
        )?;
        sealed.iter().map(|(id, sealed)| self.unseal_json(&Place::new("kept", id.as_bytes()), sealed)).collect()
    }

    /// What a version said, canonical JSON: one that was sent and is kept here, or one that waits.
    ///
    /// # Errors
    /// The disk's.
    pub fn history_document(&self, id: Uuid) -> Result<Option<String>> {
        let sealed =
            self.one("select document from history where id = ?1", params![id], |row| row.get::<_, Vec<u8>>(0))?;
        if let Some(sealed) = sealed {
            return self.unseal_text(&Place::new("kept document", id.as_bytes()), &sealed).map(Some);
        }
        Ok(self.draft(id)?.map(|(draft, _)| draft.document))
    }

    pub(crate) fn read_drafts(&self, lesson: Uuid) -> Result<Vec<Draft>> {
        let sealed =
            self.all("select id, sealed from drafts where lesson_id = ?1 order by number", params![lesson], |row| {
                Ok((row.get::<_, Uuid>(0)?, row.get::<_, Vec<u8>>(1)?))
            })?;
        sealed.iter().map(|(id, sealed)| self.unseal_json(&Place::new("draft", id.as_bytes()), sealed)).collect()
    }

    fn draft(&self, id: Uuid) -> Result<Option<(Draft, Uuid)>> {
        let found = self.one("select sealed, course_id from drafts where id = ?1", params![id], |row| {
            Ok((row.get::<_, Vec<u8>>(0)?, row.get(1)?))
        })?;
        let Some((sealed, course)) = found else { return Ok(None) };
        Ok(Some((self.unseal_json(&Place::new("draft", id.as_bytes()), &sealed)?, course)))
    }

    pub(crate) fn write_draft(&self, course: Uuid, draft: &Draft) -> Result<()> {
        let sealed = self.seal_json(&Place::new("draft", draft.id.as_bytes()), draft)?;
        self.run(
            "insert into drafts (id, lesson_id, course_id, sealed) values (?1, ?2, ?3, ?4)
             on conflict (id) do update set lesson_id = excluded.lesson_id, course_id = excluded.course_id,
               sealed = excluded.sealed",
            params![draft.id, draft.lesson_id, course, sealed],
        )?;
        Ok(())
    }

    /// A draft becomes history.
    pub(crate) fn draft_sent(&self, id: Uuid) -> Result<()> {
        let Some((draft, course)) = self.draft(id)? else { return Ok(()) };
        let Draft { lesson_id, parent_id, merged_id, name, document, .. } = draft;
        let kept = Kept { id, lesson_id, parent_id, merged_id, name };
        let about = self.seal_json(&Place::new("kept", id.as_bytes()), &kept)?;
        let document = self.seal_text(&Place::new("kept document", id.as_bytes()), document.as_bytes())?;
        self.run("delete from drafts where id = ?1", params![id])?;
        self.run(
            "insert or replace into history (id, lesson_id, course_id, about, document) values (?1, ?2, ?3, ?4, ?5)",
            params![id, lesson_id, course, about, document],
        )?;
        self.run(
            "delete from history where lesson_id = ?1 and number <= (
               select number from history where lesson_id = ?1 order by number desc limit 1 offset ?2)",
            params![lesson_id, KEPT],
        )?;
        Ok(())
    }
}
