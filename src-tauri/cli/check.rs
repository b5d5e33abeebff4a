use clap::Args;
use serde::Serialize;
use sqlx::{Connection as _, PgConnection};

use super::{
    Outcome, Place,
    target::{self, Target},
    terminal::{Terminal, plain, table},
};
use crate::{
    MIGRATOR, checking,
    checking::{Measures, Seals},
    connections::{
        Connection, LOCAL, SecretStore, Sensitive,
        check::{self, CheckStep, StepState},
        keyring::Keyring,
        secrets::Secrets,
        target::Target as Named,
    },
    drafts::opening::{self, Found},
    error::{Code, Error, Result},
    ids::OrganizationId,
    logs, migrating,
    progress::{self, Drift},
    retention::{self, Old},
    seeding,
};

/// Check everything: the line, the login, the tables, the keyring, drafts of this computer, progress, the audit
///
/// The line is tried with the login given. What only the owner may look at (progress of every organization, the audit's
/// seals, counters) is checked when that login is the owner's.
#[derive(Args)]
#[command(after_help = "\
Examples:
  lectern check --connection headquarters
  lectern check --connection local --json
  DATABASE_URL=postgres://owner@db.example.org/lectern lectern check --repair

Exit codes: 0 all is well · 1 something is not as it should be · 2 the database cannot be reached")]
pub(super) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// Set right progress and counts that disagree with the lessons, and clear what is older than it is kept
    #[arg(long)]
    repair: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    steps: Vec<CheckStep>,
    drafts: Option<Found>,
    drift: Option<Drift>,
    old: Option<Old>,
    seals: Option<Seals>,
    measures: Option<Measures>,
    counters: logs::Counters,
}

pub(super) async fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Outcome> {
    let mut report = Report {
        steps: Vec::new(),
        drafts: None,
        drift: None,
        old: None,
        seals: None,
        measures: None,
        counters: logs::counters(),
    };
    let opened = match target::named(&arguments.place)? {
        Named::Local => {
            let opened = Target::open(&arguments.place, terminal).await;
            if opened.is_ok() {
                drafts(None, &mut report, terminal).await?;
            }
            opened
        }
        Named::Saved(connection) => {
            let secret = target::secret_for_check(&connection, terminal).await?;
            let opened = reach(&connection, secret.as_ref(), &mut report, terminal).await;
            drafts(Some(&connection), &mut report, terminal).await?;
            opened
        }
        Named::Address(connection, secret) => reach(&connection, secret.as_ref(), &mut report, terminal).await,
    };
    match opened {
        Ok(target) => {
            let mut connection = target.any_connection().await?;
            inside(arguments, &mut connection, &mut report, terminal).await?;
            connection.close().await?;
            target.close().await?;
        }
        // The steps said why; on the private server there were none.
        Err(error) if report.steps.is_empty() => return Err(error),
        Err(_) => {}
    }
    report.counters = logs::counters();
    let outcome = outcome(&report.steps);
    let text = report.measures.as_ref().map(described).unwrap_or_default();
    terminal.say(match outcome {
        Outcome::Done => "All is well.",
        Outcome::Refused => "Not all is well; see above.",
        Outcome::CouldNotRun => "The database cannot be used; see above.",
    });
    terminal.data(&report, &text)?;
    Ok(outcome)
}

/// Tries the line and the login, telling each step as soon as it is known.
pub(super) async fn steps(connection: &Connection, secret: Option<&Sensitive>, terminal: &Terminal) -> Vec<CheckStep> {
    check::check_aloud(connection, secret, &Keyring::default(), |step| tell(step, terminal)).await
}

/// The same and what is behind the line. A login that stands above the rights is told last: wrong for a desk, it is right
/// for whoever looks after Lectern.
async fn reach(
    connection: &Connection,
    secret: Option<&Sensitive>,
    report: &mut Report,
    terminal: &Terminal,
) -> Result<Target> {
    let is_held_back = |step: &CheckStep| step.name == "Login" && step.state == StepState::Failed;
    report.steps = check::check_aloud(connection, secret, &Keyring::default(), |step| {
        if !is_held_back(step) {
            tell(step, terminal);
        }
    })
    .await;
    let target = Target::reach(connection, secret).await;
    let is_owner = match &target {
        Ok(target) => target.is_owner().await,
        Err(_) => false,
    };
    for step in report.steps.iter_mut().filter(|step| is_held_back(step)) {
        if is_owner {
            step.state = StepState::Warning;
            step.message = format!(
                "{} owns Lectern's tables: right for looking after it, too powerful for a desk.",
                connection.user
            );
            step.code = None;
        }
        tell(step, terminal);
    }
    target
}

