//! The one place where an error leaves Rust: told to the person in the window, its cause kept for the log.

use std::path::PathBuf;

use serde::Serialize;

use crate::error::{Code, Error};

/// A refusal or failure as the window reads it.
#[derive(Clone, Debug, Serialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct AppError {
    pub code: Code,
    pub message: String,
    pub field: Option<String>,
    pub next_step: Option<String>,
}

impl From<Error> for AppError {
    fn from(error: Error) -> Self {
        if error.code == Code::Internal {
            // The cause may quote other people's values: only what kind of thing it was is logged.
            tracing::error!(message = %error.message, sqlstate = error.sqlstate().as_deref(), "something unexpected");
        }
        Self { code: error.code, message: error.message, field: error.field, next_step: error.next_step }
    }
}

/// A panic is a defect: the log has its place already; the person gets a sentence instead of a window that is gone
/// without a word.
pub fn tell_panics(log: Option<PathBuf>) {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        before(panic);
        let log = log.as_ref().map_or_else(String::new, |log| format!(" The log is in {}.", log.display()));
        tell(&format!(
            "Lectern stopped because of a mistake of its own. What the server had confirmed is saved; start Lectern again.{log}"
        ));
    }));
}

/// Says `sentence` where whoever started the window reads it; there may be no window to show it in.
#[allow(clippy::print_stderr)]
pub fn tell(sentence: &str) {
    eprintln!("{sentence}");
}
