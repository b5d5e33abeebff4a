//! What the machine wants of the document engine: three-way merges of bodies and of rows, and a document's projections.

use serde_json::Value;
use uuid::Uuid;

use crate::wire::{Fields, Table};

/// Two versions of one thing of which only one can stand; the other becomes a merge card.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    pub kind: String,
    pub block: Option<String>,
    pub field: String,
    pub base: Value,
    pub head: Value,
    pub local: Value,
    /// `head` or `local`.
    pub stands: String,
}

/// What learners read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Projection {
    pub markdown: String,
    pub html: String,
    pub plain_text: String,
}

/// What a person decides about a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    Keep,
    UseOther,
    KeepBoth,
}

impl Choice {
    /// As a card's `resolution` says it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::UseOther => "use_other",
            Self::KeepBoth => "keep_both",
        }
    }
}

/// The document engine. Deterministic: two devices that merge the same get the same. `head` is what the server has,
/// `local` what this device has, no `base` means nothing usable is known: neither side's words may go.
pub trait Merging {
    /// Fields of a row, without those the machine decides itself (`archived_at`, revisions, publication).
    fn rows(
        &self,
        table: Table,
        id: Uuid,
        base: Option<&Fields>,
        head: &Fields,
        local: &Fields,
    ) -> (Fields, Vec<Difference>);

    /// All answer keys of a question, each with its `id`. A difference where both sides changed which answers are correct,
    /// and not to the same: then `head`'s stand.
    fn answers(&self, question: Uuid, base: &[Fields], head: &[Fields], local: &[Fields]) -> Option<Difference>;

    /// Documents, canonical JSON. Nothing when the result would not be valid: both are kept then.
    fn bodies(&self, base: Option<&str>, head: &str, local: &str) -> Option<(String, Vec<Difference>)>;

    /// A body with a card decided in it; nothing when the place is gone, the body stays as it is then.
    fn decide(&self, document: &str, card: &Fields, choice: Choice) -> Option<String>;

    /// A row's fields with a card about them decided.
    fn decide_row(&self, row: &Fields, card: &Fields, choice: Choice) -> Fields;

    /// The plain text a document was before there were documents, as one, with the same block ids on every device.
    fn read_markdown(&self, lesson: Uuid, markdown: &str) -> Option<String>;

    fn project(&self, document: &str) -> Projection;
}
