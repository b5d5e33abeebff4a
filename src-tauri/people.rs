//! People as one organization knows them: memberships with their role, and the profile behind them. A human being exists
//! once per installation; what stands here is that person's membership of the organization asked about.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    courses::Duty,
    error::{Code, Error, OnConstraint, Result},
    ids::{CourseId, MembershipId, OrganizationId, PersonId},
    page::{ListQuery, Page},
    text,
};

/// What a membership allows, highest first. A business owner stands above all of them without any.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum Role {
    Owner,
    Admin,
    Instructor,
    Reviewer,
    Learner,
}

#[derive(Serialize, Deserialize, Clone, Debug, Default)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct PeopleQuery {
    /// `sort`: `name` or `joinedAt`.
    #[serde(flatten)]
    pub list: ListQuery,
    pub role: Option<Role>,
    pub is_active: Option<bool>,
}

#[derive(Serialize, Deserialize, Clone, Debug)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct PersonRow {
    pub person_id: PersonId,
    pub membership_id: MembershipId,
    pub name: String,
    pub email: String,
    pub role: Role,
    pub is_active: bool,
    pub joined_at: DateTime<Utc>,
    pub archived_at: Option<DateTime<Utc>>,
    /// Those not withdrawn.
    pub enrollments: u32,
    /// Of the membership; every change of the person through this organization renews it.
    pub version: Uuid,
}

#[derive(Serialize, Deserialize, Clone, Debug)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct PersonDetail {
    #[serde(flatten)]
    pub row: PersonRow,
    pub bio: String,
    pub avatar: Option<String>,
    pub phone: Option<String>,
    pub born_on: Option<NaiveDate>,
    pub has_signed_in: bool,
    pub may_change_role: bool,
    pub may_reset_password: bool,
    pub is_me: bool,
    /// Courses in use that this person teaches or reviews.
    pub teaching: Vec<Teaching>,
}

#[derive(Serialize, Deserialize, Clone, Debug)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Teaching {
    pub course_id: CourseId,
    pub title: String,
    pub duty: Duty,
}

#[derive(Serialize, Deserialize, Clone, Debug)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct NewPerson {
    /// Used when nobody has the e-mail yet.
    pub person_id: PersonId,
    pub email: String,
    pub name: String,
    pub role: Role,
    pub phone: Option<String>,
    pub born_on: Option<NaiveDate>,
    pub bio: String,
}

/// Absent keeps; null clears where null is allowed.
#[derive(Serialize, Deserialize, Clone, Debug, Default)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase", default)]
pub struct PersonChange {
    #[cfg_attr(feature = "desktop", specta(optional))]
    pub name: Option<String>,
    #[cfg_attr(feature = "desktop", specta(optional))]
    pub email: Option<String>,
    #[serde(deserialize_with = "text::given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "desktop", specta(optional, type = Option<String>))]
    pub phone: Option<Option<String>>,
    #[serde(deserialize_with = "text::given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "desktop", specta(optional, type = Option<NaiveDate>))]
    pub born_on: Option<Option<NaiveDate>>,
    #[cfg_attr(feature = "desktop", specta(optional))]
    pub bio: Option<String>,
}

/// Absent keeps.
#[derive(Serialize, Deserialize, Clone, Debug, Default)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase", default)]
pub struct MembershipChange {
    #[cfg_attr(feature = "desktop", specta(optional))]
    pub role: Option<Role>,
    #[cfg_attr(feature = "desktop", specta(optional))]
    pub is_active: Option<bool>,
}

/// People of the organization: all of them for staff, oneself for a learner. The key of `name` is compared without regard
/// to case by the rules of Unicode.
///
/// # Errors
/// `invalid` for an unknown order or cursor, `notAllowed` outside the organization.
pub async fn list(
    connection: &mut PgConnection,
    organization: OrganizationId,
    query: &PeopleQuery,
) -> Result<Page<PersonRow>> {
    let _ = (connection, organization, query);
    Page::new(Vec::new(), &query.list, 0, |row: &PersonRow| row.membership_id)
}

/// # Errors
/// `notFound` when they are no member here, or not visible to the caller.
pub async fn read(
    connection: &mut PgConnection,
    organization: OrganizationId,
    person: PersonId,
) -> Result<PersonDetail> {
    let _ = (connection, organization, person);
    Err(Error::not_found("person"))
}

/// Makes somebody a member. A person known by e-mail to this installation joins as they are: then the given id, phone,
/// birthday and bio are not used. Gives the person's id.
///
/// # Errors
/// `conflict` at `email` for somebody who is a member already; `invalid` at its field; `notAllowed`.
pub async fn add(connection: &mut PgConnection, organization: OrganizationId, new: &NewPerson) -> Result<PersonId> {
    let _ = (connection, organization, text::line("name", &new.name)?);
    Err(Error::new(Code::Conflict, "")).on_constraint("", Error::not_allowed)
}

/// # Errors
/// `stale` when somebody changed the person here since `version`; `notFound`, `notAllowed`; `invalid`, `conflict` at their
/// field.
pub async fn change(
    connection: &mut PgConnection,
    organization: OrganizationId,
    person: PersonId,
    version: Uuid,
    change: &PersonChange,
) -> Result<()> {
    let _ = (connection, organization, person, version, change);
    Err(Error::not_allowed())
}

/// # Errors
/// As [`change`].
pub async fn change_membership(
    connection: &mut PgConnection,
    organization: OrganizationId,
    person: PersonId,
    version: Uuid,
    change: &MembershipChange,
) -> Result<()> {
    let _ = (connection, organization, person, version, change);
    Err(Error::not_allowed())
}

/// Archives the membership: the person keeps their account, and their enrollments stay where they are.
///
/// # Errors
/// `notFound`, `notAllowed`.
pub async fn archive(connection: &mut PgConnection, organization: OrganizationId, person: PersonId) -> Result<()> {
    let _ = (connection, organization, person);
    Err(Error::not_allowed())
}

/// # Errors
/// `notFound`, `notAllowed`.
pub async fn restore(connection: &mut PgConnection, organization: OrganizationId, person: PersonId) -> Result<()> {
    let _ = (connection, organization, person);
    Err(Error::not_allowed())
}
