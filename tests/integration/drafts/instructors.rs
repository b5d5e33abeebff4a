//! Instructors who write at random, each on a computer of their own, and what they were promised: every word they write is
//! one nobody else writes, so it can be looked for afterwards.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use lectern::{
    Code,
    database::Database,
    drafts::{
        DraftKey, DraftTable, Machine,
        conflicts::{self, ConflictChoice},
        file,
        lessons::{ChangedBlock, LessonWriting},
        publication, rows,
    },
    ids::{CourseId, LessonId, PersonId},
    sync::driver::Line,
};
use local_store::LocalStore;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use sync_core::{
    store::{Decision, LocalRow, Store},
    wire::{Fields, Key, Table},
};
use uuid::Uuid;

use super::computer::{Computer, School, paragraph};

pub type Words = BTreeSet<String>;

/// What became of the words, over all computers.
#[derive(Default)]
pub struct Promises {
    number: u32,
    pub acknowledged: Words,
    /// Somebody who saw them took them away: deleted, replaced, archived, or decided a conflict against them.
    pub removed: Words,
    /// They stood in a conflict somebody decided, maybe for both versions.
    pub decided: Words,
}

pub struct Instructor {
    pub computer: Computer,
    /// How often the server was not there.
    pub unheard: u32,
    hand: Option<Hand>,
}

struct Hand {
    course: CourseId,
    random: StdRng,
    promises: Arc<Mutex<Promises>>,
}

/// The lead and three instructors of the school's course, in turn at a computer behind each of these doors.
pub async fn of(school: &School, seed: u64, promises: &Arc<Mutex<Promises>>, doors: Vec<Database>) -> Vec<Instructor> {
    let mut people = vec![school.lead];
    for name in ["Ben Okafor", "Mina 田中", "Zoé Lindqvist"] {
        let person = school.fresh.member(school.id, name, "instructor").await;
        school.fresh.staff(school.id, school.course, person, "instructor").await;
        people.push(person);
    }
    let mut instructors = Vec::new();
    for ((number, door), person) in (0..).zip(doors).zip(people.iter().cycle()) {
        instructors.push(Instructor::new(school, *person, seed * 100 + number, promises, door).await);
    }
    instructors
}

