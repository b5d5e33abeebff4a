//! Connecting: a small pool on the first host that takes changes, with what the server said of itself.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::{
    Connection as _, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions, PgSslMode},
};
use tokio::time::timeout;

use super::{
    Connection, Endpoint, Sensitive, Tls,
    line::{self, PATIENCE},
    pooler::{self, Judgement},
    refusal::Refusal,
    relay::{Door, Relay},
    role,
    tls::Trust,
};
use crate::{
    database::Database,
    error::{Code, Error, Result},
    migrating::{self, SchemaState, Standing},
};

/// 500 desks on one server: none holds more than this, none holds it idle for long (design §4.11).
const MOST_CONNECTIONS: u32 = 3;
const IDLE: Duration = Duration::from_secs(60);
const OLDEST: Duration = Duration::from_secs(30 * 60);
const WAIT_FOR_ONE: Duration = Duration::from_secs(8);
/// Until then a connection was seen alive when it was given back.
const FRESH: Duration = Duration::from_millis(200);
/// How long a connection to a standby is put up with before a primary is looked for again.
const READ_ONLY_FOR: Duration = Duration::from_secs(30);
/// Signing in takes five round trips.
const SIGN_IN: Duration = Duration::from_secs(5);

pub const OLDEST_SERVER: i32 = 150_000;
pub const NEWEST_SERVER: i32 = 180_000;

/// A server that let us in.
#[derive(Debug)]
pub struct Opened {
    pub database: Database,
    pub server: Server,
    pub schema: SchemaState,
    /// Nobody can sign in yet: the first owner is to be created.
    pub needs_first_owner: bool,
}

/// What the server says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// The host that answered, of those the connection names.
    pub endpoint: Endpoint,
    /// `17.5`
    pub version: String,
    /// `170005`
    pub number: i32,
    /// A standby: it answers and takes no changes.
    pub is_read_only: bool,
}

/// Connects as the application's login.
///
/// # Errors
/// `unreachable`, `tls`, `wrongPassword`, `notFound` (no such database), `notAllowed` (not let in, or a login that stands
/// above the rights), each with its reason. Tables that do not fit are no error: `Opened::schema` says so.
pub async fn connect(connection: &Connection, secret: Option<&Sensitive>) -> Result<Opened> {
    let started = Instant::now();
    let opened = open(connection, secret).await;
    let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    match &opened {
        Ok(opened) => tracing::info!(
            server.version = opened.server.version,
            server.is_read_only = opened.server.is_read_only,
            schema = ?opened.schema.state,
            duration_ms,
            "connected"
        ),
        Err(error) => tracing::warn!(code = ?error.code, duration_ms, "could not connect"),
    }
    opened
}

async fn open(connection: &Connection, secret: Option<&Sensitive>) -> Result<Opened> {
    let mut entered = enter(connection, secret).await?;
    let endpoint = entered.server.endpoint.clone();
    // Asked beside each other: over a slow network each question counts.
    let (is_bouncer, told) =
        tokio::join!(pooler::is_bouncer(connection, &endpoint), look_around(connection, &mut entered.first));
    if is_bouncer && let Judgement::Refused(refusal) = pooler::judge(connection, &mut entered, secret, true).await {
        return Err(refusal.into());
    }
    let (role, schema, needs_first_owner) = told?;
    if let Some(error) = role.refusal() {
        return Err(error);
    }
    let schema = schema?;
    let server = entered.server.clone();
    let database = Database::new(entered.into_pool(MOST_CONNECTIONS).await);
    Ok(Opened { database, server, schema, needs_first_owner })
}

/// The schema stays a result of its own: a login that may not ask is told so first.
async fn look_around(
    connection: &Connection,
    first: &mut PgConnection,
) -> Result<(role::Role, Result<SchemaState>, bool)> {
    let role = role::inspect(first, connection).await?;
    let schema = migrating::schema_state(first).await;
    let is_current = schema.as_ref().is_ok_and(|schema| schema.state == Standing::Current);
    let needs_first_owner = is_current
        && role.refusal().is_none()
        && sqlx::query_scalar("select lectern_api.needs_first_owner()").fetch_one(first).await?;
    Ok((role, schema, needs_first_owner))
}

