//! Reads `postgres://` addresses into a [`Connection`]. Nothing of an address is ever repeated in an error: any part of
//! a mistyped one may be the password.

use super::{Connection, SecretStore, Sensitive, Tls, endpoint, is_this_machine};
use crate::error::{Error, Result};

/// What libpq calls its parameters: only these may be named back to a person.
const KNOWN: [&str; 34] = [
    "application_name",
    "channel_binding",
    "client_encoding",
    "connect_timeout",
    "fallback_application_name",
    "gssdelegation",
    "gssencmode",
    "gsslib",
    "hostaddr",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "krbsrvname",
    "load_balance_hosts",
    "options",
    "passfile",
    "replication",
    "require_auth",
    "requirepeer",
    "service",
    "ssl",
    "ssl_max_protocol_version",
    "ssl_min_protocol_version",
    "sslcertmode",
    "sslcompression",
    "sslcrl",
    "sslcrldir",
    "sslnegotiation",
    "sslpassword",
    "sslsni",
    "target_session_attrs",
    "tcp_user_timeout",
    "user",
];

/// Where an address came from decides whether a password may stand in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// `DATABASE_URL`: other accounts cannot read it.
    Environment,
    /// An argument or a field: others can read process lists, shells keep histories.
    Typed,
}

/// The connection named by `address` as `name`, and the password that stood in it.
///
/// # Errors
/// `invalid`, in words that repeat nothing secret.
pub fn parse(name: &str, address: &str, source: Source) -> Result<(Connection, Option<Sensitive>)> {
    let address = address.trim();
    let rest =
        address.strip_prefix("postgres://").or_else(|| address.strip_prefix("postgresql://")).ok_or_else(|| {
            refused("An address of a database begins with postgres:// or postgresql://.")
                .next_step("Write it as postgres://USER@HOST:5432/DATABASE?sslmode=verify-full.")
        })?;
    let (authority, tail) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let (path, query) = tail.split_once('?').unwrap_or((tail, ""));
    let path = path.strip_prefix('/').unwrap_or(path);
    let (sign_in, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
    // Cut at an unescaped character of the password, the rest of it would be taken for a host or a database, and shown.
    if sign_in.contains('@') || path.contains(['@', '/']) || (sign_in.is_empty() && query.contains('@')) {
        return Err(refused("The user or password in this address has a character that must be escaped.")
            .next_step("Write / as %2F, ? as %3F, @ as %40, : as %3A, % as %25 and # as %23."));
    }
    let (user, password) = sign_in.split_once(':').map_or((sign_in, None), |(user, password)| (user, Some(password)));
    let mut draft = Draft {
        user: decoded(user)?,
        password: password.map(decoded).transpose()?.map(Sensitive::from),
        database: decoded(path)?,
        hosts: hosts.split(',').filter(|host| !host.is_empty()).map(decoded).collect::<Result<_>>()?,
        ..Draft::default()
    };
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        draft.set(&decoded(key)?, decoded(value)?)?;
    }
    if draft.password.is_some() && source == Source::Typed {
        return Err(refused("A password never stands in an address that is typed: others could read it.").next_step(
            "Leave it out; Lectern asks for it and keeps it in the keyring. Only DATABASE_URL may hold one.",
        ));
    }
    let password = draft.password.take();
    Ok((draft.finish(name)?, password))
}

#[derive(Default)]
struct Draft {
    hosts: Vec<String>,
    port: Option<u16>,
    database: String,
    user: String,
    password: Option<Sensitive>,
    mode: Option<String>,
    ca_file: Option<String>,
    client_certificate: Option<String>,
    client_key: Option<String>,
}

