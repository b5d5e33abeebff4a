//! The drafts of one person at one connection, open in this process. The file's own work takes milliseconds and waits for
//! the disk, so it happens off the async threads, one call at a time.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use local_store::LocalStore;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use sync_core::{Engine, store::Store as _, wire::CLIENT_SCHEMA};
use tokio::sync::broadcast;
use uuid::Uuid;

use super::{Machine, conflicts::Conflict, lessons::LessonWriting, told};
use crate::{
    error::{Error, Result},
    ids::{CourseId, LessonId, PersonId},
};

/// Changes nobody has fetched yet; whoever comes too late reads everything anew.
const UNHEARD: usize = 256;

/// What changed, for whoever shows it.
#[derive(Clone, Debug, Default)]
pub struct Changed {
    pub courses: Vec<CourseId>,
    /// Lessons whose text came from the server, or was merged with it.
    pub lessons: Vec<LessonId>,
}

/// What is known of a course beside its content.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    pub title: String,
    /// Names of its staff.
    pub people: BTreeMap<Uuid, String>,
    /// When the server was last heard about it.
    pub synced_at: Option<String>,
}

/// What the open lessons said when they were looked at last.
#[derive(Debug, Default)]
pub struct Texts(BTreeMap<LessonId, [u8; 32]>);

pub struct DraftsFile {
    machine: Arc<Mutex<Machine<LocalStore>>>,
    pub person: PersonId,
    changes: broadcast::Sender<Changed>,
}

impl DraftsFile {
    #[must_use]
    pub fn new(store: LocalStore, person: PersonId) -> Self {
        let machine = Arc::new(Mutex::new(Machine::new(store, Engine, CLIENT_SCHEMA)));
        Self { machine, person, changes: broadcast::Sender::new(UNHEARD) }
    }

    /// Runs `work` on the drafts, alone.
    ///
    /// # Errors
    /// What `work` tells.
    pub async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Machine<LocalStore>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let machine = Arc::clone(&self.machine);
        let work = move || work(&mut machine.lock().unwrap_or_else(PoisonError::into_inner));
        let stopped = |cause| Error::internal("What you did could not be finished.").caused_by(cause);
        tokio::task::spawn_blocking(work).await.map_err(stopped)?
    }

    /// As [`Self::with`], and tells that the person changed something in `course`.
    ///
    /// # Errors
    /// What `work` tells; then nobody is told of a change.
    pub async fn change<T: Send + 'static>(
        &self,
        course: CourseId,
        work: impl FnOnce(&mut Machine<LocalStore>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let answer = self.with(work).await?;
        self.tell(Changed { courses: vec![course], lessons: Vec::new() });
        Ok(answer)
    }

    pub fn tell(&self, changed: Changed) {
        // Nobody listens while no window shows the drafts.
        let _ = self.changes.send(changed);
    }

    /// Tells what another window of this computer wrote since this was asked last. Of the lessons `open` here those whose
    /// text is another; `texts` is what is known of them.
    ///
    /// # Errors
    /// What the file tells.
    pub async fn hear_other_windows(&self, open: Vec<(LessonId, CourseId)>, texts: &mut Texts) -> Result<()> {
        let known = std::mem::take(texts);
        let (heard, now) = self
            .with(move |machine| {
                let is_known = |(lesson, _): &(LessonId, CourseId)| known.0.contains_key(lesson);
                let has_written = machine.store_mut().has_another_hand_written()?;
                if !has_written && open.iter().all(is_known) {
                    return Ok((None, known));
                }
                let mut now = Texts::default();
                for (lesson, course) in open {
                    let text = machine.document(course.0, lesson.0).map_err(told)?;
                    now.0.insert(lesson, Sha256::digest(text.unwrap_or_default()).into());
                }
                if !has_written {
                    return Ok((None, now));
                }
                let is_other = |(lesson, text): (&LessonId, &[u8; 32])| {
                    known.0.get(lesson).is_some_and(|before| before != text).then_some(*lesson)
                };
                let lessons = now.0.iter().filter_map(is_other).collect();
                let courses = machine.store().courses()?.into_iter().map(CourseId).collect();
                Ok((Some(Changed { courses, lessons }), now))
            })
            .await?;
        *texts = now;
        if let Some(changed) = heard {
            self.tell(changed);
        }
        Ok(())
    }

    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<Changed> {
        self.changes.subscribe()
    }
}

