//! `scripts/hardening.sql`: what it takes away is gone, and the application does not miss it.

use lectern::sessions::{self, Device};
use sqlx::Connection;

use super::world::{Outcome, Persona, attempt, fill, run, step_into};
use crate::harness::{self, Fresh};

pub async fn hardened() -> Fresh {
    // It changes settings of roles, which belong to the whole server.
    let fresh = harness::fresh_server().await;
    let mut owner = fresh.owner().await;
    sqlx::raw_sql(include_str!("world.sql")).execute(&mut owner).await.unwrap();
    for _ in 0..2 {
        sqlx::raw_sql(include_str!("../../../scripts/hardening.sql"))
            .execute(&mut owner)
            .await
            .expect("the script, and once more");
    }
    fresh
}

#[tokio::test]
async fn nobody_disturbs_others_where_the_hardening_ran() {
    let fresh = hardened().await;
    let mut app = fresh.app().await;
    let owner = Persona::parse("owner@N");
    let attacks = [
        "do $$ begin null; end $$",
        "select lo_create(0)",
        "select lo_creat(-1)",
        "select lo_from_bytea(0, 'x')",
        "select lo_get(1)",
        "select pg_advisory_lock(1)",
        "select pg_advisory_xact_lock(1)",
        "select pg_try_advisory_lock(1)",
        "select pg_try_advisory_xact_lock_shared(1, 2)",
        "select pg_advisory_unlock_all()",
        "select pg_sleep(0)",
        "select pg_terminate_backend(pg_backend_pid())",
        "select pg_cancel_backend(pg_backend_pid())",
        "select pg_notify('x', 'y')",
        "select pg_export_snapshot()",
        "select pg_logical_emit_message(false, 'x', 'y')",
        "select 1 from pg_stat_activity",
        "select 1 from pg_locks",
        "select n_live_tup from pg_stat_user_tables",
        "select pg_stat_get_live_tuples('lectern.courses'::regclass)",
        "select pg_stat_reset()",
        "select query_to_xml('select 1', true, true, '')",
        "select database_to_xml(true, true, '')",
        "drop owned by current_user",
        "alter default privileges grant select on tables to public",
        "grant select on lectern.courses to public",
        "create temp table x (y int)",
        "create schema mine",
        "comment on column lectern.courses.title is 'x'",
        "security label on table lectern.courses is 'x'",
        "set temp_file_limit = -1",
        "set log_parameter_max_length = -1",
    ];
    for sql in attacks {
        let outcome = attempt(&mut app, owner, sql).await;
        let is_refused = matches!(&outcome, Outcome::Denied)
            || matches!(&outcome, Outcome::Error { sqlstate, .. } if sqlstate == "42501");
        assert!(is_refused, "{sql}: {outcome:?}");
    }
    println!("{} more attacks refused", attacks.len());
    super::attacks::all_still_fail(&fresh).await;
}

#[tokio::test]
async fn the_application_works_where_the_hardening_ran() {
    let fresh = hardened().await;
    let mut owner = fresh.owner().await;
    let code = sessions::recovery_code(&mut owner, "lead@example.org").await.unwrap();
    let mut app = fresh.app().await;
    let device = Device::new().unwrap();
    sessions::redeem_code(&mut app, "lead@example.org", &code, "four quiet words here").await.unwrap();
    let session =
        sessions::sign_in(&mut app, "lead@example.org", "four quiet words here", &device, false).await.unwrap();
    sessions::change_password(
        &mut app,
        &session.token,
        "lead@example.org",
        &device,
        "four quiet words here",
        "five quiet words over here",
    )
    .await
    .unwrap();

    let mut transaction = app.begin().await.unwrap();
    step_into(&mut transaction, Persona::parse("admin@N")).await;
    for sql in [
        "insert into lectern.courses (organization_id, id, title) values ({N.organization.1}, {N.new.1}, 'x')",
        "insert into lectern.lessons (organization_id, id, course_id, title, position, published_at) values ({N.organization.1}, {N.new.2}, {N.new.1}, 'x', 'a', now())",
        "insert into lectern.enrollments (organization_id, id, course_id, person_id) values ({N.organization.1}, {N.new.3}, {N.new.1}, {p.learner})",
        "insert into lectern.lesson_progress (organization_id, enrollment_id, lesson_id, completed_at) values ({N.organization.1}, {N.new.3}, {N.new.2}, now())",
        "select 1 from lectern.enrollments where id = {N.new.3} and progress = 100",
        "select lectern_api.add_person({N.new.4}, 'new@example.org', 'New', 'learner', null, null, null)",
        "select 1 from lectern_api.list_people({N.organization.1}, 'new', null, null, false, 'name', false, null, null, null, 20, null)",
        "select lectern_api.read_overview({N.organization.1})",
        "select 1 from lectern_audit.entries limit 1",
        "select lectern_api.seal_audit()",
        "select lectern_api.touch_session()",
    ] {
        let outcome = run(&mut transaction, &fill(sql, 'N')).await;
        assert!(matches!(outcome, Outcome::Rows(1..)), "{sql}: {outcome:?}");
    }
    transaction.commit().await.unwrap();
}
