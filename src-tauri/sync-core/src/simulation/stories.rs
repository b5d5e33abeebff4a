//! What one person sees, told step by step: two devices, one server, nothing left to chance.

use serde_json::{Value, json};
use uuid::Uuid;

use super::memory::Memory;
use super::model::{Caller, Server};
use super::random::Random;
use super::world::{COURSE, ORGANIZATION};
use crate::engine::{Engine, canonical};
use crate::machine::{Machine, Step};
use crate::merging::Choice;
use crate::status::State;
use crate::store::{Aside, Decision, Direction};
use crate::wire::{Access, Fields, Key, Table};

struct Pair {
    server: Server,
    devices: [Machine<Memory, Engine>; 2],
    access: Option<Access>,
    random: Random,
}

impl Pair {
    fn new() -> Self {
        let mut random = Random::new(1);
        let devices = [(); 2].map(|()| {
            let mut machine = Machine::new(Memory::new(random.id()), Engine, 2);
            machine.keep(ORGANIZATION, COURSE).unwrap();
            machine
        });
        Self { server: Server::default(), devices, access: Some(Access::Write), random }
    }

    fn next(&mut self, n: usize) -> Step {
        let random = &mut self.random;
        self.devices[n].next(COURSE, &mut || random.id()).unwrap()
    }

    /// Lets a device exchange until it stops, and answers why it did.
    fn sync(&mut self, n: usize) -> Step {
        self.devices[n].look(COURSE);
        for _ in 0..200 {
            let caller = Caller { person: Uuid::nil(), access: self.access };
            match self.next(n) {
                Step::Send(bytes) => {
                    let random = &mut self.random;
                    let answer = self.server.push(caller, &bytes, &mut || random.id());
                    let push = crate::batch::thaw(&bytes).unwrap();
                    self.devices[n].answer_push(COURSE, push.push_id, answer).unwrap();
                }
                Step::Pull(request) => {
                    let answer = self.server.pull(caller, &request);
                    self.devices[n].answer_pull(&request, answer).unwrap();
                }
                Step::Fetch(request) => {
                    let (answer, contents) = self.server.fetch(caller, &request, 4_000_000);
                    let random = &mut self.random;
                    self.devices[n].answer_fetch(&request, &answer, &contents, &mut || random.id()).unwrap();
                }
                stop => return stop,
            }
        }
        panic!("never stops");
    }

    fn both(&mut self) {
        for n in [0, 1, 0, 1] {
            assert_eq!(self.sync(n), Step::Idle);
        }
    }

    fn make(&mut self, n: usize, table: Table, fields: Value) -> Key {
        let key = Key { table, id: self.random.id() };
        self.edit(n, key, fields);
        key
    }

    fn edit(&mut self, n: usize, key: Key, fields: Value) {
        let fields: Fields = fields.as_object().unwrap().clone().into_iter().collect();
        self.devices[n].edit(COURSE, key, &fields).unwrap();
    }

    fn says(&self, n: usize, key: Key, field: &str) -> Value {
        self.devices[n].store().row_of(key).unwrap().current.get(field).cloned().unwrap_or_default()
    }

    fn state(&self, n: usize) -> State {
        self.devices[n].status(COURSE).unwrap().state
    }

    fn cards(&self, n: usize) -> Vec<Uuid> {
        self.devices[n].open_cards(COURSE).unwrap().into_iter().map(|card| card.id).collect()
    }
}

fn text(words: &str) -> String {
    let block = json!({ "type": "paragraph", "attrs": { "id": Uuid::from_u128(7) }, "content": [{ "type": "text", "text": words }] });
    canonical(&json!({ "type": "doc", "content": [block] })).unwrap()
}

#[test]
fn a_lesson_goes_from_saved_here_over_sending_to_on_the_server() {
    let mut pair = Pair::new();
    pair.sync(0);
    assert_eq!(pair.state(0), State::OnTheServer);
    let lesson = pair.make(0, Table::Lessons, json!({ "title": "Heat", "position": "m" }));
    pair.devices[0].write(COURSE, lesson.id, &text("Warm air rises.")).unwrap();
    assert_eq!(pair.state(0), State::SavedHere);
    assert!(matches!(pair.next(0), Step::Send(_)));
    assert_eq!(pair.state(0), State::Sending);
    pair.both();
    assert_eq!(pair.state(0), State::OnTheServer);
    assert_eq!(pair.devices[1].store().document(lesson.id), Some(text("Warm air rises.").as_str()));
}

#[test]
fn an_unanswered_batch_is_sent_again_byte_for_byte_whatever_is_written_meanwhile() {
    let mut pair = Pair::new();
    pair.sync(0);
    let lesson = pair.make(0, Table::Lessons, json!({ "title": "Heat", "position": "m" }));
    let sent = pair.next(0);
    pair.edit(0, lesson, json!({ "title": "Warmth" }));
    pair.devices[0].look(COURSE);
    assert!(matches!(sent, Step::Send(_)));
    assert_eq!(pair.next(0), sent);
    pair.both();
    assert_eq!(pair.says(1, lesson, "title"), json!("Warmth"));
    assert!(pair.cards(0).is_empty());
}

