//! The file answers every question as the store in memory does, whatever was written.

use proptest::prelude::*;
use serde_json::{Value, json};
use sync_core::simulation::memory::Memory;
use sync_core::store::{Body, BodyBase, Draft, LocalRow, Seen, Store, Write};
use sync_core::wire::{Fields, Key, Table};
use uuid::Uuid;

use super::{COURSE, Desk, cases, kept};

const FIELDS: [(&str, Table); 4] = [
    ("sub_course_id", Table::Lessons),
    ("quiz_id", Table::Questions),
    ("question_id", Table::QuestionOptions),
    ("row_id", Table::MergeCards),
];
const TABLES: [Table; 7] = [
    Table::SubCourses,
    Table::Lessons,
    Table::Quizzes,
    Table::Questions,
    Table::QuestionOptions,
    Table::AnswerKeys,
    Table::MergeCards,
];

fn few() -> impl Strategy<Value = Uuid> {
    (1..6_u128).prop_map(Uuid::from_u128)
}

fn course() -> impl Strategy<Value = Uuid> {
    prop_oneof![4 => Just(COURSE), 1 => Just(Uuid::from_u128(8))]
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        few().prop_map(|id| json!(id)),
        few().prop_map(|id| json!(id.simple().to_string().to_uppercase())),
        "[a-zäß世 ]{0,300}".prop_map(|text| json!(text)),
        any::<i64>().prop_map(|number| json!(number)),
    ]
}

fn fields() -> impl Strategy<Value = Fields> {
    let name = prop::sample::select(vec![
        "title",
        "archived_at",
        "revision_id",
        "sub_course_id",
        "quiz_id",
        "question_id",
        "row_id",
    ]);
    prop::collection::btree_map(name.prop_map(str::to_owned), value(), 0..5)
}

fn a_row() -> impl Strategy<Value = Write> {
    let key = (prop::sample::select(TABLES.to_vec()), few()).prop_map(|(table, id)| Key { table, id });
    let seen = prop::collection::vec((few(), fields()).prop_map(|(version, fields)| Seen { version, fields }), 0..3);
    let base = prop::option::of(fields());
    let refused = prop::option::of(Just("too long".to_owned()));
    (course(), key, prop::option::of(few()), base, fields(), seen, any::<bool>(), refused, any::<bool>()).prop_map(
        |(course_id, key, version, base, current, seen, unsure, refused, same)| {
            let current = if same { base.clone().unwrap_or(current) } else { current };
            Write::Row(LocalRow { course_id, key, version, base, current, seen, unsure, refused })
        },
    )
}

/// A lesson as it comes from the server: with a head, in use or archived, changed here or not.
fn a_lesson() -> impl Strategy<Value = Write> {
    let at = prop_oneof![Just(Value::Null), Just(json!("today"))];
    (few(), prop::option::of(few()), at, any::<bool>()).prop_map(|(id, head, at, is_changed)| {
        let current: Fields = [("revision_id".to_owned(), json!(head)), ("archived_at".to_owned(), at)].into();
        let mut base = current.clone();
        if is_changed {
            base.insert("title".into(), json!("before"));
        }
        let key = Key { table: Table::Lessons, id };
        Write::Row(LocalRow { base: Some(base), current, ..super::row(key, &[]) })
    })
}

fn text() -> impl Strategy<Value = String> {
    "[a-z\"{}ü ]{0,600}"
}

fn a_body() -> impl Strategy<Value = Write> {
    let base = (few(), prop::option::of(text()), 0..50_u32).prop_map(|(revision_id, document, depth)| BodyBase {
        revision_id,
        document,
        depth,
    });
    let known = prop::collection::vec(few(), 0..4);
    (few(), prop::option::of(base), known, prop::option::of(text()))
        .prop_map(|(lesson_id, base, known, current)| Write::Body(Body { lesson_id, base, known, current }))
}

fn a_draft() -> impl Strategy<Value = Write> {
    (few(), few(), prop::option::of(few()), prop::option::of(few()), prop::option::of("[a-z]{0,9}"), text()).prop_map(
        |(id, lesson_id, parent_id, merged_id, name, document)| {
            Write::Draft(Draft { id, lesson_id, parent_id, merged_id, name, document })
        },
    )
}

fn a_write() -> impl Strategy<Value = Write> {
    prop_oneof![
        2 => (course(), any::<u32>()).prop_map(|(course_id, deleted)| {
            Write::Course(sync_core::store::Course { course_id, deleted, ..kept() })
        }),
        5 => a_row(),
        5 => a_lesson(),
        3 => a_body(),
        3 => a_draft(),
        2 => few().prop_map(Write::DraftSent),
        1 => prop::option::of(prop::collection::vec(any::<u8>(), 0..500)).prop_map(Write::Batch),
    ]
}

/// Everything the two can be asked.
fn agree(file: &impl Store<Error: std::fmt::Debug>, memory: &Memory) -> Result<(), TestCaseError> {
    prop_assert_eq!(file.courses().unwrap(), memory.courses().unwrap());
    for course in [COURSE, Uuid::from_u128(8), Uuid::from_u128(9)] {
        prop_assert_eq!(file.course(course).unwrap(), memory.course(course).unwrap());
        prop_assert_eq!(file.generation(course).unwrap(), memory.generation(course).unwrap());
        prop_assert_eq!(file.rows(course).unwrap(), memory.rows(course).unwrap());
        prop_assert_eq!(file.waiting(course).unwrap(), memory.waiting(course).unwrap());
        prop_assert_eq!(file.batch(course).unwrap(), memory.batch(course).unwrap());
        for limit in [0, 2, 100] {
            let (file, memory) = (file.bodies_to_fetch(course, limit), memory.bodies_to_fetch(course, limit));
            prop_assert_eq!(file.unwrap(), memory.unwrap());
        }
    }
    for id in (1..6).map(Uuid::from_u128) {
        for table in TABLES {
            prop_assert_eq!(file.row(Key { table, id }).unwrap(), memory.row(Key { table, id }).unwrap());
        }
        for (field, table) in FIELDS {
            let (file, memory) = (file.children(table, field, id), memory.children(table, field, id));
            prop_assert_eq!(file.unwrap(), memory.unwrap());
        }
        prop_assert_eq!(file.body(id).unwrap(), memory.body(id).unwrap());
        prop_assert_eq!(file.drafts(id).unwrap(), memory.drafts(id).unwrap());
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(200, 5_000))]

    #[test]
    fn the_file_answers_as_the_store_in_memory(
        commits in prop::collection::vec((course(), 0..10_u8, prop::collection::vec(a_write(), 0..6)), 1..12),
        again in any::<bool>(),
    ) {
        let desk = Desk::new();
        let mut file = desk.open();
        let mut memory = Memory::new(file.device().unwrap());
        for (course, late, writes) in commits {
            // Now and then somebody decided on an older state.
            let generation = memory.generation(course).unwrap().wrapping_sub(u64::from(late == 0)) & u64::from(u32::MAX);
            let said = (file.commit(course, generation, writes.clone()), memory.commit(course, generation, writes));
            prop_assert_eq!(said.0.unwrap(), said.1.unwrap());
            if again {
                drop(file);
                file = desk.open();
            }
            agree(&file, &memory)?;
        }
        prop_assert_eq!(file.device().unwrap(), memory.device);
        drop(file);
        agree(&desk.open(), &memory)?;
    }
}
