//! Signing in as a person does, through the application's own functions.

use lectern::{
    Code,
    database::{Access, open_session},
    sessions::{self, Device, FirstOwner},
};
use sqlx::{Connection, PgConnection};

use crate::harness::{self, Fresh};

const PASSWORD: &str = "four quiet words here";

async fn with_owner(fresh: &Fresh) -> PgConnection {
    let code = sessions::bootstrap_code(&mut fresh.owner().await).await.unwrap();
    let mut app = fresh.app().await;
    let owner = FirstOwner {
        code: &code,
        email: "Mina@Example.org",
        name: "Mina Okafor",
        password: PASSWORD,
        organization_name: Some("Northwind School"),
    };
    assert!(sessions::needs_first_owner(&mut app).await.unwrap());
    sessions::create_first_owner(&mut app, &owner).await.unwrap();
    assert!(!sessions::needs_first_owner(&mut app).await.unwrap());
    app
}

async fn me(connection: &mut PgConnection, token: &str) -> Option<sessions::Me> {
    let mut transaction = connection.begin().await.unwrap();
    let access = Access { token: zeroize::Zeroizing::new(token.to_owned()), organization: None };
    open_session(&mut transaction, &access).await.ok()?;
    sessions::who_am_i(&mut transaction).await.unwrap()
}

#[tokio::test]
async fn the_first_owner_signs_in_to_the_organization_they_named() {
    let fresh = harness::fresh().await;
    let mut app = with_owner(&fresh).await;
    let device = Device::new().unwrap();
    let signed_in = sessions::sign_in(&mut app, " mina@example.org ", PASSWORD, &device, false).await.unwrap();
    assert!(signed_in.expires_in.as_secs() > 11 * 3600);
    let me = me(&mut app, &signed_in.token).await.unwrap();
    assert_eq!((me.name.as_str(), me.is_business_owner), ("Mina Okafor", true));
    assert_eq!(me.organizations[0].slug, "northwind-school");
    assert_eq!(me.organizations[0].role, Some(lectern::people::Role::Owner));
}

#[tokio::test]
async fn a_wrong_password_an_unknown_address_and_a_disabled_person_are_told_the_same() {
    let fresh = harness::fresh().await;
    let mut app = with_owner(&fresh).await;
    let device = Device::new().unwrap();
    let wrong = sessions::sign_in(&mut app, "mina@example.org", "another password", &device, false).await;
    let unknown = sessions::sign_in(&mut app, "nobody@example.org", PASSWORD, &device, false).await;
    sessions::set_person_active(&mut fresh.owner().await, "mina@example.org", false).await.unwrap();
    let disabled = sessions::sign_in(&mut app, "mina@example.org", PASSWORD, &device, false).await;
    let told = [wrong, unknown, disabled].map(|outcome| {
        let error = outcome.err().expect("a refusal");
        (error.code, error.message, error.field, error.next_step)
    });
    assert_eq!(told[0].0, Code::WrongPassword);
    assert!(told[0] == told[1] && told[1] == told[2]);
}

#[tokio::test]
async fn the_setup_code_works_once_and_not_after_there_is_an_owner() {
    let fresh = harness::fresh().await;
    let mut app = with_owner(&fresh).await;
    let again = sessions::bootstrap_code(&mut fresh.owner().await).await.unwrap_err();
    assert_eq!(again.code, Code::Conflict);
    let owner = FirstOwner {
        code: "00000-00000-00000-00000",
        email: "eve@example.org",
        name: "Eve",
        password: PASSWORD,
        organization_name: None,
    };
    let refused = sessions::create_first_owner(&mut app, &owner).await.unwrap_err();
    assert_eq!((refused.code, refused.field.as_deref()), (Code::NotAllowed, Some("code")));
}

#[tokio::test]
async fn set_up_points_at_the_field_that_cannot_be_right() {
    let fresh = harness::fresh().await;
    let code = sessions::bootstrap_code(&mut fresh.owner().await).await.unwrap();
    let mut app = fresh.app().await;
    let good = FirstOwner {
        code: &code,
        email: "mina@example.org",
        name: "Mina",
        password: PASSWORD,
        organization_name: Some("Northwind"),
    };
    for (field, owner) in [
        ("email", FirstOwner { email: "no address", ..good }),
        ("name", FirstOwner { name: "   ", ..good }),
        ("password", FirstOwner { password: "short", ..good }),
        ("organizationName", FirstOwner { organization_name: Some(" "), ..good }),
    ] {
        let error = sessions::create_first_owner(&mut app, &owner).await.unwrap_err();
        assert_eq!((error.code, error.field.as_deref()), (Code::Invalid, Some(field)));
    }
    let long = "n".repeat(201);
    let error = sessions::create_first_owner(&mut app, &FirstOwner { name: &long, ..good }).await.unwrap_err();
    assert_eq!(error.field.as_deref(), Some("name"));
    sessions::create_first_owner(&mut app, &good).await.expect("a refused set-up keeps its code");
}

