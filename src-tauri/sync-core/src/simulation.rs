//! Devices, a server and everything that goes wrong between them, decided by one seed.

pub mod memory;
pub mod model;

#[cfg(test)]
mod invariants;
#[cfg(test)]
mod network;
#[cfg(test)]
mod persons;
#[cfg(test)]
mod random;
#[cfg(test)]
mod stories;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod trace;
#[cfg(test)]
mod world;

/// What is left out on purpose, to see that the invariants notice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mutant {
    pub no_compare_and_set: bool,
    pub no_cards: bool,
    pub no_receipts: bool,
    pub no_fork_check: bool,
    pub cursor_first: bool,
}
