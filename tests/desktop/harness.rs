//! A real window on a computer of its own: fresh folders, a WebKitWebDriver, and eyes that find things as a person does,
//! by what they are and what they are called. Nothing here sleeps for a fixed time or asserts one.

mod driver;
mod seeing;

use std::{
    future::Future,
    panic::AssertUnwindSafe,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use futures_util::FutureExt;
use lectern::connections::local_server::{self, LocalServer};
use sqlx::Connection;

pub use seeing::Window;

/// How long a journey waits for anything before it gives up: enough for a busy machine with two cores.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// A computer on which Lectern was never started: its own folders, its own private server.
#[derive(Clone)]
pub struct Computer {
    folder: Arc<tempfile::TempDir>,
    has_keyring: bool,
}

impl Computer {
    pub fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("lectern-").tempdir().expect("a temporary folder");
        // The private server may run as another account when the tests run as root.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).expect("permissions");
        }
        for name in ["data", "config", "logs", "home"] {
            std::fs::create_dir(folder.path().join(name)).expect("a folder");
        }
        Self { folder: Arc::new(folder), has_keyring: true }
    }

    /// A computer on which nothing keeps secrets.
    pub fn without_keyring() -> Self {
        Self { has_keyring: false, ..Self::new() }
    }

    pub fn folder(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What every process on this computer has in its environment.
    pub fn environment(&self) -> Vec<(&'static str, PathBuf)> {
        let mut environment = vec![
            ("LECTERN_DATA_DIR", self.folder("data")),
            ("LECTERN_CONFIG_DIR", self.folder("config")),
            ("LECTERN_LOG_DIR", self.folder("logs")),
            ("LECTERN_LOG", "debug".into()),
            ("XDG_DATA_HOME", self.folder("home")),
            ("XDG_CONFIG_HOME", self.folder("home")),
            ("XDG_CACHE_HOME", self.folder("home")),
        ];
        if !self.has_keyring {
            environment.push(("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent".into()));
        }
        environment
    }

    /// The private server of this computer, as its owner sees it, past every policy.
    pub async fn private_server(&self) -> PrivateServer {
        let server = local_server::start(&self.server_options(), &lectern::MIGRATOR, &mut |_| ())
            .await
            .expect("the private server");
        let owner = sqlx::PgConnection::connect_with(&server.owner()).await.expect("its owner's connection");
        PrivateServer { server, owner }
    }

    /// Kills the private server with SIGKILL, as a power cut would, and waits until it is gone.
    pub async fn kill_private_server(&self) {
        let process = self.server_process().expect("a running private server");
        // SAFETY: a signal to a process this journey has started.
        unsafe { libc::kill(process, libc::SIGKILL) };
        until("the server to be gone", || async { (self.server_process() != Some(process)).then_some(()) }).await;
    }

    pub async fn private_server_has_stopped(&self) {
        until("the private server to stop", || async { self.server_process().is_none().then_some(()) }).await;
    }

    fn server_process(&self) -> Option<i32> {
        local_server::status(&self.server_options()).expect("a status").process
    }

    fn server_options(&self) -> local_server::Options {
        local_server::Options { directory: self.folder("data").join("local-server"), bundled: None, patience: PATIENCE }
    }

    /// Ends whatever a journey left running here.
    pub async fn shut_down(&self) {
        for process in self.window_processes() {
            // SAFETY: a signal to a process this journey has started.
            unsafe { libc::kill(process, libc::SIGKILL) };
        }
        // A killed process counts as a user of the server until the last of it is gone.
        let stop = || async { local_server::stop(&self.server_options()).await.ok() };
        until("the private server to stop", stop).await;
    }

    /// Everything Lectern has logged here.
    pub fn log(&self) -> String {
        let mut files: Vec<_> =
            std::fs::read_dir(self.folder("logs")).expect("logs").map(|file| file.expect("a log").path()).collect();
        files.sort();
        files.iter().map(|file| std::fs::read_to_string(file).expect("a log that can be read")).collect()
    }

    /// Runs the command line on this computer and gives what it printed.
    pub fn command(&self, arguments: &[&str]) -> String {
        let ran = std::process::Command::new(env!("CARGO_BIN_EXE_lectern"))
            .args(arguments)
            .envs(self.environment())
            .env_remove("DATABASE_URL")
            .output()
            .expect("the command line runs");
        let told = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "lectern {arguments:?} ended with {}: {told}", ran.status);
        String::from_utf8(ran.stdout).expect("UTF-8")
    }

    /// Starts Lectern and waits for its page.
    pub async fn open_lectern(&self) -> Window {
        Window::open(self).await
    }

    /// The processes of Lectern's window on this computer.
    pub fn window_processes(&self) -> Vec<i32> {
        let data = self.folder("data");
        let mark = format!("LECTERN_DATA_DIR={}", data.display());
        std::fs::read_dir("/proc")
            .expect("processes")
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok())
            .filter(|pid| is_window(*pid) && environment_names(*pid, &mark))
            .collect()
    }
}

/// A look at what is really in the database.
pub struct PrivateServer {
    server: LocalServer,
    pub owner: sqlx::PgConnection,
}

impl PrivateServer {
    pub async fn leave(self) {
        self.owner.close().await.expect("the connection closes");
        self.server.leave().await.expect("the private server is left");
    }
}

fn is_window(pid: i32) -> bool {
    let link = std::fs::read_link(format!("/proc/{pid}/exe"));
    link.is_ok_and(|program| program == Path::new(env!("CARGO_BIN_EXE_lectern-desktop")))
}

fn environment_names(pid: i32, mark: &str) -> bool {
    let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    environment.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes())
}

/// Runs one journey with the only window on the screen. When it fails, a picture and the page are left in
/// `target/journeys`.
pub async fn journey<F: Future<Output = ()>>(name: &str, steps: impl FnOnce(Computer) -> F) {
    static SCREEN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let _alone = SCREEN.lock().await;
    let computer = Computer::new();
    let outcome = AssertUnwindSafe(steps(computer.clone())).catch_unwind().await;
    if outcome.is_err() {
        seeing::leave_evidence(name).await;
    }
    seeing::forget_windows();
    computer.shut_down().await;
    if let Err(reason) = outcome {
        std::panic::resume_unwind(reason);
    }
}

/// Asks `condition` again and again until it gives something; None when it never does.
pub async fn soon<T, F: Future<Output = Option<T>>>(mut condition: impl FnMut() -> F) -> Option<T> {
    let started = std::time::Instant::now();
    while started.elapsed() < PATIENCE {
        if let Some(found) = condition().await {
            return Some(found);
        }
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
    None
}

/// Waits for `condition`; `what` is what was waited for when it never comes.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, condition: impl FnMut() -> F) -> T {
    soon(condition).await.unwrap_or_else(|| panic!("waited for {what}, which never came"))
}
