use std::collections::HashSet;

use lectern::{
    Code,
    courses::{self, CourseChange, CourseRow, CourseStatus, CoursesQuery, Duty, Level, NewCourse, NewStaff},
    ids::{CourseId, CourseStaffId, OrganizationId, PersonId},
    page::ListQuery,
};

use crate::{
    desk::{Desk, refused, refused_at},
    harness,
};

fn titled(title: &str) -> NewCourse {
    NewCourse {
        id: CourseId::new(),
        title: title.into(),
        description: "What it is about".into(),
        level: Level::Intermediate,
        category: "Science".into(),
        tags: vec![" physics ".into(), "physics".into(), " ".into(), "\u{7269}\u{7406}".into()],
        price_cents: 12_300,
    }
}

fn query(search: &str, sort: &str) -> CoursesQuery {
    CoursesQuery {
        list: ListQuery { search: search.into(), sort: sort.into(), limit: 50, ..Default::default() },
        status: None,
    }
}

async fn all(desk: &mut Desk, school: OrganizationId, mut query: CoursesQuery) -> Vec<CourseRow> {
    let mut rows = Vec::new();
    loop {
        let page = does!(desk, |c| courses::list(c, school, &query)).unwrap();
        rows.extend(page.rows);
        query.list.cursor = page.next_cursor;
        if query.list.cursor.is_none() {
            assert_eq!(page.total, u32::try_from(rows.len()).ok());
            return rows;
        }
    }
}

fn titles(rows: Vec<CourseRow>) -> Vec<String> {
    rows.into_iter().map(|row| row.title).collect()
}

#[tokio::test]
async fn a_course_is_created_as_a_draft_and_changed_field_by_field() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    let new = titled(" Mechanics \u{2697}\u{fe0f} ");
    does!(admin, |c| courses::create(c, school, &new)).unwrap();
    let course = does!(admin, |c| courses::read(c, school, new.id)).unwrap();
    assert_eq!((course.row.title.as_str(), course.row.status), ("Mechanics \u{2697}\u{fe0f}", CourseStatus::Draft));
    assert_eq!(
        (course.tags.as_slice(), course.price_cents),
        (&["physics".to_owned(), "\u{7269}\u{7406}".to_owned()][..], 12_300)
    );
    assert!(course.may_edit && course.may_enroll && course.staff.is_empty() && course.row.lead.is_none());

    let change: CourseChange = serde_json::from_str(
        r#"{"status": "active", "published": true, "thumbnail": "https://example.org/m.png",
            "availableFrom": "2026-09-01T08:00:00Z", "availableUntil": "2027-01-31T18:00:00+01:00"}"#,
    )
    .unwrap();
    does!(admin, |c| courses::change(c, school, new.id, course.row.version, &change)).unwrap();
    let active = does!(admin, |c| courses::read(c, school, new.id)).unwrap();
    let published_at = active.row.published_at.expect("published");
    assert_eq!(active.available_until.unwrap().to_rfc3339(), "2027-01-31T17:00:00+00:00");
    assert_eq!(
        (active.row.title.as_str(), active.description.as_str()),
        (course.row.title.as_str(), "What it is about")
    );
    assert_eq!(
        refused(does!(admin, |c| courses::change(c, school, new.id, course.row.version, &change))).0,
        Code::Stale
    );

    let clear: CourseChange =
        serde_json::from_str(r#"{"thumbnail": null, "availableUntil": null, "published": true}"#).unwrap();
    does!(admin, |c| courses::change(c, school, new.id, active.row.version, &clear)).unwrap();
    let cleared = does!(admin, |c| courses::read(c, school, new.id)).unwrap();
    assert_eq!((cleared.thumbnail, cleared.available_until), (None, None));
    assert_eq!((cleared.row.published_at, cleared.available_from), (Some(published_at), active.available_from));
}

