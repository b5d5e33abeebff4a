//! Rows of sub-courses, lessons, quizzes and cards. What the queries ask stands open beside what is sealed.

use rusqlite::{OptionalExtension, params};
use sync_core::store::LocalRow;
use sync_core::wire::{Fields, Key, Table};
use uuid::Uuid;

use crate::LocalStore;
use crate::error::Result;
use crate::sealing::Place;

/// In the order rows stand in; what has shipped keeps its number.
pub(crate) fn number(table: Table) -> i64 {
    match table {
        Table::SubCourses => 0,
        Table::Lessons => 1,
        Table::Quizzes => 2,
        Table::Questions => 3,
        Table::QuestionOptions => 4,
        Table::AnswerKeys => 5,
        Table::MergeCards => 6,
        Table::Unknown => 1000,
    }
}

pub(crate) fn table(number: i64) -> Table {
    match number {
        0 => Table::SubCourses,
        1 => Table::Lessons,
        2 => Table::Quizzes,
        3 => Table::Questions,
        4 => Table::QuestionOptions,
        5 => Table::AnswerKeys,
        6 => Table::MergeCards,
        _ => Table::Unknown,
    }
}

pub(crate) fn key(row: &rusqlite::Row<'_>) -> rusqlite::Result<Key> {
    Ok(Key { table: table(row.get(0)?), id: row.get(1)? })
}

pub(crate) fn place(key: &Key) -> Place<'_> {
    Place { kind: "row", of: key.id.as_bytes(), number: number(key.table).unsigned_abs() }
}

/// The id a field holds.
fn id(fields: &Fields, field: &str) -> Option<Uuid> {
    fields.get(field)?.as_str()?.parse().ok()
}

impl LocalStore {
    pub(crate) fn read_row(&self, key: Key) -> Result<Option<LocalRow>> {
        let asked = self
            .connection
            .prepare_cached("select sealed from rows where table_number = ?1 and id = ?2")
            .and_then(|mut query| {
                query.query_row(params![number(key.table), key.id], |row| row.get::<_, Vec<u8>>(0)).optional()
            });
        let sealed = asked.map_err(|error| self.sqlite(error))?;
        sealed.map(|sealed| self.unseal_json(&place(&key), &sealed)).transpose()
    }

    pub(crate) fn read_rows(&self, course: Uuid) -> Result<Vec<LocalRow>> {
        let sealed = self.all(
            "select table_number, id, sealed from rows where course_id = ?1 order by table_number, id",
            params![course],
            |row| Ok((key(row)?, row.get::<_, Vec<u8>>(2)?)),
        )?;
        sealed.into_iter().map(|(key, sealed)| self.unseal_json(&place(&key), &sealed)).collect()
    }

    pub(crate) fn read_waiting(&self, course: Uuid) -> Result<Vec<Key>> {
        self.all(
            "select table_number, id from rows where course_id = ?1 and is_changed
             union
             select r.table_number, r.id from bodies b join rows r on r.table_number = 1 and r.id = b.lesson_id
               where b.is_written and r.course_id = ?1
             union
             select r.table_number, r.id from drafts d join rows r on r.table_number = 1 and r.id = d.lesson_id
               where r.course_id = ?1
             order by 1, 2",
            params![course],
            key,
        )
    }

    pub(crate) fn read_children(&self, table: Table, field: &str, parent: Uuid) -> Result<Vec<Key>> {
        self.all(
            "select table_number, id from links where table_number = ?1 and field = ?2 and other = ?3 order by id",
            params![number(table), field, parent],
            key,
        )
    }

    pub(crate) fn read_bodies_to_fetch(&self, course: Uuid, limit: usize) -> Result<Vec<Uuid>> {
        self.all(
            "select r.id, not (
                 r.is_changed or coalesce(b.is_written, 0) or exists (select d.id from drafts d where d.lesson_id = r.id)
               ) as rests
             from rows r left join bodies b on b.lesson_id = r.id
             where r.course_id = ?1 and r.table_number = 1
               and ((r.head_id is not null and r.head_id is not b.base_id) or (b.base_id is not null and not b.has_document))
             order by rests, r.is_archived, r.id limit ?2",
            params![course, i64::try_from(limit).unwrap_or(i64::MAX)],
            |row| row.get(0),
        )
    }

    pub(crate) fn write_row(&self, row: &LocalRow) -> Result<()> {
        let (table, id_of_row) = (number(row.key.table), row.key.id);
        let is_archived = row.current.get("archived_at").is_some_and(|at| !at.is_null());
        let head = row.base.as_ref().and_then(|base| id(base, "revision_id"));
        let sealed = self.seal_json(&place(&row.key), row)?;
        self.run(
            "insert into rows (table_number, id, course_id, is_changed, is_refused, is_archived, head_id, sealed)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             on conflict (table_number, id) do update set course_id = excluded.course_id, is_changed = excluded.is_changed,
               is_refused = excluded.is_refused, is_archived = excluded.is_archived, head_id = excluded.head_id,
               sealed = excluded.sealed",
            params![table, id_of_row, row.course_id, row.is_changed(), row.refused.is_some(), is_archived, head, sealed],
        )?;
        self.run("delete from links where table_number = ?1 and id = ?2", params![table, id_of_row])?;
        for field in row.current.keys() {
            if let Some(other) = id(&row.current, field) {
                self.run(
                    "insert into links (table_number, id, field, other) values (?1, ?2, ?3, ?4)",
                    params![table, id_of_row, field, other],
                )?;
            }
        }
        Ok(())
    }

    pub(crate) fn all<T>(
        &self,
        query: &str,
        parameters: &[&dyn rusqlite::ToSql],
        read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let all =
            || self.connection.prepare_cached(query)?.query_map(parameters, read)?.collect::<rusqlite::Result<_>>();
        all().map_err(|error| self.sqlite(error))
    }

    pub(crate) fn one<T>(
        &self,
        query: &str,
        parameters: &[&dyn rusqlite::ToSql],
        read: impl FnOnce(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>> {
        let one = || self.connection.prepare_cached(query)?.query_row(parameters, read).optional();
        one().map_err(|error| self.sqlite(error))
    }

    pub(crate) fn run(&self, statement: &str, parameters: &[&dyn rusqlite::ToSql]) -> Result<usize> {
        let run = || self.connection.prepare_cached(statement)?.execute(parameters);
        run().map_err(|error| self.sqlite(error))
    }
}
