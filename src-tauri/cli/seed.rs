use clap::{Args, ValueEnum};
use indicatif::ProgressBar;
use serde::Serialize;
use sqlx::{Connection as _, PgConnection};

use super::{
    Outcome, Place,
    target::Target,
    terminal::{Terminal, table},
};
use crate::{
    error::{Code, Error, Result},
    seeding::{self, Size, Written},
};

/// Fill a database with invented sample data, as its owner
///
/// All or nothing, in one transaction: stopped with Ctrl+C it leaves nothing. A second run finds it there and does
/// nothing. The people have no passwords: make the first owner with `lectern people create-owner`, who sees every
/// organization.
#[derive(Args)]
#[command(after_help = "\
Examples:
  lectern seed --connection local                 three organizations to look at
  lectern seed --size medium                      1,000,000 enrollments to measure with: minutes
  lectern seed --size medium --scale 0.01 --yes   10,000 enrollments, beside what is there
  lectern seed --dry-run --json")]
pub(super) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// small: three organizations, some hundred rows; medium: 50 organizations, 100,000 people, 1,000,000 enrollments
    #[arg(long, value_enum, default_value_t = Amount::Small)]
    size: Amount,
    /// Multiplies size medium, from 0.001 to 10
    #[arg(long, default_value_t = 1.0)]
    scale: f64,
    /// Do nothing in a database that is in use
    #[arg(long, conflicts_with = "yes")]
    if_empty: bool,
    /// Agree to writing into a database that is in use or on another machine
    #[arg(long)]
    yes: bool,
    /// Tell what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Amount {
    Small,
    Medium,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    database: String,
    size: Size,
    /// It is there already, or the database is in use and --if-empty was given.
    nothing_to_do: bool,
    dry_run: bool,
    rows: Vec<Written>,
}

pub(super) async fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Outcome> {
    let size = match arguments.size {
        Amount::Small => Size::Small,
        Amount::Medium => Size::Medium,
    };
    if size == Size::Small && (arguments.scale - 1.0).abs() > f64::EPSILON {
        return Err(Error::invalid("scale", "--scale multiplies size medium only.").next_step("Add --size medium."));
    }
    let target = Target::open(&arguments.place, terminal).await?;
    let mut connection = target.owner_connection().await?;
    write(arguments, size, &target, &mut connection, terminal).await?;
    connection.close().await?;
    target.close().await?;
    Ok(Outcome::Done)
}

async fn write(
    arguments: &Arguments,
    size: Size,
    target: &Target,
    connection: &mut PgConnection,
    terminal: &Terminal,
) -> Result<()> {
    let standing = seeding::standing(connection, size).await?;
    let report = |rows: Vec<Written>| Report {
        database: target.name.clone(),
        size,
        nothing_to_do: standing.seeded,
        dry_run: arguments.dry_run,
        rows,
    };
    if standing.seeded {
        terminal.say(&format!("Nothing to do: {} holds this sample data already.", target.name));
        terminal.data(&report(Vec::new()), "")?;
        return Ok(());
    }
    if arguments.if_empty && standing.organizations + standing.people > 0 {
        terminal.say(&format!("Nothing to do: {} is in use.", target.name));
        return terminal.data(&Report { nothing_to_do: true, ..report(Vec::new()) }, "");
    }
    if !arguments.dry_run {
        agree(arguments, target, standing, terminal)?;
    }

    let started = std::time::Instant::now();
    let mut transaction = connection.begin().await?;
    if arguments.dry_run {
        let rows = seeding::rehearse(&mut transaction, size, arguments.scale).await?;
        transaction.rollback().await?;
        terminal.say(&format!("Would be written to {} (nothing was):", target.name));
        terminal.data(&report(rows.clone()), &as_table(&rows))?;
        return Ok(());
    }
    let bar = terminal.bar();
    let rows = seeding::seed(&mut transaction, size, arguments.scale, &mut |progress| show(&bar, progress)).await;
    bar.finish_and_clear();
    let rows = rows?;
    transaction.commit().await.map_err(|cause| {
        Error::new(
            Code::Unclear,
            "The server went away just as the sample data was being kept; it may be there or not.",
        )
        .next_step("Run the same command again: it finds out.")
        .caused_by(cause)
    })?;
    tracing::info!(
        duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        rows = rows.iter().map(|written| written.rows).sum::<i64>(),
        "sample data was written"
    );
    if size == Size::Medium {
        terminal.say("Gathering statistics for the planner …");
        seeding::tidy(connection).await?;
    }
    terminal.say(&format!("Written to {}:", target.name));
    terminal.data(&report(rows.clone()), &as_table(&rows))?;
    terminal.say("Nobody in it has a password. The first owner: lectern people create-owner");
    Ok(())
}

fn agree(arguments: &Arguments, target: &Target, standing: seeding::Standing, terminal: &Terminal) -> Result<()> {
    let mut reasons = Vec::new();
    if standing.organizations + standing.people > 0 {
        reasons.push(format!("it holds {} organizations and {} people", standing.organizations, standing.people));
    }
    if target.is_remote {
        reasons.push("it is on another machine".to_owned());
    }
    if reasons.is_empty() {
        return Ok(());
    }
    terminal.say(&format!("{} is no empty database of your own: {}.", target.name, reasons.join(", and ")));
    terminal.agree("Write invented people and courses into it?", arguments.yes)
}

fn show(bar: &ProgressBar, progress: seeding::Progress) {
    if bar.message() != progress.what {
        bar.reset();
    }
    bar.set_length(progress.of);
    bar.set_position(progress.done);
    bar.set_message(progress.what);
}

fn as_table(rows: &[Written]) -> String {
    let rows: Vec<[String; 2]> = rows.iter().map(|written| [written.table.clone(), written.rows.to_string()]).collect();
    table(["TABLE", "ROWS"], &rows)
}
