//! The audit: who changed what, written by the database's triggers and read by owners and admins.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    error::Result,
    ids::{CourseId, OrganizationId},
    page::{ListQuery, Page},
};

#[derive(Serialize, Deserialize, Clone, Debug, Default)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct AuditQuery {
    /// Only what was done to this row.
    pub row_id: Option<Uuid>,
    /// Only what was done to this course as a whole: itself, its sub-courses, lessons, staff, cohorts, enrollments and their
    /// progress.
    pub course_id: Option<CourseId>,
    pub cursor: Option<String>,
    pub limit: u32,
}

#[derive(Serialize, Deserialize, Clone, Debug)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct AuditRow {
    // A JavaScript number is exact to 2^53, more entries than will ever be.
    #[cfg_attr(feature = "desktop", specta(type = u32))]
    pub id: i64,
    pub at: DateTime<Utc>,
    /// As this organization writes it; none for whoever is no member.
    pub actor_name: Option<String>,
    pub verb: String,
    pub table_name: String,
    pub row_id: Option<Uuid>,
    /// What the changed row is called today (as recorded when it is gone): a lesson's, sub-course's, course's, quiz's title,
    /// a cohort's or group's name; of progress in one lesson, that lesson's. None for what has only a person.
    pub title: Option<String>,
    /// Whom the row is about: enrolled, taught by, progressing, member.
    pub person_name: Option<String>,
    /// The title of the course the row belongs to; none for courses themselves and what stands above them.
    pub course_title: Option<String>,
    pub before: Option<serde_json::Value>,
    pub after: Option<serde_json::Value>,
}

