use std::collections::HashSet;

use lectern::{
    Code,
    courses::{self, CourseChange, CourseStatus},
    enrollments::{self, EnrollmentRow, EnrollmentState, EnrollmentsQuery, NewEnrollment},
    ids::{CourseId, EnrollmentId, LessonId, OperationId, OrganizationId, PersonId},
    page::ListQuery,
    people, progress,
};

use crate::{
    desk::{Desk, refused, refused_at},
    harness,
};

fn new(course_id: CourseId, person_id: PersonId) -> NewEnrollment {
    NewEnrollment { id: EnrollmentId::new(), course_id, person_id }
}

fn query(search: &str) -> EnrollmentsQuery {
    let list = ListQuery { search: search.into(), descending: true, limit: 60, ..Default::default() };
    EnrollmentsQuery { list, ..Default::default() }
}

async fn all(desk: &mut Desk, school: OrganizationId, mut query: EnrollmentsQuery) -> Vec<EnrollmentRow> {
    query.list.count_only = true;
    let total = does!(desk, |c| enrollments::list(c, school, &query)).unwrap().total;
    query.list.count_only = false;
    let mut rows = Vec::new();
    loop {
        let page = does!(desk, |c| enrollments::list(c, school, &query)).unwrap();
        rows.extend(page.rows);
        query.list.cursor = page.next_cursor;
        if query.list.cursor.is_none() {
            assert_eq!(total, u32::try_from(rows.len()).ok(), "{query:?}");
            assert!(page.total.is_none_or(|told| Some(told) == total), "{query:?}");
            return rows;
        }
    }
}

async fn found(desk: &mut Desk, school: OrganizationId, search: &str) -> Vec<String> {
    let mut rows: Vec<_> = all(desk, school, query(search))
        .await
        .into_iter()
        .map(|r| format!("{}: {}", r.person_name, r.course_title))
        .collect();
    rows.sort();
    rows
}

#[tokio::test]
async fn a_person_is_enrolled_once_withdrawn_and_enrolled_again_with_their_progress() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    let course = fresh.course(school, "Mechanics").await;
    let sam = fresh.member(school, "Sam Field", "learner").await;
    let (one, two) = (fresh.lesson(school, course, "One").await, fresh.lesson(school, course, "Two").await);
    let input = new(course, sam);
    let id = does!(admin, |c| enrollments::enroll(c, school, &input)).unwrap();
    assert_eq!(id, input.id);
    refused_at(does!(admin, |c| enrollments::enroll(c, school, &new(course, sam))), Code::Conflict, "personId");
    does!(admin, |c| progress::set_lesson_completed(c, school, id, one, true)).unwrap();
    let first = does!(admin, |c| enrollments::read(c, school, id)).unwrap();
    assert_eq!(
        (first.row.progress, first.row.person_name.as_str(), first.row.course_title.as_str()),
        (50, "Sam Field", "Mechanics")
    );
    let lessons: Vec<_> = first.lessons.iter().map(|l| (l.lesson_id, l.completed_at.is_some())).collect();
    assert_eq!(lessons, [(one, true), (two, false)]);
    does!(admin, |c| enrollments::withdraw(c, school, id, first.row.version)).unwrap();
    assert_eq!(refused(does!(admin, |c| enrollments::withdraw(c, school, id, first.row.version))).0, Code::Stale);
    let withdrawn = does!(admin, |c| enrollments::read(c, school, id)).unwrap();
    assert!(withdrawn.row.withdrawn_at.is_some());
    let again = does!(admin, |c| enrollments::enroll(c, school, &new(course, sam))).unwrap();
    let back = does!(admin, |c| enrollments::read(c, school, again)).unwrap();
    assert_eq!((again, back.row.progress, back.row.withdrawn_at), (id, 50, None));
    does!(admin, |c| enrollments::withdraw(c, school, id, back.row.version)).unwrap();
    let version = does!(admin, |c| enrollments::read(c, school, id)).unwrap().row.version;
    does!(admin, |c| enrollments::reinstate(c, school, id, version)).unwrap();
    assert!(does!(admin, |c| enrollments::read(c, school, id)).unwrap().row.withdrawn_at.is_none());
}

