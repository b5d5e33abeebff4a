//! The Secret Service of D-Bus desktops, spoken to directly: it can be asked whether it is locked without raising a
//! prompt, and dropping a call closes the bus connection, which takes the prompt away with it.

use std::{collections::HashMap, time::Duration};

use secret_service::{Collection, EncryptionType, Error, SecretService};
use tokio::time::timeout;
use zbus::connection::Builder;
use zeroize::Zeroizing;

use super::{Failure, Keyring, KeyringHealth};
use crate::connections::saved::plain_name;

type Result<T, E = Failure> = std::result::Result<T, E>;

impl Keyring {
    async fn service(&self) -> Result<SecretService<'static>> {
        let reach = async {
            let builder = match &self.bus {
                Some(address) => Builder::address(address.as_str()),
                None => Builder::session(),
            };
            let bus = builder.map_err(no_bus)?.method_timeout(self.time_to_answer).build().await.map_err(no_bus)?;
            SecretService::connect_with_existing(EncryptionType::Dh, bus).await.map_err(explain)
        };
        timeout(self.time_to_answer, reach).await.map_err(|_| silent())?
    }

    async fn within<T>(&self, patience: Duration, call: impl Future<Output = Result<T, Error>>) -> Result<T> {
        timeout(patience, call).await.map_err(|_| silent())?.map_err(explain)
    }

    pub(super) async fn is_locked(&self) -> Result<bool> {
        let service = self.service().await?;
        self.within(self.time_to_answer, async { home(&service).await?.is_locked().await }).await
    }

    /// Asks the person to unlock it, once.
    async fn unlock(&self, collection: &Collection<'_>) -> Result<()> {
        if !self.within(self.time_to_answer, collection.is_locked()).await? {
            return Ok(());
        }
        let locked = |cause: Box<dyn std::error::Error + Send + Sync>| Failure { health: KeyringHealth::Locked, cause };
        match timeout(self.time_to_unlock, collection.unlock()).await {
            Err(_) => Err(locked("the prompt was not answered".into())),
            // Dismissed, or nothing on this desktop can show a prompt.
            Ok(Err(error)) => match explain(error) {
                gone @ Failure { health: KeyringHealth::Missing, .. } => Err(gone),
                failure => Err(locked(failure.cause)),
            },
            Ok(Ok(())) => match self.within(self.time_to_answer, collection.is_locked()).await? {
                true => Err(locked("it stayed locked".into())),
                false => Ok(()),
            },
        }
    }

    pub(super) async fn store(&self, connection: &str, kind: &str, secret: &[u8]) -> Result<()> {
        let name = plain_name(connection);
        let service = self.service().await?;
        let collection = self.within(self.time_to_answer, home(&service)).await?;
        self.unlock(&collection).await?;
        let label = format!("Lectern: {connection} ({kind})");
        // Found and changed, not replaced on creation: some keyrings then keep both.
        let items = self.within(self.time_to_answer, collection.search_items(attributes(&name, kind))).await?;
        match items.first() {
            Some(item) => self.within(self.time_to_answer, item.set_secret(secret, "text/plain")).await,
            None => {
                let create = collection.create_item(&label, attributes(&name, kind), secret, true, "text/plain");
                self.within(self.time_to_answer, create).await.map(drop)
            }
        }
    }

    pub(super) async fn load(&self, connection: &str, kind: &str) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let name = plain_name(connection);
        let service = self.service().await?;
        let collection = match self.within(self.time_to_answer, home(&service)).await {
            Ok(collection) => collection,
            // A keyring without a place for secrets has none.
            Err(Failure { health: KeyringHealth::Missing, cause }) if cause.is::<NoCollection>() => return Ok(None),
            Err(failure) => return Err(failure),
        };
        let items = self.within(self.time_to_answer, collection.search_items(attributes(&name, kind))).await?;
        let Some(item) = items.first() else {
            // A locked one may not tell what it holds; most do, by the attributes.
            return Ok(None);
        };
        self.unlock(&collection).await?;
        self.within(self.time_to_answer, item.get_secret()).await.map(|secret| Some(Zeroizing::new(secret)))
    }

    pub(super) async fn erase(&self, connection: &str, kind: &str) -> Result<()> {
        let name = plain_name(connection);
        let service = self.service().await?;
        let collection = self.within(self.time_to_answer, home(&service)).await?;
        let items = self.within(self.time_to_answer, collection.search_items(attributes(&name, kind))).await?;
        if items.is_empty() {
            return Ok(());
        }
        self.unlock(&collection).await?;
        for item in items {
            self.within(self.time_to_answer, item.delete()).await?;
        }
        Ok(())
    }
}

/// The collection the desktop unlocks at sign-in. Never the “session” one, which forgets at sign-out.
async fn home<'a>(service: &'a SecretService<'_>) -> Result<Collection<'a>, Error> {
    service.get_default_collection().await
}

fn attributes<'a>(name: &'a str, kind: &'a str) -> HashMap<&'a str, &'a str> {
    HashMap::from([("application", "lectern"), ("connection", name), ("kind", kind)])
}

/// There is a service, but nothing in it where secrets could be kept.
#[derive(Debug, thiserror::Error)]
#[error("the keyring has no default collection")]
struct NoCollection;

fn no_bus(cause: zbus::Error) -> Failure {
    let health = match &cause {
        zbus::Error::Address(_) => KeyringHealth::Missing,
        zbus::Error::Connection(error, _) | zbus::Error::InputOutput(error)
            if error.kind() == std::io::ErrorKind::NotFound =>
        {
            KeyringHealth::Missing
        }
        _ => KeyringHealth::Dead,
    };
    Failure { health, cause: cause.into() }
}

fn silent() -> Failure {
    Failure { health: KeyringHealth::Dead, cause: "it did not answer in time".into() }
}

fn explain(cause: Error) -> Failure {
    let health = match &cause {
        Error::NoResult => return Failure { health: KeyringHealth::Missing, cause: NoCollection.into() },
        Error::Unavailable => KeyringHealth::Missing,
        Error::Locked | Error::Prompt => KeyringHealth::Locked,
        Error::Zbus(error) => explain_bus(error),
        Error::ZbusFdo(error) => explain_fdo(error),
        _ => KeyringHealth::Dead,
    };
    Failure { health, cause: cause.into() }
}

fn explain_bus(error: &zbus::Error) -> KeyringHealth {
    match error {
        zbus::Error::FDO(error) => explain_fdo(error),
        // What the specification answers, on a name of its own (Secret Service API 0.2, “Errors”).
        zbus::Error::MethodError(name, ..) if name.as_str() == "org.freedesktop.Secret.Error.IsLocked" => {
            KeyringHealth::Locked
        }
        zbus::Error::MethodError(name, ..) if NOBODY.contains(&name.as_str()) => KeyringHealth::Missing,
        zbus::Error::InterfaceNotFound => KeyringHealth::Missing,
        _ => KeyringHealth::Dead,
    }
}

fn explain_fdo(error: &zbus::fdo::Error) -> KeyringHealth {
    match error {
        zbus::fdo::Error::ServiceUnknown(_) | zbus::fdo::Error::NameHasNoOwner(_) => KeyringHealth::Missing,
        zbus::fdo::Error::ZBus(error) => explain_bus(error),
        _ => KeyringHealth::Dead,
    }
}

const NOBODY: [&str; 2] = ["org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner"];
