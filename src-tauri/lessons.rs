//! Lessons of a course, directly or in one of its sub-courses.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    ids::{CourseId, LessonId, OrganizationId, SubCourseId},
    text,
};

#[derive(Serialize, Deserialize, Clone, Debug)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct LessonRow {
    pub id: LessonId,
    pub course_id: CourseId,
    pub sub_course_id: Option<SubCourseId>,
    pub title: String,
    pub position: String,
    pub duration_minutes: i32,
    pub published_at: Option<DateTime<Utc>>,
    pub archived_at: Option<DateTime<Utc>>,
    pub version: Uuid,
}

#[derive(Serialize, Deserialize, Clone, Debug)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Lesson {
    #[serde(flatten)]
    pub row: LessonRow,
    pub video: Option<String>,
    pub markdown: String,
    pub updated_at: DateTime<Utc>,
    pub may_edit: bool,
}

/// Where a lesson stands: in the course itself or in a sub-course, behind a sibling or first.
#[derive(Serialize, Deserialize, Clone, Debug)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Place {
    pub sub_course_id: Option<SubCourseId>,
    pub after: Option<LessonId>,
}

#[derive(Serialize, Deserialize, Clone, Debug)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct NewLesson {
    pub id: LessonId,
    pub title: String,
    pub duration_minutes: i32,
    pub place: Place,
}

/// Absent keeps; null clears where null is allowed.
#[derive(Serialize, Deserialize, Clone, Debug, Default)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase", default)]
pub struct LessonChange {
    #[cfg_attr(feature = "desktop", specta(optional))]
    pub title: Option<String>,
    #[cfg_attr(feature = "desktop", specta(optional))]
    pub duration_minutes: Option<i32>,
    #[serde(deserialize_with = "text::given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "desktop", specta(optional, type = Option<String>))]
    pub video: Option<Option<String>>,
    #[cfg_attr(feature = "desktop", specta(optional))]
    pub markdown: Option<String>,
    /// Publishing again keeps the first date.
    #[cfg_attr(feature = "desktop", specta(optional))]
    pub published: Option<bool>,
}

/// # Errors
/// `notFound` when the place is not of this course; `invalid` at its field; `notAllowed`.
pub async fn create(
    connection: &mut PgConnection,
    organization: OrganizationId,
    course: CourseId,
    new: &NewLesson,
) -> Result<LessonId> {
    let _ = (connection, organization, course, new);
    Err(Error::not_allowed())
}

/// # Errors
/// `notFound` when there is none the caller may see.
pub async fn read(connection: &mut PgConnection, organization: OrganizationId, lesson: LessonId) -> Result<Lesson> {
    let _ = (connection, organization, lesson);
    Err(Error::not_found("lesson"))
}

/// # Errors
/// `stale` when somebody changed it since `version`; `notFound`, `notAllowed`; `invalid` at its field.
pub async fn change(
    connection: &mut PgConnection,
    organization: OrganizationId,
    lesson: LessonId,
    version: Uuid,
    change: &LessonChange,
) -> Result<()> {
    let _ = (connection, organization, lesson, version, change);
    Err(Error::not_allowed())
}

/// # Errors
/// `notFound` when lesson or place are not of this course; `notAllowed`.
pub async fn move_to(
    connection: &mut PgConnection,
    organization: OrganizationId,
    course: CourseId,
    lesson: LessonId,
    place: &Place,
) -> Result<()> {
    let _ = (connection, organization, course, lesson, place);
    Err(Error::not_allowed())
}

/// Archives it: it counts for nobody's progress until it is restored.
///
/// # Errors
/// `notFound`, `notAllowed`.
pub async fn archive(
    connection: &mut PgConnection,
    organization: OrganizationId,
    course: CourseId,
    lesson: LessonId,
) -> Result<()> {
    let _ = (connection, organization, course, lesson);
    Err(Error::not_allowed())
}

/// # Errors
/// `notFound`, `notAllowed`.
pub async fn restore(
    connection: &mut PgConnection,
    organization: OrganizationId,
    course: CourseId,
    lesson: LessonId,
) -> Result<()> {
    let _ = (connection, organization, course, lesson);
    Err(Error::not_allowed())
}
