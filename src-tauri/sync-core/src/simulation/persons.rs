//! What people do: on their devices, and at the desk, straight on the server.

use serde_json::{Value, json};
use uuid::Uuid;

use super::world::{COURSE, Failure, Tokens, World, lesson, tokens_in, tokens_of};
use crate::authoring::about;
use crate::cards::is_open;
use crate::engine::canonical;
use crate::merging::Choice;
use crate::places::{containers_of, contents};
use crate::store::{LocalRow, Store};
use crate::wire::{Fields, Key, Table};
use crate::work::{id, is_archived};

impl World {
    /// Somebody does something on a device.
    pub fn act(&mut self, n: usize) -> Result<(), Failure> {
        self.numbers.edits += 1;
        let rows: Vec<LocalRow> = self.visible(n);
        let of =
            |table: Table| -> Vec<Key> { rows.iter().map(|row| row.key).filter(|key| key.table == table).collect() };
        let (sub_courses, lessons, quizzes) = (of(Table::SubCourses), of(Table::Lessons), of(Table::Quizzes));
        let (questions, options) = (of(Table::Questions), of(Table::QuestionOptions));
        let kind = self.random.below(100);
        let place = self.random.pick(&sub_courses).filter(|_| !kind.is_multiple_of(4)).map(|key| key.id);
        let quiz = self.random.pick(&quizzes).map(|key| key.id);
        let question = self.random.pick(&questions).map(|key| key.id);
        match kind {
            0..4 => self.make(n, Table::SubCourses, json!({ "position": "m" }), "title").map(drop),
            4..13 => {
                let made = self.make(n, Table::Lessons, json!({ "sub_course_id": place, "position": "m" }), "title")?;
                self.write(n, made.id)
            }
            13..16 => {
                self.make(n, Table::Quizzes, json!({ "sub_course_id": place, "position": "m" }), "title").map(drop)
            }
            16..20 if quiz.is_some() => {
                let fields = json!({ "quiz_id": quiz, "kind": "multiple_choice", "position": "m" });
                let made = self.make(n, Table::Questions, fields, "prompt")?;
                for position in ["a", "b"] {
                    let fields = json!({ "question_id": made.id, "position": position });
                    self.make(n, Table::QuestionOptions, fields, "label")?;
                }
                Ok(())
            }
            20..22 if question.is_some() => {
                let fields = json!({ "question_id": question, "position": "c" });
                self.make(n, Table::QuestionOptions, fields, "label").map(drop)
            }
            22..25 if question.is_some() => {
                let of_question = |key: &&Key| {
                    self.devices[n].store().row_of(**key).and_then(|row| id(&row.current, "question_id")) == question
                };
                let option = options.iter().find(of_question).filter(|_| kind == 22).map(|key| key.id);
                let field = if option.is_some() { "feedback" } else { "accepted_text" };
                self.make(n, Table::AnswerKeys, json!({ "question_id": question, "option_id": option }), field)
                    .map(drop)
            }
            25..38 => self.reword(n, &rows),
            38..43 => self.moves(n, &rows, &sub_courses),
            43..46 => self.archive(n, &rows),
            46..48 => self.restore(n),
            48..52 => self.decide_card(n),
            52..54 => match self.random.pick(&lessons) {
                Some(key) => {
                    let random = &mut self.random;
                    let name = Some("a version");
                    self.devices[n].machine.save_version(COURSE, key.id, name, &mut || random.id()).map(drop)
                }
                None => Ok(()),
            },
            54..58 => match self.random.pick(&lessons).copied() {
                Some(key) => {
                    let at = self.now();
                    let random = &mut self.random;
                    self.numbers.published += 1;
                    self.devices[n].machine.publish(COURSE, key.id, &at, &mut || random.id()).map(drop)
                }
                None => Ok(()),
            },
            58 => match self.random.pick(&lessons).copied() {
                Some(key) => self.edit(n, key, [("title".to_owned(), json!(" "))].into(), None),
                None => Ok(()),
            },
            _ => match self.random.pick(&lessons).copied() {
                Some(key) => self.write(n, key.id),
                None => Ok(()),
            },
        }
    }

    /// Somebody brings half a course along.
    pub fn found(&mut self, n: usize) -> Result<(), Failure> {
        for _ in 0..2 {
            let place = self.make(n, Table::SubCourses, json!({ "position": "m" }), "title")?.id;
            for _ in 0..4 + self.random.below(10) {
                let lesson =
                    self.make(n, Table::Lessons, json!({ "sub_course_id": place, "position": "m" }), "title")?;
                if self.random.percent(30) {
                    self.write(n, lesson.id)?;
                }
            }
        }
        Ok(())
    }

