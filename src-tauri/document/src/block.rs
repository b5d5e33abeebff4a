//! What a lesson's body is made of. At the border it is TipTap/ProseMirror JSON; inside, every block knows its kind and its
//! id, and whatever this version does not know (attributes, marks, inline nodes, whole block types) is carried along as it
//! came.

use serde_json::{Map, Value, json};

use crate::validity::{Fault, Flaw, MAX_DEPTH};

/// Attributes of a node, without the block's id.
pub type Attributes = Map<String, Value>;

/// A lesson's body: its blocks from top to bottom.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    pub blocks: Vec<Block>,
    /// What else stood at the document's node; never looked into.
    pub rest: Attributes,
}

/// One block. Its id is a UUID in text, empty when the source had none (`Document::repair` gives it one).
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    pub id: String,
    pub kind: Kind,
    pub attributes: Attributes,
    pub body: Body,
    /// Keys of the node other than `type`, `attrs` and `content`.
    pub rest: Attributes,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// Everything is in the attributes.
    Leaf,
    Text(Vec<Inline>),
    Blocks(Vec<Block>),
    /// Content this version does not understand, as it came.
    Opaque(Vec<Value>),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Inline {
    Text {
        text: String,
        marks: Vec<Mark>,
    },
    /// `hardBreak`, `mathInline`, mentions and whatever a newer version puts between words.
    Atom {
        kind: String,
        attributes: Attributes,
        marks: Vec<Mark>,
        rest: Attributes,
    },
}

/// Bold, a link, …: anything that decorates text.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    pub kind: String,
    pub attributes: Attributes,
}

macro_rules! kinds {
    ($($name:ident = $text:literal),+ $(,)?) => {
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($name,)+
            /// A type of a newer version.
            Unknown(String),
        }

        impl Kind {
            #[must_use]
            pub fn of(name: &str) -> Self {
                match name {
                    $($text => Self::$name,)+
                    other => Self::Unknown(other.to_owned()),
                }
            }

            /// The name in the JSON.
            #[must_use]
            pub fn name(&self) -> &str {
                match self {
                    $(Self::$name => $text,)+
                    Self::Unknown(name) => name,
                }
            }
        }
    };
}

kinds! {
    Paragraph = "paragraph", Heading = "heading", BulletList = "bulletList", OrderedList = "orderedList",
    ListItem = "listItem", TaskList = "taskList", TaskItem = "taskItem", Blockquote = "blockquote", Callout = "callout",
    CodeBlock = "codeBlock", MathBlock = "mathBlock", HorizontalRule = "horizontalRule", Image = "image",
    Attachment = "attachment", Video = "video", Table = "table", TableRow = "tableRow", TableHeader = "tableHeader",
    TableCell = "tableCell",
}

/// What a block of some kind holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Leaf,
    Text,
    Blocks,
    Opaque,
}

impl Kind {
    #[must_use]
    pub fn shape(&self) -> Shape {
        match self {
            Self::Paragraph | Self::Heading | Self::CodeBlock => Shape::Text,
            Self::MathBlock | Self::HorizontalRule | Self::Image | Self::Attachment | Self::Video => Shape::Leaf,
            Self::Unknown(_) => Shape::Opaque,
            _ => Shape::Blocks,
        }
    }

    #[must_use]
    pub fn is_list(&self) -> bool {
        matches!(self, Self::BulletList | Self::OrderedList | Self::TaskList)
    }

    #[must_use]
    pub fn is_item(&self) -> bool {
        matches!(self, Self::ListItem | Self::TaskItem)
    }

    #[must_use]
    pub fn is_cell(&self) -> bool {
        matches!(self, Self::TableHeader | Self::TableCell)
    }

    /// The attributes that mean something for this kind only; a change of kind takes them away.
    #[must_use]
    pub fn own_attributes(&self) -> &'static [&'static str] {
        match self {
            Self::Heading => &["level"],
            Self::OrderedList => &["start", "type"],
            Self::TaskItem => &["checked"],
            Self::Callout => &["kind"],
            Self::CodeBlock => &["language"],
            Self::TableHeader | Self::TableCell => &["colspan", "rowspan", "colwidth", "align"],
            _ => &[],
        }
    }
}

