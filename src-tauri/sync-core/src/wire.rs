//! What travels between a device and the server: the words `sync_push`, `sync_pull` and `sync_bodies` speak, shared by the
//! client, the SQL functions and the simulator's model server.
//!
//! Every message is JSON; contents of revisions travel beside it as `bytea[]`, in the order their revisions stand in. Ids
//! are UUIDs in text, hashes and chains lower-case hexadecimal, timestamps and numbers as `to_jsonb` prints them.
//!
//! # The course's counter and its chain
//! Every change of a course's content takes the next `courses.seq` under the lock of the course's row, **whoever writes**:
//! one number a transaction. Each number that was taken has exactly one row in `lectern.pushes`: sync's own push id, or one
//! made by the trigger for other writers (imports, the desk, plain SQL). Each links to the one before it:
//!
//! ```text
//! chain(seq) = sha256(chain of the row before ‖ the 16 bytes of the push id)      before the first: 32 zero bytes
//! ```
//!
//! So a pair of number and chain names one history. A server that was restored from a backup does not know the pair, or
//! knows the number with another chain, and the device notices. Gaps between numbers are allowed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// What this build writes and reads. Raised when a column or table is added that it wants to see.
pub const CLIENT_SCHEMA: u32 = 1;

/// A push has at most so many rows.
pub const MAX_ROWS: usize = 200;

/// A push (its JSON and contents), and a page of bodies, has at most so many bytes.
pub const MAX_BYTES: usize = 4_000_000;

/// A revision is stored whole, not as the difference to its parent, at the latest after so many differences.
pub const KEY_FRAME_EVERY: u32 = 50;

/// The columns of a row that are synced, by name, each as `to_jsonb` prints it. Names this build does not know are kept and
/// never sent back unless changed.
///
/// | table | fields |
/// |---|---|
/// | `sub_courses` | title, description, position, published_at, archived_at |
/// | `lessons` | sub_course_id, title, position, duration_minutes, video, revision_id, published_at, published_revision_id, archived_at |
/// | `quizzes` | sub_course_id, title, description, position, time_limit_minutes, max_attempts, passing_score, published_at, archived_at |
/// | `questions` | quiz_id¹, kind, prompt, points_hundredths, explanation, feedback, source¹, position, archived_at |
/// | `question_options` | question_id¹, label, feedback, position, archived_at |
/// | `answer_keys` | question_id¹, option_id, accepted_text, accepted_number, tolerance, weight_percent, archived_at |
/// | `merge_cards` | table_name¹, row_id¹, block_id¹, field¹, kind¹, base¹, head¹, local¹, stands¹, resolution, resolved_at, device_id², person_id², created_at² |
///
/// ¹ written with the row and never changed. ² set by the server when the row is written, read only. A card's `kind`,
/// `stands` (head, local) and `resolution` (keep, use_other, keep_both) are the document crate's words. `lessons.revision_id` is the head: the revision that holds the newest draft.
/// A pulled lesson also carries `markdown`, read only, while its `revision_id` is null: a text from before there were
/// documents. A pushed lesson whose `published_revision_id` changes also carries `document`, `markdown`, `html` and
/// `plain_text`, write only: that revision's projections, which is what learners read.
/// The server stores timestamps as they are sent; how long something has been in the bin is told by its `updated_at`.
pub type Fields = BTreeMap<String, Value>;

/// A table whose rows are synced, in the order rows must be written in: a row's parents stand before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    SubCourses,
    Lessons,
    Quizzes,
    Questions,
    QuestionOptions,
    AnswerKeys,
    MergeCards,
    /// A table of a newer server. Its rows are passed over; a newer build of the app pulls from the start.
    #[serde(other)]
    Unknown,
}

/// Names a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    pub table: Table,
    pub id: Uuid,
}

/// A row as the server has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    #[serde(flatten)]
    pub key: Key,
    /// Made by the server at every change of the row.
    pub version: Uuid,
    /// The push that changed it last.
    pub seq: i64,
    pub fields: Fields,
}

/// A place in a course's history. `seq` 0 is before the first push, with an empty chain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    pub seq: i64,
    pub chain: String,
}

/// One row of a push.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    #[serde(flatten)]
    pub key: Key,
    /// The version this change was made on; none makes the row.
    pub expect: Option<Uuid>,
    /// Only the fields that changed; all of a new row's.
    pub fields: Fields,
}

/// An immutable saved version of a lesson's document. Its content travels apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Revision {
    pub id: Uuid,
    pub lesson_id: Uuid,
    /// What it was written on; its content is the difference to this one unless it is a key frame.
    pub parent_id: Option<Uuid>,
    /// The other version that was merged into it.
    #[serde(default)]
    pub merged_id: Option<Uuid>,
    pub is_key_frame: bool,
    /// SHA-256 of the document's JSON, before it is packed.
    pub content_hash: String,
    /// A version somebody named; the others are automatic.
    pub name: Option<String>,
    pub device_id: Uuid,
    /// Set by the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person_id: Option<Uuid>,
    /// Set by the server, by its own clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
}

