//! How the drafts stand, in one word for all of them and one for each course.

use local_store::LocalStore;
use serde::Serialize;
use sync_core::{
    status::State,
    store::{self, Direction, Store},
    wire::{Access, Table},
};

use super::{
    Machine,
    file::{self, DraftsFile},
    is_archived, name_of, opening, told,
};
use crate::{
    error::Result,
    ids::{CourseId, OrganizationId},
    sync::driver::{self, Driver},
};

/// Where what was written stands; the one that asks most of a person first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub enum SyncState {
    NeedsYourDecision,
    Sending,
    SavedHere,
    OnTheServer,
}

/// Why nothing of a course is sent although it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub enum Aside {
    /// The person may read the course and not write in it.
    Denied,
    /// The person sees nothing of the course any more.
    Unreadable,
    Archived,
    /// The server wants a newer Lectern.
    Upgrade,
}

/// Many rows would go at once: asked first. `pull`: others deleted them; `push`: they were deleted here.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct MassDeletion {
    pub direction: DeletionDirection,
    /// The first of them.
    pub titles: Vec<String>,
    pub count: u32,
    pub of: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub enum DeletionDirection {
    Pull,
    Push,
}

/// A course kept on this computer.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct CourseDraft {
    pub course_id: CourseId,
    pub organization_id: OrganizationId,
    pub title: String,
    pub state: SyncState,
    /// Rows that are not, or not wholly, on the server.
    pub waiting: u32,
    /// Of them, refused by the server.
    pub refused: u32,
    pub conflicts: u32,
    pub lessons: u32,
    /// Lessons whose text is not on this computer yet.
    pub to_download: u32,
    pub may_write: bool,
    pub aside: Option<Aside>,
    /// The server stood back in time (restored from a backup) and the course is compared.
    pub healing: bool,
    pub mass_deletion: Option<MassDeletion>,
    /// When the server was last heard about it; none before the first time.
    pub synced_at: Option<String>,
}

/// All drafts of the person on this computer.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "desktop", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Drafts {
    /// False: no file of drafts is open; `problem` tells why if it should be.
    pub is_open: bool,
    pub state: SyncState,
    pub is_online: bool,
    pub problem: Option<String>,
    pub next_step: Option<String>,
    /// The file is damaged: `setDraftsAside` exports what can be read and begins a new one.
    pub may_begin_anew: bool,
    pub courses: Vec<CourseDraft>,
}

/// How many titles a question about a mass deletion names.
const NAMED: usize = 5;

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// # Errors
/// `notFound` when the course is not kept here; what the file of drafts tells.
pub fn of_course(machine: &Machine<LocalStore>, course: CourseId, line: &driver::Standing) -> Result<CourseDraft> {
    let not_kept = || told::<local_store::Error>(sync_core::Error::NotKept);
    let kept = machine.store().course(course.0)?.ok_or_else(not_kept)?;
    let status = machine.status(course.0).map_err(told)?;
    let about = file::about(machine, course)?;
    let rows = machine.store().rows(course.0)?;
    let lessons = rows.iter().filter(|row| row.key.table == Table::Lessons && !is_archived(&row.current)).count();
    let mass_deletion = machine.asked(course.0).map(|brake| MassDeletion {
        direction: match brake.direction {
            Direction::Pull => DeletionDirection::Pull,
            Direction::Push => DeletionDirection::Push,
        },
        titles: brake
            .rows
            .iter()
            .take(NAMED)
            .filter_map(|key| rows.iter().find(|row| row.key == *key))
            .map(|row| name_of(&row.current).to_owned())
            .collect(),
        count: count(brake.rows.len()),
        of: count(brake.of),
    });
    Ok(CourseDraft {
        course_id: course,
        organization_id: OrganizationId(kept.organization_id),
        title: about.title,
        state: match status.state {
            State::NeedsYourDecision => SyncState::NeedsYourDecision,
            // A batch that nobody carries is not under way.
            State::Sending if line.is_online => SyncState::Sending,
            State::Sending | State::SavedHere => SyncState::SavedHere,
            State::OnTheServer => SyncState::OnTheServer,
        },
        waiting: count(status.waiting),
        refused: count(status.refused),
        conflicts: count(status.open_cards),
        lessons: count(lessons),
        to_download: count(status.to_download),
        may_write: kept.access == Access::Write && !matches!(kept.aside, Some(store::Aside::Denied { .. })),
        aside: status.aside.map(|aside| match aside {
            store::Aside::Denied { read: true } => Aside::Denied,
            store::Aside::Denied { read: false } => Aside::Unreadable,
            store::Aside::Archived => Aside::Archived,
            store::Aside::Upgrade { .. } => Aside::Upgrade,
        }),
        healing: status.healing,
        mass_deletion,
        synced_at: about.synced_at,
    })
}

/// # Errors
/// What the file of drafts tells.
pub async fn of_all(file: &DraftsFile, driver: &Driver) -> Result<Drafts> {
    let line = driver.standing();
    let mut courses = file
        .with({
            let line = line.clone();
            move |machine| {
                let ids = machine.store().courses()?;
                ids.into_iter().map(|id| of_course(machine, CourseId(id), &line)).collect::<Result<Vec<_>>>()
            }
        })
        .await?;
    courses.sort_by_cached_key(|course| (course.title.to_lowercase(), course.course_id));
    let state = courses.iter().map(|course| course.state).min().unwrap_or(SyncState::OnTheServer);
    Ok(Drafts {
        is_open: true,
        state,
        is_online: line.is_online,
        problem: line.problem,
        next_step: line.next_step,
        may_begin_anew: false,
        courses,
    })
}

impl Drafts {
    /// Nothing is open; `problem` says why, if there should be something.
    #[must_use]
    pub fn closed(problem: Option<&crate::Error>) -> Self {
        Self {
            is_open: false,
            state: SyncState::OnTheServer,
            is_online: false,
            problem: problem.map(|problem| problem.message.clone()),
            next_step: problem.and_then(|problem| problem.next_step.clone()),
            may_begin_anew: problem.is_some_and(opening::is_damage),
            courses: Vec::new(),
        }
    }
}