/// The seed of this run, told so that it can be run again: `LECTERN_SEED=17`.
pub fn seed() -> u64 {
    let given = std::env::var("LECTERN_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or_else(|| rand::random_range(0..1_000_000));
    eprintln!("LECTERN_SEED={seed}");
    seed
}

impl Instructor {
    async fn new(
        school: &School,
        person: PersonId,
        seed: u64,
        promises: &Arc<Mutex<Promises>>,
        door: Database,
    ) -> Self {
        let computer = school.computer_of(person).await;
        let token = school.fresh.sign_in_as(person).await;
        computer.driver.speak_over(Some(Line { database: door, token }));
        let hand = Hand { course: school.course, random: StdRng::seed_from_u64(seed), promises: Arc::clone(promises) };
        Self { computer, unheard: 0, hand: Some(hand) }
    }

    /// Writes something; it is acknowledged when this returns.
    pub async fn write(&mut self) {
        let mut hand = self.hand.take().unwrap();
        let write = move |machine: &mut Machine<LocalStore>| {
            hand.act(machine);
            Ok(hand)
        };
        self.hand = Some(self.computer.with(write).await);
    }

    pub fn happens(&mut self, percent: u32) -> bool {
        self.hand.as_mut().unwrap().happens(percent)
    }

    /// Meets the server, if it is there.
    pub async fn pass(&mut self) {
        match self.computer.driver.pass().await {
            Ok(()) => {}
            Err(error) => {
                // What a line that breaks may do to somebody who sends drafts, and nothing else.
                assert!(matches!(error.code, Code::Unreachable | Code::Stale), "{error:?}");
                self.unheard += 1;
            }
        }
    }

    /// Answers a question about a mass deletion, if there is one.
    async fn answer_brake(&mut self) {
        let decision = if self.happens(50) { Decision::Delete } else { Decision::Keep };
        let course = self.computer.course;
        let decide = move |machine: &mut Machine<LocalStore>| {
            machine.decide(course.0, decision).unwrap();
            Ok(())
        };
        self.computer.with(decide).await;
    }

    async fn is_quiet(&self, seq: i64) -> bool {
        let course = self.computer.course.0;
        self.computer
            .with(move |machine| {
                let status = machine.status(course).unwrap();
                let kept = machine.store().course(course)?.unwrap();
                let is_done = status.waiting == 0 && status.to_download == 0 && !status.asked && !status.healing;
                Ok(is_done
                    && machine.store().batch(course)?.is_none()
                    && kept.aside.is_none()
                    && kept.cursor.seq == seq)
            })
            .await
    }

    async fn stands(&self) -> String {
        let course = self.computer.course.0;
        self.computer
            .with(move |machine| {
                let kept = machine.store().course(course)?.unwrap();
                let waiting = machine.waiting(course).unwrap();
                Ok(format!("{:?} at {:?} {waiting:?}", machine.status(course).unwrap(), kept.cursor.seq))
            })
            .await
    }
}

/// Everybody meets the server until nothing waits anywhere.
pub async fn settle(school: &School, instructors: &mut [Instructor]) {
    for _ in 0..100 {
        for instructor in instructors.iter_mut() {
            instructor.pass().await;
            instructor.answer_brake().await;
        }
        let seq: i64 = sqlx::query_scalar("select seq from lectern.courses where id = $1")
            .bind(school.course)
            .fetch_one(&mut school.fresh.owner().await)
            .await
            .unwrap();
        let mut are_quiet = true;
        for instructor in instructors.iter() {
            are_quiet &= instructor.is_quiet(seq).await;
        }
        if are_quiet {
            return;
        }
    }
    for instructor in instructors.iter() {
        eprintln!("{}", instructor.stands().await);
    }
    panic!("it does not come to rest");
}

/// All that a computer says of a course.
#[derive(Debug, PartialEq)]
pub struct Said {
    pub rows: BTreeMap<Key, Fields>,
    pub texts: BTreeMap<Uuid, Option<String>>,
}

pub async fn said(computer: &Computer) -> Said {
    let course = computer.course.0;
    computer
        .with(move |machine| {
            let rows: BTreeMap<Key, Fields> =
                machine.store().rows(course)?.into_iter().map(|row| (row.key, row.current)).collect();
            let lessons = rows.keys().filter(|key| key.table == Table::Lessons);
            let texts = lessons.map(|key| (key.id, machine.document(course, key.id).unwrap())).collect();
            Ok(Said { rows, texts })
        })
        .await
}

/// Every computer says the same as one that has just come, and every promise was kept.
pub async fn assert_kept(school: &School, instructors: &[Instructor], promises: &Mutex<Promises>) {
    let new = school.computer().await;
    new.sync().await;
    let expected = said(&new).await;
    for (number, instructor) in instructors.iter().enumerate() {
        let here = said(&instructor.computer).await;
        for key in here.rows.keys().chain(expected.rows.keys()) {
            assert_eq!(here.rows.get(key), expected.rows.get(key), "{key:?} on computer {number}");
        }
        for lesson in here.texts.keys() {
            assert_eq!(here.texts[lesson], expected.texts[lesson], "the text of {lesson} on computer {number}");
        }
    }
    let course = school.course;
    let there = new.with(move |machine| Ok(seen(machine, course, None))).await;
    let promises = promises.lock().unwrap();
    let is_lost = |word: &&String| !there.contains(*word) && !promises.removed.contains(*word);
    let lost: Vec<_> = promises.acknowledged.iter().filter(is_lost).collect();
    assert!(lost.is_empty(), "{lost:?} of {} words are lost: {expected:#?}", promises.acknowledged.len());
}

/// No word stands twice that nobody chose to keep twice.
pub async fn assert_once(computer: &Computer, promises: &Mutex<Promises>) {
    let (expected, course) = (said(computer).await, computer.course);
    let there = computer.with(move |machine| Ok(seen(machine, course, None))).await;
    let promises = promises.lock().unwrap();
    let mut waiting = Words::new();
    let cards = expected.rows.iter().filter(|(key, _)| key.table == Table::MergeCards);
    cards.for_each(|(_, card)| words(&json!(card).to_string(), &mut waiting));
    for word in there.difference(&waiting).filter(|word| !promises.decided.contains(*word)) {
        let says = |text: &str| text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|said| said == word).count();
        let titles = expected.rows.iter().filter(|(key, _)| key.table != Table::MergeCards);
        let texts = expected.texts.values().flatten().map(|text| says(text));
        let times: usize = titles.map(|(_, fields)| says(&written(fields))).chain(texts).sum();
        assert_eq!(times, 1, "{word}: {expected:#?}");
    }
}

/// How many conflicts there were, decided or not.
pub async fn conflicts(computer: &Computer) -> usize {
    said(computer).await.rows.keys().filter(|key| key.table == Table::MergeCards).count()
}

