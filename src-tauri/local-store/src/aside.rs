//! A damaged file is never deleted: it gets another name, and a new one can be begun in its place.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::files;

/// What belongs to a file: its journal, the journal's index, and the contents of attached files.
const BESIDE: [&str; 3] = ["-wal", "-shm", ".files"];

/// Moves a damaged file aside, with everything that belongs to it. Answers its new name.
///
/// # Errors
/// The disk's. Called again, or when the file is opened next, it goes on where it was.
pub fn set_aside(path: &Path) -> Result<PathBuf> {
    let free = |number: &u32| !name(path, *number).exists();
    let aside = name(path, (1..u32::MAX).find(free).unwrap_or(u32::MAX));
    // The file first: while it stands at its place its journal must.
    files::rename(path, &aside)?;
    move_beside(path, &aside)?;
    Ok(aside)
}

/// Finishes what was cut off between the file and its journal: a journal must never meet another file.
pub(crate) fn finish(path: &Path) -> Result<()> {
    if path.exists() {
        return Ok(());
    }
    match (1..u32::MAX).map(|number| name(path, number)).take_while(|aside| aside.exists()).last() {
        Some(aside) => move_beside(path, &aside),
        None if files::sibling(path, "-wal").exists() => {
            // A journal whose file was taken away by somebody: nothing can be read from it alone, and it is kept.
            move_beside(path, &name(path, 1))
        }
        None => Ok(()),
    }
}

fn move_beside(path: &Path, aside: &Path) -> Result<()> {
    for part in BESIDE {
        let (from, to) = (files::sibling(path, part), files::sibling(aside, part));
        if from.exists() {
            if to.exists() {
                return Err(Error::Taken { path: to });
            }
            files::rename(&from, &to)?;
        }
    }
    Ok(())
}

fn name(path: &Path, number: u32) -> PathBuf {
    files::sibling(path, &format!(".damaged-{number}"))
}
