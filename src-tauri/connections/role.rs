//! Whether the login is one the walls hold for: member of the application's group, and nothing above it.

use sqlx::PgConnection;

use super::Connection;
use crate::error::{Code, Error, Result};

/// What a login may do beyond the application's group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Role {
    pub user: String,
    /// None: the groups do not exist on this server yet.
    pub is_member: Option<bool>,
    /// Each a part of a sentence after “it …”; any of them lets the login past the walls between organizations.
    pub powers: Vec<String>,
    /// Each a part of a sentence; not dangerous to the data, yet not needed.
    pub surplus: Vec<String>,
    pub has_statement_timeout: bool,
}

impl Role {
    /// Why nobody should work through this login, or None.
    #[must_use]
    pub fn refusal(&self) -> Option<Error> {
        if self.powers.is_empty() {
            return (self.is_member == Some(false)).then(|| self.lacks_group());
        }
        let message = format!(
            "{} stands above the rights of Lectern ({}): the walls between organizations and roles would not hold for it.",
            self.user,
            self.powers.join("; ")
        );
        Some(Error::new(Code::NotAllowed, message).next_step(
            "Have IT make a login of its own for the application: create role NAME login password '…'; grant lectern_app to NAME.",
        ))
    }

    fn lacks_group(&self) -> Error {
        let user = &self.user;
        Error::new(Code::NotAllowed, format!("{user} may not use Lectern's tables: it is not a member of lectern_app."))
            .next_step(format!("Have IT run: grant lectern_app to \"{user}\"."))
    }
}

/// Asks the catalogs; works in any database, before anybody signs in.
///
/// # Errors
/// `unreachable` when the server is gone.
pub async fn inspect(connection: &mut PgConnection, saved: &Connection) -> Result<Role> {
    let (user, superuser, bypasses, makes_roles, makes_databases, replicates, has_statement_timeout): (
        String,
        bool,
        bool,
        bool,
        bool,
        bool,
        bool,
    ) = sqlx::query_as(
        "select r.rolname::text, r.rolsuper, r.rolbypassrls, r.rolcreaterole, r.rolcreatedb, r.rolreplication,
                current_setting('statement_timeout') <> '0'
           from pg_catalog.pg_roles r where r.rolname = session_user",
    )
    .fetch_one(&mut *connection)
    .await?;
    let (member, owner, guard, server_files, owns_database, owns_tables, reads_all): (
        Option<bool>,
        bool,
        bool,
        bool,
        bool,
        bool,
        bool,
    ) = sqlx::query_as(
        "with groups as (select rolname::text as name, pg_catalog.pg_has_role(session_user, oid, 'member') as has from pg_catalog.pg_roles)
         select (select g.has from groups g where g.name = 'lectern_app'),
                coalesce((select g.has from groups g where g.name = 'lectern_owner'), false),
                coalesce((select g.has from groups g where g.name = 'lectern_guard'), false),
                coalesce((select bool_or(g.has) from groups g where g.name in ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files')), false),
                pg_catalog.pg_has_role(session_user, (select d.datdba from pg_catalog.pg_database d where d.datname = current_database()), 'member'),
                exists (select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                         where n.nspname like 'lectern%' and c.relowner = (select r.oid from pg_catalog.pg_roles r where r.rolname = session_user)),
                coalesce((select bool_or(g.has) from groups g where g.name in ('pg_read_all_data', 'pg_write_all_data', 'pg_monitor', 'pg_signal_backend')), false)",
    )
    .fetch_one(connection)
    .await?;
    // A superuser is a member of everything; one reason says it all.
    let told = |holds: bool, what: &str| (holds && (!superuser || what == SUPERUSER)).then(|| what.to_owned());
    let powers = [
        told(superuser, SUPERUSER),
        told(bypasses, "it bypasses row-level security"),
        told(owner, "it is a member of lectern_owner"),
        told(guard, "it is a member of lectern_guard"),
        told(owns_tables, "it owns tables of Lectern"),
        told(owns_database, "it owns the database"),
        told(makes_roles, "it may create roles"),
        told(server_files, "it may reach the server's files or programs"),
        told(replicates, "it may replicate the whole server"),
    ];
    let surplus = [
        told(makes_databases, "it may create databases"),
        told(
            reads_all,
            "it has one of the server's wide roles (pg_read_all_data, pg_write_all_data, pg_monitor, pg_signal_backend)",
        ),
    ];
    Ok(Role {
        user: if user.is_empty() { saved.user.clone() } else { user },
        is_member: member,
        powers: powers.into_iter().flatten().collect(),
        surplus: surplus.into_iter().flatten().collect(),
        has_statement_timeout,
    })
}

const SUPERUSER: &str = "it is a superuser";
