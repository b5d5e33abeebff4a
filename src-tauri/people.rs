//! People as one organization knows them: memberships with their role, and the profile behind them. A human being exists
//! once per installation; what stands here is that person's membership of the organization asked about.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use crate::{
    courses::Duty,
    error::{Code, Error, OnConstraint, Result},
    ids::{CourseId, MembershipId, OrganizationId, PersonId},
    organizations,
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
    #[cfg_attr(feature = "desktop", specta(optional, type = String))]
    pub name: Option<String>,
    #[cfg_attr(feature = "desktop", specta(optional, type = String))]
    pub email: Option<String>,
    #[serde(deserialize_with = "text::given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "desktop", specta(optional, type = Option<String>))]
    pub phone: Option<Option<String>>,
    #[serde(deserialize_with = "text::given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "desktop", specta(optional, type = Option<NaiveDate>))]
    pub born_on: Option<Option<NaiveDate>>,
    #[cfg_attr(feature = "desktop", specta(optional, type = String))]
    pub bio: Option<String>,
}

/// Absent keeps.
#[derive(Serialize, Deserialize, Clone, Debug, Default)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase", default)]
pub struct MembershipChange {
    #[cfg_attr(feature = "desktop", specta(optional, type = Role))]
    pub role: Option<Role>,
    #[cfg_attr(feature = "desktop", specta(optional, type = bool))]
    pub is_active: Option<bool>,
}

