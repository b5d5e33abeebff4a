//! Drafts of this computer ⇄ the database. What is said and when is decided by `sync_core`; here it is carried.

mod presence;
pub mod remote;
