use lectern::connections::{
    SecretStore, Tls,
    address::{Source, parse},
};

#[test]
fn every_part_of_an_address_lands_in_its_field() {
    let (connection, password) = parse(
        "url",
        "postgresql://de%20sk:g%40he%2Fim@db1.example.org:6432,[::1]:7000,db3/lec%20tern?sslmode=verify-ca\
         &sslrootcert=/etc/ca.pem&sslcert=/c.pem&sslkey=/k.pem&target_session_attrs=read-write&application_name=x",
        Source::Environment,
    )
    .unwrap();
    assert_eq!((connection.host.as_str(), connection.port), ("db1.example.org", 6432));
    assert_eq!(connection.fallback_hosts, ["[::1]:7000", "db3:5432"]);
    assert_eq!((connection.user.as_str(), connection.database.as_str()), ("de sk", "lec tern"));
    assert_eq!((connection.tls, connection.secret_store), (Tls::VerifyCa, SecretStore::Ask));
    assert_eq!(connection.ca_file.as_deref(), Some("/etc/ca.pem"));
    assert_eq!(connection.client_certificate.as_deref(), Some("/c.pem"));
    assert_eq!(connection.client_key.as_deref(), Some("/k.pem"));
    assert_eq!(password.unwrap().expose(), "g@he/im");
}

#[test]
fn a_remote_host_is_verified_in_full_and_this_machine_needs_no_encryption() {
    let tls = |address: &str| parse("url", address, Source::Typed).unwrap().0.tls;
    assert_eq!(tls("postgres://u@db.example.org/d"), Tls::VerifyFull);
    assert_eq!(tls("postgres://u@10.1.2.3/d"), Tls::VerifyFull);
    assert_eq!(tls("postgres://u@localhost.example.org/d"), Tls::VerifyFull);
    assert_eq!(tls("postgres://u@localhost/d"), Tls::Off);
    assert_eq!(tls("postgres://u@127.0.0.9/d?sslmode=prefer"), Tls::Off);
    assert_eq!(tls("postgres://u@[::1]/d"), Tls::Off);
    assert_eq!(tls("postgres://u@%2Frun%2Fpostgresql/d"), Tls::Off);
    assert_eq!(tls("postgres:///d?host=/run/postgresql&user=u"), Tls::Off);
    assert_eq!(tls("postgres://u@db.example.org/d?sslmode=disable"), Tls::Off);
    assert_eq!(tls("postgres://u@127.0.0.1/d?sslmode=require"), Tls::Require);
}

#[test]
fn a_password_is_taken_from_the_environment_only() {
    let error = parse("url", "postgres://u:geheim@db/d", Source::Typed).unwrap_err();
    assert!(error.message.contains("password") && !format!("{error:?}").contains("geheim"), "{error:?}");
    assert!(parse("url", "postgres://u@db/d?password=geheim", Source::Typed).is_err());
    let (_, password) = parse("url", "postgres://u@db/d?password=geheim", Source::Environment).unwrap();
    assert_eq!(password.unwrap().expose(), "geheim");
}

#[test]
fn no_mistake_in_an_address_shows_the_password() {
    for address in [
        "postgres://u:geheim",
        "postgres://u:geheim@",
        "postgres://u:geheim@/d",
        "postgres://u:geheim@db",
        "postgres://u:geheim@db:port/d",
        "postgres://u:ge/heim@db/d",
        "postgres://u:ge?heim@db/d",
        "postgres://u:ge?heim=1&x@db/d",
        "postgres://u:ge@heim/x@db/d",
        "postgres://u:ge@heim@db/d",
        "postgres://u:ge%heim@db/d",
        "postgres://u:geheim@db/d?sslmode=prefer",
        "postgres://u:geheim@db/d?sslmode=geheim",
        "postgres://u:geheim@db/d?options=-c%20geheim",
        "postgres://u:geheim@db/d?heim=geheim",
        "postgres://u:geheim@db/d?service=geheim",
        "mysql://u:geheim@db/d",
        "u:geheim@db/d",
        "host=db password=geheim",
        "postgres://u:geheim@d b/d",
    ] {
        let error = parse("url", address, Source::Environment).unwrap_err();
        let told = format!("{error:?}");
        assert!(!told.contains("heim") && !told.contains("ge@"), "{address}: {told}");
        assert!(error.message.ends_with('.'), "{address}: {told}");
    }
}

#[test]
fn what_lectern_does_not_do_is_refused_in_words() {
    let told = |address: &str| parse("url", address, Source::Environment).unwrap_err();
    assert!(told("postgres://u@db/d?sslmode=prefer").message.contains("open line in silence"));
    assert!(told("postgres://u@db/d?channel_binding=require").message.contains("`channel_binding`"));
    assert!(told("postgres://u@db/d?options=-csearch_path%3Dx").next_step.unwrap().contains("alter role"));
    assert!(told("postgres://u@db/d?pgbouncer=true").next_step.unwrap().contains("sslmode"));
    assert!(told("postgres://u@db/").message.contains("database"));
    assert!(told("postgres://db/d").message.contains("user"));
}
