//! The order of siblings, three ways. Head's order is the frame; what only local moved or added goes behind the
//! neighbour it has there.

use std::collections::{HashMap, HashSet};

/// The children in `alive`, each once. The three lists are the siblings as each version has them.
pub(super) fn merge<'a>(base: &[&'a str], head: &[&'a str], local: &[&'a str], alive: &[&'a str]) -> Vec<&'a str> {
    let set: HashSet<&str> = alive.iter().copied().collect();
    let only = |list: &[&'a str]| list.iter().copied().filter(|id| set.contains(id)).collect::<Vec<_>>();
    let (base, head, local) = (only(base), only(head), only(local));
    if head.len() == set.len() && (local == head || local == base) {
        return head;
    }
    let moved_by_head = moved(&base, &head);
    let moved_by_local = moved(&base, &local);
    let frame = head
        .iter()
        .copied()
        .filter(|id| !moved_by_local.contains(id) || moved_by_head.contains(id))
        .collect::<Vec<_>>();
    let mut order = weave(weave(frame, &local), &base);
    let placed: HashSet<&str> = order.iter().copied().collect();
    order.extend(alive.iter().copied().filter(|id| !placed.contains(id)));
    order
}

/// What is not in its base order any more: everything outside the longest run of siblings that kept theirs.
fn moved<'a>(base: &[&'a str], side: &[&'a str]) -> HashSet<&'a str> {
    let place: HashMap<&str, usize> = base.iter().enumerate().map(|(index, id)| (*id, index)).collect();
    let known: Vec<(&'a str, usize)> = side.iter().filter_map(|id| Some((*id, *place.get(id)?))).collect();
    // Patience: the smallest last place of an increasing run of each length, with the way back.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(known.len());
    for (index, (_, place)) in known.iter().enumerate() {
        let length = ends.partition_point(|end| known[*end].1 < *place);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        if length == ends.len() { ends.push(index) } else { ends[length] = index }
    }
    let mut kept = HashSet::new();
    let mut at = ends.last().copied();
    while let Some(index) = at {
        kept.insert(known[index].0);
        at = before[index];
    }
    known.into_iter().map(|(id, _)| id).filter(|id| !kept.contains(id)).collect()
}

/// Puts what `order` lacks behind the neighbour before it in `other`, after what only `order` has there.
fn weave<'a>(order: Vec<&'a str>, other: &[&'a str]) -> Vec<&'a str> {
    let placed: HashSet<&str> = order.iter().copied().collect();
    let known: HashSet<&str> = other.iter().copied().collect();
    let mut behind: HashMap<Option<&str>, Vec<&'a str>> = HashMap::new();
    let mut neighbour = None;
    for id in other {
        if placed.contains(id) { neighbour = Some(*id) } else { behind.entry(neighbour).or_default().push(id) }
    }
    if behind.is_empty() {
        return order;
    }
    let mut woven = Vec::with_capacity(order.len() + other.len());
    let mut waiting = behind.remove(&None).unwrap_or_default();
    for id in order {
        if known.contains(id) {
            woven.append(&mut waiting);
        }
        woven.push(id);
        if let Some(next) = behind.remove(&Some(id)) {
            waiting = next;
        }
    }
    woven.append(&mut waiting);
    woven
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(base: &str, head: &str, local: &str, alive: &str) -> String {
        let list = |text: &'static str| text.split("").filter(|id| !id.is_empty()).collect::<Vec<_>>();
        let leak = |text: &str| list(Box::leak(text.to_owned().into_boxed_str()));
        merge(&leak(base), &leak(head), &leak(local), &leak(alive)).concat()
    }

    #[test]
    fn additions_of_both_stay_at_their_places() {
        assert_eq!(order("abc", "aHbc", "abLc", "abcHL"), "aHbLc");
        assert_eq!(order("abc", "aHbc", "aLbc", "abcHL"), "aHLbc");
        assert_eq!(order("ab", "Hab", "Lab", "abHL"), "HLab");
        assert_eq!(order("", "H", "L", "HL"), "HL");
    }

    #[test]
    fn moves_of_both_are_made_and_head_decides_about_the_same_block() {
        assert_eq!(order("abcde", "bacde", "abced", "abcde"), "baced");
        assert_eq!(order("abc", "bca", "cab", "abc").len(), 3);
        assert_eq!(order("abcd", "abcd", "dabc", "abcd"), "dabc");
        assert_eq!(order("abcd", "dabc", "abcd", "abcd"), "dabc");
    }

    #[test]
    fn what_comes_back_stands_where_it_stood() {
        assert_eq!(order("abc", "ac", "abc", "abc"), "abc");
        assert_eq!(order("abc", "abc", "ac", "abc"), "abc");
        assert_eq!(order("abc", "ac", "ac", "abc"), "abc");
        assert_eq!(order("", "a", "", "ax"), "ax");
    }
}
