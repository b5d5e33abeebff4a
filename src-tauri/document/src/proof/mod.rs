//! Proof of the merge: random valid documents over the whole schema, random edits of two sides, and an oracle that is itself
//! proven by breaking the merge on purpose.

mod classic;
mod edit;
pub(crate) mod generate;
mod oracle;
mod properties;

use proptest::test_runner::Config;

/// 2,000 cases, or 50,000 when `LECTERN_TEST_LONG` is set.
pub(crate) fn cases() -> Config {
    let cases = if std::env::var_os("LECTERN_TEST_LONG").is_some() { 50_000 } else { 2_000 };
    Config { cases, failure_persistence: None, max_shrink_iters: 20_000, ..Config::default() }
}
