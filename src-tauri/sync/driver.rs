//! Brings the drafts of this computer and the server together: asks the machine what to do next, carries it over the line,
//! hands the answer back. It decides nothing about content, and may stop or be killed at any point.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sqlx::types::Json;
use sync_core::{
    Step, batch,
    store::{Aside, Store},
    wire::{FetchAnswer, FetchRequest, Point, PullAnswer, PullRequest, Push, PushAnswer},
};
use tokio::sync::Notify;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{
    files,
    presence::{self, Reader},
    remote,
};
use crate::{
    clock,
    database::{Access, Database, open_session},
    drafts::{
        self,
        file::{self, About, Changed, DraftsFile},
    },
    error::{Code, Error, Result},
    ids::{CourseId, LessonId, OperationId, OrganizationId},
};

/// How often the server is asked whether something is new.
const ASK_AGAIN: Duration = Duration::from_secs(10);
/// How often while somebody else has one of the same lessons open.
const ASK_BESIDE_OTHERS: Duration = Duration::from_secs(2);
/// Writing is sent once it rests for so long,
const REST: Duration = Duration::from_millis(1500);
/// or after so long without a rest.
const LATEST: Duration = Duration::from_secs(8);
/// The longest wait after a server that did not answer.
const PATIENCE: Duration = Duration::from_secs(60);
/// A course that was refused so often in a row, whatever was done about it, waits for the next pass.
const PERSISTENCE: u32 = 100;
/// A course that is quiet is noted as heard of at most this often.
const NOTE_HEARD: Duration = Duration::from_secs(300);

/// A server to speak to, and as whom.
#[derive(Clone)]
pub struct Line {
    pub database: Database,
    pub token: Zeroizing<String>,
}

impl Line {
    fn access(&self, organization: Uuid) -> Access {
        Access { token: self.token.clone(), organization: Some(OrganizationId(organization)) }
    }
}

/// How the line stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standing {
    pub is_online: bool,
    pub problem: Option<String>,
    pub next_step: Option<String>,
}

pub struct Driver {
    file: Arc<DraftsFile>,
    line: Mutex<Option<Line>>,
    standing: Mutex<Standing>,
    /// The person wrote something.
    written: Notify,
    /// Somebody wants it now, or the line changed.
    asked: Notify,
    /// One pass at a time.
    turn: tokio::sync::Mutex<()>,
    heard: Mutex<BTreeMap<Uuid, std::time::Instant>>,
    /// Lessons open in this window, with their course.
    open: Mutex<BTreeMap<LessonId, CourseId>>,
    /// Everybody's in those courses, this window's left out, as the server said last.
    readers: Mutex<BTreeMap<CourseId, Vec<Reader>>>,
    /// This window, for those beside it.
    window: Uuid,
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn new_id() -> Uuid {
    OperationId::new().0
}

/// A kept course, and up to where it is here.
struct Kept {
    organization: Uuid,
    course: Uuid,
    point: Point,
    /// Something keeps it from being sent; whether that is over only the server knows.
    is_aside: bool,
    about: About,
}

impl Driver {
    #[must_use]
    pub fn new(file: Arc<DraftsFile>) -> Arc<Self> {
        Arc::new(Self {
            file,
            line: Mutex::default(),
            standing: Mutex::default(),
            written: Notify::new(),
            asked: Notify::new(),
            turn: tokio::sync::Mutex::default(),
            heard: Mutex::default(),
            open: Mutex::default(),
            readers: Mutex::default(),
            window: new_id(),
        })
    }

    /// The server to speak to from now on; none: nobody is signed in.
    pub fn speak_over(&self, line: Option<Line>) {
        if line.is_none() {
            self.stand(Standing::default());
        }
        *locked(&self.line) = line;
        self.asked.notify_one();
    }

    /// Whether somebody is signed in to send over.
    #[must_use]
    pub fn has_line(&self) -> bool {
        locked(&self.line).is_some()
    }

    /// Whether the server could be reached, while nobody is signed in to it.
    pub fn note_reachable(&self, is_online: bool) {
        if locked(&self.line).is_none() {
            self.stand(Standing { is_online, ..Standing::default() });
        }
    }

    /// Sends what was written once writing rests.
    pub fn written(&self) {
        self.written.notify_one();
    }

    /// Looks and sends at once.
    pub fn now(&self) {
        self.asked.notify_one();
    }

    /// The lesson is open in this window, or is not any more.
    pub fn note_open(&self, course: CourseId, lesson: LessonId, is_open: bool) {
        let mut open = locked(&self.open);
        let changed = if is_open { open.insert(lesson, course).is_none() } else { open.remove(&lesson).is_some() };
        drop(open);
        if changed {
            self.asked.notify_one();
        }
    }

