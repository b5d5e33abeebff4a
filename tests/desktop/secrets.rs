//! What a run leaves behind in its log.

use crate::{harness::journey, steps};

#[tokio::test]
async fn the_log_of_a_whole_run_holds_no_password_no_token_and_no_person() {
    journey("secrets", async |computer| {
        let window = steps::become_first_owner(&computer).await;
        let wrong = "a lantern under the harbour";
        window.close().await;

        let window = computer.open_lectern().await;
        window.find("heading", "Sign in").await;
        window.fill("E-mail", steps::EMAIL).await;
        window.fill("Password", wrong).await;
        window.press("button", "Sign in").await;
        window.read("The e-mail address or the password is not right.").await;
        steps::sign_in(&window).await;
        window.close().await;

        let log = computer.log();
        assert!(log.contains("the window is closed"), "the run is in the log");
        let database_passwords = std::fs::read_to_string(computer.folder("data").join("local-server/secrets.json"))
            .expect("the passwords of the private server");
        let database_passwords: serde_json::Value = serde_json::from_str(&database_passwords).expect("JSON");
        let mut secrets: Vec<String> = database_passwords
            .as_object()
            .expect("an object")
            .values()
            .filter_map(|secret| secret.as_str().map(ToOwned::to_owned))
            .filter(|secret| secret.len() >= 16)
            .collect();
        assert!(secrets.len() >= 2, "the private server has passwords");
        secrets.extend([steps::PASSWORD, wrong, steps::EMAIL, steps::NAME].map(ToOwned::to_owned));
        for secret in &secrets {
            assert!(!log.contains(secret.as_str()), "the log holds a secret of {} characters", secret.chars().count());
        }
        // A session token is 64 hexadecimal digits; nothing in a log needs to look like one.
        let is_token = |word: &str| word.len() >= 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
        assert!(!log.split(|c: char| !c.is_ascii_alphanumeric()).any(is_token), "the log holds a token");
    })
    .await;
}
