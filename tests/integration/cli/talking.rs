//! What goes to which stream, for whom, and what happens when nobody listens.

use std::{
    fs::File,
    io::{Read, Write},
    os::fd::{FromRawFd, OwnedFd},
    process::Stdio,
};

use super::{Account, ended};
use crate::harness;

const COMMANDS: [&[&str]; 21] = [
    &[],
    &["migrate"],
    &["seed"],
    &["check"],
    &["people"],
    &["people", "create-owner"],
    &["people", "reset"],
    &["people", "disable"],
    &["people", "enable"],
    &["connections"],
    &["connections", "list"],
    &["connections", "show"],
    &["connections", "add"],
    &["connections", "remove"],
    &["connections", "check"],
    &["connections", "pin"],
    &["serve-local"],
    &["serve-local", "start"],
    &["audit"],
    &["audit", "seal"],
    &["audit", "verify"],
];

#[tokio::test]
async fn every_command_explains_itself_on_standard_output() {
    let account = Account::new();
    for command in COMMANDS {
        let ran = account.run(command.iter().copied().chain(["--help"])).await.exits(0);
        assert!(ran.out.contains("Usage: lectern"), "{command:?}");
        let is_about_a_database = !matches!(command.first(), None | Some(&"connections" | &"serve-local"));
        assert_eq!(ran.out.contains("--connection <NAME>"), is_about_a_database, "{command:?}");
        assert!(ran.out.contains("--json"), "{command:?}");
        assert_eq!(ran.err, "", "{command:?}");
    }
    let version = account.run(["--version"]).await.exits(0);
    assert_eq!(version.out, format!("lectern {}\n", env!("CARGO_PKG_VERSION")));
}

#[tokio::test]
async fn a_password_in_the_environment_is_not_in_the_help() {
    let account = Account::new();
    for command in COMMANDS {
        let ran = account
            .run_on("postgres://owner:hunter2@db/lectern", command.iter().copied().chain(["--help"]))
            .await
            .exits(0);
        assert!(!ran.out.contains("hunter2"), "{command:?}");
    }
}

#[tokio::test]
async fn bad_usage_is_two_and_said_on_standard_error() {
    let account = Account::new();
    for arguments in [
        vec!["migrat"],
        vec!["migrate", "--chek"],
        vec!["seed", "--size"],
        vec!["seed", "--scale", "many"],
        vec!["migrate", "--check", "--dry-run"],
        vec!["people", "reset"],
        vec![],
    ] {
        let ran = account.run(arguments.clone()).await.exits(2);
        assert!(ran.out.is_empty() && !ran.err.is_empty(), "{arguments:?}");
    }
}

#[tokio::test]
async fn with_json_standard_output_is_one_document_also_when_it_fails() {
    let fresh = harness::fresh().await;
    let account = Account::new();
    for (arguments, code) in [
        (vec!["migrate"], 0),
        (vec!["migrate", "--check"], 0),
        (vec!["migrate", "--dry-run"], 0),
        (vec!["seed"], 0),
        (vec!["seed", "--dry-run"], 0),
        (vec!["check"], 0),
        (vec!["audit", "seal"], 0),
        (vec!["audit", "verify"], 0),
        (vec!["people", "create-owner"], 0),
        (vec!["people", "reset", "ana@harbour-language-school.example", "--yes"], 0),
        (vec!["people", "disable", "ana@harbour-language-school.example", "--yes"], 0),
        (vec!["people", "enable", "ana@harbour-language-school.example"], 0),
        (vec!["connections", "list"], 0),
        (vec!["people", "reset", "nobody@example.org"], 1),
        (vec!["seed", "--scale", "3"], 1),
        (vec!["connections", "show", "nowhere"], 1),
    ] {
        let ran = account.run_on(&fresh.owner_url, arguments.iter().copied().chain(["--json"])).await.exits(code);
        let json = ran.json();
        assert_eq!(json.get("error").is_some(), code != 0, "{arguments:?}");
        if code != 0 {
            assert!(json["error"]["code"].is_string() && json["error"]["message"].is_string(), "{json}");
        }
    }
    let broken = account.run_on("postgres://nobody@127.0.0.1:1/nothing", ["migrate", "--json"]).await.exits(2);
    assert_eq!(broken.json()["error"]["code"], "unreachable");
}

