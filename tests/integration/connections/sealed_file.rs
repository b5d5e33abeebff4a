use std::{fs, os::unix::fs::PermissionsExt};

use lectern::{
    Code,
    connections::{Sensitive, keyring::Kind, sealed_file::SealedFile},
};

fn passphrase() -> Sensitive {
    Sensitive::from("ladder orbit mustard hinge")
}

#[tokio::test]
async fn the_passphrase_opens_the_file_again_and_nothing_in_it_can_be_read_without() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secrets.sealed");
    let file = SealedFile::open(&path, &passphrase()).await.unwrap();
    file.persist("Head office", Kind::Password, &"geheim-ünïcode".into()).unwrap();
    file.persist("Head office", Kind::Session, &"token".into()).unwrap();
    drop(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(!text.contains("geheim") && !text.contains("Head office"), "{text}");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let again = SealedFile::open(&path, &passphrase()).await.unwrap();
    let password = again.retrieve("HEAD OFFICE", Kind::Password).unwrap().unwrap();
    assert_eq!(password.expose(), "geheim-ünïcode");
    again.delete("Head office", Kind::Session).unwrap();
    assert_eq!(again.retrieve("Head office", Kind::Session).unwrap(), None);
    assert!(!format!("{password:?} {again:?}").contains("geheim"));
}

#[tokio::test]
async fn a_wrong_passphrase_a_changed_file_and_a_short_passphrase_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secrets.sealed");
    let short = SealedFile::open(&path, &"too short".into()).await.unwrap_err();
    assert_eq!((short.code, short.field.as_deref()), (Code::Invalid, Some("passphrase")));
    assert!(!path.exists());
    SealedFile::open(&path, &passphrase()).await.unwrap().persist("a", Kind::Password, &"b".into()).unwrap();
    let wrong = SealedFile::open(&path, &"ladder orbit mustard hunger".into()).await.unwrap_err();
    assert_eq!(wrong.code, Code::WrongPassword);
    let whole = fs::read_to_string(&path).unwrap();
    // More memory than this computer has, and a weaker hash than was chosen, would both be an attack.
    for (from, to) in
        [("\"memory_kib\": 65536", "\"memory_kib\": 4194304"), ("\"passes\": 3", "\"passes\": 1"), ("{", "[")]
    {
        fs::write(&path, whole.replacen(from, to, 1)).unwrap();
        let error = SealedFile::open(&path, &passphrase()).await.unwrap_err();
        assert_eq!(error.code, Code::Invalid, "{to}: {error}");
    }
    fs::write(&path, whole.replacen("\"passes\": 3", "\"passes\": 2", 1)).unwrap();
    assert!(SealedFile::open(&path, &passphrase()).await.is_err());
    fs::write(&path, whole).unwrap();
    assert!(SealedFile::open(&path, &passphrase()).await.is_ok());
}

#[tokio::test]
async fn two_windows_with_the_file_open_keep_each_others_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secrets.sealed");
    let one = SealedFile::open(&path, &passphrase()).await.unwrap();
    let other = SealedFile::open(&path, &passphrase()).await.unwrap();
    one.persist("a", Kind::Password, &"1".into()).unwrap();
    other.persist("b", Kind::Password, &"2".into()).unwrap();
    assert_eq!(one.retrieve("b", Kind::Password).unwrap().unwrap().expose(), "2");
    assert_eq!(other.retrieve("a", Kind::Password).unwrap().unwrap().expose(), "1");
}
