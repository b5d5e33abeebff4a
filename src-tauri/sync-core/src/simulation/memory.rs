//! A store in memory that can be killed between any two durable steps.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::store::{Body, Committed, Course, Draft, LocalRow, Store, Write};
use crate::wire::{Key, Table};
use crate::work::{id, is_archived};

/// The process is gone; what was committed is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Killed;

/// When the process dies, counted in commits from now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fuse {
    pub commits: u32,
    /// The last commit still becomes durable.
    pub after: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Memory {
    pub device: Uuid,
    pub fuse: Option<Fuse>,
    /// So many commits are told that another hand wrote meanwhile.
    pub moved: u32,
    /// The mutant without merge cards.
    pub no_cards: bool,
    pub commits: u64,
    courses: BTreeMap<Uuid, Course>,
    generations: BTreeMap<Uuid, u64>,
    rows: BTreeMap<Key, LocalRow>,
    bodies: BTreeMap<Uuid, Body>,
    drafts: Vec<Draft>,
    batches: BTreeMap<Uuid, Vec<u8>>,
}

impl Memory {
    #[must_use]
    pub fn new(device: Uuid) -> Self {
        Self { device, ..Self::default() }
    }

    pub fn every_row(&self) -> impl Iterator<Item = &LocalRow> {
        self.rows.values()
    }

    #[must_use]
    pub fn row_of(&self, key: Key) -> Option<&LocalRow> {
        self.rows.get(&key)
    }

    #[must_use]
    pub fn body_of(&self, lesson: Uuid) -> Option<&Body> {
        self.bodies.get(&lesson)
    }

    /// What the person sees of a lesson's body.
    #[must_use]
    pub fn document(&self, lesson: Uuid) -> Option<&str> {
        let body = self.bodies.get(&lesson)?;
        body.current.as_deref().or_else(|| body.base.as_ref()?.document.as_deref())
    }

    fn waits(&self, row: &LocalRow) -> bool {
        row.is_changed()
            || (row.key.table == Table::Lessons
                && (self.bodies.get(&row.key.id).is_some_and(|body| body.current.is_some())
                    || self.drafts.iter().any(|draft| draft.lesson_id == row.key.id)))
    }

    fn write(&mut self, course: Uuid, write: Write) {
        match write {
            Write::Course(course) => {
                self.courses.insert(course.course_id, course);
            }
            Write::Row(row) => {
                if !(self.no_cards && row.key.table == Table::MergeCards && row.version.is_none()) {
                    self.rows.insert(row.key, row);
                }
            }
            Write::Body(body) => {
                self.bodies.insert(body.lesson_id, body);
            }
            Write::Draft(draft) => match self.drafts.iter_mut().find(|known| known.id == draft.id) {
                Some(known) => *known = draft,
                None => self.drafts.push(draft),
            },
            Write::DraftSent(id) => self.drafts.retain(|draft| draft.id != id),
            Write::Batch(Some(batch)) => {
                self.batches.insert(course, batch);
            }
            Write::Batch(None) => {
                self.batches.remove(&course);
            }
        }
    }
}

impl Store for Memory {
    type Error = Killed;

    fn device(&self) -> Result<Uuid, Killed> {
        Ok(self.device)
    }

    fn courses(&self) -> Result<Vec<Uuid>, Killed> {
        Ok(self.courses.keys().copied().collect())
    }

    fn course(&self, course: Uuid) -> Result<Option<Course>, Killed> {
        Ok(self.courses.get(&course).cloned())
    }

    fn generation(&self, course: Uuid) -> Result<u64, Killed> {
        Ok(self.generations.get(&course).copied().unwrap_or_default())
    }

    fn row(&self, key: Key) -> Result<Option<LocalRow>, Killed> {
        Ok(self.rows.get(&key).cloned())
    }

    fn rows(&self, course: Uuid) -> Result<Vec<LocalRow>, Killed> {
        Ok(self.rows.values().filter(|row| row.course_id == course).cloned().collect())
    }

    fn waiting(&self, course: Uuid) -> Result<Vec<Key>, Killed> {
        let waiting = self.rows.values().filter(|row| row.course_id == course && self.waits(row));
        Ok(waiting.map(|row| row.key).collect())
    }

    fn children(&self, table: Table, field: &str, parent: Uuid) -> Result<Vec<Key>, Killed> {
        let children =
            self.rows.values().filter(|row| row.key.table == table && id(&row.current, field) == Some(parent));
        Ok(children.map(|row| row.key).collect())
    }

    fn body(&self, lesson: Uuid) -> Result<Option<Body>, Killed> {
        Ok(self.bodies.get(&lesson).cloned())
    }

    fn bodies_to_fetch(&self, course: Uuid, limit: usize) -> Result<Vec<Uuid>, Killed> {
        let lacks = |row: &&LocalRow| {
            let head = row.base.as_ref().and_then(|base| id(base, "revision_id"));
            let base = self.bodies.get(&row.key.id).and_then(|body| body.base.as_ref());
            row.key.table == Table::Lessons
                && row.course_id == course
                && ((head.is_some() && head != base.map(|base| base.revision_id))
                    || base.is_some_and(|base| base.document.is_none()))
        };
        let mut lessons: Vec<&LocalRow> = self.rows.values().filter(lacks).collect();
        lessons.sort_by_key(|row| (!self.waits(row), is_archived(&row.current), row.key));
        Ok(lessons.into_iter().take(limit).map(|row| row.key.id).collect())
    }

    fn drafts(&self, lesson: Uuid) -> Result<Vec<Draft>, Killed> {
        Ok(self.drafts.iter().filter(|draft| draft.lesson_id == lesson).cloned().collect())
    }

    fn batch(&self, course: Uuid) -> Result<Option<Vec<u8>>, Killed> {
        Ok(self.batches.get(&course).cloned())
    }

    fn commit(&mut self, course: Uuid, generation: u64, writes: Vec<Write>) -> Result<Committed, Killed> {
        if let Some(fuse) = &mut self.fuse {
            match fuse.commits.checked_sub(1) {
                Some(left) => fuse.commits = left,
                None if !fuse.after => return Err(Killed),
                None => {}
            }
        }
        if self.moved > 0 {
            self.moved -= 1;
            return Ok(Committed::Moved);
        }
        let now = self.generations.entry(course).or_default();
        if *now != generation {
            return Ok(Committed::Moved);
        }
        *now += 1;
        self.commits += 1;
        for write in writes {
            self.write(course, write);
        }
        match self.fuse {
            Some(Fuse { commits: 0, after: true }) => Err(Killed),
            _ => Ok(Committed::Done),
        }
    }
}
