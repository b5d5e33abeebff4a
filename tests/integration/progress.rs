use std::collections::{HashMap, HashSet};

use lectern::{
    courses, enrollments,
    ids::{CourseId, EnrollmentId, LessonId, OrganizationId, SubCourseId},
    lessons::{self, LessonChange, NewLesson, Place},
    progress::{self, Drift},
    sub_courses::{self, NewSubCourse},
};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use sqlx::PgConnection;

use crate::{
    desk::Desk,
    harness::{self, Fresh},
};

/// What may happen to a course and its learners. Numbers choose among what is there.
#[derive(Clone, Debug)]
enum Step {
    AddLesson { inside: bool, published: bool },
    Publish(usize, bool),
    ArchiveLesson(usize, bool),
    ArchiveSubCourse(usize, bool),
    MoveLesson(usize, bool),
    Complete(usize, usize, bool),
    Enroll,
    Withdraw(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        2 => (any::<bool>(), any::<bool>()).prop_map(|(inside, published)| Step::AddLesson { inside, published }),
        3 => (0usize..20, any::<bool>()).prop_map(|(l, on)| Step::Publish(l, on)),
        1 => (0usize..20, any::<bool>()).prop_map(|(l, on)| Step::ArchiveLesson(l, on)),
        1 => (0usize..2, any::<bool>()).prop_map(|(s, on)| Step::ArchiveSubCourse(s, on)),
        1 => (0usize..20, any::<bool>()).prop_map(|(l, inside)| Step::MoveLesson(l, inside)),
        8 => (0usize..8, 0usize..20, any::<bool>()).prop_map(|(e, l, on)| Step::Complete(e, l, on)),
        1 => Just(Step::Enroll),
        1 => (0usize..8).prop_map(Step::Withdraw),
    ];
    proptest::collection::vec(step, 60)
}

/// The same rule, said plainly.
#[derive(Default)]
struct Model {
    lessons: Vec<ModelLesson>,
    archived_sub_courses: HashSet<usize>,
    enrollments: Vec<(EnrollmentId, HashSet<usize>, bool)>,
}

struct ModelLesson {
    id: LessonId,
    sub_course: Option<usize>,
    published: bool,
    archived: bool,
}

impl Model {
    fn progress(&self, done: &HashSet<usize>) -> i16 {
        let counted: Vec<usize> = (0..self.lessons.len())
            .filter(|&number| {
                let lesson = &self.lessons[number];
                lesson.published
                    && !lesson.archived
                    && lesson.sub_course.is_none_or(|s| !self.archived_sub_courses.contains(&s))
            })
            .collect();
        if counted.is_empty() {
            return 0;
        }
        let completed = counted.iter().filter(|number| done.contains(number)).count();
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
        let rounded = (100.0 * completed as f64 / counted.len() as f64).round() as i16;
        rounded
    }
}

struct Course {
    school: OrganizationId,
    course: CourseId,
    parts: [SubCourseId; 2],
}

