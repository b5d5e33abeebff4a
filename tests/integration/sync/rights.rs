use lectern::{Code, database::open_session, sync::remote};
use serde_json::json;
use sqlx::Connection;
use sync_core::{
    batch,
    wire::{Access, FetchAnswer, Point, PullAnswer, PushAnswer, Table},
};

use super::author::{
    Author, change, new_id, new_key, new_lesson, new_option, new_question, new_quiz, revision, school, versions,
};

fn access_of(answer: &PullAnswer) -> Option<Access> {
    match answer {
        PullAnswer::Page { access, .. } => Some(*access),
        PullAnswer::Denied => None,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn staff_reads_those_who_teach_write_and_learners_get_nothing_at_all() {
    let school = school().await;
    let mut lead = school.author().await;
    let (quiz, question, option, lesson) = (new_id(), new_id(), new_id(), new_id());
    let content = b"draft".to_vec();
    let mut push = lead.push_of(vec![
        new_lesson(lesson, "Weight", None),
        new_quiz(quiz),
        new_question(question, quiz),
        new_option(option, question),
        new_key(new_id(), question, option),
    ]);
    push.revisions = vec![revision(lesson, None, lead.device, &content)];
    let draft = push.revisions[0].id;
    versions(lead.send(&push, &[content]).await);
    let learner = school.staff("Mina Okafor", "learner", None).await;
    let person = school.fresh.member(school.id, "Enrolled Learner", "learner").await;
    school.fresh.enroll(school.id, school.course, person).await;
    for (mut author, expected) in [
        (school.staff("An Owner", "owner", None).await, Some(Access::Write)),
        (school.staff("An Admin", "admin", None).await, Some(Access::Write)),
        (school.staff("A Teacher", "instructor", Some("instructor")).await, Some(Access::Write)),
        (school.staff("An Assistant", "reviewer", Some("assistant")).await, Some(Access::Read)),
        (school.staff("A Reviewer", "reviewer", Some("reviewer")).await, Some(Access::Read)),
        (school.staff("Demoted", "learner", Some("lead")).await, None),
        (school.staff("Another Teacher", "instructor", None).await, None),
        (learner, None),
        (school.device_of(person).await, None),
    ] {
        let page = author.pull_from(&Point::default(), 100).await;
        assert_eq!(access_of(&page), expected);
        assert!(
            !matches!(page, PullAnswer::Page { rows, .. } if !rows.iter().any(|row| row.key.table == Table::AnswerKeys))
        );
        let (bodies, contents) = author.fetch(&[draft], &[]).await;
        assert_eq!(
            (bodies == FetchAnswer::Denied, contents.len()),
            (expected.is_none(), usize::from(expected.is_some()))
        );
        let answer = author.push(vec![new_lesson(new_id(), "Mine", None)]).await;
        assert_eq!(answer != PushAnswer::Denied, expected == Some(Access::Write), "{answer:?}");
        // Nor do the parts of it give more away.
        let mut transaction = author.desk.begin().await;
        let seen: i64 = sqlx::query_scalar(
            "select count(*) from lectern_api.synced_by_seq($1, $2, 0, 1000) r where r ->> 'table' = 'answer_keys'",
        )
        .bind(school.id)
        .bind(school.course)
        .fetch_one(&mut *transaction)
        .await
        .unwrap();
        assert_eq!(seen, i64::from(expected.is_some()));
    }
}

#[tokio::test]
async fn two_organizations_see_nothing_of_each_other_and_one_person_is_in_each_what_they_are_there() {
    let north = school().await;
    let mut lead = north.author().await;
    let lesson = new_id();
    let made = lead.pushed(vec![new_lesson(lesson, "Secret of the North", None)]).await;
    // In the South the same person learns, and somebody else leads.
    let south = north.fresh.organization("Southwind School").await;
    let course = north.fresh.course(south, "Optics").await;
    north.fresh.join(south, north.lead, "learner").await;
    let teacher = north.fresh.member(south, "Mina Okafor", "instructor").await;
    north.fresh.staff(south, course, teacher, "lead").await;
    let at = async |person, organization, course| Author {
        desk: crate::desk::Desk::of(&north.fresh, person, organization).await,
        organization,
        course,
        device: new_id(),
        point: Point::default(),
    };
    let mut learns = at(north.lead, south, course).await;
    assert_eq!(learns.pull_from(&Point::default(), 10).await, PullAnswer::Denied);
    assert_eq!(learns.push(vec![new_lesson(new_id(), "Mine", None)]).await, PushAnswer::Denied);
    // Naming the other organization, or its course, while standing in one's own.
    let mut teacher_south = at(teacher, south, course).await;
    for (organization, course) in [(north.id, north.course), (south, north.course), (north.id, course)] {
        teacher_south.organization = organization;
        teacher_south.course = course;
        assert_eq!(teacher_south.pull_from(&Point::default(), 10).await, PullAnswer::Denied);
        assert_eq!(
            teacher_south.push(vec![change(Table::Lessons, lesson, made[0], json!({"title": "x"}))]).await,
            PushAnswer::Denied
        );
        assert_eq!(teacher_south.fetch(&[lesson], &[]).await.0, FetchAnswer::Denied);
    }
    // The same id in both organizations is two rows, and tells nothing.
    let mut teacher_south = at(teacher, south, course).await;
    teacher_south.pushed(vec![new_lesson(lesson, "Of the South", None)]).await;
    assert_eq!(teacher_south.pull_all().await.len(), 1);
    assert_eq!(lead.pull_all().await[0].fields["title"], json!("Secret of the North"));
    let stranger = at(north.fresh.person("A Stranger").await, north.id, north.course).await;
    let mut connection = north.fresh.app().await;
    let refused = open_session(&mut connection.begin().await.unwrap(), &stranger.desk.access).await;
    assert_eq!(refused.unwrap_err().code, Code::NotAllowed);
}

#[tokio::test]
async fn a_right_taken_away_stops_the_next_push_and_gives_the_last_receipt() {
    let school = school().await;
    let mut author = school.staff("Mina Okafor", "instructor", Some("instructor")).await;
    let lesson = new_id();
    let push = author.push_of(vec![new_lesson(lesson, "Weight", None)]);
    let made = versions(author.send(&push, &[]).await);
    let point = author.point.clone();
    let set = async |sql: &str| {
        let sql = format!("update lectern.course_staff set {sql} where duty <> 'lead'");
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut school.fresh.owner().await).await.unwrap();
    };
    set("archived_at = now()").await;
    let edit = author.push_of(vec![change(Table::Lessons, lesson, made[0], json!({"title": "Mass"}))]);
    assert_eq!(author.send(&edit, &[]).await, PushAnswer::Denied);
    assert_eq!(author.pull_from(&point, 10).await, PullAnswer::Denied);
    assert!(matches!(author.send(&push, &[]).await, PushAnswer::Ok { repeated: true, .. }));
    set("archived_at = null, duty = 'reviewer'").await;
    assert_eq!(author.send(&edit, &[]).await, PushAnswer::Denied);
    assert_eq!(access_of(&author.pull_from(&point, 10).await), Some(Access::Read));
    set("duty = 'instructor'").await;
    versions(author.send(&edit, &[]).await);
}

#[tokio::test]
async fn a_right_taken_away_while_the_push_waits_for_its_turn_writes_nothing() {
    let school = school().await;
    let mut author = school.staff("Mina Okafor", "instructor", Some("instructor")).await;
    let mut owner = school.fresh.owner().await;
    let mut holds = owner.begin().await.unwrap();
    sqlx::raw_sql("select from lectern.courses for update").execute(&mut *holds).await.unwrap();
    let push = author.push_of(vec![new_lesson(new_id(), "Weight", None)]);
    let waiting = tokio::spawn(async move { author.try_send(&push, &[]).await });
    let mut watch = school.fresh.owner().await;
    loop {
        let waits: bool = sqlx::query_scalar("select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')")
            .fetch_one(&mut watch)
            .await
            .unwrap();
        if waits {
            break;
        }
    }
    sqlx::raw_sql("update lectern.course_staff set archived_at = now() where duty <> 'lead'")
        .execute(&mut watch)
        .await
        .unwrap();
    holds.commit().await.unwrap();
    assert_eq!(waiting.await.unwrap().unwrap(), PushAnswer::Denied);
    let written: i64 =
        sqlx::query_scalar("select (select count(*) from lectern.lessons) + (select count(*) from lectern.pushes)")
            .fetch_one(&mut watch)
            .await
            .unwrap();
    assert_eq!(written, 0);
}

#[tokio::test]
async fn a_commit_whose_answer_never_came_is_found_by_its_receipt_and_one_that_never_was_is_made() {
    let school = school().await;
    let mut author = school.author().await;
    for is_committed in [true, false] {
        let lesson = new_id();
        let push = author.push_of(vec![new_lesson(lesson, "Weight", None)]);
        let frozen = batch::freeze(&push, &[]).unwrap();
        // The connection dies around its commit.
        let mut dying = school.fresh.app().await;
        let backend: i32 = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut dying).await.unwrap();
        let mut transaction = dying.begin().await.unwrap();
        open_session(&mut transaction, &author.desk.access).await.unwrap();
        let unheard = versions(remote::push(&mut transaction, &frozen).await.unwrap());
        if is_committed {
            transaction.commit().await.unwrap();
        }
        let mut owner = school.fresh.owner().await;
        sqlx::query("select pg_terminate_backend($1, 10000)").bind(backend).execute(&mut owner).await.unwrap();
        let answer = author.send(&push, &[]).await;
        let PushAnswer::Ok { repeated, versions: made, .. } = &answer else { panic!("{answer:?}") };
        assert_eq!(*repeated, is_committed);
        assert_eq!(made[0].2 == unheard[0], is_committed);
        assert_eq!(author.pull_all().await.iter().filter(|row| row.key.id == lesson).count(), 1);
    }
    super::chain::assert_chains(&school.fresh).await;
}
