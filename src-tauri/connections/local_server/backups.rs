//! Copies of the local data: whole clusters while the server is stopped, or a dump while it runs, where `pg_dump` of the
//! same major version is installed.

use std::{
    fs::{self, File},
    io,
    os::fd::AsRawFd,
    path::{Path, PathBuf},
    process::Stdio,
};

use super::{
    account::is_root,
    binaries::Binaries,
    cluster::{Cluster, PORT, SUPERUSER},
    refusals::cannot_write,
    secrets::Secrets,
};
use crate::error::{Code, Error, Result};

/// Copies made before a migration; older ones make room.
const KEPT: usize = 3;
const BEFORE: &str = "-before-migration-";

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

/// Puts a copied cluster in the place of the data, which is kept beside it. Nobody may have either running.
pub async fn restore(cluster: &Cluster, backup: &Path) -> Result<PathBuf> {
    if !backup.join("PG_VERSION").is_file() {
        return Err(Error::new(Code::LocalServer, format!("{} is not a copy of a local database.", backup.display()))
            .next_step("Choose one of the directories in `backups`."));
    }
    let refused = |cause| cannot_write(&cluster.directory, cause);
    let replaced = name(cluster, "-replaced")?;
    let (from, to) = (backup.to_owned(), cluster.directory.join("data.restored"));
    let copy = move || {
        let _ = fs::remove_dir_all(&to);
        copy_exactly(&from, &to).and_then(|()| sync_all(&to)).map(|()| to)
    };
    let restored = tokio::task::spawn_blocking(copy)
        .await
        .unwrap_or_else(|panicked| Err(io::Error::other(panicked)))
        .map_err(refused)?;
    if cluster.exists() {
        fs::rename(cluster.data(), &replaced).map_err(refused)?;
    }
    fs::rename(&restored, cluster.data()).map_err(refused)?;
    Ok(replaced)
}

/// Dumps `database` of the running server to `target` with `pg_dump`.
pub async fn dump(cluster: &Cluster, pg_dump: &Path, secrets: &Secrets, database: &str, target: &Path) -> Result<()> {
    let unfinished = target.with_extension("unfinished");
    let mut command = tokio::process::Command::new(pg_dump);
    command.args(["--format=custom", "--no-password", "--username", SUPERUSER, "--dbname", database]);
    command.arg("--host").arg(cluster.sockets()).arg("--port").arg(PORT.to_string()).arg("--file").arg(&unfinished);
    // The environment of a process is readable by its own account only, unlike its arguments.
    command.env_clear().env("LC_ALL", "C.UTF-8").env("PGPASSWORD", secrets.superuser.as_str());
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output().await;
    let done = match output {
        Ok(output) if output.status.success() => fs::rename(&unfinished, target),
        Ok(output) => Err(io::Error::other(String::from_utf8_lossy(&output.stderr).trim().to_owned())),
        Err(cause) => Err(cause),
    };
    done.map_err(|cause| {
        let _ = fs::remove_file(&unfinished);
        cannot_write(target.parent().unwrap_or(target), cause)
    })
}

/// The `pg_dump` that goes with the running server, if one is installed.
pub fn pg_dump(binaries: &Binaries) -> Option<PathBuf> {
    let same_major = || Path::new("/usr/lib/postgresql").join(binaries.major.to_string()).join("bin/pg_dump");
    binaries.program("pg_dump").or_else(|| Some(same_major()).filter(|program| program.is_file()))
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
            if entry.file_name() != "postmaster.pid" {
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
