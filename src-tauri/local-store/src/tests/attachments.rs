//! Files attached to a course: kept once, resumed, never half.

use std::fs;
use std::io::{self, Read};

use proptest::prelude::*;
use uuid::Uuid;

use super::{COURSE, Desk, cases, words};
use crate::{CHUNK, Error, LocalStore};

const OTHER: Uuid = Uuid::from_u128(8);

fn sha256(content: &[u8]) -> String {
    hex::encode(ring::digest::digest(&ring::digest::SHA256, content))
}

fn contents(desk: &Desk) -> Vec<std::path::PathBuf> {
    match fs::read_dir(crate::files::sibling(&desk.path(), ".files")) {
        Ok(entries) => entries.map(|entry| entry.unwrap().path()).collect(),
        Err(_) => Vec::new(),
    }
}

fn put(store: &mut LocalStore, course: Uuid, name: &str, content: &[u8]) -> String {
    store.put_file(course, name, "application/pdf", &mut &*content).unwrap().sha256
}

#[test]
fn a_file_is_kept_once_for_all_courses() {
    let desk = Desk::new();
    let mut store = desk.open();
    let content = words(CHUNK).into_bytes();
    let sha = put(&mut store, COURSE, "Worksheet.pdf", &content);
    assert_eq!(sha, sha256(&content));
    assert_eq!(put(&mut store, OTHER, "Same.pdf", &content), sha);
    assert_eq!(put(&mut store, OTHER, "Again.pdf", &content), sha);
    assert_eq!(contents(&desk).len(), 1);
    assert_eq!(store.files(OTHER).unwrap()[0].name, "Same.pdf");
    assert_eq!(store.read_file(OTHER, &sha).unwrap().unwrap(), content);
    assert_eq!(store.files_waiting(COURSE).unwrap().len(), 1);
    store.set_uploaded(COURSE, &sha).unwrap();
    assert!(store.files_waiting(COURSE).unwrap().is_empty());
    assert_eq!(store.files_waiting(OTHER).unwrap().len(), 1);

    store.remove_course(COURSE).unwrap();
    assert_eq!(store.drop_unused_files().unwrap(), 0);
    assert_eq!(store.read_file(OTHER, &sha).unwrap().unwrap(), content);
    store.drop_file(OTHER, &sha).unwrap();
    assert_eq!(store.drop_unused_files().unwrap(), 1);
    assert!(contents(&desk).is_empty());
    assert_eq!(store.read_file(OTHER, &sha).unwrap(), None);
}

#[test]
fn an_empty_file_is_a_file() {
    let desk = Desk::new();
    let mut store = desk.open();
    let sha = put(&mut store, COURSE, "Empty.txt", b"");
    assert_eq!(store.read_file(COURSE, &sha).unwrap().unwrap(), b"");
    assert!(store.file(COURSE, &sha).unwrap().unwrap().is_here);
}

proptest! {
    #![proptest_config(cases(24, 300))]

    #[test]
    fn a_download_is_resumed_where_it_was(
        size in prop_oneof![1..2_000_usize, CHUNK - 1..CHUNK + 2, 2 * CHUNK..2 * CHUNK + 9],
        order in prop::collection::vec((0..3_u32, any::<bool>()), 0..9),
    ) {
        let desk = Desk::new();
        let mut store = desk.open();
        let content = words(size.div_ceil(2)).into_bytes()[..size].to_vec();
        let sha = sha256(&content);
        store.want_file(COURSE, &sha, "Film.mp4", "video/mp4", size as u64).unwrap();
        let chunks: Vec<&[u8]> = content.chunks(CHUNK).collect();
        let mut came = std::collections::BTreeSet::new();
        let all = (0..3).map(|number| (number, false));
        for (number, restarts) in order.into_iter().chain(all) {
            if restarts {
                drop(store);
                store = desk.open();
            }
            let Some(chunk) = chunks.get(number as usize) else { continue };
            came.insert(number);
            prop_assert_eq!(store.put_chunk(COURSE, &sha, number, chunk).unwrap(), came.len() == chunks.len());
            let missing: Vec<u32> = (0..chunks.len() as u32).filter(|number| !came.contains(number)).collect();
            let wanted = store.files_wanted(COURSE).unwrap();
            prop_assert_eq!(wanted.first().map(|wanted| wanted.missing.clone()).unwrap_or_default(), missing);
        }
        prop_assert_eq!(store.read_file(COURSE, &sha).unwrap().unwrap(), content);
        prop_assert!(store.files_waiting(COURSE).unwrap().is_empty());
        // Another course has it at once.
        store.want_file(OTHER, &sha, "Film.mp4", "video/mp4", size as u64).unwrap();
        prop_assert!(store.files_wanted(OTHER).unwrap().is_empty());
        prop_assert_eq!(contents(&desk).len(), 1);
    }
}

