//! Lessons of a course, directly or in one of its sub-courses.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    error::{Code, Error, OnConstraint, Result},
    ids::{CourseId, LessonId, OrganizationId, SubCourseId},
    position, text,
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
    #[cfg_attr(feature = "desktop", specta(optional, type = String))]
    pub title: Option<String>,
    #[cfg_attr(feature = "desktop", specta(optional, type = i32))]
    pub duration_minutes: Option<i32>,
    #[serde(deserialize_with = "text::given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "desktop", specta(optional, type = Option<String>))]
    pub video: Option<Option<String>>,
    #[cfg_attr(feature = "desktop", specta(optional, type = String))]
    pub markdown: Option<String>,
    /// Publishing again keeps the first date.
    #[cfg_attr(feature = "desktop", specta(optional, type = bool))]
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
    let position = make_room(connection, organization, course, None, &new.place).await?;
    told(
        sqlx::query!(
            "insert into lectern.lessons (organization_id, id, course_id, sub_course_id, title, position, duration_minutes)
             values ($1, $2, $3, $4, $5, $6, $7)",
            organization as OrganizationId,
            new.id as LessonId,
            course as CourseId,
            new.place.sub_course_id as Option<SubCourseId>,
            text::line("title", &new.title)?,
            position,
            new.duration_minutes,
        )
        .execute(connection)
        .await,
    )?;
    Ok(new.id)
}

/// # Errors
/// `notFound` when there is none the caller may see.
pub async fn read(connection: &mut PgConnection, organization: OrganizationId, lesson: LessonId) -> Result<Lesson> {
    let found = sqlx::query!(
        r#"select l.course_id as "course_id: CourseId", l.sub_course_id as "sub_course_id: SubCourseId", l.title, l.position,
                  l.duration_minutes, l.published_at, l.archived_at, l.version, l.video, l.markdown, l.updated_at,
                  -- Shows what the policies would allow.
                  coalesce(lectern.writable_if(40) = $1, false)
                    or (coalesce(lectern.writable_if(10) = $1, false)
                        and (l.organization_id, l.course_id) in (select t.o, t.c from lectern.taught('{lead,instructor}') t)) as "may_edit!"
           from lectern.lessons l where l.organization_id = $1 and l.id = $2"#,
        organization as OrganizationId,
        lesson as LessonId,
    )
    .fetch_optional(connection)
    .await?
    .ok_or_else(|| Error::not_found("lesson"))?;
    Ok(Lesson {
        row: LessonRow {
            id: lesson,
            course_id: found.course_id,
            sub_course_id: found.sub_course_id,
            title: found.title,
            position: found.position,
            duration_minutes: found.duration_minutes,
            published_at: found.published_at,
            archived_at: found.archived_at,
            version: found.version,
        },
        video: found.video,
        markdown: found.markdown,
        updated_at: found.updated_at,
        may_edit: found.may_edit,
    })
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
    let video = change.video.as_ref().map(|typed| text::optional_line("video", typed.as_deref())).transpose()?;
    let changed = told(
        sqlx::query_scalar!(
            "update lectern.lessons
             set title = coalesce($4, title), duration_minutes = coalesce($5, duration_minutes),
                 video = case when $6 then $7 else video end, markdown = coalesce($8, markdown),
                 published_at = case $9::boolean when true then coalesce(published_at, now()) when false then null else published_at end
             where organization_id = $1 and id = $2 and version = $3 returning 1",
            organization as OrganizationId,
            lesson as LessonId,
            version,
            change.title.as_deref().map(|typed| text::line("title", typed)).transpose()?,
            change.duration_minutes,
            video.is_some(),
            video.flatten(),
            change.markdown.as_deref().map(|typed| text::prose("markdown", typed)).transpose()?,
            change.published,
        )
        .fetch_optional(&mut *connection)
        .await,
    )?;
    if changed.is_none() {
        let current = sqlx::query_scalar!(
            "select version from lectern.lessons where organization_id = $1 and id = $2",
            organization as OrganizationId,
            lesson as LessonId,
        )
        .fetch_optional(connection)
        .await?;
        return Err(Error::unchanged("lesson", current, version));
    }
    Ok(())
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
    let position = make_room(connection, organization, course, Some(lesson), place).await?;
    let changed = told(
        sqlx::query_scalar!(
            "update lectern.lessons set sub_course_id = $4, position = $5
             where organization_id = $1 and course_id = $2 and id = $3 returning 1",
            organization as OrganizationId,
            course as CourseId,
            lesson as LessonId,
            place.sub_course_id as Option<SubCourseId>,
            position,
        )
        .fetch_optional(&mut *connection)
        .await,
    )?;
    must_have_changed(connection, organization, course, lesson, changed.is_some()).await
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
    let changed = sqlx::query_scalar!(
        "update lectern.lessons set archived_at = coalesce(archived_at, now())
         where organization_id = $1 and course_id = $2 and id = $3 returning 1",
        organization as OrganizationId,
        course as CourseId,
        lesson as LessonId,
    )
    .fetch_optional(&mut *connection)
    .await?;
    must_have_changed(connection, organization, course, lesson, changed.is_some()).await
}

