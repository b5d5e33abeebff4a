//! Progress: completed published lessons over published lessons of the course, in percent. The rule itself stands once, in
//! the database (`lectern.recompute_progress`), and triggers keep it; here it is used, checked and repaired.

use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use crate::{
    error::{Error, OnConstraint, Result},
    ids::{EnrollmentId, LessonId, OrganizationId},
};

/// How far stored progress and counts were from what the lessons say.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Drift {
    /// Enrollments whose progress or completion was wrong.
    pub enrollments: u32,
    /// Counts of courses, days and memberships that were wrong.
    pub counts: u32,
}

/// Says that the person completed the lesson, or that they did not. The enrollment's progress follows at once; a completion
/// date it reached stays.
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
    let seen = sqlx::query_scalar!(
        r#"select exists (select from lectern.enrollments where organization_id = $1 and id = $2) as "seen!""#,
        organization as OrganizationId,
        enrollment as EnrollmentId,
    )
    .fetch_one(&mut *connection)
    .await?;
    if !seen {
        return Err(Error::not_found("enrollment"));
    }
    sqlx::query!(
        "insert into lectern.lesson_progress as p (organization_id, enrollment_id, lesson_id, completed_at)
         values ($1, $2, $3, case when $4 then now() end)
         on conflict (organization_id, enrollment_id, lesson_id) do update
           set completed_at = case when $4 then coalesce(p.completed_at, now()) end",
        organization as OrganizationId,
        enrollment as EnrollmentId,
        lesson as LessonId,
        completed,
    )
    .execute(connection)
    .await
    .on_constraint("lesson_progress_lesson_fkey", || Error::not_found("lesson").at("lessonId"))
    .on_constraint("lesson_progress_lesson_of_course", || Error::not_found("lesson").at("lessonId"))?;
    Ok(())
}

/// Finds drift in the organization the session was opened with; with `repair` it is mended. Looking only reads, and nobody
/// waits for it.
///
/// # Errors
/// `notAllowed` for whoever is no admin.
pub async fn check(connection: &mut PgConnection, repair: bool) -> Result<Drift> {
    let found = sqlx::query!(
        r#"select enrollments as "enrollments!", counts as "counts!" from lectern_api.check_progress($1)"#,
        repair
    )
    .fetch_one(connection)
    .await?;
    Ok(Drift { enrollments: found.enrollments.cast_unsigned(), counts: found.counts.cast_unsigned() })
}

/// As [`check`], for any organization, as the owner's login.
///
/// # Errors
/// `notAllowed` for any other login.
pub async fn check_as_owner(
    connection: &mut PgConnection,
    organization: OrganizationId,
    repair: bool,
) -> Result<Drift> {
    let found = sqlx::query!(
        r#"select enrollments as "enrollments!", counts as "counts!" from lectern.check_progress($1, $2)"#,
        organization as OrganizationId,
        repair
    )
    .fetch_one(connection)
    .await?;
    Ok(Drift { enrollments: found.enrollments.cast_unsigned(), counts: found.counts.cast_unsigned() })
}