#[test]
fn a_content_that_is_not_what_its_name_says_is_wanted_again() {
    let desk = Desk::new();
    let mut store = desk.open();
    let content = words(CHUNK).into_bytes();
    let sha = sha256(&content);
    store.want_file(COURSE, &sha, "Map.png", "image/png", content.len() as u64).unwrap();
    let mut wrong = content.clone();
    wrong[CHUNK + 3] ^= 1;
    assert!(!store.put_chunk(COURSE, &sha, 0, &wrong[..CHUNK]).unwrap());
    assert!(matches!(store.put_chunk(COURSE, &sha, 1, &wrong[..CHUNK - 1]).unwrap_err(), Error::NotThisFile));
    assert!(matches!(store.put_chunk(COURSE, &sha, 1, &wrong[CHUNK..]).unwrap_err(), Error::NotThisFile));
    assert_eq!(store.files_wanted(COURSE).unwrap()[0].missing, [0, 1]);
    assert!(!store.put_chunk(COURSE, &sha, 1, &content[CHUNK..]).unwrap());
    assert!(store.put_chunk(COURSE, &sha, 0, &content[..CHUNK]).unwrap());
    assert_eq!(store.read_file(COURSE, &sha).unwrap().unwrap(), content);
}

#[test]
fn a_damaged_content_is_told_and_comes_again_from_the_server() {
    let desk = Desk::new();
    let mut store = desk.open();
    let sha = put(&mut store, COURSE, "Map.png", b"all the rivers");
    store.set_uploaded(COURSE, &sha).unwrap();
    let path = contents(&desk).remove(0);
    let mut bytes = fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&path, bytes).unwrap();
    assert!(matches!(store.read_chunk(COURSE, &sha, 0).unwrap_err(), Error::FileDamaged { .. }));
    let error = store.read_file(COURSE, &sha).unwrap_err();
    assert_eq!(error.to_string(), "The content of Map.png on this computer is damaged.");
    assert_eq!(store.read_file(COURSE, &sha).unwrap(), None);
    assert_eq!(store.files_wanted(COURSE).unwrap()[0].missing, [0]);
    assert!(store.put_chunk(COURSE, &sha, 0, b"all the rivers").unwrap());
    assert_eq!(store.read_file(COURSE, &sha).unwrap().unwrap(), b"all the rivers");

    fs::remove_dir_all(path.parent().unwrap()).unwrap();
    assert_eq!(store.files_wanted(COURSE).unwrap().len(), 1);
}

/// Gives its bytes and then fails, as a memory card pulled out does.
struct PulledOut(usize);

impl Read for PulledOut {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.0 == 0 {
            return Err(io::Error::other("pulled out"));
        }
        let length = into.len().min(self.0);
        self.0 -= length;
        into[..length].fill(7);
        Ok(length)
    }
}

#[test]
fn a_file_that_cannot_be_read_to_its_end_leaves_nothing() {
    let desk = Desk::new();
    let mut store = desk.open();
    let error = store.put_file(COURSE, "Card.bin", "application/octet-stream", &mut PulledOut(CHUNK * 2)).unwrap_err();
    assert!(matches!(error, Error::Unreadable));
    assert!(contents(&desk).is_empty() && store.files(COURSE).unwrap().is_empty());
}

#[test]
fn a_file_of_fifty_megabytes_streams() {
    struct Endless(usize);
    impl Read for Endless {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            // Nobody asks for more than a chunk at once.
            assert!(into.len() <= CHUNK);
            let length = into.len().min(self.0);
            into[..length].fill((self.0 % 251) as u8);
            self.0 -= length;
            Ok(length)
        }
    }
    struct Count(usize);
    impl io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            assert!(bytes.len() <= CHUNK);
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let desk = Desk::new();
    let mut store = desk.open();
    let size = 50_000_000;
    let file = store.put_file(COURSE, "Lecture.mp4", "video/mp4", &mut Endless(size)).unwrap();
    assert_eq!(file.byte_size, size as u64);
    let mut count = Count(0);
    assert!(store.copy_file(COURSE, &file.sha256, &mut count).unwrap());
    assert_eq!(count.0, size);
    let error = store.put_file(COURSE, "Endless", "video/mp4", &mut Endless(300 << 20)).unwrap_err();
    assert!(matches!(error, Error::FileTooLarge));
}

#[test]
fn what_a_killed_process_left_of_a_file_is_tidied_away() {
    let desk = Desk::new();
    let mut store = desk.open();
    put(&mut store, COURSE, "Map.png", b"all the rivers");
    let left = crate::files::sibling(&desk.path(), ".files").join("0123.new");
    fs::write(&left, b"half").unwrap();
    assert_eq!(store.drop_unused_files().unwrap(), 1);
    assert_eq!(contents(&desk).len(), 1);
    let busy = fs::File::create(&left).unwrap();
    busy.lock().unwrap();
    assert_eq!(store.drop_unused_files().unwrap(), 0);
}
