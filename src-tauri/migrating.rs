//! Brings a database to the schema this build knows, and tells how far it is. Forward only; one transaction per
//! migration, so an interrupted run leaves whole migrations and nothing else.
//!
//! The record is `lectern_migrations.applied`, readable by every login: the application compares it before it works, and
//! only the owner's connection writes it.

use std::time::{Duration, Instant};

use serde::Serialize;
use sqlx::{
    Connection, PgConnection, Row,
    migrate::{Migration, Migrator},
    postgres::PgConnectOptions,
};

use crate::error::{Code, Error, Result};

/// Named in every message, so that people look for the right one.
const OLDEST_SERVER: i32 = 15;
/// The advisory lock of a database under migration: "lectern" in ASCII.
const LOCK: i64 = 0x6c_65_63_74_65_72_6e;
/// A table in use longer than this ends the migration instead of queueing everybody behind it.
const LOCK_TIMEOUT: &str = "set local lock_timeout = '15s'";

/// How a database's schema stands to this build.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct SchemaState {
    pub state: Standing,
    /// Migrations this build knows and the database lacks.
    pub pending: u32,
    pub message: String,
    pub next_step: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub enum Standing {
    Current,
    Outdated,
    /// The database has migrations this build does not know.
    Newer,
    /// No Lectern schema at all.
    Missing,
}

/// What the database has against what this build knows.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    pub applied: Vec<i64>,
    pub pending: Vec<Pending>,
    pub unknown: Vec<i64>,
    /// File names whose content changed after they were applied.
    pub changed: Vec<String>,
}

/// A migration the database lacks.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pending {
    pub version: i64,
    pub file: String,
}

/// What happens while migrating, for whoever watches.
#[derive(Clone, Debug)]
pub enum Event<'a> {
    /// Somebody else migrates this database; `who` as the server names them, if it does.
    Waiting {
        who: Option<&'a str>,
        waited: Duration,
    },
    Applying {
        file: &'a str,
        number: usize,
        of: usize,
    },
    Applied {
        file: &'a str,
        took: Duration,
    },
}

/// One migration this run applied.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Applied {
    pub version: i64,
    pub file: String,
    pub duration_ms: u64,
}

/// Connects for migrating: straight to PostgreSQL, never through a pooler, where session locks leak to other people.
///
/// # Errors
/// `notAllowed` through PgBouncer or on a server older than 15; else as [`crate::database::connect`].
pub async fn connect(options: &PgConnectOptions) -> Result<PgConnection> {
    // A pooler refuses or drops a start-up option it does not know; PostgreSQL keeps it as a setting.
    let marked = options.clone().options([("lectern.direct", "yes")]).application_name("lectern migrate");
    let mut connection = PgConnection::connect_with(&marked).await.map_err(|cause| {
        let state = cause.as_database_error().and_then(|error| error.code().map(std::borrow::Cow::into_owned));
        if state.as_deref() == Some("08P01") { pooled().caused_by(cause) } else { Error::from(cause) }
    })?;
    let row = sqlx::query(
        "select current_setting('lectern.direct', true) is not distinct from 'yes' as direct,
                current_setting('server_version_num')::int / 10000 as major, pg_is_in_recovery() as standby",
    )
    .fetch_one(&mut connection)
    .await?;
    if !row.try_get::<bool, _>("direct")? {
        return Err(pooled());
    }
    let major: i32 = row.try_get("major")?;
    if major < OLDEST_SERVER {
        return Err(Error::new(
            Code::NotAllowed,
            format!("This server is PostgreSQL {major}; Lectern needs {OLDEST_SERVER} or newer."),
        )
        .next_step("Upgrade the server, or connect to a newer one."));
    }
    if row.try_get::<bool, _>("standby")? {
        return Err(Error::new(Code::NotAllowed, "This server is a standby: it only answers and cannot be migrated.")
            .next_step("Connect to the primary server."));
    }
    Ok(connection)
}

