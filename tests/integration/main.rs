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

mod approvals;
mod audit;
mod cli;
mod connections;
mod courses;
mod dashboards;
mod drafts;
mod enrollments;
mod fresh_databases;
mod lessons;
mod local_server;
mod organizations;
mod people;
mod progress;
mod query_metadata;
mod retention;
mod rights;
mod schema_conventions;
mod sessions;
mod sync;
