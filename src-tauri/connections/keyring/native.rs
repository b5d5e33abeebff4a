//! The keychain of macOS and the credential manager of Windows.

use std::time::Duration;

use keyring::Entry;
use zeroize::Zeroizing;

use super::{Failure, Keyring, KeyringHealth};
use crate::connections::saved::plain_name;

impl Keyring {
    async fn ask<T: Send + 'static>(
        &self,
        connection: &str,
        kind: &str,
        patience: Duration,
        call: impl FnOnce(Entry) -> keyring::Result<T> + Send + 'static,
    ) -> Result<Option<T>, Failure> {
        let (service, kind) = (format!("Lectern: {}", plain_name(connection)), kind.to_owned());
        let call = tokio::task::spawn_blocking(move || Entry::new(&service, &kind).and_then(call));
        match tokio::time::timeout(patience, call).await {
            Err(_) => Err(Failure { health: KeyringHealth::Locked, cause: "the prompt was not answered".into() }),
            Ok(Err(panicked)) => Err(Failure { health: KeyringHealth::Dead, cause: panicked.into() }),
            Ok(Ok(Ok(answer))) => Ok(Some(answer)),
            Ok(Ok(Err(keyring::Error::NoEntry))) => Ok(None),
            Ok(Ok(Err(error))) => {
                let health = match &error {
                    keyring::Error::NoStorageAccess(_) => KeyringHealth::Locked,
                    keyring::Error::NoDefaultStore => KeyringHealth::Missing,
                    _ => KeyringHealth::Dead,
                };
                Err(Failure { health, cause: error.into() })
            }
        }
    }

    // These unlock with the account; a prompt shows at the first use.
    pub(super) async fn is_locked(&self) -> Result<bool, Failure> {
        Ok(false)
    }

    pub(super) async fn store(&self, connection: &str, kind: &str, secret: &[u8]) -> Result<(), Failure> {
        let secret = Zeroizing::new(secret.to_vec());
        self.ask(connection, kind, self.time_to_unlock, move |entry| entry.set_secret(&secret)).await.map(drop)
    }

    pub(super) async fn load(&self, connection: &str, kind: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        Ok(self.ask(connection, kind, self.time_to_unlock, |entry| entry.get_secret()).await?.map(Zeroizing::new))
    }

    pub(super) async fn erase(&self, connection: &str, kind: &str) -> Result<(), Failure> {
        self.ask(connection, kind, self.time_to_unlock, |entry| entry.delete_credential()).await.map(drop)
    }
}
