//! What every test stands on: a real PostgreSQL, a fresh migrated database per test, and people to act as.
//!
//! ```ignore
//! let fresh = harness::fresh().await;
//! let school = fresh.organization("Northwind School").await;
//! let admin = fresh.member(school, "Mina Okafor", "admin").await;
//! let access = fresh.access(admin, school).await;            // for lectern::database::Database
//! let mut as_admin = fresh.acting(admin, school).await;      // a transaction of the application's login, session open
//! ```
#![allow(dead_code, reason = "each test binary uses its part")]

mod server;

use std::sync::{
    Mutex,
    atomic::{AtomicU32, Ordering},
};

use lectern::{
    database::{Access, Database},
    ids::{CourseId, EnrollmentId, LessonId, MembershipId, OrganizationId, PersonId},
};
use sha2::{Digest, Sha256};
use sqlx::{Connection, PgConnection, postgres::PgPoolOptions};
use zeroize::Zeroizing;

pub use server::{Server, Watchdog};

/// A migrated, empty database of one test's own. It is dropped some time after the test let go of it.
pub struct Fresh {
    pub name: String,
    /// As a superuser, whom no policy binds.
    pub owner_url: String,
    /// As a login role in `lectern_app`, which is what a desk has.
    pub app_url: String,
    server: Server,
    _watchdog: Option<Watchdog>,
}

static LET_GO: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// A fresh database on the server all tests share. What changes roles or settings of the whole server asks
/// [`fresh_server`] instead.
pub async fn fresh() -> Fresh {
    static NUMBER: AtomicU32 = AtomicU32::new(1);
    let server = tokio::task::spawn_blocking(server::shared).await.expect("the shared server");
    let name = format!("test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let mut owner = server.connect_as_owner("postgres").await;
    let let_go = std::mem::take(&mut *LET_GO.lock().unwrap_or_else(|poisoned| poisoned.into_inner()));
    for old in let_go {
        for old in [format!("{old}_backup"), old] {
            let statement = format!("drop database if exists {old} with (force)");
            sqlx::raw_sql(sqlx::AssertSqlSafe(statement))
                .execute(&mut owner)
                .await
                .expect("the last test's database goes");
        }
    }
    Fresh::on(server.clone(), None, &mut owner, name).await
}

/// A directory that everybody can pass through and that goes when the tests have ended.
pub async fn directory() -> std::path::PathBuf {
    tokio::task::spawn_blocking(server::shared).await.expect("the shared server").directory.clone()
}

/// A fresh database on a server of its own, which ends with it. Costs two seconds more.
pub async fn fresh_server() -> Fresh {
    let (server, watchdog) = tokio::task::spawn_blocking(Server::own).await.expect("a server of its own");
    let mut owner = server.connect_as_owner("postgres").await;
    Fresh::on(server, Some(watchdog), &mut owner, "test_own".to_owned()).await
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if self._watchdog.is_none() {
            LET_GO.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(std::mem::take(&mut self.name));
        }
    }
}

impl Fresh {
    async fn on(server: Server, watchdog: Option<Watchdog>, owner: &mut PgConnection, name: String) -> Self {
        server.copy_template(owner, &name).await;
        let (owner_url, app_url) = (server.owner_url(&name), server.app_url(&name));
        Self { name, owner_url, app_url, server, _watchdog: watchdog }
    }

    /// Kills this database's own server ([`fresh_server`]).
    pub fn kill_server(&self) {
        assert!(self._watchdog.is_some(), "others are on this server, too");
        self.server.kill();
    }

    /// Starts the killed server again.
    pub async fn start_server(&self) {
        self.server.start_again().await;
    }

    /// Keeps a copy of the database as it is now; whoever is connected is cut off.
    pub async fn back_up(&self) {
        self.replace(&self.name, &format!("{}_backup", self.name)).await;
    }

    /// Puts the copy in the place of the database, as an operator does after a disaster.
    pub async fn restore(&self) {
        self.replace(&format!("{}_backup", self.name), &self.name).await;
    }

