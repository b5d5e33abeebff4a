//! Signing in and out, and whose session it is. The database's half is in migration 0013; the password never leaves this
//! computer, and the token is made here: the server keeps only its SHA-256.

mod device;
mod imported;
mod proof;
mod unlock;

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use futures_util::{FutureExt, future::OptionFuture};
use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    error::{Code, Error, OnConstraint, Result},
    ids::{self, OrganizationId, PersonId},
    people::Role,
    text,
};
pub use device::Device;
pub use imported::import_password;
use imported::{Bcrypt, Scrypt};
use proof::{Derivation, Keys, sha256};
pub use unlock::Unlock;

/// The signed-in person and where they have standing; archived organizations last.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Me {
    // The aliases are the database's spelling.
    #[serde(alias = "person_id")]
    pub person_id: PersonId,
    pub name: String,
    pub email: String,
    #[serde(alias = "is_business_owner")]
    pub is_business_owner: bool,
    pub organizations: Vec<MyOrganization>,
    /// When the password was last proved in this session.
    #[serde(alias = "proved_at")]
    pub proved_at: DateTime<Utc>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct MyOrganization {
    pub id: OrganizationId,
    pub name: String,
    pub slug: String,
    /// None: seen as business owner.
    pub role: Option<Role>,
    #[serde(alias = "time_zone")]
    pub time_zone: String,
    pub locale: String,
    #[serde(alias = "archived_at")]
    pub archived_at: Option<DateTime<Utc>>,
    /// Drafts open without the server for so many days after it was last reached; 0: never.
    #[serde(alias = "offline_days")]
    pub offline_days: i16,
}

/// A session that has just begun.
pub struct SignedIn {
    pub token: Zeroizing<String>,
    pub person_id: PersonId,
    pub expires_in: Duration,
}

/// A code that lets a person set a new password once.
#[derive(Clone, Serialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct ResetCode {
    pub code: String,
    pub expires_at: DateTime<Utc>,
}

/// Who begins an installation.
pub struct FirstOwner<'a> {
    /// From [`bootstrap_code`], on the owner's connection.
    pub code: &'a str,
    pub email: &'a str,
    pub name: &'a str,
    pub password: &'a str,
    /// None: no organization yet.
    pub organization_name: Option<&'a str>,
}

/// Signs a person in. The connection must not be inside a transaction: the server looks at an attempt only once it is
/// committed, so that no guess can be taken back.
///
/// # Errors
/// `wrongPassword` at `password` (an unknown address and a disabled person look the same), `locked` while the account
/// waits, `notAllowed` when the server behaves like an impostor, `schemaNewer` when it wants a newer Lectern.
pub async fn sign_in(
    connection: &mut PgConnection,
    email: &str,
    password: &str,
    device: &Device,
    stay: bool,
) -> Result<SignedIn> {
    let started = Instant::now();
    let token = Zeroizing::new(hex::encode(*ids::random::<32>()?));
    let outcome = prove(connection, email, password, device, stay, &token).await;
    crate::logs::statement("sign_in", started, 1, outcome.as_ref().err());
    let (person_id, expires_in) = outcome?;
    Ok(SignedIn { token, person_id, expires_in })
}

#[derive(Deserialize)]
struct Challenge {
    challenge: Uuid,
    server_nonce: String,
    minimum_client: String,
    argon2id: Derivation,
    renewed: Derivation,
    /// Both or neither: whether passwords of another system are let in here.
    bcrypt: Option<Bcrypt>,
    scrypt: Option<Scrypt>,
}

#[derive(Deserialize)]
struct Verdict {
    ok: bool,
    reason: Option<String>,
    retry_after: Option<u64>,
    person: Option<PersonId>,
    server_signature: Option<String>,
    expires_in: Option<u64>,
}

#[derive(Serialize)]
struct Verifier {
    stored_key: String,
    server_key: String,
}

