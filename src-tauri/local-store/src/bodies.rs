//! Bodies of lessons: what stands open for the queries, and their texts, each in a row of its own so that writing one does
//! not write the others again.

use rusqlite::params;
use serde::{Deserialize, Serialize};
use sync_core::store::{Body, BodyBase};
use uuid::Uuid;

use crate::LocalStore;
use crate::assembling::{self, Parts};
use crate::error::Result;
use crate::sealing::Place;

/// A text of a lesson; what has shipped keeps its number.
#[derive(Clone, Copy)]
pub(crate) enum Text {
    /// The server's revision the body is written on.
    Base = 0,
    /// What the person wrote, before the blocks changed since.
    Current = 1,
    /// The names of the blocks from top to bottom, once that was changed block by block.
    Order = 2,
}

#[derive(Default, Serialize, Deserialize)]
struct About {
    base_id: Option<Uuid>,
    depth: u32,
    known: Vec<Uuid>,
}

/// What stands open about a body.
#[derive(Clone, Copy, Default)]
pub(crate) struct State {
    pub base_id: Option<Uuid>,
    pub has_document: bool,
    pub is_written: bool,
    /// Blocks were changed since the text was written whole.
    pub is_open: bool,
    /// Counts what was written, so that another handle's knowledge of the blocks can be told to be old.
    pub stamp: i64,
}

fn text_place(lesson: &Uuid, text: Text) -> Place<'_> {
    Place { kind: "text", of: lesson.as_bytes(), number: text as u64 }
}

impl LocalStore {
    pub(crate) fn state(&self, lesson: Uuid) -> Result<Option<State>> {
        self.one(
            "select base_id, has_document, is_written, is_open, stamp from bodies where lesson_id = ?1",
            params![lesson],
            |row| {
                Ok(State {
                    base_id: row.get(0)?,
                    has_document: row.get(1)?,
                    is_written: row.get(2)?,
                    is_open: row.get(3)?,
                    stamp: row.get(4)?,
                })
            },
        )
    }

    pub(crate) fn read_body(&self, lesson: Uuid) -> Result<Option<Body>> {
        self.reading(|store| {
            let Some(state) = store.state(lesson)? else { return Ok(None) };
            let about = store.about(lesson)?;
            let document = if state.has_document { store.text(lesson, Text::Base)? } else { None };
            let current = match state {
                State { is_written: false, .. } => None,
                State { is_open: true, .. } => Some(store.assemble(lesson)?),
                _ => store.text(lesson, Text::Current)?,
            };
            let base = about.base_id.map(|revision_id| BodyBase { revision_id, document, depth: about.depth });
            Ok(Some(Body { lesson_id: lesson, base, known: about.known, current }))
        })
    }

    fn about(&self, lesson: Uuid) -> Result<About> {
        let sealed = self
            .one("select sealed from bodies where lesson_id = ?1", params![lesson], |row| row.get::<_, Vec<u8>>(0))?;
        match sealed {
            Some(sealed) => self.unseal_json(&Place::new("body", lesson.as_bytes()), &sealed),
            None => Ok(About::default()),
        }
    }

    pub(crate) fn write_body(&self, course: Uuid, body: &Body) -> Result<()> {
        let lesson = body.lesson_id;
        let base = body.base.as_ref();
        let base_id = base.map(|base| base.revision_id);
        let document = base.and_then(|base| base.document.as_deref());
        let about = About { base_id, depth: base.map_or(0, |base| base.depth), known: body.known.clone() };
        let sealed = self.seal_json(&Place::new("body", lesson.as_bytes()), &about)?;
        self.run(
            "insert into bodies (lesson_id, course_id, base_id, has_document, is_written, is_open, stamp, sealed)
             values (?1, ?2, ?3, ?4, ?5, 0, 1, ?6)
             on conflict (lesson_id) do update set course_id = excluded.course_id, base_id = excluded.base_id,
               has_document = excluded.has_document, is_written = excluded.is_written, is_open = 0,
               stamp = bodies.stamp + 1, sealed = excluded.sealed",
            params![lesson, course, base_id, document.is_some(), body.current.is_some(), sealed],
        )?;
        self.set_text(lesson, Text::Base, document)?;
        self.set_text(lesson, Text::Current, body.current.as_deref())?;
        self.drop_blocks(lesson)
    }

