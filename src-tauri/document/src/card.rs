//! A merge card: two versions of one thing of which only one can stand. It travels with the lesson and waits for a person.

mod resolve;

pub use resolve::{resolve, resolve_row};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::block::{Block, Inline};
use crate::{hash, ids, text};

/// What a person may decide about a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// What stands stays.
    Keep,
    /// The other version takes its place.
    UseOther,
    /// The other version stands after it.
    KeepBoth,
}

/// The two sides of a merge: `Head` is what the server has, `Local` what this computer wrote meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Head,
    Local,
}

impl Side {
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Head => Self::Local,
            Self::Local => Self::Head,
        }
    }
}

/// What happened. The name is stable: it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardKind {
    /// The same words were changed twice.
    Words,
    /// Words were deleted by one and changed by the other; the change stands.
    WordsDeleted,
    /// Most of a block was written anew twice.
    Rewritten,
    /// The same words got two links.
    Link,
    /// A block was turned into two kinds.
    Type,
    /// An attribute (an image's alternative text, a formula) was changed twice.
    Attribute,
    /// A block was deleted by one and changed by the other; the change stands.
    BlockDeleted,
    /// A block that is only understood as a whole was changed twice.
    Block,
    /// A table's shape was changed while the other changed the table.
    Table,
    /// A merge would not have been valid; the whole document of one side waits here.
    Document,
    /// A field of a row was changed twice.
    Field,
    /// Which answer is correct, or what it counts, was changed twice.
    Answer,
    /// A row was archived by one and changed by the other; it is not archived.
    Archived,
}

impl CardKind {
    /// The English sentence a window's catalogue translates.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Words => "The same words were changed twice.",
            Self::WordsDeleted => "These words were deleted by one person and changed by another.",
            Self::Rewritten => "This was rewritten twice.",
            Self::Link => "The same words were linked to two places.",
            Self::Type => "This was turned into two different kinds of block.",
            Self::Attribute => "This property was changed twice.",
            Self::BlockDeleted => "This was deleted by one person and changed by another.",
            Self::Block => "This block was changed twice and cannot be merged inside.",
            Self::Table => {
                "The rows or columns of this table were changed by one person while another changed the table."
            }
            Self::Document => "These two versions of the lesson could not be brought together.",
            Self::Field => "This field was changed twice.",
            Self::Answer => "Which answer is correct, or how many points it gives, was changed twice.",
            Self::Archived => "This was archived by one person and changed by another.",
        }
    }
}

/// Two versions and what they came from. The shape of `base`, `head` and `local` depends on the kind:
/// - `words`, `words_deleted`, `rewritten`, `link`: inline content, an array of nodes (empty: deleted);
/// - `type`, `block_deleted`, `block`, `table`: a whole block's JSON (`null`: not there);
/// - `attribute`: the value of `field`; `document`: a document's JSON;
/// - `field`, `archived`: the value of `field` in the row; `answer`: an object of all fields that belong together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// UUIDv5 of the merged versions and what the card says: two computers that make the same merge make one card.
    pub id: String,
    pub kind: CardKind,
    /// The block concerned; none for a row's field and for a whole document.
    pub block: Option<String>,
    /// The attribute or the row's field; `content` for words, `document` for what concerns the whole.
    pub field: String,
    pub base: Value,
    pub head: Value,
    pub local: Value,
    /// Which version stands in the merged document.
    pub stands: Side,
}

impl Card {
    pub(crate) fn new(kind: CardKind, block: Option<&str>, field: &str, versions: [Value; 3], stands: Side) -> Self {
        let [base, head, local] = versions;
        Self {
            id: String::new(),
            kind,
            block: block.map(str::to_owned),
            field: field.to_owned(),
            base,
            head,
            local,
            stands,
        }
    }

    /// Names the card after what was merged.
    pub(crate) fn named(mut self, merge: &str) -> Self {
        let said = json!([self.kind, self.block, self.field, self.base, self.head, self.local, self.stands]);
        let said: String = hash::canonical(&said).iter().map(|byte| format!("{byte:02x}")).collect();
        self.id = ids::derive(&["card", merge, &said]);
        self
    }

    #[must_use]
    pub fn version(&self, side: Side) -> &Value {
        match side {
            Side::Head => &self.head,
            Side::Local => &self.local,
        }
    }

    /// The version that stands in the document.
    #[must_use]
    pub fn standing(&self) -> &Value {
        self.version(self.stands)
    }

    /// The version that waits in the card.
    #[must_use]
    pub fn other(&self) -> &Value {
        self.version(self.stands.other())
    }

    /// The words of a version, for showing the difference.
    #[must_use]
    pub fn words(&self, version: &Value) -> String {
        match version {
            Value::Null => String::new(),
            Value::String(words) => words.clone(),
            Value::Array(line) => {
                Inline::parse_all(line).map_or_else(|_| version.to_string(), |line| text::of_line(&line))
            }
            Value::Object(node) if node.get("type").and_then(Value::as_str) == Some("doc") => {
                crate::Document::parse(version).map_or_else(|_| version.to_string(), |document| document.plain_text())
            }
            Value::Object(node) if node.contains_key("type") => {
                Block::parse(version).map_or_else(|_| version.to_string(), |block| text::of_block(&block))
            }
            other => other.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_form_of_a_card_stays_as_it_is() {
        let versions = [json!([]), json!([{"type": "text", "text": "15"}]), json!([{"type": "text", "text": "18"}])];
        let card = Card::new(CardKind::WordsDeleted, Some("b"), "content", versions, Side::Local).named("m");
        assert_eq!(
            serde_json::to_value(&card).unwrap(),
            json!({"id": card.id, "kind": "words_deleted", "block": "b", "field": "content", "base": [],
                "head": [{"type": "text", "text": "15"}], "local": [{"type": "text", "text": "18"}], "stands": "local"})
        );
        assert!(ids::is_id(&card.id));
        assert_eq!((card.words(card.standing()), card.words(card.other())), ("18".to_owned(), "15".to_owned()));
        assert!(card.kind.sentence().ends_with('.'));
    }
}
