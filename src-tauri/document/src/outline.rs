//! What a lesson is about and how long it takes.

use serde::Serialize;
use unicode_segmentation::UnicodeSegmentation;

use crate::block::{Document, Kind};
use crate::text;

/// A heading of the document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Heading {
    pub id: String,
    /// 1 to 6.
    pub level: u8,
    pub text: String,
}

/// Words a minute of silent reading, and characters a minute where a character is a word (Brysbaert 2019; Chinese, Japanese).
const WORDS_A_MINUTE: usize = 230;
const CHARACTERS_A_MINUTE: usize = 400;

impl Document {
    /// The headings from top to bottom, those inside callouts and cells too.
    #[must_use]
    pub fn outline(&self) -> Vec<Heading> {
        let heading = |block: &crate::Block| Heading {
            id: block.id.clone(),
            level: block.number_of("level").map_or(1, |level| level.clamp(1, 6) as u8),
            text: text::of_block(block).split_whitespace().collect::<Vec<_>>().join(" "),
        };
        self.walk().filter(|block| block.kind == Kind::Heading).map(heading).collect()
    }

    /// Words as Unicode counts them; each Chinese character and each kana is one.
    #[must_use]
    pub fn word_count(&self) -> usize {
        self.plain_text().unicode_words().count()
    }

    /// Whole minutes, rounded up; none for an empty document.
    #[must_use]
    pub fn reading_minutes(&self) -> usize {
        let text = self.plain_text();
        let (characters, words): (Vec<&str>, Vec<&str>) = text.unicode_words().partition(|word| {
            word.chars()
                .all(|c| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}'))
        });
        (words.len() * CHARACTERS_A_MINUTE + characters.len() * WORDS_A_MINUTE)
            .div_ceil(WORDS_A_MINUTE * CHARACTERS_A_MINUTE)
    }
}

#[cfg(test)]
mod tests {
    use crate::from_markdown;

    #[test]
    fn headings_words_and_minutes_are_counted() {
        let document = from_markdown("# One *two*\n\ntext don't 3.14\n\n> ## Drei\n", "seed");
        let outline: Vec<_> = document.outline().into_iter().map(|heading| (heading.level, heading.text)).collect();
        assert_eq!(outline, [(1, "One two".to_owned()), (2, "Drei".to_owned())]);
        assert_eq!((document.word_count(), document.reading_minutes()), (6, 1));
        assert_eq!(from_markdown("", "seed").reading_minutes(), 0);
        assert_eq!(from_markdown(&"你好世界".repeat(200), "seed").reading_minutes(), 2);
        assert_eq!(from_markdown("你好 世界", "seed").word_count(), 4);
    }
}
