//! Many writers at once, of every kind, and readers between them.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

use lectern::{connections::pool, database::open_session, sync::remote};
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use sync_core::{
    batch,
    wire::{CLIENT_SCHEMA, Key, Point, PullAnswer, PullRequest, PushAnswer, Row, Table},
};
use uuid::Uuid;

use super::{
    author::{Author, School, change, new_id, new_lesson, school, stale},
    chain::assert_chains,
};
use crate::connections::servers::{bouncer, bouncer_version};

/// Adds one to a lesson's minutes and makes a new lesson, `edits` times, like a device that merges what is stale.
async fn device(mut author: Author, lesson: Uuid, edits: i64) -> (u32, u32) {
    let (mut retries, mut given_way) = (0, 0);
    let row = author.pull_all().await.into_iter().find(|row| row.key.id == lesson).unwrap();
    let (mut version, mut minutes) = (row.version, row.fields["duration_minutes"].as_i64().unwrap());
    for _ in 0..edits {
        let created = new_id();
        loop {
            let rows = vec![
                change(Table::Lessons, lesson, version, json!({"duration_minutes": minutes + 1})),
                new_lesson(created, "Made by a device", None),
            ];
            let push = author.push_of(rows);
            let answer = loop {
                match author.try_send(&push, &[]).await {
                    Ok(answer) => break answer,
                    // Two writers waited for each other and this one gave way: the same push again.
                    Err(error) => {
                        assert_eq!(error.sqlstate().as_deref(), Some("40P01"));
                        given_way += 1;
                    }
                }
            };
            match answer {
                PushAnswer::Ok { seq, chain, versions, .. } => {
                    author.point = Point { seq, chain };
                    (version, minutes) = (versions[0].2, minutes + 1);
                    break;
                }
                other => {
                    retries += 1;
                    let rows = stale(other);
                    let row = rows.into_iter().find(|row| row.id == lesson).unwrap().row.unwrap();
                    (version, minutes) = (row.version, row.fields["duration_minutes"].as_i64().unwrap());
                }
            }
        }
    }
    (retries, given_way)
}

/// Plain SQL of one kind, again and again; when told to give way, once more.
async fn plain(mut connection: PgConnection, sql: String, times: u32) {
    for _ in 0..times {
        loop {
            match sqlx::raw_sql(AssertSqlSafe(sql.clone())).execute(&mut connection).await {
                Ok(_) => break,
                Err(error) => {
                    let state =
                        error.as_database_error().and_then(|error| error.code()).unwrap_or_default().into_owned();
                    assert_eq!(state, "40P01", "{error}");
                    sqlx::raw_sql("rollback").execute(&mut connection).await.unwrap();
                }
            }
        }
    }
}

/// Follows the course until told that nobody writes any more; gives what it has then.
async fn reader(
    mut author: Author,
    pushes: u32,
    is_over: Arc<AtomicBool>,
    pulls: Arc<AtomicU32>,
) -> BTreeMap<Key, Row> {
    let mut rows = BTreeMap::new();
    let mut cursor = Point::default();
    loop {
        let last_round = is_over.load(Ordering::SeqCst);
        let PullAnswer::Page { rows: page, seq, chain, head, .. } = author.pull_from(&cursor, pushes).await else {
            panic!("a page")
        };
        pulls.fetch_add(1, Ordering::Relaxed);
        assert!(page.iter().all(|row| row.seq > cursor.seq && row.seq <= seq));
        rows.extend(page.into_iter().map(|row| (row.key, row)));
        cursor = Point { seq, chain };
        author.point = head.clone();
        if last_round && cursor == head {
            return rows;
        }
    }
}

async fn everything(school: &School) -> BTreeMap<Key, Row> {
    let rows = school.author().await.pull_all_pages().await;
    rows.into_iter().map(|row| (row.key, row)).collect()
}

