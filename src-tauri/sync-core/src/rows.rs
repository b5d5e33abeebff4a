//! A row of the server meets the row of this device.

use serde_json::Value;

use crate::cards;
use crate::merging::{Difference, Merging};
use crate::places::{containers, containers_of, contents};
use crate::store::{Body, BodyBase, Draft, LocalRow, SEEN, Seen, Store};
use crate::wire::{Fields, Key, Row, Table};
use crate::work::{Work, id, is_archived};

/// A publication is one decision: when, and what.
const PUBLICATION: [&str; 2] = ["published_at", "published_revision_id"];

impl<S: Store> Work<'_, S> {
    /// Takes a row as the server has it.
    pub fn arrive(&mut self, merging: &impl Merging, row: Row) -> Result<(), S::Error> {
        if row.key.table == Table::Unknown {
            return Ok(());
        }
        let Some(mut local) = self.row(row.key)? else {
            self.met.note(row.key, &row.fields, None);
            self.put(LocalRow {
                course_id: self.course.course_id,
                key: row.key,
                version: Some(row.version),
                base: Some(row.fields.clone()),
                current: row.fields.clone(),
                seen: vec![Seen { version: row.version, fields: row.fields }],
                unsure: false,
                refused: None,
            });
            return Ok(());
        };
        // After the server went back in time its row may be one this device knew earlier; else nothing is known of it.
        let known = local.seen.iter().rev().find(|seen| seen.version == row.version).map(|seen| seen.fields.clone());
        let base = match local.unsure {
            true => known,
            false => local.base.clone(),
        };
        self.met.note(row.key, &local.current, Some((base.clone(), local.current.clone())));
        if local.unsure {
            self.doubt_body(row.key, &row.fields)?;
        }
        let touched = row.key.table == Table::Lessons && self.body_waits(row.key.id)?;
        if local.is_changed() || local.unsure || touched {
            let (current, differences) = merge(merging, row.key, base.as_ref(), &row.fields, &local.current, touched);
            self.put_cards(row.key, &differences)?;
            if current != local.current {
                local.refused = None;
            }
            local.current = current;
        } else {
            local.current = row.fields.clone();
        }
        local.seen.retain(|seen| seen.version != row.version);
        local.seen.push(Seen { version: row.version, fields: row.fields.clone() });
        if local.seen.len() > SEEN {
            local.seen.remove(0);
        }
        local.version = Some(row.version);
        local.base = Some(row.fields);
        local.unsure = false;
        self.put(local);
        Ok(())
    }

    /// The server does not have the row: everything of it is this device's to send.
    pub fn vanish(&mut self, merging: &impl Merging, key: Key) -> Result<(), S::Error> {
        let Some(mut row) = self.row(key)? else { return Ok(()) };
        if self.body(key.id)?.is_none()
            && let Some(text) = self.written_before(merging, key.id)?
        {
            self.put_body(Body { lesson_id: key.id, current: Some(text), ..Body::default() });
        }
        row.version = None;
        row.base = None;
        row.seen.clear();
        row.unsure = false;
        row.refused = None;
        for field in cards::SET_BY_SERVER {
            if key.table == Table::MergeCards {
                row.current.remove(field);
            }
        }
        if key.table == Table::Lessons {
            row.current.insert("revision_id".into(), Value::Null);
            self.rebase_body(key, None)?;
            self.republish(&mut row)?;
        }
        self.put(row);
        Ok(())
    }

    pub(crate) fn body_waits(&self, lesson: uuid::Uuid) -> Result<bool, S::Error> {
        Ok(self.body(lesson)?.is_some_and(|body| body.current.is_some()))
    }

    /// The server went back: what is the body here written on?
    fn doubt_body(&mut self, key: Key, head: &Fields) -> Result<(), S::Error> {
        if key.table != Table::Lessons {
            return Ok(());
        }
        let head = id(head, "revision_id");
        let Some(body) = self.body(key.id)? else { return Ok(()) };
        if head.is_some() && body.base.as_ref().map(|base| base.revision_id) == head {
            return Ok(());
        }
        // Only what the body once held can have been changed here; against anything else nothing may count as deleted.
        let base = head.filter(|head| body.known.contains(head));
        self.rebase_body(key, base.map(|revision_id| BodyBase { revision_id, document: None, depth: 0 }))
    }

    /// What the person sees stays, written on another base.
    fn rebase_body(&mut self, key: Key, base: Option<BodyBase>) -> Result<(), S::Error> {
        self.orphan_drafts(key.id)?;
        let Some(body) = self.body(key.id)? else { return Ok(()) };
        let old = body.base.as_ref();
        let current = body.current.clone().or_else(|| old.and_then(|base| base.document.clone()));
        // A publication names its revision: it is kept to be sent again under its own name.
        if let (Some(old), Some(row)) = (old, self.row(key)?)
            && let Some(document) = &old.document
            && id(&row.current, "published_revision_id") == Some(old.revision_id)
        {
            self.put_draft(Draft {
                id: old.revision_id,
                lesson_id: key.id,
                parent_id: None,
                merged_id: None,
                name: None,
                document: document.clone(),
            })?;
        }
        self.put_body(Body { base, current, ..body });
        Ok(())
    }

    /// A publication that cannot be sent again because its revision is not here is taken back: what the server shows now
    /// stays, and the draft is untouched.
    pub(crate) fn republish(&mut self, row: &mut LocalRow) -> Result<(), S::Error> {
        let Some(published) = id(&row.current, "published_revision_id") else { return Ok(()) };
        if row.base.as_ref().and_then(|base| id(base, "published_revision_id")) == Some(published) {
            return Ok(());
        }
        let drafted = self.drafts(row.key.id)?.iter().any(|draft| draft.id == published);
        let downloaded = self
            .body(row.key.id)?
            .and_then(|body| body.base)
            .is_some_and(|base| base.revision_id == published && base.document.is_some() && row.base.is_some());
        if drafted || downloaded {
            return Ok(());
        }
        for field in PUBLICATION {
            let now = row.base.as_ref().and_then(|base| base.get(field)).cloned().unwrap_or_default();
            row.current.insert(field.into(), now);
        }
        self.put_cards(row.key, &[cards::unpublished(published)])
    }

    pub fn put_cards(&mut self, key: Key, differences: &[Difference]) -> Result<(), S::Error> {
        for difference in differences {
            // A decided card does not answer for the same difference met again.
            for again in 0.. {
                let card = cards::row(self.course.course_id, key, difference, again);
                match self.row(card.key)? {
                    None => self.put(card),
                    Some(known) if !cards::is_open(&known.current) => continue,
                    Some(_) => {}
                }
                break;
            }
        }
        Ok(())
    }

    /// Delete never beats an unseen edit, one level up: something live must not stand in a container that this device
    /// archives, nor something changed in one that others archived.
    pub fn settle(&mut self, merging: &impl Merging) -> Result<(), S::Error> {
        self.settle_answers(merging)?;
        for key in self.touched() {
            self.settle_row(key)?;
            if self.row(key)?.is_some_and(|row| is_archived(&row.current)) {
                for (table, field) in contents(key.table) {
                    for child in self.children(*table, field, key.id)? {
                        self.settle_row(child)?;
                    }
                }
            }
        }
        Ok(())
    }

    pub fn settle_row(&mut self, key: Key) -> Result<(), S::Error> {
        if self.row(key)?.is_some_and(|row| !is_archived(&row.current)) {
            let waits = self.waits(key)?;
            self.settle_above(key, waits)?;
        }
        Ok(())
    }

    /// At any level: a question changed in a quiz of an archived sub-course brings the sub-course back.
    fn settle_above(&mut self, key: Key, waits: bool) -> Result<(), S::Error> {
        let Some(row) = self.row(key)? else { return Ok(()) };
        for container in containers_of(key.table, &row.current) {
            let Some(mut holder) = self.row(container)? else { continue };
            let ours = !holder.base.as_ref().is_some_and(is_archived);
            let archived = is_archived(&holder.current);
            if archived && (ours || waits) {
                let was = holder.current.insert("archived_at".into(), Value::Null).unwrap_or_default();
                holder.refused = None;
                self.put(holder);
                self.put_cards(container, &[cards::revived(key, was, ours)])?;
            }
            if !archived || ours || waits {
                self.settle_above(container, waits || archived)?;
            }
        }
        Ok(())
    }
}

