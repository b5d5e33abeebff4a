//! Without a mouse nothing is out of reach, and the focus is never lost.

use thirtyfour::Key;

use crate::{harness::journey, steps};

#[tokio::test]
async fn a_person_is_found_changed_archived_and_brought_back_with_the_keyboard_alone() {
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
        window.read("Thiago D'Ávila is archived.").await;
        window.focused_within_page().await;
        window.keys(Key::Control + "z").await;
        window.read("Undone").await;
        window.keys(Key::Escape).await;
        window.focused("People").await;
        window.close().await;
    })
    .await;
}
