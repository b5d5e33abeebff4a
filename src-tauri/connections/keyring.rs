//! The operating system's keyring: persist, retrieve, delete, and whether it is to be trusted. Stateless: every call
//! finds the keyring anew, so one that was started, unlocked or restarted meanwhile just works. Never a second place: when
//! it does not work the person is told which of three things is wrong and chooses.

use std::time::Duration;

use serde::Serialize;

use super::Sensitive;
use crate::error::{Code, Error, Result};

/// How long the person may take to answer the keyring's own prompt.
const TIME_TO_UNLOCK: Duration = Duration::from_secs(60);
/// How long the keyring may take to answer anything else.
const TIME_TO_ANSWER: Duration = Duration::from_secs(5);

/// Which secret of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Password,
    /// The token of a person who wishes to stay signed in.
    Session,
    /// What seals the drafts of this connection on this computer.
    Drafts,
}

impl Kind {
    /// What moves with a connection to another place.
    pub(crate) const ALL: [Self; 3] = [Self::Password, Self::Session, Self::Drafts];
    /// What goes with a connection. The key of its drafts stays as long as they do: without it they are noise.
    pub(crate) const FORGOTTEN: [Self; 2] = [Self::Password, Self::Session];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Session => "session",
            Self::Drafts => "drafts",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub enum KeyringHealth {
    Working,
    /// There is none on this computer, or none with a place for secrets.
    Missing,
    /// It is there and waits for its own password.
    Locked,
    /// It is there and does not answer, or forgets what it is given.
    Dead,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct KeyringState {
    pub state: KeyringHealth,
    pub message: String,
    pub next_step: Option<String>,
}

impl KeyringState {
    pub(crate) fn of(state: KeyringHealth) -> Self {
        let (message, next_step) = match state {
            KeyringHealth::Working => ("The keyring keeps secrets and gives them back.", None),
            KeyringHealth::Missing => (
                "This computer has no keyring, so nothing here can keep a password safely.",
                Some(
                    "Install and start one (GNOME Keyring, KWallet or KeePassXC) and sign in to the desktop again. \
                     Or choose for this connection: ask each time, or a file protected by a passphrase.",
                ),
            ),
            KeyringHealth::Locked => (
                "The keyring is locked.",
                Some("Unlock it (its password is usually the one you sign in to this computer with), then try again."),
            ),
            KeyringHealth::Dead => (
                "The keyring is there, but does not answer.",
                Some(
                    "Sign out of the desktop and in again, then try again. \
                     Or choose for this connection: ask each time, or a file protected by a passphrase.",
                ),
            ),
        };
        Self { state, message: message.to_owned(), next_step: next_step.map(str::to_owned) }
    }

    /// Why nothing can be kept, or None when it works.
    #[must_use]
    pub fn refusal(&self) -> Option<Error> {
        if self.state == KeyringHealth::Working {
            return None;
        }
        let mut error = Error::new(Code::Keyring, self.message.clone());
        error.next_step = self.next_step.clone();
        Some(error)
    }
}

/// Why a call failed, before it is put into words.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) health: KeyringHealth,
    pub(crate) cause: Box<dyn std::error::Error + Send + Sync>,
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let state = KeyringState::of(failure.health);
        let mut error = Self::new(Code::Keyring, state.message).caused_by(failure.cause);
        error.next_step = state.next_step;
        error
    }
}

/// The keyring of this desktop session.
#[derive(Clone, Debug)]
pub struct Keyring {
    /// Another bus than the session's, for tests.
    bus: Option<String>,
    time_to_unlock: Duration,
    time_to_answer: Duration,
}

impl Default for Keyring {
    fn default() -> Self {
        Self { bus: None, time_to_unlock: TIME_TO_UNLOCK, time_to_answer: TIME_TO_ANSWER }
    }
}

impl Keyring {
    /// The one behind another D-Bus address than the session's.
    #[must_use]
    pub fn on_bus(address: impl Into<String>) -> Self {
        Self { bus: Some(address.into()), ..Self::default() }
    }

    #[must_use]
    pub fn with_patience(mut self, to_unlock: Duration, to_answer: Duration) -> Self {
        self.time_to_unlock = to_unlock;
        self.time_to_answer = to_answer;
        self
    }

    /// Keeps `secret` as the connection's only one of its kind, and reads it back before calling it kept.
    ///
    /// # Errors
    /// `keyring`: missing, locked or dead, in words.
    pub async fn persist(&self, connection: &str, kind: Kind, secret: &Sensitive) -> Result<()> {
        self.store(connection, kind.word(), secret.expose().as_bytes()).await?;
        match self.load(connection, kind.word()).await? {
            Some(kept) if kept.as_slice() == secret.expose().as_bytes() => Ok(()),
            _ => Err(forgetful().into()),
        }
    }

    /// None: nothing is kept under this name.
    ///
    /// # Errors
    /// `keyring`: missing, locked or dead, in words.
    pub async fn retrieve(&self, connection: &str, kind: Kind) -> Result<Option<Sensitive>> {
        let Some(bytes) = self.load(connection, kind.word()).await? else { return Ok(None) };
        match std::str::from_utf8(&bytes) {
            Ok(text) => Ok(Some(Sensitive::from(text))),
            Err(error) => {
                Err(Error::new(Code::Keyring, "What the keyring keeps for this connection is not a password.")
                    .next_step("Type the password again and save it.")
                    .caused_by(error))
            }
        }
    }

    /// Deleting what is not there is fine.
    ///
    /// # Errors
    /// `keyring`: missing, locked or dead, in words.
    pub async fn delete(&self, connection: &str, kind: Kind) -> Result<()> {
        Ok(self.erase(connection, kind.word()).await?)
    }

    /// Deletes every secret of a connection.
    ///
    /// # Errors
    /// `keyring`: missing, locked or dead, in words.
    pub async fn forget(&self, connection: &str) -> Result<()> {
        for kind in Kind::FORGOTTEN {
            self.delete(connection, kind).await?;
        }
        Ok(())
    }

    /// Asks without any prompt, and by a round trip when it seems to work: some keyrings accept and forget.
    pub async fn state(&self) -> KeyringState {
        KeyringState::of(match self.round_trip().await {
            Ok(()) => KeyringHealth::Working,
            Err(failure) => {
                tracing::info!(keyring.state = ?failure.health, cause = %failure.cause, "the keyring does not work");
                failure.health
            }
        })
    }

    async fn round_trip(&self) -> std::result::Result<(), Failure> {
        if self.is_locked().await? {
            return Err(Failure { health: KeyringHealth::Locked, cause: "the collection is locked".into() });
        }
        let mark = hex::encode(
            *crate::ids::random::<16>()
                .map_err(|error| Failure { health: KeyringHealth::Dead, cause: error.into() })?,
        );
        // A name of its own each time: two windows may probe at the same moment.
        let name = format!("probe {mark}");
        self.store(&name, "probe", mark.as_bytes()).await?;
        let kept = self.load(&name, "probe").await?;
        self.erase(&name, "probe").await?;
        if kept.as_ref().map(|kept| kept.as_slice()) == Some(mark.as_bytes()) { Ok(()) } else { Err(forgetful()) }
    }
}

fn forgetful() -> Failure {
    Failure { health: KeyringHealth::Dead, cause: "it did not give back what it was given".into() }
}

#[cfg(any(windows, target_os = "macos"))]
mod native;
#[cfg(all(unix, not(target_os = "macos")))]
mod secret_service;