    /// The lessons open in this window, with their course.
    #[must_use]
    pub fn open_lessons(&self) -> Vec<(LessonId, CourseId)> {
        locked(&self.open).iter().map(|(lesson, course)| (*lesson, *course)).collect()
    }

    /// Who has which lesson open, as the server said last.
    #[must_use]
    pub fn readers(&self) -> Vec<Reader> {
        locked(&self.readers).values().flatten().cloned().collect()
    }

    #[must_use]
    pub fn standing(&self) -> Standing {
        locked(&self.standing).clone()
    }

    fn stand(&self, standing: Standing) {
        let before = std::mem::replace(&mut *locked(&self.standing), standing.clone());
        if before != standing {
            self.file.tell(Changed::default());
        }
    }

    /// Keeps server and drafts together until it is dropped.
    pub async fn run(self: Arc<Self>) {
        let mut failures = 0;
        loop {
            if locked(&self.line).is_none() {
                self.asked.notified().await;
                continue;
            }
            match self.pass().await {
                Ok(()) => failures = 0,
                Err(_) => failures = (failures + 1).min(6),
            }
            if failures > 0 {
                // Nobody is helped by asking a silent server at every word.
                let wait = Duration::from_secs(1 << failures).min(PATIENCE);
                let _ = tokio::time::timeout(wait, self.asked.notified()).await;
                continue;
            }
            let is_beside_others = !locked(&self.readers).values().all(Vec::is_empty);
            tokio::select! {
                () = tokio::time::sleep(if is_beside_others { ASK_BESIDE_OTHERS } else { ASK_AGAIN }) => {}
                () = self.asked.notified() => {}
                () = self.rest_of_writing() => {}
            }
        }
    }

    async fn rest_of_writing(&self) {
        self.written.notified().await;
        let resting = async { while tokio::time::timeout(REST, self.written.notified()).await.is_ok() {} };
        let _ = tokio::time::timeout(LATEST, resting).await;
    }

    /// Everything there is to do now: looks what is new, sends what waits, fetches what is missing.
    ///
    /// # Errors
    /// `signedOut`, `unreachable` and what else keeps the line from working; what waits stays. What the file of drafts
    /// tells.
    pub async fn pass(&self) -> Result<()> {
        let _turn = self.turn.lock().await;
        let line = locked(&self.line).clone().ok_or_else(Error::signed_out)?;
        let done = self.pass_over(&line).await;
        self.stand(match &done {
            Ok(()) => Standing { is_online: true, problem: None, next_step: None },
            // Without a network one writes on: that is a state, not a problem.
            Err(error) if error.code == Code::Unreachable => Standing::default(),
            Err(error) => Standing {
                is_online: !matches!(error.code, Code::SignedOut | Code::Tls),
                problem: Some(error.message.clone()),
                next_step: error.next_step.clone(),
            },
        });
        if let Err(error) = &done {
            tracing::info!(code = ?error.code, sqlstate = error.sqlstate().as_deref(), "drafts wait");
            if error.code == Code::SignedOut {
                locked(&self.line).take();
            }
        }
        done
    }

    async fn pass_over(&self, line: &Line) -> Result<()> {
        let kept = self.kept().await?;
        let mut organizations: BTreeMap<Uuid, Vec<Kept>> = BTreeMap::new();
        for course in kept {
            organizations.entry(course.organization).or_default().push(course);
        }
        for (organization, courses) in organizations {
            let ids: Vec<CourseId> = courses.iter().map(|kept| CourseId(kept.course)).collect();
            let access = line.access(organization);
            let found = line
                .database
                .read("sync_look", &access, |c| {
                    Box::pin(async move { look(c, OrganizationId(organization), &ids).await })
                })
                .await;
            let found = match found {
                Ok(found) => found,
                // No standing in the organization any more: each course is told so by its own question.
                Err(error) if is_denied(&error) => BTreeMap::new(),
                Err(error) => return Err(error),
            };
            for kept in courses {
                let course = kept.course;
                let news = found.get(&course);
                let is_new = kept.is_aside || news.is_none_or(|news| news.point != kept.point);
                let about = news.map(|news| About { synced_at: kept.about.synced_at.clone(), ..news.about.clone() });
                let about = about.filter(|about| *about != kept.about);
                self.file
                    .with(move |machine| {
                        if is_new {
                            machine.look(course);
                        }
                        about.map_or(Ok(()), |about| file::set_about(machine, CourseId(course), &about))
                    })
                    .await?;
                if news.is_some() {
                    self.tell_open(line, &access, organization, CourseId(course)).await?;
                }
                // Files first: what is published names them.
                files::upload(&self.file, &line.database, &access, CourseId(course)).await?;
                self.round(line, organization, course).await?;
                files::download(&self.file, &line.database, &access, CourseId(course)).await?;
            }
        }
        Ok(())
    }

