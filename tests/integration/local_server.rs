//! The private local server, on real servers of its own: sharing, crashes, bad places and lost files.

use std::{
    borrow::Cow,
    fs::{self, File},
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use lectern::{
    Code, Error,
    connections::local_server::{self, LocalServer, Options, State, Step, account},
    migrating::Standing,
};
use sqlx::{Connection, PgConnection, migrate::Migrator};
use tempfile::TempDir;

use crate::harness;

/// A directory the server's account can pass through when the tests run as root.
fn open_directory() -> TempDir {
    tempfile::Builder::new().prefix("lectern-local-").permissions(fs::Permissions::from_mode(0o711)).tempdir().unwrap()
}

fn options(place: &Path) -> Options {
    Options { directory: place.join("local-server"), bundled: None, patience: Duration::from_secs(60) }
}

async fn start(options: &Options) -> Result<LocalServer, Error> {
    local_server::start(options, &lectern::MIGRATOR, &mut |_| ()).await
}

/// The error of a start that must not succeed. (The server says nothing a test could print.)
async fn refusal(options: &Options) -> Error {
    match start(options).await {
        Ok(_) => panic!("the server started"),
        Err(error) => {
            assert_eq!(error.code, Code::LocalServer, "{error}");
            assert!(error.next_step.as_deref().is_some_and(|next| next.ends_with('.')), "{error}");
            error
        }
    }
}

/// A copy of a stopped, migrated local server: creating one takes seconds, copying it a moment.
async fn prepared() -> (TempDir, Options) {
    // Among the files of the shared test server, which go when the tests have ended.
    let original = harness::directory().await.join("prepared");
    fs::create_dir_all(&original).unwrap();
    fs::set_permissions(&original, fs::Permissions::from_mode(0o711)).unwrap();
    let lock = File::create(original.join("lock")).unwrap();
    let lock = tokio::task::spawn_blocking(move || lock.lock().map(|()| lock)).await.unwrap().unwrap();
    if !original.join("made").exists() {
        start(&options(&original)).await.unwrap().leave().await.unwrap();
        fs::write(original.join("made"), "").unwrap();
    }
    drop(lock);
    let place = open_directory();
    let copied = Command::new("cp").arg("-a").arg(original.join("local-server")).arg(place.path()).status();
    assert!(copied.unwrap().success());
    let options = options(place.path());
    (place, options)
}

async fn owner(server: &LocalServer) -> PgConnection {
    PgConnection::connect_with(&server.owner()).await.unwrap()
}

async fn write_note(server: &LocalServer, text: &str) {
    let mut owner = owner(server).await;
    sqlx::raw_sql("create table if not exists public.notes (text text)").execute(&mut owner).await.unwrap();
    sqlx::query("insert into public.notes values ($1)").bind(text).execute(&mut owner).await.unwrap();
}

async fn notes(server: &LocalServer) -> Vec<String> {
    sqlx::query_scalar("select text from public.notes order by text").fetch_all(&mut owner(server).await).await.unwrap()
}

fn state(options: &Options) -> State {
    local_server::status(options).unwrap().state
}

fn process(options: &Options) -> i32 {
    local_server::status(options).unwrap().process.unwrap()
}

fn kill(process: i32) {
    assert!(Command::new("kill").args(["-KILL", &process.to_string()]).status().unwrap().success());
}

#[tokio::test]
async fn the_first_start_makes_a_migrated_database_only_its_owner_reaches() {
    let place = open_directory();
    let options = options(place.path());
    assert_eq!(state(&options), State::Absent);
    let mut steps = Vec::new();
    let server = local_server::start(&options, &lectern::MIGRATOR, &mut |step| steps.push(step)).await.unwrap();
    assert!(steps.starts_with(&[Step::Creating, Step::Starting]), "{steps:?}");
    assert_eq!(steps.last(), Some(&Step::Ready));
    assert_eq!(server.schema.state, Standing::Current);

    let mut app = PgConnection::connect_with(&server.application()).await.unwrap();
    let (is_superuser, is_member, listens, checksums, journal): (String, bool, String, String, String) =
        sqlx::query_as(
            "select current_setting('is_superuser'), pg_has_role('lectern_app', 'member'),
                current_setting('listen_addresses'), current_setting('data_checksums'), current_setting('fsync')",
        )
        .fetch_one(&mut app)
        .await
        .unwrap();
    assert_eq!((is_superuser.as_str(), is_member), ("off", true));
    assert_eq!((listens.as_str(), checksums.as_str(), journal.as_str()), ("", "on", "on"));

    let mode = |path: &str| fs::metadata(options.directory.join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("data"), mode("run"), mode("secrets.json"), mode("server.log")), (0o700, 0o700, 0o600, 0o600));
    let guessed = PgConnection::connect_with(&server.owner().password("postgres")).await.unwrap_err();
    assert_eq!(Error::from(guessed).code, Code::WrongPassword);

    app.close().await.unwrap();
    server.leave().await.unwrap();
    assert_eq!(state(&options), State::Stopped);
}

