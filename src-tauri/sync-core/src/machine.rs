//! The state machine of one device: what to do next for a course, and what an answer means.
//!
//! R1 A change is acknowledged only after its commit. R2 Only what is durable is sent. R3 A frozen batch is sent again byte
//! for byte until it has a definite answer, and nothing is pulled before. R4 Rows and cursor commit together. R5 Delete
//! never beats an unseen edit. R6 A losing human value becomes a card. R7 A merge is valid or refused with both versions
//! kept. R8 Unknown fields travel untouched. R9 No decision reads a clock. R10 The server never merges. R11 Nothing is ever
//! deleted for good.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::batch;
use crate::bodies;
use crate::brake::{self, Brake};
use crate::merging::Merging;
use crate::store::{Aside, Committed, Course, Decided, Decision, Direction, LocalRow, Store, Write};
use crate::wire::{
    Access, FetchAnswer, FetchRequest, Key, MAX_ROWS, Point, PullAnswer, PullRequest, PushAnswer, Table,
};
use crate::work::{Work, is_archived};

/// A page of a pull holds at most so many pushes.
pub const PUSHES: u32 = 100;
/// Bodies asked for at once.
const BODIES: usize = 100;

/// What to do next for a course.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Send these bytes ([`batch::arguments`]) and hand the answer to [`Machine::answer_push`].
    Send(Vec<u8>),
    /// Hand the answer to [`Machine::answer_pull`].
    Pull(PullRequest),
    /// Hand the answer to [`Machine::answer_fetch`].
    Fetch(FetchRequest),
    /// Ask the person, whenever it suits, and hand the decision to [`Machine::decide`]. The course waits.
    Ask(Brake),
    /// Nothing to do until somebody edits or [`Machine::look`] is called.
    Idle,
    /// Something waits that cannot be sent; see [`Aside`]. [`Machine::look`] tries again.
    Halted(Aside),
}

/// What can go wrong on this side.
#[derive(Debug, PartialEq, Eq)]
pub enum Error<E> {
    Store(E),
    /// The course is not kept on this device.
    NotKept,
    /// There is no such row on this device.
    NoSuchRow,
    /// A frozen batch cannot be read: the file was damaged or written by a newer app.
    Damaged,
}

impl<E> From<E> for Error<E> {
    fn from(error: E) -> Self {
        Self::Store(error)
    }
}

/// What is known of a course until the process ends.
#[derive(Debug)]
struct Moment {
    /// Something may be new on the server.
    look: bool,
    /// Pull once nothing waits: one's own pushes come back as the server stored them.
    echo: bool,
    /// Bodies the server did not give; asked again at the next look.
    passed: BTreeSet<Uuid>,
    asked: Option<Brake>,
    /// Rows a push may have.
    most: usize,
}

impl Default for Moment {
    fn default() -> Self {
        Self { look: true, echo: false, passed: BTreeSet::new(), asked: None, most: MAX_ROWS }
    }
}

/// One device's half of the protocol over its store. Everything it knows for longer than the process stands in the store;
/// starting anew after a crash is making another machine.
pub struct Machine<S, M> {
    pub(crate) store: S,
    pub(crate) merging: M,
    schema: u32,
    moments: BTreeMap<Uuid, Moment>,
    #[cfg(any(test, feature = "simulation"))]
    pub mutant: crate::simulation::Mutant,
}

impl<S: Store, M: Merging> Machine<S, M> {
    /// `schema`: [`crate::wire::CLIENT_SCHEMA`] of this build.
    pub fn new(store: S, merging: M, schema: u32) -> Self {
        Self {
            store,
            merging,
            schema,
            moments: BTreeMap::new(),
            #[cfg(any(test, feature = "simulation"))]
            mutant: crate::simulation::Mutant::default(),
        }
    }

    pub fn store(&self) -> &S {
        &self.store
    }

    pub fn store_mut(&mut self) -> &mut S {
        &mut self.store
    }

    fn moment(&mut self, course: Uuid) -> &mut Moment {
        self.moments.entry(course).or_default()
    }

    /// The course is not kept any more: nothing of this process's memory of it counts.
    pub fn forget(&mut self, course: Uuid) {
        self.moments.remove(&course);
    }

    /// The mass deletion a person is asked about, if one is.
    #[must_use]
    pub fn asked(&self, course: Uuid) -> Option<&Brake> {
        self.moments.get(&course).and_then(|moment| moment.asked.as_ref())
    }

