//! Secrets in a file that only a passphrase opens: Argon2id makes the key (RFC 9106), ChaCha20-Poly1305 seals (RFC 8439).
//! For people whose computer has no keyring and who chose this.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::ErrorKind,
    path::{Path, PathBuf},
};

use argon2::{Algorithm, Argon2, Params, Version};
use base64::{Engine, engine::general_purpose::STANDARD};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{
    Sensitive,
    keyring::Kind,
    saved::{plain_name, refused_by_disk, write_whole},
};
use crate::{
    error::{Code, Error, Result},
    ids,
};

const FORMAT: u32 = 1;
const MEMORY_KIB: u32 = 65_536;
const PASSES: u32 = 3;
const LANES: u32 = 1;
const SHORTEST_PASSPHRASE: usize = 12;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
struct Sealed {
    format: u32,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: String,
    nonce: String,
    sealed: String,
}

impl Sealed {
    /// What may not be changed without being noticed.
    fn head(&self) -> String {
        format!("lectern {} {} {} {} {}", self.format, self.memory_kib, self.passes, self.lanes, self.salt)
    }
}

/// An opened file: its key stays in memory, the passphrase does not.
#[derive(Clone)]
pub struct SealedFile {
    path: PathBuf,
    salt: [u8; 16],
    key: Zeroizing<[u8; 32]>,
}

impl std::fmt::Debug for SealedFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealedFile").field("path", &self.path).finish_non_exhaustive()
    }
}

type Secrets = BTreeMap<String, Zeroizing<String>>;

impl SealedFile {
    /// Opens the file, or begins one with this passphrase when there is none. Takes about a tenth of a second by design.
    ///
    /// # Errors
    /// `wrongPassword` when the passphrase does not open it, `invalid` at `passphrase` when a new one is too short or the
    /// file is damaged, `localServer` when the disk refuses.
    pub async fn open(path: impl Into<PathBuf>, passphrase: &Sensitive) -> Result<Self> {
        let (path, passphrase) = (path.into(), passphrase.clone());
        let open = tokio::task::spawn_blocking(move || Self::open_now(&path, &passphrase));
        open.await.map_err(|error| Error::internal("The file of secrets could not be opened.").caused_by(error))?
    }

    fn open_now(path: &Path, passphrase: &Sensitive) -> Result<Self> {
        let _turn = turn(path)?;
        let Some(sealed) = read(path)? else {
            if passphrase.expose().chars().count() < SHORTEST_PASSPHRASE {
                return Err(Error::invalid(
                    "passphrase",
                    format!("A passphrase that protects passwords has at least {SHORTEST_PASSPHRASE} characters."),
                )
                .next_step("Take four or five words that have nothing to do with each other."));
            }
            let salt = *ids::random::<16>()?;
            let opened =
                Self { path: path.to_owned(), salt, key: derive(passphrase, &salt, MEMORY_KIB, PASSES, LANES)? };
            opened.write(&Secrets::new())?;
            return Ok(opened);
        };
        // A file that somebody changed must not make this computer hash for hours, or hardly at all.
        let is_sane = sealed.format == FORMAT
            && (19_456..=1_048_576).contains(&sealed.memory_kib)
            && (2..=10).contains(&sealed.passes)
            && (1..=8).contains(&sealed.lanes);
        let salt = decoded(&sealed.salt).and_then(|salt| <[u8; 16]>::try_from(salt).ok());
        let (true, Some(salt)) = (is_sane, salt) else { return Err(damaged(path)) };
        let key = derive(passphrase, &salt, sealed.memory_kib, sealed.passes, sealed.lanes)?;
        let opened = Self { path: path.to_owned(), salt, key };
        opened.unseal(&sealed)?;
        Ok(opened)
    }

    /// # Errors
    /// As [`SealedFile::open`].
    pub fn persist(&self, connection: &str, kind: Kind, secret: &Sensitive) -> Result<()> {
        self.change(|secrets| {
            secrets.insert(place(connection, kind), Zeroizing::new(secret.expose().to_owned()));
        })
    }

    /// # Errors
    /// As [`SealedFile::open`].
    pub fn retrieve(&self, connection: &str, kind: Kind) -> Result<Option<Sensitive>> {
        let _turn = turn(&self.path)?;
        let secrets = self.current()?;
        Ok(secrets.get(&place(connection, kind)).map(|secret| Sensitive::from(secret.as_str())))
    }

