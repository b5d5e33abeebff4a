use clap::{Args, Subcommand};
use serde::Serialize;
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use super::{
    Outcome, Place,
    target::Target,
    terminal::{Terminal, plain},
};
use crate::{
    error::{Code, Error, Result},
    sessions::{self, FirstOwner},
};

/// The first owner, forgotten passwords, shutting people out: what IT does with the owner's connection
#[derive(Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Let the first owner in: print a one-time set-up code, or create them here and now
    ///
    /// Without --email it prints a code, good for a day, that the person types in the window. With --email and --name
    /// it asks for a password twice (or reads one line with --password-stdin) and creates them. Works only while nobody
    /// can sign in. The owner sees every organization of the installation.
    #[command(after_help = "\
Examples:
  lectern people create-owner
  lectern people create-owner --email ada@example.org --name 'Ada Nwosu' --organization Lakeside
  lectern people create-owner --email ada@example.org --name Ada --password-stdin < secret.txt")]
    CreateOwner(CreateOwner),
    /// Print a one-time code with which a person sets a new password; ends their sessions
    ///
    /// For when no admin of theirs can. The code is good for an hour.
    #[command(after_help = "Example: lectern people reset ada@example.org --connection headquarters")]
    Reset(Named),
    /// Shut a person out of the whole installation, at once; nothing of theirs is deleted
    #[command(after_help = "Example: lectern people disable ada@example.org --dry-run")]
    Disable(Named),
    /// Let a disabled person back in
    Enable(Named),
}

#[derive(Args)]
struct CreateOwner {
    /// Their e-mail address; a known one becomes the owner
    #[arg(long, requires = "name")]
    email: Option<String>,
    /// Their name
    #[arg(long, requires = "email")]
    name: Option<String>,
    /// Also create an organization of this name, which they own
    #[arg(long, value_name = "NAME", requires = "email")]
    organization: Option<String>,
    /// Read the password as one line from standard input
    #[arg(long, requires = "email")]
    password_stdin: bool,
}

#[derive(Args)]
struct Named {
    /// The person's e-mail address
    email: String,
    /// Agree to what it does
    #[arg(long)]
    yes: bool,
    /// Show what it would do, and do nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Outcome> {
    let target = Target::open(&arguments.place, terminal).await?;
    let mut connection = target.owner_connection().await?;
    match &arguments.command {
        Command::CreateOwner(arguments) => create_owner(arguments, &mut connection, terminal).await?,
        Command::Reset(named) => reset(named, &mut connection, terminal).await?,
        Command::Disable(named) => set_active(named, false, &mut connection, terminal).await?,
        Command::Enable(named) => set_active(named, true, &mut connection, terminal).await?,
    }
    connection.close().await?;
    target.close().await?;
    Ok(Outcome::Done)
}

async fn create_owner(arguments: &CreateOwner, connection: &mut PgConnection, terminal: &Terminal) -> Result<()> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Report<'a> {
        code: Option<&'a str>,
        expires_in_hours: Option<u32>,
        person_id: Option<String>,
    }
    // Asked before anything is typed for nothing.
    if !sessions::needs_first_owner(connection).await? {
        return Err(Error::new(Code::Conflict, "This database has an owner already.")
            .next_step("If no owner can sign in, run `lectern people reset EMAIL` for one of them."));
    }
    let (Some(email), Some(name)) = (&arguments.email, &arguments.name) else {
        let code = sessions::bootstrap_code(connection).await?;
        terminal
            .say("Set-up code for the first owner, good for a day and for one person. Type it in Lectern's window:");
        return terminal.data(&Report { code: Some(&code), expires_in_hours: Some(24), person_id: None }, &code);
    };
    let password = terminal.new_secret(&format!("Password for {}", plain(email)), arguments.password_stdin)?;
    let mut transaction = connection.begin().await?;
    let code = sessions::bootstrap_code(&mut transaction).await?;
    let owner = FirstOwner {
        code: &code,
        email,
        name,
        password: &password,
        organization_name: arguments.organization.as_deref(),
    };
    let person = sessions::create_first_owner(&mut transaction, &owner).await?;
    transaction.commit().await?;
    terminal.say(&format!("{} owns this installation and can sign in now.", plain(name)));
    terminal.data(&Report { code: None, expires_in_hours: None, person_id: Some(person.to_string()) }, "")
}

/// What is shown before somebody is locked out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Effect {
    person_id: Uuid,
    name: String,
    email: String,
    is_active: bool,
    is_business_owner: bool,
    live_sessions: i64,
    /// `Organization (role)`
    memberships: Vec<String>,
    /// Organizations that would be left without an owner who can sign in.
    only_owner_of: Vec<String>,
}

