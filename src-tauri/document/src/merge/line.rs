//! A line cut into words, and the line being made.

use std::ops::Range;

use imara_diff::{Algorithm, Diff, InternedInput};

use crate::block::{Inline, Mark, push_text};
use crate::text;

/// A line cut into words, gaps, punctuation and atoms. An atom's text is its JSON behind a NUL.
pub(crate) struct Line<'a> {
    pub text: String,
    /// Where each inline node lies in `text`.
    pub spans: Vec<(Range<usize>, &'a Inline)>,
    pub tokens: Vec<Token>,
}

#[derive(Clone)]
pub(crate) struct Token {
    pub range: Range<usize>,
    /// The first span it touches.
    pub span: usize,
    pub is_word: bool,
}

impl<'a> Line<'a> {
    pub fn new(inline: &'a [Inline]) -> Self {
        let mut line = Self { text: String::new(), spans: Vec::with_capacity(inline.len()), tokens: Vec::new() };
        let mut at = 0;
        while at < inline.len() {
            let start = line.text.len();
            if let atom @ Inline::Atom { .. } = &inline[at] {
                line.text.push('\0');
                line.text.push_str(&atom.to_value().to_string());
                line.tokens.push(Token { range: start..line.text.len(), span: line.spans.len(), is_word: true });
                line.spans.push((start..line.text.len(), atom));
                at += 1;
                continue;
            }
            // A word may change its marks in the middle.
            let mut span = line.spans.len();
            while let Some(node @ Inline::Text { text, .. }) = inline.get(at) {
                let from = line.text.len();
                line.text.push_str(text);
                line.spans.push((from..line.text.len(), node));
                at += 1;
            }
            let mut from = start;
            for segment in text::segments(&line.text[start..]) {
                while line.spans[span].0.end <= from {
                    span += 1;
                }
                let is_word = text::is_word(segment);
                line.tokens.push(Token { range: from..from + segment.len(), span, is_word });
                from += segment.len();
            }
        }
        line
    }

    /// Each of `tokens` stays one token, whatever stands beside it.
    pub fn of_tokens(tokens: &'a [Vec<Inline>]) -> Self {
        let mut line = Self { text: String::new(), spans: Vec::new(), tokens: Vec::with_capacity(tokens.len()) };
        for token in tokens {
            let (start, span) = (line.text.len(), line.spans.len());
            for node in token {
                let from = line.text.len();
                match node {
                    Inline::Text { text, .. } => line.text.push_str(text),
                    atom @ Inline::Atom { .. } => {
                        line.text.push('\0');
                        line.text.push_str(&atom.to_value().to_string());
                    }
                }
                line.spans.push((from..line.text.len(), node));
            }
            let is_word = text::is_word(&line.text[start..]);
            line.tokens.push(Token { range: start..line.text.len(), span, is_word });
        }
        line
    }

    pub fn key(&self, token: usize) -> &str {
        &self.text[self.tokens[token].range.clone()]
    }

    pub fn keys(&self) -> Vec<&str> {
        (0..self.tokens.len()).map(|token| self.key(token)).collect()
    }

    pub fn words(&self, tokens: &Range<usize>) -> Vec<&str> {
        tokens.clone().filter(|token| self.tokens[*token].is_word).map(|token| self.key(token)).collect()
    }

    pub fn text_of(&self, tokens: &Range<usize>) -> &str {
        if tokens.is_empty() {
            return "";
        }
        &self.text[self.tokens[tokens.start].range.start..self.tokens[tokens.end - 1].range.end]
    }

    /// The nodes of a run of tokens, the outer ones cut.
    pub fn slice(&self, tokens: &Range<usize>) -> Vec<Inline> {
        let mut slice = Vec::new();
        if tokens.is_empty() {
            return slice;
        }
        let (start, end) = (self.tokens[tokens.start].range.start, self.tokens[tokens.end - 1].range.end);
        for (range, node) in &self.spans[self.tokens[tokens.start].span..] {
            if range.start >= end {
                break;
            }
            match node {
                Inline::Text { marks, .. } => {
                    push_text(&mut slice, &self.text[range.start.max(start)..range.end.min(end)], marks);
                }
                atom @ Inline::Atom { .. } => slice.push((*atom).clone()),
            }
        }
        slice
    }

