use std::{
    collections::HashSet,
    io::{Read, Write},
    net::TcpListener,
    time::{Duration, Instant},
};

use lectern::{
    Code,
    connections::{
        Connection, SecretStore, Sensitive, Tls,
        check::{self, CheckStep, StepState},
        keyring::Keyring,
        pool,
    },
};

use super::servers::{for_localhost, free_port, of};
use crate::harness::{self, Fresh};

async fn steps(connection: &Connection, password: Option<&Sensitive>) -> Vec<CheckStep> {
    check::check(connection, password, &Keyring::default()).await
}

fn states(steps: &[CheckStep]) -> Vec<(&str, StepState)> {
    steps.iter().map(|step| (step.name.as_str(), step.state)).collect()
}

fn failed(steps: &[CheckStep]) -> &CheckStep {
    let failed: Vec<_> = steps.iter().filter(|step| step.state == StepState::Failed).collect();
    assert_eq!(failed.len(), 1, "{steps:#?}");
    failed[0]
}

async fn owner(fresh: &Fresh, statement: &'static str) {
    sqlx::raw_sql(statement).execute(&mut fresh.owner().await).await.unwrap();
}

#[tokio::test]
async fn a_good_connection_passes_every_step_in_order() {
    let (connection, password) = for_localhost().await.connection();
    let mut told = Vec::new();
    let steps =
        check::check_aloud(&connection, Some(&password), &Keyring::default(), |step| told.push(step.name.clone()))
            .await;
    assert_eq!(
        states(&steps),
        [
            ("Name", StepState::Ok),
            ("Network", StepState::Ok),
            ("Encryption", StepState::Ok),
            ("Sign-in", StepState::Ok),
            ("Server", StepState::Ok),
            ("Pooler", StepState::Ok),
            ("Login", StepState::Warning),
            ("Tables", StepState::Ok),
            ("Keyring", StepState::Skipped),
        ],
        "{steps:#?}"
    );
    assert_eq!(told, steps.iter().map(|step| step.name.clone()).collect::<Vec<_>>());
    assert!(steps[6].message.contains("without time limits"), "{:?}", steps[6]);
    let json = serde_json::to_value(&steps[6]).unwrap();
    assert!(json["nextStep"].as_str().unwrap().contains("statement_timeout") && json["state"] == "warning", "{json}");
}

/// Listens, and does `answer` with whoever connects.
fn listener(answer: impl Fn(std::net::TcpStream) + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            answer(stream);
        }
    });
    port
}

