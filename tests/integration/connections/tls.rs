use std::{path::Path, process::Command};

use lectern::{
    Code, Error,
    connections::{
        Connection, Sensitive, Tls,
        check::{self, StepState},
        keyring::Keyring,
        pool::{self, Opened},
        saved::Saved,
    },
};
use rcgen::KeyPair;

use super::servers::{Authority, Shown, TlsServer, for_localhost, of};
use crate::harness;

async fn refused(connection: &Connection, password: &Sensitive) -> Error {
    let error = pool::connect(connection, Some(password)).await.unwrap_err();
    let shown = format!("{error:?}");
    assert!(!shown.contains(password.expose()), "{shown}");
    assert!(
        error.message.ends_with('.') && error.next_step.as_ref().is_some_and(|step| step.ends_with('.')),
        "{shown}"
    );
    error
}

async fn is_encrypted(opened: &Opened) -> bool {
    sqlx::query_scalar("select ssl from pg_stat_ssl where pid = pg_backend_pid()")
        .fetch_one(opened.database.pool())
        .await
        .unwrap()
}

/// State and words of the step called `name`.
async fn step(connection: &Connection, password: Option<&Sensitive>, name: &str) -> (StepState, String) {
    let steps = check::check(connection, password, &Keyring::default()).await;
    let step = steps.into_iter().find(|step| step.name == name).unwrap();
    (step.state, format!("{} {}", step.message, step.next_step.unwrap_or_default()))
}

#[tokio::test]
async fn a_certificate_of_the_chosen_authority_for_this_host_is_trusted() {
    let server = for_localhost().await;
    let (connection, password) = server.connection();
    let opened = pool::connect(&connection, Some(&password)).await.unwrap();
    assert!(is_encrypted(&opened).await);
    assert_eq!(step(&connection, Some(&password), "Encryption").await.0, StepState::Ok);
}

#[tokio::test]
async fn an_authority_this_computer_does_not_know_is_named_with_the_fingerprint() {
    let server = for_localhost().await;
    let (connection, password) = server.connection();
    for (connection, told) in [
        (Connection { ca_file: None, ..connection.clone() }, "does not know the authority"),
        (
            Connection { ca_file: Some(server.file("other.pem", &Authority::new("Other").pem)), ..connection },
            "chosen CA file does not contain",
        ),
    ] {
        let error = refused(&connection, &password).await;
        assert_eq!(error.code, Code::Tls);
        assert!(error.message.contains(told) && error.message.contains("Invented School Authority"), "{error}");
        let fingerprint = check::shown_certificate(&connection).await.unwrap().fingerprint;
        assert!(error.next_step.unwrap().contains(&fingerprint));
    }
}

#[tokio::test]
async fn another_hosts_certificate_is_refused_by_name_and_accepted_by_verify_ca() {
    let (connection, password) = for_localhost().await.connection();
    let by_address = Connection { host: "127.0.0.1".into(), ..connection };
    let error = refused(&by_address, &password).await;
    assert_eq!(error.code, Code::Tls);
    assert_eq!(error.message, "The certificate is not one of 127.0.0.1: it is made for localhost.");
    let verify_ca = Connection { tls: Tls::VerifyCa, ..by_address };
    assert!(is_encrypted(&pool::connect(&verify_ca, Some(&password)).await.unwrap()).await);
    let unknown = Connection { ca_file: None, ..verify_ca };
    assert!(refused(&unknown, &password).await.message.contains("does not know the authority"));
}

#[tokio::test]
async fn an_expired_certificate_is_told_with_its_day_in_every_verifying_mode() {
    let server = TlsServer::start(Shown::Expired).await;
    let (connection, password) = server.connection();
    let pinned = server.folder.path().join("server.pem").to_string_lossy().into_owned();
    for connection in [
        Connection { tls: Tls::VerifyCa, ..connection.clone() },
        Connection { ca_file: Some(pinned), tls: Tls::VerifyCa, ..connection.clone() },
        connection,
    ] {
        let error = refused(&connection, &password).await;
        assert_eq!(error.code, Code::Tls);
        assert_eq!(error.message, "The certificate of localhost expired on 2021-01-01.");
        assert!(error.next_step.unwrap().contains("clock"));
    }
}

