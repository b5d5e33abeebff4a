//! What several journeys do on their way.

use crate::harness::{Computer, Window};

pub const NAME: &str = "Ana Nováková";
pub const EMAIL: &str = "ana@example.org";
pub const PASSWORD: &str = "a lantern over the harbour";

/// From the first start to the overview of a new organization.
pub async fn become_first_owner(computer: &Computer) -> Window {
    let window = computer.open_lectern().await;
    window.find("heading", "Where is your organization's data?").await;
    window.press("button", "Open").await;
    window.find("heading", "Set up the first owner").await;
    window.fill("Your name", NAME).await;
    window.fill("E-mail", EMAIL).await;
    window.fill("New password", PASSWORD).await;
    window.fill("Name of your organization", "Harbour School").await;
    window.press("button", "Create owner and sign in").await;
    window.find("heading", "Overview").await;
    window
}

/// From the sign-in page of a window that knows its server to the overview.
pub async fn sign_in(window: &Window) {
    window.find("heading", "Sign in").await;
    window.fill("E-mail", EMAIL).await;
    window.fill("Password", PASSWORD).await;
    window.press("button", "Sign in").await;
    window.find("heading", "Overview").await;
}
