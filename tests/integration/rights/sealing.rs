//! The audit as evidence: who did it, what must not stand in it, and that nobody alters it unseen.

use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::world::{Persona, fill, person, run, step_into, world};
use crate::harness::{self, Fresh};

async fn act(fresh: &Fresh, who: &'static str, sql: &str) {
    let mut app = fresh.app().await;
    let mut transaction = app.begin().await.unwrap();
    step_into(&mut transaction, Persona::parse(who)).await;
    let outcome = run(&mut transaction, &fill(sql, 'N')).await;
    assert!(matches!(outcome, super::world::Outcome::Rows(1..)), "{sql}: {outcome:?}");
    transaction.commit().await.unwrap();
}

/// A server of its own, where no other transaction runs: a seal reaches as far as none of the whole server is still open.
async fn quiet_server() -> Fresh {
    let fresh = harness::fresh_server().await;
    let mut owner = fresh.owner().await;
    sqlx::raw_sql("alter system set autovacuum = off").execute(&mut owner).await.unwrap();
    sqlx::raw_sql("select pg_reload_conf()").execute(&mut owner).await.unwrap();
    sqlx::raw_sql(include_str!("world.sql")).execute(&mut owner).await.unwrap();
    fresh
}

async fn are_good(owner: &mut PgConnection) -> Vec<bool> {
    sqlx::query_scalar("select is_good from lectern_audit.verify()").fetch_all(owner).await.unwrap()
}

#[tokio::test]
async fn each_change_names_who_made_it_where_and_what_it_was_before() {
    let fresh = world().await;
    act(&fresh, "lead@N", "update lectern.lessons set title = 'Levers' where id = {N.lesson.1}").await;
    act(&fresh, "admin@N", "select lectern_api.change_person({p.peer}, null, '{\"phone\": \"+49 30 2000\"}')").await;
    let rows: Vec<(String, String, String, Value, Value)> = sqlx::query_as(
        "select actor_id::text, organization_id::text, table_name, before, after from lectern_audit.entries
          where actor_id is not null and verb = 'update' and table_name in ('lessons', 'profiles') order by id",
    )
    .fetch_all(&mut fresh.owner().await)
    .await
    .unwrap();
    let north = super::world::id('N', "organization", 1);
    let (actor, organization, table, before, after) = &rows[0];
    assert_eq!((actor, organization, table.as_str()), (&person("lead"), &north, "lessons"));
    assert_eq!((&before["title"], &after["title"]), (&Value::from("north secret lesson"), &Value::from("Levers")));
    assert_eq!(after.as_object().unwrap().len(), 1, "only what changed: {after}");
    let (actor, organization, table, before, after) = &rows[1];
    assert_eq!((actor, organization, table.as_str()), (&person("admin"), &north, "profiles"));
    assert_eq!((&before["phone"], &after["phone"]), (&Value::from("+49 30 1000"), &Value::from("+49 30 2000")));
}

#[tokio::test]
async fn no_secret_and_no_body_gets_into_the_audit() {
    let fresh = world().await;
    act(&fresh, "lead@N", "update lectern.lessons set markdown = 'the body of a lesson', html = '<p>the body', document = '{\"text\": \"the body\"}' where id = {N.lesson.1} returning 1").await;
    act(&fresh, "owner@N", "select lectern_api.set_password(sha256('new stored key'), sha256('new server key'))").await;
    act(&fresh, "owner@N", "select code from lectern_api.issue_reset_code({p.peer})").await;
    let mut owner = fresh.owner().await;
    let text: String = sqlx::query_scalar("select string_agg(e::text, chr(10)) from lectern_audit.entries e")
        .fetch_one(&mut owner)
        .await
        .unwrap();
    let secrets: Vec<String> = sqlx::query_scalar(
        "select encode(stored_key, 'hex') from lectern_auth.credentials union all select encode(server_key, 'hex') from lectern_auth.credentials
         union all select encode(token_hash, 'hex') from lectern_auth.sessions union all select encode(code_hash, 'hex') from lectern_auth.one_time_codes
         union all select encode(salt, 'hex') from lectern_auth.credentials union all select encode(value, 'hex') from lectern_auth.secrets",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    assert!(secrets.len() > 40);
    for secret in secrets.iter().map(String::as_str).chain([
        "the body",
        "secret text",
        "secret answer",
        &super::world::token("owner"),
    ]) {
        assert!(!text.contains(secret), "{secret}");
    }
    assert!(text.contains("20 characters"), "how long a body was is on record");
    for verb in ["set_password", "issue_reset_code"] {
        assert!(text.contains(verb), "{verb} is on record");
    }
}

#[tokio::test]
async fn completing_lessons_leaves_one_entry_per_enrollment_and_statement() {
    let fresh = world().await;
    act(
        &fresh,
        "assistant@N",
        "insert into lectern.lesson_progress (organization_id, enrollment_id, lesson_id, completed_at)
         values ({N.organization.1}, {N.enrollment.1}, {N.lesson.3}, now()), ({N.organization.1}, {N.enrollment.1}, {N.lesson.4}, now()),
                ({N.organization.1}, {N.enrollment.2}, {N.lesson.3}, now())",
    )
    .await;
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "select row_id::text, (after ->> 'lessons')::bigint from lectern_audit.entries
          where table_name = 'lesson_progress' and actor_id = $1::uuid order by 1",
    )
    .bind(person("assistant"))
    .fetch_all(&mut fresh.owner().await)
    .await
    .unwrap();
    assert_eq!(rows, [(super::world::id('N', "enrollment", 1), 2), (super::world::id('N', "enrollment", 2), 1)]);
}