#[tokio::test]
async fn a_self_signed_certificate_is_explained_and_trusted_once_a_person_pins_it() {
    for (shown, told) in [
        (Shown::SelfSigned, "nobody but itself vouches"),
        (Shown::SelfSignedAuthority, "the certificate of an authority as its own"),
    ] {
        let server = TlsServer::start(shown).await;
        let (connection, password) = server.connection();
        let desk = Saved::at(server.folder.path().join("desk"));
        for ca_file in [None, server.ca()] {
            let connection = Connection { ca_file, ..connection.clone() };
            let error = refused(&connection, &password).await;
            assert!(error.code == Code::Tls && error.message.contains(told), "{error}");
        }
        let steps = check::check(&connection, Some(&password), &Keyring::default()).await;
        let offered = steps.into_iter().find_map(|step| step.pinnable).expect("the check offers to trust it");
        assert_eq!(offered.fingerprint, check::shown_certificate(&connection).await.unwrap().fingerprint);

        let pinned = desk.pin(connection.clone(), &offered.der).unwrap();
        assert_eq!(desk.find(&pinned.name).unwrap(), pinned);
        for host in ["localhost", "127.0.0.1"] {
            let pinned = Connection { host: host.into(), ..pinned.clone() };
            assert!(is_encrypted(&pool::connect(&pinned, Some(&password)).await.unwrap()).await);
        }
        let in_full = Connection { tls: Tls::VerifyFull, ..pinned.clone() };
        assert!(pool::connect(&in_full, Some(&password)).await.is_ok(), "its name is right too");
        let other_name = Connection { host: "127.0.0.1".into(), ..in_full };
        assert!(refused(&other_name, &password).await.message.contains("is made for localhost"));

        // Another server with the same names does not pass for it.
        let (other, password) = for_localhost().await.connection();
        let error = refused(&Connection { ca_file: pinned.ca_file, tls: Tls::VerifyCa, ..other }, &password).await;
        assert!(error.message.contains("chosen CA file does not contain"), "{error}");
    }
}

#[tokio::test]
async fn require_accepts_any_certificate_and_the_check_says_so() {
    let (connection, password) = for_localhost().await.connection();
    let require = Connection { tls: Tls::Require, ca_file: None, host: "127.0.0.1".into(), ..connection };
    assert!(is_encrypted(&pool::connect(&require, Some(&password)).await.unwrap()).await);
    let (state, words) = step(&require, Some(&password), "Encryption").await;
    assert!(
        state == StepState::Warning && words.contains("accepts any certificate") && words.contains("verify-full"),
        "{words}"
    );
}

#[tokio::test]
async fn a_server_without_encryption_is_refused_instead_of_an_open_line() {
    let fresh = harness::fresh().await;
    let (connection, password) = of(&fresh.app_url);
    for tls in [Tls::Require, Tls::VerifyCa, Tls::VerifyFull] {
        let error = refused(&Connection { tls, ..connection.clone() }, &password).await;
        assert!(error.code == Code::Tls && error.message.contains("does not encrypt"), "{error}");
    }
}

