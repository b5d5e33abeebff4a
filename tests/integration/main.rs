//! Every test against a real PostgreSQL, in one binary. One line per concept.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test says what it expected by failing"
)]

#[macro_use]
mod desk;
mod harness;

mod connections;
mod fresh_databases;
mod local_server;
mod organizations;
mod people;
mod sessions;
