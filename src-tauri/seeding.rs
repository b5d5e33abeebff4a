//! Sample data, always the same but for its dates: a small set to look at, and a large one to measure with. Written by the
//! owner's login, in one transaction its caller begins and commits, so an interrupted run leaves nothing.
//!
//! Nobody in it has a password. Which rows a run would write is decided by SQL alone (`seeding/*.sql`); the marker of a
//! finished run is its first organization.

use serde::Serialize;
use sqlx::PgConnection;

use crate::error::{Code, Error, OnConstraint, Result};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Size {
    /// Three organizations, some hundred rows.
    Small,
    /// 1,000,000 enrollments at scale 1.
    Medium,
}

impl Size {
    fn marker(self) -> &'static str {
        match self {
            Self::Small => "organization",
            Self::Medium => "medium organization",
        }
    }
}

/// What is in a database before it is seeded.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Standing {
    pub organizations: i64,
    pub people: i64,
    /// This size is there already.
    pub seeded: bool,
}

/// Rows written into one table, or expected to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Written {
    pub table: String,
    pub rows: i64,
}

/// How far a run is: `done` of `of` rows of `what`.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    pub what: &'static str,
    pub done: u64,
    pub of: u64,
}

type Tell<'t> = &'t mut (dyn FnMut(Progress) + Send);

const TOOLS: &str = include_str!("seeding/tools.sql");
const WRITTEN: &str = include_str!("seeding/written.sql");
const SMALL: [(&str, &str); 5] = [
    ("organizations", include_str!("seeding/small/organizations.sql")),
    ("people", include_str!("seeding/small/people.sql")),
    ("courses", include_str!("seeding/small/courses.sql")),
    ("quizzes", include_str!("seeding/small/quizzes.sql")),
    ("enrollments", include_str!("seeding/small/enrollments.sql")),
];
const SIZES: &str = include_str!("seeding/medium/sizes.sql");
const ORGANIZATIONS: &str = include_str!("seeding/medium/organizations.sql");
const PEOPLE: &str = include_str!("seeding/medium/people.sql");
const COURSES: &str = include_str!("seeding/medium/courses.sql");
const ENROLLMENTS: &str = include_str!("seeding/medium/enrollments.sql");
const QUIET: &str = include_str!("seeding/medium/quiet.sql");
const HEARD: &str = include_str!("seeding/medium/heard.sql");

/// Rows between two signs of life, and between two chances to stop.
const BATCH: i64 = 2_000;

/// Refuses a login that forced row-level security would silently show an empty database.
///
/// # Errors
/// `notAllowed` for any login but the owner's.
pub async fn require_owner(connection: &mut PgConnection) -> Result<()> {
    let is_owner = sqlx::query_scalar!(
        r#"select coalesce((select rolsuper from pg_roles where rolname = current_user), false)
               or coalesce((select bool_and(pg_has_role(oid, 'usage')) and count(*) = 2 from pg_roles
                             where rolname in ('lectern_owner', 'lectern_guard')), false) as "is_owner!""#
    )
    .fetch_one(connection)
    .await?;
    if is_owner {
        return Ok(());
    }
    Err(Error::new(Code::NotAllowed, "This login may not do that: it is not the owner of Lectern's tables.")
        .next_step("Connect as the login that ran `lectern migrate`."))
}

/// What is here, and whether `size` is among it.
///
/// # Errors
/// `unreachable` when the server is gone.
pub async fn standing(connection: &mut PgConnection, size: Size) -> Result<Standing> {
    // The marker's id as lectern_seed.id makes it.
    Ok(sqlx::query_as!(
        Standing,
        r#"select (select count(*) from lectern.organizations) as "organizations!",
                  (select count(*) from lectern.people) as "people!",
                  exists (select from lectern.organizations
                           where id = (lpad(to_hex(1735689600000 + 1), 12, '0')
                                       || '7' || substr(md5('lectern ' || $1::text || 1), 1, 3)
                                       || '8' || substr(md5('lectern ' || $1::text || 1), 4, 15))::uuid) as "seeded!""#,
        size.marker()
    )
    .fetch_one(connection)
    .await?)
}

/// Writes the sample data. `scale` multiplies size medium: 0.001 to 10. Says nothing was written when it is there already.
///
/// # Errors
/// `conflict` when one of its addresses or slugs is taken, `notAllowed` for any login but the owner's, `cancelled`,
/// `unreachable`.
pub async fn seed(connection: &mut PgConnection, size: Size, scale: f64, tell: Tell<'_>) -> Result<Vec<Written>> {
    prepare(connection).await?;
    if standing(connection, size).await?.seeded {
        return Ok(Vec::new());
    }
    run(connection, TOOLS).await?;
    match size {
        Size::Small => small(connection, tell).await?,
        Size::Medium => medium(connection, scale, tell).await?,
    }
    let written = written(connection, size).await?;
    run(connection, "drop schema lectern_seed cascade").await?;
    Ok(written)
}

