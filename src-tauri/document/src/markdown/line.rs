//! The words of one block in Markdown. What the reader would take for a sign is escaped; where a mark would not open or close
//! beside a letter, that letter is written as a character reference, as CommonMark's rules then let it.

use serde_json::Value;

use crate::block::{Inline, Mark};
use crate::text;

/// A link's address and title.
pub(super) fn destination(address: &str, title: &str) -> String {
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

pub(super) fn escape(text: &str) -> String {
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
pub(super) fn escape_start(line: &str) -> String {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    match line.as_bytes().get(digits) {
        Some(b'.' | b')') if (1..=9).contains(&digits) => format!("{}\\{}", &line[..digits], &line[digits..]),
        _ if line.starts_with(['#', '+', '-', '=', ':']) => format!("\\{line}"),
        _ => line.to_owned(),
    }
}

pub(super) fn is_balanced(latex: &str) -> bool {
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
pub(super) enum Place {
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

pub(super) fn line(inline: &[Inline], place: Place) -> String {
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
            let is_line = !latex.is_empty() && latex.trim() == latex && !latex.contains(['\n', '\r']);
            let sayable = is_line
                && is_balanced(&latex)
                && !latex.contains(['$', '`'])
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
            // A single character is the first and the last.
            let is_reference = |at: usize, words: &str, edge: &[bool], other: &[bool]| {
                edge[at] || (other[at] && words.chars().nth(1).is_none())
            };
            let left = match index.checked_sub(1).map(|at| (at, &pieces[at])) {
                None => Side::Gap,
                Some((_, Piece::Sign(sign))) if sign.ends_with('\n') => Side::Gap,
                Some((at, Piece::Words(words))) if !is_reference(at, words, &last, &first) => {
                    words.chars().next_back().map_or(Side::Gap, side_of)
                }
                Some(_) => Side::Sign,
            };
            let right = match pieces.get(index + 1) {
                None => Side::Gap,
                Some(Piece::Words(words)) if !is_reference(index + 1, words, &first, &last) => {
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
