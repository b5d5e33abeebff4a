//! Copies of the local data: whole clusters, taken while the server is stopped, with a list of what each file has to be.

use std::{
    fs::{self, File},
    io::{self, Read},
    os::fd::AsRawFd,
    path::{Path, PathBuf},
};

use ring::digest::{Context, SHA256};

use super::{account::is_root, cluster::Cluster, refusals::cannot_write};
use crate::error::{Code, Error, Result};

/// Copies made before a migration; older ones make room.
const KEPT: usize = 3;
const BEFORE: &str = "-before-migration-";
/// Beside the files of a copy, as `sha256sum --check` reads it; copies made by hand have none.
const LIST: &str = "lectern-backup.sha256";

/// A new name in the directory of backups: sorted by time, told apart by what it was made for.
pub fn name(cluster: &Cluster, purpose: &str) -> Result<PathBuf> {
    let place = cluster.directory.join("backups");
    fs::create_dir_all(&place).map_err(|cause| cannot_write(&place, cause))?;
    Ok(place.join(format!("{}{purpose}", crate::clock::now().format("%Y%m%dT%H%M%S%3fZ"))))
}

/// Copies the stopped cluster before migration `first` is applied, and lets the oldest such copies go.
pub async fn before_migration(cluster: &Cluster, first: i64) -> Result<PathBuf> {
    let target = name(cluster, &format!("{BEFORE}{first:04}"))?;
    copy_stopped(cluster, &target).await?;
    let place = cluster.directory.join("backups");
    let mut earlier: Vec<PathBuf> = fs::read_dir(&place)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().contains(BEFORE)))
        .collect();
    earlier.sort();
    for old in earlier.iter().rev().skip(KEPT) {
        // One that stays costs room only.
        let _ = fs::remove_dir_all(old);
    }
    Ok(target)
}

/// Copies the cluster, which nobody may have running, to `target`: whole, or not at all.
pub async fn copy_stopped(cluster: &Cluster, target: &Path) -> Result<()> {
    let data = cluster.data();
    let (from, to) = (data.clone(), target.to_owned());
    let needed = tokio::task::spawn_blocking(move || size(&from)).await.unwrap_or(Ok(0)).unwrap_or(0);
    let place = target.parent().unwrap_or(target);
    if super::cluster::free_bytes(place).is_some_and(|free| free < needed + (32 << 20)) {
        return Err(Error::new(
            Code::LocalServer,
            format!(
                "There is no room for a backup of the local data ({} MB) on the disk of {}.",
                needed >> 20,
                place.display()
            ),
        )
        .next_step("Make room, then start Lectern again. Nothing was changed."));
    }
    let unfinished = to.with_extension("unfinished");
    let copy = move || {
        let _ = fs::remove_dir_all(&unfinished);
        let done = copy_exactly(&data, &unfinished)
            .and_then(|()| list(&unfinished))
            .and_then(|list| fs::write(unfinished.join(LIST), list))
            .and_then(|()| sync_all(&unfinished))
            .and_then(|()| fs::rename(&unfinished, &to));
        if done.is_err() {
            let _ = fs::remove_dir_all(&unfinished);
        }
        done
    };
    tokio::task::spawn_blocking(copy)
        .await
        .unwrap_or_else(|panicked| Err(io::Error::other(panicked)))
        .map_err(|cause| cannot_write(place, cause))
}

/// Puts a copied cluster in the place of the data, which is kept beside it. Nobody may have either running. What is not
/// whole is refused before anything is replaced.
pub async fn restore(cluster: &Cluster, backup: &Path) -> Result<PathBuf> {
    let refused = |cause| cannot_write(&cluster.directory, cause);
    let replaced = name(cluster, "-replaced")?;
    let (from, to) = (backup.to_owned(), cluster.directory.join("data.restored"));
    let copy = move || {
        let _ = fs::remove_dir_all(&to);
        copy_exactly(&from, &to)?;
        let wrong = match fs::read_to_string(from.join(LIST)) {
            Ok(due) => differing(&due, &list(&to)?),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => None,
            Err(cause) => return Err(cause),
        };
        if wrong.is_some() {
            fs::remove_dir_all(&to)?;
        }
        sync_all(to.parent().unwrap_or(&to)).map(|()| (to, wrong))
    };
    let (restored, wrong) = tokio::task::spawn_blocking(copy)
        .await
        .unwrap_or_else(|panicked| Err(io::Error::other(panicked)))
        .map_err(refused)?;
    if let Some(file) = wrong {
        return Err(damaged(backup, &format!("{file} is not as it was written")));
    }
    if cluster.exists() {
        fs::rename(cluster.data(), &replaced).map_err(refused)?;
    }
    if let Err(cause) = fs::rename(&restored, cluster.data()) {
        put_back(cluster, &replaced);
        return Err(refused(cause));
    }
    Ok(replaced)
}

