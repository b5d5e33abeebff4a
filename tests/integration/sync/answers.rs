use serde_json::{Value, json};
use sync_core::wire::{Access, FetchAnswer, Key, MAX_ROWS, Point, PullAnswer, PushAnswer, Table};

use super::author::{
    change, new, new_id, new_key, new_lesson, new_option, new_part, new_question, new_quiz, refusal, revision, school,
    stale, versions,
};

#[tokio::test]
async fn what_one_device_writes_another_pulls_as_it_was_written() {
    let school = school().await;
    let (mut one, mut two) = (school.author().await, school.author().await);
    let (part, lesson, quiz, question, option, key) = (new_id(), new_id(), new_id(), new_id(), new_id(), new_id());
    let card = new_id();
    let rows = vec![
        new_part(part, "Forces 力 🧲"),
        new_lesson(lesson, "Weight", Some(part)),
        new_quiz(quiz),
        new_question(question, quiz),
        new_option(option, question),
        new_key(key, question, option),
        new(
            Table::MergeCards,
            card,
            json!({"table_name": "lessons", "row_id": lesson, "block_id": "b1", "field": "title", "kind": "field",
                   "base": "a", "head": {"x": [1]}, "local": null, "stands": "head"}),
        ),
    ];
    let answer = one.push(rows).await;
    let PushAnswer::Ok { seq: 1, repeated: false, versions: made, .. } = &answer else { panic!("{answer:?}") };
    let pulled = two.pull_all().await;
    assert_eq!(pulled.iter().map(|row| (row.key.table, row.key.id, row.version)).collect::<Vec<_>>(), *made);
    assert!(pulled.iter().all(|row| row.seq == 1));
    let fields = |table| &pulled.iter().find(|row| row.key.table == table).unwrap().fields;
    assert_eq!(fields(Table::SubCourses)["title"], json!("Forces 力 🧲"));
    assert_eq!(fields(Table::Lessons)["sub_course_id"], json!(part));
    assert_eq!(fields(Table::Lessons)["markdown"], json!(""));
    assert_eq!(fields(Table::AnswerKeys)["weight_percent"], json!(100));
    let card = fields(Table::MergeCards);
    assert_eq!((&card["base"], &card["head"], &card["local"]), (&json!("a"), &json!({"x": [1]}), &Value::Null));
    assert_eq!((&card["device_id"], &card["person_id"]), (&json!(one.device), &json!(school.lead.0)));

    // Only what changed comes again, with its new number, and only the fields that were sent changed.
    let point = one.point.clone();
    let pushed = one
        .pushed(vec![change(
            Table::Lessons,
            lesson,
            made[1].2,
            json!({"archived_at": "2026-03-01T10:20:30.123456+02:00"}),
        )])
        .await;
    let PullAnswer::Page { rows, seq: 2, chain, head, access: Access::Write } = two.pull_from(&point, 10).await else {
        panic!()
    };
    assert_eq!((&chain, 2), (&head.chain, head.seq));
    assert_eq!((rows.len(), rows[0].version), (1, pushed[0]));
    assert_eq!(rows[0].fields["archived_at"], json!("2026-03-01T08:20:30.123456+00:00"));
    assert_eq!(rows[0].fields["title"], json!("Weight"));
    // Nothing new: the cursor stays.
    let here = Point { seq: 2, chain };
    let PullAnswer::Page { rows, seq: 2, chain, .. } = two.pull_from(&here, 10).await else { panic!() };
    assert_eq!((rows.len(), chain), (0, here.chain));
}

