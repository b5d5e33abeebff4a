//! What a person does on this device. Every function is durable when it returns; nothing here asks the server.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::machine::{Error, Machine};
use crate::merging::{Choice, Merging};
use crate::places::{containers_of, contents};
use crate::store::{Body, LocalRow, Store};
use crate::wire::{Fields, Key, Table};
use crate::work::{Work, id, is_archived};

impl<S: Store, M: Merging> Machine<S, M> {
    /// Changes fields of a row; a row that is not there is made, and needs all of them.
    ///
    /// # Errors
    /// The store's, or a course not kept here.
    pub fn edit(&mut self, course: Uuid, key: Key, fields: &Fields) -> Result<(), Error<S::Error>> {
        self.edit_all(course, &[(key, fields.clone())], &[])
    }

    /// As [`Machine::edit`] for several rows, and replaces the documents of lessons (canonical JSON): all or nothing.
    ///
    /// # Errors
    /// The store's, or a course not kept here.
    pub fn edit_all(
        &mut self,
        course: Uuid,
        rows: &[(Key, Fields)],
        documents: &[(Uuid, String)],
    ) -> Result<(), Error<S::Error>> {
        self.change(course, |work, _| {
            for (key, fields) in rows {
                let mut row = work.row(*key)?.unwrap_or_else(|| new_row(course, *key));
                row.current.extend(fields.clone());
                row.refused = None;
                work.put(row);
            }
            for (lesson, document) in documents {
                write(work, *lesson, document)?;
            }
            Ok(())
        })
    }

    /// What a lesson says on this device, canonical JSON: the person's own, the server's, or the plain text it was before
    /// there were documents. None while it is not downloaded, or empty.
    ///
    /// # Errors
    /// The store's, or a course not kept here.
    pub fn document(&self, course: Uuid, lesson: Uuid) -> Result<Option<String>, Error<S::Error>> {
        let work = Work::new(&self.store, self.store.course(course)?.ok_or(Error::NotKept)?);
        let body = work.body(lesson)?.unwrap_or_default();
        if let Some(current) = body.current {
            return Ok(Some(current));
        }
        if crate::bodies::head(&work, lesson)?.is_some() || body.base.is_some() {
            return Ok(body.base.and_then(|base| base.document));
        }
        Ok(work.written_before(&self.merging, lesson)?)
    }

    /// Replaces a lesson's document (canonical JSON). One block at a time is the store's business.
    ///
    /// # Errors
    /// The store's, or no such lesson.
    pub fn write(&mut self, course: Uuid, lesson: Uuid, document: &str) -> Result<(), Error<S::Error>> {
        self.change(course, |work, _| write(work, lesson, document))
    }

    /// Keeps what a lesson says now as a version, with a name if the person gave one. Answers its id; none while the lesson
    /// is empty or not downloaded.
    ///
    /// # Errors
    /// The store's.
    pub fn save_version(
        &mut self,
        course: Uuid,
        lesson: Uuid,
        name: Option<&str>,
        ids: &mut impl FnMut() -> Uuid,
    ) -> Result<Option<Uuid>, Error<S::Error>> {
        self.change(course, |work, _| Ok(work.save_draft(lesson, name.map(str::to_owned), ids)?))
    }

    /// Archives a row with everything in it, which got the same `at` and comes back with it.
    ///
    /// # Errors
    /// The store's, or no such row.
    pub fn archive(&mut self, course: Uuid, key: Key, at: &str) -> Result<(), Error<S::Error>> {
        self.change(course, |work, _| {
            let row = work.row(key)?.ok_or(Error::NoSuchRow)?;
            if !is_archived(&row.current) {
                archive(work, row, at)?;
            }
            Ok(())
        })
    }

