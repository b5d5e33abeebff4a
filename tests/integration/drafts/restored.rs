//! The server is killed while people write, and a server comes back as it was some time ago: everybody is at one again,
//! and nothing they were told is saved is lost.

use std::sync::{Arc, Mutex};

use lectern::ids::CourseId;

use super::{
    clients::{edits, write_beside_each_other},
    computer::{School, school, school_on},
    instructors::{self, Promises, assert_kept, assert_once, settle},
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
    assert!(instructors.iter().any(|instructor| instructor.unheard > 0), "nobody noticed");
    settle(&school, &mut instructors).await;
    assert_kept(&school, &instructors, &promises).await;
    assert_once(&instructors[0].computer, &promises).await;
    assert_chains(&school.fresh).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_restore_from_an_older_copy_computers_bring_back_what_the_server_lost() {
    let (school, seed) = (school().await, instructors::seed());
    let promises = Arc::new(Mutex::new(Promises::default()));
    let instructors = instructors::of(&school, seed, &promises, doors(&school, 4)).await;
    let mut instructors = write_beside_each_other(instructors, edits() / 2).await;
    for instructor in &mut instructors {
        instructor.pass().await;
    }
    school.fresh.back_up().await;
    let kept = school.fresh.pushes(school.course).await;
    instructors = write_beside_each_other(instructors, edits() / 2).await;
    for instructor in &mut instructors {
        instructor.pass().await;
    }
    assert!(school.fresh.pushes(school.course).await > kept);

    // Nobody is told: they are in the middle of writing.
    let writing = tokio::spawn(write_beside_each_other(instructors, edits() / 2));
    school.fresh.restore().await;
    let mut instructors = writing.await.unwrap();
    settle(&school, &mut instructors).await;
    assert_kept(&school, &instructors, &promises).await;
    assert_chains(&school.fresh).await;
}

#[tokio::test]
async fn words_a_restored_server_has_never_heard_of_are_on_every_computer_again() {
    let school = school().await;
    let (one, two) = (school.computer().await, school.computer().await);
    let lesson = one.lesson("Weight").await;
    let block = CourseId::new().0;
    one.write(lesson, &[(block, "Weight is a force.")]).await;
    one.sync().await;
    two.sync().await;
    school.fresh.back_up().await;
    let mass = one.lesson("Mass").await;
    one.write(mass, &[(CourseId::new().0, "Mass is no force.")]).await;
    one.write(lesson, &[(block, "Weight is a force, in newtons.")]).await;
    one.sync().await;
    // Told as being on the server. It is not, afterwards.
    assert_eq!(one.drafts().await.courses[0].waiting, 0);
    school.fresh.restore().await;

    two.write(lesson, &[(block, "Weight is a force."), (CourseId::new().0, "Written today.")]).await;
    for computer in [&two, &one, &two, &one] {
        while computer.driver.pass().await.is_err() {}
    }
    for computer in [&one, &two, &school.computer().await] {
        computer.sync().await;
        assert_eq!(computer.text(mass).await, ["Mass is no force."]);
        assert_eq!(computer.text(lesson).await, ["Weight is a force, in newtons.", "Written today."]);
        assert_eq!(computer.drafts().await.courses[0].conflicts, 0);
    }
}
