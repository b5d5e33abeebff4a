//! Everything that keeps a command from its database, each in its own words.

use std::net::TcpListener;

use super::{Account, run_sql};
use crate::harness;

fn with_port(url: &str, port: u16) -> String {
    let (before, rest) = url.rsplit_once(':').unwrap();
    let (_, after) = rest.split_once('/').unwrap();
    format!("{before}:{port}/{after}")
}

#[tokio::test]
async fn no_database_named_is_bad_usage_and_starts_no_private_server() {
    let account = Account::new();
    for arguments in [
        vec!["migrate"],
        vec!["migrate", "--check"],
        vec!["seed"],
        vec!["check"],
        vec!["audit", "head"],
        vec!["people", "create-owner"],
    ] {
        account.run(arguments).await.exits(2).says(&["No database is named", "--connection NAME", "DATABASE_URL"]);
    }
    assert!(!account.home.path().join("data").exists());
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_told() {
    let fresh = harness::fresh().await;
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = with_port(&fresh.owner_url, free);
    let account = Account::new();
    for arguments in
        [vec!["migrate", "--check"], vec!["seed"], vec!["people", "reset", "nobody@example.org"], vec!["check"]]
    {
        let ran = account.run_on(&url, arguments).await.exits(2);
        assert!(ran.err.contains(&free.to_string()), "the port is named: {}", ran.err);
    }
}

#[tokio::test]
async fn a_host_that_does_not_exist_is_told() {
    let account = Account::new();
    let url = "postgres://owner@no-such-host.invalid/lectern?sslmode=disable";
    account.run_on(url, ["migrate", "--check"]).await.exits(2).says(&["no-such-host.invalid"]);
}

#[tokio::test]
async fn a_wrong_password_is_told_without_repeating_it() {
    let fresh = harness::fresh().await;
    let (_, place) = fresh.owner_url.split_once('@').unwrap();
    let url = format!("postgres://postgres:entirely-wrong@{place}");
    let ran = Account::new().run_on(&url, ["check"]).await.exits(2);
    assert!(ran.err.contains("password") && !ran.err.contains("entirely-wrong") && !ran.out.contains("entirely-wrong"));
}

#[tokio::test]
async fn a_database_that_does_not_exist_is_named() {
    let fresh = harness::fresh().await;
    let url = fresh.server().owner_url("no_such_database");
    let ran = Account::new().run_on(&url, ["migrate"]).await;
    assert!(ran.code == 1 || ran.code == 2);
    assert!(ran.err.contains("no_such_database"), "{}", ran.err);
}

#[tokio::test]
async fn an_address_that_is_none_is_never_repeated() {
    let account = Account::new();
    for url in [
        "mysql://root:hunter2@db/lectern",
        "postgres://o:hun/ter2@db/lectern",
        "hunter2",
        "postgres://o:hunter2@:99999/l",
    ] {
        let ran = account.run_on(url, ["migrate", "--check"]).await;
        assert!(ran.code == 1 || ran.code == 2, "{url}: {}", ran.code);
        assert!(!ran.err.contains("hunter2") && !ran.err.contains("ter2"), "{}", ran.err);
        assert!(!account.logs().contains("ter2"));
    }
}

#[tokio::test]
async fn a_connection_that_was_never_saved_is_named() {
    let ran = Account::new().run(["migrate", "--connection", "Headquarters"]).await.exits(1);
    assert!(ran.err.contains("Headquarters") && ran.err.contains("lectern connections add"));
}

#[tokio::test]
async fn a_named_connection_goes_before_the_environment() {
    let fresh = harness::fresh().await;
    let ran =
        Account::new().run_on(&fresh.owner_url, ["migrate", "--check", "--connection", "elsewhere"]).await.exits(1);
    assert!(ran.err.contains("elsewhere"));
}

#[tokio::test]
async fn a_login_without_the_rights_is_refused_and_changes_nothing() {
    let fresh = harness::fresh().await;
    let account = Account::new();
    for arguments in [
        vec!["seed"],
        vec!["people", "create-owner"],
        vec!["people", "disable", "nobody@example.org", "--yes"],
        vec!["audit", "seal"],
        vec!["audit", "verify"],
        vec!["audit", "head"],
        vec!["check", "--repair"],
    ] {
        account.run_on(&fresh.app_url, arguments).await.exits(1).says(&["lectern migrate"]);
    }
    let mut owner = fresh.owner().await;
    assert_eq!(super::count(&mut owner, "select count(*) from lectern_auth.one_time_codes").await, 0);
}

#[tokio::test]
async fn a_standby_is_not_written_to() {
    let fresh = harness::fresh().await;
    // What a standby answers to writing, without setting one up.
    run_sql(&mut fresh.owner().await, &format!("alter database {} set default_transaction_read_only = on", fresh.name))
        .await;
    Account::new().run_on(&fresh.owner_url, ["seed"]).await.exits(1).says(&["only answers", "primary"]);
}
