//! Saved servers and the way to them: where a connection's facts are kept (never a secret), where its secrets are, how
//! the encrypted line is made and explained, and the check that says why something does not connect.

pub mod address;
pub mod check;
pub mod keyring;
mod line;
pub mod local_server;
pub mod pool;
mod pooler;
pub mod refusal;
mod relay;
pub mod role;
pub mod saved;
pub mod sealed_file;
pub mod secrets;
mod sensitive;
pub mod target;
pub mod tls;

use std::{fmt, net::IpAddr};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

pub use sensitive::Sensitive;

/// The name of the private local server; no saved connection may carry it.
pub const LOCAL: &str = "local";

/// A saved server. Never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Connection {
    pub name: String,
    /// A host name, an address, or the directory of a Unix socket (begins with `/`).
    pub host: String,
    pub port: u16,
    pub database: String,
    pub user: String,
    pub tls: Tls,
    /// PEM file, trusted beside the operating system's authorities. When it holds the server's own certificate, exactly
    /// that certificate is trusted.
    pub ca_file: Option<String>,
    pub client_certificate: Option<String>,
    pub client_key: Option<String>,
    /// `host` or `host:port`, tried in this order after `host`.
    pub fallback_hosts: Vec<String>,
    pub secret_store: SecretStore,
}

/// How the line to the server is protected (PostgreSQL manual, 34.19.1, without the modes that fall back in silence).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub enum Tls {
    VerifyFull,
    VerifyCa,
    Require,
    Off,
}

/// Where the secrets of a connection are; one place, never a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub enum SecretStore {
    Keyring,
    Ask,
    File,
}

impl Tls {
    /// What protects the line when nobody chose: everything, unless the line does not leave this machine.
    #[must_use]
    pub fn default_for(host: &str) -> Self {
        if is_this_machine(host) { Self::Off } else { Self::VerifyFull }
    }
}

/// Whether `host` is a socket or a loopback address. A name other than `localhost` is not: it could resolve anywhere.
#[must_use]
pub fn is_this_machine(host: &str) -> bool {
    host.starts_with('/')
        || host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// One place where the server may be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint {
    pub host: String,
    pub port: u16,
}