#[tokio::test]
async fn a_push_on_another_version_changes_nothing_and_brings_the_rows_as_they_are() {
    let school = school().await;
    let mut author = school.author().await;
    let (lesson, other, unknown) = (new_id(), new_id(), new_id());
    let first = author.pushed(vec![new_lesson(lesson, "Weight", None), new_lesson(other, "Mass", None)]).await;
    let second = author.pushed(vec![change(Table::Lessons, lesson, first[0], json!({"title": "Gravity"}))]).await;
    let rows = vec![
        change(Table::Lessons, lesson, first[0], json!({"title": "Lost"})),
        change(Table::Lessons, other, first[1], json!({"title": "Lost too"})),
        change(Table::Lessons, unknown, first[1], json!({"title": "Never there"})),
    ];
    let answer = author.push(rows).await;
    let PushAnswer::Stale { head, .. } = &answer else { panic!("{answer:?}") };
    assert_eq!(*head, author.point);
    let rows = stale(answer);
    let mut expected = [lesson, unknown];
    expected.sort();
    assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), expected);
    let found = rows.iter().find(|row| row.id == lesson).unwrap().row.as_ref().unwrap();
    assert_eq!((found.version, &found.fields["title"]), (second[0], &json!("Gravity")));
    assert!(rows.iter().find(|row| row.id == unknown).unwrap().row.is_none());
    // A row that is there is not made again.
    let again = author.push(vec![new_lesson(lesson, "Twice", None)]).await;
    assert_eq!(stale(again).len(), 1);
    assert_eq!(author.pull_all().await.iter().filter(|row| row.fields["title"] == "Mass").count(), 1);
}

#[tokio::test]
async fn nothing_live_stands_in_what_is_archived_at_any_level() {
    let school = school().await;
    let mut author = school.author().await;
    let (part, quiz, question, option) = (new_id(), new_id(), new_id(), new_id());
    let made = author
        .pushed(vec![
            new_part(part, "Forces"),
            new(Table::Quizzes, quiz, json!({"title": "Check", "position": "a", "sub_course_id": part})),
            new_question(question, quiz),
            new_option(option, question),
        ])
        .await;
    let gone = json!({"archived_at": "2026-03-01T10:00:00Z"});
    // A container with live rows is not archived: they come back.
    let rows = stale(author.push(vec![change(Table::SubCourses, part, made[0], gone.clone())]).await);
    assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), [quiz]);
    // All of it at once is.
    let archived = author
        .pushed(vec![
            change(Table::QuestionOptions, option, made[3], gone.clone()),
            change(Table::Questions, question, made[2], gone.clone()),
            change(Table::Quizzes, quiz, made[1], gone.clone()),
            change(Table::SubCourses, part, made[0], gone.clone()),
        ])
        .await;
    // A new option would be live in three archived containers: all of them are named.
    let rows = stale(author.push(vec![new_option(new_id(), question)]).await);
    assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), [part, quiz, question]);
    let lesson = new_id();
    let rows = stale(author.push(vec![new_lesson(lesson, "Weight", Some(part))]).await);
    assert_eq!((rows.len(), rows[0].id, rows[0].table), (1, part, Table::SubCourses));
    // Brought back in the same push it is.
    author
        .pushed(vec![
            change(Table::SubCourses, part, archived[3], json!({"archived_at": null})),
            new_lesson(lesson, "Weight", Some(part)),
        ])
        .await;
}

#[tokio::test]
async fn the_same_push_is_written_once_whoever_asks_how_often() {
    let school = school().await;
    let mut author = school.author().await;
    let push = author.push_of(vec![new_lesson(new_id(), "Weight", None)]);
    let first = author.send(&push, &[]).await;
    let PushAnswer::Ok { seq, chain, versions: made, repeated: false } = first else { panic!("{first:?}") };
    // Later pushes, and another horizon, change nothing about it.
    author.pushed(vec![new_lesson(new_id(), "Mass", None)]).await;
    let again = author.send(&push, &[]).await;
    assert_eq!(again, PushAnswer::Ok { seq, chain, versions: made, repeated: true });
    assert_eq!(author.pull_all().await.len(), 2);
    // Another person's push of the same id is their own.
    let mut other = school.staff("Mina Okafor", "instructor", Some("instructor")).await;
    let theirs = sync_core::wire::Push { rows: vec![new_lesson(new_id(), "Force", None)], ..push };
    assert!(matches!(other.send(&theirs, &[]).await, PushAnswer::Ok { repeated: false, .. }));
}

#[tokio::test]
async fn a_history_the_server_does_not_know_is_a_fork() {
    let school = school().await;
    let mut author = school.author().await;
    author.pushed(vec![new_lesson(new_id(), "Weight", None)]).await;
    let known = author.point.clone();
    for point in [
        Point { seq: 1, chain: "00".repeat(32) },
        Point { seq: 2, chain: known.chain.clone() },
        Point { seq: 1, chain: "no hash".into() },
    ] {
        author.point = point.clone();
        assert_eq!(author.push(vec![new_lesson(new_id(), "Mass", None)]).await, PushAnswer::Fork, "{point:?}");
        assert_eq!(author.pull_from(&known, 10).await, PullAnswer::Fork);
        author.point = known.clone();
        assert_eq!(author.pull_from(&point, 10).await, PullAnswer::Fork);
    }
    author.pushed(vec![new_lesson(new_id(), "Mass", None)]).await;
}

