//! Servers as they stand in the world: with certificates of every kind, behind PgBouncer, as a standby, and things that
//! are no PostgreSQL at all.

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use lectern::connections::{
    Connection, Sensitive,
    address::{Source, parse},
    local_server::{
        account::{Account, run_as},
        binaries::Binaries,
    },
};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, date_time_ymd,
};
use tokio::sync::OnceCell;

use crate::harness::{self, Fresh};

/// The saved connection and its password that an address means.
pub fn of(url: &str) -> (Connection, Sensitive) {
    let (connection, password) = parse("Test", url, Source::Environment).unwrap();
    (connection, password.unwrap())
}

/// An authority and what it signed, as PEM files.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub pem: String,
}

impl Authority {
    pub fn new(name: &str) -> Self {
        let mut params = named(name, &[]);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// Certificate for a server of these names, and its key.
    pub fn server(&self, hosts: &[&str], until_year: i32) -> (String, String) {
        let mut params = named("server", hosts);
        params.not_after = date_time_ymd(until_year, 1, 1);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }

    /// Certificate of a client called `user` for an existing key.
    pub fn client(&self, user: &str, key: &KeyPair, until_year: i32) -> String {
        let mut params = named(user, &[]);
        params.not_after = date_time_ymd(until_year, 1, 1);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.signed_by(key, &self.issuer).unwrap().pem()
    }
}

fn named(name: &str, hosts: &[&str]) -> CertificateParams {
    let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
    let mut params = CertificateParams::new(hosts).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2200, 1, 1);
    params
}

/// A PostgreSQL of its own that encrypts.
pub struct TlsServer {
    pub fresh: Fresh,
    pub folder: tempfile::TempDir,
    /// The authorities of the server's certificate and of its clients'.
    pub authority: Authority,
    pub clients: Authority,
}

/// What the server shows.
#[derive(Clone, Copy)]
pub enum Shown {
    ForLocalhost,
    Expired,
    /// Neither an authority nor signed by one.
    SelfSigned,
    /// What `openssl req -x509` makes: an authority's certificate used as the server's.
    SelfSignedAuthority,
}

/// One server for all the tests that do not change it.
pub async fn for_localhost() -> &'static TlsServer {
    static SERVER: OnceCell<TlsServer> = OnceCell::const_new();
    SERVER.get_or_init(|| TlsServer::start(Shown::ForLocalhost)).await
}

impl TlsServer {
    pub async fn start(shown: Shown) -> Self {
        let fresh = harness::fresh_server().await;
        let authority = Authority::new("Invented School Authority");
        let clients = Authority::new("Invented Client Authority");
        let (certificate, key) = match shown {
            Shown::ForLocalhost => authority.server(&["localhost"], 2200),
            Shown::Expired => authority.server(&["localhost"], 2021),
            Shown::SelfSigned | Shown::SelfSignedAuthority => {
                let mut params = named("db", &["localhost"]);
                if matches!(shown, Shown::SelfSignedAuthority) {
                    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
                }
                let key = KeyPair::generate().unwrap();
                (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
            }
        };
        let data = fresh.server().directory.join("data");
        let owner = fs::metadata(&data).unwrap();
        let hba = "hostssl all desk_certified all cert\n\
                   hostssl all desk_both all scram-sha-256 clientcert=verify-ca\n\
                   host all nobody_from_here all reject\n\
                   host all all all scram-sha-256\n";
        for (name, text) in [
            ("server.crt", certificate.as_str()),
            ("server.key", key.as_str()),
            ("clients.crt", clients.pem.as_str()),
            ("pg_hba.conf", hba),
        ] {
            let path = data.join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            chown(&path, Some(owner.uid()), Some(owner.gid())).unwrap();
        }
        for statement in [
            "create role desk_certified login in role lectern_app",
            "create role desk_both login password 'invented-secret' in role lectern_app",
            "create role nobody_from_here login password 'invented-secret' in role lectern_app",
            "alter system set ssl_cert_file = 'server.crt'",
            "alter system set ssl_key_file = 'server.key'",
            "alter system set ssl_ca_file = 'clients.crt'",
            "alter system set ssl = on",
            "select pg_reload_conf()",
        ] {
            sqlx::raw_sql(statement).execute(&mut fresh.owner().await).await.unwrap();
        }
        let folder = tempfile::tempdir().unwrap();
        let server = Self { fresh, folder, authority, clients };
        server.file("ca.pem", &server.authority.pem);
        server.file("server.pem", &certificate);
        // The settings arrive at the server's own time.
        let started = Instant::now();
        while sqlx::query_scalar::<_, String>("show ssl").fetch_one(&mut server.fresh.owner().await).await.unwrap()
            != "on"
        {
            assert!(
                started.elapsed() < Duration::from_secs(20),
                "{}",
                fs::read_to_string(server.fresh.server().log()).unwrap()
            );
            tokio::task::yield_now().await;
        }
        server
    }

    pub fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path.to_string_lossy().into_owned()
    }

    pub fn ca(&self) -> Option<String> {
        Some(self.folder.path().join("ca.pem").to_string_lossy().into_owned())
    }

