//! Guessing a password through SQL, without the application's half: taken back, in parallel, replayed, turned around.

use futures_util::future::join_all;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::{Connection, PgConnection};

use super::world::world;
use crate::harness::Fresh;

const FIRST_DESK: [u8; 32] = [1; 32];

fn sha(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

/// What a client would send for one challenge. The world's people have `salted` and their name for a salted password.
struct Attempt {
    challenge: uuid::Uuid,
    message_start: Vec<u8>,
    proof: Vec<u8>,
    token_hash: Vec<u8>,
    device: [u8; 32],
    upgrade: Value,
}

async fn begin(connection: &mut PgConnection, email: &str, salted: &str, device: [u8; 32]) -> Attempt {
    let nonce = sha(b"client nonce");
    let answer: Value = sqlx::query_scalar("select lectern_api.sign_in_begin($1, $2)")
        .bind(email)
        .bind(&nonce)
        .fetch_one(connection)
        .await
        .unwrap();
    let challenge: uuid::Uuid = answer["challenge"].as_str().unwrap().parse().unwrap();
    let mut start = format!("lectern-scram-1|{challenge}|{email}|short|").into_bytes();
    start.extend(&nonce);
    start.extend(hex::decode(answer["server_nonce"].as_str().unwrap()).unwrap());
    let client_key = hmac(salted.as_bytes(), b"Client Key");
    let upgrade = json!({ "stored_key": "aa".repeat(32), "server_key": "bb".repeat(32) });
    let mut attempt = Attempt {
        challenge,
        message_start: start,
        proof: Vec::new(),
        token_hash: sha(challenge.to_string().as_bytes()),
        device,
        upgrade,
    };
    let signature = hmac(&sha(&client_key), &attempt.message());
    attempt.proof = client_key.iter().zip(signature).map(|(key, byte)| key ^ byte).collect();
    attempt
}

impl Attempt {
    fn message(&self) -> Vec<u8> {
        let keys =
            format!("{}{}", self.upgrade["stored_key"].as_str().unwrap(), self.upgrade["server_key"].as_str().unwrap());
        [self.message_start.clone(), self.token_hash.clone(), sha(&self.device), sha(keys.as_bytes())].concat()
    }

    async fn prove(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        self.hand_in(connection, Some(&self.proof), None).await
    }

    async fn hand_in(
        &self,
        connection: &mut PgConnection,
        proof: Option<&[u8]>,
        bcrypt: Option<&[u8]>,
    ) -> Result<(), sqlx::Error> {
        sqlx::query("select lectern_api.sign_in_prove($1, $2, $3, null, $4, $5, $6, false)")
            .bind(self.challenge)
            .bind(proof)
            .bind(bcrypt)
            .bind(&self.token_hash)
            .bind(&self.device[..])
            .bind(&self.upgrade)
            .execute(connection)
            .await
            .map(|_| ())
    }

    async fn finish(&self, connection: &mut PgConnection) -> Value {
        sqlx::query_scalar("select lectern_api.sign_in_finish($1)")
            .bind(self.challenge)
            .fetch_one(connection)
            .await
            .unwrap()
    }
}

/// `ok`, or the reason why not.
fn told(answer: &Value) -> &str {
    if answer["ok"] == true { "ok" } else { answer["reason"].as_str().unwrap() }
}

async fn sign_in(connection: &mut PgConnection, email: &str, salted: &str, device: [u8; 32]) -> Value {
    let attempt = begin(connection, email, salted, device).await;
    attempt.prove(connection).await.unwrap();
    attempt.finish(connection).await
}

async fn set(fresh: &Fresh, settings: &'static str) {
    sqlx::raw_sql(settings).execute(&mut fresh.owner().await).await.unwrap();
}

#[tokio::test]
async fn the_right_password_opens_a_session_that_the_server_signs() {
    let fresh = world().await;
    let mut app = fresh.app().await;
    let attempt = begin(&mut app, "owner@example.org", "salted owner", FIRST_DESK).await;
    attempt.prove(&mut app).await.unwrap();
    let answer = attempt.finish(&mut app).await;
    assert_eq!(told(&answer), "ok");
    let server_key = hmac(b"salted owner", b"Server Key");
    assert_eq!(answer["server_signature"], hex::encode(hmac(&server_key, &attempt.message())));
}

#[tokio::test]
async fn a_guess_is_not_answered_before_it_is_committed() {
    let fresh = world().await;
    let mut app = fresh.app().await;
    let attempt = begin(&mut app, "owner@example.org", "salted owner", FIRST_DESK).await;
    let mut transaction = app.begin().await.unwrap();
    attempt.prove(&mut transaction).await.unwrap();
    assert_eq!(told(&attempt.finish(&mut transaction).await), "expired");
    let mut inner = transaction.begin().await.unwrap();
    assert_eq!(told(&attempt.finish(&mut inner).await), "expired");
    inner.rollback().await.unwrap();
    transaction.rollback().await.unwrap();
    assert_eq!(told(&attempt.finish(&mut app).await), "expired", "taken back is not handed in");
}

#[tokio::test]
async fn guesses_whose_answers_are_rolled_back_count_all_the_same() {
    let fresh = world().await;
    let mut app = fresh.app().await;
    let mut evaluated = 0;
    for _ in 0..40 {
        let attempt = begin(&mut app, "owner@example.org", "a guess", FIRST_DESK).await;
        attempt.prove(&mut app).await.unwrap();
        let mut transaction = app.begin().await.unwrap();
        let answer = attempt.finish(&mut transaction).await;
        transaction.rollback().await.unwrap();
        evaluated += usize::from(told(&answer) == "invalid");
    }
    assert_eq!(evaluated, 10);
    assert_eq!(told(&sign_in(&mut app, "owner@example.org", "salted owner", FIRST_DESK).await), "locked");
}

#[tokio::test]
async fn of_guesses_in_parallel_exactly_the_allowed_number_is_looked_at() {
    let fresh = world().await;
    let guesses = join_all((0..24).map(async |number| {
        let mut app = fresh.app().await;
        let attempt = begin(&mut app, "owner@example.org", &format!("guess {number}"), [number; 32]).await;
        (app, attempt)
    }))
    .await;
    // All proofs at once, then all answers at once.
    let proved = join_all(guesses.into_iter().map(async |(mut app, attempt)| {
        attempt.prove(&mut app).await.unwrap();
        (app, attempt)
    }))
    .await;
    let answers = join_all(proved.into_iter().map(async |(mut app, attempt)| attempt.finish(&mut app).await)).await;
    let looked_at = answers.iter().filter(|answer| told(answer) == "invalid").count();
    let waiting = answers.iter().filter(|answer| told(answer) == "locked").count();
    assert_eq!((looked_at, waiting), (10, 14));
}

#[tokio::test]
async fn proofs_held_back_uncommitted_do_not_slip_past_the_count() {
    let fresh = world().await;
    set(&fresh, "update lectern_auth.settings set max_failures = 3").await;
    let (mut holding, mut other, mut own) = (fresh.app().await, fresh.app().await, fresh.app().await);
    let known = [7; 32];
    assert_eq!(told(&sign_in(&mut own, "owner@example.org", "salted owner", known).await), "ok");

    let held = begin(&mut holding, "owner@example.org", "a guess", FIRST_DESK).await;
    let mut transaction = holding.begin().await.unwrap();
    held.prove(&mut transaction).await.unwrap();
    // A second proof of the account waits for the first; the person's own desk does not.
    let second = begin(&mut other, "owner@example.org", "a guess", FIRST_DESK).await;
    sqlx::raw_sql("set lock_timeout = '200ms'").execute(&mut other).await.unwrap();
    let refused = second.prove(&mut other).await.unwrap_err();
    assert_eq!(refused.as_database_error().unwrap().code().unwrap(), "55P03");
    sqlx::raw_sql("set lock_timeout = '200ms'").execute(&mut own).await.unwrap();
    assert_eq!(told(&sign_in(&mut own, "owner@example.org", "salted owner", known).await), "ok");
    transaction.commit().await.unwrap();
    assert_eq!(told(&held.finish(&mut other).await), "invalid");
}

#[tokio::test]
async fn an_answer_is_given_once() {
    let fresh = world().await;
    let mut app = fresh.app().await;
    let attempt = begin(&mut app, "owner@example.org", "salted owner", FIRST_DESK).await;
    attempt.prove(&mut app).await.unwrap();
    assert_eq!(told(&attempt.finish(&mut app).await), "ok");
    assert_eq!(told(&attempt.finish(&mut app).await), "expired");
    attempt.prove(&mut app).await.unwrap();
    assert_eq!(told(&attempt.finish(&mut app).await), "expired", "nor after handing it in again");

    set(&fresh, "update lectern_auth.sessions set revoked_at = now()").await;
    assert_eq!(told(&attempt.finish(&mut app).await), "expired", "nor after signing out");
    let live: i64 = sqlx::query_scalar("select count(*) from lectern_auth.sessions where revoked_at is null")
        .fetch_one(&mut fresh.owner().await)
        .await
        .unwrap();
    assert_eq!(live, 0);
}

#[tokio::test]
async fn a_proof_that_was_overheard_fits_nothing_else() {
    let fresh = world().await;
    let mut app = fresh.app().await;
    let overheard = begin(&mut app, "owner@example.org", "salted owner", FIRST_DESK).await;

    // With the thief's token, device or verifier in the place of the person's.
    for change in 0..3 {
        let mut turned = begin(&mut app, "owner@example.org", "salted owner", FIRST_DESK).await;
        match change {
            0 => turned.token_hash = sha(b"the thief's token"),
            1 => turned.device = [9; 32],
            _ => turned.upgrade = json!({ "stored_key": "cc".repeat(32), "server_key": "dd".repeat(32) }),
        }
        turned.prove(&mut app).await.unwrap();
        assert_eq!(told(&turned.finish(&mut app).await), "invalid", "{change}");
    }
    // For another challenge of the same account, and for another account.
    for email in ["owner@example.org", "admin@example.org"] {
        let other = begin(&mut app, email, "not known to the thief", FIRST_DESK).await;
        other.hand_in(&mut app, Some(&overheard.proof), None).await.unwrap();
        assert_eq!(told(&other.finish(&mut app).await), "invalid", "{email}");
    }
    // Too late.
    overheard.prove(&mut app).await.unwrap();
    set(&fresh, "update lectern_auth.attempts set proved_at = proved_at - interval '2 minutes'").await;
    assert_eq!(told(&overheard.finish(&mut app).await), "expired");
}

#[tokio::test]
async fn each_guess_after_the_allowed_ones_waits_twice_as_long_up_to_two_hours() {
    let fresh = world().await;
    set(&fresh, "update lectern_auth.settings set max_failures = 3").await;
    set(&fresh, "update lectern_auth.credentials set changed_at = changed_at - interval '1 day'").await;
    let mut app = fresh.app().await;
    for _ in 0..3 {
        assert_eq!(told(&sign_in(&mut app, "owner@example.org", "a guess", FIRST_DESK).await), "invalid");
    }
    for minutes in [15, 30, 60, 120, 120] {
        let answer = sign_in(&mut app, "owner@example.org", "a guess", FIRST_DESK).await;
        let seconds = answer["retry_after"].as_i64().unwrap();
        assert!((minutes * 60 - 30..=minutes * 60).contains(&seconds), "{minutes} minutes: {answer}");
        let pass = format!(
            "update lectern_auth.attempts set proved_at = proved_at - interval '{minutes} minutes', created_at = created_at - interval '{minutes} minutes'"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(pass)).execute(&mut fresh.owner().await).await.unwrap();
        assert_eq!(told(&sign_in(&mut app, "owner@example.org", "a guess", FIRST_DESK).await), "invalid");
    }
}

#[tokio::test]
async fn guessing_one_after_another_account_from_one_place_waits_too() {
    let fresh = world().await;
    set(&fresh, "update lectern_auth.settings set max_address_failures = 5").await;
    let mut app = fresh.app().await;
    let mut told_to = Vec::new();
    for name in ["owner", "admin", "lead", "learner", "peer", "both", "idle"] {
        let answer = sign_in(&mut app, &format!("{name}@example.org"), "a guess", FIRST_DESK).await;
        told_to.push(told(&answer).to_owned());
    }
    assert_eq!(told_to, ["invalid", "invalid", "invalid", "invalid", "invalid", "locked", "locked"]);
}

#[tokio::test]
async fn unknown_wrong_and_disabled_get_the_same_challenges_answers_and_waits() {
    let fresh = world().await;
    set(&fresh, "update lectern_auth.settings set max_failures = 3, legacy_sign_in = true").await;
    let mut app = fresh.app().await;
    let mut seen = Vec::new();
    for (email, salted) in [
        ("owner@example.org", "wrong"),
        ("off@example.org", "salted off"),
        ("unknown@example.org", "x"),
        ("UNKNOWN@example.org ", "x"),
    ] {
        let mut shape = Vec::new();
        for device in 0..5 {
            let challenge: Value = sqlx::query_scalar("select lectern_api.sign_in_begin($1, sha256('n'))")
                .bind(email)
                .fetch_one(&mut app)
                .await
                .unwrap();
            let salt = challenge["argon2id"]["salt"].as_str().unwrap().to_owned();
            let again: Value = sqlx::query_scalar("select lectern_api.sign_in_begin($1, sha256('m'))")
                .bind(email.to_uppercase())
                .fetch_one(&mut app)
                .await
                .unwrap();
            assert_eq!(
                again["argon2id"], challenge["argon2id"],
                "{email}: a salt that changes tells that nobody is there"
            );
            assert_eq!(
                (salt.len(), &again["bcrypt"], &again["scrypt"]),
                (32, &challenge["bcrypt"], &challenge["scrypt"])
            );
            assert_eq!(challenge["bcrypt"]["cost"], 12);
            let mut keys: Vec<String> = challenge.as_object().unwrap().keys().cloned().collect();
            keys.sort();
            let mut answer = sign_in(&mut app, email, salted, [device; 32]).await;
            if let Some(wait) = answer.get_mut("retry_after") {
                *wait = json!(wait.as_i64().unwrap() / 60);
            }
            shape.push((keys, challenge["argon2id"]["memory_kib"].clone(), answer));
        }
        seen.push(shape);
        set(&fresh, "delete from lectern_auth.attempts").await;
    }
    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "{seen:#?}");
    assert_eq!(told(&seen[0][2].2), "invalid");
    assert_eq!(told(&seen[0][3].2), "locked");
}

