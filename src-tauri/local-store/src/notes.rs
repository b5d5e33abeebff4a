//! Small sealed values the application keeps with the drafts: titles of courses, who the person is, what to undo.

use rusqlite::params;

use crate::LocalStore;
use crate::error::Result;
use crate::sealing::Place;

impl LocalStore {
    /// # Errors
    /// The disk's.
    pub fn note(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let name = self.sealing.name("note", name.as_bytes());
        let sealed =
            self.one("select sealed from notes where name = ?1", params![name], |row| row.get::<_, Vec<u8>>(0))?;
        sealed.map(|sealed| self.unseal(&Place::new("note", &name), &sealed)).transpose()
    }

    /// Keeps a note, or drops it for none. Durable when it returns.
    ///
    /// # Errors
    /// The disk's.
    pub fn set_note(&mut self, name: &str, to: Option<&[u8]>) -> Result<()> {
        let name = self.sealing.name("note", name.as_bytes());
        self.writing(|store| {
            match to {
                Some(to) => {
                    let sealed = store.seal_text(&Place::new("note", &name), to)?;
                    store.run(
                        "insert into notes (name, sealed) values (?1, ?2)
                         on conflict (name) do update set sealed = excluded.sealed",
                        params![name, sealed],
                    )?;
                }
                None => {
                    store.run("delete from notes where name = ?1", params![name])?;
                }
            }
            Ok(())
        })
    }
}
