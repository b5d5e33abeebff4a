//! Journeys through the real window on a real PostgreSQL. They need a display and a session bus: `scripts/with-desktop`.

mod bindings;
mod first_start;
mod harness;

use harness::journey;

#[tokio::test]
async fn a_window_opens() {
    journey("a_window_opens", async |computer| {
        let window = computer.open_lectern().await;
        window.fill("E-mail", "ana@example.org").await;
        window.press("button", "Sign in").await;
        window.close().await;
        let window = computer.open_lectern().await;
        window.kill().await;
        println!("{}", computer.log());
    })
    .await;
}
