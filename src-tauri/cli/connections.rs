use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;

use super::{
    Outcome, check,
    target::{secret_for_check, secrets},
    terminal::{Terminal, plain, table},
};
use crate::{
    connections::{
        Connection, SecretStore, Sensitive, Tls,
        address::{self, Source},
        check::shown_certificate,
        keyring::Kind,
        saved::{Saved, is_same_name},
    },
    error::{Code, Error, Result},
};

/// Saved servers of this account; their passwords are in the operating system's keyring, never in the file
#[derive(Subcommand)]
pub(super) enum Command {
    /// Names, hosts and databases of what is saved
    List,
    /// Everything about one connection, without its secrets
    Show { name: String },
    /// Save a connection, and its password where it is to be kept
    ///
    /// The password is asked for, or read as one line with --password-stdin; it is never an argument.
    #[command(after_help = "\
Examples:
  lectern connections add headquarters --address postgres://desk@db.example.org/lectern
  lectern connections add branch --host 10.0.0.7 --database lectern --user desk --ca-file our-ca.pem
  lectern connections add office --address postgres://desk@db.example.org/lectern --secrets ask")]
    Add(Box<Add>),
    /// Forget a connection and its secrets
    Remove {
        name: String,
        /// Agree to it
        #[arg(long)]
        yes: bool,
        /// Show what would be forgotten, and forget nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Try a connection step by step and say what is wrong
    Check { name: String },
    /// Trust exactly the certificate the server shows, after comparing its fingerprint
    ///
    /// For servers with a certificate of their own making. Compare the fingerprint with what IT reads at the server:
    /// openssl x509 -noout -fingerprint -sha256 -in server.crt
    Pin {
        name: String,
        /// The SHA-256 fingerprint IT told you; agrees without asking when it is the server's
        #[arg(long, value_name = "AA:BB:…")]
        fingerprint: Option<String>,
    },
}

#[derive(Args)]
pub(super) struct Add {
    /// How this connection is called here
    name: String,
    /// postgres://USER@HOST:PORT/DATABASE?sslmode=verify-full, without a password
    #[arg(long, conflicts_with_all = ["host", "port", "database", "user", "tls"])]
    address: Option<String>,
    /// Host name, address, or the directory of a Unix socket
    #[arg(long, required_unless_present = "address")]
    host: Option<String>,
    /// PostgreSQL usually listens on 5432
    #[arg(long, default_value_t = 5432)]
    port: u16,
    /// The database on that server
    #[arg(long, required_unless_present = "address")]
    database: Option<String>,
    /// The database login, not a person's address
    #[arg(long, required_unless_present = "address")]
    user: Option<String>,
    /// How the line is protected [default: verify-full; off on this machine]
    #[arg(long, value_enum)]
    tls: Option<TlsMode>,
    /// PEM file of your own authority
    #[arg(long, value_name = "FILE")]
    ca_file: Option<String>,
    /// PEM file of a client certificate
    #[arg(long, value_name = "FILE", requires = "client_key")]
    client_certificate: Option<String>,
    /// PEM file of its key
    #[arg(long, value_name = "FILE", requires = "client_certificate")]
    client_key: Option<String>,
    /// A further host to try when the one before does not answer; may be repeated
    #[arg(long = "fallback-host", value_name = "HOST[:PORT]")]
    fallback_hosts: Vec<String>,
    /// Where its secrets are kept: the keyring, nowhere (ask each time), or a file sealed by a passphrase
    #[arg(long, value_enum, default_value_t = Store::Keyring)]
    secrets: Store,
    /// Read the password as one line from standard input
    #[arg(long, conflicts_with = "no_password")]
    password_stdin: bool,
    /// Keep no password: the server lets this login in by certificate, or it is asked for each time
    #[arg(long)]
    no_password: bool,
    /// Agree to replacing a connection of the same name
    #[arg(long)]
    yes: bool,
    /// Show what would be saved, and save nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum TlsMode {
    VerifyFull,
    VerifyCa,
    Require,
    Off,
}

#[derive(Clone, Copy, ValueEnum)]
enum Store {
    Keyring,
    Ask,
    File,
}

pub(super) async fn run(command: &Command, terminal: &Terminal) -> Result<Outcome> {
    let saved = Saved::of_this_account()?;
    match command {
        Command::List => list(&saved, terminal),
        Command::Show { name } => show(&saved.find(name)?, terminal),
        Command::Add(arguments) => add(arguments, &saved, terminal).await,
        Command::Remove { name, yes, dry_run } => remove(&saved, name, *yes, *dry_run, terminal).await,
        Command::Check { name } => {
            let connection = saved.find(name)?;
            let secret = secret_for_check(&connection, terminal).await?;
            let steps = check::steps(&connection, secret.as_ref(), terminal).await;
            terminal.data(&steps, "")?;
            Ok(check::outcome(&steps))
        }
        Command::Pin { name, fingerprint } => pin(&saved, name, fingerprint.as_deref(), terminal).await,
    }
}

fn list(saved: &Saved, terminal: &Terminal) -> Result<Outcome> {
    let connections = saved.list()?;
    if connections.is_empty() {
        terminal.say(
            "No connection is saved. Add one: lectern connections add NAME --address postgres://USER@HOST/DATABASE",
        );
    }
    let rows: Vec<[String; 5]> = connections
        .iter()
        .map(|c| {
            [
                c.name.clone(),
                format!("{}:{}", c.host, c.port),
                c.database.clone(),
                c.user.clone(),
                tls_word(c.tls).to_owned(),
            ]
        })
        .collect();
    let text =
        if rows.is_empty() { String::new() } else { table(["NAME", "SERVER", "DATABASE", "USER", "TLS"], &rows) };
    terminal.data(&connections, &text)?;
    Ok(Outcome::Done)
}

fn show(connection: &Connection, terminal: &Terminal) -> Result<Outcome> {
    terminal.data(connection, &described(connection))?;
    Ok(Outcome::Done)
}

fn described(connection: &Connection) -> String {
    let optional = |value: &Option<String>| value.clone().unwrap_or_else(|| "–".to_owned());
    let rows = [
        ["name".to_owned(), connection.name.clone()],
        ["host".to_owned(), connection.host.clone()],
        ["port".to_owned(), connection.port.to_string()],
        [
            "further hosts".to_owned(),
            if connection.fallback_hosts.is_empty() { "–".to_owned() } else { connection.fallback_hosts.join(", ") },
        ],
        ["database".to_owned(), connection.database.clone()],
        ["user".to_owned(), connection.user.clone()],
        ["TLS".to_owned(), tls_word(connection.tls).to_owned()],
        ["CA file".to_owned(), optional(&connection.ca_file)],
        ["client certificate".to_owned(), optional(&connection.client_certificate)],
        ["client key".to_owned(), optional(&connection.client_key)],
        [
            "secrets".to_owned(),
            match connection.secret_store {
                SecretStore::Keyring => "in the keyring",
                SecretStore::Ask => "asked for each time",
                SecretStore::File => "in a file sealed by a passphrase",
            }
            .to_owned(),
        ],
    ];
    table(["FIELD", "VALUE"], &rows)
}

fn tls_word(tls: Tls) -> &'static str {
    match tls {
        Tls::VerifyFull => "verify-full",
        Tls::VerifyCa => "verify-ca",
        Tls::Require => "require",
        Tls::Off => "off",
    }
}

