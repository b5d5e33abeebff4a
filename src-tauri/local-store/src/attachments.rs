//! Files attached to a course. Their contents are named by their SHA-256 and kept once, however many courses have them.
//! Content first, row after: a row that says a content is here has it.

use std::collections::HashSet;
use std::fs;
use std::io::{Read, Write};
use std::path::PathBuf;

use rusqlite::params;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::LocalStore;
use crate::contents::{self, Incoming};
use crate::error::{Error, Result};
use crate::files;
use crate::sealing::Place;

/// A file of a course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachedFile {
    /// Of the content, lower-case hexadecimal.
    pub sha256: String,
    pub name: String,
    pub media_type: String,
    pub byte_size: u64,
    /// The server has it.
    pub is_uploaded: bool,
    /// Its content is on this computer, whole.
    pub is_here: bool,
}

/// A file whose content is still to be downloaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedFile {
    pub file: AttachedFile,
    /// Numbers of the chunks ([`contents::CHUNK`]) that are not here yet.
    pub missing: Vec<u32>,
}

#[derive(Serialize, Deserialize)]
struct About {
    sha256: String,
    name: String,
    media_type: String,
}

impl LocalStore {
    /// Keeps a file for the course, read to its end; it waits to be uploaded. A content the course has already keeps the
    /// name it has. Durable when it returns.
    ///
    /// # Errors
    /// [`Error::FileTooLarge`], [`Error::Unreadable`], or the disk's. Nothing is left of it then.
    pub fn put_file(
        &mut self,
        course: Uuid,
        name: &str,
        media_type: &str,
        content: &mut impl Read,
    ) -> Result<AttachedFile> {
        files::create_directory(&self.contents())?;
        let incoming = Incoming::read(&self.contents(), &self.sealing, content)?;
        let byte_size = incoming.byte_size;
        let about =
            About { sha256: hex::encode(incoming.sha256), name: name.to_owned(), media_type: media_type.to_owned() };
        let named = self.content_name(&incoming.sha256);
        self.writing(|store| {
            incoming.settle(&store.content(&named))?;
            store.put_about(course, &named, &about, byte_size, false)?;
            store.has_come(&named)
        })?;
        self.file(course, &about.sha256)?.ok_or_else(|| self.damaged())
    }

    /// The server has this file for the course; its content is wanted unless it is here.
    ///
    /// # Errors
    /// [`Error::NotThisFile`] for what is no SHA-256, [`Error::FileTooLarge`], or the disk's.
    pub fn want_file(
        &mut self,
        course: Uuid,
        sha256: &str,
        name: &str,
        media_type: &str,
        byte_size: u64,
    ) -> Result<()> {
        if byte_size > contents::LARGEST {
            return Err(Error::FileTooLarge);
        }
        let named = self.content_name(&digest(sha256).ok_or(Error::NotThisFile)?);
        if byte_size == 0 {
            // There is nothing to wait for.
            let file = self.put_file(course, name, media_type, &mut std::io::empty())?;
            return self.set_uploaded(course, &file.sha256);
        }
        let about = About { sha256: sha256.to_lowercase(), name: name.to_owned(), media_type: media_type.to_owned() };
        self.writing(|store| {
            store.put_about(course, &named, &about, byte_size, true)?;
            store.run(
                "update files set is_uploaded = 1, is_complete = ?3 where course_id = ?1 and name = ?2",
                params![course, named, contents::is_there(&store.content(&named), byte_size)],
            )?;
            Ok(())
        })
    }

    /// # Errors
    /// The disk's.
    pub fn file(&self, course: Uuid, sha256: &str) -> Result<Option<AttachedFile>> {
        let Some(digest) = digest(sha256) else { return Ok(None) };
        let named = self.content_name(&digest);
        let found = self.files_where("course_id = ?1 and name = ?2", params![course, named])?;
        Ok(found.into_iter().next())
    }

    /// The files of a course.
    ///
    /// # Errors
    /// The disk's.
    pub fn files(&self, course: Uuid) -> Result<Vec<AttachedFile>> {
        self.files_where("course_id = ?1", params![course])
    }

    /// The files of a course whose content is here and not on the server.
    ///
    /// # Errors
    /// The disk's.
    pub fn files_waiting(&self, course: Uuid) -> Result<Vec<AttachedFile>> {
        let waiting = self.files_where("course_id = ?1 and not is_uploaded", params![course])?;
        Ok(waiting.into_iter().filter(|file| file.is_here).collect())
    }

    /// The server has the whole content now.
    ///
    /// # Errors
    /// The disk's.
    pub fn set_uploaded(&mut self, course: Uuid, sha256: &str) -> Result<()> {
        let named = self.content_name(&digest(sha256).ok_or(Error::NoSuchFile)?);
        self.writing(|store| {
            store.run("update files set is_uploaded = 1 where course_id = ?1 and name = ?2", params![course, named])?;
            Ok(())
        })
    }

