use sqlx::{Connection, PgConnection};

use super::{Account, count, ended, run_sql, signal, until};
use crate::harness;

const ORGANIZATIONS: &str = "select count(*) from lectern.organizations";

/// Everything anybody could see of the sample data, dates aside.
const CONTENT: &str = "select md5(string_agg(x, ',' order by x)) from (
    select concat_ws('|', id, name, slug) as x from lectern.organizations
    union all select concat_ws('|', id, email, name) from lectern.people
    union all select concat_ws('|', id, person_id, role, name) from lectern.memberships
    union all select concat_ws('|', id, title, status) from lectern.courses
    union all select concat_ws('|', id, title, position) from lectern.lessons
    union all select concat_ws('|', id, course_id, person_id, progress) from lectern.enrollments
    union all select concat_ws('|', enrollment_id, lesson_id, minutes) from lectern.lesson_progress) c";

async fn fingerprint(connection: &mut PgConnection) -> String {
    sqlx::query_scalar(CONTENT).fetch_one(connection).await.unwrap()
}

#[tokio::test]
async fn the_small_size_shows_every_state_a_person_should_see() {
    let fresh = harness::fresh().await;
    let report = Account::new().run_on(&fresh.owner_url, ["seed", "--json"]).await.exits(0).json();
    assert_eq!(report["nothingToDo"], false);
    let mut owner = fresh.owner().await;
    for (what, sql) in [
        ("time zones", "select count(distinct time_zone) - 2 from lectern.organizations"),
        ("finished", "select count(*) from lectern.enrollments where progress = 100 and completed_at is not null"),
        ("on the way", "select count(*) from lectern.enrollments where progress between 30 and 90"),
        (
            "at risk",
            "select count(*) from lectern.enrollments where progress < 25 and completed_at is null and enrolled_at < now() - interval '14 days'",
        ),
        ("withdrawn", "select count(*) from lectern.enrollments where withdrawn_at is not null"),
        ("this month", "select count(*) from lectern.enrollments where enrolled_at > now() - interval '30 days'"),
        ("months ago", "select count(*) from lectern.enrollments where enrolled_at < now() - interval '120 days'"),
        (
            "two roles",
            "select count(*) from (select person_id from lectern.memberships group by person_id having count(distinct role) > 1) x",
        ),
        ("other scripts", "select count(*) from lectern.people where name !~ '[A-Za-z]'"),
        ("sub-courses", "select count(*) from lectern.sub_courses"),
        ("staff", "select count(*) from lectern.course_staff"),
        ("drafts", "select count(*) from lectern.courses where status = 'draft'"),
        ("archived", "select count(*) from lectern.courses where archived_at is not null"),
        ("activity", "select count(*) from lectern_audit.entries where table_name = 'courses'"),
    ] {
        assert!(count(&mut owner, sql).await > 0, "no {what}");
    }
    assert_eq!(count(&mut owner, "select count(*) from lectern_auth.credentials").await, 0);
    assert_eq!(
        count(&mut owner, "select count(*) from lectern.enrollments where enrolled_at > now() or completed_at > now() or last_accessed_at > now()").await,
        0
    );
    assert_eq!(count(&mut owner, "select count(*) from pg_namespace where nspname = 'lectern_seed'").await, 0);
}

#[tokio::test]
async fn a_second_run_has_nothing_to_do() {
    let fresh = harness::fresh().await;
    let account = Account::new();
    account.run_on(&fresh.owner_url, ["seed"]).await.exits(0);
    let mut owner = fresh.owner().await;
    // What people changed since stays theirs.
    run_sql(&mut owner, "update lectern.courses set title = 'Renamed' where title like 'Forklift%'").await;
    let before = fingerprint(&mut owner).await;
    let entries = count(&mut owner, "select count(*) from lectern_audit.entries").await;
    let report = account.run_on(&fresh.owner_url, ["seed", "--json"]).await.exits(0).says(&["Nothing to do"]).json();
    assert_eq!(report["nothingToDo"], true);
    assert_eq!(fingerprint(&mut owner).await, before);
    assert_eq!(count(&mut owner, "select count(*) from lectern_audit.entries").await, entries);
}

