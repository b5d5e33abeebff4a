//! Enrollments: a person in a course, once. Withdrawing keeps the progress; enrolling again brings it back.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    ids::{CourseId, EnrollmentId, LessonId, OrganizationId, PersonId},
    page::{ListQuery, Page},
};

#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub enum EnrollmentState {
    /// Neither completed nor withdrawn.
    Active,
    /// Completed and not withdrawn.
    Completed,
    Withdrawn,
    /// Active for more than 14 days with progress below 25, in a course that is not archived.
    AtRisk,
}

/// Without a state: all that are not withdrawn (`list.archived`: only the withdrawn ones).
#[derive(Serialize, Deserialize, Clone, Debug, Default)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct EnrollmentsQuery {
    /// `sort`: `enrolledAt`.
    #[serde(flatten)]
    pub list: ListQuery,
    pub course_id: Option<CourseId>,
    pub person_id: Option<PersonId>,
    pub state: Option<EnrollmentState>,
}

#[derive(Serialize, Deserialize, Clone, Debug)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct EnrollmentRow {
    pub id: EnrollmentId,
    pub course_id: CourseId,
    pub course_title: String,
    pub person_id: PersonId,
    pub person_name: String,
    pub person_email: String,
    pub enrolled_at: DateTime<Utc>,
    /// 0 to 100.
    pub progress: i16,
    pub completed_at: Option<DateTime<Utc>>,
    pub last_accessed_at: Option<DateTime<Utc>>,
    pub withdrawn_at: Option<DateTime<Utc>>,
    /// Renewed by whoever changes the enrollment, not by the progress of the learner.
    pub version: Uuid,
}

#[derive(Serialize, Deserialize, Clone, Debug)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct EnrollmentDetail {
    #[serde(flatten)]
    pub row: EnrollmentRow,
    pub may_edit: bool,
    /// The published lessons of the course in their order: its own first, then those of each sub-course.
    pub lessons: Vec<EnrolledLesson>,
}

#[derive(Serialize, Deserialize, Clone, Debug)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct EnrolledLesson {
    pub lesson_id: LessonId,
    pub title: String,
    pub sub_course_title: Option<String>,
    pub duration_minutes: i32,
    pub completed_at: Option<DateTime<Utc>>,
    /// What the person spent on it.
    pub minutes: i32,
}

#[derive(Serialize, Deserialize, Clone, Debug)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct NewEnrollment {
    pub id: EnrollmentId,
    pub course_id: CourseId,
    pub person_id: PersonId,
}

/// Enrollments the caller may see, newest first unless `descending` is false: all for admins, those of their courses for
/// staff, and one's own. The search looks in the person's name and e-mail and the course's title.
///
/// # Errors
/// `invalid` for an unknown order or cursor, `notAllowed` outside the organization.
pub async fn list(
    connection: &mut PgConnection,
    organization: OrganizationId,
    query: &EnrollmentsQuery,
) -> Result<Page<EnrollmentRow>> {
    let _ = (connection, organization);
    Page::new(Vec::new(), &query.list, 0, |row: &EnrollmentRow| row.id)
}

/// # Errors
/// `notFound` when there is none the caller may see.
pub async fn read(
    connection: &mut PgConnection,
    organization: OrganizationId,
    enrollment: EnrollmentId,
) -> Result<EnrollmentDetail> {
    let _ = (connection, organization, enrollment);
    Err(Error::not_found("enrollment"))
}

/// Enrolls a member. Whoever was withdrawn is enrolled again under the id and with the progress they had; the id of the
/// enrollment is given back.
///
/// # Errors
/// `conflict` at `personId` when they are enrolled already; `notFound` for an unknown course or person; `notAllowed`.
pub async fn enroll(
    connection: &mut PgConnection,
    organization: OrganizationId,
    new: &NewEnrollment,
) -> Result<EnrollmentId> {
    let _ = (connection, organization, new);
    Err(Error::not_allowed())
}

/// # Errors
/// `stale` when somebody changed it since `version`; `notFound`, `notAllowed`.
pub async fn withdraw(
    connection: &mut PgConnection,
    organization: OrganizationId,
    enrollment: EnrollmentId,
    version: Uuid,
) -> Result<()> {
    let _ = (connection, organization, enrollment, version);
    Err(Error::not_allowed())
}

/// # Errors
/// `stale` when somebody changed it since `version`; `notFound`, `notAllowed`.
pub async fn reinstate(
    connection: &mut PgConnection,
    organization: OrganizationId,
    enrollment: EnrollmentId,
    version: Uuid,
) -> Result<()> {
    let _ = (connection, organization, enrollment, version);
    Err(Error::not_allowed())
}