    /// The marks along one token: lengths in bytes and what they wear.
    pub fn dress(&self, token: usize) -> Vec<(usize, &[Mark])> {
        let Token { range, span, .. } = &self.tokens[token];
        self.spans[*span..]
            .iter()
            .take_while(|(place, _)| place.start < range.end)
            .map(|(place, node)| (place.end.min(range.end) - place.start.max(range.start), node.marks()))
            .collect()
    }
}

/// For each token of `before` the one of `after` it became, if it is still there. A gap or a comma alone is no sign that
/// anything stayed: it counts only beside a word that did.
pub(crate) fn matches(before: &Line<'_>, after: &Line<'_>) -> Vec<Option<usize>> {
    let mut input: InternedInput<&str> = InternedInput::default();
    input.update_before(before.keys().into_iter());
    input.update_after(after.keys().into_iter());
    let diff = Diff::compute(Algorithm::Histogram, &input);
    let mut stayed = (0..after.tokens.len()).filter(|index| !diff.is_added(*index as u32));
    let mut to: Vec<Option<usize>> = (0..before.tokens.len())
        .map(|index| if diff.is_removed(index as u32) { None } else { stayed.next() })
        .collect();
    let mut at = 0;
    while at < to.len() {
        let is_gap = |index: usize| to[index].is_some() && !before.tokens[index].is_word;
        let end = (at..to.len()).find(|index| !is_gap(*index)).unwrap_or(to.len());
        let stayed = |index: Option<usize>| index.is_none_or(|index| to.get(index).is_none_or(Option::is_some));
        if end > at && !stayed(at.checked_sub(1)) && !stayed(Some(end)) {
            to[at..end].fill(None);
        }
        at = end.max(at) + 1;
    }
    to
}

/// The line being made. Two words that only meet because of the merge are kept apart.
#[derive(Default)]
pub(crate) struct Cloth {
    pub line: Vec<Inline>,
}

impl Cloth {
    pub fn add(&mut self, pieces: Vec<Inline>) {
        if let (Some(Inline::Text { text: last, .. }), Some(Inline::Text { text: first, .. })) =
            (self.line.last(), pieces.first())
        {
            // Enough to see a word end; a line may be long.
            let tail = last.char_indices().rev().nth(60).map_or(0, |(at, _)| at);
            let head = first.char_indices().nth(60).map_or(first.len(), |(at, _)| at);
            let seam = last.len() - tail;
            let joined = format!("{}{}", &last[tail..], &first[..head]);
            let mut at = 0;
            let grown = text::segments(&joined).any(|segment| {
                let across = at < seam && seam < at + segment.len() && text::is_word(segment);
                at += segment.len();
                across
            });
            if grown {
                push_text(&mut self.line, " ", &[]);
            }
        }
        self.append(pieces);
    }

    /// Adds what stood there before already.
    pub fn append(&mut self, pieces: Vec<Inline>) {
        for piece in pieces {
            match piece {
                Inline::Text { text, marks } => push_text(&mut self.line, &text, &marks),
                atom @ Inline::Atom { .. } => self.line.push(atom),
            }
        }
    }
}

/// `line` with the words `standing` followed by (or, unless they stay, replaced by) `other`; none when they are not there
/// any more.
pub(crate) fn replace(line: &[Inline], standing: &[Inline], other: &[Inline], stays: bool) -> Option<Vec<Inline>> {
    let (line, wanted) = (Line::new(line), Line::new(standing));
    let (keys, wanted) = (line.keys(), wanted.keys());
    let places = |at: &usize| keys[*at..].starts_with(&wanted);
    let at = (0..=keys.len().checked_sub(wanted.len())?).filter(|_| !wanted.is_empty()).find(places)?;
    let mut cloth = Cloth::default();
    let end = at + wanted.len();
    cloth.add(line.slice(&(0..if stays { end } else { at })));
    cloth.add(other.to_vec());
    cloth.add(line.slice(&(end..keys.len())));
    Some(cloth.line)
}
