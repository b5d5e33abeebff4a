//! Every table × verb × role, as the application's login: what each may see, change and add, counted. The numbers stand
//! in `matrix.txt`; `.` is nothing, `x` a policy's refusal, `-` no privilege at all.

use sqlx::PgConnection;

use super::world::{Outcome, Persona, attempt, attempt_within, world};

/// Who has no standing in North, for various reasons. They see nothing and write nothing, anywhere.
pub const OUTSIDE: [&str; 7] = ["disabled@N", "gone@N", "off@N", "south_owner@N", "nobody@N", "anonymous@N", "admin@-"];

pub struct Matrix {
    pub columns: Vec<Persona>,
    pub checks: Vec<Check>,
}

pub struct Check {
    /// With its schema.
    pub table: String,
    pub sql: &'static str,
    pub expected: Vec<&'static str>,
}

impl Matrix {
    pub fn read() -> Self {
        let mut lines = include_str!("matrix.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let columns = lines.next().and_then(|line| line.strip_prefix("columns:")).expect("the columns first");
        let columns: Vec<Persona> = columns.split_whitespace().map(Persona::parse).collect();
        let mut checks = Vec::new();
        let mut table = String::new();
        while let Some(line) = lines.next() {
            if line.starts_with(' ') {
                let expected: Vec<&str> = lines.next().expect("a line of cells").split_whitespace().collect();
                assert!(expected.len() == columns.len() || expected == ["?"], "{line}: {} cells", expected.len());
                checks.push(Check { table: table.clone(), sql: line.trim(), expected });
            } else {
                table = if line.contains('.') { line.to_owned() } else { format!("lectern.{line}") };
            }
        }
        Self { columns, checks }
    }

    /// The checks of one table that come out differently than they should, at most `most` of them; `within` a
    /// transaction that goes on.
    pub async fn wrong(&self, connection: &mut PgConnection, within: bool, table: &str, most: usize) -> Vec<String> {
        let try_it = async |connection: &mut PgConnection, persona: Persona, sql: &str| {
            if within {
                attempt_within(connection, persona, sql).await
            } else {
                attempt(connection, persona, sql).await
            }
        };
        let mut wrong = Vec::new();
        for check in self.checks.iter().filter(|check| check.table == table) {
            for (column, expected) in self.columns.iter().zip(&check.expected) {
                let cell = cell(check.sql, &try_it(connection, *column, check.sql).await);
                if cell != *expected {
                    wrong.push(format!("{column:?}: {} gives {cell}, not {expected}", check.sql));
                }
                if wrong.len() >= most {
                    return wrong;
                }
            }
            for persona in OUTSIDE.map(Persona::parse) {
                let cell = cell(check.sql, &try_it(connection, persona, check.sql).await);
                // Whoever is signed in sees themselves, wherever they pretend to be.
                let is_oneself = cell == "1"
                    && (check.sql == "select 1 from lectern.people" || check.sql == "select 1 from lectern.profiles")
                    && !matches!(persona.name, "off" | "anonymous");
                if !is_oneself && !matches!(cell.as_str(), "." | "x" | "-" | "ended") {
                    wrong.push(format!("{persona:?}: {} gives {cell}", check.sql));
                }
                if wrong.len() >= most {
                    return wrong;
                }
            }
        }
        wrong
    }
}

/// How an outcome is written in the table.
pub fn cell(sql: &str, outcome: &Outcome) -> String {
    match outcome {
        Outcome::Rows(0) if !sql.starts_with("insert") => ".".to_owned(),
        Outcome::Rows(number) => number.to_string(),
        Outcome::Refused => "x".to_owned(),
        Outcome::Denied => "-".to_owned(),
        Outcome::Error { sqlstate, .. } if sqlstate == "28000" => "ended".to_owned(),
        Outcome::Error { sqlstate, .. } => sqlstate.clone(),
    }
}

#[tokio::test]
async fn every_role_sees_changes_and_adds_exactly_what_it_may_in_every_table() {
    let fresh = world().await;
    let matrix = Matrix::read();
    let mut app = fresh.app().await;
    if std::env::var_os("LECTERN_PRINT_MATRIX").is_some() {
        println!(
            "columns: {}",
            matrix.columns.iter().map(|c| format!("{}@{}", c.name, c.organization)).collect::<Vec<_>>().join(" ")
        );
        let mut table = "";
        for check in &matrix.checks {
            if table != check.table {
                table = &check.table;
                println!("\n{}", table.strip_prefix("lectern.").unwrap_or(table));
            }
            let mut cells = Vec::new();
            for column in &matrix.columns {
                cells.push(cell(check.sql, &attempt(&mut app, *column, check.sql).await));
            }
            println!("  {}\n    {}", check.sql, cells.iter().map(|c| format!("{c:<6}")).collect::<String>());
        }
    }
    let mut tables: Vec<&str> = matrix.checks.iter().map(|check| check.table.as_str()).collect();
    tables.dedup();
    let mut wrong = Vec::new();
    for table in &tables {
        wrong.extend(matrix.wrong(&mut app, false, table, usize::MAX).await);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    let of_schema: Vec<String> = sqlx::query_scalar(
        "select 'lectern.' || relname from pg_class where relkind = 'r' and relnamespace = 'lectern'::regnamespace order by 1",
    )
    .fetch_all(&mut fresh.owner().await)
    .await
    .unwrap();
    for table in of_schema {
        assert!(tables.contains(&table.as_str()), "{table} stands in no row of matrix.txt");
    }
}

#[tokio::test]
async fn nobody_adds_to_another_organization_whatever_their_role() {
    let fresh = world().await;
    let matrix = Matrix::read();
    let mut app = fresh.app().await;
    for check in matrix.checks.iter().filter(|check| check.sql.starts_with("insert")) {
        for column in &matrix.columns {
            for other in ['N', 'S', 'A'].into_iter().filter(|other| *other != column.organization) {
                let sql = super::world::fill(check.sql, other);
                let outcome = attempt(&mut app, *column, &sql).await;
                assert!(
                    matches!(outcome, Outcome::Refused | Outcome::Denied),
                    "{column:?} into {other}: {sql}: {outcome:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn nobody_deletes_or_empties_or_locks_any_table() {
    let fresh = world().await;
    let mut app = fresh.app().await;
    let tables: Vec<String> = sqlx::query_scalar(
        "select oid::regclass::text from pg_class where relkind = 'r' and relnamespace::regnamespace::text like 'lectern%'",
    )
    .fetch_all(&mut fresh.owner().await)
    .await
    .unwrap();
    assert!(tables.len() >= 40);
    for persona in ["business@N", "owner@N", "learner@N", "anonymous@-"].map(Persona::parse) {
        for table in &tables {
            for verb in ["delete from", "truncate", "lock table"] {
                let outcome = attempt(&mut app, persona, &format!("{verb} {table}")).await;
                assert_eq!(outcome, Outcome::Denied, "{verb} {table}");
            }
            let sql = format!("lock table {table} in row exclusive mode");
            assert_eq!(attempt(&mut app, persona, &sql).await, Outcome::Denied, "{sql}");
        }
    }
}

/// The lists run past the policies, for their indexes, with the wall written out again: it must be the same wall.
#[tokio::test]
async fn the_lists_show_everybody_exactly_the_rows_the_policies_show() {
    let fresh = world().await;
    let mut app = fresh.app().await;
    let lists = [
        (
            "select 1 from lectern_api.list_people({o.organization.1}, '', null, null, false, 'name', false, null, null, null, 200, null)
             union all select 1 from lectern_api.list_people({o.organization.1}, '', null, null, true, 'name', false, null, null, null, 200, null)",
            "select 1 from lectern.memberships",
        ),
        (
            "select 1 from lectern_api.list_people({o.organization.1}, 'example.org', null, null, false, 'joinedAt', true, null, null, null, 200, null)",
            "select 1 from lectern.memberships where archived_at is null",
        ),
        (
            "select 1 from lectern_api.list_courses({o.organization.1}, '', null, false, 'title', false, null, null, null, 200, null)",
            "select 1 from lectern.courses where archived_at is null",
        ),
        (
            "select 1 from lectern_api.list_courses({o.organization.1}, 'secret course', null, false, 'updatedAt', true, null, null, null, 200, null)",
            "select 1 from lectern.courses where archived_at is null",
        ),
        (
            "select 1 from lectern_api.list_enrollments({o.organization.1}, '', null, null, 'enrolled', true, null, null, 200, null)
             union all select 1 from lectern_api.list_enrollments({o.organization.1}, '', null, null, 'withdrawn', true, null, null, 200, null)",
            "select 1 from lectern.enrollments",
        ),
        (
            "select 1 from lectern_api.list_enrollments({o.organization.1}, 'secret', null, null, 'enrolled', true, null, null, 200, null)",
            "select 1 from lectern.enrollments where withdrawn_at is null",
        ),
    ];
    let is_refused = |outcome: &Outcome| matches!(outcome, Outcome::Error { sqlstate, .. } if sqlstate == "42501");
    for (list, table) in lists {
        for column in Matrix::read().columns {
            let listed = attempt(&mut app, column, list).await;
            let seen = attempt(&mut app, column, table).await;
            let is_shut_out = column.organization == 'A' && matches!(column.name, "admin" | "lead");
            let is_right = if is_shut_out { is_refused(&listed) && seen == Outcome::Rows(0) } else { listed == seen };
            assert!(is_right, "{column:?}: {list}: {listed:?}, {seen:?}");
        }
        for persona in OUTSIDE.map(Persona::parse) {
            let listed = attempt(&mut app, persona, &list.replace("{o.", "{N.")).await;
            assert!(is_refused(&listed), "{persona:?}: {list}: {listed:?}");
        }
        // Another organization's list, asked for while standing in one's own.
        let listed = attempt(&mut app, Persona::parse("owner@N"), &list.replace("{o.", "{S.")).await;
        assert!(is_refused(&listed), "{list}: {listed:?}");
    }
}
