//! Organizations: the tenants. Owners and admins change theirs, owners archive it; a business owner creates them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    error::{Code, Error, OnConstraint, Result},
    ids::OrganizationId,
    text,
};

#[derive(Serialize, Deserialize, Clone, Debug)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Organization {
    pub id: OrganizationId,
    pub name: String,
    /// The name in addresses: `a-z`, `0-9` and single hyphens.
    pub slug: String,
    pub description: String,
    /// IANA name, as in `Europe/Prague`.
    pub time_zone: String,
    /// BCP 47, as in `en` or `pt-BR`.
    pub locale: String,
    /// Drafts open without the server for so many days after it was last reached; 0: never.
    pub offline_days: i16,
    /// A lesson's revision is published only once a reviewer approved it.
    pub approval_required: bool,
    pub plan: String,
    pub status: String,
    pub archived_at: Option<DateTime<Utc>>,
    pub version: Uuid,
    pub created_at: DateTime<Utc>,
}

#[derive(Serialize, Deserialize, Clone, Debug)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct NewOrganization {
    pub id: OrganizationId,
    pub name: String,
    pub slug: String,
    pub time_zone: String,
    pub locale: String,
}

/// Absent keeps.
#[derive(Serialize, Deserialize, Clone, Debug, Default)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase", default)]
pub struct OrganizationChange {
    #[cfg_attr(feature = "desktop", specta(optional, type = String))]
    pub name: Option<String>,
    #[cfg_attr(feature = "desktop", specta(optional, type = String))]
    pub slug: Option<String>,
    #[cfg_attr(feature = "desktop", specta(optional, type = String))]
    pub description: Option<String>,
    #[cfg_attr(feature = "desktop", specta(optional, type = String))]
    pub time_zone: Option<String>,
    #[cfg_attr(feature = "desktop", specta(optional, type = String))]
    pub locale: Option<String>,
    /// 0 to 365.
    #[cfg_attr(feature = "desktop", specta(optional, type = i16))]
    pub offline_days: Option<i16>,
    #[cfg_attr(feature = "desktop", specta(optional, type = bool))]
    pub approval_required: Option<bool>,
}

/// # Errors
/// `notFound` when it is not the caller's.
pub async fn read(connection: &mut PgConnection, organization: OrganizationId) -> Result<Organization> {
    sqlx::query_as!(
        Organization,
        r#"select id as "id: OrganizationId", name, slug, description, time_zone, locale, offline_days, approval_required,
                  plan, status, archived_at, version, created_at
           from lectern.organizations where id = $1"#,
        organization as OrganizationId,
    )
    .fetch_optional(connection)
    .await?
    .ok_or_else(|| Error::not_found("organization"))
}

/// Creates an organization with the caller as its owner, in a transaction that chose none. Repeating it with the same id
/// changes nothing.
///
/// # Errors
/// `notAllowed` for whoever is not a business owner; `invalid` and `conflict` at their field.
pub async fn create(connection: &mut PgConnection, new: &NewOrganization) -> Result<OrganizationId> {
    let name = text::line("name", &new.name)?;
    known_time_zone(connection, &new.time_zone).await?;
    let exists = sqlx::query_scalar!(
        r#"select exists (select from jsonb_array_elements(lectern_api.who_am_i() -> 'organizations') o
                          where o ->> 'id' = $1::uuid::text) as "exists!""#,
        new.id as OrganizationId,
    )
    .fetch_one(&mut *connection)
    .await?;
    if exists {
        return Ok(new.id);
    }
    told(
        sqlx::query!(
            "select lectern_api.create_organization($1, $2, $3, $4, $5)",
            new.id as OrganizationId,
            name,
            new.slug.trim(),
            new.time_zone,
            new.locale.trim(),
        )
        .execute(connection)
        .await,
    )?;
    Ok(new.id)
}

