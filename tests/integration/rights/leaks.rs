//! What refusals, plans, statistics and time give away: nothing about rows one may not see.

use std::time::{Duration, Instant};

use sqlx::{Connection, Row};

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

/// Interleaved medians: a known address, an unknown one and a disabled person's take the same work.
#[tokio::test]
async fn the_time_an_answer_takes_does_not_tell_who_exists() {
    let fresh = world().await;
    let mut app = fresh.app().await;
    sqlx::raw_sql("update lectern_auth.settings set max_failures = 100, max_address_failures = 100000")
        .execute(&mut fresh.owner().await)
        .await
        .unwrap();
    let emails = ["owner@example.org", "unheard-of@example.org", "off@example.org"];
    let mut took = [const { Vec::new() }; 3];
    for round in 0..60 {
        for (email, took) in emails.iter().zip(&mut took) {
            let started = Instant::now();
            let challenge: serde_json::Value = sqlx::query_scalar("select lectern_api.sign_in_begin($1, sha256('n'))")
                .bind(email)
                .fetch_one(&mut app)
                .await
                .unwrap();
            let id: uuid::Uuid = challenge["challenge"].as_str().unwrap().parse().unwrap();
            sqlx::query(
                "select lectern_api.sign_in_prove($1, sha256('p'), null, null, sha256('t'), sha256('d'),
                        jsonb_build_object('stored_key', repeat('a', 64), 'server_key', repeat('b', 64)), false)",
            )
            .bind(id)
            .execute(&mut app)
            .await
            .unwrap();
            let answer: serde_json::Value =
                sqlx::query_scalar("select lectern_api.sign_in_finish($1)").bind(id).fetch_one(&mut app).await.unwrap();
            assert_eq!(answer["reason"], "invalid");
            if round >= 10 {
                took.push(started.elapsed());
            }
        }
    }
    let median = |times: &mut Vec<Duration>| {
        times.sort();
        times[times.len() / 2].as_secs_f64()
    };
    let medians = took.each_mut().map(median);
    for other in &medians[1..] {
        let ratio = other / medians[0];
        assert!((0.5..2.0).contains(&ratio), "{medians:?}");
    }
}
