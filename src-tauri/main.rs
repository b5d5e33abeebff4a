//! `lectern`: everything of Lectern that needs no window.

fn main() -> std::process::ExitCode {
    lectern::cli::run()
}
