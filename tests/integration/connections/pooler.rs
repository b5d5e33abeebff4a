use lectern::connections::{
    Connection, Sensitive,
    check::{self, CheckStep, StepState},
    keyring::Keyring,
};

use super::servers::{bouncer, bouncer_version, of};
use crate::harness;

async fn pooler(connection: &Connection, password: &Sensitive) -> CheckStep {
    let steps = check::check(connection, Some(password), &Keyring::default()).await;
    let told = format!("{steps:#?}");
    steps
        .into_iter()
        .find(|step| step.name == "Pooler" && step.state != StepState::Skipped)
        .unwrap_or_else(|| panic!("{told}"))
}

/// What takes prepared statements from a PgBouncer that could handle them.
fn without_statements() -> &'static str {
    if bouncer_version() >= (1, 21) { "max_prepared_statements = 0" } else { "" }
}

#[tokio::test]
async fn a_server_without_a_pooler_is_told_as_such() {
    let fresh = harness::fresh().await;
    let (connection, password) = of(&fresh.app_url);
    let step = pooler(&connection, &password).await;
    assert_eq!(
        (step.state, step.message.as_str()),
        (StepState::Ok, "Nothing stands in between that mixes connections.")
    );
}

#[tokio::test]
async fn a_pgbouncer_that_mixes_up_statements_is_refused_with_the_reason() {
    let fresh = harness::fresh().await;
    let (_running, connection, password) = bouncer(&fresh.app_url, "transaction", without_statements());
    let step = pooler(&connection, &password).await;
    assert_eq!(step.state, StepState::Failed, "{step:?}");
    assert!(
        step.message.contains("PgBouncer") && step.message.contains("mixes up the prepared statements"),
        "{step:?}"
    );
    assert!(step.next_step.unwrap().contains("max_prepared_statements"));
}

#[tokio::test]
async fn an_old_pgbouncer_that_tells_its_version_is_refused_by_it() {
    let fresh = harness::fresh().await;
    let (connection, _) = of(&fresh.app_url);
    let settings = format!("stats_users = {}", connection.user);
    let (_running, connection, password) = bouncer(&fresh.app_url, "transaction", &settings);
    let step = pooler(&connection, &password).await;
    let (major, minor) = bouncer_version();
    assert!(step.message.contains(&format!("PgBouncer {major}.{minor}")), "{step:?}");
    assert_eq!(step.state == StepState::Failed, (major, minor) < (1, 21), "{step:?}");
}

#[tokio::test]
async fn a_pgbouncer_in_session_mode_keeps_connections_apart() {
    let fresh = harness::fresh().await;
    let (_running, connection, password) = bouncer(&fresh.app_url, "session", without_statements());
    let step = pooler(&connection, &password).await;
    assert_eq!(step.state, StepState::Ok, "{step:?}");
    assert!(step.message.contains("PgBouncer"), "{step:?}");
}

#[tokio::test]
async fn a_pgbouncer_without_transactions_is_refused() {
    let fresh = harness::fresh().await;
    let (_running, connection, password) = bouncer(&fresh.app_url, "statement", without_statements());
    let step = pooler(&connection, &password).await;
    assert!(step.state == StepState::Failed && step.message.contains("no transactions"), "{step:?}");
}
