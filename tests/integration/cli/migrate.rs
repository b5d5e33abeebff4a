use std::time::Duration;

use lectern::{Code, MIGRATOR, migrating};
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

use super::{Account, count, empty, ended, run_sql, until};
use crate::harness;

const LOCKED: &str =
    "select exists (select from pg_locks where locktype = 'advisory' and granted and objid = 1952805486
                        and database = (select oid from pg_database where datname = current_database()))";

fn all() -> usize {
    MIGRATOR.iter().count()
}

#[tokio::test]
async fn an_empty_database_gets_every_migration_once() {
    let (_server, url) = empty().await;
    let account = Account::new();
    let first = account.run_on(&url, ["migrate", "--json"]).await.exits(0).says(&["up to date"]);
    let report = first.json();
    assert_eq!(report["applied"].as_array().unwrap().len(), all());
    assert_eq!(report["schema"]["state"], "current");
    let second = account.run_on(&url, ["migrate", "--json"]).await.exits(0).says(&["Nothing to do"]).json();
    assert_eq!(second["applied"].as_array().unwrap().len(), 0);
    let mut owner = PgConnection::connect(&url).await.unwrap();
    assert_eq!(
        count(&mut owner, "select count(*) from lectern_migrations.applied").await,
        i64::try_from(all()).unwrap()
    );
}

#[tokio::test]
async fn check_is_one_while_migrations_are_pending_and_zero_afterwards() {
    let (_server, url) = empty().await;
    let account = Account::new();
    let before =
        account.run_on(&url, ["migrate", "--check"]).await.exits(1).says(&["no Lectern tables", "lectern migrate"]);
    assert_eq!(before.out.lines().count(), all());
    assert_eq!(
        account.run_on(&url, ["migrate", "--check", "--json"]).await.exits(1).json()["schema"]["state"],
        "missing"
    );
    account.run_on(&url, ["migrate"]).await.exits(0);
    assert_eq!(account.run_on(&url, ["migrate", "--check"]).await.exits(0).out, "");
}

#[tokio::test]
async fn a_dry_run_lists_and_applies_nothing() {
    let (_server, url) = empty().await;
    let ran = Account::new().run_on(&url, ["migrate", "--dry-run"]).await.exits(0);
    assert!(ran.out.starts_with("0001_roles_and_schemas.sql\n"));
    let mut owner = PgConnection::connect(&url).await.unwrap();
    assert_eq!(count(&mut owner, "select count(*) from pg_namespace where nspname like 'lectern%'").await, 0);
}

#[tokio::test]
async fn two_at_once_both_succeed_and_apply_each_migration_once() {
    let (_server, url) = empty().await;
    let account = Account::new();
    let (one, other) =
        tokio::join!(account.run_on(&url, ["migrate", "--json"]), account.run_on(&url, ["migrate", "--json"]));
    let applied = |ran: super::Ran| ran.exits(0).json()["applied"].as_array().unwrap().len();
    assert_eq!(applied(one) + applied(other), all());
}

#[tokio::test]
async fn whoever_finds_somebody_migrating_is_told_and_waits() {
    let (_server, url) = empty().await;
    let account = Account::new();
    let mut other =
        PgConnection::connect_with(&url.parse::<PgConnectOptions>().unwrap().application_name("deploy job"))
            .await
            .unwrap();
    run_sql(&mut other, "select pg_advisory_lock(30510775313724014)").await;
    account
        .run_on(&url, ["migrate", "--wait", "0"])
        .await
        .exits(1)
        .says(&["Somebody else is migrating this database (deploy job", "has not finished"]);
    let mut watcher = PgConnection::connect(&url).await.unwrap();
    let waiting = account.command_on(&url, ["migrate"]).spawn().unwrap();
    until(&mut watcher, "select exists (select from pg_stat_activity where application_name = 'lectern migrate' and datname = current_database())").await;
    other.close().await.unwrap();
    ended(waiting).await.exits(0).says(&["up to date"]);
}

#[tokio::test]
async fn a_file_that_changed_after_it_was_applied_is_named() {
    let fresh = harness::fresh().await;
    run_sql(&mut fresh.owner().await, "update lectern_migrations.applied set checksum = '\\x00' where version = 4")
        .await;
    let account = Account::new();
    for arguments in [vec!["migrate"], vec!["migrate", "--check"], vec!["seed"]] {
        account
            .run_on(&fresh.owner_url, arguments)
            .await
            .exits(1)
            .says(&["migrations/0004_enrollments_and_progress.sql is not the file that was applied"]);
    }
}

