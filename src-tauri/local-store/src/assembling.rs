//! A document taken apart into its top-level blocks and put together again, as text: an unchanged block is never parsed.

use std::collections::{BTreeMap, HashMap, HashSet};

use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) const EMPTY: &str = r#"{"content":[],"type":"doc"}"#;

/// A canonical document in parts.
pub(crate) struct Parts<'a> {
    /// What a document has besides its blocks.
    rest: BTreeMap<String, &'a RawValue>,
    pub blocks: Vec<(String, &'a RawValue)>,
}

#[derive(Deserialize)]
struct Node {
    #[serde(default)]
    attrs: Option<Named>,
}

#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    id: Option<Value>,
}

/// The id a block carries.
pub(crate) fn id_of(block: &str) -> Option<String> {
    match serde_json::from_str::<Node>(block).ok()?.attrs?.id? {
        Value::String(id) => Some(id),
        _ => None,
    }
}

/// One block as it stands in a canonical document, if it is one and has this id.
pub(crate) fn canonical_block(id: &str, block: &Value) -> Option<String> {
    let document = sync_core::engine::canonical(&json!({ "type": "doc", "content": [block] }))?;
    let parts = Parts::read(&document)?;
    let [(name, text)] = parts.blocks.as_slice() else { return None };
    (name == id).then(|| text.get().to_owned())
}

impl<'a> Parts<'a> {
    pub fn read(document: &'a str) -> Option<Self> {
        let mut rest: BTreeMap<String, &RawValue> = serde_json::from_str(document).ok()?;
        let content: Vec<&RawValue> = serde_json::from_str(rest.remove("content")?.get()).ok()?;
        let mut met = HashSet::new();
        let name = |(number, block): (usize, &'a RawValue)| {
            let id = id_of(block.get()).filter(|id| met.insert(id.clone()));
            // No block of an editor is called that.
            (id.unwrap_or_else(|| format!("\0{number}")), block)
        };
        let blocks = content.into_iter().enumerate().map(name).collect();
        Some(Self { rest, blocks })
    }

    /// The document with these blocks in this order; without an order in its own.
    pub fn with(&self, order: Option<&[String]>, changed: &HashMap<String, String>) -> Option<String> {
        let own: HashMap<&str, &RawValue> = self.blocks.iter().map(|(name, block)| (name.as_str(), *block)).collect();
        let names: Vec<&str> = match order {
            Some(order) => order.iter().map(String::as_str).collect(),
            None => self.blocks.iter().map(|(name, _)| name.as_str()).collect(),
        };
        let mut blocks = Vec::with_capacity(names.len());
        for name in names {
            blocks.push(match changed.get(name) {
                Some(block) => serde_json::from_str(block).ok()?,
                None => *own.get(name)?,
            });
        }
        let mut document: BTreeMap<&str, Part<'_>> =
            self.rest.iter().map(|(name, value)| (name.as_str(), Part::Plain(value))).collect();
        document.insert("content", Part::Blocks(blocks));
        serde_json::to_string(&document).ok()
    }

    fn has_rest_of(&self, other: &Self) -> bool {
        let same = |((a, x), (b, y)): ((&String, &&RawValue), (&String, &&RawValue))| a == b && x.get() == y.get();
        self.rest.len() == other.rest.len() && self.rest.iter().zip(&other.rest).all(same)
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum Part<'a> {
    Plain(&'a RawValue),
    Blocks(Vec<&'a RawValue>),
}

pub(crate) type Digest = [u8; 32];

pub(crate) fn digest_of(block: &str) -> Digest {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest(&SHA256, block.as_bytes()).as_ref());
    bytes
}

/// What a handle knows of the lessons it writes block by block, so that a keystroke reads no document.
#[derive(Default)]
pub(crate) struct OpenLessons(pub HashMap<Uuid, OpenLesson>);

/// True for the body's state with this stamp only.
pub(crate) struct OpenLesson {
    pub stamp: i64,
    /// The blocks of the server's revision; none when there is none, or when more than blocks differs.
    pub base: Option<Vec<Digest>>,
    pub order: Vec<String>,
    pub blocks: HashMap<String, Digest>,
    /// The blocks that were changed since the text was written whole.
    pub changed: HashSet<String>,
}

impl OpenLesson {
    pub fn new(stamp: i64, start: &Parts<'_>, base: Option<&Parts<'_>>) -> Self {
        let digests = |parts: &Parts<'_>| parts.blocks.iter().map(|(_, block)| digest_of(block.get())).collect();
        Self {
            stamp,
            base: base.filter(|base| base.has_rest_of(start)).map(digests),
            order: start.blocks.iter().map(|(name, _)| name.clone()).collect(),
            blocks: start.blocks.iter().map(|(name, block)| (name.clone(), digest_of(block.get()))).collect(),
            changed: HashSet::new(),
        }
    }

    /// Whether the lesson says anything else than the server's revision.
    pub fn is_written(&self) -> bool {
        let now = self.order.iter().map(|name| self.blocks.get(name));
        !self.base.as_ref().is_some_and(|base| now.eq(base.iter().map(Some)))
    }

    /// The order a window asks for, with what it does not know of (another window's new block) left where it stands, and
    /// without what is gone. None when it is the order there is.
    pub fn arrange(
        &self,
        asked: &[String],
        changed: &HashMap<String, String>,
        removed: &[String],
    ) -> Option<Vec<String>> {
        if asked == self.order && changed.keys().all(|name| self.blocks.contains_key(name)) {
            return None;
        }
        let stood: HashSet<&str> = self.order.iter().map(String::as_str).collect();
        let there = |name: &&str| stood.contains(name) || changed.contains_key(*name);
        // Nothing that comes changed is lost because the order forgot it.
        let mut forgotten: Vec<&str> =
            changed.keys().map(String::as_str).filter(|name| !stood.contains(name)).collect();
        forgotten.sort_unstable();
        let mut placed = HashSet::new();
        let asked = asked.iter().map(String::as_str).filter(there).chain(forgotten);
        let asked: Vec<&str> = asked.filter(|name| placed.insert(*name)).collect();
        let gone: HashSet<&str> =
            removed.iter().map(String::as_str).filter(|name| !changed.contains_key(*name)).collect();
        let mut behind: HashMap<Option<&str>, Vec<&str>> = HashMap::new();
        let mut last = None;
        for name in self.order.iter().map(String::as_str) {
            if placed.contains(name) {
                last = Some(name);
            } else if !gone.contains(name) {
                behind.entry(last).or_default().push(name);
            }
        }
        let mut arranged = behind.remove(&None).unwrap_or_default();
        for name in asked {
            arranged.push(name);
            arranged.append(&mut behind.remove(&Some(name)).unwrap_or_default());
        }
        let arranged: Vec<String> = arranged.into_iter().map(str::to_owned).collect();
        (arranged != self.order).then_some(arranged)
    }

    /// Takes another order. Answers the changed blocks that are not in it.
    pub fn rearrange(&mut self, order: Vec<String>) -> Vec<String> {
        let left: HashSet<&str> = order.iter().map(String::as_str).collect();
        self.blocks.retain(|name, _| left.contains(name.as_str()));
        let dropped = self.changed.iter().filter(|name| !left.contains(name.as_str())).cloned().collect();
        self.changed.retain(|name| left.contains(name.as_str()));
        self.order = order;
        dropped
    }
}
