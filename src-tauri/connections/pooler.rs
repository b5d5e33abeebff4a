//! What stands between: PgBouncer is recognised, and whatever stands there is tried with what Lectern does. PgBouncer
//! before 1.21 hands prepared statements to the wrong connection in transaction mode: of 800 transactions 19 were right,
//! and values were bound to statements of others.

use sqlx::{Connection as _, PgConnection};
use tokio::time::timeout;

use super::{
    Connection, Endpoint, Sensitive, Tls,
    line::{self, Greeting, PATIENCE},
    pool::{self, Entered},
    refusal::Refusal,
    tls::Trust,
};
use crate::error::{Code, Error};

/// A parameter PostgreSQL takes at the start and PgBouncer refuses before any sign-in, in every version.
const ODD_PARAMETER: &str = "lectern.probe";

const BOUNCER: &str = "Have IT install PgBouncer 1.22 or newer with max_prepared_statements = 200 and \
                       server_reset_query_always = 1, or name the server itself here.";

/// What stands between, in words.
#[derive(Debug)]
pub(crate) enum Judgement {
    Good(String),
    /// Sentence and next step.
    Works(String, &'static str),
    Refused(Refusal),
}

/// Whether PgBouncer answers at `endpoint`. When it cannot be asked, no.
pub(crate) async fn is_bouncer(connection: &Connection, endpoint: &Endpoint) -> bool {
    let probe = async {
        let trust = if connection.tls_to(endpoint) == Tls::Off { None } else { Some(Trust::of(connection)?) };
        let (opened, _) = line::open(connection, endpoint, trust.as_ref()).await?;
        line::greet(connection, endpoint, opened, false, &[(ODD_PARAMETER, "1")]).await
    };
    matches!(probe.await, Ok(Greeting::Refused { message, .. }) if message.contains("startup parameter"))
}

/// Tries what stands between `entered` and its server with a second connection to the same host.
pub(crate) async fn judge(
    connection: &Connection,
    entered: &mut Entered,
    secret: Option<&Sensitive>,
    is_bouncer: bool,
) -> Judgement {
    let only = connection.narrowed(std::slice::from_ref(&entered.server.endpoint));
    let what = if is_bouncer { "PgBouncer" } else { "A pooler" };
    let mut known = String::new();
    if is_bouncer {
        let console = Connection { database: "pgbouncer".to_owned(), ..only.clone() };
        // Only its administrators may ask; for everybody else trying it out decides.
        if let Ok(mut console) = pool::enter_console(&console, secret).await
            && let Some((major, minor)) = version(&mut console.first).await
        {
            known = format!(" {major}.{minor}");
            if (major, minor) < (1, 21) {
                return refused(
                    format!(
                        "PgBouncer{known} stands in between: before 1.21 it hands statements to the wrong connection."
                    ),
                    BOUNCER,
                );
            }
        }
    }
    let manners = match pool::enter(&only, secret).await {
        Ok(mut other) => try_manners(&mut entered.first, &mut other.first).await,
        Err(refusal) => {
            return Judgement::Works(
                format!("A second connection was refused: {}", refusal.message),
                "Lectern needs up to three; have IT allow them.",
            );
        }
    };
    match manners {
        Ok(Manners::Good) if is_bouncer => {
            Judgement::Good(format!("PgBouncer{known} stands in between and keeps connections apart."))
        }
        Ok(Manners::Good) => Judgement::Good("Nothing stands in between that mixes connections.".to_owned()),
        Ok(Manners::MixesStatements) => refused(
            format!(
                "{what}{known} stands in between and mixes up the prepared statements of its connections: answers would \
                 belong to others' questions (PgBouncer before 1.21, or max_prepared_statements = 0)."
            ),
            BOUNCER,
        ),
        Ok(Manners::NoTransactions) => refused(
            format!("{what}{known} stands in between and allows no transactions (pool_mode = statement)."),
            "Have IT set pool_mode = transaction or session.",
        ),
        Ok(Manners::LeaksSettings) => Judgement::Works(
            format!(
                "{what}{known} stands in between, and what one connection sets the next one finds: one desk could disturb another."
            ),
            "Have IT set server_reset_query_always = 1 (PgBouncer 1.22 or newer).",
        ),
        Ok(Manners::NoRoom) => Judgement::Works(
            format!(
                "{what}{known} stands in between with a single connection for everybody: desks wait for each other."
            ),
            "Have IT raise default_pool_size to 20.",
        ),
        Err(error) => Judgement::Refused(Error::from(error).into()),
    }
}

fn refused(message: String, next_step: &str) -> Judgement {
    Judgement::Refused(Refusal::new(Code::NotAllowed, message, next_step))
}

/// How what stands between treats two connections that share it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manners {
    /// Nothing gets in the way.
    Good,
    /// Prepared statements meet those of other connections.
    MixesStatements,
    /// Every statement may run elsewhere, transactions are refused.
    NoTransactions,
    /// What one connection sets, the next one finds.
    LeaksSettings,
    /// There is one connection behind it for everybody.
    NoRoom,
}

