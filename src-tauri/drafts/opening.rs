//! Where the files of drafts are, what seals them, and who may open one while the server is away.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Duration, Utc};
use local_store::{LocalStore, NoRandomness, SecretKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{
    file::{note, set_note},
    outbox,
};
use crate::{
    connections::{Sensitive, keyring::Kind, secrets::Secrets},
    drafts::{Machine, file::DraftsFile},
    error::{Code, Error, Result},
    folders,
    ids::{self, OperationId, PersonId},
    sessions::{Me, Unlock},
};

const OWNER: &str = "owner";

/// Whose file it is, and what opens it without the server.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Owner {
    pub me: Me,
    /// None: never signed in here with a password since the file was begun.
    pub unlock: Option<Unlock>,
    pub last_online_at: DateTime<Utc>,
    /// The latest this computer's clock was ever seen at: setting it back gains no days.
    pub latest_seen_at: DateTime<Utc>,
}

impl Owner {
    /// The person as they are without the server: in organizations that allow it for so long.
    #[must_use]
    pub fn offline(&self, now: DateTime<Utc>) -> Option<Me> {
        let now = now.max(self.latest_seen_at);
        let mut me = self.me.clone();
        me.organizations.retain(|organization| now < self.last_online_at + days(organization.offline_days));
        (!me.organizations.is_empty()).then_some(me)
    }

    /// Until when the drafts open without the server; none: no longer.
    #[must_use]
    pub fn until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let longest = self.me.organizations.iter().map(|organization| organization.offline_days).max()?;
        let until = self.last_online_at + days(longest);
        (now.max(self.latest_seen_at) < until).then_some(until)
    }
}

fn days(days: i16) -> Duration {
    Duration::days(days.into())
}

/// Somebody whose drafts of a connection are on this computer.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct OfflinePerson {
    pub person_id: PersonId,
    pub name: String,
    pub email: String,
    /// When the server was last heard here.
    pub last_online_at: DateTime<Utc>,
    /// Until when the drafts open without the server; none: no longer.
    pub until: Option<DateTime<Utc>>,
}

/// The drafts of one connection on this computer.
pub struct Drawer {
    folder: PathBuf,
    key: Zeroizing<[u8; 32]>,
}

/// Where the drafts of the connection called `name` are.
///
/// # Errors
/// `localServer` when the account has no home directory.
pub fn folder(name: &str) -> Result<PathBuf> {
    let hash = hex::encode(Sha256::digest(name.as_bytes()));
    Ok(folders::data()?.join("drafts").join(&hash[..24]))
}

/// What of a connection's drafts is on this computer, seen from outside: nothing is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Found {
    /// One for each person.
    pub files: u32,
    /// With their attached files and journals.
    pub bytes: u64,
    /// None: nobody could be asked.
    pub has_key: Option<bool>,
}

/// Looks without opening anything. `secrets` is where the connection keeps its key; none: beside its drafts.
///
/// # Errors
/// `localServer` when the account has no home directory.
pub async fn look(name: &str, secrets: Option<&Secrets>) -> Result<Found> {
    let folder = folder(name)?;
    let has_key = match secrets {
        None => Some(folder.join("key").exists()),
        Some(secrets) => secrets.retrieve(name, Kind::Drafts).await.ok().map(|key| key.is_some()),
    };
    let (mut found, mut folders) = (Found { has_key, ..Found::default() }, vec![folder]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.metadata() {
                Ok(about) if about.is_dir() => folders.push(entry.path()),
                Ok(about) => {
                    found.bytes += about.len();
                    found.files += u32::from(entry.path().extension().is_some_and(|extension| extension == "drafts"));
                }
                Err(_) => {}
            }
        }
    }
    Ok(found)
}

