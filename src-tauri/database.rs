//! The door to the database. It begins, opens the session, calls once and commits; domain functions only ever see the
//! connection they are given.

use std::{future::Future, pin::Pin, time::Instant};

use serde::{Serialize, de::DeserializeOwned};
use sqlx::{Connection, PgConnection, PgPool};
use zeroize::Zeroizing;

use crate::{
    error::{Code, Error, Result},
    ids::{OperationId, OrganizationId},
};

/// Who asks, in which organization: bound into every transaction, never part of SQL text.
#[derive(Clone)]
pub struct Access {
    pub token: Zeroizing<String>,
    /// None for what stands above organizations: who am I, creating one.
    pub organization: Option<OrganizationId>,
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Access").field("organization", &self.organization).finish_non_exhaustive()
    }
}

/// What a domain call inside [`Database::read`] or [`Database::write`] gives back.
pub type Answer<'c, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'c>>;

/// A server we are connected to: a small pool as the application's login.
#[derive(Clone, Debug)]
pub struct Database {
    pool: PgPool,
}

impl Database {
    #[must_use]
    pub fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    #[must_use]
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Runs `ask` in one transaction as `access` and rolls it back: whoever reads cannot write by accident.
    ///
    /// # Errors
    /// `signedOut` when the session ended, `unreachable` when the server is gone, and what `ask` refuses.
    pub async fn read<T>(
        &self,
        name: &'static str,
        access: &Access,
        ask: impl for<'c> FnOnce(&'c mut PgConnection) -> Answer<'c, T>,
    ) -> Result<T> {
        let started = Instant::now();
        crate::logs::counting_rows(async {
            let mut transaction = self.pool.begin().await?;
            sqlx::query("set transaction read only").execute(&mut *transaction).await?;
            open_session(&mut transaction, access).await?;
            let answer = ask(&mut transaction).await;
            let rolled_back = transaction.rollback().await;
            crate::logs::statement(name, started, 1, answer.as_ref().err());
            let answer = answer?;
            rolled_back?;
            Ok(answer)
        })
        .await
    }

    /// Runs `change` in one transaction as `access` and commits it together with its answer under `operation`. When the
    /// commit's outcome stays unknown it asks again: an operation found done gives its stored answer, so nothing doubles.
    ///
    /// # Errors
    /// `signedOut`, `unclear` when the server stayed away after a commit was sent, and what `change` refuses.
    pub async fn write<T: Serialize + DeserializeOwned + Send + 'static>(
        &self,
        name: &'static str,
        access: &Access,
        operation: OperationId,
        change: impl for<'c> Fn(&'c mut PgConnection) -> Answer<'c, T>,
    ) -> Result<T> {
        self.change(name, access, operation, change, |_, answer| Box::pin(async { Ok(answer) })).await
    }

    /// As [`Self::write`], for what is shown afterwards: only what `change` gives (an id) is kept with the operation, and
    /// `answer` reads the rest in the same transaction, or anew when the operation is found done. So a long lesson is not
    /// stored twice.
    ///
    /// # Errors
    /// As [`Self::write`], and what `answer` refuses; then nothing was changed.
    pub async fn change<K: Serialize + DeserializeOwned, T>(
        &self,
        name: &'static str,
        access: &Access,
        operation: OperationId,
        change: impl for<'c> Fn(&'c mut PgConnection) -> Answer<'c, K>,
        answer: impl for<'c> Fn(&'c mut PgConnection, K) -> Answer<'c, T>,
    ) -> Result<T> {
        const ATTEMPTS: u32 = 3;
        let mut attempt = 1;
        let mut in_doubt = false;
        loop {
            let started = Instant::now();
            let outcome = crate::logs::counting_rows(async {
                let outcome = self.change_once(access, operation, &change, &answer).await;
                crate::logs::statement(name, started, attempt, outcome.as_ref().err());
                outcome
            })
            .await;
            match outcome {
                Err(error) if error.code == Code::Unclear && !in_doubt => in_doubt = true,
                // The connection was refused again after a commit whose answer never came.
                Err(error) if error.code == Code::Unreachable && in_doubt => return Err(unclear().caused_by(error)),
                // Two writers waited for each other and the server chose this one to give way: nothing was written.
                Err(error) if error.sqlstate().as_deref() == Some("40P01") && attempt < ATTEMPTS => {}
                outcome => return outcome,
            }
            attempt += 1;
        }
    }

    async fn change_once<K: Serialize + DeserializeOwned, T>(
        &self,
        access: &Access,
        operation: OperationId,
        change: &impl for<'c> Fn(&'c mut PgConnection) -> Answer<'c, K>,
        answer: &impl for<'c> Fn(&'c mut PgConnection, K) -> Answer<'c, T>,
    ) -> Result<T> {
        let mut transaction = self.pool.begin().await?;
        open_session(&mut transaction, access).await?;
        if let Some(organization) = access.organization
            && let Some(stored) = begin_operation(&mut transaction, organization, operation).await?
        {
            let key = serde_json::from_value(stored).map_err(Error::from_json)?;
            let answer = answer(&mut transaction, key).await?;
            transaction.rollback().await?;
            return Ok(answer);
        }
        let key = change(&mut transaction).await?;
        if let Some(organization) = access.organization {
            let result = serde_json::to_value(&key).map_err(Error::from_json)?;
            finish_operation(&mut transaction, organization, operation, &result).await?;
        }
        let answer = answer(&mut transaction, key).await?;
        transaction.commit().await.map_err(|cause| {
            let error = Error::from(cause);
            if error.code == Code::Unreachable { unclear().caused_by(error) } else { error }
        })?;
        Ok(answer)
    }

    /// Closes every connection.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

