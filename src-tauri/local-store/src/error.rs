//! What can go wrong with the file, told to the person whose drafts are in it.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;
use rusqlite::ffi;

/// Every one leaves what was acknowledged before as it is. The text is a sentence for the person, [`Error::next_step`] says
/// what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("The drafts in {} belong to another key, so this account cannot open them.", path.display())]
    NotThisKey { path: PathBuf },
    #[error("The drafts in {} are damaged.", path.display())]
    Damaged { path: PathBuf },
    /// Left alone: this build does not know what is in it.
    #[error("The drafts in {} were last opened by a newer Lectern.", path.display())]
    Newer { path: PathBuf },
    #[error("The disk is full, so this was not saved. Everything saved before is still there.")]
    DiskFull { path: PathBuf },
    #[error("{} cannot be read or written.", path.display())]
    Unreachable {
        path: PathBuf,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    #[error("Another program keeps {} to itself.", path.display())]
    HeldElsewhere { path: PathBuf },
    #[error("This computer gives no random numbers, so nothing can be sealed.")]
    NoRandomness,
    /// [`crate::LocalStore::write_blocks`] on a lesson whose text is not here.
    #[error("The text of this lesson is not on this computer yet.")]
    NotDownloaded,
    #[error("This lesson is not on this computer.")]
    NoSuchLesson,
    /// [`crate::LocalStore::write_blocks`] was given an order with blocks nobody ever wrote here: the whole document must
    /// be written first ([`sync_core::Machine::write`]).
    #[error("The lesson has to be written whole before it is written block by block.")]
    BlocksMissing,
    #[error("This is not a block of a lesson.")]
    NotABlock,
    #[error("This file is not attached to the course on this computer.")]
    NoSuchFile,
    /// What came is not what its name says; it was thrown away and is asked for anew.
    #[error("What arrived of the file is not what its name says.")]
    NotThisFile,
    #[error("The content of {name} on this computer is damaged.")]
    FileDamaged { name: String },
    #[error("A file may have 256 MiB at most.")]
    FileTooLarge,
    #[error("The file cannot be read.")]
    Unreadable,
    #[error("The file cannot be written there.")]
    Unwritable,
    #[error("{} is already in use.", path.display())]
    Taken { path: PathBuf },
}

pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// What the person can do.
    #[must_use]
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::NotThisKey { .. } => {
                "Nothing was changed. Sign in with the account that wrote them on this computer, or bring back its keyring."
            }
            Self::Damaged { .. } => {
                "Export what can still be read, then begin anew: the damaged file is kept beside the new one."
            }
            Self::Newer { .. } => "Nothing was changed. Update Lectern on this computer and open them again.",
            Self::DiskFull { .. } => "Make room on the disk and go on writing; it is saved again then.",
            Self::Unreachable { .. } => "Check that the disk is there and that this account may write to it.",
            Self::HeldElsewhere { .. } => "Close the other program (a backup, perhaps) and try again.",
            Self::NoRandomness => "Restart the computer; if it happens again, its operating system needs repair.",
            Self::NotDownloaded => "Connect to the server and wait until the lesson has arrived.",
            Self::NoSuchLesson => "Open the course again.",
            Self::BlocksMissing | Self::NotABlock => "Open the lesson again.",
            Self::NoSuchFile => "Attach the file again.",
            Self::NotThisFile => "It is downloaded again by itself.",
            Self::FileDamaged { .. } => "It is downloaded again if the server has it; else attach it again.",
            Self::FileTooLarge => "Split it, or link to a place where it can be had.",
            Self::Unreadable => "Check that it is still there and that this account may read it.",
            Self::Unwritable => "Choose another folder, or make room there.",
            Self::Taken { .. } => "Choose another name.",
        }
    }

    pub(crate) fn damaged(path: &Path) -> Self {
        Self::Damaged { path: path.to_owned() }
    }

    pub(crate) fn io(path: &Path, error: io::Error) -> Self {
        let path = path.to_owned();
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { path },
            io::ErrorKind::AlreadyExists => Self::Taken { path },
            _ => Self::Unreachable { path, source: Box::new(error) },
        }
    }

    pub(crate) fn sqlite(path: &Path, error: rusqlite::Error) -> Self {
        let path = path.to_owned();
        let extended = error.sqlite_error().map(|error| error.extended_code);
        match error.sqlite_error_code() {
            // The index of the journal is made longer when the disk is full just then.
            _ if extended == Some(ffi::SQLITE_IOERR_SHMSIZE) => Self::DiskFull { path },
            Some(ErrorCode::DiskFull) => Self::DiskFull { path },
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged { path },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed) => {
                Self::HeldElsewhere { path }
            }
            // A table, column or type that is not what this version of the file has.
            None | Some(ErrorCode::Unknown | ErrorCode::TypeMismatch | ErrorCode::ConstraintViolation) => {
                Self::Damaged { path }
            }
            Some(_) => Self::Unreachable { path, source: Box::new(error) },
        }
    }
}
