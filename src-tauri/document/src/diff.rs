//! What differs, word by word, for history and for cards.

use imara_diff::{Algorithm, Diff, InternedInput};
use serde::Serialize;

use crate::block::{Block, Document};
use crate::text;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PieceKind {
    Same,
    Added,
    Removed,
}

/// A run of words. The pieces that are not `added` together are the first text, those not `removed` the second; of one
/// change what was removed stands before what was added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Piece {
    pub kind: PieceKind,
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    Same,
    Added,
    Removed,
    /// Other words, another kind, or other attributes.
    Changed,
    /// At another place, and perhaps changed; `pieces` tell.
    Moved,
}

/// One block that holds words or is a leaf; wrappers (lists, quotes, tables) show in what they hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BlockChange {
    pub id: String,
    pub change: Change,
    pub pieces: Vec<Piece>,
}

/// Word by word, cut where Unicode says a word ends: no letter, emoji or syllable is ever split.
#[must_use]
pub fn diff_words(before: &str, after: &str) -> Vec<Piece> {
    let (old, new): (Vec<&str>, Vec<&str>) = (text::segments(before).collect(), text::segments(after).collect());
    let mut pieces: Vec<Piece> = Vec::new();
    let mut push = |kind, words: &[&str]| match pieces.last_mut() {
        _ if words.is_empty() => {}
        Some(last) if last.kind == kind => last.text.extend(words.iter().copied()),
        _ => pieces.push(Piece { kind, text: words.concat() }),
    };
    let mut at = 0;
    for (removed, added) in changes(&old, &new) {
        push(PieceKind::Same, &old[at..removed.start]);
        push(PieceKind::Removed, &old[removed.clone()]);
        push(PieceKind::Added, &new[added]);
        at = removed.end;
    }
    push(PieceKind::Same, &old[at..]);
    pieces
}

type Hunk = (std::ops::Range<usize>, std::ops::Range<usize>);

fn changes(old: &[&str], new: &[&str]) -> Vec<Hunk> {
    // A single gap between two changes tells nobody anything: the phrase was changed.
    let mut together: Vec<Hunk> = Vec::new();
    for (removed, added) in hunks(old, new) {
        match together.last_mut() {
            Some(last)
                if old[last.0.end..removed.start].iter().all(|part| part.trim().is_empty())
                    && !(last.0.is_empty() && removed.is_empty())
                    && !(last.1.is_empty() && added.is_empty()) =>
            {
                (last.0.end, last.1.end) = (removed.end, added.end);
            }
            _ => together.push((removed, added)),
        }
    }
    together
}

