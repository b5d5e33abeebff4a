//! A small world to try rights in: see `world.sql`. North and South have the same shape; people hold different roles in
//! them; Attic is archived.

use futures_util::TryStreamExt;
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Either, Executor, PgConnection};

use crate::harness::{self, Fresh};

const KINDS: [&str; 25] = [
    "organization",
    "person",
    "membership",
    "course",
    "staff",
    "sub_course",
    "lesson",
    "attachment",
    "cohort",
    "group",
    "enrollment",
    "quiz",
    "question",
    "option",
    "key",
    "submission",
    "answer",
    "change_set",
    "revision",
    "operation",
    "invitation",
    "new",
    "card",
    "push",
    "approval",
];
const PEOPLE: [&str; 20] = [
    "business",
    "owner",
    "admin",
    "lead",
    "instructor",
    "assistant",
    "reviewer",
    "idle",
    "second",
    "learner",
    "peer",
    "demoted",
    "disabled",
    "gone",
    "off",
    "south_owner",
    "south_lead",
    "nobody",
    "both",
    "chief",
];

/// Somebody, working in one of the organizations (N, S, A, or `-` for none).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Persona {
    pub name: &'static str,
    pub organization: char,
}

impl Persona {
    /// From `admin@N`.
    pub fn parse(text: &'static str) -> Self {
        let (name, organization) = text.split_once('@').unwrap_or_else(|| panic!("{text} names no organization"));
        Self { name, organization: organization.chars().next().unwrap() }
    }
}

/// What came of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// This many rows seen or touched.
    Rows(u64),
    /// 42501 from a policy.
    Refused,
    /// 42501 for want of a privilege.
    Denied,
    Error {
        sqlstate: String,
        text: String,
    },
}

pub async fn world() -> Fresh {
    let fresh = harness::fresh().await;
    let mut owner = fresh.owner().await;
    sqlx::raw_sql(include_str!("world.sql")).execute(&mut owner).await.expect("the world");
    fresh
}

/// The session token of a person, as their desk holds it.
pub fn token(name: &str) -> String {
    hex::encode(Sha256::digest(format!("token of {name}")))
}

pub fn id(organization: char, kind: &str, number: usize) -> String {
    let organization = match organization {
        'N' => "aa",
        'S' => "bb",
        'A' => "cc",
        _ => "00",
    };
    let kind = 1 + KINDS.iter().position(|known| *known == kind).unwrap_or_else(|| panic!("no kind {kind}"));
    format!("00000000-0000-7000-8000-{organization}{kind:02}{number:08}")
}

pub fn person(name: &str) -> String {
    let number = 1 + PEOPLE.iter().position(|known| *known == name).unwrap_or_else(|| panic!("nobody is {name}"));
    id('p', "person", number)
}

/// Puts ids in the place of `{N.course.1}` (`{o.…}`: the organization at hand), `{p.admin}` and `{token.admin}`, quoted.
pub fn fill(sql: &str, organization: char) -> String {
    let mut out = String::with_capacity(sql.len() + 256);
    let mut rest = sql;
    while let Some(start) = rest.find('{') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.find('}').map_or(rest.len(), |end| end + 1);
        let parts: Vec<&str> = rest[1..end.max(2) - 1].split('.').collect();
        let value = match parts[..] {
            ["p", name] => Some(person(name)),
            ["token", name] => Some(token(name)),
            ["o", kind, number] => Some(id(organization, kind, number.parse().unwrap())),
            [group, kind, number] if group.len() == 1 => {
                Some(id(group.chars().next().unwrap(), kind, number.parse().unwrap()))
            }
            _ => None,
        };
        match value {
            Some(value) => out.push_str(&format!("'{value}'")),
            None => out.push_str(&rest[..end]),
        }
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

/// Sets the variables of a session by hand, as anybody with psql could.
pub async fn step_into(connection: &mut PgConnection, persona: Persona) {
    run(connection, &stepping_in(persona)).await;
}

/// Runs one or several statements in the simple protocol; the last one's outcome counts.
pub async fn run(connection: &mut PgConnection, sql: &str) -> Outcome {
    let mut rows = 0;
    let mut counted = 0;
    let outcome = {
        let mut stream = connection.fetch_many(sqlx::raw_sql(AssertSqlSafe(sql.to_owned())));
        loop {
            match stream.try_next().await {
                Ok(Some(Either::Right(_))) => rows += 1,
                Ok(Some(Either::Left(done))) => {
                    counted = rows.max(done.rows_affected());
                    rows = 0;
                }
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        }
    };
    match outcome {
        Ok(()) => Outcome::Rows(counted),
        Err(sqlx::Error::Database(error)) => {
            let sqlstate = error.code().unwrap_or_default().into_owned();
            let postgres = error.downcast_ref::<sqlx::postgres::PgDatabaseError>();
            let text = [Some(error.message()), postgres.detail(), postgres.hint(), postgres.r#where()];
            let text = text.into_iter().flatten().collect::<Vec<_>>().join(" | ");
            match sqlstate.as_str() {
                "42501" if text.contains("row-level security") => Outcome::Refused,
                "42501" if text.starts_with("permission denied") => Outcome::Denied,
                _ => Outcome::Error { sqlstate, text },
            }
        }
        Err(error) => panic!("{sql}: {error}"),
    }
}

/// Runs `sql` as `persona` and takes everything back.
pub async fn attempt(connection: &mut PgConnection, persona: Persona, sql: &str) -> Outcome {
    let outcome =
        run(connection, &format!("begin; {}; {}", stepping_in(persona), fill(sql, persona.organization))).await;
    run(connection, "rollback").await;
    outcome
}

/// As [`attempt`], in a transaction that goes on.
pub async fn attempt_within(transaction: &mut PgConnection, persona: Persona, sql: &str) -> Outcome {
    let sql = format!("savepoint attempt; {}; {}", stepping_in(persona), fill(sql, persona.organization));
    let outcome = run(transaction, &sql).await;
    run(transaction, "rollback to savepoint attempt").await;
    outcome
}

fn stepping_in(persona: Persona) -> String {
    let token = if persona.name == "anonymous" { String::new() } else { token(persona.name) };
    let organization =
        if persona.organization == '-' { String::new() } else { id(persona.organization, "organization", 1) };
    format!(
        "select set_config('lectern.session', '{token}', true), set_config('lectern.organization', '{organization}', true)"
    )
}
