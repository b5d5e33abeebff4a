//! A lesson's text on this computer: opened, and written block by block while it is open.

use std::collections::BTreeMap;

use document::Block;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sync_core::{
    engine::canonical,
    wire::{Key, Table},
};

use super::{
    Keeping, Machine,
    conflicts::{self, Conflict},
    outline::{DraftLessonRow, Rows},
    told,
};
use crate::{
    error::{Error, Result},
    ids::{CourseId, LessonId},
};

/// What a person reads and writes of a lesson here.
#[derive(Clone, Debug)]
pub struct Open {
    pub row: DraftLessonRow,
    /// None while it is empty, or not on this computer.
    pub document: Option<Value>,
    pub conflicts: Vec<Conflict>,
}

/// What happened to the top-level blocks: each changed or new one whole, the order of all, and the ids that are gone.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct LessonWriting {
    pub changed: Vec<ChangedBlock>,
    pub order: Vec<String>,
    pub removed: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct ChangedBlock {
    pub id: String,
    pub json: Value,
}

pub(super) fn key(lesson: LessonId) -> Key {
    Key { table: Table::Lessons, id: lesson.0 }
}

/// # Errors
/// `notFound`; what the file of drafts tells.
pub fn open<S: Keeping>(machine: &Machine<S>, course: CourseId, lesson: LessonId) -> Result<Open> {
    let rows = Rows::read(machine, course)?;
    let row = rows.all.get(&key(lesson)).ok_or_else(|| told::<S::Error>(sync_core::Error::NoSuchRow))?;
    let document = machine.document(course.0, lesson.0).map_err(told)?;
    Ok(Open {
        row: rows.lesson(machine, row)?,
        document: document.map(|text| serde_json::from_str(&text)).transpose().map_err(Error::from_json)?,
        conflicts: conflicts::open(machine, course, Some(key(lesson)))?,
    })
}

impl LessonWriting {
    /// # Errors
    /// `invalid` for a block nobody could read again; nothing of the change is kept then.
    pub fn checked(&self) -> Result<()> {
        for block in &self.changed {
            let read = Block::parse(&block.json).map_err(|fault| {
                tracing::error!(?fault, "a block the editor wrote cannot be read");
                Error::invalid("changed", "A part of this lesson cannot be kept as it is.")
                    .next_step("Copy what you wrote last, reload the lesson, and paste it.")
            })?;
            if read.id != block.id || !self.order.contains(&block.id) {
                return Err(Error::invalid("changed", "A part of this lesson has no place in it."));
            }
        }
        Ok(())
    }

    /// `document` after it, canonical JSON.
    ///
    /// # Errors
    /// `invalid` when it would be no document any more.
    pub fn on(&self, document: Option<&str>) -> Result<String> {
        let mut document: Value = match document {
            Some(document) => serde_json::from_str(document).map_err(Error::from_json)?,
            None => json!({"type": "doc", "content": []}),
        };
        let id = |block: &Value| block.pointer("/attrs/id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let blocks = document.get("content").and_then(Value::as_array).cloned().unwrap_or_default();
        let mut blocks: BTreeMap<String, Value> = blocks.into_iter().map(|block| (id(&block), block)).collect();
        blocks.extend(self.changed.iter().map(|block| (block.id.clone(), block.json.clone())));
        document["content"] = self.order.iter().filter_map(|id| blocks.remove(id)).collect();
        canonical(&document).ok_or_else(|| Error::invalid("changed", "This lesson cannot be kept as it is."))
    }
}
