//! The three figures that shape the schema: a page of enrollments with search, the progress of a whole course, and what
//! row-level security costs.

use lectern::{
    database::{Access, open_session},
    enrollments::{self, EnrollmentsQuery},
    ids::{CourseId, OrganizationId, PersonId},
    page::ListQuery,
    seeding,
};
use sha2::{Digest, Sha256};
use sqlx::{Connection, Executor, PgConnection};
use zeroize::Zeroizing;

use crate::{Figure, median, server, time};

const ROUNDS: usize = 31;

/// The pages of enrollments, as a statement without Lectern around it: what row-level security is measured on.
const PLAIN_PAGE: &str = "select e.id, e.enrolled_at, m.name, c.title
    from lectern.enrollments e
    join lectern.memberships m on m.organization_id = e.organization_id and m.person_id = e.person_id
    join lectern.courses c on c.organization_id = e.organization_id and c.id = e.course_id
   where e.organization_id = $1 order by e.enrolled_at desc, e.id desc limit 50";
/// What a search finds in all, counted without Lectern around it.
const PLAIN_FOUND: &str = "select count(*)
    from lectern.enrollments e
    join lectern.memberships m on m.organization_id = e.organization_id and m.person_id = e.person_id
    join lectern.courses c on c.organization_id = e.organization_id and c.id = e.course_id
   where e.organization_id = $1 and e.withdrawn_at is null and (m.search_text like $2 or c.title_key collate \"C\" like $2)";
const PLAIN_COUNT: &str = "select count(*) from lectern.enrollments where organization_id = $1";

pub async fn measure() -> Vec<Figure> {
    let (server, _watchdog) = tokio::task::spawn_blocking(server::Server::own).await.expect("a server");
    let mut owner = server.connect_as_owner("postgres").await;
    server.copy_template(&mut owner, "bench").await;
    let mut owner = PgConnection::connect(&server.owner_url("bench")).await.expect("the owner");
    let scale = std::env::var("LECTERN_BENCH_SCALE").ok().and_then(|text| text.parse().ok()).unwrap_or(1.0);
    seed(&mut owner, scale).await;

    let (organization, admin) = largest(&mut owner).await;
    let access = sign_in(&mut owner, organization, admin).await;
    let mut app = PgConnection::connect(&server.app_url("bench")).await.expect("the application's login");

    let mut figures = pages(&mut app, &access, organization).await;
    figures.push(counting(&mut owner, &mut app, &access, organization).await);
    figures.extend(row_level_security(&mut owner, &mut app, &access, organization).await);
    figures.extend(progress(&mut owner, organization).await);
    figures
}

async fn seed(owner: &mut PgConnection, scale: f64) {
    eprintln!("Seeding {} enrollments …", (1_000_000.0 * scale).round());
    let mut transaction = owner.begin().await.expect("a transaction");
    let mut last = String::new();
    seeding::seed(&mut transaction, seeding::Size::Medium, scale, &mut |progress| {
        if progress.what != last {
            eprintln!("  {} ({})", progress.what, progress.of);
            last = progress.what.to_owned();
        }
    })
    .await
    .expect("the seed");
    transaction.commit().await.expect("the seed stays");
    owner.execute("vacuum analyze").await.expect("vacuum");
}

async fn largest(owner: &mut PgConnection) -> (OrganizationId, PersonId) {
    sqlx::query_as::<_, (OrganizationId, PersonId)>(
        "select organization_id, person_id from lectern.memberships
          where role = 'admin' and organization_id = (select organization_id from lectern.course_counts group by 1 order by sum(enrolled) desc limit 1)
          order by id limit 1",
    )
    .fetch_one(owner)
    .await
    .expect("the largest organization's admin")
}

async fn sign_in(owner: &mut PgConnection, organization: OrganizationId, person: PersonId) -> Access {
    let token = Zeroizing::new("0123456789abcdef".repeat(4));
    sqlx::query("insert into lectern_auth.sessions (token_hash, person_id, expires_at) values ($1, $2, now() + interval '1 day')")
        .bind(&Sha256::digest(token.as_bytes())[..])
        .bind(person)
        .execute(owner)
        .await
        .expect("a session");
    Access { token, organization: Some(organization) }
}

async fn floor(connection: &mut PgConnection) -> std::time::Duration {
    let (took, _) = time(sqlx::query("select 1").execute(connection)).await;
    took
}

async fn pages(app: &mut PgConnection, access: &Access, organization: OrganizationId) -> Vec<Figure> {
    let query = |search: &str, cursor: Option<String>, descending: bool| EnrollmentsQuery {
        list: ListQuery {
            search: search.into(),
            sort: "enrolledAt".into(),
            descending,
            cursor,
            limit: 50,
            ..ListQuery::default()
        },
        ..EnrollmentsQuery::default()
    };
    let mut transaction = app.begin().await.expect("a transaction");
    open_session(&mut transaction, access).await.expect("a session");

    let mut deep = None;
    for _ in 0..999 {
        let page =
            enrollments::list(&mut transaction, organization, &query("", deep.clone(), true)).await.expect("a page");
        match page.next_cursor {
            Some(next) => deep = Some(next),
            None => break,
        }
    }
    let tasks = [
        ("enrollments, first page", query("", None, true), 8.0),
        ("enrollments, page 1,000", query("", deep, true), 8.0),
        ("enrollments, last page (oldest first)", query("", None, false), 8.0),
        ("enrollments, search a rare word", query("quillfeather", None, true), 20.0),
        ("enrollments, search a usual word", query("okafor", None, true), 25.0),
        ("enrollments, search a common word", query("an", None, true), 60.0),
    ];
    let mut figures = Vec::new();
    for (task, query, goal) in tasks {
        let (mut floors, mut times) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            floors.push(floor(&mut transaction).await);
            let (took, page) = time(enrollments::list(&mut transaction, organization, &query)).await;
            assert!(!page.expect("a page").rows.is_empty(), "{task} finds nobody");
            times.push(took);
        }
        let ratio = median(times).as_secs_f64() / median(floors).as_secs_f64();
        figures.push(Figure { task: task.into(), of: "a round trip", ratio, goal });
    }
    figures
}

