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
                let passphrase = passphrase
                    .ok_or_else(|| Error::invalid("passphrase", "Type the passphrase of your file of secrets."))?;
                Self::File(SealedFile::open(usual_file()?, passphrase).await?)
            }
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

    /// Every secret of a connection.
    ///
    /// # Errors
    /// As [`Secrets::delete`].
    pub async fn forget(&self, connection: &str) -> Result<()> {
        for kind in Kind::ALL {
            self.delete(connection, kind).await?;
        }
        Ok(())
    }
}

/// Saves `connection` with its password, if one was typed, and leaves nothing in a keyring it does not use any more.
/// First the secret: a connection whose password was never kept would only look saved.
///
/// # Errors
/// `keyring` in words, `invalid` at the field, `localServer` when the disk refuses; then nothing was saved.
pub async fn save(
    saved: &Saved,
    connection: Connection,
    password: Option<&Sensitive>,
    passphrase: Option<&Sensitive>,
    keyring: &Keyring,
) -> Result<Connection> {
    let connection = connection.checked()?;
    let before = saved.list()?.into_iter().find(|known| is_same_name(&known.name, &connection.name));
    match (connection.secret_store, password) {
        (SecretStore::Keyring, Some(password)) => {
            keyring.persist(&connection.name, Kind::Password, password).await?;
        }
        (SecretStore::File, Some(password)) => {
            Secrets::of(&connection, passphrase).await?.persist(&connection.name, Kind::Password, password).await?;
        }
        // Typed to try the connection; the person chose that it is not kept.
        (SecretStore::Ask, Some(_)) | (_, None) => {}
    }
    if connection.secret_store != SecretStore::Keyring
        && before.is_some_and(|before| before.secret_store == SecretStore::Keyring)
    {
        forget_in(keyring, &connection.name).await?;
    }
    saved.save(connection)
}

/// Forgets a connection, its secrets first: what is left behind in a keyring nobody finds again.
///
/// # Errors
/// `notFound`; `keyring` when it is locked or dead: then the connection stays.
pub async fn remove(saved: &Saved, name: &str, keyring: &Keyring) -> Result<()> {
    let connection = saved.find(name)?;
    if connection.secret_store == SecretStore::Keyring {
        forget_in(keyring, &connection.name).await?;
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

/// The password to check a connection with: the typed one, else the kept one. A keyring that does not work is no error
/// here, since the check has a step that says so.
pub async fn for_check(connection: &Connection, typed: Option<&Sensitive>, keyring: &Keyring) -> Option<Sensitive> {
    if typed.is_some() || connection.secret_store != SecretStore::Keyring {
        return typed.cloned();
    }
    keyring.retrieve(&connection.name, Kind::Password).await.unwrap_or_default()
}

/// Where the file of secrets is unless a person chose another place.
///
/// # Errors
/// `localServer` when the account has no home directory.
pub fn usual_file() -> Result<PathBuf> {
    Ok(folders::config()?.join("secrets.sealed"))
}
