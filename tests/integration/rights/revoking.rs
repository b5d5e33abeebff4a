//! What is taken away counts from the next statement, even inside a transaction that is open already.

use sqlx::Connection;

use super::world::{Outcome, Persona, fill, run, step_into, world};

#[tokio::test]
async fn whatever_is_revoked_ends_with_the_statement_that_runs() {
    let fresh = world().await;
    let mut owner = fresh.owner().await;
    for (who, revoke, restore, read, write, outcome_of_write) in [
        (
            "lead@N",
            "update lectern.people set is_active = false where id = {p.lead}",
            "update lectern.people set is_active = true where id = {p.lead}",
            "select 1 from lectern.lessons",
            "update lectern.lessons set title = 'x'",
            "28000",
        ),
        (
            "lead@N",
            "update lectern.memberships set is_active = false where person_id = {p.lead} and organization_id = {N.organization.1}",
            "update lectern.memberships set is_active = true where person_id = {p.lead} and organization_id = {N.organization.1}",
            "select 1 from lectern.lessons",
            "update lectern.lessons set title = 'x'",
            "28000",
        ),
        (
            "lead@N",
            "update lectern.memberships set archived_at = now() where person_id = {p.lead} and organization_id = {N.organization.1}",
            "update lectern.memberships set archived_at = null where person_id = {p.lead} and organization_id = {N.organization.1}",
            "select 1 from lectern.enrollments",
            "update lectern.enrollments set cohort_id = null",
            "28000",
        ),
        (
            "lead@N",
            "update lectern.memberships set role = 'learner' where person_id = {p.lead} and organization_id = {N.organization.1}",
            "update lectern.memberships set role = 'instructor' where person_id = {p.lead} and organization_id = {N.organization.1}",
            "select 1 from lectern.answer_keys",
            "update lectern.lessons set title = 'x'",
            "nothing",
        ),
        (
            "lead@N",
            "update lectern.course_staff set archived_at = now() where id = {N.staff.1}",
            "update lectern.course_staff set archived_at = null where id = {N.staff.1}",
            "select 1 from lectern.lessons",
            "update lectern.lessons set title = 'x'",
            "nothing",
        ),
        (
            "lead@N",
            "update lectern_auth.sessions set revoked_at = now() where person_id = {p.lead}",
            "update lectern_auth.sessions set revoked_at = null where person_id = {p.lead}",
            "select 1 from lectern.lessons",
            "update lectern.lessons set title = 'x'",
            "28000",
        ),
        (
            "lead@N",
            "update lectern_auth.sessions set expires_at = now() where person_id = {p.lead}",
            "update lectern_auth.sessions set expires_at = now() + interval '1 hour' where person_id = {p.lead}",
            "select 1 from lectern.lessons",
            "update lectern.lessons set title = 'x'",
            "28000",
        ),
        (
            "lead@N",
            "update lectern.organizations set status = 'suspended' where id = {N.organization.1}",
            "update lectern.organizations set status = 'active' where id = {N.organization.1}",
            "select 1 from lectern.lessons",
            "update lectern.lessons set title = 'x'",
            "28000",
        ),
        (
            "learner@N",
            "update lectern.enrollments set withdrawn_at = now() where id = {N.enrollment.1}",
            "update lectern.enrollments set withdrawn_at = null where id = {N.enrollment.1}",
            "select 1 from lectern.lessons",
            "update lectern.lessons set title = 'x'",
            "nothing",
        ),
        (
            "learner@N",
            "update lectern.courses set available_until = now() where id = {N.course.1}",
            "update lectern.courses set available_until = null where id = {N.course.1}",
            "select 1 from lectern.lessons",
            "update lectern.lessons set title = 'x'",
            "nothing",
        ),
    ] {
        let persona = Persona::parse(who);
        let mut app = fresh.app().await;
        let mut transaction = app.begin().await.unwrap();
        step_into(&mut transaction, persona).await;
        assert!(matches!(run(&mut transaction, read).await, Outcome::Rows(1..)), "{who} begins with a right: {read}");
        assert!(matches!(run(&mut owner, &fill(revoke, 'N')).await, Outcome::Rows(1..)), "{revoke}");
        assert_eq!(run(&mut transaction, read).await, Outcome::Rows(0), "{revoke}");
        let wrote = match run(&mut transaction, write).await {
            Outcome::Rows(0) => "nothing".to_owned(),
            Outcome::Error { sqlstate, .. } => sqlstate,
            other => format!("{other:?}"),
        };
        assert_eq!(wrote, outcome_of_write, "{revoke}");
        transaction.rollback().await.unwrap();
        run(&mut owner, &fill(restore, 'N')).await;
    }
}

#[tokio::test]
async fn the_business_owner_still_sees_a_suspended_organization_and_nobody_writes_there() {
    let fresh = world().await;
    let mut owner = fresh.owner().await;
    run(&mut owner, &fill("update lectern.organizations set status = 'suspended' where id = {N.organization.1}", 'N'))
        .await;
    let mut app = fresh.app().await;
    for (who, seen) in [("business@N", 3), ("owner@N", 0), ("learner@N", 0)] {
        let persona = Persona::parse(who);
        assert_eq!(
            super::world::attempt(&mut app, persona, "select 1 from lectern.courses").await,
            Outcome::Rows(seen),
            "{who}"
        );
        let insert =
            "insert into lectern.courses (organization_id, id, title) values ({o.organization.1}, {o.new.1}, 'x')";
        assert_eq!(super::world::attempt(&mut app, persona, insert).await, Outcome::Refused, "{who}");
    }
}

#[tokio::test]
async fn a_reset_ends_the_sessions_of_the_person_and_a_disabled_one_stays_out() {
    let fresh = world().await;
    let mut app = fresh.app().await;
    let mut transaction = app.begin().await.unwrap();
    step_into(&mut transaction, Persona::parse("owner@N")).await;
    let reset = fill("select 1 from lectern_api.issue_reset_code({p.peer})", 'N');
    assert_eq!(run(&mut transaction, &reset).await, Outcome::Rows(1));
    transaction.commit().await.unwrap();
    let peer = Persona::parse("peer@N");
    assert_eq!(super::world::attempt(&mut app, peer, "select 1 from lectern.people").await, Outcome::Rows(0));

    let mut transaction = app.begin().await.unwrap();
    step_into(&mut transaction, Persona::parse("business@-")).await;
    run(&mut transaction, &fill("select lectern_api.set_person_active({p.learner}, false)", 'N')).await;
    run(&mut transaction, &fill("select lectern_api.set_person_active({p.learner}, true)", 'N')).await;
    transaction.commit().await.unwrap();
    let learner = Persona::parse("learner@N");
    let back = super::world::attempt(&mut app, learner, "select 1 from lectern.people").await;
    assert_eq!(back, Outcome::Rows(0), "enabling again revives no session");
}