/// Block by block in the order of `after`; what was removed stands behind the block it followed.
#[must_use]
pub fn diff_blocks(before: &Document, after: &Document) -> Vec<BlockChange> {
    let speaking = |block: &&Block| block.children().is_empty();
    let (old, new): (Vec<&Block>, Vec<&Block>) =
        (before.walk().filter(speaking).collect(), after.walk().filter(speaking).collect());
    let by_id: std::collections::HashMap<&str, &Block> = old.iter().map(|block| (block.id.as_str(), *block)).collect();
    let stays: std::collections::HashSet<&str> = new.iter().map(|block| block.id.as_str()).collect();
    let ids = |blocks: &[&'_ Block]| blocks.iter().map(|block| block.id.clone()).collect::<Vec<_>>();
    let (old_ids, new_ids) = (ids(&old), ids(&new));
    let (old_ids, new_ids): (Vec<&str>, Vec<&str>) =
        (old_ids.iter().map(String::as_str).collect(), new_ids.iter().map(String::as_str).collect());
    let mut told = Vec::with_capacity(new.len());
    let mut at_new = 0;
    let same = |told: &mut Vec<BlockChange>, blocks: &[&Block]| {
        for block in blocks {
            let was = by_id.get(block.id.as_str());
            let change = if was.is_some_and(|was| was == block) { Change::Same } else { Change::Changed };
            told.push(compare(was.copied(), block, change));
        }
    };
    for (removed, added) in hunks(&old_ids, &new_ids) {
        same(&mut told, &new[at_new..added.start]);
        for block in &old[removed] {
            if !stays.contains(block.id.as_str()) {
                let pieces = diff_words(&text::of_block(block), "");
                told.push(BlockChange { id: block.id.clone(), change: Change::Removed, pieces });
            }
        }
        for block in &new[added.clone()] {
            let was = by_id.get(block.id.as_str()).copied();
            told.push(compare(was, block, if was.is_some() { Change::Moved } else { Change::Added }));
        }
        at_new = added.end;
    }
    same(&mut told, &new[at_new..]);
    told
}

fn hunks(old: &[&str], new: &[&str]) -> Vec<Hunk> {
    let mut input: InternedInput<&str> = InternedInput::default();
    input.update_before(old.iter().copied());
    input.update_after(new.iter().copied());
    let diff = Diff::compute(Algorithm::Histogram, &input);
    let range = |range: std::ops::Range<u32>| range.start as usize..range.end as usize;
    diff.hunks().map(|hunk| (range(hunk.before), range(hunk.after))).collect()
}

fn compare(was: Option<&Block>, block: &Block, change: Change) -> BlockChange {
    let pieces = diff_words(&was.map(text::of_block).unwrap_or_default(), &text::of_block(block));
    BlockChange { id: block.id.clone(), change, pieces }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(before: &str, after: &str) -> String {
        let pieces = diff_words(before, after);
        let whole = |not| pieces.iter().filter(|p| p.kind != not).map(|p| p.text.as_str()).collect::<String>();
        assert_eq!((whole(PieceKind::Added).as_str(), whole(PieceKind::Removed).as_str()), (before, after));
        let piece = |piece: &Piece| match piece.kind {
            PieceKind::Same => piece.text.clone(),
            PieceKind::Added => format!("+{}+", piece.text),
            PieceKind::Removed => format!("-{}-", piece.text),
        };
        pieces.iter().map(piece).collect()
    }

    #[test]
    fn whole_words_differ_in_every_script() {
        assert_eq!(told("a 12 m long", "a 15 m long"), "a -12-+15+ m long");
        assert_eq!(told("one two three", "one 2 3"), "one -two three-+2 3+");
        assert_eq!(told("مرحبا بالعالم", "مرحبا بالناس"), "مرحبا -بالعالم-+بالناس+");
        assert_eq!(told("水深十二米", "水深十五米"), "水深十-二-+五+米");
        assert_eq!(told("ok 👩‍👩‍👧", "ok 👩‍👩‍👦"), "ok -👩‍👩‍👧-+👩‍👩‍👦+");
        assert_eq!(told("नमस्ते दुनिया", "नमस्ते भारत"), "नमस्ते -दुनिया-+भारत+");
        assert_eq!(told("", "x"), "+x+");
        assert_eq!(told("x", ""), "-x-");
        assert_eq!(told("same", "same"), "same");
    }

    #[test]
    fn blocks_are_told_as_added_removed_changed_and_moved() {
        let (a, b, c, d) = (crate::derive(&["a"]), crate::derive(&["b"]), crate::derive(&["c"]), crate::derive(&["d"]));
        let line = |id: &str, words: &str| Block::paragraph(id, vec![crate::Inline::text(words, vec![])]);
        let document = |blocks| Document { blocks, ..Document::default() };
        let before = document(vec![line(&a, "one"), line(&b, "two"), line(&c, "three")]);
        let after = document(vec![line(&c, "three"), line(&a, "one more"), line(&d, "new")]);
        let changes: Vec<_> = diff_blocks(&before, &after).into_iter().map(|told| (told.id, told.change)).collect();
        assert_eq!(changes, [(b, Change::Removed), (c, Change::Same), (a, Change::Moved), (d, Change::Added)]);
    }
}