#[test]
fn two_titles_make_one_card_that_is_decided_once_for_both() {
    let mut pair = Pair::new();
    let lesson = pair.make(0, Table::Lessons, json!({ "title": "Heat", "position": "m" }));
    pair.both();
    pair.edit(0, lesson, json!({ "title": "Warmth" }));
    pair.edit(1, lesson, json!({ "title": "Temperature" }));
    pair.both();
    assert_eq!(pair.cards(0), pair.cards(1));
    assert_eq!((pair.cards(0).len(), pair.state(0)), (1, State::NeedsYourDecision));
    assert_eq!(pair.says(1, lesson, "title"), json!("Warmth"));
    let card = pair.cards(0)[0];
    pair.devices[0].resolve(COURSE, card, Choice::UseOther, "2026-05-04T08:00:00+00:00").unwrap();
    pair.both();
    assert_eq!(pair.says(1, lesson, "title"), json!("Temperature"));
    assert_eq!((pair.cards(1), pair.state(1)), (vec![], State::OnTheServer));
}

#[test]
fn a_lesson_written_elsewhere_brings_back_the_sub_course_that_was_deleted_unaware() {
    let mut pair = Pair::new();
    let place = pair.make(0, Table::SubCourses, json!({ "title": "Physics", "position": "m" }));
    let lesson = pair.make(0, Table::Lessons, json!({ "title": "Heat", "sub_course_id": place.id, "position": "m" }));
    pair.both();
    pair.devices[0].archive(COURSE, place, "2026-05-04T08:00:00+00:00").unwrap();
    pair.devices[1].write(COURSE, lesson.id, &text("Warm air rises.")).unwrap();
    pair.both();
    for n in [0, 1] {
        assert_eq!(
            (pair.says(n, place, "archived_at"), pair.says(n, lesson, "archived_at")),
            (Value::Null, Value::Null)
        );
        assert_eq!(pair.devices[n].store().document(lesson.id), Some(text("Warm air rises.").as_str()));
        assert_eq!(pair.state(n), State::NeedsYourDecision);
    }
}

#[test]
fn which_answer_is_correct_is_never_merged_but_decided() {
    let mut pair = Pair::new();
    let quiz = pair.make(0, Table::Quizzes, json!({ "title": "Test", "position": "m" }));
    let question = pair.make(
        0,
        Table::Questions,
        json!({ "quiz_id": quiz.id, "kind": "multiple_choice", "prompt": "?", "position": "m" }),
    );
    let option = |pair: &mut Pair, label: &str| {
        pair.make(0, Table::QuestionOptions, json!({ "question_id": question.id, "label": label, "position": "m" }))
    };
    let (up, down) = (option(&mut pair, "Up"), option(&mut pair, "Down"));
    pair.both();
    let key =
        |n, option: Key| (n, json!({ "question_id": question.id, "option_id": option.id, "weight_percent": 100 }));
    let (n, fields) = key(0, up);
    let says_up = pair.make(n, Table::AnswerKeys, fields);
    let (n, fields) = key(1, down);
    let says_down = pair.make(n, Table::AnswerKeys, fields);
    pair.both();
    for n in [0, 1] {
        assert_eq!(pair.says(n, says_up, "archived_at"), Value::Null);
        assert_ne!(pair.says(n, says_down, "archived_at"), Value::Null, "two answers are correct, as neither wrote");
        assert_eq!(pair.cards(n).len(), 1);
    }
    let card = pair.cards(0)[0];
    pair.devices[0].resolve(COURSE, card, Choice::UseOther, "2026-05-04T08:00:00+00:00").unwrap();
    pair.both();
    assert_ne!(pair.says(1, says_up, "archived_at"), Value::Null);
    assert_eq!(pair.says(1, says_down, "archived_at"), Value::Null);
    assert!(pair.cards(1).is_empty());
}

#[test]
fn work_of_somebody_who_lost_the_right_is_kept_exported_and_taken_up_again() {
    let mut pair = Pair::new();
    let lesson = pair.make(0, Table::Lessons, json!({ "title": "Heat", "position": "m" }));
    pair.both();
    for access in [Some(Access::Read), None] {
        pair.access = access;
        pair.edit(0, lesson, json!({ "title": "Warmth" }));
        pair.devices[0].write(COURSE, lesson.id, &text("Warm air rises.")).unwrap();
        assert_eq!(pair.sync(0), Step::Halted(Aside::Denied { read: access.is_some() }));
        assert_eq!(pair.devices[0].status(COURSE).unwrap().waiting, 1);
        let export = pair.devices[0].export(COURSE).unwrap().to_string();
        assert!(export.contains("Warmth") && export.contains("Warm air rises."), "{export}");
    }
    pair.access = Some(Access::Write);
    pair.both();
    assert_eq!(pair.says(1, lesson, "title"), json!("Warmth"));
    assert_eq!(pair.devices[1].store().document(lesson.id), Some(text("Warm air rises.").as_str()));
}

