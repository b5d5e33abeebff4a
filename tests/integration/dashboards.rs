use lectern::{
    Code,
    courses::{self, CourseStatus, CoursesQuery},
    dashboards,
    enrollments::{self, EnrollmentState, EnrollmentsQuery, NewEnrollment},
    ids::{EnrollmentId, OrganizationId},
    page::ListQuery,
    people::{self, PeopleQuery, Role},
};

use crate::{
    desk::{Desk, refused},
    harness,
};

fn one() -> ListQuery {
    ListQuery { limit: 1, ..Default::default() }
}

async fn every_number_is_the_total_of_its_list(desk: &mut Desk, school: OrganizationId) {
    let overview = does!(desk, |c| dashboards::overview(c, school)).unwrap();
    for (role, number) in [(None, overview.people), (Some(Role::Learner), overview.learners)] {
        let query = PeopleQuery { list: one(), role, is_active: None };
        assert_eq!(does!(desk, |c| people::list(c, school, &query)).unwrap().total, Some(number), "{role:?}");
    }
    for (status, number) in [(None, overview.courses), (Some(CourseStatus::Active), overview.active_courses)] {
        let query = CoursesQuery { list: one(), status };
        assert_eq!(does!(desk, |c| courses::list(c, school, &query)).unwrap().total, Some(number), "{status:?}");
    }
    for (state, number) in [
        (None, overview.enrollments),
        (Some(EnrollmentState::Completed), overview.completed),
        (Some(EnrollmentState::Withdrawn), overview.withdrawn),
        (Some(EnrollmentState::AtRisk), overview.at_risk),
    ] {
        let query = EnrollmentsQuery { list: one(), state, ..Default::default() };
        assert_eq!(does!(desk, |c| enrollments::list(c, school, &query)).unwrap().total, Some(number), "{state:?}");
    }
    assert_eq!(overview.staff, overview.people - overview.learners);
}

#[tokio::test]
async fn an_empty_organization_has_an_overview_of_nothing() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let (mut owner, _) = Desk::new(&fresh, school, "Mina Okafor", "owner").await;
    let overview = does!(owner, |c| dashboards::overview(c, school)).unwrap();
    assert_eq!((overview.people, overview.courses, overview.enrollments, overview.average_progress), (1, 0, 0, 0));
    assert_eq!(overview.enrolled_by_week.len(), 12);
    assert!(overview.enrolled_by_week.windows(2).all(|w| (w[1].week - w[0].week).num_days() == 7));
    every_number_is_the_total_of_its_list(&mut owner, school).await;
}

#[tokio::test]
async fn every_number_of_the_overview_is_the_total_of_the_list_behind_it() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    let (mut iris, iris_id) = Desk::new(&fresh, school, "Iris Novak", "instructor").await;
    let mut taught = Vec::new();
    for number in 0..4 {
        let course = fresh.course(school, &format!("Course {number}")).await;
        fresh.lesson(school, course, "One").await;
        if number < 2 {
            fresh.staff(school, course, iris_id, "lead").await;
        }
        taught.push(course);
    }
    for number in 0..30 {
        fresh.member(school, &format!("Learner {number}"), if number % 10 == 9 { "reviewer" } else { "learner" }).await;
    }
    for statement in [
        "insert into lectern.enrollments (organization_id, id, course_id, person_id, enrolled_at, withdrawn_at)
         select m.organization_id, gen_random_uuid(), k.id, m.person_id, now() - (row_number() over (order by m.name, k.title) % 40) * interval '1 day',
                case when row_number() over (order by m.name, k.title) % 6 = 0 then now() end
         from lectern.memberships m, lectern.courses k where m.role = 'learner'",
        "insert into lectern.lesson_progress (organization_id, enrollment_id, lesson_id, completed_at)
         select e.organization_id, e.id, l.id, now() from lectern.enrollments e join lectern.lessons l using (organization_id, course_id)
         where extract(day from e.enrolled_at)::int % 3 = 0",
        "update lectern.courses set archived_at = now() where title = 'Course 3'",
        "update lectern.courses set status = 'draft' where title = 'Course 2'",
        "update lectern.memberships set archived_at = now() where name = 'Learner 5'",
    ] {
        sqlx::query(statement).execute(&mut fresh.owner().await).await.unwrap();
    }
    every_number_is_the_total_of_its_list(&mut admin, school).await;
    every_number_is_the_total_of_its_list(&mut iris, school).await;
    let overview = does!(admin, |c| dashboards::overview(c, school)).unwrap();
    assert_eq!(
        overview.enrolled_by_week.iter().map(|week| week.enrolled).sum::<u32>(),
        overview.enrollments + overview.withdrawn
    );
    assert!(overview.at_risk > 0 && overview.completed > 0);
    let hers = does!(iris, |c| dashboards::overview(c, school)).unwrap();
    assert!(hers.recent.is_empty());
    assert_eq!(
        (hers.courses, hers.enrolled_by_week.iter().map(|week| week.enrolled).sum::<u32>()),
        (2, hers.enrollments + hers.withdrawn)
    );
}

#[tokio::test]
async fn the_last_changes_are_told_with_names_of_this_organization_only() {
    let fresh = harness::fresh().await;
    let (school, academy) = (fresh.organization("Northwind School").await, fresh.organization("Fjord Academy").await);
    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    let course = fresh.course(school, "Mechanics").await;
    let sam = fresh.member(school, "Sam Field", "learner").await;
    let new = NewEnrollment { id: EnrollmentId::new(), course_id: course, person_id: sam };
    does!(admin, |c| enrollments::enroll(c, school, &new)).unwrap();
    let boss = fresh.business_owner("Bo Lund").await;
    fresh.join(academy, boss, "owner").await;
    let mut boss = Desk::of(&fresh, boss, school).await;
    does!(boss, |c| courses::archive(c, school, course)).unwrap();
    let recent = does!(admin, |c| dashboards::overview(c, school)).unwrap().recent;
    let told: Vec<_> =
        recent.iter().take(2).map(|r| (r.table_name.as_str(), r.label.as_deref(), r.actor_name.as_deref())).collect();
    assert_eq!(
        told,
        [
            ("courses", Some("Mechanics"), None),
            ("enrollments", Some("Sam Field \u{b7} Mechanics"), Some("Aiko Tanaka"))
        ]
    );
}

#[tokio::test]
async fn a_learner_has_no_overview_and_nobody_one_of_another_organization() {
    let fresh = harness::fresh().await;
    let (school, academy) = (fresh.organization("Northwind School").await, fresh.organization("Fjord Academy").await);
    let (mut sam, _) = Desk::new(&fresh, school, "Sam Field", "learner").await;
    let (mut owner, _) = Desk::new(&fresh, school, "Mina Okafor", "owner").await;
    assert_eq!(refused(does!(sam, |c| dashboards::overview(c, school))).0, Code::NotAllowed);
    assert_eq!(refused(does!(owner, |c| dashboards::overview(c, academy))).0, Code::NotAllowed);
}
