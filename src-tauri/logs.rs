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
    fmt::MakeWriter,
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
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
    tracing_subscriber::registry().with(layers(file, level)).try_init().map_err(|cause| unwritable(cause.into()))?;
    log_panics();
    Ok(())
}

fn layers<S, W>(file: W, level: Level) -> impl Layer<S>
where
    S: Subscriber + for<'s> LookupSpan<'s>,
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_writer(file)
        .with_filter(Targets::new().with_target("lectern", level));
    lines.and_then(RowCounter.with_filter(Targets::new().with_target("sqlx::query", Level::DEBUG)))
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

#[cfg(test)]
mod tests {
    use std::{
        io::Write,
        sync::{Mutex, PoisonError},
    };

    use super::*;

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl<'a> MakeWriter<'a> for Paper {
        type Writer = Self;

        fn make_writer(&'a self) -> Self {
            self.clone()
        }
    }

    /// What a log holds after `work`.
    async fn logged(level: Level, work: impl Future<Output = ()>) -> Vec<serde_json::Value> {
        let paper = Paper::default();
        let _guard =
            tracing::subscriber::set_default(tracing_subscriber::registry().with(layers(paper.clone(), level)));
        work.await;
        let text = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn answered(summary: &str, rows: u64) {
        tracing::debug!(target: "sqlx::query", summary, db.statement = "select 'a secret'", rows_returned = rows, rows_affected = 0_u64);
    }

    #[tokio::test]
    async fn a_statement_says_its_name_duration_attempt_and_rows() {
        let lines = logged(Level::DEBUG, async {
            counting_rows(async {
                answered("select lectern_api.open_session($1, $2)", 1);
                answered("select * from lectern.people", 40);
                answered("insert into lectern.operations (organization_id,", 1);
                answered("select count(*) from", 2);
                statement("list_people", Instant::now(), 1, None);
            })
            .await;
            counting_rows(async { statement("list_courses", Instant::now(), 2, None) }).await;
        })
        .await;
        assert_eq!(
            (&lines[0]["statement"], &lines[0]["rows"], &lines[0]["attempt"]),
            (&"list_people".into(), &42.into(), &1.into())
        );
        assert!(lines[0]["duration_ms"].is_u64());
        assert_eq!((&lines[1]["rows"], &lines[1]["attempt"]), (&0.into(), &2.into()));
        assert_eq!(lines.len(), 2, "only Lectern's own events are written: {lines:?}");
    }

    #[tokio::test]
    async fn a_slow_statement_is_a_warning_and_a_refused_one_says_its_code() {
        let lines = logged(Level::INFO, async {
            let long_ago = Instant::now().checked_sub(SLOW * 2).unwrap();
            statement("list_enrollments", long_ago, 1, None);
            statement("list_people", Instant::now(), 1, None);
            let refusal = Error::new(Code::NotAllowed, "Mina may not.").caused_by("mina@example.org");
            statement("change_course", Instant::now(), 1, Some(&refusal));
        })
        .await;
        assert_eq!(lines.len(), 2);
        assert_eq!((&lines[0]["level"], &lines[0]["message"]), (&"WARN".into(), &"list_enrollments was slow".into()));
        assert_eq!((&lines[1]["statement"], &lines[1]["code"]), (&"change_course".into(), &"NotAllowed".into()));
        assert!(!format!("{lines:?}").contains("ina"), "a person is named: {lines:?}");
    }
}