/// The three-way merge of a row. `body_changed`: a lesson's text was changed here as well.
fn merge(
    merging: &impl Merging,
    key: Key,
    base: Option<&Fields>,
    head: &Fields,
    local: &Fields,
    body_changed: bool,
) -> (Fields, Vec<Difference>) {
    if key.table == Table::MergeCards {
        return (cards::merge(head, local), Vec::new());
    }
    let plain = |fields: &Fields| -> Fields {
        let decided_here = |field: &str| {
            matches!(field, "archived_at" | "revision_id" | "markdown")
                || (key.table == Table::Lessons && PUBLICATION.contains(&field))
        };
        fields
            .iter()
            .filter(|(field, _)| !decided_here(field))
            .map(|(field, value)| (field.clone(), value.clone()))
            .collect()
    };
    let plain_base = base.map(plain);
    let (plain_head, plain_local) = (plain(head), plain(local));
    let (mut merged, mut differences) = merging.rows(key.table, key.id, plain_base.as_ref(), &plain_head, &plain_local);
    for field in ["revision_id", "markdown"] {
        merged.extend(head.get(field).map(|value| (field.to_owned(), value.clone())));
    }
    if key.table == Table::Lessons {
        publication(base, head, local, &mut merged, &mut differences);
    }
    let written = |fields: &Fields, plain: &Fields| {
        plain_base.as_ref().is_none_or(|base| {
            let mechanical = |field: &str| field == "position";
            plain.iter().any(|(field, value)| !mechanical(field) && base.get(field) != Some(value))
        }) || (key.table == Table::Lessons
            && ["revision_id", "published_revision_id"].iter().any(|field| {
                fields.get(*field).is_some_and(|value| base.and_then(|base| base.get(*field)) != Some(value))
            }))
    };
    let head_written = written(head, &plain_head);
    let local_written = body_changed || written(local, &plain_local);
    let at = |fields: &Fields| fields.get("archived_at").cloned().unwrap_or_default();
    let (was, theirs, ours) = (base.map_or(Value::Null, at), at(head), at(local));
    let archived = match (base.is_some_and(is_archived), is_archived(head), is_archived(local)) {
        (_, true, true) | (_, false, false) => theirs,
        // One brought it back: it is back.
        (true, _, _) => Value::Null,
        (false, true, false) if local_written => {
            differences.push(cards::archived(was, theirs, ours));
            Value::Null
        }
        (false, false, true) if head_written => {
            differences.push(cards::archived(was, theirs, ours));
            Value::Null
        }
        (false, true, false) => theirs,
        (false, false, true) => ours,
    };
    if head.contains_key("archived_at") || local.contains_key("archived_at") {
        merged.insert("archived_at".into(), archived);
    }
    (merged, differences)
}

