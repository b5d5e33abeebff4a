//! The instructor's work: written here first, whatever happens to the window or the server.

use thirtyfour::Key;

use crate::{
    harness::{Computer, Window, journey, until},
    school::School,
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
    window.keys(Key::Enter).await;
    window.keys(Key::Escape).await;
    open_lesson(window).await;
    window.find("field", &format!("Text of {LESSON}")).await;
}

/// From the tree of the course. A click chooses a row, and Enter opens what has the focus.
async fn open_lesson(window: &Window) {
    let (row, text) = (format!("{LESSON}…"), format!("Text of {LESSON}"));
    until("the lesson", || async {
        if window.look_for("field", &text).await.is_some() {
            return Some(());
        }
        if window.focus().await.starts_with(LESSON) {
            window.keys(Key::Enter).await;
        } else if let Some(row) = window.look_for("treeitem", &row).await {
            row.click().await.ok()?;
        }
        None
    })
    .await;
}

/// Presses it until it has the focus: a click while something is still being drawn goes nowhere.
async fn take_focus(window: &Window, role: &str, name: &str) {
    until("the focus", || async {
        window.press(role, name).await;
        let focused = window.focus().await;
        let is_there = name.strip_suffix('…').map_or(focused == name, |start| focused.starts_with(start));
        is_there.then_some(())
    })
    .await;
}

/// From any page to the lesson of a course that is kept here.
async fn open_draft(window: &Window) {
    window.press("link", "Drafts").await;
    // A lesson's page leads to its course by the same name.
    window.find("heading", "Drafts").await;
    window.press("link", COURSE).await;
    open_lesson(window).await;
    window.find("field", &format!("Text of {LESSON}")).await;
}

/// Puts the caret behind the last word of `paragraph` and types there.
async fn write_behind(window: &Window, paragraph: &str, words: &str) {
    put_caret(window, paragraph, paragraph.encode_utf16().count()).await;
    window.keys(words).await;
    window.read(&format!("{paragraph}{words}")).await;
}

/// Puts the caret into the paragraph that says `paragraph`, as a click there would.
async fn put_caret(window: &Window, paragraph: &str, offset: usize) {
    take_focus(window, "field", &format!("Text of {LESSON}")).await;
    let place = format!(
        r#"
        const text = document.querySelector("[contenteditable=true]");
        const walk = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
        while (walk.nextNode() && walk.currentNode.data !== {});
        if (!walk.currentNode?.data || document.activeElement !== text) return false;
        getSelection().collapse(walk.currentNode, {offset});
        return true;
        "#,
        serde_json::json!(paragraph)
    );
    until("the caret", || async { window.ask::<bool>(&place).await.filter(|put| *put) }).await;
}

async fn write(window: &Window, words: &str) {
    take_focus(window, "field", &format!("Text of {LESSON}")).await;
    window.keys(words).await;
    window.read(words).await;
}