#[tokio::test]
async fn programs_share_one_server_and_the_last_one_out_stops_it() {
    let (_place, options) = prepared().await;
    let first = start(&options).await.unwrap();
    let started = process(&options);
    let second = start(&options).await.unwrap();
    assert_eq!(process(&options), started);
    assert_eq!(local_server::status(&options).unwrap().users.len(), 2);
    let error = local_server::stop(&options).await.unwrap_err();
    assert!(error.message.contains("in use by"), "{error}");

    first.leave().await.unwrap();
    write_note(&second, "still here").await;
    second.leave().await.unwrap();
    assert_eq!(state(&options), State::Stopped);
}

#[tokio::test]
async fn two_first_starts_at_once_make_one_server() {
    let place = open_directory();
    let options = options(place.path());
    let (one, other) = tokio::join!(start(&options), start(&options));
    let (one, other) = (one.unwrap(), other.unwrap());
    write_note(&one, "from one").await;
    assert_eq!(notes(&other).await, ["from one"]);
    one.leave().await.unwrap();
    other.leave().await.unwrap();
    assert_eq!(state(&options), State::Stopped);
}

#[tokio::test]
async fn a_server_asked_to_stay_runs_on_until_it_is_stopped() {
    let (_place, options) = prepared().await;
    let server = start(&options).await.unwrap();
    server.keep_running().unwrap();
    server.leave().await.unwrap();
    assert_eq!(state(&options), State::Running);
    assert!(local_server::stop(&options).await.unwrap());
    assert!(!local_server::stop(&options).await.unwrap());
    start(&options).await.unwrap().leave().await.unwrap();
    assert_eq!(state(&options), State::Stopped, "the wish ended with the server it was for");
}

