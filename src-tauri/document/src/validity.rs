//! What a valid document is, and how an invalid one is mended. The table of what may stand where is the editor's schema.

mod repair;
mod tables;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::fmt;

use serde_json::Value;

use crate::block::{Block, Body, Document, Inline, Kind, Shape};
use crate::ids;

/// Blocks inside blocks. Each level is two in the JSON, and readers of JSON stop at 128.
pub const MAX_DEPTH: usize = 48;
/// Bytes of compact JSON; the plain columns a body is projected into hold no more.
pub const MAX_BYTES: usize = 2_000_000;
pub const MAX_BLOCKS: usize = 20_000;

/// What is wrong, and where: `place` is the path of child numbers from the document, such as `/3/0`; empty is the document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {flaw}", if place.is_empty() { "document" } else { place })]
pub struct Fault {
    pub place: String,
    pub flaw: Flaw,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    #[error("this is not an object")]
    NotAnObject,
    #[error("this is not a document")]
    NotADocument,
    #[error("this has no type")]
    NoType,
    #[error("the attributes are not an object")]
    AttributesNotAnObject,
    #[error("the content is not a list")]
    ContentNotAList,
    #[error("the marks are not a list")]
    MarksNotAList,
    #[error("a text without its text")]
    NoText,
    #[error("blocks stand deeper than {MAX_DEPTH} levels")]
    TooDeep,
    #[error("the document is larger than {MAX_BYTES} bytes")]
    TooLarge,
    #[error("the document has more than {MAX_BLOCKS} blocks")]
    TooManyBlocks,
    #[error("the block has no id")]
    NoId,
    #[error("the id {0:?} is not a UUID")]
    IdNotAUuid(String),
    #[error("the id {0} stands twice")]
    IdTwice(String),
    #[error("{child} may not stand in {parent}")]
    Misplaced { parent: String, child: String },
    #[error("{0} is empty")]
    Empty(String),
    #[error("{0} does not begin with a paragraph")]
    NoParagraphFirst(String),
    #[error("{0} holds content")]
    HoldsContent(String),
    #[error("{0} stands among words")]
    AmongWords(String),
    #[error("code holds more than plain text")]
    CodeNotPlain,
    #[error("the attribute {0} has no usable value")]
    Attribute(&'static str),
    #[error("the rows of the table are of different widths")]
    Ragged,
}

impl Fault {
    pub(crate) fn at(place: &str, flaw: Flaw) -> Self {
        Self { place: place.to_owned(), flaw }
    }
}

/// Whether `child` may stand directly in `parent` (`None` is the document). What is unknown may stand anywhere.
#[must_use]
pub fn may_hold(parent: Option<&Kind>, child: &Kind) -> bool {
    if matches!(child, Kind::Unknown(_)) {
        return true;
    }
    match parent {
        Some(Kind::BulletList | Kind::OrderedList) => *child == Kind::ListItem,
        Some(Kind::TaskList) => *child == Kind::TaskItem,
        Some(Kind::Table) => *child == Kind::TableRow,
        Some(Kind::TableRow) => child.is_cell(),
        _ => !child.is_item() && !child.is_cell() && *child != Kind::TableRow,
    }
}

impl Document {
    /// Everything that keeps this document from being valid, in reading order; empty for a valid one.
    #[must_use]
    pub fn check(&self) -> Vec<Fault> {
        let mut check = Check { faults: Vec::new(), ids: HashSet::new(), nested: nested_ids(&self.blocks) };
        if let Err(fault) = self.within_limits() {
            check.faults.push(fault);
        }
        if self.blocks.is_empty() {
            check.fault(&Place::Document, Flaw::Empty("the document".into()));
        }
        check.children(None, &self.blocks, &Place::Document, 1);
        check.faults
    }

    /// A valid document with every word of this one; the same input gives the same result on every computer. Missing, foreign
    /// and repeated ids are derived from ids nearby, what stands where it may not is wrapped, put beside or taken out of
    /// its wrapper, rows of a table are filled up. A valid document comes back as it is. What is beyond the limits stays so.
    #[must_use]
    pub fn repair(&self) -> Self {
        repair::repair(self.clone())
    }

    /// # Errors
    /// What is larger than a document may be.
    pub(crate) fn within_limits(&self) -> Result<(), Fault> {
        let (mut count, mut bytes) = (0, 0);
        for block in self.walk() {
            count += 1;
            bytes += 100 + 6 * block.inline().iter().map(weight).sum::<usize>();
            if !block.attributes.is_empty() || !block.rest.is_empty() || matches!(block.body, Body::Opaque(_)) {
                let childless = Block { body: Body::Leaf, ..block.clone() };
                bytes += json_bytes(&childless.to_value());
            }
            if let Body::Opaque(content) = &block.body {
                bytes += content.iter().map(json_bytes).sum::<usize>();
            }
        }
        if count > MAX_BLOCKS {
            return Err(Fault::at("", Flaw::TooManyBlocks));
        }
        // The estimate is never too small; only what comes near the limit is measured.
        if bytes > MAX_BYTES && json_bytes(&self.to_value()) > MAX_BYTES {
            return Err(Fault::at("", Flaw::TooLarge));
        }
        Ok(())
    }
}

fn weight(inline: &Inline) -> usize {
    match inline {
        Inline::Text { text, marks } if marks.is_empty() => text.len() + 8,
        other => json_bytes(&other.to_value()),
    }
}

struct Counter(usize);

impl std::io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn json_bytes(value: &Value) -> usize {
    let mut counter = Counter(0);
    // A counter takes everything, and these values came from JSON.
    let _ = serde_json::to_writer(&mut counter, value);
    counter.0
}

/// Ids of blocks inside content this version does not understand. They are taken, but cannot be changed.
pub(crate) fn nested_ids(blocks: &[Block]) -> HashSet<String> {
    fn gather(value: &Value, ids: &mut HashSet<String>) {
        match value {
            Value::Array(values) => values.iter().for_each(|value| gather(value, ids)),
            Value::Object(node) => {
                if let Some(id) = value["attrs"]["id"].as_str()
                    && ids::is_id(id)
                {
                    ids.insert(id.to_owned());
                }
                node.values().for_each(|value| gather(value, ids));
            }
            _ => {}
        }
    }
    let mut ids = HashSet::new();
    let mut waiting: Vec<&Block> = blocks.iter().collect();
    while let Some(block) = waiting.pop() {
        waiting.extend(block.children());
        if let Body::Opaque(content) = &block.body {
            content.iter().for_each(|value| gather(value, &mut ids));
        }
    }
    ids
}

/// A path that is only written out when there is something to say.
enum Place<'a> {
    Document,
    Child(&'a Place<'a>, usize),
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Document => Ok(()),
            Self::Child(parent, index) => write!(f, "{parent}/{index}"),
        }
    }
}

