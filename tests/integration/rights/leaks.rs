//! What refusals, plans, statistics and time give away: nothing about rows one may not see.

use std::collections::BTreeMap;

use sqlx::{Connection, PgConnection, Row};

use super::world::{Outcome, Persona, attempt, fill, step_into, token, world};

fn error_text(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Error { sqlstate, text } => format!("{sqlstate} {text}"),
        other => panic!("no error: {other:?}"),
    }
}

#[tokio::test]
async fn a_person_of_another_organization_and_one_that_is_not_are_refused_in_the_same_words() {
    let fresh = world().await;
    let mut app = fresh.app().await;
    let lead = Persona::parse("lead@N");
    for sql in [
        "insert into lectern.course_staff (organization_id, id, course_id, person_id, duty) values ({N.organization.1}, {N.new.1}, {N.course.1}, ID, 'reviewer')",
        "insert into lectern.enrollments (organization_id, id, course_id, person_id) values ({N.organization.1}, {N.new.1}, {N.course.1}, ID)",
        "select lectern_api.change_person(ID, null, '{\"name\": \"x\"}')",
        "select lectern_api.issue_reset_code(ID)",
    ] {
        let there = attempt(&mut app, lead, &sql.replace("ID", "{p.south_lead}")).await;
        let nowhere = attempt(&mut app, lead, &sql.replace("ID", "{p.nobody}")).await;
        let made_up = attempt(&mut app, lead, &sql.replace("ID", "'99999999-0000-7000-8000-000000000000'")).await;
        let id = regexless(&error_text(&made_up));
        assert_eq!(regexless(&error_text(&there)), id, "{sql}");
        assert_eq!(regexless(&error_text(&nowhere)), id, "{sql}");
    }
}

/// Without ids.
fn regexless(text: &str) -> String {
    text.split_inclusive(|c: char| !c.is_ascii_hexdigit() && c != '-').filter(|word| word.len() < 36).collect()
}

