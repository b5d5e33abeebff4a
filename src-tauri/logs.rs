//! What happens at the database, as events: readable alone, with fields that query well. Never personal data, never a
//! secret: names of statements, durations, counts, SQLSTATEs.

use std::{
    path::Path,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use serde::Serialize;
use tracing::{
    Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    Layer,
    filter::Targets,
    layer::{Context, SubscriberExt},
    util::SubscriberInitExt,
};

use crate::error::{Code, Error, Result};

/// A statement slower than this is a warning.
pub const SLOW: Duration = Duration::from_millis(500);

static STATEMENTS: AtomicU64 = AtomicU64::new(0);
static SLOW_STATEMENTS: AtomicU64 = AtomicU64::new(0);
static FAILED_STATEMENTS: AtomicU64 = AtomicU64::new(0);
static RETRIES: AtomicU64 = AtomicU64::new(0);
static ROWS: AtomicU64 = AtomicU64::new(0);

/// A day's file each, this many kept.
const KEPT_FILES: usize = 14;

tokio::task_local! {
    static ROWS_HERE: Arc<AtomicU64>;
}

/// Writes this process's events to `directory` as JSON, one line each, one file a day. `LECTERN_LOG` (error, warn, info,
/// debug or trace) decides what is worth it. Unbuffered: a killed process has written what it said.
///
/// Only Lectern's own events: those of libraries quote SQL, addresses or, at their most talkative, secrets.
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
    let level = std::env::var("LECTERN_LOG").ok().and_then(|text| Level::from_str(&text).ok()).unwrap_or(Level::INFO);
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_writer(file)
        .with_filter(Targets::new().with_target("lectern", level));
    tracing_subscriber::registry()
        .with(lines)
        .with(RowCounter.with_filter(Targets::new().with_target("sqlx::query", Level::DEBUG)))
        .try_init()
        .map_err(|cause| unwritable(cause.into()))?;
    log_panics();
    Ok(())
}

/// Where it happened, never what was said: a panic's message may hold anything.
fn log_panics() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "Lectern met a state it does not know and stopped");
        usual(panic);
    }));
}

/// Runs `work` and lets [`statement`], called inside, know how many rows its SQL returned or changed.
pub async fn counting_rows<F: Future>(work: F) -> F::Output {
    ROWS_HERE.scope(Arc::default(), work).await
}

/// Listens to sqlx, the only one who knows, and keeps the number alone.
struct RowCounter;

impl<S: Subscriber> Layer<S> for RowCounter {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut seen = Rows::default();
        event.record(&mut seen);
        if !seen.is_ours {
            let rows = seen.returned.max(seen.affected);
            ROWS.fetch_add(rows, Ordering::Relaxed);
            let _ = ROWS_HERE.try_with(|here| here.fetch_add(rows, Ordering::Relaxed));
        }
    }
}

#[derive(Default)]
struct Rows {
    returned: u64,
    affected: u64,
    /// The door's own bookkeeping, not what it was asked.
    is_ours: bool,
}

impl Visit for Rows {
    fn record_u64(&mut self, field: &Field, value: u64) {
        match field.name() {
            "rows_returned" => self.returned = value,
            "rows_affected" => self.affected = value,
            _ => {}
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "summary" {
            self.is_ours = value.contains("lectern_api.open_session") || value.contains("lectern.operations");
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

/// What this process asked of the database so far.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counters {
    pub statements: u64,
    pub slow_statements: u64,
    pub failed_statements: u64,
    pub retries: u64,
    /// Returned or changed; 0 while no log is written.
    pub rows: u64,
}

#[must_use]
pub fn counters() -> Counters {
    Counters {
        statements: STATEMENTS.load(Ordering::Relaxed),
        slow_statements: SLOW_STATEMENTS.load(Ordering::Relaxed),
        failed_statements: FAILED_STATEMENTS.load(Ordering::Relaxed),
        retries: RETRIES.load(Ordering::Relaxed),
        rows: ROWS.load(Ordering::Relaxed),
    }
}

/// Records one call at the door: its name, how long it took, which attempt it was and how it failed.
pub fn statement(name: &'static str, started: Instant, attempt: u32, error: Option<&Error>) {
    let elapsed = started.elapsed();
    let duration_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    let rows = ROWS_HERE.try_with(|here| here.load(Ordering::Relaxed)).ok();
    STATEMENTS.fetch_add(1, Ordering::Relaxed);
    if attempt > 1 {
        RETRIES.fetch_add(1, Ordering::Relaxed);
    }
    match error {
        Some(error) => {
            FAILED_STATEMENTS.fetch_add(1, Ordering::Relaxed);
            tracing::info!(statement = name, duration_ms, attempt, rows, code = ?error.code, sqlstate = error.sqlstate().as_deref(), "{name} was refused");
        }
        None if elapsed > SLOW => {
            SLOW_STATEMENTS.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(statement = name, duration_ms, attempt, rows, "{name} was slow");
        }
        None => tracing::debug!(statement = name, duration_ms, attempt, rows, "{name} answered"),
    }
}
