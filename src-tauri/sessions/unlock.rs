//! Opening what is kept on this computer while the server is away: the password of the last sign-in here, remembered as
//! what Argon2id makes of it. Whoever reads it can only guess, as slowly as at the server.

use serde::{Deserialize, Serialize};

use super::proof::{Derivation, Keys};
use crate::{error::Result, ids};

/// OWASP's second choice of parameters for Argon2id; a tenth of a second at a desk.
const MEMORY_KIB: u32 = 65_536;
const PASSES: u32 = 3;

/// What a typed password is compared with. Kept sealed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Unlock {
    salt: String,
    stored: String,
}

impl Unlock {
    /// # Errors
    /// `internal` when the computer cannot work on the password.
    pub async fn of(password: &str) -> Result<Self> {
        let salt = hex::encode(*ids::random::<16>()?);
        let stored = stored(password, &salt).await?;
        Ok(Self { salt, stored })
    }

    /// # Errors
    /// As [`Unlock::of`].
    pub async fn is_opened_by(&self, password: &str) -> Result<bool> {
        Ok(self.stored == stored(password, &self.salt).await?)
    }
}

async fn stored(password: &str, salt: &str) -> Result<String> {
    let derivation = Derivation { salt: salt.to_owned(), memory_kib: MEMORY_KIB, passes: PASSES, lanes: 1 };
    Ok(hex::encode(Keys::derive(password, &derivation).await?.stored))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_password_of_the_last_sign_in_opens() {
        let unlock = Unlock::of("correct horse").await.unwrap();
        assert!(unlock.is_opened_by("correct horse").await.unwrap());
        assert!(!unlock.is_opened_by("correct horsf").await.unwrap());
        assert!(!serde_json::to_string(&unlock).unwrap().contains("horse"));
    }
}
