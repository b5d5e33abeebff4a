//! The same random pushes, pulls and fetches to the model server, which a million simulated schedules ran against, and to
//! PostgreSQL: both answer the same.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgConnection};
use sync_core::{
    batch,
    simulation::model::{Caller, Server},
    wire::{
        Access, CLIENT_SCHEMA, Change, FetchAnswer, FetchRequest, Fields, Key, MAX_BYTES, Point, PullAnswer,
        PullRequest, Push, PushAnswer, Revision, Row, Table,
    },
};
use uuid::Uuid;

use super::author::{Author, School, new_id, revision, school};

/// SplitMix64 (Steele, Lea and Flood 2014): the same dice for the same seed.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn one_in(&mut self, chance: usize) -> bool {
        self.below(chance) == 0
    }

    fn of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }
}

const TABLES: [Table; 7] = [
    Table::SubCourses,
    Table::Lessons,
    Table::Quizzes,
    Table::Questions,
    Table::QuestionOptions,
    Table::AnswerKeys,
    Table::MergeCards,
];
const ROWS: usize = 3;

struct Trial {
    dice: Dice,
    server: Server,
    school: School,
    owner: PgConnection,
    /// Who writes, who reads, who does neither.
    people: Vec<(Author, Caller)>,
    ids: BTreeMap<Table, Vec<Uuid>>,
    points: Vec<Point>,
    sent: Vec<(usize, Vec<u8>)>,
    revisions: Vec<Revision>,
    versions: Vec<Uuid>,
    counts: BTreeMap<String, u32>,
}

impl Trial {
    async fn new(seed: u64) -> Self {
        let school = school().await;
        let mut people = Vec::new();
        let mut add = async |author: Author, access| {
            let token_person: Uuid = {
                let mut owner = school.fresh.owner().await;
                let hash = <sha2::Sha256 as sha2::Digest>::digest(author.desk.access.token.as_bytes()).to_vec();
                sqlx::query_scalar("select person_id from lectern_auth.sessions where token_hash = $1")
                    .bind(hash)
                    .fetch_one(&mut owner)
                    .await
                    .unwrap()
            };
            people.push((author, Caller { person: token_person, access }));
        };
        add(school.author().await, Some(Access::Write)).await;
        add(school.staff("Second Teacher", "instructor", Some("instructor")).await, Some(Access::Write)).await;
        add(school.staff("A Reviewer", "reviewer", Some("reviewer")).await, Some(Access::Read)).await;
        add(school.staff("A Learner", "learner", None).await, None).await;
        Self {
            dice: Dice(seed),
            server: Server { minimum_schema: 1, ..Server::default() },
            owner: school.fresh.owner().await,
            school,
            people,
            ids: TABLES.iter().map(|table| (*table, (0..ROWS).map(|_| new_id()).collect())).collect(),
            points: vec![Point::default()],
            sent: Vec::new(),
            revisions: Vec::new(),
            versions: Vec::new(),
            counts: BTreeMap::new(),
        }
    }

    fn fields(&mut self, table: Table, n: usize, is_new: bool) -> Fields {
        let mut fields = json!({});
        let flawed = self.dice.one_in(80);
        let named = |dice: &mut Dice| if flawed { json!(" ") } else { json!(format!("Name {}", dice.below(100))) };
        let sub = self.ids[&Table::SubCourses].clone();
        let place = |dice: &mut Dice| match dice.below(8) {
            0..4 => json!(dice.of(&sub)),
            4 if dice.one_in(12) => json!(new_id()),
            _ => Value::Null,
        };
        match table {
            Table::SubCourses => fields["title"] = named(&mut self.dice),
            Table::Lessons => {
                fields["title"] = named(&mut self.dice);
                if is_new || self.dice.one_in(2) {
                    fields["sub_course_id"] = place(&mut self.dice);
                }
                fields["duration_minutes"] = json!(self.dice.below(60));
            }
            Table::Quizzes => {
                fields["title"] = named(&mut self.dice);
                if is_new || self.dice.one_in(2) {
                    fields["sub_course_id"] = place(&mut self.dice);
                }
                fields["max_attempts"] = json!(3);
            }
            Table::Questions => {
                fields = json!({"kind": "essay", "points_hundredths": self.dice.below(500)});
                fields["prompt"] = named(&mut self.dice);
                if is_new {
                    fields["quiz_id"] = json!(self.ids[&Table::Quizzes][n]);
                    fields["source"] = json!({"n": 1});
                }
            }
            Table::QuestionOptions => {
                fields["label"] = named(&mut self.dice);
                if is_new {
                    fields["question_id"] = json!(self.ids[&Table::Questions][n]);
                }
            }
            Table::AnswerKeys => {
                fields["weight_percent"] = json!(self.dice.below(100));
                if is_new {
                    fields["question_id"] = json!(self.ids[&Table::Questions][n]);
                    fields["option_id"] = json!(self.ids[&Table::QuestionOptions][n]);
                }
            }
            Table::MergeCards | Table::Unknown => {
                if is_new {
                    fields = json!({"table_name": "lessons", "row_id": new_id(), "block_id": null, "field": "title",
                                    "kind": "field", "base": 1, "head": ["two"], "local": null, "stands": "head"});
                }
                fields["resolution"] = json!("keep");
                fields["resolved_at"] = json!("2026-03-01T08:00:00+00:00");
            }
        }
        if table != Table::MergeCards {
            if is_new && !matches!(table, Table::AnswerKeys) || table == Table::SubCourses {
                fields["position"] = json!(format!("a{}", self.dice.below(9)));
            }
            if self.dice.one_in(4) {
                let gone = self.dice.one_in(3);
                fields["archived_at"] = if gone { json!("2026-03-01T08:00:00+00:00") } else { Value::Null };
            }
        }
        serde_json::from_value(fields).unwrap()
    }