    /// Brings a row back, with what was archived together with it and the containers it stands in.
    ///
    /// # Errors
    /// The store's, or no such row.
    pub fn restore(&mut self, course: Uuid, key: Key) -> Result<(), Error<S::Error>> {
        self.change(course, |work, _| {
            let row = work.row(key)?.ok_or(Error::NoSuchRow)?;
            if is_archived(&row.current) {
                restore(work, row)?;
            }
            restore_containers(work, key)
        })
    }

    /// Publishes what the lesson says now: learners read this version from the next push on.
    ///
    /// # Errors
    /// The store's, or no such lesson.
    pub fn publish(
        &mut self,
        course: Uuid,
        lesson: Uuid,
        at: &str,
        ids: &mut impl FnMut() -> Uuid,
    ) -> Result<Option<Uuid>, Error<S::Error>> {
        self.change(course, |work, merging| {
            let key = Key { table: Table::Lessons, id: lesson };
            let mut row = work.row(key)?.ok_or(Error::NoSuchRow)?;
            let body = work.body(lesson)?;
            // A lesson that was only plain text so far becomes a document by being published.
            if body.as_ref().is_none_or(|body| body.base.is_none() && body.current.is_none())
                && let Some(text) = work.written_before(merging, lesson)?
                && crate::bodies::head(work, lesson)?.is_none()
            {
                work.put_body(Body { lesson_id: lesson, current: Some(text), ..body.clone().unwrap_or_default() });
            }
            let body = work.body(lesson)?;
            let on_server = body.as_ref().filter(|body| body.current.is_none()).and_then(|body| body.base.clone());
            let revision = match on_server.filter(|base| base.document.is_some()) {
                Some(base) => Some(base.revision_id),
                None => work.save_draft(lesson, None, ids)?,
            };
            if let Some(revision) = revision {
                row.current.insert("published_revision_id".into(), json!(revision));
                row.current.insert("published_at".into(), json!(at));
                row.refused = None;
                work.put(row);
            }
            Ok(revision)
        })
    }

    /// Does what a person decided about a merge card, once for everybody.
    ///
    /// # Errors
    /// The store's, or no such card.
    pub fn resolve(&mut self, course: Uuid, card: Uuid, choice: Choice, at: &str) -> Result<(), Error<S::Error>> {
        self.change(course, |work, merging| {
            let mut row = work.row(Key { table: Table::MergeCards, id: card })?.ok_or(Error::NoSuchRow)?;
            if !crate::cards::is_open(&row.current) {
                return Ok(());
            }
            if let Some(key) = about(&row.current) {
                if key.table == Table::Lessons && is_of_body(&row.current) {
                    decide_body(work, merging, key.id, &row.current, choice)?;
                } else if row.current.get("field") == Some(&json!("answers")) {
                    work.decide_answers(key.id, &row.current, choice, at)?;
                } else if let Some(mut target) = work.row(key)? {
                    let publication = row.current.get("field") == Some(&json!("published_revision_id"));
                    if !publication {
                        target.current = merging.decide_row(&target.current, &row.current, choice);
                    } else if choice == Choice::UseOther {
                        let other = if row.current.get("stands") == Some(&json!("head")) { "local" } else { "head" };
                        let published = row.current.get(other).cloned().unwrap_or_default();
                        let when = if published.is_null() { Value::Null } else { json!(at) };
                        target.current.insert("published_revision_id".into(), published);
                        target.current.insert("published_at".into(), when);
                    }
                    target.refused = None;
                    work.put(target);
                }
            }
            row.current.insert("resolution".into(), json!(choice.name()));
            row.current.insert("resolved_at".into(), json!(at));
            work.put(row);
            Ok(())
        })
    }

    /// Goes on without a row the server refuses: what was changed here is taken back. A row the server never had stays,
    /// archived, on this device alone.
    ///
    /// # Errors
    /// The store's, or no such row.
    pub fn take_back(&mut self, course: Uuid, key: Key, at: &str) -> Result<(), Error<S::Error>> {
        self.change(course, |work, _| {
            let mut row = work.row(key)?.ok_or(Error::NoSuchRow)?;
            match row.base.clone() {
                Some(base) => {
                    row.current = base;
                    row.refused = None;
                }
                None => {
                    row.current.insert("archived_at".into(), json!(at));
                }
            }
            work.put(row);
            Ok(())
        })
    }
}

