use lectern::sessions::{self, Device};
use sqlx::PgConnection;

use super::{Account, count, run_sql};
use crate::harness::{self, Fresh};

const PASSWORD: &str = "a lantern beside the harbour";

async fn may_sign_in(fresh: &Fresh, email: &str, password: &str) -> bool {
    sessions::sign_in(&mut fresh.app().await, email, password, &Device::new().unwrap(), false).await.is_ok()
}

async fn codes(owner: &mut PgConnection) -> i64 {
    count(owner, "select count(*) from lectern_auth.one_time_codes where used_at is null").await
}

#[tokio::test]
async fn a_setup_code_is_printed_alone_and_lets_the_first_owner_in() {
    let fresh = harness::fresh().await;
    let ran =
        Account::new().run_on(&fresh.owner_url, ["people", "create-owner"]).await.exits(0).says(&["good for a day"]);
    let code = ran.out.trim_end_matches('\n');
    assert!(!code.contains('\n') && !ran.err.contains(code));
    let owner = sessions::FirstOwner {
        code,
        email: "ada@example.org",
        name: "Ada Nwosu",
        password: PASSWORD,
        organization_name: Some("Lakeside"),
    };
    sessions::create_first_owner(&mut fresh.app().await, &owner).await.unwrap();
    assert!(may_sign_in(&fresh, "ada@example.org", PASSWORD).await);
}

#[tokio::test]
async fn an_owner_with_name_and_address_is_created_here_and_now() {
    let fresh = harness::fresh().await;
    let account = Account::new();
    let arguments = [
        "people",
        "create-owner",
        "--email",
        "ada@example.org",
        "--name",
        "Ada Ñwosu",
        "--organization",
        "Lakeside",
        "--password-stdin",
    ];
    let ran = account
        .run_telling(&fresh.owner_url, arguments, &format!("{PASSWORD}\n"))
        .await
        .exits(0)
        .says(&["Ada Ñwosu owns"]);
    assert_eq!(ran.out, "");
    assert!(may_sign_in(&fresh, "ADA@example.org ", PASSWORD).await);
    let mut owner = fresh.owner().await;
    assert_eq!(count(&mut owner, "select count(*) from lectern.memberships m join lectern.people p on p.id = m.person_id where m.role = 'owner' and p.platform_role = 'business_owner'").await, 1);
    // Only one first owner.
    account
        .run_on(&fresh.owner_url, ["people", "create-owner"])
        .await
        .exits(1)
        .says(&["has an owner already", "people reset"]);
    account.run_telling(&fresh.owner_url, arguments, PASSWORD).await.exits(1);
}

#[tokio::test]
async fn a_first_owner_that_cannot_be_leaves_no_code_behind() {
    let fresh = harness::fresh().await;
    let account = Account::new();
    for (email, name, password) in [
        ("not an address", "Ada", PASSWORD),
        ("ada@example.org", "", PASSWORD),
        ("ada@example.org", "Ada", "short"),
        ("ada@example.org", "Ada", ""),
    ] {
        let arguments = ["people", "create-owner", "--email", email, "--name", name, "--password-stdin"];
        account.run_telling(&fresh.owner_url, arguments, &format!("{password}\n")).await.exits(1);
    }
    assert_eq!(codes(&mut fresh.owner().await).await, 0);
    // Nobody sits here to type it.
    account
        .run_on(&fresh.owner_url, ["people", "create-owner", "--email", "ada@example.org", "--name", "Ada"])
        .await
        .exits(1)
        .says(&["nobody sits here", "--password-stdin"]);
    account.run_on(&fresh.owner_url, ["people", "create-owner", "--email", "ada@example.org"]).await.exits(2);
}

#[tokio::test]
async fn a_seeded_person_can_be_the_first_owner() {
    let fresh = harness::fresh().await;
    let account = Account::new();
    account.run_on(&fresh.owner_url, ["seed"]).await.exits(0);
    let email = "ruth.abernathy@lakeside-technical-college.example";
    let arguments = ["people", "create-owner", "--email", email, "--name", "Ruth Abernathy", "--password-stdin"];
    account.run_telling(&fresh.owner_url, arguments, PASSWORD).await.exits(0);
    assert!(may_sign_in(&fresh, email, PASSWORD).await);
    assert_eq!(count(&mut fresh.owner().await, "select count(*) from lectern.people").await, 52);
}