impl Draft {
    fn set(&mut self, key: &str, value: String) -> Result<()> {
        match key {
            "host" => self.hosts = value.split(',').map(str::to_owned).collect(),
            "port" => {
                self.port = Some(
                    value.parse().map_err(|_| refused("The port in this address is not a number from 1 to 65535."))?,
                );
            }
            "dbname" => self.database = value,
            "user" => self.user = value,
            "password" => self.password = Some(Sensitive::from(value)),
            "sslmode" => self.mode = Some(value),
            "sslrootcert" => self.ca_file = Some(value).filter(|file| file != "system"),
            "sslcert" => self.client_certificate = Some(value),
            "sslkey" => self.client_key = Some(value),
            // Always so: a host that only answers is passed over while another takes changes.
            "target_session_attrs" if matches!(value.as_str(), "read-write" | "primary" | "any") => {}
            "application_name" | "fallback_application_name" | "connect_timeout" => {}
            "options" => {
                return Err(refused("Lectern does not take `options` from an address.")
                    .next_step("Set it at the role instead: alter role … set …. PgBouncer refuses it too."));
            }
            known if KNOWN.contains(&known) => {
                return Err(refused(format!("Lectern does not know what to do with `{known}` in an address."))
                    .next_step("It understands host, port, dbname, user, sslmode, sslrootcert, sslcert and sslkey."));
            }
            _ => {
                return Err(refused("This address has a parameter that Lectern does not know.").next_step(
                    "It understands host, port, dbname, user, sslmode, sslrootcert, sslcert and sslkey. \
                     If it is part of the password, escape ? as %3F and & as %26.",
                ));
            }
        }
        Ok(())
    }

    fn finish(self, name: &str) -> Result<Connection> {
        let usual = self.port.unwrap_or(5432);
        let mut hosts = self.hosts.iter();
        let first = hosts.next().ok_or_else(|| refused("This address names no host."))?;
        let first = endpoint(first, usual).map_err(|_| refused("The host in this address is not a host name."))?;
        let tls = match self.mode.as_deref() {
            None => Tls::default_for(&first.host),
            Some("verify-full") => Tls::VerifyFull,
            Some("verify-ca") => Tls::VerifyCa,
            Some("require") => Tls::Require,
            Some("disable") => Tls::Off,
            Some("prefer" | "allow") if is_this_machine(&first.host) => Tls::Off,
            Some("prefer" | "allow") => {
                return Err(refused(
                    "sslmode=prefer and allow fall back to an open line in silence; Lectern never does.",
                )
                .next_step("Choose sslmode=verify-full, verify-ca, require or disable."));
            }
            Some(_) => {
                return Err(refused("Lectern does not know this sslmode.")
                    .next_step("Choose sslmode=verify-full, verify-ca, require or disable."));
            }
        };
        if self.user.is_empty() {
            return Err(refused("This address names no user.").next_step("Write it as postgres://USER@HOST/DATABASE."));
        }
        if self.database.is_empty() {
            return Err(
                refused("This address names no database.").next_step("Write it as postgres://USER@HOST/DATABASE.")
            );
        }
        let whole = |path: Option<String>| {
            path.map(|path| std::path::absolute(&path).map_or(path, |whole| whole.to_string_lossy().into_owned()))
        };
        let connection = Connection {
            name: "address".to_owned(),
            host: first.host,
            port: first.port,
            database: self.database,
            user: self.user,
            tls,
            ca_file: whole(self.ca_file),
            client_certificate: whole(self.client_certificate),
            client_key: whole(self.client_key),
            fallback_hosts: hosts
                .map(|host| endpoint(host, usual).map(|further| further.to_string()))
                .collect::<Result<_>>()
                .map_err(|_| refused("One of the hosts in this address is not a host name."))?,
            secret_store: SecretStore::Ask,
        };
        let mut connection = connection.checked()?;
        name.clone_into(&mut connection.name);
        Ok(connection)
    }
}

fn refused(sentence: impl Into<String>) -> Error {
    Error::invalid("address", sentence)
}

fn decoded(text: &str) -> Result<String> {
    let broken = || refused("This address has a % that does not begin an escape.").next_step("Write % itself as %25.");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
            let (Some(high), Some(low)) = (digit(rest.next()), digit(rest.next())) else { return Err(broken()) };
            bytes.push(u8::try_from(high * 16 + low).map_err(|_| broken())?);
        } else {
            bytes.push(byte);
        }
    }
    let text = String::from_utf8(bytes).map_err(|_| refused("This address is not UTF-8 once its escapes are read."))?;
    if text.contains('\0') { Err(refused("This address has an invisible character.")) } else { Ok(text) }
}