impl Document {
    /// Reads TipTap/ProseMirror JSON: `{"type": "doc", "content": [block, …]}`. Neighbouring text with the same marks becomes
    /// one text; nothing else changes.
    ///
    /// # Errors
    /// The first place where this is not such JSON at all, or where it is larger than a document may be. What is merely
    /// invalid (a heading in a list, two equal ids) parses, and is told by [`Document::check`].
    pub fn parse(value: &Value) -> Result<Self, Fault> {
        let node = value.as_object().ok_or_else(|| Fault::at("", Flaw::NotAnObject))?;
        if node.get("type").and_then(Value::as_str) != Some("doc") {
            return Err(Fault::at("", Flaw::NotADocument));
        }
        let document = Self { blocks: blocks(content(node, "")?, "", 1)?, rest: rest(node, &["type", "content"]) };
        document.within_limits()?;
        Ok(document)
    }

    /// The JSON again. An empty content and empty attributes are left out, as ProseMirror does.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut node = self.rest.clone();
        node.insert("type".into(), json!("doc"));
        node.insert("content".into(), Value::Array(self.blocks.iter().map(Block::to_value).collect()));
        Value::Object(node)
    }

    /// Every block, parents before their children, from top to bottom.
    pub fn walk(&self) -> impl Iterator<Item = &Block> {
        let mut waiting: Vec<&Block> = self.blocks.iter().rev().collect();
        std::iter::from_fn(move || {
            let block = waiting.pop()?;
            waiting.extend(block.children().iter().rev());
            Some(block)
        })
    }

    /// The block with this id.
    #[must_use]
    pub fn block(&self, id: &str) -> Option<&Block> {
        self.walk().find(|block| block.id == id)
    }

    pub(crate) fn block_mut(&mut self, id: &str) -> Option<&mut Block> {
        fn find<'a>(blocks: &'a mut [Block], id: &str) -> Option<&'a mut Block> {
            for block in blocks {
                if block.id == id {
                    return Some(block);
                }
                if let Body::Blocks(children) = &mut block.body
                    && let Some(found) = find(children, id)
                {
                    return Some(found);
                }
            }
            None
        }
        find(&mut self.blocks, id)
    }
}

impl Block {
    #[must_use]
    pub fn new(kind: Kind, id: impl Into<String>, attributes: Attributes, body: Body) -> Self {
        Self { id: id.into(), kind, attributes, body, rest: Map::new() }
    }

    #[must_use]
    pub fn paragraph(id: impl Into<String>, text: Vec<Inline>) -> Self {
        Self::new(Kind::Paragraph, id, Map::new(), Body::Text(text))
    }

    #[must_use]
    pub fn children(&self) -> &[Block] {
        if let Body::Blocks(blocks) = &self.body { blocks } else { &[] }
    }

    #[must_use]
    pub fn inline(&self) -> &[Inline] {
        if let Body::Text(text) = &self.body { text } else { &[] }
    }

    /// An attribute's text, empty when it has none.
    #[must_use]
    pub fn text_of(&self, attribute: &str) -> &str {
        self.attributes.get(attribute).and_then(Value::as_str).unwrap_or("")
    }

    #[must_use]
    pub fn number_of(&self, attribute: &str) -> Option<u64> {
        let value = self.attributes.get(attribute)?;
        value.as_u64().or_else(|| value.as_f64().filter(|n| *n >= 0.0 && n.fract() == 0.0).map(|n| n as u64))
    }

    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut node = self.rest.clone();
        node.insert("type".into(), json!(self.kind.name()));
        let mut attributes = self.attributes.clone();
        if !self.id.is_empty() {
            attributes.insert("id".into(), json!(self.id));
        }
        if !attributes.is_empty() {
            node.insert("attrs".into(), Value::Object(attributes));
        }
        let content: Vec<Value> = match &self.body {
            Body::Leaf => Vec::new(),
            Body::Text(text) => text.iter().map(Inline::to_value).collect(),
            Body::Blocks(blocks) => blocks.iter().map(Self::to_value).collect(),
            Body::Opaque(content) => content.clone(),
        };
        if !content.is_empty() {
            node.insert("content".into(), Value::Array(content));
        }
        Value::Object(node)
    }

    /// Reads one block, as in a card.
    ///
    /// # Errors
    /// As [`Document::parse`].
    pub fn parse(value: &Value) -> Result<Self, Fault> {
        block(value, "", 1)
    }
}

