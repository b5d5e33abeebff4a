//! Files and directories nobody else on this computer can read, and names that stay after a power cut.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// The path with something behind its name.
pub(crate) fn sibling(path: &Path, behind: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(behind);
    name.into()
}

/// Makes the directory and those above it, for this account alone.
pub(crate) fn create_directory(path: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| Error::io(path, error))
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes an empty file only this account can read. Answers nothing when it is there; `anew` empties it instead.
pub(crate) fn create_private(path: &Path, anew: bool) -> Result<Option<File>> {
    if anew {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(Error::io(path, error)),
            _ => {}
        }
    }
    match private().create_new(true).open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(None),
        Err(error) => Err(Error::io(path, error)),
    }
}

/// Opens a file to write in, made if it is not there.
pub(crate) fn open_private(path: &Path) -> Result<File> {
    private().create(true).truncate(false).open(path).map_err(|error| Error::io(path, error))
}

/// A file others could read, copied here or unpacked from a backup, is for this account alone again.
pub(crate) fn make_private(path: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(path).map_err(|error| Error::io(path, error))?.permissions().mode();
        if mode & 0o077 != 0 {
            fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(|error| Error::io(path, error))?;
        }
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

pub(crate) fn sync(path: &Path) -> Result<()> {
    let synced = OpenOptions::new().read(true).write(true).open(path).and_then(|file| file.sync_all());
    synced.map_err(|error| Error::io(path, error))
}

/// Renames so that the new name is there after a power cut.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).map_err(|error| Error::io(to, error))?;
    to.parent().map_or(Ok(()), sync_directory)
}

/// Names made or changed in the directory are there after a power cut. Windows does so by itself.
pub(crate) fn sync_directory(path: &Path) -> Result<()> {
    #[cfg(unix)]
    File::open(path).and_then(|directory| directory.sync_all()).map_err(|error| Error::io(path, error))?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Tells this very file from a copy of it: a copy gets a number and a time of birth of its own, a renamed file keeps them.
pub(crate) fn identity(path: &Path) -> Result<Vec<u8>> {
    let about = fs::metadata(path).map_err(|error| Error::io(path, error))?;
    let born = about.created().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    let born = born.map_or(0, |since| since.as_nanos());
    #[cfg(unix)]
    let number = std::os::unix::fs::MetadataExt::ino(&about);
    #[cfg(not(unix))]
    let number = 0_u64;
    let mut identity = number.to_le_bytes().to_vec();
    identity.extend_from_slice(&born.to_le_bytes());
    Ok(identity)
}