    /// Reads, decides and commits, again when another hand wrote meanwhile.
    pub(crate) fn change<T>(
        &mut self,
        course: Uuid,
        mut work: impl FnMut(&mut Work<'_, S>, &M) -> Result<T, Error<S::Error>>,
    ) -> Result<T, Error<S::Error>> {
        loop {
            let generation = self.store.generation(course)?;
            let state = self.store.course(course)?.ok_or(Error::NotKept)?;
            let mut changes = Work::new(&self.store, state);
            let answer = work(&mut changes, &self.merging)?;
            let writes = changes.into_writes();
            if writes.is_empty() || self.store.commit(course, generation, writes)? == Committed::Done {
                return Ok(answer);
            }
        }
    }

    /// Something may have changed on the server: a notification came, a poll saw a higher number, or time went by.
    pub fn look(&mut self, course: Uuid) {
        let moment = self.moment(course);
        moment.look = true;
        moment.passed.clear();
    }

    /// Keeps a course on this device from now on.
    ///
    /// # Errors
    /// The store's.
    pub fn keep(&mut self, organization_id: Uuid, course_id: Uuid) -> Result<(), Error<S::Error>> {
        if self.store.course(course_id)?.is_some() {
            return Ok(());
        }
        let course = Course {
            organization_id,
            course_id,
            cursor: Point::default(),
            horizon: Point::default(),
            healing: false,
            access: Access::default(),
            aside: None,
            schema: self.schema,
            deleted: 0,
            decided: None,
        };
        loop {
            let generation = self.store.generation(course_id)?;
            if self.store.commit(course_id, generation, vec![Write::Course(course.clone())])? == Committed::Done {
                return Ok(());
            }
        }
    }

    /// What to do next for a course. `ids` makes new ids (UUIDv7); their order does not matter to any decision.
    ///
    /// # Errors
    /// The store's, or a damaged batch.
    pub fn next(&mut self, course: Uuid, ids: &mut impl FnMut() -> Uuid) -> Result<Step, Error<S::Error>> {
        if let Some(bytes) = self.store.batch(course)? {
            return Ok(Step::Send(bytes));
        }
        let mut state = self.store.course(course)?.ok_or(Error::NotKept)?;
        if state.schema < self.schema {
            self.renew(course)?;
            state = self.store.course(course)?.ok_or(Error::NotKept)?;
            self.look(course);
        }
        let moment = self.moment(course);
        if let Some(asked) = &moment.asked {
            return Ok(Step::Ask(asked.clone()));
        }
        if moment.look {
            return Ok(Step::Pull(self.pull(&state)));
        }
        if state.healing {
            // Nothing is sent before the whole course was met again.
            return Ok(state.aside.map_or(Step::Idle, Step::Halted));
        }
        let passed = moment.passed.clone();
        let fetch = self.bodies(course, &passed)?;
        if let Some((fetch, urgent)) = &fetch
            && *urgent
        {
            return Ok(Step::Fetch(fetch.clone()));
        }
        if !self.store.waiting(course)?.is_empty() {
            if let Some(aside) = state.aside {
                return Ok(fetch.map_or(Step::Halted(aside), |(fetch, _)| Step::Fetch(fetch)));
            }
            if let Some(step) = self.send(course, ids)? {
                return Ok(step);
            }
        }
        let moment = self.moment(course);
        if moment.echo {
            moment.echo = false;
            moment.look = true;
            return Ok(Step::Pull(self.pull(&state)));
        }
        Ok(fetch.map_or(Step::Idle, |(fetch, _)| Step::Fetch(fetch)))
    }

    fn pull(&self, course: &Course) -> PullRequest {
        PullRequest {
            organization_id: course.organization_id,
            course_id: course.course_id,
            client_schema: self.schema,
            cursor: course.cursor.clone(),
            horizon: course.horizon.clone(),
            pushes: PUSHES,
        }
    }

    /// A newer build pulls a course from the start: there may be columns and tables the older did not know.
    fn renew(&mut self, course: Uuid) -> Result<(), Error<S::Error>> {
        let schema = self.schema;
        self.change(course, |work, _| {
            work.course.cursor = Point::default();
            work.course.schema = schema;
            if matches!(work.course.aside, Some(Aside::Upgrade { .. })) {
                work.course.aside = None;
            }
            Ok(())
        })
    }

    /// The bodies to ask for, and whether one of them holds up what waits.
    fn bodies(&self, course: Uuid, passed: &BTreeSet<Uuid>) -> Result<Option<(FetchRequest, bool)>, Error<S::Error>> {
        let state = self.store.course(course)?.ok_or(Error::NotKept)?;
        if matches!(state.aside, Some(Aside::Denied { read: false })) {
            return Ok(None);
        }
        let work = Work::new(&self.store, state);
        let (mut revisions, mut known, mut urgent) = (Vec::new(), Vec::new(), false);
        for lesson in self.store.bodies_to_fetch(course, BODIES + passed.len())? {
            if passed.contains(&lesson) {
                continue;
            }
            revisions.extend(bodies::lacking(&work, lesson)?);
            // What waits may have been written, or archived, in ignorance of the new text.
            urgent |= work.waits(Key { table: Table::Lessons, id: lesson })?;
            if let Some(body) = self.store.body(lesson)? {
                known.extend(body.base.filter(|base| base.document.is_some()).map(|base| base.revision_id));
            }
            if revisions.len() >= BODIES {
                break;
            }
        }
        let (organization_id, course_id) = (work.course.organization_id, course);
        Ok((!revisions.is_empty()).then_some((FetchRequest { organization_id, course_id, revisions, known }, urgent)))
    }

    /// Freezes what waits, or asks first.
    fn send(&mut self, course: Uuid, ids: &mut impl FnMut() -> Uuid) -> Result<Option<Step>, Error<S::Error>> {
        let (schema, most) = (self.schema, self.moment(course).most);
        let asked = self.change(course, |work, merging| {
            let mut deleted = Vec::new();
            for key in work.waiting()? {
                let gone = |row: &LocalRow| {
                    is_archived(&row.current) && row.base.as_ref().is_some_and(|base| !is_archived(base))
                };
                deleted.extend(work.row(key)?.filter(gone));
            }
            let asked = brake::asks(work, Direction::Push, brake::missed(&deleted), 0)?;
            if asked.is_none() {
                let device = work.device()?;
                work.freeze(merging, device, schema, most, ids)?;
            }
            Ok(asked)
        })?;
        if let Some(brake) = asked {
            self.moment(course).asked = Some(brake.clone());
            return Ok(Some(Step::Ask(brake)));
        }
        Ok(self.store.batch(course)?.map(Step::Send))
    }

    /// What the person said to [`Step::Ask`].
    ///
    /// # Errors
    /// The store's.
    pub fn decide(&mut self, course: Uuid, decision: Decision) -> Result<(), Error<S::Error>> {
        let Some(brake) = self.moment(course).asked.take() else { return Ok(()) };
        self.change(course, |work, _| {
            let Brake { direction, rows, .. } = brake.clone();
            if direction == Direction::Push && decision == Decision::Keep {
                for mut row in work.rows()?.into_iter().filter(|row| row.is_changed() && is_archived(&row.current)) {
                    if row.base.as_ref().is_some_and(|base| !is_archived(base)) {
                        row.current.insert("archived_at".into(), serde_json::Value::Null);
                        work.put(row);
                    }
                }
            } else {
                work.course.decided = Some(Decided { direction, decision, rows });
            }
            Ok(())
        })?;
        if brake.direction == Direction::Pull {
            self.look(course);
        }
        Ok(())
    }

    /// Takes the answer to the batch `push_id`. An answer to another one is late and means nothing.
    ///
    /// # Errors
    /// The store's, or a damaged batch.
    pub fn answer_push(&mut self, course: Uuid, push_id: Uuid, answer: PushAnswer) -> Result<(), Error<S::Error>> {
        let Some(bytes) = self.store.batch(course)? else { return Ok(()) };
        let push = batch::thaw(&bytes).map_err(|_| Error::Damaged)?;
        if push.push_id != push_id {
            return Ok(());
        }
        #[cfg(any(test, feature = "simulation"))]
        let blind = self.mutant.no_fork_check;
        #[cfg(not(any(test, feature = "simulation")))]
        let blind = false;
        let schema = self.schema;
        let many = push.rows.len() + push.revisions.len() > 1;
        let healing = self.change(course, |work, merging| {
            work.put_batch(None);
            match &answer {
                PushAnswer::Ok { seq, chain, versions, .. } => {
                    let forward = *seq > work.course.horizon.seq;
                    work.acknowledge(&push, versions)?;
                    if !forward && !blind {
                        return work.heal().map(|()| true);
                    }
                    work.course.horizon = Point { seq: *seq, chain: chain.clone() };
                    if work.course.decided.as_ref().is_some_and(|decided| decided.direction == Direction::Push) {
                        work.forget_decision()?;
                    }
                }
                PushAnswer::Stale { rows, head } => {
                    if head.seq > work.course.horizon.seq {
                        work.course.horizon = head.clone();
                    }
                    for stale in rows {
                        match &stale.row {
                            Some(row) => work.arrive(merging, row.clone())?,
                            None => work.vanish(merging, Key { table: stale.table, id: stale.id })?,
                        }
                    }
                    work.settle(merging)?;
                }
                PushAnswer::Fork if !blind => return work.heal().map(|()| true),
                PushAnswer::Fork => {}
                PushAnswer::Denied => work.course.aside = Some(Aside::Denied { read: true }),
                PushAnswer::Archived => work.course.aside = Some(Aside::Archived),
                PushAnswer::Upgrade { minimum } => {
                    work.course.aside = Some(Aside::Upgrade { minimum: *minimum, schema });
                }
                PushAnswer::Invalid { table, id, reason } => work.refuse(Key { table: *table, id: *id }, reason)?,
                PushAnswer::TooLarge if many => {}
                PushAnswer::TooLarge => {
                    for change in &push.rows {
                        work.refuse(change.key, crate::freezing::TOO_LARGE)?;
                    }
                }
            }
            Ok(false)
        })?;
        let moment = self.moment(course);
        match answer {
            PushAnswer::Ok { .. } => moment.echo = true,
            PushAnswer::TooLarge => moment.most = (push.rows.len() / 2).max(1),
            PushAnswer::Invalid { .. } | PushAnswer::Upgrade { .. } => {}
            _ => moment.look = true,
        }
        if healing {
            self.look(course);
        }
        Ok(())
    }

    /// Takes the answer to a pull. An answer to a request that is not the present one is late and means nothing.
    ///
    /// # Errors
    /// The store's.
    pub fn answer_pull(&mut self, request: &PullRequest, answer: PullAnswer) -> Result<(), Error<S::Error>> {
        let course = request.course_id;
        let state = self.store.course(course)?.ok_or(Error::NotKept)?;
        if *request != self.pull(&state) || self.store.batch(course)?.is_some() {
            return Ok(());
        }
        let schema = self.schema;
        match answer {
            PullAnswer::Fork => {
                self.change(course, |work, _| work.heal())?;
                self.look(course);
            }
            PullAnswer::Denied => {
                self.change(course, |work, _| {
                    work.course.aside = Some(Aside::Denied { read: false });
                    Ok(())
                })?;
                self.moment(course).look = false;
            }
            PullAnswer::Upgrade { minimum } => {
                self.change(course, |work, _| {
                    work.course.aside = Some(Aside::Upgrade { minimum, schema });
                    Ok(())
                })?;
                self.moment(course).look = false;
            }
            PullAnswer::Page { rows, seq, chain, head, access } => {
                let upto = Point { seq, chain };
                #[cfg(any(test, feature = "simulation"))]
                if self.mutant.cursor_first {
                    self.change(course, |work, _| {
                        work.advance(&upto, &head, access);
                        Ok(())
                    })?;
                }
                let asked = self.change(course, |work, merging| work.page(merging, &rows, &upto, &head, access))?;
                let moment = self.moment(course);
                moment.look = head.seq > seq;
                moment.asked = asked;
            }
        }
        Ok(())
    }

    /// Takes the answer to a fetch; `contents` are those of its revisions.
    ///
    /// # Errors
    /// The store's.
    pub fn answer_fetch(
        &mut self,
        request: &FetchRequest,
        answer: &FetchAnswer,
        contents: &[Vec<u8>],
        ids: &mut impl FnMut() -> Uuid,
    ) -> Result<(), Error<S::Error>> {
        let course = request.course_id;
        let revisions = match answer {
            FetchAnswer::Page { revisions } => revisions,
            FetchAnswer::Denied => {
                self.look(course);
                return Ok(());
            }
        };
        if self.store.batch(course)?.is_some() {
            return Ok(());
        }
        let first = request.revisions.first().copied();
        let lessons = self.store.bodies_to_fetch(course, BODIES)?;
        let passed = self.change(course, |work, merging| {
            let documents = bodies::unpack(work, revisions, contents)?;
            // What was asked first and did not come is not there, or cannot be read.
            let gone = first.filter(|first| !documents.contains_key(first));
            let mut passed = BTreeSet::new();
            for lesson in &lessons {
                let lacking = bodies::lacking(work, *lesson)?;
                let answered = |revision: &Uuid| documents.contains_key(revision) || gone == Some(*revision);
                if lacking.iter().any(answered) && !work.arrive_body(merging, *lesson, &documents, gone, ids)? {
                    passed
                        .extend(bodies::lacking(work, *lesson)?.iter().any(|id| gone == Some(*id)).then_some(*lesson));
                }
            }
            work.settle(merging)?;
            Ok(passed)
        })?;
        self.moment(course).passed.extend(passed);
        Ok(())
    }
}
