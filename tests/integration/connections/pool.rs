use std::time::{Duration, Instant};

use lectern::{
    Code,
    connections::{Connection, Sensitive, Tls, pool},
};
use sqlx::{PgPool, Row};

use super::servers::{for_localhost, free_port, of, standby};
use crate::harness;

async fn backend(pool: &PgPool) -> sqlx::Result<i32> {
    sqlx::query_scalar("select pg_backend_pid()").fetch_one(pool).await
}

#[tokio::test]
async fn a_desk_holds_at_most_three_connections_however_much_it_asks() {
    let fresh = harness::fresh().await;
    let (connection, password) = of(&fresh.app_url);
    let opened = pool::connect(&connection, Some(&password)).await.unwrap();
    let asked = (0..12).map(|_| {
        let pool = opened.database.pool().clone();
        tokio::spawn(async move { sqlx::query("select pg_sleep(0.05)").execute(&pool).await.unwrap() })
    });
    let asked: Vec<_> = asked.collect();
    for one in asked {
        one.await.unwrap();
    }
    let held: i64 = sqlx::query_scalar(
        "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'lectern'",
    )
    .fetch_one(&mut fresh.owner().await)
    .await
    .unwrap();
    assert!((1..=3).contains(&held), "{held}");
    assert_eq!(opened.database.pool().options().get_idle_timeout(), Some(Duration::from_secs(60)));
}

#[tokio::test]
async fn the_server_says_what_it_is_and_that_nobody_can_sign_in_yet() {
    let fresh = harness::fresh().await;
    let (connection, password) = of(&fresh.app_url);
    let opened = pool::connect(&connection, Some(&password)).await.unwrap();
    assert!(opened.needs_first_owner && opened.refusal().is_none() && !opened.server.is_read_only);
    assert_eq!(opened.server.version.split('.').next().unwrap().parse::<u32>().unwrap(), fresh.server().major);
    assert!(!format!("{opened:?}").contains(password.expose()));
}

#[tokio::test]
async fn after_the_server_restarted_the_next_question_is_answered_again() {
    let server = harness::fresh_server().await;
    // Straight, and carried by the relay.
    let (straight, password) = of(&server.owner_url);
    let carried = Connection { fallback_hosts: vec![format!("127.0.0.2:{}", straight.port)], ..straight.clone() };
    let mut pools = Vec::new();
    for connection in [straight, carried] {
        let way = pool::OwnersWay::to(&connection, Some(&password)).await.unwrap();
        let pool = way.pool();
        let before = backend(&pool).await.unwrap();
        pools.push((way, pool, before));
    }
    // The postmaster ends everybody and starts anew when one backend dies like this.
    // SAFETY: kill(2) with the id of a backend of this test's own server, alive a moment ago.
    assert_eq!(unsafe { libc::kill(pools[0].2, libc::SIGKILL) }, 0);
    for (_, pool, before) in &pools {
        let started = Instant::now();
        let after = loop {
            match backend(pool).await {
                Ok(after) => break after,
                Err(error) => assert!(started.elapsed() < Duration::from_secs(20), "{error}"),
            }
        };
        assert_ne!(after, *before);
    }
}

#[tokio::test]
async fn a_connection_that_was_cut_while_idle_is_replaced_without_an_error() {
    let fresh = harness::fresh().await;
    let (connection, password) = of(&fresh.app_url);
    let opened = pool::connect(&connection, Some(&password)).await.unwrap();
    let pool = opened.database.pool();
    let before = backend(pool).await.unwrap();
    // The desk idles for a quarter of a second.
    sqlx::query("select pg_terminate_backend($1, 5000), pg_sleep(0.25)")
        .bind(before)
        .execute(&mut fresh.owner().await)
        .await
        .unwrap();
    assert_ne!(backend(pool).await.unwrap(), before);
}

#[tokio::test]
async fn the_first_host_that_takes_changes_is_used_and_a_standby_only_when_there_is_no_other() {
    let primary = harness::fresh_server().await;
    let (connection, password) = of(&primary.owner_url);
    let connection = Connection { database: "postgres".into(), ..connection };
    let replica = standby(&primary.owner_url);
    let (alive, dead) = (format!("127.0.0.1:{}", connection.port), format!("127.0.0.1:{}", free_port()));
    let at = |port: u16, hosts: &[&str]| Connection {
        port,
        fallback_hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
        ..connection.clone()
    };
    let way = pool::OwnersWay::to(&at(free_port(), &[&alive]), Some(&password)).await.unwrap();
    assert_eq!((way.server.endpoint.to_string(), way.server.is_read_only), (alive.clone(), false));
    let way = pool::OwnersWay::to(&at(replica.port, &[&dead, &alive]), Some(&password)).await.unwrap();
    assert_eq!((way.server.endpoint.to_string(), way.server.is_read_only), (alive.clone(), false));
    let alone = pool::OwnersWay::to(&at(replica.port, &[]), Some(&password)).await.unwrap();
    assert!(alone.server.is_read_only);
    let orphaned = pool::OwnersWay::to(&at(free_port(), &[&format!("127.0.0.1:{}", replica.port)]), Some(&password))
        .await
        .unwrap();
    assert!(orphaned.server.is_read_only);
    let pool = orphaned.pool();
    assert!(sqlx::query("select pg_is_in_recovery()").fetch_one(&pool).await.unwrap().get::<bool, _>(0));
    let nobody = pool::OwnersWay::to(&at(free_port(), &[&dead]), Some(&password)).await.unwrap_err();
    assert_eq!(nobody.code, Code::Unreachable);
}

#[tokio::test]
async fn when_the_host_in_use_goes_away_the_pool_goes_on_with_the_next() {
    let (first, second) = (harness::fresh_server().await, harness::fresh_server().await);
    let (one, _) = of(&first.owner_url);
    let (other, _) = of(&second.owner_url);
    // The same login at both, as on a primary and its promoted standby.
    let both = Sensitive::from("invented-secret");
    for server in [&first, &second] {
        sqlx::raw_sql("create role desk login superuser password 'invented-secret'")
            .execute(&mut server.owner().await)
            .await
            .unwrap();
    }
    let connection = Connection {
        user: "desk".into(),
        database: "postgres".into(),
        fallback_hosts: vec![format!("127.0.0.1:{}", other.port)],
        ..one
    };
    let way = pool::OwnersWay::to(&connection, Some(&both)).await.unwrap();
    let pool = way.pool();
    let port = || sqlx::query_scalar::<_, i32>("select current_setting('port')::int");
    assert_eq!(port().fetch_one(&pool).await.unwrap(), i32::from(connection.port));
    drop(first);
    let started = Instant::now();
    let now = loop {
        match port().fetch_one(&pool).await {
            Ok(now) => break now,
            Err(error) => assert!(started.elapsed() < Duration::from_secs(20), "{error}"),
        }
    };
    assert_eq!(now, i32::from(other.port));
}

#[tokio::test]
async fn nothing_is_left_of_a_carried_connection_once_the_pool_is_closed() {
    let (connection, password) = for_localhost().await.connection();
    let opened = pool::connect(&Connection { tls: Tls::VerifyFull, ..connection }, Some(&password)).await.unwrap();
    let own = backend(opened.database.pool()).await.unwrap();
    opened.database.close().await;
    let started = Instant::now();
    let mut owner = for_localhost().await.fresh.owner().await;
    while sqlx::query_scalar::<_, bool>("select exists (select from pg_stat_activity where pid = $1)")
        .bind(own)
        .fetch_one(&mut owner)
        .await
        .unwrap()
    {
        assert!(started.elapsed() < Duration::from_secs(10));
    }
}
