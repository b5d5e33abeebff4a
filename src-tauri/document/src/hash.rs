//! One hash per meaning: neither the order of keys and marks, nor how a number is written (`2`, `2.0`, `2e0`), nor an
//! attribute that is `null` instead of absent, changes it.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::block::{Attributes, Block, Body, Document, Inline, Mark};

/// SHA-256 over the document's canonical form. Equal documents have equal hashes on every computer and in every version.
#[must_use]
pub fn hash(document: &Document) -> [u8; 32] {
    let mut form = Vec::new();
    attributes(&document.rest, &mut form);
    blocks(&document.blocks, &mut form);
    Sha256::digest(&form).into()
}

/// The canonical form of any JSON value.
#[must_use]
pub fn canonical(value: &Value) -> Vec<u8> {
    let mut form = Vec::new();
    write(value, &mut form);
    form
}

fn blocks(blocks: &[Block], form: &mut Vec<u8>) {
    count(b'[', blocks.len(), form);
    for block in blocks {
        text(&block.id, form);
        text(block.kind.name(), form);
        attributes(&block.attributes, form);
        attributes(&block.rest, form);
        match &block.body {
            Body::Leaf => form.push(b'-'),
            Body::Text(line) => {
                count(b't', line.len(), form);
                line.iter().for_each(|inline| self::inline(inline, form));
            }
            Body::Blocks(children) => self::blocks(children, form),
            Body::Opaque(content) if content.is_empty() => form.push(b'-'),
            Body::Opaque(content) => {
                count(b'o', content.len(), form);
                content.iter().for_each(|value| write(value, form));
            }
        }
    }
}

fn inline(inline: &Inline, form: &mut Vec<u8>) {
    match inline {
        Inline::Text { text: words, .. } => text(words, form),
        Inline::Atom { kind, attributes: own, rest, .. } => {
            form.push(b'a');
            text(kind, form);
            attributes(own, form);
            attributes(rest, form);
        }
    }
    let mut marks: Vec<Vec<u8>> = inline.marks().iter().map(mark).collect();
    marks.sort();
    count(b'm', marks.len(), form);
    marks.iter().for_each(|mark| form.extend_from_slice(mark));
}

fn mark(mark: &Mark) -> Vec<u8> {
    let mut form = Vec::new();
    text(&mark.kind, &mut form);
    attributes(&mark.attributes, &mut form);
    form
}

fn attributes(given: &Attributes, form: &mut Vec<u8>) {
    let mut said: Vec<(&String, &Value)> = given.iter().filter(|(_, value)| !value.is_null()).collect();
    said.sort_by_key(|(key, _)| *key);
    count(b'{', said.len(), form);
    for (key, value) in said {
        text(key, form);
        write(value, form);
    }
}

fn write(value: &Value, form: &mut Vec<u8>) {
    match value {
        Value::Null => form.push(b'0'),
        Value::Bool(true) => form.push(b'T'),
        Value::Bool(false) => form.push(b'F'),
        Value::Number(number) => {
            form.push(b'n');
            text(&plain_number(number), form);
        }
        Value::String(words) => text(words, form),
        Value::Array(values) => {
            count(b'[', values.len(), form);
            values.iter().for_each(|value| write(value, form));
        }
        Value::Object(node) => object(node, form),
    }
}

fn object(node: &Map<String, Value>, form: &mut Vec<u8>) {
    let mut entries: Vec<(&String, &Value)> = node.iter().collect();
    entries.sort_by_key(|(key, _)| *key);
    count(b'{', entries.len(), form);
    for (key, value) in entries {
        text(key, form);
        write(value, form);
    }
}

fn plain_number(number: &serde_json::Number) -> String {
    match number.as_f64() {
        // Beyond 2^53 a float no longer names one whole number.
        Some(n) if number.is_f64() && n.fract() == 0.0 && n.abs() < 9_007_199_254_740_992.0 => (n as i64).to_string(),
        _ => number.to_string(),
    }
}

fn text(words: &str, form: &mut Vec<u8>) {
    count(b's', words.len(), form);
    form.extend_from_slice(words.as_bytes());
}

fn count(tag: u8, length: usize, form: &mut Vec<u8>) {
    form.push(tag);
    form.extend_from_slice(&(length as u64).to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn hash_of(text: &str) -> [u8; 32] {
        hash(&Document::parse(&serde_json::from_str(text).unwrap()).unwrap())
    }

    #[test]
    fn the_same_document_written_differently_has_the_same_hash() {
        let one = hash_of(
            r#"{"type":"doc","content":[{"type":"heading","attrs":{"id":"a","level":2,"x":null},"content":[
            {"type":"text","text":"ab","marks":[{"type":"bold"},{"type":"italic"}]}]}]}"#,
        );
        let other = hash_of(
            r#"{"content":[{"content":[{"marks":[{"type":"italic"},{"type":"bold"}],"text":"a","type":"text"},
            {"marks":[{"type":"italic"},{"type":"bold"}],"text":"b","type":"text"}],"attrs":{"level":2.0,"id":"a"},
            "type":"heading"}],"type":"doc"}"#,
        );
        assert_eq!(one, other);
    }

    #[test]
    fn another_document_has_another_hash() {
        let a = json!({"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "ab"}]}]});
        let b = json!({"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "a"}]},
            {"type": "paragraph", "content": [{"type": "text", "text": "b"}]}]});
        assert_ne!(hash(&Document::parse(&a).unwrap()), hash(&Document::parse(&b).unwrap()));
    }

    #[test]
    fn the_hash_stays_what_it_was_in_earlier_versions() {
        let document = json!({"type": "doc", "content": [{"type": "paragraph",
            "attrs": {"id": "0b7ec3a4-5f0e-5c55-8f3e-0a1b2c3d4e5f"}, "content": [{"type": "text", "text": "Grüße"}]}]});
        let hash = hash(&Document::parse(&document).unwrap());
        assert_eq!(
            hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
            "53cf46359b080ea211a17d6f9e287bb6e3172e3ca8319b2ada60fb8f0c93a5c8"
        );
    }
}
