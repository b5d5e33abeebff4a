//! Journeys through the real window on a real PostgreSQL. They need a display and a session bus: `scripts/with-desktop`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test says what it expected by failing"
)]

mod bindings;
mod first_start;
mod harness;
