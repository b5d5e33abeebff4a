//! A real GNOME Keyring on a private bus of each test's own.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    os::unix::fs::DirBuilderExt,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use lectern::{
    Code,
    connections::{
        Connection, SecretStore,
        keyring::{Keyring, KeyringHealth, Kind},
        saved::Saved,
        sealed_file::SealedFile,
        secrets,
    },
};
use secret_service::{EncryptionType, SecretService};

pub(crate) struct Desktop {
    folder: tempfile::TempDir,
    bus: Child,
    pub(crate) address: String,
    daemon: Option<Child>,
}

impl Drop for Desktop {
    fn drop(&mut self) {
        self.kill_keyring();
        let _ = self.bus.kill();
        let _ = self.bus.wait();
    }
}

impl Desktop {
    /// A session bus without any service.
    pub(crate) fn bare() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["data", "run"] {
            fs::DirBuilder::new().mode(0o700).create(folder.path().join(name)).unwrap();
        }
        let configuration = folder.path().join("bus.conf");
        fs::write(
            &configuration,
            format!(
                "<busconfig><type>session</type><listen>unix:path={}/bus</listen><auth>EXTERNAL</auth>\
                 <policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/>\
                 <allow eavesdrop=\"true\"/><allow own=\"*\"/></policy></busconfig>",
                folder.path().display()
            ),
        )
        .unwrap();
        let mut bus = Command::new("dbus-daemon")
            .arg(format!("--config-file={}", configuration.display()))
            .args(["--nofork", "--nopidfile", "--print-address"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("dbus-daemon, which `make setup` installs");
        let mut address = String::new();
        BufReader::new(bus.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Self { folder, bus, address: address.trim().to_owned(), daemon: None }
    }

    /// With an unlocked keyring, as after signing in.
    pub(crate) async fn signed_in() -> Self {
        let mut desktop = Self::bare();
        desktop.start_keyring(true).await;
        desktop
    }

    async fn start_keyring(&mut self, unlocked: bool) {
        let mut daemon = Command::new("gnome-keyring-daemon");
        daemon.args(["--foreground", "--components=secrets"]);
        if unlocked {
            daemon.arg("--unlock");
        }
        let home = self.folder.path();
        let mut daemon = daemon
            .env("HOME", home)
            .env("XDG_DATA_HOME", home.join("data"))
            .env("XDG_RUNTIME_DIR", home.join("run"))
            .env("DBUS_SESSION_BUS_ADDRESS", &self.address)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("gnome-keyring-daemon, which `make setup` installs");
        daemon.stdin.take().unwrap().write_all(b"the desktop's password").unwrap();
        self.daemon = Some(daemon);
        let started = Instant::now();
        loop {
            if let Ok(service) = self.service().await
                && service.get_default_collection().await.is_ok()
            {
                return;
            }
            assert!(started.elapsed() < Duration::from_secs(30), "the keyring did not start");
            tokio::task::yield_now().await;
        }
    }

    fn kill_keyring(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
    }

    fn signal(&self, signal: i32) {
        let id = i32::try_from(self.daemon.as_ref().unwrap().id()).unwrap();
        // SAFETY: kill(2) with the id of a child that was not waited for yet, so it cannot be anybody else's.
        assert_eq!(unsafe { libc::kill(id, signal) }, 0);
    }

    async fn service(&self) -> Result<SecretService<'static>, secret_service::Error> {
        let bus = zbus::connection::Builder::address(self.address.as_str())?.build().await?;
        SecretService::connect_with_existing(EncryptionType::Plain, bus).await
    }

    async fn lock(&self) {
        self.service().await.unwrap().get_default_collection().await.unwrap().lock().await.unwrap();
    }

    fn keyring(&self) -> Keyring {
        Keyring::on_bus(&self.address).with_patience(Duration::from_secs(20), Duration::from_secs(20))
    }
}

fn password() -> lectern::connections::Sensitive {
    "pässword \"with' odd\nsigns".into()
}

#[tokio::test]
async fn a_password_is_kept_changed_and_forgotten_for_each_connection_apart() {
    let desktop = Desktop::signed_in().await;
    let keyring = desktop.keyring();
    assert_eq!(keyring.state().await.state, KeyringHealth::Working);
    assert_eq!(keyring.retrieve("Head office", Kind::Password).await.unwrap(), None);
    keyring.persist("Head office", Kind::Password, &"old".into()).await.unwrap();
    keyring.persist("Head office", Kind::Password, &password()).await.unwrap();
    keyring.persist("Head office", Kind::Session, &"token".into()).await.unwrap();
    keyring.persist("東京", Kind::Password, &"another".into()).await.unwrap();
    assert_eq!(keyring.retrieve("Head office", Kind::Password).await.unwrap(), Some(password()));
    assert_eq!(keyring.retrieve("Head office", Kind::Session).await.unwrap(), Some("token".into()));

    let service = desktop.service().await.unwrap();
    let items = service.get_default_collection().await.unwrap().get_all_items().await.unwrap().len();
    assert_eq!(items, 3, "one entry for each secret, and the probe left none");

    keyring.forget("Head office").await.unwrap();
    keyring.delete("Head office", Kind::Password).await.unwrap();
    assert_eq!(keyring.retrieve("Head office", Kind::Password).await.unwrap(), None);
    assert_eq!(keyring.retrieve("Head office", Kind::Session).await.unwrap(), None);
    assert_eq!(keyring.retrieve("東京", Kind::Password).await.unwrap(), Some("another".into()));
}

#[tokio::test]
async fn a_connection_leaves_nothing_in_the_keyring_once_it_is_gone_or_asks_each_time() {
    let desktop = Desktop::signed_in().await;
    let keyring = desktop.keyring();
    let saved = Saved::at(desktop.folder.path().join("desk"));
    let connection = Connection { secret_store: SecretStore::Keyring, ..super::anywhere() };
    let kept = async || keyring.retrieve("head OFFICE", Kind::Password).await.unwrap();

    secrets::save(&saved, connection.clone(), Some(&password()), None, &keyring).await.unwrap();
    assert_eq!(kept().await, Some(password()));
    assert_eq!(secrets::for_check(&connection, None, None, &keyring).await, Some(password()));
    secrets::save(&saved, Connection { port: 5433, ..connection.clone() }, None, None, &keyring).await.unwrap();
    assert_eq!(kept().await, Some(password()), "a changed port keeps the password");

    let asks = Connection { secret_store: SecretStore::Ask, ..connection.clone() };
    secrets::save(&saved, asks, Some(&password()), None, &keyring).await.unwrap();
    assert_eq!(kept().await, None);

    secrets::save(&saved, connection.clone(), Some(&password()), None, &keyring).await.unwrap();
    desktop.lock().await;
    let error = secrets::remove(&saved, "Head office", None, &keyring).await.unwrap_err();
    assert_eq!((error.code, saved.list().unwrap().len()), (Code::Keyring, 1), "nothing is left half removed");
    let other = Connection { name: "Branch".into(), ..connection.clone() };
    assert!(secrets::save(&saved, other, Some(&password()), None, &keyring).await.is_err());
    assert_eq!(saved.list().unwrap().len(), 1, "nor half saved");

    let nowhere = Keyring::on_bus("unix:path=/nowhere/bus");
    secrets::remove(&saved, "Head office", None, &nowhere).await.unwrap();
    assert!(saved.list().unwrap().is_empty(), "where there is no keyring, nothing stands in its way");
}

#[tokio::test]
async fn a_connection_that_changes_its_place_takes_its_secrets_along_and_leaves_none_behind() {
    let desktop = Desktop::signed_in().await;
    let keyring = desktop.keyring();
    let saved = Saved::at(desktop.folder.path().join("desk"));
    let path = desktop.folder.path().join("desk/secrets.sealed");
    let file = SealedFile::open(&path, &"ladder orbit mustard hinge".into()).await.unwrap();
    let in_keyring = Connection { secret_store: SecretStore::Keyring, ..super::anywhere() };
    let in_file = Connection { secret_store: SecretStore::File, ..in_keyring.clone() };
    let sealed = |kind| file.retrieve("Head office", kind).unwrap();

    secrets::save(&saved, in_keyring.clone(), Some(&password()), None, &keyring).await.unwrap();
    keyring.persist("Head office", Kind::Session, &"token".into()).await.unwrap();
    let error = secrets::save(&saved, in_file.clone(), None, None, &keyring).await.unwrap_err();
    assert_eq!((error.code, error.field.as_deref()), (Code::Invalid, Some("passphrase")));
    assert_eq!(saved.find("Head office").unwrap().secret_store, SecretStore::Keyring, "nothing was saved");

    secrets::save(&saved, in_file.clone(), None, Some(&file), &keyring).await.unwrap();
    assert_eq!((sealed(Kind::Password), sealed(Kind::Session)), (Some(password()), Some("token".into())));
    for kind in [Kind::Password, Kind::Session] {
        assert_eq!(keyring.retrieve("Head office", kind).await.unwrap(), None, "never two places");
    }
    assert_eq!(secrets::for_check(&in_file, None, Some(&file), &keyring).await, Some(password()));
    assert_eq!(secrets::for_check(&in_file, None, None, &keyring).await, None);

    secrets::save(&saved, in_keyring.clone(), Some(&"newer".into()), Some(&file), &keyring).await.unwrap();
    assert_eq!(keyring.retrieve("Head office", Kind::Password).await.unwrap(), Some("newer".into()));
    assert_eq!((sealed(Kind::Password), sealed(Kind::Session)), (None, None));

    secrets::save(&saved, in_file, None, Some(&file), &keyring).await.unwrap();
    secrets::remove(&saved, "Head office", Some(&file), &keyring).await.unwrap();
    assert_eq!(sealed(Kind::Password), None, "nor one that nobody finds again");
}

#[tokio::test]
async fn a_connection_leaves_a_keyring_that_does_not_work_for_a_file_once_the_password_is_typed_again() {
    let desktop = Desktop::signed_in().await;
    let keyring = desktop.keyring();
    let saved = Saved::at(desktop.folder.path().join("desk"));
    let path = desktop.folder.path().join("desk/secrets.sealed");
    let file = SealedFile::open(&path, &"ladder orbit mustard hinge".into()).await.unwrap();
    let connection = Connection { secret_store: SecretStore::Keyring, ..super::anywhere() };
    secrets::save(&saved, connection.clone(), Some(&password()), None, &keyring).await.unwrap();
    desktop.lock().await;

    let in_file = Connection { secret_store: SecretStore::File, ..connection };
    let error = secrets::save(&saved, in_file.clone(), None, Some(&file), &keyring).await.unwrap_err();
    assert_eq!((error.code, error.field.as_deref()), (Code::Invalid, Some("password")));
    secrets::save(&saved, in_file, Some(&password()), Some(&file), &keyring).await.unwrap();
    assert_eq!(file.retrieve("Head office", Kind::Password).unwrap(), Some(password()));
}

#[tokio::test]
async fn a_locked_keyring_is_told_as_locked_and_gives_nothing_away() {
    let desktop = Desktop::signed_in().await;
    let keyring = desktop.keyring();
    keyring.persist("Head office", Kind::Password, &password()).await.unwrap();
    desktop.lock().await;
    let state = keyring.state().await;
    assert_eq!(state.state, KeyringHealth::Locked);
    assert!(state.next_step.unwrap().contains("Unlock"));
    let error = keyring.retrieve("Head office", Kind::Password).await.unwrap_err();
    assert_eq!((error.code, error.message.as_str()), (Code::Keyring, "The keyring is locked."));
    assert_eq!(keyring.persist("Head office", Kind::Password, &"new".into()).await.unwrap_err().message, error.message);
    assert_eq!(keyring.delete("Head office", Kind::Password).await.unwrap_err().message, error.message);
}

#[tokio::test]
async fn a_keyring_that_starts_locked_is_told_as_locked() {
    let mut desktop = Desktop::signed_in().await;
    desktop.kill_keyring();
    desktop.start_keyring(false).await;
    assert_eq!(desktop.keyring().state().await.state, KeyringHealth::Locked);
}

/// Takes every question for the person, counts it and never shows it.
struct SilentPrompter(Arc<AtomicU32>);

#[zbus::interface(name = "org.gnome.keyring.internal.Prompter")]
impl SilentPrompter {
    fn begin_prompting(&self, _callback: zbus::zvariant::ObjectPath<'_>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
    fn perform_prompt(
        &self,
        _callback: zbus::zvariant::ObjectPath<'_>,
        _kind: &str,
        _properties: std::collections::HashMap<String, zbus::zvariant::Value<'_>>,
        _exchange: &str,
    ) {
    }
    fn stop_prompting(&self, _callback: zbus::zvariant::ObjectPath<'_>) {}
}

#[tokio::test]
async fn a_prompt_nobody_answers_ends_as_locked_instead_of_waiting_forever() {
    let desktop = Desktop::signed_in().await;
    let asked = Arc::new(AtomicU32::new(0));
    let _prompter = zbus::connection::Builder::address(desktop.address.as_str())
        .unwrap()
        .serve_at("/org/gnome/keyring/Prompter", SilentPrompter(asked.clone()))
        .unwrap()
        .name("org.gnome.keyring.SystemPrompter")
        .unwrap()
        .build()
        .await
        .unwrap();
    let keyring = desktop.keyring().with_patience(Duration::from_millis(700), Duration::from_secs(20));
    keyring.persist("Head office", Kind::Password, &password()).await.unwrap();
    desktop.lock().await;
    let started = Instant::now();
    let error = keyring.retrieve("Head office", Kind::Password).await.unwrap_err();
    let waited = started.elapsed();
    assert_eq!(error.message, "The keyring is locked.");
    assert!(waited >= Duration::from_millis(700), "it did not wait for the person: {waited:?}");
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert_eq!(keyring.state().await.state, KeyringHealth::Locked);
    assert_eq!(asked.load(Ordering::SeqCst), 1, "asking for the state raises no prompt");
}

#[tokio::test]
async fn no_bus_and_a_bus_without_a_keyring_are_told_as_missing() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = format!("unix:path={}/bus", folder.path().display());
    for (keyring, desktop) in [(Keyring::on_bus(nowhere), None), {
        let desktop = Desktop::bare();
        (desktop.keyring(), Some(desktop))
    }] {
        let state = keyring.state().await;
        assert_eq!(state.state, KeyringHealth::Missing);
        assert!(state.next_step.as_ref().unwrap().contains("ask each time"));
        let error = keyring.persist("Head office", Kind::Password, &password()).await.unwrap_err();
        assert_eq!((error.code, &error.message), (Code::Keyring, &state.message));
        assert_eq!(keyring.retrieve("Head office", Kind::Password).await.unwrap_err().code, Code::Keyring);
        drop(desktop);
    }
}

#[tokio::test]
async fn a_bus_that_died_is_told_as_dead() {
    let mut desktop = Desktop::signed_in().await;
    desktop.bus.kill().unwrap();
    desktop.bus.wait().unwrap();
    assert_eq!(desktop.keyring().state().await.state, KeyringHealth::Dead);
}

#[tokio::test]
async fn a_keyring_that_hangs_is_told_as_dead_and_works_again_once_it_wakes() {
    let desktop = Desktop::signed_in().await;
    desktop.keyring().persist("Head office", Kind::Password, &password()).await.unwrap();
    let keyring = desktop.keyring().with_patience(Duration::from_secs(1), Duration::from_millis(500));
    desktop.signal(libc::SIGSTOP);
    assert_eq!(keyring.state().await.state, KeyringHealth::Dead);
    let error = keyring.retrieve("Head office", Kind::Password).await.unwrap_err();
    assert!(error.message.contains("does not answer"), "{error}");
    desktop.signal(libc::SIGCONT);
    assert_eq!(desktop.keyring().retrieve("Head office", Kind::Password).await.unwrap(), Some(password()));
}

#[tokio::test]
async fn a_keyring_killed_and_started_again_gives_back_what_it_kept() {
    let mut desktop = Desktop::signed_in().await;
    let keyring = desktop.keyring();
    keyring.persist("Head office", Kind::Password, &password()).await.unwrap();
    desktop.kill_keyring();
    assert_eq!(keyring.state().await.state, KeyringHealth::Missing);
    desktop.start_keyring(true).await;
    assert_eq!(keyring.state().await.state, KeyringHealth::Working);
    assert_eq!(keyring.retrieve("Head office", Kind::Password).await.unwrap(), Some(password()));
}
