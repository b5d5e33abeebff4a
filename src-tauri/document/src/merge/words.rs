//! The words of one block, three ways. Words both sides left alone are the joints; between two joints one side's words
//! stand, and where both sides changed them the other's go to a card. Two versions are never woven into one another.

use std::ops::Range;

use super::line::{Cloth, Line, matches};
use super::marks;
use crate::block::{Inline, Mark, push_text};
use crate::card::{CardKind, Side};
use crate::text;

/// One place both sides changed: base, head and local as inline content.
pub(super) struct Clash {
    pub kind: CardKind,
    pub versions: [Vec<Inline>; 3],
    pub stands: Side,
}

/// A run of tokens in each version.
#[derive(Clone, Debug)]
struct Stretch {
    base: Range<usize>,
    head: Range<usize>,
    local: Range<usize>,
    /// Tokens all three have, as many in each.
    is_joint: bool,
}

/// Without a base, what both lines have in common is taken for it, and two insertions at one place clash.
pub(super) fn merge(base: Option<&[Inline]>, head: &[Inline], local: &[Inline]) -> (Vec<Inline>, Vec<Clash>) {
    let (head, local) = (Line::new(head), Line::new(local));
    if let Some(base) = base {
        let base = Line::new(base);
        let (to_head, to_local) = (matches(&base, &head), matches(&base, &local));
        return Weaver { base: &base, head: &head, local: &local, has_base: true }.weave(&to_head, &to_local);
    }
    let kept = matches(&head, &local);
    let (to_head, to_local): (Vec<_>, Vec<_>) =
        kept.iter().enumerate().filter(|(_, local)| local.is_some()).map(|(head, local)| (Some(head), *local)).unzip();
    let common: Vec<Vec<Inline>> = to_head.iter().flatten().map(|token| head.slice(&(*token..*token + 1))).collect();
    let base = Line::of_tokens(&common);
    Weaver { base: &base, head: &head, local: &local, has_base: false }.weave(&to_head, &to_local)
}

struct Weaver<'a> {
    base: &'a Line<'a>,
    head: &'a Line<'a>,
    local: &'a Line<'a>,
    has_base: bool,
}

enum Verdict {
    Nothing,
    Head,
    Local,
    HeadThenLocal,
    Clash(CardKind, Side),
}