    /// Notes that blocks of the lesson were changed.
    pub(crate) fn mark_open(&self, course: Uuid, lesson: Uuid, is_written: bool, stamp: i64) -> Result<()> {
        let changed = self.run(
            "update bodies set is_open = 1, is_written = ?2, stamp = ?3 where lesson_id = ?1",
            params![lesson, is_written, stamp],
        )?;
        if changed == 0 {
            let sealed = self.seal_json(&Place::new("body", lesson.as_bytes()), &About::default())?;
            self.run(
                "insert into bodies (lesson_id, course_id, base_id, has_document, is_written, is_open, stamp, sealed)
                 values (?1, ?2, null, 0, ?3, 1, ?4, ?5)",
                params![lesson, course, is_written, stamp, sealed],
            )?;
        }
        Ok(())
    }

    /// The blocks become part of the text. What the lesson says does not change.
    pub(crate) fn fold_blocks(&self, lesson: Uuid, state: State) -> Result<()> {
        let current = if state.is_written { Some(self.assemble(lesson)?) } else { None };
        self.set_text(lesson, Text::Current, current.as_deref())?;
        self.drop_blocks(lesson)?;
        self.run("update bodies set is_open = 0, stamp = stamp + 1 where lesson_id = ?1", params![lesson])?;
        Ok(())
    }

    /// What the blocks lie over; none while nothing of the lesson is here.
    pub(crate) fn start(&self, lesson: Uuid) -> Result<Option<String>> {
        match self.text(lesson, Text::Current)? {
            None => self.text(lesson, Text::Base),
            current => Ok(current),
        }
    }

    fn assemble(&self, lesson: Uuid) -> Result<String> {
        let start = self.start(lesson)?;
        let start = Parts::read(start.as_deref().unwrap_or(assembling::EMPTY)).ok_or_else(|| self.damaged())?;
        let order: Option<Vec<String>> = match self.text(lesson, Text::Order)? {
            Some(order) => Some(serde_json::from_str(&order).map_err(|_| self.damaged())?),
            None => None,
        };
        let blocks = self.draft_blocks(lesson)?;
        start.with(order.as_deref(), &blocks).ok_or_else(|| self.damaged())
    }

    pub(crate) fn text(&self, lesson: Uuid, text: Text) -> Result<Option<String>> {
        let sealed = self.one(
            "select sealed from texts where lesson_id = ?1 and part = ?2",
            params![lesson, text as i64],
            |row| row.get::<_, Vec<u8>>(0),
        )?;
        sealed.map(|sealed| self.unseal_text(&text_place(&lesson, text), &sealed)).transpose()
    }

    pub(crate) fn set_text(&self, lesson: Uuid, text: Text, to: Option<&str>) -> Result<()> {
        match to {
            Some(to) => {
                let sealed = self.seal_text(&text_place(&lesson, text), to.as_bytes())?;
                self.run(
                    "insert into texts (lesson_id, part, sealed) values (?1, ?2, ?3)
                     on conflict (lesson_id, part) do update set sealed = excluded.sealed",
                    params![lesson, text as i64, sealed],
                )?;
            }
            None => {
                self.run("delete from texts where lesson_id = ?1 and part = ?2", params![lesson, text as i64])?;
            }
        }
        Ok(())
    }

    fn drop_blocks(&self, lesson: Uuid) -> Result<()> {
        self.set_text(lesson, Text::Order, None)?;
        self.run("delete from draft_blocks where lesson_id = ?1", params![lesson])?;
        Ok(())
    }
}