    /// The files of a course whose content is on the server and not here, and what is missing of each.
    ///
    /// # Errors
    /// The disk's.
    pub fn files_wanted(&self, course: Uuid) -> Result<Vec<WantedFile>> {
        let mut wanted = Vec::new();
        for file in self.files_where("course_id = ?1 and is_uploaded", params![course])? {
            if file.is_here {
                continue;
            }
            let named = self.content_name(&digest(&file.sha256).ok_or_else(|| self.damaged())?);
            let here: HashSet<u32> = self
                .all("select number from chunks where name = ?1", params![named], |row| row.get(0))?
                .into_iter()
                .collect();
            let missing = (0..contents::chunks(file.byte_size)).filter(|number| !here.contains(number)).collect();
            wanted.push(WantedFile { file, missing });
        }
        Ok(wanted)
    }

    /// Takes a chunk that was downloaded, in any order, as often as it comes. Says whether the content is whole now, which
    /// means that it has its SHA-256.
    ///
    /// # Errors
    /// [`Error::NotThisFile`]: the chunk has the wrong length, or the content another hash; then all of it is wanted again.
    /// [`Error::NoSuchFile`], or the disk's.
    pub fn put_chunk(&mut self, course: Uuid, sha256: &str, number: u32, chunk: &[u8]) -> Result<bool> {
        let digest = digest(sha256).ok_or(Error::NoSuchFile)?;
        let file = self.file(course, sha256)?.ok_or(Error::NoSuchFile)?;
        if file.is_here {
            return Ok(true);
        }
        let all = contents::chunks(file.byte_size);
        if number >= all || chunk.len() != contents::chunk_size(file.byte_size, number) {
            return Err(Error::NotThisFile);
        }
        files::create_directory(&self.contents())?;
        let named = self.content_name(&digest);
        let (part, whole) = (files::sibling(&self.content(&named), ".part"), self.content(&named));
        let done = self.writing(|store| {
            if store.one("select 1 from chunks where name = ?1 limit 1", params![named], |_| Ok(()))?.is_none() {
                // What was left of a download that was given up.
                files::create_private(&part, true)?;
            }
            contents::write_chunk(&part, &store.sealing, number, chunk)?;
            store.run("insert or ignore into chunks (name, number) values (?1, ?2)", params![named, number])?;
            let here =
                store.one("select count(*) from chunks where name = ?1", params![named], |row| row.get::<_, u32>(0))?;
            if here.unwrap_or_default() < all {
                return Ok(Some(false));
            }
            if !contents::read(&part, &store.sealing, file.byte_size, &digest, |_| Ok(()))? {
                store.run("delete from chunks where name = ?1", params![named])?;
                return Ok(None);
            }
            files::rename(&part, &whole)?;
            store.has_come(&named)?;
            Ok(Some(true))
        })?;
        done.ok_or(Error::NotThisFile)
    }

    /// A file's content; none while it is not here. For small ones, such as pictures.
    ///
    /// # Errors
    /// See [`LocalStore::copy_file`].
    pub fn read_file(&mut self, course: Uuid, sha256: &str) -> Result<Option<Vec<u8>>> {
        let mut content = Vec::new();
        Ok(self.copy_file(course, sha256, &mut content)?.then_some(content))
    }

    /// Writes a file's content somewhere, chunk by chunk. False while it is not here.
    ///
    /// # Errors
    /// [`Error::FileDamaged`]: what was written is not the content; the server's is downloaded again. [`Error::Unwritable`],
    /// or the disk's.
    pub fn copy_file(&mut self, course: Uuid, sha256: &str, to: &mut impl Write) -> Result<bool> {
        let Some((file, digest)) = self.file_here(course, sha256)? else { return Ok(false) };
        let path = self.content(&self.content_name(&digest));
        let write = |chunk: &[u8]| to.write_all(chunk).map_err(|_| Error::Unwritable);
        if contents::read(&path, &self.sealing, file.byte_size, &digest, write)? {
            return Ok(true);
        }
        // Kept, in case somebody can do something with it; the server's comes again.
        files::rename(&path, &files::sibling(&path, ".damaged"))?;
        let named = self.content_name(&digest);
        self.writing(|store| store.run("update files set is_complete = 0 where name = ?1", params![named]))?;
        Err(Error::FileDamaged { name: file.name })
    }

    /// One chunk of a file, to upload it; none while the content is not here.
    ///
    /// # Errors
    /// [`Error::FileDamaged`], or the disk's.
    pub fn read_chunk(&self, course: Uuid, sha256: &str, number: u32) -> Result<Option<Vec<u8>>> {
        let Some((file, digest)) = self.file_here(course, sha256)? else { return Ok(None) };
        if number >= contents::chunks(file.byte_size) {
            return Ok(None);
        }
        let path = self.content(&self.content_name(&digest));
        match contents::read_chunk(&path, &self.sealing, file.byte_size, number)? {
            None => Err(Error::FileDamaged { name: file.name }),
            chunk => Ok(chunk),
        }
    }

