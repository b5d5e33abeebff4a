//! Courses: what is taught, by whom, and what it consists of.

mod staff;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use crate::{
    error::{Code, Error, OnConstraint, Result},
    ids::{CourseId, OrganizationId},
    lessons::LessonRow,
    page::{ListQuery, Page},
    sub_courses::SubCourse,
    text,
};

pub use staff::{Duty, NewStaff, StaffRow, Taught, add_staff, change_staff, remove_staff, taught};

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
    #[cfg_attr(feature = "desktop", specta(optional, type = String))]
    pub title: Option<String>,
    #[cfg_attr(feature = "desktop", specta(optional, type = String))]
    pub description: Option<String>,
    #[cfg_attr(feature = "desktop", specta(optional, type = Level))]
    pub level: Option<Level>,
    #[cfg_attr(feature = "desktop", specta(optional, type = String))]
    pub category: Option<String>,
    #[cfg_attr(feature = "desktop", specta(optional, type = Vec<String>))]
    pub tags: Option<Vec<String>>,
    #[cfg_attr(feature = "desktop", specta(optional, type = i32))]
    pub price_cents: Option<i32>,
    #[serde(deserialize_with = "text::given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "desktop", specta(optional, type = Option<String>))]
    pub thumbnail: Option<Option<String>>,
    #[cfg_attr(feature = "desktop", specta(optional, type = CourseStatus))]
    pub status: Option<CourseStatus>,
    #[cfg_attr(feature = "desktop", specta(optional, type = bool))]
    pub enrollment_open: Option<bool>,
    #[serde(deserialize_with = "text::given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "desktop", specta(optional, type = Option<DateTime<Utc>>))]
    pub available_from: Option<Option<DateTime<Utc>>>,
    #[serde(deserialize_with = "text::given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "desktop", specta(optional, type = Option<DateTime<Utc>>))]
    pub available_until: Option<Option<DateTime<Utc>>>,
    /// Publishing again keeps the first date.
    #[cfg_attr(feature = "desktop", specta(optional, type = bool))]
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
    let list = &query.list;
    let after: Option<(String, DateTime<Utc>, CourseId, i64)> = list.after()?;
    let carried = after.as_ref().map(|(.., total)| *total);
    let found = sqlx::query!(
        r#"select total as "total!", id as "id!: CourseId", title as "title!", category as "category!", level as "level!: Level",
                  status as "status!: CourseStatus", published_at, archived_at, lessons as "lessons!", enrolled as "enrolled!",
                  completed as "completed!", average_progress as "average_progress!", lead, updated_at as "updated_at!",
                  version as "version!"
           from lectern_api.list_courses($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"#,
        organization as OrganizationId,
        text::search(&list.search),
        query.status as Option<CourseStatus>,
        list.archived,
        list.order(&["title", "updatedAt"])?,
        list.descending,
        after.as_ref().map(|(title, ..)| title.as_str()),
        after.as_ref().map(|(_, updated_at, ..)| *updated_at),
        after.as_ref().map(|(.., id, _)| *id) as Option<CourseId>,
        list.fetch(),
        carried,
    )
    .fetch_all(&mut *connection)
    .await?;
    let total = carried.or(found.first().map(|row| row.total)).unwrap_or(0);
    if list.count_only {
        return Ok(Page::counted(total));
    }
    let rows = found
        .into_iter()
        .map(|row| CourseRow {
            id: row.id,
            title: row.title,
            category: row.category,
            level: row.level,
            status: row.status,
            published_at: row.published_at,
            archived_at: row.archived_at,
            lessons: row.lessons.cast_unsigned(),
            enrolled: row.enrolled.cast_unsigned(),
            completed: row.completed.cast_unsigned(),
            average_progress: row.average_progress.cast_unsigned(),
            lead: row.lead,
            updated_at: row.updated_at,
            version: row.version,
        })
        .collect();
    Page::new(rows, list, Some(total), |row: &CourseRow| (row.title.clone(), row.updated_at, row.id, total))
}

