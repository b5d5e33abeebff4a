//! The blocks, three ways: which ones live, what each is, where it stands.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use super::tables::{self, Whole};
use super::{fields, order, words};
use crate::block::{Attributes, Block, Body, Document, Inline, Kind, Shape};
use crate::card::{Card, CardKind, Side};
use crate::validity;

/// The parent of the blocks at the top.
const TOP: &str = "";

#[derive(Clone, Copy)]
struct Node<'a> {
    block: &'a Block,
    parent: &'a str,
}

/// One version, by block id.
#[derive(Default)]
struct Version<'a> {
    nodes: HashMap<&'a str, Node<'a>>,
    /// From top to bottom.
    ids: Vec<&'a str>,
    children: HashMap<&'a str, Vec<&'a str>>,
}

fn version<'a>(document: &'a Document, whole: &Whole<'a>) -> Version<'a> {
    fn add<'a>(blocks: &'a [Block], parent: &'a str, whole: &Whole<'a>, version: &mut Version<'a>) {
        for block in blocks {
            version.nodes.insert(&block.id, Node { block, parent });
            version.ids.push(&block.id);
            version.children.entry(parent).or_default().push(&block.id);
            if !whole.contains_key(block.id.as_str()) {
                add(block.children(), &block.id, whole, version);
            }
        }
    }
    let mut version = Version::default();
    add(&document.blocks, TOP, whole, &mut version);
    version
}

impl<'a> Version<'a> {
    fn get(&self, id: &str) -> Option<Node<'a>> {
        self.nodes.get(id).copied()
    }

    fn children(&self, id: &str) -> &[&'a str] {
        self.children.get(id).map_or(&[], Vec::as_slice)
    }
}

struct Living<'a> {
    block: Block,
    parent: &'a str,
}

struct Merge<'a> {
    base: Version<'a>,
    head: Version<'a>,
    local: Version<'a>,
    whole: Whole<'a>,
    living: HashMap<&'a str, Living<'a>>,
    /// Head from top to bottom, then what only local has.
    ids: Vec<&'a str>,
    cards: Vec<Card>,
}

pub(super) fn merge<'a>(base: Option<&'a Document>, head: &'a Document, local: &'a Document) -> (Document, Vec<Card>) {
    let whole = tables::whole(base, head, local);
    let base_version = base.map(|base| version(base, &whole)).unwrap_or_default();
    let (head_version, local_version) = (version(head, &whole), version(local, &whole));
    let mut ids = head_version.ids.clone();
    ids.extend(local_version.ids.iter().filter(|id| !head_version.nodes.contains_key(*id)));
    let mut merge = Merge {
        base: base_version,
        head: head_version,
        local: local_version,
        whole,
        living: HashMap::with_capacity(ids.len()),
        ids,
        cards: Vec::new(),
    };
    for id in merge.ids.clone() {
        if let Some(living) = merge.decide(id) {
            merge.living.insert(id, living);
        }
    }
    merge.raise_parents();
    merge.tell_lost_wrappers();
    merge.cut_cycles();
    let nothing = Attributes::new();
    let (rest, twice) = fields::merge(base.map_or(&nothing, |base| &base.rest), &head.rest, &local.rest);
    for (field, versions) in twice {
        merge.cards.push(Card::new(CardKind::Attribute, None, &field, versions, Side::Head));
    }
    let document = Document { blocks: merge.build(), rest };
    (document, merge.cards)
}

impl<'a> Merge<'a> {
    fn card(&mut self, kind: CardKind, id: &str, field: &str, versions: [Value; 3], stands: Side) {
        self.cards.push(Card::new(kind, Some(id), field, versions, stands));
    }

