use clap::{Args, Subcommand};
use serde::Serialize;
use sqlx::Connection as _;

use super::{
    Outcome, Place,
    target::Target,
    terminal::{Terminal, table},
};
use crate::{checking, error::Result};

/// The seals over the audit: make them, verify them, take their head elsewhere
///
/// The audit is sealed in batches by a chain of hashes. Whoever keeps the newest hash outside the database can tell later
/// that nothing before it was changed, added or taken away.
#[derive(Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Seal every entry that has settled
    #[command(after_help = "\
Example, nightly:
  lectern audit seal --connection headquarters
  lectern audit head --connection headquarters >> /media/vault/heads")]
    Seal,
    /// Recompute every seal; exit code 1 when one does not hold
    Verify,
    /// Print the newest seal, to be kept outside the database
    Head,
}

pub(super) async fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Outcome> {
    let target = Target::open(&arguments.place, terminal).await?;
    let mut connection = target.owner_connection().await?;
    let outcome = match arguments.command {
        Command::Seal => {
            #[derive(Serialize)]
            struct Report {
                sealed: i64,
            }
            let sealed = checking::seal(&mut connection).await?;
            terminal.say(&match sealed {
                0 => "Nothing to seal, or others are writing: what has not settled yet is sealed next time.".to_owned(),
                1 => "1 entry was sealed.".to_owned(),
                count => format!("{count} entries were sealed."),
            });
            terminal.data(&Report { sealed }, "")?;
            Outcome::Done
        }
        Command::Verify => {
            let seals = checking::seals(&mut connection).await?;
            for seal in seals.broken.iter() {
                terminal.say(&format!(
                    "{} seal {seal} does not hold: an entry it covers was changed, added or taken away.",
                    terminal.red("lectern:")
                ));
            }
            terminal.say(&format!("{} of {} seals hold.", seals.count - seals.broken.len() as i64, seals.count));
            if !seals.broken.is_empty() {
                terminal
                    .say("  Compare with the heads you kept outside, then restore or examine a backup from before.");
            }
            terminal.data(&seals, "")?;
            if seals.broken.is_empty() { Outcome::Done } else { Outcome::Refused }
        }
        Command::Head => {
            let head = checking::head(&mut connection).await?;
            match &head {
                None => terminal.say("Nothing is sealed yet: run `lectern audit seal`."),
                Some(_) => terminal.say("Keep this outside of the database:"),
            }
            let text = head.as_ref().map(|head| {
                table(
                    ["SEAL", "SEALED AT", "HASH"],
                    &[[head.number.to_string(), head.sealed_at.to_rfc3339(), head.hash.clone()]],
                )
            });
            terminal.data(&head, &text.unwrap_or_default())?;
            if head.is_some() { Outcome::Done } else { Outcome::Refused }
        }
    };
    connection.close().await?;
    target.close().await?;
    Ok(outcome)
}
