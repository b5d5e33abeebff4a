use serde_json::{Value, json};

use super::*;
use crate::ids::derive;

fn document(content: Value) -> Document {
    Document::parse(&json!({"type": "doc", "content": content})).unwrap()
}

fn id(name: &str) -> Value {
    json!({"id": derive(&[name])})
}

#[test]
fn what_is_no_document_is_refused_with_its_place() {
    let refused = |value: Value| Document::parse(&value).unwrap_err().to_string();
    assert_eq!(refused(json!(1)), "document: this is not an object");
    assert_eq!(refused(json!({"type": "paragraph"})), "document: this is not a document");
    assert_eq!(refused(json!({"type": "doc", "content": {}})), "document: the content is not a list");
    let inside = |node: Value| {
        refused(json!({"type": "doc", "content": [{"type": "blockquote", "content": [{"type": "paragraph"}, node]}]}))
    };
    assert_eq!(inside(json!({})), "/0/1: this has no type");
    assert_eq!(inside(json!({"type": "paragraph", "attrs": 1})), "/0/1: the attributes are not an object");
    assert_eq!(inside(json!({"type": "paragraph", "content": [{"type": "text"}]})), "/0/1/0: a text without its text");
}

#[test]
fn every_fault_is_told_in_reading_order() {
    let broken = document(json!([
        {"type": "heading", "attrs": {"id": "h1", "level": 9}},
        {"type": "listItem", "attrs": id("a"), "content": [{"type": "heading", "attrs": {"id": derive(&["a"]), "level": 1}}]},
        {"type": "paragraph", "content": [{"type": "text", "text": "x"}]},
        {"type": "bulletList", "attrs": id("b")}]));
    let faults: Vec<String> = broken.check().iter().map(ToString::to_string).collect();
    let twice = format!("/1/0: the id {} stands twice", derive(&["a"]));
    assert_eq!(
        faults,
        [
            "/0: the id \"h1\" is not a UUID",
            "/0: the attribute level has no usable value",
            "/1: listItem may not stand in the document",
            "/1: listItem does not begin with a paragraph",
            &twice,
            "/2: the block has no id",
            "/3: bulletList is empty"
        ]
    );
    let mended = broken.repair();
    assert_eq!(mended.check(), []);
    assert_eq!(
        mended.blocks.iter().map(|block| block.kind.name()).collect::<Vec<_>>(),
        ["heading", "bulletList", "paragraph"]
    );
    assert_eq!(mended.plain_text().trim(), "x");
}

#[test]
fn rows_of_a_table_are_filled_up() {
    let cell = |name: &str, rows: u64| {
        json!({"type": "tableCell", "attrs": {"id": derive(&[name]), "rowspan": rows},
        "content": [{"type": "paragraph", "attrs": id(&format!("{name}p"))}]})
    };
    let table = document(json!([{"type": "table", "attrs": id("t"), "content": [
        {"type": "tableRow", "attrs": id("r"), "content": [cell("a", 1), cell("b", 5)]},
        {"type": "tableRow", "attrs": id("s"), "content": [cell("c", 1)]},
        {"type": "tableRow", "attrs": id("u"), "content": [cell("d", 1), cell("e", 1)]}]}]));
    assert_eq!(table.check().iter().map(|fault| fault.flaw.clone()).collect::<Vec<_>>(), [Flaw::Ragged]);
    let mended = table.repair();
    assert_eq!(mended.check(), []);
    let widths: Vec<usize> = mended.blocks[0].children().iter().map(|row| row.children().len()).collect();
    assert_eq!(widths, [3, 2, 2]);
}

#[test]
fn there_are_limits() {
    let mut nested = json!({"type": "paragraph"});
    for _ in 0..60 {
        nested = json!({"type": "blockquote", "content": [nested]});
    }
    let refused = |value: Value| Document::parse(&json!({"type": "doc", "content": [value]})).unwrap_err().flaw;
    assert_eq!(refused(nested), Flaw::TooDeep);
    assert_eq!(
        refused(json!({"type": "paragraph", "content": [{"type": "text", "text": "x".repeat(MAX_BYTES)}]})),
        Flaw::TooLarge
    );
    assert_eq!(refused(json!({"type": "future", "content": [{"text": "x".repeat(MAX_BYTES)}]})), Flaw::TooLarge);
    let many: Vec<Value> = vec![json!({"type": "horizontalRule"}); MAX_BLOCKS + 1];
    assert_eq!(Document::parse(&json!({"type": "doc", "content": many})).unwrap_err().flaw, Flaw::TooManyBlocks);
}

#[test]
fn a_repair_elsewhere_gives_the_same_ids() {
    let loose = json!([{"type": "paragraph", "content": [{"type": "text", "text": "a"}]}, {"type": "paragraph"},
        {"type": "text", "text": "loose"}, {"type": "listItem", "content": [{"type": "text", "text": "b"}]}]);
    let mended = document(loose.clone()).repair();
    assert_eq!(mended, document(loose).repair());
    assert_eq!((mended.check(), mended.plain_text().as_str()), (vec![], "a\n\nloose\nb"));
}

#[test]
fn what_is_unknown_is_carried_along() {
    let value = json!({"type": "doc", "schema": 7, "content": [
        {"type": "columns", "attrs": {"id": derive(&["a"]), "n": 2.5}, "content": [{"type": "column", "attrs": {"id": derive(&["b"])}, "x": [1]}], "y": null},
        {"type": "paragraph", "attrs": {"id": derive(&["c"]), "dir": "rtl"}, "z": {"q": 1}, "content": [
            {"type": "mention", "attrs": {"label": "A"}, "marks": [{"type": "new", "attrs": {"k": [1]}}], "w": true},
            {"type": "text", "text": "b", "marks": [{"type": "comment", "attrs": {"thread": 1}}]}]}]});
    let document = Document::parse(&value).unwrap();
    assert_eq!(document.check(), []);
    assert_eq!(document.repair().to_value(), value);
}
