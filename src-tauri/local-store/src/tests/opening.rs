//! What is refused at the door, and that refusing changes nothing.

use std::fs;

use sync_core::store::{Store, Write};

use super::{COURSE, Desk, commit, id, kept, random};
use crate::{Error, LocalStore, SecretKey, schema, set_aside};

#[test]
fn another_key_is_refused_and_changes_nothing() {
    let desk = Desk::new();
    let mut store = desk.open();
    commit(&mut store, vec![Write::Course(kept())]);
    drop(store);
    let before = fs::read(desk.path()).unwrap();
    let other = LocalStore::open(&desk.path(), &SecretKey::new([8; 32]), id(), random);
    assert!(matches!(other.unwrap_err(), Error::NotThisKey { .. }));
    assert_eq!(fs::read(desk.path()).unwrap(), before);
    assert_eq!(desk.open().courses().unwrap(), [COURSE]);
}

#[test]
fn a_file_of_a_newer_lectern_is_left_alone() {
    let desk = Desk::new();
    drop(desk.open());
    let raw = rusqlite::Connection::open(desk.path()).unwrap();
    raw.pragma_update(None, "user_version", 99).unwrap();
    drop(raw);
    let before = fs::read(desk.path()).unwrap();
    let error = desk.try_open().unwrap_err();
    assert!(matches!(error, Error::Newer { .. }), "{error}");
    assert!(error.next_step().contains("Update Lectern"));
    assert_eq!(fs::read(desk.path()).unwrap(), before);
}

#[test]
fn an_older_file_is_brought_up_after_a_copy_is_kept() {
    let desk = Desk::new();
    let mut store = desk.open();
    commit(&mut store, vec![Write::Course(kept())]);
    drop(store);
    let later = [schema::STEPS, &["create table marks (id integer primary key) strict"]].concat();
    let key = SecretKey::new(desk.key);
    let open = || LocalStore::open_with(&desk.path(), &key, id(), random, &later);
    assert_eq!(open().unwrap().courses().unwrap(), [COURSE]);
    // The older app is told, and the copy from before is a file it can open.
    assert!(matches!(desk.try_open().unwrap_err(), Error::Newer { .. }));
    let copy = schema::copy_of(&desk.path(), schema::STEPS.len());
    assert_eq!(LocalStore::open(&copy, &key, id(), random).unwrap().courses().unwrap(), [COURSE]);

    let broken = [later.as_slice(), &["create table more (id integer)", "no statement at all"]].concat();
    LocalStore::open_with(&desk.path(), &key, id(), random, &broken).unwrap_err();
    assert_eq!(open().unwrap().courses().unwrap(), [COURSE]);
}

#[test]
fn a_damaged_file_is_told_and_kept_under_another_name() {
    let desk = Desk::new();
    drop(desk.open());
    let nonsense = vec![0x5a; 8192];
    fs::write(desk.path(), &nonsense).unwrap();
    let error = desk.try_open().unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }), "{error}");
    let aside = set_aside(&desk.path()).unwrap();
    assert_eq!(fs::read(&aside).unwrap(), nonsense);
    assert!(desk.open().courses().unwrap().is_empty());
    fs::write(desk.path(), &nonsense).unwrap();
    let second = set_aside(&desk.path()).unwrap();
    assert_ne!(aside, second);
}

#[test]
fn a_copied_file_is_another_device_and_a_renamed_one_is_not() {
    let desk = Desk::new();
    let mut store = desk.open();
    commit(&mut store, vec![Write::Course(kept())]);
    let device = store.device().unwrap();
    drop(store);
    assert_eq!(desk.open().device().unwrap(), device);

    let copy = desk.path().with_extension("copy");
    fs::copy(desk.path(), &copy).unwrap();
    let new = id();
    let open = |proposed| LocalStore::open(&copy, &SecretKey::new(desk.key), proposed, random).unwrap();
    assert_eq!(open(new).device().unwrap(), new);
    assert_eq!(open(id()).device().unwrap(), new);
    assert_eq!(open(id()).courses().unwrap(), [COURSE]);

    fs::rename(&copy, desk.path()).unwrap();
    assert_eq!(desk.open().device().unwrap(), new);
}

#[cfg(unix)]
#[test]
fn nobody_else_on_the_computer_can_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let mut store = desk.open();
    commit(&mut store, vec![Write::Course(kept())]);
    assert_eq!(mode(desk.path().parent().unwrap()), 0o700);
    for entry in fs::read_dir(desk.path().parent().unwrap()).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
    drop(store);
    fs::set_permissions(desk.path(), fs::Permissions::from_mode(0o644)).unwrap();
    drop(desk.open());
    assert_eq!(mode(&desk.path()), 0o600);
}
