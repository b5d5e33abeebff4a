//! Who else has a lesson open, and whether the course changed: one cheap question every few seconds.

use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    ids::{CourseId, LessonId, OrganizationId, PersonId},
};

/// What is open in a course just now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    /// The course's number: a higher one than that of the last pull means there is something to pull.
    pub seq: i64,
    /// Everybody's, this window's too; the longest open first.
    pub readers: Vec<Reader>,
}

/// A lesson in somebody's window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reader {
    pub lesson_id: LessonId,
    pub person_id: PersonId,
    pub name: String,
    pub window: Uuid,
}

/// Says that `window` has these lessons of the course open and no others, and asks what everybody has. Worth a minute: said
/// again before that, and once with no lessons when the last is closed. The transaction is committed.
///
/// # Errors
/// `notAllowed` for whoever is no staff of the course; `signedOut`, `unreachable`.
pub async fn keep_open(
    connection: &mut PgConnection,
    organization: OrganizationId,
    course: CourseId,
    lessons: &[LessonId],
    window: Uuid,
) -> Result<Open> {
    let lessons: Vec<Uuid> = lessons.iter().map(|lesson| lesson.0).collect();
    let answer = sqlx::query_scalar!(
        "select lectern_api.keep_open($1, $2, $3, $4)",
        organization as OrganizationId,
        course as CourseId,
        &lessons,
        window,
    )
    .fetch_one(connection)
    .await?
    .ok_or_else(Error::not_allowed)?;
    serde_json::from_value(answer).map_err(Error::from_json)
}
