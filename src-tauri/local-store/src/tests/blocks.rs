//! Writing block by block is writing the whole document, only less of it.

use proptest::prelude::*;
use serde_json::{Value, json};
use sync_core::engine::canonical;
use sync_core::store::{Body, BodyBase, Store, Write};
use uuid::Uuid;

use super::{COURSE, Desk, cases, commit, kept, lesson, paragraph, row};
use crate::{Error, LocalStore};

const LESSON: u128 = 3;

fn document(blocks: &[(String, String)]) -> String {
    let content: Vec<Value> = blocks.iter().map(|(id, text)| paragraph(id, text)).collect();
    canonical(&json!({ "type": "doc", "content": content })).unwrap()
}

fn body(store: &LocalStore) -> Body {
    store.body(lesson(LESSON).id).unwrap().unwrap()
}

fn prepare(store: &mut LocalStore, base: Option<&str>, current: Option<&str>) {
    let base = base.map(|document| BodyBase {
        revision_id: Uuid::from_u128(50),
        document: Some(document.to_owned()),
        depth: 3,
    });
    let body = Body { lesson_id: lesson(LESSON).id, base, known: Vec::new(), current: current.map(str::to_owned) };
    let mut row = row(lesson(LESSON), &[("title", json!("Warm air"))]);
    row.base = Some(row.current.clone());
    commit(store, vec![Write::Course(kept()), Write::Row(row), Write::Body(body)]);
}

fn write(store: &mut LocalStore, changed: &[(String, Value)], order: &[String], removed: &[String]) -> u64 {
    store.write_blocks(COURSE, lesson(LESSON).id, changed, order, removed).unwrap()
}

fn ids(all: &[&str]) -> Vec<String> {
    all.iter().map(|id| (*id).to_owned()).collect()
}

fn of(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter().map(|(id, text)| ((*id).to_owned(), (*text).to_owned())).collect()
}

/// What a person does to the blocks of a lesson.
#[derive(Clone, Debug)]
enum Edit {
    Type(usize, String),
    Insert(usize, String),
    Remove(usize),
    Move(usize, usize),
    /// Types the text of the server's revision again.
    Revert,
    Reopen,
    Fold,
    Whole(String),
}

fn edit() -> impl Strategy<Value = Edit> {
    let at = 0..12_usize;
    let text = "[a-zä ]{0,40}";
    prop_oneof![
        5 => (at.clone(), text).prop_map(|(at, text)| Edit::Type(at, text)),
        3 => (at.clone(), text).prop_map(|(at, text)| Edit::Insert(at, text)),
        2 => at.clone().prop_map(Edit::Remove),
        2 => (at.clone(), at).prop_map(|(from, to)| Edit::Move(from, to)),
        1 => Just(Edit::Revert),
        1 => Just(Edit::Reopen),
        1 => Just(Edit::Fold),
        1 => text.prop_map(Edit::Whole),
    ]
}

