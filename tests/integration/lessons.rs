use lectern::{
    Code,
    courses::{self, CourseDetail},
    ids::{CourseId, LessonId, OperationId, OrganizationId, SubCourseId},
    lessons::{self, LessonChange, NewLesson, Place},
    sub_courses::{self, NewSubCourse, SubCourseChange},
};

use crate::{
    desk::{Desk, refused, refused_at},
    harness,
};

fn sub_course(title: &str, after: Option<SubCourseId>) -> NewSubCourse {
    NewSubCourse { id: SubCourseId::new(), title: title.into(), description: String::new(), after }
}

fn lesson(title: &str, sub_course_id: Option<SubCourseId>, after: Option<LessonId>) -> NewLesson {
    NewLesson { id: LessonId::new(), title: title.into(), duration_minutes: 20, place: Place { sub_course_id, after } }
}

async fn tree(desk: &mut Desk, school: OrganizationId, course: CourseId) -> String {
    let detail: CourseDetail = does!(desk, |c| courses::read(c, school, course)).unwrap();
    let lessons = |parent| {
        let titles: Vec<_> =
            detail.lesson_rows.iter().filter(|l| l.sub_course_id == parent).map(|l| l.title.as_str()).collect();
        titles.join(" ")
    };
    let mut tree = lessons(None);
    for part in &detail.sub_courses {
        tree.push_str(&format!(" {}({})", part.title, lessons(Some(part.id))));
    }
    tree
}

#[tokio::test]
async fn a_course_grows_into_a_tree_that_keeps_its_order() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    let course = fresh.course(school, "Mechanics").await;
    let (forces, motion, energy) = (sub_course("Forces", None), sub_course("Motion", None), sub_course("Energy", None));
    let energy = NewSubCourse { after: Some(forces.id), ..energy };
    for new in [&forces, &motion, &energy] {
        does!(admin, |c| sub_courses::create(c, school, course, new)).unwrap();
    }
    let a = lesson("a", None, None);
    let b = lesson("b", None, Some(a.id));
    let x = lesson("x", Some(motion.id), None);
    let y = lesson("y", Some(motion.id), Some(x.id));
    let z = lesson("z", Some(motion.id), Some(x.id));
    for new in [&a, &b, &x, &y, &z] {
        does!(admin, |c| lessons::create(c, school, course, new)).unwrap();
    }
    assert_eq!(tree(&mut admin, school, course).await, "a b Motion(x z y) Forces() Energy()");
    does!(admin, |c| sub_courses::move_after(c, school, course, motion.id, Some(energy.id))).unwrap();
    let first = Place { sub_course_id: None, after: None };
    does!(admin, |c| lessons::move_to(c, school, course, y.id, &first)).unwrap();
    let behind_x = Place { sub_course_id: Some(motion.id), after: Some(x.id) };
    does!(admin, |c| lessons::move_to(c, school, course, a.id, &behind_x)).unwrap();
    assert_eq!(tree(&mut admin, school, course).await, "y b Forces() Energy() Motion(x a z)");
    does!(admin, |c| lessons::move_to(c, school, course, a.id, &behind_x)).unwrap();
    assert_eq!(tree(&mut admin, school, course).await, "y b Forces() Energy() Motion(x a z)");
}

#[tokio::test]
async fn lessons_two_authors_put_at_one_place_are_told_apart_by_the_next_move() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    let course = fresh.course(school, "Mechanics").await;
    for title in ["a", "b", "c"] {
        sqlx::query("insert into lectern.lessons (organization_id, id, course_id, title, position) values ($1, $2, $3, $4, 'V')")
            .bind(school)
            .bind(LessonId::new())
            .bind(course)
            .bind(title)
            .execute(&mut fresh.owner().await)
            .await
            .unwrap();
    }
    let rows = does!(admin, |c| courses::read(c, school, course)).unwrap().lesson_rows;
    let behind_first = lesson("new", None, Some(rows[0].id));
    does!(admin, |c| lessons::create(c, school, course, &behind_first)).unwrap();
    let titles: Vec<_> = does!(admin, |c| courses::read(c, school, course)).unwrap().lesson_rows;
    let titles: Vec<_> = titles.iter().map(|l| l.title.as_str()).collect();
    assert_eq!(titles, [&rows[0].title, "new", &rows[1].title, &rows[2].title]);
}

