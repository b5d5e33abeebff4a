//! Words: what a document says without its form, and where one word ends and the next begins.

use serde_json::Value;
use unicode_segmentation::UnicodeSegmentation;

use crate::block::{Block, Body, Document, Inline, Kind};

impl Document {
    /// The words for search and excerpts: a line per block, cells apart by tabs, lines of code as they are.
    #[must_use]
    pub fn plain_text(&self) -> String {
        let mut text = String::new();
        self.blocks.iter().for_each(|block| write(block, &mut text));
        text.truncate(text.trim_end_matches(['\n', '\t']).len());
        text
    }
}

fn write(block: &Block, text: &mut String) {
    match (&block.kind, &block.body) {
        (Kind::TableRow, Body::Blocks(cells)) => {
            for (index, cell) in cells.iter().enumerate() {
                if index > 0 {
                    text.push('\t');
                }
                let words = of_block(cell);
                text.push_str(&words.split('\n').collect::<Vec<_>>().join(" "));
            }
            text.push('\n');
        }
        (_, Body::Blocks(children)) => children.iter().for_each(|child| write(child, text)),
        _ => {
            text.push_str(&of_block(block));
            text.push('\n');
        }
    }
}

/// The words of one block and what stands in it, without a line break at the end.
#[must_use]
pub fn of_block(block: &Block) -> String {
    match &block.body {
        Body::Text(line) => of_line(line),
        Body::Blocks(_) => {
            let mut text = String::new();
            block.children().iter().for_each(|child| write(child, &mut text));
            text.truncate(text.trim_end_matches('\n').len());
            text
        }
        Body::Opaque(content) => content.iter().map(words_in).collect::<Vec<_>>().join(" "),
        Body::Leaf => match block.kind {
            Kind::Image => block.text_of("alt").to_owned(),
            Kind::Attachment => block.text_of("name").to_owned(),
            Kind::MathBlock => block.text_of("latex").to_owned(),
            Kind::Video if block.text_of("title").is_empty() => block.text_of("url").to_owned(),
            Kind::Video => block.text_of("title").to_owned(),
            _ => String::new(),
        },
    }
}

#[must_use]
pub fn of_line(line: &[Inline]) -> String {
    line.iter().map(of_inline).collect()
}

/// A text, a line break, the source of a formula, or the words of something unknown.
#[must_use]
pub fn of_inline(inline: &Inline) -> String {
    match inline {
        Inline::Text { text, .. } => text.clone(),
        Inline::Atom { kind, .. } if kind == "hardBreak" => "\n".to_owned(),
        Inline::Atom { kind, attributes, .. } if kind == "mathInline" => {
            attributes.get("latex").and_then(Value::as_str).unwrap_or("").to_owned()
        }
        Inline::Atom { .. } => words_in(&inline.to_value()),
    }
}

/// The words of a node this version does not know: its texts and what its attributes say, but no ids.
#[must_use]
pub fn words_in(node: &Value) -> String {
    fn gather(node: &Value, words: &mut Vec<String>) {
        if let Some(text) = node["text"].as_str() {
            words.push(text.to_owned());
        }
        for (key, value) in node["attrs"].as_object().into_iter().flatten() {
            match value {
                Value::String(text) if key != "id" && !text.is_empty() => words.push(text.clone()),
                _ => {}
            }
        }
        node["content"].as_array().into_iter().flatten().for_each(|child| gather(child, words));
    }
    let mut words = Vec::new();
    gather(node, &mut words);
    words.join(" ")
}

/// Cuts text at Unicode word boundaries, gaps and punctuation included, so that the parts together are the text. A script
/// that writes without gaps and has no boundaries without a dictionary (Thai, Lao, Khmer, Burmese) stays together up to
/// its next gap: a word of it is never cut.
pub(crate) fn segments(text: &str) -> impl Iterator<Item = &str> {
    let mut parts = text.split_word_bound_indices().peekable();
    std::iter::from_fn(move || {
        let (start, first) = parts.next()?;
        let mut end = start + first.len();
        while has_no_boundaries(&text[start..end])
            && let Some((_, next)) = parts.next_if(|(_, next)| has_no_boundaries(next))
        {
            end += next.len();
        }
        Some(&text[start..end])
    })
}

fn has_no_boundaries(part: &str) -> bool {
    part.chars()
        .next()
        .is_some_and(|c| matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'))
}

/// Whether a segment says something: not a gap, not punctuation.
pub(crate) fn is_word(segment: &str) -> bool {
    segment.chars().any(|c| c.is_alphanumeric() || (!c.is_ascii() && !c.is_whitespace() && !is_punctuation(c)))
}

/// Marks of writing in any script. Signs and pictures are not among them: they say something.
fn is_punctuation(c: char) -> bool {
    matches!(c, '\u{a1}' | '\u{a7}' | '\u{ab}' | '\u{b6}' | '\u{b7}' | '\u{bb}' | '\u{bf}'
        | '\u{2000}'..='\u{206f}' | '\u{3000}'..='\u{303f}' | '\u{fe10}'..='\u{fe19}' | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}' | '\u{60c}' | '\u{61b}' | '\u{61f}' | '\u{6d4}' | '\u{964}' | '\u{965}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_any_script_is_one_part() {
        let parts = |text| segments(text).collect::<Vec<_>>();
        assert_eq!(parts("15 m, don't"), ["15", " ", "m", ",", " ", "don't"]);
        assert_eq!(parts("مرحبا بالعالم"), ["مرحبا", " ", "بالعالم"]);
        assert_eq!(parts("👩‍👩‍👧 é"), ["👩‍👩‍👧", " ", "é"]);
        assert_eq!(parts("你好"), ["你", "好"]);
        assert_eq!(parts("ภาษาไทย ดี"), ["ภาษาไทย", " ", "ดี"]);
    }

    #[test]
    fn the_parts_together_are_the_text() {
        for text in ["", " a  b ", "x\r\ny", "नमस्ते दुनिया।", "🇩🇪🇫🇷 ok"] {
            assert_eq!(segments(text).collect::<String>(), text);
        }
    }
}