/// A note of the file, if it is there.
///
/// # Errors
/// What the file tells; `internal` for a note of another form.
pub fn note<T: DeserializeOwned>(machine: &Machine<LocalStore>, name: &str) -> Result<Option<T>> {
    let bytes = machine.store().note(name).map_err(Error::from)?;
    bytes.map(|bytes| serde_json::from_slice(&bytes)).transpose().map_err(Error::from_json)
}

/// # Errors
/// What the file tells.
pub fn set_note<T: Serialize>(machine: &mut Machine<LocalStore>, name: &str, value: Option<&T>) -> Result<()> {
    let bytes = value.map(serde_json::to_vec).transpose().map_err(Error::from_json)?;
    Ok(machine.store_mut().set_note(name, bytes.as_deref())?)
}

fn about_name(course: CourseId) -> String {
    format!("course {course}")
}

/// # Errors
/// What the file tells.
pub fn about(machine: &Machine<LocalStore>, course: CourseId) -> Result<About> {
    Ok(note(machine, &about_name(course))?.unwrap_or_default())
}

/// # Errors
/// What the file tells.
pub fn set_about(machine: &mut Machine<LocalStore>, course: CourseId, about: &About) -> Result<()> {
    set_note(machine, &about_name(course), Some(about))
}

/// The most the editor may keep for taking steps back.
const MOST_UNDO: usize = 4_000_000;

fn undo_name(lesson: LessonId) -> String {
    format!("undo {lesson}")
}

/// What the editor keeps for taking steps back; null for nothing.
///
/// # Errors
/// What the file tells.
pub fn undo(machine: &Machine<LocalStore>, lesson: LessonId) -> Result<serde_json::Value> {
    Ok(note(machine, &undo_name(lesson))?.unwrap_or_default())
}

/// Keeps it, or forgets it for null and for what is too long to be worth its place.
///
/// # Errors
/// What the file tells.
pub fn keep_undo(machine: &mut Machine<LocalStore>, lesson: LessonId, undo: &serde_json::Value) -> Result<()> {
    let bytes = serde_json::to_vec(undo).map_err(Error::from_json)?;
    let kept = (!undo.is_null() && bytes.len() <= MOST_UNDO).then_some(bytes);
    Ok(machine.store_mut().set_note(&undo_name(lesson), kept.as_deref())?)
}

/// Names whoever met each conflict first.
///
/// # Errors
/// What the file tells.
pub fn name_people(machine: &Machine<LocalStore>, course: CourseId, conflicts: &mut [Conflict]) -> Result<()> {
    if !conflicts.is_empty() {
        let people = about(machine, course)?.people;
        for conflict in conflicts {
            conflict.person_name = conflict.person_id.and_then(|person| people.get(&person).cloned());
        }
    }
    Ok(())
}

/// Writes what changed of an open lesson. Only its changed blocks are written; a lesson that had no document yet, whole.
///
/// # Errors
/// `invalid` for a block nobody could read again; what the file tells; nothing was written then.
pub fn write(
    machine: &mut Machine<LocalStore>,
    course: CourseId,
    lesson: LessonId,
    change: &LessonWriting,
) -> Result<()> {
    change.checked()?;
    let blocks: Vec<_> = change.changed.iter().map(|block| (block.id.clone(), block.json.clone())).collect();
    match machine.store_mut().write_blocks(course.0, lesson.0, &blocks, &change.order, &change.removed) {
        Ok(_) => Ok(()),
        Err(local_store::Error::BlocksMissing) => {
            let before = machine.document(course.0, lesson.0).map_err(told)?;
            machine.write(course.0, lesson.0, &change.on(before.as_deref())?).map_err(told)
        }
        Err(error) => Err(error.into()),
    }
}

impl From<local_store::Error> for Error {
    fn from(error: local_store::Error) -> Self {
        let (sentence, next_step) = (error.to_string(), error.next_step());
        Self::new(crate::error::Code::LocalServer, sentence).next_step(next_step).caused_by(error)
    }
}
