//! The edits two people make at the same time in every office, one by one. In the study these lost one author's words in
//! ten of fifteen cases with a sequence CRDT.

use serde_json::json;

use super::oracle;
use crate::block::{Block, Body, Document, Inline, Kind, Mark};
use crate::card::{Card, CardKind, Decision, resolve};
use crate::ids::derive;
use crate::merge::{Merged, merge};

fn words(text: &str) -> Vec<Inline> {
    vec![Inline::text(text, vec![])]
}

fn p(id: &str, text: &str) -> Block {
    Block::paragraph(derive(&[id]), words(text))
}

fn block(kind: Kind, id: &str, attributes: serde_json::Value, body: Body) -> Block {
    Block::new(kind, derive(&[id]), attributes.as_object().unwrap().clone(), body)
}

fn heading(id: &str, level: u8, text: &str) -> Block {
    block(Kind::Heading, id, json!({ "level": level }), Body::Text(words(text)))
}

fn holding(kind: Kind, id: &str, children: Vec<Block>) -> Block {
    let attributes = if kind == Kind::Callout { json!({"kind": "tip"}) } else { json!({}) };
    block(kind, id, attributes, Body::Blocks(children))
}

fn image(alt: &str) -> Block {
    block(Kind::Image, "image", json!({"src": "https://example.org/a.png", "alt": alt}), Body::Leaf)
}

fn cell(id: &str, text: &str) -> Block {
    holding(Kind::TableCell, id, vec![p(&format!("{id}p"), text)])
}

fn doc(blocks: Vec<Block>) -> Document {
    let document = Document { blocks, ..Document::default() };
    assert_eq!(document.check(), []);
    document
}

/// Merges both ways round, lets the oracle judge both, and gives the result with `a` as head.
fn both(base: &Document, a: &Document, b: &Document) -> Merged {
    for (head, local) in [(a, b), (b, a)] {
        let merged = merge(Some(base), head, local).unwrap();
        assert_eq!(oracle::judge(Some(base), head, local, &merged), Ok(()));
    }
    merge(Some(base), a, b).unwrap()
}

/// `A` types while `B` does something to the structure: what was typed must stand, without anybody being asked.
fn both_stand(base: Vec<Block>, typed: Vec<Block>, restructured: Vec<Block>, wanted: Vec<Block>) {
    let (base, typed, restructured, wanted) = (doc(base), doc(typed), doc(restructured), doc(wanted));
    for (head, local) in [(&typed, &restructured), (&restructured, &typed)] {
        let merged = merge(Some(&base), head, local).unwrap();
        assert_eq!(merged.document, wanted);
        assert_eq!(merged.cards, []);
    }
}

#[test]
fn typing_in_a_paragraph_that_becomes_a_heading() {
    both_stand(
        vec![p("a", "old")],
        vec![p("a", "old new")],
        vec![heading("a", 2, "old")],
        vec![heading("a", 2, "old new")],
    );
}

#[test]
fn typing_in_a_paragraph_that_is_wrapped_in_a_quote() {
    let quote = |text| vec![holding(Kind::Blockquote, "q", vec![p("a", text)])];
    both_stand(vec![p("a", "old")], vec![p("a", "old new")], quote("old"), quote("old new"));
}

#[test]
fn typing_in_a_paragraph_that_becomes_a_list() {
    let list = |text| vec![holding(Kind::BulletList, "l", vec![holding(Kind::ListItem, "i", vec![p("a", text)])])];
    both_stand(vec![p("a", "old")], vec![p("a", "old new")], list("old"), list("old new"));
}

#[test]
fn typing_in_an_item_that_is_indented() {
    let item = |id: &str, children| holding(Kind::ListItem, id, children);
    let flat = |text| {
        vec![holding(Kind::BulletList, "l", vec![item("i", vec![p("a", "one")]), item("j", vec![p("b", text)])])]
    };
    let nested = |text| {
        let inner = holding(Kind::BulletList, "m", vec![item("j", vec![p("b", text)])]);
        vec![holding(Kind::BulletList, "l", vec![item("i", vec![p("a", "one"), inner])])]
    };
    both_stand(flat("two"), flat("two new"), nested("two"), nested("two new"));
}

#[test]
fn typing_in_a_callout_that_is_taken_off() {
    let callout = |text| vec![holding(Kind::Callout, "c", vec![p("a", text)])];
    both_stand(callout("old"), callout("old new"), vec![p("a", "old")], vec![p("a", "old new")]);
}

