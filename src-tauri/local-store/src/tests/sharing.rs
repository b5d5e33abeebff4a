//! Two windows, a full disk, somebody who looks at the bytes.

use std::fs;

use serde_json::json;
use sync_core::store::{Body, Committed, Draft, Store, Write};
use uuid::Uuid;

use super::{COURSE, Desk, commit, kept, lesson, paragraph, row, words};
use crate::{Error, LocalStore};

#[test]
fn two_windows_never_write_over_each_other() {
    let desk = Desk::new();
    let mut store = desk.open();
    commit(&mut store, vec![Write::Course(kept()), Write::Row(row(lesson(1), &[("count", json!(0))]))]);
    const EACH: u64 = 100;
    let window = |mut store: LocalStore| {
        move || {
            let mut left = EACH;
            while left > 0 {
                let generation = store.generation(COURSE).unwrap();
                let mut row = store.row(lesson(1)).unwrap().unwrap();
                let count = row.current["count"].as_u64().unwrap() + 1;
                row.current.insert("count".into(), json!(count));
                if store.commit(COURSE, generation, vec![Write::Row(row)]).unwrap() == Committed::Done {
                    left -= 1;
                }
            }
        }
    };
    let windows = [std::thread::spawn(window(desk.open())), std::thread::spawn(window(desk.open()))];
    for window in windows {
        window.join().unwrap();
    }
    assert_eq!(store.row(lesson(1)).unwrap().unwrap().current["count"], json!(2 * EACH));
    assert_eq!(store.generation(COURSE).unwrap(), 2 * EACH + 1);
}

#[test]
fn a_window_knows_when_another_one_wrote_and_never_takes_its_own_writing_for_that() {
    let desk = Desk::new();
    let (mut one, mut other) = (desk.open(), desk.open());
    assert!(!one.has_another_hand_written().unwrap());
    assert!(!other.has_another_hand_written().unwrap());
    commit(&mut one, vec![Write::Course(kept()), Write::Row(row(lesson(1), &[("title", json!("Tides"))]))]);
    assert!(!one.has_another_hand_written().unwrap());
    assert!(other.has_another_hand_written().unwrap());
    assert!(!other.has_another_hand_written().unwrap());
    other.set_note("undo", Some(b"steps")).unwrap();
    assert!(one.has_another_hand_written().unwrap());
    assert!(!other.has_another_hand_written().unwrap());
}

#[test]
fn a_removed_course_is_gone_wholly_and_the_others_stay() {
    let desk = Desk::new();
    let mut store = desk.open();
    let other = Uuid::from_u128(8);
    let all = |course_id, n| {
        let row = sync_core::store::LocalRow { course_id, ..row(lesson(n), &[("sub_course_id", json!(other))]) };
        let lesson_id = lesson(n).id;
        let body = Body { lesson_id, current: Some("text".into()), ..Body::default() };
        let id = Uuid::from_u128(n << 8);
        let draft = Draft { id, lesson_id, parent_id: None, merged_id: None, name: None, document: "text".into() };
        let course = sync_core::store::Course { course_id, ..kept() };
        let sent = Draft { id: Uuid::from_u128(n << 9), ..draft.clone() };
        let sent_id = sent.id;
        let batch = Write::Batch(Some(vec![1]));
        vec![
            Write::Course(course),
            Write::Row(row),
            Write::Body(body),
            Write::Draft(draft),
            Write::Draft(sent),
            Write::DraftSent(sent_id),
            batch,
        ]
    };
    commit(&mut store, all(COURSE, 1));
    assert_eq!(store.commit(other, 0, all(other, 2)).unwrap(), Committed::Done);
    store.remove_course(COURSE).unwrap();
    assert_eq!(store.courses().unwrap(), [other]);
    assert_eq!(store.row(lesson(1)).unwrap(), None);
    assert_eq!(store.body(lesson(1).id).unwrap(), None);
    assert!(store.drafts(lesson(1).id).unwrap().is_empty() && store.history(lesson(1).id).unwrap().is_empty());
    assert_eq!(store.batch(COURSE).unwrap(), None);
    let children = store.children(sync_core::wire::Table::Lessons, "sub_course_id", other).unwrap();
    assert_eq!(children, [lesson(2)]);
    assert!(store.body(lesson(2).id).unwrap().is_some() && store.drafts(lesson(2).id).unwrap().len() == 1);
    assert_eq!(store.history(lesson(2).id).unwrap().len(), 1);
    // A decision from before the removal does not bring half of it back.
    assert_eq!(store.commit(COURSE, 1, all(COURSE, 1)).unwrap(), Committed::Moved);
    let left: i64 = store.connection.query_row("select count(*) from texts", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 1);
}

