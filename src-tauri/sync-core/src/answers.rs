//! Which answers of a question are correct is one decision, over all its answer keys: it never merges by itself.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::merging::{Choice, Merging};
use crate::store::Store;
use crate::wire::{Fields, Key, Table};
use crate::work::{Work, id, is_archived};

/// What a key means; the rest of its fields says where it stands.
const MEANING: [&str; 6] =
    ["option_id", "accepted_text", "accepted_number", "tolerance", "weight_percent", "archived_at"];

/// When a key that waits in a card was set aside. No clock is read: how long something has been in the bin is told by the
/// server's `updated_at`.
const SET_ASIDE: &str = "1970-01-01T00:00:00+00:00";

/// What the changes of a row were made on, and how it was here.
type Before = (Option<Fields>, Fields);

/// The keys a step has met, by question; nothing before: new here.
#[derive(Default)]
pub(crate) struct Met(BTreeMap<Uuid, BTreeMap<Key, Option<Before>>>);

impl Met {
    pub fn note(&mut self, key: Key, fields: &Fields, before: Option<Before>) {
        if key.table == Table::AnswerKeys
            && let Some(question) = id(fields, "question_id")
        {
            self.0.entry(question).or_default().entry(key).or_insert(before);
        }
    }
}

impl<S: Store> Work<'_, S> {
    /// Where both sides changed what counts as correct, the server's answers stand together and these wait in one card.
    pub fn settle_answers(&mut self, merging: &impl Merging) -> Result<(), S::Error> {
        for (question, met) in std::mem::take(&mut self.met).0 {
            let (mut base, mut head, mut local) = (Vec::new(), Vec::new(), Vec::new());
            let keys = self.children(Table::AnswerKeys, "question_id", question)?;
            for key in &keys {
                let Some(row) = self.row(*key)? else { continue };
                let named = |fields: Fields| named(*key, fields);
                head.extend(row.base.clone().map(named));
                match met.get(key) {
                    None => {
                        base.extend(row.base.map(named));
                        local.push(named(row.current));
                    }
                    Some(None) => {}
                    Some(Some((was, here))) => {
                        base.extend(was.clone().map(named));
                        local.push(named(here.clone()));
                    }
                }
            }
            let Some(difference) = merging.answers(question, &base, &head, &local) else { continue };
            for key in keys {
                let Some(mut row) = self.row(key)? else { continue };
                match &row.base {
                    Some(base) => row.current.extend(meaning(base)),
                    None if is_archived(&row.current) => continue,
                    None => drop(row.current.insert("archived_at".into(), json!(SET_ASIDE))),
                }
                self.put(row);
            }
            self.put_cards(Key { table: Table::Questions, id: question }, &[difference])?;
        }
        Ok(())
    }

    /// Does what a person decided about all answers of a question.
    pub fn decide_answers(&mut self, question: Uuid, card: &Fields, choice: Choice, at: &str) -> Result<(), S::Error> {
        if choice == Choice::Keep {
            return Ok(());
        }
        let other = if card.get("stands") == Some(&json!("head")) { "local" } else { "head" };
        let answers = card.get(other).and_then(|other| other.get("answers")).and_then(Value::as_array);
        let chosen: BTreeMap<Uuid, Fields> = answers
            .into_iter()
            .flatten()
            .filter_map(|answer| serde_json::from_value::<Fields>(answer.clone()).ok())
            .filter_map(|fields| Some((id(&fields, "id")?, fields)))
            .collect();
        for key in self.children(Table::AnswerKeys, "question_id", question)? {
            let Some(mut row) = self.row(key)? else { continue };
            match chosen.get(&key.id) {
                Some(fields) => row.current.extend(meaning(fields)),
                None if choice == Choice::KeepBoth || is_archived(&row.current) => continue,
                None => drop(row.current.insert("archived_at".into(), json!(at))),
            }
            row.refused = None;
            self.put(row);
        }
        Ok(())
    }
}

fn named(key: Key, mut fields: Fields) -> Fields {
    fields.insert("id".into(), json!(key.id));
    fields
}

fn meaning(fields: &Fields) -> Fields {
    MEANING.into_iter().filter_map(|field| Some((field.to_owned(), fields.get(field)?.clone()))).collect()
}
