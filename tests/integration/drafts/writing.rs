use lectern::{
    Code,
    drafts::{
        conflicts::{self, ConflictChoice},
        history, outbox, publication,
        standing::{Aside, SyncState},
    },
    ids::CourseId,
};
use sqlx::Connection;

use super::computer::school;

#[tokio::test]
async fn what_is_written_without_a_server_arrives_later_and_is_read_on_another_computer() {
    let school = school().await;
    let one = school.computer().await;
    one.sync().await;
    one.driver.speak_over(None);
    let lesson = one.lesson("Weight 重さ").await;
    let block = CourseId::new().0;
    one.write(lesson, &[(block, "Weight is a force.")]).await;
    assert_eq!(one.text(lesson).await, ["Weight is a force."]);
    let drafts = one.drafts().await;
    assert_eq!((drafts.state, drafts.courses[0].waiting, drafts.is_online), (SyncState::SavedHere, 1, false));
    assert_eq!(one.driver.pass().await.unwrap_err().code, Code::SignedOut);

    one.speak(&school).await;
    one.sync().await;
    let drafts = one.drafts().await;
    assert_eq!((drafts.state, drafts.courses[0].waiting, drafts.is_online), (SyncState::OnTheServer, 0, true));
    assert_eq!(drafts.courses[0].title, "Mechanics");
    assert!(drafts.courses[0].synced_at.is_some());

    let two = school.computer().await;
    two.sync().await;
    assert_eq!(two.text(lesson).await, ["Weight is a force."]);
    // Block by block from there on, and back.
    two.write(lesson, &[(block, "Weight is a force, not a mass.")]).await;
    two.sync().await;
    one.sync().await;
    assert_eq!(one.text(lesson).await, ["Weight is a force, not a mass."]);
}

#[tokio::test]
async fn the_same_words_changed_on_two_computers_wait_for_one_decision_that_counts_for_both() {
    let school = school().await;
    let colleague = school.fresh.member(school.id, "Ben Okafor", "instructor").await;
    school.fresh.staff(school.id, school.course, colleague, "instructor").await;
    let (one, two) = (school.computer().await, school.computer_of(colleague).await);
    let lesson = one.lesson("Weight").await;
    let block = CourseId::new().0;
    one.write(lesson, &[(block, "The mast is 12 m high.")]).await;
    one.sync().await;
    two.sync().await;

    one.write(lesson, &[(block, "The mast is 15 m high.")]).await;
    two.write(lesson, &[(block, "The mast is 18 m high.")]).await;
    one.sync().await;
    two.sync().await;
    one.sync().await;
    assert_eq!(one.text(lesson).await, two.text(lesson).await);
    assert_eq!(one.drafts().await.state, SyncState::NeedsYourDecision);
    let course = school.course;
    let open = two.with(move |machine| conflicts::open(machine, course, None)).await;
    let [conflict] = open.as_slice() else { panic!("{open:?}") };
    assert_eq!((conflict.stands.as_str(), conflict.other.as_str()), ("15", "18"));
    assert_eq!((conflict.title.as_str(), conflict.block.clone()), ("Weight", Some(block.to_string())));

    let id = conflict.id;
    two.with(move |machine| conflicts::decide(machine, course, id, ConflictChoice::UseOther)).await;
    two.sync().await;
    one.sync().await;
    assert_eq!(one.text(lesson).await, ["The mast is 18 m high."]);
    assert_eq!(two.text(lesson).await, ["The mast is 18 m high."]);
    assert_eq!(one.drafts().await.state, SyncState::OnTheServer);
}

#[tokio::test]
async fn who_may_no_longer_write_keeps_what_waits_and_can_take_it_along() {
    let school = school().await;
    let computer = school.computer().await;
    computer.sync().await;
    let lesson = computer.lesson("Unsent").await;
    computer.write(lesson, &[(CourseId::new().0, "Written on the train.")]).await;
    let mut owner = school.fresh.owner().await;
    sqlx::query("update lectern.course_staff set archived_at = now()").execute(&mut owner).await.unwrap();
    owner.close().await.unwrap();

    computer.sync().await;
    let drafts = computer.drafts().await;
    assert_eq!((drafts.courses[0].aside, drafts.courses[0].waiting), (Some(Aside::Unreadable), 1));
    assert!(!drafts.courses[0].may_write);
    let path = computer.folder.path().join("export.json");
    let exported = path.clone();
    computer.with(move |machine| outbox::export(machine, &exported)).await;
    assert!(std::fs::read_to_string(&path).unwrap().contains("Written on the train."));

    // Let in again, it goes on by itself.
    let mut owner = school.fresh.owner().await;
    sqlx::query("update lectern.course_staff set archived_at = null").execute(&mut owner).await.unwrap();
    owner.close().await.unwrap();
    computer.driver.now();
    computer.sync().await;
    let drafts = computer.drafts().await;
    assert_eq!((drafts.courses[0].aside, drafts.courses[0].waiting), (None, 0));
}

