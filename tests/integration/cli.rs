//! The command line as people and scripts meet it: the real binary, its exit code, what it prints where, and what the
//! database holds afterwards.

mod audit;
mod check;
mod connections;
mod migrate;
mod people;
mod reaching;
mod secrecy;
mod seed;
mod serve_local;
mod talking;

use std::{
    ffi::OsStr,
    io::Write,
    path::Path,
    process::{Child, Command, Stdio},
};

use serde_json::Value;
use sqlx::{AssertSqlSafe, PgConnection};
use tempfile::TempDir;

use crate::harness::{self, Fresh};

/// One account's `lectern`, with folders of its own and no keyring.
struct Account {
    home: TempDir,
}

struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Account {
    fn new() -> Self {
        Self { home: tempfile::tempdir().unwrap() }
    }

    fn logs(&self) -> String {
        let Ok(files) = std::fs::read_dir(self.home.path().join("logs")) else { return String::new() };
        files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect()
    }

    fn command<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lectern"));
        command
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.home.path())
            .env("LECTERN_CONFIG_DIR", self.home.path().join("config"))
            .env("LECTERN_DATA_DIR", self.home.path().join("data"))
            .env("LECTERN_LOG_DIR", self.home.path().join("logs"))
            // No bus: whatever keyring the machine has is not this test's.
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        for kept in ["LLVM_PROFILE_FILE", "LECTERN_POSTGRESQL"] {
            if let Some(value) = std::env::var_os(kept) {
                command.env(kept, value);
            }
        }
        command
    }

    /// With `DATABASE_URL`.
    fn command_on<A: AsRef<OsStr>>(&self, url: &str, arguments: impl IntoIterator<Item = A>) -> Command {
        let mut command = self.command(arguments);
        command.env("DATABASE_URL", url);
        command
    }

    async fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Ran {
        ended(self.command(arguments).spawn().unwrap()).await
    }

    async fn run_on<A: AsRef<OsStr>>(&self, url: &str, arguments: impl IntoIterator<Item = A>) -> Ran {
        ended(self.command_on(url, arguments).spawn().unwrap()).await
    }

    /// With `input` on standard input.
    async fn run_telling<A: AsRef<OsStr>>(
        &self,
        url: &str,
        arguments: impl IntoIterator<Item = A>,
        input: &str,
    ) -> Ran {
        let mut child = self.command_on(url, arguments).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        ended(child).await
    }
}

/// Waits without holding the test's runtime, which may have to answer the child.
async fn ended(child: Child) -> Ran {
    let output = tokio::task::spawn_blocking(move || child.wait_with_output()).await.unwrap().unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Ran {
    #[track_caller]
    fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    /// The person reads all of these.
    #[track_caller]
    fn says(self, sentences: &[&str]) -> Self {
        for sentence in sentences {
            assert!(self.err.contains(sentence), "{sentence:?} is not in what was said:\n{}", self.err);
        }
        self
    }

    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }
}

/// An empty database on the shared server: the address of its owner, and the server itself kept alive.
async fn empty() -> (Fresh, String) {
    let fresh = harness::fresh().await;
    let name = format!("{}_empty", fresh.name);
    let mut owner = fresh.server().connect_as_owner("postgres").await;
    // Left behind by a database whose test did not get to drop it, with the server itself.
    run_sql(&mut owner, &format!("create database {name}")).await;
    let url = fresh.server().owner_url(&name);
    (fresh, url)
}

async fn run_sql(connection: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.unwrap();
}

async fn count(connection: &mut PgConnection, sql: &str) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(connection).await.unwrap()
}

/// Asks the database until the answer is yes. Bounded by the database's own clock, never by a sleep of ours.
async fn until(connection: &mut PgConnection, question: &str) {
    let began: f64 = sqlx::query_scalar("select extract(epoch from clock_timestamp())::float8")
        .fetch_one(&mut *connection)
        .await
        .unwrap();
    loop {
        let (yes, now): (bool, f64) = sqlx::query_as(AssertSqlSafe(format!(
            "select coalesce(({question}), false), extract(epoch from clock_timestamp())::float8"
        )))
        .fetch_one(&mut *connection)
        .await
        .unwrap();
        if yes {
            return;
        }
        assert!(now - began < 30.0, "never came true: {question}");
        tokio::task::yield_now().await;
    }
}

fn signal(child: &Child, signal: i32) {
    let id = i32::try_from(child.id()).unwrap();
    // SAFETY: kill(2) with the id of a child that was not waited for yet, so it cannot be anybody else's.
    assert_eq!(unsafe { libc::kill(id, signal) }, 0);
}

fn write_script(folder: &Path, name: &str, text: &str) -> std::path::PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}
