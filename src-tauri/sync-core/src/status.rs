//! What a person is told about a course: one of four states, the list of what waits, and all of it as a file.

use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::authoring::about;
use crate::cards;
use crate::machine::{Error, Machine};
use crate::merging::Merging;
use crate::places::containers_of;
use crate::store::{Aside, Store};
use crate::wire::{Fields, Key, Table};
use crate::work::{Work, is_archived};

/// The four states, the one that asks most of a person first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// A card, a refused row or a mass deletion waits for a person.
    NeedsYourDecision,
    /// A batch is under way.
    Sending,
    /// Durable here; not yet on the server.
    SavedHere,
    OnTheServer,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Status {
    pub state: State,
    /// Rows that are not, or not wholly, on the server.
    pub waiting: usize,
    pub refused: usize,
    pub open_cards: usize,
    /// A mass deletion waits to be allowed.
    pub asked: bool,
    /// Bodies not downloaded yet; at most the first thousand are counted.
    pub to_download: usize,
    pub aside: Option<Aside>,
    /// The server went back in time and the course is being compared.
    pub healing: bool,
}

/// Something that is not on the server yet.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Waiting {
    #[serde(flatten)]
    pub key: Key,
    /// Its title, prompt or label.
    pub name: String,
    /// The server does not have it at all.
    pub is_new: bool,
    /// The names of the changed fields; `document` for a changed body.
    pub changed: Vec<String>,
    /// Why the server refuses it.
    pub refused: Option<String>,
}

/// A card nobody has decided.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OpenCard {
    pub id: Uuid,
    pub about: Key,
    pub fields: Fields,
}

impl<S: Store, M: Merging> Machine<S, M> {
    /// How a course stands.
    ///
    /// # Errors
    /// The store's, or a course not kept here.
    pub fn status(&self, course: Uuid) -> Result<Status, Error<S::Error>> {
        let state = self.store.course(course)?.ok_or(Error::NotKept)?;
        let (mut waiting, mut refused) = (0, 0);
        for key in self.store.waiting(course)? {
            waiting += 1;
            refused += usize::from(self.store.row(key)?.is_some_and(|row| row.refused.is_some()));
        }
        let open_cards = self.open_cards(course)?.len();
        let asked = self.asked(course).is_some();
        let state_now = if asked || refused > 0 || open_cards > 0 {
            State::NeedsYourDecision
        } else if self.store.batch(course)?.is_some() {
            State::Sending
        } else if waiting > 0 {
            State::SavedHere
        } else {
            State::OnTheServer
        };
        Ok(Status {
            state: state_now,
            waiting,
            refused,
            open_cards,
            asked,
            to_download: self.store.bodies_to_fetch(course, 1000)?.len(),
            aside: state.aside,
            healing: state.healing,
        })
    }

    /// Cards nobody has decided, with what they are about.
    ///
    /// # Errors
    /// The store's.
    pub fn open_cards(&self, course: Uuid) -> Result<Vec<OpenCard>, Error<S::Error>> {
        let rows = self.store.rows(course)?.into_iter();
        let open = rows.filter(|row| row.key.table == Table::MergeCards && cards::is_open(&row.current));
        Ok(open
            .filter_map(|row| Some(OpenCard { id: row.key.id, about: about(&row.current)?, fields: row.current }))
            .collect())
    }

    /// Everything of a course that is not on the server, in the order of its tables.
    ///
    /// # Errors
    /// The store's, or a course not kept here.
    pub fn waiting(&self, course: Uuid) -> Result<Vec<Waiting>, Error<S::Error>> {
        let mut list = Vec::new();
        for key in self.store.waiting(course)? {
            let Some(row) = self.store.row(key)? else { continue };
            let differs =
                |field: &&String| row.base.as_ref().and_then(|base| base.get(*field)) != row.current.get(*field);
            let mut changed: Vec<String> = row.current.keys().filter(differs).cloned().collect();
            if key.table == Table::Lessons
                && (self.store.body(key.id)?.is_some_and(|body| body.current.is_some())
                    || !self.store.drafts(key.id)?.is_empty())
            {
                changed.push("document".into());
            }
            let text = |field: &str| row.current.get(field).and_then(Value::as_str);
            let name =
                text("title").or(text("prompt")).or(text("label")).or(text("field")).unwrap_or_default().to_owned();
            list.push(Waiting { key, name, is_new: row.version.is_none(), changed, refused: row.refused });
        }
        Ok(list)
    }

    /// All that [`Machine::waiting`] lists, with its contents: what a person takes along when the server cannot have it.
    ///
    /// # Errors
    /// The store's, or a course not kept here.
    pub fn export(&self, course: Uuid) -> Result<Value, Error<S::Error>> {
        let mut rows = Vec::new();
        for waiting in self.waiting(course)? {
            let Some(row) = self.store.row(waiting.key)? else { continue };
            let mut exported = json!({ "table": waiting.key.table, "id": waiting.key.id, "is_new": waiting.is_new,
                "refused": waiting.refused, "server": row.base, "here": row.current });
            if waiting.key.table == Table::Lessons {
                let document = |text: &String| serde_json::from_str(text).unwrap_or_else(|_| json!(text));
                let body = self.store.body(waiting.key.id)?;
                let here = body.and_then(|body| body.current.or(body.base.and_then(|base| base.document)));
                let version = |draft: crate::store::Draft| json!({ "id": draft.id, "name": draft.name, "document": document(&draft.document) });
                exported["document"] = here.as_ref().map_or(Value::Null, document);
                exported["versions"] = self.store.drafts(waiting.key.id)?.into_iter().map(version).collect();
            }
            rows.push(exported);
        }
        Ok(json!({ "course_id": course, "client_schema": crate::wire::CLIENT_SCHEMA, "waiting": rows }))
    }

    /// Lessons and quizzes in use whose sub-course is archived or gone.
    ///
    /// # Errors
    /// The store's.
    pub fn unfiled(&self, course: Uuid) -> Result<Vec<Key>, Error<S::Error>> {
        let work = Work::new(&self.store, self.store.course(course)?.ok_or(Error::NotKept)?);
        let mut unfiled = Vec::new();
        for row in self.store.rows(course)? {
            if !matches!(row.key.table, Table::Lessons | Table::Quizzes) || is_archived(&row.current) {
                continue;
            }
            for container in containers_of(row.key.table, &row.current) {
                if work.row(container)?.is_none_or(|holder| is_archived(&holder.current)) {
                    unfiled.push(row.key);
                }
            }
        }
        Ok(unfiled)
    }
}
