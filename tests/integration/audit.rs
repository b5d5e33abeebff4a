use lectern::{
    audit::{self, AuditQuery, AuditRow},
    courses::{self, CourseChange},
    ids::OrganizationId,
};

use crate::{desk::Desk, harness};

async fn all(desk: &mut Desk, school: OrganizationId, row_id: Option<uuid::Uuid>) -> Vec<AuditRow> {
    let mut query = AuditQuery { row_id, cursor: None, limit: 20 };
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