struct Check<'a> {
    faults: Vec<Fault>,
    ids: HashSet<&'a str>,
    nested: HashSet<String>,
}

impl<'a> Check<'a> {
    fn fault(&mut self, place: &Place<'_>, flaw: Flaw) {
        self.faults.push(Fault { place: place.to_string(), flaw });
    }

    fn children(&mut self, parent: Option<&Kind>, blocks: &'a [Block], place: &Place<'_>, depth: usize) {
        for (index, block) in blocks.iter().enumerate() {
            let place = Place::Child(place, index);
            if !may_hold(parent, &block.kind) {
                let parent = parent.map_or("the document", Kind::name).to_owned();
                self.fault(&place, Flaw::Misplaced { parent, child: block.kind.name().to_owned() });
            }
            if depth > MAX_DEPTH {
                self.fault(&place, Flaw::TooDeep);
                continue;
            }
            self.block(block, &place, depth);
        }
    }

    fn block(&mut self, block: &'a Block, place: &Place<'_>, depth: usize) {
        if block.id.is_empty() {
            self.fault(place, Flaw::NoId);
        } else if !ids::is_id(&block.id) {
            self.fault(place, Flaw::IdNotAUuid(block.id.clone()));
        } else if !self.ids.insert(&block.id) || self.nested.contains(&block.id) {
            self.fault(place, Flaw::IdTwice(block.id.clone()));
        }
        if let Some(attribute) = unusable_attribute(block) {
            self.fault(place, Flaw::Attribute(attribute));
        }
        let name = || block.kind.name().to_owned();
        match &block.body {
            Body::Opaque(_) if block.kind.shape() == Shape::Leaf => self.fault(place, Flaw::HoldsContent(name())),
            Body::Text(text) => {
                if block.kind == Kind::CodeBlock && !is_plain(text) {
                    self.fault(place, Flaw::CodeNotPlain);
                }
                for inline in text {
                    if let Some(kind) = block_among_words(inline) {
                        self.fault(place, Flaw::AmongWords(kind.name().to_owned()));
                    }
                }
            }
            Body::Blocks(children) => {
                if children.is_empty() {
                    self.fault(place, Flaw::Empty(name()));
                } else if block.kind.is_item() && children[0].kind != Kind::Paragraph {
                    self.fault(place, Flaw::NoParagraphFirst(name()));
                }
                self.children(Some(&block.kind), children, place, depth + 1);
                if block.kind == Kind::Table && tables::is_ragged(children) {
                    self.fault(place, Flaw::Ragged);
                }
            }
            Body::Leaf | Body::Opaque(_) => {}
        }
    }
}

pub(crate) fn is_plain(text: &[Inline]) -> bool {
    text.iter().all(|inline| matches!(inline, Inline::Text { marks, .. } if marks.is_empty()))
}

fn block_among_words(inline: &Inline) -> Option<Kind> {
    match inline {
        Inline::Atom { kind, .. } => Some(Kind::of(kind)).filter(|kind| !matches!(kind, Kind::Unknown(_))),
        Inline::Text { .. } => None,
    }
}

/// The first attribute the editor could not work with. Absent is usable: every one has a default, except a heading's level.
fn unusable_attribute(block: &Block) -> Option<&'static str> {
    let given = |name: &str| block.attributes.get(name).filter(|value| !value.is_null());
    let whole = |name: &str, least, most| {
        given(name).is_none() || block.number_of(name).is_some_and(|n| (least..=most).contains(&n))
    };
    match &block.kind {
        Kind::Heading if !block.number_of("level").is_some_and(|level| (1..=6).contains(&level)) => Some("level"),
        Kind::OrderedList if !whole("start", 0, 999_999_999) => Some("start"),
        Kind::TaskItem if given("checked").is_some_and(|value| !value.is_boolean()) => Some("checked"),
        Kind::Callout if given("kind").is_some_and(|value| !value.is_string()) => Some("kind"),
        Kind::TableHeader | Kind::TableCell if !whole("colspan", 1, 1000) => Some("colspan"),
        Kind::TableHeader | Kind::TableCell if !whole("rowspan", 1, 20_000) => Some("rowspan"),
        _ => None,
    }
}