    /// Says which lessons are open here and hears who else has one open. A course nobody opened costs no question.
    async fn tell_open(&self, line: &Line, access: &Access, organization: Uuid, course: CourseId) -> Result<()> {
        let here = |(lesson, of): (&LessonId, &CourseId)| (*of == course).then_some(*lesson);
        let lessons: Vec<LessonId> = locked(&self.open).iter().filter_map(here).collect();
        if lessons.is_empty() && !locked(&self.readers).contains_key(&course) {
            return Ok(());
        }
        let mut transaction = line.database.pool().begin().await?;
        open_session(&mut transaction, access).await?;
        let organization = OrganizationId(organization);
        let open = presence::keep_open(&mut transaction, organization, course, &lessons, self.window).await?;
        transaction.commit().await?;
        let mut others = open.readers;
        others.retain(|reader| reader.window != self.window);
        let before = match lessons.is_empty() {
            true => locked(&self.readers).remove(&course),
            false => locked(&self.readers).insert(course, others.clone()),
        };
        if before.unwrap_or_default() != others {
            self.file.tell(Changed::default());
        }
        Ok(())
    }

    /// Brings a file of a course here that its text names, if there is a line.
    ///
    /// # Errors
    /// What the file of drafts tells; a server that does not answer is no error here.
    pub async fn fetch_file(&self, course: CourseId, sha256: &str) -> Result<()> {
        let Some(line) = locked(&self.line).clone() else { return Ok(()) };
        let organization = self.file.with(move |machine| drafts::organization(machine, course)).await?;
        let access = line.access(organization.0);
        let fetched = async {
            files::want(&self.file, &line.database, &access, course, sha256).await?;
            files::download(&self.file, &line.database, &access, course).await
        };
        match fetched.await {
            Err(error) if error.code != Code::LocalServer => {
                tracing::info!(code = ?error.code, "a file is not here yet");
                Ok(())
            }
            outcome => outcome,
        }
    }

    async fn kept(&self) -> Result<Vec<Kept>> {
        self.file
            .with(|machine| {
                let mut kept = Vec::new();
                for id in machine.store().courses()? {
                    if let Some(course) = machine.store().course(id)? {
                        kept.push(Kept {
                            organization: course.organization_id,
                            course: id,
                            point: course.cursor,
                            is_aside: course.aside.is_some(),
                            about: file::about(machine, CourseId(id))?,
                        });
                    }
                }
                Ok(kept)
            })
            .await
    }

    /// All steps of a course until nothing is left to do without a person.
    async fn round(&self, line: &Line, organization: Uuid, course: Uuid) -> Result<()> {
        let access = line.access(organization);
        let (mut has_moved, mut refusals) = (false, 0);
        loop {
            let step = self.file.with(move |machine| machine.next(course, &mut new_id).map_err(drafts::told)).await?;
            let mut lessons = Vec::new();
            match step {
                Step::Send(frozen) => {
                    refusals = if self.send(line, &access, course, frozen).await? { 0 } else { refusals + 1 };
                    if refusals > PERSISTENCE {
                        return Err(Error::stale("course").next_step("It is tried again by itself."));
                    }
                }
                Step::Pull(request) => {
                    let answer = pull(line, &access, &request).await?;
                    let moves = !matches!(&answer, PullAnswer::Page { rows, .. } if rows.is_empty());
                    self.file.with(move |machine| machine.answer_pull(&request, answer).map_err(drafts::told)).await?;
                    if !moves {
                        self.note_heard(course, has_moved).await?;
                        continue;
                    }
                }
                Step::Fetch(request) => {
                    let (answer, contents) = fetch(line, &access, &request).await?;
                    if let FetchAnswer::Page { revisions } = &answer {
                        lessons = revisions.iter().map(|revision| LessonId(revision.lesson_id)).collect();
                        lessons.sort_unstable();
                        lessons.dedup();
                    }
                    self.file
                        .with(move |machine| {
                            machine.answer_fetch(&request, &answer, &contents, &mut new_id).map_err(drafts::told)
                        })
                        .await?;
                }
                Step::Idle | Step::Ask(_) => return self.note_heard(course, has_moved).await,
                Step::Halted(aside) => {
                    if !matches!(aside, Aside::Denied { read: false }) {
                        self.note_heard(course, has_moved).await?;
                    }
                    return Ok(());
                }
            }
            has_moved = true;
            for lesson in &lessons {
                files::want_of(&self.file, &line.database, &access, CourseId(course), *lesson).await?;
            }
            self.file.tell(Changed { courses: vec![CourseId(course)], lessons });
        }
    }

