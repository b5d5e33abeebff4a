//! Random valid documents over the whole schema, in many scripts. Every word carries a number of its own, by which the oracle
//! knows it again.

use serde_json::{Map, Value, json};

use crate::block::{Attributes, Block, Body, Document, Inline, Kind, Mark};
use crate::ids;

/// Repeatable choices, and new words and ids.
pub(crate) struct Source {
    state: u64,
    next_word: u64,
    seed: u64,
    ids: u64,
}

pub(crate) const STEMS: [&str; 16] = [
    "water",
    "Größe",
    "l’été",
    "мир",
    "νερό",
    "مرحبا",
    "שלום",
    "水",
    "みず",
    "한국어",
    "นำ้",
    "नमस्ते",
    "ក្រុម",
    "👩‍👩‍👧",
    "naïve",
    "x",
];

impl Source {
    /// `first_word` keeps the words of different authors apart.
    pub(crate) fn new(seed: u64, first_word: u64) -> Self {
        Self { state: seed ^ (first_word << 32), next_word: first_word, seed, ids: 0 }
    }

    pub(crate) fn reseed(&mut self, seed: u64) {
        self.state = seed;
    }

    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, count: usize) -> usize {
        (self.next() % count.max(1) as u64) as usize
    }

    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    pub(crate) fn id(&mut self) -> String {
        self.ids += 1;
        ids::derive(&["test", &self.seed.to_string(), &self.next_word.to_string(), &self.ids.to_string()])
    }

    pub(crate) fn word(&mut self) -> String {
        self.next_word += 1;
        format!("{}{}", self.pick(&STEMS), self.next_word)
    }

    pub(crate) fn words(&mut self, most: usize) -> String {
        let count = 1 + self.below(most);
        let mut text = self.word();
        for _ in 1..count {
            let gap = *self.pick(&[" ", " ", " ", ", ", ". ", " – ", "、", "  "]);
            text.push_str(gap);
            text.push_str(&self.word());
        }
        text
    }

    pub(crate) fn marks(&mut self) -> Vec<Mark> {
        if self.chance(70) {
            return Vec::new();
        }
        let kinds =
            ["bold", "italic", "underline", "strike", "code", "highlight", "subscript", "superscript", "comment"];
        let kind = *self.pick(&kinds);
        let mut marks = vec![Mark::new(kind)];
        if self.chance(30) {
            marks.push(self.link());
        }
        marks
    }

    pub(crate) fn link(&mut self) -> Mark {
        Mark::link(&format!("https://example.org/{}", self.word()), None)
    }

    pub(crate) fn atom(&mut self) -> Inline {
        let (kind, attribute) = *self.pick(&[("hardBreak", ""), ("mathInline", "latex"), ("mention", "label")]);
        let mut attributes = Map::new();
        if !attribute.is_empty() {
            attributes.insert(attribute.into(), json!(self.word()));
        }
        Inline::Atom { kind: kind.into(), attributes, marks: Vec::new(), rest: Map::new() }
    }

    pub(crate) fn line(&mut self) -> Vec<Inline> {
        let mut line = Vec::new();
        for _ in 0..self.below(4) {
            let (text, marks) = (self.words(5), self.marks());
            crate::block::push_text(&mut line, &text, &marks);
            if self.chance(15) {
                line.push(self.atom());
            }
        }
        line
    }

    pub(crate) fn paragraph(&mut self) -> Block {
        Block::paragraph(self.id(), self.line())
    }

    pub(crate) fn leaf(&mut self) -> Block {
        let (kind, attributes) = match self.below(6) {
            0 => (
                Kind::Image,
                json!({"src": "https://example.org/i.png", "alt": self.words(3), "title": self.word(), "width": 10}),
            ),
            1 => (
                Kind::Attachment,
                json!({"attachment": "ab".repeat(32), "name": self.words(2), "size_bytes": 12, "mime": "text/plain"}),
            ),
            2 => (Kind::Video, json!({"url": format!("https://example.org/{}", self.word()), "title": self.words(2)})),
            3 => (Kind::MathBlock, json!({"latex": self.words(2)})),
            4 => (Kind::HorizontalRule, json!({})),
            _ => (Kind::Unknown("future".into()), json!({"title": self.word(), "deep": {"x": [1, null]}})),
        };
        let body = match kind {
            Kind::Unknown(_) => {
                Body::Opaque(vec![json!({"type": "futureInner", "attrs": {"id": self.id()}, "content": [
                {"type": "text", "text": self.words(3)}]})])
            }
            _ => Body::Leaf,
        };
        Block::new(kind, self.id(), object(attributes), body)
    }

    pub(crate) fn item(&mut self, kind: Kind, depth: usize) -> Block {
        let mut children = vec![self.paragraph()];
        while depth > 0 && self.chance(30) {
            children.push(self.block(depth - 1));
        }
        let attributes = if kind == Kind::TaskItem { object(json!({"checked": self.chance(50)})) } else { Map::new() };
        Block::new(kind, self.id(), attributes, Body::Blocks(children))
    }

    pub(crate) fn row(&mut self, columns: usize, head: bool) -> Block {
        let kind = if head { Kind::TableHeader } else { Kind::TableCell };
        let cells = (0..columns).map(|_| {
            let paragraph = self.paragraph();
            Block::new(
                kind.clone(),
                self.id(),
                object(json!({"colspan": 1, "rowspan": 1})),
                Body::Blocks(vec![paragraph]),
            )
        });
        let cells = cells.collect();
        Block::new(Kind::TableRow, self.id(), Map::new(), Body::Blocks(cells))
    }

    pub(crate) fn blocks(&mut self, least: usize, most: usize, depth: usize) -> Vec<Block> {
        (0..least + self.below(most - least + 1)).map(|_| self.block(depth)).collect()
    }

    pub(crate) fn block(&mut self, depth: usize) -> Block {
        let choice = if depth == 0 { self.below(8) } else { self.below(17) };
        match choice {
            0..=3 => self.paragraph(),
            4 | 5 => {
                let level = 1 + self.below(6);
                Block::new(Kind::Heading, self.id(), object(json!({ "level": level })), Body::Text(self.line()))
            }
            6 => {
                let code = Inline::text(format!("{}\n  {}", self.words(3), self.words(2)), Vec::new());
                Block::new(Kind::CodeBlock, self.id(), object(json!({"language": "rust"})), Body::Text(vec![code]))
            }
            7 => self.leaf(),
            8..=10 => {
                let kind = self.pick(&[Kind::BulletList, Kind::OrderedList, Kind::TaskList]).clone();
                let item = if kind == Kind::TaskList { Kind::TaskItem } else { Kind::ListItem };
                let items = (0..1 + self.below(3)).map(|_| self.item(item.clone(), depth - 1)).collect();
                Block::new(kind, self.id(), Map::new(), Body::Blocks(items))
            }
            11 | 12 => Block::new(Kind::Blockquote, self.id(), Map::new(), Body::Blocks(self.blocks(1, 3, depth - 1))),
            13 | 14 => {
                let kind = *self.pick(&["note", "tip", "warning", "danger"]);
                Block::new(
                    Kind::Callout,
                    self.id(),
                    object(json!({ "kind": kind })),
                    Body::Blocks(self.blocks(1, 3, depth - 1)),
                )
            }
            _ => {
                let (rows, columns) = (1 + self.below(3), 1 + self.below(3));
                let rows = (0..rows).map(|row| self.row(columns, row == 0)).collect();
                Block::new(Kind::Table, self.id(), Map::new(), Body::Blocks(rows))
            }
        }
    }

    pub(crate) fn document(&mut self) -> Document {
        // In small documents two authors meet more often.
        let most = *self.pick(&[1, 2, 3, 7]);
        Document { blocks: self.blocks(1, most, 3), rest: Map::new() }
    }
}

pub(crate) fn object(value: Value) -> Attributes {
    value.as_object().cloned().unwrap_or_default()
}