#[tokio::test]
async fn learners_read_what_was_published_and_not_what_was_written_since() {
    let school = school().await;
    let computer = school.computer().await;
    let lesson = computer.lesson("Weight").await;
    let (course, block) = (school.course, CourseId::new().0);
    computer.write(lesson, &[(block, "Published words.")]).await;
    computer.with(move |machine| publication::publish(machine, course, lesson)).await;
    computer.sync().await;
    computer.write(lesson, &[(block, "Words of a draft.")]).await;
    computer.sync().await;

    let mut owner = school.fresh.owner().await;
    let (plain, html, document): (String, String, serde_json::Value) =
        sqlx::query_as("select plain_text, html, document from lectern.lessons where id = $1")
            .bind(lesson)
            .fetch_one(&mut owner)
            .await
            .unwrap();
    assert_eq!(plain.trim(), "Published words.");
    assert!(html.contains("<p>Published words.</p>"), "{html}");
    assert!(document.to_string().contains("Published words."));

    let published = computer.with(move |machine| publication::published(machine, lesson)).await.unwrap();
    let text = computer.with(move |machine| history::local_text(machine, lesson, published)).await.unwrap();
    let read = history::parsed(&text).unwrap();
    let publication =
        computer.with(move |machine| publication::read(machine, course, lesson, Some(&read), false)).await;
    assert!(publication.published_at.is_some() && publication.refusal.is_none());
    assert_eq!(publication.changes.len(), 1);

    computer.with(move |machine| publication::unpublish(machine, course, lesson)).await;
    computer.sync().await;
    let read: Option<chrono::DateTime<chrono::Utc>> =
        sqlx::query_scalar("select published_at from lectern.lessons where id = $1")
            .bind(lesson)
            .fetch_one(&mut owner)
            .await
            .unwrap();
    assert_eq!(read, None);
    owner.close().await.unwrap();
}

#[tokio::test]
async fn an_older_revision_is_compared_and_comes_back_whole_or_one_block_of_it() {
    let school = school().await;
    let computer = school.computer().await;
    let lesson = computer.lesson("Weight").await;
    let (course, first, second) = (school.course, CourseId::new().0, CourseId::new().0);
    computer.write(lesson, &[(first, "One."), (second, "Two.")]).await;
    computer.with(move |machine| history::save(machine, course, lesson, Some("Before the trip"))).await;
    computer.sync().await;
    computer.write(lesson, &[(first, "One, changed."), (second, "Two, changed.")]).await;
    computer.sync().await;

    let here = computer.with(move |machine| history::here(machine, lesson)).await;
    let named =
        here.iter().find(|revision| revision.name.as_deref() == Some("Before the trip")).expect("the named one");
    let id = named.id;
    let then = computer.with(move |machine| history::local_text(machine, lesson, id)).await.expect("its text");
    let then = history::parsed(&then).unwrap();
    let block = first.to_string();
    let again = then.clone();
    computer.with(move |machine| history::restore(machine, course, lesson, &again, Some(&block))).await;
    assert_eq!(computer.text(lesson).await, ["One.", "Two, changed."]);
    computer.with(move |machine| history::restore(machine, course, lesson, &then, None)).await;
    computer.sync().await;
    assert_eq!(computer.text(lesson).await, ["One.", "Two."]);

    let access = school.fresh.access(school.lead, school.id).await;
    let organization = school.id;
    let server = school
        .fresh
        .database()
        .read("list_revisions", &access, |c| Box::pin(history::on_server(c, organization, lesson)))
        .await
        .unwrap();
    assert!(server.len() >= 4, "{server:?}");
    assert_eq!(server[0].person_name.as_deref(), Some("Aiko Tanaka"));
    let text = school
        .fresh
        .database()
        .read("read_revision", &access, |c| Box::pin(history::text_on_server(c, organization, course, id)))
        .await
        .unwrap();
    assert!(text.contains("One."));
}