fn write<S: Store>(work: &mut Work<'_, S>, lesson: Uuid, document: &str) -> Result<(), Error<S::Error>> {
    let mut row = work.row(Key { table: Table::Lessons, id: lesson })?.ok_or(Error::NoSuchRow)?;
    let mut body = work.body(lesson)?.unwrap_or(Body { lesson_id: lesson, ..Body::default() });
    let written = body.base.as_ref().and_then(|base| base.document.as_deref());
    body.current = (written != Some(document)).then(|| document.to_owned());
    work.put_body(body);
    if row.refused.take().is_some() {
        work.put(row);
    }
    Ok(())
}

fn new_row(course_id: Uuid, key: Key) -> LocalRow {
    let current = match key.table {
        Table::MergeCards => Fields::new(),
        _ => [("archived_at".to_owned(), Value::Null)].into(),
    };
    LocalRow { course_id, key, version: None, base: None, current, seen: Vec::new(), unsure: false, refused: None }
}

fn archive<S: Store>(work: &mut Work<'_, S>, mut row: LocalRow, at: &str) -> Result<(), Error<S::Error>> {
    let key = row.key;
    row.current.insert("archived_at".into(), json!(at));
    row.refused = None;
    work.put(row);
    for (table, field) in contents(key.table) {
        for child in work.children(*table, field, key.id)? {
            if let Some(child) = work.row(child)?.filter(|child| !is_archived(&child.current)) {
                archive(work, child, at)?;
            }
        }
    }
    Ok(())
}

fn restore<S: Store>(work: &mut Work<'_, S>, mut row: LocalRow) -> Result<(), Error<S::Error>> {
    let key = row.key;
    let at = row.current.insert("archived_at".into(), Value::Null);
    row.refused = None;
    work.put(row);
    for (table, field) in contents(key.table) {
        for child in work.children(*table, field, key.id)? {
            let together = |child: &LocalRow| child.current.get("archived_at") == at.as_ref();
            if let Some(child) = work.row(child)?.filter(together) {
                restore(work, child)?;
            }
        }
    }
    Ok(())
}

fn restore_containers<S: Store>(work: &mut Work<'_, S>, key: Key) -> Result<(), Error<S::Error>> {
    let Some(row) = work.row(key)? else { return Ok(()) };
    for container in containers_of(key.table, &row.current) {
        if let Some(mut holder) = work.row(container)?
            && is_archived(&holder.current)
        {
            holder.current.insert("archived_at".into(), Value::Null);
            work.put(holder);
            restore_containers(work, container)?;
        }
    }
    Ok(())
}

/// The row a card is about.
pub(crate) fn about(card: &Fields) -> Option<Key> {
    let table = serde_json::from_value(card.get("table_name")?.clone()).ok()?;
    Some(Key { table, id: id(card, "row_id")? })
}

fn is_of_body(card: &Fields) -> bool {
    let kind = card.get("kind").and_then(Value::as_str).unwrap_or_default();
    !matches!(kind, "field" | "answer" | "archived")
}

fn decide_body<S: Store>(
    work: &mut Work<'_, S>,
    merging: &impl Merging,
    lesson: Uuid,
    card: &Fields,
    choice: Choice,
) -> Result<(), Error<S::Error>> {
    let Some(mut body) = work.body(lesson)? else { return Ok(()) };
    let written = body.base.as_ref().and_then(|base| base.document.clone());
    if let Some(document) = body.current.as_ref().or(written.as_ref())
        && let Some(decided) = merging.decide(document, card, choice)
    {
        body.current = (Some(&decided) != written.as_ref()).then_some(decided);
        work.put_body(body);
    }
    Ok(())
}
