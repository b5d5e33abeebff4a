//! One real PostgreSQL for the tests of this process, or of this nextest run. A watchdog shell stops and removes it when
//! the tests are gone, even when they were killed.

use std::{
    fs::{self, File},
    net::TcpListener,
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    time::{Duration, Instant},
};

use lectern::connections::local_server::{
    account::{Account, run_as},
    binaries::Binaries,
};
use serde::{Deserialize, Serialize};
use sqlx::{Connection, PgConnection};

const TEMPLATE: &str = "lectern_template";
const APP_ROLE: &str = "lectern_test_app";

#[derive(Clone, Serialize, Deserialize)]
pub struct Server {
    port: u16,
    superuser_password: String,
    app_password: String,
    pub directory: PathBuf,
    pub major: u32,
}

/// The server all tests share; started by the first who asks.
pub fn shared() -> &'static Server {
    static SHARED: OnceLock<Server> = OnceLock::new();
    SHARED.get_or_init(|| {
        // nextest runs each test in its own process: the first starts the server for the whole run.
        match std::env::var("NEXTEST_RUN_ID") {
            Ok(run) => shared_by_processes(&run),
            Err(_) => {
                let (server, watchdog) = Server::start(Lifetime::ThisProcess, &[]);
                std::mem::forget(watchdog);
                server
            }
        }
    })
}

fn shared_by_processes(run: &str) -> Server {
    let place = std::env::temp_dir().join(format!("lectern-run-{run}"));
    fs::create_dir_all(&place).expect("a place for the run");
    let note = place.join("server.json");
    let lock = File::create(place.join("lock")).expect("the lock of the run");
    lock.lock().expect("the lock of the run");
    if let Ok(text) = fs::read(&note) {
        return serde_json::from_slice(&text).expect("the note of whoever started the server");
    }
    // SAFETY: getppid reads one number and cannot fail (POSIX). The parent is nextest, which outlives its tests.
    let runner = unsafe { libc::getppid() };
    let (server, _) = Server::start(Lifetime::Process(runner), &[&place]);
    fs::write(&note, serde_json::to_vec(&server).expect("json")).expect("the note for the others");
    server
}

enum Lifetime {
    /// Ends with a pipe this process holds.
    ThisProcess,
    Process(i32),
}

/// Holds the pipe; when it closes, the server ends.
pub struct Watchdog {
    shell: Child,
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        // Closing the pipe is the sign; waiting keeps a test's end from leaving its server behind.
        if self.shell.stdin.take().is_some() {
            let _ = self.shell.wait();
        }
    }
}

impl Server {
    /// A server of one test's own, for what changes roles or settings of the whole server, or kills it. It ends when the
    /// watchdog is dropped.
    pub fn own() -> (Self, Watchdog) {
        Self::start(Lifetime::ThisProcess, &[])
    }

    fn start(lifetime: Lifetime, also_removed: &[&Path]) -> (Self, Watchdog) {
        let account = Account::for_server().expect("an account for the server");
        let directory = tempfile::Builder::new()
            .prefix("lectern-test-")
            .permissions(fs::Permissions::from_mode(0o711))
            .tempdir()
            .expect("a temporary directory");
        let binaries = binaries(account.as_ref());
        let data = directory.path().join("data");
        fs::create_dir(&data).expect("a data directory");
        fs::set_permissions(&data, fs::Permissions::from_mode(0o700)).expect("a closed data directory");
        if let Some(account) = &account {
            chown(&data, Some(account.uid), Some(account.gid)).expect("a data directory of the server's account");
        }
        let superuser_password = password();
        initialize(&binaries, account.as_ref(), &data, &superuser_password);

        let (port, mut child) = launch(&binaries, account.as_ref(), directory.path(), &data);
        let directory = directory.keep();
        let watchdog = watch(&lifetime, &child, &directory, also_removed);
        let server = Self { port, superuser_password, app_password: password(), directory, major: binaries.major };
        std::thread::scope(|scope| {
            scope.spawn(|| {
                tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .expect("a runtime")
                    .block_on(server.prepare(&mut child));
            });
        });
        (server, watchdog)
    }

