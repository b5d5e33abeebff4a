//! What an answer changes in the store.

use uuid::Uuid;

use crate::brake::{self, Brake};
use crate::machine::Error;
use crate::merging::Merging;
use crate::store::{Aside, BodyBase, Decision, Direction, LocalRow, SEEN, Seen, Store};
use crate::wire::{Access, Key, Point, Push, Row, Table};
use crate::work::{Work, is_archived};

impl<S: Store> Work<'_, S> {
    /// The push is on the server: what it carried is the base now; what was written since waits on.
    pub fn acknowledge(&mut self, push: &Push, versions: &[(Table, Uuid, Uuid)]) -> Result<(), Error<S::Error>> {
        for change in &push.rows {
            let Some(mut row) = self.row(change.key)? else { continue };
            let version = versions.iter().find(|(table, id, _)| (*table, *id) == (change.key.table, change.key.id));
            let mut base = row.base.take().unwrap_or_default();
            let written_only = |field: &str| matches!(field, "document" | "markdown" | "html" | "plain_text");
            for (field, value) in &change.fields {
                if change.key.table != Table::Lessons || !written_only(field) {
                    base.insert(field.clone(), value.clone());
                }
            }
            if let Some(head) = change.fields.get("revision_id") {
                row.current.insert("revision_id".into(), head.clone());
                base.remove("markdown");
                row.current.remove("markdown");
                let written = self
                    .drafts(change.key.id)?
                    .into_iter()
                    .find(|draft| Some(&serde_json::json!(draft.id)) == Some(head));
                if let (Some(draft), Some(mut body)) = (written, self.body(change.key.id)?) {
                    if body.current.as_ref() == Some(&draft.document) {
                        body.current = None;
                    }
                    let depth = depth(push, draft.id, body.base.as_ref());
                    body.stand_on(BodyBase { revision_id: draft.id, document: Some(draft.document), depth });
                    self.put_body(body);
                }
            }
            row.version = version.map(|(.., version)| *version);
            if let Some(version) = row.version {
                row.seen.push(Seen { version, fields: base.clone() });
                if row.seen.len() > SEEN {
                    row.seen.remove(0);
                }
            }
            row.base = Some(base);
            row.refused = None;
            self.put(row);
        }
        for revision in &push.revisions {
            self.draft_sent(revision.lesson_id, revision.id)?;
        }
        Ok(())
    }

    pub fn refuse(&mut self, key: Key, reason: &str) -> Result<(), Error<S::Error>> {
        if let Some(mut row) = self.row(key)? {
            row.refused = Some(reason.to_owned());
            self.put(row);
        }
        Ok(())
    }

    /// The server went back in time: meet every row again before anything is sent.
    pub fn heal(&mut self) -> Result<(), Error<S::Error>> {
        self.course.healing = true;
        self.course.cursor = Point::default();
        self.course.horizon = Point::default();
        self.course.deleted = 0;
        self.course.decided = None;
        for mut row in self.rows()? {
            if row.key.table == Table::Lessons {
                self.orphan_drafts(row.key.id)?;
            }
            if row.version.is_some() && !row.unsure {
                row.unsure = true;
                self.put(row);
            }
        }
        Ok(())
    }

    pub fn forget_decision(&mut self) -> Result<(), Error<S::Error>> {
        let gone =
            |row: LocalRow| is_archived(&row.current) && row.base.as_ref().is_some_and(|base| !is_archived(base));
        for key in self.waiting()? {
            if self.row(key)?.is_some_and(gone) {
                return Ok(());
            }
        }
        self.course.decided = None;
        Ok(())
    }

    /// The cursor moves; the course is what the page says.
    pub fn advance(&mut self, upto: &Point, head: &Point, access: Access) {
        self.course.cursor = upto.clone();
        if head.seq > self.course.horizon.seq {
            self.course.horizon = head.clone();
        }
        self.course.access = access;
        self.course.aside = match access {
            Access::Write => None,
            Access::Read => Some(Aside::Denied { read: true }),
            Access::Archived => Some(Aside::Archived),
        };
        if head.seq <= upto.seq {
            self.course.deleted = 0;
            if self.course.decided.as_ref().is_some_and(|decided| decided.direction == Direction::Pull) {
                self.course.decided = None;
            }
        }
    }

    /// Takes a page whole: rows and cursor in one commit. Answers a question instead when it would delete too much.
    pub fn page(
        &mut self,
        merging: &impl Merging,
        rows: &[Row],
        upto: &Point,
        head: &Point,
        access: Access,
    ) -> Result<Option<Brake>, Error<S::Error>> {
        let mut deleted = Vec::new();
        for row in rows {
            let live = |local: &LocalRow| !is_archived(&local.current);
            if is_archived(&row.fields)
                && let Some(local) = self.row(row.key)?.filter(live)
                && !self.waits(row.key)?
            {
                deleted.push(local);
            }
        }
        let missed = brake::missed(&deleted);
        let asked = brake::asks(self, Direction::Pull, missed.clone(), self.course.deleted)?;
        if asked.is_some() {
            return Ok(asked);
        }
        let keep = match &self.course.decided {
            Some(decided) if decided.direction == Direction::Pull && decided.decision == Decision::Keep => deleted,
            _ => Vec::new(),
        };
        self.course.deleted = self.course.deleted.saturating_add(u32::try_from(missed.len()).unwrap_or(u32::MAX));
        for row in rows {
            self.arrive(merging, row.clone())?;
        }
        for kept in keep {
            if let Some(mut row) = self.row(kept.key)? {
                row.current.insert("archived_at".into(), serde_json::Value::Null);
                self.put(row);
            }
        }
        self.settle(merging)?;
        self.advance(upto, head, access);
        if head.seq <= upto.seq && self.course.healing {
            self.course.healing = false;
            for row in self.rows()?.into_iter().filter(|row| row.unsure) {
                self.vanish(merging, row.key)?;
            }
        }
        Ok(None)
    }
}

/// Differences between a revision of the push and its key frame.
fn depth(push: &Push, revision: Uuid, base: Option<&BodyBase>) -> u32 {
    let (mut depth, mut next) = (0, Some(revision));
    while let Some(revision) = next.and_then(|id| push.revisions.iter().find(|sent| sent.id == id)) {
        if revision.is_key_frame {
            return depth;
        }
        depth += 1;
        next = revision.parent_id;
    }
    depth + base.map_or(0, |base| base.depth)
}
