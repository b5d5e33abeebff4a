//! Fractional order keys: a row can be put between any two others without renumbering them, so two authors can work at the
//! same place without a network. A key is a fraction written in base 62 (`0-9A-Za-z`, in byte order, as the database's
//! check and its collation "C" want it); lists order by key, then by id.
//!
//! Own code rather than the crate `fractional_index`: keys of other origin (imports, a padded number) must be accepted as
//! neighbours, and that crate reads only its own hexadecimal form.

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// What the database's check allows; keys that would grow past it are spread anew.
const MAX_LENGTH: usize = 200;

/// A row of the list with its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sibling<Id> {
    pub id: Id,
    pub position: String,
}

/// Where to put a row, and the siblings that need a new key first, because theirs leave no room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement<Id> {
    pub position: String,
    pub moved: Vec<Sibling<Id>>,
}

/// The index behind the sibling `after`, the front for none; nothing when `after` is not among them.
#[must_use]
pub fn behind<Id: PartialEq>(siblings: &[Sibling<Id>], after: Option<Id>) -> Option<usize> {
    match after {
        None => Some(0),
        Some(after) => siblings.iter().position(|sibling| sibling.id == after).map(|index| index + 1),
    }
}

/// A key for a row right behind `siblings[index - 1]`, at the front for 0. `siblings` stand in their order (key, then id).
#[must_use]
pub fn place<Id: Copy>(siblings: &[Sibling<Id>], index: usize) -> Placement<Id> {
    let index = index.min(siblings.len());
    let before = index.checked_sub(1).and_then(|i| siblings.get(i)).map(|s| s.position.as_str());
    let after = siblings.get(index).map(|s| s.position.as_str());
    if let Some(position) = between(before, after) {
        return Placement { position, moved: Vec::new() };
    }
    // Equal neighbours (two authors chose one place) or no room: every sibling gets a key of even distance.
    let keys = spread(siblings.len() + 1);
    let mut moved = Vec::new();
    let mut position = String::new();
    for (place, key) in keys.into_iter().enumerate() {
        match place.cmp(&index) {
            std::cmp::Ordering::Equal => position = key,
            other => {
                let sibling = &siblings[if other.is_lt() { place } else { place - 1 }];
                if sibling.position != key {
                    moved.push(Sibling { id: sibling.id, position: key });
                }
            }
        }
    }
    Placement { position, moved }
}

/// `count` keys in order at even distances.
#[must_use]
pub fn spread(count: usize) -> Vec<String> {
    let mut width = 1;
    let mut room = 62_usize;
    while room / 2 <= count {
        width += 1;
        room = room.saturating_mul(62);
    }
    let step = room / (count + 1);
    (1..=count)
        .map(|number| {
            let mut value = number * step;
            let mut key = vec![b'0'; width];
            for digit in key.iter_mut().rev() {
                *digit = DIGITS[value % 62];
                value /= 62;
            }
            // A key ending in zero has nothing between itself and its stem.
            while key.len() > 1 && key.last() == Some(&b'0') {
                key.pop();
            }
            String::from_utf8_lossy(&key).into_owned()
        })
        .collect()
}

/// A short key strictly between two, or none where there is none.
fn between(before: Option<&str>, after: Option<&str>) -> Option<String> {
    let low = before.unwrap_or_default().as_bytes();
    let high = after.map(str::as_bytes);
    if high.is_some_and(|high| low >= high) {
        return None;
    }
    let mut key = Vec::new();
    // Whether the key so far is still a prefix of the upper neighbour, which then bounds the next digit.
    let mut bounded = high.is_some();
    for place in 0.. {
        let floor = low.get(place).copied().map(digit);
        let ceiling = if bounded { high.and_then(|high| high.get(place).copied()).map(digit) } else { Some(62) };
        // The upper neighbour ended: what follows it is above it.
        let ceiling = ceiling?;
        let from = floor.map_or(0, |floor| floor + 1);
        // At the end of the list a step of one leaves room for many more to follow.
        let to = if bounded || floor.is_none() { ceiling } else { ceiling.min(from + 1) };
        // A key never ends in zero, or nothing would fit before it.
        let from = if floor.is_none() { from.max(1) } else { from };
        if from < to {
            key.push(DIGITS[from + (to - from) / 2]);
            break;
        }
        let same = floor.unwrap_or(0);
        bounded = bounded && same == ceiling;
        key.push(DIGITS[same]);
        if key.len() >= MAX_LENGTH {
            return None;
        }
    }
    String::from_utf8(key).ok()
}

fn digit(byte: u8) -> usize {
    DIGITS.binary_search(&byte).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn keys(siblings: &[Sibling<usize>]) -> Vec<&str> {
        siblings.iter().map(|s| s.position.as_str()).collect()
    }

    /// Puts `id` behind the first `index` siblings as a writer would, and returns how many others were rewritten.
    fn put(siblings: &mut Vec<Sibling<usize>>, index: usize, id: usize) -> usize {
        let index = index.min(siblings.len());
        let placement = place(siblings, index);
        for moved in &placement.moved {
            siblings.iter_mut().find(|s| s.id == moved.id).expect("a sibling").position.clone_from(&moved.position);
        }
        siblings.insert(index, Sibling { id, position: placement.position });
        placement.moved.len()
    }

    proptest! {
        #[test]
        fn rows_stand_where_they_were_put(places in proptest::collection::vec(0usize..400, 0..400)) {
            let mut siblings = Vec::new();
            for (id, place) in places.into_iter().enumerate() {
                put(&mut siblings, place, id);
                prop_assert!(siblings.windows(2).all(|pair| pair[0].position < pair[1].position), "{:?}", keys(&siblings));
                prop_assert!(siblings.iter().all(|s| (1..=MAX_LENGTH).contains(&s.position.len())));
            }
        }

        #[test]
        fn any_legal_keys_are_taken_as_neighbours(
            mut positions in proptest::collection::vec("[0-9A-Za-z]{1,6}|0{1,3}|z{1,200}", 1..12), place in 0usize..14,
        ) {
            positions.sort();
            let mut siblings: Vec<_> =
                positions.into_iter().enumerate().map(|(id, position)| Sibling { id, position }).collect();
            let mut wanted: Vec<usize> = siblings.iter().map(|s| s.id).collect();
            wanted.insert(place.min(wanted.len()), 99);
            put(&mut siblings, place, 99);
            siblings.sort_by(|a, b| (&a.position, a.id).cmp(&(&b.position, b.id)));
            prop_assert_eq!(siblings.iter().map(|s| s.id).collect::<Vec<_>>(), wanted);
        }
    }

    #[test]
    fn appending_a_thousand_rows_rewrites_none() {
        let mut siblings = Vec::new();
        assert_eq!((0..1000).map(|id| put(&mut siblings, usize::MAX, id)).sum::<usize>(), 0);
        assert!(keys(&siblings).iter().all(|key| key.len() <= 40), "{:?}", keys(&siblings).last());
    }

    #[test]
    fn a_thousand_rows_at_the_front_stay_in_order() {
        let mut siblings = Vec::new();
        (0..1000).for_each(|id| {
            put(&mut siblings, 0, id);
        });
        assert_eq!(siblings.iter().map(|s| s.id).collect::<Vec<_>>(), (0..1000).rev().collect::<Vec<_>>());
    }
}