#[test]
fn typing_in_a_paragraph_that_is_moved() {
    let three = |text| vec![p("a", text), p("b", "two"), p("c", "three")];
    let moved = |text| vec![p("b", "two"), p("c", "three"), p("a", text)];
    both_stand(three("one"), three("one new"), moved("one"), moved("one new"));
}

#[test]
fn typing_in_a_paragraph_that_is_joined_to_the_one_before() {
    let base = doc(vec![p("a", "one"), p("b", "two")]);
    let typed = doc(vec![p("a", "one"), p("b", "two new")]);
    let joined = doc(vec![p("a", "one two")]);
    let merged = both(&base, &typed, &joined);
    assert_eq!(merged.document, doc(vec![p("a", "one two"), p("b", "two new")]));
    assert_eq!(merged.cards[0].kind, CardKind::BlockDeleted);
    assert_eq!(resolve(&merged.document, &merged.cards[0], Decision::UseOther), joined);
}

#[test]
fn typing_in_a_paragraph_that_is_split() {
    let base = doc(vec![p("a", "one two three four")]);
    let typed = doc(vec![p("a", "one new two three four")]);
    let split = doc(vec![p("a", "one two"), p("b", "three four")]);
    let merged = both(&base, &typed, &split);
    assert_eq!(merged.document, doc(vec![p("a", "one new two"), p("b", "three four")]));
    assert_eq!(merged.cards, []);
}

#[test]
fn typing_in_a_paragraph_that_is_deleted() {
    let base = doc(vec![p("a", "one"), p("b", "two")]);
    let typed = doc(vec![p("a", "one"), p("b", "two new")]);
    let deleted = doc(vec![p("a", "one")]);
    let merged = both(&base, &typed, &deleted);
    assert_eq!(merged.document, typed);
    let card = &merged.cards[0];
    assert_eq!((card.kind, card.other()), (CardKind::BlockDeleted, &json!(null)));
    assert_eq!(resolve(&merged.document, card, Decision::UseOther), deleted);
    assert_eq!(resolve(&merged.document, card, Decision::Keep), typed);
}

#[test]
fn typing_in_a_paragraph_that_is_written_anew() {
    let base = doc(vec![p("a", "one two three four five six seven")]);
    let typed = doc(vec![p("a", "one two three new four five six seven")]);
    let anew = doc(vec![p("a", "eins zwei drei")]);
    let merged = both(&base, &typed, &anew);
    assert_eq!(merged.document, typed);
    assert_eq!(merged.cards.len(), 1);
    assert_eq!(resolve(&merged.document, &merged.cards[0], Decision::UseOther), anew);
}

#[test]
fn both_write_a_paragraph_anew() {
    let base = doc(vec![p("a", "one two three four five six seven")]);
    let (german, french) = (doc(vec![p("a", "eins zwei drei vier")]), doc(vec![p("a", "un deux trois quatre")]));
    let merged = both(&base, &german, &french);
    assert_eq!(merged.document, german);
    assert_eq!(merged.cards.len(), 1);
    assert_eq!(merged.cards[0].kind, CardKind::Rewritten);
    assert_eq!(resolve(&merged.document, &merged.cards[0], Decision::UseOther), french);
    let kept = resolve(&merged.document, &merged.cards[0], Decision::KeepBoth);
    assert_eq!(kept.plain_text(), "eins zwei drei vier\nun deux trois quatre");
}

#[test]
fn both_change_the_same_number() {
    let of = |text: &str| doc(vec![p("a", &format!("It is {text} m long."))]);
    let merged = both(&of("12"), &of("15"), &of("18"));
    assert_eq!(merged.document, of("15"));
    let card = &merged.cards[0];
    assert_eq!(
        (card.kind, card.words(&card.base), card.words(card.standing()), card.words(card.other())),
        (CardKind::Words, "12".to_owned(), "15".to_owned(), "18".to_owned())
    );
    assert_eq!(resolve(&merged.document, card, Decision::UseOther), of("18"));
    assert_eq!(resolve(&merged.document, card, Decision::KeepBoth), of("15 18"));
    assert_eq!(resolve(&merged.document, card, Decision::Keep), of("15"));
}

#[test]
fn both_change_the_same_number_in_chinese() {
    let of = |text: &str| doc(vec![p("a", &format!("水深{text}米"))]);
    let merged = both(&of("十二"), &of("十五"), &of("三二"));
    assert_eq!(merged.document, of("十五"));
    assert_eq!(merged.cards.len(), 1);
}