async fn counting(
    owner: &mut PgConnection,
    app: &mut PgConnection,
    access: &Access,
    organization: OrganizationId,
) -> Figure {
    let mut transaction = app.begin().await.expect("a transaction");
    open_session(&mut transaction, access).await.expect("a session");
    let query = EnrollmentsQuery {
        list: ListQuery { search: "an".into(), count_only: true, ..ListQuery::default() },
        ..EnrollmentsQuery::default()
    };
    let (mut plain, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (took, number) =
            time(sqlx::query_scalar::<_, i64>(PLAIN_FOUND).bind(organization).bind("%an%").fetch_one(&mut *owner))
                .await;
        plain.push(took);
        let (took, page) = time(enrollments::list(&mut transaction, organization, &query)).await;
        ours.push(took);
        assert_eq!(page.expect("a total").total.map(i64::from), number.ok(), "both count the same");
    }
    Figure {
        task: "enrollments, all that a common word finds".into(),
        of: "counting them plainly",
        ratio: median(ours).as_secs_f64() / median(plain).as_secs_f64(),
        goal: 1.2,
    }
}

async fn row_level_security(
    owner: &mut PgConnection,
    app: &mut PgConnection,
    access: &Access,
    organization: OrganizationId,
) -> Vec<Figure> {
    let mut transaction = app.begin().await.expect("a transaction");
    open_session(&mut transaction, access).await.expect("a session");
    let mut figures = Vec::new();
    for (task, statement, goal) in [
        ("row-level security, a page of enrollments", PLAIN_PAGE, 1.2),
        ("row-level security, a bare count", PLAIN_COUNT, 2.0),
    ] {
        let (mut without, mut with) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            without.push(time(sqlx::query(statement).bind(organization).fetch_all(&mut *owner)).await.0);
            with.push(time(sqlx::query(statement).bind(organization).fetch_all(&mut *transaction)).await.0);
        }
        let ratio = median(with).as_secs_f64() / median(without).as_secs_f64();
        figures.push(Figure { task: task.into(), of: "the same without", ratio, goal });
    }
    figures
}

/// The progress of the largest course, recomputed when a tenth of its rows are wrong, against the plainest statement that
/// writes as many rows.
async fn progress(owner: &mut PgConnection, organization: OrganizationId) -> Vec<Figure> {
    let (course, enrolled): (CourseId, i32) = sqlx::query_as(
        "select course_id, enrolled from lectern.course_counts where organization_id = $1 order by enrolled desc limit 1",
    )
    .bind(organization)
    .fetch_one(&mut *owner)
    .await
    .expect("the largest course");
    let (mut plain, mut rule) = (Vec::new(), Vec::new());
    let mut changed = 0;
    for _ in 0..7 {
        let mut transaction = owner.begin().await.expect("a transaction");
        let (took, spoiled) = time(
            sqlx::query(
                "update lectern.enrollments set progress = (progress + 1) % 100
                  where organization_id = $1 and course_id = $2 and substr(id::text, 36) < '2'",
            )
            .bind(organization)
            .bind(course)
            .execute(&mut *transaction),
        )
        .await;
        changed = spoiled.expect("rows to spoil").rows_affected();
        plain.push(took);
        let (took, done) = time(
            sqlx::query("select lectern.recompute_progress($1, array[$2::uuid], null)")
                .bind(organization)
                .bind(course)
                .execute(&mut *transaction),
        )
        .await;
        done.expect("progress is recomputed");
        rule.push(took);
        transaction.rollback().await.expect("nothing stays");
    }
    vec![Figure {
        task: format!("progress of a course of {enrolled}, {changed} changed"),
        of: "writing those rows",
        ratio: median(rule).as_secs_f64() / median(plain).as_secs_f64(),
        goal: 4.0,
    }]
}