#[tokio::test]
async fn a_recovery_code_sets_a_new_password_once() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind").await;
    let mina = fresh.member(school, "Mina Okafor", "owner").await;
    fresh.sign_in_as(mina).await;
    let email: String = sqlx::query_scalar("select email from lectern.people where id = $1")
        .bind(mina)
        .fetch_one(&mut fresh.owner().await)
        .await
        .unwrap();
    let account = Account::new();
    account.run_on(&fresh.owner_url, ["people", "reset", &email, "--dry-run"]).await.exits(0).says(&[
        "Mina Okafor",
        "Northwind (owner)",
        "signed in on one device",
    ]);
    account.run_on(&fresh.owner_url, ["people", "reset", &email]).await.exits(1).says(&["--yes"]);
    assert_eq!(codes(&mut fresh.owner().await).await, 0);
    let ran = account.run_on(&fresh.owner_url, ["people", "reset", &email.to_uppercase(), "--yes"]).await.exits(0);
    let code = ran.out.trim();
    let mut app = fresh.app().await;
    sessions::redeem_code(&mut app, &email, code, PASSWORD).await.unwrap();
    assert!(sessions::redeem_code(&mut app, &email, code, "another long password").await.is_err());
    assert!(may_sign_in(&fresh, &email, PASSWORD).await);
    account
        .run_on(&fresh.owner_url, ["people", "reset", "nobody@example.org", "--yes"])
        .await
        .exits(1)
        .says(&["Nobody has this e-mail address"]);
}

#[tokio::test]
async fn a_disabled_person_is_out_at_once_and_comes_back_when_enabled() {
    let fresh = harness::fresh().await;
    let school = fresh.organization("Northwind").await;
    let mina = fresh.member(school, "Mina Okafor", "owner").await;
    let access = fresh.access(mina, school).await;
    let email: String = sqlx::query_scalar("select email from lectern.people where id = $1")
        .bind(mina)
        .fetch_one(&mut fresh.owner().await)
        .await
        .unwrap();
    let account = Account::new();
    account
        .run_on(&fresh.owner_url, ["people", "disable", &email])
        .await
        .exits(1)
        .says(&["Northwind would be left without an owner", "--yes"]);
    account
        .run_on(&fresh.owner_url, ["people", "disable", &email, "--dry-run"])
        .await
        .exits(0)
        .says(&["nothing was done"]);
    assert!(lectern::database::open_session(&mut fresh.app().await, &access).await.is_ok());
    let report =
        account.run_on(&fresh.owner_url, ["people", "disable", &email, "--yes", "--json"]).await.exits(0).json();
    assert_eq!(report["changed"], true);
    assert_eq!(report["effect"]["onlyOwnerOf"], serde_json::json!(["Northwind"]));
    assert!(lectern::database::open_session(&mut fresh.app().await, &access).await.is_err());
    account.run_on(&fresh.owner_url, ["people", "disable", &email, "--yes"]).await.exits(0).says(&["Nothing to do"]);
    account.run_on(&fresh.owner_url, ["people", "enable", &email]).await.exits(0).says(&["can sign in again"]);
    assert_eq!(count(&mut fresh.owner().await, "select count(*) from lectern.people where not is_active").await, 0);
}

#[tokio::test]
async fn a_name_that_steers_the_terminal_is_shown_plain() {
    let fresh = harness::fresh().await;
    let person = fresh.person("Mina").await;
    run_sql(
        &mut fresh.owner().await,
        &format!("update lectern.people set name = E'Mina\\x1b[2J', email = 'mina@example.org' where id = '{person}'"),
    )
    .await;
    let ran =
        Account::new().run_on(&fresh.owner_url, ["people", "reset", "mina@example.org", "--dry-run"]).await.exits(0);
    assert!(!ran.err.contains('\x1b'));
}