#[test]
fn typing_in_a_word_the_other_makes_bold_or_writes_anew() {
    let bold = |text: &str| {
        vec![Mark::new("bold")].into_iter().map(move |mark| Inline::text(text, vec![mark])).collect::<Vec<_>>()
    };
    let line = |middle: Vec<Inline>| {
        let mut line = words("see ");
        line.extend(middle);
        line.extend(words(" here"));
        doc(vec![Block::paragraph(derive(&["a"]), line)])
    };
    let base = line(bold("water"));
    let merged = both(&base, &line(bold("ice")), &line(bold("steam")));
    assert_eq!(merged.document, line(bold("ice")));
    assert_eq!(merged.cards[0].words(merged.cards[0].other()), "steam");
    // Marks beside words do not clash.
    let plain = doc(vec![p("a", "see water here")]);
    let merged = both(&plain, &doc(vec![p("a", "see water here now")]), &base);
    assert_eq!(merged.document.plain_text(), "see water here now");
    assert!(merged.document.html().contains("<strong>water</strong>"));
    assert_eq!(merged.cards, []);
}

#[test]
fn both_link_the_same_words() {
    let linked = |href: &str| {
        doc(vec![Block::paragraph(derive(&["a"]), vec![Inline::text("two words", vec![Mark::link(href, None)])])])
    };
    let base = doc(vec![p("a", "two words")]);
    let (here, there) = (linked("https://a.example/10001"), linked("https://b.example/10002"));
    let merged = both(&base, &here, &there);
    assert_eq!(merged.document, here);
    assert_eq!((merged.cards.len(), merged.cards[0].kind), (1, CardKind::Link));
    assert_eq!(resolve(&merged.document, &merged.cards[0], Decision::UseOther), there);
}

#[test]
fn an_image_is_described_while_it_is_deleted() {
    let base = doc(vec![p("a", "x"), image("old")]);
    let (described, deleted) = (doc(vec![p("a", "x"), image("new 10001")]), doc(vec![p("a", "x")]));
    let merged = both(&base, &described, &deleted);
    assert_eq!(merged.document, described);
    assert_eq!(merged.cards.len(), 1);
}

#[test]
fn both_describe_an_image() {
    let of = |alt: &str| doc(vec![image(alt)]);
    let merged = both(&of("old"), &of("a 10001"), &of("b 10002"));
    assert_eq!(merged.document, of("a 10001"));
    assert_eq!((merged.cards[0].kind, merged.cards[0].field.as_str()), (CardKind::Attribute, "alt"));
    assert_eq!(resolve(&merged.document, &merged.cards[0], Decision::UseOther), of("b 10002"));
    assert_eq!(resolve(&merged.document, &merged.cards[0], Decision::KeepBoth).blocks.len(), 2);
}

#[test]
fn both_turn_a_paragraph_into_the_same_heading() {
    let base = doc(vec![p("a", "old")]);
    let merged = both(&base, &doc(vec![heading("a", 2, "old")]), &doc(vec![heading("a", 2, "old")]));
    assert_eq!(merged.document, doc(vec![heading("a", 2, "old")]));
    assert_eq!(merged.cards, []);
}

#[test]
fn typing_in_a_heading_whose_level_changes() {
    both_stand(
        vec![heading("a", 2, "old")],
        vec![heading("a", 2, "old new")],
        vec![heading("a", 3, "old")],
        vec![heading("a", 3, "old new")],
    );
}

#[test]
fn both_type_in_an_empty_paragraph() {
    let empty = doc(vec![Block::paragraph(derive(&["a"]), vec![])]);
    let merged = both(&empty, &doc(vec![p("a", "one 10001")]), &doc(vec![p("a", "two 10002")]));
    assert_eq!(merged.document, doc(vec![p("a", "one 10001 two 10002")]));
    assert_eq!(merged.cards, []);
}

fn table(rows: Vec<Vec<Block>>) -> Vec<Block> {
    let row = |(index, cells)| holding(Kind::TableRow, &format!("r{index}"), cells);
    vec![holding(Kind::Table, "t", rows.into_iter().enumerate().map(row).collect())]
}