#[tokio::test]
async fn even_a_superuser_changes_the_audit_only_by_breaking_its_seal() {
    let fresh = quiet_server().await;
    let mut owner = fresh.owner().await;
    let sealed: i64 = sqlx::query_scalar("select lectern_audit.seal()").fetch_one(&mut owner).await.unwrap();
    assert!(sealed > 50);
    act(&fresh, "lead@N", "update lectern.lessons set title = 'Levers' where id = {N.lesson.1}").await;
    act(&fresh, "learner@N", "select lectern_api.seal_audit()").await;
    assert_eq!(are_good(&mut owner).await, [true, true]);
    let zone = "set timezone = 'Asia/Kathmandu'; set datestyle = 'German'; set bytea_output = 'escape'";
    sqlx::raw_sql(zone).execute(&mut owner).await.unwrap();
    assert_eq!(are_good(&mut owner).await, [true, true], "whoever verifies, from wherever");

    for statement in [
        "update lectern_audit.entries set verb = 'x'",
        "delete from lectern_audit.entries",
        "truncate lectern_audit.entries",
    ] {
        assert!(sqlx::raw_sql(statement).execute(&mut owner).await.is_err(), "{statement}");
    }
    for tampering in [
        "update lectern_audit.entries set actor_id = gen_random_uuid() where id = (select last_id from lectern_audit.seals where number = 2)",
        "delete from lectern_audit.entries where id = (select last_id from lectern_audit.seals where number = 2)",
        "update lectern_audit.entries set at = at + interval '1 microsecond' where id = (select last_id from lectern_audit.seals where number = 2)",
        "update lectern_audit.entries set after = '{}' where id = (select last_id from lectern_audit.seals where number = 2)",
        "update lectern_audit.seals set batch_hash = sha256('x') where number = 2",
    ] {
        let mut transaction = owner.begin().await.unwrap();
        for table in ["entries", "seals"] {
            let off = format!("alter table lectern_audit.{table} disable trigger append_only");
            sqlx::raw_sql(AssertSqlSafe(off)).execute(&mut *transaction).await.unwrap();
        }
        sqlx::raw_sql(tampering).execute(&mut *transaction).await.unwrap();
        assert_eq!(are_good(&mut transaction).await, [true, false], "{tampering}");
        transaction.rollback().await.unwrap();
    }
    let mut transaction = owner.begin().await.unwrap();
    sqlx::raw_sql(
        "alter table lectern_audit.seals disable trigger append_only; delete from lectern_audit.seals where number = 1",
    )
    .execute(&mut *transaction)
    .await
    .unwrap();
    assert_eq!(are_good(&mut transaction).await, [false], "a chain without its beginning");
    transaction.rollback().await.unwrap();
}

#[tokio::test]
async fn a_seal_never_passes_over_somebody_who_is_still_writing() {
    let fresh = quiet_server().await;
    let mut owner = fresh.owner().await;
    sqlx::query("select lectern_audit.seal()").execute(&mut owner).await.unwrap();

    // The slow one draws its number first and commits last.
    let mut slow = fresh.app().await;
    let mut transaction = slow.begin().await.unwrap();
    step_into(&mut transaction, Persona::parse("owner@N")).await;
    run(
        &mut transaction,
        &fill("update lectern.organizations set description = 'slow' where id = {N.organization.1}", 'N'),
    )
    .await;
    act(&fresh, "lead@N", "update lectern.lessons set title = 'quick' where id = {N.lesson.1}").await;
    for _ in 0..3 {
        let sealed: i64 = sqlx::query_scalar("select lectern_audit.seal()").fetch_one(&mut owner).await.unwrap();
        assert_eq!(sealed, 0);
    }
    transaction.commit().await.unwrap();

    let mut writing = fresh.app().await;
    let mut transaction = writing.begin().await.unwrap();
    step_into(&mut transaction, Persona::parse("admin@N")).await;
    run(
        &mut transaction,
        &fill("update lectern.organizations set description = 'again' where id = {N.organization.1}", 'N'),
    )
    .await;
    // Somebody else writes again, so only what lies below the mark is sealed: both of the entries above.
    let sealed: i64 = sqlx::query_scalar("select lectern_audit.seal()").fetch_one(&mut owner).await.unwrap();
    assert_eq!(sealed, 2, "the mark stood at the quick one's entry, and the slow one had drawn the earlier number");
    transaction.rollback().await.unwrap();
    let rest: i64 = sqlx::query_scalar("select lectern_audit.seal()").fetch_one(&mut owner).await.unwrap();
    let (last_sealed, newest): (i64, i64) = sqlx::query_as(
        "select (select max(last_id) from lectern_audit.seals), (select max(id) from lectern_audit.entries)",
    )
    .fetch_one(&mut owner)
    .await
    .unwrap();
    assert_eq!((rest, last_sealed), (0, newest), "nothing is left over");
    assert!(are_good(&mut owner).await.into_iter().all(|good| good));
}
