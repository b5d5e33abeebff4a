use lectern::{
    audit::{self, AuditQuery, AuditRow},
    courses::{self, CourseChange, Duty, NewStaff},
    enrollments::{self, NewEnrollment},
    ids::{CourseId, CourseStaffId, EnrollmentId, LessonId, OrganizationId, SubCourseId},
    lessons::{self, LessonChange, NewLesson, Place},
    progress,
    sub_courses::{self, NewSubCourse},
};

use crate::{desk::Desk, harness};

async fn all(desk: &mut Desk, school: OrganizationId, row_id: Option<uuid::Uuid>) -> Vec<AuditRow> {
    found(desk, school, AuditQuery { row_id, limit: 20, ..AuditQuery::default() }).await
}

async fn of_course(desk: &mut Desk, school: OrganizationId, course: CourseId) -> Vec<AuditRow> {
    found(desk, school, AuditQuery { course_id: Some(course), limit: 3, ..AuditQuery::default() }).await
}

async fn found(desk: &mut Desk, school: OrganizationId, mut query: AuditQuery) -> Vec<AuditRow> {
    let mut rows = Vec::new();
    loop {
        let page = does!(desk, |c| audit::list(c, school, &query)).unwrap();
        rows.extend(page.rows);
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            assert_eq!(page.total, u32::try_from(rows.len()).ok());
            return rows;
        }
    }
}

#[tokio::test]
async fn who_changed_a_course_and_what_it_was_before_is_on_record() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    let course = fresh.course(school, "Mechanics").await;
    let version = does!(admin, |c| courses::read(c, school, course)).unwrap().row.version;
    let change = CourseChange { title: Some("Statics".into()), ..Default::default() };
    does!(admin, |c| courses::change(c, school, course, version, &change)).unwrap();
    fresh.lesson(school, course, "Levers").await;
    let rows = all(&mut admin, school, Some(course.0)).await;
    assert_eq!(
        rows.iter().map(|row| row.verb.as_str()).collect::<Vec<_>>(),
        ["update", "insert"],
        "a lesson is its own entry"
    );
    assert_eq!((rows[0].actor_name.as_deref(), rows[0].table_name.as_str()), (Some("Aiko Tanaka"), "courses"));
    assert_eq!(rows[0].before, Some(serde_json::json!({"title": "Mechanics"})));
    assert_eq!(rows[0].after, Some(serde_json::json!({"title": "Statics"})));
}

#[tokio::test]
async fn the_audit_is_read_page_by_page_by_admins_alone() {
    let fresh = harness::fresh().await;
    let (school, academy) = (fresh.organization("Northwind School").await, fresh.organization("Fjord Academy").await);
    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    let (mut iris, _) = Desk::new(&fresh, school, "Iris Novak", "instructor").await;
    for number in 0..60 {
        fresh.course(school, &format!("Course {number}")).await;
        fresh.course(academy, "Elsewhere").await;
    }
    let rows = all(&mut admin, school, None).await;
    assert!(rows.len() >= 60);
    assert!(rows.windows(2).all(|pair| pair[0].id > pair[1].id));
    assert!(rows.iter().all(|row| row.after.as_ref().is_none_or(|after| after["title"] != "Elsewhere")));
    assert!(all(&mut iris, school, None).await.is_empty());
    assert!(all(&mut admin, academy, None).await.is_empty());
}

#[tokio::test]
async fn recomputed_progress_is_no_entry_of_anybody() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    let course = fresh.course(school, "Mechanics").await;
    let one = fresh.lesson(school, course, "One").await;
    let sam = fresh.member(school, "Sam Field", "learner").await;
    let id = fresh.enroll(school, course, sam).await;
    does!(admin, |c| lectern::progress::set_lesson_completed(c, school, id, one, true)).unwrap();
    fresh.lesson(school, course, "Two").await;
    let rows = all(&mut admin, school, Some(id.0)).await;
    let told: Vec<_> = rows.iter().map(|row| (row.table_name.as_str(), row.verb.as_str())).collect();
    assert_eq!(told, [("lesson_progress", "insert"), ("enrollments", "insert")]);
}

