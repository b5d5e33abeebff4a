//! Markdown out and in: CommonMark with GitHub's tables, task lists, strikethrough, mathematics and alerts.
//!
//! A callout is an alert (`> [!NOTE]`; danger is `CAUTION`), a formula `$$…$$` or a fence named `math`, an attachment
//! `[name](attachment:HASH "SIZE MIME")`, a video `[title](url "video")`. What Markdown cannot say is said plainly: underline,
//! highlight and such lose their form and keep their words, cells that span become cells beside empty ones.

mod line;
mod read;
mod write;

pub use read::from_markdown;

#[cfg(test)]
mod tests;