#[tokio::test]
async fn whoever_learns_on_does_not_make_the_open_page_stale() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    let course = fresh.course(school, "Mechanics").await;
    let lesson = fresh.lesson(school, course, "One").await;
    let sam = fresh.member(school, "Sam Field", "learner").await;
    let id = fresh.enroll(school, course, sam).await;
    let open = does!(admin, |c| enrollments::read(c, school, id)).unwrap();
    does!(admin, |c| progress::set_lesson_completed(c, school, id, lesson, true)).unwrap();
    does!(admin, |c| enrollments::withdraw(c, school, id, open.row.version)).unwrap();
}

#[tokio::test]
async fn who_cannot_be_enrolled_is_told_why() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let elsewhere = fresh.organization("Fjord Academy").await;
    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    let course = fresh.course(school, "Mechanics").await;
    let foreign = fresh.course(elsewhere, "Sailing").await;
    let (sam, stranger) =
        (fresh.member(school, "Sam Field", "learner").await, fresh.member(elsewhere, "Noor Haddad", "learner").await);
    refused_at(does!(admin, |c| enrollments::enroll(c, school, &new(foreign, sam))), Code::NotFound, "courseId");
    refused_at(does!(admin, |c| enrollments::enroll(c, school, &new(course, stranger))), Code::NotFound, "personId");
    does!(admin, |c| people::archive(c, school, sam)).unwrap();
    refused_at(does!(admin, |c| enrollments::enroll(c, school, &new(course, sam))), Code::Conflict, "personId");
    does!(admin, |c| people::restore(c, school, sam)).unwrap();
    let version = does!(admin, |c| courses::read(c, school, course)).unwrap().row.version;
    does!(admin, |c| courses::archive(c, school, course)).unwrap();
    refused_at(does!(admin, |c| enrollments::enroll(c, school, &new(course, sam))), Code::Conflict, "courseId");
    let nothing = EnrollmentId::new();
    assert_eq!(refused(does!(admin, |c| enrollments::read(c, school, nothing))).0, Code::NotFound);
    assert_eq!(refused(does!(admin, |c| enrollments::withdraw(c, school, nothing, version))).0, Code::NotFound);
}

#[tokio::test]
async fn people_are_prepared_in_a_course_that_is_not_open_yet_and_in_no_archived_one() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    let course = fresh.course(school, "Mechanics").await;
    let (sam, kim) =
        (fresh.member(school, "Sam Field", "learner").await, fresh.member(school, "Kim Lee", "learner").await);
    let mut enrolled = Vec::new();
    for (status, person) in [(CourseStatus::Draft, sam), (CourseStatus::Disabled, kim)] {
        let version = does!(admin, |c| courses::read(c, school, course)).unwrap().row.version;
        let change = CourseChange { status: Some(status), enrollment_open: Some(false), ..Default::default() };
        does!(admin, |c| courses::change(c, school, course, version, &change)).unwrap();
        assert!(does!(admin, |c| courses::read(c, school, course)).unwrap().may_enroll);
        enrolled.push(does!(admin, |c| enrollments::enroll(c, school, &new(course, person))).unwrap());
    }
    let version = does!(admin, |c| enrollments::read(c, school, enrolled[0])).unwrap().row.version;
    does!(admin, |c| enrollments::withdraw(c, school, enrolled[0], version)).unwrap();
    does!(admin, |c| courses::archive(c, school, course)).unwrap();
    assert!(!does!(admin, |c| courses::read(c, school, course)).unwrap().may_enroll);
    let version = does!(admin, |c| enrollments::read(c, school, enrolled[0])).unwrap().row.version;
    refused_at(does!(admin, |c| enrollments::reinstate(c, school, enrolled[0], version)), Code::Conflict, "courseId");

    // Nor by another program on the application's login.
    let noor = fresh.member(school, "Noor Haddad", "learner").await;
    let mut transaction = admin.begin().await;
    let refused = sqlx::query("insert into lectern.enrollments (organization_id, id, course_id, person_id) values ($1, gen_random_uuid(), $2, $3)")
        .bind(school).bind(course).bind(noor).execute(&mut *transaction).await.unwrap_err();
    assert_eq!(refused.as_database_error().unwrap().constraint(), Some("enrollments_course_archived"));
    transaction.rollback().await.unwrap();
    // Who is enrolled there may still be withdrawn.
    let version = does!(admin, |c| enrollments::read(c, school, enrolled[1])).unwrap().row.version;
    does!(admin, |c| enrollments::withdraw(c, school, enrolled[1], version)).unwrap();
}

