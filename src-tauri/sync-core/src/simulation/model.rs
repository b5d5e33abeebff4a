//! The server as a model: what `sync_push`, `sync_pull` and `sync_bodies` must answer, in memory. One course.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::Mutant;
use crate::batch;
use crate::frames::hexadecimal;
use crate::places::{containers, containers_of, contents};
use crate::wire::{
    Access, Change, FetchAnswer, FetchRequest, Fields, Key, MAX_BYTES, MAX_ROWS, Point, PullAnswer, PullRequest, Push,
    PushAnswer, Revision, Row, StaleRow, Table,
};
use crate::work::{id, is_archived};

/// The columns a pull leaves out.
const WRITTEN_ONLY: [&str; 4] = ["document", "markdown", "html", "plain_text"];

/// Who asks, and what they may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    pub person: Uuid,
    /// None: not a member of the course at all.
    pub access: Option<Access>,
}

/// Who pushed, and the versions their rows have since.
pub type Receipt = (Uuid, Vec<(Table, Uuid, Uuid)>);

#[derive(Clone, Debug)]
pub struct PushRow {
    pub push_id: Uuid,
    pub chain: String,
    /// The person who pushed, with the receipt; none for other writers.
    pub receipt: Option<Receipt>,
}

#[derive(Clone, Debug, Default)]
pub struct Server {
    pub mutant: Mutant,
    pub minimum_schema: u32,
    pub archived: bool,
    pub rows: BTreeMap<Key, Row>,
    pub pushes: BTreeMap<i64, PushRow>,
    pub receipts: BTreeMap<Uuid, i64>,
    pub revisions: BTreeMap<Uuid, (Revision, Arc<Vec<u8>>)>,
}

impl Server {
    #[must_use]
    pub fn head(&self) -> Point {
        let last = self.pushes.last_key_value();
        last.map(|(seq, push)| Point { seq: *seq, chain: push.chain.clone() }).unwrap_or_default()
    }

    #[must_use]
    pub fn knows(&self, point: &Point) -> bool {
        self.mutant.no_fork_check
            || point.seq == 0
            || self.pushes.get(&point.seq).is_some_and(|push| push.chain == point.chain)
    }

    fn take_seq(&mut self, push_id: Uuid, receipt: Option<Receipt>) -> i64 {
        let seq = self.head().seq + 1;
        let chain = chain(self.pushes.last_key_value().map(|(_, push)| push.chain.as_str()), push_id);
        self.pushes.insert(seq, PushRow { push_id, chain, receipt });
        seq
    }

    /// `ids` makes the versions.
    pub fn push(&mut self, caller: Caller, frozen: &[u8], ids: &mut impl FnMut() -> Uuid) -> PushAnswer {
        let (Ok(push), Ok((_, contents))) = (batch::thaw(frozen), batch::arguments(frozen)) else {
            return PushAnswer::TooLarge;
        };
        if !self.mutant.no_receipts
            && let Some((seq, push)) =
                self.receipts.get(&push.push_id).and_then(|seq| Some((seq, self.pushes.get(seq)?)))
            && let Some((person, versions)) = &push.receipt
            && *person == caller.person
        {
            let (chain, versions) = (push.chain.clone(), versions.clone());
            return PushAnswer::Ok { seq: *seq, chain, versions, repeated: true };
        }
        match caller.access {
            Some(Access::Write) => {}
            _ => return PushAnswer::Denied,
        }
        if push.client_schema < self.minimum_schema {
            return PushAnswer::Upgrade { minimum: self.minimum_schema };
        }
        if push.rows.len() > MAX_ROWS || frozen.len() > MAX_BYTES {
            return PushAnswer::TooLarge;
        }
        if self.archived {
            return PushAnswer::Archived;
        }
        if !self.knows(&push.horizon) {
            return PushAnswer::Fork;
        }
        if !self.mutant.no_compare_and_set {
            let stale = self.stale(&push);
            if !stale.is_empty() {
                return PushAnswer::Stale { rows: stale, head: self.head() };
            }
        }
        if let Some((key, reason)) = self.refused(&push) {
            return PushAnswer::Invalid { table: key.table, id: key.id, reason };
        }
        let versions: Vec<_> = push.rows.iter().map(|change| (change.key.table, change.key.id, ids())).collect();
        let seq = self.take_seq(push.push_id, Some((caller.person, versions.clone())));
        self.receipts.insert(push.push_id, seq);
        for (change, (.., version)) in push.rows.iter().zip(&versions) {
            self.write(change, *version, seq, push.device_id);
        }
        for (revision, content) in push.revisions.iter().zip(contents) {
            self.revisions.entry(revision.id).or_insert_with(|| (revision.clone(), Arc::new(content.to_vec())));
        }
        PushAnswer::Ok { seq, chain: self.head().chain, versions, repeated: false }
    }