#[tokio::test]
async fn an_archived_course_takes_nothing_until_it_is_back_and_still_gives() {
    let school = school().await;
    let mut author = school.author().await;
    let push = author.push_of(vec![new_lesson(new_id(), "Weight", None)]);
    author.send(&push, &[]).await;
    let archive = async |value: &str| {
        let sql = format!("update lectern.courses set archived_at = {value}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut school.fresh.owner().await).await.unwrap();
    };
    archive("now()").await;
    let other = author.push_of(vec![new_lesson(new_id(), "Mass", None)]);
    assert_eq!(author.send(&other, &[]).await, PushAnswer::Archived);
    assert!(matches!(author.send(&push, &[]).await, PushAnswer::Ok { repeated: true, .. }));
    let page = author.pull_from(&Point::default(), 10).await;
    assert!(matches!(page, PullAnswer::Page { access: Access::Archived, ref rows, .. } if rows.len() == 1), "{page:?}");
    archive("null").await;
    versions(author.send(&other, &[]).await);
}

#[tokio::test]
async fn an_app_the_server_has_outgrown_is_told_so() {
    let school = school().await;
    let mut author = school.author().await;
    sqlx::raw_sql("update lectern_auth.settings set minimum_client_schema = 7")
        .execute(&mut school.fresh.owner().await)
        .await
        .unwrap();
    assert_eq!(author.push(vec![new_lesson(new_id(), "Weight", None)]).await, PushAnswer::Upgrade { minimum: 7 });
    assert_eq!(author.pull_from(&Point::default(), 10).await, PullAnswer::Upgrade { minimum: 7 });
}

#[tokio::test]
async fn too_many_rows_or_bytes_are_refused_whole() {
    let school = school().await;
    let mut author = school.author().await;
    let many = |count| (0..count).map(|_| new_lesson(new_id(), "Weight", None)).collect::<Vec<_>>();
    assert_eq!(author.push(many(MAX_ROWS + 1)).await, PushAnswer::TooLarge);
    assert_eq!(author.pushed(many(MAX_ROWS)).await.len(), MAX_ROWS);
    let lesson = new_id();
    let content = vec![7; 4_000_001];
    let mut push = author.push_of(vec![new_lesson(lesson, "Weight", None)]);
    push.revisions.push(revision(lesson, None, author.device, &content));
    assert_eq!(author.send(&push, &[content]).await, PushAnswer::TooLarge);
}

#[tokio::test]
async fn what_the_database_refuses_is_told_at_its_row_and_nothing_of_the_push_is_written() {
    let school = school().await;
    let mut author = school.author().await;
    let (quiz, question, option) = (new_id(), new_id(), new_id());
    let made = author.pushed(vec![new_quiz(quiz), new_question(question, quiz), new_option(option, question)]).await;
    author.pushed(vec![new_key(new_id(), question, option)]).await;
    let elsewhere = school.fresh.course(school.id, "Optics").await;
    let foreign = school.fresh.lesson(school.id, elsewhere, "Secret of another course").await.0;
    let before = author.pull_all().await;
    let id = new_id();
    for (refused, sentence) in [
        (new_lesson(id, "  ", None), "title"),
        (new_lesson(id, &"x".repeat(201), None), "title"),
        (new(Table::Lessons, id, json!({"position": "a"})), "missing"),
        (new(Table::Lessons, id, json!({"title": "x", "position": "-"})), "order"),
        (new(Table::Lessons, id, json!({"title": "x", "position": "a", "duration_minutes": 20_000})), "minutes"),
        (new(Table::Lessons, id, json!({"title": "x", "position": "a", "duration_minutes": "long"})), "form"),
        (new(Table::Lessons, id, json!({"title": "x", "position": "a", "archived_at": "yesterday or so"})), "form"),
        (new_lesson(id, "x", Some(new_id())), "sub-course"),
        (new_lesson(id, "nul\0", None), "U+0000"),
        (new(Table::Lessons, id, json!({"title": "x", "position": "a", "colour": "red"})), "colour"),
        (new(Table::Lessons, id, json!({"title": "x", "position": "a", "html": "<p>x</p>"})), "html"),
        (new(Table::Lessons, id, json!({"title": "x", "position": "a", "revision_id": new_id()})), "text"),
        (new(Table::Lessons, id, json!({"title": "x", "position": "a", "published_revision_id": new_id()})), "Publish"),
        (new(Table::AnswerKeys, id, json!({"question_id": question})), "one of them"),
        (new_key(id, question, option), "marked"),
        (change(Table::Questions, question, made[1], json!({"quiz_id": new_id()})), "quiz_id"),
        (new_lesson(foreign, "x", None), "place"),
    ] {
        let key = refused.key;
        let rows = vec![new_lesson(new_id(), "Good", None), refused];
        let (table, id, reason) = refusal(author.push(rows).await);
        assert_eq!(Key { table, id }, key, "{reason}");
        assert!(reason.contains(sentence), "{reason}");
        assert!(!reason.contains("Secret"), "{reason}");
    }
    assert_eq!(author.pull_all().await, before);
    assert!(matches!(author.pull_from(&Point::default(), 1).await, PullAnswer::Page { head, .. } if head.seq == 2));
}

#[tokio::test]
async fn a_text_travels_with_its_lesson_and_comes_back_with_all_it_stands_on() {
    let school = school().await;
    let mut author = school.author().await;
    let lesson = new_id();
    let contents: Vec<Vec<u8>> = (0..5u8).map(|n| vec![n; 10 + usize::from(n)]).collect();
    let mut revisions = vec![revision(lesson, None, author.device, &contents[0])];
    for content in &contents[1..] {
        let parent = revisions.last().map(|parent| parent.id);
        revisions.push(revision(lesson, parent, author.device, content));
    }
    revisions[3].is_key_frame = true;
    revisions[4].name = Some("Before the exam".into());
    revisions[4].merged_id = Some(revisions[0].id);
    let ids: Vec<_> = revisions.iter().map(|revision| revision.id).collect();
    let mut row = new_lesson(lesson, "Weight", None);
    row.fields.insert("revision_id".into(), json!(ids[4]));
    let mut push = author.push_of(vec![row]);
    push.revisions = revisions.clone();
    let made = versions(author.send(&push, &contents).await);

    let pulled = author.pull_all().await;
    assert_eq!((pulled[0].version, &pulled[0].fields["revision_id"]), (made[0], &json!(ids[4])));
    assert!(!pulled[0].fields.contains_key("markdown"));

    let (FetchAnswer::Page { revisions: found }, got) = author.fetch(&[ids[4], ids[2], new_id()], &[]).await else {
        panic!()
    };
    assert_eq!(found.iter().map(|r| r.id).collect::<Vec<_>>(), [ids[3], ids[4], ids[0], ids[1], ids[2]]);
    assert_eq!(got, [3, 4, 0, 1, 2].map(|n: usize| contents[n].clone()));
    assert_eq!((found[1].name.as_deref(), found[1].merged_id), (Some("Before the exam"), Some(ids[0])));
    assert_eq!((found[1].person_id, found[1].device_id), (Some(school.lead.0), author.device));
    assert_eq!(found[1].content_hash, revisions[4].content_hash);
    assert!(found[1].created_at.as_ref().unwrap().ends_with("+00:00"));
    // What is known already, and what is below it, stays there.
    let (FetchAnswer::Page { revisions: found }, _) = author.fetch(&[ids[2]], &[ids[1]]).await else { panic!() };
    assert_eq!(found.iter().map(|r| r.id).collect::<Vec<_>>(), [ids[2]]);

    // Publishing writes what learners read with the revision, at once.
    let published = json!({"published_at": "2026-03-01T10:00:00Z", "published_revision_id": ids[4],
        "document": {"type": "doc"}, "markdown": "*Weight*", "html": "<em>Weight</em>", "plain_text": "Weight"});
    author.pushed(vec![change(Table::Lessons, lesson, made[0], published)]).await;
    let read: (String, String, String, Value) = sqlx::query_as(
        "select markdown, html, plain_text, document from lectern.lessons where published_revision_id = revision_id",
    )
    .fetch_one(&mut school.fresh.owner().await)
    .await
    .unwrap();
    assert_eq!(read, ("*Weight*".into(), "<em>Weight</em>".into(), "Weight".into(), json!({"type": "doc"})));

    // A revision that is there is passed over; one that stands on nothing is not taken; nor on another lesson's.
    push.push_id = new_id();
    push.rows.clear();
    assert_eq!(versions(author.send(&push, &contents).await).len(), 0);
    push.push_id = new_id();
    push.revisions = vec![revision(lesson, Some(new_id()), author.device, b"x")];
    assert_eq!(refusal(author.send(&push, &[b"x".to_vec()]).await).1, lesson);
    let other = new_id();
    push.rows = vec![new_lesson(other, "Mass", None)];
    push.revisions = vec![revision(other, Some(ids[0]), author.device, b"x")];
    assert_eq!(refusal(author.send(&push, &[b"x".to_vec()]).await).1, other);
}

#[tokio::test]
async fn a_page_of_bodies_has_at_most_four_megabytes_and_at_least_one() {
    let school = school().await;
    let mut author = school.author().await;
    let lesson = new_id();
    author.pushed(vec![new_lesson(lesson, "Weight", None)]).await;
    let mut ids = Vec::new();
    for n in 0..3 {
        let content = vec![n; 1_900_000];
        let mut push = author.push_of(Vec::new());
        push.revisions = vec![revision(lesson, None, author.device, &content)];
        ids.push(push.revisions[0].id);
        versions(author.send(&push, &[content]).await);
    }
    let (FetchAnswer::Page { revisions }, contents) = author.fetch(&ids, &[]).await else { panic!() };
    assert_eq!((revisions.len(), contents.len()), (2, 2));
    let (FetchAnswer::Page { revisions }, _) = author.fetch(&ids[2..], &[]).await else { panic!() };
    assert_eq!(revisions.len(), 1);
}

#[tokio::test]
async fn pulls_come_in_whole_pushes() {
    let school = school().await;
    let mut author = school.author().await;
    for push in 0..5 {
        author.pushed((0..3).map(|n| new_lesson(new_id(), &format!("{push} {n}"), None)).collect()).await;
    }
    let mut cursor = Point::default();
    let mut sizes = Vec::new();
    loop {
        let PullAnswer::Page { rows, seq, chain, head, .. } = author.pull_from(&cursor, 2).await else { panic!() };
        sizes.push(rows.len());
        cursor = Point { seq, chain };
        if cursor == head {
            break;
        }
    }
    assert_eq!(sizes, [6, 6, 3]);
}

#[tokio::test]
async fn a_page_of_changes_has_at_most_four_megabytes_of_whole_pushes_and_at_least_one() {
    let school = school().await;
    let (mut one, mut two) = (school.author().await, school.author().await);
    // Questions of 10,000 characters: 190 of them are two megabytes.
    let long = |quiz, number| {
        let mut question = new_question(new_id(), quiz);
        question.fields.insert("prompt".into(), json!(format!("{number} {}", "x".repeat(9_900))));
        question
    };
    let quiz = new_id();
    one.pushed(vec![new_quiz(quiz)]).await;
    for size in [190, 190, 190] {
        one.pushed((0..size).map(|number| long(quiz, number)).collect()).await;
    }
    let (mut cursor, mut pages) = (Point::default(), Vec::new());
    loop {
        let PullAnswer::Page { rows, seq, chain, head, .. } = two.pull_from(&cursor, 1000).await else { panic!() };
        assert!(serde_json::to_string(&rows).unwrap().len() <= 4_000_000);
        pages.push((seq, rows.len()));
        cursor = Point { seq, chain };
        if seq == head.seq {
            assert_eq!(cursor, head);
            break;
        }
    }
    assert_eq!(pages, [(3, 381), (4, 190)]);

    // What another writer changed in one go is one push, however much it is.
    sqlx::query("update lectern.questions set explanation = repeat('y', 9000) where quiz_id = $1")
        .bind(quiz)
        .execute(&mut school.fresh.owner().await)
        .await
        .unwrap();
    let PullAnswer::Page { rows, seq, head, .. } = two.pull_from(&cursor, 1000).await else { panic!() };
    assert_eq!((rows.len(), seq), (570, head.seq));
    // And the pushes whose rows have moved on come as empty ones.
    let PullAnswer::Page { rows, seq, .. } = two.pull_from(&Point::default(), 1000).await else { panic!() };
    assert_eq!((rows.len(), seq), (1, 4));
}
