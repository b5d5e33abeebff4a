//! Where a word is: to understand a failing seed.

use super::world::{World, lesson};

impl World {
    /// Every place that says this word.
    pub fn places_of(&self, token: &str) -> Vec<String> {
        let says = |text: &str| text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == token);
        let mut places = Vec::new();
        for (n, device) in self.devices.iter().enumerate() {
            let store = device.store();
            for row in store.every_row() {
                let archived = row.current.get("archived_at").cloned().unwrap_or_default();
                if says(&serde_json::json!(row.current).to_string()) {
                    places.push(format!(
                        "{n} current {:?} {archived} {:?} changed {}",
                        row.key,
                        row.version,
                        row.is_changed()
                    ));
                }
                if row.base.as_ref().is_some_and(|base| says(&serde_json::json!(base).to_string())) {
                    places.push(format!(
                        "{n} base {:?} archived {:?}",
                        row.key,
                        row.base.as_ref().and_then(|base| base.get("archived_at"))
                    ));
                }
                if let Some(body) = store.body_of(row.key.id) {
                    if body.current.as_ref().is_some_and(|text| says(text)) {
                        places.push(format!("{n} body current {:?} row archived {archived}", lesson(row.key.id).id));
                    }
                    if body.base.as_ref().is_some_and(|base| base.document.as_ref().is_some_and(|text| says(text))) {
                        places.push(format!(
                            "{n} body base {:?} row archived {archived}",
                            body.base.as_ref().map(|base| base.revision_id)
                        ));
                    }
                }
            }
        }
        for row in self.server.rows.values() {
            let head = crate::work::id(&row.fields, "revision_id").and_then(|head| self.documents.get(&head));
            if says(&serde_json::json!(row.fields).to_string()) || head.is_some_and(|text| says(text)) {
                places.push(format!(
                    "server {:?} archived {:?} body {}",
                    row.key,
                    row.fields.get("archived_at"),
                    head.is_some_and(|text| says(text))
                ));
            }
        }
        places
    }

    /// Tells when the places of the word in `LECTERN_TRACE` change.
    pub fn trace(&mut self, what: &str) {
        let Ok(token) = std::env::var("LECTERN_TRACE") else { return };
        let places = self.places_of(&token);
        if places != self.traced {
            println!("--- {what} (removed {})", self.removed.contains(&token));
            for place in &places {
                println!("    {place}");
            }
            self.traced = places;
        }
    }
}
