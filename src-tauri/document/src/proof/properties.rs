//! The properties, each over many random pairs of edits.

use proptest::prelude::*;

use super::edit::edited;
use super::generate::Source;
use super::oracle::{judge_all, words_in, words_of};
use super::{cases, oracle};
use crate::block::{Block, Document};
use crate::card::{CardKind, Decision, resolve};
use crate::hash::hash;
use crate::merge::sabotage::{self, Sabotage};
use crate::merge::{merge, merge_the_long_way};

fn document(seed: u64) -> Document {
    let document = Source::new(seed, 10_000).document();
    assert_eq!(document.check(), []);
    document
}

fn edits() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(any::<u64>(), 0..8)
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn no_word_is_lost_and_every_result_is_valid(seed in any::<u64>(), head in edits(), local in edits()) {
        let base = document(seed);
        let (head, local) = (edited(&base, &head, 200_000), edited(&base, &local, 300_000));
        prop_assert_eq!(judge_all(&base, &head, &local).err(), None);
    }

    #[test]
    fn what_only_one_side_changed_is_taken_as_it_is(seed in any::<u64>(), edits in edits()) {
        let base = document(seed);
        let changed = edited(&base, &edits, 200_000);
        for (head, local) in [(&changed, &base), (&base, &changed), (&changed, &changed)] {
            let merged = merge_the_long_way(&base, head, local).unwrap();
            prop_assert_eq!(&merged.document, &changed);
            prop_assert_eq!(merged.cards, vec![]);
            prop_assert_eq!(&merge(Some(&base), head, local).unwrap().document, &changed);
        }
        prop_assert_eq!(merge(None, &changed, &changed).unwrap().document, changed);
    }

    #[test]
    fn a_merge_is_repeatable_and_merging_it_again_changes_nothing(seed in any::<u64>(), head in edits(), local in edits()) {
        let base = document(seed);
        let (head, local) = (edited(&base, &head, 200_000), edited(&base, &local, 300_000));
        let merged = merge(Some(&base), &head, &local).unwrap();
        prop_assert_eq!(&merge(Some(&base), &head, &local).unwrap(), &merged);
        let again = merge_the_long_way(&head, &head, &merged.document).unwrap();
        prop_assert_eq!((&again.document, again.cards.len()), (&merged.document, 0));
    }

    #[test]
    fn every_decision_leaves_a_valid_document_with_the_words_it_speaks_of(seed in any::<u64>(), head in edits(), local in edits()) {
        let base = document(seed);
        let (head, local) = (edited(&base, &head, 200_000), edited(&base, &local, 300_000));
        let merged = merge(Some(&base), &head, &local).unwrap();
        let mut all_decided = merged.document.clone();
        for card in &merged.cards {
            all_decided = resolve(&all_decided, card, Decision::UseOther);
            prop_assert_eq!(resolve(&merged.document, card, Decision::Keep), merged.document.clone());
            let used = resolve(&merged.document, card, Decision::UseOther);
            let both = resolve(&merged.document, card, Decision::KeepBoth);
            prop_assert_eq!((used.check(), both.check()), (vec![], vec![]));
            // The words of a block turned into another kind are merged; the card speaks of the kind only.
            if card.kind != CardKind::Type {
                prop_assert!(words_in(card.other()).is_subset(&words_of(&used)), "{:?}", card);
            }
            if !matches!(card.kind, CardKind::Type | CardKind::Attribute) {
                prop_assert!(words_in(card.other()).is_subset(&words_of(&both)), "{:?}", card);
                prop_assert!(words_of(&merged.document).is_subset(&words_of(&both)), "{:?}", card);
            }
            let json = serde_json::to_value(card).unwrap();
            prop_assert_eq!(&serde_json::from_value::<crate::Card>(json).unwrap(), card);
        }
    }

    #[test]
    fn reading_and_writing_keeps_the_document_and_its_hash(seed in any::<u64>(), edits in edits()) {
        let document = edited(&document(seed), &edits, 200_000);
        let text = document.to_value().to_string();
        let again = Document::parse(&serde_json::from_str(&text).unwrap()).unwrap();
        prop_assert_eq!(&again, &document);
        prop_assert_eq!(hash(&again), hash(&document));
        prop_assert_eq!(again.repair(), document);
    }

    #[test]
    fn mending_a_broken_document_keeps_every_word(seed in any::<u64>(), breaks in prop::collection::vec(any::<u64>(), 1..8)) {
        let mut source = Source::new(seed, 10_000);
        let mut broken = source.document();
        for damage in breaks {
            source.reseed(damage);
            damage_one(&mut broken, &mut source);
        }
        let mended = broken.repair();
        prop_assert_eq!(mended.check(), vec![]);
        prop_assert_eq!(words_of(&mended), words_of(&broken));
        prop_assert_eq!(&broken.repair(), &mended);
        prop_assert_eq!(mended.repair(), mended);
    }

    #[test]
    fn projections_take_any_document(seed in any::<u64>(), edits in edits()) {
        let document = edited(&document(seed), &edits, 200_000);
        let html = document.html();
        let tags = html.split('<').skip(1).map(|tag| tag.trim_start_matches('/').split([' ', '>']).next().unwrap());
        let known = "p h1 h2 h3 h4 h5 h6 ul ol li input blockquote aside pre code div span hr img a table tr th td strong em u s mark sub sup br";
        for tag in tags {
            prop_assert!(known.split(' ').any(|name| name == tag), "{}", tag);
        }
        let read = crate::from_markdown(&document.markdown(), "seed");
        prop_assert_eq!(read.check(), vec![]);
        let _ = (document.plain_text(), document.outline(), document.word_count());
    }
}