impl Opened {
    /// Why nothing may be done here although the server let us in: tables that do not fit.
    #[must_use]
    pub fn refusal(&self) -> Option<Error> {
        schema_refusal(&self.schema)
    }
}

/// `schemaOutdated` or `schemaNewer` when the tables do not fit this build.
#[must_use]
pub fn schema_refusal(schema: &SchemaState) -> Option<Error> {
    let code = match schema.state {
        Standing::Current => return None,
        Standing::Outdated | Standing::Missing => Code::SchemaOutdated,
        Standing::Newer => Code::SchemaNewer,
    };
    let mut error = Error::new(code, schema.message.clone());
    error.next_step.clone_from(&schema.next_step);
    Some(error)
}

/// A tried way to a server for whoever migrates, seeds or creates the first owner: that login may stand above the rights.
pub struct OwnersWay {
    pub server: Server,
    /// Good as long as this value lives.
    pub options: PgConnectOptions,
    relay: Option<Arc<Relay>>,
    _open: tokio_util::sync::DropGuard,
}

// sqlx shows the password of its options.
impl std::fmt::Debug for OwnersWay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OwnersWay").field("server", &self.server).finish_non_exhaustive()
    }
}

impl OwnersWay {
    /// # Errors
    /// As [`connect`], without the judgement over the login.
    pub async fn to(connection: &Connection, secret: Option<&Sensitive>) -> Result<Self> {
        let Entered { first, server, options, relay, kept, .. } = enter(connection, secret).await?;
        say_goodbye(first).await;
        Ok(Self { server, options, relay, _open: kept })
    }

    /// Two connections at most; good as long as this value lives.
    #[must_use]
    pub fn pool(&self) -> PgPool {
        pool(self.options.clone(), self.relay.clone(), 2)
    }
}

/// Signed in at a host that takes changes, or at one that answers when none does.
pub(crate) struct Entered {
    pub(crate) first: PgConnection,
    pub(crate) server: Server,
    options: PgConnectOptions,
    relay: Option<Arc<Relay>>,
    /// Ends the carrying when nobody took it over.
    open: tokio_util::sync::CancellationToken,
    kept: tokio_util::sync::DropGuard,
}

impl Entered {
    async fn into_pool(self, most: u32) -> PgPool {
        let Self { first, options, relay, open, kept, .. } = self;
        say_goodbye(first).await;
        let pool = pool(options, relay, most);
        let ended = pool.close_event();
        // The relay lives as long as the pool, in whoever's hands it is.
        tokio::spawn(async move {
            ended.await;
            open.cancel();
        });
        kept.disarm();
        pool
    }
}

async fn say_goodbye(connection: PgConnection) {
    if let Err(error) = connection.close().await {
        tracing::debug!(%error, "a connection ended without a goodbye");
    }
}

pub(crate) async fn enter(connection: &Connection, secret: Option<&Sensitive>) -> Result<Entered, Refusal> {
    let (options, relay, open) = way(connection, secret)?;
    let kept = open.clone().drop_guard();
    loop {
        let mut first = sign_in(connection, &options, relay.as_deref(), secret.is_some()).await?;
        // Not a prepared statement: behind an old pooler that would fail before anybody could say why.
        let facts = sqlx::raw_sql(
            "select current_setting('server_version'), current_setting('server_version_num')::int, pg_catalog.pg_is_in_recovery()",
        );
        let facts =
            timeout(PATIENCE, facts.fetch_one(&mut first)).await.map_err(|_| too_slow())?.map_err(Error::from)?;
        let (version, number, is_read_only) =
            <(String, i32, bool) as sqlx::FromRow<_>>::from_row(&facts).map_err(Error::from)?;
        if is_read_only && relay.as_ref().is_some_and(|relay| relay.pass_over_standby()) {
            continue;
        }
        let endpoint = relay.as_ref().and_then(|relay| relay.endpoint().cloned());
        let endpoint = endpoint.unwrap_or_else(|| Endpoint { host: connection.host.clone(), port: connection.port });
        let version = version.split_whitespace().next().unwrap_or_default().to_owned();
        if number < OLDEST_SERVER {
            return Err(Refusal::new(
                Code::NotAllowed,
                format!("The server is PostgreSQL {version}; Lectern needs 15 or newer."),
                "Have IT upgrade the server.",
            ));
        }
        let server = Server { endpoint, version, number, is_read_only };
        return Ok(Entered { first, server, options, relay, open, kept });
    }
}

