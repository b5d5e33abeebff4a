//! Writing. What the reader would take for a sign is escaped; where a mark would not open or close beside a letter, that letter
//! is written as a character reference, as CommonMark's rules then let it.

use serde_json::Value;

use crate::block::{Block, Body, Document, Inline, Kind, Mark};
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

/// A link's address and title.
fn destination(address: &str, title: &str) -> String {
    let mut written = String::from("<");
    for c in address.chars() {
        match c {
            '\\' | '<' | '>' | '|' | '&' => {
                written.push('\\');
                written.push(c);
            }
            '\n' | '\r' => written.push_str("%0A"),
            c => written.push(c),
        }
    }
    written.push('>');
    if !title.is_empty() {
        written.push_str(" \"");
        written.push_str(&escape(title).replace('"', "\\\"").replace('\n', "&#10;"));
        written.push('"');
    }
    written
}

fn escape(text: &str) -> String {
    let mut written = String::with_capacity(text.len() + 8);
    let last = text.chars().count().saturating_sub(1);
    for (index, c) in text.chars().enumerate() {
        match c {
            // Spaces at the ends of a line are not kept otherwise.
            ' ' if index == 0 || index == last => written.push_str("&#32;"),
            c => escape_one(c, &mut written),
        }
    }
    written
}

/// Escapes what is a sign at the start of a block only.
fn escape_start(line: &str) -> String {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    match line.as_bytes().get(digits) {
        Some(b'.' | b')') if (1..=9).contains(&digits) => format!("{}\\{}", &line[..digits], &line[digits..]),
        _ if line.starts_with(['#', '+', '-', '=', ':']) => format!("\\{line}"),
        _ => line.to_owned(),
    }
}

fn is_balanced(latex: &str) -> bool {
    let mut open = 0i32;
    let mut escaped = false;
    for c in latex.chars() {
        match c {
            '\\' if !escaped => {
                escaped = true;
                continue;
            }
            '{' if !escaped => open += 1,
            '}' if !escaped => open -= 1,
            _ => {}
        }
        if open < 0 {
            return false;
        }
        escaped = false;
    }
    open == 0
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Paragraph,
    /// A heading: it ends with its line.
    OneLine,
    /// The same, and `|` ends it.
    Cell,
}

/// What an inline node becomes, before its neighbours are looked at.
enum Piece {
    /// Written characters, escaped already; the flag tells a sign from words.
    Words(String),
    Sign(String),
    Open(Delimiter),
    Close(Delimiter),
}

#[derive(Clone, PartialEq)]
enum Delimiter {
    Bold,
    /// With an underscore, where an asterisk would run into the asterisks of bold.
    Italic {
        underscore: bool,
    },
    Strike,
    Link(Mark),
}

fn said<'a>(mark: &'a Mark, name: &str) -> &'a str {
    mark.attributes.get(name).and_then(Value::as_str).unwrap_or("")
}

/// The marks Markdown can say, outermost first.
fn delimiters(marks: &[Mark]) -> Vec<Delimiter> {
    let of = |kind: &str| marks.iter().find(|mark| mark.kind == kind);
    let mut delimiters = Vec::new();
    delimiters
        .extend(of("link").filter(|mark| !said(mark, "href").is_empty()).map(|mark| Delimiter::Link(mark.clone())));
    delimiters.extend(of("bold").map(|_| Delimiter::Bold));
    delimiters.extend(of("italic").map(|_| Delimiter::Italic { underscore: of("bold").is_some() }));
    delimiters.extend(of("strike").map(|_| Delimiter::Strike));
    delimiters
}

fn line(inline: &[Inline], place: Place) -> String {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut open: Vec<Delimiter> = Vec::new();
    let wears = |node: &Inline, kind: &str| node.marks().iter().any(|mark| mark.kind == kind);
    let near_bold = inline
        .windows(2)
        .any(|pair| pair.iter().any(|node| wears(node, "bold")) && pair.iter().any(|node| wears(node, "italic")))
        || inline.iter().any(|node| wears(node, "bold") && wears(node, "italic"));
    for node in inline {
        let is_break = matches!(node, Inline::Atom { kind, .. } if kind == "hardBreak");
        let mut wanted = if is_break { Vec::new() } else { delimiters(node.marks()) };
        for delimiter in &mut wanted {
            if let Delimiter::Italic { underscore } = delimiter {
                *underscore = near_bold;
            }
        }
        let kept = open.iter().zip(&wanted).take_while(|(open, wanted)| open == wanted).count();
        pieces.extend(open.drain(kept..).rev().map(Piece::Close));
        for delimiter in wanted.drain(kept..) {
            pieces.push(Piece::Open(delimiter.clone()));
            open.push(delimiter);
        }
        pieces.push(written(node, place));
    }
    pieces.extend(open.drain(..).rev().map(Piece::Close));
    let line = stitch(&pieces, place);
    if place == Place::Paragraph { line.split('\n').map(escape_start).collect::<Vec<_>>().join("\n") } else { line }
}

fn written(node: &Inline, place: Place) -> Piece {
    match node {
        Inline::Text { text, marks } if marks.iter().any(|mark| mark.kind == "code") => Piece::Sign(code(text, place)),
        Inline::Text { text, .. } => Piece::Words(text.clone()),
        Inline::Atom { kind, .. } if kind == "hardBreak" => {
            if place == Place::Paragraph {
                Piece::Sign("\\\n".to_owned())
            } else {
                Piece::Words(" ".to_owned())
            }
        }
        Inline::Atom { kind, .. } if kind == "mathInline" => {
            let latex = text::of_inline(node);
            let sayable = !latex.is_empty()
                && latex.trim() == latex
                && is_balanced(&latex)
                && !latex.contains(['$', '\n', '\r', '`'])
                && !latex.ends_with('\\')
                && !(place == Place::Cell && latex.contains('|'));
            if sayable { Piece::Sign(format!("${latex}$")) } else { Piece::Words(format!("${latex}$")) }
        }
        Inline::Atom { .. } => Piece::Words(text::of_inline(node)),
    }
}

