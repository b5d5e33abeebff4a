//! The server's half of sync, on a real PostgreSQL: what it answers, whom, and that nobody ever misses a row.

mod answers;
pub mod author;
pub mod chain;
mod device;
mod files;
mod model;
mod presence;
mod published_files;
mod rights;
mod writers;
