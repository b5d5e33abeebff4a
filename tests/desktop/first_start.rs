//! The first start on a new computer.

use crate::harness::journey;

#[tokio::test]
async fn on_a_new_computer_lectern_starts_its_own_server_and_makes_the_first_owner() {
    journey("first_start", async |computer| {
        let window = computer.open_lectern().await;
        window.find("heading", "Where is your organization's data?").await;
        window.press("button", "Open").await;

        window.find("heading", "Set up the first owner").await;
        window.fill("Your name", "Ana Nováková").await;
        window.fill("E-mail", "ana@example.org").await;
        window.fill("New password", "a lantern over the harbour").await;
        window.fill("Name of your organization", "Harbour School").await;
        window.press("button", "Create owner and sign in").await;

        window.find("heading", "Overview").await;
        window.read("Harbour School").await;
    })
    .await;
}
