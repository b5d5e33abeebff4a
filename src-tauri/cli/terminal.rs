//! What is printed and what is asked. Standard output carries data, standard error carries talk; a reader who went away
//! (`lectern … | head`) is no error, a full disk behind standard output is told.

use std::{
    io::{self, BufRead, IsTerminal, Write},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::error::{Code, Error, Result};

pub(super) struct Terminal {
    json: bool,
    /// Somebody may answer: keyboard and screen are theirs.
    is_attended: bool,
    shows_color: bool,
    lost_output: AtomicBool,
}

impl Terminal {
    pub(super) fn new(json: bool) -> Self {
        let screen = io::stderr().is_terminal();
        Self {
            json,
            is_attended: screen && io::stdin().is_terminal(),
            shows_color: screen && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
            lost_output: AtomicBool::new(false),
        }
    }

    pub(super) fn is_attended(&self) -> bool {
        self.is_attended
    }

    /// The result: `value` with `--json`, else `text` (nothing when empty).
    pub(super) fn data(&self, value: &impl Serialize, text: &str) -> Result<()> {
        if self.json {
            let json = serde_json::to_string_pretty(value).map_err(Error::from_json)?;
            self.print(&json);
        } else if !text.is_empty() {
            self.print(text.trim_end_matches('\n'));
        }
        Ok(())
    }

    fn print(&self, text: &str) {
        let mut out = io::stdout().lock();
        if let Err(error) = writeln!(out, "{text}").and_then(|()| out.flush())
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            self.lost_output.store(true, Ordering::Relaxed);
            self.say(&format!("lectern: The result could not be written to standard output: {error}."));
            self.say("  What the command did stands; make room there and ask again.");
        }
    }

    /// Whether the result did not get out.
    pub(super) fn lost_output(&self) -> bool {
        self.lost_output.load(Ordering::Relaxed)
    }

    /// One line for the person. Lost when nobody listens.
    pub(super) fn say(&self, line: &str) {
        let _ = writeln!(io::stderr().lock(), "{line}");
    }

    /// Ends in an error: in words on standard error, and as data for a program that reads standard output.
    pub(super) fn fail(&self, error: &Error) {
        self.complain(error);
        if self.json
            && let Ok(json) = serde_json::to_string_pretty(&serde_json::json!({ "error": error }))
        {
            self.print(&json);
        }
    }

    pub(super) fn complain(&self, error: &Error) {
        self.say(&format!("{} {}", self.red("lectern:"), plain(&error.message)));
        if let Some(next_step) = &error.next_step {
            self.say(&format!("  {}", plain(next_step)));
        }
    }

    /// Something is not as it should be, and the command goes on.
    pub(super) fn warn(&self, error: &Error) {
        let next_step = error.next_step.as_deref().map(|step| format!(" {step}")).unwrap_or_default();
        self.say(&format!("{} {}{}", self.yellow("warning:"), plain(&error.message), plain(&next_step)));
    }

    /// Lets a person agree to what was just shown. `yes` is `--yes`.
    ///
    /// # Errors
    /// `cancelled` when they say no, `invalid` when nobody sits there to ask.
    pub(super) fn agree(&self, question: &str, yes: bool) -> Result<()> {
        if yes {
            return Ok(());
        }
        if !self.is_attended {
            return Err(Error::invalid("yes", format!("{question} Nobody sits here to answer that."))
                .next_step("Add --yes to agree beforehand, or --dry-run to see what would happen."));
        }
        let _ = write!(io::stderr().lock(), "{question} [y/N] ");
        let mut answer = String::new();
        io::stdin().lock().read_line(&mut answer).map_err(no_input)?;
        if matches!(answer.trim().to_lowercase().as_str(), "y" | "yes") {
            Ok(())
        } else {
            Err(Error::new(Code::Cancelled, "Nothing was changed."))
        }
    }

    /// A secret typed unseen, or the first line of standard input when `from_input`.
    ///
    /// # Errors
    /// `invalid` when nobody sits there to type it, or nothing came.
    pub(super) fn secret(&self, prompt: &str, from_input: bool) -> Result<Zeroizing<String>> {
        if from_input {
            let mut line = Zeroizing::new(String::new());
            io::stdin().lock().read_line(&mut line).map_err(no_input)?;
            let secret = Zeroizing::new(line.trim_end_matches(['\n', '\r']).to_owned());
            return if secret.is_empty() {
                Err(Error::invalid("password", "Standard input held no password.")
                    .next_step("Write it there as one line."))
            } else {
                Ok(secret)
            };
        }
        if !self.is_attended {
            return Err(Error::invalid("password", "A password is needed, and nobody sits here to type it.")
                .next_step("Give it on standard input with --password-stdin."));
        }
        let _ = write!(io::stderr().lock(), "{prompt}: ");
        let secret = console::Term::stderr().read_secure_line().map(Zeroizing::new).map_err(no_input)?;
        if secret.is_empty() { Err(Error::invalid("password", "No password was typed.")) } else { Ok(secret) }
    }

    /// A secret that is being chosen: typed twice, unless it comes from standard input.
    ///
    /// # Errors
    /// `invalid` when the two differ, and as [`Self::secret`].
    pub(super) fn new_secret(&self, prompt: &str, from_input: bool) -> Result<Zeroizing<String>> {
        let secret = self.secret(prompt, from_input)?;
        if !from_input && *self.secret("Once more", false)? != *secret {
            return Err(Error::invalid("password", "The two passwords differ.").next_step("Try again."));
        }
        Ok(secret)
    }

    /// A bar with counts, drawn on a terminal only.
    pub(super) fn bar(&self) -> ProgressBar {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(8));
        if let Ok(style) =
            ProgressStyle::with_template("{msg:<16} {bar:30} {human_pos}/{human_len}  {elapsed} ({eta} left)")
        {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(500));
        bar
    }

    pub(super) fn red(&self, text: &str) -> String {
        self.colored("31", text)
    }

    pub(super) fn yellow(&self, text: &str) -> String {
        self.colored("33", text)
    }

    fn colored(&self, color: &str, text: &str) -> String {
        if self.shows_color { format!("\x1b[{color}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// Names and sentences may come from a server or a file: without characters that steer the terminal.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}

/// Columns of even width under their heads. Widths count characters as a terminal shows them.
pub(super) fn table<const N: usize>(heads: [&str; N], rows: &[[String; N]]) -> String {
    let mut widths = heads.map(console::measure_text_width);
    let rows: Vec<[String; N]> =
        rows.iter().map(|row| row.each_ref().map(|cell| plain(cell).replace('\n', " "))).collect();
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(console::measure_text_width(cell));
        }
    }
    let line = |cells: [&str; N]| {
        let padded =
            cells.iter().zip(widths).map(|(cell, width)| console::pad_str(cell, width, console::Alignment::Left, None));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut text = line(heads);
    for row in &rows {
        text.push('\n');
        text.push_str(&line(row.each_ref().map(String::as_str)));
    }
    text
}

fn no_input(cause: io::Error) -> Error {
    Error::new(Code::Cancelled, "The answer could not be read.").caused_by(cause)
}
