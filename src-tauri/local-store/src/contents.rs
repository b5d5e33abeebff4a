//! Contents of attached files: one file each beside the database, sealed in chunks, never in memory as a whole.
//!
//! Layout: 16 random bytes, then every chunk of the content, sealed for its number and those bytes.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use ring::digest::{Context, SHA256};

use crate::error::{Error, Result};
use crate::files;
use crate::sealing::{NoRandomness, OVERHEAD, Place, Sealing};

/// A content travels and is sealed in chunks of so many bytes.
pub const CHUNK: usize = 262_144;

/// The server takes no file with more bytes.
pub const LARGEST: u64 = 256 << 20;

const HEAD: usize = 16;
const SEALED: u64 = (CHUNK + OVERHEAD) as u64;

/// How many chunks a content of this size has.
pub(crate) fn chunks(byte_size: u64) -> u32 {
    u32::try_from(byte_size.div_ceil(CHUNK as u64)).unwrap_or(u32::MAX)
}

/// How many bytes the chunk has.
pub(crate) fn chunk_size(byte_size: u64, number: u32) -> usize {
    let left = byte_size.saturating_sub(u64::from(number) * CHUNK as u64);
    usize::try_from(left).unwrap_or(CHUNK).min(CHUNK)
}

/// The bytes a content of this size takes on the disk.
fn size_on_disk(byte_size: u64) -> u64 {
    HEAD as u64 + byte_size + u64::from(chunks(byte_size)) * OVERHEAD as u64
}

/// Whether all of a content seems to be there.
pub(crate) fn is_there(path: &Path, byte_size: u64) -> bool {
    fs::metadata(path).is_ok_and(|about| about.len() == size_on_disk(byte_size))
}

/// A content on its way in. Locked while it is written, so that nobody tidies it away.
pub(crate) struct Incoming {
    pub path: PathBuf,
    pub sha256: [u8; 32],
    pub byte_size: u64,
    file: Option<File>,
}

impl Incoming {
    /// Reads a content to its end, into a file of its own in the directory.
    pub fn read(directory: &Path, sealing: &Sealing, content: &mut impl Read) -> Result<Self> {
        let mut name = [0; HEAD];
        sealing.fill(&mut name).map_err(|NoRandomness| Error::NoRandomness)?;
        let path = directory.join(format!("{}.new", hex::encode(name)));
        let file = files::create_private(&path, false)?.ok_or_else(|| Error::Taken { path: path.clone() })?;
        let mut incoming = Self { path, sha256: [0; 32], byte_size: 0, file: None };
        let done = incoming.fill(&file, sealing, content);
        incoming.file = Some(file);
        done.map(|()| incoming)
    }

    fn fill(&mut self, mut file: &File, sealing: &Sealing, content: &mut impl Read) -> Result<()> {
        let wrong = |error| Error::io(&self.path, error);
        // Where a disk has no locks nothing is tidied away either.
        let _ = file.lock();
        let mut head = [0; HEAD];
        sealing.fill(&mut head).map_err(|NoRandomness| Error::NoRandomness)?;
        file.write_all(&head).map_err(wrong)?;
        let mut hash = Context::new(&SHA256);
        let mut chunk = Vec::with_capacity(CHUNK);
        for number in 0.. {
            chunk.clear();
            // What cannot be read is not the drafts' disk.
            content.by_ref().take(CHUNK as u64).read_to_end(&mut chunk).map_err(|_| Error::Unreadable)?;
            if chunk.is_empty() {
                break;
            }
            self.byte_size += chunk.len() as u64;
            if self.byte_size > LARGEST {
                return Err(Error::FileTooLarge);
            }
            hash.update(&chunk);
            let sealed = sealing.seal(&place(&head, number), &chunk).map_err(|NoRandomness| Error::NoRandomness)?;
            file.write_all(&sealed).map_err(wrong)?;
            if chunk.len() < CHUNK {
                break;
            }
        }
        file.sync_all().map_err(wrong)?;
        self.sha256.copy_from_slice(hash.finish().as_ref());
        Ok(())
    }

    /// The content gets its name, for good.
    pub fn settle(&self, to: &Path) -> Result<()> {
        files::rename(&self.path, to)
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        drop(self.file.take());
        // Settled, it has another name.
        let _ = fs::remove_file(&self.path);
    }
}

/// Whether nobody is writing this content any more.
pub(crate) fn is_abandoned(path: &Path) -> bool {
    File::open(path).is_ok_and(|file| file.try_lock().is_ok())
}

/// Writes one chunk of a content that comes in pieces. Durable when it returns.
pub(crate) fn write_chunk(path: &Path, sealing: &Sealing, number: u32, chunk: &[u8]) -> Result<()> {
    let wrong = |error| Error::io(path, error);
    let mut file = files::open_private(path)?;
    let mut head = [0; HEAD];
    if file.metadata().map_err(wrong)?.len() < HEAD as u64 {
        sealing.fill(&mut head).map_err(|NoRandomness| Error::NoRandomness)?;
        file.write_all(&head).map_err(wrong)?;
    } else {
        file.read_exact(&mut head).map_err(wrong)?;
    }
    let sealed = sealing.seal(&place(&head, number), chunk).map_err(|NoRandomness| Error::NoRandomness)?;
    file.seek(SeekFrom::Start(start(number))).map_err(wrong)?;
    file.write_all(&sealed).map_err(wrong)?;
    file.sync_all().map_err(wrong)
}

/// One chunk of a content; none when it is damaged or not there.
pub(crate) fn read_chunk(path: &Path, sealing: &Sealing, byte_size: u64, number: u32) -> Result<Option<Vec<u8>>> {
    let wrong = |error| Error::io(path, error);
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(wrong(error)),
    };
    let (mut head, mut sealed) = ([0; HEAD], vec![0; chunk_size(byte_size, number) + OVERHEAD]);
    let read = file
        .read_exact(&mut head)
        .and_then(|()| file.seek(SeekFrom::Start(start(number))))
        .and_then(|_| file.read_exact(&mut sealed));
    match read {
        Ok(()) => Ok(sealing.open(&place(&head, number), &sealed).ok()),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(wrong(error)),
    }
}

/// Hands a content over chunk by chunk. Answers whether it was whole and is what its name says.
pub(crate) fn read(
    path: &Path,
    sealing: &Sealing,
    byte_size: u64,
    sha256: &[u8; 32],
    mut each: impl FnMut(&[u8]) -> Result<()>,
) -> Result<bool> {
    let mut hash = Context::new(&SHA256);
    for number in 0..chunks(byte_size) {
        let Some(chunk) = read_chunk(path, sealing, byte_size, number)? else { return Ok(false) };
        hash.update(&chunk);
        each(&chunk)?;
    }
    Ok(hash.finish().as_ref() == sha256)
}

fn start(number: u32) -> u64 {
    HEAD as u64 + u64::from(number) * SEALED
}

fn place(head: &[u8; HEAD], number: u32) -> Place<'_> {
    Place { kind: "chunk", of: head, number: u64::from(number) }
}
