//! Drafts of this computer ⇄ the database. What is said and when is decided by `sync_core`; here it is carried.

pub mod driver;
pub mod files;
pub mod presence;
pub mod remote;