/// A pooler's own console, which is no PostgreSQL and answers to little.
pub(crate) async fn enter_console(connection: &Connection, secret: Option<&Sensitive>) -> Result<Entered, Refusal> {
    let (options, relay, open) = way(connection, secret)?;
    let kept = open.clone().drop_guard();
    let first = sign_in(connection, &options, relay.as_deref(), secret.is_some()).await?;
    let endpoint = Endpoint { host: connection.host.clone(), port: connection.port };
    let server = Server { endpoint, version: String::new(), number: 0, is_read_only: false };
    Ok(Entered { first, server, options, relay, open, kept })
}

/// How sqlx gets to the server: straight, or through a relay that lives until the token is cancelled.
fn way(
    connection: &Connection,
    secret: Option<&Sensitive>,
) -> Result<(PgConnectOptions, Option<Arc<Relay>>, tokio_util::sync::CancellationToken), Refusal> {
    let open = tokio_util::sync::CancellationToken::new();
    if !Relay::is_needed(connection) {
        return Ok((straight(connection, secret), None, open));
    }
    let door = Relay::open(connection)?;
    let relay = door.relay.clone();
    let options = through(&door, usual(connection, secret))?;
    door.serve(open.clone().cancelled_owned());
    Ok((options, Some(relay), open))
}

#[cfg(unix)]
fn through(door: &Door, options: PgConnectOptions) -> Result<PgConnectOptions, Refusal> {
    Ok(options.socket(door.place.folder.path()).port(super::relay::SOCKET_NUMBER).ssl_mode(PgSslMode::Disable))
}

#[cfg(not(unix))]
fn through(door: &Door, options: PgConnectOptions) -> Result<PgConnectOptions, Refusal> {
    let address =
        door.place.listener.local_addr().map_err(|error| Refusal::from(Error::from(sqlx::Error::Io(error))))?;
    Ok(options.host("127.0.0.1").port(address.port()).ssl_mode(PgSslMode::Disable))
}

fn usual(connection: &Connection, secret: Option<&Sensitive>) -> PgConnectOptions {
    let options = PgConnectOptions::new_without_pgpass()
        .host(&connection.host)
        .port(connection.port)
        .database(&connection.database)
        .username(&connection.user)
        // Always given, else sqlx takes PGPASSWORD: a second store nobody chose.
        .password(secret.map_or("", Sensitive::expose))
        .application_name("lectern")
        // The server's default since PostgreSQL 12 is exact; PgBouncer refuses the parameter.
        .extra_float_digits(None);
    if connection.host.starts_with('/') { options.socket(&connection.host) } else { options }
}

fn straight(connection: &Connection, secret: Option<&Sensitive>) -> PgConnectOptions {
    let endpoint = Endpoint { host: connection.host.clone(), port: connection.port };
    let mut options = usual(connection, secret).ssl_mode(match connection.tls_to(&endpoint) {
        Tls::VerifyFull => PgSslMode::VerifyFull,
        Tls::VerifyCa => PgSslMode::VerifyCa,
        Tls::Require => PgSslMode::Require,
        Tls::Off => PgSslMode::Disable,
    });
    if let Some(file) = &connection.ca_file {
        options = options.ssl_root_cert(file);
    }
    if let (Some(certificate), Some(key)) = (&connection.client_certificate, &connection.client_key) {
        options = options.ssl_client_cert(certificate).ssl_client_key(key);
    }
    options
}