#[tokio::test]
async fn a_place_in_another_course_is_no_place() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    let (course, other) = (fresh.course(school, "Mechanics").await, fresh.course(school, "Chemistry").await);
    let elsewhere = sub_course("Acids", None);
    does!(admin, |c| sub_courses::create(c, school, other, &elsewhere)).unwrap();
    let foreign = fresh.lesson(school, other, "Salts").await;
    refused_at(
        does!(admin, |c| lessons::create(c, school, course, &lesson("x", Some(elsewhere.id), None))),
        Code::NotFound,
        "place",
    );
    refused_at(
        does!(admin, |c| lessons::create(c, school, course, &lesson("x", None, Some(foreign)))),
        Code::NotFound,
        "place",
    );
    refused_at(
        does!(admin, |c| sub_courses::create(c, school, course, &sub_course("x", Some(elsewhere.id)))),
        Code::NotFound,
        "after",
    );
    let first = Place { sub_course_id: None, after: None };
    assert_eq!(refused(does!(admin, |c| lessons::move_to(c, school, course, foreign, &first))).0, Code::NotFound);
    assert_eq!(
        refused(does!(admin, |c| lessons::create(c, school, CourseId::new(), &lesson("x", None, None)))).0,
        Code::NotFound
    );
    let own = fresh.lesson(school, course, "Levers").await;
    let into_other = Place { sub_course_id: Some(elsewhere.id), after: None };
    refused_at(does!(admin, |c| lessons::move_to(c, school, course, own, &into_other)), Code::NotFound, "place");
}