fn code(text: &str, place: Place) -> String {
    let text = text.replace(['\n', '\r'], " ");
    let text = if place == Place::Cell { text.replace('|', "\\|") } else { text };
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let spaced = text.starts_with(' ') && text.ends_with(' ') && !text.trim().is_empty();
    let pad = if text.starts_with('`') || text.ends_with('`') || spaced { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// What stands at one side of a delimiter, as far as CommonMark asks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Gap,
    Sign,
    Letter,
    /// Neither: it would need Unicode's table of punctuation to say.
    Unclear,
}

fn side_of(c: char) -> Side {
    match c {
        ' ' => Side::Gap,
        c if c.is_ascii_punctuation() => Side::Sign,
        c if c.is_alphanumeric() => Side::Letter,
        _ => Side::Unclear,
    }
}

/// Puts the pieces together. A delimiter opens and closes wherever signs stand at both its sides, so what stands there is
/// written as a character reference (`&#…;` begins and ends with signs) where it would not do as it is.
fn stitch(pieces: &[Piece], place: Place) -> String {
    // Which words have their first and their last character written as a reference.
    let mut first = vec![false; pieces.len()];
    let mut last = vec![false; pieces.len()];
    loop {
        let mut changed = false;
        for (index, piece) in pieces.iter().enumerate() {
            let (delimiter, opens) = match piece {
                Piece::Open(delimiter) => (delimiter, true),
                Piece::Close(delimiter) => (delimiter, false),
                _ => continue,
            };
            if matches!(delimiter, Delimiter::Link(_)) {
                continue;
            }
            let left = match index.checked_sub(1).map(|at| &pieces[at]) {
                None => Side::Gap,
                Some(Piece::Sign(sign)) if sign.ends_with('\n') => Side::Gap,
                Some(Piece::Words(words)) if !last[index - 1] && !(first[index - 1] && words.chars().count() == 1) => {
                    words.chars().next_back().map_or(Side::Gap, side_of)
                }
                Some(_) => Side::Sign,
            };
            let right = match pieces.get(index + 1) {
                None => Side::Gap,
                Some(Piece::Words(words)) if !first[index + 1] && !(last[index + 1] && words.chars().count() == 1) => {
                    words.chars().next().map_or(Side::Gap, side_of)
                }
                Some(_) => Side::Sign,
            };
            let (outside, inside) = if opens { (left, right) } else { (right, left) };
            let works = match (outside, inside) {
                (Side::Gap | Side::Sign, Side::Letter | Side::Sign) => true,
                (Side::Letter, Side::Letter) => {
                    matches!(delimiter, Delimiter::Bold | Delimiter::Italic { underscore: false })
                }
                _ => false,
            };
            if !works {
                if let Some(before) = index.checked_sub(1) {
                    changed |= !std::mem::replace(&mut last[before], true);
                }
                if index + 1 < pieces.len() {
                    changed |= !std::mem::replace(&mut first[index + 1], true);
                }
            }
        }
        if !changed {
            break;
        }
    }
    let mut line = String::new();
    for (index, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Sign(sign) => line.push_str(sign),
            Piece::Open(Delimiter::Link(_)) => line.push('['),
            Piece::Close(Delimiter::Link(mark)) => {
                line.push_str(&format!("]({})", destination(said(mark, "href"), said(mark, "title"))));
            }
            Piece::Open(delimiter) | Piece::Close(delimiter) => line.push_str(sign_of(delimiter)),
            Piece::Words(words) => {
                let starts =
                    pieces[..index].iter().all(|piece| matches!(piece, Piece::Open(_))) || line.ends_with('\n');
                let ends = matches!(pieces.get(index + 1), Some(Piece::Sign(sign)) if sign.ends_with('\n'))
                    || pieces[index + 1..].iter().all(|piece| matches!(piece, Piece::Close(_)));
                let before_link = matches!(pieces.get(index + 1), Some(Piece::Open(Delimiter::Link(_))));
                let count = words.chars().count();
                for (at, c) in words.chars().enumerate() {
                    let (is_first, is_last) = (at == 0, at + 1 == count);
                    let at_edge = (is_first && first[index]) || (is_last && last[index]);
                    let at_line_edge = (is_first && starts) || (is_last && ends);
                    let ends_heading = c == '#' && is_last && ends && place == Place::OneLine;
                    if at_edge
                        || (at_line_edge && c.is_whitespace())
                        || (is_last && before_link && c == '!')
                        || ends_heading
                    {
                        line.push_str(&format!("&#{};", c as u32));
                    } else {
                        escape_one(c, &mut line);
                    }
                }
            }
        }
    }
    line
}

fn escape_one(c: char, line: &mut String) {
    match c {
        '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '~' | '$' | '|' | '&' => {
            line.push('\\');
            line.push(c);
        }
        '\n' | '\r' | '\t' => line.push_str(&format!("&#{};", c as u32)),
        c => line.push(c),
    }
}

fn sign_of(delimiter: &Delimiter) -> &'static str {
    match delimiter {
        Delimiter::Bold => "**",
        Delimiter::Italic { underscore: true } => "_",
        Delimiter::Italic { underscore: false } => "*",
        Delimiter::Strike => "~~",
        Delimiter::Link(_) => "",
    }
}