    /// The rows somebody at this device sees: in use, in containers in use.
    pub fn visible(&self, n: usize) -> Vec<LocalRow> {
        let store = self.devices[n].store();
        let in_use = |row: &&LocalRow| row.key.table != Table::MergeCards && self.in_use(n, row.key);
        store.every_row().filter(in_use).cloned().collect()
    }

    fn in_use(&self, n: usize, key: Key) -> bool {
        let Some(row) = self.devices[n].store().row_of(key) else { return true };
        !is_archived(&row.current) && containers_of(key.table, &row.current).all(|container| self.in_use(n, container))
    }

    /// The words somebody at this device sees of these rows.
    fn seen(&self, n: usize, keys: &[Key]) -> Tokens {
        let (store, mut seen) = (self.devices[n].store(), Tokens::new());
        for key in keys {
            let Some(row) = store.row_of(*key) else { continue };
            if is_archived(&row.current) || (key.table == Table::MergeCards && !is_open(&row.current)) {
                continue;
            }
            let mut fields = row.current.clone();
            fields.remove("markdown");
            tokens_of(&json!(fields), &mut seen);
            if key.table == Table::Lessons {
                let document = self.devices[n].machine.document(COURSE, key.id).unwrap();
                let head = row.base.as_ref().and_then(|base| id(base, "revision_id"));
                // Somebody who has not downloaded a lesson archives what it says on the server.
                let unread = head.and_then(|head| self.documents.get(&head)).map(String::as_str);
                document.as_deref().or(unread).into_iter().for_each(|text| tokens_in(text, &mut seen));
            }
        }
        seen
    }

    /// Does something that touches these rows, and remembers what was promised and what was taken away.
    fn watch(
        &mut self,
        n: usize,
        keys: &[Key],
        token: Option<&str>,
        act: impl FnOnce(&mut Self) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let before = self.seen(n, keys);
        let outcome = act(self);
        let after = self.seen(n, keys);
        self.removed.extend(before.difference(&after).cloned());
        if let (Ok(()), Some(token)) = (&outcome, token) {
            self.acknowledged.insert(token.to_owned(), Some(n));
        }
        outcome
    }

    fn edit(&mut self, n: usize, key: Key, fields: Fields, token: Option<&str>) -> Result<(), Failure> {
        self.watch(n, &[key], token, |world| world.devices[n].machine.edit(COURSE, key, &fields))
    }

    fn make(&mut self, n: usize, table: Table, fields: Value, name: &str) -> Result<Key, Failure> {
        let key = Key { table, id: self.random.id() };
        let token = self.token();
        let mut fields: Fields = fields.as_object().unwrap().clone().into_iter().collect();
        fields.insert(name.to_owned(), json!(token));
        self.edit(n, key, fields, Some(&token))?;
        Ok(key)
    }

    fn reword(&mut self, n: usize, rows: &[LocalRow]) -> Result<(), Failure> {
        let Some(row) = self.random.pick(rows) else { return Ok(()) };
        let mut fields: Vec<&str> = match row.key.table {
            Table::SubCourses | Table::Quizzes => vec!["title", "description"],
            Table::Lessons => vec!["title"],
            Table::Questions => vec!["prompt", "explanation"],
            Table::QuestionOptions => vec!["label"],
            _ => vec!["accepted_text"],
        };
        if self.devices[n].schema == 2 && row.version.is_some() {
            fields.push("colour");
        }
        let field = *self.random.pick(&fields).unwrap();
        let token = self.token();
        let before = row.current.get(field).and_then(Value::as_str).unwrap_or_default();
        let text = if self.random.percent(50) { format!("{before} {token}") } else { token.clone() };
        self.edit(n, row.key, [(field.to_owned(), json!(text))].into(), Some(&token))
    }

    fn moves(&mut self, n: usize, rows: &[LocalRow], sub_courses: &[Key]) -> Result<(), Failure> {
        let Some(row) = self.random.pick(rows) else { return Ok(()) };
        let mut fields = Fields::from([("position".to_owned(), json!(format!("p{}", self.random.below(1000))))]);
        if matches!(row.key.table, Table::Lessons | Table::Quizzes) && self.random.percent(50) {
            let place = self.random.pick(sub_courses).filter(|key| key.id.as_u128() % 3 > 0).map(|key| key.id);
            fields.insert("sub_course_id".into(), json!(place));
        }
        let key = row.key;
        if key.table != Table::AnswerKeys {
            self.edit(n, key, fields, None)?;
        }
        Ok(())
    }

