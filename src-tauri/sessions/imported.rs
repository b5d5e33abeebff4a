//! Passwords another system hashed, with bcrypt or as Better Auth does with scrypt. Such a hash serves as the salted password
//! of the usual exchange, once: the same sign-in replaces it by Argon2id. Each sign-in derives for both while the database
//! lets them in, so nobody sees whose is which.

use base64::{
    Engine,
    alphabet::BCRYPT,
    engine::general_purpose::{GeneralPurpose, NO_PAD},
};
use serde::Deserialize;
use sqlx::PgConnection;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::{
    nobody,
    proof::{Keys, absurd, off_the_async_threads, underivable},
};
use crate::error::{Code, Error, OnConstraint, Result};

/// bcrypt's own base64; 22 and 31 letters leave bits over that mean nothing.
const LETTERS: GeneralPurpose = GeneralPurpose::new(&BCRYPT, NO_PAD.with_decode_allow_trailing_bits(true));
const COSTS: std::ops::RangeInclusive<u32> = 10..=15;
/// Written by a hook of the former system for every account: whoever tried it would get in everywhere.
const PLACEHOLDER: &str = "managed_by_better_auth";

/// How the server wants a password to be derived, had it come from bcrypt.
#[derive(Clone, Debug, Deserialize)]
pub struct Bcrypt {
    /// 16 bytes, hex.
    pub salt: String,
    pub cost: u32,
}

/// The same for Better Auth's scrypt: N 16384, r 16, p 1, 64 bytes.
#[derive(Clone, Debug, Deserialize)]
pub struct Scrypt {
    /// Hex, and used as this text, not as its bytes.
    pub salt: String,
}

impl Bcrypt {
    /// # Errors
    /// `notAllowed` when the server asks for parameters that would give the password away or exhaust this computer.
    pub async fn derive(&self, password: &str) -> Result<Keys> {
        let salt = hex::decode(&self.salt).ok().and_then(|salt| <[u8; 16]>::try_from(salt).ok()).ok_or_else(absurd)?;
        if !COSTS.contains(&self.cost) {
            return Err(absurd());
        }
        let (cost, password) = (self.cost, Zeroizing::new(password.to_owned()));
        off_the_async_threads(move || Ok(bcrypt_hash(&password, salt, cost))).await.map(|hash| Keys::of(&*hash))
    }
}

impl Scrypt {
    /// # Errors
    /// `notAllowed` when the salt is none of Better Auth's.
    pub async fn derive(&self, password: &str) -> Result<Keys> {
        if !is_scrypt_salt(&self.salt) {
            return Err(absurd());
        }
        let salt = self.salt.clone();
        let password: Zeroizing<String> = Zeroizing::new(password.nfkc().collect());
        off_the_async_threads(move || scrypt_hash(&password, &salt)).await.map(|hash| Keys::of(&*hash))
    }
}

fn is_scrypt_salt(salt: &str) -> bool {
    salt.len() == 32 && salt.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The 23 bytes that stand in a bcrypt hash. Of a longer password it takes the first 72 bytes, its closing zero included.
fn bcrypt_hash(password: &str, salt: [u8; 16], cost: u32) -> Zeroizing<[u8; 23]> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(password.len() + 1));
    bytes.extend_from_slice(password.as_bytes());
    bytes.push(0);
    bytes.truncate(72);
    let whole = Zeroizing::new(bcrypt::bcrypt(cost, salt, &bytes));
    let mut hash = Zeroizing::new([0; 23]);
    hash.copy_from_slice(&whole[..23]);
    hash
}

fn scrypt_hash(password: &str, salt: &str) -> Result<Zeroizing<[u8; 64]>> {
    let mut hash = Zeroizing::new([0; 64]);
    let params = scrypt::Params::new(14, 16, 1).map_err(|cause| underivable().caused_by(cause.to_string()))?;
    scrypt::scrypt(password.as_bytes(), salt.as_bytes(), &params, &mut *hash)
        .map_err(|cause| underivable().caused_by(cause.to_string()))?;
    Ok(hash)
}

/// A hash as another system keeps it.
enum Imported {
    Bcrypt { salt: [u8; 16], cost: u32, hash: Zeroizing<Vec<u8>> },
    Scrypt { salt: String, hash: Zeroizing<Vec<u8>> },
}