#[tokio::test]
async fn a_lesson_is_written_published_and_not_overwritten_from_an_older_page() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    let course = fresh.course(school, "Mechanics").await;
    let new = lesson("Levers", None, None);
    does!(admin, |c| lessons::create(c, school, course, &new)).unwrap();
    let first = does!(admin, |c| lessons::read(c, school, new.id)).unwrap();
    assert!(first.may_edit && first.row.published_at.is_none());
    let change: LessonChange = serde_json::from_str(
        r##"{"markdown": "# Levers\r\n\r\nGive me a place to stand", "video": "https://example.org/v", "published": true}"##,
    )
    .unwrap();
    does!(admin, |c| lessons::change(c, school, new.id, first.row.version, &change)).unwrap();
    let second = does!(admin, |c| lessons::read(c, school, new.id)).unwrap();
    assert_eq!(second.markdown, "# Levers\n\nGive me a place to stand");
    assert_eq!((second.row.title.as_str(), second.row.duration_minutes), ("Levers", 20));
    assert_eq!(
        refused(does!(admin, |c| lessons::change(c, school, new.id, first.row.version, &change))).0,
        Code::Stale
    );
    let again: LessonChange = serde_json::from_str(r#"{"published": true, "video": null}"#).unwrap();
    does!(admin, |c| lessons::change(c, school, new.id, second.row.version, &again)).unwrap();
    let third = does!(admin, |c| lessons::read(c, school, new.id)).unwrap();
    assert_eq!((third.row.published_at, third.video), (second.row.published_at, None));
    let version = third.row.version;
    for (change, field) in [
        (r#"{"title": ""}"#, "title"),
        (r#"{"durationMinutes": -5}"#, "durationMinutes"),
        (r#"{"durationMinutes": 10001}"#, "durationMinutes"),
        (r#"{"markdown": "a\u0000b"}"#, "markdown"),
    ] {
        let change: LessonChange = serde_json::from_str(change).unwrap();
        refused_at(does!(admin, |c| lessons::change(c, school, new.id, version, &change)), Code::Invalid, field);
    }
    let book = LessonChange { markdown: Some("m".repeat(2_000_001)), ..Default::default() };
    refused_at(does!(admin, |c| lessons::change(c, school, new.id, version, &book)), Code::Invalid, "markdown");
}

#[tokio::test]
async fn a_lesson_as_long_as_allowed_is_saved_once_however_often_it_is_sent() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let admin = fresh.member(school, "Aiko Tanaka", "admin").await;
    let course = fresh.course(school, "Mechanics").await;
    let id = fresh.lesson(school, course, "Levers").await;
    let access = fresh.access(admin, school).await;
    let database = fresh.database();
    let before = database.read("read_lesson", &access, move |c| Box::pin(lessons::read(c, school, id))).await.unwrap();
    let body: String = "\u{e9}\u{4e2d}\u{1f4d8} ".repeat(480_000);
    let operation = OperationId::new();
    let mut versions = Vec::new();
    for _ in 0..2 {
        let (body, version) = (body.clone(), before.row.version);
        let lesson = database
            .change(
                "change_lesson",
                &access,
                operation,
                move |c| {
                    let change = LessonChange { markdown: Some(body.clone()), ..Default::default() };
                    Box::pin(async move { lessons::change(c, school, id, version, &change).await })
                },
                move |c, ()| Box::pin(lessons::read(c, school, id)),
            )
            .await
            .unwrap();
        assert_eq!(lesson.markdown.chars().count(), 1_919_999);
        versions.push(lesson.row.version);
    }
    assert_eq!(versions[0], versions[1]);
}

#[tokio::test]
async fn a_sub_course_is_changed_archived_and_restored() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    let course = fresh.course(school, "Mechanics").await;
    let new = sub_course("Forces", None);
    does!(admin, |c| sub_courses::create(c, school, course, &new)).unwrap();
    let inside = lesson("Push", Some(new.id), None);
    does!(admin, |c| lessons::create(c, school, course, &inside)).unwrap();
    let read = async |desk: &mut Desk| does!(desk, |c| courses::read(c, school, course)).unwrap();
    let first = read(&mut admin).await;
    let change = SubCourseChange { title: Some("Forces & loads".into()), published: Some(true), ..Default::default() };
    does!(admin, |c| sub_courses::change(c, school, course, new.id, first.sub_courses[0].version, &change)).unwrap();
    let second = read(&mut admin).await;
    assert_eq!((second.sub_courses[0].title.as_str(), second.row.lessons), ("Forces & loads", 1));
    assert_eq!(first.row.version, second.row.version, "whoever edits the course's title is not disturbed");
    assert!(second.row.updated_at > first.row.updated_at);
    let late = does!(admin, |c| sub_courses::change(c, school, course, new.id, first.sub_courses[0].version, &change));
    assert_eq!(refused(late).0, Code::Stale);
    does!(admin, |c| sub_courses::archive(c, school, course, new.id)).unwrap();
    let archived = read(&mut admin).await;
    assert_eq!((archived.row.lessons, archived.sub_courses[0].archived_at.is_some()), (0, true));
    does!(admin, |c| sub_courses::restore(c, school, course, new.id)).unwrap();
    does!(admin, |c| lessons::archive(c, school, course, inside.id)).unwrap();
    assert_eq!(read(&mut admin).await.row.lessons, 0);
    does!(admin, |c| lessons::restore(c, school, course, inside.id)).unwrap();
    assert_eq!(read(&mut admin).await.row.lessons, 1);
    let unknown = SubCourseId::new();
    assert_eq!(refused(does!(admin, |c| sub_courses::archive(c, school, course, unknown))).0, Code::NotFound);
}

#[tokio::test]
async fn an_instructor_writes_their_course_and_a_learner_reads_what_is_published() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let (course, other) = (fresh.course(school, "Mechanics").await, fresh.course(school, "Chemistry").await);
    let (mut iris, iris_id) = Desk::new(&fresh, school, "Iris Novak", "instructor").await;
    let (mut rae, rae_id) = Desk::new(&fresh, school, "Rae Lind", "reviewer").await;
    let (mut sam, sam_id) = Desk::new(&fresh, school, "Sam Field", "learner").await;
    fresh.staff(school, course, iris_id, "instructor").await;
    fresh.staff(school, course, rae_id, "reviewer").await;
    fresh.enroll(school, course, sam_id).await;
    let draft = lesson("Draft", None, None);
    does!(iris, |c| lessons::create(c, school, course, &draft)).unwrap();
    assert_eq!(
        refused(does!(iris, |c| lessons::create(c, school, other, &lesson("x", None, None)))).0,
        Code::NotAllowed
    );
    assert_eq!(
        refused(does!(iris, |c| sub_courses::create(c, school, other, &sub_course("x", None)))).0,
        Code::NotAllowed
    );
    let seen = does!(rae, |c| lessons::read(c, school, draft.id)).unwrap();
    assert!(!seen.may_edit);
    let publish = LessonChange { published: Some(true), ..Default::default() };
    assert_eq!(
        refused(does!(rae, |c| lessons::change(c, school, draft.id, seen.row.version, &publish))).0,
        Code::NotAllowed
    );
    assert_eq!(refused(does!(rae, |c| lessons::archive(c, school, course, draft.id))).0, Code::NotAllowed);
    assert_eq!(refused(does!(sam, |c| lessons::read(c, school, draft.id))).0, Code::NotFound);
    does!(iris, |c| lessons::change(c, school, draft.id, seen.row.version, &publish)).unwrap();
    assert!(!does!(sam, |c| lessons::read(c, school, draft.id)).unwrap().may_edit);
}

#[tokio::test]
async fn content_takes_the_next_number_of_its_course_once_per_transaction() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    let course = fresh.course(school, "Mechanics").await;
    let (a, b) = (lesson("a", None, None), lesson("b", None, None));
    let mut transaction = admin.begin().await;
    lessons::create(&mut transaction, school, course, &a).await.unwrap();
    lessons::create(&mut transaction, school, course, &b).await.unwrap();
    sub_courses::create(&mut transaction, school, course, &sub_course("S", None)).await.unwrap();
    transaction.commit().await.unwrap();
    does!(admin, |c| lessons::archive(c, school, course, a.id)).unwrap();
    let numbers: Vec<(String, i64)> = sqlx::query_as(
        r#"select title collate "C", seq from lectern.lessons union all select title, seq from lectern.sub_courses
         union all select title, seq from lectern.courses order by 1"#,
    )
    .fetch_all(&mut fresh.owner().await)
    .await
    .unwrap();
    let expected = [("Mechanics", 2), ("S", 1), ("a", 2), ("b", 1)].map(|(title, seq)| (title.to_owned(), seq));
    assert_eq!(numbers, expected);
}