proptest! {
    #![proptest_config(cases(200, 5_000))]

    #[test]
    fn writing_blocks_is_writing_the_whole_document(
        base in prop::option::of(prop::collection::vec("[a-z]{0,8}", 0..6)),
        edits in prop::collection::vec(edit(), 1..25),
    ) {
        let desk = Desk::new();
        let mut store = desk.open();
        let named = |texts: Vec<String>| texts.into_iter().enumerate().map(|(n, text)| (format!("b{n}"), text)).collect();
        let base: Option<Vec<(String, String)>> = base.map(named);
        let text = base.as_ref().map(|base| document(base));
        prepare(&mut store, text.as_deref(), None);
        let mut now = base.clone().unwrap_or_default();
        let mut last = store.generation(COURSE).unwrap();
        for (n, edit) in edits.into_iter().enumerate() {
            let before = now.clone();
            match edit {
                Edit::Type(at, text) if !now.is_empty() => { let at = at % now.len(); now[at].1 = text; }
                Edit::Insert(at, text) => now.insert(at % (now.len() + 1), (format!("n{n}"), text)),
                Edit::Remove(at) if !now.is_empty() => { now.remove(at % now.len()); }
                Edit::Move(from, to) if !now.is_empty() => {
                    let block = now.remove(from % now.len());
                    now.insert(to % (now.len() + 1), block);
                }
                Edit::Revert => now = base.clone().unwrap_or_default(),
                Edit::Reopen => { drop(store); store = desk.open(); }
                Edit::Fold => store.fold(lesson(LESSON).id).unwrap(),
                Edit::Whole(text) => {
                    now = vec![(format!("n{n}"), text)];
                    let mut body = body(&store);
                    body.current = Some(document(&now)).filter(|now| Some(now) != body.base.as_ref().and_then(|base| base.document.as_ref()));
                    commit(&mut store, vec![Write::Body(body)]);
                }
                _ => {}
            }
            let changed: Vec<_> = now.iter().filter(|block| !before.contains(block))
                .map(|(id, text)| (id.clone(), paragraph(id, text))).collect();
            let removed: Vec<_> = before.iter().map(|(id, _)| id.clone())
                .filter(|id| now.iter().all(|(now, _)| now != id)).collect();
            let order: Vec<_> = now.iter().map(|(id, _)| id.clone()).collect();
            let generation = write(&mut store, &changed, &order, &removed);
            prop_assert!(generation >= last);
            prop_assert_eq!(store.generation(COURSE).unwrap(), generation);
            last = generation;

            let whole = document(&now);
            let is_base = text.as_ref() == Some(&whole);
            let said = body(&store);
            let nothing_yet = now.is_empty() && base.is_none() && said.current.is_none();
            prop_assert!(nothing_yet || said.current == Some(whole).filter(|_| !is_base), "{:?}", said.current);
            prop_assert_eq!(said.base.and_then(|base| base.document), text.clone());
            let waits = !is_base && !nothing_yet;
            prop_assert_eq!(store.waiting(COURSE).unwrap(), if waits { vec![lesson(LESSON)] } else { vec![] });
        }
    }
}

#[test]
fn what_two_windows_write_in_one_lesson_stays() {
    let desk = Desk::new();
    let mut first = desk.open();
    prepare(&mut first, Some(&document(&of(&[("a", "one"), ("b", "two")]))), None);
    let mut second = desk.open();
    write(&mut first, &[("x".into(), paragraph("x", "of the first"))], &ids(&["a", "x", "b"]), &[]);
    write(&mut second, &[("y".into(), paragraph("y", "of the second"))], &ids(&["a", "b", "y"]), &[]);
    write(&mut first, &[("a".into(), paragraph("a", "one more"))], &ids(&["a", "x", "b"]), &[]);
    let all = of(&[("a", "one more"), ("x", "of the first"), ("b", "two"), ("y", "of the second")]);
    assert_eq!(body(&second).current, Some(document(&all)));
    // The second window took a block away; the first does not know yet and does not bring it back.
    write(&mut second, &[], &ids(&["a", "x", "y"]), &ids(&["b"]));
    write(&mut first, &[("x".into(), paragraph("x", "again"))], &ids(&["a", "x", "b", "y"]), &[]);
    let all = of(&[("a", "one more"), ("x", "again"), ("y", "of the second")]);
    assert_eq!(body(&first).current, Some(document(&all)));
}

#[test]
fn a_decision_made_before_somebody_typed_is_made_again() {
    let desk = Desk::new();
    let mut store = desk.open();
    prepare(&mut store, Some(&document(&[])), None);
    let generation = store.generation(COURSE).unwrap();
    write(&mut store, &[("a".into(), paragraph("a", "typed"))], &ids(&["a"]), &[]);
    let moved = store.commit(COURSE, generation, vec![Write::Batch(None)]).unwrap();
    assert_eq!(moved, sync_core::store::Committed::Moved);
}