    /// Kills the server as a power cut would: at once, and without a word to whoever is connected.
    pub fn kill(&self) {
        let note = fs::read_to_string(self.directory.join("data/postmaster.pid")).expect("a server that runs");
        let id = note.lines().next().and_then(|id| id.parse().ok()).expect("the server's process");
        // SAFETY: both take numbers and the second no pointer (POSIX). The process is this one's child, which its own
        // directory names; as long as nobody waited for it, the next server takes it for one that runs.
        let ended = unsafe { (libc::kill(id, libc::SIGKILL), libc::waitpid(id, std::ptr::null_mut(), 0)) };
        assert_eq!(ended, (0, id), "the server is killed");
    }

    /// Starts the killed server where it was.
    #[expect(clippy::zombie_processes, reason = "the watchdog ends it, or the next kill waits for it")]
    pub async fn start_again(&self) {
        let account = Account::for_server().expect("an account for the server");
        let binaries = binaries(account.as_ref());
        let started = Instant::now();
        loop {
            assert!(
                started.elapsed() < Duration::from_secs(60),
                "{}",
                fs::read_to_string(self.log()).unwrap_or_default()
            );
            let mut child =
                launch_at(self.port, &binaries, account.as_ref(), &self.directory, &self.directory.join("data"));
            // The killed one's children may still hold its memory; then this one ends at once.
            loop {
                if PgConnection::connect(&self.owner_url("postgres")).await.is_ok() {
                    return;
                }
                if child.try_wait().expect("the state of the server").is_some() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }

    /// Makes the template every test's database is copied from, and the application's login.
    async fn prepare(&self, child: &mut Child) {
        let mut owner = self.wait_until_ready(child).await;
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("create database {TEMPLATE}")))
            .execute(&mut owner)
            .await
            .expect("an empty template");
        let mut template = self.connect_as_owner(TEMPLATE).await;
        lectern::migrating::migrate(&mut template, &lectern::MIGRATOR, Duration::from_secs(10), &mut |_| ())
            .await
            .expect("every migration runs on an empty database");
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
            "create role {APP_ROLE} login password '{}' in role lectern_app",
            self.app_password
        )))
        .execute(&mut template)
        .await
        .expect("the application's login");
        template.close().await.expect("the template is free to be copied");
    }

    async fn wait_until_ready(&self, child: &mut Child) -> PgConnection {
        let started = Instant::now();
        loop {
            match PgConnection::connect(&self.owner_url("postgres")).await {
                Ok(connection) => return connection,
                Err(error) => {
                    let ended = child.try_wait().expect("the state of the server");
                    if ended.is_some() || started.elapsed() > Duration::from_secs(60) {
                        let log = fs::read_to_string(self.log()).unwrap_or_default();
                        panic!("the test server did not start ({ended:?}): {error}\n{log}");
                    }
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        }
    }

    /// A copy of the template under `name`.
    pub async fn copy_template(&self, owner: &mut PgConnection, name: &str) {
        self.copy(owner, TEMPLATE, name).await;
    }

    /// A copy of a database nobody is connected to, with the rights on the database itself, which copying leaves out.
    pub async fn copy(&self, owner: &mut PgConnection, from: &str, to: &str) {
        for statement in [
            format!("create database {to} template {from}"),
            format!(
                "update pg_database set datacl = (select datacl from pg_database where datname = '{from}')
                 where datname = '{to}'"
            ),
            format!(
                "insert into pg_db_role_setting
                 select (select oid from pg_database where datname = '{to}'), setrole, setconfig
                 from pg_db_role_setting
                 where setdatabase = (select oid from pg_database where datname = '{from}')"
            ),
        ] {
            sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut *owner).await.expect("a fresh database");
        }
    }

    pub async fn connect_as_owner(&self, database: &str) -> PgConnection {
        PgConnection::connect(&self.owner_url(database)).await.expect("the superuser connects")
    }

    pub fn owner_url(&self, database: &str) -> String {
        self.url("postgres", &self.superuser_password, database)
    }

    pub fn app_url(&self, database: &str) -> String {
        self.url(APP_ROLE, &self.app_password, database)
    }

    fn url(&self, user: &str, password: &str, database: &str) -> String {
        format!("postgres://{user}:{password}@127.0.0.1:{}/{database}?sslmode=disable", self.port)
    }

    /// What the server itself wrote, for tests that look for secrets in it.
    pub fn log(&self) -> PathBuf {
        self.directory.join("server.log")
    }
}

