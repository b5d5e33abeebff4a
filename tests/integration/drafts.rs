//! Drafts on this computer and the real server: files of real SQLite, a real line, the machine between them.

mod beside;
mod computer;
mod files;
mod opening;
mod rows;
mod writing;