    /// Something of everything, so that later ones have what they stand in.
    fn first_push(&mut self, who: usize) -> Vec<u8> {
        let mut rows = Vec::new();
        for table in TABLES {
            for n in 0..ROWS {
                let fields = self.fields(table, n, true);
                rows.push(Change { key: Key { table, id: self.ids[&table][n] }, expect: None, fields });
            }
        }
        batch::freeze(&self.people[who].0.push_of(rows), &[]).unwrap()
    }

    fn random_push(&mut self, who: usize) -> Vec<u8> {
        let mut keys: Vec<(Table, usize)> = Vec::new();
        for _ in 0..1 + self.dice.below(6) {
            let key = (*self.dice.of(&TABLES), self.dice.below(ROWS));
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        if !self.dice.one_in(6) {
            keys.sort();
        }
        let mut rows = Vec::new();
        for (table, n) in keys {
            let key = Key { table, id: self.ids[&table][n] };
            let version = self.server.rows.get(&key).map(|row| row.version);
            let is_late = self.dice.one_in(12);
            let expect = if is_late { self.versions.last().copied().or_else(|| Some(new_id())) } else { version };
            let expect = if self.dice.one_in(40) { None } else { expect };
            rows.push(Change { key, expect, fields: self.fields(table, n, version.is_none()) });
        }
        let (mut revisions, mut contents) = (Vec::new(), Vec::new());
        for _ in 0..self.dice.below(3) {
            let lesson = *self.dice.of(&self.ids[&Table::Lessons].clone());
            let parents: Vec<Uuid> =
                self.revisions.iter().chain(&revisions).filter(|r| r.lesson_id == lesson).map(|r| r.id).collect();
            let parent = match parents.len() {
                0 if self.dice.one_in(15) => Some(new_id()),
                0 => None,
                _ => Some(*self.dice.of(&parents)),
            };
            let content = vec![self.dice.below(256) as u8; 1 + self.dice.below(40)];
            let mut made = revision(lesson, parent, self.people[who].0.device, &content);
            made.is_key_frame |= self.dice.one_in(4);
            if self.dice.one_in(5) && !parents.is_empty() {
                made.merged_id = Some(*self.dice.of(&parents));
            }
            for row in &mut rows {
                if row.key.id == lesson && !self.dice.one_in(8) {
                    row.fields.insert("revision_id".into(), json!(made.id));
                }
            }
            contents.push(content);
            revisions.push(made);
        }
        for row in rows.iter_mut().filter(|row| row.key.table == Table::Lessons) {
            if self.dice.one_in(60) {
                row.fields.insert("revision_id".into(), json!(new_id()));
            }
            let known = self.revisions.iter().chain(&revisions).find(|r| r.lesson_id == row.key.id);
            if let Some(known) = known.filter(|_| self.dice.0.is_multiple_of(4)) {
                row.fields.extend([
                    ("published_revision_id".to_owned(), json!(known.id)),
                    ("published_at".to_owned(), json!("2026-03-01T08:00:00+00:00")),
                    ("document".to_owned(), json!({"type": "doc"})),
                    ("markdown".to_owned(), json!("m")),
                    ("html".to_owned(), json!("h")),
                    ("plain_text".to_owned(), json!("p")),
                ]);
            }
        }
        let push = Push {
            client_schema: if self.dice.one_in(40) { 0 } else { CLIENT_SCHEMA },
            horizon: self.point(),
            rows,
            revisions,
            ..self.people[who].0.push_of(Vec::new())
        };
        batch::freeze(&push, &contents).unwrap()
    }

    fn point(&mut self) -> Point {
        match self.dice.below(30) {
            0 => Point { seq: 1, chain: "ab".repeat(32) },
            1 => Point { seq: self.server.head().seq + 1, chain: self.server.head().chain },
            _ => self.dice.of(&self.points.clone()).clone(),
        }
    }

    fn count(&mut self, answer: &str) {
        *self.counts.entry(answer.to_owned()).or_default() += 1;
    }

    async fn push(&mut self) {
        let mut who = if self.dice.one_in(12) { 2 + self.dice.below(2) } else { self.dice.below(2) };
        let frozen = if self.server.rows.is_empty() {
            self.first_push(who)
        } else if self.dice.one_in(8) {
            let (sender, frozen) = self.dice.of(&self.sent.clone()).clone();
            who = if self.dice.one_in(5) { who } else { sender };
            frozen
        } else {
            self.random_push(who)
        };
        let thawed = batch::thaw(&frozen).unwrap();
        let contents: Vec<Vec<u8>> = batch::arguments(&frozen).unwrap().1.into_iter().map(<[u8]>::to_vec).collect();
        let (author, caller) = &mut self.people[who];
        let answer = author.try_send(&thawed, &contents).await.unwrap();
        let mut made = match &answer {
            PushAnswer::Ok { versions, .. } => versions.iter().map(|(.., version)| *version).collect::<Vec<_>>(),
            _ => Vec::new(),
        }
        .into_iter();
        let expected = self.server.push(*caller, &frozen, &mut || made.next().unwrap_or_default());
        match (&answer, &expected) {
            (PushAnswer::Invalid { table, id, .. }, PushAnswer::Invalid { .. }) => {
                let named = thawed.rows.iter().any(|row| row.key == Key { table: *table, id: *id })
                    || thawed.revisions.iter().any(|revision| revision.lesson_id == *id);
                assert!(named, "{answer:?}");
                self.count("invalid");
            }
            (PushAnswer::Stale { rows, head }, PushAnswer::Stale { rows: expected, head: expected_head }) => {
                assert_eq!(head, expected_head);
                assert_eq!(
                    rows.iter().map(|row| (row.table, row.id)).collect::<Vec<_>>(),
                    expected.iter().map(|row| (row.table, row.id)).collect::<Vec<_>>(),
                    "{thawed:#?}"
                );
                for (row, expected) in rows.iter().zip(expected) {
                    assert_eq!(row.row.is_some(), expected.row.is_some());
                    if let (Some(row), Some(expected)) = (&row.row, &expected.row) {
                        assert_same_row(row, expected);
                    }
                }
                self.count("stale");
            }
            _ => {
                assert_eq!(answer, expected, "{thawed:#?}");
                let name = serde_json::to_value(&answer).unwrap()["status"].as_str().unwrap().to_owned();
                let is_repeated = matches!(answer, PushAnswer::Ok { repeated: true, .. });
                self.count(if is_repeated { "repeated" } else { &name });
                if let PushAnswer::Ok { seq, chain, versions, repeated: false } = answer {
                    self.points.push(Point { seq, chain });
                    self.versions.extend(versions.into_iter().map(|(.., version)| version));
                    self.revisions.extend(thawed.revisions);
                }
            }
        }
        self.sent.push((who, frozen));
    }

    async fn write_directly(&mut self) {
        let existing: Vec<Key> = self.server.rows.keys().copied().filter(|key| key.table == Table::Lessons).collect();
        if existing.is_empty() {
            return;
        }
        let key = *self.dice.of(&existing);
        let minutes = self.dice.below(100);
        let sql = format!("update lectern.lessons set duration_minutes = {minutes} where id = '{}'", key.id);
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut self.owner).await.unwrap();
        let (push, version): (Uuid, Uuid) = sqlx::query_as(
            "select p.push_id, l.version from lectern.lessons l join lectern.pushes p on p.course_id = l.course_id and p.seq = l.seq where l.id = $1",
        )
        .bind(key.id)
        .fetch_one(&mut self.owner)
        .await
        .unwrap();
        let mut ids = [push, version].into_iter();
        let fields = serde_json::from_value(json!({"duration_minutes": minutes})).unwrap();
        self.server.write_directly(&[(key, fields)], &mut || ids.next().unwrap());
        self.points.push(self.server.head());
        self.count("written directly");
    }

