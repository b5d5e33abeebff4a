//! One PostgreSQL data directory and the server on it: made whole or not at all, started, recognised, stopped.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom},
    os::unix::{
        ffi::OsStrExt,
        fs::{MetadataExt, OpenOptionsExt, PermissionsExt, chown},
    },
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use super::{
    account::{Account, run_as},
    binaries::Binaries,
    refusals::{cannot_write, disk_full, explain, last_line},
    secrets::{Secrets, verifier},
};
use crate::error::{Code, Error, Result};

/// A Unix socket's path fits into this many bytes on every system Lectern runs on (`sun_path`, with its end).
const SOCKET_PATH_MAX: usize = if cfg!(target_os = "linux") { 107 } else { 103 };
pub const PORT: u16 = 5432;
pub const SUPERUSER: &str = "postgres";
/// A new cluster is about 40 MB and its first journal 16 MB; below this the start is refused in words.
const ROOM_FOR_A_CLUSTER: u64 = 128 << 20;
const UNFINISHED: &str = "data.unfinished-";
const ROOM_TO_START: u64 = 24 << 20;

/// The files of one local server, below one directory.
#[derive(Clone, Debug)]
pub struct Cluster {
    pub directory: PathBuf,
    pub account: Option<Account>,
}

/// What `postmaster.pid` says (PostgreSQL's `miscadmin.h`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Postmaster {
    pub process: i32,
    pub phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Starting,
    Ready,
    Stopping,
}

impl Cluster {
    pub fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    pub fn sockets(&self) -> PathBuf {
        self.directory.join("run")
    }

    pub fn log(&self) -> PathBuf {
        self.directory.join("server.log")
    }

    pub fn exists(&self) -> bool {
        self.data().join("PG_VERSION").is_file()
    }

    /// The major version the data was made by.
    pub fn major(&self) -> Option<u32> {
        fs::read_to_string(self.data().join("PG_VERSION")).ok()?.trim().parse().ok()
    }

    /// Makes the directory, closed to everybody but its owner and the server's account.
    pub fn prepare_directory(&self) -> Result<()> {
        let refused = |cause| cannot_write(&self.directory, cause);
        let socket = self.sockets().join(format!(".s.PGSQL.{PORT}"));
        if socket.as_os_str().as_bytes().len() > SOCKET_PATH_MAX {
            return Err(Error::new(
                Code::LocalServer,
                format!(
                    "The path of the data directory is too long: {} would be {} bytes, and a socket's path holds {SOCKET_PATH_MAX}.",
                    socket.display(),
                    socket.as_os_str().as_bytes().len()
                ),
            )
            .next_step("Set LECTERN_DATA_DIR to a directory with a shorter path."));
        }
        fs::create_dir_all(&self.directory).map_err(refused)?;
        let meta = fs::metadata(&self.directory).map_err(refused)?;
        // SAFETY: geteuid reads one number of this process and cannot fail (POSIX).
        if meta.uid() != unsafe { libc::geteuid() } {
            return Err(Error::new(
                Code::LocalServer,
                format!("The data directory {} belongs to another account.", self.directory.display()),
            )
            .next_step("Start Lectern as that account, or set LECTERN_DATA_DIR to a directory of your own."));
        }
        let mode = if self.account.is_some() { 0o711 } else { 0o700 };
        fs::set_permissions(&self.directory, fs::Permissions::from_mode(mode)).map_err(refused)?;
        self.own_directory(&self.sockets()).map_err(refused)?;
        if let Some(account) = &self.account
            && !account.may_enter(&self.directory)
        {
            return Err(Error::new(
                Code::LocalServer,
                format!(
                    "PostgreSQL does not run as root, and the account {} it runs as cannot reach {}.",
                    account.name,
                    self.directory.display()
                ),
            )
            .next_step(
                "Set LECTERN_DATA_DIR to a directory every account can pass through, such as /var/lib/lectern.",
            ));
        }
        Ok(())
    }

    fn own_directory(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
        self.give(path)
    }

    /// Gives `path` to the account the server runs as.
    pub fn give(&self, path: &Path) -> io::Result<()> {
        self.account.as_ref().map_or(Ok(()), |account| chown(path, Some(account.uid), Some(account.gid)))
    }

