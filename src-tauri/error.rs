//! Errors are sentences for the person, with the next step. A code exists only where somebody branches on it.

use serde::Serialize;
use sqlx::postgres::{PgDatabaseError, PgSeverity};

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What a caller may branch on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub enum Code {
    /// The input cannot be right; `field` says where.
    Invalid,
    NotFound,
    NotAllowed,
    /// No session, or it ended: sign in again, keep what was typed.
    SignedOut,
    /// Somebody changed the row since it was read.
    Stale,
    /// It exists already.
    Conflict,
    Unreachable,
    Tls,
    WrongPassword,
    SchemaOutdated,
    SchemaNewer,
    Keyring,
    LocalServer,
    /// Too many failed sign-ins; wait.
    Locked,
    /// Whether the write was committed is unknown: repeat it with the same operation id.
    Unclear,
    Cancelled,
    Internal,
}

/// A refusal or failure, told to a person.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    pub code: Code,
    pub message: String,
    /// The input it belongs to, in camelCase as the window names it.
    pub field: Option<String>,
    pub next_step: Option<String>,
    /// For the log, never for the person: it may hold another's values.
    #[source]
    pub cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Serialize for Error {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut out = serializer.serialize_struct("Error", 4)?;
        out.serialize_field("code", &self.code)?;
        out.serialize_field("message", &self.message)?;
        out.serialize_field("field", &self.field)?;
        out.serialize_field("nextStep", &self.next_step)?;
        out.end()
    }
}

impl Error {
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: None, next_step: None, cause: None }
    }

    /// Input that cannot be right, at the field (camelCase) it came from.
    #[must_use]
    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        Self::new(Code::Invalid, message).at(field)
    }

    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("This {what} does not exist here, or you may not see it."))
            .next_step("Go back to the list and reload it.")
    }

    #[must_use]
    pub fn not_allowed() -> Self {
        Self::new(Code::NotAllowed, "Your role in this organization does not allow this.")
            .next_step("Ask an owner or admin of the organization.")
    }

    #[must_use]
    pub fn signed_out() -> Self {
        Self::new(Code::SignedOut, "You are not signed in any more.")
            .next_step("Sign in again; nothing you typed is lost.")
    }

    #[must_use]
    pub fn stale(what: &str) -> Self {
        Self::new(Code::Stale, format!("Somebody else changed this {what} while you had it open."))
            .next_step("Reload to see their change, then make yours again.")
    }

    /// Why an update `where id = … and version = expected` changed nothing: `current` is the row's version, if it can be
    /// seen at all.
    #[must_use]
    pub fn unchanged(what: &str, current: Option<uuid::Uuid>, expected: uuid::Uuid) -> Self {
        match current {
            None => Self::not_found(what),
            Some(current) if current != expected => Self::stale(what),
            Some(_) => Self::not_allowed(),
        }
    }

    #[must_use]
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(Code::Internal, message)
    }

    #[must_use]
    pub fn from_json(cause: serde_json::Error) -> Self {
        Self::internal("Lectern could not read its own data.").caused_by(cause)
    }

    #[must_use]
    pub fn at(mut self, field: &str) -> Self {
        self.field = Some(field.to_owned());
        self
    }

    #[must_use]
    pub fn next_step(mut self, sentence: impl Into<String>) -> Self {
        self.next_step = Some(sentence.into());
        self
    }

    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// The name of the database constraint that refused, if one did.
    #[must_use]
    pub fn constraint(&self) -> Option<&str> {
        self.database_error().and_then(sqlx::error::DatabaseError::constraint)
    }

    /// The SQLSTATE behind this error, if the database answered with one.
    #[must_use]
    pub fn sqlstate(&self) -> Option<String> {
        self.database_error().and_then(|error| error.code()).map(std::borrow::Cow::into_owned)
    }

    fn database_error(&self) -> Option<&dyn sqlx::error::DatabaseError> {
        self.cause
            .as_deref()
            .and_then(|cause| cause.downcast_ref::<sqlx::Error>())
            .and_then(sqlx::Error::as_database_error)
    }
}

