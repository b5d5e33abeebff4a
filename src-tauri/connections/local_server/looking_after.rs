//! Looking after a local server without using it.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{
    Options, backups,
    cluster::Phase,
    fitting, in_use, kept,
    users::{self, Turn, User},
};
use crate::error::{Code, Error, Result};

/// How a local server is doing.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    pub state: State,
    pub directory: PathBuf,
    /// PostgreSQL's major version of the data; none before the first start.
    pub major: Option<u32>,
    pub process: Option<i32>,
    pub users: Vec<User>,
    /// Stays running when nobody uses it.
    pub is_kept: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// Never started.
    Absent,
    Stopped,
    Starting,
    Running,
    Stopping,
}

/// Looks, and changes nothing.
///
/// # Errors
/// `localServer` when root has no account to run it.
pub fn status(options: &Options) -> Result<Status> {
    let cluster = options.cluster()?;
    let running = cluster.running();
    Ok(Status {
        state: match running.map(|server| server.phase) {
            None if cluster.exists() => State::Stopped,
            None => State::Absent,
            Some(Phase::Starting) => State::Starting,
            Some(Phase::Ready) => State::Running,
            Some(Phase::Stopping) => State::Stopping,
        },
        directory: options.directory.clone(),
        major: cluster.major(),
        process: running.map(|server| server.process),
        users: users::living(&options.directory),
        is_kept: running.is_some() && kept(&options.directory).exists(),
    })
}

/// Stops a server nobody uses, whatever left it running. True when one was running.
///
/// # Errors
/// `localServer` when programs use it, or it does not stop.
pub async fn stop(options: &Options) -> Result<bool> {
    let cluster = options.cluster()?;
    if !options.directory.is_dir() {
        return Ok(false);
    }
    let turn = Turn::wait(&options.directory, options.patience, || ()).await?;
    let users = users::tidy(&options.directory, &turn);
    if let Some(user) = users.first() {
        return Err(Error::new(
            Code::LocalServer,
            format!("The local server is in use by {} (process {}).", user.program, user.process),
        )
        .next_step("Close it; the last one out stops the server."));
    }
    let was_running = cluster.running().is_some();
    let _ = std::fs::remove_file(kept(&options.directory));
    cluster.stop().await?;
    Ok(was_running)
}

/// Puts a copy made by [`LocalServer::back_up`](super::LocalServer::back_up) or before a migration in the place of the data,
/// and sees that it starts; gives where the replaced data was kept.
///
/// # Errors
/// `localServer` when the server is in use, or `backup` is no copy of a cluster, damaged, or does not start; then the data are
/// as they were.
pub async fn restore(options: &Options, backup: &Path) -> Result<PathBuf> {
    let binaries = fitting(options, backup, backups::major(backup)?)?;
    stop(options).await?;
    let cluster = options.cluster()?;
    cluster.prepare_directory()?;
    let turn = Turn::wait(&options.directory, options.patience, || ()).await?;
    if !users::tidy(&options.directory, &turn).is_empty() || cluster.running().is_some() {
        return Err(in_use("Restoring needs the local server to be stopped"));
    }
    let binaries = binaries.readable_by(cluster.account.as_ref(), &options.directory)?;
    let replaced = backups::restore(&cluster, backup).await?;
    let tried = match cluster.launch(&binaries, || ()).await {
        Ok(()) => cluster.stop().await,
        Err(error) => Err(error),
    };
    if let Err(error) = tried {
        backups::put_back(&cluster, &replaced);
        return Err(backups::damaged(backup, "PostgreSQL does not start with it").caused_by(error));
    }
    Ok(replaced)
}