#[tokio::test]
async fn what_cannot_be_right_about_a_course_is_told_at_its_field() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    let new = titled("Mechanics");
    does!(admin, |c| courses::create(c, school, &new)).unwrap();
    assert_eq!(refused(does!(admin, |c| courses::create(c, school, &new))).0, Code::Conflict);
    for (new, field) in [
        (NewCourse { title: " \t".into(), ..titled("") }, "title"),
        (NewCourse { title: "\u{1f4da}".repeat(201), ..titled("") }, "title"),
        (NewCourse { title: "a\0".into(), ..titled("") }, "title"),
        (NewCourse { description: "d".repeat(2001), ..titled("X") }, "description"),
        (NewCourse { category: "c".repeat(101), ..titled("X") }, "category"),
        (NewCourse { tags: (0..21).map(|n| n.to_string()).collect(), ..titled("X") }, "tags"),
        (NewCourse { price_cents: -1, ..titled("X") }, "priceCents"),
    ] {
        refused_at(does!(admin, |c| courses::create(c, school, &new)), Code::Invalid, field);
    }
    does!(admin, |c| courses::create(c, school, &NewCourse { title: "\u{1f4da}".repeat(200), ..titled("") })).unwrap();
    let version = does!(admin, |c| courses::read(c, school, new.id)).unwrap().row.version;
    let backwards: CourseChange =
        serde_json::from_str(r#"{"availableFrom": "2027-01-01T00:00:00Z", "availableUntil": "2026-01-01T00:00:00Z"}"#)
            .unwrap();
    refused_at(
        does!(admin, |c| courses::change(c, school, new.id, version, &backwards)),
        Code::Invalid,
        "availableUntil",
    );
}

#[tokio::test]
async fn every_page_of_courses_follows_the_one_before_in_both_orders() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    sqlx::query(
        "insert into lectern.courses (organization_id, id, title, category, status, updated_at)
         select $1, gen_random_uuid(), case when n % 4 = 0 then '\u{c1}lgebra' else 'Course ' || n end, 'Maths_1', case when n % 3 = 0 then 'active' else 'draft' end,
                timestamptz '2026-01-05 08:00Z' + (n % 5) * interval '1 hour' from generate_series(1, 230) n",
    )
    .bind(school)
    .execute(&mut fresh.owner().await)
    .await
    .unwrap();
    for sort in ["title", "updatedAt"] {
        let mut lists = Vec::new();
        for descending in [false, true] {
            let mut query = query("", sort);
            query.list.descending = descending;
            let ids: Vec<_> = all(&mut admin, school, query).await.into_iter().map(|row| row.id).collect();
            assert_eq!(ids.iter().collect::<HashSet<_>>().len(), 230);
            lists.push(ids);
        }
        assert_eq!(lists[0], lists[1].iter().copied().rev().collect::<Vec<_>>(), "{sort}");
    }
    assert_eq!(all(&mut admin, school, query("\u{e1}lgebra", "title")).await.len(), 57);
    let with_a_two = (1..=230).filter(|n| n % 4 != 0 && n.to_string().contains('2')).count();
    assert_eq!(all(&mut admin, school, query("maths_1 COURSE 2", "title")).await.len(), with_a_two);
    assert!(all(&mut admin, school, query("maths%1", "title")).await.is_empty());
    let active = CoursesQuery { status: Some(CourseStatus::Active), ..query("", "title") };
    assert_eq!(all(&mut admin, school, active).await.len(), 76);
}

#[tokio::test]
async fn a_list_of_courses_tells_lessons_enrollments_and_the_lead() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    let course = fresh.course(school, "Mechanics").await;
    let iris = fresh.member(school, "Iris Novak", "instructor").await;
    fresh.staff(school, course, iris, "lead").await;
    let (one, _two) = (fresh.lesson(school, course, "One").await, fresh.lesson(school, course, "Two").await);
    for (name, completes) in [("Sam Field", true), ("Kim Lee", false), ("Noor Haddad", false)] {
        let person = fresh.member(school, name, "learner").await;
        let enrollment = fresh.enroll(school, course, person).await;
        if completes {
            sqlx::query("insert into lectern.lesson_progress (organization_id, enrollment_id, lesson_id, completed_at) values ($1, $2, $3, now())")
                .bind(school)
                .bind(enrollment)
                .bind(one)
                .execute(&mut fresh.owner().await)
                .await
                .unwrap();
        }
    }
    let row = all(&mut admin, school, query("", "title")).await.remove(0);
    assert_eq!((row.lessons, row.enrolled, row.completed, row.average_progress), (2, 3, 0, 17));
    assert_eq!(row.lead.as_deref(), Some("Iris Novak"));
    let detail = does!(admin, |c| courses::read(c, school, course)).unwrap();
    assert_eq!((detail.row.lessons, detail.row.enrolled, detail.row.average_progress), (2, 3, 17));
    assert_eq!(detail.lesson_rows.iter().map(|l| l.title.as_str()).collect::<Vec<_>>(), ["One", "Two"]);
}

