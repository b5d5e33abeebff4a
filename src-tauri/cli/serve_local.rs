use std::path::PathBuf;

use clap::Subcommand;
use serde::Serialize;

use super::{
    Outcome,
    terminal::{Terminal, table},
};
use crate::{
    MIGRATOR,
    connections::local_server::{self, LocalServer, Options, State, Step},
    error::{Error, Result},
};

/// The private local server of this account: a PostgreSQL of its own behind a socket
///
/// Windows and commands start it by themselves and the last one stops it; these commands are for keeping it up, looking at
/// it and taking copies.
#[derive(Subcommand)]
pub(super) enum Command {
    /// Create it if need be, bring its tables up to date, and keep it running until `stop`
    Start,
    /// Stop it; refused while a window or another command uses it
    Stop,
    /// Whether it runs, who uses it, and where its data are; exit code 1 when it does not run
    Status,
    /// Write a backup beside its data and print where
    ///
    /// It is a directory that `restore` reads, with the checksum of every file. The server stops for a moment, so no window
    /// and no other command may use it.
    Backup,
    /// Put a backup in the place of the data; what it replaces is kept and named
    ///
    /// It is checked first, and a damaged one changes nothing. Lectern also makes a backup by itself before it upgrades the
    /// tables; all of them lie in the directory `backups` beside the data.
    Restore {
        /// The directory of a backup
        backup: PathBuf,
        /// Agree to it
        #[arg(long)]
        yes: bool,
        /// Show what would be replaced, and replace nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Print its address for other programs, without the password
    #[command(after_help = "Example: psql \"$(lectern serve-local url)\"")]
    Url,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Running {
    address: String,
    version: String,
    directory: String,
}

pub(super) async fn run(command: &Command, terminal: &Terminal) -> Result<Outcome> {
    let options = Options::usual(None)?;
    match command {
        Command::Start => {
            let server = start(&options, terminal).await?;
            server.keep_running()?;
            let running = running(&server);
            terminal.say(&format!("PostgreSQL {} runs and stays: {}", running.version, running.directory));
            terminal.data(&running, &running.address)?;
            server.leave().await?;
        }
        Command::Stop => {
            #[derive(Serialize)]
            #[serde(rename_all = "camelCase")]
            struct Report {
                was_running: bool,
            }
            let was_running = local_server::stop(&options).await?;
            terminal.say(if was_running {
                "The private local server is stopped."
            } else {
                "Nothing to do: it was not running."
            });
            terminal.data(&Report { was_running }, "")?;
        }
        Command::Status => {
            let status = local_server::status(&options)?;
            let state = match status.state {
                State::Absent => "not created yet",
                State::Stopped => "stopped",
                State::Starting => "starting",
                State::Running => "running",
                State::Stopping => "stopping",
            };
            let users: Vec<String> =
                status.users.iter().map(|user| format!("{} ({})", user.program, user.process)).collect();
            let rows = [
                ["state".to_owned(), state.to_owned()],
                ["data".to_owned(), status.directory.display().to_string()],
                ["PostgreSQL".to_owned(), status.major.map_or_else(|| "–".to_owned(), |major| major.to_string())],
                ["process".to_owned(), status.process.map_or_else(|| "–".to_owned(), |process| process.to_string())],
                ["used by".to_owned(), if users.is_empty() { "nobody".to_owned() } else { users.join(", ") }],
                ["stays running".to_owned(), if status.is_kept { "yes" } else { "no" }.to_owned()],
            ];
            terminal.data(&status, &table(["FIELD", "VALUE"], &rows))?;
            return Ok(if status.state == State::Running { Outcome::Done } else { Outcome::Refused });
        }
        Command::Backup => {
            #[derive(Serialize)]
            struct Report {
                backup: String,
            }
            let server = start(&options, terminal).await?;
            let backup = server.back_up().await;
            server.leave().await?;
            let backup = backup?.display().to_string();
            terminal.say("Backed up to:");
            terminal.data(&Report { backup: backup.clone() }, &backup)?;
        }
        Command::Restore { backup, yes, dry_run } => {
            #[derive(Serialize)]
            struct Report {
                replaced: Option<String>,
            }
            if backup.is_file() {
                return Err(Error::invalid("backup", "This is a file; a backup of the local database is a directory.")
                    .next_step("A dump made by pg_dump is read into an empty database of a server, with pg_restore."));
            }
            let status = local_server::status(&options)?;
            terminal.say(&format!(
                "The data in {} would be replaced by {}.",
                status.directory.display(),
                backup.display()
            ));
            if *dry_run {
                terminal.say("Nothing was.");
                terminal.data(&Report { replaced: None }, "")?;
                return Ok(Outcome::Done);
            }
            terminal.agree("Go back to that backup?", *yes)?;
            let replaced = local_server::restore(&options, backup).await?.display().to_string();
            terminal.say("Restored. The data it replaced is kept here until you delete it:");
            terminal.data(&Report { replaced: Some(replaced.clone()) }, &replaced)?;
        }
        Command::Url => {
            let server = start(&options, terminal).await?;
            let running = running(&server);
            terminal.say("Its password is in secrets.json beside its data, readable by this account only.");
            terminal.data(&running, &running.address)?;
            server.leave().await?;
        }
    }
    Ok(Outcome::Done)
}

async fn start(options: &Options, terminal: &Terminal) -> Result<LocalServer> {
    local_server::start(options, &MIGRATOR, &mut |step| {
        if step != Step::Ready {
            terminal.say(&step.sentence());
        }
    })
    .await
}

fn running(server: &LocalServer) -> Running {
    let options = server.application();
    let socket = options.get_socket().map(|socket| socket.display().to_string()).unwrap_or_default();
    let escaped: String =
        url::form_urlencoded::byte_serialize(socket.as_bytes()).collect::<String>().replace('+', "%20");
    Running {
        address: format!(
            "postgresql:///{}?host={escaped}&port={}&user={}",
            options.get_database().unwrap_or_default(),
            options.get_port(),
            options.get_username()
        ),
        version: server.version().to_owned(),
        directory: server.directory().display().to_string(),
    }
}
