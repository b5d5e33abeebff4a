//! Enrollments: a person in a course, once. Withdrawing keeps the progress; enrolling again brings it back.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use crate::{
    error::{Code, Error, OnConstraint, Result},
    ids::{CourseId, EnrollmentId, LessonId, OrganizationId, PersonId},
    page::{ListQuery, Page},
    text,
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
    /// Active, enrolled more than 14 days ago (whole days in UTC), with progress below 25, in a course that is not archived.
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

impl EnrollmentsQuery {
    fn state(&self) -> &'static str {
        match self.state {
            None if self.list.archived => "withdrawn",
            None => "enrolled",
            Some(EnrollmentState::Active) => "active",
            Some(EnrollmentState::Completed) => "completed",
            Some(EnrollmentState::Withdrawn) => "withdrawn",
            Some(EnrollmentState::AtRisk) => "atRisk",
        }
    }
}

/// Enrollments the caller may see, by the moment they were made: all for admins, those of their courses for staff, and one's
/// own. Every word of the search is in the person's name or e-mail or in the course's title.
///
/// # Errors
/// `invalid` for an unknown order or cursor, `notAllowed` outside the organization.
pub async fn list(
    connection: &mut PgConnection,
    organization: OrganizationId,
    query: &EnrollmentsQuery,
) -> Result<Page<EnrollmentRow>> {
    let list = &query.list;
    list.order(&["enrolledAt"])?;
    if list.count_only {
        let total = sqlx::query_scalar!(
            r#"select lectern_api.count_enrollments($1, $2, $3, $4, $5) as "total!""#,
            organization as OrganizationId,
            text::search(&list.search),
            query.course_id as Option<CourseId>,
            query.person_id as Option<PersonId>,
            query.state(),
        )
        .fetch_one(&mut *connection)
        .await?;
        return Ok(Page::counted(total));
    }
    let after: Option<(DateTime<Utc>, EnrollmentId, Option<i64>)> = list.after()?;
    let carried = after.and_then(|(.., total)| total);
    let found = sqlx::query!(
        r#"select total as "total!", id as "id!: EnrollmentId", course_id as "course_id!: CourseId", course_title as "course_title!",
                  person_id as "person_id!: PersonId", person_name as "person_name!", person_email as "person_email!",
                  enrolled_at as "enrolled_at!", progress as "progress!", completed_at, last_accessed_at, withdrawn_at,
                  version as "version!"
           from lectern_api.list_enrollments($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"#,
        organization as OrganizationId,
        text::search(&list.search),
        query.course_id as Option<CourseId>,
        query.person_id as Option<PersonId>,
        query.state(),
        list.descending,
        after.map(|(at, ..)| at),
        after.map(|(_, id, _)| id) as Option<EnrollmentId>,
        list.fetch(),
        if list.counts_apart() { Some(-1) } else { carried },
    )
    .fetch_all(&mut *connection)
    .await?;
    let total = carried.or(found.first().map(|row| row.total)).filter(|total| *total >= 0);
    let rows = found
        .into_iter()
        .map(|row| EnrollmentRow {
            id: row.id,
            course_id: row.course_id,
            course_title: row.course_title,
            person_id: row.person_id,
            person_name: row.person_name,
            person_email: row.person_email,
            enrolled_at: row.enrolled_at,
            progress: row.progress,
            completed_at: row.completed_at,
            last_accessed_at: row.last_accessed_at,
            withdrawn_at: row.withdrawn_at,
            version: row.version,
        })
        .collect();
    Page::new(rows, list, total, |row: &EnrollmentRow| (row.enrolled_at, row.id, total))
}

/// # Errors
/// `notFound` when there is none the caller may see.
pub async fn read(
    connection: &mut PgConnection,
    organization: OrganizationId,
    enrollment: EnrollmentId,
) -> Result<EnrollmentDetail> {
    let found = sqlx::query!(
        r#"select e.course_id as "course_id: CourseId", k.title as course_title, e.person_id as "person_id: PersonId",
                  m.name as person_name, m.email as person_email, e.enrolled_at, e.progress, e.completed_at, e.last_accessed_at,
                  e.withdrawn_at, e.version,
                  -- Shows what the policies would allow.
                  coalesce(lectern.writable_if(40) = $1, false)
                    or (coalesce(lectern.writable_if(10) = $1, false)
                        and (e.organization_id, e.course_id) in (select t.o, t.c from lectern.taught('{lead,instructor}') t)) as "may_edit!",
                  coalesce((select jsonb_agg(jsonb_build_object('lessonId', l.id, 'title', l.title, 'subCourseTitle', s.title,
                                    'durationMinutes', l.duration_minutes, 'completedAt', p.completed_at, 'minutes', coalesce(p.minutes, 0))
                                    order by s.position nulls first, s.id nulls first, l.position, l.id)
                     from lectern.lessons l
                     left join lectern.sub_courses s on s.organization_id = $1 and s.course_id = l.course_id and s.id = l.sub_course_id
                     left join lectern.lesson_progress p on p.organization_id = $1 and p.enrollment_id = e.id and p.lesson_id = l.id
                    where l.organization_id = $1 and l.course_id = e.course_id and l.published_at is not null and l.archived_at is null
                      and (l.sub_course_id is null or s.archived_at is null)), '[]') as "lessons!: Json<Vec<EnrolledLesson>>"
           from lectern.enrollments e
           join lectern.courses k on k.organization_id = $1 and k.id = e.course_id
           join lectern.memberships m on m.organization_id = $1 and m.person_id = e.person_id
           where e.organization_id = $1 and e.id = $2"#,
        organization as OrganizationId,
        enrollment as EnrollmentId,
    )
    .fetch_optional(connection)
    .await?
    .ok_or_else(|| Error::not_found("enrollment"))?;
    Ok(EnrollmentDetail {
        row: EnrollmentRow {
            id: enrollment,
            course_id: found.course_id,
            course_title: found.course_title,
            person_id: found.person_id,
            person_name: found.person_name,
            person_email: found.person_email,
            enrolled_at: found.enrolled_at,
            progress: found.progress,
            completed_at: found.completed_at,
            last_accessed_at: found.last_accessed_at,
            withdrawn_at: found.withdrawn_at,
            version: found.version,
        },
        may_edit: found.may_edit,
        lessons: found.lessons.0,
    })
}

/// Enrolls a member. Whoever was withdrawn is enrolled again under the id and with the progress they had; the id of the
/// enrollment is given back.
///
/// # Errors
/// `conflict` at `personId` when they are enrolled already, at `courseId` when the course is archived; `notFound` for an unknown course or person; `notAllowed`.
pub async fn enroll(
    connection: &mut PgConnection,
    organization: OrganizationId,
    new: &NewEnrollment,
) -> Result<EnrollmentId> {
    let enrolled = sqlx::query_scalar!(
        r#"insert into lectern.enrollments as e (organization_id, id, course_id, person_id)
           select k.organization_id, $2, k.id, m.person_id
             from lectern.courses k
             join lectern.memberships m on m.organization_id = k.organization_id and m.person_id = $4 and m.archived_at is null
            where k.organization_id = $1 and k.id = $3 and k.archived_at is null
           on conflict (organization_id, course_id, person_id) do nothing
           returning e.id as "id: EnrollmentId""#,
        organization as OrganizationId,
        new.id as EnrollmentId,
        new.course_id as CourseId,
        new.person_id as PersonId,
    )
    .fetch_optional(&mut *connection)
    .await
    .on_constraint("enrollments_course_archived", archived_course)
    .on_constraint("enrollments_pkey", || Error::new(Code::Conflict, "This enrollment exists already."))?;
    if let Some(id) = enrolled {
        return Ok(id);
    }
    let again = sqlx::query_scalar!(
        r#"update lectern.enrollments e set withdrawn_at = null
             from lectern.courses k, lectern.memberships m
            where e.organization_id = $1 and e.course_id = $2 and e.person_id = $3 and e.withdrawn_at is not null
              and k.organization_id = $1 and k.id = $2 and k.archived_at is null
              and m.organization_id = $1 and m.person_id = $3 and m.archived_at is null
           returning e.id as "id: EnrollmentId""#,
        organization as OrganizationId,
        new.course_id as CourseId,
        new.person_id as PersonId,
    )
    .fetch_optional(&mut *connection)
    .await
    .on_constraint("enrollments_course_archived", archived_course)?;
    match again {
        Some(id) => Ok(id),
        None => Err(not_enrolled(connection, organization, new).await?),
    }
}

fn archived_course() -> Error {
    Error::new(Code::Conflict, "This course is archived, so nobody can be enrolled.")
        .at("courseId")
        .next_step("Restore the course first.")
}

/// Why nobody could be enrolled.
async fn not_enrolled(
    connection: &mut PgConnection,
    organization: OrganizationId,
    new: &NewEnrollment,
) -> Result<Error> {
    let course = sqlx::query!(
        "select archived_at from lectern.courses where organization_id = $1 and id = $2",
        organization as OrganizationId,
        new.course_id as CourseId,
    )
    .fetch_optional(&mut *connection)
    .await?;
    let person = sqlx::query!(
        "select archived_at from lectern.memberships where organization_id = $1 and person_id = $2",
        organization as OrganizationId,
        new.person_id as PersonId,
    )
    .fetch_optional(&mut *connection)
    .await?;
    let enrolled = sqlx::query_scalar!(
        r#"select exists (select from lectern.enrollments
            where organization_id = $1 and course_id = $2 and person_id = $3 and withdrawn_at is null) as "enrolled!""#,
        organization as OrganizationId,
        new.course_id as CourseId,
        new.person_id as PersonId,
    )
    .fetch_one(connection)
    .await?;
    let (Some(course), Some(person)) = (&course, &person) else {
        return Ok(match course {
            None => Error::not_found("course").at("courseId"),
            Some(_) => Error::not_found("person").at("personId"),
        });
    };
    Ok(if enrolled {
        Error::new(Code::Conflict, "This person is enrolled in this course already.").at("personId")
    } else if course.archived_at.is_some() {
        archived_course()
    } else if person.archived_at.is_some() {
        Error::new(Code::Conflict, "This person is archived in this organization, so they cannot be enrolled.")
            .at("personId")
            .next_step("Restore the person first.")
    } else {
        Error::not_allowed()
    })
}

