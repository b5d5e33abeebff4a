use sqlx::Connection;

use super::{Account, ended};

/// The server's account must be able to enter, also where root runs the tests.
fn account() -> Account {
    let account = Account::new();
    std::fs::set_permissions(account.home.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    account
}

#[tokio::test]
async fn the_private_server_is_started_used_backed_up_and_stopped() {
    let account = account();
    let status = account.run(["serve-local", "status", "--json"]).await.exits(1).json();
    assert_eq!(status["state"], "absent");
    account.run(["serve-local", "stop"]).await.exits(0).says(&["was not running"]);

    let started = account.run(["serve-local", "start", "--json"]).await.exits(0).says(&["runs and stays"]).json();
    let address = started["address"].as_str().unwrap();
    assert!(address.starts_with("postgresql:///lectern?host="), "{address}");
    let status = account.run(["serve-local", "status", "--json"]).await.exits(0).json();
    assert_eq!((status["state"].as_str(), status["isKept"].as_bool()), (Some("running"), Some(true)));
    assert_eq!(account.run(["serve-local", "url"]).await.exits(0).out.trim(), address);

    account.run(["migrate", "--connection", "local", "--check"]).await.exits(0);
    account.run(["seed", "--connection", "local"]).await.exits(0).says(&["The private local database"]);
    account.run(["people", "create-owner", "--connection", "Local"]).await.exits(0);
    account.run(["check", "--connection", "local"]).await.exits(0).says(&["All is well"]);
    let backup = account.run(["serve-local", "backup"]).await.exits(0);
    assert!(std::path::Path::new(backup.out.trim()).is_dir(), "{}", backup.out);

    let password = std::fs::read_to_string(account.home.path().join("data/local-server/secrets.json")).unwrap();
    let password: serde_json::Value = serde_json::from_str(&password).unwrap();
    for secret in
        password.as_object().unwrap().values().filter_map(serde_json::Value::as_str).filter(|value| value.len() > 8)
    {
        assert!(
            !account.logs().contains(secret) && !started.to_string().contains(secret) && !backup.err.contains(secret)
        );
    }
    account.run(["serve-local", "stop"]).await.exits(0).says(&["is stopped"]);
    account.run(["serve-local", "status"]).await.exits(1);
    account.run(["serve-local", "restore", backup.out.trim(), "--yes"]).await.exits(0).says(&["Restored"]);
    account.run(["check", "--connection", "local"]).await.exits(0).says(&["All is well"]);
}

#[tokio::test]
async fn a_command_leaves_the_private_server_as_it_found_it() {
    let account = account();
    account
        .run(["migrate", "--connection", "local"])
        .await
        .exits(0)
        .says(&["Creating the local database", "up to date"]);
    assert_eq!(account.run(["serve-local", "status", "--json"]).await.exits(1).json()["state"], "stopped");
    account.run(["seed", "--connection", "local", "--size", "huge"]).await.exits(2);
    account.run(["serve-local", "status", "--connection", "office"]).await.exits(2);
}

#[tokio::test]
async fn going_back_to_a_backup_shows_what_it_replaces_and_keeps_it() {
    let account = account();
    account.run(["migrate", "--connection", "local"]).await.exits(0);
    let data = account.home.path().join("data/local-server/data");
    let backup = account.home.path().join("a copy").to_str().unwrap().to_owned();
    assert!(std::process::Command::new("cp").arg("-a").arg(&data).arg(&backup).status().unwrap().success());
    account.run(["seed", "--connection", "local"]).await.exits(0);
    let restore = ["serve-local", "restore", &backup];
    account.run(restore).await.exits(1).says(&["would be replaced by", "--yes"]);
    account.run(restore.into_iter().chain(["--dry-run"])).await.exits(0).says(&["Nothing was"]);
    account.run(["seed", "--connection", "local"]).await.exits(0).says(&["Nothing to do"]);
    let restored = account.run(restore.into_iter().chain(["--yes"])).await.exits(0).says(&["Restored"]);
    assert!(std::path::Path::new(restored.out.trim()).is_dir());
    account.run(["seed", "--connection", "local", "--if-empty"]).await.exits(0).says(&["Written to"]);
    account.run(["serve-local", "restore", "/nonexistent", "--yes"]).await.exits(2);
    let dump = super::write_script(account.home.path(), "lectern.dump", "PGDMP");
    account.run(["serve-local", "restore", dump.to_str().unwrap(), "--yes"]).await.exits(1).says(&["pg_restore"]);
}

#[tokio::test]
async fn two_first_commands_at_once_share_one_server() {
    let account = account();
    let one = account.command(["seed", "--connection", "local", "--yes"]).spawn().unwrap();
    let other = account.command(["seed", "--connection", "local", "--yes"]).spawn().unwrap();
    let (one, other) = tokio::join!(ended(one), ended(other));
    one.exits(0);
    other.exits(0);
    account.run(["seed", "--connection", "local"]).await.exits(0).says(&["Nothing to do"]);
}

#[tokio::test]
async fn the_address_opens_the_database_with_the_password_kept_beside_it() {
    let account = account();
    let started = account.run(["serve-local", "start", "--json"]).await.exits(0).json();
    let secrets: serde_json::Value =
        serde_json::from_slice(&std::fs::read(account.home.path().join("data/local-server/secrets.json")).unwrap())
            .unwrap();
    let options = started["address"].as_str().unwrap().parse::<sqlx::postgres::PgConnectOptions>().unwrap();
    let options = options.password(secrets["application"].as_str().unwrap());
    sqlx::PgConnection::connect_with(&options).await.unwrap().close().await.unwrap();
    account.run(["serve-local", "stop"]).await.exits(0);
}
