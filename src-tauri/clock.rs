//! The only place that reads the time of this machine. Whatever decides asks the database's clock instead; this one
//! names files, measures waiting and dates what has not reached a server yet.

use chrono::{DateTime, Utc};

/// Now, by this machine's clock, which may be wrong by hours.
#[must_use]
#[allow(clippy::disallowed_methods)]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}
