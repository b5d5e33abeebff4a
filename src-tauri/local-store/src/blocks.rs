//! The open lesson, written as much as changed: a keystroke is one block, not fifty pages.

use std::collections::HashMap;

use rusqlite::params;
use serde_json::Value;
use uuid::Uuid;

use crate::LocalStore;
use crate::assembling::{EMPTY, OpenLesson, Parts, canonical_block, digest_of, id_of};
use crate::bodies::{State, Text};
use crate::error::{Error, Result};
use crate::sealing::Place;
use sync_core::wire::{Key, Table};

/// Once so many blocks lie over a text they become part of it.
const FOLD: usize = 200;

impl LocalStore {
    /// Writes what changed of a lesson's top-level blocks: each changed or new one whole, the order of all, and those that
    /// are gone. Durable when it returns; answers the course's generation. Blocks another window wrote meanwhile stay where
    /// they are, and a block the order names but nobody has any more is passed over.
    ///
    /// # Errors
    /// [`Error::BlocksMissing`] for a lesson that has no document here although the order names blocks that do not come
    /// along: it must be written whole once. [`Error::NotDownloaded`], [`Error::NotABlock`], [`Error::NoSuchLesson`], or
    /// the disk's. Nothing was written then.
    pub fn write_blocks(
        &mut self,
        course: Uuid,
        lesson: Uuid,
        changed: &[(String, Value)],
        order: &[String],
        removed: &[String],
    ) -> Result<u64> {
        let mut texts = HashMap::with_capacity(changed.len());
        for (id, block) in changed {
            texts.insert(id.clone(), canonical_block(id, block).ok_or(Error::NotABlock)?);
        }
        let known = self.open.0.remove(&lesson);
        let (generation, open) =
            self.writing(|store| store.put_blocks(course, lesson, known, &texts, order, removed))?;
        if let Some(open) = open {
            self.open.0.insert(lesson, open);
        }
        Ok(generation)
    }

    /// The blocks changed so far become part of the lesson's text: when it is closed.
    ///
    /// # Errors
    /// The disk's.
    pub fn fold(&mut self, lesson: Uuid) -> Result<()> {
        self.open.0.remove(&lesson);
        self.writing(|store| match store.state(lesson)? {
            Some(state) if state.is_open => store.fold_blocks(lesson, state),
            _ => Ok(()),
        })
    }

    fn put_blocks(
        &self,
        course: Uuid,
        lesson: Uuid,
        known: Option<OpenLesson>,
        changed: &HashMap<String, String>,
        order: &[String],
        removed: &[String],
    ) -> Result<(u64, Option<OpenLesson>)> {
        let row =
            "select is_refused, head_id is not null from rows where table_number = 1 and id = ?1 and course_id = ?2";
        let row = self.one(row, params![lesson, course], |row| Ok((row.get::<_, bool>(0)?, row.get::<_, bool>(1)?)))?;
        let (is_refused, has_head) = row.ok_or(Error::NoSuchLesson)?;
        let state = self.state(lesson)?;
        let mut open = match known {
            Some(known) if state.is_some_and(|state| state.is_open && state.stamp == known.stamp) => known,
            _ => self.know(lesson, state, has_head, changed, order)?,
        };
        let arranged = open.arrange(order, changed, removed);
        let mut is_same = arranged.is_none();
        for (name, text) in changed {
            let digest = digest_of(text);
            if open.blocks.get(name) != Some(&digest) {
                self.put_block(lesson, name, text)?;
                open.blocks.insert(name.clone(), digest);
                open.changed.insert(name.clone());
                is_same = false;
            }
        }
        if is_same {
            return Ok((self.read_generation(course)?, state.filter(|state| state.is_open).map(|_| open)));
        }
        if let Some(arranged) = arranged {
            let names = serde_json::to_string(&arranged).map_err(|_| self.damaged())?;
            self.set_text(lesson, Text::Order, Some(&names))?;
            for name in open.rearrange(arranged) {
                let name = self.block_name(&name);
                self.run("delete from draft_blocks where lesson_id = ?1 and name = ?2", params![lesson, name])?;
            }
        }
        open.stamp = state.map_or(1, |state| state.stamp + 1);
        let is_written = open.is_written();
        self.mark_open(course, lesson, is_written, open.stamp)?;
        if is_refused {
            self.take_up(lesson)?;
        }
        let generation = self.count(course)?;
        if open.changed.len() >= FOLD {
            self.fold_blocks(lesson, State { is_written, ..state.unwrap_or_default() })?;
            return Ok((generation, None));
        }
        Ok((generation, Some(open)))
    }

    /// Reads what the blocks are written over.
    fn know(
        &self,
        lesson: Uuid,
        state: Option<State>,
        has_head: bool,
        changed: &HashMap<String, String>,
        order: &[String],
    ) -> Result<OpenLesson> {
        let state = state.unwrap_or_default();
        let start = self.start(lesson)?;
        if start.is_none() && !state.is_open {
            if has_head || state.base_id.is_some() {
                return Err(Error::NotDownloaded);
            }
            if order.iter().any(|name| !changed.contains_key(name)) {
                return Err(Error::BlocksMissing);
            }
        }
        let base = if state.has_document { self.text(lesson, Text::Base)? } else { None };
        let base = base.as_deref().and_then(Parts::read);
        let start = Parts::read(start.as_deref().unwrap_or(EMPTY)).ok_or(Error::BlocksMissing)?;
        let mut open = OpenLesson::new(state.stamp, &start, base.as_ref());
        if let Some(order) = self.text(lesson, Text::Order)? {
            open.rearrange(serde_json::from_str(&order).map_err(|_| self.damaged())?);
        }
        for (name, text) in self.draft_blocks(lesson)? {
            open.blocks.insert(name.clone(), digest_of(&text));
            open.changed.insert(name);
        }
        Ok(open)
    }

    /// The blocks changed since the text was written whole, by name.
    pub(crate) fn draft_blocks(&self, lesson: Uuid) -> Result<HashMap<String, String>> {
        let sealed =
            self.all("select name, sealed from draft_blocks where lesson_id = ?1", params![lesson], |row| {
                Ok((row.get::<_, [u8; 32]>(0)?, row.get::<_, Vec<u8>>(1)?))
            })?;
        let mut blocks = HashMap::with_capacity(sealed.len());
        for (name, sealed) in sealed {
            let text = self.unseal_text(&Place::new("block", &place(lesson, name)), &sealed)?;
            blocks.insert(id_of(&text).ok_or_else(|| self.damaged())?, text);
        }
        Ok(blocks)
    }

    fn put_block(&self, lesson: Uuid, name: &str, text: &str) -> Result<()> {
        let name = self.block_name(name);
        let sealed = self.seal_text(&Place::new("block", &place(lesson, name)), text.as_bytes())?;
        self.run(
            "insert into draft_blocks (lesson_id, name, sealed) values (?1, ?2, ?3)
             on conflict (lesson_id, name) do update set sealed = excluded.sealed",
            params![lesson, name, sealed],
        )?;
        Ok(())
    }

    fn block_name(&self, name: &str) -> [u8; 32] {
        self.sealing.name("block", name.as_bytes())
    }

    /// A lesson the server refused is tried again once its author changed it.
    fn take_up(&self, lesson: Uuid) -> Result<()> {
        if let Some(mut row) = self.read_row(Key { table: Table::Lessons, id: lesson })? {
            row.refused = None;
            self.write_row(&row)?;
        }
        Ok(())
    }
}

pub(crate) fn place(lesson: Uuid, name: [u8; 32]) -> Vec<u8> {
    [lesson.as_bytes().as_slice(), &name].concat()
}
