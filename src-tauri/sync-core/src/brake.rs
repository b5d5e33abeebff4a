//! Nobody loses a course by accident: what would delete a large part of it asks first.

use crate::places::containers_of;
use crate::store::{Decided, Direction, LocalRow, Store};
use crate::wire::{Key, Table};
use crate::work::{Work, is_archived};

/// More deleted rows than this are asked about.
const ROWS: usize = 20;
/// So is more than this share of the course, in percent,
const SHARE: usize = 30;
/// but in a small course single deletions are not.
const AT_LEAST: usize = 5;

/// A question to the person: shall these be deleted?
#[derive(Clone, Debug, PartialEq)]
pub struct Brake {
    pub direction: Direction,
    /// Sub-courses, lessons, quizzes and questions that would be gone, without what is in a deleted quiz.
    pub rows: Vec<Key>,
    /// How many there are in the course.
    pub of: usize,
}

/// Counts what a person would miss: not the parts of a quiz that goes with them, not cards.
pub(crate) fn missed(deleted: &[LocalRow]) -> Vec<Key> {
    let keys: Vec<Key> = deleted.iter().map(|row| row.key).collect();
    deleted
        .iter()
        .filter(|row| match row.key.table {
            Table::SubCourses | Table::Lessons | Table::Quizzes => true,
            Table::Questions => containers_of(row.key.table, &row.current).all(|quiz| !keys.contains(&quiz)),
            _ => false,
        })
        .map(|row| row.key)
        .collect()
}

/// Whether deleting `missed` rows, after `before` others, is too much to do unasked.
pub(crate) fn asks<S: Store>(
    work: &Work<'_, S>,
    direction: Direction,
    missed: Vec<Key>,
    before: u32,
) -> Result<Option<Brake>, S::Error> {
    let decided =
        |decided: &Decided| decided.direction == direction && missed.iter().all(|key| decided.rows.contains(key));
    let count = missed.len() + usize::try_from(before).unwrap_or(usize::MAX);
    if missed.is_empty() || count < AT_LEAST || work.course.decided.as_ref().is_some_and(decided) {
        return Ok(None);
    }
    let live = |row: &&LocalRow| match direction {
        Direction::Pull => !is_archived(&row.current),
        Direction::Push => row.base.as_ref().is_some_and(|base| !is_archived(base)),
    };
    let of = missed_of(work, live)? + usize::try_from(before).unwrap_or(usize::MAX);
    let too_much = count > ROWS || count * 100 > of * SHARE;
    Ok(too_much.then_some(Brake { direction, rows: missed, of }))
}

fn missed_of<S: Store>(work: &Work<'_, S>, live: impl Fn(&&LocalRow) -> bool) -> Result<usize, S::Error> {
    let counted = |row: &&LocalRow| {
        matches!(row.key.table, Table::SubCourses | Table::Lessons | Table::Quizzes | Table::Questions)
    };
    Ok(work.rows()?.iter().filter(counted).filter(live).count())
}
