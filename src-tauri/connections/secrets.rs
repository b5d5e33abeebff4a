//! Where a connection's secrets are: the one place it names, never another in silence.

use std::path::PathBuf;

use super::{
    Connection, SecretStore, Sensitive,
    keyring::{Keyring, KeyringHealth, Kind},
    saved::{Saved, is_same_name},
    sealed_file::SealedFile,
};
use crate::{
    error::{Code, Error, Result},
    folders,
};

/// The opened place of one connection's secrets.
#[derive(Debug)]
pub enum Secrets {
    Keyring(Keyring),
    /// Nothing is kept; each start asks.
    Ask,
    File(SealedFile),
}

impl Secrets {
    /// `passphrase` opens the file of secrets and is needed for that place only.
    ///
    /// # Errors
    /// `invalid` at `passphrase` when it is missing, and as [`SealedFile::open`].
    pub async fn of(connection: &Connection, passphrase: Option<&Sensitive>) -> Result<Self> {
        Ok(match connection.secret_store {
            SecretStore::Keyring => Self::Keyring(Keyring::default()),
            SecretStore::Ask => Self::Ask,
            SecretStore::File => {
                Self::File(SealedFile::open(usual_file()?, passphrase.ok_or_else(passphrase_needed)?).await?)
            }
        })
    }

    /// The place a connection chose, of two that are there: `file` is the file of secrets, opened.
    ///
    /// # Errors
    /// `invalid` at `passphrase` when the file is not open yet.
    pub fn at(store: SecretStore, file: Option<&SealedFile>, keyring: &Keyring) -> Result<Self> {
        Ok(match store {
            SecretStore::Keyring => Self::Keyring(keyring.clone()),
            SecretStore::Ask => Self::Ask,
            SecretStore::File => Self::File(file.cloned().ok_or_else(passphrase_needed)?),
        })
    }

    /// The database password to connect with. None: nothing is kept; servers that ask for none still let us in.
    ///
    /// # Errors
    /// `keyring` when it is missing, locked or dead; as [`SealedFile::open`].
    pub async fn password(&self, connection: &Connection) -> Result<Option<Sensitive>> {
        self.retrieve(&connection.name, Kind::Password).await
    }

    /// # Errors
    /// `keyring` when it is missing, locked or dead; as [`SealedFile::open`].
    pub async fn retrieve(&self, connection: &str, kind: Kind) -> Result<Option<Sensitive>> {
        match self {
            Self::Keyring(keyring) => keyring.retrieve(connection, kind).await,
            Self::Ask => Ok(None),
            Self::File(file) => file.retrieve(connection, kind),
        }
    }

    /// # Errors
    /// `keyring` in words; `invalid` where nothing is kept: the person chose that.
    pub async fn persist(&self, connection: &str, kind: Kind, secret: &Sensitive) -> Result<()> {
        match self {
            Self::Keyring(keyring) => keyring.persist(connection, kind, secret).await,
            Self::Ask => Err(Error::new(Code::Invalid, "This connection asks each time and keeps nothing.")
                .at("secretStore")
                .next_step("Choose the keyring for this connection to keep it.")),
            Self::File(file) => file.persist(connection, kind, secret),
        }
    }

    /// # Errors
    /// `keyring` in words; as [`SealedFile::open`].
    pub async fn delete(&self, connection: &str, kind: Kind) -> Result<()> {
        match self {
            Self::Keyring(keyring) => keyring.delete(connection, kind).await,
            Self::Ask => Ok(()),
            Self::File(file) => file.delete(connection, kind),
        }
    }

    /// Every secret of a connection but the key of its drafts.
    ///
    /// # Errors
    /// As [`Secrets::delete`].
    pub async fn forget(&self, connection: &str) -> Result<()> {
        for kind in Kind::FORGOTTEN {
            self.delete(connection, kind).await?;
        }
        Ok(())
    }
}

