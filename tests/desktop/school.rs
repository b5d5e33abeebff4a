//! A school with a server of its own somewhere else, and the cable to it, which can be pulled.

#[allow(dead_code, reason = "some of it is the other tests' only")]
#[path = "../integration/harness/server.rs"]
mod server;

use std::sync::Arc;

use lectern::sessions::{self, FirstOwner};
use sqlx::{Connection, postgres::PgConnectOptions};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

use server::{Server, Watchdog};

use crate::{
    harness::{Computer, Window},
    steps,
};

/// What IT made for every desk of this school.
const LOGIN: &str = "harbour_desk";
const LOGIN_PASSWORD: &str = "ropes and anchors 12";

const DATABASE: &str = "harbour";

pub struct School {
    server: Server,
    _watchdog: Watchdog,
}

impl School {
    /// With an owner, [`steps::NAME`], and nobody else.
    pub async fn new() -> Self {
        let (server, watchdog) = tokio::task::spawn_blocking(Server::own).await.expect("a server of its own");
        let mut postgres = server.connect_as_owner("postgres").await;
        server.copy_template(&mut postgres, DATABASE).await;
        postgres.close().await.expect("the connection closes");
        let mut owner = server.connect_as_owner(DATABASE).await;
        let login = format!("create role {LOGIN} login password '{LOGIN_PASSWORD}' in role lectern_app");
        sqlx::raw_sql(sqlx::AssertSqlSafe(login)).execute(&mut owner).await.expect("a login for the desks");
        let code = sessions::bootstrap_code(&mut owner).await.expect("a code for the first owner");
        let first = FirstOwner {
            code: &code,
            email: steps::EMAIL,
            name: steps::NAME,
            password: steps::PASSWORD,
            organization_name: Some("Harbour School"),
        };
        sessions::create_first_owner(&mut owner, &first).await.expect("the first owner");
        owner.close().await.expect("the connection closes");
        Self { server, _watchdog: watchdog }
    }

    /// A cable from this school to one computer.
    pub async fn cable(&self) -> Cable {
        let server: PgConnectOptions = self.server.app_url(DATABASE).parse().expect("an address");
        Cable::to(server.get_port()).await
    }
}

/// Carries what a computer and the server say to each other, while it is plugged in.
pub struct Cable {
    port: u16,
    plugged: Arc<watch::Sender<bool>>,
}

impl Cable {
    async fn to(server: u16) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = socket.local_addr().expect("a port").port();
        let plugged = Arc::new(watch::Sender::new(true));
        let held = Arc::clone(&plugged);
        tokio::spawn(async move {
            while let Ok((mut desk, _)) = socket.accept().await {
                let mut plugged = held.subscribe();
                tokio::spawn(async move {
                    // Whoever comes while it is pulled is turned away at once.
                    if !*plugged.borrow() {
                        return;
                    }
                    let Ok(mut server) = TcpStream::connect(("127.0.0.1", server)).await else { return };
                    tokio::select! {
                        _ = copy_bidirectional(&mut desk, &mut server) => (),
                        _ = plugged.wait_for(|plugged| !plugged) => (),
                    }
                });
            }
        });
        Self { port, plugged }
    }

    pub fn pull(&self) {
        self.plugged.send_replace(false);
    }

    pub fn plug_in(&self) {
        self.plugged.send_replace(true);
    }

    /// On a computer that was never at this school: the connection is saved as `name`, and its owner signs in.
    pub async fn join(&self, computer: &Computer, name: &str) -> Window {
        let window = computer.open_lectern().await;
        window.find("heading", "Where is your organization's data?").await;
        window.press("button", "Add a server").await;
        window.find("field", "Host").await;
        window.fill("Name", name).await;
        window.fill("Host", "127.0.0.1").await;
        window.fill("Port", &self.port.to_string()).await;
        window.fill("Database", DATABASE).await;
        window.fill("Login of this desk", LOGIN).await;
        window.fill("Password of that login", LOGIN_PASSWORD).await;
        window.press("field", "Encryption").await;
        window.press("option", "None").await;
        window.press("button", "Save").await;
        window.press("button", &format!("Connect: {name}")).await;
        steps::sign_in(&window).await;
        window
    }
}