#[tokio::test]
async fn who_changed_a_course_is_told_of_everything_in_it_by_name() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    let course = fresh.course(school, "Mechanics").await;
    let (iris, sam) =
        (fresh.member(school, "Iris Novak", "instructor").await, fresh.member(school, "Самійло Поле", "learner").await);
    // Another course's changes stay there.
    let other = fresh.course(school, "Optics").await;
    fresh.lesson(school, other, "Lenses").await;
    fresh.enroll(school, other, sam).await;

    let part =
        NewSubCourse { id: SubCourseId::new(), title: "Statics".into(), description: String::new(), after: None };
    does!(admin, |c| sub_courses::create(c, school, course, &part)).unwrap();
    let place = Place { sub_course_id: Some(part.id), after: None };
    let lesson = NewLesson { id: LessonId::new(), title: "Leverz".into(), duration_minutes: 5, place };
    does!(admin, |c| lessons::create(c, school, course, &lesson)).unwrap();
    let version = does!(admin, |c| lessons::read(c, school, lesson.id)).unwrap().row.version;
    let change = LessonChange { title: Some("Levers".into()), published: Some(true), ..LessonChange::default() };
    does!(admin, |c| lessons::change(c, school, lesson.id, version, &change)).unwrap();
    let staff = NewStaff { id: CourseStaffId::new(), person_id: iris, duty: Duty::Instructor };
    does!(admin, |c| courses::add_staff(c, school, course, &staff)).unwrap();
    does!(admin, |c| courses::remove_staff(c, school, course, staff.id)).unwrap();
    sqlx::query(
        "insert into lectern.cohorts (organization_id, id, course_id, name) values ($1, gen_random_uuid(), $2, 'Autumn')",
    )
    .bind(school)
    .bind(course)
    .execute(&mut fresh.owner().await)
    .await
    .unwrap();
    let new = NewEnrollment { id: EnrollmentId::new(), course_id: course, person_id: sam };
    does!(admin, |c| enrollments::enroll(c, school, &new)).unwrap();
    does!(admin, |c| progress::set_lesson_completed(c, school, new.id, lesson.id, true)).unwrap();
    let version = does!(admin, |c| enrollments::read(c, school, new.id)).unwrap().row.version;
    does!(admin, |c| enrollments::withdraw(c, school, new.id, version)).unwrap();

    let mut rows = of_course(&mut admin, school, course).await;
    assert!(rows.windows(2).all(|pair| pair[0].id > pair[1].id), "newest first");
    rows.reverse();
    let told: Vec<_> = rows
        .iter()
        .map(|row| {
            let named = row.title.as_deref().or(row.person_name.as_deref()).unwrap_or("");
            (row.table_name.as_str(), row.verb.as_str(), named)
        })
        .collect();
    assert_eq!(
        told,
        [
            ("courses", "insert", "Mechanics"),
            ("sub_courses", "insert", "Statics"),
            ("lessons", "insert", "Levers"),
            ("lessons", "update", "Levers"),
            ("course_staff", "insert", "Iris Novak"),
            ("course_staff", "update", "Iris Novak"),
            ("cohorts", "insert", "Autumn"),
            ("enrollments", "insert", "Самійло Поле"),
            ("lesson_progress", "insert", "Levers"),
            ("enrollments", "update", "Самійло Поле"),
        ]
    );
    assert_eq!(rows[3].before.as_ref().unwrap()["title"], "Leverz");
    assert_eq!(rows[8].person_name.as_deref(), Some("Самійло Поле"), "progress names whose it is");
    assert!(rows[1..].iter().all(|row| row.course_title.as_deref() == Some("Mechanics")));
    assert_eq!(rows[0].course_title, None);
    assert_eq!(of_course(&mut admin, school, other).await.len(), 3);

    // The whole organization's audit has the same names, and those of members.
    let whole = all(&mut admin, school, None).await;
    assert!(whole.iter().any(|row| row.table_name == "lesson_progress" && row.person_name.is_some()));
    assert!(
        whole.iter().any(|row| row.table_name == "memberships" && row.person_name.as_deref() == Some("Iris Novak"))
    );
    let both = AuditQuery { row_id: Some(lesson.id.0), course_id: Some(course), limit: 20, ..AuditQuery::default() };
    assert_eq!(found(&mut admin, school, both.clone()).await.len(), 2);
    assert!(found(&mut admin, school, AuditQuery { course_id: Some(other), ..both }).await.is_empty());
}

#[tokio::test]
async fn a_course_s_history_is_for_the_admins_of_its_organization() {
    let fresh = harness::fresh().await;
    let (school, academy) = (fresh.organization("Northwind School").await, fresh.organization("Fjord Academy").await);
    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    let (mut iris, iris_id) = Desk::new(&fresh, school, "Iris Novak", "instructor").await;
    let (course, theirs) = (fresh.course(school, "Mechanics").await, fresh.course(academy, "Elsewhere").await);
    fresh.staff(school, course, iris_id, "lead").await;
    assert_eq!(of_course(&mut admin, school, course).await.len(), 2);
    assert!(of_course(&mut iris, school, course).await.is_empty(), "not even its lead reads the audit");
    for organization in [school, academy] {
        assert!(of_course(&mut admin, organization, theirs).await.is_empty());
    }
    assert!(of_course(&mut admin, academy, course).await.is_empty());
}

#[tokio::test]
async fn a_changed_name_is_told_as_it_is_today_and_a_lost_one_as_it_was_recorded() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    let course = fresh.course(school, "Mechanics").await;
    let (kept, lost) = (fresh.lesson(school, course, "Kept").await, fresh.lesson(school, course, "Lost").await);
    let mut owner = fresh.owner().await;
    sqlx::query("update lectern.lessons set title = 'Renamed' where id = $1")
        .bind(kept)
        .execute(&mut owner)
        .await
        .unwrap();
    sqlx::query("delete from lectern.lessons where id = $1").bind(lost).execute(&mut owner).await.unwrap();
    let rows = of_course(&mut admin, school, course).await;
    let titles: Vec<_> = rows.iter().map(|row| (row.verb.as_str(), row.title.as_deref().unwrap_or(""))).collect();
    assert_eq!(
        titles,
        [("delete", "Lost"), ("update", "Renamed"), ("insert", "Lost"), ("insert", "Renamed"), ("insert", "Mechanics")]
    );
}
