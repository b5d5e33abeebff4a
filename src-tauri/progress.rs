//! Progress: completed published lessons over published lessons of the course, in percent. The rule itself stands once, in
//! the database (`lectern.recompute_progress`), and triggers keep it; here it is used, checked and repaired.

use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use crate::{
    error::{Error, Result},
    ids::{EnrollmentId, LessonId, OrganizationId},
};

/// How far the stored progress and counts were from what the lessons say.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Drift {
    pub enrollments: u32,
    pub course_counts: u32,
}

/// Says that the person completed the lesson, or that they did not.
///
/// # Errors
/// `notFound` when the lesson is not of the enrollment's course; `notAllowed`.
pub async fn set_lesson_completed(
    connection: &mut PgConnection,
    organization: OrganizationId,
    enrollment: EnrollmentId,
    lesson: LessonId,
    completed: bool,
) -> Result<()> {
    let _ = (connection, organization, enrollment, lesson, completed);
    Err(Error::not_allowed())
}

/// Finds drift in one organization, or in all of them as the owner's login. With `repair` it is mended.
///
/// # Errors
/// `notAllowed` for whoever is no admin.
pub async fn check(connection: &mut PgConnection, organization: Option<OrganizationId>, repair: bool) -> Result<Drift> {
    let _ = (connection, organization, repair);
    Err(Error::not_allowed())
}