    /// The course has the file no more. Its content goes with [`LocalStore::drop_unused_files`].
    ///
    /// # Errors
    /// The disk's.
    pub fn drop_file(&mut self, course: Uuid, sha256: &str) -> Result<()> {
        let Some(digest) = digest(sha256) else { return Ok(()) };
        let named = self.content_name(&digest);
        self.writing(|store| {
            store.run("delete from files where course_id = ?1 and name = ?2", params![course, named])?;
            Ok(())
        })
    }

    /// Takes contents from the disk that no course has any more, and what is left of files that never came whole.
    /// Answers how many.
    ///
    /// # Errors
    /// The disk's.
    pub fn drop_unused_files(&mut self) -> Result<usize> {
        // Nobody settles a content meanwhile.
        self.writing(|store| {
            store.run("delete from chunks where name not in (select name from files)", &[])?;
            let used = store.all("select name from files", &[], |row| row.get::<_, [u8; 32]>(0))?;
            let used: HashSet<String> = used.into_iter().map(hex::encode).collect();
            let directory = store.contents();
            let entries = match fs::read_dir(&directory) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
                entries => entries.map_err(|error| Error::io(&directory, error))?,
            };
            let mut dropped = 0;
            for entry in entries {
                let path = entry.map_err(|error| Error::io(&directory, error))?.path();
                let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
                let is_new = path.extension().is_some_and(|extension| extension == "new");
                if if is_new { contents::is_abandoned(&path) } else { !used.contains(name) } {
                    fs::remove_file(&path).map_err(|error| Error::io(&path, error))?;
                    dropped += 1;
                }
            }
            Ok(dropped)
        })
    }

    fn file_here(&self, course: Uuid, sha256: &str) -> Result<Option<(AttachedFile, [u8; 32])>> {
        let file = self.file(course, sha256)?.filter(|file| file.is_here);
        Ok(file.and_then(|file| Some((file, digest(sha256)?))))
    }

    fn files_where(&self, condition: &str, parameters: &[&dyn rusqlite::ToSql]) -> Result<Vec<AttachedFile>> {
        let query = format!(
            "select course_id, name, byte_size, is_uploaded, is_complete, sealed from files where {condition} order by name"
        );
        let found = self.all(&query, parameters, |row| {
            let flags = (row.get::<_, bool>(3)?, row.get::<_, bool>(4)?);
            Ok((row.get(0)?, row.get(1)?, row.get::<_, i64>(2)?, flags, row.get::<_, Vec<u8>>(5)?))
        })?;
        let mut files = Vec::with_capacity(found.len());
        for (course, named, byte_size, (is_uploaded, is_complete), sealed) in found {
            let about: About = self.unseal_json(&Place::new("file", &of(course, &named)), &sealed)?;
            let byte_size = byte_size.unsigned_abs();
            // Somebody may have tidied the directory.
            let is_here = is_complete && contents::is_there(&self.content(&named), byte_size);
            let About { sha256, name, media_type } = about;
            files.push(AttachedFile { sha256, name, media_type, byte_size, is_uploaded, is_here });
        }
        Ok(files)
    }

    fn put_about(
        &self,
        course: Uuid,
        named: &[u8; 32],
        about: &About,
        byte_size: u64,
        is_uploaded: bool,
    ) -> Result<()> {
        let sealed = self.seal_json(&Place::new("file", &of(course, named)), about)?;
        let byte_size = i64::try_from(byte_size).map_err(|_| Error::FileTooLarge)?;
        self.run(
            "insert into files (course_id, name, byte_size, is_uploaded, is_complete, sealed) values (?1, ?2, ?3, ?4, 0, ?5)
             on conflict (course_id, name) do nothing",
            params![course, named, byte_size, is_uploaded, sealed],
        )?;
        Ok(())
    }

    /// A content stands whole under its name, for every course that has it.
    fn has_come(&self, named: &[u8; 32]) -> Result<()> {
        self.run("update files set is_complete = 1 where name = ?1", params![named])?;
        self.run("delete from chunks where name = ?1", params![named])?;
        Ok(())
    }

    fn contents(&self) -> PathBuf {
        files::sibling(&self.path, ".files")
    }

    fn content(&self, named: &[u8; 32]) -> PathBuf {
        self.contents().join(hex::encode(named))
    }

    /// The hash itself would tell whoever has the same file that it is here.
    fn content_name(&self, sha256: &[u8; 32]) -> [u8; 32] {
        self.sealing.name("content", sha256)
    }
}

fn of(course: Uuid, named: &[u8; 32]) -> Vec<u8> {
    [course.as_bytes().as_slice(), named].concat()
}

fn digest(sha256: &str) -> Option<[u8; 32]> {
    hex::decode(sha256).ok()?.try_into().ok()
}
