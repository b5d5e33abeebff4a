//! Switches that make the merge wrong on purpose: proof that the tests would notice.

use std::cell::Cell;

use crate::card::Card;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sabotage {
    None,
    DropCards,
    DeleteWins,
    LocalWords,
    ForgetAttributes,
}

thread_local! { static SABOTAGE: Cell<Sabotage> = const { Cell::new(Sabotage::None) }; }

pub(crate) fn is(kind: Sabotage) -> bool {
    SABOTAGE.get() == kind
}

/// Runs `test` with the merge broken in this way.
pub(crate) fn with<T>(kind: Sabotage, test: impl FnOnce() -> T) -> T {
    SABOTAGE.set(kind);
    let result = test();
    SABOTAGE.set(Sabotage::None);
    result
}

pub(super) fn cards(cards: Vec<Card>) -> Vec<Card> {
    if is(Sabotage::DropCards) { Vec::new() } else { cards }
}
