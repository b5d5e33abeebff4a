//! What a device must still know after its power was cut. The machine reads it, decides, and hands over everything that
//! changes in one [`Store::commit`]: that commit is the only durable step there is, and between any two of them the
//! process may be killed.
//!
//! One file per connection and person. Rows, bodies and revisions are kept as they are here; how (tables, draft blocks of
//! the open lesson, compression, encryption) is the store's own. No reference between rows is enforced: a page of a pull
//! may name a parent that only a later page brings.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::wire::{Access, Fields, Key, Point, Table};

/// A version of a row this device has seen on the server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    pub version: Uuid,
    pub fields: Fields,
}

/// How many versions of a row are remembered, the newest last: after a restore from a backup the server may stand at one.
pub const SEEN: usize = 8;

/// How many revisions a body remembers.
pub const KNOWN: usize = 16;

/// A row on this device: as the server last had it, and as it is here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LocalRow {
    pub course_id: Uuid,
    pub key: Key,
    /// The server's version `base` is; none when the server does not have the row.
    pub version: Option<Uuid>,
    /// The fields the person's changes are made on; none when the server does not have the row.
    pub base: Option<Fields>,
    pub current: Fields,
    pub seen: Vec<Seen>,
    /// While the course heals: not yet met in the pull from the start.
    pub unsure: bool,
    /// Why the server refused the row. It waits until its author changes it (quarantine).
    pub refused: Option<String>,
}

impl LocalRow {
    /// Whether fields wait to be sent. A lesson may also wait for its body ([`Body::current`], [`Draft`]).
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.base.as_ref() != Some(&self.current)
    }
}

/// The document of a lesson. A lesson without one has not been written in, or not been downloaded yet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Body {
    pub lesson_id: Uuid,
    pub base: Option<BodyBase>,
    /// The last [`KNOWN`] revisions this body was written on, the newest last: after a restore from a backup the server
    /// may stand at one.
    pub known: Vec<Uuid>,
    /// What the person sees, canonical JSON; none when it is the base's. With an open lesson the store puts it together
    /// from the blocks changed since.
    pub current: Option<String>,
}

impl Body {
    /// The body is written on this revision from now on.
    pub fn stand_on(&mut self, base: BodyBase) {
        self.known.retain(|known| *known != base.revision_id);
        self.known.push(base.revision_id);
        if self.known.len() > KNOWN {
            self.known.remove(0);
        }
        self.base = Some(base);
    }
}

/// The server's revision a body is written on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BodyBase {
    pub revision_id: Uuid,
    /// Canonical JSON; none until it is downloaded.
    pub document: Option<String>,
    /// Differences between it and its key frame.
    pub depth: u32,
}

/// A version of a lesson saved here that the server does not have yet. It is packed when it is sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    pub id: Uuid,
    pub lesson_id: Uuid,
    pub parent_id: Option<Uuid>,
    pub merged_id: Option<Uuid>,
    pub name: Option<String>,
    /// Canonical JSON.
    pub document: String,
}

/// Why nothing is sent although something waits. The work stays, can be exported, and is taken up again when the reason
/// goes away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Aside {
    /// The person may not write in the course; with `read` it still arrives.
    Denied { read: bool },
    /// The course is archived.
    Archived,
    /// The server wants a newer app; `schema` is this build's, so a newer build starts again.
    Upgrade { minimum: u32, schema: u32 },
}

/// Which way a mass deletion would go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Others deleted it; it would go from this device.
    Pull,
    /// It was deleted here and would go from the server.
    Push,
}

/// What the person said to a mass deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Delete them.
    Delete,
    /// Keep them: bring them back.
    Keep,
}

/// A decision that was asked for and given: these rows, this way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decided {
    pub direction: Direction,
    pub decision: Decision,
    pub rows: Vec<Key>,
}

/// A course kept on this device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Course {
    pub organization_id: Uuid,
    pub course_id: Uuid,
    /// Everything up to here is stored.
    pub cursor: Point,
    /// The newest place of the server's history this device ever learned of: pulls, own acknowledged pushes, refusals.
    pub horizon: Point,
    /// The server went back in time: the course is pulled from the start, and rows are `unsure` until met.
    pub healing: bool,
    pub access: Access,
    pub aside: Option<Aside>,
    /// The build that pulled the course; a newer one pulls it from the start, for columns the older did not know.
    pub schema: u32,
    /// Rows that pulls deleted since the last pull that reached the end: the brake counts across pages.
    pub deleted: u32,
    /// Answer to the brake's last question.
    pub decided: Option<Decided>,
}