#[tokio::test]
async fn nothing_is_colored_or_drawn_where_no_terminal_is() {
    let fresh = harness::fresh().await;
    let ran = Account::new().run_on(&fresh.owner_url, ["seed", "--size", "medium", "--scale", "0.001"]).await.exits(0);
    assert!(!ran.err.contains('\x1b') && !ran.err.contains('\r') && !ran.out.contains('\x1b'));
}

#[tokio::test]
async fn a_reader_who_left_is_no_error() {
    let fresh = harness::fresh().await;
    let account = Account::new();
    let (reader, writer) = pipe();
    drop(reader);
    let child = account.command_on(&fresh.owner_url, ["seed"]).stdout(writer).spawn().unwrap();
    ended(child).await.exits(0);
    let (reader, writer) = pipe();
    drop(reader);
    let silent = account.command_on(&fresh.owner_url, ["seed", "--json"]).stderr(writer).spawn().unwrap();
    ended(silent).await.exits(0);
    assert_eq!(super::count(&mut fresh.owner().await, "select count(*) from lectern.organizations").await, 3);
}

#[tokio::test]
async fn a_result_that_cannot_be_written_is_told_and_the_work_stands() {
    let fresh = harness::fresh().await;
    let full = File::options().write(true).open("/dev/full").unwrap();
    let child = Account::new().command_on(&fresh.owner_url, ["seed"]).stdout(full).spawn().unwrap();
    ended(child).await.exits(2).says(&["could not be written to standard output", "What the command did stands"]);
    assert_eq!(super::count(&mut fresh.owner().await, "select count(*) from lectern.organizations").await, 3);
}

#[tokio::test]
async fn a_log_that_cannot_be_written_is_said_and_the_command_goes_on() {
    let fresh = harness::fresh().await;
    let account = Account::new();
    let file = super::write_script(account.home.path(), "in-the-way", "");
    let child = account
        .command_on(&fresh.owner_url, ["migrate", "--check"])
        .env("LECTERN_LOG_DIR", file.join("logs"))
        .spawn()
        .unwrap();
    ended(child).await.exits(0).says(&["cannot write its log", "LECTERN_LOG_DIR"]);
}

#[tokio::test]
async fn the_log_is_json_with_names_durations_and_nobody() {
    let fresh = harness::fresh().await;
    let account = Account::new();
    let child = account.command_on(&fresh.owner_url, ["seed"]).env("LECTERN_LOG", "trace").spawn().unwrap();
    ended(child).await.exits(0);
    account.run_on(&fresh.owner_url, ["people", "reset", "ana@harbour-language-school.example"]).await.exits(1);
    let logs = account.logs();
    assert!(!logs.is_empty());
    for line in logs.lines() {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(event["timestamp"].is_string() && event["level"].is_string() && event["message"].is_string(), "{line}");
        assert!(event["target"].as_str().unwrap().starts_with("lectern"), "{line}");
    }
    assert!(!logs.contains(".example") && !logs.contains("Ana") && !logs.to_lowercase().contains("select "));
}

fn pipe() -> (OwnedFd, OwnedFd) {
    let mut ends = [0; 2];
    // SAFETY: pipe(2) writes two descriptors into the array, which nobody else owns; it is checked to have done so.
    unsafe {
        assert_eq!(libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC), 0);
        (OwnedFd::from_raw_fd(ends[0]), OwnedFd::from_raw_fd(ends[1]))
    }
}