impl Author {
    async fn pull_all_pages(&mut self) -> Vec<Row> {
        let (mut rows, mut cursor) = (Vec::new(), Point::default());
        loop {
            let PullAnswer::Page { rows: page, seq, chain, head, .. } = self.pull_from(&cursor, 1000).await else {
                panic!("a page")
            };
            rows.extend(page);
            cursor = Point { seq, chain };
            if cursor == head {
                return rows;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forty_writers_of_every_kind_hide_no_row_from_who_pulls_meanwhile() {
    let rounds: u32 = if std::env::var_os("LECTERN_TEST_LONG").is_some() { 40 } else { 6 };
    let school = school().await;
    let mut lessons = Vec::new();
    for _ in 0..4 {
        lessons.push(school.fresh.lesson(school.id, school.course, "Counted").await.0);
    }
    let (o, c) = (school.id, school.course);
    // Open from the first to the last moment, with work of its own: what stalls others' snapshots.
    let other = school.fresh.course(school.id, "Optics").await;
    let mut long = school.fresh.owner().await;
    let sql = format!(
        "begin; insert into lectern.lessons (organization_id, id, course_id, title, position) values ('{o}', gen_random_uuid(), '{other}', 'long', 'a')"
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut long).await.unwrap();

    let (is_over, pulls) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
    let mut readers = Vec::new();
    for pushes in [1, 7, 1000] {
        let author = school.author().await;
        readers.push(tokio::spawn(reader(author, pushes, is_over.clone(), pulls.clone())));
    }
    let insert = |title: &str| {
        format!(
            "insert into lectern.lessons (organization_id, id, course_id, title, position) values ('{o}', gen_random_uuid(), '{c}', '{title}', 'a')"
        )
    };
    let count = |lesson: Uuid| {
        format!("update lectern.lessons set duration_minutes = duration_minutes + 1 where id = '{lesson}'")
    };
    let mut devices = Vec::new();
    for n in 0..20 {
        let author = school.author().await;
        devices.push(tokio::spawn(device(author, lessons[n % 3], i64::from(rounds))));
    }
    let mut writers = Vec::new();
    for n in 0..20 {
        let lesson = lessons[n % 4];
        let sql = match n % 5 {
            0 => insert("plain"),
            1 => format!("begin; {}; {}; commit", insert("two"), count(lesson)),
            2 => format!("begin; {}; rollback", insert("never")),
            3 => format!(
                "begin; savepoint s; {}; rollback to s; {}; commit",
                insert("never"),
                insert("after a savepoint")
            ),
            _ => format!(
                "begin; {}; savepoint s; {}; release s; savepoint t; {}; rollback to t; commit",
                insert("kept"),
                count(lesson),
                insert("never")
            ),
        };
        writers.push(tokio::spawn(plain(school.fresh.owner().await, sql, rounds)));
    }
    let (mut retries, mut given_way) = (0, 0);
    for device in devices {
        let (r, g) = device.await.unwrap();
        retries += r;
        given_way += g;
    }
    for writer in writers {
        writer.await.unwrap();
    }
    is_over.store(true, Ordering::SeqCst);
    let mut followed = Vec::new();
    for reader in readers {
        followed.push(reader.await.unwrap());
    }
    let there = everything(&school).await;
    for rows in followed {
        assert_eq!(rows.len(), there.len());
        assert!(rows == there, "a row was missed");
    }
    let counted: i64 = there.values().filter_map(|row| row.fields.get("duration_minutes")?.as_i64()).sum();
    assert_eq!(counted, i64::from(rounds) * (20 + 4 + 4));
    let of = |title: &str| there.values().filter(|row| row.fields["title"] == title).count();
    assert_eq!((of("never"), of("Made by a device")), (0, 20 * rounds as usize));
    assert_eq!(
        (of("plain"), of("two"), of("after a savepoint"), of("kept")),
        (4 * rounds as usize, 4 * rounds as usize, 4 * rounds as usize, 4 * rounds as usize)
    );
    sqlx::raw_sql("commit").execute(&mut long).await.unwrap();
    assert_chains(&school.fresh).await;
    println!(
        "{} rows, {} pulls, {retries} stale and merged, {given_way} gave way",
        there.len(),
        pulls.load(Ordering::Relaxed)
    );
}

#[tokio::test]
async fn devices_behind_a_pgbouncer_push_and_pull_as_if_it_were_not_there() {
    let school = school().await;
    let is_new = bouncer_version() >= (1, 22);
    let statements = if is_new { "max_prepared_statements = 200\n" } else { "" };
    let settings = format!("{statements}server_reset_query_always = 1\ndefault_pool_size = 2");
    let (_running, connection, password) = bouncer(&school.fresh.app_url, "transaction", &settings);
    let opened = match pool::connect(&connection, Some(&password)).await {
        Ok(opened) => opened,
        Err(refused) => {
            assert!(!is_new, "{refused:?}");
            return;
        }
    };
    let lesson = school.fresh.lesson(school.id, school.course, "Counted").await.0;
    let devices = (0..6).map(async |_| {
        let author = school.author().await;
        let mut done = 0;
        while done < 8 {
            let mut transaction = opened.database.pool().begin().await.unwrap();
            open_session(&mut transaction, &author.desk.access).await.unwrap();
            let request = PullRequest {
                organization_id: school.id.0,
                course_id: school.course.0,
                client_schema: CLIENT_SCHEMA,
                cursor: Point::default(),
                horizon: Point::default(),
                pushes: 1000,
            };
            let PullAnswer::Page { rows, .. } = remote::pull(&mut transaction, &request).await.unwrap() else {
                panic!()
            };
            transaction.rollback().await.unwrap();
            let row = rows.into_iter().find(|row| row.key.id == lesson).unwrap();
            let minutes = row.fields["duration_minutes"].as_i64().unwrap();
            let push = author.push_of(vec![change(
                Table::Lessons,
                lesson,
                row.version,
                json!({"duration_minutes": minutes + 1}),
            )]);
            let mut transaction = opened.database.pool().begin().await.unwrap();
            open_session(&mut transaction, &author.desk.access).await.unwrap();
            let answer = remote::push(&mut transaction, &batch::freeze(&push, &[]).unwrap()).await.unwrap();
            transaction.commit().await.unwrap();
            done += i32::from(matches!(answer, PushAnswer::Ok { .. }));
        }
    });
    futures_util::future::join_all(devices).await;
    let there = everything(&school).await;
    assert_eq!(there[&Key { table: Table::Lessons, id: lesson }].fields["duration_minutes"], json!(48));
    let mut owner = PgConnection::connect(&school.fresh.owner_url).await.unwrap();
    let links: i64 = sqlx::query_scalar("select count(*) from lectern.pushes").fetch_one(&mut owner).await.unwrap();
    assert_eq!(links, 49);
}
