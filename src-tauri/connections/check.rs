//! The connection check: step by step from the name of the host to the rights of the login, until something is wrong,
//! and then what to do. Dropping the future cancels it; every step has a time.

use serde::Serialize;
use sqlx::PgConnection;
use tokio::time::timeout;

use super::{
    Connection, Endpoint, SecretStore, Sensitive, Tls,
    keyring::{Keyring, KeyringHealth, KeyringState},
    line::{self, Greeting, PATIENCE},
    pool::{self, NEWEST_SERVER},
    pooler::{self, Judgement},
    refusal::Refusal,
    role,
    tls::{Certificate, Trust},
};
use crate::{
    error::{Code, Error, Result},
    migrating::{self, Standing},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub enum StepState {
    Ok,
    Failed,
    Skipped,
    Warning,
}

#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct CheckStep {
    pub name: String,
    pub state: StepState,
    pub message: String,
    pub next_step: Option<String>,
    /// Of a failed step, for exit codes.
    #[serde(skip)]
    pub code: Option<Code>,
    /// What the server showed, where trusting exactly that would help ([`super::saved::Saved::pin`]).
    #[serde(skip)]
    #[cfg_attr(feature = "desktop", specta(skip))]
    pub pinnable: Option<Box<Certificate>>,
}

/// Every step in order; those after a failure are skipped.
pub async fn check(connection: &Connection, secret: Option<&Sensitive>, keyring: &Keyring) -> Vec<CheckStep> {
    check_aloud(connection, secret, keyring, |_| {}).await
}

/// As [`check`], telling each step as soon as it is known.
pub async fn check_aloud(
    connection: &Connection,
    secret: Option<&Sensitive>,
    keyring: &Keyring,
    tell: impl FnMut(&CheckStep) + Send,
) -> Vec<CheckStep> {
    let mut report = Report { steps: Vec::new(), tell };
    report.server(connection, secret).await;
    report.keyring(connection, keyring).await;
    report.steps
}

/// The certificate the server shows, whether or not it would be trusted: for a person to compare its fingerprint.
///
/// # Errors
/// `unreachable`, or `tls` when the server shows none.
pub async fn shown_certificate(connection: &Connection) -> Result<Certificate> {
    let unjudged = Connection { tls: Tls::Require, ..connection.clone() };
    let trust = Trust::of(&unjudged)?;
    let endpoint = Endpoint { host: connection.host.clone(), port: connection.port };
    if endpoint.is_socket() {
        return Err(Error::new(Code::Tls, "A socket of this computer carries no certificate."));
    }
    let stream = line::dial(&endpoint, &line::find(&endpoint).await?).await?;
    let (_, seen) = line::encrypt(stream, &endpoint, &trust).await?;
    seen.ok_or_else(|| Error::new(Code::Tls, "The server showed no certificate."))
}

struct Report<F> {
    steps: Vec<CheckStep>,
    tell: F,
}

impl<F: FnMut(&CheckStep) + Send> Report<F> {
    fn add(&mut self, name: &str, state: StepState, message: impl Into<String>, next_step: Option<String>) {
        let step =
            CheckStep { name: name.to_owned(), state, message: message.into(), next_step, code: None, pinnable: None };
        (self.tell)(&step);
        self.steps.push(step);
    }

    fn ok(&mut self, name: &str, message: impl Into<String>) {
        self.add(name, StepState::Ok, message, None);
    }

    fn warn(&mut self, name: &str, message: impl Into<String>, next_step: impl Into<String>) {
        self.add(name, StepState::Warning, message, Some(next_step.into()));
    }

    fn refuse(&mut self, name: &str, state: StepState, refusal: Refusal) {
        let step = CheckStep {
            name: name.to_owned(),
            state,
            message: refusal.message,
            next_step: refusal.next_step,
            code: (state == StepState::Failed).then_some(refusal.code),
            pinnable: refusal.pinnable,
        };
        (self.tell)(&step);
        self.steps.push(step);
    }

    fn skip_rest(&mut self, names: &[&str]) {
        for name in names {
            self.add(name, StepState::Skipped, "Not tried: an earlier step failed.", None);
        }
    }

