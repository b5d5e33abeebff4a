//! The process is killed at any instant: what was acknowledged is there. The child is this very test binary.

use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::json;
use sync_core::store::{Body, Draft, Store, Write};
use uuid::Uuid;

use super::{COURSE, Desk, commit, kept, lesson, paragraph, row};
use crate::{LocalStore, SecretKey};

const FILE: &str = "LECTERN_TEST_DRAFTS";
const SLOTS: u64 = 40;
/// The lesson written block by block.
const OPEN: u128 = 1;

fn of(n: u64) -> u128 {
    1_000 + u128::from(n)
}

fn open(path: &Path) -> LocalStore {
    LocalStore::open(path, &SecretKey::new([7; 32]), super::id(), super::random).unwrap()
}

fn content(n: u64) -> Vec<u8> {
    format!("content {n} ").repeat(3_000).into_bytes()
}

/// The n-th thing a person does.
fn act(store: &mut LocalStore, n: u64, order: &mut Vec<String>) {
    let lesson_id = lesson(of(n - n % 4)).id;
    let id = Uuid::from_u128(of(n - n % 4) << 32);
    match n % 4 {
        0 => {
            let document = sync_core::engine::canonical(
                &json!({ "type": "doc", "content": [paragraph("a", &format!("edit {n} ").repeat(200))] }),
            );
            let document = document.unwrap();
            let body = Body { lesson_id, current: Some(document.clone()), ..Body::default() };
            let draft = Draft { id, lesson_id, parent_id: None, merged_id: None, name: None, document };
            let row = row(lesson(of(n)), &[("title", json!(format!("edit {n}")))]);
            commit(store, vec![Write::Row(row), Write::Body(body), Write::Draft(draft)]);
        }
        1 => {
            let block = format!("b{}", n % SLOTS);
            if !order.contains(&block) {
                order.push(block.clone());
            }
            let changed = [(block.clone(), paragraph(&block, &format!("edit {n}")))];
            store.write_blocks(COURSE, lesson(OPEN).id, &changed, order, &[]).unwrap();
        }
        2 => {
            store.put_file(COURSE, &format!("{n}.txt"), "text/plain", &mut &content(n)[..]).unwrap();
        }
        _ => commit(store, vec![Write::DraftSent(id), Write::Batch(Some(n.to_le_bytes().to_vec()))]),
    }
    store.set_note("last", Some(n.to_string().as_bytes())).unwrap();
}

fn last(store: &LocalStore) -> u64 {
    store.note("last").unwrap().map_or(3, |last| String::from_utf8(last).unwrap().parse().unwrap())
}

/// The blocks of the open lesson, with the edit each shows.
fn blocks(store: &LocalStore) -> Vec<(String, u64)> {
    let Some(current) = store.body(lesson(OPEN).id).unwrap().and_then(|body| body.current) else { return Vec::new() };
    let document: serde_json::Value = serde_json::from_str(&current).unwrap();
    let told = |block: &serde_json::Value| {
        let text = block["content"][0]["text"].as_str().unwrap().strip_prefix("edit ").unwrap();
        (block["attrs"]["id"].as_str().unwrap().to_owned(), text.parse().unwrap())
    };
    document["content"].as_array().unwrap().iter().map(told).collect()
}

#[test]
fn a_person_who_is_killed() {
    let Some(path) = std::env::var_os(FILE) else { return };
    let mut store = open(&PathBuf::from(path));
    let mut order: Vec<String> = blocks(&store).into_iter().map(|(id, _)| id).collect();
    for n in last(&store) + 1.. {
        act(&mut store, n, &mut order);
        println!("acknowledged {n}");
        std::io::stdout().flush().unwrap();
    }
}

fn spawn(path: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "tests::killing::a_person_who_is_killed", "--nocapture", "--test-threads=1"])
        .env(FILE, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Everything up to and with the acknowledged edit is there.
fn check(store: &mut LocalStore, from: u64, acknowledged: u64) {
    assert!(last(store) + 1 >= acknowledged, "{acknowledged} was acknowledged, {} is there", last(store));
    let blocks = blocks(store);
    for n in from..=acknowledged {
        let lesson_id = lesson(of(n - n % 4));
        let id = Uuid::from_u128(of(n - n % 4) << 32);
        match n % 4 {
            0 => {
                assert_eq!(store.row(lesson_id).unwrap().unwrap().current["title"], json!(format!("edit {n}")));
                let body = store.body(lesson_id.id).unwrap().unwrap();
                assert_eq!(store.history_document(id).unwrap(), body.current);
            }
            1 => {
                let shown = blocks.iter().find(|(id, _)| *id == format!("b{}", n % SLOTS)).unwrap().1;
                assert!(shown >= n, "{shown} instead of {n}");
            }
            2 => {
                let content = content(n);
                let sha256 = hex::encode(ring::digest::digest(&ring::digest::SHA256, &content));
                assert_eq!(store.read_file(COURSE, &sha256).unwrap().unwrap(), content);
            }
            _ => assert!(store.drafts(lesson_id.id).unwrap().is_empty()),
        }
    }
    let whole: String = store.connection.query_row("pragma integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(whole, "ok");
}

#[test]
fn nothing_acknowledged_is_missing_after_a_hundred_kills() {
    let desk = Desk::new();
    let mut store = desk.open();
    let open_lesson = row(lesson(OPEN), &[("title", json!("open"))]);
    commit(&mut store, vec![Write::Course(kept()), Write::Row(open_lesson)]);
    drop(store);
    let rounds = if std::env::var_os("LECTERN_TEST_LONG").is_some() { 1_000 } else { 100 };
    let mut done = 0;
    for _ in 0..rounds {
        let patience = super::id().as_bytes()[0] % 25 + 1;
        let mut child = spawn(&desk.path());
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let told = |line: String| line.strip_prefix("acknowledged ").map(|n| n.parse::<u64>().unwrap());
        let mut acknowledged = 0;
        for n in lines.by_ref().map_while(Result::ok).filter_map(told).take(patience.into()) {
            acknowledged = n;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // What it still said before it died counts too.
        acknowledged = lines.map_while(Result::ok).filter_map(told).last().unwrap_or(acknowledged);
        let mut store = desk.open();
        check(&mut store, acknowledged.saturating_sub(30).max(4), acknowledged);
        done = acknowledged;
    }
    assert!(done > rounds, "{done}");
    let mut store = desk.open();
    check(&mut store, 4, done);
    store.drop_unused_files().unwrap();
    assert!(
        std::fs::read_dir(crate::files::sibling(&desk.path(), ".files"))
            .unwrap()
            .all(|entry| { entry.unwrap().path().extension().is_none() })
    );
    println!("{rounds} kills, {done} edits");
}
