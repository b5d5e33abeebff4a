//! Real files in directories of their own. `LECTERN_TEST_LONG=1` for more cases.

mod attachments;
mod blocks;
mod damage;
mod killing;
mod model;
mod opening;
mod sharing;
mod syncing;

use std::path::PathBuf;

use ring::rand::{SecureRandom, SystemRandom};
use serde_json::{Value, json};
use sync_core::store::{Committed, LocalRow, Store, Write};
use sync_core::wire::{Access, Fields, Key, Point, Table};
use tempfile::TempDir;
use uuid::Uuid;

use crate::{LocalStore, NoRandomness, Result, SecretKey};

pub const COURSE: Uuid = Uuid::from_u128(7);

pub fn random(bytes: &mut [u8]) -> std::result::Result<(), NoRandomness> {
    SystemRandom::new().fill(bytes).map_err(|_| NoRandomness)
}

pub fn id() -> Uuid {
    let mut bytes = [0; 16];
    random(&mut bytes).unwrap();
    Uuid::from_bytes(bytes)
}

/// A directory with the drafts of somebody.
pub struct Desk {
    pub directory: TempDir,
    pub key: [u8; 32],
}

impl Desk {
    pub fn new() -> Self {
        Self { directory: TempDir::new().unwrap(), key: [7; 32] }
    }

    pub fn path(&self) -> PathBuf {
        self.directory.path().join("drafts").join("somebody.lectern")
    }

    pub fn try_open(&self) -> Result<LocalStore> {
        LocalStore::open(&self.path(), &SecretKey::new(self.key), id(), random)
    }

    pub fn open(&self) -> LocalStore {
        self.try_open().unwrap()
    }
}

/// How many cases a property is tried with.
pub fn cases(usual: u32, long: u32) -> proptest::test_runner::Config {
    let cases = if std::env::var_os("LECTERN_TEST_LONG").is_some() { long } else { usual };
    proptest::test_runner::Config { cases, failure_persistence: None, ..proptest::test_runner::Config::default() }
}

pub fn commit(store: &mut LocalStore, writes: Vec<Write>) {
    let generation = store.generation(COURSE).unwrap();
    assert_eq!(store.commit(COURSE, generation, writes).unwrap(), Committed::Done);
}

pub fn kept() -> sync_core::store::Course {
    sync_core::store::Course {
        organization_id: Uuid::from_u128(1),
        course_id: COURSE,
        cursor: Point::default(),
        horizon: Point::default(),
        healing: false,
        access: Access::Write,
        aside: None,
        schema: 1,
        deleted: 0,
        decided: None,
    }
}

pub fn row(key: Key, fields: &[(&str, Value)]) -> LocalRow {
    let current: Fields = fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    LocalRow {
        course_id: COURSE,
        key,
        version: None,
        base: None,
        current,
        seen: Vec::new(),
        unsure: false,
        refused: None,
    }
}

pub fn lesson(number: u128) -> Key {
    Key { table: Table::Lessons, id: Uuid::from_u128(number) }
}

pub fn paragraph(id: &str, text: &str) -> Value {
    json!({ "type": "paragraph", "attrs": { "id": id }, "content": [{ "type": "text", "text": text }] })
}

/// Different words, so that packing does not make them nothing.
pub fn words(count: usize) -> String {
    let mut random = vec![0; count];
    self::random(&mut random).unwrap();
    hex::encode(random)
}
