//! Joining and leaving a server: the private one on this computer, or a saved one.

use std::{sync::Arc, time::Duration};

use serde::Serialize;
use sqlx::{Connection as _, PgConnection, postgres::PgPoolOptions};
use tauri::{AppHandle, Manager};
use tauri_specta::Event;

use super::{
    remembered::Remembered,
    state::{Desk, Session, not_connected},
};
use crate::{
    MIGRATOR,
    connections::{
        Connection, LOCAL, Sensitive,
        keyring::{Keyring, Kind},
        local_server::{self, LocalServer, Step},
        pool,
        saved::Saved,
        sealed_file::SealedFile,
        secrets::Secrets,
    },
    database::Database,
    error::{Code, Error, Result},
    migrating::{SchemaState, Standing},
    sessions,
};

/// Never waits longer for the private server to stop than people wait for a program to end.
const TIME_TO_LEAVE: Duration = Duration::from_secs(20);

/// The server a window is on, as the page shows it.
#[derive(Clone, Debug, Serialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct Connected {
    pub name: String,
    pub is_local: bool,
    pub server_version: String,
    pub schema: SchemaState,
    pub needs_first_owner: bool,
    pub read_only: bool,
    /// The server is away: only drafts of this computer are here, opened by `openOffline`.
    pub is_offline: bool,
}

/// What is being done to start the private server, told while `connect` runs.
#[derive(Clone, Debug, Serialize, specta::Type, Event)]
#[serde(rename_all = "camelCase")]
pub struct Connecting {
    pub step: Step,
    /// The same for a person.
    pub message: String,
}

/// A joined server and who is signed in there.
pub struct Place {
    pub connected: Connected,
    pub database: Database,
    pub session: Option<Session>,
    /// Where the session token goes when somebody stays signed in, and its name there.
    pub secrets: Arc<Secrets>,
    pub secret_name: String,
    pub local: Option<LocalServer>,
    /// How the private server was started and as which process, to see that it is gone and start it again.
    pub options: Option<local_server::Options>,
    pub process: Option<i32>,
}

impl Desk {
    /// Joins the server called `name`, leaving another. Somebody who stayed signed in there is signed in again.
    ///
    /// # Errors
    /// Of the server: `unreachable`, `tls`, `wrongPassword`, `localServer`, `notFound`; of the keyring: `keyring`; of the
    /// file of secrets, at `passphrase`: `invalid` when it is needed, `wrongPassword` when it does not open the file.
    pub async fn join(
        &self,
        app: &AppHandle,
        name: &str,
        password: Option<&Sensitive>,
        passphrase: Option<&Sensitive>,
    ) -> Result<Connected> {
        let _turn = self.moving.lock().await;
        let file = self.file_of_secrets(passphrase).await?;
        let session = self.part().await;
        let mut place = if name == LOCAL {
            join_local(app).await?
        } else {
            join_saved(&Saved::of_this_account()?, name, password, file.as_ref()).await?
        };
        place.session = match session {
            // The same server again, after a lost line: whoever was signed in still is.
            Some((before, session)) if before == place.connected.name => Some(session),
            _ => kept_session(&place).await,
        };
        let connected = place.connected.clone();
        if place.session.is_none() {
            // Drafts opened without the server wait for whoever signs in.
            self.end_drafts();
        }
        self.alter(|at| *at = Some(place));
        Remembered::change(|remembered| remembered.last_used = Some(connected.name.clone()));
        tracing::info!(
            connection.is_local = connected.is_local,
            server.version = connected.server_version,
            schema = ?connected.schema.state,
            "connected"
        );
        Ok(connected)
    }

    /// Leaves the server. The private one stops when this was its last window.
    pub async fn leave(&self) {
        let _turn = self.moving.lock().await;
        self.end_drafts();
        self.part().await;
    }

