//! Who teaches or reviews a course.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    ids::{CourseId, CourseStaffId, OrganizationId, PersonId},
};

/// What somebody does in a course. Lead and instructor write it; assistants and reviewers read; their membership must carry
/// the right as well.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum Duty {
    Lead,
    Instructor,
    Assistant,
    Reviewer,
}

#[derive(Serialize, Deserialize, Clone, Debug)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct StaffRow {
    pub id: CourseStaffId,
    pub person_id: PersonId,
    pub name: String,
    pub email: String,
    pub duty: Duty,
    pub archived_at: Option<DateTime<Utc>>,
    pub version: Uuid,
}

#[derive(Serialize, Deserialize, Clone, Debug)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct NewStaff {
    pub id: CourseStaffId,
    pub person_id: PersonId,
    pub duty: Duty,
}

/// Gives a member a duty in the course. Somebody who was removed comes back with the new duty, under the id they had.
///
/// # Errors
/// `conflict` at `personId` for whoever has a duty there already; `notFound` for no member; `notAllowed`.
pub async fn add_staff(
    connection: &mut PgConnection,
    organization: OrganizationId,
    course: CourseId,
    new: &NewStaff,
) -> Result<CourseStaffId> {
    let _ = (connection, organization, course, new);
    Err(Error::not_allowed())
}

/// # Errors
/// `notFound`, `notAllowed`.
pub async fn change_staff(
    connection: &mut PgConnection,
    organization: OrganizationId,
    course: CourseId,
    staff: CourseStaffId,
    duty: Duty,
) -> Result<()> {
    let _ = (connection, organization, course, staff, duty);
    Err(Error::not_allowed())
}

/// # Errors
/// `notFound`, `notAllowed`.
pub async fn remove_staff(
    connection: &mut PgConnection,
    organization: OrganizationId,
    course: CourseId,
    staff: CourseStaffId,
) -> Result<()> {
    let _ = (connection, organization, course, staff);
    Err(Error::not_allowed())
}
