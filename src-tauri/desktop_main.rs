//! The window.

// A console beside the window would confuse people on Windows.
#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

fn main() -> std::process::ExitCode {
    lectern::desktop::run()
}
