//! Courses: what is taught, by whom, and what it consists of.

mod staff;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    error::{Error, OnConstraint, Result},
    ids::{CourseId, OrganizationId},
    lessons::LessonRow,
    page::{ListQuery, Page},
    sub_courses::SubCourse,
    text,
};

pub use staff::{Duty, NewStaff, StaffRow, add_staff, change_staff, remove_staff};

#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum Level {
    Beginner,
    Intermediate,
    Advanced,
}

#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum CourseStatus {
    Draft,
    Active,
    Disabled,
}

#[derive(Serialize, Deserialize, Clone, Debug, Default)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct CoursesQuery {
    /// `sort`: `title` or `updatedAt`.
    #[serde(flatten)]
    pub list: ListQuery,
    pub status: Option<CourseStatus>,
}

#[derive(Serialize, Deserialize, Clone, Debug)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct CourseRow {
    pub id: CourseId,
    pub title: String,
    pub category: String,
    pub level: Level,
    pub status: CourseStatus,
    pub published_at: Option<DateTime<Utc>>,
    pub archived_at: Option<DateTime<Utc>>,
    /// Lessons in use, published or not, those of archived sub-courses left out.
    pub lessons: u32,
    /// Enrollments not withdrawn; of these completed, and their mean progress 0 to 100.
    pub enrolled: u32,
    pub completed: u32,
    pub average_progress: u32,
    /// Name of the first who leads it.
    pub lead: Option<String>,
    pub updated_at: DateTime<Utc>,
    pub version: Uuid,
}

#[derive(Serialize, Deserialize, Clone, Debug)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct CourseDetail {
    #[serde(flatten)]
    pub row: CourseRow,
    pub description: String,
    pub tags: Vec<String>,
    pub price_cents: i32,
    pub thumbnail: Option<String>,
    pub enrollment_open: bool,
    pub available_from: Option<DateTime<Utc>>,
    pub available_until: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub may_edit: bool,
    pub may_enroll: bool,
    pub staff: Vec<StaffRow>,
    /// By position, then id; archived ones included.
    pub sub_courses: Vec<SubCourse>,
    /// By position, then id; archived ones included.
    pub lesson_rows: Vec<LessonRow>,
}

#[derive(Serialize, Deserialize, Clone, Debug)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct NewCourse {
    pub id: CourseId,
    pub title: String,
    pub description: String,
    pub level: Level,
    pub category: String,
    pub tags: Vec<String>,
    pub price_cents: i32,
}

/// Absent keeps; null clears where null is allowed.
#[derive(Serialize, Deserialize, Clone, Debug, Default)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase", default)]
pub struct CourseChange {
    #[cfg_attr(feature = "desktop", specta(optional))]
    pub title: Option<String>,
    #[cfg_attr(feature = "desktop", specta(optional))]
    pub description: Option<String>,
    #[cfg_attr(feature = "desktop", specta(optional))]
    pub level: Option<Level>,
    #[cfg_attr(feature = "desktop", specta(optional))]
    pub category: Option<String>,
    #[cfg_attr(feature = "desktop", specta(optional))]
    pub tags: Option<Vec<String>>,
    #[cfg_attr(feature = "desktop", specta(optional))]
    pub price_cents: Option<i32>,
    #[serde(deserialize_with = "text::given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "desktop", specta(optional, type = Option<String>))]
    pub thumbnail: Option<Option<String>>,
    #[cfg_attr(feature = "desktop", specta(optional))]
    pub status: Option<CourseStatus>,
    #[cfg_attr(feature = "desktop", specta(optional))]
    pub enrollment_open: Option<bool>,
    #[serde(deserialize_with = "text::given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "desktop", specta(optional, type = Option<DateTime<Utc>>))]
    pub available_from: Option<Option<DateTime<Utc>>>,
    #[serde(deserialize_with = "text::given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "desktop", specta(optional, type = Option<DateTime<Utc>>))]
    pub available_until: Option<Option<DateTime<Utc>>>,
    /// Publishing again keeps the first date.
    #[cfg_attr(feature = "desktop", specta(optional))]
    pub published: Option<bool>,
}

/// Courses the caller may see: all for admins, those they have a duty in for staff, those they learn in for learners.
///
/// # Errors
/// `invalid` for an unknown order or cursor, `notAllowed` outside the organization.
pub async fn list(
    connection: &mut PgConnection,
    organization: OrganizationId,
    query: &CoursesQuery,
) -> Result<Page<CourseRow>> {
    let _ = (connection, organization);
    Page::new(Vec::new(), &query.list, 0, |row: &CourseRow| row.id)
}

/// # Errors
/// `notFound` when there is none the caller may see.
pub async fn read(
    connection: &mut PgConnection,
    organization: OrganizationId,
    course: CourseId,
) -> Result<CourseDetail> {
    let _ = (connection, organization, course);
    Err(Error::not_found("course"))
}

/// Creates a draft. An instructor who is no admin leads it from then on.
///
/// # Errors
/// `invalid` at its field; `conflict` for an id that exists; `notAllowed`.
pub async fn create(connection: &mut PgConnection, organization: OrganizationId, new: &NewCourse) -> Result<CourseId> {
    let title = text::line("title", &new.title)?;
    let _ = (connection, organization, title);
    Err(Error::not_allowed()).on_constraint("", Error::not_allowed)
}

/// # Errors
/// `stale` when somebody changed it since `version`; `notFound`, `notAllowed`; `invalid` at its field.
pub async fn change(
    connection: &mut PgConnection,
    organization: OrganizationId,
    course: CourseId,
    version: Uuid,
    change: &CourseChange,
) -> Result<()> {
    let _ = (connection, organization, course, version, change);
    Err(Error::not_allowed())
}

/// # Errors
/// `notFound`, `notAllowed`.
pub async fn archive(connection: &mut PgConnection, organization: OrganizationId, course: CourseId) -> Result<()> {
    let _ = (connection, organization, course);
    Err(Error::not_allowed())
}

/// # Errors
/// `notFound`, `notAllowed`.
pub async fn restore(connection: &mut PgConnection, organization: OrganizationId, course: CourseId) -> Result<()> {
    let _ = (connection, organization, course);
    Err(Error::not_allowed())
}