async fn prove(
    connection: &mut PgConnection,
    email: &str,
    password: &str,
    device: &Device,
    stay: bool,
    token: &str,
) -> Result<(PersonId, Duration)> {
    let email = email.trim();
    if email.is_empty() || password.is_empty() || email.len() > 254 || password.len() > MAX_PASSWORD_BYTES {
        return Err(wrong());
    }
    let client_nonce = ids::random::<32>()?;
    let Json(challenge) = sqlx::query_scalar!(
        r#"select lectern_api.sign_in_begin($1, $2) as "answer!: Json<Challenge>""#,
        email,
        &client_nonce[..]
    )
    .fetch_one(&mut *connection)
    .await?;
    refuse_if_outdated(&challenge.minimum_client)?;
    let (keys, bcrypt, scrypt) = tokio::try_join!(
        Keys::derive(password, &challenge.argon2id),
        OptionFuture::from(challenge.bcrypt.as_ref().map(|wish| wish.derive(password))).map(Option::transpose),
        OptionFuture::from(challenge.scrypt.as_ref().map(|wish| wish.derive(password))).map(Option::transpose),
    )?;
    // What the server replaces an outdated verifier with, once this one has proved good.
    let renewed = if challenge.renewed == challenge.argon2id {
        None
    } else {
        Some(Keys::derive(password, &challenge.renewed).await?)
    };
    let renewed = renewed.as_ref().unwrap_or(&keys);
    let server_nonce = hex::decode(&challenge.server_nonce).map_err(|_| impostor())?;

    let token_hash = sha256(token.as_bytes());
    let device_hash = sha256(device.bytes());
    let verifier = Verifier { stored_key: hex::encode(renewed.stored), server_key: hex::encode(*renewed.server) };
    // The same bytes as lectern_auth.signed_message: whoever stands in between can swap none of it.
    let length = if stay { "long" } else { "short" };
    let mut message = format!("lectern-scram-1|{}|{email}|{length}|", challenge.challenge).into_bytes();
    message.extend_from_slice(&client_nonce[..]);
    message.extend_from_slice(&server_nonce);
    message.extend_from_slice(&token_hash);
    message.extend_from_slice(&device_hash);
    message.extend_from_slice(&sha256(format!("{}{}", verifier.stored_key, verifier.server_key).as_bytes()));

    sqlx::query!(
        "select lectern_api.sign_in_prove($1, $2, $3, $4, $5, $6, $7, $8)",
        challenge.challenge,
        &keys.proof(&message)[..],
        bcrypt.as_ref().map(|keys| keys.proof(&message).to_vec()),
        scrypt.as_ref().map(|keys| keys.proof(&message).to_vec()),
        &token_hash[..],
        device.bytes(),
        Json(&verifier) as _,
        stay
    )
    .execute(&mut *connection)
    .await?;
    let Json(verdict) = sqlx::query_scalar!(
        r#"select lectern_api.sign_in_finish($1) as "answer!: Json<Verdict>""#,
        challenge.challenge
    )
    .fetch_one(&mut *connection)
    .await?;
    if !verdict.ok {
        return Err(match verdict.reason.as_deref() {
            Some("locked") => waits(verdict.retry_after.unwrap_or(60)),
            Some("expired") => {
                Error::new(Code::Cancelled, "The sign-in took too long and was given up.").next_step("Try again.")
            }
            _ => wrong(),
        });
    }
    let signature = verdict.server_signature.and_then(|hex| hex::decode(hex).ok()).unwrap_or_default();
    let is_signed = [Some(&keys), bcrypt.as_ref(), scrypt.as_ref()]
        .into_iter()
        .flatten()
        .any(|keys| keys.is_signed_by_server(&message, &signature));
    match (is_signed, verdict.person, verdict.expires_in) {
        (true, Some(person), Some(seconds)) => Ok((person, Duration::from_secs(seconds))),
        _ => Err(impostor()),
    }
}

/// Ends the session of this transaction.
///
/// # Errors
/// `unreachable` when the server is gone.
pub async fn sign_out(connection: &mut PgConnection) -> Result<()> {
    sqlx::query!("select lectern_api.sign_out()").execute(connection).await?;
    Ok(())
}

