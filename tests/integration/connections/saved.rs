use std::{fs, os::unix::fs::PermissionsExt};

use lectern::{
    Code,
    connections::{
        Connection, SecretStore, Tls,
        saved::Saved,
        target::{self, Target},
    },
};

use super::anywhere;

fn desk() -> (tempfile::TempDir, Saved) {
    let folder = tempfile::tempdir().unwrap();
    let saved = Saved::at(folder.path().join("lectern"));
    (folder, saved)
}

#[test]
fn what_is_saved_is_there_again_with_everything_that_was_chosen() {
    let (_folder, saved) = desk();
    let chosen = Connection {
        name: "  Școala Nordică – Büro (2)  ".replace('–', "-"),
        tls: Tls::VerifyCa,
        ca_file: Some("/etc/ssl/school.pem".into()),
        client_certificate: Some("/home/mina/desk.pem".into()),
        client_key: Some("/home/mina/desk.key".into()),
        fallback_hosts: vec!["db2.example.org".into(), "[::1]:5433".into()],
        secret_store: SecretStore::Keyring,
        ..anywhere()
    };
    let kept = saved.save(chosen.clone()).unwrap();
    assert_eq!(kept.name, "Școala Nordică - Büro (2)");
    saved.save(Connection { name: "Another".into(), ..anywhere() }).unwrap();
    let listed = saved.list().unwrap();
    assert_eq!(listed.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["Another", "Școala Nordică - Büro (2)"]);
    assert_eq!(listed[1], Connection { name: kept.name.clone(), ..chosen });
    assert_eq!(saved.find("ȘCOALA nordică - büro (2)").unwrap(), kept);
}

#[test]
fn the_file_is_readable_by_its_owner_only_and_holds_no_secret() {
    let (_folder, saved) = desk();
    saved.save(anywhere()).unwrap();
    saved.device("Head office").unwrap();
    for file in walk(saved.folder()) {
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o077 & 0o600, 0, "{}", file.display());
    }
    let text = fs::read_to_string(saved.folder().join("connections.toml")).unwrap();
    assert_eq!(fs::metadata(saved.folder().join("connections.toml")).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!text.contains("password"), "{text}");
    assert!(text.contains("tls = \"verify-full\""), "{text}");
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    fs::read_dir(folder)
        .unwrap()
        .flat_map(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() { walk(&path) } else { vec![path] }
        })
        .collect()
}

#[test]
fn saving_the_same_name_in_another_case_replaces_it() {
    let (_folder, saved) = desk();
    saved.save(anywhere()).unwrap();
    saved.save(Connection { name: "HEAD OFFICE".into(), port: 5433, ..anywhere() }).unwrap();
    let listed = saved.list().unwrap();
    assert_eq!((listed.len(), listed[0].port), (1, 5433));
}

#[test]
fn a_file_written_by_hand_needs_only_what_is_not_usual() {
    let (_folder, saved) = desk();
    fs::create_dir_all(saved.folder()).unwrap();
    fs::write(
        saved.folder().join("connections.toml"),
        "[[connection]]\nname = \"School\"\nhost = \"db.example.org\"\ndatabase = \"lectern\"\nuser = \"desk\"\n\n\
         [[connection]]\nname = \"Here\"\nhost = \"/run/postgresql\"\ndatabase = \"lectern\"\nuser = \"desk\"\n",
    )
    .unwrap();
    let school = saved.find("School").unwrap();
    assert_eq!((school.port, school.tls, school.secret_store), (5432, Tls::VerifyFull, SecretStore::Keyring));
    assert_eq!(saved.find("Here").unwrap().tls, Tls::Off);
}

#[test]
fn a_damaged_file_is_told_by_its_line_and_kept_aside() {
    let (_folder, saved) = desk();
    saved.save(anywhere()).unwrap();
    let file = saved.folder().join("connections.toml");
    let whole = fs::read_to_string(&file).unwrap();
    let damaged = [
        (format!("{whole}\n[[connection]\nname = \"x\"\n"), whole.lines().count() + 2),
        (whole.replace("port = 5432", "port = 70000"), line_of(&whole, "port")),
        (whole.replace("verify-full", "verify-some"), line_of(&whole, "tls")),
        (whole.replace("desk", ""), line_of(&whole, "[[connection]]")),
        (format!("{whole}password = \"hunter2hunter2\"\n"), whole.lines().count() + 1),
    ];
    for (text, line) in damaged {
        fs::write(&file, &text).unwrap();
        let error = saved.list().unwrap_err();
        assert_eq!(error.code, Code::Invalid);
        assert!(error.message.contains(&format!("line {line} ")), "{} (wanted line {line} of\n{text})", error.message);
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        let next_step = error.next_step.unwrap();
        let kept = next_step.split(' ').find(|word| word.contains(".damaged-")).unwrap().trim_end_matches('.');
        assert_eq!(fs::read_to_string(kept).unwrap(), text);
        assert!(saved.list().unwrap().is_empty(), "the desk goes on without it");
    }
    fs::write(&file, b"name = \"\xff\"").unwrap();
    assert!(saved.list().unwrap_err().message.contains("line 1 "));
    saved.save(anywhere()).unwrap();
    assert_eq!(saved.list().unwrap().len(), 1);
}

fn line_of(text: &str, start: &str) -> usize {
    text.lines().position(|line| line.starts_with(start)).unwrap() + 1
}

