//! Reading, through a CommonMark parser. HTML in the source is not let through: it becomes what it looks like, text.

use pulldown_cmark::{Alignment, BlockQuoteKind, CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use serde_json::{Value, json};

use crate::block::{Attributes, Block, Body, Document, Inline, Kind, Mark, push_text};
use crate::validity::MAX_DEPTH;
use crate::{ids, text};

/// A valid document from Markdown. Ids are derived from `seed`, the place and the words: reading the same text with the same
/// seed gives the same document. Wrappers deeper than a document allows are taken off; only the limits of size are
/// left to [`Document::check`].
#[must_use]
pub fn from_markdown(markdown: &str, seed: &str) -> Document {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_MATH
        | Options::ENABLE_GFM;
    let mut reader = Reader::default();
    reader.open(Kind::Blockquote, Attributes::new());
    Parser::new_ext(markdown, options).for_each(|event| reader.read(event));
    let mut document =
        Document { blocks: reader.stack.pop().map(|frame| frame.blocks).unwrap_or_default(), ..Default::default() };
    let mut count = 0;
    name(&mut document.blocks, seed, &mut count);
    document.repair()
}

fn name(blocks: &mut [Block], seed: &str, count: &mut u64) {
    for block in blocks {
        *count += 1;
        block.id =
            ids::derive(&["markdown", seed, &count.to_string(), block.kind.name(), &text::of_line(block.inline())]);
        if let Body::Blocks(children) = &mut block.body {
            name(children, seed, count);
        }
    }
}

struct Frame {
    kind: Kind,
    attributes: Attributes,
    blocks: Vec<Block>,
}

#[derive(Default)]
struct Reader {
    stack: Vec<Frame>,
    line: Vec<Inline>,
    marks: Vec<Mark>,
    /// Images in a heading, which stand behind it.
    beside: Vec<Block>,
    in_heading: bool,
    in_cell: bool,
    code: Option<(String, String)>,
    image: Option<(String, String, String)>,
    columns: Vec<Alignment>,
    column: usize,
}

impl Reader {
    fn open(&mut self, kind: Kind, attributes: Attributes) {
        self.flush();
        self.stack.push(Frame { kind, attributes, blocks: Vec::new() });
    }

    fn close(&mut self) {
        self.flush();
        let Some(frame) = self.stack.pop() else { return };
        // Lists and tables are two and three levels: the margin keeps the levels inside complete.
        if self.stack.len() > MAX_DEPTH - 6 {
            self.push_all(frame.blocks);
        } else {
            self.push(Block::new(frame.kind, "", frame.attributes, Body::Blocks(frame.blocks)));
        }
    }

    fn push(&mut self, block: Block) {
        if let Some(frame) = self.stack.last_mut() {
            frame.blocks.push(block);
        }
    }

    fn push_all(&mut self, blocks: Vec<Block>) {
        blocks.into_iter().for_each(|block| self.push(block));
    }

    fn leaf(&mut self, kind: Kind, attributes: Value) {
        self.flush();
        let attributes = attributes.as_object().cloned().unwrap_or_default();
        self.push(Block::new(kind, "", attributes, Body::Leaf));
    }

    /// The line so far as a paragraph, or as the one thing it consists of.
    fn flush(&mut self) {
        let mut line = std::mem::take(&mut self.line);
        if let Some(Inline::Text { text, .. }) = line.last_mut() {
            text.truncate(text.trim_end_matches(SOFT).len());
        }
        line.retain(|inline| !matches!(inline, Inline::Text { text, .. } if text.is_empty()));
        for inline in &mut line {
            if let Inline::Text { text, .. } = inline {
                *text = text.replace(SOFT, " ");
            }
        }
        if line.is_empty() {
            return;
        }
        if let Some(block) = alone(&line) {
            self.push(block);
            return;
        }
        line.iter_mut().for_each(settle);
        self.push(Block::paragraph("", line));
    }

    fn words(&mut self, words: &str) {
        if let Some((_, code)) = &mut self.code {
            code.push_str(words);
        } else if let Some((_, _, alt)) = &mut self.image {
            alt.push_str(words);
        } else {
            push_text(&mut self.line, words, &self.marks);
        }
    }

    fn atom(&mut self, kind: &str, latex: Option<&str>) {
        if let Some((_, _, alt)) = &mut self.image {
            alt.push_str(latex.unwrap_or(" "));
            return;
        }
        let mut attributes = Attributes::new();
        attributes.extend(latex.map(|latex| ("latex".to_owned(), json!(latex))));
        let marks = if latex.is_some() { self.marks.clone() } else { Vec::new() };
        self.line.push(Inline::Atom { kind: kind.to_owned(), attributes, marks, rest: Attributes::new() });
    }

    fn read(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(words) => self.words(&words),
            Event::Code(words) if self.image.is_some() => self.words(&words),
            Event::Code(words) => {
                let mut marks = self.marks.clone();
                marks.push(Mark::new("code"));
                push_text(&mut self.line, &words, &marks);
            }
            Event::InlineMath(latex) => self.atom("mathInline", Some(&latex)),
            Event::DisplayMath(latex) => self.atom(DISPLAY, Some(&latex)),
            Event::InlineHtml(html) if matches!(html.as_ref(), "<br>" | "<br/>" | "<br />") => {
                self.atom("hardBreak", None)
            }
            Event::Html(html) | Event::InlineHtml(html) => self.words(&html),
            Event::SoftBreak => self.words(if self.image.is_some() { " " } else { SOFT }),
            Event::HardBreak => self.atom("hardBreak", None),
            Event::Rule => self.leaf(Kind::HorizontalRule, json!({})),
            Event::TaskListMarker(checked) => {
                if let Some(item) = self.stack.last_mut() {
                    item.kind = Kind::TaskItem;
                    item.attributes.insert("checked".into(), json!(checked));
                }
            }
            Event::FootnoteReference(name) => self.words(&name),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        let none = Attributes::new;
        match tag {
            Tag::Heading { .. } => {
                self.flush();
                self.in_heading = true;
            }
            Tag::BlockQuote(None) => self.open(Kind::Blockquote, none()),
            Tag::BlockQuote(Some(kind)) => {
                let kind = match kind {
                    BlockQuoteKind::Note => "note",
                    BlockQuoteKind::Tip => "tip",
                    BlockQuoteKind::Important | BlockQuoteKind::Warning => "warning",
                    BlockQuoteKind::Caution => "danger",
                };
                self.open(Kind::Callout, Attributes::from_iter([("kind".to_owned(), json!(kind))]));
            }
            Tag::CodeBlock(kind) => {
                self.flush();
                let language = match kind {
                    CodeBlockKind::Fenced(info) => info.split_whitespace().next().unwrap_or("").to_owned(),
                    CodeBlockKind::Indented => String::new(),
                };
                self.code = Some((language, String::new()));
            }
            Tag::HtmlBlock => {
                self.flush();
                self.code = Some(("html".to_owned(), String::new()));
            }
            Tag::List(None) => self.open(Kind::BulletList, none()),
            Tag::List(Some(start)) => {
                self.open(Kind::OrderedList, Attributes::from_iter([("start".to_owned(), json!(start))]));
            }
            Tag::Item => self.open(Kind::ListItem, none()),
            Tag::Table(columns) => {
                self.columns = columns;
                self.open(Kind::Table, none());
            }
            Tag::TableHead | Tag::TableRow => {
                self.column = 0;
                self.open(Kind::TableRow, none());
            }
            Tag::TableCell => self.in_cell = true,
            Tag::Emphasis => self.marks.push(Mark::new("italic")),
            Tag::Strong => self.marks.push(Mark::new("bold")),
            Tag::Strikethrough => self.marks.push(Mark::new("strike")),
            Tag::Superscript => self.marks.push(Mark::new("superscript")),
            Tag::Subscript => self.marks.push(Mark::new("subscript")),
            Tag::Link { dest_url, title, .. } => self.marks.push(Mark::link(&dest_url, Some(&title))),
            Tag::Image { dest_url, title, .. } if self.image.is_none() => {
                self.image = Some((dest_url.to_string(), title.to_string(), String::new()));
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph => self.flush(),
            TagEnd::Heading(level) => {
                let mut line = std::mem::take(&mut self.line);
                line.iter_mut().for_each(settle);
                let attributes = Attributes::from_iter([("level".to_owned(), json!(level as u8))]);
                self.push(Block::new(Kind::Heading, "", attributes, Body::Text(line)));
                self.in_heading = false;
                let beside = std::mem::take(&mut self.beside);
                self.push_all(beside);
            }
            TagEnd::CodeBlock | TagEnd::HtmlBlock => {
                let Some((language, mut code)) = self.code.take() else { return };
                if code.ends_with('\n') {
                    code.pop();
                }
                if language == "math" {
                    self.leaf(Kind::MathBlock, json!({ "latex": code }));
                    return;
                }
                let language = if language.is_empty() { Value::Null } else { json!(language) };
                let mut line = Vec::new();
                push_text(&mut line, &code, &[]);
                let attributes = Attributes::from_iter([("language".to_owned(), language)]);
                self.push(Block::new(Kind::CodeBlock, "", attributes, Body::Text(line)));
            }
            TagEnd::List(_) => {
                if let Some(list) = self.stack.last_mut()
                    && list.kind == Kind::BulletList
                    && list.blocks.iter().any(|item| item.kind == Kind::TaskItem)
                {
                    list.kind = Kind::TaskList;
                }
                self.close();
            }
            TagEnd::BlockQuote(_) | TagEnd::Item | TagEnd::Table | TagEnd::TableHead | TagEnd::TableRow => {
                if tag == TagEnd::TableHead
                    && let Some(row) = self.stack.last_mut()
                {
                    row.blocks.iter_mut().for_each(|cell| cell.kind = Kind::TableHeader);
                }
                self.close();
            }
            TagEnd::TableCell => {
                let mut line = std::mem::take(&mut self.line);
                line.iter_mut().for_each(settle);
                let mut blocks = vec![Block::paragraph("", line)];
                blocks.append(&mut self.beside);
                let align = match self.columns.get(self.column) {
                    Some(Alignment::Left) => json!("left"),
                    Some(Alignment::Center) => json!("center"),
                    Some(Alignment::Right) => json!("right"),
                    _ => Value::Null,
                };
                let attributes = Attributes::from_iter(
                    [("colspan", json!(1)), ("rowspan", json!(1)), ("align", align)]
                        .map(|(name, value)| (name.to_owned(), value)),
                );
                self.column += 1;
                self.in_cell = false;
                self.push(Block::new(Kind::TableCell, "", attributes, Body::Blocks(blocks)));
            }
            TagEnd::Emphasis
            | TagEnd::Strong
            | TagEnd::Strikethrough
            | TagEnd::Superscript
            | TagEnd::Subscript
            | TagEnd::Link => {
                self.marks.pop();
            }
            TagEnd::Image => self.end_image(),
            _ => {}
        }
    }

    fn end_image(&mut self) {
        let Some((address, title, alt)) = self.image.take() else { return };
        let mut attributes = Attributes::new();
        match address.strip_prefix("attachment:") {
            Some(hash) => attributes.insert("attachment".into(), json!(hash)),
            None => attributes.insert("src".into(), json!(address)),
        };
        attributes.insert("alt".into(), json!(alt));
        if !title.is_empty() {
            attributes.insert("title".into(), json!(title));
        }
        if let Some(link) = self.marks.iter().find(|mark| mark.kind == "link") {
            attributes.extend(link.attributes.get("href").map(|href| ("href".to_owned(), href.clone())));
        }
        let image = Block::new(Kind::Image, "", attributes, Body::Leaf);
        if self.in_heading || self.in_cell {
            self.beside.push(image);
        } else {
            self.flush();
            self.push(image);
        }
    }
}

/// A line break of the source, until it is known whether words follow.
const SOFT: &str = "\u{e000}\n";
/// A formula on a line of its own, until it is known whether it is alone in its paragraph.
const DISPLAY: &str = "mathDisplay";

/// What stands alone in its paragraph and is a block here: a formula, an attachment, a video.
fn alone(line: &[Inline]) -> Option<Block> {
    match line {
        [Inline::Atom { kind, attributes, .. }] if kind == DISPLAY => {
            Some(Block::new(Kind::MathBlock, "", attributes.clone(), Body::Leaf))
        }
        [Inline::Text { text, marks }] if marks.len() == 1 && marks[0].kind == "link" => {
            let said = |name: &str| marks[0].attributes.get(name).and_then(Value::as_str).unwrap_or("");
            let (address, title) = (said("href"), said("title"));
            let mut attributes = Attributes::new();
            if let Some(hash) = address.strip_prefix("attachment:") {
                attributes.insert("attachment".into(), json!(hash));
                attributes.insert("name".into(), json!(text));
                let (size, mime) = title.split_once(' ').unwrap_or((title, ""));
                match size.parse::<u64>() {
                    Ok(size) => {
                        attributes.insert("size_bytes".into(), json!(size));
                        attributes.extend((!mime.is_empty()).then(|| ("mime".to_owned(), json!(mime))));
                    }
                    Err(_) => attributes.extend((!title.is_empty()).then(|| ("mime".to_owned(), json!(title)))),
                }
                return Some(Block::new(Kind::Attachment, "", attributes, Body::Leaf));
            }
            if title == "video" {
                attributes.insert("url".into(), json!(address));
                attributes.insert("title".into(), json!(if text == address { "" } else { text }));
                return Some(Block::new(Kind::Video, "", attributes, Body::Leaf));
            }
            None
        }
        _ => None,
    }
}

fn settle(inline: &mut Inline) {
    match inline {
        Inline::Atom { kind, .. } if kind == DISPLAY => *kind = "mathInline".to_owned(),
        Inline::Text { text, .. } if text.contains(SOFT) => *text = text.replace(SOFT, " "),
        _ => {}
    }
}