/// The fields a person writes, as one text.
fn written(fields: &Fields) -> String {
    let named =
        ["title", "description", "prompt", "label", "accepted_text"].iter().filter_map(|name| fields.get(*name));
    named.filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
}

fn words(text: &str, into: &mut Words) {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    into.extend(words.filter(|word| word.starts_with("tk")).map(str::to_owned));
}

fn is_archived(fields: &Fields) -> bool {
    fields.get("archived_at").is_some_and(|at| !at.is_null())
}

fn id_of(fields: &Fields, field: &str) -> Option<Uuid> {
    fields.get(field)?.as_str()?.parse().ok()
}

/// What somebody at this computer finds: what is in use and stands in what is in use, without conflicts.
fn in_use(machine: &Machine<LocalStore>, course: CourseId) -> Vec<LocalRow> {
    let all: BTreeMap<Key, LocalRow> =
        machine.store().rows(course.0).unwrap().into_iter().map(|row| (row.key, row)).collect();
    let holders = [
        ("sub_course_id", Table::SubCourses),
        ("quiz_id", Table::Quizzes),
        ("question_id", Table::Questions),
        ("option_id", Table::QuestionOptions),
    ];
    let is_in_use = |row: &LocalRow| {
        let mut rows = vec![row];
        while let Some(row) = rows.pop() {
            if is_archived(&row.current) {
                return false;
            }
            let key = |(field, table)| Some(Key { table, id: id_of(&row.current, field)? });
            rows.extend(holders.into_iter().filter_map(key).filter_map(|key| all.get(&key)));
        }
        true
    };
    all.values().filter(|row| row.key.table != Table::MergeCards && is_in_use(row)).cloned().collect()
}

/// The words somebody at this computer can read: of all that is in use and of conflicts that wait, or of one row.
pub fn seen(machine: &Machine<LocalStore>, course: CourseId, only: Option<Key>) -> Words {
    let mut seen = Words::new();
    for row in in_use(machine, course).into_iter().filter(|row| only.is_none_or(|key| row.key == key)) {
        words(&written(&row.current), &mut seen);
        if row.key.table == Table::Lessons {
            machine.document(course.0, row.key.id).unwrap().iter().for_each(|text| words(text, &mut seen));
        }
    }
    if only.is_none() {
        for card in machine.open_cards(course.0).unwrap() {
            words(&json!(card.fields).to_string(), &mut seen);
        }
    }
    seen
}

impl Hand {
    fn happens(&mut self, percent: u32) -> bool {
        self.random.random_range(0..100) < percent
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        (!from.is_empty()).then(|| from[self.random.random_range(0..from.len())].clone())
    }

    fn word(&self) -> String {
        let mut promises = self.promises.lock().unwrap();
        promises.number += 1;
        format!("tk{}", promises.number)
    }

    /// Does something to one row, or to what is in it, and remembers what was promised and what was taken away.
    fn watch(
        &self,
        machine: &mut Machine<LocalStore>,
        only: Option<Key>,
        act: impl FnOnce(&mut Machine<LocalStore>) -> lectern::Result<()>,
    ) {
        let before = seen(machine, self.course, only);
        act(machine).unwrap();
        let after = seen(machine, self.course, only);
        let mut promises = self.promises.lock().unwrap();
        promises.removed.extend(before.difference(&after).cloned());
        promises.acknowledged.extend(after.difference(&before).cloned());
    }

    fn act(&mut self, machine: &mut Machine<LocalStore>) {
        let rows = in_use(machine, self.course);
        let of = |table: Table| rows.iter().filter(|row| row.key.table == table).cloned().collect::<Vec<_>>();
        let (parts, lessons, quizzes) = (of(Table::SubCourses), of(Table::Lessons), of(Table::Quizzes));
        let is_small = lessons.len() < 12;
        match self.random.random_range(0..100) {
            0..5 if parts.len() < 5 => {
                self.add(machine, DraftTable::SubCourses, "title", json!({}), None);
            }
            5..15 if is_small => {
                let part = self.pick(&parts).map(|part| part.key.id);
                let lesson = self.add(machine, DraftTable::Lessons, "title", json!({}), part);
                self.type_in(machine, lesson);
            }
            15..18 if quizzes.len() < 5 => {
                let part = self.pick(&parts).map(|part| part.key.id);
                self.add(machine, DraftTable::Quizzes, "title", json!({"passing_score": 60}), part);
            }
            18..22 => self.ask(machine, &quizzes),
            22..30 => self.reword(machine, &rows),
            30..38 => self.place(machine, &rows, &parts),
            38..42 if !is_small || self.happens(40) => self.archive(machine, &rows),
            42..47 => self.restore(machine),
            47..56 => self.decide(machine),
            56..60 => self.publish(machine, &lessons),
            _ => match self.pick(&lessons) {
                Some(lesson) => self.type_in(machine, lesson.key.id),
                None => {
                    self.add(machine, DraftTable::Lessons, "title", json!({}), None);
                }
            },
        }
    }