async fn take(fresh: &Fresh, at: &Course, model: &mut Model, desk: &mut Desk, step: &Step) {
    let Course { school, course, parts } = *at;
    let place = |inside: bool| Place { sub_course_id: inside.then_some(parts[0]), after: None };
    let some = |count: usize, number: usize| (count > 0).then(|| number % count);
    match *step {
        Step::AddLesson { inside, published } => {
            let new =
                NewLesson { id: LessonId::new(), title: "Lesson".into(), duration_minutes: 1, place: place(inside) };
            does!(desk, |c| lessons::create(c, school, course, &new)).unwrap();
            model.lessons.push(ModelLesson {
                id: new.id,
                sub_course: inside.then_some(0),
                published: false,
                archived: false,
            });
            if published {
                publish(school, desk, new.id, true).await;
                model.lessons.last_mut().unwrap().published = true;
            }
        }
        Step::Publish(number, on) => {
            let Some(number) = some(model.lessons.len(), number) else { return };
            publish(school, desk, model.lessons[number].id, on).await;
            model.lessons[number].published = on;
        }
        Step::ArchiveLesson(number, on) => {
            let Some(number) = some(model.lessons.len(), number) else { return };
            let id = model.lessons[number].id;
            if on {
                does!(desk, |c| lessons::archive(c, school, course, id))
            } else {
                does!(desk, |c| lessons::restore(c, school, course, id))
            }
            .unwrap();
            model.lessons[number].archived = on;
        }
        Step::ArchiveSubCourse(number, on) => {
            let id = parts[number];
            if on {
                does!(desk, |c| sub_courses::archive(c, school, course, id)).unwrap();
                model.archived_sub_courses.insert(number);
            } else {
                does!(desk, |c| sub_courses::restore(c, school, course, id)).unwrap();
                model.archived_sub_courses.remove(&number);
            }
        }
        Step::MoveLesson(number, inside) => {
            let Some(number) = some(model.lessons.len(), number) else { return };
            let (id, place) = (model.lessons[number].id, place(inside));
            does!(desk, |c| lessons::move_to(c, school, course, id, &place)).unwrap();
            model.lessons[number].sub_course = inside.then_some(0);
        }
        Step::Complete(enrollment, lesson, on) => {
            let Some(enrollment) = some(model.enrollments.len(), enrollment) else { return };
            let Some(lesson) = some(model.lessons.len(), lesson) else { return };
            let (id, lesson_id) = (model.enrollments[enrollment].0, model.lessons[lesson].id);
            does!(desk, |c| progress::set_lesson_completed(c, school, id, lesson_id, on)).unwrap();
            if on {
                model.enrollments[enrollment].1.insert(lesson);
            } else {
                model.enrollments[enrollment].1.remove(&lesson);
            }
        }
        Step::Enroll => {
            let person = fresh.member(school, "Learner", "learner").await;
            let id = fresh.enroll(school, course, person).await;
            model.enrollments.push((id, HashSet::new(), false));
        }
        Step::Withdraw(number) => {
            let Some(number) = some(model.enrollments.len(), number) else { return };
            let id = model.enrollments[number].0;
            let version = does!(desk, |c| enrollments::read(c, school, id)).unwrap().row.version;
            does!(desk, |c| enrollments::withdraw(c, school, id, version)).unwrap();
        }
    }
}

async fn publish(school: OrganizationId, desk: &mut Desk, lesson: LessonId, on: bool) {
    let version = does!(desk, |c| lessons::read(c, school, lesson)).unwrap().row.version;
    let change = LessonChange { published: Some(on), ..Default::default() };
    does!(desk, |c| lessons::change(c, school, lesson, version, &change)).unwrap();
}

async fn stored(owner: &mut PgConnection) -> HashMap<EnrollmentId, (i16, bool)> {
    sqlx::query_as::<_, (EnrollmentId, i16, bool)>(
        "select id, progress, completed_at is not null from lectern.enrollments",
    )
    .fetch_all(owner)
    .await
    .unwrap()
    .into_iter()
    .map(|(id, progress, completed)| (id, (progress, completed)))
    .collect()
}

#[tokio::test]
async fn progress_is_always_what_the_lessons_say() {
    let fresh = harness::fresh().await;
    let mut runner = TestRunner::deterministic();
    let mut owner = fresh.owner().await;
    let school = fresh.organization("Northwind School").await;
    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    for _ in 0..4 {
        let course = fresh.course(school, "Mechanics").await;
        let mut model = Model::default();
        let mut parts = Vec::new();
        for title in ["First", "Second"] {
            let new =
                NewSubCourse { id: SubCourseId::new(), title: title.into(), description: String::new(), after: None };
            parts.push(does!(admin, |c| sub_courses::create(c, school, course, &new)).unwrap());
        }
        let at = Course { school, course, parts: [parts[0], parts[1]] };
        for step in [Step::Enroll, Step::Enroll, Step::Enroll] {
            take(&fresh, &at, &mut model, &mut admin, &step).await;
        }
        let mut taken = Vec::new();
        for step in steps().new_tree(&mut runner).unwrap().current() {
            take(&fresh, &at, &mut model, &mut admin, &step).await;
            taken.push(step);
            let stored = stored(&mut owner).await;
            let expected: Vec<i16> = model.enrollments.iter().map(|(_, done, _)| model.progress(done)).collect();
            for ((id, _, completed), expected) in model.enrollments.iter_mut().zip(expected) {
                *completed |= expected == 100;
                assert_eq!(stored[id], (expected, *completed), "after {taken:#?}");
            }
        }
    }
    counts_are_exact(&mut owner).await;
    assert_eq!(does!(admin, |c| progress::check(c, false)).unwrap(), Drift::default());
}

