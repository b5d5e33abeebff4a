//! What people typed, as it is kept: one Unicode form (NFC), so that the same word typed on two keyboards is found by one
//! search; no blanks around it; nothing PostgreSQL cannot hold. Other scripts, emoji and directions stay as they are.

use serde::{Deserialize, Deserializer};
use unicode_normalization::UnicodeNormalization;

use crate::error::{Error, Result};

/// A name or title: one line. Text without any visible character becomes empty, which the database's length check refuses.
///
/// # Errors
/// `invalid` at `field` when it holds a character that cannot be stored.
pub fn line(field: &str, typed: &str) -> Result<String> {
    storable(field, typed)?;
    let one_line: String = typed.nfc().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if one_line.chars().all(is_invisible) { Ok(String::new()) } else { Ok(one_line.trim().to_owned()) }
}

/// A text of several lines: line ends become `\n`, and nothing else is touched but the blanks at its end.
///
/// # Errors
/// `invalid` at `field` when it holds a character that cannot be stored.
pub fn prose(field: &str, typed: &str) -> Result<String> {
    storable(field, typed)?;
    Ok(typed.nfc().collect::<String>().replace("\r\n", "\n").replace('\r', "\n").trim_end().to_owned())
}

/// A line that may be missing: an empty one is none.
///
/// # Errors
/// `invalid` at `field` when it holds a character that cannot be stored.
pub fn optional_line(field: &str, typed: Option<&str>) -> Result<Option<String>> {
    Ok(typed.map(|typed| line(field, typed)).transpose()?.filter(|line| !line.is_empty()))
}

/// Words to search for. A character that cannot be stored is found nowhere, so it is left out.
#[must_use]
pub fn search(typed: &str) -> String {
    typed.nfc().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned()
}

/// The part of a change that says three things: absent keeps, null clears, a value replaces.
///
/// # Errors
/// Those of the value's own form.
pub fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(input: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(input).map(Some)
}

fn storable(field: &str, typed: &str) -> Result<()> {
    if typed.contains('\0') {
        return Err(Error::invalid(field, "This text holds a character that cannot be stored (NUL).")
            .next_step("Type it anew instead of pasting it."));
    }
    Ok(())
}

/// Blanks, and the characters that only join, direct or mark others (Unicode general category Cf).
fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_script_and_loses_the_blanks_around_it() {
        assert_eq!(
            line("name", "  Zoe\u{308} \u{1f469}\u{200d}\u{1f3eb} \u{5e9}\u{5dc}\u{5d5}\u{5dd}\t").unwrap(),
            "Zo\u{eb} \u{1f469}\u{200d}\u{1f3eb} \u{5e9}\u{5dc}\u{5d5}\u{5dd}"
        );
        assert_eq!(line("name", "two\r\nlines").unwrap(), "two  lines");
    }

    #[test]
    fn a_name_nobody_can_see_is_empty() {
        for unseen in ["", " ", "\u{200b}\u{200d}", "\u{feff}\u{a0}", "\u{202e}"] {
            assert_eq!(line("name", unseen).unwrap(), "", "{unseen:?}");
        }
    }

    #[test]
    fn nul_is_refused_at_its_field() {
        let refusal = prose("bio", "a\0b").unwrap_err();
        assert_eq!(refusal.field.as_deref(), Some("bio"));
    }

    #[test]
    fn prose_keeps_its_lines() {
        assert_eq!(prose("bio", "a\r\n  b\rc\n\n").unwrap(), "a\n  b\nc");
    }
}
