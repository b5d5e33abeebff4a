//! The file's tables, step by step. A step that has shipped is never edited; a change is a new one.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, TransactionBehavior};

use crate::error::{Error, Result};

/// "lctn" in the header: what the file is, for whoever finds it.
pub(crate) const APPLICATION: i32 = 0x6c63_746e;

/// Every step this build knows. A file of `n` steps has `user_version` n.
pub(crate) const STEPS: &[&str] = &[FIRST];

/// Open are ids, flags and sizes; `sealed` is the rest. `store_again` keeps what everything else hangs on a second time, on
/// a page of its own.
const FIRST: &str = "
create table store (
  id integer primary key check (id = 1), file_id blob not null, key_check blob not null,
  device_id blob not null, place blob not null
) strict;
create table store_again (id integer primary key check (id = 1), file_id blob not null, key_check blob not null) strict;
create table courses (course_id blob primary key, generation integer not null, sealed blob) strict;
create table batches (course_id blob primary key, sealed blob not null) strict;
create table rows (
  table_number integer not null, id blob not null, course_id blob not null,
  is_changed integer not null, is_refused integer not null, is_archived integer not null, head_id blob,
  sealed blob not null,
  primary key (table_number, id)
) strict;
create index rows_of_course on rows (course_id, table_number, id);
create index rows_changed on rows (course_id) where is_changed;
create table links (
  table_number integer not null, id blob not null, field text not null, other blob not null,
  primary key (table_number, id, field)
) strict, without rowid;
create index links_back on links (table_number, field, other, id);
create table bodies (
  lesson_id blob primary key, course_id blob not null, base_id blob, has_document integer not null,
  is_written integer not null, is_open integer not null, stamp integer not null, sealed blob not null
) strict;
create index bodies_written on bodies (course_id) where is_written;
create table texts (lesson_id blob not null, part integer not null, sealed blob not null, primary key (lesson_id, part)) strict;
create table draft_blocks (
  lesson_id blob not null, name blob not null, sealed blob not null, primary key (lesson_id, name)
) strict;
create table drafts (
  number integer primary key, id blob not null unique, lesson_id blob not null, course_id blob not null, sealed blob not null
) strict;
create index drafts_of_lesson on drafts (lesson_id, number);
create table history (
  number integer primary key, id blob not null unique, lesson_id blob not null, course_id blob not null,
  about blob not null, document blob not null
) strict;
create index history_of_lesson on history (lesson_id, number);
create table notes (name blob primary key, sealed blob not null) strict;
create table files (
  course_id blob not null, name blob not null, byte_size integer not null, is_uploaded integer not null,
  is_complete integer not null, sealed blob not null,
  primary key (course_id, name)
) strict;
create index files_by_name on files (name);
create table chunks (name blob not null, number integer not null, primary key (name, number)) strict, without rowid;
";

fn version(connection: &Connection) -> rusqlite::Result<usize> {
    connection.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0)).map(|version| {
        // A negative one was never ours: newer than anything.
        usize::try_from(version).unwrap_or(usize::MAX)
    })
}

/// Whether the file has no tables yet.
pub(crate) fn is_new(connection: &Connection, path: &Path) -> Result<bool> {
    let read = || {
        let tables: i64 = connection.query_row("select count(*) from sqlite_schema", [], |row| row.get(0))?;
        let application: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
        rusqlite::Result::Ok((tables, application))
    };
    match read().map_err(|error| Error::sqlite(path, error))? {
        (0, 0 | APPLICATION) => Ok(true),
        (_, APPLICATION) => Ok(false),
        _ => Err(Error::damaged(path)),
    }
}

/// Refuses a file that a newer build has opened.
pub(crate) fn refuse_newer(connection: &Connection, path: &Path, steps: &[&str]) -> Result<()> {
    match version(connection).map_err(|error| Error::sqlite(path, error))? {
        version if version > steps.len() => Err(Error::Newer { path: path.to_owned() }),
        _ => Ok(()),
    }
}

/// Makes the tables of a new file, with what `first` writes, in one transaction. Another process may be faster.
pub(crate) fn create(
    connection: &mut Connection,
    path: &Path,
    steps: &[&str],
    first: impl FnOnce(&Connection) -> rusqlite::Result<()>,
) -> Result<()> {
    let wrong = |error| Error::sqlite(path, error);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(wrong)?;
    if is_new(&transaction, path)? {
        for step in steps {
            transaction.execute_batch(step).map_err(wrong)?;
        }
        first(&transaction).map_err(wrong)?;
        let made = transaction
            .pragma_update(None, "application_id", APPLICATION)
            .and_then(|()| transaction.pragma_update(None, "user_version", i64::try_from(steps.len()).unwrap_or(0)));
        made.map_err(wrong)?;
    }
    transaction.commit().map_err(wrong)
}

/// Brings an older file up, in one transaction, after a copy of it was kept beside it.
pub(crate) fn bring_up(connection: &mut Connection, path: &Path, steps: &[&str]) -> Result<()> {
    let wrong = |error| Error::sqlite(path, error);
    let found = version(connection).map_err(wrong)?;
    if found >= steps.len() {
        return Ok(());
    }
    keep_copy(connection, path, found)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(wrong)?;
    for step in steps.iter().skip(version(&transaction).map_err(wrong)?) {
        transaction.execute_batch(step).map_err(wrong)?;
    }
    transaction.pragma_update(None, "user_version", i64::try_from(steps.len()).unwrap_or(0)).map_err(wrong)?;
    transaction.commit().map_err(wrong)
}

/// A copy that is not whole is written again: the file it is made from is still the older one.
fn keep_copy(connection: &Connection, path: &Path, version: usize) -> Result<()> {
    let copy = copy_of(path, version);
    let whole = crate::files::sibling(&copy, ".part");
    crate::files::create_private(&whole, true)?;
    let name = whole.to_str().ok_or_else(|| Error::io(&whole, std::io::ErrorKind::InvalidFilename.into()))?;
    connection.execute("vacuum into ?1", [name]).map_err(|error| Error::sqlite(path, error))?;
    crate::files::sync(&whole)?;
    crate::files::rename(&whole, &copy)
}

/// The copy that is kept of a file before it is brought up from this version.
pub(crate) fn copy_of(path: &Path, version: usize) -> PathBuf {
    crate::files::sibling(path, &format!(".version-{version}"))
}
