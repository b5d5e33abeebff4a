//! Reading a damaged file row by row: whatever is on a page that is still good.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::Path;

use rusqlite::{Connection, OpenFlags, Row};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sync_core::store::{Course, Draft, LocalRow};
use uuid::Uuid;

use crate::assembling::{EMPTY, Parts, id_of};
use crate::bodies::Text;
use crate::error::{Error, Result};
use crate::sealing::{NoRandomness, Place, Sealing, SecretKey};
use crate::{blocks, drafts::Kept, files, opening, rows, schema};

/// What could still be read, as JSON for an export.
#[derive(Debug, Default, PartialEq, Serialize)]
pub struct Salvaged {
    pub courses: Vec<Course>,
    pub rows: Vec<LocalRow>,
    pub lessons: Vec<SalvagedLesson>,
    pub drafts: Vec<Draft>,
    pub history: Vec<(Kept, String)>,
    /// Nothing was in the way. Rows that are gone without a trace cannot be told.
    pub is_whole: bool,
}

/// What a lesson says.
#[derive(Debug, PartialEq, Serialize)]
pub struct SalvagedLesson {
    pub lesson_id: Uuid,
    pub document: Option<Value>,
    /// Changed blocks of which nobody can say any more where they stood.
    pub blocks: Vec<Value>,
    /// The server's revision it was written on.
    pub base: Option<Value>,
}

/// Where the highest number of a row cannot be read.
const MANY: i64 = 200_000;

/// SQLite's own size of a page, which no file of ours changes.
const PAGE: usize = 4096;

/// Reads a damaged file, at its place or set aside. It is not written to.
///
/// # Errors
/// [`Error::NotThisKey`]; [`Error::Damaged`] when not even the keys of the file can be read.
pub fn salvage(path: &Path, key: &SecretKey) -> Result<Salvaged> {
    match read(path, key, true) {
        Err(Error::Damaged { .. }) => {
            let lent = files::sibling(path, ".reading");
            let read = lend_first_page(path, &lent).and_then(|()| read(&lent, key, false));
            for part in ["", "-wal", "-shm"] {
                // What is left is written over next time.
                let _ = fs::remove_file(files::sibling(&lent, part));
            }
            read.map_err(|error| match error {
                Error::Damaged { .. } | Error::NotThisKey { .. } => Error::damaged(path),
                error => error,
            })
        }
        read => read,
    }
}

