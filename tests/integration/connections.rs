//! Saved servers, their secrets, the encrypted line and the check, each against the real thing.

mod address;
mod check;
pub(crate) mod keyring;
mod pool;
mod pooler;
mod saved;
mod sealed_file;
pub mod servers;
mod tls;

use lectern::connections::{Connection, SecretStore, Tls};

/// A connection that fits every rule, to be changed by a test.
fn anywhere() -> Connection {
    Connection {
        name: "Head office".into(),
        host: "db.example.org".into(),
        port: 5432,
        database: "lectern".into(),
        user: "desk".into(),
        tls: Tls::VerifyFull,
        ca_file: None,
        client_certificate: None,
        client_key: None,
        fallback_hosts: Vec::new(),
        secret_store: SecretStore::Ask,
    }
}