#[test]
fn the_newest_fifty_versions_that_were_sent_are_kept() {
    let desk = Desk::new();
    let mut store = desk.open();
    let draft = |n: u128| Draft {
        id: Uuid::from_u128(n),
        lesson_id: lesson(1).id,
        parent_id: None,
        merged_id: None,
        name: Some(format!("version {n}")),
        document: format!("document {n}"),
    };
    for n in 1..=60 {
        commit(&mut store, vec![Write::Draft(draft(n)), Write::DraftSent(Uuid::from_u128(n))]);
    }
    commit(&mut store, vec![Write::Draft(draft(61))]);
    let names: Vec<_> = store.history(lesson(1).id).unwrap().into_iter().map(|kept| kept.name.unwrap()).collect();
    let newest: Vec<_> = (11..=60).rev().map(|n| format!("version {n}")).collect();
    assert_eq!(names, newest);
    let document = |n| store.history_document(Uuid::from_u128(n)).unwrap();
    assert_eq!(
        [document(10), document(11), document(61)],
        [None, Some("document 11".into()), Some("document 61".into())]
    );
}

#[test]
fn another_program_that_keeps_the_file_is_told() {
    let desk = Desk::new();
    let mut store = desk.open();
    store.connection.busy_timeout(std::time::Duration::ZERO).unwrap();
    let other = rusqlite::Connection::open(desk.path()).unwrap();
    other.execute_batch("begin immediate").unwrap();
    let error = store.set_note("name", Some(b"value")).unwrap_err();
    assert!(matches!(error, Error::HeldElsewhere { .. }), "{error}");
    other.execute_batch("rollback").unwrap();
    store.set_note("name", Some(b"value")).unwrap();
    assert_eq!(store.note("name").unwrap().unwrap(), b"value");
    store.set_note("name", None).unwrap();
    assert_eq!(store.note("name").unwrap(), None);
}

/// Writes until the disk is full; what was acknowledged before is there, and writing goes on once there is room.
fn fill_up(desk: &Desk, store: &mut LocalStore, room: impl FnOnce(&mut LocalStore)) {
    commit(store, vec![Write::Course(kept()), Write::Row(row(lesson(1), &[("title", json!("first"))]))]);
    store.put_file(COURSE, "Map.png", "image/png", &mut &b"all the rivers"[..]).unwrap();
    let mut acknowledged = 0_u128;
    let error = loop {
        let n = acknowledged + 1;
        let generation = store.generation(COURSE).unwrap();
        let write = Write::Row(row(lesson(n), &[("title", json!(words(9_000)))]));
        match store.commit(COURSE, generation, vec![write]) {
            Ok(said) => assert_eq!(said, Committed::Done),
            Err(error) => break error,
        }
        acknowledged = n;
        assert!(n < 10_000);
    };
    assert!(matches!(error, Error::DiskFull { .. }), "{error:?}");
    assert!(error.to_string().contains("Everything saved before is still there"));
    assert!(acknowledged > 3);
    assert_eq!(store.generation(COURSE).unwrap(), u64::try_from(acknowledged).unwrap() + 1);
    assert_eq!(store.rows(COURSE).unwrap().len(), usize::try_from(acknowledged).unwrap());
    let changed = [("a".to_owned(), paragraph("a", &words(30_000)))];
    let error = store.write_blocks(COURSE, lesson(1).id, &changed, &["a".into()], &[]).unwrap_err();
    assert!(matches!(error, Error::DiskFull { .. }), "{error:?}");
    assert_eq!(store.body(lesson(1).id).unwrap(), None);
    room(store);
    store.write_blocks(COURSE, lesson(1).id, &changed, &["a".into()], &[]).unwrap();
    assert_eq!(desk.open().rows(COURSE).unwrap().len(), usize::try_from(acknowledged).unwrap());
    assert!(desk.open().body(lesson(1).id).unwrap().unwrap().current.is_some());
}