#[test]
fn many_changed_blocks_become_part_of_the_text() {
    let desk = Desk::new();
    let mut store = desk.open();
    prepare(&mut store, None, None);
    let mut all = Vec::new();
    for n in 0..450 {
        all.push((format!("b{n}"), format!("text {n}")));
        let order: Vec<_> = all.iter().map(|(id, _)| id.clone()).collect();
        let (id, text) = &all[n];
        write(&mut store, &[(id.clone(), paragraph(id, text))], &order, &[]);
    }
    assert_eq!(body(&store).current, Some(document(&all)));
    assert!(store.draft_blocks(lesson(LESSON).id).unwrap().len() < 250);
}

#[test]
fn a_keystroke_writes_one_block_of_fifty_pages() {
    let desk = Desk::new();
    let mut store = desk.open();
    let mut all: Vec<_> =
        (0..1_000).map(|n| (format!("block-{n}"), format!("paragraph {n} {}", super::words(300)))).collect();
    prepare(&mut store, Some(&document(&all)), None);
    let order: Vec<_> = all.iter().map(|(id, _)| id.clone()).collect();
    let journal = || std::fs::metadata(crate::files::sibling(&desk.path(), "-wal")).unwrap().len();
    write(&mut store, &[("block-5".into(), paragraph("block-5", "first"))], &order, &[]);
    let before = journal();
    for n in 0..50 {
        write(&mut store, &[("block-7".into(), paragraph("block-7", &format!("typed {n}")))], &order, &[]);
    }
    let pages = (journal() - before) / 4120 / 50;
    assert!(pages <= 8, "{pages} pages a keystroke");
    all[5].1 = "first".into();
    all[7].1 = "typed 49".into();
    assert_eq!(body(&store).current, Some(document(&all)));
}

#[test]
fn a_lesson_that_is_not_here_is_not_written_over() {
    let desk = Desk::new();
    let mut store = desk.open();
    let mut of_server = row(lesson(LESSON), &[("revision_id", json!(Uuid::from_u128(9)))]);
    of_server.base = Some(of_server.current.clone());
    commit(&mut store, vec![Write::Row(of_server), Write::Row(row(lesson(4), &[]))]);
    let block = [("a".to_owned(), paragraph("a", "typed"))];
    let error = store.write_blocks(COURSE, lesson(LESSON).id, &block, &ids(&["a"]), &[]).unwrap_err();
    assert!(matches!(error, Error::NotDownloaded));
    // A lesson that was plain text on the server: the window shows blocks the store does not have.
    let error = store.write_blocks(COURSE, lesson(4).id, &block, &ids(&["z", "a"]), &[]).unwrap_err();
    assert!(matches!(error, Error::BlocksMissing));
    let error = store.write_blocks(COURSE, lesson(5).id, &block, &ids(&["a"]), &[]).unwrap_err();
    assert!(matches!(error, Error::NoSuchLesson));
    let nonsense = [("a".to_owned(), json!({ "type": "paragraph", "attrs": { "id": "b" } }))];
    let error = store.write_blocks(COURSE, lesson(4).id, &nonsense, &ids(&["a"]), &[]).unwrap_err();
    assert!(matches!(error, Error::NotABlock));
    assert!(store.body(lesson(4).id).unwrap().is_none());
    store.write_blocks(COURSE, lesson(4).id, &block, &ids(&["a"]), &[]).unwrap();
    assert_eq!(store.body(lesson(4).id).unwrap().unwrap().current, Some(document(&of(&[("a", "typed")]))));
}

#[test]
fn a_lesson_the_server_refused_is_tried_again_once_it_is_written() {
    let desk = Desk::new();
    let mut store = desk.open();
    prepare(&mut store, Some(&document(&[])), None);
    let mut refused = store.row(lesson(LESSON)).unwrap().unwrap();
    refused.refused = Some("too long".into());
    commit(&mut store, vec![Write::Row(refused)]);
    write(&mut store, &[("a".into(), paragraph("a", "shorter"))], &ids(&["a"]), &[]);
    assert_eq!(store.row(lesson(LESSON)).unwrap().unwrap().refused, None);
}