fn asked_for(arguments: &Add) -> Result<Connection> {
    let whole = |path: &Option<String>| {
        path.as_ref().map(|path| {
            std::path::absolute(path).map_or_else(|_| path.clone(), |path| path.to_string_lossy().into_owned())
        })
    };
    let mut connection = if let Some(address) = &arguments.address {
        address::parse(&arguments.name, address, Source::Typed)?.0
    } else {
        let host = arguments.host.clone().unwrap_or_default();
        let tls = arguments.tls.map_or_else(
            || Tls::default_for(&host),
            |mode| match mode {
                TlsMode::VerifyFull => Tls::VerifyFull,
                TlsMode::VerifyCa => Tls::VerifyCa,
                TlsMode::Require => Tls::Require,
                TlsMode::Off => Tls::Off,
            },
        );
        Connection {
            name: arguments.name.clone(),
            host,
            port: arguments.port,
            database: arguments.database.clone().unwrap_or_default(),
            user: arguments.user.clone().unwrap_or_default(),
            tls,
            ca_file: None,
            client_certificate: None,
            client_key: None,
            fallback_hosts: Vec::new(),
            secret_store: SecretStore::Ask,
        }
    };
    connection.ca_file = whole(&arguments.ca_file).or(connection.ca_file);
    connection.client_certificate = whole(&arguments.client_certificate).or(connection.client_certificate);
    connection.client_key = whole(&arguments.client_key).or(connection.client_key);
    connection.fallback_hosts.extend(arguments.fallback_hosts.iter().cloned());
    connection.secret_store = match arguments.secrets {
        Store::Keyring => SecretStore::Keyring,
        Store::Ask => SecretStore::Ask,
        Store::File => SecretStore::File,
    };
    connection.checked()
}

