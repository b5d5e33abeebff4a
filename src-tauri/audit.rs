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
    #[cfg_attr(feature = "desktop", specta(type = u32))]
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

/// Entries of the organization, newest first. `total` is counted for the first page and carried on by the cursor: the audit
/// is long, and whoever reads on is not served by counting it again.
///
/// # Errors
/// `invalid` for an unknown cursor; nothing is found by whoever is no admin.
pub async fn list(
    connection: &mut PgConnection,
    organization: OrganizationId,
    query: &AuditQuery,
) -> Result<Page<AuditRow>> {
    let list = ListQuery { cursor: query.cursor.clone(), limit: query.limit, ..ListQuery::default() };
    let after: Option<(i64, i64)> = list.after()?;
    let total = match after {
        Some((_, total)) => total,
        None => {
            sqlx::query_scalar!(
                r#"select count(*) as "count!" from lectern_audit.entries
                   where organization_id = $1 and ($2::uuid is null or row_id = $2)"#,
                organization as OrganizationId,
                query.row_id,
            )
            .fetch_one(&mut *connection)
            .await?
        }
    };
    let rows = sqlx::query_as!(
        AuditRow,
        r#"select a.id, a.at, m.name as "actor_name?", a.verb, a.table_name, a.row_id, a.before, a.after
             from (select id, at, actor_id, verb, table_name, row_id, before, after from lectern_audit.entries
                    where organization_id = $1 and ($2::uuid is null or row_id = $2) and ($3::bigint is null or id < $3)
                    order by id desc limit $4) a
             left join lectern.memberships m on m.organization_id = $1 and m.person_id = a.actor_id
            order by a.id desc"#,
        organization as OrganizationId,
        query.row_id,
        after.map(|(id, _)| id),
        i64::from(list.fetch()),
    )
    .fetch_all(connection)
    .await?;
    Page::new(rows, &list, Some(total), |row: &AuditRow| (row.id, total))
}