/// # Errors
/// `stale` when somebody changed it since `version`; `notFound`, `notAllowed`.
pub async fn withdraw(
    connection: &mut PgConnection,
    organization: OrganizationId,
    enrollment: EnrollmentId,
    version: Uuid,
) -> Result<()> {
    let changed = sqlx::query_scalar!(
        "update lectern.enrollments set withdrawn_at = coalesce(withdrawn_at, now())
         where organization_id = $1 and id = $2 and version = $3 returning 1",
        organization as OrganizationId,
        enrollment as EnrollmentId,
        version,
    )
    .fetch_optional(&mut *connection)
    .await?;
    must_have_changed(connection, organization, enrollment, version, changed.is_some()).await
}

/// # Errors
/// `conflict` when the course is archived; `stale` when somebody changed it since `version`; `notFound`, `notAllowed`.
pub async fn reinstate(
    connection: &mut PgConnection,
    organization: OrganizationId,
    enrollment: EnrollmentId,
    version: Uuid,
) -> Result<()> {
    let changed = sqlx::query_scalar!(
        "update lectern.enrollments set withdrawn_at = null where organization_id = $1 and id = $2 and version = $3 returning 1",
        organization as OrganizationId,
        enrollment as EnrollmentId,
        version,
    )
    .fetch_optional(&mut *connection)
    .await
    .on_constraint("enrollments_course_archived", archived_course)?;
    must_have_changed(connection, organization, enrollment, version, changed.is_some()).await
}

async fn must_have_changed(
    connection: &mut PgConnection,
    organization: OrganizationId,
    enrollment: EnrollmentId,
    version: Uuid,
    changed: bool,
) -> Result<()> {
    if changed {
        return Ok(());
    }
    let current = sqlx::query_scalar!(
        "select version from lectern.enrollments where organization_id = $1 and id = $2",
        organization as OrganizationId,
        enrollment as EnrollmentId,
    )
    .fetch_optional(connection)
    .await?;
    Err(Error::unchanged("enrollment", current, version))
}
