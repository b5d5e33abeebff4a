//! Ids and randomness. Ids are UUIDv7 made by whoever creates the row: offline creation, idempotent retry and ordered
//! indexes follow from that. One type per concept, so a course is never passed where a person is meant.

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::error::{Error, Result};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, sqlx::Type)]
        #[cfg_attr(feature = "desktop", derive(specta::Type))]
        #[serde(transparent)]
        #[sqlx(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id, ordered by the moment it was made.
            #[must_use]
            pub fn new() -> Self {
                Self(new_uuid())
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

ids! {
    OrganizationId, PersonId, MembershipId, CourseId, CourseStaffId, SubCourseId, LessonId, CohortId, EnrollmentId,
    QuizId, QuestionId, AttachmentId, RevisionId, ApprovalId,
    /// Names one write transaction; a retry carries the same one.
    OperationId,
}

#[allow(clippy::disallowed_methods)]
fn new_uuid() -> Uuid {
    Uuid::now_v7()
}

/// `N` bytes nobody can guess, wiped from memory when dropped.
///
/// # Errors
/// `internal` when the operating system gives no randomness; nothing secret may be made then.
#[allow(clippy::disallowed_methods)]
pub fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>> {
    let mut bytes = Zeroizing::new([0u8; N]);
    getrandom::fill(&mut *bytes).map_err(|error| {
        Error::internal("This computer gives no random numbers, so nothing secret can be made.").caused_by(error)
    })?;
    Ok(bytes)
}