impl Drawer {
    /// The one of the connection called `name`, whose secrets are kept in `secrets`. Its key is made at the first call.
    ///
    /// # Errors
    /// `keyring` in words; `invalid` where the connection keeps nothing on this computer.
    pub async fn of(name: &str, secrets: &Secrets) -> Result<Self> {
        let found = secrets.retrieve(name, Kind::Drafts).await?;
        let key = match found {
            Some(found) => key_of(found.expose())?,
            None => {
                let key = ids::random::<32>()?;
                secrets.persist(name, Kind::Drafts, &Sensitive::from(hex::encode(*key))).await?;
                key
            }
        };
        Ok(Self { folder: folder(name)?, key })
    }

    /// The one of the private server of this computer. Its data lies open in the same account's folder, so a key in a
    /// keyring would protect nothing more; the key is a file of mode 0600 beside the drafts.
    ///
    /// # Errors
    /// `localServer` when the folder cannot be written.
    pub fn of_private_server(name: &str) -> Result<Self> {
        Self::in_folder(&folder(name)?)
    }

    /// The one in this folder, with its key in a file beside it.
    ///
    /// # Errors
    /// `localServer` when the folder cannot be written.
    pub fn in_folder(folder: &Path) -> Result<Self> {
        let folder = folder.to_owned();
        let path = folder.join("key");
        if let Ok(kept) = std::fs::read_to_string(&path) {
            return Ok(Self { folder, key: key_of(kept.trim())? });
        }
        let key = ids::random::<32>()?;
        let unwritable = |cause: std::io::Error| {
            Error::new(Code::LocalServer, format!("Lectern cannot write to {}.", folder.display()))
                .next_step("Make room there or make it writable.")
                .caused_by(cause)
        };
        std::fs::create_dir_all(&folder).map_err(unwritable)?;
        let mut file = tempfile::NamedTempFile::new_in(&folder).map_err(unwritable)?;
        file.write_all(hex::encode(*key).as_bytes()).map_err(unwritable)?;
        file.as_file().sync_all().map_err(unwritable)?;
        // Two windows may start at once: the first key stands.
        match file.persist_noclobber(&path) {
            Ok(_) => Ok(Self { folder, key }),
            Err(refused) if path.exists() => {
                drop(refused);
                Self::in_folder(&folder)
            }
            Err(refused) => Err(unwritable(refused.error)),
        }
    }

    /// Opens a person's drafts, or begins them.
    ///
    /// # Errors
    /// What the file tells.
    pub async fn open(&self, person: PersonId) -> Result<DraftsFile> {
        let (path, key) = (self.path(person), self.key.clone());
        let opened = tokio::task::spawn_blocking(move || open(&path, &key)).await;
        let stopped = |cause| Error::internal("Your drafts could not be opened.").caused_by(cause);
        Ok(DraftsFile::new(opened.map_err(stopped)??, person))
    }

    #[must_use]
    pub fn path(&self, person: PersonId) -> PathBuf {
        self.folder.join(format!("{person}.drafts"))
    }

    /// Exports what can still be read of a damaged file to `export` and moves the file aside; the next [`Drawer::open`]
    /// begins anew.
    ///
    /// # Errors
    /// What the file tells; `localServer` when the export cannot be written: then nothing was moved.
    pub async fn set_aside(&self, person: PersonId, export: PathBuf) -> Result<()> {
        let (path, key) = (self.path(person), self.key.clone());
        let work = move || -> Result<()> {
            match local_store::salvage(&path, &SecretKey::new(*key)) {
                Ok(salvaged) => outbox::write(&export, &salvaged)?,
                // Nothing of it can be read; the file itself is still kept.
                Err(local_store::Error::Damaged { .. }) => {}
                Err(error) => return Err(error.into()),
            }
            local_store::set_aside(&path)?;
            Ok(())
        };
        let stopped = |cause| Error::internal("The drafts could not be set aside.").caused_by(cause);
        tokio::task::spawn_blocking(work).await.map_err(stopped)?
    }