impl Inline {
    #[must_use]
    pub fn text(text: impl Into<String>, marks: Vec<Mark>) -> Self {
        Self::Text { text: text.into(), marks }
    }

    #[must_use]
    pub fn hard_break() -> Self {
        Self::Atom { kind: "hardBreak".into(), attributes: Map::new(), marks: Vec::new(), rest: Map::new() }
    }

    #[must_use]
    pub fn marks(&self) -> &[Mark] {
        let (Self::Text { marks, .. } | Self::Atom { marks, .. }) = self;
        marks
    }

    #[must_use]
    pub fn to_value(&self) -> Value {
        let (mut node, marks) = match self {
            Self::Text { text, marks } => {
                let mut node = Map::new();
                node.insert("type".into(), json!("text"));
                node.insert("text".into(), json!(text));
                (node, marks)
            }
            Self::Atom { kind, attributes, marks, rest } => {
                let mut node = rest.clone();
                node.insert("type".into(), json!(kind));
                if !attributes.is_empty() {
                    node.insert("attrs".into(), Value::Object(attributes.clone()));
                }
                (node, marks)
            }
        };
        if !marks.is_empty() {
            node.insert("marks".into(), Value::Array(marks.iter().map(Mark::to_value).collect()));
        }
        Value::Object(node)
    }

    /// Reads inline content, as in a card.
    ///
    /// # Errors
    /// As [`Document::parse`].
    pub fn parse_all(values: &[Value]) -> Result<Vec<Self>, Fault> {
        inline(values, "")
    }
}

impl Mark {
    #[must_use]
    pub fn new(kind: &str) -> Self {
        Self { kind: kind.to_owned(), attributes: Map::new() }
    }

    #[must_use]
    pub fn link(href: &str, title: Option<&str>) -> Self {
        let mut attributes = Map::new();
        attributes.insert("href".into(), json!(href));
        if let Some(title) = title.filter(|title| !title.is_empty()) {
            attributes.insert("title".into(), json!(title));
        }
        Self { kind: "link".into(), attributes }
    }

    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut node = Map::new();
        node.insert("type".into(), json!(self.kind));
        if !self.attributes.is_empty() {
            node.insert("attrs".into(), Value::Object(self.attributes.clone()));
        }
        Value::Object(node)
    }
}

/// Adds text at the end, to the last text if its marks are the same.
pub(crate) fn push_text(line: &mut Vec<Inline>, text: &str, marks: &[Mark]) {
    if text.is_empty() {
        return;
    }
    if let Some(Inline::Text { text: last, marks: same }) = line.last_mut()
        && same == marks
    {
        last.push_str(text);
        return;
    }
    line.push(Inline::Text { text: text.to_owned(), marks: marks.to_vec() });
}

fn rest(node: &Map<String, Value>, known: &[&str]) -> Attributes {
    node.iter().filter(|(key, _)| !known.contains(&key.as_str())).map(|(k, v)| (k.clone(), v.clone())).collect()
}

fn content<'a>(node: &'a Map<String, Value>, place: &str) -> Result<&'a [Value], Fault> {
    match node.get("content") {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(content)) => Ok(content),
        Some(_) => Err(Fault::at(place, Flaw::ContentNotAList)),
    }
}

fn attributes(node: &Map<String, Value>, place: &str) -> Result<Attributes, Fault> {
    match node.get("attrs") {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(attributes)) => Ok(attributes.clone()),
        Some(_) => Err(Fault::at(place, Flaw::AttributesNotAnObject)),
    }
}