fn binaries(account: Option<&Account>) -> Binaries {
    let binaries = Binaries::find(None).expect("a PostgreSQL, which `make setup` installs");
    let programs = std::env::temp_dir().join("lectern-test-programs");
    if account.is_none() {
        return binaries;
    }
    // Anybody may make a directory there first; what stands in it is run.
    let is_ours = fs::metadata(&programs).map_or(true, |place| place.uid() == 0);
    assert!(is_ours, "{} is not root's", programs.display());
    binaries.readable_by(account, &programs).expect("programs the server's account can read")
}

fn initialize(binaries: &Binaries, account: Option<&Account>, data: &Path, superuser_password: &str) {
    let mut arguments: Vec<&str> = vec!["--no-sync", "--encoding=UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256"];
    arguments.push("--username=postgres");
    match binaries.major {
        17.. => arguments.extend(["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]),
        _ => arguments.extend(["--locale-provider=icu", "--icu-locale=und"]),
    }
    if binaries.major >= 16 {
        // One round instead of 4096: a debug build needs a tenth of a second for those, at each connection.
        arguments.extend(["--set", "scram_iterations=1"]);
    }
    let password_file = data.with_file_name("password");
    fs::write(&password_file, superuser_password).expect("the password for initdb");
    if let Some(account) = account {
        chown(&password_file, Some(account.uid), Some(account.gid)).expect("a password the account can read");
    }
    let mut initdb = Command::new(binaries.bin.join("initdb"));
    initdb.args(arguments).arg("--pwfile").arg(&password_file).arg("--pgdata").arg(data).current_dir("/");
    let output = run_as(&mut initdb, account).stdin(Stdio::null()).output().expect("initdb runs");
    assert!(output.status.success(), "initdb: {}", String::from_utf8_lossy(&output.stderr));
}

/// Starts the server on a port that is free; another process may take it in between, then on another.
fn launch(binaries: &Binaries, account: Option<&Account>, directory: &Path, data: &Path) -> (u16, Child) {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port();
    (port, launch_at(port, binaries, account, directory, data))
}

fn launch_at(port: u16, binaries: &Binaries, account: Option<&Account>, directory: &Path, data: &Path) -> Child {
    let log = File::options().create(true).append(true).open(directory.join("server.log")).expect("a log");
    let mut postgres = Command::new(binaries.bin.join("postgres"));
    postgres.arg("-D").arg(data).current_dir("/").env_clear().env("LANG", "C.UTF-8");
    for setting in [
        format!("port={port}"),
        "listen_addresses=127.0.0.1".into(),
        "unix_socket_directories=".into(),
        "max_connections=200".into(),
        "shared_buffers=128MB".into(),
        "fsync=off".into(),
        "full_page_writes=off".into(),
        "synchronous_commit=off".into(),
        "wal_level=minimal".into(),
        "max_wal_senders=0".into(),
        "max_wal_size=4GB".into(),
        "jit=off".into(),
        "timezone=UTC".into(),
        "log_timezone=UTC".into(),
        "log_min_messages=fatal".into(),
    ] {
        postgres.arg("-c").arg(setting);
    }
    postgres.stdin(Stdio::null()).stdout(log.try_clone().expect("the log")).stderr(log);
    run_as(&mut postgres, account).spawn().expect("postgres starts")
}

fn watch(lifetime: &Lifetime, server: &Child, directory: &Path, also_removed: &[&Path]) -> Watchdog {
    // The server may have been killed and started again since.
    const END: &str = r#"server=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null || echo "$server")
        kill -QUIT "$server" 2>/dev/null
        while kill -0 "$server" 2>/dev/null && [ -e "$1/data/postmaster.pid" ]; do sleep 0.1; done
        rm -rf -- "$@""#;
    let (wait, stdin) = match lifetime {
        Lifetime::ThisProcess => ("cat >/dev/null".to_owned(), Stdio::piped()),
        Lifetime::Process(id) => (format!("while kill -0 {id} 2>/dev/null; do sleep 0.5; done"), Stdio::null()),
    };
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(format!("server=$1; shift; {wait}\n{END}")).arg("watchdog").arg(server.id().to_string());
    shell.arg(directory).args(also_removed).current_dir("/");
    shell.stdin(stdin).stdout(Stdio::null()).stderr(Stdio::null());
    Watchdog { shell: run_as(&mut shell, None).spawn().expect("the watchdog starts") }
}

fn password() -> String {
    hex::encode(*lectern::ids::random::<16>().expect("randomness"))
}
