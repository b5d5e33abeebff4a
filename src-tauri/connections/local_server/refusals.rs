//! Why a local server cannot be, in words with the next step.

use std::{io, path::Path};

use crate::error::{Code, Error};

/// Says in words why PostgreSQL refused, from what it printed.
pub fn explain(said: &str, directory: &Path) -> Option<Error> {
    let error = |message: String, next: &str| Some(Error::new(Code::LocalServer, message).next_step(next));
    let place = directory.display();
    match () {
        () if said.contains("No space left on device") || said.contains("Disk quota exceeded") => {
            Some(disk_full(directory))
        }
        () if said.contains("Read-only file system") => {
            Some(cannot_write(directory, io::ErrorKind::ReadOnlyFilesystem.into()))
        }
        () if said.contains("ermission denied") => {
            Some(cannot_write(directory, io::ErrorKind::PermissionDenied.into()))
        }
        () if said.contains("incompatible with server") || said.contains("was initialized by PostgreSQL version") => {
            error(
                format!("The local data in {place} was made by another version of PostgreSQL."),
                "Install that version of PostgreSQL, or set LECTERN_POSTGRESQL to where it is.",
            )
        }
        () if said.contains("already in use") || said.contains("lock file \"") && said.contains("already exists") => {
            error(
                format!("Another server already uses the socket or the data in {place}."),
                "Stop it, or set LECTERN_DATA_DIR to a directory of its own.",
            )
        }
        () if said.contains("shared memory") || said.contains("Cannot allocate memory") => error(
            "There is not enough memory to start the local server.".to_owned(),
            "Close other programs, then start Lectern again.",
        ),
        () if said.contains("invalid locale name") => error(
            "This system does not have the locale C.UTF-8, which the local server sorts and compares by.".to_owned(),
            "Install the package `locales` or `libc-bin`, then start Lectern again.",
        ),
        () if said.contains("could not locate a valid checkpoint record") || said.contains("invalid page in block") => {
            error(
                format!("The local data in {place} is damaged, so the server refuses to open it."),
                "Do not delete anything. Restore a backup from the directory `backups` beside it, or ask for help with the log.",
            )
        }
        () => None,
    }
}

pub fn disk_full(directory: &Path) -> Error {
    Error::new(
        Code::LocalServer,
        format!("The disk that holds {} is full, so the local server cannot start.", directory.display()),
    )
    .next_step("Make some room (200 MB is plenty), then start Lectern again. Nothing that was saved is lost.")
}

/// Why a directory cannot be used.
pub fn cannot_write(directory: &Path, cause: io::Error) -> Error {
    let place = directory.display();
    let (message, next) = match cause.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => return disk_full(directory).caused_by(cause),
        io::ErrorKind::PermissionDenied => (
            format!("Your account may not read and write the data directory {place}."),
            "Give it back to your account, or set LECTERN_DATA_DIR to a directory of your own.",
        ),
        io::ErrorKind::ReadOnlyFilesystem => (
            format!("The disk that holds {place} can only be read."),
            "Set LECTERN_DATA_DIR to a directory on a disk that can be written.",
        ),
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => (
            format!("Something that is not a directory stands where the local server keeps its data, {place}."),
            "Move it away, or set LECTERN_DATA_DIR to a directory of your own.",
        ),
        _ => (
            format!("The data directory {place} cannot be used: {cause}."),
            "Correct that, or set LECTERN_DATA_DIR to another directory.",
        ),
    };
    Error::new(Code::LocalServer, message).next_step(next).caused_by(cause)
}

pub fn last_line(text: &str) -> String {
    text.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default().to_owned()
}