/// People of the organization: all of them for staff, oneself for a learner. Names stand in the order of Unicode, without
/// regard to case; every word of the search is in the name or the e-mail.
///
/// # Errors
/// `invalid` for an unknown order or cursor, `notAllowed` outside the organization.
pub async fn list(
    connection: &mut PgConnection,
    organization: OrganizationId,
    query: &PeopleQuery,
) -> Result<Page<PersonRow>> {
    let list = &query.list;
    if list.count_only {
        let total = sqlx::query_scalar!(
            r#"select lectern_api.count_people($1, $2, $3, $4, $5) as "total!""#,
            organization as OrganizationId,
            text::search(&list.search),
            query.role as Option<Role>,
            query.is_active,
            list.archived,
        )
        .fetch_one(&mut *connection)
        .await?;
        return Ok(Page::counted(total));
    }
    let after: Option<(String, DateTime<Utc>, MembershipId, Option<i64>)> = list.after()?;
    let carried = after.as_ref().and_then(|(.., total)| *total);
    let found = sqlx::query!(
        r#"select total as "total!", person_id as "person_id!: PersonId", membership_id as "membership_id!: MembershipId",
                  name as "name!", email as "email!", role as "role!: Role", is_active as "is_active!",
                  joined_at as "joined_at!", archived_at, enrollments as "enrollments!", version as "version!"
           from lectern_api.list_people($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"#,
        organization as OrganizationId,
        text::search(&list.search),
        query.role as Option<Role>,
        query.is_active,
        list.archived,
        list.order(&["name", "joinedAt"])?,
        list.descending,
        after.as_ref().map(|(name, ..)| name.as_str()),
        after.as_ref().map(|(_, joined_at, ..)| *joined_at),
        after.as_ref().map(|(.., id, _)| *id) as Option<MembershipId>,
        list.fetch(),
        if list.counts_apart() { Some(-1) } else { carried },
    )
    .fetch_all(&mut *connection)
    .await?;
    let total = carried.or(found.first().map(|row| row.total)).filter(|total| *total >= 0);
    let rows = found
        .into_iter()
        .map(|row| PersonRow {
            person_id: row.person_id,
            membership_id: row.membership_id,
            name: row.name,
            email: row.email,
            role: row.role,
            is_active: row.is_active,
            joined_at: row.joined_at,
            archived_at: row.archived_at,
            enrollments: u32::try_from(row.enrollments).unwrap_or(u32::MAX),
            version: row.version,
        })
        .collect();
    Page::new(rows, list, total, |row: &PersonRow| (row.name.clone(), row.joined_at, row.membership_id, total))
}

/// # Errors
/// `notFound` when they are no member here, or not visible to the caller.
pub async fn read(
    connection: &mut PgConnection,
    organization: OrganizationId,
    person: PersonId,
) -> Result<PersonDetail> {
    let found = sqlx::query!(
        r#"select m.id as "id: MembershipId", m.name, m.email, m.role as "role: Role", m.is_active, m.joined_at, m.archived_at, m.version,
                  (select count(*) from lectern.enrollments e
                    where e.organization_id = $1 and e.person_id = $2 and e.withdrawn_at is null) as "enrollments!",
                  coalesce(p.bio, '') as "bio!", p.avatar as "avatar?", p.phone as "phone?", p.born_on as "born_on?",
                  coalesce(p.has_signed_in, false) as "has_signed_in!", coalesce(p.may_reset, false) as "may_reset!",
                  m.person_id = lectern.person() as "is_me!",
                  -- Shows what the policy on memberships would allow: strictly below oneself.
                  m.person_id <> lectern.person() and coalesce(
                    case m.role when 'owner' then lectern.writable_if(60) when 'admin' then lectern.writable_if(50)
                                else lectern.writable_if(40) end = $1, false) as "may_change_role!",
                  coalesce((select jsonb_agg(jsonb_build_object('courseId', k.id, 'title', k.title, 'duty', f.duty) order by k.title_key, k.id)
                     from lectern.course_staff f
                     join lectern.courses k on k.organization_id = $1 and k.id = f.course_id and k.archived_at is null
                    where f.organization_id = $1 and f.person_id = $2 and f.archived_at is null), '[]') as "teaching!: Json<Vec<Teaching>>"
           from lectern.memberships m
           left join lectern_api.read_profile($2) p on true
           where m.organization_id = $1 and m.person_id = $2"#,
        organization as OrganizationId,
        person as PersonId,
    )
    .fetch_optional(connection)
    .await?
    .ok_or_else(|| Error::not_found("person"))?;
    Ok(PersonDetail {
        row: PersonRow {
            person_id: person,
            membership_id: found.id,
            name: found.name,
            email: found.email,
            role: found.role,
            is_active: found.is_active,
            joined_at: found.joined_at,
            archived_at: found.archived_at,
            enrollments: u32::try_from(found.enrollments).unwrap_or(u32::MAX),
            version: found.version,
        },
        bio: found.bio,
        avatar: found.avatar,
        phone: found.phone,
        born_on: found.born_on,
        has_signed_in: found.has_signed_in,
        may_change_role: found.may_change_role,
        may_reset_password: found.may_reset,
        is_me: found.is_me,
        teaching: found.teaching.0,
    })
}

/// Makes somebody a member. A person known by e-mail to this installation joins as they are: then the given phone, birthday
/// and bio are not used. The database gives the person's id, so that no client learns from its own id coming back whether
/// another organization knows the address.
///
/// # Errors
/// `conflict` at `email` for somebody who is a member already; `invalid` at its field; `notAllowed`, also for a role that is
/// not below one's own.
pub async fn add(connection: &mut PgConnection, organization: OrganizationId, new: &NewPerson) -> Result<PersonId> {
    in_this_organization(connection, organization).await?;
    let person = told(
        sqlx::query_scalar!(
            r#"select lectern_api.add_person($1, $2, $3, $4, $5, $6, $7) as "person!: PersonId""#,
            MembershipId::new() as MembershipId,
            text::line("email", &new.email)?,
            text::line("name", &new.name)?,
            new.role as Role,
            text::optional_line("phone", new.phone.as_deref())?,
            new.born_on,
            text::prose("bio", &new.bio)?,
        )
        .fetch_one(connection)
        .await,
    )?;
    Ok(person)
}

/// Changes what is known about a person. The name is this organization's own; everything else belongs to the person.
///
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
    in_this_organization(connection, organization).await?;
    if version_of(connection, organization, person).await?.is_none() {
        return Err(Error::not_found("person"));
    }
    let mut fields = serde_json::Map::new();
    if let Some(name) = &change.name {
        fields.insert("name".into(), text::line("name", name)?.into());
    }
    if let Some(email) = &change.email {
        fields.insert("email".into(), text::line("email", email)?.into());
    }
    if let Some(phone) = &change.phone {
        fields.insert("phone".into(), text::optional_line("phone", phone.as_deref())?.into());
    }
    if let Some(born_on) = &change.born_on {
        fields.insert("born_on".into(), born_on.map(|day| day.to_string()).into());
    }
    if let Some(bio) = &change.bio {
        fields.insert("bio".into(), text::prose("bio", bio)?.into());
    }
    let changed = told(
        sqlx::query_scalar!(
            r#"select lectern_api.change_person($1, $2, $3) as "changed!""#,
            person as PersonId,
            version,
            serde_json::Value::Object(fields),
        )
        .fetch_one(connection)
        .await,
    )?;
    if changed { Ok(()) } else { Err(Error::stale("person")) }
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
    let changed = told(
        sqlx::query_scalar!(
            "update lectern.memberships set role = coalesce($4, role), is_active = coalesce($5, is_active)
             where organization_id = $1 and person_id = $2 and version = $3 returning 1",
            organization as OrganizationId,
            person as PersonId,
            version,
            change.role as Option<Role>,
            change.is_active,
        )
        .fetch_optional(&mut *connection)
        .await,
    )?;
    if changed.is_none() {
        return Err(Error::unchanged("person", version_of(connection, organization, person).await?, version));
    }
    Ok(())
}

