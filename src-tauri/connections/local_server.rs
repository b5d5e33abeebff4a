//! The private local server: a real PostgreSQL that travels with the app, asks nothing and is shared by every window and
//! command line of one person.
//!
//! ```text
//! local-server/          0700, or 0711 where root runs the server as another account
//! ├─ lock                held by whoever starts or stops the server
//! ├─ users/              one locked file per program that uses it
//! ├─ secrets.json        0600: the passwords, written before they are used
//! ├─ data/               the cluster; data.unfinished-… while it is being made
//! ├─ run/                0700: the socket, the only way in
//! ├─ backups/            copies made before migrations, dumps
//! └─ server.log
//! ```

pub mod account;
mod backups;
pub mod binaries;
mod cluster;
mod looking_after;
mod refusals;
mod secrets;
mod users;

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use serde::Serialize;
use sqlx::{
    AssertSqlSafe, Connection, PgConnection,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgSslMode},
};

use self::{
    account::Account,
    binaries::Binaries,
    cluster::{Cluster, PORT, Phase, SUPERUSER},
    secrets::Secrets,
    users::{Registration, Turn},
};
use crate::{
    error::{Code, Error, Result},
    migrating::{self, SchemaState},
};

pub use self::{
    looking_after::{State, Status, restore, status, stop},
    users::User,
};

const DATABASE: &str = "lectern";
/// The login of every window on this server; a member of `lectern_app` with no right of its own.
const LOGIN: &str = "lectern_desktop";

/// Where a local server is and what it is made of.
#[derive(Clone, Debug)]
pub struct Options {
    pub directory: PathBuf,
    /// The app's resources, which hold `postgresql/bin` in a packaged app.
    pub bundled: Option<PathBuf>,
    /// How long to wait for another program that starts or stops the same server.
    pub patience: Duration,
}

impl Options {
    /// The one local server of this account. Where root runs Lectern, a place other accounts can reach.
    ///
    /// # Errors
    /// `localServer` when the account has no home directory.
    pub fn usual(bundled: Option<PathBuf>) -> Result<Self> {
        let chosen = std::env::var_os("LECTERN_DATA_DIR").is_some_and(|chosen| !chosen.is_empty());
        let place =
            if account::is_root() && !chosen { PathBuf::from("/var/lib/lectern") } else { crate::folders::data()? };
        Ok(Self { directory: place.join("local-server"), bundled, patience: Duration::from_secs(120) })
    }

    fn cluster(&self) -> Result<Cluster> {
        Ok(Cluster { directory: self.directory.clone(), account: Account::for_data(&self.directory.join("data"))? })
    }
}

/// What is being done, for a window that shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase", tag = "step")]
pub enum Step {
    /// Another program starts or stops the server.
    Waiting,
    /// The first start of all.
    Creating,
    Starting,
    /// It was not stopped cleanly and reads its journal.
    Recovering,
    BackingUp,
    Migrating {
        number: u32,
        of: u32,
    },
    Ready,
}

impl Step {
    /// For a person.
    #[must_use]
    pub fn sentence(self) -> String {
        match self {
            Self::Waiting => "Waiting for another Lectern window…".into(),
            Self::Creating => "Creating the local database…".into(),
            Self::Starting => "Starting the local database…".into(),
            Self::Recovering => "Checking the local database after it was not closed properly…".into(),
            Self::BackingUp => "Backing up the local database before its upgrade…".into(),
            Self::Migrating { number, of } => format!("Upgrading the local database: step {number} of {of}…"),
            Self::Ready => "The local database is ready.".into(),
        }
    }
}

pub type Tell<'t> = &'t mut (dyn FnMut(Step) + Send);

/// A local server in use by this program. [`leave`](Self::leave) it at the end; when it is only dropped, the server is
/// asked to stop but not waited for, and after a crash the next start finds and uses it.
#[derive(Debug)]
pub struct LocalServer {
    cluster: Cluster,
    secrets: Secrets,
    binaries: Binaries,
    registration: Option<Registration>,
    pub schema: SchemaState,
}

/// Makes, starts and migrates the local server as far as each is needed, and registers this program as its user.
///
/// A database with migrations this build does not know is left as it is; `schema` says so.
///
/// # Errors
/// `localServer` with the reason and the next step; `conflict` when an applied migration's file was changed.
pub async fn start(options: &Options, migrator: &Migrator, tell: Tell<'_>) -> Result<LocalServer> {
    let cluster = options.cluster()?;
    cluster.prepare_directory()?;
    let turn = Turn::wait(&options.directory, options.patience, || tell(Step::Waiting)).await?;
    let others = users::tidy(&options.directory, &turn);
    let binaries = match cluster.major() {
        None => Binaries::find(options.bundled.as_deref())?,
        Some(major) => fitting(options, &cluster.data(), major)?,
    };
    let binaries = binaries.readable_by(cluster.account.as_ref(), &options.directory)?;
    let secrets = Secrets::read_or_make(&options.directory)?;

    let was_running = bring_up(&cluster, &binaries, &secrets, tell).await?;
    if !was_running {
        // The wish to keep a server running ends with that server.
        let _ = std::fs::remove_file(kept(&options.directory));
    }
    let registration = Registration::new(&options.directory, &turn)?;
    let mut server = LocalServer {
        cluster,
        secrets,
        binaries,
        registration: Some(registration),
        schema: SchemaState {
            state: migrating::Standing::Missing,
            pending: 0,
            message: String::new(),
            next_step: None,
        },
    };
    match server.make_current(migrator, !others.is_empty(), tell).await {
        Ok(()) => {
            tell(Step::Ready);
            Ok(server)
        }
        Err(error) => {
            server.leave_in(&turn).await?;
            Err(error)
        }
    }
}