    /// Whose drafts are here; what cannot be opened is left out.
    ///
    /// # Errors
    /// `internal` when the folder cannot be read.
    pub async fn owners(&self) -> Result<Vec<Owner>> {
        let (folder, key) = (self.folder.clone(), self.key.clone());
        let read = move || -> Vec<Owner> {
            let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path());
            let files = entries.filter(|path| path.extension().is_some_and(|extension| extension == "drafts"));
            files.filter_map(|path| owner_of(&path, &key)).collect()
        };
        tokio::task::spawn_blocking(read)
            .await
            .map_err(|cause| Error::internal("The drafts cannot be listed.").caused_by(cause))
    }
}

/// Whether the file of drafts itself is damaged.
#[must_use]
pub fn is_damage(error: &Error) -> bool {
    let cause = error.cause.as_deref().and_then(|cause| cause.downcast_ref::<local_store::Error>());
    matches!(cause, Some(local_store::Error::Damaged { .. }))
}

fn owner_of(path: &Path, key: &[u8; 32]) -> Option<Owner> {
    let store = open(path, key).ok()?;
    serde_json::from_slice(&store.note(OWNER).ok()??).ok()
}

fn open(path: &Path, key: &[u8; 32]) -> Result<LocalStore> {
    Ok(LocalStore::open(path, &SecretKey::new(*key), OperationId::new().0, fill)?)
}

fn fill(bytes: &mut [u8]) -> std::result::Result<(), NoRandomness> {
    for part in bytes.chunks_mut(32) {
        let random = ids::random::<32>().map_err(|_| NoRandomness)?;
        part.copy_from_slice(&random[..part.len()]);
    }
    Ok(())
}

fn key_of(hexadecimal: &str) -> Result<Zeroizing<[u8; 32]>> {
    let damaged = || {
        Error::new(Code::Keyring, "The key of your drafts is damaged.")
            .next_step("Restore the keyring, or the file beside the drafts, from a backup.")
    };
    let bytes = Zeroizing::new(hex::decode(hexadecimal).map_err(|_| damaged())?);
    Ok(Zeroizing::new(bytes.as_slice().try_into().map_err(|_| damaged())?))
}

/// # Errors
/// What the file tells.
pub fn owner(machine: &Machine<LocalStore>) -> Result<Option<Owner>> {
    note(machine, OWNER)
}

/// Notes that the server was heard by `me`; `unlock` replaces the one there was.
///
/// # Errors
/// What the file tells.
pub fn note_owner(machine: &mut Machine<LocalStore>, me: Me, unlock: Option<Unlock>, now: DateTime<Utc>) -> Result<()> {
    let before = owner(machine)?;
    let latest_seen_at = before.as_ref().map_or(now, |before| before.latest_seen_at.max(now));
    let unlock = unlock.or(before.and_then(|before| before.unlock));
    set_note(machine, OWNER, Some(&Owner { me, unlock, last_online_at: now, latest_seen_at }))
}

/// Notes how late it is, while the server is away.
///
/// # Errors
/// What the file tells.
pub fn note_seen(machine: &mut Machine<LocalStore>, now: DateTime<Utc>) -> Result<()> {
    match owner(machine)? {
        Some(before) if before.latest_seen_at < now => {
            set_note(machine, OWNER, Some(&Owner { latest_seen_at: now, ..before }))
        }
        _ => Ok(()),
    }
}

/// Whether the person chose not to keep this course here.
///
/// # Errors
/// What the file tells.
pub fn is_left(machine: &Machine<LocalStore>, course: Uuid) -> Result<bool> {
    Ok(note::<bool>(machine, &format!("left {course}"))?.is_some())
}

/// # Errors
/// What the file tells.
pub fn set_left(machine: &mut Machine<LocalStore>, course: Uuid, is_left: bool) -> Result<()> {
    set_note(machine, &format!("left {course}"), is_left.then_some(&true))
}
