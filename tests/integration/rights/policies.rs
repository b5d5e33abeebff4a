//! The policies themselves: a lint that finds unbound ones, and a trial that each of them is needed. Every policy is
//! weakened in every way the generator knows, and something must notice: the matrix, or where a weaker policy changes
//! nothing anybody could do today, the lint.

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::{matrix::Matrix, world::world};

#[derive(Clone, Debug, sqlx::FromRow)]
struct Policy {
    table_name: String,
    name: String,
    /// r, a, w, d or *
    command: String,
    is_public: bool,
    is_guards: bool,
    using_text: Option<String>,
    check_text: Option<String>,
}

async fn policies(connection: &mut PgConnection) -> Vec<Policy> {
    let mut policies: Vec<Policy> = sqlx::query_as(
        "select polrelid::regclass::text as table_name, polname::text as name, polcmd::text as command, polroles = '{0}' as is_public,
                polroles = array['lectern_guard'::regrole::oid] as is_guards,
                pg_get_expr(polqual, polrelid) as using_text, pg_get_expr(polwithcheck, polrelid) as check_text
           from pg_policy order by 1, 2",
    )
    .fetch_all(connection)
    .await
    .unwrap();
    for policy in &mut policies {
        for text in [&mut policy.using_text, &mut policy.check_text].into_iter().flatten() {
            *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        }
    }
    policies
}

// The lint ------------------------------------------------------------------------------------------------------------

/// What is wrong with a policy, if anything.
fn complaint(policy: &Policy) -> Option<String> {
    let texts: Vec<&String> = [&policy.using_text, &policy.check_text].into_iter().flatten().collect();
    if policy.is_guards {
        return texts.iter().any(|text| *text != "true").then(|| "the guard sees everything".to_owned());
    }
    if !policy.is_public {
        return Some("names a role: drop owned by would drop it and lock the table".to_owned());
    }
    if policy.command == "*" || policy.command == "d" {
        return Some("nobody deletes".to_owned());
    }
    texts.iter().find_map(|text| unbound(text))
}

/// Why an expression is not bound: each branch has to begin with the tenant wall, and each answer of a helper has to be
/// compared with the row's own keys.
fn unbound(text: &str) -> Option<String> {
    for word in ["current_setting", "set_config", "exists", "current_user", "session_user", "distinct", "union"] {
        if text.to_lowercase().contains(word) {
            return Some(format!("uses {word}"));
        }
    }
    if !begins_with_wall(text) {
        return Some("a branch does not begin with the tenant wall".to_owned());
    }
    text.match_indices("lectern.").find_map(|(at, _)| {
        let before = &text[..at];
        let call: String = text[at..].chars().take_while(|c| *c != '(').collect();
        let is_scalar = before.strip_suffix("( SELECT ").is_some_and(|left| {
            ["id = ", "_id = ", "_by = ", "_id <> ", "_by <> ", "organization_id = "]
                .iter()
                .any(|end| left.ends_with(end))
        });
        let is_row = before.strip_suffix(" FROM ").and_then(|left| left.rsplit_once("( SELECT ")).is_some_and(
            |(left, columns)| {
                let row = left
                    .strip_suffix(") IN ")
                    .or_else(|| left.strip_suffix(") = "))
                    .and_then(|left| left.rsplit_once('('));
                columns.contains(".o, ")
                    && row.is_some_and(|(_, columns)| {
                        columns.starts_with("organization_id, ") && columns.matches(',').count() == 1
                    })
            },
        );
        (!is_scalar && !is_row).then(|| format!("{call} is not asked once and compared with the row's keys"))
    })
}

fn begins_with_wall(text: &str) -> bool {
    let text = peeled(text);
    let branches = split(text, " OR ");
    if branches.len() > 1 {
        return branches.iter().all(|branch| begins_with_wall(branch));
    }
    let parts = split(text, " AND ");
    let first = peeled(parts[0]);
    [
        "organization_id = ( SELECT lectern.organization_if(",
        "organization_id = ( SELECT lectern.writable_if(",
        "id = ( SELECT lectern.organization_if(",
        "id = ( SELECT lectern.writable_if(",
        "id = ( SELECT lectern.person()",
        "person_id = ( SELECT lectern.person()",
    ]
    .iter()
    .any(|wall| first.starts_with(wall))
}