    /// The application's login at `localhost`, verified in full against the authority.
    pub fn connection(&self) -> (Connection, Sensitive) {
        let (connection, password) = of(&self.fresh.app_url);
        let tls = lectern::connections::Tls::VerifyFull;
        (Connection { host: "localhost".into(), tls, ca_file: self.ca(), ..connection }, password)
    }
}

/// The parts of a database address: user, password, host with port, database.
pub fn parts(url: &str) -> (String, String, u16, String) {
    let (connection, password) = of(url);
    (connection.user, password.expose().to_owned(), connection.port, connection.database)
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).unwrap().port()
}

fn wait_for(port: u16, child: &mut Child, log: &Path) {
    let started = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        let ended = child.try_wait().unwrap();
        assert!(
            ended.is_none() && started.elapsed() < Duration::from_secs(30),
            "{ended:?}: {}",
            fs::read_to_string(log).unwrap_or_default()
        );
        std::thread::yield_now();
    }
}

/// A program of the test's own as the servers' account, ended with it.
pub struct Running {
    child: Child,
    pub port: u16,
    _folder: tempfile::TempDir,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn open_folder(account: Option<&Account>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
    if let Some(account) = account {
        chown(folder.path(), Some(account.uid), Some(account.gid)).unwrap();
    }
    folder
}

/// PgBouncer in front of the database of `app_url`. `settings` follow `pool_mode`.
pub fn bouncer(app_url: &str, pool_mode: &str, settings: &str) -> (Running, Connection, Sensitive) {
    let (user, password, port, database) = parts(app_url);
    let account = Account::for_server().unwrap();
    let folder = open_folder(account.as_ref());
    let (own, log, users) = (free_port(), folder.path().join("log"), folder.path().join("users"));
    let configuration = folder.path().join("pgbouncer.ini");
    fs::write(&users, format!("\"{user}\" \"{password}\"\n")).unwrap();
    fs::write(
        &configuration,
        format!(
            "[databases]\n{database} = host=127.0.0.1 port={port} dbname={database}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {own}\nunix_socket_dir =\nauth_type = scram-sha-256\nauth_file = {}\nlogfile = {}\n\
             pool_mode = {pool_mode}\n{settings}\n",
            users.display(),
            log.display()
        ),
    )
    .unwrap();
    let mut command = Command::new(bouncer_program());
    command
        .arg("-q")
        .arg(&configuration)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = run_as(&mut command, account.as_ref()).spawn().expect("pgbouncer, which `make setup` installs");
    wait_for(own, &mut child, &log);
    let (connection, password) = of(app_url);
    (Running { child, port: own, _folder: folder }, Connection { port: own, ..connection }, password)
}

// Not on the path of ordinary accounts. LECTERN_PGBOUNCER names another to try.
fn bouncer_program() -> PathBuf {
    const DEBIAN: &str = "/usr/sbin/pgbouncer";
    let other = std::env::var_os("LECTERN_PGBOUNCER").map(PathBuf::from);
    other.unwrap_or_else(|| if Path::new(DEBIAN).is_file() { DEBIAN } else { "pgbouncer" }.into())
}

/// (1, 18)
pub fn bouncer_version() -> (u32, u32) {
    let output =
        Command::new(bouncer_program()).arg("--version").output().expect("pgbouncer, which `make setup` installs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut numbers = text.split([' ', '.', '\n']).filter_map(|part| part.parse().ok());
    (numbers.next().unwrap(), numbers.next().unwrap())
}

/// A server that answers and takes no changes, with the superuser of `owner_url`.
pub fn standby(owner_url: &str) -> Running {
    let (_, password, _, _) = parts(owner_url);
    let account = Account::for_server().unwrap();
    let folder = open_folder(account.as_ref());
    let binaries = readable_binaries(account.as_ref());
    let (data, secret, log) = (folder.path().join("data"), folder.path().join("secret"), folder.path().join("log"));
    fs::write(&secret, password).unwrap();
    let mut initdb = Command::new(binaries.bin.join("initdb"));
    initdb.args([
        "--no-sync",
        "--encoding=UTF8",
        "--locale=C",
        "--auth=scram-sha-256",
        "--username=postgres",
        "--pwfile",
    ]);
    initdb.arg(&secret).arg("--pgdata").arg(&data).current_dir("/");
    let output = run_as(&mut initdb, account.as_ref()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    fs::write(data.join("standby.signal"), "").unwrap();
    let port = free_port();
    let mut postgres = Command::new(binaries.bin.join("postgres"));
    postgres.arg("-D").arg(&data).current_dir("/");
    for setting in [&format!("port={port}"), "listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"] {
        postgres.arg("-c").arg(setting);
    }
    let file = fs::File::create(&log).unwrap();
    postgres.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file);
    let mut child = run_as(&mut postgres, account.as_ref()).spawn().unwrap();
    wait_for(port, &mut child, &log);
    Running { child, port, _folder: folder }
}

fn readable_binaries(account: Option<&Account>) -> Binaries {
    let place: PathBuf = std::env::temp_dir().join("lectern-test-programs");
    fs::create_dir_all(&place).unwrap();
    Binaries::find(None).unwrap().readable_by(account, &place).unwrap()
}
