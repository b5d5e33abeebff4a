//! `make bench`: how fast Lectern is, as ratios within one run on this machine, so that a slow machine changes nothing.
//! The floor is one prepared round trip (`select 1`) on the same connection; every figure is a median, interleaved with
//! its floor. Goals: design §13. A figure over its goal is marked and the run ends with exit code 1.
//!
//! `LECTERN_BENCH_SCALE` (default 1) multiplies size M: 1,000,000 enrollments.
#![allow(clippy::expect_used, clippy::print_stderr, reason = "a measurement that cannot be made ends the run")]

mod rows;
#[path = "../tests/integration/harness/server.rs"]
#[allow(dead_code)]
mod server;
#[cfg(feature = "desktop")]
mod window;

use std::{
    io::Write,
    process::ExitCode,
    time::{Duration, Instant},
};

/// One line of the table.
pub struct Figure {
    pub task: String,
    /// What it is a multiple of.
    pub of: &'static str,
    pub ratio: f64,
    pub goal: f64,
}

#[tokio::main]
async fn main() -> ExitCode {
    let mut figures = Vec::new();
    if std::env::var_os("LECTERN_BENCH_WINDOW_ONLY").is_none() {
        figures.extend(rows::measure().await);
    }
    #[cfg(feature = "desktop")]
    let unmeasured = window::measure().map(|measured| figures.extend(measured)).err();
    #[cfg(not(feature = "desktop"))]
    let unmeasured: Option<String> = None;
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{:<52} {:>9}  {:<22} {:>7}", "task", "ratio", "of", "goal");
    let mut missed = 0;
    for figure in &figures {
        let mark = if figure.ratio <= figure.goal { "" } else { "  over" };
        missed += usize::from(!mark.is_empty());
        let _ =
            writeln!(out, "{:<52} {:>9.2}  {:<22} {:>7.2}{mark}", figure.task, figure.ratio, figure.of, figure.goal);
    }
    let _ = writeln!(out, "{} figures, {missed} over their goal", figures.len());
    if let Some(reason) = &unmeasured {
        eprintln!("The window was not measured. {reason}");
    }
    if missed == 0 && unmeasured.is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The middle of what was measured.
pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// How long `work` takes.
pub async fn time<T>(work: impl Future<Output = T>) -> (Duration, T) {
    let started = Instant::now();
    let value = work.await;
    (started.elapsed(), value)
}