#[tokio::test]
async fn an_instructor_leads_the_course_they_create_and_sees_no_other() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let other = fresh.course(school, "Chemistry").await;
    let (mut iris, iris_id) = Desk::new(&fresh, school, "Iris Novak", "instructor").await;
    let (mut rae, _) = Desk::new(&fresh, school, "Rae Lind", "reviewer").await;
    let (mut sam, sam_id) = Desk::new(&fresh, school, "Sam Field", "learner").await;
    let new = titled("Mechanics");
    does!(iris, |c| courses::create(c, school, &new)).unwrap();
    let course = does!(iris, |c| courses::read(c, school, new.id)).unwrap();
    assert!(course.may_edit);
    assert_eq!((course.staff[0].person_id, course.staff[0].duty), (iris_id, Duty::Lead));
    assert_eq!(titles(all(&mut iris, school, query("", "title")).await), ["Mechanics"]);
    assert_eq!(refused(does!(iris, |c| courses::read(c, school, other))).0, Code::NotFound);
    assert_eq!(refused(does!(iris, |c| courses::archive(c, school, other))).0, Code::NotFound);
    for desk in [&mut rae, &mut sam] {
        assert!(all(desk, school, query("", "title")).await.is_empty());
        assert_eq!(refused(does!(desk, |c| courses::create(c, school, &titled("Mine")))).0, Code::NotAllowed);
    }
    fresh.enroll(school, other, sam_id).await;
    let seen = all(&mut sam, school, query("", "title")).await.remove(0);
    assert_eq!((seen.title.as_str(), seen.enrolled), ("Chemistry", 0));
    let detail = does!(sam, |c| courses::read(c, school, other)).unwrap();
    assert!(!detail.may_edit);
    let change = CourseChange { title: Some("Mine".into()), ..Default::default() };
    assert_eq!(
        refused(does!(sam, |c| courses::change(c, school, other, detail.row.version, &change))).0,
        Code::NotAllowed
    );
    assert_eq!(refused(does!(sam, |c| courses::archive(c, school, other))).0, Code::NotAllowed);
}

#[tokio::test]
async fn staff_of_a_course_come_go_and_come_back_under_one_name() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    let (mut iris, iris_id) = Desk::new(&fresh, school, "Iris Novak", "instructor").await;
    let course = fresh.course(school, "Mechanics").await;
    let new = |person_id, duty| NewStaff { id: CourseStaffId::new(), person_id, duty };
    let first = new(iris_id, Duty::Instructor);
    does!(admin, |c| courses::add_staff(c, school, course, &first)).unwrap();
    refused_at(
        does!(admin, |c| courses::add_staff(c, school, course, &new(iris_id, Duty::Lead))),
        Code::Conflict,
        "personId",
    );
    refused_at(
        does!(admin, |c| courses::add_staff(c, school, course, &new(PersonId::new(), Duty::Lead))),
        Code::NotFound,
        "personId",
    );
    assert!(does!(iris, |c| courses::read(c, school, course)).unwrap().may_edit);
    assert_eq!(
        refused(does!(iris, |c| courses::change_staff(c, school, course, first.id, Duty::Lead))).0,
        Code::NotAllowed
    );
    does!(admin, |c| courses::change_staff(c, school, course, first.id, Duty::Lead)).unwrap();
    let rae = fresh.member(school, "Rae Lind", "reviewer").await;
    does!(iris, |c| courses::add_staff(c, school, course, &new(rae, Duty::Reviewer))).unwrap();
    does!(admin, |c| courses::remove_staff(c, school, course, first.id)).unwrap();
    assert_eq!(refused(does!(iris, |c| courses::read(c, school, course))).0, Code::NotFound);
    let back = does!(admin, |c| courses::add_staff(c, school, course, &new(iris_id, Duty::Assistant))).unwrap();
    assert_eq!(back, first.id);
    assert!(!does!(iris, |c| courses::read(c, school, course)).unwrap().may_edit);
    let unknown = CourseStaffId::new();
    assert_eq!(refused(does!(admin, |c| courses::remove_staff(c, school, course, unknown))).0, Code::NotFound);
}

#[tokio::test]
async fn an_archived_course_leaves_the_list_and_comes_back() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    let course = fresh.course(school, "Mechanics").await;
    does!(admin, |c| courses::archive(c, school, course)).unwrap();
    assert!(all(&mut admin, school, query("", "title")).await.is_empty());
    let mut archived = query("mech", "updatedAt");
    archived.list.archived = true;
    assert_eq!(titles(all(&mut admin, school, archived).await), ["Mechanics"]);
    assert!(!does!(admin, |c| courses::read(c, school, course)).unwrap().may_enroll);
    does!(admin, |c| courses::restore(c, school, course)).unwrap();
    assert_eq!(titles(all(&mut admin, school, query("", "title")).await), ["Mechanics"]);
    assert_eq!(refused(does!(admin, |c| courses::restore(c, school, CourseId::new()))).0, Code::NotFound);
}
