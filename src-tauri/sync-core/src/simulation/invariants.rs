//! What must hold once everybody is quiet.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::model::chain;
use super::world::{COURSE, Tokens, World, tokens_in, tokens_of};
use crate::cards::is_open;
use crate::merging::Merging;
use crate::places::containers_of;
use crate::store::Store;
use crate::wire::{Fields, Key, Table};
use crate::work::{id, is_archived};

impl World {
    /// Whether nothing is under way and nobody waits for anything.
    pub fn is_quiet(&self) -> Result<bool, String> {
        if !self.late.is_empty() {
            return Ok(false);
        }
        for device in &self.devices {
            let store = device.store();
            let course = store.course(COURSE).unwrap().ok_or("the course is gone")?;
            let quiet = device.inbox.is_empty()
                && store.batch(COURSE).unwrap().is_none()
                && store.waiting(COURSE).unwrap().is_empty()
                && store.bodies_to_fetch(COURSE, 1).unwrap().is_empty()
                && course.cursor == self.server.head()
                && !course.healing
                && course.aside.is_none()
                && !device.machine.status(COURSE).unwrap().asked;
            if !quiet {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub fn unrest(&self) -> String {
        let tell = |(n, device): (usize, &super::world::Device)| {
            let store = device.store();
            let course = store.course(COURSE).unwrap().unwrap();
            let waiting: Vec<_> = store
                .waiting(COURSE)
                .unwrap()
                .into_iter()
                .map(|key| {
                    let row = store.row_of(key).unwrap();
                    let differing: Vec<_> = row
                        .current
                        .iter()
                        .filter(|(field, value)| row.base.as_ref().and_then(|base| base.get(*field)) != Some(*value))
                        .collect();
                    format!("{key:?} {:?} {differing:?} body {:?}", row.refused, store.body_of(key.id))
                })
                .collect();
            format!(
                "device {n}: batch {} waiting {waiting:?} fetch {:?} cursor {} of {} healing {} aside {:?} asked {}",
                store.batch(COURSE).unwrap().is_some(),
                store.bodies_to_fetch(COURSE, 9).unwrap(),
                course.cursor.seq,
                self.server.head().seq,
                course.healing,
                course.aside,
                device.machine.status(COURSE).unwrap().asked,
            )
        };
        self.devices.iter().enumerate().map(tell).collect::<Vec<_>>().join("\n")
    }

    pub fn check(&mut self) -> Result<(), String> {
        self.numbers.cards +=
            u64::try_from(self.server.rows.keys().filter(|key| key.table == Table::MergeCards).count()).unwrap();
        self.converged()?;
        self.nothing_lost()?;
        self.no_orphans()?;
        self.published()?;
        self.counted()?;
        self.cards_have_two_authors()
    }

    fn converged(&self) -> Result<(), String> {
        let server: BTreeMap<Key, Fields> = self
            .server
            .rows
            .iter()
            .map(|(key, row)| {
                let mut fields = row.fields.clone();
                let plain = id(&fields, "revision_id").is_none();
                fields.retain(|field, _| {
                    !matches!(field.as_str(), "document" | "html" | "plain_text") && (plain || field != "markdown")
                });
                (*key, fields)
            })
            .collect();
        for (n, device) in self.devices.iter().enumerate() {
            let here: BTreeMap<Key, Fields> =
                device.store().every_row().map(|row| (row.key, row.current.clone())).collect();
            if here != server {
                let differs = here
                    .iter()
                    .find(|(key, fields)| server.get(key) != Some(fields))
                    .map(|(key, fields)| (*key, fields.clone(), server.get(key)));
                let missing = server.keys().find(|key| !here.contains_key(key));
                return Err(format!("diverged: device {n}: {differs:?} missing {missing:?}"));
            }
            for key in server.keys().filter(|key| key.table == Table::Lessons) {
                let head = id(&server[key], "revision_id").map(|head| self.documents[&head].as_str());
                if device.store().document(key.id) != head {
                    return Err(format!("diverged: device {n} reads another text of {}", key.id));
                }
            }
        }
        Ok(())
    }

    /// Everything acknowledged is there, unless somebody who saw it took it away.
    fn nothing_lost(&self) -> Result<(), String> {
        let mut there = Tokens::new();
        for row in self.server.rows.values() {
            let visible = match row.key.table {
                Table::MergeCards => is_open(&row.fields),
                _ => self.shown(row.key),
            };
            if visible {
                tokens_of(
                    &Value::Object(
                        row.fields
                            .clone()
                            .into_iter()
                            .filter(|(field, _)| {
                                !matches!(field.as_str(), "document" | "html" | "plain_text")
                                    && (field != "markdown" || id(&row.fields, "revision_id").is_none())
                            })
                            .collect(),
                    ),
                    &mut there,
                );
                if let Some(head) = id(&row.fields, "revision_id") {
                    tokens_in(&self.documents[&head], &mut there);
                }
            }
        }
        let lost = self.acknowledged.keys().find(|token| !self.removed.contains(*token) && !there.contains(*token));
        match lost {
            None => Ok(()),
            Some(token) => {
                let mentions = |value: &Value| {
                    let mut said = Tokens::new();
                    tokens_of(value, &mut said);
                    said.contains(token)
                };
                let row = self.server.rows.values().find(|row| {
                    mentions(&json!(row.fields))
                        || id(&row.fields, "revision_id").is_some_and(|head| self.documents[&head].contains(token))
                });
                let told = row.map(|row| {
                    (
                        row.key,
                        row.fields.get("archived_at").cloned(),
                        containers_of(row.key.table, &row.fields)
                            .map(|key| self.server.rows.get(&key).map(|row| row.fields.get("archived_at").cloned()))
                            .collect::<Vec<_>>(),
                    )
                });
                let revision = self
                    .documents
                    .iter()
                    .find(|(_, text)| text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == token))
                    .map(|(id, _)| *id);
                Err(format!("lost: {token} of {:?} row {told:?} revision {revision:?}", self.acknowledged[token]))
            }
        }
    }

    /// Whatever is in use stands in something that is there, and in use unless the desk archived it with its contents.
    fn no_orphans(&self) -> Result<(), String> {
        for row in self.server.rows.values().filter(|row| !is_archived(&row.fields)) {
            for container in containers_of(row.key.table, &row.fields) {
                let Some(holder) = self.server.rows.get(&container) else {
                    return Err(format!("orphan: {:?} stands in nothing", row.key));
                };
                let at = holder.fields.get("archived_at").and_then(Value::as_str).unwrap_or_default();
                if is_archived(&holder.fields) && !at.starts_with("desk") {
                    return Err(format!("orphan: {:?} stands in an archived {container:?}", row.key));
                }
            }
        }
        Ok(())
    }

    /// What is read is the projection of the revision that was published.
    fn published(&self) -> Result<(), String> {
        for row in self.server.rows.values().filter(|row| row.key.table == Table::Lessons) {
            let published = id(&row.fields, "published_revision_id");
            let at = row.fields.get("published_at").is_some_and(|at| !at.is_null());
            if published.is_some() != at {
                return Err(format!("published: {} has half a publication", row.key.id));
            }
            let Some(published) = published else { continue };
            let projection = crate::engine::Engine.project(&self.documents[&published]);
            let read = |field: &str| row.fields.get(field).and_then(Value::as_str).unwrap_or_default();
            if read("markdown") != projection.markdown
                || read("html") != projection.html
                || read("plain_text") != projection.plain_text
            {
                return Err(format!("published: learners of {} read something else", row.key.id));
            }
        }
        Ok(())
    }

    fn counted(&self) -> Result<(), String> {
        let mut before: Option<String> = None;
        let mut seen = std::collections::BTreeSet::new();
        for (n, (seq, push)) in self.server.pushes.iter().enumerate() {
            let next = chain(before.as_deref(), push.push_id);
            if *seq != i64::try_from(n + 1).unwrap() || push.chain != next || !seen.insert(push.push_id) {
                return Err(format!("counted: push {seq} is not the one after the one before"));
            }
            before = Some(next);
        }
        let open =
            self.server.rows.values().filter(|row| row.key.table == Table::MergeCards && is_open(&row.fields)).count();
        for (n, device) in self.devices.iter().enumerate() {
            let status = device.machine.status(COURSE).unwrap();
            if status.waiting != 0 || status.refused != 0 || status.open_cards != open || status.to_download != 0 {
                return Err(format!("counted: device {n} says {status:?}"));
            }
        }
        Ok(())
    }

    /// Nobody is asked to choose between two of their own words: that a device forgot what it had done.
    fn cards_have_two_authors(&self) -> Result<(), String> {
        if self.trouble.restores || self.trouble.revocations {
            return Ok(());
        }
        for row in self.server.rows.values().filter(|row| row.key.table == Table::MergeCards) {
            let said = |field: &str| {
                let mut said = Tokens::new();
                tokens_of(row.fields.get(field).unwrap_or(&Value::Null), &mut said);
                said
            };
            let (head, local) = (said("head"), said("local"));
            let decided = head.iter().chain(&local).any(|token| self.decided.contains(token));
            if row.fields.get("kind") != Some(&json!("field")) || head.is_empty() || local.is_empty() || decided {
                continue;
            }
            let mut authors = head.iter().chain(&local).map(|token| self.acknowledged.get(token));
            let first = authors.next().flatten();
            if first.is_some() && authors.all(|author| author == first) {
                return Err(format!("counted: a card asks {first:?} about their own words: {:?}", row.fields));
            }
        }
        Ok(())
    }
}
