//! What proves a password without sending it: SCRAM (RFC 5802 §3) with Argon2id in place of its key derivation.

use argon2::{Algorithm, Argon2, Params, Version};
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::error::{Code, Error, Result};

/// How the server wants a password to be derived.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Derivation {
    /// Hex.
    pub salt: String,
    pub memory_kib: u32,
    pub passes: u32,
    pub lanes: u32,
}

/// The three keys of one password and salt. Only `stored` and `server` are ever given to the server.
pub struct Keys {
    client: Zeroizing<[u8; 32]>,
    pub stored: [u8; 32],
    pub server: Zeroizing<[u8; 32]>,
}

impl Keys {
    /// Derives them; takes a tenth of a second and `memory_kib` of memory, off the async threads.
    ///
    /// # Errors
    /// `notAllowed` when the server asks for parameters that would give the password away or exhaust this computer:
    /// whoever answers may not be the server.
    pub async fn derive(password: &str, derivation: &Derivation) -> Result<Self> {
        let salt = derivation.checked_salt()?;
        let params =
            Params::new(derivation.memory_kib, derivation.passes, derivation.lanes, Some(32)).map_err(|_| absurd())?;
        let password: Zeroizing<String> = Zeroizing::new(password.nfkc().collect());
        let salted = off_the_async_threads(move || {
            let mut salted = Zeroizing::new([0u8; 32]);
            Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
                .hash_password_into(password.as_bytes(), &salt, &mut *salted)
                .map_err(|cause| underivable().caused_by(cause.to_string()))?;
            Ok(salted)
        })
        .await?;
        Ok(Self::of(&*salted))
    }

    pub fn of(salted: &[u8]) -> Self {
        let client = Zeroizing::new(hmac(salted, b"Client Key"));
        let stored = sha256(&*client);
        Self { client, stored, server: Zeroizing::new(hmac(salted, b"Server Key")) }
    }

    /// Shows knowledge of the password for this one message and no other.
    pub fn proof(&self, message: &[u8]) -> [u8; 32] {
        let mut proof = hmac(&self.stored, message);
        proof.iter_mut().zip(self.client.iter()).for_each(|(byte, key)| *byte ^= key);
        proof
    }

    /// What only a server that keeps this password's verifier can answer to `message`.
    pub fn is_signed_by_server(&self, message: &[u8], signature: &[u8]) -> bool {
        let mut mac = keyed(&*self.server);
        mac.update(message);
        mac.verify_slice(signature).is_ok()
    }
}

impl Derivation {
    /// Limits: OWASP's least Argon2id (19 MiB, two passes) below, what a desk can bear above.
    fn checked_salt(&self) -> Result<Vec<u8>> {
        let salt = hex::decode(&self.salt).map_err(|_| absurd())?;
        let is_sound = (19_456..=1_048_576).contains(&self.memory_kib)
            && (2..=10).contains(&self.passes)
            && (1..=8).contains(&self.lanes)
            && (16..=64).contains(&salt.len());
        if is_sound { Ok(salt) } else { Err(absurd()) }
    }
}

/// Runs what takes a tenth of a second by design.
pub async fn off_the_async_threads<T: Send + 'static>(
    derive: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(derive).await.map_err(|cause| underivable().caused_by(cause))?
}

pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = keyed(key);
    mac.update(message);
    mac.finalize().into_bytes().into()
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    match Hmac::new_from_slice(key) {
        Ok(mac) => mac,
        Err(_) => unreachable!("HMAC takes a key of any length (RFC 2104 §2)"),
    }
}

pub fn absurd() -> Error {
    Error::new(Code::NotAllowed, "The server asks to handle your password in an unsafe way, so it was not used.")
        .next_step("Do not sign in here. Ask IT whether this is really your organization's server.")
}

pub fn underivable() -> Error {
    Error::internal("This computer could not work on the password; it may be short of memory.")
        .next_step("Close other programs and try again.")
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::STANDARD};

    use super::*;

    /// The exchange printed in RFC 7677 §3, from its salted password on.
    #[test]
    fn the_example_of_the_standard_comes_out_byte_by_byte() {
        let salted = hex::decode("c4a49510323ab4f952cac1fa99441939e78ea74d6be81ddf7096e87513dc615d").unwrap();
        let keys = Keys::of(&salted);
        let message = b"n=user,r=rOprNGfwEbeRWgbNEkqO,\
            r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,\
            c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
        assert_eq!(STANDARD.encode(keys.proof(message)), "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
        let signature = STANDARD.decode("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=").unwrap();
        assert!(keys.is_signed_by_server(message, &signature));
        assert!(!keys.is_signed_by_server(b"another message", &signature));
    }

    #[tokio::test]
    async fn weak_and_absurd_wishes_of_a_server_are_refused_before_the_password_is_touched() {
        let salt = "00".repeat(16);
        for (memory_kib, passes, lanes, salt) in [
            (8, 3, 1, salt.as_str()),
            (65_536, 1, 1, &salt),
            (65_536, 3, 0, &salt),
            (4_194_304, 3, 1, &salt),
            (65_536, 1_000, 1, &salt),
            (65_536, 3, 64, &salt),
            (65_536, 3, 1, "0011"),
            (65_536, 3, 1, "not hex"),
        ] {
            let wish = Derivation { salt: salt.to_owned(), memory_kib, passes, lanes };
            let error = Keys::derive("correct horse", &wish).await.err().expect("a refusal");
            assert_eq!(error.code, Code::NotAllowed);
        }
    }

    #[tokio::test]
    async fn the_same_password_typed_in_two_unicode_forms_is_the_same() {
        let wish = Derivation { salt: "00".repeat(16), memory_kib: 19_456, passes: 2, lanes: 1 };
        let composed = Keys::derive("Gr\u{fc}\u{df}e 2026", &wish).await.unwrap();
        let decomposed = Keys::derive("Gru\u{308}\u{df}e 2026", &wish).await.unwrap();
        assert_eq!(composed.stored, decomposed.stored);
    }
}