impl Weaver<'_> {
    fn weave(&self, to_head: &[Option<usize>], to_local: &[Option<usize>]) -> (Vec<Inline>, Vec<Clash>) {
        if let Some(stands) = self.rewritten(to_head, to_local) {
            let all = Stretch {
                base: 0..self.base.tokens.len(),
                head: 0..self.head.tokens.len(),
                local: 0..self.local.tokens.len(),
                is_joint: false,
            };
            let line = if stands == Side::Head { self.head.slice(&all.head) } else { self.local.slice(&all.local) };
            return (line, vec![self.clash(&all, CardKind::Rewritten, stands)]);
        }
        let stretches = self.put_together(self.stretches(to_head, to_local));
        let mut line = Cloth::default();
        let mut clashes = Vec::new();
        for stretch in &stretches {
            if stretch.is_joint {
                let linked_twice = self.joints(stretch, &mut line);
                clashes.extend(linked_twice.iter().map(|run| self.clash(run, CardKind::Link, Side::Head)));
                continue;
            }
            match self.verdict(stretch) {
                Verdict::Nothing => {}
                Verdict::Head => line.add(self.head.slice(&stretch.head)),
                Verdict::Local => line.add(self.local.slice(&stretch.local)),
                Verdict::HeadThenLocal => {
                    line.add(self.head.slice(&stretch.head));
                    line.add(self.local.slice(&stretch.local));
                }
                Verdict::Clash(kind, stands) => {
                    clashes.push(self.clash(stretch, kind, stands));
                    line.add(match stands {
                        Side::Head => self.head.slice(&stretch.head),
                        Side::Local => self.local.slice(&stretch.local),
                    });
                }
            }
        }
        (line.line, clashes)
    }

    fn clash(&self, stretch: &Stretch, kind: CardKind, stands: Side) -> Clash {
        let base = if self.has_base { self.base.slice(&stretch.base) } else { Vec::new() };
        let versions = [base, self.head.slice(&stretch.head), self.local.slice(&stretch.local)];
        Clash { kind, versions, stands }
    }

    /// Most of the words are gone on both sides together: two texts, not one text twice edited.
    fn rewritten(&self, to_head: &[Option<usize>], to_local: &[Option<usize>]) -> Option<Side> {
        let words: Vec<usize> = (0..self.base.tokens.len()).filter(|token| self.base.tokens[*token].is_word).collect();
        let kept = |to: &[Option<usize>]| words.iter().filter(|token| to[**token].is_some()).count();
        let by_both = words.iter().filter(|token| to_head[**token].is_some() && to_local[**token].is_some()).count();
        let changed = kept(to_head) < words.len() && kept(to_local) < words.len();
        if !self.has_base || words.len() < 6 || by_both * 10 >= words.len() * 4 || !changed {
            return None;
        }
        let whole = |line: &Line<'_>| 0..line.tokens.len();
        let (base, head, local) = (whole(self.base), whole(self.head), whole(self.local));
        let only_deleted = |line: &Line<'_>, tokens: &Range<usize>| self.only_deletes(&base, line, tokens);
        match (only_deleted(self.head, &head), only_deleted(self.local, &local)) {
            // Deletions need no card of this kind: the stretches say it better.
            (true, true) => None,
            (true, false) => Some(Side::Local),
            _ => Some(Side::Head),
        }
    }

    /// Whether every word is one of base's, each as often at most.
    fn only_deletes(&self, base: &Range<usize>, line: &Line<'_>, tokens: &Range<usize>) -> bool {
        let mut left = self.base.words(base);
        left.sort_unstable();
        let mut words = line.words(tokens);
        words.sort_unstable();
        let mut left = left.into_iter();
        words.into_iter().all(|word| left.any(|known| known == word))
    }

    fn stretches(&self, to_head: &[Option<usize>], to_local: &[Option<usize>]) -> Vec<Stretch> {
        let mut stretches: Vec<Stretch> = Vec::new();
        let (mut base, mut head, mut local) = (0, 0, 0);
        for token in 0..=self.base.tokens.len() {
            let next = if token == self.base.tokens.len() {
                (self.head.tokens.len(), self.local.tokens.len())
            } else if let (Some(in_head), Some(in_local)) = (to_head[token], to_local[token]) {
                (in_head, in_local)
            } else {
                continue;
            };
            if base < token || head < next.0 || local < next.1 {
                stretches.push(Stretch {
                    base: base..token,
                    head: head..next.0,
                    local: local..next.1,
                    is_joint: false,
                });
            }
            match stretches.last_mut() {
                _ if token == self.base.tokens.len() => {}
                Some(Stretch { base, head, local, is_joint: true }) => {
                    (base.end, head.end, local.end) = (token + 1, next.0 + 1, next.1 + 1);
                }
                _ => {
                    let one = |at: usize| at..at + 1;
                    stretches.push(Stretch { base: one(token), head: one(next.0), local: one(next.1), is_joint: true });
                }
            }
            (base, head, local) = (token + 1, next.0 + 1, next.1 + 1);
        }
        stretches
    }

    /// Clashes with only gaps and punctuation between them are one clash.
    fn put_together(&self, stretches: Vec<Stretch>) -> Vec<Stretch> {
        let mut together: Vec<Stretch> = Vec::with_capacity(stretches.len());
        // Where the last clash stands, while nothing but gaps came after it.
        let mut last: Option<usize> = None;
        for stretch in stretches {
            if stretch.is_joint {
                if self.base.tokens[stretch.base.clone()].iter().any(|token| token.is_word) {
                    last = None;
                }
                together.push(stretch);
                continue;
            }
            let clashes = matches!(self.verdict(&stretch), Verdict::Clash(..));
            match last {
                Some(index) if clashes => {
                    together.truncate(index + 1);
                    together[index].base.end = stretch.base.end;
                    together[index].head.end = stretch.head.end;
                    together[index].local.end = stretch.local.end;
                }
                _ => {
                    last = clashes.then_some(together.len());
                    together.push(stretch);
                }
            }
        }
        together
    }

    fn verdict(&self, stretch: &Stretch) -> Verdict {
        let (in_base, in_head, in_local) =
            (self.base.text_of(&stretch.base), self.head.text_of(&stretch.head), self.local.text_of(&stretch.local));
        let (base, head, local) =
            (self.base.slice(&stretch.base), self.head.slice(&stretch.head), self.local.slice(&stretch.local));
        if head == base {
            return Verdict::Local;
        }
        if local == base || head == local {
            return Verdict::Head;
        }
        if in_head == in_local {
            return if links(&head) == links(&local) {
                Verdict::Head
            } else {
                Verdict::Clash(CardKind::Link, Side::Head)
            };
        }
        if stretch.base.is_empty() {
            return match (self.has_base, stretch.head.is_empty(), stretch.local.is_empty()) {
                (_, true, _) => Verdict::Local,
                (_, _, true) => Verdict::Head,
                (true, ..) => Verdict::HeadThenLocal,
                (false, ..) => Verdict::Clash(CardKind::Words, Side::Head),
            };
        }
        // One changed the words, the other only how they look.
        if in_head == in_base && links(&head) == links(&base) {
            return Verdict::Local;
        }
        if in_local == in_base && links(&local) == links(&base) {
            return Verdict::Head;
        }
        let links_more = |line: &[Inline]| links(line).iter().any(|link| !links(&base).contains(link));
        let head_deletes =
            in_head != in_base && self.only_deletes(&stretch.base, self.head, &stretch.head) && !links_more(&head);
        let local_deletes =
            in_local != in_base && self.only_deletes(&stretch.base, self.local, &stretch.local) && !links_more(&local);
        match (head_deletes, local_deletes) {
            (true, true) if stretch.head.is_empty() => Verdict::Nothing,
            (true, true) => Verdict::Head,
            (true, false) => Verdict::Clash(CardKind::WordsDeleted, Side::Local),
            (false, true) => Verdict::Clash(CardKind::WordsDeleted, Side::Head),
            #[cfg(test)]
            (false, false) if super::sabotage::is(super::sabotage::Sabotage::LocalWords) => Verdict::Local,
            (false, false) => Verdict::Clash(CardKind::Words, Side::Head),
        }
    }

    /// Words all three have; their marks may differ. What was linked to two places comes back.
    fn joints(&self, run: &Stretch, line: &mut Cloth) -> Vec<Stretch> {
        let (base, head, local) =
            (self.base.slice(&run.base), self.head.slice(&run.head), self.local.slice(&run.local));
        if head == local || (self.has_base && head == base) {
            line.add(local);
            return Vec::new();
        }
        if self.has_base && local == base {
            line.add(head);
            return Vec::new();
        }
        let mut linked_twice: Vec<Stretch> = Vec::new();
        let mut pieces = Cloth::default();
        for index in 0..run.base.len() {
            let one = |range: &Range<usize>| range.start + index..range.start + index + 1;
            let joint = Stretch { base: one(&run.base), head: one(&run.head), local: one(&run.local), is_joint: true };
            let (piece, twice) = self.joint(&joint);
            pieces.append(piece);
            match linked_twice.last_mut() {
                _ if !twice => {}
                Some(last) if last.base.end == joint.base.start => {
                    (last.base.end, last.head.end, last.local.end) = (joint.base.end, joint.head.end, joint.local.end);
                }
                _ => linked_twice.push(joint),
            }
        }
        line.add(pieces.line);
        linked_twice
    }

    fn joint(&self, stretch: &Stretch) -> (Vec<Inline>, bool) {
        let text = self.head.key(stretch.head.start);
        let dresses = [
            self.base.dress(stretch.base.start),
            self.head.dress(stretch.head.start),
            self.local.dress(stretch.local.start),
        ];
        let mut cuts: Vec<usize> = dresses
            .iter()
            .flat_map(|dress| {
                dress.iter().scan(0, |at, (length, _)| {
                    *at += length;
                    Some(*at)
                })
            })
            .collect();
        cuts.sort_unstable();
        cuts.dedup();
        let worn = |dress: &[(usize, &[Mark])], at: usize| {
            let mut end = 0;
            dress
                .iter()
                .find(|(length, _)| {
                    end += length;
                    at < end
                })
                .map_or_else(Vec::new, |(_, marks)| marks.to_vec())
        };
        let (mut from, mut linked_twice, mut pieces) = (0, false, Vec::new());
        for cut in cuts {
            let [mut base, head, local] = [0, 1, 2].map(|side: usize| worn(&dresses[side], from));
            if !self.has_base {
                base.clear();
            }
            let (marks, twice) = marks::merge(&base, &head, &local);
            linked_twice |= twice;
            match self.head.spans[self.head.tokens[stretch.head.start].span].1 {
                Inline::Atom { kind, attributes, rest, .. } => pieces.push(Inline::Atom {
                    kind: kind.clone(),
                    attributes: attributes.clone(),
                    marks,
                    rest: rest.clone(),
                }),
                Inline::Text { .. } => push_text(&mut pieces, &text[from..cut], &marks),
            }
            from = cut;
        }
        (pieces, linked_twice)
    }
}

/// The links in a line, with the words they are on.
fn links(line: &[Inline]) -> Vec<(&Mark, String)> {
    let linked = |inline: &'_ Inline| inline.marks().iter().position(|mark| mark.kind == "link");
    line.iter().filter_map(|inline| Some((&inline.marks()[linked(inline)?], text::of_inline(inline)))).collect()
}