fn unclear() -> Error {
    Error::new(Code::Unclear, "The server went away just as this was being saved; it may have been saved or not.")
        .next_step("Try again: Lectern recognises the change and does not make it twice.")
}

/// Opens the session for this transaction (design §6: the token is bound, transaction-local, never SQL text).
///
/// # Errors
/// `signedOut` when the token is not live.
pub async fn open_session(connection: &mut PgConnection, access: &Access) -> Result<()> {
    sqlx::query("select lectern_api.open_session($1, $2)")
        .bind(access.token.as_str())
        .bind(access.organization)
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes `operation` for this transaction, or gives what it answered when it was done before.
async fn begin_operation(
    connection: &mut PgConnection,
    organization: OrganizationId,
    operation: OperationId,
) -> Result<Option<serde_json::Value>> {
    let taken: Option<bool> = sqlx::query_scalar(
        "insert into lectern.operations (organization_id, id, person_id) values ($1, $2, lectern.person())
         on conflict do nothing returning true",
    )
    .bind(organization)
    .bind(operation)
    .fetch_optional(&mut *connection)
    .await?;
    if taken.is_some() {
        return Ok(None);
    }
    let stored: Option<serde_json::Value> =
        sqlx::query_scalar("select result from lectern.operations where organization_id = $1 and id = $2")
            .bind(organization)
            .bind(operation)
            .fetch_optional(connection)
            .await?;
    stored.map(Some).ok_or_else(Error::not_allowed)
}

async fn finish_operation(
    connection: &mut PgConnection,
    organization: OrganizationId,
    operation: OperationId,
    result: &serde_json::Value,
) -> Result<()> {
    sqlx::query("update lectern.operations set result = $3 where organization_id = $1 and id = $2")
        .bind(organization)
        .bind(operation)
        .bind(result)
        .execute(connection)
        .await?;
    Ok(())
}

/// One connection outside the pool, as whoever `url` names.
///
/// # Errors
/// `unreachable`, `wrongPassword`, `tls` by their cause.
pub async fn connect(options: &sqlx::postgres::PgConnectOptions) -> Result<PgConnection> {
    Ok(PgConnection::connect_with(options).await?)
}
