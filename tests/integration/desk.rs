//! A person at their desk: the application's login with their session open, each call in a transaction of its own.

use lectern::{
    Code, Error,
    database::{Access, open_session},
    ids::{OrganizationId, PersonId},
};
use sqlx::{Connection, PgConnection, Postgres, Transaction};

use crate::harness::Fresh;

pub struct Desk {
    connection: PgConnection,
    pub access: Access,
}

impl Desk {
    pub async fn of(fresh: &Fresh, person: PersonId, organization: OrganizationId) -> Self {
        Self { access: fresh.access(person, organization).await, connection: fresh.app().await }
    }

    /// A new member with `role` at their desk.
    pub async fn new(fresh: &Fresh, organization: OrganizationId, name: &str, role: &str) -> (Self, PersonId) {
        let person = fresh.member(organization, name, role).await;
        (Self::of(fresh, person, organization).await, person)
    }

    pub async fn begin(&mut self) -> Transaction<'_, Postgres> {
        let mut transaction = self.connection.begin().await.expect("a transaction");
        open_session(&mut transaction, &self.access).await.expect("an open session");
        transaction
    }
}

/// `does!(desk, |c| courses::read(c, school, course))`: the outcome, committed unless it was refused.
macro_rules! does {
    ($desk:expr, |$connection:ident| $call:expr) => {{
        let mut transaction = $desk.begin().await;
        let outcome = {
            let $connection = &mut *transaction;
            $call.await
        };
        if outcome.is_ok() {
            transaction.commit().await.expect("a commit");
        } else {
            transaction.rollback().await.expect("a rollback");
        }
        outcome
    }};
}

/// What a refusal says to whoever branches on it.
#[track_caller]
pub fn refused<T>(outcome: Result<T, Error>) -> (Code, Option<String>) {
    match outcome {
        Ok(_) => panic!("this should have been refused"),
        Err(error) => {
            assert!(error.message.ends_with('.'), "a sentence: {}", error.message);
            (error.code, error.field)
        }
    }
}

#[track_caller]
pub fn refused_at<T>(outcome: Result<T, Error>, code: Code, field: &str) {
    assert_eq!(refused(outcome), (code, Some(field.to_owned())));
}