async fn effect(connection: &mut PgConnection, email: &str) -> Result<Effect> {
    sqlx::query_as!(
        Effect,
        r#"select p.id as person_id, p.name, p.email, p.is_active, p.platform_role = 'business_owner' as "is_business_owner!",
                  (select count(*) from lectern_auth.sessions s
                    where s.person_id = p.id and s.revoked_at is null and s.expires_at > clock_timestamp()) as "live_sessions!",
                  array(select o.name || ' (' || m.role || ')'
                          from lectern.memberships m join lectern.organizations o on o.id = m.organization_id
                         where m.person_id = p.id and m.is_active and m.archived_at is null order by o.name) as "memberships!",
                  array(select o.name
                          from lectern.memberships m join lectern.organizations o on o.id = m.organization_id
                         where m.person_id = p.id and m.role = 'owner' and m.is_active and m.archived_at is null
                           and not exists (select from lectern.memberships x join lectern.people q on q.id = x.person_id
                                            where x.organization_id = m.organization_id and x.person_id <> p.id
                                              and x.role = 'owner' and x.is_active and x.archived_at is null and q.is_active)
                         order by o.name) as "only_owner_of!"
             from lectern.people p
            where lower(p.email) = lower(btrim(normalize($1, nfkc)))"#,
        email
    )
    .fetch_optional(connection)
    .await?
    .ok_or_else(|| {
        Error::new(Code::NotFound, "Nobody has this e-mail address.")
            .at("email")
            .next_step("Check the spelling; the window's People list can search for it.")
    })
}

fn show(effect: &Effect, terminal: &Terminal) {
    let state = if effect.is_active { "" } else { ", disabled" };
    terminal.say(&format!("{} <{}>{state}", plain(&effect.name), plain(&effect.email)));
    if effect.is_business_owner {
        terminal.say("  sees and manages every organization of this installation");
    }
    for membership in &effect.memberships {
        terminal.say(&format!("  {}", plain(membership)));
    }
    match effect.live_sessions {
        0 => terminal.say("  not signed in anywhere"),
        1 => terminal.say("  signed in on one device"),
        count => terminal.say(&format!("  signed in on {count} devices")),
    }
}

async fn reset(named: &Named, connection: &mut PgConnection, terminal: &Terminal) -> Result<()> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Report {
        effect: Effect,
        code: Option<String>,
        expires_in_minutes: Option<u32>,
    }
    let effect = effect(connection, &named.email).await?;
    show(&effect, terminal);
    if named.dry_run {
        terminal.say("Would end these sessions and print a code (nothing was done).");
        return terminal.data(&Report { effect, code: None, expires_in_minutes: None }, "");
    }
    terminal.agree("End these sessions and make a code for a new password?", named.yes)?;
    let code = sessions::recovery_code(connection, &effect.email).await?;
    terminal.say("Code for a new password, good for an hour and for one use. The person types it in Lectern's window:");
    let report = Report { effect, code: Some(code.to_string()), expires_in_minutes: Some(60) };
    terminal.data(&report, &code)?;
    if !report.effect.is_active {
        terminal.say("This person is disabled: the code works once you run `lectern people enable` for them.");
    }
    Ok(())
}

async fn set_active(named: &Named, active: bool, connection: &mut PgConnection, terminal: &Terminal) -> Result<()> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Report {
        effect: Effect,
        changed: bool,
    }
    let effect = effect(connection, &named.email).await?;
    show(&effect, terminal);
    if effect.is_active == active {
        terminal.say(if active {
            "Nothing to do: they are not disabled."
        } else {
            "Nothing to do: they are disabled already."
        });
        return terminal.data(&Report { effect, changed: false }, "");
    }
    if !active {
        for organization in &effect.only_owner_of {
            terminal.say(&format!("  {} would be left without an owner who can sign in", plain(organization)));
        }
    }
    if named.dry_run {
        terminal.say(if active {
            "Would let them back in (nothing was done)."
        } else {
            "Would shut them out everywhere (nothing was done)."
        });
        return terminal.data(&Report { effect, changed: false }, "");
    }
    if !active {
        terminal.agree("Shut this person out everywhere, at once?", named.yes)?;
    }
    sessions::set_person_active(connection, &effect.email, active).await?;
    terminal.say(if active { "They can sign in again." } else { "They are shut out; their sessions have ended." });
    terminal.data(&Report { effect, changed: true }, "")
}
