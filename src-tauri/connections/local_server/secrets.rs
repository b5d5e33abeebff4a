//! The two passwords of a private local server, in a file only its owner reads, written whole before either is used.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    mem::take,
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use base64::{Engine, prelude::BASE64_STANDARD as STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::error::{Code, Error, Result};

const FILE: &str = "secrets.json";

pub struct Secrets {
    pub superuser: Zeroizing<String>,
    pub application: Zeroizing<String>,
    /// Made just now, so data that is there already does not know them.
    pub are_new: bool,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(…)")
    }
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
struct Kept {
    superuser: String,
    application: String,
}

impl Secrets {
    /// What stands in `directory`, or new ones, kept there.
    ///
    /// # Errors
    /// `localServer` when they can be neither read nor written.
    pub fn read_or_make(directory: &Path) -> Result<Self> {
        let file = directory.join(FILE);
        match fs::read(&file).map(Zeroizing::new) {
            Ok(text) => {
                // A file damaged by hand is as good as none: the server is told new passwords.
                if let Ok(mut kept) = serde_json::from_slice::<Kept>(&text) {
                    let (superuser, application) = (take(&mut kept.superuser), take(&mut kept.application));
                    return Ok(Self { superuser: superuser.into(), application: application.into(), are_new: false });
                }
            }
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
            Err(cause) => {
                return Err(Error::new(
                    Code::LocalServer,
                    format!("The passwords of the local server in {} cannot be read.", file.display()),
                )
                .next_step("Give the file back to your account, or remove it: Lectern then makes new ones.")
                .caused_by(cause));
            }
        }
        let secrets = Self { superuser: password()?, application: password()?, are_new: true };
        let kept = Kept { superuser: secrets.superuser.to_string(), application: secrets.application.to_string() };
        let text = Zeroizing::new(serde_json::to_vec(&kept).map_err(Error::from_json)?);
        write_whole(&file, &text).map_err(|cause| super::refusals::cannot_write(directory, cause))?;
        Ok(secrets)
    }
}

fn password() -> Result<Zeroizing<String>> {
    Ok(Zeroizing::new(hex::encode(*crate::ids::random::<32>()?)))
}

/// The file holds all of `text` or what it held before, whenever the machine stops. Readable by its owner alone.
pub fn write_whole(file: &Path, text: &[u8]) -> io::Result<()> {
    let unfinished = file.with_extension("unfinished");
    let _ = fs::remove_file(&unfinished);
    let mut output = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
    let done = output.write_all(text).and_then(|()| output.sync_all()).and_then(|()| fs::rename(&unfinished, file));
    if done.is_err() {
        let _ = fs::remove_file(&unfinished);
    }
    done?;
    file.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all())
}

/// What PostgreSQL keeps of `password` (its manual, 51.9), so that the password itself is never part of SQL text.
///
/// # Errors
/// `internal` when there is no randomness for the salt.
pub fn verifier(password: &str) -> Result<String> {
    const ROUNDS: u32 = 4096;
    let salt = crate::ids::random::<16>()?;
    Ok(verifier_with(password, &*salt, ROUNDS))
}

fn verifier_with(password: &str, salt: &[u8], rounds: u32) -> String {
    // RFC 5802 §3: Hi() is PBKDF2 with one block.
    let mut block = mac(password.as_bytes(), &[salt, &1u32.to_be_bytes()]);
    let mut salted = block;
    for _ in 1..rounds {
        block = mac(password.as_bytes(), &[&block]);
        salted.iter_mut().zip(block).for_each(|(sum, byte)| *sum ^= byte);
    }
    let mut client_key = mac(&salted, &[b"Client Key"]);
    let server_key = mac(&salted, &[b"Server Key"]);
    let stored_key = Sha256::digest(client_key);
    client_key.zeroize();
    salted.zeroize();
    format!(
        "SCRAM-SHA-256${rounds}:{}${}:{}",
        STANDARD.encode(salt),
        STANDARD.encode(stored_key),
        STANDARD.encode(server_key)
    )
}

fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes a key of any length (RFC 2104 §2), so this never fails.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verifier_is_the_one_postgresql_makes_itself() {
        // RFC 7677 §3: password "pencil", this salt, 4096 rounds. The keys follow from the exchange given there.
        let salt = [0x5b, 0x6d, 0x99, 0x68, 0x9d, 0x12, 0x35, 0x8e, 0xec, 0xa0, 0x4b, 0x14, 0x12, 0x36, 0xfa, 0x81];
        assert_eq!(
            verifier_with("pencil", &salt, 4096),
            "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
        );
    }
}