    async fn server(&mut self, connection: &Connection, secret: Option<&Sensitive>) {
        const AFTER_LINE: [&str; 5] = ["Sign-in", "Server", "Pooler", "Login", "Tables"];
        let endpoints = match connection.endpoints() {
            Ok(endpoints) => endpoints,
            Err(error) => {
                self.refuse("Name", StepState::Failed, error.into());
                return self.skip_rest(&["Network", "Encryption", "Sign-in", "Server", "Pooler", "Login", "Tables"]);
            }
        };
        let mut usable = Vec::new();
        for (index, endpoint) in endpoints.iter().enumerate() {
            let has_other = !usable.is_empty() || index + 1 < endpoints.len();
            if self.line(connection, endpoint, has_other).await {
                usable.push(endpoint.clone());
            }
        }
        if usable.is_empty() {
            return self.skip_rest(&AFTER_LINE);
        }
        let narrowed = connection.narrowed(&usable);
        match pool::enter(&narrowed, secret).await {
            Err(refusal) => {
                self.refuse("Sign-in", StepState::Failed, refusal);
                self.skip_rest(&AFTER_LINE[1..]);
            }
            Ok(mut entered) => {
                self.ok("Sign-in", format!("{} signed in to {}.", connection.user, connection.database));
                self.version(&entered.server, endpoints.len() > 1);
                if !self.pooler(connection, &mut entered, secret).await {
                    return self.skip_rest(&AFTER_LINE[3..]);
                }
                self.role(connection, &mut entered.first).await;
                self.tables(&mut entered.first).await;
            }
        }
    }

    /// Name, network and encryption of one host.
    async fn line(&mut self, connection: &Connection, endpoint: &Endpoint, has_other: bool) -> bool {
        let failed = if has_other { StepState::Warning } else { StepState::Failed };
        if endpoint.is_socket() {
            self.add("Name", StepState::Skipped, format!("{} is a socket on this computer.", endpoint.host), None);
        } else {
            match line::find(endpoint).await {
                Ok(addresses) => {
                    let first = addresses.first().map_or(String::new(), |address| address.ip().to_string());
                    self.ok(
                        "Name",
                        if first == endpoint.host {
                            format!("{first} is an address.")
                        } else {
                            format!("{} is {first}.", endpoint.host)
                        },
                    );
                }
                Err(refusal) => {
                    self.refuse("Name", failed, refusal);
                    self.skip_rest(&["Network", "Encryption"]);
                    return false;
                }
            }
        }
        let trust = if connection.tls_to(endpoint) == Tls::Off { Ok(None) } else { Trust::of(connection).map(Some) };
        let trust = match trust {
            Ok(trust) => trust,
            Err(refusal) => {
                self.add("Network", StepState::Skipped, "Not tried: the files of this connection come first.", None);
                self.refuse("Encryption", failed, refusal);
                return false;
            }
        };
        let opened = line::open(connection, endpoint, trust.as_ref()).await;
        let (opened, seen) = match opened {
            Ok(opened) => opened,
            Err(refusal) if refusal.code == Code::Tls => {
                self.ok("Network", format!("{endpoint} answers."));
                self.refuse("Encryption", failed, refusal);
                return false;
            }
            Err(refusal) => {
                self.refuse("Network", failed, refusal);
                self.skip_rest(&["Encryption"]);
                return false;
            }
        };
        // A refused client certificate and a foreign service show only once something is said.
        match line::greet(connection, endpoint, opened, connection.client_certificate.is_some(), &[]).await {
            Err(refusal) if refusal.code == Code::Tls => {
                self.ok("Network", format!("{endpoint} answers."));
                self.refuse("Encryption", failed, refusal);
                return false;
            }
            Err(refusal) => {
                self.refuse("Network", failed, refusal);
                self.skip_rest(&["Encryption"]);
                return false;
            }
            Ok(Greeting::Refused { .. } | Greeting::SignIn { .. }) => {
                self.ok("Network", format!("{endpoint} answers."))
            }
        }
        self.encryption(connection, endpoint, seen.as_ref(), trust.as_ref());
        true
    }

    fn encryption(
        &mut self,
        connection: &Connection,
        endpoint: &Endpoint,
        seen: Option<&Certificate>,
        trust: Option<&Trust>,
    ) {
        let until = seen.and_then(|seen| seen.not_after);
        let shown = seen.map_or(String::new(), |seen| format!(" Its SHA-256 fingerprint is {}.", seen.fingerprint));
        match connection.tls_to(endpoint) {
            Tls::Off if super::is_this_machine(&endpoint.host) => {
                self.add("Encryption", StepState::Skipped, "Not needed: the line does not leave this computer.", None);
            }
            Tls::Off => self.warn(
                "Encryption",
                "The line is open: whoever is in between reads and changes everything, passwords of people included.",
                "Choose the TLS mode verify-full; have IT turn on encryption at the server (ssl = on).",
            ),
            Tls::Require => self.warn(
                "Encryption",
                format!(
                    "The line is encrypted, but `require` accepts any certificate: somebody in between could pose as the server.{shown}"
                ),
                "Choose the TLS mode verify-full, with IT's CA file if the server's authority is your own.",
            ),
            Tls::VerifyFull | Tls::VerifyCa if until.is_some_and(|end| end - crate::clock::now() < chrono::TimeDelta::days(21)) => {
                let end = until.map_or(String::new(), |end| end.format("%Y-%m-%d").to_string());
                self.warn(
                    "Encryption",
                    format!("The line is encrypted and the server is the right one, but its certificate expires on {end}."),
                    "Have IT renew it before that day.",
                );
            }
            Tls::VerifyFull | Tls::VerifyCa => {
                if let Some(warning) = trust.and_then(|trust| trust.warning.clone()) {
                    self.warn("Encryption", warning, "Correct the rights of that file.");
                } else if connection.tls == Tls::VerifyFull {
                    self.ok("Encryption", format!("The line is encrypted and {} proved its name.", endpoint.host));
                } else {
                    self.ok("Encryption", "The line is encrypted and the server showed a trusted certificate; its name is not compared.");
                }
            }
        }
    }

