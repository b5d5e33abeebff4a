//! Writing, block by block.

use serde_json::Value;

use super::line::{Place, destination, escape, escape_start, is_balanced, line};
use crate::block::{Block, Body, Document, Kind};
use crate::text;

impl Document {
    /// The document in Markdown, ending with a line break unless empty.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut markdown = blocks(&self.blocks).join("\n");
        if !markdown.is_empty() {
            markdown.push('\n');
        }
        markdown
    }
}

type Lines = Vec<String>;

/// The blocks' lines, an empty one between blocks. Two lists beside each other get different signs, else they were one.
fn blocks(blocks: &[Block]) -> Lines {
    let mut lines = Lines::new();
    let mut last_list: Option<(bool, bool)> = None;
    for block in blocks {
        let other_sign = if block.kind.is_list() {
            let ordered = block.kind == Kind::OrderedList;
            let other = last_list.is_some_and(|(was_ordered, was_other)| was_ordered == ordered && !was_other);
            last_list = Some((ordered, other));
            other
        } else {
            false
        };
        let written = self::block(block, other_sign);
        if written.is_empty() {
            continue;
        }
        if !block.kind.is_list() {
            last_list = None;
        }
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.extend(written);
    }
    lines
}

fn block(block: &Block, other_sign: bool) -> Lines {
    match &block.kind {
        Kind::Paragraph => split(&line(block.inline(), Place::Paragraph)),
        Kind::Heading => {
            let level = block.number_of("level").map_or(1, |level| level.clamp(1, 6)) as usize;
            vec![format!("{} {}", "#".repeat(level), line(block.inline(), Place::OneLine)).trim_end().to_owned()]
        }
        Kind::BulletList | Kind::OrderedList | Kind::TaskList => list(block, other_sign),
        Kind::Blockquote => quote(None, block.children()),
        Kind::Callout => {
            let sign = match block.text_of("kind") {
                "tip" => "TIP",
                "warning" => "WARNING",
                "danger" => "CAUTION",
                _ => "NOTE",
            };
            quote(Some(sign), block.children())
        }
        Kind::CodeBlock => fence(block.text_of("language"), &text::of_line(block.inline())),
        Kind::MathBlock => {
            let latex = block.text_of("latex");
            if latex.is_empty()
                || latex.contains(['\n', '$', '`', '\r'])
                || !is_balanced(latex)
                || latex.trim() != latex
                || latex.ends_with('\\')
            {
                return fence("math", latex);
            }
            vec![format!("$${latex}$$")]
        }
        Kind::HorizontalRule => vec!["___".to_owned()],
        Kind::Image => {
            let attachment = block.text_of("attachment");
            let address = if attachment.is_empty() {
                block.text_of("src").to_owned()
            } else {
                format!("attachment:{attachment}")
            };
            vec![format!("![{}]({})", escape(block.text_of("alt")), destination(&address, block.text_of("title")))]
        }
        Kind::Attachment => {
            let size = block.number_of("size_bytes").map(|size| size.to_string()).unwrap_or_default();
            let about = format!("{size} {}", block.text_of("mime"));
            let address = format!("attachment:{}", block.text_of("attachment"));
            vec![format!("[{}]({})", escape(block.text_of("name")), destination(&address, about.trim()))]
        }
        Kind::Video => {
            let (address, title) = (block.text_of("url"), block.text_of("title"));
            let title = if title.is_empty() { address } else { title };
            vec![format!("[{}]({})", escape(title), destination(address, "video"))]
        }
        Kind::Table => table(block.children()),
        Kind::Unknown(_) => split(&escape_start(&escape(&text::words_in(&block.to_value())))),
        Kind::ListItem | Kind::TaskItem | Kind::TableRow | Kind::TableHeader | Kind::TableCell => {
            blocks(block.children())
        }
    }
}

fn split(text: &str) -> Lines {
    if text.is_empty() { Lines::new() } else { text.split('\n').map(str::to_owned).collect() }
}

