//! Which database a command means: `--connection NAME`, `DATABASE_URL`, or the private local server.

use super::{
    Connection, LOCAL, Sensitive,
    address::{self, Source},
    saved::{Saved, is_same_name},
};
use crate::error::Result;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The private server on this computer.
    Local,
    /// A saved connection; its password is where it says.
    Saved(Connection),
    /// From `DATABASE_URL`, with the password that stood in it.
    Address(Connection, Option<Sensitive>),
}

/// A name that was typed goes before the environment; without either it is the private local server.
///
/// # Errors
/// `notFound` when no such connection is saved, `invalid` when the address cannot be read.
pub fn resolve(saved: &Saved, name: Option<&str>, database_url: Option<&str>) -> Result<Target> {
    match (name.map(str::trim), database_url.map(str::trim).filter(|url| !url.is_empty())) {
        (Some(name), _) if is_same_name(name, LOCAL) => Ok(Target::Local),
        (Some(name), _) => saved.find(name).map(Target::Saved),
        (None, Some(url)) => {
            let (connection, password) = address::parse("DATABASE_URL", url, Source::Environment)?;
            Ok(Target::Address(connection, password))
        }
        (None, None) => Ok(Target::Local),
    }
}
