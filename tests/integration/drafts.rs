//! Drafts on this computer and the real server: files of real SQLite, a real line, the machine between them.

mod beside;
mod clients;
mod computer;
mod files;
mod instructors;
mod killed;
mod opening;
mod restored;
mod rows;
mod unsteady;
mod writing;
