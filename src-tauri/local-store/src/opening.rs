//! Opening the file: what is refused, what is made, what is brought up.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior, params};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::sealing::{NoRandomness, Random, Sealing, SecretKey};
use crate::{LocalStore, aside, files, schema};

/// How long another hand's transaction is waited for. Ours take milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);

impl LocalStore {
    /// Opens the drafts, or begins a new file. `device` is what this device is called from now on if the file is new or was
    /// copied from another place.
    ///
    /// # Errors
    /// [`Error::NotThisKey`], [`Error::Newer`] and [`Error::Damaged`] leave the file as it was; damaged ones wait for
    /// [`crate::set_aside`]. Else the disk's.
    pub fn open(path: &Path, key: &SecretKey, device: Uuid, random: Random) -> Result<Self> {
        Self::open_with(path, key, device, random, schema::STEPS)
    }

    pub(crate) fn open_with(
        path: &Path,
        key: &SecretKey,
        device: Uuid,
        random: Random,
        steps: &[&str],
    ) -> Result<Self> {
        if let Some(directory) = path.parent() {
            files::create_directory(directory)?;
        }
        aside::finish(path)?;
        if files::create_private(path, false)?.is_some() {
            path.parent().map_or(Ok(()), files::sync_directory)?;
        } else {
            files::make_private(path)?;
        }
        let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        schema::refuse_newer(&connection, path, steps)?;
        if schema::is_new(&connection, path)? {
            keep_journal(&connection, path)?;
            begin(&mut connection, path, key, device, random, steps)?;
        }
        let sealing = unlock(&connection, path, key, random)?;
        check(&connection, path)?;
        keep_journal(&connection, path)?;
        schema::bring_up(&mut connection, path, steps)?;
        let device = know_place(&mut connection, path, &sealing, device)?;
        let tidies = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
        connection.set_db_config(tidies, false).map_err(|error| Error::sqlite(path, error))?;
        let path = path.to_owned();
        Ok(Self { connection, sealing, path, device, open: crate::assembling::OpenLessons::default(), seen: None })
    }
}

pub(crate) fn connect(path: &Path, flags: OpenFlags) -> Result<Connection> {
    let wrong = |error| Error::sqlite(path, error);
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(wrong)?;
    connection.busy_timeout(PATIENCE).map_err(wrong)?;
    connection.set_prepared_statement_cache_capacity(64);
    // A file that is refused is left as it is, its journal too.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map_err(wrong)?;
    Ok(connection)
}

/// Durable when a commit returns, on macOS too.
fn keep_journal(connection: &Connection, path: &Path) -> Result<()> {
    let set = || -> rusqlite::Result<()> {
        connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
        // As `full` with a journal of this kind; where the disk cannot have one, as durable with the older kind.
        connection.pragma_update(None, "synchronous", "extra")?;
        connection.pragma_update(None, "fullfsync", true)?;
        connection.pragma_update(None, "checkpoint_fullfsync", true)?;
        connection.pragma_update(None, "foreign_keys", false)?;
        connection.pragma_update_and_check(None, "journal_size_limit", 16 << 20, |_| Ok(()))
    };
    set().map_err(|error| Error::sqlite(path, error))
}

fn begin(
    connection: &mut Connection,
    path: &Path,
    key: &SecretKey,
    device: Uuid,
    random: Random,
    steps: &[&str],
) -> Result<()> {
    let mut file = [0; 16];
    random(&mut file).map_err(|NoRandomness| Error::NoRandomness)?;
    let file = Uuid::from_bytes(file);
    let sealing = Sealing::new(key, file, random).map_err(|_| Error::NoRandomness)?;
    let place = sealing.name("place", &files::identity(path)?);
    schema::create(connection, path, steps, |connection| {
        let again = params![file, sealing.check];
        connection.execute("insert into store_again (id, file_id, key_check) values (1, ?1, ?2)", again)?;
        let all = params![file, sealing.check, device, place];
        connection
            .execute("insert into store (id, file_id, key_check, device_id, place) values (1, ?1, ?2, ?3, ?4)", all)?;
        Ok(())
    })
}

/// The keys of this file, if the key is the one it was begun with.
pub(crate) fn unlock(connection: &Connection, path: &Path, key: &SecretKey, random: Random) -> Result<Sealing> {
    let read = |table: &str| -> rusqlite::Result<Option<(Uuid, [u8; 16])>> {
        let query = format!("select file_id, key_check from {table} where id = 1");
        connection.query_row(&query, [], |row| Ok((row.get(0)?, row.get(1)?))).optional()
    };
    let fits =
        |(file, check): (Uuid, [u8; 16])| Sealing::new(key, file, random).ok().filter(|sealing| sealing.check == check);
    let (first, again) = (read("store"), read("store_again"));
    let both = [&first, &again].into_iter().filter_map(|read| read.as_ref().ok().copied().flatten());
    if let Some(sealing) = both.clone().find_map(fits) {
        return Ok(sealing);
    }
    // Told as another key only where both say the same: two that differ are damage.
    match (both.count(), first, again) {
        (2, Ok(first), Ok(again)) if first == again => Err(Error::NotThisKey { path: path.to_owned() }),
        (_, Err(error), _) | (_, _, Err(error)) => Err(Error::sqlite(path, error)),
        _ => Err(Error::damaged(path)),
    }
}

/// Looks through every page. A file of a thousand lessons takes a few hundredths of a second.
fn check(connection: &Connection, path: &Path) -> Result<()> {
    let said = connection.query_row("pragma quick_check(1)", [], |row| row.get::<_, String>(0));
    match said.map_err(|error| Error::sqlite(path, error))?.as_str() {
        "ok" => Ok(()),
        _ => Err(Error::damaged(path)),
    }
}

/// The device's id. A copy of the file is another device: were it called the same, two would speak with one voice.
fn know_place(connection: &mut Connection, path: &Path, sealing: &Sealing, proposed: Uuid) -> Result<Uuid> {
    let wrong = |error| Error::sqlite(path, error);
    let here = sealing.name("place", &files::identity(path)?);
    let read = |connection: &Connection| -> rusqlite::Result<(Uuid, Vec<u8>)> {
        connection
            .query_row("select device_id, place from store where id = 1", [], |row| Ok((row.get(0)?, row.get(1)?)))
    };
    let (device, place) = read(connection).map_err(wrong)?;
    if place == here {
        return Ok(device);
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(wrong)?;
    // Another process may have opened the copy first.
    let (device, place) = read(&transaction).map_err(wrong)?;
    if place == here {
        return Ok(device);
    }
    let moved = params![proposed, here];
    transaction.execute("update store set device_id = ?1, place = ?2 where id = 1", moved).map_err(wrong)?;
    transaction.commit().map_err(wrong)?;
    Ok(proposed)
}
