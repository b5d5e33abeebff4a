//! Whether an installation is well beyond its connection: progress and counts against what the lessons say, the seals of
//! the audit, and how much there is. On the owner's connection, who sees every organization.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::PgConnection;

use crate::error::Result;

/// How many seals there are, and the numbers of those that do not hold.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Seals {
    pub count: i64,
    pub broken: Vec<i64>,
}

/// The newest seal of the audit.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Head {
    pub number: i64,
    pub sealed_at: DateTime<Utc>,
    /// Hexadecimal.
    pub hash: String,
}

/// How much an installation holds and how busy it is. Counts only: nothing of anybody.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Measures {
    pub organizations: i64,
    pub people: i64,
    pub live_sessions: i64,
    pub failed_sign_ins_today: i64,
    pub audit_entries: i64,
    pub unsealed_audit_entries: i64,
    pub database_bytes: i64,
    pub connections: i64,
    pub max_connections: i64,
}

/// What no longer stands as the migrations left it, as a restore by the wrong login leaves it.
#[derive(Clone, Debug)]
pub struct Ownership {
    /// Functions and tables of another owner, and tables without forced row-level security.
    pub astray: Vec<String>,
    /// Every login of the server may connect, as PostgreSQL has it: a dump without `--create` carries no rights of the
    /// database itself.
    pub lost_database_rights: bool,
}

/// Any login may ask: it reads the catalog alone.
///
/// # Errors
/// `unreachable` when the server is gone.
pub async fn ownership(connection: &mut PgConnection) -> Result<Ownership> {
    // What hardening adds is its superuser's.
    let (astray, lost_database_rights) = sqlx::query_as(
        "with schemas as (select oid from pg_namespace where nspname in ('lectern', 'lectern_api', 'lectern_auth', 'lectern_audit'))
         select array(select 'function ' || p.oid::regprocedure::text from pg_proc p
                       where p.pronamespace in (select oid from schemas) and p.prorettype <> 'event_trigger'::regtype
                         and pg_get_userbyid(p.proowner) not in ('lectern_owner', 'lectern_guard')
                      union all
                      select 'table ' || c.oid::regclass::text from pg_class c
                       where c.relnamespace in (select oid from schemas) and c.relkind in ('r', 'p')
                         and (pg_get_userbyid(c.relowner) <> 'lectern_owner' or not c.relrowsecurity or not c.relforcerowsecurity)
                      order by 1),
                exists (select from pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
                         where d.datname = current_database() and a.grantee = 0 and a.privilege_type = 'CONNECT')",
    )
    .fetch_one(connection)
    .await?;
    Ok(Ownership { astray, lost_database_rights })
}

/// Seals what has settled and tells how many entries that were.
///
/// # Errors
/// `notAllowed` for any login but the owner's.
pub async fn seal(connection: &mut PgConnection) -> Result<i64> {
    Ok(sqlx::query_scalar!(r#"select lectern_audit.seal() as "sealed!""#).fetch_one(connection).await?)
}

/// Recomputes every seal.
///
/// # Errors
/// `notAllowed` for any login but the owner's.
pub async fn seals(connection: &mut PgConnection) -> Result<Seals> {
    Ok(sqlx::query_as!(
        Seals,
        r#"select count(*) as "count!",
                  coalesce(array_agg(number order by number) filter (where not is_good), '{}') as "broken!"
             from lectern_audit.verify()"#
    )
    .fetch_one(connection)
    .await?)
}

/// None before the first seal.
///
/// # Errors
/// `notAllowed` for any login but the owner's.
pub async fn head(connection: &mut PgConnection) -> Result<Option<Head>> {
    Ok(sqlx::query_as!(
        Head,
        r#"select number, sealed_at, encode(hash, 'hex') as "hash!" from lectern_audit.seals order by number desc limit 1"#
    )
    .fetch_optional(connection)
    .await?)
}

/// Counts what is here.
///
/// # Errors
/// `notAllowed` for any login but the owner's.
pub async fn measures(connection: &mut PgConnection) -> Result<Measures> {
    Ok(sqlx::query_as!(
        Measures,
        r#"select (select count(*) from lectern.organizations) as "organizations!",
                  (select count(*) from lectern.people) as "people!",
                  (select count(*) from lectern_auth.sessions
                    where revoked_at is null and expires_at > clock_timestamp()) as "live_sessions!",
                  (select count(*) from lectern_auth.attempts
                    where outcome = 'failed' and proved_at > clock_timestamp() - interval '1 day') as "failed_sign_ins_today!",
                  (select count(*) from lectern_audit.entries) as "audit_entries!",
                  (select count(*) from lectern_audit.entries
                    where id > coalesce((select max(last_id) from lectern_audit.seals), 0)) as "unsealed_audit_entries!",
                  pg_database_size(current_database()) as "database_bytes!",
                  (select count(*) from pg_stat_activity where backend_type = 'client backend') as "connections!",
                  current_setting('max_connections')::bigint as "max_connections!""#
    )
    .fetch_one(connection)
    .await?)
}
