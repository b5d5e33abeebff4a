//! A whole device, core and all, against the real server.

use lectern::sync::remote;
use serde_json::{Value, json};
use sync_core::{
    Engine, Machine, Step, batch,
    simulation::memory::Memory,
    wire::{CLIENT_SCHEMA, Key, Table},
};

use super::author::{Author, new_id, school};

struct Device {
    author: Author,
    machine: Machine<Memory, Engine>,
}

impl Device {
    fn new(author: Author) -> Self {
        let mut machine = Machine::new(Memory::new(author.device), Engine, CLIENT_SCHEMA);
        machine.keep(author.organization.0, author.course.0).unwrap();
        Self { author, machine }
    }

    fn edit(&mut self, key: Key, fields: Value) {
        self.machine.edit(self.author.course.0, key, &serde_json::from_value(fields).unwrap()).unwrap();
    }

    fn make(&mut self, table: Table, fields: Value) -> Key {
        let key = Key { table, id: new_id() };
        self.edit(key, fields);
        key
    }

    fn archive(&mut self, key: Key) {
        self.machine.archive(self.author.course.0, key, "2026-05-04T08:00:00+00:00").unwrap();
    }

    /// Exchanges until nothing is left to say.
    async fn sync(&mut self) {
        let course = self.author.course.0;
        let desk = &mut self.author.desk;
        self.machine.look(course);
        for _ in 0..100 {
            match self.machine.next(course, &mut new_id).unwrap() {
                Step::Send(bytes) => {
                    let answer = does!(desk, |c| remote::push(c, &bytes)).unwrap();
                    let push = batch::thaw(&bytes).unwrap().push_id;
                    self.machine.answer_push(course, push, answer).unwrap();
                }
                Step::Pull(request) => {
                    let answer = does!(desk, |c| remote::pull(c, &request)).unwrap();
                    self.machine.answer_pull(&request, answer).unwrap();
                }
                Step::Fetch(request) => {
                    let (answer, contents) = does!(desk, |c| remote::bodies(c, &request)).unwrap();
                    self.machine.answer_fetch(&request, &answer, &contents, &mut new_id).unwrap();
                }
                stop => {
                    assert_eq!(stop, Step::Idle);
                    return;
                }
            }
        }
        panic!("never stops");
    }

    /// Nothing was refused and nothing waits.
    #[track_caller]
    fn is_done(&self) {
        let waiting = self.machine.waiting(self.author.course.0).unwrap();
        assert!(waiting.is_empty(), "{waiting:?}");
    }
}

#[tokio::test]
async fn another_answer_key_takes_the_place_of_one_in_the_same_push() {
    let school = school().await;
    let mut device = Device::new(school.author().await);
    let quiz = device.make(Table::Quizzes, json!({"title": "Check", "position": "m"}));
    let question = device.make(
        Table::Questions,
        json!({"quiz_id": quiz.id, "kind": "multiple_choice", "prompt": "Which way?", "position": "m"}),
    );
    let option = |label: &str| json!({"question_id": question.id, "label": label, "position": if label == "Up" { "a" } else { "b" }});
    let (up, down) =
        (device.make(Table::QuestionOptions, option("Up")), device.make(Table::QuestionOptions, option("Down")));
    let marks = |option: Key| json!({"question_id": question.id, "option_id": option.id, "weight_percent": 100});
    let first = device.make(Table::AnswerKeys, marks(up));
    device.sync().await;
    device.is_done();

    // A new one for the same option.
    device.archive(first);
    let second = device.make(Table::AnswerKeys, marks(up));
    device.sync().await;
    device.is_done();

    // One that moves to the option of another.
    let third = device.make(Table::AnswerKeys, marks(down));
    device.sync().await;
    device.archive(second);
    device.edit(third, json!({"option_id": up.id}));
    device.sync().await;
    device.is_done();

    // One that is brought back while the other goes.
    device.archive(third);
    device.machine.restore(device.author.course.0, first).unwrap();
    device.sync().await;
    device.is_done();
    let live: Vec<uuid::Uuid> = sqlx::query_scalar("select id from lectern.answer_keys where archived_at is null")
        .fetch_all(&mut school.fresh.owner().await)
        .await
        .unwrap();
    assert_eq!(live, [first.id]);

    // And with everything around it.
    device.archive(quiz);
    device.sync().await;
    device.is_done();
}
