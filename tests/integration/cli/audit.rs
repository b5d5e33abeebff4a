use super::{Account, run_sql};
use crate::harness;

#[tokio::test]
async fn entries_are_sealed_and_the_head_can_be_kept_outside() {
    let fresh = harness::fresh().await;
    let account = Account::new();
    account.run_on(&fresh.owner_url, ["audit", "head", "--json"]).await.exits(1).says(&["Nothing is sealed yet"]);
    account.run_on(&fresh.owner_url, ["seed"]).await.exits(0);
    // Others on this server may be writing: then the first call sets a mark and a later one seals up to it.
    let mut sealed = 0;
    while sealed == 0 {
        sealed = account.run_on(&fresh.owner_url, ["audit", "seal", "--json"]).await.exits(0).json()["sealed"]
            .as_i64()
            .unwrap();
    }
    let head = account.run_on(&fresh.owner_url, ["audit", "head", "--json"]).await.exits(0).json();
    assert_eq!(head["hash"].as_str().unwrap().len(), 64);
    account.run_on(&fresh.owner_url, ["audit", "verify"]).await.exits(0).says(&["seals hold"]);
}

#[tokio::test]
async fn a_forged_entry_is_found_by_audit_verify_and_by_check() {
    let fresh = harness::fresh().await;
    let account = Account::new();
    account.run_on(&fresh.owner_url, ["seed"]).await.exits(0);
    while account.run_on(&fresh.owner_url, ["audit", "seal", "--json"]).await.exits(0).json()["sealed"] == 0 {}
    run_sql(
        &mut fresh.owner().await,
        "alter table lectern_audit.entries disable trigger append_only;
         update lectern_audit.entries set verb = 'delete' where id = 7;
         alter table lectern_audit.entries enable always trigger append_only",
    )
    .await;
    let report =
        account.run_on(&fresh.owner_url, ["audit", "verify", "--json"]).await.exits(1).says(&["does not hold"]).json();
    assert!(!report["broken"].as_array().unwrap().is_empty());
    account.run_on(&fresh.owner_url, ["check"]).await.exits(1).says(&["failed   Audit"]);
}
