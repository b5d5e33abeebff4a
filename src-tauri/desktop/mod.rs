//! The window's half in Rust, and the only code that names `tauri`: commands unpack, open the session, call one domain
//! function and hand its answer or its refusal to the page.

pub mod bindings;
mod commands;
mod failure;
mod state;
mod window;

use std::process::ExitCode;

use tauri::RunEvent;

pub use failure::AppError;
pub use state::{Desk, Reply};

/// Opens the window and stays until it is closed. Exit code 2 when there is no window to open.
#[must_use]
pub fn run() -> ExitCode {
    let log = crate::folders::logs().and_then(|folder| crate::logs::to_files(&folder).map(|()| folder));
    failure::log_panics(log.as_ref().ok().cloned());
    if let Err(error) = &log {
        failure::tell(&error.to_string());
    }
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "the window starts");
    let app = tauri::Builder::default()
        .plugin(tauri_plugin_opener::init())
        .manage(Desk::default())
        .invoke_handler(bindings::commands().invoke_handler())
        .setup(|app| Ok(window::open(app)?))
        .build(tauri::generate_context!());
    match app {
        Ok(app) => {
            app.run(|_desk, event| {
                if let RunEvent::Exit = event {
                    tracing::info!("the window is closed");
                }
            });
            ExitCode::SUCCESS
        }
        Err(error) => {
            tracing::error!(%error, "no window");
            failure::tell(
                "Lectern could not open its window. Start it inside a desktop session; `lectern --help` works without one.",
            );
            ExitCode::from(2)
        }
    }
}