#[test]
fn the_file_of_a_newer_lectern_is_left_alone() {
    let (_folder, saved) = desk();
    saved.save(anywhere()).unwrap();
    let file = saved.folder().join("connections.toml");
    let newer = fs::read_to_string(&file).unwrap().replace("format = 1", "format = 2\nweather = \"fine\"");
    fs::write(&file, &newer).unwrap();
    assert!(saved.list().unwrap_err().message.contains("newer Lectern"));
    assert!(saved.save(anywhere()).is_err());
    assert_eq!(fs::read_to_string(&file).unwrap(), newer);
}

#[test]
fn each_field_that_cannot_be_right_is_named() {
    let (_folder, saved) = desk();
    let wrong: Vec<(&str, Connection)> = vec![
        ("name", Connection { name: " ".into(), ..anywhere() }),
        ("name", Connection { name: "x".repeat(61), ..anywhere() }),
        ("name", Connection { name: "a/b".into(), ..anywhere() }),
        ("name", Connection { name: "a\u{202e}b".into(), ..anywhere() }),
        ("name", Connection { name: "Local".into(), ..anywhere() }),
        ("host", Connection { host: "".into(), ..anywhere() }),
        ("host", Connection { host: "postgres://db".into(), ..anywhere() }),
        ("host", Connection { host: "mina@db".into(), ..anywhere() }),
        ("host", Connection { host: "db.example.org:5432".into(), ..anywhere() }),
        ("host", Connection { host: "two words".into(), ..anywhere() }),
        ("port", Connection { port: 0, ..anywhere() }),
        ("database", Connection { database: "".into(), ..anywhere() }),
        ("database", Connection { database: "é".repeat(32), ..anywhere() }),
        ("user", Connection { user: "a\0b".into(), ..anywhere() }),
        ("clientKey", Connection { client_certificate: Some("/a".into()), ..anywhere() }),
        ("clientCertificate", Connection { client_key: Some("/a".into()), ..anywhere() }),
        ("caFile", Connection { ca_file: Some("here.pem".into()), ..anywhere() }),
        ("fallbackHosts", Connection { fallback_hosts: vec!["db.example.org".into()], ..anywhere() }),
        ("fallbackHosts", Connection { fallback_hosts: vec!["b:0".into()], ..anywhere() }),
        ("fallbackHosts", Connection { fallback_hosts: (0..9).map(|n| format!("b{n}")).collect(), ..anywhere() }),
    ];
    for (field, connection) in wrong {
        let error = saved.save(connection.clone()).unwrap_err();
        assert_eq!((error.code, error.field.as_deref()), (Code::Invalid, Some(field)), "{connection:?}: {error}");
    }
    for name in ["東京の学校", "مدرسة الشمال", "नई दिल्ली", "St. Mary's".replace('\'', "").as_str()]
    {
        saved.save(Connection { name: name.into(), ..anywhere() }).unwrap();
    }
}

#[test]
fn removing_forgets_the_device_and_an_unknown_name_lists_the_known_ones() {
    let (_folder, saved) = desk();
    saved.save(anywhere()).unwrap();
    let device = saved.device("Head office").unwrap();
    assert_eq!(saved.device("head OFFICE").unwrap(), device, "the same device at each start");
    assert_ne!(saved.device("Another").unwrap(), device);
    let error = saved.remove("Branch").unwrap_err();
    assert_eq!(error.code, Code::NotFound);
    assert!(error.next_step.unwrap().contains("Head office"));
    saved.remove("Head office").unwrap();
    assert!(saved.list().unwrap().is_empty());
    assert_ne!(saved.device("Head office").unwrap(), device);
}

#[test]
fn two_programs_saving_at_once_lose_nothing() {
    let (_folder, saved) = desk();
    std::thread::scope(|scope| {
        for desk in 0..8 {
            let saved = saved.clone();
            scope.spawn(move || {
                for number in 0..5 {
                    saved.save(Connection { name: format!("{desk}-{number}"), ..anywhere() }).unwrap();
                }
            });
        }
    });
    assert_eq!(saved.list().unwrap().len(), 40);
}

#[test]
fn a_typed_name_goes_before_database_url_and_neither_means_this_computer() {
    let (_folder, saved) = desk();
    let kept = saved.save(anywhere()).unwrap();
    let url = Some("postgres://desk:geheim@db9.example.org/lectern");
    assert_eq!(target::resolve(&saved, None, None).unwrap(), Target::Local);
    assert_eq!(target::resolve(&saved, None, Some("")).unwrap(), Target::Local);
    assert_eq!(target::resolve(&saved, Some("local"), url).unwrap(), Target::Local);
    assert_eq!(target::resolve(&saved, Some("head office"), url).unwrap(), Target::Saved(kept));
    assert_eq!(target::resolve(&saved, Some("nowhere"), url).unwrap_err().code, Code::NotFound);
    let from_url = target::resolve(&saved, None, url).unwrap();
    assert!(!format!("{from_url:?}").contains("geheim"));
    let Target::Address(connection, password) = from_url else { panic!("an address") };
    assert_eq!((connection.host.as_str(), connection.tls), ("db9.example.org", Tls::VerifyFull));
    assert_eq!(password.unwrap().expose(), "geheim");
}

#[test]
fn a_full_or_closed_disk_is_told_with_the_path() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("taken"), "").unwrap();
    let saved = Saved::at(folder.path().join("taken"));
    let error = saved.save(anywhere()).unwrap_err();
    assert_eq!(error.code, Code::LocalServer);
    assert!(error.message.contains("taken") && error.next_step.unwrap().contains("LECTERN_CONFIG_DIR"));
}