/// # Errors
/// `notFound`, `notAllowed`.
pub async fn restore(
    connection: &mut PgConnection,
    organization: OrganizationId,
    course: CourseId,
    lesson: LessonId,
) -> Result<()> {
    let changed = sqlx::query_scalar!(
        "update lectern.lessons set archived_at = null where organization_id = $1 and course_id = $2 and id = $3 returning 1",
        organization as OrganizationId,
        course as CourseId,
        lesson as LessonId,
    )
    .fetch_optional(&mut *connection)
    .await?;
    must_have_changed(connection, organization, course, lesson, changed.is_some()).await
}

/// The key of a place, for `moving` or a new lesson. Siblings that leave no room get keys that do.
async fn make_room(
    connection: &mut PgConnection,
    organization: OrganizationId,
    course: CourseId,
    moving: Option<LessonId>,
    place: &Place,
) -> Result<String> {
    let siblings = sqlx::query_as!(
        Sibling,
        r#"select id as "id: LessonId", position from lectern.lessons
           where organization_id = $1 and course_id = $2 and sub_course_id is not distinct from $3 and id is distinct from $4
           order by position, id"#,
        organization as OrganizationId,
        course as CourseId,
        place.sub_course_id as Option<SubCourseId>,
        moving as Option<LessonId>,
    )
    .fetch_all(&mut *connection)
    .await?;
    let index = position::behind(&siblings, place.after).ok_or_else(|| Error::not_found("lesson").at("place"))?;
    let placement = position::place(&siblings, index);
    if !placement.moved.is_empty() {
        let (ids, positions): (Vec<_>, Vec<_>) =
            placement.moved.into_iter().map(|sibling| (sibling.id.0, sibling.position)).unzip();
        sqlx::query!(
            "update lectern.lessons l set position = x.position
             from unnest($3::uuid[], $4::text[]) x(id, position)
             where l.organization_id = $1 and l.course_id = $2 and l.id = x.id",
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

type Sibling = position::Sibling<LessonId>;

async fn must_have_changed(
    connection: &mut PgConnection,
    organization: OrganizationId,
    course: CourseId,
    lesson: LessonId,
    changed: bool,
) -> Result<()> {
    if changed {
        return Ok(());
    }
    let seen = sqlx::query_scalar!(
        r#"select exists (select from lectern.lessons where organization_id = $1 and course_id = $2 and id = $3) as "seen!""#,
        organization as OrganizationId,
        course as CourseId,
        lesson as LessonId,
    )
    .fetch_one(connection)
    .await?;
    Err(if seen { Error::not_allowed() } else { Error::not_found("lesson") })
}

fn told<T>(outcome: Result<T, sqlx::Error>) -> Result<T> {
    outcome
        .on_constraint("lessons_pkey", || Error::new(Code::Conflict, "This lesson exists already."))
        .on_constraint("lessons_course_fkey", || Error::not_found("course"))
        .on_constraint("lessons_sub_course_fkey", || Error::not_found("sub-course").at("place"))
        .on_constraint("lessons_title_length", || Error::invalid("title", "A title has 1 to 200 characters."))
        .on_constraint("lessons_duration_range", || {
            Error::invalid("durationMinutes", "A lesson takes 0 to 10,000 minutes.")
        })
        .on_constraint("lessons_video_length", || {
            Error::invalid("video", "The address of a video has at most 2,000 characters.")
        })
        .on_constraint("lessons_markdown_length", || {
            Error::invalid("markdown", "A lesson has at most 2,000,000 characters.")
                .next_step("Split it into two lessons.")
        })
        .on_constraint("lessons_approved", || {
            Error::invalid("published", "This text is not approved yet, so learners cannot read it.")
                .next_step("Ask a reviewer, then publish.")
        })
}
