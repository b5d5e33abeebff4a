//! Bad days: a window that is killed, a server that is killed, a second window.

use std::collections::BTreeSet;

use sqlx::types::Uuid;

use crate::{
    harness::{Window, journey, until},
    steps,
};

/// Creates courses one after the other, as fast as the window can, and keeps the ids of those that were confirmed.
const WRITE_ON_AND_ON: &str = r#"
window.confirmed = [];
const organizationId = location.hash.match(/o\/([0-9a-f-]{36})/)[1];
const write = async () => {
  for (;;) {
    const id = crypto.randomUUID();
    const input = { id, title: `Course ${window.confirmed.length + 1}`, description: "", level: "beginner", category: "", tags: [], priceCents: 0 };
    await window.__TAURI_INTERNALS__.invoke("create_course", { operationId: crypto.randomUUID(), organizationId, input });
    window.confirmed.push(id);
  }
};
for (let writer = 0; writer < 3; writer++) write();
"#;

#[tokio::test]
async fn a_window_killed_while_it_writes_loses_nothing_that_was_confirmed() {
    journey("killed_window", async |computer| {
        let window = steps::become_first_owner(&computer).await;
        let mut confirmed = BTreeSet::new();
        confirmed.extend(write_until(&window, 25).await);
        window.kill().await;

        // The server the window left behind, and everything on it, is found again.
        let window = computer.open_lectern().await;
        steps::sign_in(&window).await;
        window.press("link", "Courses").await;
        window.read("Course 1").await;
        confirmed.extend(write_until(&window, 25).await);
        window.kill().await;

        let mut server = computer.private_server().await;
        let kept: Vec<Uuid> =
            sqlx::query_scalar("select id from lectern.courses").fetch_all(&mut server.owner).await.expect("courses");
        server.leave().await;
        let kept: BTreeSet<String> = kept.iter().map(ToString::to_string).collect();
        assert!(confirmed.len() >= 50, "only {} writes were confirmed", confirmed.len());
        assert_eq!(confirmed.difference(&kept).collect::<Vec<_>>(), Vec::<&String>::new(), "confirmed and lost");
    })
    .await;
}

/// The ids confirmed so far, once there are at least `count`.
async fn write_until(window: &Window, count: usize) -> Vec<String> {
    window.session().execute(WRITE_ON_AND_ON, vec![]).await.expect("the page writes");
    until("confirmed writes", || async {
        let confirmed: Vec<String> = window.ask("return window.confirmed").await?;
        (confirmed.len() >= count).then_some(confirmed)
    })
    .await
}

#[tokio::test]
async fn a_private_server_that_is_killed_is_there_again_before_anybody_notices() {
    journey("killed_server", async |computer| {
        let window = steps::become_first_owner(&computer).await;
        computer.kill_private_server().await;

        window.press("link", "Courses").await;
        window.press("button", "New course").await;
        window.fill("Title", "After the fall").await;
        window.press("button", "Create course").await;
        window.find("heading", "After the fall").await;
        window.close().await;
    })
    .await;
}

#[tokio::test]
async fn two_windows_share_the_private_server_and_the_last_one_stops_it() {
    journey("two_windows", async |computer| {
        let first = steps::become_first_owner(&computer).await;
        let second = computer.open_lectern().await;
        steps::sign_in(&second).await;
        first.close().await;

        second.press("link", "People").await;
        second.read("1 person").await;
        second.close().await;
        computer.private_server_has_stopped().await;
    })
    .await;
}
