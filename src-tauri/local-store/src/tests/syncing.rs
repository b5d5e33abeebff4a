//! The sync core takes the same steps on the file as on the store in memory: two devices, a server, whatever people do.

use proptest::prelude::*;
use serde_json::{Value, json};
use sync_core::engine::canonical;
use sync_core::simulation::memory::Memory;
use sync_core::simulation::model::{Caller, Server};
use sync_core::store::Store;
use sync_core::wire::{Access, Fields, Key, Table};
use sync_core::{Choice, Engine, Machine, Step, batch};
use uuid::Uuid;

use super::{COURSE, Desk, cases, id, paragraph};
use crate::LocalStore;

/// The same device twice: on a file, and in memory.
struct Twins {
    desk: Desk,
    file: Machine<LocalStore, Engine>,
    memory: Machine<Memory, Engine>,
    ids: u128,
}

macro_rules! both {
    ($twins:expr, $machine:ident, $ids:ident => $act:expr) => {{
        let (mut one, mut other) = ($twins.ids, $twins.ids);
        let said = {
            let $machine = &mut $twins.memory;
            #[allow(unused)]
            let $ids = &mut || {
                one += 1;
                Uuid::from_u128(one)
            };
            $act
        };
        let on_file = {
            let $machine = &mut $twins.file;
            #[allow(unused)]
            let $ids = &mut || {
                other += 1;
                Uuid::from_u128(other)
            };
            $act
        };
        assert_eq!(one, other);
        $twins.ids = one;
        match (said, on_file) {
            (Ok(said), Ok(on_file)) => {
                assert_eq!(said, on_file);
                Some(said)
            }
            (Err(_), Err(_)) => None,
            (said, on_file) => panic!("{said:?} in memory, {on_file:?} on the file"),
        }
    }};
}

impl Twins {
    fn new(number: u128) -> Self {
        let desk = Desk::new();
        let store = desk.open();
        let memory = Memory::new(store.device().unwrap());
        let (file, memory) = (Machine::new(store, Engine, 2), Machine::new(memory, Engine, 2));
        let mut twins = Self { desk, file, memory, ids: number << 64 };
        both!(twins, machine, ids => machine.keep(Uuid::from_u128(1), COURSE)).unwrap();
        twins
    }

    fn restart(&mut self) {
        // Only one handle at a time, as after a kill.
        let nowhere = LocalStore::open(
            &self.desk.directory.path().join("other").join("x"),
            &crate::SecretKey::new([1; 32]),
            id(),
            super::random,
        );
        drop(std::mem::replace(&mut self.file, Machine::new(nowhere.unwrap(), Engine, 2)));
        self.file = Machine::new(self.desk.open(), Engine, 2);
        self.memory = Machine::new(self.memory.store().clone(), Engine, 2);
    }

    fn keys(&self, table: Table) -> Vec<Key> {
        let rows = self.memory.store().every_row();
        rows.map(|row| row.key).filter(|key| key.table == table).collect()
    }

    fn compare(&self) {
        let (file, memory) = (self.file.store(), self.memory.store());
        assert_eq!(file.rows(COURSE).unwrap(), memory.rows(COURSE).unwrap());
        assert_eq!(file.waiting(COURSE).unwrap(), memory.waiting(COURSE).unwrap());
        assert_eq!(file.generation(COURSE).unwrap(), memory.generation(COURSE).unwrap());
        assert_eq!(file.batch(COURSE).unwrap(), memory.batch(COURSE).unwrap());
        for lesson in self.keys(Table::Lessons) {
            assert_eq!(file.body(lesson.id).unwrap(), memory.body(lesson.id).unwrap());
            assert_eq!(file.drafts(lesson.id).unwrap(), memory.drafts(lesson.id).unwrap());
        }
        assert_eq!(self.file.status(COURSE).unwrap(), self.memory.status(COURSE).unwrap());
    }

    /// Up to so many exchanges with the server. Says whether there is nothing left to do.
    fn exchange(&mut self, server: &mut Server, made: &mut u128, most: usize) -> bool {
        let caller = Caller { person: Uuid::from_u128(100), access: Some(Access::Write) };
        for _ in 0..most {
            match both!(self, machine, ids => machine.next(COURSE, ids)).unwrap() {
                Step::Send(bytes) => {
                    let answer = server.push(caller, &bytes, &mut || {
                        *made += 1;
                        Uuid::from_u128(*made)
                    });
                    let push = batch::thaw(&bytes).unwrap().push_id;
                    both!(self, machine, ids => machine.answer_push(COURSE, push, answer.clone()));
                }
                Step::Pull(request) => {
                    let answer = server.pull(caller, &request);
                    both!(self, machine, ids => machine.answer_pull(&request, answer.clone()));
                }
                Step::Fetch(request) => {
                    let (answer, contents) = server.fetch(caller, &request, 4_000_000);
                    both!(self, machine, ids => machine.answer_fetch(&request, &answer, &contents, ids));
                }
                Step::Ask(_) => {
                    both!(self, machine, ids => machine.decide(COURSE, sync_core::store::Decision::Delete));
                }
                Step::Idle | Step::Halted(_) => return true,
            }
        }
        false
    }
}