/// Everything a device changed in a course, all or nothing.
///
/// The server, in this order: the receipt of this push id if this person made it (then its answer, `repeated`, even where
/// the right is gone since); rights; minimum client schema; the lock of the course's row, and the receipt once more;
/// archived course; `horizon` known, else `fork`; every row's `expect` equal to its version and the
/// containers' rule, else `stale`. Then it takes the next number, writes the rows (in the order they stand in), revisions
/// and history, and keeps the receipt with the versions its triggers made. A revision whose id is there already is passed
/// over.
///
/// **The containers' rule** (delete never beats an unseen edit): a live row of the batch must not stand in an archived
/// container at any level, and a container the batch archives must not hold live rows once the batch is written. Containers are the
/// sub-course of a lesson or quiz, the quiz of a question, the question of an option or key, the option of a key. A batch
/// that breaks it is `stale` with the container, or with the rows it would bury, beside any rows of other versions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Push {
    pub organization_id: Uuid,
    pub course_id: Uuid,
    pub push_id: Uuid,
    pub device_id: Uuid,
    pub client_schema: u32,
    /// The newest place of the server's history this device has ever learned of, its own acknowledged pushes included.
    pub horizon: Point,
    pub rows: Vec<Change>,
    /// The n-th one's content is the n-th of the contents. Parents stand before children.
    pub revisions: Vec<Revision>,
}

/// What the server says to a push. Every one is definite: sent again, the push would get `ok` or be refused anew.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum PushAnswer {
    /// Written. `versions` are those the rows have since, in the order of the push.
    Ok {
        seq: i64,
        chain: String,
        versions: Vec<(Table, Uuid, Uuid)>,
        /// This push had been written before: this is its receipt.
        #[serde(default)]
        repeated: bool,
    },
    /// Nothing was written. These rows are not what the push was made on; `head` is the place they were read at.
    Stale { rows: Vec<StaleRow>, head: Point },
    /// The server does not know the horizon: it went back in time. Nothing was written.
    Fork,
    /// This person may not write in this course (any more).
    Denied,
    /// The course is archived. Nothing is written until it is restored.
    Archived,
    /// The server wants a newer app.
    Upgrade { minimum: u32 },
    /// The database refuses this row; `reason` is a sentence for its author. Nothing was written.
    Invalid { table: Table, id: Uuid, reason: String },
    /// More than [`MAX_ROWS`] or [`MAX_BYTES`]. Nothing was written.
    TooLarge,
}

/// A row a push was not made on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StaleRow {
    pub table: Table,
    pub id: Uuid,
    /// As the server has it; none when it has no such row.
    pub row: Option<Row>,
}

/// Asks for what changed after `cursor`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PullRequest {
    pub organization_id: Uuid,
    pub course_id: Uuid,
    pub client_schema: u32,
    pub cursor: Point,
    /// See [`Push::horizon`].
    pub horizon: Point,
    /// At most so many pushes in the page, always whole ones.
    pub pushes: u32,
}

/// What the person may do with the course now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    #[default]
    Write,
    /// Assistants and reviewers, and whoever lost the right to write.
    Read,
    /// The course is archived: nobody writes.
    Archived,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum PullAnswer {
    /// The rows whose `seq` lies after the cursor and not after `seq`, as they are now. A row changed again later comes
    /// with its later push, so a page may name a parent that comes only with a later page.
    Page {
        rows: Vec<Row>,
        /// The cursor once these rows are stored; the request's own when nothing changed.
        seq: i64,
        chain: String,
        /// The course's newest place, read in the same snapshot: more to pull while its `seq` is greater. It is part of the
        /// horizon, since a page leaves out rows that were changed again after it: they would be missed if the server
        /// went back to between the two.
        head: Point,
        access: Access,
    },
    /// The server does not know the cursor or the horizon: it went back in time. Pull all from the start.
    Fork,
    /// The person sees nothing of the course.
    Denied,
    Upgrade {
        minimum: u32,
    },
}

/// Asks for revisions and what is needed to unpack them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FetchRequest {
    pub organization_id: Uuid,
    pub course_id: Uuid,
    pub revisions: Vec<Uuid>,
    /// Revisions the device can unpack already: ancestors are not sent from these on.
    pub known: Vec<Uuid>,
}

/// Each asked revision with its ancestors, back to the nearest key frame or to a known one, ancestors first. In the order
/// asked, each with all its ancestors or not at all, as many as fit into [`MAX_BYTES`], at least one; the others are asked
/// for again. What the course does not have is left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum FetchAnswer {
    /// The n-th one's content is the n-th of the contents.
    Page {
        revisions: Vec<Revision>,
    },
    Denied,
}
