//! What a window stands on: at most one server, and at most one person signed in to it. The token lives here and, if the
//! person wishes to stay signed in, in the keyring; it never reaches the page.

use std::sync::{PoisonError, RwLock};

use serde::{Serialize, de::DeserializeOwned};
use sqlx::PgConnection;
use zeroize::Zeroizing;

use super::AppError;
use crate::{
    database::{Access, Answer, Database},
    error::{Code, Error, Result},
    ids::{OperationId, OrganizationId},
};

/// What a command gives the page.
pub type Reply<T> = std::result::Result<T, AppError>;

#[derive(Default)]
pub struct Desk {
    place: RwLock<Option<Place>>,
}

/// A connected server and who is signed in there.
pub struct Place {
    pub database: Database,
    pub token: Option<Zeroizing<String>>,
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
            let token = place.token.clone().ok_or_else(Error::signed_out)?;
            Ok((place.database.clone(), Access { token, organization }))
        })
    }

    /// Asks in a transaction that is rolled back.
    ///
    /// # Errors
    /// As [`Self::access`] and [`Database::read`].
    pub async fn read<T>(
        &self,
        name: &'static str,
        organization: impl Into<Option<OrganizationId>>,
        ask: impl for<'c> FnOnce(&'c mut PgConnection) -> Answer<'c, T>,
    ) -> Reply<T> {
        let (database, access) = self.access(organization)?;
        Ok(self.heard(&access, database.read(name, &access, ask).await)?)
    }

    /// Changes by `input` in a transaction that is committed under `operation`, and reads what is shown afterwards. The
    /// input is cloned because a commit whose outcome stays unknown asks again.
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
        Ok(self.heard(&access, database.change(name, &access, operation, |c| change(c, input.clone()), answer).await)?)
    }

    /// A session the server ended is over here too, unless somebody signed in anew meanwhile.
    fn heard<T>(&self, access: &Access, outcome: Result<T>) -> Result<T> {
        if outcome.as_ref().is_err_and(|error| error.code == Code::SignedOut) {
            self.alter(|place| {
                if let Some(place) = place
                    && place.token.as_ref().is_some_and(|token| **token == *access.token)
                {
                    place.token = None;
                }
            });
        }
        outcome
    }

    pub fn look<T>(&self, at: impl FnOnce(Option<&Place>) -> T) -> T {
        at(self.place.read().unwrap_or_else(PoisonError::into_inner).as_ref())
    }

    pub fn alter<T>(&self, how: impl FnOnce(&mut Option<Place>) -> T) -> T {
        how(&mut self.place.write().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Before a server is connected nothing can be asked.
pub fn not_connected() -> Error {
    Error::new(Code::Unreachable, "This window is not connected to a server.").next_step("Connect first.")
}
