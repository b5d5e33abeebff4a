//! The private local server: a real PostgreSQL that travels with the app, asks nothing and is shared by every window and
//! command line of one person.

pub mod account;
pub mod binaries;