    /// Whether the server took it.
    async fn send(&self, line: &Line, access: &Access, course: Uuid, frozen: Vec<u8>) -> Result<bool> {
        let damaged = |_| drafts::told::<Error>(sync_core::Error::Damaged);
        let Push { push_id, .. } = batch::thaw(&frozen).map_err(damaged)?;
        // What is under way is shown as such.
        self.file.tell(Changed { courses: vec![CourseId(course)], lessons: Vec::new() });
        let answer = match push(line, access, &frozen).await {
            Err(error) if is_denied(&error) => PushAnswer::Denied,
            answer => answer?,
        };
        let is_taken = matches!(answer, PushAnswer::Ok { .. });
        self.file.with(move |machine| machine.answer_push(course, push_id, answer).map_err(drafts::told)).await?;
        Ok(is_taken)
    }

    /// Notes when the server was last heard about a course; without news not at every question.
    async fn note_heard(&self, course: Uuid, has_moved: bool) -> Result<()> {
        let is_due = locked(&self.heard).get(&course).is_none_or(|noted| noted.elapsed() > NOTE_HEARD);
        if !has_moved && !is_due {
            return Ok(());
        }
        locked(&self.heard).insert(course, std::time::Instant::now());
        let now = clock::now().to_rfc3339();
        self.file
            .with(move |machine| {
                let about = About { synced_at: Some(now), ..file::about(machine, CourseId(course))? };
                file::set_about(machine, CourseId(course), &about)
            })
            .await?;
        self.file.tell(Changed { courses: vec![CourseId(course)], lessons: Vec::new() });
        Ok(())
    }
}

/// The person has no standing there, as opposed to a server that takes no changes at all.
fn is_denied(error: &Error) -> bool {
    error.sqlstate().as_deref() == Some("42501")
}

/// Sends a frozen batch in a transaction of its own, and commits it only when it was taken.
async fn push(line: &Line, access: &Access, frozen: &[u8]) -> Result<PushAnswer> {
    let started = std::time::Instant::now();
    let sent = crate::logs::counting_rows(async {
        let mut transaction = line.database.pool().begin().await?;
        open_session(&mut transaction, access).await?;
        let answer = remote::push(&mut transaction, frozen).await?;
        match answer {
            PushAnswer::Ok { .. } => transaction.commit().await?,
            _ => transaction.rollback().await?,
        }
        Ok(answer)
    })
    .await;
    crate::logs::statement("sync_push", started, 1, sent.as_ref().err());
    sent
}

async fn pull(line: &Line, access: &Access, request: &PullRequest) -> Result<PullAnswer> {
    let asked = request.clone();
    let read = line.database.read("sync_pull", access, |c| Box::pin(async move { remote::pull(c, &asked).await }));
    match read.await {
        Err(error) if is_denied(&error) => Ok(PullAnswer::Denied),
        answer => answer,
    }
}

async fn fetch(line: &Line, access: &Access, request: &FetchRequest) -> Result<(FetchAnswer, Vec<Vec<u8>>)> {
    let asked = request.clone();
    let read = line.database.read("sync_bodies", access, |c| Box::pin(async move { remote::bodies(c, &asked).await }));
    match read.await {
        Err(error) if is_denied(&error) => Ok((FetchAnswer::Denied, Vec::new())),
        answer => answer,
    }
}

struct News {
    /// With its link of the chain: a server restored from a backup may have come as far on another way.
    point: Point,
    about: About,
}

/// How far the courses are on the server, and what they are called; one that cannot be seen is left out.
async fn look(
    connection: &mut sqlx::PgConnection,
    organization: OrganizationId,
    courses: &[CourseId],
) -> Result<BTreeMap<Uuid, News>> {
    let found = sqlx::query!(
        r#"select c.id as "id: CourseId", c.title, c.seq,
                  coalesce((select encode(p.chain, 'hex') from lectern.pushes p
                             where p.organization_id = c.organization_id and p.course_id = c.id and p.seq = c.seq), '')
                    as "chain!",
                  coalesce((select jsonb_object_agg(m.person_id, m.name)
                              from lectern.course_staff f
                              join lectern.memberships m on (m.organization_id, m.person_id) = (f.organization_id, f.person_id)
                             where f.organization_id = c.organization_id and f.course_id = c.id), '{}')
                    as "people!: Json<BTreeMap<Uuid, String>>"
           from lectern.courses c where c.organization_id = $1 and c.id = any($2)"#,
        organization as OrganizationId,
        courses as &[CourseId],
    )
    .fetch_all(connection)
    .await?;
    let news = found.into_iter().map(|course| {
        let about = About { title: course.title, people: course.people.0, synced_at: None };
        (course.id.0, News { point: Point { seq: course.seq, chain: course.chain }, about })
    });
    Ok(news.collect())
}
