//! A lesson's document meets the server's.

use std::collections::BTreeMap;

use serde_json::Value;
use uuid::Uuid;

use crate::cards;
use crate::frames;
use crate::merging::Merging;
use crate::store::{Body, BodyBase, Draft, Store};
use crate::wire::{Fields, Key, Revision, Table};
use crate::work::{Work, id, is_archived};

/// The revisions of an answer, unpacked: document and differences to its key frame.
pub(crate) fn unpack<S: Store>(
    work: &Work<'_, S>,
    revisions: &[Revision],
    contents: &[Vec<u8>],
) -> Result<BTreeMap<Uuid, (String, u32)>, S::Error> {
    let mut documents: BTreeMap<Uuid, (String, u32)> = BTreeMap::new();
    for (revision, content) in revisions.iter().zip(contents) {
        let parent = match revision.parent_id {
            _ if revision.is_key_frame => None,
            None => continue,
            Some(parent) => match documents.get(&parent) {
                Some(known) => Some(known.clone()),
                None => match known(work, revision.lesson_id, parent)? {
                    Some(known) => Some(known),
                    None => continue,
                },
            },
        };
        let against = parent.as_ref().map(|(document, _)| document.as_str());
        if let Some(document) = frames::unpack(content, against, &revision.content_hash) {
            documents.insert(revision.id, (document, parent.map_or(0, |(_, depth)| depth + 1)));
        }
    }
    Ok(documents)
}

fn known<S: Store>(work: &Work<'_, S>, lesson: Uuid, revision: Uuid) -> Result<Option<(String, u32)>, S::Error> {
    let base = work.body(lesson)?.and_then(|body| body.base).filter(|base| base.revision_id == revision);
    Ok(base.and_then(|base| Some((base.document?, base.depth))))
}

/// The revisions a lesson lacks: its head, and what its body is written on.
pub(crate) fn lacking<S: Store>(work: &Work<'_, S>, lesson: Uuid) -> Result<Vec<Uuid>, S::Error> {
    let base = work.body(lesson)?.and_then(|body| body.base);
    let mut lacking = Vec::new();
    if let Some(base) = &base
        && base.document.is_none()
    {
        lacking.push(base.revision_id);
    }
    let head = head(work, lesson)?;
    if head != base.map(|base| base.revision_id) {
        lacking.extend(head.filter(|head| !lacking.contains(head)));
    }
    Ok(lacking)
}

/// The revision the server has as the lesson's newest.
pub(crate) fn head<S: Store>(work: &Work<'_, S>, lesson: Uuid) -> Result<Option<Uuid>, S::Error> {
    let row = work.row(Key { table: Table::Lessons, id: lesson })?;
    Ok(row.and_then(|row| row.base).and_then(|base| id(&base, "revision_id")))
}