/// Maps by SQLSTATE (PostgreSQL manual, appendix A). What a named constraint means to a person, its concept says with
/// [`OnConstraint`]; nothing of the server's own text reaches the message, since it may quote values.
impl From<sqlx::Error> for Error {
    fn from(cause: sqlx::Error) -> Self {
        let state = cause.as_database_error().and_then(|e| e.code().map(std::borrow::Cow::into_owned));
        let error = match (&cause, state.as_deref()) {
            (_, Some("28000")) => Self::signed_out(),
            (_, Some("42501")) => Self::not_allowed(),
            (_, Some("28P01")) => Self::new(Code::WrongPassword, "The server refused the database password.")
                .next_step("Correct the password of this connection."),
            (_, Some("23505")) => Self::new(Code::Conflict, "This exists already."),
            (_, Some("23503")) => Self::new(Code::NotFound, "Something this refers to does not exist any more.")
                .next_step("Reload and try again."),
            (_, Some("23502" | "23514" | "22001" | "22003" | "22007" | "22008" | "22021" | "22P02" | "22P05")) => {
                Self::new(Code::Invalid, "The database refused a value.").next_step("Check what you typed.")
            }
            (_, Some("40001" | "40P01" | "55P03")) => {
                Self::new(Code::Stale, "Somebody else is changing the same rows at this moment.")
                    .next_step("Try again.")
            }
            (_, Some("57014")) => Self::new(Code::Cancelled, "The server took too long and stopped this.")
                .next_step("Try again, or narrow what you ask for."),
            (_, Some("53100")) => Self::new(Code::Unreachable, "The server's disk is full, so nothing was saved.")
                .next_step("Tell your IT staff; try again once there is room."),
            (_, Some("53300" | "57P01" | "57P02" | "57P03" | "08006" | "08001" | "08004" | "08003")) => {
                Self::unreachable()
            }
            (_, Some("3F000" | "42P01" | "42883" | "42703")) => {
                Self::new(Code::SchemaOutdated, "This database does not have the tables this version of Lectern needs.")
                    .next_step("Have IT run `lectern migrate` with the owner's connection.")
            }
            (_, Some("25006")) => Self::new(Code::NotAllowed, "This server only answers; it does not take changes.")
                .next_step("Connect to the primary server."),
            (sqlx::Error::RowNotFound, _) => Self::not_found("entry"),
            (
                sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed,
                _,
            ) => Self::unreachable(),
            (sqlx::Error::Tls(_), _) => Self::new(Code::Tls, "No encrypted connection to the server could be made.")
                .next_step("Run the connection check; it names the reason."),
            (_, Some("3D000")) => {
                Self::new(Code::Unreachable, "The server does not have this database at this moment.")
                    .next_step("If it is being restored, wait until it is there again; otherwise check the connection.")
            }
            _ if ends_the_line(&cause) => Self::unreachable(),
            _ => Self::internal("The database answered with something unexpected.")
                .next_step("Try again; if it stays, send the log to whoever looks after Lectern."),
        };
        error.caused_by(cause)
    }
}

/// The server ended the connection with its answer, or did not take it: a database that lets nobody in, for one.
fn ends_the_line(cause: &sqlx::Error) -> bool {
    let answer = cause.as_database_error().and_then(|answer| answer.try_downcast_ref::<PgDatabaseError>());
    answer.is_some_and(|answer| matches!(answer.severity(), PgSeverity::Fatal | PgSeverity::Panic))
}

impl Error {
    #[must_use]
    pub fn unreachable() -> Self {
        Self::new(Code::Unreachable, "The server does not answer.")
            .next_step("Check the network; Lectern tries again when you do.")
    }
}

/// Gives a refusal by the database its sentence and its field.
pub trait OnConstraint<T> {
    /// When the constraint called `name` refused, the error becomes what `then` makes; any other passes through.
    ///
    /// # Errors
    /// Whatever `self` held, told better if it was this constraint.
    fn on_constraint(self, name: &str, then: impl FnOnce() -> Error) -> Result<T>;
}

impl<T, E: Into<Error>> OnConstraint<T> for std::result::Result<T, E> {
    fn on_constraint(self, name: &str, then: impl FnOnce() -> Error) -> Result<T> {
        self.map_err(Into::into).map_err(|mut error| {
            if error.constraint() == Some(name) {
                let mut better = then();
                better.cause = error.cause.take();
                better
            } else {
                error
            }
        })
    }
}