fn pooled() -> Error {
    Error::new(
        Code::NotAllowed,
        "This address is a connection pooler such as PgBouncer; migrations need PostgreSQL itself.",
    )
    .next_step("Give the server's own host and port (usually 5432), as its owner.")
}

/// How the schema stands, as any login may ask.
///
/// # Errors
/// `unreachable` when the server is gone.
pub async fn schema_state(connection: &mut PgConnection) -> Result<SchemaState> {
    Ok(compare(connection, &crate::MIGRATOR).await?.state())
}

/// What `migrator` would do here.
///
/// # Errors
/// `conflict` when the tables stand without a record of how they came, `unreachable` when the server is gone.
pub async fn compare(connection: &mut PgConnection, migrator: &Migrator) -> Result<Comparison> {
    let (recorded, lectern): (bool, bool) = sqlx::query_as(
        "select to_regclass('lectern_migrations.applied') is not null, to_regclass('lectern.organizations') is not null",
    )
    .fetch_one(&mut *connection)
    .await?;
    if lectern && !recorded {
        return Err(Error::new(Code::Conflict, "This database has Lectern's tables but no record of its migrations.")
            .next_step("Use an empty database, or restore a complete backup of this one."));
    }
    let applied: Vec<(i64, Vec<u8>)> = if recorded {
        sqlx::query_as("select version, checksum from lectern_migrations.applied order by version")
            .fetch_all(connection)
            .await?
    } else {
        Vec::new()
    };
    let mut comparison =
        Comparison { applied: applied.iter().map(|(version, _)| *version).collect(), ..Comparison::default() };
    for migration in migrator.iter() {
        match applied.iter().find(|(version, _)| *version == migration.version) {
            None => comparison.pending.push(Pending { version: migration.version, file: file_name(migration) }),
            Some((_, checksum)) if *checksum != *migration.checksum => comparison.changed.push(file_name(migration)),
            Some(_) => {}
        }
    }
    comparison.unknown =
        comparison.applied.iter().copied().filter(|version| migrator.iter().all(|m| m.version != *version)).collect();
    Ok(comparison)
}

impl Comparison {
    /// The same in words.
    #[must_use]
    pub fn state(&self) -> SchemaState {
        let pending = u32::try_from(self.pending.len()).unwrap_or(u32::MAX);
        let (state, message, next_step) = if !self.unknown.is_empty() {
            (
                Standing::Newer,
                "This database was migrated by a newer version of Lectern than this one.".to_owned(),
                Some("Install the newer version of Lectern on this computer."),
            )
        } else if self.applied.is_empty() {
            (
                Standing::Missing,
                "This database has no Lectern tables yet.".to_owned(),
                Some("Have IT run `lectern migrate` with the owner's connection."),
            )
        } else if pending > 0 {
            let plural = if pending == 1 { "migration is" } else { "migrations are" };
            (
                Standing::Outdated,
                format!("{pending} {plural} pending: this database is older than this version of Lectern."),
                Some("Have IT run `lectern migrate` with the owner's connection."),
            )
        } else {
            (Standing::Current, "The schema is up to date.".to_owned(), None)
        };
        SchemaState { state, pending, message, next_step: next_step.map(str::to_owned) }
    }

    /// Whether anything is to be done or in the way.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.pending.is_empty() && self.unknown.is_empty() && self.changed.is_empty()
    }

    /// Why nobody should work with these tables, or None when they are this build's.
    #[must_use]
    pub fn unfit(&self) -> Option<Error> {
        if self.is_current() {
            return None;
        }
        self.refusal().or_else(|| {
            let state = self.state();
            let error = Error::new(Code::SchemaOutdated, state.message);
            Some(match state.next_step {
                Some(step) => error.next_step(step),
                None => error,
            })
        })
    }

    /// What forbids migrating at all.
    #[must_use]
    pub fn refusal(&self) -> Option<Error> {
        if let Some(file) = self.changed.first() {
            return Some(
                Error::new(
                    Code::Conflict,
                    format!("migrations/{file} is not the file that was applied to this database: its content changed since."),
                )
                .next_step("Use the released version of Lectern; an applied migration is never edited."),
            );
        }
        let newest = self.unknown.last()?;
        Some(
            Error::new(
                Code::SchemaNewer,
                format!(
                    "This database has migration {newest:04}, which this version of Lectern does not know: it is newer."
                ),
            )
            .next_step("Install the newer version of Lectern; nothing was changed."),
        )
    }
}