#[tokio::test]
async fn an_imported_bcrypt_password_opens_once_and_is_replaced() {
    let fresh = world().await;
    set(&fresh, "update lectern_auth.settings set legacy_sign_in = true").await;
    set(
        &fresh,
        "update lectern_auth.credentials set scheme = 'bcrypt', cost = 12, memory_kib = null, passes = null, lanes = null, salt = decode('00112233445566778899aabbccddeeff', 'hex')
          where person_id = (select id from lectern.people where email = 'owner@example.org')",
    )
    .await;
    let mut app = fresh.app().await;
    let attempt = begin(&mut app, "owner@example.org", "salted owner", FIRST_DESK).await;
    attempt.hand_in(&mut app, Some(&[0; 32]), Some(&attempt.proof)).await.unwrap();
    assert_eq!(told(&attempt.finish(&mut app).await), "ok");
    let (scheme, stored): (String, Vec<u8>) = sqlx::query_as(
        "select scheme, stored_key from lectern_auth.credentials join lectern.people on id = person_id where email = 'owner@example.org'",
    )
    .fetch_one(&mut fresh.owner().await)
    .await
    .unwrap();
    assert_eq!((scheme.as_str(), stored), ("argon2id", vec![0xaa; 32]));

    // Where old passwords are not wanted, they open nothing.
    set(&fresh, "update lectern_auth.settings set legacy_sign_in = false").await;
    set(
        &fresh,
        "update lectern_auth.credentials set scheme = 'scrypt', memory_kib = null, passes = null, lanes = null",
    )
    .await;
    assert_eq!(told(&sign_in(&mut app, "admin@example.org", "salted admin", FIRST_DESK).await), "invalid");
}

#[tokio::test]
async fn two_codes_make_one_first_owner() {
    let fresh = crate::harness::fresh().await;
    let mut owner = fresh.owner().await;
    let codes: [String; 2] = [
        sqlx::query_scalar("select lectern_auth.bootstrap_code()").fetch_one(&mut owner).await.unwrap(),
        sqlx::query_scalar("select lectern_auth.bootstrap_code()").fetch_one(&mut owner).await.unwrap(),
    ];
    let outcomes = join_all(codes.iter().enumerate().map(async |(number, code)| {
        sqlx::query("select lectern_api.bootstrap($1, gen_random_uuid(), $2, 'Someone', null, null, null, sha256('a'), sha256('b'))")
            .bind(code)
            .bind(format!("owner{number}@example.org"))
            .execute(&mut fresh.app().await)
            .await
    }))
    .await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    let owners: i64 = sqlx::query_scalar("select count(*) from lectern.people where platform_role = 'business_owner'")
        .fetch_one(&mut owner)
        .await
        .unwrap();
    assert_eq!(owners, 1);
}