    async fn pull(&mut self) {
        let who = self.dice.below(4);
        let request = PullRequest {
            organization_id: self.school.id.0,
            course_id: self.school.course.0,
            client_schema: if self.dice.one_in(20) { 0 } else { CLIENT_SCHEMA },
            cursor: self.point(),
            horizon: self.point(),
            pushes: 1 + self.dice.below(6) as u32,
        };
        let (author, caller) = &mut self.people[who];
        let answer = does!(author.desk, |c| lectern::sync::remote::pull(c, &request)).unwrap();
        let expected = self.server.pull(*caller, &request);
        if let (
            PullAnswer::Page { rows, seq, chain, head, access },
            PullAnswer::Page { rows: more, seq: seq2, chain: chain2, head: head2, access: access2 },
        ) = (&answer, &expected)
        {
            assert_eq!((seq, chain, head, access), (seq2, chain2, head2, access2));
            assert_eq!(rows.len(), more.len());
            rows.iter().zip(more).for_each(|(row, expected)| assert_same_row(row, expected));
        } else {
            assert_eq!(answer, expected);
        }
        self.count("pulled");
    }

    async fn fetch(&mut self) {
        let pick = |dice: &mut Dice, revisions: &[Revision]| -> Vec<Uuid> {
            (0..dice.below(4))
                .map(|_| if revisions.is_empty() || dice.one_in(9) { new_id() } else { dice.of(revisions).id })
                .collect()
        };
        let request = FetchRequest {
            organization_id: self.school.id.0,
            course_id: self.school.course.0,
            revisions: pick(&mut self.dice, &self.revisions),
            known: pick(&mut self.dice, &self.revisions),
        };
        let who = self.dice.below(4);
        let (author, caller) = &mut self.people[who];
        let (mut answer, contents) = author.fetch(&request.revisions, &request.known).await;
        if let FetchAnswer::Page { revisions } = &mut answer {
            for revision in revisions {
                assert!(revision.person_id.take().is_some() && revision.created_at.take().is_some());
            }
        }
        assert_eq!((answer, contents), self.server.fetch(*caller, &request, MAX_BYTES));
        self.count("fetched");
    }