    fn version(&mut self, server: &pool::Server, has_hosts: bool) {
        let here = if has_hosts { format!(" on {}", server.endpoint) } else { String::new() };
        if server.is_read_only {
            self.warn(
                "Server",
                format!("PostgreSQL {}{here} is a standby: it answers and takes no changes.", server.version),
                "Name the primary first, or add it to the further hosts.",
            );
        } else if server.number / 10_000 > NEWEST_SERVER / 10_000 {
            self.warn(
                "Server",
                format!("PostgreSQL {}{here} is newer than any this Lectern was tried on (15 to 18).", server.version),
                "Update Lectern when there is an update.",
            );
        } else {
            self.ok("Server", format!("PostgreSQL {}{here}.", server.version));
        }
    }

    /// False: nothing more can be asked through it.
    async fn pooler(
        &mut self,
        connection: &Connection,
        entered: &mut pool::Entered,
        secret: Option<&Sensitive>,
    ) -> bool {
        let ask = async {
            let is_bouncer = pooler::is_bouncer(connection, &entered.server.endpoint).await;
            pooler::judge(connection, entered, secret, is_bouncer).await
        };
        match timeout(PATIENCE * 5, ask).await {
            Ok(Judgement::Good(message)) => self.ok("Pooler", message),
            Ok(Judgement::Works(message, next_step)) => self.warn("Pooler", message, next_step),
            Ok(Judgement::Refused(refusal)) => {
                self.refuse("Pooler", StepState::Failed, refusal);
                return false;
            }
            Err(_) => {
                self.warn("Pooler", "What stands in between could not be tried out in time.", "Run the check again.");
                return false;
            }
        }
        true
    }

    async fn role(&mut self, connection: &Connection, first: &mut PgConnection) {
        match role::inspect(first, connection).await {
            Err(error) => self.refuse("Login", StepState::Failed, error.into()),
            Ok(role) => {
                if let Some(error) = role.refusal() {
                    self.refuse("Login", StepState::Failed, error.into());
                } else if role.is_member.is_none() {
                    self.add("Login", StepState::Skipped, "Lectern's groups do not exist on this server yet.", None);
                } else if let Some(surplus) = role.surplus.first() {
                    self.warn(
                        "Login",
                        format!("{} has more rights than it needs: {surplus}.", role.user),
                        "Have IT take them away.",
                    );
                } else if !role.has_statement_timeout {
                    self.warn(
                        "Login",
                        format!("{} is let in with the right rights, but without time limits.", role.user),
                        format!("Have IT run: alter role \"{}\" set statement_timeout = '30s'; the same with lock_timeout = '5s', idle_in_transaction_session_timeout = '60s'.", role.user),
                    );
                } else {
                    self.ok("Login", format!("{} has the application's rights and no more.", role.user));
                }
            }
        }
    }

    async fn tables(&mut self, first: &mut PgConnection) {
        match migrating::schema_state(first).await {
            Err(error) => self.refuse("Tables", StepState::Failed, error.into()),
            Ok(state) if state.state == Standing::Current => self.ok("Tables", state.message),
            Ok(state) => {
                if let Some(error) = pool::schema_refusal(&state) {
                    self.refuse("Tables", StepState::Failed, error.into());
                }
            }
        }
    }

    async fn keyring(&mut self, connection: &Connection, keyring: &Keyring) {
        match connection.secret_store {
            SecretStore::Ask => {
                self.add(
                    "Keyring",
                    StepState::Skipped,
                    "Not used: this connection asks for its password each time.",
                    None,
                );
            }
            SecretStore::File => {
                self.add(
                    "Keyring",
                    StepState::Skipped,
                    "Not used: the password is in a file protected by a passphrase.",
                    None,
                );
            }
            SecretStore::Keyring => {
                let state: KeyringState = keyring.state().await;
                match state.refusal() {
                    None => self.ok("Keyring", state.message),
                    Some(error) if state.state == KeyringHealth::Locked => {
                        self.refuse("Keyring", StepState::Warning, error.into())
                    }
                    Some(error) => self.refuse("Keyring", StepState::Failed, error.into()),
                }
            }
        }
    }
}
