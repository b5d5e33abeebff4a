//! What waits becomes a batch: bytes that are sent again unchanged until there is a definite answer.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::batch;
use crate::bodies;
use crate::cards;
use crate::frames;
use crate::merging::Merging;
use crate::rows::has_place;
use crate::store::{Draft, LocalRow, Store};
use crate::wire::{Change, Fields, KEY_FRAME_EVERY, MAX_BYTES, Push, Revision, Table};
use crate::work::{Work, id, is_archived};

/// Room for what surrounds the rows of a push.
const ENVELOPE: usize = 2_000;

/// A row ready to travel.
struct Parcel {
    change: Option<Change>,
    revisions: Vec<(Revision, Vec<u8>)>,
    bytes: usize,
}

impl<S: Store> Work<'_, S> {
    /// Freezes what waits, as much as one push holds. Answers whether there is a batch now.
    pub fn freeze(
        &mut self,
        merging: &impl Merging,
        device: Uuid,
        schema: u32,
        most: usize,
        ids: &mut impl FnMut() -> Uuid,
    ) -> Result<bool, S::Error> {
        for key in self.waiting()? {
            self.settle_row(key)?;
            for (table, field) in crate::places::contents(key.table) {
                for child in self.children(*table, field, key.id)? {
                    self.settle_row(child)?;
                }
            }
        }
        let mut push = Push {
            organization_id: self.course.organization_id,
            course_id: self.course.course_id,
            push_id: ids(),
            device_id: device,
            client_schema: schema,
            horizon: self.course.horizon.clone(),
            rows: Vec::new(),
            revisions: Vec::new(),
        };
        let mut contents = Vec::new();
        let (mut bytes, mut sent) = (ENVELOPE, Vec::new());
        for mut row in self.in_order()? {
            if row.refused.is_some() || !has_place(self, &row, &sent)? {
                continue;
            }
            let Some(parcel) = self.parcel(merging, &mut row, device, ids)? else { continue };
            if bytes + parcel.bytes > MAX_BYTES {
                if sent.is_empty() && push.revisions.is_empty() {
                    row.refused = Some(TOO_LARGE.into());
                    self.put(row);
                    continue;
                }
                break;
            }
            bytes += parcel.bytes;
            if parcel.change.is_some() {
                sent.push(row.key);
            }
            push.rows.extend(parcel.change);
            for (revision, content) in parcel.revisions {
                push.revisions.push(revision);
                contents.push(content);
            }
            if push.rows.len() >= most {
                break;
            }
        }
        if push.rows.is_empty() && push.revisions.is_empty() {
            return Ok(false);
        }
        let Ok(frozen) = batch::freeze(&push, &contents) else { return Ok(false) };
        self.put_batch(Some(frozen));
        Ok(true)
    }

    /// Parents before children, and what is archived after everything else, children before their containers. Only answer
    /// keys make room first: an option has one that counts, and whatever replaces it comes with the same push.
    fn in_order(&self) -> Result<Vec<LocalRow>, S::Error> {
        let mut rows = Vec::new();
        for key in self.waiting()? {
            rows.extend(self.row(key)?);
        }
        let (mut last, mut first): (Vec<LocalRow>, Vec<LocalRow>) = rows
            .into_iter()
            .partition(|row| is_archived(&row.current) && row.base.as_ref().is_some_and(|base| !is_archived(base)));
        let replaced = last.extract_if(.., |row| row.key.table == Table::AnswerKeys).collect::<Vec<_>>();
        let keys = first.partition_point(|row| row.key.table < Table::AnswerKeys);
        first.splice(keys..keys, replaced);
        last.sort_by_key(|row| std::cmp::Reverse(row.key.table));
        first.append(&mut last);
        Ok(first)
    }

    fn parcel(
        &mut self,
        merging: &impl Merging,
        row: &mut LocalRow,
        device: Uuid,
        ids: &mut impl FnMut() -> Uuid,
    ) -> Result<Option<Parcel>, S::Error> {
        let mut revisions = Vec::new();
        let mut head = None;
        let published_before = row.current.get("published_revision_id").cloned();
        if row.key.table == Table::Lessons {
            self.republish(row)?;
            if row.current.get("published_revision_id") != published_before.as_ref() {
                self.put(row.clone());
            }
            if self.body_is_ready(row)? {
                if self.body_waits(row.key.id)? {
                    head = self.save_draft(row.key.id, None, ids)?;
                }
                revisions = self.pack(row.key.id, device)?;
            }
        }
        let base = row.base.clone().unwrap_or_default();
        let changed = |(field, value): &(&String, &Value)| base.get(*field) != Some(*value) || row.base.is_none();
        let mut fields: Fields =
            row.current.iter().filter(changed).map(|(field, value)| (field.clone(), value.clone())).collect();
        fields.remove("markdown");
        if row.key.table == Table::MergeCards {
            fields.retain(|field, _| !cards::SET_BY_SERVER.contains(&field.as_str()));
        }
        if let Some(head) = head {
            fields.insert("revision_id".into(), json!(head));
        }
        if let Some(published) = id(&fields, "published_revision_id") {
            let Some(document) = self.document_of(row.key.id, published)? else { return Ok(None) };
            let projection = merging.project(&document);
            fields.insert("document".into(), serde_json::from_str(&document).unwrap_or_default());
            fields.insert("markdown".into(), json!(projection.markdown));
            fields.insert("html".into(), json!(projection.html));
            fields.insert("plain_text".into(), json!(projection.plain_text));
        }
        if fields.is_empty() && revisions.is_empty() && row.version.is_some() {
            return Ok(None);
        }
        let change = (!fields.is_empty() || row.version.is_none()).then_some(Change {
            key: row.key,
            expect: row.version,
            fields,
        });
        let size = |value: &Value| value.to_string().len();
        let bytes = change.as_ref().map_or(0, |change| size(&json!(change)))
            + revisions.iter().map(|(revision, content)| size(&json!(revision)) + content.len() + 4).sum::<usize>();
        Ok(Some(Parcel { change, revisions, bytes }))
    }

    /// Whether the body is written on the server's newest revision.
    fn body_is_ready(&self, row: &LocalRow) -> Result<bool, S::Error> {
        Ok(bodies::lacking(self, row.key.id)?.is_empty())
    }

    fn document_of(&self, lesson: Uuid, revision: Uuid) -> Result<Option<String>, S::Error> {
        if let Some(draft) = self.drafts(lesson)?.into_iter().find(|draft| draft.id == revision) {
            return Ok(Some(draft.document));
        }
        let base = self.body(lesson)?.and_then(|body| body.base).filter(|base| base.revision_id == revision);
        Ok(base.and_then(|base| base.document))
    }

    /// A lesson's drafts as revisions with their contents, each the difference to its parent where that is at hand.
    fn pack(&self, lesson: Uuid, device: Uuid) -> Result<Vec<(Revision, Vec<u8>)>, S::Error> {
        let base = self.body(lesson)?.and_then(|body| body.base);
        let drafts = self.drafts(lesson)?;
        let mut packed: Vec<(Revision, Vec<u8>, u32)> = Vec::new();
        for draft in &drafts {
            let parent = draft.parent_id.and_then(|parent| {
                let here = |draft: &&Draft| draft.id == parent;
                let depth = packed.iter().find(|(revision, ..)| revision.id == parent).map(|(_, _, depth)| *depth);
                match (drafts.iter().find(here), depth, &base) {
                    (Some(draft), Some(depth), _) => Some((draft.document.as_str(), depth)),
                    (None, _, Some(base)) if base.revision_id == parent => {
                        Some((base.document.as_deref()?, base.depth))
                    }
                    _ => None,
                }
            });
            let parent = parent.filter(|(_, depth)| depth + 1 < KEY_FRAME_EVERY);
            let Some(content) = frames::pack(&draft.document, parent.map(|(document, _)| document)) else { continue };
            let revision = Revision {
                id: draft.id,
                lesson_id: lesson,
                parent_id: draft.parent_id,
                merged_id: draft.merged_id,
                is_key_frame: parent.is_none(),
                content_hash: frames::content_hash(&draft.document),
                name: draft.name.clone(),
                device_id: device,
                person_id: None,
                created_at: None,
            };
            packed.push((revision, content, parent.map_or(0, |(_, depth)| depth + 1)));
        }
        Ok(packed.into_iter().map(|(revision, content, _)| (revision, content)).collect())
    }
}

pub(crate) const TOO_LARGE: &str = "This is larger than the server takes at once. Split it, or shorten it.";