#[test]
fn typing_in_a_table_that_gets_a_row() {
    let of = |text: &str| vec![cell("a", text), cell("b", "b")];
    let new = || vec![cell("c", "c"), cell("d", "d")];
    both_stand(
        table(vec![of("x")]),
        table(vec![of("x new")]),
        table(vec![of("x"), new()]),
        table(vec![of("x new"), new()]),
    );
}

#[test]
fn typing_in_different_cells_of_a_table() {
    let of = |one: &str, two: &str| table(vec![vec![cell("a", one), cell("b", two)]]);
    both_stand(of("x", "y"), of("x new", "y"), of("x", "y more"), of("x new", "y more"));
}

#[test]
fn rows_and_columns_added_at_the_same_time_wait_in_a_card() {
    let base = doc(table(vec![vec![cell("a", "a")]]));
    let row = doc(table(vec![vec![cell("a", "a")], vec![cell("c", "10001")]]));
    let column = doc(table(vec![vec![cell("a", "a"), cell("b", "10002")]]));
    let merged = both(&base, &row, &column);
    assert_eq!(merged.document, row);
    assert_eq!(merged.cards[0].kind, CardKind::Table);
    assert_eq!(resolve(&merged.document, &merged.cards[0], Decision::UseOther), column);
    assert_eq!(resolve(&merged.document, &merged.cards[0], Decision::KeepBoth).blocks.len(), 2);
}

#[test]
fn a_row_with_unseen_words_is_not_deleted() {
    let base = doc(table(vec![vec![cell("a", "a")], vec![cell("b", "b")]]));
    let deleted = doc(table(vec![vec![cell("a", "a")]]));
    let typed = doc(table(vec![vec![cell("a", "a")], vec![cell("b", "b 10001")]]));
    let merged = both(&base, &deleted, &typed);
    assert_eq!(merged.document, typed);
    assert_eq!(merged.cards.len(), 1);
}

#[test]
fn without_a_base_both_stand_and_what_differs_is_told() {
    let (a, b) = (
        doc(vec![p("a", "same"), p("b", "one here 10001")]),
        doc(vec![p("a", "same"), p("c", "new 10003"), p("b", "one there 10002")]),
    );
    let merged = merge(None, &a, &b).unwrap();
    assert_eq!(oracle::judge(None, &a, &b, &merged), Ok(()));
    assert_eq!(merged.document, doc(vec![p("a", "same"), p("c", "new 10003"), p("b", "one here 10001")]));
    assert!(!merged.cards.is_empty());
}

#[test]
fn two_moves_into_each_other_do_not_make_a_circle() {
    let quote = |id: &str, children| holding(Kind::Blockquote, id, children);
    let base = doc(vec![quote("q", vec![p("a", "10001")]), quote("r", vec![p("b", "10002")])]);
    let one = doc(vec![quote("r", vec![p("b", "10002"), quote("q", vec![p("a", "10001")])])]);
    let other = doc(vec![quote("q", vec![p("a", "10001"), quote("r", vec![p("b", "10002")])])]);
    assert_eq!(both(&base, &one, &other).document, one);
}

#[test]
fn two_documents_that_are_too_much_together_are_both_kept() {
    let half = |id: &str| doc(vec![p(id, &"word ".repeat(250_000))]);
    let base = doc(vec![p("x", "x")]);
    let refused = merge(Some(&base), &half("a"), &half("b")).unwrap_err();
    assert_eq!(refused.card.kind, CardKind::Document);
    assert_eq!(Document::parse(refused.card.other()).unwrap(), half("b"));
    assert_eq!(
        refused.to_string(),
        "these two versions cannot be brought together: document: the document is larger than 2000000 bytes"
    );
}

#[test]
fn the_same_merge_elsewhere_makes_the_same_cards() {
    let of = |text: &str| doc(vec![p("a", text)]);
    let ids = |merged: Merged| merged.cards.into_iter().map(|card: Card| card.id).collect::<Vec<_>>();
    let one = ids(both(&of("12"), &of("15"), &of("18")));
    assert_eq!(one, ids(both(&of("12"), &of("15"), &of("18"))));
    assert_ne!(one, ids(both(&of("12"), &of("15"), &of("19"))));
}

#[test]
fn words_are_not_replaced_where_they_have_changed_since() {
    let of = |text: &str| doc(vec![p("a", text)]);
    let merged = both(&of("12 m"), &of("15 m"), &of("18 m"));
    let since = of("16 m");
    assert_eq!(resolve(&since, &merged.cards[0], Decision::UseOther).plain_text(), "16 m\n18");
}
