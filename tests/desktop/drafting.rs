//! The instructor's work: written here first, whatever happens to the window or the server.

use crate::{
    harness::{Window, journey},
    steps,
};

const COURSE: &str = "Tides and moorings";
const LESSON: &str = "Spring tides 大潮";

/// From the overview to a new lesson's page, opened for writing.
async fn begin_a_lesson(window: &Window) {
    window.press("link", "Courses").await;
    window.press("button", "New course").await;
    window.fill("Title", COURSE).await;
    window.press("button", "Create course").await;
    window.find("heading", COURSE).await;
    window.press("button", "Write").await;
    // The course's own page has these buttons too.
    window.read("Server last heard").await;
    window.press("button", "Add lesson").await;
    window.fill("Title of the new lesson", LESSON).await;
    window.keys(thirtyfour::Key::Enter).await;
    window.keys(thirtyfour::Key::Escape).await;
    open_lesson(window).await;
    window.find("field", &format!("Text of {LESSON}")).await;
}

/// From the tree of the course, where Enter opens what has the focus.
async fn open_lesson(window: &Window) {
    window.press("treeitem", &format!("{LESSON}…")).await;
    window.keys(thirtyfour::Key::Enter).await;
}

async fn write(window: &Window, words: &str) {
    window.press("field", &format!("Text of {LESSON}")).await;
    window.keys(words).await;
    window.read(words).await;
}

#[tokio::test]
async fn a_lesson_written_here_survives_the_killed_window_and_reaches_the_server() {
    journey("drafting", async |computer| {
        let window = steps::become_first_owner(&computer).await;
        begin_a_lesson(&window).await;
        write(&window, "The moon pulls the water.").await;
        window.read("Saved on this computer").await;
        window.kill().await;

        let window = computer.open_lectern().await;
        steps::sign_in(&window).await;
        window.press("link", "Drafts").await;
        window.press("link", COURSE).await;
        open_lesson(&window).await;
        window.read("The moon pulls the water.").await;
        window.read("On the server").await;
        window.close().await;
    })
    .await;
}
