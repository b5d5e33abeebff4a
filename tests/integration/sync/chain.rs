//! Everybody who writes stands in the chain: the desk, imports, plain SQL.

use lectern::{
    ids::{LessonId, OrganizationId},
    lessons::{self, LessonChange, NewLesson, Place},
};
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, PgConnection};
use sync_core::wire::{Point, PullAnswer, PushAnswer, Table};
use uuid::Uuid;

use super::author::{change, new_id, new_lesson, new_part, school, versions};
use crate::harness::Fresh;

async fn run(connection: &mut PgConnection, sql: String) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.unwrap();
}

/// Every number taken in every course has one link, and each link follows from the one before it.
pub async fn assert_chains(fresh: &Fresh) {
    let mut owner = fresh.owner().await;
    let links: Vec<(Uuid, i64, Uuid, Vec<u8>)> =
        sqlx::query_as("select course_id, seq, push_id, chain from lectern.pushes order by course_id, seq")
            .fetch_all(&mut owner)
            .await
            .unwrap();
    let mut before = (Uuid::nil(), vec![0; 32]);
    for (course, seq, push, chain) in links {
        if before.0 != course {
            before = (course, vec![0; 32]);
        }
        let expected = Sha256::new().chain_update(&before.1).chain_update(push.as_bytes()).finalize().to_vec();
        assert_eq!(chain, expected, "{seq} of {course}");
        before.1 = chain;
    }
    let strays: Vec<String> = sqlx::query_scalar(
        "select 'course ' || c.id from lectern.courses c
          where c.seq <> coalesce((select max(p.seq) from lectern.pushes p where p.course_id = c.id), 0)
             or c.seq <> (select count(*) from lectern.pushes p where p.course_id = c.id)
         union all
         select x.id::text from (select id, course_id, seq from lectern.sub_courses union all select id, course_id, seq from lectern.lessons
                     union all select id, course_id, seq from lectern.quizzes union all select id, course_id, seq from lectern.questions
                     union all select id, course_id, seq from lectern.revisions) x
          where not exists (select from lectern.pushes p where p.course_id = x.course_id and p.seq = x.seq)",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    assert_eq!(strays, Vec::<String>::new());
}

#[tokio::test]
async fn one_transaction_is_one_link_however_many_rows_it_writes() {
    let school = school().await;
    let mut owner = school.fresh.owner().await;
    let (o, c) = (school.id, school.course);
    run(&mut owner, format!(
        "insert into lectern.lessons (organization_id, id, course_id, title, position) select '{o}', gen_random_uuid(), '{c}', 'x', 'a' from generate_series(1, 1000)"
    )).await;
    run(&mut owner, "begin; update lectern.lessons set title = 'y'; savepoint s; update lectern.lessons set title = 'z'; rollback to s; update lectern.lessons set position = 'b'; commit".into()).await;
    run(&mut owner, "begin; update lectern.lessons set title = 'never'; rollback".into()).await;
    run(&mut owner, "begin; savepoint s; update lectern.lessons set title = 'never'; rollback to s; update lectern.lessons set title = 'after'; commit".into()).await;
    assert_chains(&school.fresh).await;
    let links: i64 = sqlx::query_scalar("select count(*) from lectern.pushes").fetch_one(&mut owner).await.unwrap();
    assert_eq!(links, 3);
    assert_eq!(school.author().await.pull_all().await.len(), 1000);
}

#[tokio::test]
async fn enrolling_and_progress_leave_the_chain_alone() {
    let school = school().await;
    let lesson = school.fresh.lesson(school.id, school.course, "Weight").await;
    let learner = school.fresh.member(school.id, "Mina Okafor", "learner").await;
    let enrollment = school.fresh.enroll(school.id, school.course, learner).await;
    let mut owner = school.fresh.owner().await;
    let insert = format!(
        "insert into lectern.lesson_progress (organization_id, enrollment_id, lesson_id, completed_at) values ('{}', '{enrollment}', '{lesson}', now())",
        school.id
    );
    run(&mut owner, insert).await;
    run(&mut owner, "update lectern.courses set title = 'Renamed'".into()).await;
    let links: i64 = sqlx::query_scalar("select count(*) from lectern.pushes").fetch_one(&mut owner).await.unwrap();
    assert_eq!(links, 1);
}

#[tokio::test]
async fn what_the_desk_writes_reaches_a_device_and_makes_its_older_push_stale() {
    let school = school().await;
    let mut author = school.author().await;
    let made = author.pushed(vec![new_lesson(new_id(), "Weight", None)]).await;
    let lesson = LessonId(author.pull_all().await[0].key.id);
    let organization: OrganizationId = school.id;
    let typed = LessonChange { markdown: Some("By hand".into()), ..LessonChange::default() };
    does!(author.desk, |c| lessons::change(c, organization, lesson, made[0], &typed)).unwrap();
    let second = NewLesson {
        id: LessonId::new(),
        title: "Mass".into(),
        duration_minutes: 5,
        place: Place { sub_course_id: None, after: Some(lesson) },
    };
    does!(author.desk, |c| lessons::create(c, organization, school.course, &second)).unwrap();
    let point = author.point.clone();
    let PullAnswer::Page { rows, seq: 3, .. } = author.pull_from(&point, 10).await else { panic!() };
    assert_eq!(rows.len(), 2);
    assert_eq!((rows[0].seq, &rows[0].fields["markdown"]), (2, &json!("By hand")));
    let late = vec![change(Table::Lessons, lesson.0, made[0], json!({"title": "Late"}))];
    assert!(matches!(author.push(late).await, PushAnswer::Stale { .. }));
    assert_chains(&school.fresh).await;
}

#[tokio::test]
async fn what_was_overwritten_is_kept_whoever_wrote() {
    let school = school().await;
    let mut author = school.author().await;
    let (lesson, part) = (new_id(), new_id());
    let made = author.pushed(vec![new_part(part, "Forces"), new_lesson(lesson, "First", None)]).await;
    let again =
        author.pushed(vec![change(Table::Lessons, lesson, made[1], json!({"title": "Second", "position": "a"}))]).await;
    run(&mut school.fresh.owner().await, "update lectern.lessons set markdown = 'typed', title = 'Third'".into()).await;
    run(&mut school.fresh.owner().await, "update lectern.lessons set markdown = 'typed anew'".into()).await;
    run(&mut school.fresh.owner().await, "update lectern.lessons set title = title".into()).await;
    let mut desk = author.desk.begin().await;
    let kept: Vec<(Uuid, i64, Option<Uuid>, serde_json::Value)> = sqlx::query_as(
        "select version, seq, person_id, before from lectern.row_history where row_id = $1 order by seq",
    )
    .bind(lesson)
    .fetch_all(&mut *desk)
    .await
    .unwrap();
    assert_eq!(kept.len(), 3, "{kept:?}");
    assert_eq!(kept[0], (made[1], 2, Some(school.lead.0), json!({"title": "First"})));
    assert_eq!(kept[1], (again[0], 3, None, json!({"title": "Second", "markdown": ""})));
    assert_eq!(kept[2].3, json!({"markdown": "typed"}));
}

#[tokio::test]
async fn a_transaction_pushes_a_course_once() {
    let school = school().await;
    let mut author = school.author().await;
    let mut transaction = author.desk.begin().await;
    for (n, expected) in [(1, None), (2, Some("55000"))] {
        let taken = sqlx::query("select lectern_api.begin_push($1, $2, gen_random_uuid(), null)")
            .bind(school.id)
            .bind(school.course)
            .execute(&mut *transaction)
            .await;
        let state = taken.err().and_then(|error| error.as_database_error()?.code().map(|code| code.into_owned()));
        assert_eq!(state.as_deref(), expected, "{n}");
    }
}

#[tokio::test]
async fn a_server_restored_from_an_older_backup_is_a_fork_for_who_knows_better_and_goes_on_for_who_does_not() {
    let school = school().await;
    let (mut knows, mut behind) = (school.author().await, school.author().await);
    let lesson = new_id();
    let made = knows.pushed(vec![new_lesson(lesson, "Weight", None)]).await;
    behind.pull_all().await;
    behind.point = knows.point.clone();
    school.fresh.back_up().await;
    let (lead, point_of_both) = (school.lead, behind.point.clone());
    let mut knows =
        super::author::Author { desk: crate::desk::Desk::of(&school.fresh, lead, school.id).await, ..knows };
    let lost =
        knows.push_of(vec![change(Table::Lessons, lesson, made[0], json!({"title": "Written after the backup"}))]);
    versions(knows.send(&lost, &[]).await);
    let after = knows.point.clone();

    school.fresh.restore().await;
    let mut knows =
        super::author::Author { desk: crate::desk::Desk::of(&school.fresh, lead, school.id).await, ..knows };
    let mut behind =
        super::author::Author { desk: crate::desk::Desk::of(&school.fresh, lead, school.id).await, ..behind };
    assert_eq!(knows.push(vec![new_lesson(new_id(), "Mass", None)]).await, PushAnswer::Fork);
    assert_eq!(knows.pull_from(&after, 10).await, PullAnswer::Fork);
    // Who knew nothing newer goes on, and takes the number the lost push had: with another chain.
    assert_eq!(behind.point, point_of_both);
    behind.pushed(vec![new_lesson(new_id(), "Force", None)]).await;
    assert_eq!(behind.point.seq, after.seq);
    assert_ne!(behind.point.chain, after.chain);
    assert_eq!(knows.pull_from(&point_of_both, 10).await, PullAnswer::Fork);
    // Healing: everything from the start, then what was lost once more.
    knows.point = Point::default();
    assert_eq!(knows.pull_all().await.len(), 2);
    let again = sync_core::wire::Push { horizon: Point::default(), ..lost };
    assert!(matches!(knows.send(&again, &[]).await, PushAnswer::Ok { repeated: false, .. }));
    assert_chains(&school.fresh).await;
}
