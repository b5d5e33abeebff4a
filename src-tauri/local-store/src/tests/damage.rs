//! A damaged file is told, never made worse, and read as far as it goes.

use std::fs;

use serde_json::{Value, json};
use sync_core::store::{Body, Draft, Store, Write};
use uuid::Uuid;

use super::{COURSE, Desk, commit, kept, lesson, paragraph, row, words};
use crate::{Error, LocalStore, SecretKey, salvage, set_aside};

const LESSONS: u128 = 60;

fn fill(store: &mut LocalStore) {
    let mut writes = vec![Write::Course(kept())];
    for number in 1..=LESSONS {
        writes.push(Write::Row(row(lesson(number), &[("title", json!(format!("Lesson {number} {}", words(400))))])));
        let lesson_id = lesson(number).id;
        let document = json!({ "type": "doc", "content": [paragraph("a", &words(3_000))] }).to_string();
        let document = sync_core::engine::canonical(&serde_json::from_str::<Value>(&document).unwrap()).unwrap();
        writes.push(Write::Body(Body { lesson_id, base: None, known: Vec::new(), current: Some(document.clone()) }));
        let id = Uuid::from_u128(1_000 + number);
        writes.push(Write::Draft(Draft { id, lesson_id, parent_id: None, merged_id: None, name: None, document }));
        if number % 2 == 0 {
            writes.push(Write::DraftSent(id));
        }
    }
    commit(store, writes);
    let (changed, order) = ([("b".to_owned(), paragraph("b", "typed"))], ["b".to_owned(), "a".to_owned()]);
    store.write_blocks(COURSE, lesson(3).id, &changed, &order, &[]).unwrap();
}

#[test]
fn a_good_file_is_salvaged_whole() {
    let desk = Desk::new();
    let mut store = desk.open();
    fill(&mut store);
    let (rows, body) = (store.rows(COURSE).unwrap(), store.body(lesson(3).id).unwrap().unwrap());
    drop(store);
    let salvaged = salvage(&desk.path(), &SecretKey::new(desk.key)).unwrap();
    assert!(salvaged.is_whole);
    assert_eq!(salvaged.courses, [kept()]);
    assert_eq!(salvaged.rows.len(), rows.len());
    assert!(rows.iter().all(|row| salvaged.rows.contains(row)));
    assert_eq!((salvaged.drafts.len(), salvaged.history.len()), (30, 30));
    let document = salvaged.lessons[2].document.as_ref().unwrap().to_string();
    assert_eq!(Some(document), body.current);
    let other = salvage(&desk.path(), &SecretKey::new([9; 32])).unwrap_err();
    assert!(matches!(other, Error::NotThisKey { .. }));
}

#[test]
fn whichever_page_is_lost_the_others_are_read() {
    let desk = Desk::new();
    let mut store = desk.open();
    fill(&mut store);
    drop(store);
    let good = fs::read(desk.path()).unwrap();
    let whole = salvage(&desk.path(), &SecretKey::new(desk.key)).unwrap();
    let told = |salvaged: &crate::Salvaged| {
        let documents = salvaged.lessons.iter().filter(|lesson| lesson.document.is_some()).count();
        [salvaged.rows.len(), documents, salvaged.drafts.len(), salvaged.history.len()]
    };
    let pages = good.len() / 4096;
    assert!(pages > 100, "{pages}");
    let (mut tried, mut lost) = (0, 0);
    for page in 0..pages {
        if std::env::var_os("LECTERN_TEST_LONG").is_none() && page > 40 && page % 7 != 0 {
            continue;
        }
        let mut bad = good.clone();
        bad[page * 4096..(page + 1) * 4096].fill(0xa5);
        fs::write(desk.path(), &bad).unwrap();
        match desk.try_open() {
            Err(Error::Damaged { .. }) => {}
            // Nothing but what is sealed was hit; that is told when it is read.
            Ok(store) => drop(store),
            Err(error) => panic!("{page}: {error}"),
        }
        fs::write(desk.path(), &bad).unwrap();
        let salvaged = salvage(&desk.path(), &SecretKey::new(desk.key)).unwrap();
        assert_eq!(fs::read(desk.path()).unwrap(), bad);
        tried += 1;
        let missing: usize = told(&whole).iter().zip(told(&salvaged)).map(|(had, left)| had - left).sum();
        assert!(missing == 0 || !salvaged.is_whole, "{page}");
        assert!(missing <= if page == 0 { 0 } else { 60 }, "page {page}: {:?}", told(&salvaged));
        lost += missing;
    }
    assert!(lost < tried * 8, "{lost} in {tried}");
}

#[test]
fn sealed_content_that_was_changed_is_damage_and_not_another_text() {
    let desk = Desk::new();
    let mut store = desk.open();
    fill(&mut store);
    drop(store);
    let raw = rusqlite::Connection::open(desk.path()).unwrap();
    let of = |number: u128| Uuid::from_u128(number);
    // One lesson's text in the place of another's.
    raw.execute(
        "update texts set sealed = (select o.sealed from texts o where o.lesson_id = ?1 and o.part = 1) where lesson_id = ?2",
        [of(1), of(2)],
    )
    .unwrap();
    raw.execute("update rows set sealed = (select o.sealed from rows o where o.id = ?1) where id = ?2", [of(1), of(2)])
        .unwrap();
    drop(raw);
    let store = desk.open();
    assert!(matches!(store.body(of(2)).unwrap_err(), Error::Damaged { .. }));
    assert!(matches!(store.row(lesson(2)).unwrap_err(), Error::Damaged { .. }));
    assert!(store.body(of(1)).unwrap().is_some());
}

#[test]
fn setting_aside_takes_everything_along_and_goes_on_after_a_power_cut() {
    let desk = Desk::new();
    let mut store = desk.open();
    fill(&mut store);
    let sha = store.put_file(COURSE, "Map.png", "image/png", &mut &b"all the rivers"[..]).unwrap().sha256;
    // The journal is not in the file yet, as after a kill.
    let saved: Vec<(std::path::PathBuf, Vec<u8>)> = ["", "-wal"]
        .map(|behind| crate::files::sibling(&desk.path(), behind))
        .map(|path| (path.clone(), fs::read(&path).unwrap()))
        .to_vec();
    drop(store);
    for (path, bytes) in &saved {
        fs::write(path, bytes).unwrap();
    }
    // Cut off right after the file got its new name.
    let aside = crate::files::sibling(&desk.path(), ".damaged-1");
    fs::rename(desk.path(), &aside).unwrap();
    assert!(desk.open().courses().unwrap().is_empty());
    let mut kept_aside = LocalStore::open(&aside, &SecretKey::new(desk.key), super::id(), super::random).unwrap();
    assert_eq!(kept_aside.courses().unwrap(), [COURSE]);
    assert_eq!(kept_aside.read_file(COURSE, &sha).unwrap().unwrap(), b"all the rivers");
    assert_ne!(set_aside(&desk.path()).unwrap(), aside);
}