/// Keeps the session of this transaction from idling out; for every few minutes of use, not for every request.
///
/// # Errors
/// `signedOut` when it has ended already.
pub async fn touch(connection: &mut PgConnection) -> Result<()> {
    sqlx::query!("select lectern_api.touch_session()").execute(connection).await?;
    Ok(())
}

/// Whose session this transaction has; none when nobody's.
///
/// # Errors
/// `unreachable` when the server is gone.
pub async fn who_am_i(connection: &mut PgConnection) -> Result<Option<Me>> {
    let me = sqlx::query_scalar!(r#"select lectern_api.who_am_i() as "me: Json<Me>""#).fetch_one(connection).await?;
    Ok(me.map(|Json(me)| me))
}

/// Whether nobody can sign in here yet.
///
/// # Errors
/// `schemaOutdated` where the functions are missing.
pub async fn needs_first_owner(connection: &mut PgConnection) -> Result<bool> {
    Ok(sqlx::query_scalar!(r#"select lectern_api.needs_first_owner() as "needs!""#).fetch_one(connection).await?)
}

/// A code for the first owner, good for a day. On the owner's connection only.
///
/// # Errors
/// `conflict` when somebody can sign in already, `notAllowed` for any other login.
pub async fn bootstrap_code(owner: &mut PgConnection) -> Result<Zeroizing<String>> {
    sqlx::query_scalar!(r#"select lectern_auth.bootstrap_code() as "code!""#)
        .fetch_one(owner)
        .await
        .on_constraint("bootstrap_done", || {
            Error::new(Code::Conflict, "This database has an owner already.")
                .next_step("If no owner can sign in, have IT make a sign-in code for one of them.")
        })
        .map(Zeroizing::new)
}

/// A reset code for anybody, good for an hour; ends their sessions. On the owner's connection only.
///
/// # Errors
/// `notFound` at `email` when nobody has this address.
pub async fn recovery_code(owner: &mut PgConnection, email: &str) -> Result<Zeroizing<String>> {
    sqlx::query_scalar!(r#"select lectern_auth.recovery_code($1) as "code!""#, email)
        .fetch_one(owner)
        .await
        .on_constraint("no_such_person", nobody)
        .map(Zeroizing::new)
}

/// Shuts a person out of the whole installation at once, or lets them back in. On the owner's connection only.
///
/// # Errors
/// `notFound` at `email` when nobody has this address.
pub async fn set_person_active(owner: &mut PgConnection, email: &str, active: bool) -> Result<()> {
    sqlx::query!("select lectern_auth.set_person_active($1, $2)", email, active)
        .execute(owner)
        .await
        .on_constraint("no_such_person", nobody)?;
    Ok(())
}

/// Makes the first owner, who may then sign in.
///
/// # Errors
/// `invalid` at `password`, `email`, `name` or `organizationName`; `notAllowed` at `code` when it does not hold;
/// `conflict` at `organizationName` when its short name is taken.
pub async fn create_first_owner(connection: &mut PgConnection, owner: &FirstOwner<'_>) -> Result<PersonId> {
    check_new_password("password", owner.password, owner.email)?;
    let keys = new_keys(connection, owner.email, owner.password).await?;
    let name = text::line("name", owner.name)?;
    let organization = owner.organization_name.map(|name| text::line("organizationName", name)).transpose()?;
    let organization = organization.map(|name| (OrganizationId::new(), short_name(&name), name));
    let id = sqlx::query_scalar!(
        r#"select lectern_api.bootstrap($1, $2, $3, $4, $5, $6, $7, $8, $9) as "id!""#,
        owner.code,
        PersonId::new() as _,
        owner.email.trim(),
        name,
        organization.as_ref().map(|(id, ..)| id.0),
        organization.as_ref().map(|(.., name)| name.as_str()),
        organization.as_ref().map(|(_, short, _)| short.as_str()),
        &keys.stored[..],
        &keys.server[..]
    )
    .fetch_one(connection)
    .await
    .on_constraint("bootstrap_code", || {
        Error::new(Code::NotAllowed, "This set-up code is wrong, used or older than a day.")
            .at("code")
            .next_step("Make a new one with `lectern people create-owner`.")
    })
    .on_constraint("people_email_form", || Error::invalid("email", "This is not an e-mail address."))
    .on_constraint("people_name_length", || Error::invalid("name", "A name has 1 to 200 characters."))
    .on_constraint("organizations_name_length", || {
        Error::invalid("organizationName", "An organization's name has 1 to 200 characters.")
    })
    .on_constraint("organizations_slug_key", || {
        Error::new(Code::Conflict, "An organization of this name exists already.").at("organizationName")
    })?;
    Ok(PersonId(id))
}

/// Changes one's own password, after proving the current one. Every other session of the person ends; this one stays.
///
/// # Errors
/// `wrongPassword` at `currentPassword`, `invalid` at `newPassword`, `locked`, `signedOut`.
pub async fn change_password(
    connection: &mut PgConnection,
    token: &str,
    email: &str,
    device: &Device,
    current: &str,
    new: &str,
) -> Result<()> {
    check_new_password("newPassword", new, email)?;
    prove(connection, email, current, device, false, token).await.map_err(|error| {
        if error.code == Code::WrongPassword {
            Error::new(Code::WrongPassword, "This is not your current password.").at("currentPassword")
        } else {
            error
        }
    })?;
    let keys = new_keys(connection, email, new).await?;
    let mut transaction = sqlx::Connection::begin(connection).await?;
    sqlx::query!("select lectern_api.open_session($1, null)", token).execute(&mut *transaction).await?;
    sqlx::query!("select lectern_api.set_password($1, $2)", &keys.stored[..], &keys.server[..])
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(())
}

/// A code for a person who forgot their password; ends their sessions. In a transaction with an open session.
///
/// # Errors
/// `notAllowed` for people of equal or higher rank and for those who belong to another organization too.
pub async fn issue_reset_code(connection: &mut PgConnection, person: PersonId) -> Result<ResetCode> {
    let row = sqlx::query!(
        r#"select code as "code!", expires_at as "expires_at!" from lectern_api.issue_reset_code($1)"#,
        person as _
    )
    .fetch_one(connection)
    .await
    .map_err(Error::from)
    .map_err(|error| {
        if error.code == Code::NotAllowed {
            Error::new(Code::NotAllowed, "You may not reset this person's password.").next_step(
                "It takes a higher role than theirs, and nobody resets for a member of another organization. \
                 Ask the platform's owner or IT.",
            )
        } else {
            error
        }
    })?;
    Ok(ResetCode { code: row.code, expires_at: row.expires_at })
}

/// Sets a new password by a code.
///
/// # Errors
/// `invalid` at `newPassword` or `code`.
pub async fn redeem_code(connection: &mut PgConnection, email: &str, code: &str, new_password: &str) -> Result<()> {
    check_new_password("newPassword", new_password, email)?;
    let keys = new_keys(connection, email, new_password).await?;
    let set = sqlx::query_scalar!(
        r#"select lectern_api.redeem_code($1, $2, $3, $4) as "set!""#,
        code,
        email.trim(),
        &keys.stored[..],
        &keys.server[..]
    )
    .fetch_one(connection)
    .await?;
    if set {
        Ok(())
    } else {
        Err(Error::invalid("code", "This code does not fit this address, or it was used, or its time is over.")
            .next_step("Check both; if they are right, ask for a new code."))
    }
}

async fn new_keys(connection: &mut PgConnection, email: &str, password: &str) -> Result<Keys> {
    let Json(derivation) =
        sqlx::query_scalar!(r#"select lectern_api.new_password_salt($1) as "answer!: Json<Derivation>""#, email.trim())
            .fetch_one(connection)
            .await?;
    Keys::derive(password, &derivation).await
}

const MAX_PASSWORD_BYTES: usize = 1024;

/// Length before rules of composition (NIST SP 800-63B §3.1.1), and not what anybody would try first.
fn check_new_password(field: &str, password: &str, email: &str) -> Result<()> {
    let lower = password.to_lowercase();
    let address = email.trim().to_lowercase();
    let name = address.split('@').next().unwrap_or_default();
    if password.chars().count() < 10 {
        return Err(Error::invalid(field, "A password has at least 10 characters.")
            .next_step("A few words in a row are easy to keep in mind."));
    }
    if password.len() > MAX_PASSWORD_BYTES {
        return Err(Error::invalid(field, "This password is too long."));
    }
    let mut letters = lower.chars();
    let first = letters.next();
    if lower == address
        || (name.len() > 3 && lower.trim_end_matches(|c: char| !c.is_alphabetic()) == name)
        || letters.all(|c| Some(c) == first)
    {
        return Err(Error::invalid(field, "This password is the first that somebody would try.")
            .next_step("Use something that is not your address and not one letter repeated."));
    }
    Ok(())
}

/// The part of an address people may read: letters and digits of ASCII, dashes between.
fn short_name(name: &str) -> String {
    let dashed: String = name.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let words: Vec<&str> = dashed.split('-').filter(|word| !word.is_empty()).collect();
    let short: String = words.join("-").chars().take(100).collect();
    let short = short.trim_end_matches('-');
    if short.is_empty() { "organization".to_owned() } else { short.to_owned() }
}

fn refuse_if_outdated(minimum: &str) -> Result<()> {
    let own = version(env!("CARGO_PKG_VERSION"));
    if own.is_some() && version(minimum) > own {
        return Err(Error::new(Code::SchemaNewer, format!("This database asks for Lectern {minimum} or newer."))
            .next_step("Install the newer version, then sign in."));
    }
    Ok(())
}

fn version(text: &str) -> Option<[u64; 3]> {
    let parts: Vec<u64> = text.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    parts.try_into().ok()
}

fn wrong() -> Error {
    Error::new(Code::WrongPassword, "The e-mail address or the password is not right.")
        .at("password")
        .next_step("Try again. If you forgot your password, ask an admin of your organization for a sign-in code.")
}

fn waits(seconds: u64) -> Error {
    let minutes = seconds.div_ceil(60);
    let wait = if minutes == 1 { "a minute".to_owned() } else { format!("{minutes} minutes") };
    Error::new(Code::Locked, format!("Too many failed sign-ins for this address. It waits for {wait}."))
        .next_step("Wait, then try again. A sign-in code from an admin of your organization works at once.")
}

fn nobody() -> Error {
    Error::new(Code::NotFound, "Nobody has this e-mail address.").at("email").next_step("Check how it is written.")
}

fn impostor() -> Error {
    Error::new(
        Code::NotAllowed,
        "The server could not prove that it is the one that knows you, so nothing was trusted.",
    )
    .next_step("Do not try again on this network. Ask IT to check the connection.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_anybody_would_try_first_is_refused_at_its_field() {
        for password in ["short", "aaaaaaaaaaaa", "mina@example.org", "minaokafor123!"] {
            let email = if password.starts_with("minao") { "minaokafor@example.org" } else { "mina@example.org" };
            let error = check_new_password("newPassword", password, email).unwrap_err();
            assert_eq!((error.code, error.field.as_deref()), (Code::Invalid, Some("newPassword")), "{password}");
        }
        check_new_password("newPassword", "four quiet words here", "mina@example.org").unwrap();
        check_new_password("newPassword", "四つの静かな言葉です。", "mina@example.org").unwrap();
    }

    #[test]
    fn an_organization_gets_a_short_name_whatever_its_script() {
        assert_eq!(short_name("  North & South School!"), "north-south-school");
        assert_eq!(short_name("東京学校"), "organization");
        assert!(short_name(&"ab ".repeat(100)).len() <= 100);
        assert!(!short_name(&"ab ".repeat(100)).ends_with('-'));
    }

    #[test]
    fn a_database_that_wants_a_newer_application_is_told_apart() {
        assert!(refuse_if_outdated("0.1.0").is_ok());
        assert_eq!(refuse_if_outdated("99.0.0").unwrap_err().code, Code::SchemaNewer);
    }
}
