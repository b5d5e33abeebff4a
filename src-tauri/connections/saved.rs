//! Saved connections in the configuration directory: `connections.toml`, readable by its owner only, never a secret.

use std::{
    fs::{self, File},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{Connection, SecretStore, Tls};
use crate::{
    error::{Code, Error, Result},
    folders, ids,
};

const FILE: &str = "connections.toml";
const FORMAT: u32 = 1;

/// The saved connections of one configuration directory, shared by windows and the command line.
#[derive(Clone, Debug)]
pub struct Saved {
    folder: PathBuf,
}

/// The file as IT may write it by hand: libpq's words for TLS, everything usual left out.
#[derive(Serialize, Deserialize)]
struct Book {
    #[serde(default = "format")]
    format: u32,
    #[serde(default, rename = "connection", skip_serializing_if = "Vec::is_empty")]
    connections: Vec<Kept>,
}

fn format() -> u32 {
    FORMAT
}

#[derive(Serialize, Deserialize)]
#[serde(try_from = "Entry", into = "Entry")]
#[derive(Clone)]
struct Kept(Connection);

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    host: String,
    #[serde(default = "usual_port")]
    port: u16,
    database: String,
    user: String,
    tls: Option<TlsWord>,
    ca_file: Option<String>,
    client_certificate: Option<String>,
    client_key: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    fallback_hosts: Vec<String>,
    #[serde(default)]
    secret_store: StoreWord,
}

fn usual_port() -> u16 {
    5432
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum TlsWord {
    VerifyFull,
    VerifyCa,
    Require,
    Off,
}

#[derive(Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum StoreWord {
    #[default]
    Keyring,
    Ask,
    File,
}

impl TryFrom<Entry> for Kept {
    type Error = String;

    fn try_from(entry: Entry) -> std::result::Result<Self, String> {
        let tls = match entry.tls {
            None => Tls::default_for(&entry.host),
            Some(TlsWord::VerifyFull) => Tls::VerifyFull,
            Some(TlsWord::VerifyCa) => Tls::VerifyCa,
            Some(TlsWord::Require) => Tls::Require,
            Some(TlsWord::Off) => Tls::Off,
        };
        let connection = Connection {
            name: entry.name,
            host: entry.host,
            port: entry.port,
            database: entry.database,
            user: entry.user,
            tls,
            ca_file: entry.ca_file,
            client_certificate: entry.client_certificate,
            client_key: entry.client_key,
            fallback_hosts: entry.fallback_hosts,
            secret_store: match entry.secret_store {
                StoreWord::Keyring => SecretStore::Keyring,
                StoreWord::Ask => SecretStore::Ask,
                StoreWord::File => SecretStore::File,
            },
        };
        connection.checked().map(Kept).map_err(|error| error.message)
    }
}

impl From<Kept> for Entry {
    fn from(Kept(connection): Kept) -> Self {
        Self {
            name: connection.name,
            host: connection.host,
            port: connection.port,
            database: connection.database,
            user: connection.user,
            tls: Some(match connection.tls {
                Tls::VerifyFull => TlsWord::VerifyFull,
                Tls::VerifyCa => TlsWord::VerifyCa,
                Tls::Require => TlsWord::Require,
                Tls::Off => TlsWord::Off,
            }),
            ca_file: connection.ca_file,
            client_certificate: connection.client_certificate,
            client_key: connection.client_key,
            fallback_hosts: connection.fallback_hosts,
            secret_store: match connection.secret_store {
                SecretStore::Keyring => StoreWord::Keyring,
                SecretStore::Ask => StoreWord::Ask,
                SecretStore::File => StoreWord::File,
            },
        }
    }
}

impl Saved {
    /// The connections of this account.
    ///
    /// # Errors
    /// `localServer` when the account has no home directory.
    pub fn of_this_account() -> Result<Self> {
        Ok(Self::at(folders::config()?))
    }

    #[must_use]
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// All of them by name. A damaged file is told by its line and set aside, so the next call starts afresh.
    ///
    /// # Errors
    /// `invalid` when the file was damaged, `localServer` when it cannot be read.
    pub fn list(&self) -> Result<Vec<Connection>> {
        let _turn = self.turn()?;
        self.read()
    }