/// Tries both connections against each other.
///
/// # Errors
/// When the server goes away meanwhile.
async fn try_manners(one: &mut PgConnection, other: &mut PgConnection) -> sqlx::Result<Manners> {
    match sqlx::raw_sql("begin").execute(&mut *one).await {
        Ok(_) => sqlx::raw_sql("rollback").execute(&mut *one).await.map(drop)?,
        Err(sqlx::Error::Database(_)) => return Ok(Manners::NoTransactions),
        Err(gone) => return Err(gone),
    }
    match mixes_statements(one, other).await {
        Ok(Some(false)) => {}
        Ok(Some(true)) => return Ok(Manners::MixesStatements),
        Ok(None) => return Ok(Manners::NoRoom),
        // 26000 no such statement, 42P05 there already, 08P01 and decoding errors: the answer to somebody else's question.
        Err(
            sqlx::Error::Database(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::Decode(_),
        ) => {
            return Ok(Manners::MixesStatements);
        }
        Err(gone) => return Err(gone),
    }
    let mark = crate::ids::PersonId::new().to_string();
    sqlx::raw_sql("select pg_catalog.set_config('lectern.probe', '', false)").execute(&mut *other).await?;
    sqlx::query("select pg_catalog.set_config('lectern.probe', $1, false)").bind(&mark).execute(&mut *one).await?;
    let mut leaks = false;
    for _ in 0..4 {
        let found: Option<String> =
            sqlx::query_scalar("select current_setting('lectern.probe', true)").fetch_one(&mut *other).await?;
        leaks |= found.as_deref() == Some(mark.as_str());
    }
    sqlx::query("select pg_catalog.set_config('lectern.probe', '', false)").execute(&mut *one).await?;
    Ok(if leaks { Manners::LeaksSettings } else { Manners::Good })
}

/// None: the pooler lets only one of us work at a time.
/// The same statement number on both means different questions; in turns, and while the other holds its server.
async fn mixes_statements(one: &mut PgConnection, other: &mut PgConnection) -> sqlx::Result<Option<bool>> {
    for turn in 0..3_i32 {
        let sum: i32 = sqlx::query_scalar("select $1::int + 1000").bind(turn).fetch_one(&mut *one).await?;
        let text: String = sqlx::query_scalar("select 'turn ' || $1::int").bind(turn).fetch_one(&mut *other).await?;
        if sum != turn + 1000 || text != format!("turn {turn}") {
            return Ok(Some(true));
        }
        let mut held = other.begin().await?;
        let text: String = sqlx::query_scalar("select 'turn ' || $1::int").bind(turn).fetch_one(&mut *held).await?;
        let sum =
            timeout(PATIENCE, sqlx::query_scalar::<_, i32>("select $1::int + 1000").bind(turn).fetch_one(&mut *one))
                .await;
        held.rollback().await?;
        match sum {
            // The pooler has one server for us all; then the turns before said it.
            Err(_) => return Ok(None),
            Ok(sum) => {
                if sum? != turn + 1000 || text != format!("turn {turn}") {
                    return Ok(Some(true));
                }
            }
        }
    }
    Ok(Some(false))
}

/// PgBouncer's own version, when this login may ask its console: (1, 21).
async fn version(console: &mut PgConnection) -> Option<(u32, u32)> {
    let row = sqlx::raw_sql("show version").fetch_one(console).await.ok()?;
    let text: String = sqlx::Row::try_get_unchecked(&row, 0).ok()?;
    let mut numbers = text
        .trim_start_matches(|c: char| !c.is_ascii_digit())
        .split('.')
        .map(|part| part.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0));
    Some((numbers.next()?, numbers.next()?))
}
