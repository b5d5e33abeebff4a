//! What a window stands on: at most one server, and at most one person signed in to it. The token lives here and, if the
//! person wishes to stay signed in, in the keyring; it never reaches the page.

use std::{
    sync::{OnceLock, PoisonError, RwLock},
    time::{Duration, Instant},
};

use serde::{Serialize, de::DeserializeOwned};
use sqlx::PgConnection;
use tauri::AppHandle;
use zeroize::Zeroizing;

use super::{AppError, connecting::Place, drafting::Drafting};
use crate::{
    connections::{Sensitive, sealed_file::SealedFile, secrets},
    database::{Access, Answer, Database},
    error::{Code, Error, Result},
    ids::{OperationId, OrganizationId},
    sessions,
};

/// What a command gives the page.
pub type Reply<T> = std::result::Result<T, AppError>;

/// How much use passes before the session is told that it is used: no write for every request.
const USED_FOR: Duration = Duration::from_secs(5 * 60);

#[derive(Default)]
pub struct Desk {
    place: RwLock<Option<Place>>,
    /// The file of secrets, once its passphrase was typed: asked for once per start of the window.
    pub(super) opened_file: RwLock<Option<SealedFile>>,
    /// Held while a server is joined or left.
    pub(super) moving: tokio::sync::Mutex<()>,
    pub(super) drafting: RwLock<Drafting>,
    /// Held while a file of drafts is opened.
    pub(super) opening: tokio::sync::Mutex<()>,
    /// The running program, for telling its page what it did not ask for.
    pub(super) app: OnceLock<AppHandle>,
}

/// A session on the connected server.
pub struct Session {
    pub token: Zeroizing<String>,
    pub touched: Instant,
}

impl Session {
    pub fn new(token: Zeroizing<String>) -> Self {
        Self { token, touched: Instant::now() }
    }
}

impl Desk {
    /// The server to ask, and as whom.
    ///
    /// # Errors
    /// `unreachable` before a server is connected, `signedOut` before anybody signed in.
    pub fn access(&self, organization: impl Into<Option<OrganizationId>>) -> Result<(Database, Access)> {
        let organization = organization.into();
        self.look(|place| {
            let place = place.ok_or_else(not_connected)?;
            let session = place.session.as_ref().ok_or_else(Error::signed_out)?;
            Ok((place.database.clone(), Access { token: session.token.clone(), organization }))
        })
    }

    /// The server to ask before anybody is signed in.
    ///
    /// # Errors
    /// `unreachable` before a server is connected.
    pub fn database(&self) -> Result<Database> {
        self.look(|place| place.map(|place| place.database.clone()).ok_or_else(not_connected))
    }

    /// The file of secrets, opened by `passphrase` or since this window started. None: nobody opened it yet.
    ///
    /// # Errors
    /// As [`SealedFile::open`].
    pub async fn file_of_secrets(&self, passphrase: Option<&Sensitive>) -> Result<Option<SealedFile>> {
        if let Some(passphrase) = passphrase {
            let opened = SealedFile::open(secrets::usual_file()?, passphrase).await?;
            *self.opened_file.write().unwrap_or_else(PoisonError::into_inner) = Some(opened);
        }
        let opened = self.opened_file.read().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(opened.filter(SealedFile::is_open))
    }

    /// Asks for `input` in a transaction that is rolled back.
    ///
    /// # Errors
    /// As [`Self::access`] and [`Database::read`].
    pub async fn read<I: Clone, T>(
        &self,
        name: &'static str,
        organization: impl Into<Option<OrganizationId>>,
        input: I,
        ask: impl for<'c> Fn(&'c mut PgConnection, I) -> Answer<'c, T>,
    ) -> Reply<T> {
        let (database, access) = self.access(organization)?;
        let server = self.server_process();
        let mut answer = database.read(name, &access, |c| ask(c, input.clone())).await;
        if self.is_worth_repeating(&answer, server).await {
            answer = database.read(name, &access, |c| ask(c, input.clone())).await;
        }
        Ok(self.heard(&database, &access, answer).await?)
    }

    /// Changes by `input` in a transaction that is committed under `operation`, and reads what is shown afterwards. The
    /// input is cloned because an attempt whose outcome stays unknown is made again.
    ///
    /// # Errors
    /// As [`Self::access`] and [`Database::change`].
    pub async fn change<I: Clone, K: Serialize + DeserializeOwned, T>(
        &self,
        name: &'static str,
        organization: impl Into<Option<OrganizationId>>,
        operation: OperationId,
        input: I,
        change: impl for<'c> Fn(&'c mut PgConnection, I) -> Answer<'c, K>,
        answer: impl for<'c> Fn(&'c mut PgConnection, K) -> Answer<'c, T>,
    ) -> Reply<T> {
        let (database, access) = self.access(organization)?;
        let server = self.server_process();
        let mut done = database.change(name, &access, operation, |c| change(c, input.clone()), &answer).await;
        if self.is_worth_repeating(&done, server).await {
            done = database.change(name, &access, operation, |c| change(c, input.clone()), &answer).await;
        }
        Ok(self.heard(&database, &access, done).await?)
    }

    /// Whether the private server that was process `server` was gone and stands again. Then one more attempt: the
    /// operation id keeps a repeated change from doubling.
    async fn is_worth_repeating<T>(&self, outcome: &Result<T>, server: Option<i32>) -> bool {
        let is_gone = outcome.as_ref().is_err_and(|error| matches!(error.code, Code::Unreachable | Code::Unclear));
        is_gone && self.revive(server).await
    }

    /// A session the server ended is over here too, and one in use is kept from idling out.
    async fn heard<T>(&self, database: &Database, access: &Access, outcome: Result<T>) -> Result<T> {
        match outcome.as_ref().map_err(|error| error.code) {
            Ok(_) if self.is_due(access) => {
                let nobody = Access { organization: None, ..access.clone() };
                let touched = database
                    .write("touch_session", &nobody, OperationId::new(), |c| Box::pin(sessions::touch(c)))
                    .await;
                if let Err(error) = touched {
                    tracing::info!(code = ?error.code, "the session was not kept from idling out");
                }
            }
            Err(Code::SignedOut) => self.alter(|place| {
                if let Some(place) = place
                    && place.session.as_ref().is_some_and(|session| *session.token == *access.token)
                {
                    place.session = None;
                }
            }),
            _ => {}
        }
        outcome
    }

    fn is_due(&self, access: &Access) -> bool {
        self.alter(|place| {
            let session = place.as_mut().and_then(|place| place.session.as_mut());
            session.is_some_and(|session| {
                let is_due = *session.token == *access.token && session.touched.elapsed() > USED_FOR;
                if is_due {
                    session.touched = Instant::now();
                }
                is_due
            })
        })
    }

    pub(super) fn look<T>(&self, at: impl FnOnce(Option<&Place>) -> T) -> T {
        at(self.place.read().unwrap_or_else(PoisonError::into_inner).as_ref())
    }

    pub(super) fn alter<T>(&self, how: impl FnOnce(&mut Option<Place>) -> T) -> T {
        how(&mut self.place.write().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Before a server is connected nothing can be asked.
pub(super) fn not_connected() -> Error {
    Error::new(Code::Unreachable, "This window is not connected to a server.").next_step("Connect first.")
}