#[test]
fn a_full_disk_is_told_and_loses_nothing() {
    let desk = Desk::new();
    let mut store = desk.open();
    let most = |store: &LocalStore, pages: i64| {
        store.connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).unwrap();
    };
    most(&store, 120);
    fill_up(&desk, &mut store, |store| most(store, 10_000));
}

/// A disk of its own that is really full, where the tests may mount one.
#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_is_really_full_is_told_and_loses_nothing() {
    use std::process::Command;
    let desk = Desk::new();
    let directory = desk.path().parent().unwrap().to_owned();
    fs::create_dir_all(&directory).unwrap();
    let mount = |options: &str| {
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", options, "lectern"]).arg(&directory).output();
        mounted.is_ok_and(|output| output.status.success())
    };
    if !mount("size=1200k,mode=700") {
        println!("Only an administrator may mount a disk; the test with a limit of pages says the same.");
        return;
    }
    let tried = std::panic::catch_unwind(|| {
        let mut store = desk.open();
        fill_up(&desk, &mut store, |_| assert!(mount("remount,size=8m")));
        let error = store
            .put_file(COURSE, "Film.mp4", "video/mp4", &mut std::io::Read::take(std::io::repeat(7), 20 << 20))
            .unwrap_err();
        assert!(matches!(error, Error::DiskFull { .. }), "{error:?}");
        assert_eq!(fs::read_dir(crate::files::sibling(&desk.path(), ".files")).unwrap().count(), 1);
    });
    Command::new("umount").arg(&directory).output().unwrap();
    tried.unwrap();
}

#[test]
fn nothing_that_was_written_stands_readable_in_the_files() {
    let desk = Desk::new();
    let mut store = desk.open();
    let secret = |what: &str| format!("Zanzibar{what}");
    let draft = Draft {
        id: Uuid::from_u128(1),
        lesson_id: lesson(1).id,
        parent_id: None,
        merged_id: None,
        name: Some(secret("version")),
        document: secret("draft"),
    };
    let sent = Draft { id: Uuid::from_u128(2), ..draft.clone() };
    let base = sync_core::store::BodyBase {
        revision_id: Uuid::from_u128(3),
        document: Some(json!({ "content": [paragraph("a", &secret("base"))], "type": "doc" }).to_string()),
        depth: 0,
    };
    let body = Body { lesson_id: lesson(1).id, base: Some(base), ..Body::default() };
    let title = [("title", json!(secret("title"))), ("note", json!("Zanzibar ".repeat(99)))];
    commit(
        &mut store,
        vec![
            Write::Course(kept()),
            Write::Row(row(lesson(1), &title)),
            Write::Body(body),
            Write::Draft(draft),
            Write::Draft(sent.clone()),
            Write::DraftSent(sent.id),
            Write::Batch(Some(secret("batch").into_bytes())),
        ],
    );
    let changed = [("Zanzibar-block".to_owned(), paragraph("Zanzibar-block", &secret("block")))];
    store.write_blocks(COURSE, lesson(1).id, &changed, &["Zanzibar-block".into(), "a".into()], &[]).unwrap();
    store.set_note("Zanzibar note", Some(secret("note").as_bytes())).unwrap();
    let content = secret("content").repeat(30_000);
    let file = store.put_file(COURSE, "Zanzibar.pdf", "application/zanzibar", &mut content.as_bytes()).unwrap();

    let hidden =
        [b"anzibar".to_vec(), file.sha256.clone().into_bytes(), hex::decode(&file.sha256).unwrap(), desk.key.to_vec()];
    let look = || {
        let mut looked = 0;
        let mut directories = vec![desk.path().parent().unwrap().to_owned()];
        while let Some(directory) = directories.pop() {
            for entry in fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                assert!(!path.to_string_lossy().contains(&file.sha256), "{path:?}");
                if path.is_dir() {
                    directories.push(path);
                    continue;
                }
                let bytes = fs::read(&path).unwrap();
                looked += 1;
                for hidden in &hidden {
                    assert!(!bytes.windows(hidden.len()).any(|window| window == hidden), "{path:?}");
                }
            }
        }
        looked
    };
    // The database, its journal and that one's index, the file.
    assert_eq!(look(), 4);
    store.fold(lesson(1).id).unwrap();
    assert!(store.body(lesson(1).id).unwrap().unwrap().current.unwrap().contains("Zanzibarblock"));
    drop(store);
    assert_eq!(look(), 2);
}