impl<S: Store> Work<'_, S> {
    /// Takes what was unpacked for a lesson; `gone` is a revision nobody has any more. Says whether it lacks nothing now.
    pub fn arrive_body(
        &mut self,
        merging: &impl Merging,
        lesson: Uuid,
        documents: &BTreeMap<Uuid, (String, u32)>,
        gone: Option<Uuid>,
        ids: &mut impl FnMut() -> Uuid,
    ) -> Result<bool, S::Error> {
        let mut body = self.body(lesson)?.unwrap_or(Body { lesson_id: lesson, ..Body::default() });
        let lost = |base: &mut BodyBase| base.document.is_none() && gone == Some(base.revision_id);
        body.base.take_if(lost);
        if let Some(base) = &mut body.base
            && base.document.is_none()
        {
            let Some((document, depth)) = documents.get(&base.revision_id) else { return Ok(false) };
            base.document = Some(document.clone());
            base.depth = *depth;
        }
        let head = head(self, lesson)?;
        if let Some(head) = head
            && body.base.as_ref().is_none_or(|base| base.revision_id != head)
        {
            let Some((document, depth)) = documents.get(&head) else {
                self.put_body(body);
                return Ok(false);
            };
            let held = body.base.as_ref().and_then(|base| base.document.as_ref()).or(body.current.as_ref());
            if held.is_some_and(|held| held != document) {
                self.unseen(lesson)?;
            }
            if let Some(current) = &body.current {
                body.current = Some(self.merge_body(merging, &body, document, current, ids)?);
            }
            body.stand_on(BodyBase { revision_id: head, document: Some(document.clone()), depth: *depth });
        }
        if body.current.is_some() && body.current == body.base.as_ref().and_then(|base| base.document.clone()) {
            body.current = None;
        }
        self.put_body(body);
        Ok(true)
    }

    /// The plain text a lesson was before anybody wrote a document: what its first writers on every device began with.
    pub fn written_before(&self, merging: &impl Merging, lesson: Uuid) -> Result<Option<String>, S::Error> {
        let row = self.row(Key { table: Table::Lessons, id: lesson })?;
        let plain = |fields: &Fields| -> Option<String> {
            fields.get("markdown")?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let seen = row.and_then(|row| row.seen.iter().rev().find_map(|seen| plain(&seen.fields)));
        Ok(seen.and_then(|text| merging.read_markdown(lesson, &text)))
    }

    /// A lesson archived here, unsent, before its author saw the new text: it stays in use.
    fn unseen(&mut self, lesson: Uuid) -> Result<(), S::Error> {
        let key = Key { table: Table::Lessons, id: lesson };
        if let Some(mut row) = self.row(key)?
            && is_archived(&row.current)
            && row.base.as_ref().is_some_and(|base| !is_archived(base))
        {
            let at = row.current.insert("archived_at".into(), Value::Null).unwrap_or_default();
            self.put(row);
            self.put_cards(key, &[cards::archived(Value::Null, Value::Null, at)])?;
        }
        Ok(())
    }

    fn merge_body(
        &mut self,
        merging: &impl Merging,
        body: &Body,
        head: &str,
        local: &str,
        ids: &mut impl FnMut() -> Uuid,
    ) -> Result<String, S::Error> {
        let base = match &body.base {
            Some(base) => base.document.clone(),
            None if body.known.is_empty() => self.written_before(merging, body.lesson_id)?,
            None => None,
        };
        let base = base.as_deref();
        if head == local || base == Some(head) {
            return Ok(local.to_owned());
        }
        if base == Some(local) {
            return Ok(head.to_owned());
        }
        // What was written here stays a version of its own, so a merge somebody dislikes is one restore away.
        self.save_draft(body.lesson_id, None, ids)?;
        let key = Key { table: Table::Lessons, id: body.lesson_id };
        if let Some((merged, differences)) = merging.bodies(base, head, local) {
            self.put_cards(key, &differences)?;
            return Ok(merged);
        }
        self.put_cards(key, &[cards::whole_body(base, head, local)])?;
        Ok(head.to_owned())
    }

    /// Keeps what the person sees as a version, unless it is the newest one already. Answers that version.
    pub fn save_draft(
        &mut self,
        lesson: Uuid,
        name: Option<String>,
        ids: &mut impl FnMut() -> Uuid,
    ) -> Result<Option<Uuid>, S::Error> {
        let Some(body) = self.body(lesson)? else { return Ok(None) };
        let drafts = self.drafts(lesson)?;
        let Some(document) = body.current.or_else(|| body.base.as_ref().and_then(|base| base.document.clone())) else {
            return Ok(None);
        };
        let base = body.base.map(|base| base.revision_id);
        if let Some(last) = drafts.last()
            && last.document == document
        {
            let mut last = last.clone();
            let id = last.id;
            if name.is_some() && last.name != name {
                last.name = name;
                self.put_draft(last)?;
            }
            return Ok(Some(id));
        }
        let line = drafts.last().filter(|last| root(&drafts, last) == base).map(|last| last.id);
        let draft = Draft {
            id: ids(),
            lesson_id: lesson,
            parent_id: line.or(base),
            merged_id: drafts.last().map(|last| last.id).filter(|last| Some(*last) != line),
            name,
            document,
        };
        let id = draft.id;
        self.put_draft(draft)?;
        Ok(Some(id))
    }
}

/// The revision of the server a line of drafts was written on.
fn root(drafts: &[Draft], draft: &Draft) -> Option<Uuid> {
    let mut parent = draft.parent_id;
    for _ in 0..drafts.len() {
        match drafts.iter().find(|known| Some(known.id) == parent) {
            Some(known) => parent = known.parent_id,
            None => break,
        }
    }
    parent
}
