//! Runs the attacks of `attacks.sql`, and those that can be generated: each table of each other organization, read and
//! changed by everybody.

use sqlx::{AssertSqlSafe, PgConnection};

use super::{
    matrix::Matrix,
    world::{Outcome, Persona, fill, run, step_into, world},
};

struct Attack {
    who: &'static str,
    expected: &'static str,
    what: String,
    sql: String,
    /// Any want of a privilege will do as well.
    is_hardened: bool,
}

fn attacks() -> Vec<Attack> {
    let mut attacks: Vec<Attack> = Vec::new();
    let mut lead = "";
    for line in include_str!("attacks.sql").lines().filter(|line| !line.is_empty() && !line.starts_with("--")) {
        if let Some(head) = line.strip_prefix('#') {
            let mut parts = head.trim().splitn(3, "  ").map(str::trim);
            let (who, expected, what) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
            let what = match what.strip_prefix('…') {
                Some(rest) => format!("{lead} …{rest}"),
                None => {
                    lead = what;
                    what.to_owned()
                }
            };
            attacks.push(Attack { who, expected, what, sql: String::new(), is_hardened: false });
        } else {
            let attack = attacks.last_mut().expect("a head before the SQL");
            attack.sql.push_str(line);
            attack.sql.push('\n');
        }
    }
    attacks
}

/// Rows of other organizations, read and changed table by table by whoever is something elsewhere.
fn across_the_wall(matrix: &Matrix) -> Vec<Attack> {
    let mut found = Vec::new();
    for (who, other) in [
        ("business@N", 'S'),
        ("owner@N", 'S'),
        ("admin@N", 'S'),
        ("lead@N", 'S'),
        ("south_owner@S", 'N'),
        ("admin@S", 'N'),
        ("owner@A", 'N'),
        ("anonymous@N", 'N'),
    ] {
        for check in &matrix.checks {
            let key = match check.table.as_str() {
                "lectern.people" | "lectern.profiles" => continue,
                "lectern.organizations" => "id",
                _ => "organization_id",
            };
            let joined = if check.sql.contains(" where ") { "and" } else { "where" };
            if !check.sql.starts_with("insert") {
                found.push(Attack {
                    who,
                    expected: if check.sql.starts_with("select") { "nothing/denied" } else { "nothing/denied/28000" },
                    what: format!("at {}", check.table),
                    sql: format!("{} {joined} {key} = {{{other}.organization.1}}", check.sql),
                    is_hardened: false,
                });
            }
        }
    }
    found
}

fn is_as(outcome: &Outcome, expected: &str) -> bool {
    expected.split('/').any(|expected| match (outcome, expected) {
        (Outcome::Rows(rows), "nothing") => *rows == 0,
        (Outcome::Refused, "refused") | (Outcome::Denied, "denied" | "42501") => true,
        (Outcome::Error { sqlstate, .. }, "forbidden") => sqlstate == "42501",
        (Outcome::Error { sqlstate, .. }, expected) => sqlstate == expected,
        _ => false,
    })
}

