//! A damaged file is never deleted: it gets another name, and a new one can be begun in its place.

use std::path::{Path, PathBuf};

use crate::error::Result;
use crate::files;

/// What belongs to a file: its journal, the journal's index, and the contents of attached files.
const BESIDE: [&str; 3] = ["-wal", "-shm", ".files"];

/// Moves a damaged file aside, with everything that belongs to it. Answers its new name.
///
/// # Errors
/// The disk's. What was cut off is finished when the file is opened next.
pub fn set_aside(path: &Path) -> Result<PathBuf> {
    let aside = free(path);
    // The file first: while it stands at its place its journal must.
    files::rename(path, &aside)?;
    move_beside(path, &aside)?;
    Ok(aside)
}

/// Finishes what was cut off between the file and its journal: a journal must never meet another file. One whose file
/// somebody took away is kept aside as well.
pub(crate) fn finish(path: &Path) -> Result<()> {
    if path.exists() || BESIDE.iter().all(|part| !files::sibling(path, part).exists()) {
        return Ok(());
    }
    let last = (1..).map(|number| name(path, number)).take_while(|aside| aside.exists()).last();
    let has_room = |aside: &PathBuf| BESIDE.iter().all(|part| !files::sibling(aside, part).exists());
    move_beside(path, &last.filter(has_room).unwrap_or_else(|| free(path)))
}

fn move_beside(path: &Path, aside: &Path) -> Result<()> {
    for part in BESIDE {
        let from = files::sibling(path, part);
        if from.exists() {
            files::rename(&from, &files::sibling(aside, part))?;
        }
    }
    Ok(())
}

/// A name under which nothing stands yet.
fn free(path: &Path) -> PathBuf {
    let is_free = |aside: &PathBuf| !aside.exists() && BESIDE.iter().all(|part| !files::sibling(aside, part).exists());
    let mut number = 1;
    while !is_free(&name(path, number)) {
        number += 1;
    }
    name(path, number)
}

fn name(path: &Path, number: u32) -> PathBuf {
    files::sibling(path, &format!(".damaged-{number}"))
}
