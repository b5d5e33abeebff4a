use lectern::{
    Code,
    ids::{AttachmentId, CourseId},
    sync::remote::{self, CHUNK_BYTES, NewFile, Uploaded},
};
use sha2::{Digest, Sha256};

use super::author::school;
use crate::desk::{refused, refused_at};

fn file(course: CourseId, content: &[u8]) -> NewFile {
    NewFile {
        id: AttachmentId::new(),
        course_id: course,
        sha256: Sha256::digest(content).into(),
        file_name: "Übersicht 力.pdf".into(),
        media_type: "application/pdf".into(),
        byte_size: i64::try_from(content.len()).unwrap(),
    }
}

#[tokio::test]
async fn a_file_is_uploaded_in_pieces_resumed_by_another_device_and_complete_once_its_content_is_its_name() {
    let school = school().await;
    let (mut one, mut two) = (school.author().await, school.author().await);
    let content: Vec<u8> = (0..CHUNK_BYTES * 3 + 77).map(|n| (n * 31 % 251) as u8).collect();
    let new = file(school.course, &content);
    let begun = does!(one.desk, |c| remote::begin_upload(c, school.id, &new)).unwrap();
    assert_eq!((begun.id, begun.is_complete, begun.present), (new.id, false, vec![]));
    let chunks: Vec<&[u8]> = content.chunks(CHUNK_BYTES).collect();
    for number in [2usize, 0] {
        does!(one.desk, |c| remote::send_chunk(c, school.id, new.id, number as i32, chunks[number])).unwrap();
    }
    assert_eq!(does!(one.desk, |c| remote::finish_upload(c, school.id, new.id)).unwrap(), Uploaded::Incomplete);
    // The same content under another id is the same file.
    let same = file(school.course, &content);
    let resumed = does!(two.desk, |c| remote::begin_upload(c, school.id, &same)).unwrap();
    assert_eq!((resumed.id, resumed.present), (new.id, vec![0, 2]));
    assert_eq!(does!(two.desk, |c| remote::find_file(c, school.id, school.course, &new.sha256)).unwrap(), None);
    for number in [0usize, 1, 3] {
        does!(two.desk, |c| remote::send_chunk(c, school.id, new.id, number as i32, chunks[number])).unwrap();
    }
    for _ in 0..2 {
        assert_eq!(does!(two.desk, |c| remote::finish_upload(c, school.id, new.id)).unwrap(), Uploaded::Complete);
    }
    let found = does!(one.desk, |c| remote::find_file(c, school.id, school.course, &new.sha256)).unwrap().unwrap();
    assert_eq!((found.id, found.byte_size, found.file_name.as_str()), (new.id, new.byte_size, "Übersicht 力.pdf"));
    let mut got = Vec::new();
    while let Some(chunk) =
        does!(one.desk, |c| remote::fetch_chunk(c, school.id, found.id, (got.len() / CHUNK_BYTES) as i32)).unwrap()
    {
        let is_last = chunk.len() < CHUNK_BYTES;
        got.extend(chunk);
        if is_last {
            break;
        }
    }
    assert!(got == content);
    // Nothing is added to it any more.
    let added = does!(one.desk, |c| remote::send_chunk(c, school.id, new.id, 9, b"more"));
    assert_eq!(refused(added).0, Code::Invalid);
    assert!(does!(one.desk, |c| remote::begin_upload(c, school.id, &new)).unwrap().is_complete);
}

#[tokio::test]
async fn a_chunk_that_is_no_part_of_the_file_is_refused_and_a_false_content_is_thrown_away() {
    let school = school().await;
    let mut author = school.author().await;
    let content = vec![1; CHUNK_BYTES + 10];
    let new = file(school.course, &content);
    does!(author.desk, |c| remote::begin_upload(c, school.id, &new)).unwrap();
    for (number, size) in [(0, 10), (1, CHUNK_BYTES), (1, 9), (2, 10), (-1, 10), (0, CHUNK_BYTES + 1)] {
        let sent = does!(author.desk, |c| remote::send_chunk(c, school.id, new.id, number, &vec![1; size]));
        assert_eq!(refused(sent).0, Code::Invalid, "{number} of {size}");
    }
    let send = async |author: &mut super::author::Author, first: u8| {
        does!(author.desk, |c| remote::send_chunk(c, school.id, new.id, 0, &vec![first; CHUNK_BYTES])).unwrap();
        does!(author.desk, |c| remote::send_chunk(c, school.id, new.id, 1, &[1; 10])).unwrap();
        does!(author.desk, |c| remote::finish_upload(c, school.id, new.id)).unwrap()
    };
    assert_eq!(send(&mut author, 9).await, Uploaded::Damaged);
    assert_eq!(does!(author.desk, |c| remote::begin_upload(c, school.id, &new)).unwrap().present, Vec::<i32>::new());
    assert_eq!(send(&mut author, 1).await, Uploaded::Complete);
    // An empty file is complete at once.
    let empty = file(school.course, b"");
    does!(author.desk, |c| remote::begin_upload(c, school.id, &empty)).unwrap();
    assert_eq!(does!(author.desk, |c| remote::finish_upload(c, school.id, empty.id)).unwrap(), Uploaded::Complete);
    for (wrong, field) in [
        (NewFile { byte_size: remote::MAX_FILE_BYTES + 1, ..file(school.course, b"a") }, "byteSize"),
        (NewFile { file_name: " ".into(), ..file(school.course, b"a") }, "fileName"),
        (NewFile { media_type: "pdf".into(), ..file(school.course, b"a") }, "mediaType"),
    ] {
        refused_at(does!(author.desk, |c| remote::begin_upload(c, school.id, &wrong)), Code::Invalid, field);
    }
}

#[tokio::test]
async fn only_who_writes_the_course_uploads_to_it() {
    let school = school().await;
    let mut lead = school.author().await;
    let new = file(school.course, b"content");
    does!(lead.desk, |c| remote::begin_upload(c, school.id, &new)).unwrap();
    for (role, duty) in [("reviewer", Some("assistant")), ("learner", None), ("instructor", None)] {
        let mut other = school.staff("Mina Okafor", role, duty).await;
        let other_file = file(school.course, b"mine");
        let begun = does!(other.desk, |c| remote::begin_upload(c, school.id, &other_file));
        assert_eq!(refused(begun).0, Code::NotAllowed);
        let sent = does!(other.desk, |c| remote::send_chunk(c, school.id, new.id, 0, b"content"));
        assert_eq!(refused(sent).0, Code::NotAllowed);
        let finished = does!(other.desk, |c| remote::finish_upload(c, school.id, new.id));
        assert_eq!(refused(finished).0, Code::NotAllowed);
    }
}
