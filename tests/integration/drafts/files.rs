use lectern::{
    drafts::{
        file,
        lessons::{ChangedBlock, LessonWriting},
        publication,
    },
    ids::{CourseId, LessonId},
    sync::files,
};
use serde_json::json;

use super::computer::{Computer, school};

/// Half a megabyte and a bit: three pieces.
fn picture() -> Vec<u8> {
    (0..600_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

/// Attaches the picture and shows it in the lesson; answers its name.
async fn show(computer: &Computer, lesson: LessonId) -> String {
    let course = computer.course;
    let name = computer
        .with(move |machine| {
            let content = picture();
            Ok(machine.store_mut().put_file(course.0, "mast.png", "image/png", &mut content.as_slice())?.sha256)
        })
        .await;
    let id = CourseId::new().to_string();
    let block = json!({"type": "image", "attrs": {"id": id, "attachment": name, "alt": "A mast"}});
    let change = LessonWriting {
        changed: vec![ChangedBlock { id: id.clone(), json: block }],
        order: vec![id],
        removed: Vec::new(),
    };
    computer.with(move |machine| file::write(machine, course, lesson, &change)).await;
    name
}

#[tokio::test]
async fn a_picture_put_into_a_lesson_is_on_a_colleague_s_computer_without_asking() {
    let school = school().await;
    let (one, two) = (school.computer().await, school.computer().await);
    let course = school.course;
    let lesson = one.lesson("Weight").await;
    let name = show(&one, lesson).await;
    let warned = one.with(move |machine| publication::read(machine, course, lesson, None, false)).await.warnings;
    assert!(warned.iter().any(|warning| warning.starts_with("One file is not on the server yet")), "{warned:?}");
    one.sync().await;
    let warned = one.with(move |machine| publication::read(machine, course, lesson, None, false)).await.warnings;
    assert_eq!(warned, Vec::<String>::new());

    two.sync().await;
    two.driver.speak_over(None);
    let there = name.clone();
    let content = two.with(move |machine| Ok(machine.store_mut().read_file(course.0, &there)?)).await;
    assert!(content.is_some_and(|content| content == picture()));
    let address = two.with(move |machine| files::address(machine, course, &name)).await.unwrap();
    assert!(address.starts_with("data:image/png;base64,"), "{}", &address[..40]);
}

#[tokio::test]
async fn what_arrived_of_a_file_before_the_line_broke_is_not_sent_again() {
    let school = school().await;
    let computer = school.computer().await;
    let lesson = computer.lesson("Weight").await;
    show(&computer, lesson).await;
    // The first piece was sent by an upload that was cut off, under an id of its own.
    let mut owner = school.fresh.owner().await;
    let content = picture();
    sqlx::query(
        "insert into lectern.attachments (organization_id, id, course_id, sha256, file_name, media_type, byte_size)
         values ($1, $2, $3, sha256($4), 'mast.png', 'image/png', $5)",
    )
    .bind(school.id)
    .bind(lesson.0)
    .bind(school.course)
    .bind(&content)
    .bind(i64::try_from(content.len()).unwrap())
    .execute(&mut owner)
    .await
    .unwrap();
    sqlx::query("insert into lectern.attachment_chunks (organization_id, attachment_id, number, content) values ($1, $2, 0, $3)")
        .bind(school.id)
        .bind(lesson.0)
        .bind(&content[..262_144])
        .execute(&mut owner)
        .await
        .unwrap();
    let first: String =
        sqlx::query_scalar("select xmin::text from lectern.attachment_chunks").fetch_one(&mut owner).await.unwrap();
    computer.sync().await;
    let pieces: Vec<(i32, String)> =
        sqlx::query_as("select number, xmin::text from lectern.attachment_chunks order by number")
            .fetch_all(&mut owner)
            .await
            .unwrap();
    assert_eq!(pieces.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(pieces[0].1, first);
    let complete: bool = sqlx::query_scalar("select completed_at is not null from lectern.attachments")
        .fetch_one(&mut owner)
        .await
        .unwrap();
    assert!(complete);
}