/// Every count triggers keep, against counting.
async fn counts_are_exact(owner: &mut PgConnection) {
    let wrong: Vec<String> = sqlx::query_scalar(
        "with truth as (
           select k.id, count(e.id) filter (where e.withdrawn_at is null) as enrolled, count(e.id) filter (where e.withdrawn_at is not null) as withdrawn,
                  count(e.id) filter (where e.withdrawn_at is null and e.completed_at is not null) as completed,
                  coalesce(sum(e.progress) filter (where e.withdrawn_at is null), 0) as progress_sum,
                  count(e.id) filter (where e.withdrawn_at is null and e.completed_at is null and e.progress < 25) as low_progress,
                  (select count(*) from lectern.lessons l left join lectern.sub_courses s on s.id = l.sub_course_id
                    where l.course_id = k.id and l.archived_at is null and s.archived_at is null) as lessons
           from lectern.courses k left join lectern.enrollments e on e.course_id = k.id group by k.id)
         select 'course ' || to_jsonb(t)::text || to_jsonb(c)::text from truth t left join lectern.course_counts c on c.course_id = t.id
          where (t.enrolled, t.withdrawn, t.completed, t.progress_sum, t.low_progress, t.lessons) is distinct from
                (coalesce(c.enrolled, 0), coalesce(c.withdrawn, 0), coalesce(c.completed, 0), coalesce(c.progress_sum, 0), coalesce(c.low_progress, 0), coalesce(c.lessons, 0))
         union all
         select 'day ' || day || kind from (
           select (enrolled_at at time zone 'UTC')::date as day, 'enrolled' as kind, 1 as number from lectern.enrollments
           union all select (completed_at at time zone 'UTC')::date, 'completed', 1 from lectern.enrollments where completed_at is not null
           union all select (enrolled_at at time zone 'UTC')::date, 'low_progress', 1 from lectern.enrollments
                      where withdrawn_at is null and completed_at is null and progress < 25
           union all select day, kind, -number from lectern.enrollment_days) x
         group by day, kind having sum(number) <> 0
         union all
         select 'role ' || role from (
           select role, is_active, archived_at is not null as archived, 1 as members from lectern.memberships
           union all select role, is_active, is_archived, -members from lectern.membership_counts) x
         group by role, is_active, archived having sum(members) <> 0",
    )
    .fetch_all(owner)
    .await
    .unwrap();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn a_lesson_added_later_lowers_progress_and_keeps_the_completion_date() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    let course = fresh.course(school, "Mechanics").await;
    let one = fresh.lesson(school, course, "One").await;
    let sam = fresh.member(school, "Sam Field", "learner").await;
    let id = fresh.enroll(school, course, sam).await;
    does!(admin, |c| progress::set_lesson_completed(c, school, id, one, true)).unwrap();
    let complete = does!(admin, |c| enrollments::read(c, school, id)).unwrap().row;
    assert_eq!(complete.progress, 100);
    fresh.lesson(school, course, "Two").await;
    fresh.lesson(school, course, "Three").await;
    let later = does!(admin, |c| enrollments::read(c, school, id)).unwrap().row;
    assert_eq!((later.progress, later.completed_at), (33, complete.completed_at));
    does!(admin, |c| progress::set_lesson_completed(c, school, id, one, false)).unwrap();
    let undone = does!(admin, |c| enrollments::read(c, school, id)).unwrap().row;
    assert_eq!((undone.progress, undone.completed_at), (0, complete.completed_at));
}

#[tokio::test]
async fn lessons_completed_and_published_in_the_same_moment_all_count() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let admin = fresh.member(school, "Aiko Tanaka", "admin").await;
    let course = fresh.course(school, "Mechanics").await;
    let mut lessons = Vec::new();
    for number in 0..20 {
        lessons.push(fresh.lesson(school, course, &format!("Lesson {number}")).await);
    }
    sqlx::query("update lectern.lessons set published_at = null where title like '%5'")
        .execute(&mut fresh.owner().await)
        .await
        .unwrap();
    let sam = fresh.member(school, "Sam Field", "learner").await;
    let id = fresh.enroll(school, course, sam).await;
    let database = fresh.database();
    let access = fresh.access(admin, school).await;
    let tasks = lessons.into_iter().enumerate().map(|(number, lesson)| {
        let (database, access) = (database.clone(), access.clone());
        tokio::spawn(async move {
            database
                .write("learn", &access, lectern::ids::OperationId::new(), move |c| {
                    Box::pin(async move {
                        if number % 10 == 5 {
                            let version = lessons::read(c, school, lesson).await?.row.version;
                            let publish = LessonChange { published: Some(true), ..Default::default() };
                            lessons::change(c, school, lesson, version, &publish).await
                        } else {
                            progress::set_lesson_completed(c, school, id, lesson, true).await
                        }
                    })
                })
                .await
        })
    });
    for task in futures_util::future::join_all(tasks).await {
        task.unwrap().unwrap();
    }
    let mut desk = Desk::of(&fresh, admin, school).await;
    assert_eq!(does!(desk, |c| enrollments::read(c, school, id)).unwrap().row.progress, 90);
    counts_are_exact(&mut fresh.owner().await).await;
}