#[tokio::test]
async fn a_newer_schema_is_left_alone() {
    let fresh = harness::fresh().await;
    run_sql(
        &mut fresh.owner().await,
        "insert into lectern_migrations.applied (version, file, checksum) values (9001, '9001_from_the_future.sql', '\\x01')",
    )
    .await;
    let account = Account::new();
    for arguments in [["migrate", "--json"], ["seed", "--json"], ["people", "create-owner"]] {
        account.run_on(&fresh.owner_url, arguments).await.exits(1).says(&[
            "9001",
            "newer",
            "Install the newer version",
        ]);
    }
    let report = account.run_on(&fresh.owner_url, ["migrate", "--check", "--json"]).await.exits(1).json();
    assert_eq!(report["schema"]["state"], "newer");
}

#[tokio::test]
async fn an_older_schema_is_told_with_the_command_that_helps() {
    let fresh = harness::fresh().await;
    run_sql(
        &mut fresh.owner().await,
        "delete from lectern_migrations.applied where version = (select max(version) from lectern_migrations.applied)",
    )
    .await;
    let account = Account::new();
    account.run_on(&fresh.owner_url, ["seed"]).await.exits(1).says(&["1 migration is pending", "lectern migrate"]);
    let state = migrating::schema_state(&mut fresh.app().await).await.unwrap();
    assert_eq!((state.state, state.pending), (migrating::Standing::Outdated, 1));
}

#[tokio::test]
async fn a_failing_migration_keeps_nothing_of_itself_and_is_named() {
    let (_server, url) = empty().await;
    let mut owner = PgConnection::connect(&url).await.unwrap();
    run_sql(&mut owner, "create schema ext").await;
    let account = Account::new();
    account
        .run_on(&url, ["migrate"])
        .await
        .exits(2)
        .says(&["0001_roles_and_schemas.sql could not be applied", "schema \"ext\" already exists"]);
    assert_eq!(count(&mut owner, "select count(*) from pg_namespace where nspname like 'lectern%'").await, 0);
    run_sql(&mut owner, "drop schema ext").await;
    account.run_on(&url, ["migrate"]).await.exits(0);
}

#[tokio::test]
async fn tables_without_a_record_are_not_touched() {
    let fresh = harness::fresh().await;
    run_sql(&mut fresh.owner().await, "drop schema lectern_migrations cascade").await;
    Account::new().run_on(&fresh.owner_url, ["migrate"]).await.exits(1).says(&["no record of its migrations"]);
}

#[tokio::test]
async fn the_applications_login_may_read_how_the_tables_stand_and_change_nothing() {
    let fresh = harness::fresh().await;
    let account = Account::new();
    account.run_on(&fresh.app_url, ["migrate", "--check"]).await.exits(0);
    run_sql(
        &mut fresh.owner().await,
        "delete from lectern_migrations.applied where version = (select max(version) from lectern_migrations.applied)",
    )
    .await;
    account.run_on(&fresh.app_url, ["migrate"]).await.exits(1).says(&["could not be applied", "owns the database"]);
    account.run_on(&fresh.app_url, ["seed"]).await.exits(1);
}

#[tokio::test]
async fn a_server_that_goes_away_meanwhile_is_told_and_the_next_run_finishes() {
    let (_server, url) = empty().await;
    let account = Account::new();
    let mut other = PgConnection::connect(&url).await.unwrap();
    let mut watcher = PgConnection::connect(&url).await.unwrap();
    // Its first statement about roles waits for this one: it stands in the middle of a migration.
    run_sql(&mut other, "begin; lock pg_catalog.pg_extension in access exclusive mode").await;
    let running = account.command_on(&url, ["migrate"]).spawn().unwrap();
    let blocked = "select exists (select from pg_stat_activity where application_name = 'lectern migrate' and datname = current_database() and wait_event_type = 'Lock')";
    until(&mut watcher, blocked).await;
    run_sql(&mut watcher, "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'lectern migrate' and datname = current_database()").await;
    ended(running).await.exits(2).says(&["could not be applied", "Run this again"]);
    other.close().await.unwrap();
    account.run_on(&url, ["migrate"]).await.exits(0);
}

#[tokio::test]
async fn the_lock_is_free_again_afterwards() {
    let (_server, url) = empty().await;
    Account::new().run_on(&url, ["migrate"]).await.exits(0);
    let mut owner = PgConnection::connect(&url).await.unwrap();
    until(&mut owner, &format!("select not ({LOCKED})")).await;
}

