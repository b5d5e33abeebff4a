//! Learners may read exactly the files of what they read.

use lectern::{
    ids::{AttachmentId, EnrollmentId, LessonId, PersonId},
    sync::remote::{self, NewFile, Uploaded},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sync_core::wire::Table;
use uuid::Uuid;

use super::author::{Author, School, change, new_id, new_lesson, revision, school, versions};
use crate::desk::Desk;

fn picture(school: &School, content: &[u8]) -> NewFile {
    NewFile {
        id: AttachmentId::new(),
        course_id: school.course,
        sha256: Sha256::digest(content).into(),
        file_name: "Lever 梃子.png".into(),
        media_type: "image/png".into(),
        byte_size: i64::try_from(content.len()).unwrap(),
    }
}

async fn upload(author: &mut Author, school: &School, content: &[u8]) -> NewFile {
    let new = picture(school, content);
    does!(author.desk, |c| remote::begin_upload(c, school.id, &new)).unwrap();
    does!(author.desk, |c| remote::send_chunk(c, school.id, new.id, 0, content)).unwrap();
    assert_eq!(does!(author.desk, |c| remote::finish_upload(c, school.id, new.id)).unwrap(), Uploaded::Complete);
    new
}

/// A callout and a table hold blocks, so a picture may stand deep.
fn text_with(files: &[&NewFile]) -> Value {
    let image = |file: &&NewFile| json!({"type": "image", "attrs": {"id": new_id(), "attachment": hex::encode(file.sha256), "alt": ""}});
    json!({"type": "doc", "content": [{"type": "callout", "attrs": {"id": new_id()}, "content": files.iter().map(image).collect::<Vec<_>>()}]})
}

/// A lesson written by `author` and published with these pictures.
async fn publish(author: &mut Author, lesson: Uuid, expect: Option<Uuid>, files: &[&NewFile]) -> Uuid {
    let content = new_id().as_bytes().to_vec();
    let revision = revision(lesson, None, author.device, &content);
    let fields = json!({"revision_id": revision.id, "published_revision_id": revision.id, "published_at": "2026-03-01T10:00:00Z",
        "document": text_with(files), "markdown": "Levers", "html": "<p>Levers</p>", "plain_text": "Levers"});
    let written = match expect {
        None => {
            let mut written = new_lesson(lesson, "Levers", None);
            written.fields.extend(serde_json::from_value::<sync_core::wire::Fields>(fields).unwrap());
            written
        }
        Some(version) => change(Table::Lessons, lesson, version, fields),
    };
    let mut push = author.push_of(vec![written]);
    push.revisions = vec![revision];
    versions(author.send(&push, &[content]).await)[0]
}

async fn enroll(school: &School, person: PersonId) {
    let _: EnrollmentId = school.fresh.enroll(school.id, school.course, person).await;
}

async fn reads(desk: &mut Desk, school: &School, file: &NewFile) -> bool {
    let found = does!(desk, |c| remote::find_file(c, school.id, school.course, &file.sha256)).unwrap();
    let chunk = does!(desk, |c| remote::fetch_chunk(c, school.id, file.id, 0)).unwrap();
    assert_eq!(found.is_some(), chunk.is_some(), "a file and its content go together");
    chunk.is_some()
}

/// Names of the files a lesson hands out, in order.
async fn handed_out(desk: &mut Desk, lesson: Uuid) -> Vec<Vec<u8>> {
    let mut transaction = desk.begin().await;
    sqlx::query_scalar(
        "select a.sha256 from lectern.lesson_attachments x
           join lectern.attachments a on (a.organization_id, a.id) = (x.organization_id, x.attachment_id)
          where x.lesson_id = $1 and x.archived_at is null order by x.position",
    )
    .bind(lesson)
    .fetch_all(&mut *transaction)
    .await
    .unwrap()
}

#[tokio::test]
async fn a_learner_reads_the_pictures_of_what_is_published_and_not_those_of_a_draft() {
    let school = school().await;
    let mut author = school.author().await;
    let (mut learner, person) = Desk::new(&school.fresh, school.id, "Mina Okafor", "learner").await;
    let (mut stranger, _) = Desk::new(&school.fresh, school.id, "Sam Lee", "learner").await;
    enroll(&school, person).await;
    let [lever, crane, draft] = [b"lever".as_slice(), b"crane", b"draft"];
    let (lever, crane) = (upload(&mut author, &school, lever).await, upload(&mut author, &school, crane).await);
    let draft = upload(&mut author, &school, draft).await;
    for file in [&lever, &crane, &draft] {
        assert!(!reads(&mut learner, &school, file).await, "nothing is published");
    }

    let lesson = new_id();
    let version = publish(&mut author, lesson, None, &[&crane, &lever, &crane]).await;
    assert_eq!(handed_out(&mut learner, lesson).await, [crane.sha256.to_vec(), lever.sha256.to_vec()]);
    assert!(reads(&mut learner, &school, &crane).await && reads(&mut learner, &school, &lever).await);
    assert!(!reads(&mut learner, &school, &draft).await, "a draft's stays the authors'");
    assert!(reads(&mut author.desk, &school, &draft).await);
    assert!(!reads(&mut stranger, &school, &crane).await, "who is not enrolled reads none");

    // Published anew without one, it is handed out no longer, and comes back with the text.
    let version = publish(&mut author, lesson, Some(version), &[&lever]).await;
    assert_eq!(handed_out(&mut author.desk, lesson).await, [lever.sha256.to_vec()]);
    assert!(!reads(&mut learner, &school, &crane).await && reads(&mut learner, &school, &lever).await);
    let version = publish(&mut author, lesson, Some(version), &[&lever, &crane]).await;
    assert_eq!(handed_out(&mut learner, lesson).await, [lever.sha256.to_vec(), crane.sha256.to_vec()]);

    // Taken back, nothing of it is read.
    let taken_back = json!({"published_at": null, "published_revision_id": null});
    versions(author.push(vec![change(Table::Lessons, lesson, version, taken_back)]).await);
    assert!(!reads(&mut learner, &school, &crane).await && !reads(&mut learner, &school, &lever).await);
}

#[tokio::test]
async fn a_file_that_arrives_after_the_text_that_names_it_is_handed_out_too() {
    let school = school().await;
    let mut author = school.author().await;
    let (mut learner, person) = Desk::new(&school.fresh, school.id, "Mina Okafor", "learner").await;
    enroll(&school, person).await;
    let late = picture(&school, b"late");
    let lesson = new_id();
    publish(&mut author, lesson, None, &[&late]).await;
    assert!(handed_out(&mut author.desk, lesson).await.is_empty());
    let late = upload(&mut author, &school, b"late").await;
    assert!(reads(&mut learner, &school, &late).await);
    assert_eq!(handed_out(&mut learner, lesson).await, [late.sha256.to_vec()]);
}

#[tokio::test]
async fn a_lesson_written_in_plain_sql_hands_out_its_files_and_none_of_another_course() {
    let school = school().await;
    let mut author = school.author().await;
    let mine = upload(&mut author, &school, b"mine").await;
    // The same instructor's other course has a file this one has not.
    let other = School { course: school.fresh.course(school.id, "Optics").await, ..school };
    other.fresh.staff(other.id, other.course, other.lead, "lead").await;
    let mut elsewhere = other.author().await;
    let theirs = upload(&mut elsewhere, &other, b"theirs").await;

    let lesson = LessonId::new();
    let mut transaction = author.desk.begin().await;
    sqlx::query(
        "insert into lectern.lessons (organization_id, id, course_id, title, position, document, published_at)
         values ($1, $2, $3, 'Plainly', 'a', $4, now())",
    )
    .bind(other.id)
    .bind(lesson)
    .bind(mine.course_id)
    .bind(text_with(&[&theirs, &mine]))
    .execute(&mut *transaction)
    .await
    .unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(handed_out(&mut author.desk, lesson.0).await, [mine.sha256.to_vec()]);
    let mut transaction = author.desk.begin().await;
    sqlx::query("update lectern.lessons set document = null where id = $1")
        .bind(lesson)
        .execute(&mut *transaction)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    assert!(handed_out(&mut author.desk, lesson.0).await.is_empty());
}