async fn add(arguments: &Add, saved: &Saved, terminal: &Terminal) -> Result<Outcome> {
    let connection = asked_for(arguments)?;
    let replaced = saved.list()?.into_iter().find(|known| is_same_name(&known.name, &connection.name));
    if arguments.dry_run {
        terminal.say(if replaced.is_some() {
            "Would replace the saved one (nothing was saved):"
        } else {
            "Would be saved (nothing was):"
        });
        return show(&connection, terminal);
    }
    if let Some(replaced) = &replaced {
        terminal.say(&described(replaced));
        terminal.agree("Replace this saved connection?", arguments.yes)?;
    }
    let keeps = !arguments.no_password && connection.secret_store != SecretStore::Ask;
    if keeps {
        let secrets = secrets(&connection, terminal).await?;
        let prompt = format!("Database password of {} at {}", connection.user, connection.host);
        let password = Sensitive::from(terminal.secret(&prompt, arguments.password_stdin)?.as_str());
        // First the secret: a connection whose password was never kept would only look saved.
        secrets.persist(&connection.name, Kind::Password, &password).await.map_err(|error| {
            let step = error.next_step.clone().unwrap_or_default();
            error.next_step(
                format!("{step} Or choose --secrets ask or --secrets file; nothing was saved.").trim().to_owned(),
            )
        })?;
        if let Err(error) = saved.save(connection.clone()) {
            secrets.forget(&connection.name).await?;
            return Err(error);
        }
    } else {
        saved.save(connection.clone())?;
    }
    // Never two places: what the replaced one kept elsewhere goes.
    if let Some(replaced) = replaced.filter(|replaced| replaced.secret_store != connection.secret_store)
        && let Err(error) = forget(&replaced, terminal).await
    {
        terminal.warn(&error);
        terminal.say("The password may still be where this connection kept it before.");
    }
    terminal.say(&format!(
        "Saved as {}. Try it: lectern connections check '{}'",
        plain(&connection.name),
        plain(&connection.name)
    ));
    show(&connection, terminal)
}

async fn forget(connection: &Connection, terminal: &Terminal) -> Result<()> {
    secrets(connection, terminal).await?.forget(&connection.name).await
}

async fn remove(saved: &Saved, name: &str, yes: bool, dry_run: bool, terminal: &Terminal) -> Result<Outcome> {
    #[derive(Serialize)]
    struct Report {
        removed: bool,
        connection: Connection,
    }
    let connection = saved.find(name)?;
    terminal.say(&format!(
        "{}: {} as {} on {}",
        plain(&connection.name),
        plain(&connection.database),
        plain(&connection.user),
        plain(&connection.host)
    ));
    if dry_run {
        terminal.say("Would be forgotten with its password and its signed-in session (nothing was).");
        terminal.data(&Report { removed: false, connection }, "")?;
        return Ok(Outcome::Done);
    }
    terminal.agree(
        "Forget this connection, its password and its signed-in session? The database itself stays as it is.",
        yes,
    )?;
    // First the secrets: what is left behind in a keyring nobody finds again.
    if let Err(error) = forget(&connection, terminal).await {
        if error.code != Code::Keyring {
            return Err(error);
        }
        terminal.warn(&error);
        terminal.agree("Its password may still be in the keyring. Forget the connection all the same?", yes)?;
    }
    saved.remove(&connection.name)?;
    terminal.say("Forgotten.");
    terminal.data(&Report { removed: true, connection }, "")?;
    Ok(Outcome::Done)
}

async fn pin(saved: &Saved, name: &str, fingerprint: Option<&str>, terminal: &Terminal) -> Result<Outcome> {
    let connection = saved.find(name)?;
    let certificate = shown_certificate(&connection).await?;
    terminal.say(&format!("{} shows a certificate", plain(&connection.host)));
    terminal.say(&format!("  for     {}", plain(&certificate.subject)));
    terminal.say(&format!("  by      {}", plain(&certificate.issuer)));
    if let Some(end) = certificate.not_after {
        terminal.say(&format!("  until   {}", end.format("%Y-%m-%d")));
    }
    terminal.say(&format!("  SHA-256 {}", certificate.fingerprint));
    match fingerprint {
        Some(told) if same_fingerprint(told, &certificate.fingerprint) => {}
        Some(_) => {
            return Err(Error::new(
                Code::Tls,
                "This is not the certificate IT told you: somebody else may be answering.",
            )
            .at("fingerprint")
            .next_step("Do not use this connection; show both fingerprints to IT."));
        }
        None => terminal.agree("Is this, letter by letter, the fingerprint IT told you?", false)?,
    }
    let connection = saved.pin(connection, &certificate.der)?;
    terminal.say("From now on exactly this certificate is trusted for this connection.");
    show(&connection, terminal)
}

fn same_fingerprint(one: &str, other: &str) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_hexdigit).collect::<String>().to_ascii_lowercase();
    digits(one) == digits(other) && digits(one).len() == 64
}
