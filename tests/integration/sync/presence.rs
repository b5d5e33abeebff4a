use lectern::{
    Code,
    ids::{LessonId, OrganizationId},
    sync::remote::{Open, keep_open},
};
use uuid::Uuid;

use super::author::{Author, new_id, new_lesson, school};
use crate::{
    desk::{Desk, refused},
    harness::Fresh,
};

async fn open(author: &mut Author, lessons: &[Uuid], window: Uuid) -> Result<Open, lectern::Error> {
    let lessons: Vec<LessonId> = lessons.iter().copied().map(LessonId).collect();
    let (organization, course) = (author.organization, author.course);
    does!(author.desk, |c| keep_open(c, organization, course, &lessons, window))
}

/// Who has what open, by name.
fn names(open: &Open) -> Vec<(&str, Uuid)> {
    let mut names: Vec<_> = open.readers.iter().map(|reader| (reader.name.as_str(), reader.lesson_id.0)).collect();
    names.sort_unstable();
    names
}

async fn a_minute_passes(fresh: &Fresh) {
    sqlx::query("update lectern.lesson_readers set seen_at = seen_at - interval '61 seconds'")
        .execute(&mut fresh.owner().await)
        .await
        .unwrap();
}

#[tokio::test]
async fn colleagues_see_who_has_which_lesson_open_until_it_is_closed_or_not_heard_of_for_a_minute() {
    let school = school().await;
    let mut lead = school.author().await;
    let mut reviewer = school.staff("Rosa Lind", "reviewer", Some("reviewer")).await;
    let (weight, force) = (new_id(), new_id());
    lead.pushed(vec![new_lesson(weight, "Weight", None), new_lesson(force, "Force", None)]).await;
    let (first, second, hers) = (new_id(), new_id(), new_id());
    open(&mut lead, &[weight], first).await.unwrap();
    open(&mut lead, &[weight, force], second).await.unwrap();
    let seen = open(&mut reviewer, &[force], hers).await.unwrap();
    let (aiko, rosa) = ("Aiko Tanaka", "Rosa Lind");
    let mut expected = [(aiko, weight), (aiko, weight), (aiko, force), (rosa, force)];
    expected.sort_unstable();
    assert_eq!(names(&seen), expected);
    assert!(seen.readers.iter().any(|reader| reader.window == hers && reader.lesson_id.0 == force));

    open(&mut lead, &[], second).await.unwrap();
    assert_eq!(open(&mut reviewer, &[], hers).await.unwrap().readers.len(), 1);

    a_minute_passes(&school.fresh).await;
    assert!(open(&mut reviewer, &[], hers).await.unwrap().readers.is_empty());
    let left: i64 = sqlx::query_scalar("select count(*) from lectern.lesson_readers")
        .fetch_one(&mut school.fresh.owner().await)
        .await
        .unwrap();
    assert_eq!(left, 0);
    // Whoever comes back is seen again.
    assert_eq!(names(&open(&mut lead, &[weight], first).await.unwrap()), [(aiko, weight)]);
}

#[tokio::test]
async fn asking_tells_the_courses_number_and_takes_none() {
    let school = school().await;
    let mut lead = school.author().await;
    let lesson = new_id();
    lead.pushed(vec![new_lesson(lesson, "Weight", None)]).await;
    let window = new_id();
    for _ in 0..3 {
        assert_eq!(open(&mut lead, &[lesson], window).await.unwrap().seq, lead.point.seq);
    }
    let before = lead.point.seq;
    lead.pushed(vec![new_lesson(new_id(), "Force", None)]).await;
    assert_eq!(open(&mut lead, &[lesson], window).await.unwrap().seq, before + 1);
    let audited: i64 =
        sqlx::query_scalar("select count(*) from lectern_audit.entries where table_name = 'lesson_readers'")
            .fetch_one(&mut school.fresh.owner().await)
            .await
            .unwrap();
    assert_eq!(audited, 0);
}

#[tokio::test]
async fn strangers_and_learners_get_nothing_and_leave_nothing() {
    let school = school().await;
    let mut lead = school.author().await;
    let lesson = new_id();
    lead.pushed(vec![new_lesson(lesson, "Weight", None)]).await;
    let other = school.fresh.organization("Fjord Academy").await;
    let stranger = |desk: Desk, organization: OrganizationId| Author {
        desk,
        organization,
        course: school.course,
        device: new_id(),
        point: Default::default(),
    };
    let at_home = Desk::new(&school.fresh, other, "A Stranger", "owner").await.0;
    let pretending = Desk::new(&school.fresh, other, "Another Stranger", "owner").await.0;
    let learner = school.fresh.member(school.id, "Mina Okafor", "learner").await;
    school.fresh.enroll(school.id, school.course, learner).await;
    for mut author in [
        school.device_of(learner).await,
        school.staff("Another Teacher", "instructor", None).await,
        school.staff("Demoted", "learner", Some("lead")).await,
        stranger(pretending, school.id),
    ] {
        assert_eq!(refused(open(&mut author, &[lesson], new_id()).await).0, Code::NotAllowed);
    }
    // In one's own organization there is no such course.
    assert_eq!(refused(open(&mut stranger(at_home, other), &[lesson], new_id()).await).0, Code::NotAllowed);
    assert!(open(&mut lead, &[], new_id()).await.unwrap().readers.is_empty());
    // And staff says nothing about lessons of another course.
    let elsewhere = school.fresh.course(school.id, "Optics").await;
    let foreign = school.fresh.lesson(school.id, elsewhere, "Light").await;
    assert!(open(&mut lead, &[foreign.0], new_id()).await.unwrap().readers.is_empty());
    for (role, duty) in [("admin", None), ("reviewer", Some("assistant"))] {
        let mut author = school.staff(role, role, duty).await;
        assert!(!open(&mut author, &[lesson], new_id()).await.unwrap().readers.is_empty());
    }
}