    /// The connection that was left, and who was signed in there.
    pub(super) async fn part(&self) -> Option<(String, Session)> {
        let place = self.alter(Option::take)?;
        let closing = async {
            place.database.close().await;
            match place.local {
                Some(local) => local.leave().await,
                None => Ok(()),
            }
        };
        match tokio::time::timeout(TIME_TO_LEAVE, closing).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(code = ?error.code, message = %error, "the private server was not left well")
            }
            Err(_) => tracing::warn!("the private server takes long to stop and was left to itself"),
        }
        place.session.map(|session| (place.connected.name, session))
    }

    /// Starts the private server again when it is gone: somebody killed it, or the computer ran out of memory. Whatever it
    /// had confirmed is there. True when it was gone, as process `missed`, and stands again; on any other server nothing
    /// happens.
    pub async fn revive(&self, missed: Option<i32>) -> bool {
        let Some(options) = self.look(|place| place.and_then(|place| place.options.clone())) else { return false };
        let _turn = self.moving.lock().await;
        if self.server_process() != missed {
            // Another call that missed it was quicker.
            return true;
        }
        if local_server::status(&options).is_ok_and(|status| status.process.is_some() && status.process == missed) {
            return false;
        }
        match local_server::start(&options, &MIGRATOR, &mut |_| ()).await {
            Ok(revived) => {
                let process = local_server::status(&options).ok().and_then(|status| status.process);
                let before = self.alter(|place| {
                    let place = place.as_mut()?;
                    place.process = process;
                    place.local.replace(revived)
                });
                if let Some(before) = before
                    && let Err(error) = before.leave().await
                {
                    tracing::warn!(code = ?error.code, "the private server's former registration stays until the end");
                }
                tracing::warn!("the private server was gone and was started again");
                true
            }
            Err(error) => {
                tracing::error!(code = ?error.code, message = %error, "the private server cannot be started again");
                false
            }
        }
    }

    /// The process the private server was when this window last looked.
    pub fn server_process(&self) -> Option<i32> {
        self.look(|place| place.and_then(|place| place.process))
    }

    /// What the page shows of the server, if there is one.
    pub fn connected(&self) -> Option<Connected> {
        let connected = self.look(|place| place.map(|place| place.connected.clone()));
        connected.or_else(|| self.offline().map(|(connected, _)| connected))
    }

    /// The owner's connection to the private server, for its first owner.
    ///
    /// # Errors
    /// `notAllowed` on any other server: its owner's login is not ours to have.
    pub async fn owner(&self) -> Result<PgConnection> {
        let options = self.look(|place| {
            let place = place.ok_or_else(not_connected)?;
            place.local.as_ref().map(LocalServer::owner).ok_or_else(|| {
                Error::new(Code::NotAllowed, "On a shared server the first owner needs a set-up code.")
                    .at("code")
                    .next_step("Ask IT for one: `lectern people create-owner` prints it.")
            })
        })?;
        Ok(PgConnection::connect_with(&options).await?)
    }
}

async fn join_local(app: &AppHandle) -> Result<Place> {
    let options = local_server::Options::usual(app.path().resource_dir().ok())?;
    let mut tell = |step: Step| {
        let told = Connecting { step, message: step.sentence() }.emit(app);
        if let Err(error) = told {
            tracing::debug!(%error, "nobody heard of a step");
        }
    };
    let local = local_server::start(&options, &MIGRATOR, &mut tell).await?;
    let pool = PgPoolOptions::new()
        .max_connections(3)
        .acquire_timeout(Duration::from_secs(8))
        .idle_timeout(Duration::from_secs(60))
        .connect_lazy_with(local.application());
    let schema = local.schema.clone();
    let asked = async {
        let mut first = pool.acquire().await?;
        Ok(schema.state == Standing::Current && sessions::needs_first_owner(&mut first).await?)
    };
    match asked.await {
        Ok(needs_first_owner) => Ok(Place {
            connected: Connected {
                name: LOCAL.to_owned(),
                is_local: true,
                server_version: local.version().to_owned(),
                read_only: schema.state == Standing::Newer,
                schema,
                needs_first_owner,
                is_offline: false,
            },
            database: Database::new(pool),
            session: None,
            secrets: Arc::new(Secrets::Keyring(Keyring::default())),
            // Several private servers may stand on one computer, each in its own folder.
            secret_name: format!("{LOCAL} {}", local.directory().display()),
            local: Some(local),
            process: local_server::status(&options).ok().and_then(|status| status.process),
            options: Some(options),
        }),
        Err(error) => {
            pool.close().await;
            local.leave().await?;
            Err(error)
        }
    }
}

async fn join_saved(saved: &Saved, name: &str, typed: Option<&Sensitive>, file: Option<&SealedFile>) -> Result<Place> {
    let connection: Connection = saved.find(name)?;
    let secrets = Secrets::at(connection.secret_store, file, &Keyring::default())?;
    let password = match typed {
        Some(typed) => Some(typed.clone()),
        None => secrets.password(&connection).await?,
    };
    let opened = pool::connect(&connection, password.as_ref()).await?;
    Ok(Place {
        connected: Connected {
            name: connection.name.clone(),
            is_local: false,
            server_version: opened.server.version,
            read_only: opened.server.is_read_only || opened.schema.state == Standing::Newer,
            schema: opened.schema,
            needs_first_owner: opened.needs_first_owner,
            is_offline: false,
        },
        database: opened.database,
        session: None,
        secrets: Arc::new(secrets),
        secret_name: connection.name,
        local: None,
        options: None,
        process: None,
    })
}

/// The session somebody wished to keep, if the keyring still has it; a keyring that does not answer means signing in.
async fn kept_session(place: &Place) -> Option<Session> {
    if !Remembered::read().staying.contains(&place.secret_name) {
        return None;
    }
    match place.secrets.retrieve(&place.secret_name, Kind::Session).await {
        Ok(token) => token.map(|token| Session::new(zeroize::Zeroizing::new(token.expose().to_owned()))),
        Err(error) => {
            tracing::info!(code = ?error.code, "the kept session could not be read");
            None
        }
    }
}
