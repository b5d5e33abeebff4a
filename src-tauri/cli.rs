//! The command line: the same library without a window, and the only code that prints. Data goes to stdout, with `--json`
//! as one document; everything said to a person goes to stderr. Nothing is asked where nobody sits.

mod audit;
mod check;
mod connections;
mod migrate;
mod people;
mod seed;
mod serve_local;
mod target;
mod terminal;

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::{
    error::{Code, Error, Result},
    folders, logs,
};
use terminal::Terminal;

/// The administrator's desk for organizations that teach, without its window.
#[derive(Parser)]
#[command(
    name = "lectern",
    version,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "\
Which database: --connection NAME (a saved one, or `local`, the private server of this account), else the environment \
variable DATABASE_URL. Passwords are never arguments: they come from the keyring, DATABASE_URL, a prompt or standard input.

Exit codes: 0 done · 1 refused (the input, the rights or the database forbid it) · 2 could not run (no server, no line, \
bad usage) · 130 stopped with Ctrl+C.

Environment: DATABASE_URL, LECTERN_CONFIG_DIR, LECTERN_DATA_DIR, LECTERN_LOG_DIR, LECTERN_LOG (error, warn, info, debug), \
NO_COLOR."
)]
struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Args)]
struct Common {
    /// Print the result as one JSON document on standard output
    #[arg(long, global = true)]
    json: bool,
}

/// What every command on a database takes.
#[derive(Args)]
struct Place {
    /// A saved connection, or `local` for the private server of this account [default: DATABASE_URL]
    #[arg(long, global = true, value_name = "NAME")]
    connection: Option<String>,
}

#[derive(Subcommand)]
enum Command {
    Migrate(migrate::Arguments),
    Seed(seed::Arguments),
    Check(check::Arguments),
    People(people::Arguments),
    #[command(subcommand)]
    Connections(connections::Command),
    #[command(subcommand, name = "serve-local")]
    ServeLocal(serve_local::Command),
    Audit(audit::Arguments),
}

/// How a command that ran to its end ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Done,
    /// What was asked about is not as it should be, or the person said no.
    Refused,
    /// It ran, and found that nothing runs.
    CouldNotRun,
}

const DONE: u8 = 0;
const REFUSED: u8 = 1;
const COULD_NOT_RUN: u8 = 2;
/// As a shell reports a program that Ctrl+C ended.
const INTERRUPTED: u8 = 130;

/// Runs what this process was started with.
#[must_use]
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(usage) => {
            // Help and version are data; a wrong argument is talk. A closed pipe is nobody's mistake.
            let _ = usage.print();
            return ExitCode::from(if usage.use_stderr() { COULD_NOT_RUN } else { DONE });
        }
    };
    let terminal = Terminal::new(arguments.common.json);
    if let Err(error) = folders::logs().and_then(|folder| logs::to_files(&folder)) {
        terminal.warn(&error);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(cause) => {
            terminal.fail(&Error::internal("This computer gives Lectern no threads to work with.").caused_by(cause));
            return ExitCode::from(COULD_NOT_RUN);
        }
    };
    let code = runtime.block_on(until_stopped(&terminal, dispatch(&arguments, &terminal)));
    // A connection attempt that hangs must not hold the end up.
    runtime.shutdown_background();
    ExitCode::from(code)
}

/// Ctrl+C and SIGTERM drop the work where it stands: its transaction rolls back and its connection closes.
async fn until_stopped(terminal: &Terminal, work: impl Future<Output = Result<Outcome>>) -> u8 {
    tokio::select! {
        outcome = work => match outcome {
            Ok(Outcome::Done) if terminal.lost_output() => COULD_NOT_RUN,
            Ok(Outcome::Done) => DONE,
            Ok(Outcome::Refused) => REFUSED,
            Ok(Outcome::CouldNotRun) => COULD_NOT_RUN,
            Err(error) => {
                tracing::warn!(code = ?error.code, sqlstate = error.sqlstate().as_deref(), "the command ended in an error");
                terminal.fail(&error);
                // Naming no database is bad usage, which ends as clap ends it.
                if error.field.as_deref() == Some("connection") { COULD_NOT_RUN } else { exit_code(error.code) }
            }
        },
        () = stopped() => {
            terminal.say("\nStopped. What was not finished was rolled back.");
            INTERRUPTED
        }
    }
}

async fn stopped() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

async fn dispatch(arguments: &Arguments, terminal: &Terminal) -> Result<Outcome> {
    match &arguments.command {
        Command::Migrate(arguments) => migrate::run(arguments, terminal).await,
        Command::Seed(arguments) => seed::run(arguments, terminal).await,
        Command::Check(arguments) => check::run(arguments, terminal).await,
        Command::People(arguments) => people::run(arguments, terminal).await,
        Command::Connections(command) => connections::run(command, terminal).await,
        Command::ServeLocal(command) => serve_local::run(command, terminal).await,
        Command::Audit(arguments) => audit::run(arguments, terminal).await,
    }
}

/// Refused is what another input, another right or another moment would let through.
fn exit_code(code: Code) -> u8 {
    match code {
        Code::Invalid
        | Code::NotFound
        | Code::NotAllowed
        | Code::SignedOut
        | Code::Stale
        | Code::Conflict
        | Code::SchemaOutdated
        | Code::SchemaNewer
        | Code::Locked
        | Code::Cancelled => REFUSED,
        Code::Unreachable
        | Code::Tls
        | Code::WrongPassword
        | Code::Keyring
        | Code::LocalServer
        | Code::Unclear
        | Code::Internal => COULD_NOT_RUN,
    }
}
