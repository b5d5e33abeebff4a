//! Who uses a local server. Each user holds a lock on a file of its own, which the system lets go when the process ends,
//! however it ends; whoever starts or stops the server holds the one lock of the directory.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use super::refusals::cannot_write;
use crate::error::{Code, Error, Result};

/// One program that uses the server.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct User {
    pub process: u32,
    /// As `lectern-desktop`.
    pub program: String,
}

/// The right to start or stop the server of a directory; given back when dropped.
#[derive(Debug)]
pub struct Turn {
    _file: File,
}

impl Turn {
    /// Waits its turn up to `patience`; `waiting` is called once if it must.
    ///
    /// # Errors
    /// `localServer` when somebody else does not finish, or the directory cannot be written.
    pub async fn wait(directory: &Path, patience: Duration, waiting: impl FnOnce()) -> Result<Self> {
        let file = open(&directory.join("lock")).map_err(|cause| cannot_write(directory, cause))?;
        let mut waiting = Some(waiting);
        let started = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::Error(cause)) => return Err(cannot_write(directory, cause)),
                Err(TryLockError::WouldBlock) if started.elapsed() >= patience => {
                    return Err(Error::new(
                        Code::LocalServer,
                        format!(
                            "Another Lectern program has been starting or stopping the local server for {} seconds.",
                            patience.as_secs()
                        ),
                    )
                    .next_step("Close the other Lectern windows and programs, then try again."));
                }
                Err(TryLockError::WouldBlock) => {
                    if let Some(tell) = waiting.take() {
                        tell();
                    }
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }

    /// The turn if nobody else has it at this moment.
    #[must_use]
    pub fn now(directory: &Path) -> Option<Self> {
        let file = open(&directory.join("lock")).ok()?;
        file.try_lock().ok().map(|()| Self { _file: file })
    }
}

fn open(file: &Path) -> std::io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(file)
}

/// A user's own registration. It counts for as long as this value and its process live.
#[derive(Debug)]
pub struct Registration {
    path: PathBuf,
    _file: File,
}

impl Registration {
    /// Registers this process.
    ///
    /// # Errors
    /// `localServer` when the directory cannot be written.
    pub fn new(directory: &Path, _turn: &Turn) -> Result<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let users = directory.join("users");
        let path = users.join(format!("{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed)));
        let program = std::env::current_exe()
            .ok()
            .and_then(|exe| Some(exe.file_name()?.to_string_lossy().into_owned()))
            .unwrap_or_else(|| "lectern".to_owned());
        let register = || {
            fs::create_dir_all(&users)?;
            let mut file = open(&path)?;
            // A process of an earlier time may have had the same number; its lock died with it. Whoever asks holds a lock for a moment only.
            file.lock()?;
            file.set_len(0)?;
            file.write_all(program.as_bytes())?;
            Ok(file)
        };
        register().map(|file| Self { path: path.clone(), _file: file }).map_err(|cause| cannot_write(directory, cause))
    }

    /// Ends it; the file goes too.
    pub fn end(self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// The programs that use the server now. Registrations of ended processes are left alone.
#[must_use]
pub fn living(directory: &Path) -> Vec<User> {
    all(directory).into_iter().filter(|(_, lives, _)| *lives).map(|(_, _, user)| user).collect()
}

/// The same, and what ended processes left behind is removed.
#[must_use]
pub fn tidy(directory: &Path, _turn: &Turn) -> Vec<User> {
    let mut living = Vec::new();
    for (path, lives, user) in all(directory) {
        if lives {
            living.push(user);
        } else {
            let _ = fs::remove_file(path);
        }
    }
    living
}

fn all(directory: &Path) -> Vec<(PathBuf, bool, User)> {
    let mut users: Vec<_> = fs::read_dir(directory.join("users"))
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name();
            let process = name.to_str()?.split('-').next()?.parse().ok()?;
            let path = entry.path();
            let program = fs::read_to_string(&path).ok()?;
            // A shared lock suffices to ask, and two who ask at once do not take each other for users.
            let lives = matches!(File::open(&path).ok()?.try_lock_shared(), Err(TryLockError::WouldBlock));
            Some((path, lives, User { process, program }))
        })
        .collect();
    users.sort_by_key(|(_, _, user)| user.process);
    users
}