#[tokio::test]
async fn drift_is_found_and_mended_and_only_what_differs_is_written() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    let course = fresh.course(school, "Mechanics").await;
    let lesson = fresh.lesson(school, course, "One").await;
    let mut owner = fresh.owner().await;
    for name in ["Sam Field", "Kim Lee", "Noor Haddad"] {
        let person = fresh.member(school, name, "learner").await;
        let id = fresh.enroll(school, course, person).await;
        sqlx::query("insert into lectern.lesson_progress (organization_id, enrollment_id, lesson_id, completed_at) values ($1, $2, $3, '2026-02-03 10:00Z')")
            .bind(school).bind(id).bind(lesson).execute(&mut owner).await.unwrap();
    }
    for statement in [
        "set session_replication_role = replica", // as a restore without triggers would leave it
        "update lectern.enrollments set progress = 3, completed_at = null where id = (select id from lectern.enrollments order by id limit 1)",
        "update lectern.course_counts set enrolled = 7",
        "delete from lectern.membership_counts where role = 'learner'",
        "set session_replication_role = origin",
    ] {
        sqlx::query(statement).execute(&mut owner).await.unwrap();
    }
    let found = does!(admin, |c| progress::check(c, false)).unwrap();
    assert_eq!(found.enrollments, 1);
    assert!(found.counts >= 2, "{found:?}");
    assert_eq!(does!(admin, |c| progress::check(c, false)).unwrap(), found, "looking changes nothing");
    assert_eq!(
        progress::check_as_owner(&mut owner, school, true).await.unwrap(),
        found,
        "what is mended is what was found"
    );
    assert_eq!(does!(admin, |c| progress::check(c, true)).unwrap(), Drift::default());
    counts_are_exact(&mut owner).await;
    let dates: Vec<chrono::DateTime<chrono::Utc>> =
        sqlx::query_scalar("select distinct completed_at from lectern.enrollments")
            .fetch_all(&mut owner)
            .await
            .unwrap();
    assert_eq!(dates.len(), 1, "the date of the last lesson, not of the repair");
    let (mut iris, _) = Desk::new(&fresh, school, "Iris Novak", "instructor").await;
    assert!(does!(iris, |c| progress::check(c, true)).is_err());
    assert_eq!(does!(admin, |c| courses::read(c, school, course)).unwrap().row.completed, 3);
}

#[tokio::test]
async fn looking_for_drift_writes_nothing_and_nobody_waits_for_it() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind School").await;
    let course = fresh.course(school, "Mechanics").await;
    let lesson = fresh.lesson(school, course, "One").await;
    let sam = fresh.member(school, "Sam Field", "learner").await;
    let kim = fresh.member(school, "Kim Lee", "learner").await;
    let id = fresh.enroll(school, course, sam).await;
    let mut looking = fresh.owner().await;
    let mut transaction = sqlx::Connection::begin(&mut looking).await.unwrap();
    sqlx::raw_sql("set transaction read only").execute(&mut *transaction).await.unwrap();
    assert_eq!(progress::check_as_owner(&mut transaction, school, false).await.unwrap(), Drift::default());

    let (mut admin, _) = Desk::new(&fresh, school, "Aiko Tanaka", "admin").await;
    let mut writing = fresh.owner().await;
    let database: String = sqlx::query_scalar("select current_database()").fetch_one(&mut writing).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("alter database {database} set lock_timeout = '1s'")))
        .execute(&mut writing)
        .await
        .unwrap();
    does!(admin, |c| progress::set_lesson_completed(c, school, id, lesson, true)).unwrap();
    fresh.enroll(school, course, kim).await;
    transaction.commit().await.unwrap();
    assert_eq!(does!(admin, |c| progress::check(c, false)).unwrap(), Drift::default());
}