    async fn archive(&mut self) {
        self.server.archived = !self.server.archived;
        let value = if self.server.archived { "now()" } else { "null" };
        let sql = format!("update lectern.courses set archived_at = {value}");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut self.owner).await.unwrap();
    }
}

/// As far as the model knows columns.
#[track_caller]
fn assert_same_row(row: &Row, expected: &Row) {
    assert_eq!((row.key, row.version, row.seq), (expected.key, expected.version, expected.seq));
    for (name, value) in expected.fields.iter().filter(|(name, _)| *name != "colour") {
        assert_eq!(row.fields.get(name), Some(value), "{name} of {:?}", row.key);
    }
}

#[tokio::test]
async fn the_model_and_postgresql_give_equal_answers_to_the_same_random_pushes() {
    let (seeds, steps) = if std::env::var_os("LECTERN_TEST_LONG").is_some() { (50, 400) } else { (2, 200) };
    let first: u64 = std::env::var("LECTERN_TEST_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let mut counts = BTreeMap::<String, u32>::new();
    for seed in first..first + seeds {
        println!("seed {seed}");
        let mut trial = Trial::new(seed).await;
        for _ in 0..steps {
            match trial.dice.below(20) {
                0..12 => trial.push().await,
                12 => trial.write_directly().await,
                13..15 => trial.pull().await,
                15..17 => trial.fetch().await,
                _ if trial.server.archived || trial.dice.one_in(4) => trial.archive().await,
                _ => {}
            }
        }
        for (answer, count) in trial.counts {
            *counts.entry(answer).or_default() += count;
        }
    }
    println!("{counts:?}");
    for answer in ["ok", "repeated", "stale", "fork", "denied", "archived", "invalid", "upgrade", "pulled", "fetched"] {
        assert!(counts.contains_key(answer), "no {answer} in {counts:?}");
    }
}