/// The data as it was before a restore that came to nothing.
pub fn put_back(cluster: &Cluster, replaced: &Path) {
    let _ = fs::remove_dir_all(cluster.data());
    if replaced.exists()
        && let Err(error) = fs::rename(replaced, cluster.data())
    {
        tracing::error!(%error, "the data stays where a restore had put it aside");
    }
}

pub fn damaged(backup: &Path, why: &str) -> Error {
    Error::new(
        Code::LocalServer,
        format!("The backup {} is damaged ({why}), so your data stay as they are.", backup.display()),
    )
    .next_step("Choose another one of the directories in `backups`.")
}

/// PostgreSQL's major version of a copy.
///
/// # Errors
/// `localServer` when `backup` is no copy of a cluster.
pub fn major(backup: &Path) -> Result<u32> {
    let version = fs::read_to_string(backup.join("PG_VERSION")).ok().and_then(|text| text.trim().parse().ok());
    version.filter(|_| backup.join("global/pg_control").is_file()).ok_or_else(|| {
        Error::new(Code::LocalServer, format!("{} is not a backup of a local database.", backup.display())).next_step(
            "Choose one of the directories in `backups` beside the data, or what `lectern serve-local backup` printed.",
        )
    })
}

/// A line for each file below `directory`, sorted.
fn list(directory: &Path) -> io::Result<String> {
    let mut lines = Vec::new();
    let mut open = vec![directory.to_owned()];
    while let Some(place) = open.pop() {
        for entry in fs::read_dir(&place)? {
            let path = entry?.path();
            let meta = fs::symlink_metadata(&path)?;
            if meta.is_dir() {
                open.push(path);
            } else if meta.is_file() {
                let name = path.strip_prefix(directory).unwrap_or(&path).display().to_string();
                lines.push(format!("{}  {name}\n", digest(&path)?));
            }
        }
    }
    lines.sort_by(|one, other| one.get(66..).cmp(&other.get(66..)));
    Ok(lines.concat())
}

fn digest(path: &Path) -> io::Result<String> {
    let (mut file, mut context, mut block) = (File::open(path)?, Context::new(&SHA256), vec![0; 1 << 16]);
    loop {
        match file.read(&mut block)? {
            0 => return Ok(hex::encode(context.finish())),
            read => context.update(block.get(..read).unwrap_or_default()),
        }
    }
}

/// The first file that is missing, or not what it was.
fn differing(due: &str, found: &str) -> Option<String> {
    let found: std::collections::HashSet<&str> = found.lines().collect();
    due.lines().find(|line| !found.contains(line)).map(|line| line.get(66..).unwrap_or(line).to_owned())
}

fn size(path: &Path) -> io::Result<u64> {
    let meta = fs::symlink_metadata(path)?;
    if !meta.is_dir() {
        return Ok(meta.len());
    }
    fs::read_dir(path)?.try_fold(0, |sum, entry| Ok(sum + size(&entry?.path())?))
}

fn copy_exactly(from: &Path, to: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    let meta = fs::symlink_metadata(from)?;
    if meta.is_dir() {
        fs::create_dir(to)?;
        fs::set_permissions(to, meta.permissions())?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            if entry.file_name() != "postmaster.pid" && entry.file_name() != LIST {
                copy_exactly(&entry.path(), &to.join(entry.file_name()))?;
            }
        }
    } else if meta.is_symlink() {
        std::os::unix::fs::symlink(fs::read_link(from)?, to)?;
    } else {
        fs::copy(from, to)?;
    }
    // Only root may give files away, and only root has them from another account.
    if is_root() { std::os::unix::fs::lchown(to, Some(meta.uid()), Some(meta.gid())) } else { Ok(()) }
}

/// Until this returns, a power cut could leave a backup with holes.
fn sync_all(directory: &Path) -> io::Result<()> {
    let directory = File::open(directory)?;
    #[cfg(target_os = "linux")]
    // SAFETY: the descriptor is open for as long as `directory` lives.
    if unsafe { libc::syncfs(directory.as_raw_fd()) } != 0 {
        return Err(io::Error::last_os_error());
    }
    directory.sync_all()
}