/// Without the parentheses around all of it.
fn peeled(text: &str) -> &str {
    let mut text = text.trim();
    while let Some(inner) = text.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
        let mut depth = 0;
        if inner.chars().any(|c| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            depth < 0
        }) {
            break;
        }
        text = inner.trim();
    }
    text
}

/// The parts between `word`s that stand in no parentheses.
fn split<'t>(text: &'t str, word: &str) -> Vec<&'t str> {
    let (mut parts, mut depth, mut from) = (Vec::new(), 0, 0);
    for (at, c) in text.char_indices() {
        depth += i32::from(c == '(') - i32::from(c == ')');
        if depth == 0 && at >= from && text[at..].starts_with(word) {
            parts.push(&text[from..at]);
            from = at + word.len();
        }
    }
    parts.push(&text[from..]);
    parts
}

#[tokio::test]
async fn every_policy_is_bound_to_the_keys_of_its_row() {
    let fresh = crate::harness::fresh().await;
    let policies = policies(&mut fresh.owner().await).await;
    assert!(policies.len() > 90);
    for policy in &policies {
        assert_eq!(complaint(policy), None, "{} on {}", policy.name, policy.table_name);
    }
}

#[tokio::test]
async fn the_lint_finds_every_unbound_way_to_write_a_policy() {
    let fresh = crate::harness::fresh().await;
    let mut owner = fresh.owner().await;
    for text in [
        "true",
        "organization_id is not null",
        "(select lectern.organization_if(40)) is not null",
        "organization_id = (select lectern.organization_if(10)) and (select lectern.organization_if(40)) is not null",
        "organization_id = lectern.organization_if(10)",
        "(organization_id, course_id) in (select o, c from lectern.taught('{lead}'))",
        "organization_id = (select lectern.organization_if(10)) and course_id in (select c from lectern.taught('{lead}'))",
        "organization_id = (select lectern.organization_if(10)) and exists (select from lectern.taught('{lead}') where c = course_id)",
        "organization_id = (select lectern.organization_if(10)) and (course_id, id) in (select o, c from lectern.taught('{lead}'))",
        "organization_id = (select lectern.organization_if(10)) or (organization_id, course_id) in (select o, c from lectern.taught('{lead}'))",
        "(organization_id, course_id) in (select o, c from lectern.taught('{lead}')) and organization_id = (select lectern.organization_if(10))",
        "organization_id = current_setting('lectern.organization')::uuid",
        "organization_id = (select lectern.organization_if(10)) and current_user = 'lectern_app'",
    ] {
        let mut transaction = owner.begin().await.unwrap();
        let sql = format!("alter policy read on lectern.lessons using ({text})");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *transaction).await.unwrap();
        let policies = policies(&mut transaction).await;
        let changed = policies.iter().find(|p| p.table_name == "lectern.lessons" && p.name == "read").unwrap();
        assert!(complaint(changed).is_some(), "{text}");
        transaction.rollback().await.unwrap();
    }
    for sql in [
        "create policy mine on lectern.lessons to lectern_app using (organization_id = (select lectern.organization_if(10)))",
        "create policy mine on lectern.lessons using (organization_id = (select lectern.organization_if(10)))",
        "alter policy guard on lectern.lessons to public",
    ] {
        let mut transaction = owner.begin().await.unwrap();
        sqlx::raw_sql(sql).execute(&mut *transaction).await.unwrap();
        assert!(policies(&mut transaction).await.iter().any(|policy| complaint(policy).is_some()), "{sql}");
        transaction.rollback().await.unwrap();
    }
}

// The trial -----------------------------------------------------------------------------------------------------------

/// One weakening of one policy.
struct Mutant {
    table: String,
    sql: String,
    /// Whether somebody could do more with it at once; otherwise the lint may be the one who notices.
    must_show: bool,
}

fn mutants(policy: &Policy, is_readable: bool) -> Vec<Mutant> {
    let on = format!("alter policy {} on {}", policy.name, policy.table_name);
    let mutant = |sql: String, must_show| Mutant { table: policy.table_name.clone(), sql, must_show };
    if policy.is_guards {
        return vec![mutant(format!("{on} to public"), is_readable)];
    }
    let mut found = Vec::new();
    if let Some(text) = &policy.using_text {
        found.push(mutant(format!("{on} using (true)"), true));
        found.extend(weaker(text).into_iter().map(|(text, shows)| mutant(format!("{on} using ({text})"), shows)));
    }
    if policy.command == "a" || policy.command == "w" {
        // No key may be changed, so a changed row mostly stays within its policy anyway.
        let shows = policy.command == "a"
            || ["lectern.memberships", "lectern.organizations"].contains(&policy.table_name.as_str());
        found.push(mutant(format!("{on} with check (true)"), shows));
    }
    if let Some(text) = &policy.check_text {
        found.extend(weaker(text).into_iter().map(|(text, shows)| mutant(format!("{on} with check ({text})"), shows)));
    }
    found
}