/// Archives the membership: the person keeps their account, and their enrollments stay where they are.
///
/// # Errors
/// `notFound`, `notAllowed`.
pub async fn archive(connection: &mut PgConnection, organization: OrganizationId, person: PersonId) -> Result<()> {
    let changed = told(
        sqlx::query_scalar!(
            "update lectern.memberships set archived_at = coalesce(archived_at, now())
             where organization_id = $1 and person_id = $2 returning 1",
            organization as OrganizationId,
            person as PersonId,
        )
        .fetch_optional(&mut *connection)
        .await,
    )?;
    must_have_changed(connection, organization, person, changed.is_some()).await
}

/// # Errors
/// `notFound`, `notAllowed`.
pub async fn restore(connection: &mut PgConnection, organization: OrganizationId, person: PersonId) -> Result<()> {
    let changed = told(
        sqlx::query_scalar!(
            "update lectern.memberships set archived_at = null where organization_id = $1 and person_id = $2 returning 1",
            organization as OrganizationId,
            person as PersonId,
        )
        .fetch_optional(&mut *connection)
        .await,
    )?;
    must_have_changed(connection, organization, person, changed.is_some()).await
}

async fn must_have_changed(
    connection: &mut PgConnection,
    organization: OrganizationId,
    person: PersonId,
    changed: bool,
) -> Result<()> {
    if changed {
        return Ok(());
    }
    let seen = version_of(connection, organization, person).await?;
    Err(if seen.is_some() { Error::not_allowed() } else { Error::not_found("person") })
}

async fn version_of(
    connection: &mut PgConnection,
    organization: OrganizationId,
    person: PersonId,
) -> Result<Option<Uuid>> {
    Ok(sqlx::query_scalar!(
        "select version from lectern.memberships where organization_id = $1 and person_id = $2",
        organization as OrganizationId,
        person as PersonId,
    )
    .fetch_optional(connection)
    .await?)
}

/// The guarded functions act in the organization the session was opened with: it must be the one asked for.
async fn in_this_organization(connection: &mut PgConnection, organization: OrganizationId) -> Result<()> {
    let is_it = sqlx::query_scalar!(
        r#"select coalesce(lectern.organization_if(10) = $1, false) as "is_it!""#,
        organization as OrganizationId
    )
    .fetch_one(connection)
    .await?;
    if is_it { Ok(()) } else { Err(Error::not_allowed()) }
}

fn told<T>(outcome: Result<T, sqlx::Error>) -> Result<T> {
    let name = || Error::invalid("name", "A name has 1 to 200 characters.");
    let email =
        || Error::invalid("email", "This is not an e-mail address.").next_step("Write it like mina@example.org.");
    outcome
        .on_constraint("people_name_length", name)
        .on_constraint("memberships_name_length", name)
        .on_constraint("people_email_form", email)
        .on_constraint("memberships_email_form", email)
        .on_constraint("people_email_key", || {
            Error::new(Code::Conflict, "Somebody else uses this e-mail address already.").at("email")
        })
        .on_constraint("memberships_person_key", || {
            Error::new(Code::Conflict, "Whoever has this e-mail address is a member of this organization already.")
                .at("email")
                .next_step("Look for them in the list, among the archived people too.")
        })
        .on_constraint("profiles_bio_length", || Error::invalid("bio", "A bio has at most 500 characters."))
        .on_constraint("profiles_phone_form", || {
            Error::invalid("phone", "A phone number has 3 to 30 digits, blanks and ( ) . / - after an optional +.")
        })
        .on_constraint("profiles_born_on_range", || {
            Error::invalid("bornOn", "A birthday lies between the years 1900 and 2200.")
        })
        .on_constraint("person_belongs_elsewhere", || {
            Error::new(
                Code::NotAllowed,
                "This person belongs to another organization too, so only their name here can be changed.",
            )
            .next_step("Ask them to change it themselves, or ask the business owner.")
        })
        .on_constraint("organization_is_archived", organizations::archived)
}