#[tokio::test]
async fn every_run_makes_the_same_data() {
    let (one, other) = tokio::join!(harness::fresh(), harness::fresh());
    let account = Account::new();
    for arguments in [vec!["seed"], vec!["seed", "--size", "medium", "--scale", "0.001", "--yes"]] {
        for fresh in [&one, &other] {
            account.run_on(&fresh.owner_url, arguments.clone()).await.exits(0);
        }
        assert_eq!(fingerprint(&mut one.owner().await).await, fingerprint(&mut other.owner().await).await);
    }
}

#[tokio::test]
async fn progress_and_counts_hold_afterwards_at_both_sizes() {
    let fresh = harness::fresh().await;
    let account = Account::new();
    account.run_on(&fresh.owner_url, ["seed"]).await.exits(0);
    account.run_on(&fresh.owner_url, ["seed", "--size", "medium", "--scale", "0.002", "--yes"]).await.exits(0);
    let report = account.run_on(&fresh.owner_url, ["check", "--json"]).await.exits(0).json();
    assert_eq!(report["drift"], serde_json::json!({ "enrollments": 0, "counts": 0 }));
    let mut owner = fresh.owner().await;
    assert_eq!(count(&mut owner, "select count(*) from lectern.enrollments e join lectern.organizations o on o.id = e.organization_id where o.description like 'Sample data%'").await, 2000);
    let triggers = "select count(*) from pg_trigger where not tgisinternal and tgenabled = 'D'";
    assert_eq!(count(&mut owner, triggers).await, 0);
    let entries = "select count(*) from lectern_audit.entries where verb = 'seed'";
    assert!(count(&mut owner, entries).await > 5);
}

#[tokio::test]
async fn a_dry_run_tells_the_rows_and_writes_none() {
    let fresh = harness::fresh().await;
    let account = Account::new();
    let told = account.run_on(&fresh.owner_url, ["seed", "--dry-run", "--json"]).await.exits(0).json();
    assert_eq!(count(&mut fresh.owner().await, ORGANIZATIONS).await, 0);
    let written = account.run_on(&fresh.owner_url, ["seed", "--json"]).await.exits(0).json();
    assert_eq!(told["rows"], written["rows"]);
    let large =
        account.run_on(&fresh.owner_url, ["seed", "--size", "medium", "--dry-run", "--json"]).await.exits(0).json();
    let enrollments = large["rows"].as_array().unwrap().iter().find(|row| row["table"] == "enrollments").unwrap();
    assert_eq!(enrollments["rows"], 1_000_000);
    assert_eq!(count(&mut fresh.owner().await, ORGANIZATIONS).await, 3);
}

#[tokio::test]
async fn a_database_in_use_is_only_seeded_after_agreeing() {
    let fresh = harness::fresh().await;
    fresh.organization("Real School").await;
    let account = Account::new();
    account.run_on(&fresh.owner_url, ["seed"]).await.exits(1).says(&["1 organizations and 0 people", "--yes"]);
    assert_eq!(count(&mut fresh.owner().await, ORGANIZATIONS).await, 1);
    account.run_on(&fresh.owner_url, ["seed", "--if-empty"]).await.exits(0).says(&["Nothing to do", "is in use"]);
    assert_eq!(count(&mut fresh.owner().await, ORGANIZATIONS).await, 1);
    account.run_on(&fresh.owner_url, ["seed", "--yes"]).await.exits(0);
    assert_eq!(count(&mut fresh.owner().await, ORGANIZATIONS).await, 4);
}