#[tokio::test]
async fn changing_the_password_keeps_this_desk_and_signs_out_the_others() {
    let fresh = harness::fresh().await;
    let mut app = with_owner(&fresh).await;
    let (here, there) = (Device::new().unwrap(), Device::new().unwrap());
    let email = "mina@example.org";
    let this = sessions::sign_in(&mut app, email, PASSWORD, &here, true).await.unwrap();
    let other = sessions::sign_in(&mut app, email, PASSWORD, &there, false).await.unwrap();
    let new = "five quiet words over here";

    let refused = sessions::change_password(&mut app, &this.token, email, &here, "not the current one", new).await;
    let refused = refused.unwrap_err();
    assert_eq!((refused.code, refused.field.as_deref()), (Code::WrongPassword, Some("currentPassword")));
    sessions::change_password(&mut app, &this.token, email, &here, PASSWORD, new).await.unwrap();

    assert!(me(&mut app, &this.token).await.is_some());
    assert!(me(&mut app, &other.token).await.is_none());
    assert!(sessions::sign_in(&mut app, email, PASSWORD, &here, false).await.is_err());
    sessions::sign_in(&mut app, email, new, &here, false).await.unwrap();
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_by_a_code_read_out_over_the_telephone() {
    let fresh = harness::fresh().await;
    let mut app = with_owner(&fresh).await;
    let device = Device::new().unwrap();
    let email = "mina@example.org";
    let session = sessions::sign_in(&mut app, email, PASSWORD, &device, false).await.unwrap();
    let code = sessions::recovery_code(&mut fresh.owner().await, email).await.unwrap();
    assert!(me(&mut app, &session.token).await.is_none(), "whoever sits at the old session is out");

    let new = "five quiet words over here";
    let wrong = sessions::redeem_code(&mut app, "someone@example.org", &code, new).await.unwrap_err();
    assert_eq!(wrong.field.as_deref(), Some("code"));
    let heard = format!(" {} ", code.to_lowercase().replace('-', " ").replace('0', "o"));
    sessions::redeem_code(&mut app, email, &heard, new).await.unwrap();
    assert!(sessions::redeem_code(&mut app, email, &code, PASSWORD).await.is_err());
    sessions::sign_in(&mut app, email, new, &device, false).await.unwrap();
}

#[tokio::test]
async fn signing_out_ends_the_session_for_good() {
    let fresh = harness::fresh().await;
    let mut app = with_owner(&fresh).await;
    let device = Device::new().unwrap();
    let session = sessions::sign_in(&mut app, "mina@example.org", PASSWORD, &device, true).await.unwrap();
    let mut transaction = app.begin().await.unwrap();
    open_session(&mut transaction, &Access { token: session.token.clone(), organization: None }).await.unwrap();
    sessions::touch(&mut transaction).await.unwrap();
    sessions::sign_out(&mut transaction).await.unwrap();
    transaction.commit().await.unwrap();
    assert!(me(&mut app, &session.token).await.is_none());
}

#[tokio::test]
async fn a_session_ends_by_itself_after_an_idle_hour_unless_it_was_to_stay() {
    let fresh = harness::fresh().await;
    let mut app = with_owner(&fresh).await;
    let device = Device::new().unwrap();
    let short = sessions::sign_in(&mut app, "mina@example.org", PASSWORD, &device, false).await.unwrap();
    let long = sessions::sign_in(&mut app, "mina@example.org", PASSWORD, &device, true).await.unwrap();
    let mut owner = fresh.owner().await;
    sqlx::query("update lectern_auth.sessions set last_seen_at = last_seen_at - interval '61 minutes'")
        .execute(&mut owner)
        .await
        .unwrap();
    assert!(me(&mut app, &short.token).await.is_none());
    assert!(me(&mut app, &long.token).await.is_some());
    sqlx::query("update lectern_auth.sessions set expires_at = now()").execute(&mut owner).await.unwrap();
    assert!(me(&mut app, &long.token).await.is_none());
}

#[tokio::test]
async fn a_desk_that_is_too_old_is_not_let_in_whatever_the_password() {
    let fresh = harness::fresh().await;
    let mut app = with_owner(&fresh).await;
    let mut owner = fresh.owner().await;
    sqlx::query("update lectern_auth.settings set minimum_client = '99.0.0'").execute(&mut owner).await.unwrap();
    let error = sessions::sign_in(&mut app, "mina@example.org", PASSWORD, &Device::new().unwrap(), false).await;
    assert_eq!(error.err().unwrap().code, Code::SchemaNewer);
}

#[tokio::test]
async fn a_server_that_does_not_keep_the_verifier_is_recognised_as_an_impostor() {
    let fresh = harness::fresh().await;
    let mut app = with_owner(&fresh).await;
    let mut owner = fresh.owner().await;
    // Whoever answers yes to everything still lacks the server key.
    sqlx::query("update lectern_auth.credentials set server_key = sha256('guessed')")
        .execute(&mut owner)
        .await
        .unwrap();
    let error = sessions::sign_in(&mut app, "mina@example.org", PASSWORD, &Device::new().unwrap(), false).await;
    assert_eq!(error.err().unwrap().code, Code::NotAllowed);
}

#[tokio::test]
async fn strangers_failures_make_a_new_desk_wait_but_not_the_persons_own() {
    let fresh = harness::fresh().await;
    let mut app = with_owner(&fresh).await;
    let email = "mina@example.org";
    sqlx::raw_sql("update lectern_auth.settings set max_failures = 3, argon_memory_kib = 19456, argon_passes = 2")
        .execute(&mut fresh.owner().await)
        .await
        .unwrap();
    let (own, stranger) = (Device::new().unwrap(), Device::new().unwrap());
    sessions::sign_in(&mut app, email, PASSWORD, &own, false).await.unwrap();
    for _ in 0..3 {
        let error = sessions::sign_in(&mut app, email, "a guess of many", &stranger, false).await.err().unwrap();
        assert_eq!(error.code, Code::WrongPassword);
    }
    let locked = sessions::sign_in(&mut app, email, PASSWORD, &stranger, false).await.err().unwrap();
    assert_eq!(locked.code, Code::Locked);
    assert!(locked.message.contains("15 minutes"), "{}", locked.message);
    sessions::sign_in(&mut app, email, PASSWORD, &own, false).await.unwrap();

    let code = sessions::recovery_code(&mut fresh.owner().await, email).await.unwrap();
    sessions::redeem_code(&mut app, email, &code, "five quiet words over here").await.unwrap();
    sessions::sign_in(&mut app, email, "five quiet words over here", &stranger, false).await.unwrap();
}

#[tokio::test]
async fn raising_the_cost_of_guessing_breaks_nobodys_password_and_reaches_them_at_the_next_sign_in() {
    let fresh = harness::fresh().await;
    let mut app = with_owner(&fresh).await;
    let mut owner = fresh.owner().await;
    let device = Device::new().unwrap();
    sqlx::raw_sql("update lectern_auth.settings set argon_memory_kib = 19456, argon_passes = 2")
        .execute(&mut owner)
        .await
        .unwrap();
    for _ in 0..2 {
        sessions::sign_in(&mut app, "mina@example.org", PASSWORD, &device, false).await.unwrap();
        let kept: (i32, i32) = sqlx::query_as("select memory_kib, passes from lectern_auth.credentials")
            .fetch_one(&mut owner)
            .await
            .unwrap();
        assert_eq!(kept, (19_456, 2));
    }
}

/// Somebody who comes along from another system with `hash` for a password, beside an owner who signs in as usual.
async fn with_imported(fresh: &Fresh, hash: &str) -> PgConnection {
    let app = with_owner(fresh).await;
    let mut owner = fresh.owner().await;
    sqlx::raw_sql(
        "insert into lectern.people (id, email, name) values (gen_random_uuid(), 'Noor@Example.org', 'Noor Haddad')",
    )
    .execute(&mut owner)
    .await
    .unwrap();
    assert!(sessions::import_password(&mut owner, "noor@example.org", hash).await.unwrap());
    app
}

async fn scheme_of(fresh: &Fresh, email: &str) -> String {
    sqlx::query_scalar(
        "select c.scheme from lectern_auth.credentials c join lectern.people p on p.id = c.person_id where lower(p.email) = $1",
    )
    .bind(email)
    .fetch_one(&mut fresh.owner().await)
    .await
    .unwrap()
}

// Made by other programs (libxcrypt, OpenSSL), in the form the former system keeps them.
const BCRYPT: &str = "$2b$10$N9qo8uLOickgx2ZMRZoMye4nUXcGBM44oWylfdg7nxMiQtRadz6H6";
const SCRYPT: &str = "5f0c2a9be41d77d03a6b8c1e92f4a057:bd8467ab2495040ba95bc85b0cca1f19fc88f9a096e3ee16a16c82235ce1147ed32808403d953dbb0aa3391d2e33911718de731b95019885f42f78095e28c03e";

#[tokio::test]
async fn a_password_of_another_system_signs_in_and_is_argon2id_from_then_on() {
    for (hash, former) in [(BCRYPT, "bcrypt"), (SCRYPT, "scrypt")] {
        let fresh = harness::fresh().await;
        let mut app = with_imported(&fresh, hash).await;
        let device = Device::new().unwrap();
        let wrong = sessions::sign_in(&mut app, "noor@example.org", "ein anderes Passwort", &device, false).await;
        assert_eq!(wrong.err().unwrap().code, Code::WrongPassword);
        assert_eq!(scheme_of(&fresh, "noor@example.org").await, former, "a wrong one replaces nothing");

        let first =
            sessions::sign_in(&mut app, "noor@example.org", "Gr\u{fc}\u{df}e aus Graz", &device, false).await.unwrap();
        assert_eq!(me(&mut app, &first.token).await.unwrap().name, "Noor Haddad");
        assert_eq!(scheme_of(&fresh, "noor@example.org").await, "argon2id");
        sessions::sign_in(&mut app, "noor@example.org", "Gr\u{fc}\u{df}e aus Graz", &device, false).await.unwrap();
        sessions::sign_in(&mut app, "mina@example.org", PASSWORD, &device, false).await.unwrap();

        let again = sessions::import_password(&mut fresh.owner().await, "noor@example.org", hash).await.unwrap();
        assert!(!again, "what somebody has here is never replaced by an import");
        assert_eq!(scheme_of(&fresh, "noor@example.org").await, "argon2id");
    }
}

#[tokio::test]
async fn guesses_at_a_password_of_another_system_wait_like_any_other() {
    let fresh = harness::fresh().await;
    let mut app = with_imported(&fresh, BCRYPT).await;
    sqlx::raw_sql("update lectern_auth.settings set max_failures = 3").execute(&mut fresh.owner().await).await.unwrap();
    let device = Device::new().unwrap();
    for _ in 0..3 {
        let guess = sessions::sign_in(&mut app, "noor@example.org", "a guess", &device, false).await;
        assert_eq!(guess.err().unwrap().code, Code::WrongPassword);
    }
    let right = sessions::sign_in(&mut app, "noor@example.org", "Gr\u{fc}\u{df}e aus Graz", &device, false).await;
    assert_eq!(right.err().unwrap().code, Code::Locked);
}

#[tokio::test]
async fn an_imported_an_ordinary_and_an_unknown_address_are_asked_for_the_same() {
    let fresh = harness::fresh().await;
    let mut app = with_imported(&fresh, BCRYPT).await;
    let mut asked = Vec::new();
    for email in ["noor@example.org", "mina@example.org", "nobody@example.org", "nowhere@example.org"] {
        let challenge: serde_json::Value = sqlx::query_scalar("select lectern_api.sign_in_begin($1, sha256('n'))")
            .bind(email)
            .fetch_one(&mut app)
            .await
            .unwrap();
        let length = |at: &str| challenge[at]["salt"].as_str().unwrap().len();
        asked.push((
            [length("argon2id"), length("bcrypt"), length("scrypt")],
            challenge["bcrypt"]["cost"].clone(),
            challenge["argon2id"]["memory_kib"].clone(),
            challenge["argon2id"] == challenge["renewed"],
        ));
    }
    assert!(asked.windows(2).all(|pair| pair[0] == pair[1]), "{asked:?}");
    assert_eq!(asked[0].1, 10, "the cost of those who came along, not a default");
}

#[tokio::test]
async fn the_placeholder_the_former_system_gave_everybody_opens_no_account() {
    let fresh = harness::fresh().await;
    let mut owner = fresh.owner().await;
    let refused = sessions::import_password(
        &mut owner,
        "mina@example.org",
        "$2b$10$N9qo8uLOickgx2ZMRZoMyev7KNyZvdFyW.StJw9qjSLZmTaaV334S",
    )
    .await
    .unwrap_err();
    assert_eq!((refused.code, refused.field.as_deref()), (Code::NotAllowed, Some("password")));
    let nobody = sessions::import_password(&mut owner, "mina@example.org", SCRYPT).await.unwrap_err();
    assert_eq!(nobody.code, Code::NotFound);
}