    fn below(&self, n: usize, key: Key, into: &mut Vec<Key>) {
        into.push(key);
        for (table, field) in contents(key.table) {
            for child in self.devices[n].store().children(*table, field, key.id).unwrap_or_default() {
                self.below(n, child, into);
            }
        }
    }

    fn archive(&mut self, n: usize, rows: &[LocalRow]) -> Result<(), Failure> {
        let containers: Vec<Key> =
            rows.iter().map(|row| row.key).filter(|key| key.table == Table::SubCourses).collect();
        let container = self.random.pick(&containers).copied().filter(|key| key.id.as_u128() % 3 < 1);
        let Some(key) = container.or(self.random.pick(rows).map(|row| row.key)) else { return Ok(()) };
        let mut keys = Vec::new();
        self.below(n, key, &mut keys);
        let at = self.now();
        self.watch(n, &keys, None, |world| world.devices[n].machine.archive(COURSE, key, &at))
    }

    fn restore(&mut self, n: usize) -> Result<(), Failure> {
        let archived = self.devices[n].store().every_row().filter(|row| is_archived(&row.current));
        let archived: Vec<Key> = archived.map(|row| row.key).collect();
        match self.random.pick(&archived).copied() {
            Some(key) => self.devices[n].machine.restore(COURSE, key),
            None => Ok(()),
        }
    }

    fn decide_card(&mut self, n: usize) -> Result<(), Failure> {
        let cards = self.devices[n].store().every_row().filter(|row| row.key.table == Table::MergeCards);
        let open: Vec<LocalRow> = cards.filter(|row| is_open(&row.current)).cloned().collect();
        let Some(card) = self.random.pick(&open) else { return Ok(()) };
        let choice = *self.random.pick(&[Choice::Keep, Choice::UseOther, Choice::KeepBoth]).unwrap();
        let mut keys = vec![card.key];
        keys.extend(about(&card.current));
        for key in keys.clone() {
            self.below(n, key, &mut keys);
        }
        tokens_of(&json!(card.current), &mut self.decided);
        self.numbers.decided += 1;
        let at = self.now();
        let id = card.key.id;
        self.watch(n, &keys, None, |world| world.devices[n].machine.resolve(COURSE, id, choice, &at))
    }

    /// Somebody writes in a lesson that is on this device.
    fn write(&mut self, n: usize, id: Uuid) -> Result<(), Failure> {
        let store = self.devices[n].store();
        let row = store.row_of(lesson(id));
        let text = self.devices[n].machine.document(COURSE, id)?;
        let has_text =
            row.and_then(|row| row.base.as_ref()).is_some_and(|base| crate::work::id(base, "revision_id").is_some());
        if has_text && text.is_none() {
            return Ok(());
        }
        let mut blocks = text.map_or_else(Vec::new, |text| {
            serde_json::from_str::<Value>(&text).unwrap()["content"].as_array().cloned().unwrap_or_default()
        });
        let token = self.token();
        let fresh = json!({ "type": "paragraph", "attrs": { "id": self.random.id() }, "content": [{ "type": "text", "text": token }] });
        if blocks.is_empty() {
            blocks.push(fresh);
            return self.put(n, id, &blocks, Some(&token));
        }
        let at = self.random.below(blocks.len());
        let text = blocks[at]["content"][0]["text"].as_str().unwrap_or_default().to_owned();
        let mut words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
        let chance = self.random.below(10);
        let says = |words: &[&str]| match words.is_empty() {
            true => json!([]),
            false => json!([{ "type": "text", "text": words.join(" ") }]),
        };
        let mut promised = None;
        match chance {
            0..4 => {
                words.insert(self.random.below(words.len() + 1), &token);
                blocks[at]["content"] = says(&words);
                promised = Some(token.as_str());
            }
            4..6 => {
                blocks.insert(at, fresh);
                promised = Some(token.as_str());
            }
            6 if blocks.len() > 1 => drop(blocks.remove(at)),
            7 => {
                let heading = blocks[at]["type"] == "heading";
                blocks[at]["type"] = json!(if heading { "paragraph" } else { "heading" });
                match heading {
                    true => drop(blocks[at]["attrs"].as_object_mut().unwrap().remove("level")),
                    false => blocks[at]["attrs"]["level"] = json!(2),
                }
            }
            8 if words.len() > 1 => {
                words.remove(self.random.below(words.len()));
                blocks[at]["content"] = says(&words);
            }
            _ => {
                let block = blocks.remove(at);
                blocks.insert(self.random.below(blocks.len() + 1), block);
            }
        }
        self.put(n, id, &blocks, promised)
    }

