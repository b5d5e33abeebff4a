//! Lectern: the desktop administrator's desk for organizations that teach, speaking straight to their PostgreSQL.
//!
//! One module per concept; its word is the same in the migrations, here, in the window's commands, in the tests and in
//! `ui/src/features`. A domain function takes a connection and never begins, commits or pools: its door does
//! (`database`), so that seeding, importing and syncing can run thousands of them in one transaction.
//!
//! # Glossary
//! - **organization**: the tenant. **person**: a human being, once per installation. **membership**: a person in an
//!   organization, with the role (owner, admin, instructor, reviewer, learner) that carries every right.
//! - **course**, **course staff** (lead, instructor, assistant, reviewer), **sub-course**, **lesson**: what is taught.
//! - **approval**: a reviewer's word on a revision of a lesson, asked by its author.
//! - **enrollment**: a person in a course, once. **progress**: completed published lessons over published lessons.
//! - **draft**: what is written on this computer, with or without a network. **revision**: a lesson's text as it was saved
//!   once. **conflict**: two versions of which one stands and the other waits for a person. **outbox**: what waits to be sent.
//! - **session**: a signed-in device. **operation**: one write transaction, named by its client so a retry never doubles.
//! - **connection**: a saved server. **private local server**: the PostgreSQL that travels with the app.
//! - **audit entry**: who changed what, written by the database.

pub mod approvals;
pub mod audit;
pub mod checking;
pub mod cli;
pub mod clock;
pub mod connections;
pub mod courses;
pub mod dashboards;
pub mod database;
#[cfg(feature = "desktop")]
pub mod desktop;
pub mod drafts;
pub mod enrollments;
pub mod error;
pub mod folders;
pub mod ids;
pub mod lessons;
pub mod logs;
pub mod migrating;
pub mod organizations;
pub mod page;
pub mod people;
pub mod position;
pub mod progress;
pub mod retention;
pub mod seeding;
pub mod sessions;
pub mod sub_courses;
pub mod sync;
pub mod text;

pub use error::{Code, Error, Result};

/// Every migration this build knows, in order. Landed ones are never edited.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");
