//! A block's attributes, three ways.

use serde_json::Value;

use crate::block::Attributes;

/// How something looks on a page; head's stands, nobody is asked.
const LAYOUT: [&str; 4] = ["width", "height", "colwidth", "textAlign"];

/// One attribute both sides changed: its name, and base, head and local (`null`: not there).
pub(super) type Twice = (String, [Value; 3]);

/// Attribute by attribute: whoever changed it decides. Where both did, head's stands and is told, layout excepted.
pub(super) fn merge(base: &Attributes, head: &Attributes, local: &Attributes) -> (Attributes, Vec<Twice>) {
    let mut merged = Attributes::new();
    let mut twice = Vec::new();
    let names = head.keys().chain(local.keys().filter(|name| !head.contains_key(*name)));
    for name in names {
        let (in_base, in_head, in_local) = (said(base, name), said(head, name), said(local, name));
        let stands = if in_head == in_base { local.get(name) } else { head.get(name) };
        if let Some(stands) = stands {
            merged.insert(name.clone(), stands.clone());
        }
        if in_head != in_base && in_local != in_base && in_head != in_local && !LAYOUT.contains(&name.as_str()) {
            let version = |value: Option<&Value>| value.cloned().unwrap_or(Value::Null);
            twice.push((name.clone(), [version(in_base), version(in_head), version(in_local)]));
        }
    }
    (merged, twice)
}

/// `null` says nothing.
fn said<'a>(attributes: &'a Attributes, name: &str) -> Option<&'a Value> {
    attributes.get(name).filter(|value| !value.is_null())
}
