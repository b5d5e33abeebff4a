//! Every failure prints its seed; one that is understood and mended stays below as a test with a name.
//! `LECTERN_SEED=17 cargo test -p lectern-sync-core one_seed -- --nocapture` runs one again; `LECTERN_TRACE=tk3` tells where
//! that word is after each step, `LECTERN_PUSHES=1` what the server answers, `LECTERN_COUNT` runs so many seeds from it on.

use std::panic;

use super::Mutant;
use super::world::{Numbers, World};

/// Half of the schedules have servers restored from a backup.
fn run(seed: u64, mutant: Mutant) -> Result<Numbers, String> {
    let mut world = World::new(seed, mutant, seed % 2 == 1);
    world.run().map_err(|failure| format!("seed {seed}: {failure}"))?;
    Ok(world.numbers)
}

fn rounds(usual: u64, long: u64) -> u64 {
    if std::env::var_os("LECTERN_TEST_LONG").is_some() { long } else { usual }
}

/// A quarter of all schedules: the four run beside each other.
fn quarter(number: u64) {
    let count = rounds(500, 250_000);
    let mut all = Numbers::default();
    for seed in number * 1_000_000..number * 1_000_000 + count {
        match run(seed, Mutant::default()) {
            Ok(numbers) => all.add(&numbers),
            Err(failure) => panic!("{failure}"),
        }
    }
    println!("{count} schedules: {all:?}");
    // Trouble that never happened proves nothing.
    let happened = [all.crashes, all.repeated, all.stale, all.forks, all.restores, all.cards, all.decided, all.lost];
    assert!(
        happened.into_iter().chain([all.late, all.refused, all.denied, all.asked, all.published]).all(|n| n > 0),
        "{all:?}"
    );
}

#[test]
fn nothing_is_lost_in_the_first_quarter_of_the_schedules() {
    quarter(0);
}

#[test]
fn nothing_is_lost_in_the_second_quarter_of_the_schedules() {
    quarter(1);
}

#[test]
fn nothing_is_lost_in_the_third_quarter_of_the_schedules() {
    quarter(2);
}

#[test]
fn nothing_is_lost_in_the_fourth_quarter_of_the_schedules() {
    quarter(3);
}

#[test]
fn the_same_seed_is_the_same_schedule() {
    let told = |seed| format!("{:?}", run(seed, Mutant::default()).unwrap());
    assert_eq!(told(17), told(17));
    assert_ne!(told(17), told(18));
}

/// How many of the first schedules fail without one of the safeguards.
fn fails(mutant: Mutant, schedules: u64) -> Vec<String> {
    let failures = (1..=schedules).filter_map(|seed| match panic::catch_unwind(|| run(seed, mutant)) {
        Ok(Ok(_)) => None,
        Ok(Err(failure)) => Some(failure),
        Err(_) => Some(format!("seed {seed}: panics")),
    });
    failures.take(3).collect()
}

#[test]
fn without_compare_and_set_edits_are_lost() {
    let failures = fails(Mutant { no_compare_and_set: true, ..Mutant::default() }, 200);
    assert!(failures.len() == 3, "{failures:?}");
}

#[test]
fn without_merge_cards_edits_are_lost() {
    let failures = fails(Mutant { no_cards: true, ..Mutant::default() }, 200);
    assert!(failures.len() == 3 && failures.iter().any(|failure| failure.contains("lost")), "{failures:?}");
}

#[test]
fn without_receipts_people_are_asked_about_their_own_words() {
    let failures = fails(Mutant { no_receipts: true, ..Mutant::default() }, 1_000);
    assert!(failures.len() == 3, "{failures:?}");
}

#[test]
fn without_the_fork_check_a_restored_server_and_its_devices_stay_apart() {
    let failures = fails(Mutant { no_fork_check: true, ..Mutant::default() }, 400);
    assert!(failures.len() == 3, "{failures:?}");
}

#[test]
fn with_the_cursor_stored_before_the_rows_a_crash_loses_rows() {
    let failures = fails(Mutant { cursor_first: true, ..Mutant::default() }, 400);
    assert!(failures.len() == 3, "{failures:?}");
}

#[test]
fn a_page_computed_before_a_restore_does_not_hide_a_row_the_server_has_again() {
    run(1131, Mutant::default()).unwrap();
}

#[test]
fn a_decided_card_does_not_answer_for_the_same_difference_after_a_restore() {
    run(2097, Mutant::default()).unwrap();
}

#[test]
fn a_text_that_arrives_after_its_lesson_was_archived_unread_brings_the_lesson_back() {
    run(2_000_236, Mutant::default()).unwrap();
}

#[test]
fn one_seed_can_be_looked_at_alone() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let from = number("LECTERN_SEED").unwrap_or(17);
    let count = number("LECTERN_COUNT").unwrap_or(1);
    let failures: Vec<String> = (from..from + count).filter_map(|seed| run(seed, Mutant::default()).err()).collect();
    failures.iter().for_each(|failure| println!("{}", failure.chars().take(1500).collect::<String>()));
    assert!(failures.is_empty(), "{} of {count}", failures.len());
}
