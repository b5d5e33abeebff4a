//! Marks of the same words, three ways.

use serde_json::Value;

use crate::block::Mark;
use crate::hash;

const ONCE: [&str; 9] =
    ["bold", "italic", "underline", "strike", "code", "link", "highlight", "subscript", "superscript"];

/// A known mark stands once on a word; of unknown ones (comments, …) several may.
fn key(mark: &Mark) -> (&str, Vec<u8>) {
    let known = ONCE.contains(&mark.kind.as_str());
    (&mark.kind, if known { Vec::new() } else { hash::canonical(&Value::Object(mark.attributes.clone())) })
}

fn find<'a>(marks: &'a [Mark], wanted: &Mark) -> Option<&'a Mark> {
    marks.iter().find(|mark| mark.kind == wanted.kind && key(mark) == key(wanted))
}

/// Head's marks and what local added, without what either took away. True when both linked the words, elsewhere each.
pub(super) fn merge(base: &[Mark], head: &[Mark], local: &[Mark]) -> (Vec<Mark>, bool) {
    if head == base || head == local {
        return (local.to_vec(), false);
    }
    if local == base {
        return (head.to_vec(), false);
    }
    let mut merged = Vec::with_capacity(head.len() + 1);
    let mut linked_twice = false;
    for mark in head.iter().chain(local.iter().filter(|mark| find(head, mark).is_none())) {
        let (in_base, in_head, in_local) = (find(base, mark), find(head, mark), find(local, mark));
        let stands = if in_head == in_base { in_local } else { in_head };
        linked_twice |= mark.kind == "link" && in_head != in_base && in_local != in_base && in_head != in_local;
        merged.extend(stands.cloned());
    }
    (merged, linked_twice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_additions_stay_and_both_removals_count() {
        let (bold, italic, strike) = (Mark::new("bold"), Mark::new("italic"), Mark::new("strike"));
        let base = [bold.clone(), strike.clone()];
        let merged = merge(&base, &[bold.clone(), strike, italic.clone()], std::slice::from_ref(&bold));
        assert_eq!(merged, (vec![bold, italic], false));
    }

    #[test]
    fn two_links_on_the_same_words_are_told() {
        let (here, there) = (Mark::link("https://a.example", None), Mark::link("https://b.example", None));
        assert_eq!(merge(&[], std::slice::from_ref(&here), &[there]), (vec![here], true));
    }

    #[test]
    fn unknown_marks_stand_beside_each_other() {
        let comment = |id: &str| {
            let mut mark = Mark::new("comment");
            mark.attributes.insert("thread".into(), id.into());
            mark
        };
        assert_eq!(merge(&[], &[comment("1")], &[comment("2")]).0, [comment("1"), comment("2")]);
    }
}
