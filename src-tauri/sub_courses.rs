//! Sub-courses: the parts of a course, in the order of their fractional keys.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    error::{Code, Error, OnConstraint, Result},
    ids::{CourseId, OrganizationId, SubCourseId},
    position, text,
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
    #[cfg_attr(feature = "desktop", specta(optional, type = String))]
    pub title: Option<String>,
    #[cfg_attr(feature = "desktop", specta(optional, type = String))]
    pub description: Option<String>,
    /// Publishing again keeps the first date.
    #[cfg_attr(feature = "desktop", specta(optional, type = bool))]
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
    let position = make_room(connection, organization, course, None, new.after).await?;
    told(
        sqlx::query!(
            "insert into lectern.sub_courses (organization_id, id, course_id, title, description, position)
             values ($1, $2, $3, $4, $5, $6)",
            organization as OrganizationId,
            new.id as SubCourseId,
            course as CourseId,
            text::line("title", &new.title)?,
            text::prose("description", &new.description)?,
            position,
        )
        .execute(connection)
        .await,
    )?;
    Ok(new.id)
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
    let changed = told(
        sqlx::query_scalar!(
            "update lectern.sub_courses
             set title = coalesce($5, title), description = coalesce($6, description),
                 published_at = case $7::boolean when true then coalesce(published_at, now()) when false then null else published_at end
             where organization_id = $1 and course_id = $2 and id = $3 and version = $4 returning 1",
            organization as OrganizationId,
            course as CourseId,
            sub_course as SubCourseId,
            version,
            change.title.as_deref().map(|typed| text::line("title", typed)).transpose()?,
            change.description.as_deref().map(|typed| text::prose("description", typed)).transpose()?,
            change.published,
        )
        .fetch_optional(&mut *connection)
        .await,
    )?;
    if changed.is_none() {
        let current = version_of(connection, organization, course, sub_course).await?;
        return Err(Error::unchanged("sub-course", current, version));
    }
    Ok(())
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
    let position = make_room(connection, organization, course, Some(sub_course), after).await?;
    let changed = sqlx::query_scalar!(
        "update lectern.sub_courses set position = $4 where organization_id = $1 and course_id = $2 and id = $3 returning 1",
        organization as OrganizationId,
        course as CourseId,
        sub_course as SubCourseId,
        position,
    )
    .fetch_optional(&mut *connection)
    .await?;
    must_have_changed(connection, organization, course, sub_course, changed.is_some()).await
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
    let changed = sqlx::query_scalar!(
        "update lectern.sub_courses set archived_at = coalesce(archived_at, now())
         where organization_id = $1 and course_id = $2 and id = $3 returning 1",
        organization as OrganizationId,
        course as CourseId,
        sub_course as SubCourseId,
    )
    .fetch_optional(&mut *connection)
    .await?;
    must_have_changed(connection, organization, course, sub_course, changed.is_some()).await
}

/// # Errors
/// `notFound`, `notAllowed`.
pub async fn restore(
    connection: &mut PgConnection,
    organization: OrganizationId,
    course: CourseId,
    sub_course: SubCourseId,
) -> Result<()> {
    let changed = sqlx::query_scalar!(
        "update lectern.sub_courses set archived_at = null where organization_id = $1 and course_id = $2 and id = $3 returning 1",
        organization as OrganizationId,
        course as CourseId,
        sub_course as SubCourseId,
    )
    .fetch_optional(&mut *connection)
    .await?;
    must_have_changed(connection, organization, course, sub_course, changed.is_some()).await
}

/// The key of the place behind `after` (none: the first), for `moving` or a new one. Siblings that leave no room get keys
/// that do.
async fn make_room(
    connection: &mut PgConnection,
    organization: OrganizationId,
    course: CourseId,
    moving: Option<SubCourseId>,
    after: Option<SubCourseId>,
) -> Result<String> {
    let siblings = sqlx::query_as!(
        Sibling,
        r#"select id as "id: SubCourseId", position from lectern.sub_courses
           where organization_id = $1 and course_id = $2 and id is distinct from $3 order by position, id"#,
        organization as OrganizationId,
        course as CourseId,
        moving as Option<SubCourseId>,
    )
    .fetch_all(&mut *connection)
    .await?;
    let index = position::behind(&siblings, after).ok_or_else(|| Error::not_found("sub-course").at("after"))?;
    let placement = position::place(&siblings, index);
    if !placement.moved.is_empty() {
        let (ids, positions): (Vec<_>, Vec<_>) =
            placement.moved.into_iter().map(|sibling| (sibling.id.0, sibling.position)).unzip();
        sqlx::query!(
            "update lectern.sub_courses s set position = x.position
             from unnest($3::uuid[], $4::text[]) x(id, position)
             where s.organization_id = $1 and s.course_id = $2 and s.id = x.id",
            organization as OrganizationId,
            course as CourseId,
            &ids,
            &positions,
        )
        .execute(connection)
        .await?;
    }
    Ok(placement.position)
}

type Sibling = position::Sibling<SubCourseId>;

async fn must_have_changed(
    connection: &mut PgConnection,
    organization: OrganizationId,
    course: CourseId,
    sub_course: SubCourseId,
    changed: bool,
) -> Result<()> {
    if changed {
        return Ok(());
    }
    let seen = version_of(connection, organization, course, sub_course).await?;
    Err(if seen.is_some() { Error::not_allowed() } else { Error::not_found("sub-course") })
}

async fn version_of(
    connection: &mut PgConnection,
    organization: OrganizationId,
    course: CourseId,
    sub_course: SubCourseId,
) -> Result<Option<Uuid>> {
    Ok(sqlx::query_scalar!(
        "select version from lectern.sub_courses where organization_id = $1 and course_id = $2 and id = $3",
        organization as OrganizationId,
        course as CourseId,
        sub_course as SubCourseId,
    )
    .fetch_optional(connection)
    .await?)
}

fn told<T>(outcome: Result<T, sqlx::Error>) -> Result<T> {
    outcome
        .on_constraint("sub_courses_pkey", || Error::new(Code::Conflict, "This sub-course exists already."))
        .on_constraint("sub_courses_course_fkey", || Error::not_found("course"))
        .on_constraint("sub_courses_title_length", || Error::invalid("title", "A title has 1 to 200 characters."))
        .on_constraint("sub_courses_description_length", || {
            Error::invalid("description", "A description has at most 2,000 characters.")
        })
}