/// # Errors
/// `notFound` when there is none the caller may see.
pub async fn read(
    connection: &mut PgConnection,
    organization: OrganizationId,
    course: CourseId,
) -> Result<CourseDetail> {
    let found = sqlx::query!(
        r#"select k.title, k.category, k.level as "level: Level", k.status as "status: CourseStatus", k.published_at, k.archived_at,
                  k.updated_at, k.version, k.description, k.tags, k.price_cents::integer as "price_cents!", k.thumbnail, k.enrollment_open,
                  k.available_from, k.available_until, k.created_at,
                  coalesce(c.enrolled, 0) as "enrolled!", coalesce(c.completed, 0) as "completed!",
                  coalesce(round(c.progress_sum::numeric / nullif(c.enrolled, 0)), 0)::integer as "average_progress!",
                  (x.may_edit and k.archived_at is null) as "may_edit!",
                  (x.may_edit and k.archived_at is null) as "may_enroll!",
                  coalesce((select jsonb_agg(jsonb_build_object('id', f.id, 'personId', f.person_id, 'name', m.name, 'email', m.email,
                                    'duty', f.duty, 'archivedAt', f.archived_at, 'version', f.version) order by m.name_key, f.id)
                     from lectern.course_staff f
                     join lectern.memberships m on m.organization_id = $1 and m.person_id = f.person_id
                    where f.organization_id = $1 and f.course_id = $2), '[]') as "staff!: Json<Vec<StaffRow>>",
                  (select m.name from lectern.course_staff f
                     join lectern.memberships m on m.organization_id = $1 and m.person_id = f.person_id
                    where f.organization_id = $1 and f.course_id = $2 and f.duty = 'lead' and f.archived_at is null
                    order by f.created_at, f.id limit 1) as "lead",
                  coalesce((select jsonb_agg(jsonb_build_object('id', s.id, 'courseId', s.course_id, 'title', s.title, 'description', s.description,
                                    'position', s.position, 'publishedAt', s.published_at, 'archivedAt', s.archived_at, 'version', s.version)
                                    order by s.position, s.id)
                     from lectern.sub_courses s
                    where s.organization_id = $1 and s.course_id = $2), '[]') as "sub_courses!: Json<Vec<SubCourse>>",
                  coalesce((select jsonb_agg(jsonb_build_object('id', l.id, 'courseId', l.course_id, 'subCourseId', l.sub_course_id,
                                    'title', l.title, 'position', l.position, 'durationMinutes', l.duration_minutes,
                                    'publishedAt', l.published_at, 'archivedAt', l.archived_at, 'version', l.version)
                                    order by l.position, l.id)
                     from lectern.lessons l
                    where l.organization_id = $1 and l.course_id = $2), '[]') as "lesson_rows!: Json<Vec<LessonRow>>"
           from lectern.courses k
           left join lectern.course_counts c on c.organization_id = $1 and c.course_id = k.id
           -- Shows what the policies would allow.
           cross join (select coalesce(lectern.writable_if(40) = $1, false)
                           or (lectern.writable_if(10) = $1
                               and exists (select from lectern.taught('{lead,instructor}') t where t.o = $1 and t.c = $2)) as may_edit) x
           where k.organization_id = $1 and k.id = $2"#,
        organization as OrganizationId,
        course as CourseId,
    )
    .fetch_optional(connection)
    .await?
    .ok_or_else(|| Error::not_found("course"))?;
    let sub_courses = found.sub_courses.0;
    let lesson_rows = found.lesson_rows.0;
    let in_use = |lesson: &&LessonRow| {
        lesson.archived_at.is_none()
            && lesson.sub_course_id.is_none_or(|id| sub_courses.iter().any(|s| s.id == id && s.archived_at.is_none()))
    };
    Ok(CourseDetail {
        row: CourseRow {
            id: course,
            title: found.title,
            category: found.category,
            level: found.level,
            status: found.status,
            published_at: found.published_at,
            archived_at: found.archived_at,
            lessons: u32::try_from(lesson_rows.iter().filter(in_use).count()).unwrap_or(u32::MAX),
            enrolled: found.enrolled.cast_unsigned(),
            completed: found.completed.cast_unsigned(),
            average_progress: found.average_progress.cast_unsigned(),
            lead: found.lead,
            updated_at: found.updated_at,
            version: found.version,
        },
        description: found.description,
        tags: found.tags,
        price_cents: found.price_cents,
        thumbnail: found.thumbnail,
        enrollment_open: found.enrollment_open,
        available_from: found.available_from,
        available_until: found.available_until,
        created_at: found.created_at,
        may_edit: found.may_edit,
        may_enroll: found.may_enroll,
        staff: found.staff.0,
        sub_courses,
        lesson_rows,
    })
}