#[tokio::test]
async fn every_role_sees_and_changes_the_enrollments_it_may() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let (course, other) = (fresh.course(school, "Mechanics").await, fresh.course(school, "Chemistry").await);
    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    let (mut iris, iris_id) = Desk::new(&fresh, school, "Iris Novak", "instructor").await;
    let (mut rae, rae_id) = Desk::new(&fresh, school, "Rae Lind", "reviewer").await;
    let (mut sam, sam_id) = Desk::new(&fresh, school, "Sam Field", "learner").await;
    fresh.staff(school, course, iris_id, "instructor").await;
    fresh.staff(school, course, rae_id, "reviewer").await;
    let kim = fresh.member(school, "Kim Lee", "learner").await;
    for (course, person) in [(course, sam_id), (course, kim), (other, sam_id), (other, iris_id)] {
        fresh.enroll(school, course, person).await;
    }
    let seen = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(found(&mut admin, school, "").await.len(), 4);
    assert_eq!(
        found(&mut iris, school, "").await,
        seen(&["Iris Novak: Chemistry", "Kim Lee: Mechanics", "Sam Field: Mechanics"])
    );
    assert_eq!(found(&mut rae, school, "").await, seen(&["Kim Lee: Mechanics", "Sam Field: Mechanics"]));
    assert_eq!(found(&mut sam, school, "").await, seen(&["Sam Field: Chemistry", "Sam Field: Mechanics"]));
    assert!(found(&mut sam, school, "kim").await.is_empty());
    let of_course = |course_id| EnrollmentsQuery { course_id: Some(course_id), ..query("") };
    assert_eq!(all(&mut iris, school, of_course(course)).await.len(), 2);
    assert_eq!(all(&mut iris, school, of_course(other)).await.len(), 1);
    assert_eq!(all(&mut sam, school, of_course(course)).await.len(), 1);
    let of_person = |person_id| EnrollmentsQuery { person_id: Some(person_id), ..query("") };
    assert_eq!(all(&mut iris, school, of_person(sam_id)).await.len(), 1);
    assert_eq!(all(&mut admin, school, of_person(sam_id)).await.len(), 2);

    let id = all(&mut rae, school, query("kim")).await[0].id;
    let detail = does!(rae, |c| enrollments::read(c, school, id)).unwrap();
    assert!(!detail.may_edit);
    assert_eq!(refused(does!(rae, |c| enrollments::withdraw(c, school, id, detail.row.version))).0, Code::NotAllowed);
    assert_eq!(refused(does!(sam, |c| enrollments::read(c, school, id))).0, Code::NotFound);
    assert_eq!(refused(does!(sam, |c| enrollments::withdraw(c, school, id, detail.row.version))).0, Code::NotFound);
    let mine = all(&mut sam, school, query("mechanics")).await.remove(0);
    assert_eq!(refused(does!(sam, |c| enrollments::withdraw(c, school, mine.id, mine.version))).0, Code::NotAllowed);
    assert!(does!(iris, |c| enrollments::read(c, school, id)).unwrap().may_edit);
    does!(iris, |c| enrollments::withdraw(c, school, id, detail.row.version)).unwrap();
    let unseen = fresh.course(school, "Biology").await;
    assert_eq!(refused(does!(iris, |c| enrollments::enroll(c, school, &new(unseen, kim)))).0, Code::NotFound);
    assert_eq!(refused(does!(iris, |c| enrollments::enroll(c, school, &new(other, kim)))).0, Code::NotAllowed);
    assert_eq!(refused(does!(rae, |c| enrollments::enroll(c, school, &new(course, iris_id)))).0, Code::NotAllowed);
    does!(iris, |c| enrollments::enroll(c, school, &new(course, kim))).unwrap();
}

