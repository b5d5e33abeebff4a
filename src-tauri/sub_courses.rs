//! Sub-courses: the parts of a course, in the order of their fractional keys.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    ids::{CourseId, OrganizationId, SubCourseId},
};

#[derive(Serialize, Deserialize, Clone, Debug)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct SubCourse {
    pub id: SubCourseId,
    pub course_id: CourseId,
    pub title: String,
    pub description: String,
    pub position: String,
    pub published_at: Option<DateTime<Utc>>,
    pub archived_at: Option<DateTime<Utc>>,
    pub version: Uuid,
}

#[derive(Serialize, Deserialize, Clone, Debug)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct NewSubCourse {
    pub id: SubCourseId,
    pub title: String,
    pub description: String,
    /// The sub-course it follows; none puts it first.
    pub after: Option<SubCourseId>,
}

/// Absent keeps.
#[derive(Serialize, Deserialize, Clone, Debug, Default)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase", default)]
pub struct SubCourseChange {
    #[cfg_attr(feature = "desktop", specta(optional))]
    pub title: Option<String>,
    #[cfg_attr(feature = "desktop", specta(optional))]
    pub description: Option<String>,
    /// Publishing again keeps the first date.
    #[cfg_attr(feature = "desktop", specta(optional))]
    pub published: Option<bool>,
}

/// # Errors
/// `notFound` when `after` is not of this course; `invalid` at its field; `notAllowed`.
pub async fn create(
    connection: &mut PgConnection,
    organization: OrganizationId,
    course: CourseId,
    new: &NewSubCourse,
) -> Result<SubCourseId> {
    let _ = (connection, organization, course, new);
    Err(Error::not_allowed())
}

/// # Errors
/// `stale` when somebody changed it since `version`; `notFound`, `notAllowed`; `invalid` at its field.
pub async fn change(
    connection: &mut PgConnection,
    organization: OrganizationId,
    course: CourseId,
    sub_course: SubCourseId,
    version: Uuid,
    change: &SubCourseChange,
) -> Result<()> {
    let _ = (connection, organization, course, sub_course, version, change);
    Err(Error::not_allowed())
}

/// Puts it behind `after`, or first.
///
/// # Errors
/// `notFound` when either is not of this course; `notAllowed`.
pub async fn move_after(
    connection: &mut PgConnection,
    organization: OrganizationId,
    course: CourseId,
    sub_course: SubCourseId,
    after: Option<SubCourseId>,
) -> Result<()> {
    let _ = (connection, organization, course, sub_course, after);
    Err(Error::not_allowed())
}

/// Archives it: its lessons count for nobody's progress until it is restored.
///
/// # Errors
/// `notFound`, `notAllowed`.
pub async fn archive(
    connection: &mut PgConnection,
    organization: OrganizationId,
    course: CourseId,
    sub_course: SubCourseId,
) -> Result<()> {
    let _ = (connection, organization, course, sub_course);
    Err(Error::not_allowed())
}

/// # Errors
/// `notFound`, `notAllowed`.
pub async fn restore(
    connection: &mut PgConnection,
    organization: OrganizationId,
    course: CourseId,
    sub_course: SubCourseId,
) -> Result<()> {
    let _ = (connection, organization, course, sub_course);
    Err(Error::not_allowed())
}