    /// # Errors
    /// `notFound` when no connection has this name (in any case), and as [`Saved::list`].
    pub fn find(&self, name: &str) -> Result<Connection> {
        let known = self.list()?;
        let names: Vec<&str> = known.iter().map(|connection| connection.name.as_str()).collect();
        let next_step = if names.is_empty() {
            "Save one with `lectern connections add`, or in the window.".to_owned()
        } else {
            format!("Saved are: {}.", names.join(", "))
        };
        known.iter().find(|connection| is_same_name(&connection.name, name)).cloned().ok_or_else(|| {
            Error::new(Code::NotFound, format!("No connection named “{}” is saved.", shown(name)))
                .at("name")
                .next_step(next_step)
        })
    }

    /// Adds `connection`, or replaces the one of this name. Gives it back as it was kept.
    ///
    /// # Errors
    /// `invalid` at the field; `invalid` without a field when the file was damaged; `localServer` when the disk refuses.
    pub fn save(&self, connection: Connection) -> Result<Connection> {
        let connection = connection.checked()?;
        let _turn = self.turn()?;
        let mut known = self.read()?;
        known.retain(|other| !is_same_name(&other.name, &connection.name));
        known.push(connection.clone());
        self.write(known)?;
        Ok(connection)
    }

    /// Forgets it, with its device id and its pinned certificate. Its secrets are the keyring's.
    ///
    /// # Errors
    /// `notFound`, and as [`Saved::save`].
    pub fn remove(&self, name: &str) -> Result<()> {
        let kept = self.find(name)?;
        let _turn = self.turn()?;
        let mut known = self.read()?;
        known.retain(|other| !is_same_name(&other.name, &kept.name));
        self.write(known)?;
        for left in [self.own_file("devices", name, "id"), self.own_file("certificates", name, "pem")] {
            match fs::remove_file(&left) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(refused_by_disk(&left, error)),
                _ => {}
            }
        }
        Ok(())
    }

    /// The 32 bytes by which a server knows this installation again. No secret opens with them; they only keep the
    /// failures of strangers from locking this device out, so a file is where they live, with or without a keyring.
    ///
    /// # Errors
    /// `localServer` when the disk refuses.
    pub fn device(&self, name: &str) -> Result<Zeroizing<[u8; 32]>> {
        let _turn = self.turn()?;
        let path = self.own_file("devices", name, "id");
        match fs::read(&path) {
            Ok(bytes) => {
                if let Ok(known) = <[u8; 32]>::try_from(bytes.as_slice()) {
                    return Ok(Zeroizing::new(known));
                }
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(refused_by_disk(&path, error)),
        }
        let device = ids::random::<32>()?;
        write_whole(&path, &*device)?;
        Ok(device)
    }

    /// Trusts exactly `certificate` (DER) for this connection from now on: a person saw its fingerprint and agreed.
    ///
    /// # Errors
    /// `localServer` when the disk refuses.
    pub fn pin(&self, mut connection: Connection, certificate: &[u8]) -> Result<Connection> {
        let path = self.own_file("certificates", &connection.name, "pem");
        write_whole(&path, super::tls::to_pem(certificate).as_bytes())?;
        connection.ca_file = Some(path.to_string_lossy().into_owned());
        // The name on such a certificate is rarely the host's; who it is, the fingerprint said.
        connection.tls = Tls::VerifyCa;
        self.save(connection)
    }

    fn own_file(&self, kind: &str, name: &str, ending: &str) -> PathBuf {
        let digest = hex::encode(Sha256::digest(plain_name(name).as_bytes()));
        self.folder.join(kind).join(format!("{}.{ending}", digest.get(..16).unwrap_or(&digest)))
    }

    fn path(&self) -> PathBuf {
        let path = self.folder.join(FILE);
        // People who keep their settings elsewhere link to them; the link stays.
        fs::canonicalize(&path).unwrap_or(path)
    }

    /// One reader or writer at a time, across processes; ends with the returned file.
    fn turn(&self) -> Result<File> {
        create_private(&self.folder)?;
        let path = self.folder.join(".connections.lock");
        let lock = File::options().create(true).truncate(false).write(true).open(&path);
        let lock = lock.map_err(|error| refused_by_disk(&path, error))?;
        lock.lock().map_err(|error| refused_by_disk(&path, error))?;
        Ok(lock)
    }

    fn read(&self) -> Result<Vec<Connection>> {
        let path = self.path();
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(refused_by_disk(&path, error)),
        };
        let text = match std::str::from_utf8(&bytes) {
            Ok(text) => text,
            Err(error) => {
                let line = line_at(&bytes, error.valid_up_to());
                return Err(self.set_aside(&path, line, "this is not UTF-8 text"));
            }
        };
        if newer_format(text) {
            return Err(Error::new(Code::Invalid, format!("{} was written by a newer Lectern.", path.display()))
                .next_step("Update Lectern on this computer."));
        }
        let book: Book = match toml::from_str(text) {
            Ok(book) => book,
            Err(error) => {
                let line = line_at(&bytes, error.span().map_or(bytes.len(), |span| span.start));
                return Err(self.set_aside(&path, line, error.message().trim_end_matches('.')));
            }
        };
        let mut connections: Vec<Connection> =
            book.connections.into_iter().map(|Kept(connection)| connection).collect();
        connections.sort_by_key(|connection| connection.name.to_lowercase());
        if let Some(twice) = connections.windows(2).find_map(|pair| match pair {
            [one, other] if is_same_name(&one.name, &other.name) => Some(other.name.clone()),
            _ => None,
        }) {
            return Err(self.set_aside(
                &path,
                last_line_naming(text, &twice),
                &format!("“{twice}” stands there twice"),
            ));
        }
        Ok(connections)
    }

    fn set_aside(&self, path: &Path, line: usize, why: &str) -> Error {
        let kept = (1..)
            .map(|number| path.with_file_name(format!("{FILE}.damaged-{number}")))
            .find(|candidate| !candidate.exists())
            .unwrap_or_else(|| path.with_file_name(format!("{FILE}.damaged")));
        match fs::rename(path, &kept) {
            Ok(()) => Error::new(
                Code::Invalid,
                format!("The saved connections could not be read: line {line} of {FILE}: {why}."),
            )
            .next_step(format!(
                "The file is kept as {}. Mend that line and give it its old name back, or save your connections anew.",
                kept.display()
            )),
            Err(error) => refused_by_disk(path, error),
        }
    }

    fn write(&self, mut connections: Vec<Connection>) -> Result<()> {
        connections.sort_by_key(|connection| connection.name.to_lowercase());
        let book = Book { format: FORMAT, connections: connections.into_iter().map(Kept).collect() };
        let text = toml::to_string(&book)
            .map_err(|error| Error::internal("The connections could not be written down.").caused_by(error))?;
        write_whole(&self.path(), text.as_bytes())
    }
}

