use sqlx::postgres::PgConnectOptions;

use super::{Account, ended};
use crate::{connections::keyring::Desktop, harness};

const ADDRESS: &str = "postgres://desk@db.example.org:5433/lectern?sslmode=verify-full";

#[tokio::test]
async fn nothing_saved_says_how_to_begin() {
    let account = Account::new();
    let ran = account
        .run(["connections", "list"])
        .await
        .exits(0)
        .says(&["No connection is saved", "lectern connections add"]);
    assert_eq!(ran.out, "");
    assert_eq!(account.run(["connections", "list", "--json"]).await.exits(0).json(), serde_json::json!([]));
}

#[tokio::test]
async fn a_connection_is_added_shown_listed_and_removed() {
    let account = Account::new();
    let add = ["connections", "add", "Head office 東京", "--address", ADDRESS, "--secrets", "ask"];
    account.run(add).await.exits(0).says(&["Saved as Head office 東京"]);
    let shown = account.run(["connections", "show", "head OFFICE 東京", "--json"]).await.exits(0).json();
    assert_eq!(shown["host"], "db.example.org");
    assert_eq!(shown["port"], 5433);
    assert_eq!(shown["tls"], "verifyFull");
    let listed = account.run(["connections", "list"]).await.exits(0);
    assert!(listed.out.starts_with("NAME") && listed.out.contains("db.example.org:5433"));
    account.run(["connections", "remove", "Head office 東京"]).await.exits(1).says(&["--yes"]);
    account
        .run(["connections", "remove", "Head office 東京", "--dry-run"])
        .await
        .exits(0)
        .says(&["Would be forgotten"]);
    account.run(["connections", "remove", "Head office 東京", "--yes"]).await.exits(0).says(&["Forgotten"]);
    account.run(["connections", "show", "Head office 東京"]).await.exits(1);
}

#[tokio::test]
async fn what_cannot_be_right_is_refused_and_nothing_saved() {
    let account = Account::new();
    for (arguments, sentence) in [
        (vec!["--address", "postgres://desk:hunter2@db.example.org/lectern"], "never stands in an address"),
        (vec!["--address", "postgres://desk@db.example.org"], "no database"),
        (vec!["--host", "db.example.org", "--database", "lectern", "--user", "desk", "--port", "0"], "1 to 65535"),
        (vec!["--host", "db/../etc", "--database", "lectern", "--user", "desk"], "letters, digits"),
        (vec!["--address", ADDRESS, "--fallback-host", "db.example.org:5433"], "named twice"),
    ] {
        let mut all = vec!["connections", "add", "office", "--secrets", "ask"];
        all.extend(arguments);
        let ran = account.run(all).await.exits(1).says(&[sentence]);
        assert!(!ran.err.contains("hunter2"));
    }
    account
        .run(["connections", "add", "local", "--address", ADDRESS, "--secrets", "ask"])
        .await
        .exits(1)
        .says(&["private server"]);
    account.run(["connections", "add", "office"]).await.exits(2);
    account.run(["connections", "add", "office", "--address", ADDRESS, "--password", "x"]).await.exits(2);
    assert_eq!(account.run(["connections", "list", "--json"]).await.json(), serde_json::json!([]));
}

#[tokio::test]
async fn an_existing_one_is_replaced_only_after_agreeing() {
    let account = Account::new();
    account.run(["connections", "add", "office", "--address", ADDRESS, "--secrets", "ask"]).await.exits(0);
    let other = [
        "connections",
        "add",
        "Office",
        "--host",
        "127.0.0.1",
        "--database",
        "other",
        "--user",
        "desk",
        "--secrets",
        "ask",
    ];
    account.run(other).await.exits(1).says(&["db.example.org", "--yes"]);
    assert_eq!(account.run(["connections", "show", "office", "--json"]).await.json()["database"], "lectern");
    account.run(other.into_iter().chain(["--yes"])).await.exits(0);
    let shown = account.run(["connections", "show", "office", "--json"]).await.json();
    assert_eq!((shown["database"].as_str(), shown["tls"].as_str()), (Some("other"), Some("off")));
}

#[tokio::test]
async fn without_a_keyring_nothing_is_saved_and_the_choices_are_named() {
    let account = Account::new();
    let mut child = account.command(["connections", "add", "office", "--address", ADDRESS, "--password-stdin"]);
    let mut child = child.stdin(std::process::Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"a password nobody keeps\n").unwrap();
    let ran = ended(child).await.exits(2).says(&["--secrets ask", "--secrets file", "nothing was saved"]);
    assert!(!ran.err.contains("nobody keeps"));
    assert_eq!(account.run(["connections", "list", "--json"]).await.json(), serde_json::json!([]));
}

#[tokio::test]
async fn a_password_in_the_keyring_opens_the_database_for_every_command() {
    let fresh = harness::fresh().await;
    let desktop = Desktop::signed_in().await;
    let account = Account::new();
    let options: PgConnectOptions = fresh.owner_url.parse().unwrap();
    let (port, password) =
        (options.get_port().to_string(), fresh.owner_url.split([':', '@']).nth(2).unwrap().to_owned());
    let command = |arguments: &[&str]| {
        let mut command = account.command(arguments);
        command.env("DBUS_SESSION_BUS_ADDRESS", &desktop.address).stdin(std::process::Stdio::piped());
        command.spawn().unwrap()
    };
    let add = [
        "connections",
        "add",
        "office",
        "--host",
        "127.0.0.1",
        "--port",
        &port,
        "--database",
        &fresh.name,
        "--user",
        "postgres",
        "--password-stdin",
    ];
    let mut adding = command(&add);
    std::io::Write::write_all(&mut adding.stdin.take().unwrap(), format!("{password}\n").as_bytes()).unwrap();
    ended(adding).await.exits(0);
    ended(command(&["migrate", "--check", "--connection", "office"])).await.exits(0);
    ended(command(&["seed", "--connection", "OFFICE"])).await.exits(0);
    ended(command(&["check", "--connection", "office"])).await.exits(0).says(&["ok       Keyring"]);
    ended(command(&["connections", "check", "office"])).await.exits(1).says(&["stands above the rights"]);
    let files = std::fs::read_to_string(account.home.path().join("config/connections.toml")).unwrap();
    assert!(!files.contains(&password));
    ended(command(&["connections", "remove", "office", "--yes"])).await.exits(0);
    ended(command(&["migrate", "--check", "--connection", "office"])).await.exits(1);
}

#[tokio::test]
async fn a_connection_that_fails_names_the_step() {
    let account = Account::new();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    account
        .run([
            "connections",
            "add",
            "office",
            "--host",
            "127.0.0.1",
            "--port",
            &free,
            "--database",
            "lectern",
            "--user",
            "desk",
            "--secrets",
            "ask",
        ])
        .await
        .exits(0);
    let report =
        account.run(["connections", "check", "office", "--json"]).await.exits(2).says(&["failed   Network"]).json();
    assert_eq!(report[1]["name"], "Network");
    assert_eq!(report[1]["state"], "failed");
}

#[tokio::test]
async fn a_damaged_file_is_told_by_its_line_and_kept() {
    let account = Account::new();
    let config = account.home.path().join("config");
    std::fs::create_dir_all(&config).unwrap();
    super::write_script(&config, "connections.toml", "format = 1\n[[connection]]\nname = \"office\nhost = 1\n");
    account.run(["connections", "list"]).await.exits(1).says(&["line 3", "kept as"]);
    account.run(["connections", "list"]).await.exits(0);
}
