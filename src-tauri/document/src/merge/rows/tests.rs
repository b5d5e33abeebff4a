use serde_json::json;

use super::*;
use crate::card::{Decision, resolve_row};

fn row(value: Value) -> Row {
    value.as_object().unwrap().clone()
}

fn lesson(changes: Value) -> Row {
    let mut fields = row(json!({"id": "l", "title": "Water", "position": "a", "sub_course_id": "s1",
        "duration_minutes": 5, "archived_at": null}));
    fields.extend(row(changes));
    fields
}

fn merged(head: Value, local: Value) -> RowMerged {
    merge_row(RowKind::Lesson, Some(&lesson(json!({}))), &lesson(head), &lesson(local))
}

#[test]
fn different_fields_merge_without_asking() {
    let merged = merged(json!({"title": "Wasser"}), json!({"duration_minutes": 9}));
    assert_eq!((&merged.fields["title"], &merged.fields["duration_minutes"]), (&json!("Wasser"), &json!(9)));
    assert!(merged.cards.is_empty());
}

#[test]
fn a_title_changed_twice_waits_in_a_card() {
    let merged = merged(json!({"title": "Wasser"}), json!({"title": "Eau"}));
    assert_eq!(merged.fields["title"], "Wasser");
    let card = &merged.cards[0];
    assert_eq!((card.kind, card.other()), (CardKind::Field, &json!("Eau")));
    assert_eq!(resolve_row(&merged.fields, card, Decision::UseOther)["title"], "Eau");
    assert_eq!(resolve_row(&merged.fields, card, Decision::KeepBoth)["title"], "Wasser / Eau");
    assert_eq!(resolve_row(&merged.fields, card, Decision::Keep), merged.fields);
}

#[test]
fn a_place_changed_twice_is_the_servers() {
    let merged =
        merged(json!({"position": "c", "sub_course_id": "s2"}), json!({"position": "b", "sub_course_id": null}));
    assert_eq!((&merged.fields["position"], &merged.fields["sub_course_id"]), (&json!("c"), &json!("s2")));
    assert!(merged.cards.is_empty());
}

#[test]
fn archiving_never_beats_an_edit_nobody_had_seen() {
    for (head, local) in [
        (json!({"archived_at": "2026-01-01T00:00:00Z"}), json!({"title": "Eau"})),
        (json!({"title": "Eau"}), json!({"archived_at": "2026-01-01T00:00:00Z"})),
    ] {
        let merged = merged(head, local);
        assert_eq!((&merged.fields["archived_at"], &merged.fields["title"]), (&Value::Null, &json!("Eau")));
        assert_eq!(merged.cards[0].kind, CardKind::Archived);
    }
}

#[test]
fn archiving_beats_what_nobody_edited() {
    let merged = merged(json!({"archived_at": "2026-01-01T00:00:00Z"}), json!({"position": "z"}));
    assert_eq!(merged.fields["archived_at"], "2026-01-01T00:00:00Z");
    assert!(merged.cards.is_empty());
}

#[test]
fn what_is_correct_never_merges_by_itself() {
    let base = row(json!({"id": "k", "option_id": "a", "weight_percent": 100}));
    let (mut head, mut local) = (base.clone(), base.clone());
    head.insert("option_id".into(), json!("b"));
    local.insert("weight_percent".into(), json!(50));
    let merged = merge_row(RowKind::AnswerKey, Some(&base), &head, &local);
    assert_eq!(merged.fields, head);
    assert_eq!(merged.cards.len(), 1);
    assert_eq!(resolve_row(&merged.fields, &merged.cards[0], Decision::UseOther), local);
    let one_side = merge_row(RowKind::AnswerKey, Some(&base), &base, &local);
    assert_eq!((one_side.fields, one_side.cards), (local, vec![]));
}

#[test]
fn two_new_correct_answers_make_one_card() {
    let key = |id: &str, option: &str| row(json!({"id": id, "option_id": option, "weight_percent": 100}));
    let base = [key("1", "a")];
    let (head, local) = ([key("2", "b")], [key("1", "a"), key("3", "c")]);
    let merged = merge_answers("q", &base, &head, &local);
    assert_eq!(merged.rows, head);
    assert_eq!(merged.left_out, ["1", "3"]);
    assert_eq!(merged.cards.len(), 1);
    assert_eq!(merge_answers("q", &base, &base, &local).rows, local);
    assert_eq!(merge_answers("q", &base, &head, &base).rows, head);
    assert!(merge_answers("q", &base, &head, &head).cards.is_empty());
}

#[test]
fn bodies_merge_inside_their_row() {
    let body = |words: &str| {
        json!({"type": "doc", "content": [{"type": "paragraph",
        "attrs": {"id": "0b7ec3a4-5f0e-5c55-8f3e-0a1b2c3d4e5f"}, "content": [{"type": "text", "text": words}]}]})
    };
    let with = |words: &str| lesson(json!({"document": body(words)}));
    let merged = merge_row(RowKind::Lesson, Some(&with("one two")), &with("one deux"), &with("eins two"));
    assert_eq!(merged.fields["document"], body("eins deux"));
    let clash = merge_row(RowKind::Lesson, Some(&with("one two")), &with("one deux"), &with("one zwei"));
    assert_eq!(clash.fields["document"], body("one deux"));
    assert_eq!(clash.cards.len(), 1);
}

#[test]
fn rows_keep_the_identities_and_unknown_fields() {
    let base = lesson(json!({"future": {"a": 1}}));
    let changed =
        lesson(json!({"title": "x", "future": {"a": 2}, "position": "q", "archived_at": "2026-01-01T00:00:00Z"}));
    for (head, local) in [(&base, &changed), (&changed, &base), (&changed, &changed)] {
        let merged = merge_row(RowKind::Lesson, Some(&base), head, local);
        assert_eq!((&merged.fields, merged.cards.len()), (&changed, 0));
    }
}

#[test]
fn without_a_base_every_difference_of_words_is_told() {
    let merged = merge_row(
        RowKind::Lesson,
        None,
        &lesson(json!({"title": "a"})),
        &lesson(json!({"title": "b", "position": "z"})),
    );
    assert_eq!(merged.fields["position"], "a");
    assert_eq!(merged.cards.len(), 1);
}

#[test]
fn the_same_merge_elsewhere_makes_the_same_card() {
    let one = merged(json!({"title": "Wasser"}), json!({"title": "Eau"}));
    let other = merged(json!({"title": "Wasser", "seq": 9}), json!({"title": "Eau", "updated_at": "x"}));
    assert_eq!(one.cards[0].id, other.cards[0].id);
}