/// Creates a draft. An instructor who is no admin leads it from then on.
///
/// # Errors
/// `invalid` at its field; `conflict` for an id that exists; `notAllowed`.
pub async fn create(connection: &mut PgConnection, organization: OrganizationId, new: &NewCourse) -> Result<CourseId> {
    // No `returning`: no policy shows the course to an instructor before they are written down as its lead.
    told(
        sqlx::query!(
            "insert into lectern.courses (organization_id, id, title, description, level, category, tags, price_cents)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
            organization as OrganizationId,
            new.id as CourseId,
            text::line("title", &new.title)?,
            text::prose("description", &new.description)?,
            new.level as Level,
            text::line("category", &new.category)?,
            &tags(&new.tags)?,
            i64::from(new.price_cents),
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
    version: Uuid,
    change: &CourseChange,
) -> Result<()> {
    let thumbnail =
        change.thumbnail.as_ref().map(|typed| text::optional_line("thumbnail", typed.as_deref())).transpose()?;
    let tags = change.tags.as_deref().map(tags).transpose()?;
    let changed = told(
        sqlx::query_scalar!(
            "update lectern.courses
             set title = coalesce($4, title), description = coalesce($5, description), level = coalesce($6, level),
                 category = coalesce($7, category), tags = coalesce($8, tags), price_cents = coalesce($9, price_cents),
                 thumbnail = case when $10 then $11 else thumbnail end, status = coalesce($12, status),
                 enrollment_open = coalesce($13, enrollment_open),
                 available_from = case when $14 then $15 else available_from end,
                 available_until = case when $16 then $17 else available_until end,
                 published_at = case $18::boolean when true then coalesce(published_at, now()) when false then null else published_at end
             where organization_id = $1 and id = $2 and version = $3 returning 1",
            organization as OrganizationId,
            course as CourseId,
            version,
            change.title.as_deref().map(|typed| text::line("title", typed)).transpose()?,
            change.description.as_deref().map(|typed| text::prose("description", typed)).transpose()?,
            change.level as Option<Level>,
            change.category.as_deref().map(|typed| text::line("category", typed)).transpose()?,
            tags.as_deref(),
            change.price_cents.map(i64::from),
            thumbnail.is_some(),
            thumbnail.flatten(),
            change.status as Option<CourseStatus>,
            change.enrollment_open,
            change.available_from.is_some(),
            change.available_from.flatten(),
            change.available_until.is_some(),
            change.available_until.flatten(),
            change.published,
        )
        .fetch_optional(&mut *connection)
        .await,
    )?;
    if changed.is_none() {
        return Err(Error::unchanged("course", version_of(connection, organization, course).await?, version));
    }
    Ok(())
}

/// Archives the course: it leaves the lists; its enrollments keep what they are and nobody in it is at risk any more.
///
/// # Errors
/// `notFound`, `notAllowed`.
pub async fn archive(connection: &mut PgConnection, organization: OrganizationId, course: CourseId) -> Result<()> {
    let changed = sqlx::query_scalar!(
        "update lectern.courses set archived_at = coalesce(archived_at, now()) where organization_id = $1 and id = $2 returning 1",
        organization as OrganizationId,
        course as CourseId,
    )
    .fetch_optional(&mut *connection)
    .await?;
    must_have_changed(connection, organization, course, changed.is_some()).await
}

/// # Errors
/// `notFound`, `notAllowed`.
pub async fn restore(connection: &mut PgConnection, organization: OrganizationId, course: CourseId) -> Result<()> {
    let changed = sqlx::query_scalar!(
        "update lectern.courses set archived_at = null where organization_id = $1 and id = $2 returning 1",
        organization as OrganizationId,
        course as CourseId,
    )
    .fetch_optional(&mut *connection)
    .await?;
    must_have_changed(connection, organization, course, changed.is_some()).await
}

/// Which refusal it was when a write in the course changed no row: the course is unknown to the caller, or not theirs to
/// change.
async fn must_have_changed(
    connection: &mut PgConnection,
    organization: OrganizationId,
    course: CourseId,
    changed: bool,
) -> Result<()> {
    if changed {
        return Ok(());
    }
    let seen = version_of(connection, organization, course).await?;
    Err(if seen.is_some() { Error::not_allowed() } else { Error::not_found("course") })
}

async fn version_of(
    connection: &mut PgConnection,
    organization: OrganizationId,
    course: CourseId,
) -> Result<Option<Uuid>> {
    Ok(sqlx::query_scalar!(
        "select version from lectern.courses where organization_id = $1 and id = $2",
        organization as OrganizationId,
        course as CourseId,
    )
    .fetch_optional(connection)
    .await?)
}

/// Each once, in the order they were typed; empty ones are none.
fn tags(typed: &[String]) -> Result<Vec<String>> {
    let mut tags: Vec<String> = Vec::new();
    for tag in typed {
        let tag = text::line("tags", tag)?;
        if !tag.is_empty() && !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    Ok(tags)
}

fn told<T>(outcome: Result<T, sqlx::Error>) -> Result<T> {
    outcome
        .on_constraint("courses_pkey", || Error::new(Code::Conflict, "This course exists already."))
        .on_constraint("courses_title_length", || Error::invalid("title", "A title has 1 to 200 characters."))
        .on_constraint("courses_description_length", || {
            Error::invalid("description", "A description has at most 2,000 characters.")
        })
        .on_constraint("courses_category_length", || {
            Error::invalid("category", "A category has at most 100 characters.")
        })
        .on_constraint("courses_tags_limits", || {
            Error::invalid("tags", "A course has at most 20 tags, with 1,000 characters in all.")
        })
        .on_constraint("courses_price_range", || {
            Error::invalid("priceCents", "A price lies between 0 and 1,000,000.00.")
        })
        .on_constraint("courses_thumbnail_length", || {
            Error::invalid("thumbnail", "The address of a picture has at most 2,000 characters.")
        })
        .on_constraint("courses_available_order", || {
            Error::invalid("availableUntil", "A course ends after it begins.")
                .next_step("Choose a later end, or an earlier beginning.")
        })
}
