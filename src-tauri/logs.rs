//! What happens at the database, as events: readable alone, with fields that query well. Never personal data, never a
//! secret: names of statements, durations, counts, SQLSTATEs.

use std::{
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use serde::Serialize;
use tracing_subscriber::{EnvFilter, layer::SubscriberExt, util::SubscriberInitExt};

use crate::error::{Code, Error, Result};

/// A statement slower than this is a warning.
pub const SLOW: Duration = Duration::from_millis(500);

static STATEMENTS: AtomicU64 = AtomicU64::new(0);
static SLOW_STATEMENTS: AtomicU64 = AtomicU64::new(0);
static FAILED_STATEMENTS: AtomicU64 = AtomicU64::new(0);
static RETRIES: AtomicU64 = AtomicU64::new(0);

/// A day's file each, this many kept.
const KEPT_FILES: usize = 14;

/// Writes every event of this process to `directory`, one file a day, `LECTERN_LOG` deciding what is worth it (`info`).
/// Unbuffered: a killed process has written what it said.
///
/// # Errors
/// `internal` when the directory cannot be written, or events already go somewhere.
pub fn to_files(directory: &Path) -> Result<()> {
    let unwritable = |cause: Box<dyn std::error::Error + Send + Sync>| {
        Error::new(Code::Internal, format!("Lectern cannot write its log to {}.", directory.display()))
            .next_step("Make room there or make it writable, or set LECTERN_LOG_DIR to another directory.")
            .caused_by(cause)
    };
    std::fs::create_dir_all(directory).map_err(|cause| unwritable(cause.into()))?;
    let file = tracing_appender::rolling::Builder::new()
        .rotation(tracing_appender::rolling::Rotation::DAILY)
        .filename_prefix("lectern")
        .filename_suffix("log")
        .max_log_files(KEPT_FILES)
        .build(directory)
        .map_err(|cause| unwritable(cause.into()))?;
    // sqlx's own events quote SQL; what is worth knowing about a statement is said by `statement`.
    let wanted = std::env::var("LECTERN_LOG").unwrap_or_else(|_| "info,sqlx=error".to_owned());
    let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_target(false).with_writer(file);
    tracing_subscriber::registry()
        .with(EnvFilter::new(wanted))
        .with(lines)
        .try_init()
        .map_err(|cause| unwritable(cause.into()))
}

/// What this process asked of the database so far.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counters {
    pub statements: u64,
    pub slow_statements: u64,
    pub failed_statements: u64,
    pub retries: u64,
}

#[must_use]
pub fn counters() -> Counters {
    Counters {
        statements: STATEMENTS.load(Ordering::Relaxed),
        slow_statements: SLOW_STATEMENTS.load(Ordering::Relaxed),
        failed_statements: FAILED_STATEMENTS.load(Ordering::Relaxed),
        retries: RETRIES.load(Ordering::Relaxed),
    }
}

/// Records one call at the door: its name, how long it took, which attempt it was and how it failed.
pub fn statement(name: &'static str, started: Instant, attempt: u32, error: Option<&Error>) {
    let elapsed = started.elapsed();
    let duration_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    STATEMENTS.fetch_add(1, Ordering::Relaxed);
    if attempt > 1 {
        RETRIES.fetch_add(1, Ordering::Relaxed);
    }
    match error {
        Some(error) => {
            FAILED_STATEMENTS.fetch_add(1, Ordering::Relaxed);
            tracing::info!(statement = name, duration_ms, attempt, code = ?error.code, sqlstate = error.sqlstate().as_deref(), "{name} was refused");
        }
        None if elapsed > SLOW => {
            SLOW_STATEMENTS.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(statement = name, duration_ms, attempt, "{name} was slow");
        }
        None => tracing::debug!(statement = name, duration_ms, attempt, "{name} answered"),
    }
}