impl Endpoint {
    #[must_use]
    pub fn is_socket(&self) -> bool {
        self.host.starts_with('/')
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

impl Connection {
    /// Where the server may be, in the order to try.
    ///
    /// # Errors
    /// `invalid` at `fallbackHosts`.
    pub fn endpoints(&self) -> Result<Vec<Endpoint>> {
        let mut endpoints = vec![Endpoint { host: self.host.clone(), port: self.port }];
        for text in &self.fallback_hosts {
            endpoints.push(endpoint(text, self.port).map_err(|error| error.at("fallbackHosts"))?);
        }
        Ok(endpoints)
    }

    /// The same connection with these hosts only.
    fn narrowed(&self, hosts: &[Endpoint]) -> Self {
        let mut narrowed = self.clone();
        if let Some((first, others)) = hosts.split_first() {
            narrowed.host.clone_from(&first.host);
            narrowed.port = first.port;
            narrowed.fallback_hosts = others.iter().map(ToString::to_string).collect();
        }
        narrowed
    }

    /// The protection of the line to `endpoint`: sockets never carry TLS.
    #[must_use]
    pub fn tls_to(&self, endpoint: &Endpoint) -> Tls {
        if endpoint.is_socket() { Tls::Off } else { self.tls }
    }

    /// Trims what people paste, then refuses what cannot be right.
    ///
    /// # Errors
    /// `invalid` at the field.
    pub fn checked(mut self) -> Result<Self> {
        for text in [&mut self.name, &mut self.host, &mut self.database, &mut self.user] {
            *text = text.trim().to_owned();
        }
        for file in [&mut self.ca_file, &mut self.client_certificate, &mut self.client_key] {
            *file = file.take().map(|path| path.trim().to_owned()).filter(|path| !path.is_empty());
        }
        self.host = without_brackets(&self.host).to_owned();
        self.fallback_hosts =
            self.fallback_hosts.iter().map(|host| host.trim().to_owned()).filter(|host| !host.is_empty()).collect();
        self.name = checked_name(&self.name)?;
        checked_host(&self.host).map_err(|error| error.at("host"))?;
        if self.port == 0 {
            return Err(Error::invalid("port", "A port is a number from 1 to 65535; PostgreSQL usually has 5432."));
        }
        for (field, text, what) in [("database", &self.database, "database"), ("user", &self.user, "database user")] {
            if text.is_empty() {
                return Err(Error::invalid(field, format!("Name the {what}.")));
            }
            if text.len() > 63 || text.chars().any(char::is_control) {
                return Err(Error::invalid(field, format!("The name of a {what} has at most 63 bytes, all visible.")));
            }
        }
        if self.client_certificate.is_some() != self.client_key.is_some() {
            let missing = if self.client_key.is_none() { "clientKey" } else { "clientCertificate" };
            return Err(Error::invalid(
                missing,
                "A client certificate and its key belong together: choose both files.",
            ));
        }
        for (field, file) in [
            ("caFile", &self.ca_file),
            ("clientCertificate", &self.client_certificate),
            ("clientKey", &self.client_key),
        ] {
            if file.as_deref().is_some_and(|path| !std::path::Path::new(path).is_absolute()) {
                return Err(Error::invalid(field, "Give the whole path of this file, from the root of the disk."));
            }
        }
        if self.fallback_hosts.len() > 8 {
            return Err(Error::invalid("fallbackHosts", "At most eight further hosts can be tried."));
        }
        let endpoints = self.endpoints()?;
        for (index, endpoint) in endpoints.iter().enumerate() {
            if endpoints.iter().take(index).any(|other| other == endpoint) {
                return Err(Error::invalid("fallbackHosts", format!("{endpoint} is named twice.")));
            }
        }
        Ok(self)
    }
}

/// A connection's name as people see it: letters of any script, digits, spaces and `-_.()`.
pub(crate) fn checked_name(name: &str) -> Result<String> {
    use unicode_normalization::UnicodeNormalization;
    let name: String = name.trim().nfc().collect();
    if name.is_empty() {
        return Err(Error::invalid("name", "Give this connection a name."));
    }
    if name.chars().count() > 60 {
        return Err(Error::invalid("name", "A connection's name has at most 60 characters."));
    }
    let is_allowed = |c: char| c.is_alphanumeric() || is_combining(c) || " -_.()".contains(c);
    if let Some(odd) = name.chars().find(|c| !is_allowed(*c)) {
        return Err(Error::invalid(
            "name",
            format!("A connection's name has letters, digits, spaces and - _ . ( ) only; {odd:?} is none of them."),
        ));
    }
    if name.to_lowercase() == LOCAL {
        return Err(Error::invalid("name", "“local” is the private server on this computer; choose another name."));
    }
    Ok(name)
}

// Vowel signs of Indic scripts, Hebrew points and the joiners between them are not alphanumeric, yet belong to names.
fn is_combining(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c) || matches!(c, '\u{200c}' | '\u{200d}')
}

fn checked_host(host: &str) -> Result<()> {
    if host.is_empty() {
        return Err(Error::invalid("host", "Name the server."));
    }
    if host.contains("://") || host.contains('@') {
        return Err(Error::invalid("host", "Give only the server's name here, without user, password or database."));
    }
    if host.starts_with('/') {
        if host.chars().any(char::is_control) {
            return Err(Error::invalid("host", "The path of a socket's directory has visible characters only."));
        }
        return Ok(());
    }
    if host.contains(':') && host.parse::<IpAddr>().is_err() {
        return Err(Error::invalid("host", "The port has a field of its own; give only the server's name here."));
    }
    let odd = |c: char| !(c.is_alphanumeric() || "-._:".contains(c));
    if host.len() > 253 || host.chars().any(odd) {
        return Err(Error::invalid("host", "A server's name has letters, digits, dots and hyphens only."));
    }
    Ok(())
}

fn without_brackets(host: &str) -> &str {
    host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host)
}

/// Reads `host`, `host:port`, `[v6]`, `[v6]:port` or `/socket/directory`.
pub(crate) fn endpoint(text: &str, default_port: u16) -> Result<Endpoint> {
    let (host, port) = if text.starts_with('/') || text.parse::<IpAddr>().is_ok() {
        (text, None)
    } else if let Some((host, rest)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        (host, rest.strip_prefix(':'))
    } else {
        text.rsplit_once(':').map_or((text, None), |(host, port)| (host, Some(port)))
    };
    checked_host(host)?;
    let port = match port {
        None => default_port,
        Some(digits) => digits
            .parse()
            .ok()
            .filter(|port| *port != 0)
            .ok_or_else(|| Error::invalid("host", "After a host's colon stands its port, from 1 to 65535."))?,
    };
    Ok(Endpoint { host: host.to_owned(), port })
}
