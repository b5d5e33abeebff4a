use std::process::Stdio;

use super::{Account, ended};
use crate::harness;

/// Runs everything at its most talkative, right and wrong, and looks for every secret used in all that was written.
#[tokio::test]
async fn no_secret_of_a_whole_run_is_in_any_log_or_message() {
    const PASSWORD: &str = "quartz-lighthouse-47";
    const WRONG: &str = "umbrella-granite-13";
    let fresh = harness::fresh().await;
    let account = Account::new();
    let mut said = String::new();
    let mut printed_codes = Vec::new();
    let wrong_url = {
        let (_, place) = fresh.owner_url.split_once('@').unwrap();
        format!("postgres://postgres:{WRONG}@{place}")
    };
    let owner_password = fresh.owner_url.split([':', '@']).nth(2).unwrap().to_owned();
    let app_password = fresh.app_url.split([':', '@']).nth(2).unwrap().to_owned();
    let create = |email: &'static str| {
        vec!["people", "create-owner", "--email", email, "--name", "Ada Nwosu", "--password-stdin"]
    };
    let runs: Vec<(&str, Vec<&str>, &str)> = vec![
        (&fresh.owner_url, vec!["migrate"], ""),
        (&fresh.owner_url, vec!["migrate", "--check", "--json"], ""),
        (&wrong_url, vec!["migrate"], ""),
        (&wrong_url, vec!["check", "--json"], ""),
        (&fresh.app_url, vec!["check"], ""),
        (&fresh.app_url, vec!["seed"], ""),
        (&fresh.owner_url, vec!["seed", "--json"], ""),
        (&fresh.owner_url, vec!["seed"], ""),
        (&fresh.owner_url, vec!["people", "create-owner"], ""),
        (&fresh.owner_url, create("no address"), PASSWORD),
        (&fresh.owner_url, create("ada@example.org"), PASSWORD),
        (&fresh.owner_url, create("ada@example.org"), PASSWORD),
        (&fresh.owner_url, vec!["people", "reset", "ada@example.org", "--yes"], ""),
        (&fresh.owner_url, vec!["people", "disable", "ada@example.org", "--yes"], ""),
        (&fresh.owner_url, vec!["check", "--repair", "--json"], ""),
        (&fresh.owner_url, vec!["audit", "seal"], ""),
        (
            &fresh.owner_url,
            vec!["connections", "add", "a", "--address", "postgres://desk@127.0.0.1:1/x", "--password-stdin"],
            PASSWORD,
        ),
        (
            &fresh.owner_url,
            vec![
                "connections",
                "add",
                "b",
                "--address",
                "postgres://desk:umbrella-granite-13@127.0.0.1:1/x",
                "--secrets",
                "ask",
            ],
            "",
        ),
        (
            &fresh.owner_url,
            vec!["connections", "add", "c", "--address", "postgres://desk@127.0.0.1:1/x", "--secrets", "ask"],
            "",
        ),
        (&fresh.owner_url, vec!["connections", "check", "c"], ""),
        (&fresh.owner_url, vec!["migrate", "--connection", "c"], ""),
    ];
    for (url, arguments, input) in runs {
        let mut command = account.command_on(url, &arguments);
        let mut child = command
            .env("LECTERN_LOG", "trace")
            .env("RUST_LOG", "trace")
            .env("RUST_BACKTRACE", "1")
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), format!("{input}\n").as_bytes()).unwrap();
        let ran = ended(child).await;
        said.push_str(&ran.err);
        let prints_a_code =
            ran.code == 0 && arguments[0] == "people" && matches!(arguments[1..], ["create-owner"] | ["reset", ..]);
        if prints_a_code {
            printed_codes.push(ran.out.trim().to_owned());
        } else {
            said.push_str(&ran.out);
        }
    }
    assert_eq!(printed_codes.len(), 2);
    let logs = account.logs();
    assert!(!logs.is_empty());
    let mut everything = said + &logs;
    for folder in ["config", "data"] {
        if let Ok(files) = std::fs::read_dir(account.home.path().join(folder)) {
            for file in files.filter_map(|file| std::fs::read(file.unwrap().path()).ok()) {
                everything.push_str(&String::from_utf8_lossy(&file));
            }
        }
    }
    everything.push_str(&String::from_utf8_lossy(&std::fs::read(fresh.server().log()).unwrap()));
    for secret in
        [PASSWORD, WRONG, &owner_password, &app_password].into_iter().chain(printed_codes.iter().map(String::as_str))
    {
        assert!(!everything.contains(secret), "{secret} was written down");
    }
    // Nor who it was about: a log travels to whoever looks after Lectern.
    for person in ["ada@example.org", "Ada Nwosu", "harbour-language-school"] {
        assert!(!logs.contains(person), "{person} is in the log");
    }
}