    fn write(&mut self, change: &Change, version: Uuid, seq: i64, device: Uuid) {
        let row = self.rows.entry(change.key).or_insert_with(|| {
            let mut fields = defaults(change.key.table);
            if change.key.table == Table::MergeCards {
                fields.insert("device_id".into(), json!(device));
            }
            Row { key: change.key, version, seq, fields }
        });
        row.version = version;
        row.seq = seq;
        row.fields.extend(change.fields.clone());
    }

    /// What an import, the desk or plain SQL does: the trigger stamps it.
    pub fn write_directly(&mut self, changes: &[(Key, Fields)], ids: &mut impl FnMut() -> Uuid) {
        let seq = self.take_seq(ids(), None);
        for (key, fields) in changes {
            let change = Change { key: *key, expect: None, fields: fields.clone() };
            self.write(&change, ids(), seq, Uuid::nil());
        }
    }

    fn stale(&self, push: &Push) -> Vec<StaleRow> {
        let mut keys: Vec<Key> = push
            .rows
            .iter()
            .filter(|change| self.rows.get(&change.key).map(|row| row.version) != change.expect)
            .map(|change| change.key)
            .collect();
        // As the rows will be.
        let after = |key: Key| -> Option<Fields> {
            let mut fields = self.rows.get(&key).map(|row| row.fields.clone());
            for change in push.rows.iter().filter(|change| change.key == key) {
                fields.get_or_insert_default().extend(change.fields.clone());
            }
            fields
        };
        for change in &push.rows {
            let Some(fields) = after(change.key) else { continue };
            if is_archived(&fields) {
                if change.fields.contains_key("archived_at") {
                    for (table, field) in contents(change.key.table) {
                        let children = self.rows.values().filter(|row| row.key.table == *table);
                        keys.extend(children.map(|row| row.key).filter(|child| {
                            after(*child)
                                .is_some_and(|child| id(&child, field) == Some(change.key.id) && !is_archived(&child))
                        }));
                    }
                }
            } else {
                let mut above: Vec<Key> = containers_of(change.key.table, &fields).collect();
                while let Some(container) = above.pop() {
                    let Some(fields) = after(container) else { continue };
                    above.extend(containers_of(container.table, &fields));
                    keys.extend(is_archived(&fields).then_some(container));
                }
            }
        }
        keys.sort_unstable();
        keys.dedup();
        let row = |key: Key| StaleRow { table: key.table, id: key.id, row: self.rows.get(&key).map(shown) };
        keys.into_iter().map(row).collect()
    }

    /// What constraints would say.
    fn refused(&self, push: &Push) -> Option<(Key, String)> {
        for change in &push.rows {
            let refuse = |reason: &str| Some((change.key, reason.to_owned()));
            let written = |field: &str| change.fields.get(field).and_then(Value::as_str);
            if ["title", "prompt", "label"]
                .iter()
                .any(|field| written(field).is_some_and(|text| text.trim().is_empty()))
            {
                return refuse("Give it a name.");
            }
            for (field, table) in containers(change.key.table) {
                let Some(container) = id(&change.fields, field) else { continue };
                let container = Key { table: *table, id: container };
                let before = push.rows.iter().take_while(|sent| sent.key != change.key);
                if !self.rows.contains_key(&container) && !before.into_iter().any(|sent| sent.key == container) {
                    return refuse("What it stands in is not there.");
                }
            }
            for field in ["revision_id", "published_revision_id"] {
                let Some(revision) = id(&change.fields, field) else { continue };
                if !self.revisions.contains_key(&revision) && !push.revisions.iter().any(|sent| sent.id == revision) {
                    return refuse("Its text is not there.");
                }
            }
        }
        for (n, revision) in push.revisions.iter().enumerate() {
            let there =
                |id: &Uuid| self.revisions.contains_key(id) || push.revisions[..n].iter().any(|sent| sent.id == *id);
            let lesson = Key { table: Table::Lessons, id: revision.lesson_id };
            let has_lesson = self.rows.contains_key(&lesson) || push.rows.iter().any(|change| change.key == lesson);
            if !has_lesson || !revision.parent_id.iter().chain(&revision.merged_id).all(there) {
                return Some((lesson, "What its text was written on is not there.".into()));
            }
        }
        None
    }