#[tokio::test]
async fn a_taken_address_stops_the_seed_and_leaves_nothing() {
    let fresh = harness::fresh().await;
    run_sql(
        &mut fresh.owner().await,
        "insert into lectern.people (id, email, name) values (gen_random_uuid(), 'ANA@harbour-language-school.example', 'Somebody')",
    )
    .await;
    let account = Account::new();
    account
        .run_on(&fresh.owner_url, ["seed", "--yes"])
        .await
        .exits(1)
        .says(&["already has an address", "nothing was written"]);
    assert_eq!(count(&mut fresh.owner().await, ORGANIZATIONS).await, 0);
}

#[tokio::test]
async fn scales_that_make_no_sense_are_refused() {
    let fresh = harness::fresh().await;
    let account = Account::new();
    for scale in ["0", "-1", "11", "NaN", "inf"] {
        let ran = account.run_on(&fresh.owner_url, ["seed", "--size", "medium", &format!("--scale={scale}")]).await;
        assert_ne!(ran.code, 0, "{scale}");
    }
    account.run_on(&fresh.owner_url, ["seed", "--scale", "2"]).await.exits(1).says(&["size medium only"]);
    account.run_on(&fresh.owner_url, ["seed", "--size", "huge"]).await.exits(2);
}

/// Holds a seed in its middle: it waits for a table this connection has locked.
async fn in_the_middle(fresh: &harness::Fresh, account: &Account) -> (std::process::Child, PgConnection, PgConnection) {
    let mut holder = fresh.owner().await;
    let mut watcher = fresh.owner().await;
    run_sql(&mut holder, "begin; lock lectern.enrollments in access exclusive mode").await;
    let seeding = account.command_on(&fresh.owner_url, ["seed"]).spawn().unwrap();
    until(&mut watcher, WAITS).await;
    (seeding, holder, watcher)
}

const WAITS: &str =
    "select exists (select from pg_locks where relation = 'lectern.enrollments'::regclass and not granted)";
const GONE: &str =
    "select not exists (select from pg_locks where relation = 'lectern.people'::regclass and pid <> pg_backend_pid())";

#[tokio::test]
async fn stopping_it_leaves_nothing_behind() {
    for how in [libc::SIGINT, libc::SIGTERM, libc::SIGKILL] {
        let fresh = harness::fresh().await;
        let account = Account::new();
        let (seeding, holder, mut watcher) = in_the_middle(&fresh, &account).await;
        signal(&seeding, how);
        let ran = ended(seeding).await;
        if how != libc::SIGKILL {
            ran.exits(130).says(&["Stopped", "rolled back"]);
        }
        // The server notices by itself, while the lock is still held.
        until(&mut watcher, GONE).await;
        holder.close().await.unwrap();
        assert_eq!(count(&mut watcher, ORGANIZATIONS).await, 0);
        account.run_on(&fresh.owner_url, ["seed"]).await.exits(0);
    }
}

#[tokio::test]
async fn a_server_that_goes_away_meanwhile_leaves_nothing_behind() {
    let fresh = harness::fresh().await;
    let account = Account::new();
    let (seeding, holder, mut watcher) = in_the_middle(&fresh, &account).await;
    run_sql(&mut watcher, "select pg_terminate_backend(pid) from pg_locks where relation = 'lectern.enrollments'::regclass and not granted").await;
    ended(seeding).await.exits(2).says(&["does not answer"]);
    holder.close().await.unwrap();
    assert_eq!(count(&mut watcher, ORGANIZATIONS).await, 0);
}

#[tokio::test]
async fn two_at_once_write_it_once() {
    let fresh = harness::fresh().await;
    let account = Account::new();
    let (one, other) = tokio::join!(
        account.run_on(&fresh.owner_url, ["seed", "--yes", "--json"]),
        account.run_on(&fresh.owner_url, ["seed", "--yes", "--json"])
    );
    let wrote = |ran: super::Ran| usize::from(ran.exits(0).json()["rows"].as_array().unwrap().len() > 1);
    assert_eq!(wrote(one) + wrote(other), 1);
    assert_eq!(count(&mut fresh.owner().await, ORGANIZATIONS).await, 3);
}
