//! What happens at the database, as events: readable alone, with fields that query well. Never personal data, never a
//! secret: names of statements, durations, counts, SQLSTATEs.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use serde::Serialize;

use crate::error::Error;

/// A statement slower than this is a warning.
pub const SLOW: Duration = Duration::from_millis(500);

static STATEMENTS: AtomicU64 = AtomicU64::new(0);
static SLOW_STATEMENTS: AtomicU64 = AtomicU64::new(0);
static FAILED_STATEMENTS: AtomicU64 = AtomicU64::new(0);
static RETRIES: AtomicU64 = AtomicU64::new(0);

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