/// Names are the same in any case, however their accents are composed.
pub(crate) fn is_same_name(one: &str, other: &str) -> bool {
    plain_name(one) == plain_name(other)
}

/// What the same names have in common: files and secrets are kept under it.
pub(crate) fn plain_name(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    name.trim().nfc().collect::<String>().to_lowercase()
}

fn newer_format(text: &str) -> bool {
    #[derive(Deserialize)]
    struct Head {
        format: u32,
    }
    toml::from_str::<Head>(text).is_ok_and(|head| head.format > FORMAT)
}

fn line_at(bytes: &[u8], offset: usize) -> usize {
    bytes.iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
}

fn last_line_naming(text: &str, name: &str) -> usize {
    text.lines()
        .enumerate()
        .filter(|(_, line)| line.starts_with("name") && line.contains(name))
        .last()
        .map_or(1, |(n, _)| n + 1)
}

/// What a person typed, fit to be shown back: visible and short.
pub(crate) fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(60).collect()
}

/// Writes all or nothing, readable by the owner only: whoever reads meanwhile sees the old or the new file.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    create_private(folder)?;
    let write = || -> std::io::Result<()> {
        let mut file = tempfile::Builder::new().prefix(".writing-").tempfile_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        #[cfg(unix)]
        File::open(folder)?.sync_all()?;
        Ok(())
    };
    write().map_err(|error| refused_by_disk(path, error))
}

fn create_private(folder: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| refused_by_disk(folder, error))
}

pub(crate) fn refused_by_disk(path: &Path, error: std::io::Error) -> Error {
    let (why, next_step) = match error.kind() {
        ErrorKind::PermissionDenied => ("this account may not read or change it", "Give this account its files back"),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => ("the disk is full", "Make room on that disk"),
        ErrorKind::ReadOnlyFilesystem => ("that disk takes no changes", "Make it writable"),
        ErrorKind::IsADirectory => ("it is a directory", "Move it away"),
        _ => ("the system refused", "See the log for the reason"),
    };
    Error::new(Code::LocalServer, format!("{} could not be used: {why}.", path.display()))
        .next_step(format!("{next_step}, or set LECTERN_CONFIG_DIR to a directory that can be written."))
        .caused_by(error)
}