/// One thing to write.
#[derive(Clone, Debug, PartialEq)]
pub enum Write {
    Course(Course),
    /// Inserts or replaces.
    Row(LocalRow),
    /// Inserts or replaces. Ends the open lesson's block-wise changes: they are part of `current`.
    Body(Body),
    /// Inserts, or replaces the one of that id.
    Draft(Draft),
    /// The server has it now: it may go, or be kept as history.
    DraftSent(Uuid),
    /// The frozen batch of the course, byte for byte; none once it has a definite answer.
    Batch(Option<Vec<u8>>),
}

/// How a commit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Committed {
    /// All of it is durable.
    Done,
    /// Nothing was written: another hand (a second window, the person typing) wrote to the course since `generation`. Read
    /// and decide again.
    Moved,
}

/// The durable state of one connection and person. Reads see every finished commit and nothing of an unfinished one.
pub trait Store {
    type Error;

    /// This device; a copied file gets a new one.
    ///
    /// # Errors
    /// All of them: the file cannot be read or written.
    fn device(&self) -> Result<Uuid, Self::Error>;

    /// The courses kept here.
    ///
    /// # Errors
    /// See [`Store::device`].
    fn courses(&self) -> Result<Vec<Uuid>, Self::Error>;

    /// # Errors
    /// See [`Store::device`].
    fn course(&self, course: Uuid) -> Result<Option<Course>, Self::Error>;

    /// Counts the commits that touched this course, by whatever process.
    ///
    /// # Errors
    /// See [`Store::device`].
    fn generation(&self, course: Uuid) -> Result<u64, Self::Error>;

    /// # Errors
    /// See [`Store::device`].
    fn row(&self, key: Key) -> Result<Option<LocalRow>, Self::Error>;

    /// All rows of a course, ordered by key. Asked rarely: when a course heals, for the brake, for lists.
    ///
    /// # Errors
    /// See [`Store::device`].
    fn rows(&self, course: Uuid) -> Result<Vec<LocalRow>, Self::Error>;

    /// The rows that wait to be sent, ordered by key: changed ones ([`LocalRow::is_changed`]) and lessons whose body is
    /// changed or that have drafts. Refused ones too.
    ///
    /// # Errors
    /// See [`Store::device`].
    fn waiting(&self, course: Uuid) -> Result<Vec<Key>, Self::Error>;

    /// The rows of `table` whose current field `field` is `parent`, ordered by id, archived ones too.
    ///
    /// # Errors
    /// See [`Store::device`].
    fn children(&self, table: Table, field: &str, parent: Uuid) -> Result<Vec<Key>, Self::Error>;

    /// # Errors
    /// See [`Store::device`].
    fn body(&self, lesson: Uuid) -> Result<Option<Body>, Self::Error>;

    /// At most `limit` lessons whose base names a revision that is not their body's, or whose body's base has no document
    /// yet; those that wait to be sent first, then those in use before archived ones.
    ///
    /// # Errors
    /// See [`Store::device`].
    fn bodies_to_fetch(&self, course: Uuid, limit: usize) -> Result<Vec<Uuid>, Self::Error>;

    /// A lesson's drafts, oldest first.
    ///
    /// # Errors
    /// See [`Store::device`].
    fn drafts(&self, lesson: Uuid) -> Result<Vec<Draft>, Self::Error>;

    /// The course's frozen batch.
    ///
    /// # Errors
    /// See [`Store::device`].
    fn batch(&self, course: Uuid) -> Result<Option<Vec<u8>>, Self::Error>;

    /// Writes all of it or nothing, in order, and is durable when it returns.
    ///
    /// # Errors
    /// See [`Store::device`]. Nothing was written then.
    fn commit(&mut self, course: Uuid, generation: u64, writes: Vec<Write>) -> Result<Committed, Self::Error>;
}
