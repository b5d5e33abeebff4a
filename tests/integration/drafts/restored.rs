//! The server is killed while people write, and a server comes back as it was some time ago: everybody is at one again,
//! and nothing they were told is saved is lost.

use std::sync::{Arc, Mutex};

use super::{
    clients::{edits, write_beside_each_other},
    computer::{School, school_on},
    instructors::{self, Promises, assert_kept, settle},
};
use crate::{harness, sync::chain::assert_chains};

fn doors(school: &School, many: usize) -> Vec<lectern::database::Database> {
    (0..many).map(|_| school.fresh.database()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_killed_while_people_write_has_everything_once_it_runs_again() {
    let (school, seed) = (school_on(harness::fresh_server().await).await, instructors::seed());
    // The tests' servers tell of a commit before it is written. This one shall keep what it told.
    sqlx::raw_sql("alter database test_own set synchronous_commit = on")
        .execute(&mut school.fresh.owner().await)
        .await
        .unwrap();
    let promises = Arc::new(Mutex::new(Promises::default()));
    let mut instructors = instructors::of(&school, seed, &promises, doors(&school, 4)).await;
    for _ in 0..3 {
        let writing = tokio::spawn(write_beside_each_other(instructors, edits() / 2));
        // While they are in the middle of it.
        let before = school.fresh.pushes(school.course).await;
        while !writing.is_finished() && school.fresh.pushes(school.course).await < before + 5 {
            tokio::task::yield_now().await;
        }
        school.fresh.kill_server();
        school.fresh.start_server().await;
        instructors = writing.await.unwrap();
    }
    settle(&school, &mut instructors).await;
    assert_kept(&school, &instructors, &promises).await;
    assert_chains(&school.fresh).await;
}