/// Applies what is pending, in order. Two runs at once both succeed, and each migration is applied once.
///
/// Waits up to `patience` for somebody else's run. Begins and commits itself, unlike a domain function.
///
/// # Errors
/// `conflict` naming the file whose content changed, `schemaNewer`, `stale` when somebody else's run did not end or a
/// table stayed in use, `notAllowed` for a login without the rights, `internal` naming the migration that failed.
pub async fn migrate(
    connection: &mut PgConnection,
    migrator: &Migrator,
    patience: Duration,
    tell: &mut (dyn FnMut(Event<'_>) + Send),
) -> Result<Vec<Applied>> {
    if let Some(refusal) = compare(connection, migrator).await?.refusal() {
        return Err(refusal);
    }
    lock(connection, patience, tell).await?;
    let outcome = apply_pending(connection, migrator, tell).await;
    // A connection that broke has given its lock back already.
    let _ = sqlx::query("select pg_advisory_unlock($1)").bind(LOCK).execute(connection).await;
    outcome
}

/// The lock is tried, not waited for: a waiting statement would hold a snapshot and block `create index concurrently`.
async fn lock(
    connection: &mut PgConnection,
    patience: Duration,
    tell: &mut (dyn FnMut(Event<'_>) + Send),
) -> Result<()> {
    let started = Instant::now();
    let mut pause = Duration::from_millis(50);
    loop {
        if sqlx::query_scalar("select pg_try_advisory_lock($1)").bind(LOCK).fetch_one(&mut *connection).await? {
            return Ok(());
        }
        let who: Option<String> = sqlx::query_scalar(
            "select concat_ws(', ', nullif(a.application_name, ''), 'as ' || a.usename, 'process ' || l.pid)
             from pg_locks l join pg_stat_activity a using (pid)
             where l.locktype = 'advisory' and l.granted and l.database = (select oid from pg_database where datname = current_database())
               and (l.classid::bigint << 32 | l.objid::bigint) = $1 limit 1",
        )
        .bind(LOCK)
        .fetch_optional(&mut *connection)
        .await?;
        if started.elapsed() >= patience {
            let by = who.map(|who| format!(" ({who})")).unwrap_or_default();
            return Err(Error::new(
                Code::Stale,
                format!("Somebody else is migrating this database{by} and has not finished."),
            )
            .next_step("Wait for them, or end that process on the server, then run this again."));
        }
        tell(Event::Waiting { who: who.as_deref(), waited: started.elapsed() });
        tokio::time::sleep(pause.min(patience.saturating_sub(started.elapsed()))).await;
        pause = (pause * 2).min(Duration::from_secs(2));
    }
}

async fn apply_pending(
    connection: &mut PgConnection,
    migrator: &Migrator,
    tell: &mut (dyn FnMut(Event<'_>) + Send),
) -> Result<Vec<Applied>> {
    // Asked again under the lock: whoever held it may have applied everything.
    let comparison = compare(connection, migrator).await?;
    if let Some(refusal) = comparison.refusal() {
        return Err(refusal);
    }
    let mut done = Vec::with_capacity(comparison.pending.len());
    for (index, pending) in comparison.pending.iter().enumerate() {
        let Some(migration) = migrator.iter().find(|migration| migration.version == pending.version) else { continue };
        tell(Event::Applying { file: &pending.file, number: index + 1, of: comparison.pending.len() });
        let started = Instant::now();
        let outcome = apply(connection, migration).await;
        let took = started.elapsed();
        let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        if let Err(error) = outcome {
            tracing::error!(
                migration = pending.file,
                duration_ms,
                sqlstate = error.sqlstate().as_deref(),
                "a migration failed"
            );
            return Err(failed(&pending.file, error));
        }
        tracing::info!(migration = pending.file, duration_ms, "a migration was applied");
        tell(Event::Applied { file: &pending.file, took });
        done.push(Applied { version: pending.version, file: pending.file.clone(), duration_ms });
    }
    Ok(done)
}

async fn apply(connection: &mut PgConnection, migration: &Migration) -> Result<()> {
    let mut transaction = connection.begin().await?;
    sqlx::raw_sql(LOCK_TIMEOUT).execute(&mut *transaction).await?;
    sqlx::raw_sql("set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0")
        .execute(&mut *transaction)
        .await?;
    let recorded: bool = sqlx::query_scalar("select to_regclass('lectern_migrations.applied') is not null")
        .fetch_one(&mut *transaction)
        .await?;
    sqlx::raw_sql(migration.sql.clone()).execute(&mut *transaction).await?;
    // A migration ends in whatever role it took last.
    sqlx::raw_sql("reset role").execute(&mut *transaction).await?;
    if !recorded {
        sqlx::raw_sql(RECORD).execute(&mut *transaction).await?;
    }
    sqlx::query("insert into lectern_migrations.applied (version, file, checksum) values ($1, $2, $3)")
        .bind(migration.version)
        .bind(file_name(migration))
        .bind(&*migration.checksum)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(())
}

/// Made together with the first migration, which makes its owner. Holds nothing of any organization, so no wall.
const RECORD: &str = "
create schema lectern_migrations;
comment on schema lectern_migrations is 'Which migrations this database has. Every login may read it.';
create table lectern_migrations.applied (
  version    bigint primary key,
  file       text not null,
  checksum   bytea not null,
  applied_at timestamptz not null default clock_timestamp(),
  applied_by text not null default session_user
);
comment on table lectern_migrations.applied is 'One row per applied migration, written in its transaction.';
grant usage on schema lectern_migrations to public;
grant select on lectern_migrations.applied to public;
alter schema lectern_migrations owner to lectern_owner;
alter table lectern_migrations.applied owner to lectern_owner;
";

/// For the owner, at a terminal: the server's own sentence helps and comes from our own SQL, not from anybody's data.
fn failed(file: &str, error: Error) -> Error {
    let server = error
        .cause
        .as_deref()
        .and_then(|cause| cause.downcast_ref::<sqlx::Error>())
        .and_then(sqlx::Error::as_database_error);
    let detail = server
        .map(|server| format!(" The server says: {}.", server.message().trim_end_matches('.')))
        .unwrap_or_default();
    let (code, next_step) = match error.sqlstate().as_deref() {
        Some("42501") => (
            Code::NotAllowed,
            "Connect as the login that owns the database and may create roles, or have a superuser run \
             `grant lectern_owner, lectern_guard to LOGIN with admin option`.",
        ),
        Some("55P03") => (Code::Stale, "A table stayed in use for 15 seconds. Run this again at a quieter time."),
        Some("53100") => (Code::Unreachable, "The server's disk is full. Make room, then run this again."),
        _ if error.code == Code::Unreachable => (
            Code::Unreachable,
            "The connection to the server broke. Run this again once it answers; finished migrations stay.",
        ),
        _ => (Code::Internal, "Nothing of it was kept. Send this message to whoever looks after Lectern."),
    };
    Error::new(code, format!("Migration {file} could not be applied; the database stands as before it.{detail}"))
        .next_step(next_step)
        .caused_by(error)
}

fn file_name(migration: &Migration) -> String {
    format!("{:04}_{}.sql", migration.version, migration.description.replace(' ', "_"))
}
