//! Which database a command works on, and the connections to it.

use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};

use super::{Place, terminal::Terminal};
use crate::{
    MIGRATOR,
    connections::{
        Connection, SecretStore, Sensitive, is_this_machine,
        local_server::{self, LocalServer, Options, Step},
        pool::OwnersWay,
        saved::Saved,
        secrets::Secrets,
        target::{self, Target as Named},
    },
    error::{Code, Error, Result},
    migrating, seeding,
};

/// What the command was told to work on, before anything is connected.
pub(super) fn named(place: &Place) -> Result<Named> {
    let address = std::env::var("DATABASE_URL").ok().filter(|address| !address.trim().is_empty());
    if place.connection.is_none() && address.is_none() {
        // A forgotten variable must not end in a private server nobody meant, least of all in CI.
        return Err(Error::invalid("connection", "No database is named.")
            .next_step("Give --connection NAME (`local` is the private server of this account) or set DATABASE_URL."));
    }
    target::resolve(&Saved::of_this_account()?, place.connection.as_deref(), address.as_deref())
}

/// The place of a connection's secrets, opened.
pub(super) async fn secrets(connection: &Connection, terminal: &Terminal) -> Result<Secrets> {
    let passphrase = match connection.secret_store {
        SecretStore::File => Some(terminal.secret("Passphrase of your file of secrets", false)?),
        SecretStore::Keyring | SecretStore::Ask => None,
    };
    Secrets::of(connection, passphrase.map(|passphrase| Sensitive::from(passphrase.as_str())).as_ref()).await
}

/// The password of a connection: from its one place, or typed.
pub(super) async fn secret(connection: &Connection, terminal: &Terminal) -> Result<Option<Sensitive>> {
    let kept = secrets(connection, terminal).await?.password(connection).await?;
    if kept.is_some() || !terminal.is_attended() {
        // Nobody to ask: some servers let us in by certificate, and the others say what they want.
        return Ok(kept);
    }
    let prompt = format!("Database password of {} at {}", connection.user, connection.host);
    Ok(Some(Sensitive::from(terminal.secret(&prompt, false)?.as_str())))
}

/// The same for a check, which has a step of its own for a keyring that does not work.
pub(super) async fn secret_for_check(connection: &Connection, terminal: &Terminal) -> Result<Option<Sensitive>> {
    match secret(connection, terminal).await {
        Err(error) if error.code == Code::Keyring => Ok(None),
        outcome => outcome,
    }
}

enum Server {
    Local(Box<LocalServer>),
    Other(Box<OwnersWay>),
}

/// A database reached as its owner.
pub(super) struct Target {
    pub(super) name: String,
    /// On another machine: what changes much there asks first.
    pub(super) is_remote: bool,
    server: Server,
}

impl Target {
    pub(super) async fn open(place: &Place, terminal: &Terminal) -> Result<Self> {
        let (connection, secret) = match named(place)? {
            Named::Local => return Self::local(terminal).await,
            Named::Saved(connection) => {
                let secret = secret(&connection, terminal).await?;
                (connection, secret)
            }
            Named::Address(connection, secret) => (connection, secret),
        };
        Self::reach(&connection, secret.as_ref()).await
    }

    pub(super) async fn reach(connection: &Connection, secret: Option<&Sensitive>) -> Result<Self> {
        let way = OwnersWay::to(connection, secret).await?;
        Ok(Self {
            name: format!("{} on {}", connection.database, way.server.endpoint),
            is_remote: !is_this_machine(&connection.host),
            server: Server::Other(Box::new(way)),
        })
    }

    async fn local(terminal: &Terminal) -> Result<Self> {
        let server = local_server::start(&Options::usual(None)?, &MIGRATOR, &mut |step| {
            if step != Step::Ready {
                terminal.say(&step.sentence());
            }
        })
        .await?;
        Ok(Self {
            name: "The private local database".to_owned(),
            is_remote: false,
            server: Server::Local(Box::new(server)),
        })
    }

    fn options(&self) -> PgConnectOptions {
        match &self.server {
            Server::Local(server) => server.owner(),
            Server::Other(way) => way.options.clone(),
        }
    }

    /// As it comes: the tables may be missing or of another version.
    pub(super) async fn any_connection(&self) -> Result<PgConnection> {
        Ok(PgConnection::connect_with(&self.options()).await?)
    }

    /// Straight to PostgreSQL, for migrating.
    pub(super) async fn direct_connection(&self) -> Result<PgConnection> {
        migrating::connect(&self.options()).await
    }

    pub(super) async fn is_owner(&self) -> bool {
        match self.any_connection().await {
            Ok(mut connection) => seeding::require_owner(&mut connection).await.is_ok(),
            Err(_) => false,
        }
    }

    /// As the owner of current tables.
    pub(super) async fn owner_connection(&self) -> Result<PgConnection> {
        let mut connection = self.any_connection().await?;
        if let Some(error) = migrating::compare(&mut connection, &MIGRATOR).await?.unfit() {
            return Err(error);
        }
        seeding::require_owner(&mut connection).await?;
        Ok(connection)
    }

    /// Lets go of it; the private local server stops when nobody else uses it.
    pub(super) async fn close(self) -> Result<()> {
        match self.server {
            Server::Local(server) => server.leave().await,
            Server::Other(_) => Ok(()),
        }
    }
}