/// Everything an attack could have changed: all rows of all tables, and who owns and may do what.
async fn digest(owner: &mut PgConnection) -> Vec<(String, Option<String>)> {
    let tables: Vec<String> = sqlx::query_scalar(
        "select oid::regclass::text from pg_class
          where relkind = 'r' and relnamespace::regnamespace::text like 'lectern%' and relname <> 'attempts' order by 1",
    )
    .fetch_all(&mut *owner)
    .await
    .unwrap();
    let mut parts: Vec<String> = tables
        .iter()
        .map(|table| format!("select '{table}', md5(string_agg(t::text, '|' order by t::text)) from {table} t"))
        .collect();
    for (catalog, columns, filter) in [
        (
            "pg_class",
            "oid, relowner, relacl, relrowsecurity, relforcerowsecurity",
            "relnamespace::regnamespace::text like 'lectern%'",
        ),
        (
            "pg_attribute",
            "attrelid, attnum, attname, attacl",
            "attrelid in (select oid from pg_class where relnamespace::regnamespace::text like 'lectern%')",
        ),
        ("pg_proc", "oid, proowner, proacl, prosrc, prosecdef, proconfig", "true"),
        ("pg_namespace", "oid, nspowner, nspacl", "nspname not like 'pg_%'"),
        ("pg_policy", "oid, polroles, polqual, polwithcheck", "true"),
        ("pg_trigger", "oid, tgenabled", "not tgisinternal"),
        (
            "pg_roles",
            "oid, rolsuper, rolcanlogin, rolbypassrls, rolcreaterole, rolconfig",
            "rolname in ('lectern_owner', 'lectern_guard', 'lectern_app', 'lectern_test_app')",
        ),
        ("pg_auth_members", "roleid, member", "roleid::regrole::text in ('lectern_owner', 'lectern_guard')"),
        ("pg_default_acl", "oid, defaclacl", "true"),
        ("pg_largeobject_metadata", "oid", "true"),
    ] {
        parts.push(format!("select '{catalog}', md5(string_agg(t::text, '|' order by t::text)) from (select {columns} from {catalog} where {filter}) t"));
    }
    sqlx::query_as(AssertSqlSafe(parts.join(" union all "))).fetch_all(owner).await.unwrap()
}

async fn launch(app: &mut PgConnection, attack: &Attack) -> Outcome {
    let outcome = if attack.who == "raw" {
        let mut outcome = Outcome::Rows(0);
        for statement in fill(&attack.sql, 'N').split(';').filter(|statement| !statement.trim().is_empty()) {
            outcome = run(app, statement).await;
        }
        outcome
    } else {
        let persona = Persona::parse(attack.who);
        run(app, "begin").await;
        step_into(app, persona).await;
        run(app, &fill(&attack.sql, persona.organization)).await
    };
    // Committed where it can be: what got through shows in the digest.
    run(app, "commit").await;
    run(app, "discard all").await;
    outcome
}

async fn all_fail(fresh: &crate::harness::Fresh, attacks: &[Attack]) {
    let mut owner = fresh.owner().await;
    let mut app = fresh.app().await;
    let before = digest(&mut owner).await;
    let mut failed = Vec::new();
    for attack in attacks {
        let outcome = launch(&mut app, attack).await;
        let leaks =
            matches!(&outcome, Outcome::Error { text, .. } if text.contains("secret") || text.contains("token of"));
        let expected =
            if attack.is_hardened { format!("{}/42501", attack.expected) } else { attack.expected.to_owned() };
        if !is_as(&outcome, &expected) || leaks {
            failed.push(format!("{} · {}: {outcome:?}, not {}", attack.who, attack.what, attack.expected));
        }
    }
    let after = digest(&mut owner).await;
    for (before, after) in before.iter().zip(&after) {
        if before != after {
            failed.push(format!("{} is not what it was", before.0));
        }
    }
    assert!(failed.is_empty(), "{} of {}:\n{}", failed.len(), attacks.len(), failed.join("\n"));
}

#[tokio::test]
async fn every_attack_as_plain_sql_ends_in_its_refusal_and_changes_nothing() {
    let fresh = world().await;
    let attacks = attacks();
    all_fail(&fresh, &attacks).await;
    println!("{} written attacks refused", attacks.len());
    assert!(attacks.len() >= 100);
}

#[tokio::test]
async fn nobody_sees_or_changes_a_row_of_another_organization_in_any_table() {
    let fresh = world().await;
    let attacks = across_the_wall(&Matrix::read());
    all_fail(&fresh, &attacks).await;
    println!("{} attacks across the wall refused", attacks.len());
}

/// Where more is taken away, more is refused outright; nothing gets through that did not before.
pub async fn all_still_fail(fresh: &crate::harness::Fresh) {
    let attacks: Vec<Attack> = attacks().into_iter().map(|attack| Attack { is_hardened: true, ..attack }).collect();
    all_fail(fresh, &attacks).await;
}