impl Imported {
    /// `$2b$10$…` (also `2a`, `2y`), or `salt:hash` in hex as Better Auth writes it.
    fn read(text: &str) -> Result<Self> {
        let unknown = || {
            Error::invalid("password", "This is no password hash that can be taken over.")
                .next_step("The person needs a code to set a new password.")
        };
        if let Some((salt, hash)) = text.split_once(':') {
            let hash = Zeroizing::new(hex::decode(hash).map_err(|_| unknown())?);
            return match (is_scrypt_salt(salt), hash.len()) {
                (true, 64) => Ok(Self::Scrypt { salt: salt.to_owned(), hash }),
                _ => Err(unknown()),
            };
        }
        let mut parts = text.split('$');
        let (Some(""), Some("2a" | "2b" | "2y"), Some(cost), Some(letters), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(unknown());
        };
        let (Some(salt), Some(hash)) = (letters.get(..22), letters.get(22..)) else { return Err(unknown()) };
        let salt = LETTERS.decode(salt).ok().and_then(|salt| <[u8; 16]>::try_from(salt).ok()).ok_or_else(unknown)?;
        let hash = Zeroizing::new(LETTERS.decode(hash).map_err(|_| unknown())?);
        let cost: u32 = cost.parse().map_err(|_| unknown())?;
        if hash.len() != 23 || !COSTS.contains(&cost) {
            return Err(unknown());
        }
        Ok(Self::Bcrypt { salt, cost, hash })
    }
}

/// Keeps a password as another system hashed it, for the person's next sign-in, which replaces it. False: they have a
/// password here already, which stays. On the owner's connection only.
///
/// # Errors
/// `invalid` at `password` when the hash is of no kind that can be taken over; `notAllowed` when it is the one Better Auth's
/// hook gave everybody; `notFound` at `email` when nobody has this address.
pub async fn import_password(owner: &mut PgConnection, email: &str, hash: &str) -> Result<bool> {
    let (scheme, salt, cost, keys) = match Imported::read(hash)? {
        Imported::Bcrypt { salt, cost, hash } => {
            let everybodys = off_the_async_threads(move || Ok(bcrypt_hash(PLACEHOLDER, salt, cost))).await?;
            if everybodys[..] == hash[..] {
                return Err(Error::new(
                    Code::NotAllowed,
                    "This is no password of anybody: the former system gave it to all.",
                )
                .at("password")
                .next_step("The person needs a code to set a new password."));
            }
            ("bcrypt", salt.to_vec(), i32::try_from(cost).ok(), Keys::of(&hash))
        }
        Imported::Scrypt { salt, hash } => ("scrypt", salt.into_bytes(), None, Keys::of(&hash)),
    };
    sqlx::query_scalar!(
        r#"select lectern_auth.import_password($1, $2, $3, $4, $5, $6) as "is_new!""#,
        email,
        scheme,
        salt,
        cost,
        &keys.stored[..],
        &keys.server[..]
    )
    .fetch_one(owner)
    .await
    .on_constraint("no_such_person", nobody)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the test vectors of Openwall's crypt_blowfish, and one for what lies beyond 72 bytes.
    #[test]
    fn bcrypt_hashes_come_out_as_elsewhere() {
        for (password, cost, salt, hash) in [
            ("U*U", 5, "CCCCCCCCCCCCCCCCCCCCC.", "E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
            ("U*U*U", 5, "XXXXXXXXXXXXXXXXXXXXXO", "AcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"),
        ] {
            let salt: [u8; 16] = LETTERS.decode(salt).unwrap().try_into().unwrap();
            assert_eq!(LETTERS.decode(hash).unwrap(), bcrypt_hash(password, salt, cost)[..], "{password}");
        }
        let long = "quiet ".repeat(20);
        assert_eq!(bcrypt_hash(&long, [7; 16], 5)[..], bcrypt_hash(&long[..72], [7; 16], 5)[..]);
    }

    #[tokio::test]
    async fn weak_and_absurd_wishes_of_a_server_are_refused_before_the_password_is_touched() {
        let salt = "00".repeat(16);
        for (salt, cost) in [(salt.as_str(), 4), (&salt, 9), (&salt, 16), (&salt, 31), ("0011", 12), ("no hex", 12)] {
            let wish = Bcrypt { salt: salt.to_owned(), cost };
            assert_eq!(wish.derive("correct horse").await.err().expect("a refusal").code, Code::NotAllowed);
        }
        for salt in ["", "0011", "ZZ", &"AB".repeat(16), &"00".repeat(64)] {
            let wish = Scrypt { salt: salt.to_owned() };
            assert_eq!(wish.derive("correct horse").await.err().expect("a refusal").code, Code::NotAllowed);
        }
    }

    #[test]
    fn only_hashes_that_can_be_taken_over_are_read() {
        let sound = "$2b$10$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
        assert!(Imported::read(sound).is_ok());
        assert!(Imported::read(&format!("{}:{}", "0a".repeat(16), "0b".repeat(64))).is_ok());
        for text in [
            "",
            ":",
            "plain text",
            &sound.replace("$10$", "$05$"),
            &sound.replace("$10$", "$31$"),
            &sound.replace("$2b$", "$2x$"),
            &sound[..40],
            &format!("{sound}$"),
            &format!("{}:{}", "0a".repeat(16), "0b".repeat(32)),
            &format!("{}:{}", "0a".repeat(8), "0b".repeat(64)),
            "$argon2id$v=19$m=65536,t=3,p=1$AAAA$BBBB",
        ] {
            let error = Imported::read(text).err().expect("a refusal");
            assert_eq!((error.code, error.field.as_deref()), (Code::Invalid, Some("password")), "{text}");
        }
    }
}