fn kind_of<'a>(value: &'a Value, place: &str) -> Result<(&'a Map<String, Value>, &'a str), Fault> {
    let node = value.as_object().ok_or_else(|| Fault::at(place, Flaw::NotAnObject))?;
    match node.get("type").and_then(Value::as_str) {
        Some(kind) if !kind.is_empty() => Ok((node, kind)),
        _ => Err(Fault::at(place, Flaw::NoType)),
    }
}

/// Text may stand directly among blocks in what other programs write; it becomes a paragraph without an id.
fn blocks(values: &[Value], place: &str, depth: usize) -> Result<Vec<Block>, Fault> {
    let loose = |value: &Value| matches!(value["type"].as_str(), Some("text" | "hardBreak" | "mathInline"));
    let mut blocks = Vec::with_capacity(values.len());
    let mut at = 0;
    while at < values.len() {
        let run = values[at..].iter().take_while(|value| loose(value)).count();
        if run > 0 {
            blocks.push(Block::paragraph("", inline(&values[at..at + run], place)?));
            at += run;
            continue;
        }
        blocks.push(block(&values[at], &format!("{place}/{at}"), depth)?);
        at += 1;
    }
    Ok(blocks)
}

fn block(value: &Value, place: &str, depth: usize) -> Result<Block, Fault> {
    if depth > MAX_DEPTH {
        return Err(Fault::at(place, Flaw::TooDeep));
    }
    let (node, name) = kind_of(value, place)?;
    let kind = Kind::of(name);
    let mut attributes = attributes(node, place)?;
    let id = match attributes.remove("id") {
        Some(Value::String(id)) => id,
        _ => String::new(),
    };
    let content = content(node, place)?;
    let body = match kind.shape() {
        Shape::Text => Body::Text(inline(content, place)?),
        Shape::Blocks => Body::Blocks(blocks(content, place, depth + 1)?),
        Shape::Leaf if content.is_empty() => Body::Leaf,
        Shape::Leaf | Shape::Opaque => {
            if content.iter().any(|value| is_deeper_than(value, 2 * (MAX_DEPTH + 4 - depth.min(MAX_DEPTH)))) {
                return Err(Fault::at(place, Flaw::TooDeep));
            }
            Body::Opaque(content.to_vec())
        }
    };
    Ok(Block { id, kind, attributes, body, rest: rest(node, &["type", "attrs", "content"]) })
}

fn inline(values: &[Value], place: &str) -> Result<Vec<Inline>, Fault> {
    let mut line = Vec::with_capacity(values.len());
    for (index, value) in values.iter().enumerate() {
        let place = || format!("{place}/{index}");
        let (node, kind) = kind_of(value, &place())?;
        let marks = match node.get("marks") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(marks)) => {
                marks.iter().map(|mark| self::mark(mark, &place())).collect::<Result<_, _>>()?
            }
            Some(_) => return Err(Fault::at(&place(), Flaw::MarksNotAList)),
        };
        if kind == "text" {
            let text = node.get("text").and_then(Value::as_str).ok_or_else(|| Fault::at(&place(), Flaw::NoText))?;
            push_text(&mut line, text, &marks);
            continue;
        }
        if is_deeper_than(value, 2 * MAX_DEPTH) {
            return Err(Fault::at(&place(), Flaw::TooDeep));
        }
        line.push(Inline::Atom {
            kind: kind.to_owned(),
            attributes: attributes(node, &place())?,
            marks,
            rest: rest(node, &["type", "attrs", "marks"]),
        });
    }
    Ok(line)
}

fn mark(value: &Value, place: &str) -> Result<Mark, Fault> {
    let (node, kind) = kind_of(value, place)?;
    Ok(Mark { kind: kind.to_owned(), attributes: attributes(node, place)? })
}

fn is_deeper_than(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(values) => levels == 0 || values.iter().any(|value| is_deeper_than(value, levels - 1)),
        Value::Object(values) => levels == 0 || values.values().any(|value| is_deeper_than(value, levels - 1)),
        _ => false,
    }
}
