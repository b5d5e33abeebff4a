//! Eight computers of four instructors write in one course at once, each when it likes, and meet on a real PostgreSQL.

use std::sync::{Arc, Mutex, atomic::Ordering};

use lectern::{connections::pool, database::Database};

use super::{
    computer::{School, school},
    instructors::{self, Instructor, Promises, assert_kept, assert_once, settle},
    unsteady::UnsteadyLine,
};
use crate::{
    connections::servers::{bouncer, bouncer_version},
    sync::chain::assert_chains,
};

/// How much each of them writes.
pub fn edits() -> u32 {
    if std::env::var_os("LECTERN_TEST_LONG").is_some() { 400 } else { 30 }
}

/// Everybody writes beside everybody else, and now and then meets the server.
pub async fn write_beside_each_other(instructors: Vec<Instructor>, edits: u32) -> Vec<Instructor> {
    let mut writing = Vec::new();
    for mut instructor in instructors {
        writing.push(tokio::spawn(async move {
            for _ in 0..edits {
                instructor.write().await;
                if instructor.happens(25) {
                    instructor.pass().await;
                }
            }
            instructor
        }));
    }
    let mut done = Vec::new();
    for instructor in writing {
        done.push(instructor.await.unwrap());
    }
    done
}

async fn eight_write_over(school: &School, seed: u64, doors: Vec<Database>) {
    let promises = Arc::new(Mutex::new(Promises::default()));
    let instructors = instructors::of(school, seed, &promises, doors).await;
    let mut instructors = write_beside_each_other(instructors, edits()).await;
    settle(school, &mut instructors).await;
    assert_kept(school, &instructors, &promises).await;
    assert_once(&instructors[0].computer, &promises).await;
    assert_chains(&school.fresh).await;
    let met = instructors::conflicts(&instructors[0].computer).await;
    // Writing beside each other that never collides proves nothing.
    assert!(met > 0 && !promises.lock().unwrap().removed.is_empty());
    eprintln!("{} words, {met} conflicts", promises.lock().unwrap().acknowledged.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_computers_that_write_beside_each_other_say_the_same_in_the_end_and_nothing_is_lost() {
    let (school, seed) = (school().await, instructors::seed());
    eight_write_over(&school, seed, (0..8).map(|_| school.fresh.database()).collect()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_computers_behind_a_pgbouncer_say_the_same_in_the_end_and_nothing_is_lost() {
    let (school, seed) = (school().await, instructors::seed());
    // An older one mixes up the statements of connections it shares, and Lectern refuses it then.
    let (mode, settings) = match bouncer_version() >= (1, 22) {
        true => ("transaction", "max_prepared_statements = 200\nserver_reset_query_always = 1\ndefault_pool_size = 4"),
        false => ("session", "default_pool_size = 40"),
    };
    let (_running, connection, password) = bouncer(&school.fresh.app_url, mode, settings);
    let mut doors = Vec::new();
    for _ in 0..8 {
        doors.push(pool::connect(&connection, Some(&password)).await.unwrap().database);
    }
    eight_write_over(&school, seed, doors).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_computers_on_a_line_that_breaks_in_answers_and_around_commits_lose_and_double_nothing() {
    let (school, seed) = (school().await, instructors::seed());
    let line = UnsteadyLine::to(&school.fresh.app_url, seed).await;
    eight_write_over(&school, seed, (0..8).map(|_| line.door()).collect()).await;
    let broken = [&line.broken.in_answers, &line.broken.before_commits, &line.broken.after_commits];
    let broken = broken.map(|times| times.load(Ordering::Relaxed));
    eprintln!("broken in answers, before and after commits: {broken:?}");
    assert!(broken.into_iter().all(|times| times > 0), "{broken:?}");
}
