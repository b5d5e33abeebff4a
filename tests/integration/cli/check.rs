use sha2::Digest;

use super::{Account, run_sql};
use crate::harness;

fn step<'r>(report: &'r serde_json::Value, name: &str) -> &'r serde_json::Value {
    report["steps"].as_array().unwrap().iter().find(|step| step["name"] == name).unwrap()
}

#[tokio::test]
async fn an_application_login_sees_the_line_and_its_own_rights() {
    let fresh = harness::fresh().await;
    let report = Account::new().run_on(&fresh.app_url, ["check", "--json"]).await.exits(0).json();
    assert_ne!(step(&report, "Login")["state"], "failed");
    assert_eq!(step(&report, "Tables")["state"], "ok");
    assert_eq!(step(&report, "Progress")["state"], "skipped");
    assert!(report["counters"]["statements"].is_u64());
}

#[tokio::test]
async fn drift_is_found_and_repaired() {
    let fresh = harness::fresh().await;
    let account = Account::new();
    account.run_on(&fresh.owner_url, ["seed"]).await.exits(0);
    run_sql(
        &mut fresh.owner().await,
        "set session_replication_role = replica;
         update lectern.enrollments set progress = 1 where progress between 30 and 60;
         update lectern.course_counts set enrolled = enrolled + 5 where enrolled > 3",
    )
    .await;
    let report = account
        .run_on(&fresh.owner_url, ["check", "--json"])
        .await
        .exits(1)
        .says(&["failed   Progress", "--repair"])
        .json();
    assert!(report["drift"]["enrollments"].as_u64().unwrap() > 0);
    account.run_on(&fresh.owner_url, ["check", "--repair"]).await.exits(0).says(&["set right"]);
    account.run_on(&fresh.owner_url, ["check"]).await.exits(0).says(&["All is well"]);
}

#[tokio::test]
async fn what_is_older_than_it_is_kept_is_told_and_cleared_by_a_repair() {
    let fresh = harness::fresh().await;
    let account = Account::new();
    account.run_on(&fresh.owner_url, ["seed"]).await.exits(0);
    run_sql(
        &mut fresh.owner().await,
        "update lectern.lessons set title = title || ' 2';
         update lectern.row_history set created_at = now() - interval '181 days'",
    )
    .await;
    let before =
        account.run_on(&fresh.owner_url, ["check", "--json"]).await.exits(0).says(&["Retention", "--repair"]).json();
    let old = before["old"]["history"].as_i64().unwrap();
    assert!(old > 0);
    let cleared =
        account.run_on(&fresh.owner_url, ["check", "--repair", "--json"]).await.exits(0).says(&["cleared"]).json();
    assert_eq!(cleared["old"]["history"], old);
    account.run_on(&fresh.owner_url, ["check"]).await.exits(0).says(&["Nothing is older than it is kept"]);
}

#[tokio::test]
async fn what_a_restore_by_the_wrong_login_leaves_is_not_well() {
    let fresh = harness::fresh().await;
    let account = Account::new();
    let mut owner = fresh.owner().await;
    run_sql(&mut owner, &format!("grant connect on database {} to public", fresh.name)).await;
    account.run_on(&fresh.app_url, ["check"]).await.exits(0).says(&["warning  Ownership", "Every login"]);
    run_sql(&mut owner, &format!("revoke all on database {} from public", fresh.name)).await;
    account.run_on(&fresh.app_url, ["check"]).await.exits(0).says(&["ok       Ownership"]);

    run_sql(&mut owner, "alter function lectern_api.sign_out() owner to current_user").await;
    for url in [&fresh.owner_url, &fresh.app_url] {
        account.run_on(url, ["check"]).await.exits(1).says(&["failed   Ownership", "lectern_api.sign_out()"]);
    }
    run_sql(
        &mut owner,
        "alter function lectern_api.sign_out() owner to lectern_guard;
         alter table lectern.answer_keys no force row level security",
    )
    .await;
    account.run_on(&fresh.app_url, ["check"]).await.exits(1).says(&["failed   Ownership", "table lectern.answer_keys"]);
}

#[tokio::test]
async fn an_outdated_schema_is_one_step_that_failed() {
    let fresh = harness::fresh().await;
    run_sql(&mut fresh.owner().await, "delete from lectern_migrations.applied where version > 7").await;
    let report = Account::new().run_on(&fresh.owner_url, ["check", "--json"]).await.exits(1).json();
    assert_eq!(step(&report, "Tables")["state"], "failed");
    assert!(step(&report, "Tables")["nextStep"].as_str().unwrap().contains("lectern migrate"));
}

#[tokio::test]
async fn an_empty_database_is_told_apart_from_a_broken_line() {
    let (_server, url) = super::empty().await;
    Account::new().run_on(&url, ["check"]).await.exits(1).says(&["no Lectern tables"]);
}

#[tokio::test]
async fn counters_count_and_name_nobody() {
    let fresh = harness::fresh().await;
    let account = Account::new();
    account.run_on(&fresh.owner_url, ["seed"]).await.exits(0);
    let report = account.run_on(&fresh.owner_url, ["check", "--json"]).await.exits(0).json();
    assert_eq!(report["measures"]["people"], 52);
    assert_eq!(report["measures"]["organizations"], 3);
    assert!(!report.to_string().contains(".example"));
}

#[tokio::test]
async fn drafts_of_this_computer_are_told_of_and_not_opened() {
    let account = Account::new();
    // Nobody listens there; drafts are told of all the same.
    let address = "postgres://desk@127.0.0.1:1/lectern?sslmode=disable";
    account.run(["connections", "add", "office", "--address", address, "--secrets", "ask"]).await.exits(0);
    let report = account.run(["check", "--connection", "office", "--json"]).await.exits(2).json();
    assert_eq!((&step(&report, "Drafts")["state"], &report["drafts"]["files"]), (&"ok".into(), &0.into()));

    let name = hex::encode(sha2::Sha256::digest("office"));
    let folder = account.home.path().join("data/drafts").join(&name[..24]);
    std::fs::create_dir_all(folder.join("ada.drafts.files")).unwrap();
    std::fs::write(folder.join("ada.drafts"), "sealed").unwrap();
    std::fs::write(folder.join("ada.drafts.files/picture"), vec![0; 3_000_000]).unwrap();
    let ran = account.run(["check", "--connection", "office", "--json"]).await.exits(2);
    let report =
        ran.says(&["failed   Drafts", "Drafts of one person", "3 MB", "key that opens them is missing"]).json();
    assert_eq!((&report["drafts"]["files"], &report["drafts"]["bytes"]), (&1.into(), &3_000_006.into()));
    assert_eq!(std::fs::read(folder.join("ada.drafts")).unwrap(), b"sealed");
}