/// What is written on this computer and may not be on the server yet, without opening it; of the private server without a
/// connection.
async fn drafts(connection: Option<&Connection>, report: &mut Report, terminal: &Terminal) -> Result<()> {
    let (name, place) = match connection {
        None => (LOCAL, None),
        Some(connection) => {
            let place = match connection.secret_store {
                SecretStore::Keyring => Some(Secrets::Keyring(Keyring::default())),
                // Opening the file of secrets would ask for its passphrase once more.
                SecretStore::File | SecretStore::Ask => Some(Secrets::Ask),
            };
            (connection.name.as_str(), place)
        }
    };
    let mut found = opening::look(name, place.as_ref()).await?;
    if connection.is_some_and(|connection| connection.secret_store == SecretStore::File) {
        found.has_key = None;
    }
    let people = if found.files == 1 { "one person".to_owned() } else { format!("{} people", found.files) };
    let what = format!("Drafts of {people} are on this computer, {} MB", found.bytes.div_ceil(1_048_576));
    let (state, message) = match (found.files, found.has_key) {
        (0, _) => (StepState::Ok, "No drafts of this connection are on this computer.".to_owned()),
        (_, Some(true)) => (StepState::Ok, format!("{what}, and the key that opens them.")),
        (_, Some(false)) => (StepState::Failed, format!("{what}, but the key that opens them is missing.")),
        (_, None) => (StepState::Ok, format!("{what}; whether their key is there was not asked.")),
    };
    let is_missing = state == StepState::Failed;
    let step = CheckStep {
        name: "Drafts".to_owned(),
        state,
        message,
        next_step: is_missing.then(|| "Restore the keyring, or the file beside the drafts, from a backup.".to_owned()),
        code: is_missing.then_some(Code::Conflict),
        pinnable: None,
    };
    tell(&step, terminal);
    report.steps.push(step);
    report.drafts = Some(found);
    Ok(())
}

fn tell(step: &CheckStep, terminal: &Terminal) {
    let mark = match step.state {
        StepState::Ok => "ok      ".to_owned(),
        StepState::Failed => terminal.red("failed  "),
        StepState::Warning => terminal.yellow("warning "),
        StepState::Skipped => "skipped ".to_owned(),
    };
    terminal.say(&format!("{mark} {:<11} {}", step.name, plain(&step.message)));
    if let Some(next_step) = &step.next_step {
        terminal.say(&format!("                     → {}", plain(next_step)));
    }
}

/// Failed steps that keep everything from running are graver than those that tell of a flaw.
pub(super) fn outcome(steps: &[CheckStep]) -> Outcome {
    let failed = || steps.iter().filter(|step| step.state == StepState::Failed);
    let is_out_of_reach = |step: &CheckStep| {
        step.code.is_some_and(|code| super::exit_code(code) == super::COULD_NOT_RUN) && step.name != "Keyring"
    };
    if failed().any(is_out_of_reach) {
        Outcome::CouldNotRun
    } else if failed().next().is_some() {
        Outcome::Refused
    } else {
        Outcome::Done
    }
}

