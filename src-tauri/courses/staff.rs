//! Who teaches or reviews a course.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    error::{Code, Error, OnConstraint, Result},
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

impl Duty {
    /// Whether it carries the right to write the course; the database decides.
    #[must_use]
    pub fn writes(self) -> bool {
        matches!(self, Self::Lead | Self::Instructor)
    }
}

/// A course the caller has a duty in.
#[derive(Clone, Debug)]
pub struct Taught {
    pub course_id: CourseId,
    pub title: String,
    pub duty: Duty,
}

/// The caller's courses, by title; archived ones are left out.
///
/// # Errors
/// `signedOut`, `unreachable`.
pub async fn taught(connection: &mut PgConnection, organization: OrganizationId) -> Result<Vec<Taught>> {
    Ok(sqlx::query_as!(
        Taught,
        r#"select c.id as "course_id: CourseId", c.title, f.duty as "duty: Duty"
           from lectern.course_staff f
           join lectern.courses c on (c.organization_id, c.id) = (f.organization_id, f.course_id)
           where f.organization_id = $1 and f.person_id = lectern.person() and f.archived_at is null and c.archived_at is null
           order by c.title_key, c.id"#,
        organization as OrganizationId,
    )
    .fetch_all(connection)
    .await?)
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
    let back = sqlx::query_scalar!(
        r#"update lectern.course_staff set archived_at = null, duty = $4
           where organization_id = $1 and course_id = $2 and person_id = $3 and archived_at is not null
           returning id as "id: CourseStaffId""#,
        organization as OrganizationId,
        course as CourseId,
        new.person_id as PersonId,
        new.duty as Duty,
    )
    .fetch_optional(&mut *connection)
    .await?;
    if let Some(id) = back {
        return Ok(id);
    }
    sqlx::query!(
        "insert into lectern.course_staff (organization_id, id, course_id, person_id, duty) values ($1, $2, $3, $4, $5)",
        organization as OrganizationId,
        new.id as CourseStaffId,
        course as CourseId,
        new.person_id as PersonId,
        new.duty as Duty,
    )
    .execute(connection)
    .await
    .on_constraint("course_staff_person_key", || {
        Error::new(Code::Conflict, "This person has a duty in this course already.")
            .at("personId")
            .next_step("Change the duty they have.")
    })
    .on_constraint("course_staff_person_fkey", || {
        Error::new(Code::NotFound, "This person is not a member of this organization.").at("personId")
    })
    .on_constraint("course_staff_course_fkey", || Error::not_found("course"))?;
    Ok(new.id)
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
    let changed = sqlx::query_scalar!(
        "update lectern.course_staff set duty = $4 where organization_id = $1 and course_id = $2 and id = $3 returning 1",
        organization as OrganizationId,
        course as CourseId,
        staff as CourseStaffId,
        duty as Duty,
    )
    .fetch_optional(&mut *connection)
    .await?;
    must_have_changed(connection, organization, course, staff, changed.is_some()).await
}

/// Takes the duty away; who had it stays on record.
///
/// # Errors
/// `notFound`, `notAllowed`.
pub async fn remove_staff(
    connection: &mut PgConnection,
    organization: OrganizationId,
    course: CourseId,
    staff: CourseStaffId,
) -> Result<()> {
    let changed = sqlx::query_scalar!(
        "update lectern.course_staff set archived_at = coalesce(archived_at, now())
         where organization_id = $1 and course_id = $2 and id = $3 returning 1",
        organization as OrganizationId,
        course as CourseId,
        staff as CourseStaffId,
    )
    .fetch_optional(&mut *connection)
    .await?;
    must_have_changed(connection, organization, course, staff, changed.is_some()).await
}

async fn must_have_changed(
    connection: &mut PgConnection,
    organization: OrganizationId,
    course: CourseId,
    staff: CourseStaffId,
    changed: bool,
) -> Result<()> {
    if changed {
        return Ok(());
    }
    let seen = sqlx::query_scalar!(
        r#"select exists (select from lectern.course_staff where organization_id = $1 and course_id = $2 and id = $3) as "seen!""#,
        organization as OrganizationId,
        course as CourseId,
        staff as CourseStaffId,
    )
    .fetch_one(connection)
    .await?;
    Err(if seen { Error::not_allowed() } else { Error::not_found("member of the staff") })
}
