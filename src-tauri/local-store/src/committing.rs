//! The store the sync core works on: one commit is all or nothing, and durable when it returns.

use rusqlite::{Transaction, TransactionBehavior, params};
use sync_core::store::{Body, Committed, Course, Draft, LocalRow, Store, Write};
use sync_core::wire::{Key, Table};
use uuid::Uuid;

use crate::LocalStore;
use crate::error::{Error, Result};
use crate::sealing::Place;

impl LocalStore {
    /// Takes everything of a course from this computer, what waits too. Contents of its files go with
    /// [`LocalStore::drop_unused_files`].
    ///
    /// # Errors
    /// The disk's; all of it is still there then.
    pub fn remove_course(&mut self, course: Uuid) -> Result<()> {
        let of_lessons = "in (select lesson_id from bodies where course_id = ?1)";
        let of_rows = "exists (select r.id from rows r where r.course_id = ?1
                         and r.table_number = links.table_number and r.id = links.id)";
        self.open = crate::assembling::OpenLessons::default();
        self.writing(|store| {
            for statement in [
                &format!("delete from texts where lesson_id {of_lessons}"),
                &format!("delete from draft_blocks where lesson_id {of_lessons}"),
                &format!("delete from links where {of_rows}"),
                "delete from bodies where course_id = ?1",
                "delete from rows where course_id = ?1",
                "delete from drafts where course_id = ?1",
                "delete from history where course_id = ?1",
                "delete from batches where course_id = ?1",
                "delete from files where course_id = ?1",
                "update courses set sealed = null where course_id = ?1",
            ] {
                store.run(statement, params![course])?;
            }
            // Who still decides on what was there is told that it moved.
            store.count(course)?;
            Ok(())
        })
    }

    pub(crate) fn read_generation(&self, course: Uuid) -> Result<u64> {
        let query = "select generation from courses where course_id = ?1";
        let generation = self.one(query, params![course], |row| row.get::<_, i64>(0))?;
        Ok(generation.unwrap_or_default().unsigned_abs())
    }

    /// Counts a course's generation on.
    pub(crate) fn count(&self, course: Uuid) -> Result<u64> {
        self.run(
            "insert into courses (course_id, generation) values (?1, 1)
             on conflict (course_id) do update set generation = generation + 1",
            params![course],
        )?;
        self.read_generation(course)
    }

    /// One transaction that writes. Everything in it is durable when this answers `Ok`, and nothing otherwise.
    pub(crate) fn writing<T>(&self, work: impl FnOnce(&Self) -> Result<T>) -> Result<T> {
        self.transaction(TransactionBehavior::Immediate, work)
    }

    /// Several reads of one moment. Inside a transaction they are that already.
    pub(crate) fn reading<T>(&self, work: impl FnOnce(&Self) -> Result<T>) -> Result<T> {
        if self.connection.is_autocommit() { self.transaction(TransactionBehavior::Deferred, work) } else { work(self) }
    }

    fn transaction<T>(&self, behavior: TransactionBehavior, work: impl FnOnce(&Self) -> Result<T>) -> Result<T> {
        let wrong = |error| self.sqlite(error);
        let transaction = Transaction::new_unchecked(&self.connection, behavior).map_err(wrong)?;
        let done = work(self)?;
        transaction.commit().map_err(wrong)?;
        Ok(done)
    }

    fn write(&self, course: Uuid, write: &Write) -> Result<()> {
        match write {
            Write::Course(kept) => {
                let sealed = self.seal_json(&Place::new("course", kept.course_id.as_bytes()), kept)?;
                self.run(
                    "insert into courses (course_id, generation, sealed) values (?1, 0, ?2)
                     on conflict (course_id) do update set sealed = excluded.sealed",
                    params![kept.course_id, sealed],
                )?;
            }
            Write::Row(row) => self.write_row(row)?,
            Write::Body(body) => self.write_body(course, body)?,
            Write::Draft(draft) => self.write_draft(course, draft)?,
            Write::DraftSent(id) => self.draft_sent(*id)?,
            Write::Batch(Some(batch)) => {
                let sealed = self.seal_text(&Place::new("batch", course.as_bytes()), batch)?;
                self.run(
                    "insert into batches (course_id, sealed) values (?1, ?2)
                     on conflict (course_id) do update set sealed = excluded.sealed",
                    params![course, sealed],
                )?;
            }
            Write::Batch(None) => {
                self.run("delete from batches where course_id = ?1", params![course])?;
            }
        }
        Ok(())
    }
}

impl Store for LocalStore {
    type Error = Error;

    fn device(&self) -> Result<Uuid> {
        Ok(self.device)
    }

    fn courses(&self) -> Result<Vec<Uuid>> {
        self.all("select course_id from courses where sealed is not null order by course_id", &[], |row| row.get(0))
    }

    fn course(&self, course: Uuid) -> Result<Option<Course>> {
        let query = "select sealed from courses where course_id = ?1 and sealed is not null";
        let sealed = self.one(query, params![course], |row| row.get::<_, Vec<u8>>(0))?;
        sealed.map(|sealed| self.unseal_json(&Place::new("course", course.as_bytes()), &sealed)).transpose()
    }

    fn generation(&self, course: Uuid) -> Result<u64> {
        self.read_generation(course)
    }

    fn row(&self, key: Key) -> Result<Option<LocalRow>> {
        self.read_row(key)
    }

    fn rows(&self, course: Uuid) -> Result<Vec<LocalRow>> {
        self.read_rows(course)
    }

    fn waiting(&self, course: Uuid) -> Result<Vec<Key>> {
        self.read_waiting(course)
    }

    fn children(&self, table: Table, field: &str, parent: Uuid) -> Result<Vec<Key>> {
        self.read_children(table, field, parent)
    }

    fn body(&self, lesson: Uuid) -> Result<Option<Body>> {
        self.read_body(lesson)
    }

    fn bodies_to_fetch(&self, course: Uuid, limit: usize) -> Result<Vec<Uuid>> {
        self.read_bodies_to_fetch(course, limit)
    }

    fn drafts(&self, lesson: Uuid) -> Result<Vec<Draft>> {
        self.read_drafts(lesson)
    }

    fn batch(&self, course: Uuid) -> Result<Option<Vec<u8>>> {
        let query = "select sealed from batches where course_id = ?1";
        let sealed = self.one(query, params![course], |row| row.get::<_, Vec<u8>>(0))?;
        sealed.map(|sealed| self.unseal(&Place::new("batch", course.as_bytes()), &sealed)).transpose()
    }

    fn commit(&mut self, course: Uuid, generation: u64, writes: Vec<Write>) -> Result<Committed> {
        self.writing(|store| {
            if store.read_generation(course)? != generation {
                return Ok(Committed::Moved);
            }
            store.count(course)?;
            for write in &writes {
                store.write(course, write)?;
            }
            Ok(Committed::Done)
        })
    }
}