/// Programs that open data of `major`.
fn fitting(options: &Options, data: &Path, major: u32) -> Result<Binaries> {
    let usual = Binaries::find(options.bundled.as_deref())?;
    if usual.major == major {
        return Ok(usual);
    }
    Binaries::of_major(options.bundled.as_deref(), major).map_err(|_| {
        Error::new(
            Code::LocalServer,
            format!(
                "The local data in {} was made by PostgreSQL {major}; here is PostgreSQL {}, which cannot open it.",
                data.display(),
                usual.version
            ),
        )
        .next_step(format!(
            "Install PostgreSQL {major} (package `postgresql-{major}`) beside it and start Lectern again; then move the \
             data with a dump."
        ))
    })
}

/// True when it was running already.
async fn bring_up(cluster: &Cluster, binaries: &Binaries, secrets: &Secrets, tell: Tell<'_>) -> Result<bool> {
    let mut knows_password = !secrets.are_new;
    let started = Instant::now();
    // Only whoever has the turn starts a server, so one that is starting or stopping was left alone by somebody.
    while let Some(server) = cluster.running() {
        if server.phase == Phase::Ready {
            // One that was asked to stop a moment ago still calls itself ready, and lets nobody in.
            let superuser = options(cluster, SUPERUSER, &secrets.superuser, "postgres");
            match PgConnection::connect_with(&superuser).await.map_err(Error::from) {
                Ok(connection) => {
                    connection.close().await?;
                    return Ok(true);
                }
                Err(error) if error.code == Code::WrongPassword => {
                    knows_password = false;
                    cluster.stop().await?;
                }
                Err(error) if started.elapsed() > Duration::from_secs(60) => return Err(not_let_in(error)),
                Err(_) => {}
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    if cluster.exists() {
        tell(Step::Starting);
        cluster.clean_after_crash().await?;
        if !knows_password {
            cluster.tell_password(binaries, secrets).await?;
        }
    } else {
        tell(Step::Creating);
        cluster.initialize(binaries, secrets).await?;
        tell(Step::Starting);
    }
    cluster.launch(binaries, || tell(Step::Recovering)).await?;
    Ok(false)
}

impl LocalServer {
    /// As the superuser of this server, who owns the database and migrates it.
    #[must_use]
    pub fn owner(&self) -> PgConnectOptions {
        options(&self.cluster, SUPERUSER, &self.secrets.superuser, DATABASE)
    }

    /// As the login every window uses.
    #[must_use]
    pub fn application(&self) -> PgConnectOptions {
        options(&self.cluster, LOGIN, &self.secrets.application, DATABASE)
    }

    /// As `17.10`.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.binaries.version
    }

    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.cluster.directory
    }

    async fn make_current(&mut self, migrator: &Migrator, is_shared: bool, tell: Tell<'_>) -> Result<()> {
        let mut server = connect(&options(&self.cluster, SUPERUSER, &self.secrets.superuser, "postgres")).await?;
        let exists: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
            .bind(DATABASE)
            .fetch_one(&mut server)
            .await?;
        if !exists {
            run(&mut server, format!("create database {DATABASE}")).await?;
        }
        server.close().await?;

        let mut owner = connect(&self.owner()).await?;
        let comparison = migrating::compare(&mut owner, migrator).await?;
        if comparison.unknown.is_empty() && !comparison.pending.is_empty() {
            if !comparison.applied.is_empty() {
                owner.close().await?;
                self.back_up_before(comparison.pending.first().map_or(0, |first| first.version), is_shared, tell)
                    .await?;
                owner = connect(&self.owner()).await?;
            }
            let mut forward = |event: migrating::Event<'_>| {
                if let migrating::Event::Applying { number, of, .. } = event {
                    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
                    tell(Step::Migrating { number: count(number), of: count(of) });
                }
            };
            migrating::migrate(&mut owner, migrator, Duration::from_secs(60), &mut forward).await?;
        }
        self.schema = migrating::compare(&mut owner, migrator).await?.state();
        self.ensure_login(&mut owner).await?;
        owner.close().await?;
        Ok(())
    }

    async fn back_up_before(&self, first: i64, is_shared: bool, tell: Tell<'_>) -> Result<()> {
        if is_shared {
            return Err(Error::new(
                Code::LocalServer,
                "The local database must be upgraded for this version of Lectern, and another Lectern program is using it.",
            )
            .next_step("Close the other Lectern windows and programs, then open this one again."));
        }
        tell(Step::BackingUp);
        self.cluster.stop().await?;
        let copied = backups::before_migration(&self.cluster, first).await;
        tell(Step::Starting);
        self.cluster.launch(&self.binaries, || tell(Step::Recovering)).await?;
        copied.map(|_| ())
    }

    async fn ensure_login(&self, owner: &mut PgConnection) -> Result<()> {
        let (exists, is_member): (bool, bool) = sqlx::query_as(
            "select exists (select from pg_roles where rolname = $1),
                    coalesce((select pg_has_role($1, 'lectern_app', 'member') from pg_roles where rolname = $1), false)",
        )
        .bind(LOGIN)
        .fetch_one(&mut *owner)
        .await?;
        if exists && is_member && !self.secrets.are_new {
            match PgConnection::connect_with(&self.application()).await {
                Ok(connection) => return Ok(connection.close().await?),
                Err(cause) => match Error::from(cause) {
                    error if error.code == Code::WrongPassword => {}
                    error => return Err(error),
                },
            }
        }
        if !exists {
            run(owner, format!("create role {LOGIN} login")).await?;
        }
        let verifier = secrets::verifier(&self.secrets.application)?;
        for statement in [
            format!("alter role {LOGIN} login password '{verifier}'"),
            format!("grant lectern_app to {LOGIN}"),
            format!("alter role {LOGIN} set statement_timeout = '30s'"),
            format!("alter role {LOGIN} set lock_timeout = '5s'"),
            format!("alter role {LOGIN} set idle_in_transaction_session_timeout = '60s'"),
        ] {
            run(owner, statement).await?;
        }
        Ok(())
    }

    /// Keeps the server running after the last user left, until [`stop`] or the end of the computer's day.
    ///
    /// # Errors
    /// `localServer` when the directory cannot be written.
    pub fn keep_running(&self) -> Result<()> {
        std::fs::write(kept(self.directory()), "").map_err(|cause| refusals::cannot_write(self.directory(), cause))
    }

    /// Ends this program's use. The last one out stops the server and waits for it.
    ///
    /// # Errors
    /// `localServer` when it does not stop.
    pub async fn leave(mut self) -> Result<()> {
        let turn = Turn::wait(self.directory(), Duration::from_secs(120), || ()).await?;
        self.leave_in(&turn).await
    }

    async fn leave_in(&mut self, turn: &Turn) -> Result<()> {
        if let Some(registration) = self.registration.take() {
            registration.end();
        }
        if users::tidy(self.directory(), turn).is_empty() && !kept(self.directory()).exists() {
            self.cluster.stop().await?;
        }
        Ok(())
    }

    /// Writes a backup to the directory `backups` and gives its path, a directory that [`restore`] reads. The server is
    /// stopped a moment for it, so nobody else may use it.
    ///
    /// # Errors
    /// `localServer` when there is no room, or others use the server.
    pub async fn back_up(&self) -> Result<PathBuf> {
        let turn = Turn::wait(self.directory(), Duration::from_secs(120), || ()).await?;
        let others = users::tidy(self.directory(), &turn).len() > usize::from(self.registration.is_some());
        if others {
            return Err(in_use("A backup needs the local server to be stopped for a moment"));
        }
        let target = backups::name(&self.cluster, "-backup")?;
        self.cluster.stop().await?;
        let copied = backups::copy_stopped(&self.cluster, &target).await;
        self.cluster.launch(&self.binaries, || ()).await?;
        copied.map(|()| target)
    }
}