#[tokio::test]
async fn every_page_of_enrollments_follows_the_one_before_also_in_one_moment() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    let (mechanics, _) = (fresh.course(school, "Mechanics").await, fresh.course(school, "100% Chemistry").await);
    fresh.lesson(school, mechanics, "One").await;
    for statement in [
        "insert into lectern.people (id, email, name)
         select gen_random_uuid(), 'p' || n || '@example.org', case when n % 2 = 0 then 'Kim Lee ' else 'Zo\u{eb} ' end || n from generate_series(1, 220) n",
        "insert into lectern.memberships (organization_id, id, person_id, role, name, email)
         select g.id, gen_random_uuid(), p.id, 'learner', p.name, p.email from lectern.people p, lectern.organizations g where p.email like 'p%'",
        "insert into lectern.enrollments (organization_id, id, course_id, person_id, enrolled_at, withdrawn_at, completed_at)
         select m.organization_id, gen_random_uuid(), k.id, m.person_id,
                timestamptz '2026-03-02 08:00Z' + (row_number() over () % 3) * interval '1 day',
                case when row_number() over () % 7 = 0 then now() end, case when row_number() over () % 5 = 0 then now() end
         from lectern.memberships m, lectern.courses k where m.role = 'learner'",
    ] {
        sqlx::query(statement).execute(&mut fresh.owner().await).await.unwrap();
    }
    let mut total = 0;
    for state in [
        None,
        Some(EnrollmentState::Withdrawn),
        Some(EnrollmentState::Active),
        Some(EnrollmentState::Completed),
        Some(EnrollmentState::AtRisk),
    ] {
        for course_id in [None, Some(mechanics)] {
            for search in ["", "kim", "zo\u{eb} 100%", "kim mechanics lee"] {
                let mut lists = Vec::new();
                for descending in [true, false] {
                    let mut query = EnrollmentsQuery { state, course_id, ..query(search) };
                    query.list.descending = descending;
                    let ids: Vec<_> = all(&mut admin, school, query).await.into_iter().map(|row| row.id).collect();
                    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
                    lists.push(ids);
                }
                assert_eq!(lists[0], lists[1].iter().copied().rev().collect::<Vec<_>>(), "{state:?} {search}");
                total += lists[0].len();
                let truth: i64 = sqlx::query_scalar(
                    "select count(*) from lectern.enrollments e
                     join lectern.memberships m using (organization_id, person_id)
                     join lectern.courses k on k.organization_id = e.organization_id and k.id = e.course_id
                     where ($1::uuid is null or k.id = $1)
                       and not exists (select from regexp_split_to_table($2, ' ') w
                                       where position(w in lower(m.name || ' ' || m.email)) = 0 and position(w in lower(k.title)) = 0)
                       and case $3 when 'all' then e.withdrawn_at is null when 'Withdrawn' then e.withdrawn_at is not null
                                   when 'Completed' then e.withdrawn_at is null and e.completed_at is not null
                                   else e.withdrawn_at is null and e.completed_at is null end",
                )
                .bind(course_id)
                .bind(search)
                .bind(state.map_or("all".to_owned(), |state| format!("{state:?}")))
                .fetch_one(&mut fresh.owner().await)
                .await
                .unwrap();
                assert_eq!(lists[0].len(), usize::try_from(truth).unwrap(), "{state:?} {course_id:?} {search}");
            }
        }
    }
    assert!(total > 1000, "{total}");
    let mut withdrawn = query("");
    withdrawn.list.archived = true;
    assert!(all(&mut admin, school, withdrawn).await.iter().all(|row| row.withdrawn_at.is_some()));
}

