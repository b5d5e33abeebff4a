//! The organization at a glance, from counts that triggers keep exact.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use crate::{error::Result, ids::OrganizationId};

/// Each number is the total of the list it leads to. Staff see their courses.
#[derive(Serialize, Deserialize, Clone, Debug)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    /// Memberships in use; of these learners, and everybody else.
    pub people: u32,
    pub learners: u32,
    pub staff: u32,
    pub courses: u32,
    pub active_courses: u32,
    /// Enrollments not withdrawn; of these completed and at risk.
    pub enrollments: u32,
    pub completed: u32,
    pub withdrawn: u32,
    pub at_risk: u32,
    /// Mean of those not withdrawn, 0 to 100.
    pub average_progress: u32,
    /// The last twelve weeks, this one included, oldest first.
    pub enrolled_by_week: Vec<WeekCount>,
    /// The last changes, newest first; empty for whoever may not read the audit.
    pub recent: Vec<RecentChange>,
}

#[derive(Serialize, Deserialize, Clone, Debug)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct WeekCount {
    /// Its Monday, in UTC.
    pub week: NaiveDate,
    pub enrolled: u32,
    pub completed: u32,
}

#[derive(Serialize, Deserialize, Clone, Debug)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct RecentChange {
    pub at: DateTime<Utc>,
    /// As this organization writes it; none for whoever is no member.
    pub actor_name: Option<String>,
    pub verb: String,
    pub table_name: String,
    pub row_id: Option<Uuid>,
    /// The name or title of what was changed.
    pub label: Option<String>,
}

/// # Errors
/// `notAllowed` for learners.
pub async fn overview(connection: &mut PgConnection, organization: OrganizationId) -> Result<Overview> {
    let found = sqlx::query_scalar!(
        r#"select lectern_api.read_overview($1) as "overview!: Json<Overview>""#,
        organization as OrganizationId
    )
    .fetch_one(connection)
    .await?;
    Ok(found.0)
}