    /// Makes the cluster. Until the last step it stands under another name, so what an interrupted attempt left is never
    /// taken for a cluster; the next attempt removes it.
    pub async fn initialize(&self, binaries: &Binaries, secrets: &Secrets) -> Result<()> {
        let refused = |cause| cannot_write(&self.directory, cause);
        self.require_room(ROOM_FOR_A_CLUSTER)?;
        self.remove_unfinished().map_err(refused)?;
        // A name of its own: an initdb that outlived its killed parent goes on writing under the name it was given.
        let unfinished = self.directory.join(format!("{UNFINISHED}{}", hex::encode(*crate::ids::random::<4>()?)));
        self.own_directory(&unfinished).map_err(refused)?;
        let password = self.sockets().join("initdb");
        super::secrets::write_whole(&password, secrets.superuser.as_bytes()).map_err(refused)?;
        self.give(&password).map_err(refused)?;

        let mut initdb = Command::new(binaries.bin.join("initdb"));
        initdb.args(["--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums"]);
        initdb.args(["--auth-local=scram-sha-256", "--auth-host=reject", "--username", SUPERUSER]);
        // Lists that people read are sorted by an ICU collation of their own; everything else compares by code point,
        // which no upgrade of the system's libraries ever changes under an index.
        match binaries.major {
            17.. => initdb.args(["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]),
            _ => initdb.args(["--locale-provider=icu", "--icu-locale=und"]),
        };
        initdb.arg("--pgdata").arg(&unfinished).arg("--pwfile").arg(&password);
        plain_environment(&mut initdb);
        let mut initdb: tokio::process::Command = {
            run_as(&mut initdb, self.account.as_ref());
            initdb.into()
        };
        let output = initdb.stdin(Stdio::null()).kill_on_drop(true).output().await;
        let _ = fs::remove_file(&password);
        let output = output.map_err(|cause| {
            Error::new(Code::LocalServer, "The program that creates the local database does not start.")
                .next_step(format!("Check that {} is complete and may be executed.", binaries.bin.display()))
                .caused_by(cause)
        })?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            let _ = remove(&unfinished);
            return Err(explain(&said, &self.directory).unwrap_or_else(|| {
                Error::new(Code::LocalServer, format!("The local database could not be created: {}", last_line(&said)))
                    .next_step("Correct what the sentence names, then start Lectern again; nothing was left behind.")
            }));
        }
        fs::rename(&unfinished, self.data()).and_then(|()| File::open(&self.directory)?.sync_all()).map_err(refused)
    }

    fn remove_unfinished(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.directory)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
                // One that is still written to goes at the next start.
                let _ = remove(&entry.path());
            }
        }
        Ok(())
    }

    /// Tells the data of a stopped server new passwords, for when their file was lost. The reach of whoever may do this
    /// is that of whoever may read the data anyway.
    pub async fn tell_password(&self, binaries: &Binaries, secrets: &Secrets) -> Result<()> {
        let statement = format!("alter role {SUPERUSER} password '{}'\n", verifier(&secrets.superuser)?);
        let mut single = Command::new(binaries.bin.join("postgres"));
        single.arg("--single").arg("-D").arg(self.data()).args(["-c", "log_min_messages=fatal", "postgres"]);
        plain_environment(&mut single);
        run_as(&mut single, self.account.as_ref());
        single.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut single: tokio::process::Command = single.into();
        let run = async {
            let mut child = single.kill_on_drop(true).spawn()?;
            if let Some(mut input) = child.stdin.take() {
                tokio::io::AsyncWriteExt::write_all(&mut input, statement.as_bytes()).await?;
            }
            child.wait_with_output().await
        };
        match run.await {
            Ok(output) if output.status.success() && output.stderr.is_empty() => Ok(()),
            Ok(output) => Err(self.failed_start(&String::from_utf8_lossy(&output.stderr))),
            Err(cause) => Err(self.failed_start("").caused_by(cause)),
        }
    }

    /// The server on this data, if one runs.
    pub fn running(&self) -> Option<Postmaster> {
        let text = fs::read_to_string(self.data().join("postmaster.pid")).ok()?;
        let mut lines = text.lines();
        let process: i32 = lines.next()?.trim().parse().ok()?;
        let phase = match lines.nth(6).map(str::trim) {
            Some("ready" | "standby") => Phase::Ready,
            Some("stopping") => Phase::Stopping,
            _ => Phase::Starting,
        };
        // The number alone proves nothing: after a crash another program may carry it.
        self.is_server_process(process).then_some(Postmaster { process, phase })
    }

    /// A server process stands in its data directory.
    fn is_server_process(&self, process: i32) -> bool {
        if !cfg!(target_os = "linux") {
            // SAFETY: signal 0 sends nothing; it asks whether the process is there (POSIX).
            return unsafe { libc::kill(process, 0) == 0 };
        }
        // A link, not a path: what ended but was not waited for has none any more.
        match (fs::read_link(format!("/proc/{process}/cwd")), self.data().canonicalize()) {
            (Ok(stands_in), Ok(data)) => stands_in == data,
            _ => false,
        }
    }

    /// Server processes that outlived their postmaster for a moment.
    fn orphans(&self) -> Vec<i32> {
        fs::read_dir("/proc")
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .filter(|process| self.is_server_process(*process))
            .collect()
    }

    /// Removes what a crashed server left: its last processes, the note of its number, its socket.
    pub async fn clean_after_crash(&self) -> Result<()> {
        let started = Instant::now();
        loop {
            let orphans = self.orphans();
            if orphans.is_empty() {
                break;
            }
            if started.elapsed() > Duration::from_secs(30) {
                return Err(Error::new(Code::LocalServer, "Processes of a crashed local server do not end.")
                    .next_step("Restart the computer, then open Lectern again. Nothing that was saved is lost."));
            }
            if started.elapsed() > Duration::from_secs(2) {
                orphans.into_iter().for_each(|process| signal(process, libc::SIGQUIT));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        // Only now: while a process of the old server lives, this note is what keeps a second one off the data.
        for left in [self.data().join("postmaster.pid"), self.sockets()] {
            remove(&left).map_err(|cause| cannot_write(&self.directory, cause))?;
        }
        self.own_directory(&self.sockets()).map_err(|cause| cannot_write(&self.directory, cause))
    }

    /// Starts the server and waits until it takes connections; `recovering` is called once when that takes long.
    pub async fn launch(&self, binaries: &Binaries, recovering: impl FnOnce()) -> Result<()> {
        self.require_room(ROOM_TO_START)?;
        let refused = |cause| cannot_write(&self.directory, cause);
        let data = self.data();
        fs::set_permissions(&data, fs::Permissions::from_mode(0o700)).map_err(refused)?;
        self.turn_log().map_err(refused)?;
        let log = OpenOptions::new().append(true).create(true).mode(0o600).open(self.log()).map_err(refused)?;
        let log_from = log.metadata().map_err(refused)?.len();

        let mut postgres = Command::new(binaries.bin.join("postgres"));
        postgres.arg("-D").arg(&data);
        for setting in self.settings() {
            postgres.arg("-c").arg(setting);
        }
        plain_environment(&mut postgres);
        postgres.stdin(Stdio::null()).stdout(log.try_clone().map_err(refused)?).stderr(log);
        let mut child = run_as(&mut postgres, self.account.as_ref()).spawn().map_err(|cause| {
            Error::new(Code::LocalServer, "The local server's program does not start.")
                .next_step(format!("Check that {} is complete and may be executed.", binaries.bin.display()))
                .caused_by(cause)
        })?;
        let process = i32::try_from(child.id()).unwrap_or_default();
        let (ended, mut has_ended) = tokio::sync::oneshot::channel();
        // Somebody must take note of its end: to the system an unnoticed one still looks alive.
        std::thread::spawn(move || ended.send(child.wait()));

        let started = Instant::now();
        let mut recovering = Some(recovering);
        loop {
            if has_ended.try_recv().is_ok() {
                return Err(self.failed_start(&self.log_since(log_from)));
            }
            if self.running().is_some_and(|server| server.process == process && server.phase == Phase::Ready) {
                return Ok(());
            }
            if started.elapsed() > Duration::from_secs(3)
                && let Some(tell) = recovering.take()
            {
                tell();
            }
            if started.elapsed() > Duration::from_secs(600) {
                signal(process, libc::SIGINT);
                return Err(self.failed_start(&self.log_since(log_from)));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn settings(&self) -> Vec<OsString> {
        let mut sockets = OsString::from("unix_socket_directories=");
        // A list separated by commas, in which quotes protect the rest (PostgreSQL manual, 19.3.1).
        sockets.push("\"");
        sockets.push(self.sockets());
        sockets.push("\"");
        let mut settings = vec![sockets, format!("port={PORT}").into()];
        settings.extend(
            [
                "listen_addresses=",
                "unix_socket_permissions=0700",
                "max_connections=50",
                "shared_buffers=128MB",
                "wal_level=minimal",
                "max_wal_senders=0",
                "password_encryption=scram-sha-256",
                "jit=off",
                "timezone=UTC",
                "log_timezone=UTC",
                "log_destination=stderr",
                "logging_collector=off",
                "log_line_prefix=%m [%p] ",
                // What people type stays out of the log, in statements, parameters and errors alike.
                "log_statement=none",
                "log_min_error_statement=panic",
                "log_parameter_max_length=0",
                "log_parameter_max_length_on_error=0",
                "log_min_messages=log",
                "log_checkpoints=off",
            ]
            .map(OsString::from),
        );
        settings
    }

    /// Stops the server after its clients' transactions ended one way or the other, and waits for it.
    pub async fn stop(&self) -> Result<()> {
        let started = Instant::now();
        let mut told = false;
        while let Some(server) = self.running() {
            // Fast: clients are sent away, everything committed is written.
            if !told || server.phase != Phase::Stopping {
                signal(server.process, libc::SIGINT);
                told = true;
            }
            if started.elapsed() > Duration::from_secs(120) {
                return Err(Error::new(Code::LocalServer, "The local server does not stop.").next_step(format!(
                    "Read {}; restarting the computer stops it too, and loses nothing.",
                    self.log().display()
                )));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// Asks the server to stop and does not wait.
    pub fn ask_to_stop(&self) {
        if let Some(server) = self.running() {
            signal(server.process, libc::SIGINT);
        }
    }

    fn turn_log(&self) -> io::Result<()> {
        const LONG: u64 = 4 << 20;
        match fs::metadata(self.log()) {
            Ok(meta) if meta.len() > LONG => fs::rename(self.log(), self.directory.join("server.log.1")),
            _ => Ok(()),
        }
    }

    fn log_since(&self, position: u64) -> String {
        let mut text = String::new();
        let read = File::open(self.log()).and_then(|mut log| {
            log.seek(SeekFrom::Start(position))?;
            log.take(64 << 10).read_to_string(&mut text)
        });
        read.map(|_| text).unwrap_or_default()
    }

    fn failed_start(&self, said: &str) -> Error {
        explain(said, &self.directory).unwrap_or_else(|| {
            let line = last_line(said);
            let detail = if line.is_empty() { String::new() } else { format!(": {line}") };
            Error::new(Code::LocalServer, format!("The local server did not start{detail}"))
                .next_step(format!("Read {}, then start Lectern again.", self.log().display()))
        })
    }

    pub fn require_room(&self, bytes: u64) -> Result<()> {
        match free_bytes(&self.directory) {
            Some(free) if free < bytes => Err(disk_full(&self.directory)),
            _ => Ok(()),
        }
    }
}

/// The environment of a person can change what PostgreSQL does (`PGDATA`, `LC_ALL`, `LD_PRELOAD`); the server gets none.
fn plain_environment(command: &mut Command) {
    command.env_clear().env("LC_ALL", "C.UTF-8").env("TZ", "UTC").current_dir("/");
}

fn signal(process: i32, signal: i32) {
    if process > 1 {
        // SAFETY: sends a signal to a process found to be this server; a failure means it is gone (POSIX).
        unsafe { libc::kill(process, signal) };
    }
}

fn remove(path: &Path) -> io::Result<()> {
    let outcome = match fs::symlink_metadata(path) {
        Ok(meta) if meta.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(cause) => Err(cause),
    };
    outcome.or_else(|cause| if cause.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(cause) })
}

/// Room for this account on the disk that holds `path`.
pub fn free_bytes(path: &Path) -> Option<u64> {
    let path = std::ffi::CString::new(path.as_os_str().as_bytes()).ok()?;
    let mut answer = std::mem::MaybeUninit::<libc::statvfs>::uninit();
    // SAFETY: the path ends with a zero byte and `answer` is large enough; it is read only when the call succeeded.
    let answer = unsafe {
        if libc::statvfs(path.as_ptr(), answer.as_mut_ptr()) != 0 {
            return None;
        }
        answer.assume_init()
    };
    #[allow(clippy::useless_conversion, reason = "these are narrower on other systems")]
    Some(u64::from(answer.f_bavail).saturating_mul(u64::from(answer.f_frsize)))
}
