//! Approvals: an author asks about a revision of a lesson; a reviewer of the course or an admin, never who asked, approves it
//! or says what to change. Where the organization requires it, only what is approved is published.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use crate::{
    error::{Code, Error, OnConstraint, Result},
    ids::{ApprovalId, CourseId, LessonId, OrganizationId, PersonId, RevisionId},
    text,
};

#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Decision {
    Approved,
    ChangesWanted,
}

#[derive(Serialize, Deserialize, Clone, Debug)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct NewApproval {
    pub id: ApprovalId,
    pub lesson_id: LessonId,
    /// One that is on the server.
    pub revision_id: RevisionId,
    /// What the reviewer should know.
    pub note: String,
}

#[derive(Serialize, Deserialize, Clone, Debug)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Approval {
    pub id: ApprovalId,
    pub course_id: CourseId,
    pub course_title: String,
    pub lesson_id: LessonId,
    pub lesson_title: String,
    pub revision_id: RevisionId,
    /// The lesson has no newer draft on the server.
    pub is_newest: bool,
    pub note: String,
    pub asked_by: PersonId,
    /// None: no longer a member.
    pub asked_by_name: Option<String>,
    pub asked_at: DateTime<Utc>,
    /// None: open, unless withdrawn.
    pub decision: Option<Decision>,
    pub comment: String,
    pub decided_by_name: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
    pub withdrawn_at: Option<DateTime<Utc>>,
    pub may_decide: bool,
    pub may_withdraw: bool,
}

/// Asks about a revision.
///
/// # Errors
/// `notFound` when lesson or revision are not on the server, `conflict` when this revision waits for a reviewer already,
/// `invalid` at `note`, `notAllowed`.
pub async fn ask(connection: &mut PgConnection, organization: OrganizationId, new: &NewApproval) -> Result<ApprovalId> {
    let note = text::prose("note", &new.note)?;
    let asked = sqlx::query_scalar!(
        "insert into lectern.approvals (organization_id, id, course_id, lesson_id, revision_id, note)
         select organization_id, $2, course_id, id, $4, $5 from lectern.lessons where organization_id = $1 and id = $3
         returning 1",
        organization as OrganizationId,
        new.id as ApprovalId,
        new.lesson_id as LessonId,
        new.revision_id as RevisionId,
        note,
    )
    .fetch_optional(connection)
    .await
    .on_constraint("approvals_open_key", || Error::new(Code::Conflict, "This revision waits for a reviewer already."))
    .on_constraint("approvals_revision_fkey", || {
        Error::not_found("revision").next_step("Wait until the draft is on the server, then ask.")
    })
    .on_constraint("approvals_note_length", || Error::invalid("note", "A note has at most 2,000 characters."))?;
    asked.flatten().map(|_| new.id).ok_or_else(|| Error::not_found("lesson"))
}

/// Decides, once.
///
/// # Errors
/// `conflict` when it was decided or withdrawn before, `notFound`, `invalid` at `comment`, `notAllowed`: for who asked, too.
pub async fn decide(
    connection: &mut PgConnection,
    organization: OrganizationId,
    approval: ApprovalId,
    decision: Decision,
    comment: &str,
) -> Result<()> {
    let comment = text::prose("comment", comment)?;
    let changed = sqlx::query_scalar!(
        "update lectern.approvals set decision = $3, comment = $4 where organization_id = $1 and id = $2 returning 1",
        organization as OrganizationId,
        approval as ApprovalId,
        decision as Decision,
        comment,
    )
    .fetch_optional(&mut *connection)
    .await
    .on_constraint("approvals_open", closed)
    .on_constraint("approvals_comment_length", || {
        Error::invalid("comment", "A comment has at most 2,000 characters.")
    })?;
    if changed.is_none() {
        read(connection, organization, approval).await?;
        return Err(Error::not_allowed());
    }
    Ok(())
}

/// Takes one's own question back.
///
/// # Errors
/// `conflict` when it was decided or withdrawn before, `notAllowed` for whoever did not ask it.
pub async fn withdraw(connection: &mut PgConnection, organization: OrganizationId, approval: ApprovalId) -> Result<()> {
    sqlx::query!(
        "select lectern_api.withdraw_approval($1, $2)",
        organization as OrganizationId,
        approval as ApprovalId
    )
    .execute(connection)
    .await
    .on_constraint("approvals_open", closed)?;
    Ok(())
}

fn closed() -> Error {
    Error::new(Code::Conflict, "This was decided or withdrawn meanwhile.").next_step("Look at it again.")
}

/// # Errors
/// `notFound` for whoever is not staff of its course.
pub async fn read(
    connection: &mut PgConnection,
    organization: OrganizationId,
    approval: ApprovalId,
) -> Result<Approval> {
    found(connection, organization, Some(approval), None).await?.pop().ok_or_else(|| Error::not_found("approval"))
}

/// Everything that was asked about one lesson, the newest first; without one, what is open in the caller's courses, the
/// oldest first, 500 at most.
///
/// # Errors
/// `signedOut`, `unreachable`.
pub async fn list(
    connection: &mut PgConnection,
    organization: OrganizationId,
    lesson: Option<LessonId>,
) -> Result<Vec<Approval>> {
    let mut approvals = found(connection, organization, None, lesson).await?;
    if lesson.is_some() {
        approvals.reverse();
    }
    Ok(approvals)
}

async fn found(
    connection: &mut PgConnection,
    organization: OrganizationId,
    approval: Option<ApprovalId>,
    lesson: Option<LessonId>,
) -> Result<Vec<Approval>> {
    Ok(sqlx::query_as!(
        Approval,
        r#"select a.id as "id: ApprovalId", a.course_id as "course_id: CourseId", c.title as course_title,
                  a.lesson_id as "lesson_id: LessonId", l.title as lesson_title, a.revision_id as "revision_id: RevisionId",
                  a.revision_id is not distinct from l.revision_id as "is_newest!", a.note,
                  a.asked_by as "asked_by: PersonId", asker.name as "asked_by_name?", a.asked_at,
                  a.decision as "decision: Decision", a.comment, decider.name as "decided_by_name?", a.decided_at,
                  a.withdrawn_at,
                  x.is_open and a.asked_by <> (select lectern.person())
                    and (a.organization_id = (select lectern.writable_if(40)) is true
                      or (a.organization_id, a.course_id) in (select t.o, t.c from lectern.taught('{reviewer}') t))
                    as "may_decide!",
                  x.is_open and a.asked_by = (select lectern.person()) as "may_withdraw!"
           from lectern.approvals a
           join lectern.courses c on c.organization_id = a.organization_id and c.id = a.course_id
           join lectern.lessons l on l.organization_id = a.organization_id and l.id = a.lesson_id
           left join lectern.memberships asker on asker.organization_id = a.organization_id and asker.person_id = a.asked_by
           left join lectern.memberships decider
             on decider.organization_id = a.organization_id and decider.person_id = a.decided_by
           cross join lateral (select a.decision is null and a.withdrawn_at is null as is_open) x
           where a.organization_id = $1 and coalesce(a.id = $2, a.lesson_id = $3, x.is_open)
           order by a.asked_at, a.id limit 500"#,
        organization as OrganizationId,
        approval as Option<ApprovalId>,
        lesson as Option<LessonId>,
    )
    .fetch_all(connection)
    .await?)
}