fn openssl(arguments: &[&str]) {
    let output = Command::new("openssl").args(arguments).output().expect("openssl, which `make setup` installs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn keys(server: &TlsServer) -> [(&'static str, String); 3] {
    let path = |name: &str| server.folder.path().join(name).to_string_lossy().into_owned();
    let (rsa, pkcs8, ec) = (path("pkcs1.key"), path("pkcs8.key"), path("sec1.key"));
    openssl(&["genrsa", "-traditional", "-out", &rsa, "2048"]);
    openssl(&["pkcs8", "-topk8", "-nocrypt", "-in", &rsa, "-out", &pkcs8]);
    openssl(&["ecparam", "-genkey", "-noout", "-name", "prime256v1", "-out", &ec]);
    [("RSA PRIVATE KEY", rsa), ("-BEGIN PRIVATE KEY", pkcs8), ("EC PRIVATE KEY", ec)]
}

/// rcgen reads PKCS#8 only.
fn key_pair(path: &str) -> KeyPair {
    let converted = format!("{path}.p8");
    openssl(&["pkcs8", "-topk8", "-nocrypt", "-in", path, "-out", &converted]);
    KeyPair::from_pem(&std::fs::read_to_string(converted).unwrap()).unwrap()
}

#[tokio::test]
async fn a_client_certificate_signs_in_with_a_key_of_every_usual_form() {
    let server = for_localhost().await;
    let (connection, _) = server.connection();
    for (form, key) in keys(server) {
        assert!(std::fs::read_to_string(&key).unwrap().contains(form));
        let certificate = server.clients.client("desk_certified", &key_pair(&key), 2200);
        let certified = Connection {
            user: "desk_certified".into(),
            client_certificate: Some(server.file("desk.pem", &certificate)),
            client_key: Some(key.clone()),
            ..connection.clone()
        };
        let opened = pool::connect(&certified, None).await.unwrap();
        assert!(is_encrypted(&opened).await);
        assert_eq!(step(&certified, None, "Encryption").await.0, StepState::Ok);
        let open: &Path = Path::new(&key);
        std::fs::set_permissions(open, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
        let (state, words) = step(&certified, None, "Encryption").await;
        assert!(state == StepState::Warning && words.contains("chmod 600"), "{words}");
    }
}

#[tokio::test]
async fn each_thing_that_is_wrong_with_a_client_certificate_has_its_own_words() {
    let server = for_localhost().await;
    let (plain, password) = server.connection();
    let key = KeyPair::generate().unwrap();
    let key_file = server.file("client.key", &key.serialize_pem());
    let with = |user: &str, certificate: &str, key: &str| Connection {
        user: user.into(),
        client_certificate: Some(certificate.to_owned()),
        client_key: Some(key.to_owned()),
        ..plain.clone()
    };
    let own = server.file("own.pem", &server.clients.client("desk_certified", &key, 2200));

    let error = refused(&Connection { user: "desk_both".into(), ..plain.clone() }, &"invented-secret".into()).await;
    assert!(error.code == Code::Tls && error.message.contains("asks for a client certificate of desk_both"), "{error}");
    assert!(pool::connect(&with("desk_both", &own, &key_file), Some(&"invented-secret".into())).await.is_ok());

    let foreign = server.file("foreign.pem", &Authority::new("Other").client("desk_certified", &key, 2200));
    let error = refused(&with("desk_certified", &foreign, &key_file), &password).await;
    assert!(error.message.contains("does not accept your client certificate"), "{error}");

    let expired = server.file("expired.pem", &server.clients.client("desk_certified", &key, 2021));
    assert!(
        refused(&with("desk_certified", &expired, &key_file), &password)
            .await
            .message
            .contains("client certificate has expired")
    );

    let another = server.file("another.key", &KeyPair::generate().unwrap().serialize_pem());
    assert!(refused(&with("desk_certified", &own, &another), &password).await.message.contains("does not belong"));

    let locked = server.folder.path().join("locked.key").to_string_lossy().into_owned();
    openssl(&["pkcs8", "-topk8", "-v2", "aes256", "-passout", "pass:desk", "-in", &key_file, "-out", &locked]);
    let error = refused(&with("desk_certified", &own, &locked), &password).await;
    assert!(error.message.contains("passphrase") && error.next_step.unwrap().contains("openssl pkey"));

    let swapped = refused(&with("desk_certified", &key_file, &own), &password).await;
    assert!(swapped.message.contains("holds no certificate"), "{swapped}");
    assert!(refused(&with("desk_certified", &own, &own), &password).await.message.contains("holds no private key"));
    let gone = refused(&with("desk_certified", "/nowhere/desk.pem", &key_file), &password).await;
    assert!(gone.message.contains("/nowhere/desk.pem does not exist"), "{gone}");
    let no_ca = refused(&Connection { ca_file: Some("/nowhere/ca.pem".into()), ..plain.clone() }, &password).await;
    assert!(no_ca.message.contains("CA file /nowhere/ca.pem does not exist"), "{no_ca}");
}
