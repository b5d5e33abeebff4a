//! The window's commands about an organization at a glance.

use super::asking;
use crate::dashboards::{self, Overview};

asking! {
    read_overview() -> Overview = dashboards::overview();
}