#[tokio::test]
async fn nobody_is_at_risk_in_their_first_fortnight_or_in_an_archived_course() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    let (course, over) = (fresh.course(school, "Mechanics").await, fresh.course(school, "Chemistry").await);
    for (name, course, days) in [("Sam Field", course, 13), ("Kim Lee", course, 15), ("Noor Haddad", over, 15)] {
        let person = fresh.member(school, name, "learner").await;
        let id = fresh.enroll(school, course, person).await;
        sqlx::query("update lectern.enrollments set enrolled_at = now() - make_interval(days => $2) where id = $1")
            .bind(id)
            .bind(days)
            .execute(&mut fresh.owner().await)
            .await
            .unwrap();
    }
    does!(admin, |c| courses::archive(c, school, over)).unwrap();
    let risky = EnrollmentsQuery { state: Some(EnrollmentState::AtRisk), ..query("") };
    let names: Vec<_> = all(&mut admin, school, risky).await.into_iter().map(|row| row.person_name).collect();
    assert_eq!(names, ["Kim Lee"]);
}

#[tokio::test]
async fn a_retried_operation_gives_its_first_answer_and_enrolls_once() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let admin = fresh.member(school, "Aiko Tanaka", "admin").await;
    let course = fresh.course(school, "Mechanics").await;
    let sam = fresh.member(school, "Sam Field", "learner").await;
    let access = fresh.access(admin, school).await;
    let (database, operation) = (fresh.database(), OperationId::new());
    let mut answers = HashSet::new();
    for _ in 0..3 {
        // A client that lost its answer may have lost its ids as well.
        let input = new(course, sam);
        let detail = database
            .change(
                "enroll_person",
                &access,
                operation,
                move |c| {
                    let input = input.clone();
                    Box::pin(async move { enrollments::enroll(c, school, &input).await })
                },
                move |c, id| Box::pin(enrollments::read(c, school, id)),
            )
            .await
            .unwrap();
        answers.insert(detail.row.id);
    }
    assert_eq!(answers.len(), 1);
}

#[tokio::test]
async fn forty_desks_that_enroll_one_person_at_once_enroll_them_once() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let admin = fresh.member(school, "Aiko Tanaka", "admin").await;
    let course = fresh.course(school, "Mechanics").await;
    let sam = fresh.member(school, "Sam Field", "learner").await;
    let access = fresh.access(admin, school).await;
    let database = fresh.database();
    let tries = (0..40).map(|_| {
        let (database, access) = (database.clone(), access.clone());
        tokio::spawn(async move {
            database
                .write("enroll_person", &access, OperationId::new(), move |c| {
                    Box::pin(async move { enrollments::enroll(c, school, &new(course, sam)).await })
                })
                .await
        })
    });
    let mut enrolled = 0;
    for attempt in futures_util::future::join_all(tries).await {
        match attempt.unwrap() {
            Ok(_) => enrolled += 1,
            Err(error) => assert_eq!(error.code, Code::Conflict, "{error}"),
        }
    }
    let rows: i64 = sqlx::query_scalar("select count(*) from lectern.enrollments")
        .fetch_one(&mut fresh.owner().await)
        .await
        .unwrap();
    let counted: i32 = sqlx::query_scalar("select enrolled from lectern.course_counts")
        .fetch_one(&mut fresh.owner().await)
        .await
        .unwrap();
    assert_eq!((enrolled, rows, counted), (1, 1, 1));
}

#[tokio::test]
async fn a_lesson_of_another_course_cannot_be_completed() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    let (course, other) = (fresh.course(school, "Mechanics").await, fresh.course(school, "Chemistry").await);
    let foreign = fresh.lesson(school, other, "Acids").await;
    let sam = fresh.member(school, "Sam Field", "learner").await;
    let id = fresh.enroll(school, course, sam).await;
    refused_at(
        does!(admin, |c| progress::set_lesson_completed(c, school, id, foreign, true)),
        Code::NotFound,
        "lessonId",
    );
    refused_at(
        does!(admin, |c| progress::set_lesson_completed(c, school, id, LessonId::new(), true)),
        Code::NotFound,
        "lessonId",
    );
    assert_eq!(
        refused(does!(admin, |c| progress::set_lesson_completed(c, school, EnrollmentId::new(), foreign, true))).0,
        Code::NotFound
    );
}
