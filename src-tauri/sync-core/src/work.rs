//! One step's view of the store: what it has changed so far over what is durable. Handed over in one commit.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::answers::Met;
use crate::store::{Body, Course, Draft, LocalRow, Store, Write};
use crate::wire::{Fields, Key, Table};

pub(crate) struct Work<'a, S: Store> {
    store: &'a S,
    pub course: Course,
    before: Course,
    rows: BTreeMap<Key, LocalRow>,
    bodies: BTreeMap<Uuid, Body>,
    /// All drafts of a lesson, once one was added or changed.
    drafts: BTreeMap<Uuid, Vec<Draft>>,
    sent: Vec<Uuid>,
    batch: Option<Option<Vec<u8>>>,
    pub met: Met,
}

impl<'a, S: Store> Work<'a, S> {
    pub fn new(store: &'a S, course: Course) -> Self {
        let before = course.clone();
        Self {
            store,
            course,
            before,
            rows: BTreeMap::new(),
            bodies: BTreeMap::new(),
            drafts: BTreeMap::new(),
            sent: Vec::new(),
            batch: None,
            met: Met::default(),
        }
    }

    pub fn device(&self) -> Result<Uuid, S::Error> {
        self.store.device()
    }

    pub fn row(&self, key: Key) -> Result<Option<LocalRow>, S::Error> {
        match self.rows.get(&key) {
            Some(row) => Ok(Some(row.clone())),
            None => self.store.row(key),
        }
    }

    pub fn put(&mut self, row: LocalRow) {
        self.rows.insert(row.key, row);
    }

    /// All rows of the course.
    pub fn rows(&self) -> Result<Vec<LocalRow>, S::Error> {
        let mut rows: BTreeMap<Key, LocalRow> =
            self.store.rows(self.course.course_id)?.into_iter().map(|row| (row.key, row)).collect();
        rows.extend(self.rows.iter().map(|(key, row)| (*key, row.clone())));
        Ok(rows.into_values().collect())
    }

    /// The rows changed in this step.
    pub fn touched(&self) -> Vec<Key> {
        self.rows.keys().copied().collect()
    }

    pub fn children(&self, table: Table, field: &str, parent: Uuid) -> Result<Vec<Key>, S::Error> {
        let mut keys = self.store.children(table, field, parent)?;
        keys.retain(|key| !self.rows.contains_key(key));
        let of_parent = |row: &&LocalRow| row.key.table == table && id(&row.current, field) == Some(parent);
        keys.extend(self.rows.values().filter(of_parent).map(|row| row.key));
        Ok(keys)
    }

    /// The rows that wait to be sent, as this step leaves them.
    pub fn waiting(&self) -> Result<Vec<Key>, S::Error> {
        let mut keys = self.store.waiting(self.course.course_id)?;
        keys.extend(self.rows.keys());
        keys.extend(self.bodies.keys().chain(self.drafts.keys()).map(|id| Key { table: Table::Lessons, id: *id }));
        keys.sort_unstable();
        keys.dedup();
        let mut waiting = Vec::new();
        for key in keys {
            if self.waits(key)? {
                waiting.push(key);
            }
        }
        Ok(waiting)
    }

    /// Whether anything of this row is not on the server.
    pub fn waits(&self, key: Key) -> Result<bool, S::Error> {
        Ok(self.row(key)?.is_some_and(|row| row.is_changed())
            || (key.table == Table::Lessons
                && (self.body(key.id)?.is_some_and(|body| body.current.is_some()) || !self.drafts(key.id)?.is_empty())))
    }

    pub fn body(&self, lesson: Uuid) -> Result<Option<Body>, S::Error> {
        match self.bodies.get(&lesson) {
            Some(body) => Ok(Some(body.clone())),
            None => self.store.body(lesson),
        }
    }

    pub fn put_body(&mut self, body: Body) {
        self.bodies.insert(body.lesson_id, body);
    }

    pub fn drafts(&self, lesson: Uuid) -> Result<Vec<Draft>, S::Error> {
        match self.drafts.get(&lesson) {
            Some(drafts) => Ok(drafts.clone()),
            None => self.store.drafts(lesson),
        }
    }

    /// Adds a draft, or replaces the one of its id.
    pub fn put_draft(&mut self, draft: Draft) -> Result<(), S::Error> {
        let mut drafts = self.drafts(draft.lesson_id)?;
        let lesson = draft.lesson_id;
        match drafts.iter_mut().find(|known| known.id == draft.id) {
            Some(known) => *known = draft,
            None => drafts.push(draft),
        }
        self.drafts.insert(lesson, drafts);
        Ok(())
    }

    /// Drafts no longer say what they were written on: the server may not have it.
    pub fn orphan_drafts(&mut self, lesson: Uuid) -> Result<(), S::Error> {
        let drafts = self.drafts(lesson)?;
        let here = |id: &Uuid| drafts.iter().any(|draft| draft.id == *id);
        for draft in &drafts {
            let orphan = Draft {
                parent_id: draft.parent_id.filter(here),
                merged_id: draft.merged_id.filter(here),
                ..draft.clone()
            };
            if orphan != *draft {
                self.put_draft(orphan)?;
            }
        }
        Ok(())
    }

    pub fn draft_sent(&mut self, lesson: Uuid, id: Uuid) -> Result<(), S::Error> {
        let mut drafts = self.drafts(lesson)?;
        drafts.retain(|draft| draft.id != id);
        self.drafts.insert(lesson, drafts);
        self.sent.push(id);
        Ok(())
    }

    pub fn put_batch(&mut self, batch: Option<Vec<u8>>) {
        self.batch = Some(batch);
    }

    pub fn into_writes(self) -> Vec<Write> {
        let mut writes = Vec::new();
        if self.course != self.before {
            writes.push(Write::Course(self.course));
        }
        writes.extend(self.rows.into_values().map(Write::Row));
        writes.extend(self.bodies.into_values().map(Write::Body));
        writes.extend(self.drafts.into_values().flatten().map(Write::Draft));
        writes.extend(self.sent.into_iter().map(Write::DraftSent));
        writes.extend(self.batch.map(Write::Batch));
        writes
    }
}

/// The id a field holds.
pub(crate) fn id(fields: &Fields, field: &str) -> Option<Uuid> {
    fields.get(field)?.as_str()?.parse().ok()
}

/// Whether the row is archived.
pub(crate) fn is_archived(fields: &Fields) -> bool {
    fields.get("archived_at").is_some_and(|at| !at.is_null())
}