#[tokio::test]
async fn a_window_that_only_vanishes_still_stops_its_server() {
    let (_place, options) = prepared().await;
    drop(start(&options).await.unwrap());
    // At once, while the old server is still on its way out.
    drop(start(&options).await.unwrap());
    while state(&options) != State::Stopped {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Not a test of its own: the program that [`the_server_of_a_killed_program_is_found_and_shared_again`] kills.
#[tokio::test]
async fn holds_a_server_when_another_test_asks() {
    let Some(directory) = std::env::var_os("LECTERN_TEST_HOLDS") else { return };
    let options = Options { directory: directory.into(), bundled: None, patience: Duration::from_secs(60) };
    let server = start(&options).await.unwrap();
    write_note(&server, "written by the killed program").await;
    fs::write(options.directory.join("holding"), "").unwrap();
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn the_server_of_a_killed_program_is_found_and_shared_again() {
    let (_place, options) = prepared().await;
    let mut holder = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "local_server::holds_a_server_when_another_test_asks"])
        .env("LECTERN_TEST_HOLDS", &options.directory)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while !options.directory.join("holding").exists() {
        assert!(holder.try_wait().unwrap().is_none(), "the other program ended by itself");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let started = process(&options);
    holder.kill().unwrap();
    holder.wait().unwrap();

    let server = start(&options).await.unwrap();
    assert_eq!(process(&options), started);
    assert_eq!(local_server::status(&options).unwrap().users.len(), 1, "a dead program does not count");
    assert_eq!(notes(&server).await, ["written by the killed program"]);
    server.leave().await.unwrap();
    assert_eq!(state(&options), State::Stopped);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killing_the_server_during_writes_loses_nothing_that_was_acknowledged() {
    let (_place, options) = prepared().await;
    let mut acknowledged = 0i64;
    let rounds = if std::env::var_os("LECTERN_TEST_LONG").is_some() { 200 } else { 12 };
    for round in 0..rounds {
        let server = start(&options).await.unwrap();
        let mut writer = owner(&server).await;
        sqlx::raw_sql("create table if not exists public.writes (number bigint)").execute(&mut writer).await.unwrap();
        let kept: i64 = sqlx::query_scalar("select coalesce(max(number), 0) from public.writes")
            .fetch_one(&mut writer)
            .await
            .unwrap();
        assert!(kept >= acknowledged, "round {round}: {acknowledged} writes were acknowledged, {kept} are there");
        acknowledged = kept;
        let postmaster = process(&options);
        let writing = tokio::spawn(async move {
            let mut number = kept;
            while sqlx::query("insert into public.writes values ($1)")
                .bind(number + 1)
                .execute(&mut writer)
                .await
                .is_ok()
            {
                number += 1;
                if number == kept + 10 + round {
                    // The server's own processes, in the middle of whatever they do.
                    let _ = Command::new("sh")
                        .arg("-c")
                        .arg("kill -KILL $(cat /proc/$1/task/$1/children 2>/dev/null) $1")
                        .arg("sh")
                        .arg(postmaster.to_string())
                        .stderr(Stdio::null())
                        .status();
                }
            }
            number
        });
        acknowledged = acknowledged.max(writing.await.unwrap());
    }
    let server = start(&options).await.unwrap();
    let (count, highest): (i64, i64) = sqlx::query_as("select count(*), max(number) from public.writes")
        .fetch_one(&mut owner(&server).await)
        .await
        .unwrap();
    assert!(highest >= acknowledged && acknowledged >= 120, "{acknowledged} acknowledged, {highest} there");
    assert_eq!(count, highest, "no number is missing in between");
    server.leave().await.unwrap();
}

#[tokio::test]
async fn a_window_that_lost_its_server_starts_it_again() {
    let (_place, options) = prepared().await;
    let first = start(&options).await.unwrap();
    write_note(&first, "before").await;
    kill(process(&options));
    let again = start(&options).await.unwrap();
    assert_eq!(notes(&first).await, ["before"], "the first window reaches the new server with what it has");
    first.leave().await.unwrap();
    assert_eq!(state(&options), State::Running);
    again.leave().await.unwrap();
    assert_eq!(state(&options), State::Stopped);
}

#[tokio::test]
async fn the_note_of_a_crashed_server_does_not_fool_the_next_start() {
    let (_place, options) = prepared().await;
    let server = start(&options).await.unwrap();
    let postmaster = process(&options);
    let note = options.directory.join("data/postmaster.pid");
    let text = fs::read_to_string(&note).unwrap();
    kill(postmaster);
    drop(server);
    // The number now belongs to a program that has nothing to do with it: this one.
    fs::write(&note, text.replacen(&postmaster.to_string(), &std::process::id().to_string(), 1)).unwrap();
    start(&options).await.unwrap().leave().await.unwrap();
}

#[tokio::test]
async fn a_half_made_cluster_is_thrown_away_and_made_again() {
    let place = open_directory();
    let options = options(place.path());
    let half = options.directory.join("data.unfinished-00aa");
    fs::create_dir_all(half.join("base")).unwrap();
    fs::write(half.join("PG_VERSION"), "17\n").unwrap();
    let server = start(&options).await.unwrap();
    assert!(!half.exists());
    server.leave().await.unwrap();
}

#[tokio::test]
async fn lost_passwords_are_made_anew_and_the_data_stays() {
    let (_place, options) = prepared().await;
    let server = start(&options).await.unwrap();
    write_note(&server, "kept").await;
    server.leave().await.unwrap();
    fs::remove_file(options.directory.join("secrets.json")).unwrap();

    let server = start(&options).await.unwrap();
    assert_eq!(notes(&server).await, ["kept"]);
    PgConnection::connect_with(&server.application()).await.unwrap().close().await.unwrap();
    server.leave().await.unwrap();
}

fn migrations(keep: impl Fn(usize) -> bool) -> Migrator {
    let migrations = lectern::MIGRATOR.iter().enumerate().filter(|(i, _)| keep(*i)).map(|(_, m)| m.clone());
    Migrator { migrations: Cow::Owned(migrations.collect()), ..Migrator::DEFAULT }
}

#[tokio::test]
async fn an_upgrade_is_backed_up_first_and_can_be_undone_by_hand() {
    let place = open_directory();
    let options = options(place.path());
    let older = migrations(|i| i < 5);
    let server = local_server::start(&options, &older, &mut |_| ()).await.unwrap();
    assert_eq!(server.schema.state, Standing::Current);
    write_note(&server, "from before").await;

    let in_use = start(&options).await.err().unwrap();
    assert!(in_use.message.contains("another Lectern program is using it"), "{in_use}");
    server.leave().await.unwrap();

    let mut steps = Vec::new();
    let server = local_server::start(&options, &lectern::MIGRATOR, &mut |step| steps.push(step)).await.unwrap();
    assert!(steps.contains(&Step::BackingUp), "{steps:?}");
    assert!(steps.iter().any(|step| matches!(step, Step::Migrating { number: 1, .. })), "{steps:?}");
    assert_eq!((server.schema.state, server.schema.pending), (Standing::Current, 0));
    write_note(&server, "from after").await;
    server.leave().await.unwrap();

    let server = local_server::start(&options, &older, &mut |_| ()).await.unwrap();
    assert_eq!(server.schema.state, Standing::Newer);
    server.leave().await.unwrap();

    let backups: Vec<PathBuf> =
        fs::read_dir(options.directory.join("backups")).unwrap().map(|entry| entry.unwrap().path()).collect();
    let [backup] = backups.as_slice() else { panic!("{backups:?}") };
    let replaced = local_server::restore(&options, backup).await.unwrap();
    assert!(replaced.join("PG_VERSION").is_file());
    let server = local_server::start(&options, &older, &mut |_| ()).await.unwrap();
    assert_eq!(notes(&server).await, ["from before"]);
    assert_eq!(server.schema.state, Standing::Current);
    server.leave().await.unwrap();
}

#[tokio::test]
async fn what_a_backup_wrote_a_restore_reads_also_across_an_upgrade_of_the_tables() {
    let place = open_directory();
    let options = options(place.path());
    let older = migrations(|i| i < 5);
    let server = local_server::start(&options, &older, &mut |_| ()).await.unwrap();
    write_note(&server, "in the backup").await;
    let backup = server.back_up().await.unwrap();
    assert!(backup.starts_with(options.directory.join("backups")), "{}", backup.display());
    write_note(&server, "not in the backup").await;
    server.leave().await.unwrap();

    start(&options).await.unwrap().leave().await.unwrap();
    let replaced = local_server::restore(&options, &backup).await.unwrap();
    assert_eq!(state(&options), State::Stopped);
    let server = start(&options).await.unwrap();
    assert_eq!(notes(&server).await, ["in the backup"]);
    assert_eq!(server.schema.state, Standing::Current, "it was upgraded like any other data");
    server.leave().await.unwrap();

    // What was replaced is a way back too.
    local_server::restore(&options, &replaced).await.unwrap();
    let server = start(&options).await.unwrap();
    assert_eq!(notes(&server).await, ["in the backup", "not in the backup"]);
    server.leave().await.unwrap();
}

#[tokio::test]
async fn a_damaged_backup_is_told_and_the_data_stay_as_they_are() {
    let (_place, options) = prepared().await;
    let server = start(&options).await.unwrap();
    write_note(&server, "mine").await;
    let backup = server.back_up().await.unwrap();
    server.leave().await.unwrap();
    let control = backup.join("global/pg_control");
    let whole = fs::read(&control).unwrap();
    let mut turned = whole.clone();
    turned[40] ^= 1;

    let told = async |why: &str| {
        let error = local_server::restore(&options, &backup).await.unwrap_err();
        assert_eq!(error.code, Code::LocalServer, "{error}");
        assert!(error.message.contains(why), "{why}: {error}");
        assert!(error.next_step.is_some());
        let server = start(&options).await.unwrap();
        assert_eq!(notes(&server).await, ["mine"]);
        server.leave().await.unwrap();
    };
    fs::write(&control, &turned).unwrap();
    told("global/pg_control is not as it was written").await;
    // Without its list, PostgreSQL itself says that it cannot.
    let list = backup.join("lectern-backup.sha256");
    let lines = fs::read_to_string(&list).unwrap();
    fs::remove_file(&list).unwrap();
    told("does not start with it").await;
    fs::write(&list, lines).unwrap();
    fs::write(&control, &whole).unwrap();
    fs::remove_file(backup.join("global/pg_filenode.map")).unwrap();
    told("pg_filenode.map is not as it was written").await;
    fs::remove_file(&control).unwrap();
    told("is not a backup").await;
}

#[tokio::test]
async fn data_of_a_version_that_is_not_here_is_named_and_left_alone() {
    let (_place, options) = prepared().await;
    fs::write(options.directory.join("data/PG_VERSION"), "9\n").unwrap();
    let error = refusal(&options).await;
    assert!(error.message.contains("made by PostgreSQL 9;"), "{error}");
    assert!(error.next_step.unwrap().contains("postgresql-9"));
}

#[tokio::test]
async fn a_path_too_long_for_a_socket_is_said_so() {
    let place = open_directory();
    let error = refusal(&options(&place.path().join("d".repeat(100)))).await;
    assert!(error.message.contains("too long"), "{error}");
    assert!(error.next_step.unwrap().contains("LECTERN_DATA_DIR"));
}

#[tokio::test]
async fn a_place_that_is_not_ones_own_is_said_so() {
    let place = open_directory();
    let options = options(place.path());
    fs::create_dir(&options.directory).unwrap();
    if account::is_root() {
        chown(&options.directory, Some(12345), Some(12345)).unwrap();
        assert!(refusal(&options).await.message.contains("belongs to another account"));
    } else {
        fs::set_permissions(place.path(), fs::Permissions::from_mode(0o500)).unwrap();
        fs::remove_dir(&options.directory).unwrap_err();
        fs::set_permissions(&options.directory, fs::Permissions::from_mode(0o000)).unwrap();
        // Its owner may open it again, so this is mended, not refused.
        start(&options).await.unwrap().leave().await.unwrap();
        fs::set_permissions(place.path(), fs::Permissions::from_mode(0o700)).unwrap();
    }
}

#[tokio::test]
async fn data_stays_with_its_account_when_a_package_brings_one_that_would_be_preferred() {
    if !account::is_root() {
        return; // the server then runs as whoever asks, packages or not
    }
    let (_place, options) = prepared().await;
    let data = options.directory.join("data");
    // As after `apt-get install postgresql` on a machine that had nobody better than `nobody` before.
    let given = Command::new("chown").args(["-R", "daemon:daemon"]).arg(&data).status();
    assert!(given.unwrap().success());
    let server = start(&options).await.unwrap();
    write_note(&server, "still here").await;
    server.leave().await.unwrap();
    assert_eq!(fs::metadata(&data).unwrap().uid(), 1, "daemon's, as before");
}

#[tokio::test]
async fn a_place_the_servers_account_cannot_reach_is_said_so() {
    if !account::is_root() {
        return; // the server then runs as whoever asks, who reaches it
    }
    let place = open_directory();
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let error = refusal(&options(place.path())).await;
    assert!(error.message.contains("cannot reach"), "{error}");
}

#[tokio::test]
async fn a_file_where_the_directory_should_be_is_said_so() {
    let place = open_directory();
    let options = options(place.path());
    fs::write(&options.directory, "").unwrap();
    assert!(refusal(&options).await.message.contains("not a directory"));
}

#[tokio::test]
async fn a_start_that_never_ends_elsewhere_is_told_after_waiting() {
    let place = open_directory();
    let options = Options { patience: Duration::from_millis(200), ..options(place.path()) };
    fs::create_dir(&options.directory).unwrap();
    let lock = File::create(options.directory.join("lock")).unwrap();
    lock.lock().unwrap();
    let mut steps = Vec::new();
    let error = local_server::start(&options, &lectern::MIGRATOR, &mut |step| steps.push(step)).await.err().unwrap();
    assert!(error.message.contains("Another Lectern program"), "{error}");
    assert_eq!(steps, [Step::Waiting]);
}

#[tokio::test]
async fn a_full_disk_is_told_with_how_much_room_is_needed_and_nothing_is_left_behind() {
    let place = open_directory();
    let disk = place.path().join("disk");
    fs::create_dir(&disk).unwrap();
    // A small disk of its own needs root; elsewhere the words are tested where they are chosen.
    let mount = |size: &str| Command::new("mount").args(["-t", "tmpfs", "-o", size, "tmpfs"]).arg(&disk).output();
    if !account::is_root() || !mount("size=8m,mode=711").unwrap().status.success() {
        return;
    }
    let options = options(&disk);
    let error = refusal(&options).await;
    let left: Vec<_> = fs::read_dir(&options.directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| name.to_string_lossy().starts_with("data"))
        .collect();
    assert!(Command::new("umount").arg(&disk).status().unwrap().success());
    assert!(error.message.contains("is full"), "{error}");
    assert!(error.next_step.unwrap().contains("200 MB"));
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn what_people_type_and_the_passwords_are_not_in_the_servers_log() {
    let (_place, options) = prepared().await;
    let server = start(&options).await.unwrap();
    let mut owner = owner(&server).await;
    sqlx::query("select $1::int").bind("a sentence nobody else should read").execute(&mut owner).await.unwrap_err();
    sqlx::raw_sql("select 'another private sentence'::uuid").execute(&mut owner).await.unwrap_err();
    server.leave().await.unwrap();
    let log = fs::read_to_string(options.directory.join("server.log")).unwrap();
    let secrets = fs::read_to_string(options.directory.join("secrets.json")).unwrap();
    let secrets: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&secrets).unwrap();
    assert_eq!(secrets.len(), 2);
    assert!(log.contains("ready to accept connections"), "{log}");
    assert!(!log.contains("sentence"), "{log}");
    assert!(secrets.values().all(|secret| !log.contains(secret.as_str().unwrap())));
}