#[derive(Clone, Debug)]
enum Act {
    Make(Table, String),
    Rename(usize, String),
    Write(usize, Vec<String>),
    Save(usize),
    Publish(usize),
    Archive(usize),
    Restore(usize),
    Decide(usize),
    Exchange(usize),
    Restart,
    Backup,
    GoBack,
}

fn act() -> impl Strategy<Value = Act> {
    let text = "[a-z]{1,5}( [a-z]{1,5}){0,6}";
    let n = 0..8_usize;
    prop_oneof![
        2 => (prop::sample::select(vec![Table::Lessons, Table::SubCourses]), text).prop_map(|(table, text)| Act::Make(table, text)),
        2 => (n.clone(), text).prop_map(|(n, text)| Act::Rename(n, text)),
        4 => (n.clone(), prop::collection::vec(text, 0..4)).prop_map(|(n, texts)| Act::Write(n, texts)),
        1 => n.clone().prop_map(Act::Save),
        1 => n.clone().prop_map(Act::Publish),
        1 => n.clone().prop_map(Act::Archive),
        1 => n.clone().prop_map(Act::Restore),
        2 => n.clone().prop_map(Act::Decide),
        6 => (1..12_usize).prop_map(Act::Exchange),
        1 => Just(Act::Restart),
        1 => Just(Act::Backup),
        1 => Just(Act::GoBack),
    ]
}

fn fields(title: &str) -> Fields {
    [("title".to_owned(), json!(title)), ("position".to_owned(), json!("m"))].into()
}

proptest! {
    #![proptest_config(cases(60, 2_000))]

    #[test]
    fn the_sync_core_takes_the_same_steps_on_the_file_as_in_memory(
        acts in prop::collection::vec((0..2_usize, act()), 1..60),
    ) {
        let mut server = Server::default();
        let mut backup = server.clone();
        let mut made = 1_u128 << 100;
        let mut devices = [Twins::new(1), Twins::new(2)];
        for (n, act) in acts {
            let twins = &mut devices[n];
            let pick = |keys: Vec<Key>, n: usize| (!keys.is_empty()).then(|| keys[n % keys.len()]);
            match act {
                Act::Make(table, title) => {
                    twins.ids += 1;
                    let key = Key { table, id: Uuid::from_u128(twins.ids) };
                    both!(twins, machine, ids => machine.edit(COURSE, key, &fields(&title)));
                }
                Act::Rename(n, title) => if let Some(key) = pick(twins.keys(Table::Lessons), n) {
                    both!(twins, machine, ids => machine.edit(COURSE, key, &fields(&title)));
                },
                Act::Write(n, texts) => if let Some(key) = pick(twins.keys(Table::Lessons), n) {
                    let block = |(n, text): (usize, &String)| paragraph(&Uuid::from_u128(n as u128).to_string(), text);
                    let content: Vec<Value> = texts.iter().enumerate().map(block).collect();
                    let document = canonical(&json!({ "type": "doc", "content": content })).unwrap();
                    both!(twins, machine, ids => machine.write(COURSE, key.id, &document));
                },
                Act::Save(n) => if let Some(key) = pick(twins.keys(Table::Lessons), n) {
                    both!(twins, machine, ids => machine.save_version(COURSE, key.id, Some("mine"), ids));
                },
                Act::Publish(n) => if let Some(key) = pick(twins.keys(Table::Lessons), n) {
                    both!(twins, machine, ids => machine.publish(COURSE, key.id, "today", ids));
                },
                Act::Archive(n) => if let Some(key) = pick(twins.keys(Table::Lessons), n) {
                    both!(twins, machine, ids => machine.archive(COURSE, key, "today"));
                },
                Act::Restore(n) => if let Some(key) = pick(twins.keys(Table::Lessons), n) {
                    both!(twins, machine, ids => machine.restore(COURSE, key));
                },
                Act::Decide(n) => if let Some(key) = pick(twins.keys(Table::MergeCards), n) {
                    both!(twins, machine, ids => machine.resolve(COURSE, key.id, Choice::UseOther, "today"));
                },
                Act::Exchange(most) => {
                    twins.file.look(COURSE);
                    twins.memory.look(COURSE);
                    twins.exchange(&mut server, &mut made, most);
                }
                Act::Restart => twins.restart(),
                Act::Backup => backup = server.clone(),
                Act::GoBack => server = backup.clone(),
            }
            devices[n].compare();
        }
        for n in [0, 1, 0, 1, 0, 1] {
            devices[n].file.look(COURSE);
            devices[n].memory.look(COURSE);
            prop_assert!(devices[n].exchange(&mut server, &mut made, 500), "never stops");
            devices[n].compare();
        }
        prop_assert!(devices.iter().all(|twins| twins.file.store().waiting(COURSE).unwrap().is_empty()));
    }
}