impl Drop for LocalServer {
    fn drop(&mut self) {
        let Some(registration) = self.registration.take() else { return };
        registration.end();
        if let Some(turn) = Turn::now(self.directory())
            && users::tidy(self.directory(), &turn).is_empty()
            && !kept(self.directory()).exists()
        {
            self.cluster.ask_to_stop();
        }
    }
}

fn kept(directory: &Path) -> PathBuf {
    directory.join("kept")
}

fn in_use(why: &str) -> Error {
    Error::new(Code::LocalServer, format!("{why}, and another Lectern program is using it."))
        .next_step("Close the other Lectern windows and programs, then try again.")
}

fn options(cluster: &Cluster, user: &str, password: &str, database: &str) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .socket(cluster.sockets())
        .port(PORT)
        .username(user)
        .password(password)
        .database(database)
        .ssl_mode(PgSslMode::Disable)
}

async fn connect(options: &PgConnectOptions) -> Result<PgConnection> {
    PgConnection::connect_with(options).await.map_err(|cause| not_let_in(cause.into()))
}

fn not_let_in(cause: Error) -> Error {
    Error::new(Code::LocalServer, "The local server runs but does not let Lectern in.")
        .next_step("Close every Lectern window and open one again; if it stays, read server.log in the data directory.")
        .caused_by(cause)
}

async fn run(connection: &mut PgConnection, statement: String) -> Result<()> {
    // Names are constants of this file; the one value is a verifier, not a password.
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(connection).await?;
    Ok(())
}