async fn inside(
    arguments: &Arguments,
    connection: &mut PgConnection,
    report: &mut Report,
    terminal: &Terminal,
) -> Result<()> {
    let mut add = |name: &str, state: StepState, message: String, next_step: Option<&str>| {
        let code = (state == StepState::Failed).then_some(Code::Conflict);
        let step = CheckStep {
            name: name.to_owned(),
            state,
            message,
            next_step: next_step.map(str::to_owned),
            code,
            pinnable: None,
        };
        tell(&step, terminal);
        report.steps.push(step);
    };
    if let Some(error) = migrating::compare(connection, &MIGRATOR).await?.unfit() {
        add("Tables", StepState::Failed, error.message, error.next_step.as_deref());
        return Ok(());
    }
    let ownership = checking::ownership(connection).await?;
    if let Some(first) = ownership.astray.first() {
        add(
            "Ownership",
            StepState::Failed,
            format!(
                "{} functions and tables have another owner or lost their row-level security, such as {first}.",
                ownership.astray.len()
            ),
            Some("A restore may have run as the wrong login: restore into an empty database again, as a superuser."),
        );
    } else if ownership.lost_database_rights {
        add(
            "Ownership",
            StepState::Warning,
            "Every login of this server may connect to this database: a restore left its rights behind.".to_owned(),
            Some("Run the three statements for the database in the operator's page, section 8."),
        );
    } else {
        add("Ownership", StepState::Ok, "Tables and functions belong to the roles they should.".to_owned(), None);
    }
    if seeding::require_owner(connection).await.is_err() {
        if arguments.repair {
            return Err(Error::new(Code::NotAllowed, "Only the owner's connection may repair progress.")
                .next_step("Run it with the login that ran `lectern migrate`."));
        }
        add("Progress", StepState::Skipped, "Only the owner's login may look at every organization.".to_owned(), None);
        add("Audit", StepState::Skipped, "Only the owner's login may verify the seals.".to_owned(), None);
        return Ok(());
    }
    let drift = drift(connection, arguments.repair, terminal).await?;
    let off = format!("{} enrollments and {} counts", drift.enrollments, drift.counts);
    if drift == Drift::default() {
        add("Progress", StepState::Ok, "Every progress and count is what the lessons say.".to_owned(), None);
    } else if arguments.repair {
        add("Progress", StepState::Ok, format!("{off} disagreed with the lessons and were set right."), None);
    } else {
        add(
            "Progress",
            StepState::Failed,
            format!("{off} disagree with the lessons."),
            Some("Run `lectern check --repair`."),
        );
    }
    report.drift = Some(drift);

    let old = if arguments.repair { cleared(connection).await? } else { retention::count(connection).await? };
    let what = format!(
        "{} values overwritten more than 180 days ago and {} uploads left unfinished for 30",
        old.history, old.uploads
    );
    if old == Old::default() {
        add("Retention", StepState::Ok, "Nothing is older than it is kept.".to_owned(), None);
    } else if arguments.repair {
        add("Retention", StepState::Ok, format!("{what} were cleared."), None);
    } else {
        // Nothing is wrong with it: it only takes room.
        add("Retention", StepState::Ok, format!("{what} can go."), Some("Run `lectern check --repair`."));
    }
    report.old = Some(old);

    let seals = checking::seals(connection).await?;
    if seals.broken.is_empty() {
        let message = if seals.count == 0 {
            "Nothing is sealed yet.".to_owned()
        } else {
            format!("Every seal holds ({}).", seals.count)
        };
        add("Audit", StepState::Ok, message, None);
    } else {
        let numbers: Vec<String> = seals.broken.iter().map(ToString::to_string).collect();
        add(
            "Audit",
            StepState::Failed,
            format!("Seal {} does not hold: an entry it covers was changed, added or taken away.", numbers.join(", ")),
            Some("Compare with the heads you kept outside (`lectern audit head`), then examine a backup from before."),
        );
    }
    report.seals = Some(seals);
    report.measures = Some(checking::measures(connection).await?);
    Ok(())
}

/// Organization by organization, each in a transaction of its own, so nobody waits for all of them.
async fn drift(connection: &mut PgConnection, repair: bool, terminal: &Terminal) -> Result<Drift> {
    let organizations: Vec<OrganizationId> =
        sqlx::query_scalar("select id from lectern.organizations order by id").fetch_all(&mut *connection).await?;
    let bar = terminal.bar();
    bar.set_message("progress");
    bar.set_length(organizations.len() as u64);
    let mut all = Drift::default();
    for organization in organizations {
        let mut transaction = connection.begin().await?;
        sqlx::raw_sql("set local statement_timeout = 0").execute(&mut *transaction).await?;
        let found = progress::check_as_owner(&mut transaction, organization, repair).await?;
        transaction.commit().await?;
        all.enrollments += found.enrollments;
        all.counts += found.counts;
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(all)
}

/// In batches, each a transaction of its own.
async fn cleared(connection: &mut PgConnection) -> Result<Old> {
    const BATCH: i32 = 5_000;
    let mut all = Old::default();
    loop {
        let mut transaction = connection.begin().await?;
        sqlx::raw_sql("set local statement_timeout = 0").execute(&mut *transaction).await?;
        let batch = retention::clear(&mut transaction, BATCH).await?;
        transaction.commit().await?;
        if batch == Old::default() {
            return Ok(all);
        }
        all.history += batch.history;
        all.uploads += batch.uploads;
    }
}

fn described(measures: &Measures) -> String {
    let megabytes = measures.database_bytes / 1_048_576;
    table(
        ["MEASURE", "VALUE"],
        &[
            ["organizations".to_owned(), measures.organizations.to_string()],
            ["people".to_owned(), measures.people.to_string()],
            ["live sessions".to_owned(), measures.live_sessions.to_string()],
            ["failed sign-ins, last day".to_owned(), measures.failed_sign_ins_today.to_string()],
            ["audit entries".to_owned(), measures.audit_entries.to_string()],
            ["of them not sealed yet".to_owned(), measures.unsealed_audit_entries.to_string()],
            ["database size".to_owned(), format!("{megabytes} MB")],
            ["connections".to_owned(), format!("{} of {}", measures.connections, measures.max_connections)],
        ],
    )
}