#[tokio::test]
async fn an_owner_who_is_no_superuser_installs_migrates_and_seeds() {
    let own = harness::fresh_server().await;
    let mut superuser = own.server().connect_as_owner("postgres").await;
    for sql in [
        "update pg_database set datistemplate = false, datallowconn = true",
        "drop database lectern_template with (force)",
        "drop database test_own with (force)",
        "drop owned by lectern_test_app; drop role lectern_test_app",
        "drop role lectern_app",
        "drop role lectern_guard",
        "drop role lectern_owner",
        "create role headmaster login createrole password 'invented'",
        "create database school owner headmaster",
    ] {
        for statement in sql.split(';') {
            run_sql(&mut superuser, statement).await;
        }
    }
    let url = own.server().owner_url("school");
    let (_, place) = url.split_once('@').unwrap();
    let url = format!("postgres://headmaster:invented@{place}");
    let account = Account::new();
    account.run_on(&url, ["migrate"]).await.exits(0).says(&["up to date"]);
    account.run_on(&url, ["seed"]).await.exits(0);
    account.run_on(&url, ["seed", "--size", "medium", "--scale", "0.001", "--yes"]).await.exits(0);
    account.run_on(&url, ["check"]).await.exits(0).says(&["ok       Progress", "All is well"]);
    account.run_on(&url, ["audit", "seal"]).await.exits(0);
    account.run_on(&url, ["people", "create-owner"]).await.exits(0);
}

/// Stands before the server as PgBouncer does, as far as a start-up option is concerned: refuses it, or swallows it where
/// `ignore_startup_parameters` names it.
async fn pooler(url: &str, refuses: bool) -> String {
    let target = url.parse::<PgConnectOptions>().unwrap();
    let (host, port) = (target.get_host().to_owned(), target.get_port());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let here = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let host = host.clone();
            tokio::spawn(async move {
                let mut length = [0; 4];
                client.read_exact(&mut length).await.ok()?;
                let mut body = vec![0; u32::from_be_bytes(length) as usize - 4];
                client.read_exact(&mut body).await.ok()?;
                let parameters: Vec<&[u8]> = body[4..].split(|byte| *byte == 0).collect();
                let mut start = body[..4].to_vec();
                for pair in parameters.chunks_exact(2).take_while(|pair| !pair[0].is_empty()) {
                    if pair[0] == b"options" {
                        if refuses {
                            let message = b"SFATAL\0VFATAL\0C08P01\0Munsupported startup parameter: options\0\0";
                            client.write_all(b"E").await.ok()?;
                            client.write_all(&(message.len() as u32 + 4).to_be_bytes()).await.ok()?;
                            client.write_all(message).await.ok()?;
                            return Some(());
                        }
                        continue;
                    }
                    start.extend_from_slice(pair[0]);
                    start.push(0);
                    start.extend_from_slice(pair[1]);
                    start.push(0);
                }
                start.push(0);
                let mut server = TcpStream::connect((host.as_str(), port)).await.ok()?;
                server.write_all(&(start.len() as u32 + 4).to_be_bytes()).await.ok()?;
                server.write_all(&start).await.ok()?;
                copy_bidirectional(&mut client, &mut server).await.ok()?;
                Some(())
            });
        }
    });
    url.replace(&format!(":{port}/"), &format!(":{here}/"))
}

#[tokio::test]
async fn migrations_refuse_to_run_through_a_pooler() {
    let (_server, url) = empty().await;
    let account = Account::new();
    for refuses in [true, false] {
        let pooled = pooler(&url, refuses).await;
        account.run_on(&pooled, ["migrate"]).await.exits(1).says(&["PgBouncer", "server's own host and port"]);
    }
}

#[tokio::test]
async fn a_wait_that_ends_in_vain_names_no_one_it_may_not_see() {
    let (_server, url) = empty().await;
    let mut one = PgConnection::connect(&url).await.unwrap();
    let mut other = PgConnection::connect(&url).await.unwrap();
    run_sql(&mut other, "select pg_advisory_lock(30510775313724014)").await;
    let error = migrating::migrate(&mut one, &MIGRATOR, Duration::ZERO, &mut |_| {}).await.unwrap_err();
    assert_eq!(error.code, Code::Stale);
    assert!(error.message.starts_with("Somebody else is migrating this database"));
}
