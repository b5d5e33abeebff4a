use lectern::{
    Code,
    connections::{
        Connection, Sensitive,
        check::{self, CheckStep, StepState},
        keyring::Keyring,
        pool,
    },
    courses, organizations,
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

#[tokio::test]
async fn a_pgbouncer_set_as_operators_are_told_never_mixes_people_up_and_one_before_1_21_is_not_let_through() {
    let fresh = harness::fresh().await;
    let is_new = bouncer_version() >= (1, 22);
    let statements = if is_new { "max_prepared_statements = 200\n" } else { "" };
    let settings = format!("{statements}server_reset_query_always = 1\ndefault_pool_size = 2");
    let (_running, connection, password) = bouncer(&fresh.app_url, "transaction", &settings);
    let mut desks = Vec::new();
    for name in ["North School", "South School"] {
        let school = fresh.organization(name).await;
        let admin = fresh.member(school, "Aiko Tanaka", "admin").await;
        let course = fresh.course(school, "Mechanics").await;
        let opened = match pool::connect(&connection, Some(&password)).await {
            Ok(opened) => opened,
            Err(refused) => {
                assert!(!is_new && refused.code == Code::NotAllowed, "{refused:?}");
                return;
            }
        };
        desks.push((name, school, course, fresh.access(admin, school).await, opened));
    }
    assert!(is_new, "statements would go to the wrong connection");
    // More desks than connections behind them, each asking for its own and for the other's.
    let asked = (0..6).flat_map(|_| [(0, 1), (1, 0)]).map(|(own, other)| {
        let (name, school, _, access, opened) = &desks[own];
        let foreign = desks[other].2;
        async move {
            for _ in 0..40 {
                let read = opened.database.read("test", access, |c| Box::pin(organizations::read(c, *school))).await;
                assert_eq!(read.unwrap().name, *name);
                let read = opened.database.read("test", access, |c| Box::pin(courses::read(c, *school, foreign))).await;
                assert_eq!(read.err().unwrap().code, Code::NotFound);
            }
        }
    });
    futures_util::future::join_all(asked).await;
}