/// A terminal: what is typed into the first end the program reads from the second.
fn terminal() -> (File, OwnedFd) {
    let (mut keyboard, mut screen) = (0, 0);
    // SAFETY: openpty(3) writes two descriptors that nobody else owns; its optional arguments may be null.
    unsafe {
        assert_eq!(
            libc::openpty(&raw mut keyboard, &raw mut screen, std::ptr::null_mut(), std::ptr::null(), std::ptr::null()),
            0
        );
        for end in [keyboard, screen] {
            libc::fcntl(end, libc::F_SETFD, libc::FD_CLOEXEC);
        }
        (File::from_raw_fd(keyboard), OwnedFd::from_raw_fd(screen))
    }
}

/// Reads what the terminal shows until `words` stand there.
fn read_until(keyboard: &mut File, shown: &mut String, words: &str) {
    let mut bytes = [0; 1024];
    while !shown.contains(words) {
        match keyboard.read(&mut bytes) {
            Ok(0) | Err(_) => panic!("{words:?} never came: {shown}"),
            Ok(count) => shown.push_str(&String::from_utf8_lossy(&bytes[..count])),
        }
    }
}

/// What is typed before the program hides it would be thrown away with the rest of the line.
fn until_echo_is_off(keyboard: &impl std::os::fd::AsRawFd) {
    loop {
        // SAFETY: the structure is plain numbers, filled by the call for an open terminal.
        let settings = unsafe {
            let mut settings: libc::termios = std::mem::zeroed();
            assert_eq!(libc::tcgetattr(keyboard.as_raw_fd(), &mut settings), 0);
            settings
        };
        if settings.c_lflag & libc::ECHO == 0 {
            return;
        }
        std::thread::yield_now();
    }
}

#[tokio::test]
async fn at_a_terminal_a_password_is_typed_twice_and_never_shown() {
    let fresh = harness::fresh().await;
    let account = Account::new();
    let (mut keyboard, screen) = terminal();
    let arguments = ["people", "create-owner", "--email", "ada@example.org", "--name", "Ada"];
    let mut command = account.command_on(&fresh.owner_url, arguments);
    command.env("TERM", "xterm").stdin(Stdio::from(screen.try_clone().unwrap())).stderr(Stdio::from(screen));
    let child = command.spawn().unwrap();
    drop(command);
    let shown = tokio::task::spawn_blocking(move || {
        let mut shown = String::new();
        read_until(&mut keyboard, &mut shown, "Password for ada@example.org: ");
        until_echo_is_off(&keyboard);
        keyboard.write_all(b"a lantern beside the harbour\n").unwrap();
        read_until(&mut keyboard, &mut shown, "Once more: ");
        until_echo_is_off(&keyboard);
        keyboard.write_all(b"a lantern beside the harbour\n").unwrap();
        read_until(&mut keyboard, &mut shown, "can sign in now");
        shown
    });
    let shown = shown.await.unwrap();
    ended(child).await.exits(0);
    assert!(!shown.contains("lantern"), "{shown}");
}

#[tokio::test]
async fn at_a_terminal_no_is_the_answer_unless_yes_is_typed() {
    for (answer, code, organizations) in [("\n", 1, 1), ("n\n", 1, 1), ("yes\n", 0, 4)] {
        let fresh = harness::fresh().await;
        fresh.organization("Real School").await;
        let account = Account::new();
        let (mut keyboard, screen) = terminal();
        let mut command = account.command_on(&fresh.owner_url, ["seed"]);
        command.env("TERM", "xterm").stdin(Stdio::from(screen.try_clone().unwrap())).stderr(Stdio::from(screen));
        let child = command.spawn().unwrap();
        drop(command);
        let watching = tokio::task::spawn_blocking(move || {
            let mut shown = String::new();
            read_until(&mut keyboard, &mut shown, "[y/N] ");
            keyboard.write_all(answer.as_bytes()).unwrap();
            // To the end, so the program never waits for its screen.
            let mut rest = Vec::new();
            let _ = keyboard.read_to_end(&mut rest);
        });
        ended(child).await.exits(code);
        watching.await.unwrap();
        assert_eq!(
            super::count(&mut fresh.owner().await, "select count(*) from lectern.organizations").await,
            organizations
        );
    }
}
