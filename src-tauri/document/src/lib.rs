//! A lesson's body, pure: no input or output, no clock, no randomness.
//!
//! - [`Document`]: blocks with stable ids; reading and writing the editor's JSON; [`Document::check`], [`Document::repair`].
//! - [`merge()`]: three versions to one, and a [`Card`] for whatever only a person can decide; [`resolve`] does what was
//!   decided. [`merge_row`] and [`merge_answers`] do the same for the rows around a document.
//! - [`hash()`]: one per meaning.
//! - [`Document::markdown`], [`Document::html`], [`Document::plain_text`], and [`from_markdown`] back.
//! - [`diff_words`], [`diff_blocks`]; [`Document::outline`], [`Document::word_count`], [`Document::reading_minutes`].
#![forbid(unsafe_code)]

mod block;
mod card;
mod diff;
mod hash;
mod html;
mod ids;
mod markdown;
mod merge;
mod outline;
#[cfg(test)]
mod proof;
mod text;
mod validity;

pub use block::{Attributes, Block, Body, Document, Inline, Kind, Mark, Shape};
pub use card::{Card, CardKind, Decision, Side, resolve, resolve_row};
pub use diff::{BlockChange, Change, Piece, PieceKind, diff_blocks, diff_words};
pub use hash::{canonical, hash};
pub use ids::{derive, is_id};
pub use markdown::from_markdown;
pub use merge::{AnswersMerged, Merged, Refused, Row, RowKind, RowMerged, merge, merge_answers, merge_row};
pub use outline::Heading;
pub use validity::{Fault, Flaw, MAX_BLOCKS, MAX_BYTES, MAX_DEPTH, may_hold};