    /// Whether the file still is the one that was opened: another program may have begun a new one meanwhile.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.path.exists() && turn(&self.path).and_then(|_turn| self.current()).is_ok()
    }

    /// # Errors
    /// As [`SealedFile::open`].
    pub fn delete(&self, connection: &str, kind: Kind) -> Result<()> {
        self.change(|secrets| {
            secrets.remove(&place(connection, kind));
        })
    }

    fn change(&self, change: impl FnOnce(&mut Secrets)) -> Result<()> {
        let _turn = turn(&self.path)?;
        let mut secrets = self.current()?;
        change(&mut secrets);
        self.write(&secrets)
    }

    fn current(&self) -> Result<Secrets> {
        match read(&self.path)? {
            None => Ok(Secrets::new()),
            Some(sealed) => self.unseal(&sealed),
        }
    }

    fn unseal(&self, sealed: &Sealed) -> Result<Secrets> {
        let nonce = decoded(&sealed.nonce).and_then(|nonce| <[u8; 12]>::try_from(nonce).ok());
        let (Some(nonce), Some(bytes)) = (nonce, decoded(&sealed.sealed)) else { return Err(damaged(&self.path)) };
        let mut bytes = Zeroizing::new(bytes);
        let plain = self
            .cipher()?
            .open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(sealed.head()), &mut bytes)
            .map_err(|_| wrong_passphrase())?;
        let plain: BTreeMap<String, String> = serde_json::from_slice(plain).map_err(Error::from_json)?;
        Ok(plain.into_iter().map(|(place, secret)| (place, Zeroizing::new(secret))).collect())
    }

    fn write(&self, secrets: &Secrets) -> Result<()> {
        let plain: BTreeMap<&str, &str> =
            secrets.iter().map(|(place, secret)| (place.as_str(), secret.as_str())).collect();
        let mut bytes = Zeroizing::new(serde_json::to_vec(&plain).map_err(Error::from_json)?);
        // Never the same one twice for a key: 96 random bits for the few hundred times a person saves a password.
        let nonce = *ids::random::<12>()?;
        let mut sealed = Sealed {
            format: FORMAT,
            memory_kib: MEMORY_KIB,
            passes: PASSES,
            lanes: LANES,
            salt: STANDARD.encode(self.salt),
            nonce: STANDARD.encode(nonce),
            sealed: String::new(),
        };
        self.cipher()?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(sealed.head()), &mut *bytes)
            .map_err(|_| Error::internal("The secrets could not be sealed."))?;
        sealed.sealed = STANDARD.encode(&*bytes);
        write_whole(&self.path, &serde_json::to_vec_pretty(&sealed).map_err(Error::from_json)?)
    }

    fn cipher(&self) -> Result<LessSafeKey> {
        let key = UnboundKey::new(&CHACHA20_POLY1305, &*self.key)
            .map_err(|_| Error::internal("The key has the wrong length."))?;
        Ok(LessSafeKey::new(key))
    }
}

fn place(connection: &str, kind: Kind) -> String {
    format!("{} {}", kind.word(), plain_name(connection))
}

fn derive(
    passphrase: &Sensitive,
    salt: &[u8; 16],
    memory_kib: u32,
    passes: u32,
    lanes: u32,
) -> Result<Zeroizing<[u8; 32]>> {
    let hashing =
        |error: argon2::Error| Error::internal("The passphrase could not be hashed.").caused_by(error.to_string());
    let params = Params::new(memory_kib, passes, lanes, Some(32)).map_err(hashing)?;
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.expose().as_bytes(), salt, &mut *key)
        .map_err(hashing)?;
    Ok(key)
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

fn read(path: &Path) -> Result<Option<Sealed>> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|_| damaged(path)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(refused_by_disk(path, error)),
    }
}

fn turn(path: &Path) -> Result<File> {
    let lock = path.with_extension("lock");
    if let Some(folder) = lock.parent() {
        fs::create_dir_all(folder).map_err(|error| refused_by_disk(folder, error))?;
    }
    let file = File::options().create(true).truncate(false).write(true).open(&lock);
    let file = file.map_err(|error| refused_by_disk(&lock, error))?;
    file.lock().map_err(|error| refused_by_disk(&lock, error))?;
    Ok(file)
}

fn wrong_passphrase() -> Error {
    Error::new(Code::WrongPassword, "This passphrase does not open the file of secrets.")
        .at("passphrase")
        .next_step("Type it again. If it is lost, remove the file; the passwords in it have to be typed anew.")
}

fn damaged(path: &Path) -> Error {
    Error::new(Code::Invalid, format!("The file of secrets {} is damaged.", path.display()))
        .next_step("Put it back from a backup, or move it away and type the passwords anew.")
}