#[tokio::test]
async fn an_id_or_address_used_elsewhere_is_taken_without_a_word() {
    let fresh = world().await;
    let mut app = fresh.app().await;
    let admin = Persona::parse("admin@N");
    let used =
        "insert into lectern.courses (organization_id, id, title) values ({N.organization.1}, {S.course.1}, 'x')";
    assert_eq!(attempt(&mut app, admin, used).await, Outcome::Rows(1));

    // One that South knows, and one that nobody knows: the same row, the same empty profile, an id that tells nothing.
    let mut seen = Vec::new();
    for email in ["south_lead@example.org", "unheard-of@example.org"] {
        let mut transaction = app.begin().await.unwrap();
        step_into(&mut transaction, admin).await;
        let membership = lectern::ids::MembershipId::new();
        let person: uuid::Uuid =
            sqlx::query_scalar("select lectern_api.add_person($1, $2, 'Someone', 'learner', null, null, null)")
                .bind(membership)
                .bind(email)
                .fetch_one(&mut *transaction)
                .await
                .unwrap();
        let row = sqlx::query(
            "select m.name, m.role, m.is_active, f.bio, f.phone, f.has_signed_in
               from lectern.memberships m, lectern_api.read_profile(m.person_id) f where m.person_id = $1",
        )
        .bind(person)
        .fetch_one(&mut *transaction)
        .await
        .unwrap();
        seen.push((
            row.get::<String, _>(0),
            row.get::<String, _>(1),
            row.get::<bool, _>(2),
            row.get::<String, _>(3),
            row.get::<Option<String>, _>(4),
            row.get::<bool, _>(5),
        ));
        transaction.rollback().await.unwrap();
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn a_name_that_is_taken_is_refused_without_showing_whose_it_is() {
    let fresh = world().await;
    let mut app = fresh.app().await;
    for (who, sql) in [
        ("owner@N", "update lectern.organizations set slug = 'south'"),
        ("owner@N", "select lectern_api.change_person({p.owner}, null, '{\"email\": \"south_lead@example.org\"}')"),
        ("business@-", "select lectern_api.create_organization({N.new.1}, 'x', 'south', 'UTC', 'en')"),
    ] {
        let text = error_text(&attempt(&mut app, Persona::parse(who), sql).await);
        assert!(text.starts_with("23505"), "{text}");
        for word in ["South_lead", "bb01", "Key ("] {
            assert!(!text.contains(word) || who.starts_with("business"), "{sql}: {text}");
        }
    }
}

#[tokio::test]
async fn a_plan_shows_no_value_of_another_organization() {
    let fresh = world().await;
    let mut app = fresh.app().await;
    for sql in [
        "explain (analyze, costs off, timing off, summary off) select * from lectern.enrollments where organization_id = {S.organization.1}",
        "explain (analyze, costs off, timing off, summary off) select * from lectern.memberships where email = 'south_lead@example.org'",
        "explain (analyze, costs off, timing off, summary off) select * from lectern.lessons where title like 'south%'",
        "explain (analyze, costs off, timing off, summary off) select * from lectern.answer_keys where organization_id = {S.organization.1}",
    ] {
        let mut transaction = app.begin().await.unwrap();
        step_into(&mut transaction, Persona::parse("nobody@S")).await;
        let plan: Vec<String> = sqlx::raw_sql(sqlx::AssertSqlSafe(fill(sql, 'S')))
            .fetch_all(&mut *transaction)
            .await
            .unwrap()
            .iter()
            .map(|row| row.get(0))
            .collect();
        transaction.rollback().await.unwrap();
        let plan = plan.join("\n");
        assert!(plan.contains("rows=0") && !plan.contains("secret") && !plan.contains(" of S"), "{plan}");
    }
}

#[tokio::test]
async fn nobody_reads_a_token_in_the_statements_that_run() {
    let fresh = world().await;
    let mut working = fresh.app().await;
    let mut transaction = working.begin().await.unwrap();
    sqlx::query("select lectern_api.open_session($1, $2::uuid)")
        .bind(token("owner"))
        .bind(super::world::id('N', "organization", 1))
        .execute(&mut *transaction)
        .await
        .unwrap();
    let seen: Vec<String> =
        sqlx::query_scalar("select query from pg_stat_activity where pid <> pg_backend_pid() and query <> ''")
            .fetch_all(&mut fresh.app().await)
            .await
            .unwrap();
    assert!(seen.iter().any(|query| query.contains("open_session")), "the statement is there to be read");
    assert!(!seen.iter().any(|query| query.contains(&token("owner"))));
}

/// What the server has done in this transaction: calls of each function, scans and changed rows of each table. (Functions
/// of the system are not counted; each that costs something is called by one that is.)
const WORK: &str = "
    select coalesce(jsonb_object_agg(what, often), '{}') from (
      select schemaname || '.' || funcname || ' called', sum(calls) from pg_stat_xact_user_functions group by 1
      union all
      select schemaname || '.' || relname || ' ' || done, sum(often)
        from pg_stat_xact_user_tables,
             lateral (values ('scanned', seq_scan + coalesce(idx_scan, 0)), ('inserted', n_tup_ins), ('updated', n_tup_upd), ('deleted', n_tup_del)) d (done, often)
       group by 1
    ) w (what, often) where often > 0";

async fn work(connection: &mut PgConnection) -> BTreeMap<String, i64> {
    let counts: serde_json::Value = sqlx::query_scalar(WORK).fetch_one(connection).await.unwrap();
    serde_json::from_value(counts).unwrap()
}

/// Runs one step of signing in, in a transaction of its own: its answer, and the work it was.
async fn step(
    connection: &mut PgConnection,
    sql: &'static str,
    argument: &str,
) -> (Option<serde_json::Value>, BTreeMap<String, i64>) {
    let mut transaction = connection.begin().await.unwrap();
    let before = work(&mut transaction).await;
    let answer = sqlx::query_scalar(sql).bind(argument).fetch_one(&mut *transaction).await.unwrap();
    let mut done = work(&mut transaction).await;
    transaction.commit().await.unwrap();
    done.iter_mut().for_each(|(what, often)| *often -= before.get(what).unwrap_or(&0));
    done.retain(|_, often| *often != 0);
    (answer, done)
}

/// The time an answer takes is that of the work it is, and work can be counted on a busy computer too.
#[tokio::test]
async fn the_work_of_an_answer_does_not_tell_who_exists() {
    let fresh = world().await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("alter database {} set track_functions = 'all'", fresh.name)))
        .execute(&mut fresh.owner().await)
        .await
        .unwrap();
    let mut seen = Vec::new();
    // A known address, an unknown one, a disabled person's, and one of a person who never set a password.
    for email in ["owner@example.org", "unheard-of@example.org", "off@example.org", "nobody@example.org"] {
        let mut app = fresh.app().await;
        let mut rounds = Vec::new();
        // The first round of a connection also makes plans; the last are on either side of being locked out.
        for _ in 0..12 {
            let (challenge, begun) = step(&mut app, "select lectern_api.sign_in_begin($1, sha256('n'))", email).await;
            let id = challenge.unwrap()["challenge"].as_str().unwrap().to_owned();
            let (_, proved) = step(
                &mut app,
                "select to_jsonb(lectern_api.sign_in_prove($1::uuid, sha256('p'), null, null, sha256('t'), sha256('d'),
                        jsonb_build_object('stored_key', repeat('a', 64), 'server_key', repeat('b', 64)), false)::text)",
                &id,
            )
            .await;
            let (answer, finished) = step(&mut app, "select lectern_api.sign_in_finish($1::uuid)", &id).await;
            rounds.push((answer.unwrap()["reason"].as_str().unwrap().to_owned(), begun, proved, finished));
        }
        seen.push((email, rounds));
    }
    let known = &seen[0].1;
    let (reason, begun, _, finished) = &known[5];
    assert_eq!((reason.as_str(), known[11].0.as_str()), ("invalid", "locked"));
    assert!(begun.contains_key("lectern_auth.credentials scanned"), "the work is seen: {begun:?}");
    assert!(finished.contains_key("ext.hmac called"), "the work is seen: {finished:?}");
    for (email, rounds) in &seen[1..] {
        for (number, (round, known)) in rounds.iter().zip(known).enumerate().skip(1) {
            assert_eq!(round, known, "{email}, try {number}");
        }
    }
}

#[tokio::test]
async fn an_unknown_address_is_shown_a_cost_that_imported_passwords_have() {
    let fresh = world().await;
    sqlx::raw_sql("update lectern_auth.settings set legacy_sign_in = true, bcrypt_costs = '{11}'")
        .execute(&mut fresh.owner().await)
        .await
        .unwrap();
    let shown: i32 = sqlx::query_scalar(
        "select (lectern_api.sign_in_begin('unheard-of@example.org', sha256('n')) -> 'bcrypt' -> 'cost')::integer",
    )
    .fetch_one(&mut fresh.app().await)
    .await
    .unwrap();
    assert_eq!(shown, 11);
}
