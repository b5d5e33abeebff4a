use std::time::Duration;

use clap::Args;
use serde::Serialize;
use sqlx::Connection as _;

use super::{Outcome, Place, target::Target, terminal::Terminal};
use crate::{
    MIGRATOR,
    error::Result,
    migrating::{self, Applied, Event, Pending, SchemaState},
};

/// Bring a database's tables to this version, as its owner
///
/// Applies each pending migration in a transaction of its own, one process at a time: another one waits and then finds
/// nothing to do. Needs PostgreSQL itself, not PgBouncer, and the login that owns the database.
#[derive(Args)]
#[command(after_help = "\
Examples:
  DATABASE_URL=postgres://owner@db.example.org/lectern lectern migrate
  lectern migrate --connection headquarters --dry-run
  lectern migrate --check      in CI and before a roll-out: exit code 1 while migrations are pending")]
pub(super) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// Only tell how the tables stand: exit code 1 when migrations are pending or the database is newer
    #[arg(long, conflicts_with = "dry_run")]
    check: bool,
    /// List what would be applied, and apply nothing
    #[arg(long)]
    dry_run: bool,
    /// How long to wait for somebody else who migrates the same database
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    wait: u64,
}

#[derive(Serialize)]
struct Report {
    schema: SchemaState,
    applied: Vec<Applied>,
    pending: Vec<Pending>,
}

pub(super) async fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Outcome> {
    let target = Target::open(&arguments.place, terminal).await?;
    if arguments.check || arguments.dry_run {
        let comparison = migrating::compare(&mut target.any_connection().await?, &MIGRATOR).await?;
        let outcome = if arguments.check && !comparison.is_current() { Outcome::Refused } else { Outcome::Done };
        let schema = comparison.state();
        terminal.say(&format!("{}: {}", target.name, schema.message));
        if let Some(refusal) = comparison.refusal() {
            terminal.complain(&refusal);
        } else if outcome == Outcome::Refused {
            terminal.say("  Run `lectern migrate` with the owner's connection.");
        }
        let files: Vec<&str> = comparison.pending.iter().map(|pending| pending.file.as_str()).collect();
        let text = files.join("\n");
        terminal.data(&Report { schema, applied: Vec::new(), pending: comparison.pending.clone() }, &text)?;
        target.close().await?;
        return Ok(outcome);
    }
    let mut connection = target.direct_connection().await?;
    let mut told = false;
    let applied =
        migrating::migrate(&mut connection, &MIGRATOR, Duration::from_secs(arguments.wait), &mut |event| match event {
            Event::Waiting { who, .. } if !told => {
                told = true;
                let who = who.map(|who| format!(" ({who})")).unwrap_or_default();
                terminal.say(&format!("Somebody else is migrating this database{who}; waiting for them."));
            }
            Event::Waiting { .. } => {}
            Event::Applying { file, number, of } => terminal.say(&format!("Applying {number} of {of}: {file}")),
            Event::Applied { .. } => {}
        })
        .await?;
    let comparison = migrating::compare(&mut connection, &MIGRATOR).await?;
    let sentence = match applied.len() {
        0 => "Nothing to do: the tables are up to date.".to_owned(),
        1 => "1 migration was applied; the tables are up to date.".to_owned(),
        count => format!("{count} migrations were applied; the tables are up to date."),
    };
    terminal.say(&format!("{}: {sentence}", target.name));
    let text = applied
        .iter()
        .map(|applied| format!("{}  {} ms", applied.file, applied.duration_ms))
        .collect::<Vec<_>>()
        .join("\n");
    terminal.data(&Report { schema: comparison.state(), applied, pending: comparison.pending }, &text)?;
    connection.close().await?;
    target.close().await?;
    Ok(Outcome::Done)
}