/// Saves `connection` with its password, if one was typed; without one, the kept one stays kept. Another place takes over
/// what the former one kept, and the former one forgets it: never two. First the secret: a connection whose password was
/// never kept would only look saved. `file` is the file of secrets, opened.
///
/// # Errors
/// `keyring` in words, `invalid` at the field (at `passphrase` when the file has to be opened first, at `password` when the
/// keyring does not give it back), `localServer` when the disk refuses; then nothing was saved.
pub async fn save(
    saved: &Saved,
    connection: Connection,
    password: Option<&Sensitive>,
    file: Option<&SealedFile>,
    keyring: &Keyring,
) -> Result<Connection> {
    let connection = connection.checked()?;
    let before = saved.list()?.into_iter().find(|known| is_same_name(&known.name, &connection.name));
    let left = before.map(|before| before.secret_store).filter(|store| *store != connection.secret_store);
    let former = match left {
        Some(store) => former(store, file, keyring).await?,
        None => None,
    };
    if left == Some(SecretStore::Keyring)
        && former.is_none()
        && password.is_none()
        && connection.secret_store == SecretStore::File
    {
        return Err(Error::invalid("password", "The keyring does not give the password back.")
            .next_step("Type it again, to keep it in the file."));
    }
    // What was typed to try a connection that asks each time is not kept: the person chose that.
    if connection.secret_store != SecretStore::Ask {
        let mut kept = Vec::new();
        if let Some(former) = former.as_ref() {
            for kind in Kind::ALL {
                if let Some(secret) = former.retrieve(&connection.name, kind).await? {
                    kept.push((kind, secret));
                }
            }
        }
        if let Some(password) = password {
            kept.retain(|(kind, _)| *kind != Kind::Password);
            kept.push((Kind::Password, password.clone()));
        }
        if !kept.is_empty() {
            let place = Secrets::at(connection.secret_store, file, keyring)?;
            for (kind, secret) in &kept {
                place.persist(&connection.name, *kind, secret).await?;
            }
        }
    }
    if let Some(former) = former {
        former.forget(&connection.name).await?;
        if connection.secret_store != SecretStore::Ask {
            former.delete(&connection.name, Kind::Drafts).await?;
        }
    }
    saved.save(connection)
}

/// The place a connection leaves, opened. None: it kept nothing, or a keyring that does not work keeps it where nobody
/// reaches it; leaving such a keyring is what people change the place for.
async fn former(store: SecretStore, file: Option<&SealedFile>, keyring: &Keyring) -> Result<Option<Secrets>> {
    match store {
        SecretStore::Ask => Ok(None),
        SecretStore::Keyring => {
            let state = keyring.state().await.state;
            if state != KeyringHealth::Working {
                tracing::warn!(keyring.state = ?state, "a connection leaves a keyring that does not work");
                return Ok(None);
            }
            Ok(Some(Secrets::Keyring(keyring.clone())))
        }
        SecretStore::File if file.is_none() && !usual_file()?.exists() => Ok(None),
        SecretStore::File => Secrets::at(store, file, keyring).map(Some),
    }
}

/// Forgets a connection, its secrets first: what is left behind in a keyring nobody finds again. Without its opened `file`
/// a sealed password stays in there, where nobody reads it: somebody who lost the passphrase still gets rid of the
/// connection.
///
/// # Errors
/// `notFound`; `keyring` when it is locked or dead: then the connection stays.
pub async fn remove(saved: &Saved, name: &str, file: Option<&SealedFile>, keyring: &Keyring) -> Result<()> {
    let connection = saved.find(name)?;
    match (connection.secret_store, file) {
        (SecretStore::Keyring, _) => forget_in(keyring, &connection.name).await?,
        (SecretStore::File, Some(file)) => Secrets::File(file.clone()).forget(&connection.name).await?,
        (SecretStore::File, None) | (SecretStore::Ask, _) => {}
    }
    saved.remove(&connection.name)
}

/// A computer without a keyring keeps nothing in one.
async fn forget_in(keyring: &Keyring, name: &str) -> Result<()> {
    match keyring.forget(name).await {
        Err(_) if keyring.state().await.state == KeyringHealth::Missing => Ok(()),
        outcome => outcome,
    }
}

/// The password to check a connection with: the typed one, else the kept one where it can be read. A keyring that does not
/// work is no error here, since the check has a step that says so.
pub async fn for_check(
    connection: &Connection,
    typed: Option<&Sensitive>,
    file: Option<&SealedFile>,
    keyring: &Keyring,
) -> Option<Sensitive> {
    if typed.is_some() {
        return typed.cloned();
    }
    let place = Secrets::at(connection.secret_store, file, keyring).ok()?;
    place.password(connection).await.unwrap_or_default()
}

fn passphrase_needed() -> Error {
    Error::invalid("passphrase", "Type the passphrase of your file of secrets.")
}

/// Where the file of secrets is unless a person chose another place.
///
/// # Errors
/// `localServer` when the account has no home directory.
pub fn usual_file() -> Result<PathBuf> {
    Ok(folders::config()?.join("secrets.sealed"))
}