    fn add(
        &self,
        machine: &mut Machine<LocalStore>,
        table: DraftTable,
        name: &str,
        fields: Value,
        parent: Option<Uuid>,
    ) -> Uuid {
        let id = CourseId::new().0;
        let mut fields: BTreeMap<String, Value> = serde_json::from_value(fields).unwrap();
        fields.insert(name.to_owned(), json!(self.word()));
        let key = DraftKey { table, id };
        let course = self.course;
        self.watch(machine, Some(key.into()), |machine| rows::add(machine, course, key, &fields, parent, None));
        id
    }

    /// A question with two options of which one is correct.
    fn ask(&mut self, machine: &mut Machine<LocalStore>, quizzes: &[LocalRow]) {
        let Some(quiz) = self.pick(quizzes) else { return };
        let kind = json!({"kind": "multiple_choice"});
        let question = self.add(machine, DraftTable::Questions, "prompt", kind, Some(quiz.key.id));
        let right = self.add(machine, DraftTable::QuestionOptions, "label", json!({}), Some(question));
        self.add(machine, DraftTable::QuestionOptions, "label", json!({}), Some(question));
        let key = DraftKey { table: DraftTable::AnswerKeys, id: CourseId::new().0 };
        let fields = BTreeMap::from([("option_id".to_owned(), json!(right))]);
        rows::add(machine, self.course, key, &fields, Some(question), None).unwrap();
    }

    fn reword(&mut self, machine: &mut Machine<LocalStore>, rows: &[LocalRow]) {
        let Some(row) = self.pick(rows) else { return };
        let (field, table) = match row.key.table {
            Table::SubCourses => ("title", DraftTable::SubCourses),
            Table::Lessons => ("title", DraftTable::Lessons),
            Table::Quizzes => ("title", DraftTable::Quizzes),
            Table::Questions => ("prompt", DraftTable::Questions),
            Table::QuestionOptions => ("label", DraftTable::QuestionOptions),
            _ => return,
        };
        let before = row.current.get(field).and_then(Value::as_str).unwrap_or_default();
        let is_long = before.len() > 120;
        let text = if is_long || self.happens(50) { self.word() } else { format!("{before} {}", self.word()) };
        let (course, key) = (self.course, DraftKey { table, id: row.key.id });
        let fields = BTreeMap::from([(field.to_owned(), json!(text))]);
        self.watch(machine, Some(row.key), |machine| rows::change(machine, course, key, &fields));
    }

    fn place(&mut self, machine: &mut Machine<LocalStore>, rows: &[LocalRow], parts: &[LocalRow]) {
        let is_lesson = |row: &&LocalRow| row.key.table == Table::Lessons;
        let lessons: Vec<_> = rows.iter().filter(is_lesson).cloned().collect();
        let Some(lesson) = self.pick(&lessons) else { return };
        let part = self.pick(parts).map(|part| part.key.id);
        let stands = |row: &&LocalRow| id_of(&row.current, "sub_course_id") == part && row.key != lesson.key;
        let siblings: Vec<_> = lessons.iter().filter(stands).cloned().collect();
        let after = self.pick(&siblings).map(|row| row.key.id);
        let (course, key) = (self.course, DraftKey { table: DraftTable::Lessons, id: lesson.key.id });
        self.watch(machine, Some(lesson.key), |machine| rows::place(machine, course, key, part, after));
    }

    fn archive(&mut self, machine: &mut Machine<LocalStore>, rows: &[LocalRow]) {
        // Nobody takes away what they have not read.
        if !machine.store().bodies_to_fetch(self.course.0, 1).unwrap().is_empty() {
            return;
        }
        let Some(row) = self.pick(rows) else { return };
        let table = match row.key.table {
            Table::SubCourses => DraftTable::SubCourses,
            Table::Lessons => DraftTable::Lessons,
            Table::Quizzes => DraftTable::Quizzes,
            Table::Questions => DraftTable::Questions,
            _ => return,
        };
        let (course, key) = (self.course, DraftKey { table, id: row.key.id });
        self.watch(machine, None, |machine| rows::archive(machine, course, key));
    }