#[tokio::test]
async fn a_lesson_written_here_survives_the_killed_window_and_reaches_the_server() {
    journey("drafting", async |computer| {
        let window = steps::become_first_owner(&computer).await;
        begin_a_lesson(&window).await;
        write(&window, "The moon pulls the water.").await;
        // The rail says so of what waits; whether the last letter is kept stands beside the lesson.
        window.read_no_more("Saving…").await;
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

#[tokio::test]
async fn what_was_typed_is_taken_back_and_brought_again_after_the_lesson_was_closed() {
    journey("drafting_undo", async |computer| {
        let window = steps::become_first_owner(&computer).await;
        begin_a_lesson(&window).await;
        write(&window, "The moon pulls the water.").await;
        window.read("On the server").await;
        window.press("link", "Drafts").await;
        window.find("heading", "Drafts").await;
        open_draft(&window).await;
        window.read("The moon pulls the water.").await;
        take_focus(&window, "field", &format!("Text of {LESSON}")).await;
        window.keys(Key::Control + "z").await;
        window.read_no_more("The moon pulls the water.").await;
        window.keys(Key::Control + "y").await;
        window.read("The moon pulls the water.").await;
        window.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_written_while_the_server_is_away_outlives_a_killed_window_and_arrives_once_it_is_back() {
    journey("drafting_offline", async |computer| {
        let school = School::new().await;
        let cable = school.cable().await;
        let window = cable.join(&computer, "Harbour").await;
        begin_a_lesson(&window).await;
        write(&window, "The moon pulls the water.").await;
        window.read("On the server").await;
        cable.pull();
        write_behind(&window, "The moon pulls the water.", " So does the sun.").await;
        // The rail says so of what waits; whether the last letter is kept stands beside the lesson.
        window.read_no_more("Saving…").await;
        window.read("Connection lost").await;
        window.kill().await;

        let window = computer.open_lectern().await;
        window.find("heading", "Where is your organization's data?").await;
        window.read("Go on without the server").await;
        window.fill("Password", steps::PASSWORD).await;
        window.press("button", &format!("Work offline as {}", steps::NAME)).await;
        open_draft(&window).await;
        window.read("The moon pulls the water. So does the sun.").await;
        write_behind(&window, "The moon pulls the water. So does the sun.", " Twice a day.").await;
        // The rail says so of what waits; whether the last letter is kept stands beside the lesson.
        window.read_no_more("Saving…").await;
        window.read("Offline, saved here").await;

        cable.plug_in();
        window.read("The server is back").await;
        window.press("button", "Connect").await;
        steps::sign_in(&window).await;
        open_draft(&window).await;
        window.read("On the server").await;
        window.close().await;

        let home = Computer::new();
        let window = school.cable().await.join(&home, "School").await;
        keep_the_course(&window).await;
        open_draft(&window).await;
        window.read("The moon pulls the water. So does the sun. Twice a day.").await;
        window.close().await;
    })
    .await;
}

/// On a computer that has no course yet.
async fn keep_the_course(window: &Window) {
    window.press("link", "Courses").await;
    window.press("row", &format!("{COURSE}…")).await;
    window.press("button", "Write").await;
    window.read("Server last heard").await;
}

#[tokio::test]
async fn two_windows_write_in_one_lesson_and_neither_caret_moves() {
    journey("drafting_together", async |computer| {
        let first = steps::become_first_owner(&computer).await;
        begin_a_lesson(&first).await;
        write(&first, "The moon pulls the water.").await;
        first.keys(Key::Enter).await;
        first.keys("The sun helps.").await;
        first.read("The sun helps.").await;
        let second = computer.open_lectern().await;
        steps::sign_in(&second).await;
        open_draft(&second).await;
        second.read("The sun helps.").await;
        first.read("Also open: you, in another window").await;

        put_caret(&first, "The sun helps.", "The sun".len()).await;
        write_behind(&second, "The moon pulls the water.", " Twice a day.").await;
        first.read("The moon pulls the water. Twice a day.").await;
        first.keys(" only").await;
        first.read("The sun only helps.").await;
        second.read("The sun only helps.").await;
        second.keys(" Or nearly.").await;
        second.read("Twice a day. Or nearly.").await;
        first.read("Twice a day. Or nearly.").await;
        second.close().await;
        first.close().await;
    })
    .await;
}

#[tokio::test]
async fn where_two_computers_changed_the_same_words_somebody_decides_and_both_say_the_same() {
    journey("drafting_conflict", async |computer| {
        let school = School::new().await;
        let first = school.cable().await.join(&computer, "Harbour").await;
        begin_a_lesson(&first).await;
        write(&first, "The tide is high.").await;
        first.read("On the server").await;
        let (home, cable) = (Computer::new(), school.cable().await);
        let second = cable.join(&home, "School").await;
        keep_the_course(&second).await;
        open_draft(&second).await;
        second.read("The tide is high.").await;

        cable.pull();
        change_last_word(&second, "The tide is high.", "low.").await;
        second.read("Saved on this computer").await;
        change_last_word(&first, "The tide is high.", "turning.").await;
        first.read("On the server").await;
        cable.plug_in();

        second.press("button", "1 conflict").await;
        second.read("Both changed these words").await;
        second.press("button", "Use the other").await;
        second.read("Nothing to decide").await;
        second.read("The tide is turning.").await;
        first.read("The tide is turning.").await;
        first.read_no_more("1 conflict").await;
        first.close().await;
        second.close().await;
    })
    .await;
}

async fn change_last_word(window: &Window, sentence: &str, word: &str) {
    let start = sentence.rfind(' ').map_or(0, |space| space + 1);
    put_caret(window, sentence, sentence.len()).await;
    for _ in start..sentence.len() {
        window.keys(Key::Shift + Key::Left).await;
    }
    window.keys(word).await;
    window.read(&format!("{}{word}", &sentence[..start])).await;
}