    #[must_use]
    pub fn pull(&self, caller: Caller, request: &PullRequest) -> PullAnswer {
        let Some(access) = caller.access else { return PullAnswer::Denied };
        if request.client_schema < self.minimum_schema {
            return PullAnswer::Upgrade { minimum: self.minimum_schema };
        }
        if !self.knows(&request.cursor) || !self.knows(&request.horizon) {
            return PullAnswer::Fork;
        }
        let after = self.pushes.range(request.cursor.seq + 1..).take(request.pushes as usize);
        let upto = after.last().map(|(seq, push)| Point { seq: *seq, chain: push.chain.clone() });
        let upto = upto.unwrap_or_else(|| request.cursor.clone());
        let new = |row: &&Row| row.seq > request.cursor.seq && row.seq <= upto.seq;
        let mut rows: Vec<Row> = self.rows.values().filter(new).map(shown).collect();
        rows.sort_by_key(|row| row.seq);
        let access = if self.archived { Access::Archived } else { access };
        PullAnswer::Page { rows, seq: upto.seq, chain: upto.chain, head: self.head(), access }
    }

    #[must_use]
    pub fn fetch(&self, caller: Caller, request: &FetchRequest, at_most: usize) -> (FetchAnswer, Vec<Vec<u8>>) {
        if caller.access.is_none() {
            return (FetchAnswer::Denied, Vec::new());
        }
        let (mut revisions, mut contents): (Vec<Revision>, Vec<Vec<u8>>) = (Vec::new(), Vec::new());
        for wanted in &request.revisions {
            let mut line = Vec::new();
            let mut next = Some(*wanted);
            while let Some((revision, content)) = next.and_then(|id| self.revisions.get(&id)) {
                next = revision.parent_id.filter(|parent| !revision.is_key_frame && !request.known.contains(parent));
                line.push((revision.clone(), content.to_vec()));
            }
            line.retain(|(revision, _)| !revisions.iter().any(|sent| sent.id == revision.id));
            let size = |contents: &[Vec<u8>]| contents.iter().map(Vec::len).sum::<usize>();
            let more: usize = line.iter().map(|(_, content)| content.len()).sum();
            if !revisions.is_empty() && size(&contents) + more > at_most {
                break;
            }
            for (revision, content) in line.into_iter().rev() {
                revisions.push(revision);
                contents.push(content);
            }
        }
        (FetchAnswer::Page { revisions }, contents)
    }
}

/// The chain after one more push.
#[must_use]
pub fn chain(before: Option<&str>, push_id: Uuid) -> String {
    let mut bytes = before.map_or_else(
        || vec![0; 32],
        |text| (0..text.len() / 2).filter_map(|n| u8::from_str_radix(text.get(2 * n..2 * n + 2)?, 16).ok()).collect(),
    );
    bytes.extend(push_id.as_bytes());
    hexadecimal(&Sha256::digest(&bytes))
}

/// A row as a pull gives it.
fn shown(row: &Row) -> Row {
    let mut row = row.clone();
    let plain = id(&row.fields, "revision_id").is_none();
    row.fields.retain(|field, _| !WRITTEN_ONLY.contains(&field.as_str()) || (plain && field == "markdown"));
    row
}

/// Columns a new row has without being told. `colour` came with client schema 2.
fn defaults(table: Table) -> Fields {
    let common: &[&str] = match table {
        Table::MergeCards | Table::Unknown => &[],
        Table::Lessons => {
            &["archived_at", "colour", "sub_course_id", "revision_id", "published_at", "published_revision_id", "video"]
        }
        Table::Quizzes => &["archived_at", "colour", "sub_course_id", "time_limit_minutes"],
        _ => &["archived_at", "colour"],
    };
    let mut fields: Fields = common.iter().map(|field| ((*field).to_owned(), Value::Null)).collect();
    match table {
        Table::SubCourses | Table::Quizzes => fields.insert("description".into(), json!("")),
        Table::Lessons => fields.insert("duration_minutes".into(), json!(0)),
        Table::AnswerKeys => fields.insert("weight_percent".into(), json!(100)),
        _ => None,
    };
    fields
}