    fn restore(&mut self, machine: &mut Machine<LocalStore>) {
        let is_gone = |row: &LocalRow| is_archived(&row.current) && row.key.table == Table::Lessons;
        let archived: Vec<_> = machine.store().rows(self.course.0).unwrap().into_iter().filter(is_gone).collect();
        let Some(row) = self.pick(&archived) else { return };
        let (course, key) = (self.course, DraftKey { table: DraftTable::Lessons, id: row.key.id });
        rows::restore(machine, course, key).unwrap();
    }

    fn decide(&mut self, machine: &mut Machine<LocalStore>) {
        let open = conflicts::open(machine, self.course, None).unwrap();
        let Some(conflict) = self.pick(&open) else { return };
        let choice = match self.random.random_range(0..3) {
            0 => ConflictChoice::Keep,
            1 if conflict.may_keep_both => ConflictChoice::KeepBoth,
            _ => ConflictChoice::UseOther,
        };
        let card = machine.store().row(Key { table: Table::MergeCards, id: conflict.id }).unwrap().unwrap();
        words(&json!(card.current).to_string(), &mut self.promises.lock().unwrap().decided);
        let course = self.course;
        self.watch(machine, None, |machine| conflicts::decide(machine, course, conflict.id, choice));
    }

    fn publish(&mut self, machine: &mut Machine<LocalStore>, lessons: &[LocalRow]) {
        let Some(lesson) = self.pick(lessons) else { return };
        let course = self.course;
        if machine.document(course.0, lesson.key.id).unwrap().is_some() {
            publication::publish(machine, course, LessonId(lesson.key.id)).unwrap();
        }
    }

    /// Types in a lesson as the window does it: changed blocks, the order, and what is gone.
    fn type_in(&mut self, machine: &mut Machine<LocalStore>, lesson: Uuid) {
        let key = Key { table: Table::Lessons, id: lesson };
        let text = machine.document(self.course.0, lesson).unwrap();
        let row = machine.store().row(key).unwrap().unwrap();
        if text.is_none() && row.base.as_ref().is_some_and(|base| id_of(base, "revision_id").is_some()) {
            return;
        }
        let before: Vec<Value> = text.map_or_else(Vec::new, |text| {
            serde_json::from_str::<Value>(&text).unwrap()["content"].as_array().cloned().unwrap_or_default()
        });
        let mut blocks = before.clone();
        let new = paragraph(CourseId::new().0, &self.word());
        let at = self.random.random_range(0..blocks.len().max(1));
        match self.random.random_range(0..10) {
            _ if blocks.is_empty() => blocks.push(new),
            0..4 => self.reword_block(&mut blocks[at]),
            4..6 => blocks.insert(at, new),
            6 if blocks.len() > 1 => drop(blocks.remove(at)),
            7 => {
                let is_heading = blocks[at]["type"] == "heading";
                blocks[at]["type"] = json!(if is_heading { "paragraph" } else { "heading" });
                let attrs = blocks[at]["attrs"].as_object_mut().unwrap();
                match is_heading {
                    true => drop(attrs.remove("level")),
                    false => drop(attrs.insert("level".into(), json!(2))),
                }
            }
            8 => self.reword_block(&mut blocks[at]),
            _ => {
                let block = blocks.remove(at);
                let to = self.random.random_range(0..=blocks.len());
                blocks.insert(to, block);
            }
        }
        let id = |block: &Value| block["attrs"]["id"].as_str().unwrap().to_owned();
        let order: Vec<String> = blocks.iter().map(id).collect();
        let change = LessonWriting {
            changed: blocks
                .iter()
                .filter(|block| !before.contains(block))
                .map(|block| ChangedBlock { id: id(block), json: block.clone() })
                .collect(),
            removed: before.iter().map(id).filter(|id| !order.contains(id)).collect(),
            order,
        };
        let course = self.course;
        self.watch(machine, Some(key), |machine| file::write(machine, course, LessonId(lesson), &change));
    }

    /// A word more, or one less.
    fn reword_block(&mut self, block: &mut Value) {
        let text = block["content"][0]["text"].as_str().unwrap_or_default().to_owned();
        let mut words: Vec<String> = text.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
        if words.len() > 3 && self.happens(30) {
            words.remove(self.random.random_range(0..words.len()));
        } else {
            let word = self.word();
            words.insert(self.random.random_range(0..=words.len()), word);
        }
        block["content"] = json!([{"type": "text", "text": words.join(" ")}]);
    }
}
