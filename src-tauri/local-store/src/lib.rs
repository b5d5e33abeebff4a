//! The drafts of one person at one connection on this computer: one SQLite file, and the contents of attached files beside
//! it. [`LocalStore`] is the [`sync_core::store::Store`] the sync core works on.
//!
//! **An acknowledgement** (an answer `Ok`) means durable: the journal was written through to the disk before (WAL,
//! `synchronous = FULL`). The process may be killed or the power cut at any instant after it. An error means that nothing
//! was written.
//!
//! **Sealed** (AES-256-GCM, [`SecretKey`] from the keyring) is everything somebody wrote: fields, documents, drafts, blocks,
//! batches, notes, names and contents of files, each bound to this file and its row. Ids, flags and sizes stand open, for
//! the queries.
//!
//! **Two hands** may have the file open, two windows or two processes. Every write to a course counts its generation on;
//! who decided on an older one is told so ([`sync_core::store::Committed::Moved`]) and decides again.
//!
//! **The open lesson** is written block by block ([`LocalStore::write_blocks`]), as much as changed.
//!
//! Nothing in here reads a clock or makes up randomness: ids and random bytes come from the caller.

#![forbid(unsafe_code)]

mod aside;
mod assembling;
mod attachments;
mod blocks;
mod bodies;
mod committing;
mod contents;
mod drafts;
mod error;
mod files;
mod notes;
mod opening;
mod rows;
mod salvaging;
mod schema;
mod sealing;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use rusqlite::Connection;
use uuid::Uuid;

pub use aside::set_aside;
pub use attachments::{AttachedFile, WantedFile};
pub use contents::{CHUNK, LARGEST};
pub use drafts::Kept;
pub use error::{Error, Result};
pub use salvaging::{Salvaged, SalvagedLesson, salvage};
pub use sealing::{NoRandomness, Random, SecretKey};

/// One handle on the file. Not shared between threads: open a second one, or guard it with a lock.
pub struct LocalStore {
    connection: Connection,
    sealing: sealing::Sealing,
    path: PathBuf,
    device: Uuid,
    /// The lessons written block by block through this handle.
    open: assembling::OpenLessons,
    /// The file as this handle saw it last, in SQLite's own count.
    seen: Option<i64>,
}

impl std::fmt::Debug for LocalStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LocalStore").field("path", &self.path).finish_non_exhaustive()
    }
}

impl LocalStore {
    #[must_use]
    pub fn path(&self) -> &std::path::Path {
        &self.path
    }

    /// Whether another hand wrote into the file since this was asked last; the first answer is no. Costs one number.
    ///
    /// # Errors
    /// The disk's.
    pub fn has_another_hand_written(&mut self) -> Result<bool> {
        let now = self.one("pragma data_version", &[], |row| row.get::<_, i64>(0))?;
        let before = std::mem::replace(&mut self.seen, now);
        Ok(before.is_some() && before != now)
    }

    fn sqlite(&self, error: rusqlite::Error) -> Error {
        Error::sqlite(&self.path, error)
    }

    /// Something in the file is not what this build wrote there.
    fn damaged(&self) -> Error {
        Error::damaged(&self.path)
    }

    fn seal_text(&self, place: &sealing::Place<'_>, text: &[u8]) -> Result<Vec<u8>> {
        self.sealing.seal_text(place, text).map_err(|NoRandomness| Error::NoRandomness)
    }

    fn seal_json(&self, place: &sealing::Place<'_>, value: &impl serde::Serialize) -> Result<Vec<u8>> {
        let json = serde_json::to_vec(value).map_err(|_| self.damaged())?;
        self.seal_text(place, &json)
    }

    fn unseal(&self, place: &sealing::Place<'_>, sealed: &[u8]) -> Result<Vec<u8>> {
        self.sealing.open(place, sealed).map_err(|_| self.damaged())
    }

    fn unseal_text(&self, place: &sealing::Place<'_>, sealed: &[u8]) -> Result<String> {
        String::from_utf8(self.unseal(place, sealed)?).map_err(|_| self.damaged())
    }

    fn unseal_json<T: serde::de::DeserializeOwned>(&self, place: &sealing::Place<'_>, sealed: &[u8]) -> Result<T> {
        serde_json::from_slice(&self.unseal(place, sealed)?).map_err(|_| self.damaged())
    }
}
