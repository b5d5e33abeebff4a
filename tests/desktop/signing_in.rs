//! Coming back to a window.

use thirtyfour::Key;

use crate::{harness::journey, steps};

#[tokio::test]
async fn after_a_restart_a_wrong_password_is_told_and_the_right_one_lets_in() {
    journey("signing_in", async |computer| {
        steps::become_first_owner(&computer).await.close().await;

        let window = computer.open_lectern().await;
        window.find("heading", "Sign in").await;
        window.fill("E-mail", steps::EMAIL).await;
        window.fill("Password", "a lantern under the harbour").await;
        window.press("button", "Sign in").await;
        window.read("The e-mail address or the password is not right.").await;

        window.fill("Password", steps::PASSWORD).await;
        window.press("button", "Sign in").await;
        window.find("heading", "Overview").await;
        window.read("Harbour School").await;
        window.close().await;
    })
    .await;
}

#[tokio::test]
async fn whoever_stays_signed_in_finds_their_organization_open_until_they_sign_out() {
    journey("staying", async |computer| {
        steps::become_first_owner(&computer).await.close().await;

        let window = computer.open_lectern().await;
        window.find("heading", "Sign in").await;
        window.focused("E-mail").await;
        window.keys(steps::EMAIL).await;
        window.keys(Key::Tab).await;
        window.focused("Password").await;
        window.keys(steps::PASSWORD).await;
        window.press("checkbox", "Stay signed in on this computer").await;
        window.press("button", "Sign in").await;
        window.find("heading", "Overview").await;
        window.close().await;

        let window = computer.open_lectern().await;
        window.find("heading", "Overview").await;
        window.read(steps::NAME).await;
        window.press("button", "Your account…").await;
        window.press("menuitem", "Sign out").await;
        window.find("heading", "Sign in").await;
        window.close().await;

        let window = computer.open_lectern().await;
        window.find("heading", "Sign in").await;
        window.close().await;
    })
    .await;
}