fn list(block: &Block, other_sign: bool) -> Lines {
    let start = block.number_of("start").unwrap_or(1);
    let items = block.children();
    // A nested bullet list may follow its paragraph at once. Anything else needs an empty line, or it would run on.
    let is_tight = |item: &Block| match item.children() {
        [] | [_] => true,
        [first, second] => {
            first.kind == Kind::Paragraph
                && matches!(second.kind, Kind::BulletList | Kind::TaskList)
                && second
                    .children()
                    .first()
                    .and_then(|item| item.children().first())
                    .is_some_and(|block| !block.inline().is_empty())
        }
        _ => false,
    };
    let tight = items.iter().all(is_tight);
    let mut lines = Lines::new();
    for (index, item) in items.iter().enumerate() {
        let mut sign = match (&block.kind, other_sign) {
            (Kind::OrderedList, false) => format!("{}. ", start + index as u64),
            (Kind::OrderedList, true) => format!("{}) ", start + index as u64),
            (_, false) => "- ".to_owned(),
            (_, true) => "* ".to_owned(),
        };
        let indent = " ".repeat(sign.len());
        if item.kind == Kind::TaskItem {
            let checked = item.attributes.get("checked").and_then(Value::as_bool).unwrap_or(false);
            sign.push_str(if checked { "[x] " } else { "[ ] " });
        }
        let children = match item.children() {
            [first, rest @ ..]
                if first.inline().is_empty() && first.kind == Kind::Paragraph && item.kind == Kind::ListItem =>
            {
                rest
            }
            children => children,
        };
        let inner: Lines = if tight {
            children.iter().flat_map(|child| self::block(child, false)).collect()
        } else {
            blocks(children)
        };
        if index > 0 && !tight {
            lines.push(String::new());
        }
        let mut inner = inner.into_iter();
        let first = inner.next().unwrap_or_default();
        lines.push(format!("{sign}{first}").trim_end().to_owned());
        lines.extend(inner.map(|line| if line.is_empty() { line } else { format!("{indent}{line}") }));
    }
    lines
}

fn quote(sign: Option<&str>, children: &[Block]) -> Lines {
    let mut sign: Lines = sign.map(|sign| format!("> [!{sign}]")).into_iter().collect();
    // What is not a paragraph could be taken for more of the sign's line.
    if !sign.is_empty() && children.first().is_some_and(|child| child.kind != Kind::Paragraph) {
        sign.push(">".to_owned());
    }
    let inside =
        blocks(children).into_iter().map(|line| if line.is_empty() { ">".to_owned() } else { format!("> {line}") });
    let mut lines: Lines = sign.into_iter().chain(inside).collect();
    if lines.is_empty() {
        lines.push(">".to_owned());
    }
    lines
}

fn fence(language: &str, code: &str) -> Lines {
    let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let language: String = language.chars().filter(|c| !c.is_whitespace() && *c != '`').collect();
    let mut lines = vec![format!("{fence}{}", escape(&language))];
    if !code.is_empty() {
        lines.extend(code.split('\n').map(|line| line.trim_end_matches('\r').to_owned()));
    }
    lines.push(fence);
    lines
}

fn table(rows: &[Block]) -> Lines {
    let mut cells: Vec<Vec<String>> = Vec::new();
    let mut aligns: Vec<&str> = Vec::new();
    for row in rows {
        let mut line = Vec::new();
        for cell in row.children() {
            if cells.is_empty() {
                aligns.push(cell.text_of("align"));
            }
            line.push(cell_text(cell.children()));
            // A cell over several columns leaves the others empty.
            for _ in 1..cell.number_of("colspan").unwrap_or(1).min(1000) {
                line.push(String::new());
                if cells.is_empty() {
                    aligns.push("");
                }
            }
        }
        cells.push(line);
    }
    let width = cells.iter().map(Vec::len).max().unwrap_or(0);
    if width == 0 {
        return Lines::new();
    }
    aligns.resize(width, "");
    let has_head = rows.first().is_some_and(|row| row.children().iter().all(|cell| cell.kind == Kind::TableHeader));
    if !has_head {
        cells.insert(0, Vec::new());
    }
    let mut lines = Lines::new();
    for (index, mut line) in cells.into_iter().enumerate() {
        line.resize(width, String::new());
        lines.push(format!("| {} |", line.join(" | ")));
        if index == 0 {
            let rule = |align: &&str| match *align {
                "left" => ":---",
                "center" => ":---:",
                "right" => "---:",
                _ => "---",
            };
            lines.push(format!("| {} |", aligns.iter().map(rule).collect::<Vec<_>>().join(" | ")));
        }
    }
    lines
}

/// The words of a cell in one line: its lines of text with their marks, anything else plainly.
fn cell_text(children: &[Block]) -> String {
    let mut parts = Vec::new();
    for child in children {
        let part = match &child.body {
            Body::Text(inline) if child.kind != Kind::CodeBlock => line(inline, Place::Cell),
            Body::Blocks(children) => cell_text(children),
            _ if child.kind == Kind::Image => block(child, false).concat(),
            _ => {
                let words = text::of_block(child).split_whitespace().collect::<Vec<_>>().join(" ");
                escape(&words)
            }
        };
        if !part.is_empty() {
            parts.push(part);
        }
    }
    parts.join(" ")
}