fn damage_one(document: &mut Document, source: &mut Source) {
    let blocks: Vec<Block> = document.walk().cloned().collect();
    if blocks.is_empty() {
        return;
    }
    // Put a copy of some block somewhere it may not stand, with a wrong, missing or repeated id.
    let mut stray = source.pick(&blocks).clone();
    match source.below(3) {
        0 => stray.id = String::new(),
        1 => stray.id = format!("p{}", source.below(3)),
        _ => {}
    }
    let target = source.pick(&blocks).id.clone();
    insert_into(&mut document.blocks, &target, &stray, source.below(3));
}

fn insert_into(blocks: &mut [Block], target: &str, stray: &Block, at: usize) -> bool {
    for block in blocks {
        match &mut block.body {
            crate::block::Body::Blocks(children) if block.id == target => {
                children.insert(at.min(children.len()), stray.clone());
                return true;
            }
            crate::block::Body::Blocks(children) => {
                let inserted = insert_into(children, target, stray, at);
                if inserted {
                    return true;
                }
            }
            body @ crate::block::Body::Leaf if block.id == target => {
                *body = crate::block::Body::Opaque(vec![stray.to_value()]);
                return true;
            }
            crate::block::Body::Text(line) if block.id == target => {
                let node = serde_json::json!([stray.to_value()]);
                line.extend(crate::block::Inline::parse_all(node.as_array().unwrap()).unwrap());
                return true;
            }
            _ => {}
        }
    }
    false
}

/// How many of 300 pairs the oracle objects to. Images say everything in attributes.
fn objections(kind: Sabotage) -> usize {
    let objects = |seed: u64| {
        let mut source = Source::new(seed, 0);
        let (base, count) = match kind {
            Sabotage::ForgetAttributes => (images(seed), 30),
            _ => (document(seed), 6),
        };
        let mut edits = || (0..count).map(|_| source.below(usize::MAX) as u64).collect::<Vec<_>>();
        let (head, local) = (edited(&base, &edits(), 200_000), edited(&base, &edits(), 300_000));
        judge_all(&base, &head, &local).is_err()
    };
    sabotage::with(kind, || (0..300u64).filter(|seed| objects(*seed)).count())
}

fn images(seed: u64) -> Document {
    let mut source = Source::new(seed, 10_000);
    let images = std::iter::repeat_with(|| source.leaf()).filter(|block| block.kind == crate::Kind::Image);
    Document { blocks: images.take(2).collect(), ..Document::default() }
}

#[test]
fn the_oracle_finds_a_merge_that_loses_something() {
    assert_eq!(objections(Sabotage::None), 0);
    for kind in [Sabotage::DropCards, Sabotage::DeleteWins, Sabotage::LocalWords, Sabotage::ForgetAttributes] {
        let found = objections(kind);
        assert!(found > 5, "{kind:?} is found in {found} of 300 pairs only");
    }
}

#[test]
fn the_oracle_knows_words_in_texts_and_attributes() {
    let words: usize = (0..20).map(|seed| oracle::words_of(&document(seed)).len()).sum();
    assert!(words > 100 && oracle::words_of(&images(8)).len() >= 4);
}
