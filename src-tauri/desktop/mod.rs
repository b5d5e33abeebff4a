//! The window's half in Rust, and the only code that names `tauri`: commands unpack, open the session, call one domain
//! function and hand its answer or its refusal to the page.

pub mod bindings;
mod commands;
mod connecting;
mod drafting;
mod failure;
mod remembered;
mod signing_in;
mod state;
mod window;

use std::process::ExitCode;

use tauri::{AppHandle, Manager, RunEvent};

pub use connecting::{Connected, Connecting};
pub use drafting::{DraftsChanged, LessonReader};
pub use failure::AppError;
pub use state::{Desk, Reply};

/// Opens the window and stays until it is closed. Exit code 2 when there is no window to open.
#[must_use]
pub fn run() -> ExitCode {
    let log = crate::folders::logs().and_then(|folder| crate::logs::to_files(&folder).map(|()| folder));
    failure::tell_panics(log.as_ref().ok().cloned());
    if let Err(error) = &log {
        failure::tell(&error.to_string());
    }
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "the window starts");
    let commands = bindings::commands();
    let app = tauri::Builder::default()
        .plugin(tauri_plugin_opener::init())
        .manage(Desk::default())
        .invoke_handler(commands.invoke_handler())
        .setup(move |app| {
            commands.mount_events(app);
            close_when_told(app.handle().clone());
            let handle = app.handle().clone();
            let _ = app.state::<Desk>().app.set(handle.clone());
            tauri::async_runtime::spawn(async move { drafting::note_time(&handle.state::<Desk>()).await });
            Ok(window::open(app)?)
        })
        .build(tauri::generate_context!());
    match app {
        Ok(app) => {
            app.run(|app, event| {
                if let RunEvent::Exit = event {
                    tauri::async_runtime::block_on(app.state::<Desk>().leave());
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

/// Leaves the server properly when the desktop session or a terminal ends the program.
#[cfg(unix)]
fn close_when_told(app: AppHandle) {
    use tokio::signal::unix::{SignalKind, signal};
    for kind in [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()] {
        let app = app.clone();
        tauri::async_runtime::spawn(async move {
            match signal(kind) {
                Ok(mut signals) => {
                    signals.recv().await;
                    app.exit(0);
                }
                Err(error) => tracing::warn!(%error, "a signal cannot be heard"),
            }
        });
    }
}

#[cfg(not(unix))]
fn close_when_told(_app: AppHandle) {}