/// Every expression that lets more through by one condition less, a lower rank, more duties, or writing where only reading
/// is left. A dropped wall shows in nobody's rows while its branches are bound by themselves; that is what the lint is for.
fn weaker(text: &str) -> Vec<(String, bool)> {
    let mut found: Vec<(String, bool)> = fewer_conditions(text);
    for helper in ["organization_if(", "writable_if("] {
        for (at, _) in text.match_indices(helper) {
            let number = at + helper.len();
            // Later ones stand behind a wall that asks as much.
            if &text[number..number + 2] != "10" && !(helper == "writable_if(" && text.contains("archived_at IS NULL"))
            {
                found.push((format!("{}10{}", &text[..number], &text[number + 2..]), true));
            }
        }
    }
    for duties in ["'{lead}'", "'{lead,instructor}'", "'{lead,instructor,assistant}'"] {
        if text.contains(duties) {
            found.push((text.replace(duties, "'{lead,instructor,assistant,reviewer}'"), true));
        }
    }
    if text.starts_with("((organization_id = ( SELECT lectern.writable_if(")
        || text.starts_with("(organization_id = ( SELECT lectern.writable_if(")
    {
        found.push((text.replacen("writable_if(", "organization_if(", 1), true));
    }
    found
}

fn fewer_conditions(text: &str) -> Vec<(String, bool)> {
    let text = peeled(text);
    let joined =
        |parts: &[&str], word: &str| parts.iter().map(|part| format!("({part})")).collect::<Vec<_>>().join(word);
    let mut found = Vec::new();
    for word in [" AND ", " OR "] {
        let parts = split(text, word);
        if parts.len() == 1 {
            continue;
        }
        for at in 0..parts.len() {
            if word == " AND " {
                let rest = [&parts[..at], &parts[at + 1..]].concat();
                found.push((joined(&rest, word), at > 0));
            }
            for (weak, shows) in fewer_conditions(parts[at]) {
                let mut changed = parts.clone();
                changed[at] = &weak;
                found.push((joined(&changed, word), shows));
            }
        }
        break;
    }
    found
}

#[tokio::test]
async fn weakening_any_policy_is_noticed() {
    let fresh = world().await;
    let matrix = Matrix::read();
    let mut app = fresh.app().await;
    let login: String = sqlx::query_scalar("select session_user").fetch_one(&mut app).await.unwrap();
    let mut owner = fresh.owner().await;
    let policies = policies(&mut owner).await;
    let (mut tried, mut linted, mut survived) = (0, 0, Vec::new());
    for policy in &policies {
        let is_readable = matrix.checks.iter().any(|check| {
            check.table == policy.table_name && check.sql.starts_with("select") && check.expected[0] != "-"
        });
        for mutant in mutants(policy, is_readable) {
            tried += 1;
            let mut transaction = owner.begin().await.unwrap();
            sqlx::raw_sql(AssertSqlSafe(mutant.sql.clone())).execute(&mut *transaction).await.expect(&mutant.sql);
            let weakened = self::policies(&mut transaction).await;
            let weakened =
                weakened.iter().find(|p| p.table_name == policy.table_name && p.name == policy.name).unwrap();
            if !mutant.must_show && complaint(weakened).is_some() {
                linted += 1;
                transaction.rollback().await.unwrap();
                continue;
            }
            let login_as = format!("set local session authorization {login}");
            sqlx::raw_sql(AssertSqlSafe(login_as)).execute(&mut *transaction).await.unwrap();
            let wrong = matrix.wrong(&mut transaction, true, &mutant.table, 1).await;
            transaction.rollback().await.unwrap();
            if wrong.is_empty() {
                survived.push(mutant.sql);
            }
        }
    }
    println!(
        "{tried} weakened policies: {} seen by what somebody could do, {linted} by the lint",
        tried - linted - survived.len()
    );
    assert!(survived.is_empty(), "{} of {tried} went unnoticed:\n{}", survived.len(), survived.join("\n"));
    assert!(tried > 300, "only {tried} were tried");
}