#[test]
fn an_archived_course_takes_nothing_until_it_is_restored() {
    let mut pair = Pair::new();
    pair.both();
    pair.server.archived = true;
    let lesson = pair.make(0, Table::Lessons, json!({ "title": "Heat", "position": "m" }));
    assert_eq!(pair.sync(0), Step::Halted(Aside::Archived));
    pair.server.archived = false;
    pair.both();
    assert_eq!(pair.says(1, lesson, "title"), json!("Heat"));
}

#[test]
fn what_the_server_refuses_waits_for_its_author_and_holds_nothing_else_up() {
    let mut pair = Pair::new();
    let bad = pair.make(0, Table::Lessons, json!({ "title": "", "position": "m" }));
    let good = pair.make(0, Table::Lessons, json!({ "title": "Heat", "position": "m" }));
    pair.both();
    assert_eq!(pair.says(1, good, "title"), json!("Heat"));
    assert!(pair.devices[1].store().row_of(bad).is_none());
    assert_eq!(pair.state(0), State::NeedsYourDecision);
    assert_eq!(pair.devices[0].waiting(COURSE).unwrap()[0].refused.as_deref(), Some("Give it a name."));
    pair.edit(0, bad, json!({ "title": "Cold" }));
    pair.both();
    assert_eq!((pair.says(1, bad, "title"), pair.state(0)), (json!("Cold"), State::OnTheServer));
}

#[test]
fn deleting_a_large_part_asks_where_it_is_done_and_where_it_arrives() {
    let mut pair = Pair::new();
    let place = pair.make(0, Table::SubCourses, json!({ "title": "Physics", "position": "m" }));
    let fields = json!({ "title": "Heat", "sub_course_id": place.id, "position": "m" });
    let lessons: Vec<Key> = (0..8).map(|_| pair.make(0, Table::Lessons, fields.clone())).collect();
    pair.both();
    pair.devices[0].archive(COURSE, place, "2026-05-04T08:00:00+00:00").unwrap();
    let Step::Ask(brake) = pair.sync(0) else { panic!("not asked") };
    assert_eq!((brake.direction, brake.rows.len(), brake.of), (Direction::Push, 9, 9));
    assert!(pair.server.rows.values().all(|row| row.fields["archived_at"].is_null()));
    pair.devices[0].decide(COURSE, Decision::Delete).unwrap();
    assert_eq!(pair.sync(0), Step::Idle);
    let Step::Ask(brake) = pair.sync(1) else { panic!("not asked") };
    assert_eq!((brake.direction, brake.rows.len()), (Direction::Pull, 9));
    assert_eq!(pair.says(1, lessons[0], "archived_at"), Value::Null);
    pair.devices[1].decide(COURSE, Decision::Keep).unwrap();
    assert_eq!(pair.sync(1), Step::Idle);
    assert_eq!(pair.sync(0), Step::Idle);
    assert_eq!(pair.says(0, lessons[0], "archived_at"), Value::Null);
}

#[test]
fn a_server_that_went_back_in_time_gets_again_what_it_lost() {
    let mut pair = Pair::new();
    let lesson = pair.make(0, Table::Lessons, json!({ "title": "Heat", "position": "m" }));
    pair.devices[0].write(COURSE, lesson.id, &text("Warm air rises.")).unwrap();
    pair.both();
    let backup = pair.server.clone();
    pair.devices[0].write(COURSE, lesson.id, &text("Warm air rises, cold air sinks.")).unwrap();
    let other = pair.make(0, Table::Lessons, json!({ "title": "Cold", "position": "n" }));
    pair.sync(0);
    pair.server = backup;
    pair.both();
    assert_eq!(pair.devices[1].store().document(lesson.id), Some(text("Warm air rises, cold air sinks.").as_str()));
    assert_eq!((pair.says(1, other, "title"), pair.cards(0)), (json!("Cold"), vec![]));
}

#[test]
fn learners_read_the_published_version_and_not_the_draft() {
    let mut pair = Pair::new();
    let lesson = pair.make(0, Table::Lessons, json!({ "title": "Heat", "position": "m" }));
    pair.devices[0].write(COURSE, lesson.id, &text("Warm air rises.")).unwrap();
    let random = &mut pair.random;
    pair.devices[0].publish(COURSE, lesson.id, "2026-05-04T08:00:00+00:00", &mut || random.id()).unwrap();
    pair.devices[0].write(COURSE, lesson.id, &text("Warm air rises, says")).unwrap();
    pair.both();
    assert_eq!(pair.server.rows[&lesson].fields["plain_text"].as_str().unwrap().trim(), "Warm air rises.");
    assert_eq!(pair.devices[1].store().document(lesson.id), Some(text("Warm air rises, says").as_str()));
}