/// The server's publication stands where both published; whoever published here is told.
fn publication(
    base: Option<&Fields>,
    head: &Fields,
    local: &Fields,
    merged: &mut Fields,
    differences: &mut Vec<Difference>,
) {
    let of = |fields: &Fields| -> Fields {
        PUBLICATION
            .into_iter()
            .map(|field| (field.to_owned(), fields.get(field).cloned().unwrap_or_default()))
            .collect()
    };
    let (was, theirs, ours) = (of(base.unwrap_or(&Fields::new())), of(head), of(local));
    let stands = if theirs == was { &ours } else { &theirs };
    let same = theirs.get("published_revision_id") == ours.get("published_revision_id");
    if theirs != was && ours != was && !same && ours.values().any(|value| !value.is_null()) {
        let what = |fields: &Fields| fields.get("published_revision_id").cloned().unwrap_or_default();
        differences.push(cards::published_twice([what(&was), what(&theirs), what(&ours)]));
    }
    for (field, value) in stands {
        merged.insert(field.clone(), value.clone());
    }
}

/// Whether a row's containers are on the server, or come with what is sent before it.
pub(crate) fn has_place<S: Store>(work: &Work<'_, S>, row: &LocalRow, sent: &[Key]) -> Result<bool, S::Error> {
    debug_assert!(containers(row.key.table).len() <= 2);
    for container in containers_of(row.key.table, &row.current) {
        if !sent.contains(&container) && work.row(container)?.is_some_and(|holder| holder.version.is_none()) {
            return Ok(false);
        }
    }
    Ok(true)
}