    fn put(&mut self, n: usize, id: Uuid, blocks: &[Value], token: Option<&str>) -> Result<(), Failure> {
        let document = canonical(&json!({ "type": "doc", "content": blocks })).unwrap();
        self.watch(n, &[lesson(id)], token, |world| world.devices[n].machine.write(COURSE, id, &document))
    }

    /// At the end everybody mends what the server refuses.
    pub fn mend(&mut self, n: usize) -> Result<(), Failure> {
        let refused = self.devices[n].store().every_row().find(|row| row.refused.is_some()).cloned();
        let Some(row) = refused else { return Ok(()) };
        let is_empty =
            |field: &str| row.current.get(field).and_then(Value::as_str).is_some_and(|text| text.trim().is_empty());
        match ["title", "prompt", "label"].into_iter().find(|field| is_empty(field)) {
            Some(field) => {
                let token = self.token();
                let promised = Some(token.as_str()).filter(|_| self.in_use(n, row.key));
                self.edit(n, row.key, [(field.to_owned(), json!(token))].into(), promised)
            }
            None => self.edit(n, row.key, Fields::new(), None),
        }
    }

    /// Somebody at the desk, or an import, writes straight to the server.
    pub fn desk(&mut self) {
        let live: Vec<Key> = self
            .server
            .rows
            .values()
            .filter(|row| row.key.table != Table::MergeCards && self.shown(row.key))
            .map(|row| row.key)
            .collect();
        if self.random.percent(20) {
            let (title, words) = (self.token(), self.token());
            let fields = json!({ "title": title, "position": "d", "markdown": format!("{words} and more") });
            let key = Key { table: Table::Lessons, id: self.random.id() };
            self.acknowledged.extend([(title, None), (words, None)]);
            let random = &mut self.random;
            let fields = fields.as_object().unwrap().clone().into_iter().collect();
            return self.server.write_directly(&[(key, fields)], &mut || random.id());
        }
        let Some(key) = self.random.pick(&live).copied() else { return };
        let fields = self.server.rows[&key].fields.clone();
        let mut changes = Fields::new();
        let field = match key.table {
            Table::SubCourses | Table::Lessons | Table::Quizzes => "title",
            Table::Questions => "prompt",
            Table::QuestionOptions => "label",
            _ => "accepted_text",
        };
        if self.random.percent(15) {
            let mut gone = Tokens::new();
            self.on_server(key, &mut gone);
            self.removed.extend(gone);
            changes.insert("archived_at".into(), json!(format!("desk{}", self.now())));
        } else {
            let token = self.token();
            tokens_of(&fields.get(field).cloned().unwrap_or_default(), &mut self.removed);
            self.acknowledged.insert(token.clone(), None);
            changes.insert(field.into(), json!(token));
        }
        let random = &mut self.random;
        self.server.write_directly(&[(key, changes)], &mut || random.id());
    }

    /// Whether learners could see the row: it and what it stands in are in use.
    pub fn shown(&self, key: Key) -> bool {
        let Some(row) = self.server.rows.get(&key) else { return false };
        !is_archived(&row.fields) && containers_of(key.table, &row.fields).all(|container| self.shown(container))
    }

    /// The words of a row on the server and of everything in it.
    fn on_server(&self, key: Key, into: &mut Tokens) {
        let Some(row) = self.server.rows.get(&key) else { return };
        tokens_of(&json!(row.fields), into);
        if let Some(document) = id(&row.fields, "revision_id").and_then(|head| self.documents.get(&head)) {
            tokens_in(document, into);
        }
        for (table, field) in contents(key.table) {
            let within = |row: &&crate::wire::Row| row.key.table == *table && id(&row.fields, field) == Some(key.id);
            let children: Vec<Key> = self.server.rows.values().filter(within).map(|row| row.key).collect();
            children.into_iter().for_each(|child| self.on_server(child, into));
        }
    }
}