    fn decide(&mut self, id: &'a str) -> Option<Living<'a>> {
        match (self.base.get(id), self.head.get(id), self.local.get(id)) {
            (Some(base), Some(head), Some(local)) => {
                let parent = if head.parent == base.parent { local.parent } else { head.parent };
                Some(Living { block: self.three_way(id, base.block, head.block, local.block), parent })
            }
            (None, Some(head), Some(local)) => {
                Some(Living { block: self.two_way(id, head.block, local.block), parent: head.parent })
            }
            (Some(base), Some(left), None) => self.deleted_once(id, base, left, Side::Head),
            (Some(base), None, Some(left)) => self.deleted_once(id, base, left, Side::Local),
            (None, Some(new), None) | (None, None, Some(new)) => {
                Some(Living { block: self.shell(new.block), parent: new.parent })
            }
            (_, None, None) => None,
        }
    }

    /// The block without its children, unless it is one whole.
    fn shell(&self, block: &Block) -> Block {
        match &block.body {
            Body::Blocks(_) if !self.whole.contains_key(block.id.as_str()) => Block {
                id: block.id.clone(),
                kind: block.kind.clone(),
                attributes: block.attributes.clone(),
                body: Body::Blocks(Vec::new()),
                rest: block.rest.clone(),
            },
            _ => block.clone(),
        }
    }

    /// Equal apart from the children, which are blocks of their own.
    fn same(&self, one: &Block, other: &Block) -> bool {
        let bodies = match (&one.body, &other.body) {
            (Body::Blocks(_), Body::Blocks(_)) if !self.whole.contains_key(one.id.as_str()) => true,
            (one, other) => one == other,
        };
        bodies && one.kind == other.kind && one.attributes == other.attributes && one.rest == other.rest
    }

    /// `left` is what the side that did not delete has. An edit, or a move elsewhere, keeps the block.
    fn deleted_once(&mut self, id: &'a str, base: Node<'a>, left: Node<'a>, side: Side) -> Option<Living<'a>> {
        #[cfg(test)]
        if super::sabotage::is(super::sabotage::Sabotage::DeleteWins) {
            return None;
        }
        let is_wrapper = matches!(left.block.body, Body::Blocks(_)) && !self.whole.contains_key(id);
        let moved = base.parent != left.parent;
        if is_wrapper || (self.same(base.block, left.block) && !moved) {
            return None;
        }
        let versions = sides(side, base.block.to_value(), left.block.to_value(), Value::Null);
        self.card(CardKind::BlockDeleted, id, "content", versions, side);
        Some(Living { block: self.shell(left.block), parent: left.parent })
    }

    /// A wrapper that is gone with all it held may have said something itself.
    fn tell_lost_wrappers(&mut self) {
        for id in self.ids.clone() {
            if self.living.contains_key(id) {
                continue;
            }
            let (left, side) = match (self.head.get(id), self.local.get(id)) {
                (Some(left), None) => (left.block, Side::Head),
                (None, Some(left)) => (left.block, Side::Local),
                _ => continue,
            };
            let Some(base) = self.base.get(id) else { continue };
            let says = |block: &Block| {
                block.attributes.values().filter_map(|v| v.as_str().map(str::to_owned)).collect::<HashSet<_>>()
            };
            if says(left).difference(&says(base.block)).next().is_some() {
                let versions = sides(side, base.block.to_value(), left.to_value(), Value::Null);
                self.card(CardKind::BlockDeleted, id, "content", versions, side.other());
            }
        }
    }

    fn two_way(&mut self, id: &'a str, head: &'a Block, local: &'a Block) -> Block {
        let mut block = self.shell(head);
        if self.same(head, local) {
            return block;
        }
        if self.is_one(head) || self.is_one(local) || head.kind != local.kind {
            let kind = if head.kind == local.kind { self.kind_of_whole(id) } else { CardKind::Type };
            self.card(kind, id, "content", [Value::Null, head.to_value(), local.to_value()], Side::Head);
            return block;
        }
        self.attributes(&mut block, None, head, local);
        if let (Body::Text(head), Body::Text(local)) = (&head.body, &local.body) {
            block.body = Body::Text(self.words(id, None, head, local));
        }
        block
    }

    fn three_way(&mut self, id: &'a str, base: &'a Block, head: &'a Block, local: &'a Block) -> Block {
        if self.same(head, base) {
            return self.shell(local);
        }
        if self.same(local, base) || self.same(head, local) {
            return self.shell(head);
        }
        let versions = || [base.to_value(), head.to_value(), local.to_value()];
        let shapes = [base.kind.shape(), head.kind.shape(), local.kind.shape()];
        if self.is_one(head) || self.is_one(local) {
            let stands = self.whole.get(id).copied().unwrap_or(Side::Head);
            self.card(self.kind_of_whole(id), id, "content", versions(), stands);
            return self.shell(if stands == Side::Head { head } else { local });
        }
        if shapes[0] != shapes[1] || shapes[1] != shapes[2] {
            self.card(CardKind::Type, id, "type", versions(), Side::Head);
            return self.shell(head);
        }
        let mut block = self.shell(head);
        if let (Body::Text(base), Body::Text(head), Body::Text(local)) = (&base.body, &head.body, &local.body) {
            block.body = Body::Text(self.words(id, Some(base), head, local));
        }
        let turned_by_local = head.kind == base.kind && local.kind != base.kind;
        let turned_by_head = head.kind != base.kind && local.kind == base.kind;
        if !turned_by_local && !turned_by_head && head.kind != local.kind {
            // Two kinds: the attributes belong to the kind that stands.
            self.card(CardKind::Type, id, "type", versions(), Side::Head);
            return block;
        }
        self.attributes(&mut block, Some(base), head, local);
        if turned_by_local || turned_by_head {
            let (turner, writer, side) =
                if turned_by_local { (local, head, Side::Head) } else { (head, local, Side::Local) };
            if turner.kind == Kind::CodeBlock && !fits_code(block.inline()) {
                // Code holds no links: what the other linked or put in meanwhile would be gone.
                self.card(CardKind::Type, id, "type", versions(), side);
                block.kind = writer.kind.clone();
                block.attributes = writer.attributes.clone();
                return block;
            }
            block.kind = turner.kind.clone();
            for attribute in base.kind.own_attributes().iter().chain(turner.kind.own_attributes()) {
                match turner.attributes.get(*attribute) {
                    Some(value) => block.attributes.insert((*attribute).to_owned(), value.clone()),
                    None => block.attributes.remove(*attribute),
                };
                self.cards.retain(|card| {
                    !(card.kind == CardKind::Attribute && card.block.as_deref() == Some(id) && card.field == *attribute)
                });
            }
        }
        block
    }

    /// Blocks that are not looked into.
    fn is_one(&self, block: &Block) -> bool {
        block.kind.shape() == Shape::Opaque
            || matches!(block.body, Body::Opaque(_))
            || self.whole.contains_key(block.id.as_str())
    }

    fn kind_of_whole(&self, id: &str) -> CardKind {
        if self.whole.contains_key(id) { CardKind::Table } else { CardKind::Block }
    }

    fn attributes(&mut self, block: &mut Block, base: Option<&Block>, head: &Block, local: &Block) {
        let nothing = Attributes::new();
        let of_base = base.map_or(&nothing, |base| &base.attributes);
        let (merged, twice) = fields::merge(of_base, &head.attributes, &local.attributes);
        block.attributes = merged;
        #[cfg(test)]
        if super::sabotage::is(super::sabotage::Sabotage::ForgetAttributes) {
            block.attributes = head.attributes.clone();
        }
        for (field, versions) in twice {
            self.card(CardKind::Attribute, &block.id, &field, versions, Side::Head);
        }
        let (rest, _) = fields::merge(base.map_or(&nothing, |base| &base.rest), &head.rest, &local.rest);
        block.rest = rest;
    }

    fn words(&mut self, id: &str, base: Option<&[Inline]>, head: &[Inline], local: &[Inline]) -> Vec<Inline> {
        let (line, clashes) = words::merge(base, head, local);
        for clash in clashes {
            let versions = clash.versions.map(|line| json!(line.iter().map(Inline::to_value).collect::<Vec<_>>()));
            self.card(clash.kind, id, "content", versions, clash.stands);
        }
        line
    }

    /// Whoever lives needs its wrapper: another living one where a version knows one, else the old one comes back.
    fn raise_parents(&mut self) {
        for id in self.ids.clone() {
            let mut id = id;
            while let Some(parent) = self.living.get(id).map(|living| living.parent) {
                if parent == TOP || self.living.contains_key(parent) {
                    break;
                }
                let elsewhere = [&self.head, &self.local]
                    .into_iter()
                    .filter_map(|version| version.get(id))
                    .map(|node| node.parent)
                    .find(|parent| *parent == TOP || self.living.contains_key(parent));
                if let (Some(elsewhere), Some(living)) = (elsewhere, self.living.get_mut(id)) {
                    living.parent = elsewhere;
                    break;
                }
                let versions = [&self.head, &self.local, &self.base];
                let Some(node) = versions.into_iter().find_map(|version| version.get(parent)) else { break };
                let living = Living { block: self.shell(node.block), parent: node.parent };
                self.living.insert(parent, living);
                id = parent;
            }
        }
    }

    /// Two moves into each other: local's yields.
    fn cut_cycles(&mut self) {
        let mut ids: Vec<&str> = self.ids.iter().copied().filter(|id| self.living.contains_key(id)).collect();
        ids.extend(self.base.ids.iter().filter(|id| self.living.contains_key(*id)));
        let mut sound: HashSet<&str> = HashSet::from([TOP]);
        let mut yielded: HashSet<&str> = HashSet::new();
        for id in ids {
            let mut path: Vec<&str> = Vec::new();
            let mut at = id;
            while !sound.contains(at) {
                if let Some(start) = path.iter().position(|seen| *seen == at) {
                    let moved = |id: &&&str| {
                        !yielded.contains(**id)
                            && self.head.get(id).is_some_and(|head| {
                                self.living.get(**id).is_some_and(|living| living.parent != head.parent)
                                    && (head.parent == TOP || self.living.contains_key(head.parent))
                            })
                    };
                    let moved = path[start..].iter().find(moved).copied();
                    let yielding = moved.unwrap_or(at);
                    let parent = moved.and_then(|id| self.head.get(id)).map_or(TOP, |head| head.parent);
                    yielded.insert(yielding);
                    if let Some(living) = self.living.get_mut(yielding) {
                        living.parent = parent;
                    }
                    path.clear();
                    at = id;
                    continue;
                }
                path.push(at);
                at = self.living.get(at).map_or(TOP, |living| living.parent);
                if at != TOP && !self.living.contains_key(at) {
                    at = TOP;
                }
            }
            sound.extend(path);
        }
    }

    fn build(&mut self) -> Vec<Block> {
        let mut children: HashMap<&'a str, Vec<&'a str>> = HashMap::new();
        let back =
            self.base.ids.iter().filter(|id| !self.head.nodes.contains_key(*id) && !self.local.nodes.contains_key(*id));
        for id in self.ids.iter().chain(back) {
            if let Some(living) = self.living.get(id) {
                let parent = if self.living.contains_key(living.parent) { living.parent } else { TOP };
                children.entry(parent).or_default().push(id);
            }
        }
        self.blocks_of(TOP, &children)
    }

    fn blocks_of(&mut self, parent: &str, children: &HashMap<&'a str, Vec<&'a str>>) -> Vec<Block> {
        let Some(alive) = children.get(parent) else { return Vec::new() };
        let (base, head, local) = (self.base.children(parent), self.head.children(parent), self.local.children(parent));
        let mut blocks = Vec::with_capacity(alive.len());
        for id in order::merge(base, head, local, alive) {
            let inside = self.blocks_of(id, children);
            let Some(Living { mut block, .. }) = self.living.remove(id) else { continue };
            match &mut block.body {
                Body::Blocks(kept) if kept.is_empty() => {
                    if inside.is_empty() && !block.kind.is_cell() {
                        continue;
                    }
                    *kept = inside;
                    blocks.push(block);
                }
                // What holds no blocks any more has them after it.
                _ => {
                    blocks.push(block);
                    blocks.extend(inside);
                }
            }
        }
        blocks
    }
}

fn sides(side: Side, base: Value, this: Value, other: Value) -> [Value; 3] {
    match side {
        Side::Head => [base, this, other],
        Side::Local => [base, other, this],
    }
}

/// Marks but links may be taken off words, and a line break is a new line of code.
pub(crate) fn fits_code(line: &[Inline]) -> bool {
    validity::is_plain(line)
        || line.iter().all(|inline| match inline {
            Inline::Text { marks, .. } => marks.iter().all(|mark| mark.attributes.is_empty()),
            Inline::Atom { kind, .. } => kind == "hardBreak",
        })
}
