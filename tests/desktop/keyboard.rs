//! Every page without a mouse: nothing is out of reach, and the focus is never lost.

use thirtyfour::Key;

use crate::{harness::journey, steps};

#[tokio::test]
async fn every_page_is_worked_with_the_keyboard_alone_and_the_focus_comes_back() {
    journey("keyboard", async |computer| {
        steps::become_first_owner(&computer).await.close().await;
        computer.command(&["seed", "--connection", "local", "--yes"]);
        let window = computer.open_lectern().await;
        steps::sign_in(&window).await;

        // Another organization.
        window.tab_to("Switch organization…").await;
        window.keys(Key::Enter).await;
        window.find("menuitem", "Harbour Language School…").await;
        window.focused_on("menuitem").await;
        while !window.focus().await.contains("Harbour Language School") {
            window.keys(Key::Down).await;
        }
        window.keys(Key::Enter).await;
        window.find("button", "Switch organization: Harbour Language School…").await;
        window.focused("Overview").await;

        // A person: found, opened, changed, archived, and back.
        window.keys(Key::Control + "2").await;
        window.focused("People").await;
        window.tab_to("Search name or e-mail").await;
        window.keys("Thiago").await;
        window.read("1 person").await;
        window.tab_to("People").await;
        window.keys(Key::Enter).await;
        window.focused("Thiago D'Ávila").await;
        window.tab_to("Edit").await;
        window.keys(Key::Enter).await;
        window.focused("Name").await;
        window.keys(Key::Tab + Key::Tab).await;
        window.focused("Phone (optional)").await;
        window.keys("+351 21 555 01 02").await;
        window.keys(Key::Control + Key::Enter).await;
        window.read("+351 21 555 01 02").await;
        window.focused("Edit").await;
        window.tab_to("More actions").await;
        window.keys(Key::Enter).await;
        window.focused_on("menuitem").await;
        window.keys(Key::Down).await;
        window.focused("Archive…").await;
        window.keys(Key::Enter).await;
        window.focused("Archive").await;
        window.keys(Key::Enter).await;
        window.read("Thiago D'Ávila is archived").await;
        window.focused_within_page().await;
        window.keys(Key::Control + "z").await;
        window.read("Undone").await;
        window.keys(Key::Escape).await;
        window.focused_on("grid").await;

        // A lesson moves down in its course, keeps the focus and moves back.
        window.keys(Key::Control + "3").await;
        window.focused("Courses").await;
        window.tab_to("Search title and category").await;
        window.keys("newcomers").await;
        window.read("1 course").await;
        window.tab_to("Courses").await;
        window.keys(Key::Enter).await;
        window.focused("Portuguese for newcomers").await;
        window.tab_to("How this course works…").await;
        window.keys(Key::Down + Key::Down).await;
        window.focused("Greetings, …").await;
        window.keys(Key::Alt + Key::Down).await;
        window.read("Greetings is now 2 of 4 in Meeting people.").await;
        window.focused("Greetings, …").await;
        window.keys(Key::Alt + Key::Up).await;
        window.read("Greetings is now 1 of 4 in Meeting people.").await;
        window.focused("Greetings, …").await;

        // Withdrawn and taken back.
        window.keys(Key::Control + "5").await;
        window.focused("Enrollments").await;
        window.tab_to("Search person, e-mail and course").await;
        window.keys("Thiago").await;
        window.settle().await;
        window.tab_to("Enrollments").await;
        window.keys(Key::Enter).await;
        window.focused("Thiago D'Ávila").await;
        window.tab_to("Withdraw").await;
        window.keys(Key::Enter).await;
        window.find("dialog", "Withdraw Thiago D'Ávila?").await;
        window.focused("Withdraw").await;
        window.keys(Key::Enter).await;
        window.read("Thiago D'Ávila is withdrawn").await;
        window.focused_within_page().await;
        window.keys(Key::Control + "z").await;
        window.find("button", "Withdraw").await;
        window.close().await;
    })
    .await;
}