/// # Errors
/// `stale` when somebody changed it since `version`; `notFound`, `notAllowed`; `invalid` and `conflict` at their field.
pub async fn change(
    connection: &mut PgConnection,
    organization: OrganizationId,
    version: Uuid,
    change: &OrganizationChange,
) -> Result<()> {
    let name = change.name.as_deref().map(|name| text::line("name", name)).transpose()?;
    let description = change.description.as_deref().map(|typed| text::prose("description", typed)).transpose()?;
    if let Some(time_zone) = &change.time_zone {
        known_time_zone(connection, time_zone).await?;
    }
    let changed = told(
        sqlx::query_scalar!(
            "update lectern.organizations
         set name = coalesce($3, name), slug = coalesce($4, slug), description = coalesce($5, description),
             time_zone = coalesce($6, time_zone), locale = coalesce($7, locale),
             offline_days = coalesce($8, offline_days), approval_required = coalesce($9, approval_required)
         where id = $1 and version = $2 returning 1",
            organization as OrganizationId,
            version,
            name,
            change.slug.as_deref().map(str::trim),
            description,
            change.time_zone,
            change.locale.as_deref().map(str::trim),
            change.offline_days,
            change.approval_required,
        )
        .fetch_optional(&mut *connection)
        .await,
    )?;
    if changed.is_none() {
        let current = version_of(connection, organization).await?;
        return Err(Error::unchanged("organization", current, version));
    }
    Ok(())
}

/// # Errors
/// `notFound`, `notAllowed` for whoever is not an owner.
pub async fn archive(connection: &mut PgConnection, organization: OrganizationId) -> Result<()> {
    let changed = sqlx::query_scalar!(
        "update lectern.organizations set archived_at = coalesce(archived_at, now()) where id = $1 returning 1",
        organization as OrganizationId,
    )
    .fetch_optional(&mut *connection)
    .await?;
    must_have_changed(connection, organization, changed.is_some()).await
}

/// # Errors
/// `notFound`, `notAllowed` for whoever is not an owner.
pub async fn restore(connection: &mut PgConnection, organization: OrganizationId) -> Result<()> {
    let changed = sqlx::query_scalar!(
        "update lectern.organizations set archived_at = null where id = $1 returning 1",
        organization as OrganizationId,
    )
    .fetch_optional(&mut *connection)
    .await?;
    must_have_changed(connection, organization, changed.is_some()).await
}

async fn must_have_changed(connection: &mut PgConnection, organization: OrganizationId, changed: bool) -> Result<()> {
    if changed {
        return Ok(());
    }
    let seen = version_of(connection, organization).await?;
    Err(if seen.is_some() { Error::not_allowed() } else { Error::not_found("organization") })
}

async fn version_of(connection: &mut PgConnection, organization: OrganizationId) -> Result<Option<Uuid>> {
    Ok(sqlx::query_scalar!("select version from lectern.organizations where id = $1", organization as OrganizationId)
        .fetch_optional(connection)
        .await?)
}

async fn known_time_zone(connection: &mut PgConnection, name: &str) -> Result<()> {
    let unknown = || {
        Error::invalid("timeZone", "This time zone is not known to the server.")
            .next_step("Choose one by its IANA name, for example Europe/Prague.")
    };
    // "UTC+2" and the like would be taken as POSIX rules, with the sign the other way round.
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | '+')) {
        return Err(unknown());
    }
    let known =
        sqlx::query_scalar!(r#"select exists (select from pg_timezone_names where name = $1) as "known!""#, name)
            .fetch_one(connection)
            .await?;
    if known { Ok(()) } else { Err(unknown()) }
}

fn told<T>(outcome: Result<T, sqlx::Error>) -> Result<T> {
    outcome
        .on_constraint("organizations_name_length", || {
            Error::invalid("name", "An organization's name has 1 to 200 characters.")
        })
        .on_constraint("organizations_slug_form", || {
            Error::invalid("slug", "The short name has small letters a to z, digits and single hyphens, 100 at most.")
        })
        .on_constraint("organizations_slug_key", || {
            Error::new(Code::Conflict, "Another organization has this short name already.")
                .at("slug")
                .next_step("Choose another short name.")
        })
        .on_constraint("organizations_description_length", || {
            Error::invalid("description", "A description has at most 2,000 characters.")
        })
        .on_constraint("organizations_locale_form", || {
            Error::invalid("locale", "A language is written like en or pt-BR.")
        })
        .on_constraint("organizations_offline_days_range", || {
            Error::invalid("offlineDays", "Drafts open without the server for 0 to 365 days; 0 is never.")
        })
        .on_constraint("organization_is_archived", archived)
}

/// What is said about any change inside an archived organization.
pub(crate) fn archived() -> Error {
    Error::new(Code::NotAllowed, "This organization is archived, so nothing in it changes.")
        .next_step("An owner can restore it first.")
}