#[tokio::test]
async fn everything_that_can_be_wrong_has_its_own_sentence_code_and_step() {
    let server = for_localhost().await;
    let (good, password) = server.connection();
    let web = listener(|mut stream| {
        let mut asked = [0; 8];
        let _ = stream.read(&mut asked);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    let hangs_up = listener(drop);
    let held = std::sync::Mutex::new(Vec::new());
    let silent = listener(move |stream| held.lock().unwrap().push(stream));
    let open = Connection { tls: Tls::Off, host: "127.0.0.1".into(), ..good.clone() };
    let empty = Connection { database: "postgres".into(), ..good.clone() };
    sqlx::raw_sql("grant connect on database postgres to public")
        .execute(&mut server.fresh.owner().await)
        .await
        .unwrap();
    let wrong: Vec<(&str, &str, Code, Connection, Sensitive)> = vec![
        (
            "host",
            "Name",
            Code::Unreachable,
            Connection { host: "no-such-host.invalid".into(), ..good.clone() },
            password.clone(),
        ),
        ("port", "Network", Code::Unreachable, Connection { port: free_port(), ..good.clone() }, password.clone()),
        ("a web server", "Network", Code::Unreachable, Connection { port: web, ..open.clone() }, password.clone()),
        (
            "a door that closes",
            "Network",
            Code::Unreachable,
            Connection { port: hangs_up, ..open.clone() },
            password.clone(),
        ),
        ("silence", "Network", Code::Unreachable, Connection { port: silent, ..open.clone() }, password.clone()),
        (
            "socket",
            "Network",
            Code::Unreachable,
            Connection { host: "/nowhere".into(), ..good.clone() },
            password.clone(),
        ),
        ("authority", "Encryption", Code::Tls, Connection { ca_file: None, ..good.clone() }, password.clone()),
        ("name", "Encryption", Code::Tls, Connection { host: "127.0.0.1".into(), ..good.clone() }, password.clone()),
        (
            "CA file",
            "Encryption",
            Code::Tls,
            Connection { ca_file: Some("/nowhere.pem".into()), ..good.clone() },
            password.clone(),
        ),
        ("password", "Sign-in", Code::WrongPassword, good.clone(), "something else".into()),
        (
            "user",
            "Sign-in",
            Code::WrongPassword,
            Connection { user: "nobody".into(), ..good.clone() },
            password.clone(),
        ),
        (
            "database",
            "Sign-in",
            Code::NotFound,
            Connection { database: "nowhere".into(), ..good.clone() },
            password.clone(),
        ),
        (
            "address",
            "Sign-in",
            Code::NotAllowed,
            Connection { user: "nobody_from_here".into(), ..good.clone() },
            "invented-secret".into(),
        ),
        ("tables", "Tables", Code::SchemaOutdated, empty, password.clone()),
    ];
    let mut sentences = HashSet::new();
    for (what, name, code, connection, password) in &wrong {
        let started = Instant::now();
        let steps = steps(connection, Some(password)).await;
        let step = failed(&steps);
        assert_eq!((step.name.as_str(), step.code), (*name, Some(*code)), "wrong {what}: {steps:#?}");
        assert!(step.next_step.as_ref().is_some_and(|next| next.ends_with('.')), "{step:?}");
        assert!(sentences.insert(step.message.clone()), "{what} has the words of another: {}", step.message);
        assert!(started.elapsed() < Duration::from_secs(60), "wrong {what} took {:?}", started.elapsed());
        let later: Vec<_> = steps.iter().skip_while(|step| step.state != StepState::Failed).skip(1).collect();
        assert!(later.iter().all(|step| step.state == StepState::Skipped), "{steps:#?}");
        if *what != "tables" {
            let error = pool::connect(connection, Some(password)).await.unwrap_err();
            assert_eq!(error.code, *code, "connecting with a wrong {what}: {error}");
            assert_eq!(error.message, step.message, "the check and the connection say the same of a wrong {what}");
        }
    }
    let unasked = steps(&good, None).await;
    assert_eq!(failed(&unasked).code, Some(Code::WrongPassword));
    assert!(sentences.insert(failed(&unasked).message.clone()));
}

#[tokio::test]
async fn a_login_above_or_below_the_rights_is_refused() {
    let fresh = harness::fresh_server().await;
    let (superuser, password) = of(&fresh.owner_url);
    let check = steps(&superuser, Some(&password)).await;
    assert_eq!((failed(&check).name.as_str(), failed(&check).code), ("Login", Some(Code::NotAllowed)));
    assert!(failed(&check).message.contains("it is a superuser"), "{check:#?}");
    assert!(pool::connect(&superuser, Some(&password)).await.unwrap_err().message.contains("superuser"));
    assert!(pool::OwnersWay::to(&superuser, Some(&password)).await.is_ok(), "whoever migrates may be one");

    let secret = Sensitive::from("invented-secret");
    for (make, power) in [
        ("create role r login password 'invented-secret' in role lectern_app, lectern_owner", Some("lectern_owner")),
        ("create role r login password 'invented-secret' in role lectern_app, lectern_guard", Some("lectern_guard")),
        ("create role r login password 'invented-secret' bypassrls in role lectern_app", Some("row-level security")),
        ("create role r login password 'invented-secret' createrole in role lectern_app", Some("create roles")),
        (
            "create role r login password 'invented-secret' in role lectern_app, pg_read_server_files",
            Some("server's files"),
        ),
        (
            "create role r login password 'invented-secret'; grant connect on database test_own to r",
            Some("not a member of lectern_app"),
        ),
        ("create role r login password 'invented-secret' in role lectern_app, pg_monitor", None),
    ] {
        owner(&fresh, make).await;
        let login = Connection { user: "r".into(), ..superuser.clone() };
        let outcome = pool::connect(&login, Some(&secret)).await;
        match power {
            Some(power) => {
                let error = outcome.unwrap_err();
                assert!(error.code == Code::NotAllowed && error.message.contains(power), "{make}: {error}");
                let check = steps(&login, Some(&secret)).await;
                assert!(check.iter().any(|step| step.name == "Login" && step.message == error.message), "{check:#?}");
            }
            None => {
                outcome.unwrap().database.close().await;
                let check = steps(&login, Some(&secret)).await;
                let step = check.iter().find(|step| step.name == "Login").unwrap();
                assert!(step.state == StepState::Warning && step.message.contains("pg_monitor"), "{step:?}");
            }
        }
        owner(&fresh, "drop owned by r; drop role r").await;
    }
    owner(&fresh, "create role r login password 'invented-secret'").await;
    let error = pool::connect(&Connection { user: "r".into(), ..superuser }, Some(&secret)).await.unwrap_err();
    assert_eq!(
        (error.code, error.next_step.as_deref()),
        (Code::NotAllowed, Some("Have IT run: grant lectern_app to \"r\"."))
    );
}

#[tokio::test]
async fn older_and_newer_tables_are_told_apart_and_both_let_nobody_work() {
    let fresh = harness::fresh().await;
    let (connection, password) = of(&fresh.app_url);
    for (change, code, pending) in [
        (
            "delete from lectern_migrations.applied where version = (select max(version) from lectern_migrations.applied)",
            Code::SchemaOutdated,
            1,
        ),
        (
            "insert into lectern_migrations.applied select (jsonb_populate_record(a, '{\"version\": 9999}')).* from lectern_migrations.applied a limit 1",
            Code::SchemaNewer,
            1,
        ),
    ] {
        owner(&fresh, change).await;
        let opened = pool::connect(&connection, Some(&password)).await.unwrap();
        assert_eq!((opened.refusal().unwrap().code, opened.schema.pending), (code, pending));
        let check = steps(&connection, Some(&password)).await;
        assert_eq!((failed(&check).name.as_str(), failed(&check).code), ("Tables", Some(code)));
        assert_eq!(failed(&check).message, opened.schema.message);
        opened.database.close().await;
    }
}

#[tokio::test]
async fn an_open_line_to_another_machine_is_a_warning() {
    let fresh = harness::fresh().await;
    let (connection, password) = of(&fresh.app_url);
    // Resolves to the loopback address, which its spelling does not promise.
    let steps = steps(&Connection { host: "127.1".into(), ..connection }, Some(&password)).await;
    let step = steps.iter().find(|step| step.name == "Encryption").unwrap();
    assert!(step.state == StepState::Warning && step.message.contains("The line is open"), "{steps:#?}");
}

#[tokio::test]
async fn a_keyring_that_is_missing_fails_the_check_of_a_connection_that_uses_it() {
    let fresh = harness::fresh().await;
    let (connection, password) = of(&fresh.app_url);
    let nowhere = Keyring::on_bus("unix:path=/nowhere/bus");
    let connection = Connection { secret_store: SecretStore::Keyring, ..connection };
    let check = check::check(&connection, Some(&password), &nowhere).await;
    assert_eq!((failed(&check).name.as_str(), failed(&check).code), ("Keyring", Some(Code::Keyring)));
}

#[tokio::test]
async fn of_several_hosts_the_one_that_is_down_is_a_warning() {
    let fresh = harness::fresh().await;
    let (connection, password) = of(&fresh.app_url);
    let alive = format!("127.0.0.1:{}", connection.port);
    let connection = Connection { port: free_port(), fallback_hosts: vec![alive.clone()], ..connection };
    let check = steps(&connection, Some(&password)).await;
    assert_eq!(check.iter().filter(|step| step.state == StepState::Failed).count(), 0, "{check:#?}");
    assert_eq!(states(&check)[1], ("Network", StepState::Warning));
    assert!(check.iter().any(|step| step.name == "Server" && step.message.contains(&alive)), "{check:#?}");
}
