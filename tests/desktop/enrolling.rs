//! The main job: a course, a person, and the person in the course.

use thirtyfour::Key;

use crate::{
    harness::{Computer, journey},
    steps,
};

const COURSE: &str = "Tides and moorings";
const PERSON: &str = "Žofie Dvořáková";

#[tokio::test]
async fn an_owner_creates_a_course_adds_a_person_and_enrolls_them() {
    journey("enrolling", async |computer| {
        let window = steps::become_first_owner(&computer).await;

        window.press("link", "Courses").await;
        window.press("button", "New course").await;
        window.fill("Title", COURSE).await;
        window.press("button", "Create course").await;
        window.find("heading", COURSE).await;

        window.press("link", "People").await;
        window.press("button", "Add person").await;
        window.fill("Name", PERSON).await;
        window.fill("E-mail", "zofie@example.org").await;
        window.press("button", "Add person").await;
        window.find("heading", PERSON).await;

        window.press("link", "Enrollments").await;
        window.press("button", "Enroll a person").await;
        // The list behind it has a field of this name too.
        window.find("dialog", "Enroll a person").await;
        window.choose("Course", "Tides", COURSE).await;
        window.choose("Person", "zofie", PERSON).await;
        window.press("button", "Enroll").await;
        window.read(&format!("{PERSON} is enrolled in “{COURSE}”")).await;

        assert_enrolled(&computer).await;
        window.close().await;
    })
    .await;
}

#[tokio::test]
async fn the_same_is_done_with_the_keyboard_alone() {
    journey("enrolling_by_keyboard", async |computer| {
        let window = steps::become_first_owner(&computer).await;
        let command = async |name: &str| {
            window.keys(Key::Control + "k").await;
            window.focused("Search people and courses, or run a command").await;
            window.keys(name).await;
            window.find("button", name).await;
            window.keys(Key::Enter).await;
        };

        command("Create a course").await;
        window.focused("Title").await;
        window.keys(COURSE).await;
        window.keys(Key::Control + Key::Enter).await;
        window.find("heading", COURSE).await;

        command("Add a person").await;
        window.focused("Name").await;
        window.keys(PERSON).await;
        window.keys(Key::Tab).await;
        window.focused("E-mail").await;
        window.keys("zofie@example.org").await;
        window.keys(Key::Control + Key::Enter).await;
        window.find("heading", PERSON).await;

        command("Enroll a person").await;
        window.focused("Course").await;
        window.keys("Tides").await;
        window.find("option", &format!("{COURSE}…")).await;
        window.keys(Key::Down).await;
        window.keys(Key::Enter).await;
        window.keys(Key::Tab).await;
        window.focused("Person").await;
        window.keys("zofie").await;
        window.find("option", &format!("{PERSON}…")).await;
        window.keys(Key::Down).await;
        window.keys(Key::Enter).await;
        window.keys(Key::Control + Key::Enter).await;
        window.read(&format!("{PERSON} is enrolled in “{COURSE}”")).await;

        assert_enrolled(&computer).await;
        window.close().await;
    })
    .await;
}

/// Not what the window says: what the real database holds.
async fn assert_enrolled(computer: &Computer) {
    let mut server = computer.private_server().await;
    let enrolled: Vec<(String, String, i16, bool)> = sqlx::query_as(
        "select p.name, c.title, e.progress, e.withdrawn_at is null from lectern.enrollments e
         join lectern.people p on p.id = e.person_id
         join lectern.courses c on c.organization_id = e.organization_id and c.id = e.course_id",
    )
    .fetch_all(&mut server.owner)
    .await
    .expect("enrollments");
    server.leave().await;
    assert_eq!(enrolled, [(PERSON.to_owned(), COURSE.to_owned(), 0, true)]);
}