/// Entries of the organization, newest first. `total` is counted for the first page and carried on by the cursor: the audit
/// is long, and whoever reads on is not served by counting it again.
///
/// # Errors
/// `invalid` for an unknown cursor; nothing is found by whoever is no admin.
pub async fn list(
    connection: &mut PgConnection,
    organization: OrganizationId,
    query: &AuditQuery,
) -> Result<Page<AuditRow>> {
    let list = ListQuery { cursor: query.cursor.clone(), limit: query.limit, ..ListQuery::default() };
    let after: Option<(i64, i64)> = list.after()?;
    // Each question is a branch of its own, skipped unless asked: one condition with "or is null" would keep a statement
    // prepared once from using any index. Names are looked up by key after the page is cut. What they are looked up by is
    // materialized first: an expression that may fail cannot enter an index before the policies had their say.
    let total = match after {
        Some((_, total)) => total,
        None => {
            sqlx::query_scalar!(
                r#"select (select count(*) from lectern_audit.entries
                            where $2::uuid is null and $3::uuid is null and organization_id = $1)
                        + (select count(*) from lectern_audit.entries
                            where $3::uuid is null and organization_id = $1 and row_id = $2)
                        + (select count(*) from lectern_audit.entries
                            where organization_id = $1 and course_id = $3 and ($2::uuid is null or row_id = $2)) as "count!""#,
                organization as OrganizationId,
                query.row_id,
                query.course_id as Option<CourseId>,
            )
            .fetch_one(&mut *connection)
            .await?
        }
    };
    let rows = sqlx::query_as!(
        AuditRow,
        r#"with page as (
             (select id from lectern_audit.entries
               where $2::uuid is null and $3::uuid is null and organization_id = $1 and id < $4 order by id desc limit $5)
             union all
             (select id from lectern_audit.entries
               where $3::uuid is null and organization_id = $1 and row_id = $2 and id < $4 order by id desc limit $5)
             union all
             (select id from lectern_audit.entries
               where organization_id = $1 and course_id = $3 and ($2::uuid is null or row_id = $2) and id < $4
               order by id desc limit $5)),
           entry as materialized (
             select e.id, e.at, e.actor_id, e.verb, e.table_name, e.row_id, e.course_id, e.before, e.after,
                    coalesce(e.before, '{}') || coalesce(e.after, '{}') as told,
                    (coalesce(e.after, e.before) ->> 'lesson_id')::uuid as lesson_id,
                    (coalesce(e.after, e.before) ->> 'enrollment_id')::uuid as enrollment_id,
                    (coalesce(e.after, e.before) ->> 'person_id')::uuid as told_person_id
               from page
              cross join lateral (
                select x.id, x.at, x.actor_id, x.verb, x.table_name, x.row_id, x.course_id, x.before, x.after
                  from lectern_audit.entries x where x.organization_id = $1 and x.id = page.id limit 1) e),
           subject as materialized (
             select a.*,
                    case when a.table_name in ('people', 'profiles') then a.row_id
                         when a.table_name in ('enrollments', 'lesson_progress') then
                           (select x.person_id from lectern.enrollments x where x.organization_id = $1 and x.id = a.row_id)
                         when a.table_name = 'course_group_members' then
                           (select x.person_id from lectern.enrollments x
                             where x.organization_id = $1 and x.id = a.enrollment_id)
                         when a.table_name = 'course_staff' then
                           (select x.person_id from lectern.course_staff x where x.organization_id = $1 and x.id = a.row_id)
                         when a.table_name = 'memberships' then
                           (select x.person_id from lectern.memberships x where x.organization_id = $1 and x.id = a.row_id)
                         else a.told_person_id end as person_id
               from entry a)
           select a.id as "id!", a.at as "at!", a.verb as "verb!", a.table_name as "table_name!", a.row_id, a.before, a.after,
                  (select x.name from lectern.memberships x where x.organization_id = $1 and x.person_id = a.actor_id) as actor_name,
                  coalesce(
                    case a.table_name
                      when 'courses' then (select x.title from lectern.courses x where x.organization_id = $1 and x.id = a.row_id)
                      when 'sub_courses' then
                        (select x.title from lectern.sub_courses x where x.organization_id = $1 and x.id = a.row_id)
                      when 'lessons' then (select x.title from lectern.lessons x where x.organization_id = $1 and x.id = a.row_id)
                      when 'lesson_attachments' then
                        (select x.title from lectern.lessons x where x.organization_id = $1 and x.id = a.row_id)
                      when 'lesson_progress' then
                        (select x.title from lectern.lessons x
                          where x.organization_id = $1 and x.id = a.lesson_id)
                      when 'approvals' then
                        (select l.title from lectern.approvals x
                           join lectern.lessons l on l.organization_id = x.organization_id and l.id = x.lesson_id
                          where x.organization_id = $1 and x.id = a.row_id)
                      when 'merge_cards' then
                        (select coalesce(l.title, s.title, q.title) from lectern.merge_cards x
                           left join lectern.lessons l on l.organization_id = x.organization_id and l.id = x.row_id
                           left join lectern.sub_courses s on s.organization_id = x.organization_id and s.id = x.row_id
                           left join lectern.quizzes q on q.organization_id = x.organization_id and q.id = x.row_id
                          where x.organization_id = $1 and x.id = a.row_id)
                      when 'quizzes' then (select x.title from lectern.quizzes x where x.organization_id = $1 and x.id = a.row_id)
                      when 'cohorts' then (select x.name from lectern.cohorts x where x.organization_id = $1 and x.id = a.row_id)
                      when 'course_groups' then
                        (select x.name from lectern.course_groups x where x.organization_id = $1 and x.id = a.row_id)
                      when 'course_group_members' then
                        (select x.name from lectern.course_groups x where x.organization_id = $1 and x.id = a.row_id)
                    end,
                    a.told ->> 'title', a.told ->> 'file_name',
                    case when a.table_name in ('cohorts', 'course_groups') then a.told ->> 'name' end) as title,
                  coalesce(
                    (select x.name from lectern.memberships x
                      where x.organization_id = $1 and x.person_id = a.person_id),
                    case when a.table_name in ('people', 'memberships', 'invitations') then
                      coalesce(nullif(a.told ->> 'name', ''), a.told ->> 'email') end) as person_name,
                  case when a.table_name <> 'courses' then
                    (select x.title from lectern.courses x where x.organization_id = $1 and x.id = a.course_id) end as course_title
             from subject a
            order by a.id desc"#,
        organization as OrganizationId,
        query.row_id,
        query.course_id as Option<CourseId>,
        after.map_or(i64::MAX, |(id, _)| id),
        i64::from(list.fetch()),
    )
    .fetch_all(connection)
    .await?;
    Page::new(rows, &list, Some(total), |row: &AuditRow| (row.id, total))
}