    async fn replace(&self, from: &str, to: &str) {
        let mut server = self.server.connect_as_owner("postgres").await;
        let mut run = async |sql: String| {
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut server).await.expect("the copy is prepared");
        };
        run(format!("drop database if exists {to} with (force)")).await;
        run(format!("alter database {from} with allow_connections false")).await;
        let connected =
            format!("select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = '{from}'");
        while sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(connected.clone()))
            .fetch_one(&mut server)
            .await
            .expect("who is connected")
            > 0
        {
            tokio::task::yield_now().await;
        }
        self.server.copy(&mut server, from, to).await;
        let allow = format!("alter database {from} with allow_connections true");
        sqlx::raw_sql(sqlx::AssertSqlSafe(allow)).execute(&mut server).await.expect("people may come back");
    }

    /// How many pushes a course has seen.
    pub async fn pushes(&self, course: CourseId) -> i64 {
        sqlx::query_scalar("select count(*) from lectern.pushes where course_id = $1")
            .bind(course)
            .fetch_one(&mut self.owner().await)
            .await
            .expect("the pushes")
    }

    /// The server below, for its log and version.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// A superuser's connection.
    pub async fn owner(&self) -> PgConnection {
        PgConnection::connect(&self.owner_url).await.expect("the owner connects")
    }

    /// A connection of the application's login with nobody signed in.
    pub async fn app(&self) -> PgConnection {
        PgConnection::connect(&self.app_url).await.expect("the application's login connects")
    }

    /// The door to this database, as the application's login.
    pub fn database(&self) -> Database {
        Database::new(PgPoolOptions::new().max_connections(4).connect_lazy(&self.app_url).expect("a pool"))
    }

    /// An organization called `name`, with a slug made of it and a number.
    pub async fn organization(&self, name: &str) -> OrganizationId {
        let id = OrganizationId::new();
        let slug: String = name.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
        let slug = format!("{}-{}", if slug.is_empty() { "org" } else { &slug }, number());
        sqlx::query("insert into lectern.organizations (id, name, slug) values ($1, $2, $3)")
            .bind(id)
            .bind(name)
            .bind(slug)
            .execute(&mut self.owner().await)
            .await
            .expect("an organization");
        id
    }

    /// A person of no organization, with an invented address.
    pub async fn person(&self, name: &str) -> PersonId {
        let id = PersonId::new();
        sqlx::query("insert into lectern.people (id, email, name) values ($1, $2, $3)")
            .bind(id)
            .bind(address(name))
            .bind(name)
            .execute(&mut self.owner().await)
            .await
            .expect("a person");
        id
    }

    /// Someone who may create and see every organization of the installation.
    pub async fn business_owner(&self, name: &str) -> PersonId {
        let id = self.person(name).await;
        sqlx::query("update lectern.people set platform_role = 'business_owner' where id = $1")
            .bind(id)
            .execute(&mut self.owner().await)
            .await
            .expect("a business owner");
        id
    }

    /// Makes `person` a member with `role` (owner, admin, instructor, reviewer, learner).
    pub async fn join(&self, organization: OrganizationId, person: PersonId, role: &str) -> MembershipId {
        let id = MembershipId::new();
        sqlx::query(
            "insert into lectern.memberships (organization_id, id, person_id, role, name, email)
             select $1, $2, id, $4, name, email from lectern.people where id = $3",
        )
        .bind(organization)
        .bind(id)
        .bind(person)
        .bind(role)
        .execute(&mut self.owner().await)
        .await
        .expect("a membership");
        id
    }

    /// A new person who is a member with `role`.
    pub async fn member(&self, organization: OrganizationId, name: &str, role: &str) -> PersonId {
        let person = self.person(name).await;
        self.join(organization, person, role).await;
        person
    }

    /// An active, published course.
    pub async fn course(&self, organization: OrganizationId, title: &str) -> CourseId {
        let id = CourseId::new();
        sqlx::query(
            "insert into lectern.courses (organization_id, id, title, status, published_at)
             values ($1, $2, $3, 'active', now())",
        )
        .bind(organization)
        .bind(id)
        .bind(title)
        .execute(&mut self.owner().await)
        .await
        .expect("a course");
        id
    }

    /// Gives `person` a duty (lead, instructor, assistant, reviewer) in a course.
    pub async fn staff(&self, organization: OrganizationId, course: CourseId, person: PersonId, duty: &str) {
        sqlx::query(
            "insert into lectern.course_staff (organization_id, id, course_id, person_id, duty)
             values ($1, gen_random_uuid(), $2, $3, $4)",
        )
        .bind(organization)
        .bind(course)
        .bind(person)
        .bind(duty)
        .execute(&mut self.owner().await)
        .await
        .expect("a member of the course's staff");
    }

    /// A published lesson directly in the course, after those that are there.
    pub async fn lesson(&self, organization: OrganizationId, course: CourseId, title: &str) -> LessonId {
        let id = LessonId::new();
        sqlx::query(
            "insert into lectern.lessons (organization_id, id, course_id, title, position, published_at)
             select $1, $2, $3, $4, 'a' || lpad((count(*) + 1)::text, 6, '0'), now()
             from lectern.lessons where organization_id = $1 and course_id = $3",
        )
        .bind(organization)
        .bind(id)
        .bind(course)
        .bind(title)
        .execute(&mut self.owner().await)
        .await
        .expect("a lesson");
        id
    }

    pub async fn enroll(&self, organization: OrganizationId, course: CourseId, person: PersonId) -> EnrollmentId {
        let id = EnrollmentId::new();
        sqlx::query(
            "insert into lectern.enrollments (organization_id, id, course_id, person_id) values ($1, $2, $3, $4)",
        )
        .bind(organization)
        .bind(id)
        .bind(course)
        .bind(person)
        .execute(&mut self.owner().await)
        .await
        .expect("an enrollment");
        id
    }

    /// A live session of `person`, written as a superuser: its token, as a signed-in desk holds it.
    pub async fn sign_in_as(&self, person: PersonId) -> Zeroizing<String> {
        let token = Zeroizing::new(hex::encode(*lectern::ids::random::<32>().expect("randomness")));
        sqlx::query(
            "insert into lectern_auth.sessions (token_hash, person_id, expires_at)
             values ($1, $2, now() + interval '1 hour')",
        )
        .bind(Sha256::digest(token.as_bytes()).to_vec())
        .bind(person)
        .execute(&mut self.owner().await)
        .await
        .expect("a session");
        token
    }

    /// Signs `person` in and asks in `organization`.
    pub async fn access(&self, person: PersonId, organization: OrganizationId) -> Access {
        Access { token: self.sign_in_as(person).await, organization: Some(organization) }
    }

    /// The application's login inside an open transaction as `person` in `organization`. Nothing commits unless the test
    /// does.
    pub async fn acting(&self, person: PersonId, organization: OrganizationId) -> PgConnection {
        let access = self.access(person, organization).await;
        let mut connection = self.app().await;
        sqlx::raw_sql("begin").execute(&mut connection).await.expect("a transaction");
        lectern::database::open_session(&mut connection, &access).await.expect("an open session");
        connection
    }
}

fn number() -> u32 {
    static NUMBER: AtomicU32 = AtomicU32::new(1);
    NUMBER.fetch_add(1, Ordering::Relaxed)
}

fn address(name: &str) -> String {
    let letters: String = name.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    format!("{}{}@example.org", if letters.is_empty() { "person" } else { &letters }, number())
}