/// What [`seed`] would write, without waiting for all of it. Leaves its traces in the transaction: roll it back.
///
/// # Errors
/// As [`seed`].
pub async fn rehearse(connection: &mut PgConnection, size: Size, scale: f64) -> Result<Vec<Written>> {
    if size == Size::Small {
        return seed(connection, size, scale, &mut |_| {}).await;
    }
    prepare(connection).await?;
    if standing(connection, size).await?.seeded {
        return Ok(Vec::new());
    }
    run(connection, TOOLS).await?;
    set_scale(connection, scale).await?;
    run(connection, SIZES).await?;
    Ok(sqlx::query_as(
        r#"select v.what as "table", sum(v.rows)::bigint as rows
           from lectern_seed.organizations
           cross join lateral (values (1, 'organizations', 1), (2, 'people', people), (3, 'courses', courses),
                                      (4, 'enrollments', enrollments)) v (place, what, rows)
           group by v.place, v.what order by v.place"#,
    )
    .fetch_all(connection)
    .await?)
}

/// Gathers what the planner needs to know of a database that just became large. Outside of any transaction.
///
/// # Errors
/// `unreachable` when the server is gone.
pub async fn tidy(connection: &mut PgConnection) -> Result<()> {
    for table in [
        "vacuum (analyze) lectern.people",
        "vacuum (analyze) lectern.memberships",
        "vacuum (analyze) lectern.courses",
        "vacuum (analyze) lectern.sub_courses",
        "vacuum (analyze) lectern.lessons",
        "vacuum (analyze) lectern.enrollments",
        "vacuum (analyze) lectern.lesson_progress",
        "vacuum (analyze) lectern.submissions",
        "vacuum (analyze) lectern.course_counts",
    ] {
        run(connection, table).await?;
    }
    Ok(())
}

async fn prepare(connection: &mut PgConnection) -> Result<()> {
    require_owner(connection).await?;
    // The last one: when this process is killed, the server notices within a second instead of working on for nobody.
    run(
        connection,
        "set local client_min_messages = warning; set local statement_timeout = 0;
         set local idle_in_transaction_session_timeout = 0; set local client_connection_check_interval = '1s'",
    )
    .await?;
    // Two at once: the second waits and finds everything there.
    sqlx::query("select pg_advisory_xact_lock(hashtextextended('lectern seed', 0))").execute(connection).await?;
    Ok(())
}

async fn small(connection: &mut PgConnection, tell: Tell<'_>) -> Result<()> {
    for (index, (what, sql)) in SMALL.iter().enumerate() {
        tell(Progress { what, done: index as u64, of: SMALL.len() as u64 });
        run(connection, sql).await?;
    }
    Ok(())
}

async fn medium(connection: &mut PgConnection, scale: f64, tell: Tell<'_>) -> Result<()> {
    set_scale(connection, scale).await?;
    run(connection, QUIET).await?;
    run(connection, SIZES).await?;
    run(connection, ORGANIZATIONS).await?;
    batches(
        connection,
        "people",
        "select min(number) as first, max(number) as last, sum(people)::bigint as rows from lectern_seed.organizations
         group by people_before::bigint / $1 order by 1",
        PEOPLE,
        tell,
    )
    .await?;
    tell(Progress { what: "courses", done: 0, of: 1 });
    run(connection, COURSES).await?;
    batches(
        connection,
        "enrollments",
        "select min(number) as first, max(number) as last, sum(enrollments)::bigint as rows from lectern_seed.courses
         group by enrollments_before / $1 order by 1",
        ENROLLMENTS,
        tell,
    )
    .await
}

/// Runs `sql` for each batch that `listed` names, told to it through two settings of the transaction.
async fn batches(
    connection: &mut PgConnection,
    what: &'static str,
    listed: &'static str,
    sql: &'static str,
    tell: Tell<'_>,
) -> Result<()> {
    let batches: Vec<(i32, i32, i64)> = sqlx::query_as(listed).bind(BATCH).fetch_all(&mut *connection).await?;
    let of = batches.iter().map(|(_, _, rows)| rows.unsigned_abs()).sum();
    let mut done = 0;
    for (first, last, rows) in batches {
        tell(Progress { what, done, of });
        sqlx::query(
            "select set_config('lectern_seed.first', $1::text, true), set_config('lectern_seed.last', $2::text, true)",
        )
        .bind(first.to_string())
        .bind(last.to_string())
        .execute(&mut *connection)
        .await?;
        run(connection, sql).await?;
        done += rows.unsigned_abs();
    }
    tell(Progress { what, done, of });
    Ok(())
}

async fn set_scale(connection: &mut PgConnection, scale: f64) -> Result<()> {
    if !(0.001..=10.0).contains(&scale) {
        return Err(Error::invalid("scale", "A scale is a number from 0.001 to 10; 1 makes 1,000,000 enrollments."));
    }
    sqlx::query("select set_config('lectern_seed.scale', $1, true)")
        .bind(scale.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

async fn written(connection: &mut PgConnection, size: Size) -> Result<Vec<Written>> {
    run(connection, WRITTEN).await?;
    if size == Size::Medium {
        run(connection, HEARD).await?;
    }
    Ok(sqlx::query_as(r#"select what as "table", rows from lectern_seed.written where rows > 0 order by place"#)
        .fetch_all(connection)
        .await?)
}

async fn run(connection: &mut PgConnection, sql: &'static str) -> Result<()> {
    sqlx::raw_sql(sql)
        .execute(connection)
        .await
        .on_constraint("people_email_key", || taken("A person here already has an address of the sample data."))
        .on_constraint("organizations_slug_key", || {
            taken("An organization here already has a short name of the sample data.")
        })?;
    Ok(())
}

fn taken(message: &str) -> Error {
    Error::new(Code::Conflict, message).next_step("Seed an empty database instead; nothing was written.")
}
