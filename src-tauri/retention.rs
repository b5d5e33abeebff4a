//! Retention: overwritten values are kept for 180 days, an upload nobody finished for 30. The rule stands in the database
//! (migration 0077); here it is asked and, by whoever owns the tables, carried out.

use serde::Serialize;
use sqlx::PgConnection;

use crate::error::Result;

/// What has been kept for longer than it is kept.
#[derive(Serialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Old {
    /// Values of courses' content that were overwritten 180 days ago.
    pub history: i64,
    /// Files whose upload began 30 days ago and was not finished.
    pub uploads: i64,
}

/// # Errors
/// `notAllowed` for any login but the owner's.
pub async fn count(connection: &mut PgConnection) -> Result<Old> {
    Ok(sqlx::query_as!(Old, r#"select history as "history!", uploads as "uploads!" from lectern.count_old()"#)
        .fetch_one(connection)
        .await?)
}

/// Clears a batch of at most so many rows; nothing is left once it clears nothing.
///
/// # Errors
/// `notAllowed` for any login but the owner's.
pub async fn clear(connection: &mut PgConnection, most: i32) -> Result<Old> {
    Ok(sqlx::query_as!(Old, r#"select history as "history!", uploads as "uploads!" from lectern.clear_old($1)"#, most)
        .fetch_one(connection)
        .await?)
}