/// The first page of a file tells where everything else is. It is the same in every file of this version, but for the
/// number of pages, so that of a new one is lent to a copy.
fn lend_first_page(path: &Path, lent: &Path) -> Result<()> {
    let wrong = |error| Error::sqlite(lent, error);
    files::create_private(lent, true)?;
    let mut new = opening::connect(lent, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    schema::create(&mut new, lent, schema::STEPS, |_| Ok(()))?;
    new.close().map_err(|(_, error)| wrong(error))?;
    let mut page = vec![0; PAGE];
    let io = |error| Error::io(lent, error);
    fs::File::open(lent).and_then(|mut file| file.read_exact(&mut page)).map_err(io)?;
    fs::copy(path, lent).map_err(io)?;
    let journal = files::sibling(path, "-wal");
    if journal.exists() {
        fs::copy(journal, files::sibling(lent, "-wal")).map_err(io)?;
    }
    let mut file = files::open_private(lent)?;
    let pages = file.metadata().map_err(io)?.len() / PAGE as u64;
    let pages = u32::try_from(pages).unwrap_or(u32::MAX).to_be_bytes();
    // Of the header: read and written with a journal, and the number of pages.
    for (at, bytes) in [(18, [2, 2].as_slice()), (28, pages.as_slice())] {
        page.iter_mut().skip(at).zip(bytes).for_each(|(byte, to)| *byte = *to);
    }
    file.write_all(&page).map_err(io)
}

fn read(path: &Path, key: &SecretKey, is_whole: bool) -> Result<Salvaged> {
    let connection = opening::connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    // Nothing is sealed here.
    let sealing = opening::unlock(&connection, path, key, |_| Err(NoRandomness))?;
    let reading = Reading { connection, sealing, is_whole: Cell::new(is_whole) };
    let mut salvaged = Salvaged::default();
    reading.each("courses", "course_id, sealed", |row| {
        let (course, sealed): (Uuid, Option<Vec<u8>>) = (row.get(0)?, row.get(1)?);
        let kept = sealed.and_then(|sealed| reading.json(&Place::new("course", course.as_bytes()), &sealed));
        salvaged.courses.extend(kept);
        Ok(())
    });
    reading.each("rows", "table_number, id, sealed", |row| {
        let (key, sealed) = (rows::key(row)?, row.get::<_, Vec<u8>>(2)?);
        salvaged.rows.extend(reading.json::<LocalRow>(&rows::place(&key), &sealed));
        Ok(())
    });
    reading.each("drafts", "id, sealed", |row| {
        let (id, sealed): (Uuid, Vec<u8>) = (row.get(0)?, row.get(1)?);
        salvaged.drafts.extend(reading.json::<Draft>(&Place::new("draft", id.as_bytes()), &sealed));
        Ok(())
    });
    reading.each("history", "id, about, document", |row| {
        let (id, about, document): (Uuid, Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let about = reading.json(&Place::new("kept", id.as_bytes()), &about);
        let document = reading.text(&Place::new("kept document", id.as_bytes()), &document);
        salvaged.history.extend(about.zip(document));
        Ok(())
    });
    salvaged.lessons = reading.lessons();
    salvaged.is_whole = reading.is_whole.get();
    Ok(salvaged)
}

struct Reading {
    connection: Connection,
    sealing: Sealing,
    is_whole: Cell<bool>,
}

/// What was found of a lesson.
#[derive(Default)]
struct Found {
    base: Option<String>,
    current: Option<String>,
    order: Option<Vec<String>>,
    blocks: HashMap<String, String>,
}

impl Reading {
    /// Every row of a table that can be read: each is looked up by its number, so a bad page hides its own only.
    fn each(&self, table: &str, columns: &str, mut read: impl FnMut(&Row<'_>) -> rusqlite::Result<()>) {
        let last = format!("select max(rowid) from {table}");
        let last = self.connection.query_row(&last, [], |row| row.get::<_, Option<i64>>(0));
        let query = format!("select {columns} from {table} where rowid = ?1");
        let mut good = last.is_ok();
        for number in 1..=last.unwrap_or(Some(MANY)).unwrap_or_default() {
            let found = self.connection.prepare_cached(&query).and_then(|mut query| {
                let mut rows = query.query([number])?;
                rows.next()?.map_or(Ok(()), &mut read)
            });
            good &= found.is_ok();
        }
        if !good {
            self.is_whole.set(false);
        }
    }

    fn lessons(&self) -> Vec<SalvagedLesson> {
        let mut found: BTreeMap<Uuid, Found> = BTreeMap::new();
        self.each("texts", "lesson_id, part, sealed", |row| {
            let (lesson, part, sealed): (Uuid, u32, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let place = Place { kind: "text", of: lesson.as_bytes(), number: part.into() };
            let lesson = found.entry(lesson).or_default();
            match part {
                _ if part == Text::Base as u32 => lesson.base = self.text(&place, &sealed),
                _ if part == Text::Current as u32 => lesson.current = self.text(&place, &sealed),
                _ => lesson.order = self.json(&place, &sealed),
            }
            Ok(())
        });
        self.each("draft_blocks", "lesson_id, name, sealed", |row| {
            let (lesson, name, sealed): (Uuid, [u8; 32], Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let text = self.text(&Place::new("block", &blocks::place(lesson, name)), &sealed);
            if let Some((id, text)) = text.and_then(|text| Some((id_of(&text)?, text))) {
                found.entry(lesson).or_default().blocks.insert(id, text);
            }
            Ok(())
        });
        found.into_iter().map(|(lesson, found)| found.tell(lesson)).collect()
    }

    fn text(&self, place: &Place<'_>, sealed: &[u8]) -> Option<String> {
        let text = self.sealing.open(place, sealed).ok().and_then(|text| String::from_utf8(text).ok());
        if text.is_none() {
            self.is_whole.set(false);
        }
        text
    }

    fn json<T: DeserializeOwned>(&self, place: &Place<'_>, sealed: &[u8]) -> Option<T> {
        serde_json::from_str(&self.text(place, sealed)?).ok()
    }
}

impl Found {
    fn tell(self, lesson_id: Uuid) -> SalvagedLesson {
        let json = |text: &String| serde_json::from_str(text).ok();
        let start = self.current.as_deref().or(self.base.as_deref());
        let whole = Parts::read(start.unwrap_or(EMPTY))
            .filter(|_| start.is_some() || !self.blocks.is_empty())
            .and_then(|parts| parts.with(self.order.as_deref(), &self.blocks));
        let stands = self.order.is_some() || start.is_some();
        match whole.filter(|_| stands) {
            Some(whole) => {
                // Without the order, blocks that are new have no place.
                let mut loose: Vec<&String> = match &self.order {
                    Some(_) => Vec::new(),
                    None => self.blocks.values().filter(|block| !whole.contains(block.as_str())).collect(),
                };
                loose.sort_unstable();
                let blocks = loose.into_iter().filter_map(json).collect();
                SalvagedLesson { lesson_id, document: json(&whole), blocks, base: self.base.as_ref().and_then(json) }
            }
            None => {
                let mut blocks: Vec<&String> = self.blocks.values().collect();
                blocks.sort_unstable();
                SalvagedLesson {
                    lesson_id,
                    document: start.map(str::to_owned).as_ref().and_then(json),
                    blocks: blocks.into_iter().filter_map(json).collect(),
                    base: self.base.as_ref().and_then(json),
                }
            }
        }
    }
}