async fn sign_in(
    connection: &Connection,
    options: &PgConnectOptions,
    relay: Option<&Relay>,
    gave_password: bool,
) -> Result<PgConnection, Refusal> {
    // The relay has a time for each host and each step.
    let most = relay.map_or(SIGN_IN, |relay| SIGN_IN + PATIENCE * 3 * u32::try_from(relay.hosts()).unwrap_or(1));
    let error = match timeout(most, PgConnection::connect_with(options)).await {
        Ok(Ok(connection)) => return Ok(connection),
        Ok(Err(error)) => error,
        Err(_) => sqlx::Error::PoolTimedOut,
    };
    if let sqlx::Error::Database(refused) = &error {
        let code = refused.code().unwrap_or_default();
        return Err(line::explain_sign_in(connection, &code, refused.message(), gave_password));
    }
    if let Some(refusal) = relay.and_then(Relay::last_refusal) {
        return Err(refusal);
    }
    // Ask the line itself why.
    let endpoint = relay
        .and_then(Relay::endpoint)
        .cloned()
        .unwrap_or_else(|| Endpoint { host: connection.host.clone(), port: connection.port });
    let trust = if connection.tls_to(&endpoint) == Tls::Off { None } else { Some(Trust::of(connection)?) };
    let (line, _) = line::open(connection, &endpoint, trust.as_ref()).await?;
    let shows_certificate = connection.client_certificate.is_some();
    match line::greet(connection, &endpoint, line, shows_certificate, &[]).await? {
        line::Greeting::Refused { sqlstate, message } => {
            Err(line::explain_sign_in(connection, &sqlstate, &message, gave_password))
        }
        line::Greeting::SignIn { .. } if matches!(error, sqlx::Error::PoolTimedOut) => Err(too_slow()),
        line::Greeting::SignIn { .. } => Err(Refusal::unreachable(
            format!("{endpoint} broke off the sign-in."),
            "Look up the moment in the server's log; the way of signing in it asks for may not be one of scram-sha-256, md5, certificate.",
        )),
    }
}

fn too_slow() -> Refusal {
    Refusal::unreachable(
        "The server was reached, but takes too long to let anybody in.",
        "It may be overloaded; try again, then tell IT.",
    )
}

fn pool(options: PgConnectOptions, relay: Option<Arc<Relay>>, most: u32) -> PgPool {
    let judge = relay.filter(|relay| relay.has_alternatives());
    let has_alternatives = judge.is_some();
    PgPoolOptions::new()
        .max_connections(most)
        .idle_timeout(IDLE)
        .max_lifetime(OLDEST)
        .acquire_timeout(WAIT_FOR_ONE)
        // Replaced by a question that costs a round trip only after idling, and gives up on a dead line.
        .test_before_acquire(false)
        .before_acquire(move |connection, meta| {
            Box::pin(async move {
                if meta.idle_for < FRESH {
                    return Ok(true);
                }
                if has_alternatives && meta.age > READ_ONLY_FOR {
                    return Ok(!timeout(PATIENCE, is_standby(connection)).await.unwrap_or(Ok(true))?);
                }
                Ok(matches!(timeout(PATIENCE, connection.ping()).await, Ok(Ok(()))))
            })
        })
        .after_connect(move |connection, _| {
            let judge = judge.clone();
            Box::pin(async move {
                if let Some(relay) = judge
                    && is_standby(connection).await?
                    && relay.pass_over_standby()
                {
                    return Err(sqlx::Error::Io(std::io::ErrorKind::ReadOnlyFilesystem.into()));
                }
                Ok(())
            })
        })
        .connect_lazy_with(options)
}

async fn is_standby(connection: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar("select pg_catalog.pg_is_in_recovery()").fetch_one(connection).await
}
