//! The drafts this window has open: whose they are, the line they are sent over, and telling the page what changes.

use std::{
    collections::BTreeSet,
    sync::{Arc, PoisonError},
    time::Duration,
};

use serde::Serialize;
use tauri::{AppHandle, Manager, async_runtime::JoinHandle};
use tauri_specta::Event;
use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::{
    Connected,
    state::{Desk, not_connected},
};
use crate::{
    clock,
    connections::{LOCAL, keyring::Keyring, pool, saved::Saved, secrets::Secrets},
    courses,
    database::Access,
    drafts::{
        self,
        file::{Changed, DraftsFile, Texts},
        opening::{self, Drawer, OfflinePerson},
        outbox,
        standing::{self, Drafts},
    },
    error::{Code, Error, Result},
    folders,
    ids::{CourseId, LessonId, PersonId},
    migrating::{SchemaState, Standing},
    people::Role,
    sessions::{Me, Unlock},
    sync::{
        driver::{Driver, Line},
        presence::Reader,
    },
};

/// Changes that come together are told together.
const TOGETHER: Duration = Duration::from_millis(200);
/// How often it is seen whether another window wrote.
const LOOK_AGAIN: Duration = Duration::from_millis(700);
/// How often an offline window tries whether the server is back.
const LISTEN_AGAIN: Duration = Duration::from_secs(20);
/// How often it is noted that the server is heard, or how late it is without it.
const NOTE_TIME: Duration = Duration::from_secs(600);

/// Something of the drafts changed: by this window, another, or the server.
#[derive(Clone, Debug, Serialize, specta::Type, Event)]
#[serde(rename_all = "camelCase")]
pub struct DraftsChanged {
    pub drafts: Drafts,
    /// Courses whose rows changed.
    pub courses: Vec<CourseId>,
    /// Lessons whose text was changed by what came from the server.
    pub lessons: Vec<LessonId>,
    /// Who has which lesson open now, this person's other windows too.
    pub others: Vec<LessonReader>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct LessonReader {
    pub lesson_id: LessonId,
    pub person_id: PersonId,
    pub name: String,
    pub is_me: bool,
}

/// A file of drafts in use.
pub struct OpenDrafts {
    pub file: Arc<DraftsFile>,
    pub driver: Arc<Driver>,
    /// The connection they belong to.
    pub connection: String,
    tasks: Vec<JoinHandle<()>>,
}

impl Drop for OpenDrafts {
    fn drop(&mut self) {
        self.driver.speak_over(None);
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// The drafts of a window, or why there are none.
#[derive(Default)]
pub struct Drafting {
    pub open: Option<Arc<OpenDrafts>>,
    problem: Option<Error>,
    /// Opened without the server: what the page shows in its place.
    pub offline: Option<(Connected, Me)>,
}

impl OpenDrafts {
    fn new(app: &AppHandle, connection: &str, file: DraftsFile) -> Self {
        let file = Arc::new(file);
        let driver = Driver::new(Arc::clone(&file));
        let (told, changes) = (app.clone(), file.changes());
        let tasks = vec![
            tauri::async_runtime::spawn(Arc::clone(&driver).run()),
            tauri::async_runtime::spawn(hear_other_windows(Arc::clone(&file), Arc::clone(&driver))),
            tauri::async_runtime::spawn(tell_the_page(told, Arc::clone(&file), Arc::clone(&driver), changes)),
        ];
        Self { file, driver, connection: connection.to_owned(), tasks }
    }

    pub fn readers(&self) -> Vec<LessonReader> {
        readers(&self.file, &self.driver)
    }
}

/// Who else has a lesson open, and this person elsewhere.
fn readers(file: &DraftsFile, driver: &Driver) -> Vec<LessonReader> {
    let reader = |reader: Reader| LessonReader {
        lesson_id: reader.lesson_id,
        person_id: reader.person_id,
        is_me: reader.person_id == file.person,
        name: reader.name,
    };
    driver.readers().into_iter().map(reader).collect()
}

/// Another window on the same file is a process of its own: what it wrote is found by looking.
async fn hear_other_windows(file: Arc<DraftsFile>, driver: Arc<Driver>) {
    let mut texts = Texts::default();
    loop {
        tokio::time::sleep(LOOK_AGAIN).await;
        if let Err(error) = file.hear_other_windows(driver.open_lessons(), &mut texts).await {
            tracing::warn!(message = %error, "another window was not heard");
        }
    }
}

/// Tells what changed, what came together at once.
async fn tell_the_page(app: AppHandle, file: Arc<DraftsFile>, driver: Arc<Driver>, mut changes: Receiver<Changed>) {
    loop {
        let (mut courses, mut lessons, mut is_all) = (BTreeSet::new(), BTreeSet::new(), false);
        let mut take = |heard: std::result::Result<Changed, RecvError>| match heard {
            Ok(changed) => {
                courses.extend(changed.courses);
                lessons.extend(changed.lessons);
                true
            }
            Err(RecvError::Lagged(_)) => {
                is_all = true;
                true
            }
            Err(RecvError::Closed) => false,
        };
        if !take(changes.recv().await) {
            return;
        }
        let gathering = async { while take(changes.recv().await) {} };
        let _ = tokio::time::timeout(TOGETHER, gathering).await;
        let drafts = match standing::of_all(&file, &driver).await {
            Ok(drafts) => drafts,
            Err(error) => {
                tracing::error!(message = %error, "the drafts cannot be read");
                Drafts::closed(Some(&error))
            }
        };
        if is_all {
            courses.extend(drafts.courses.iter().map(|course| course.course_id));
        }
        let told = DraftsChanged {
            drafts,
            courses: courses.into_iter().collect(),
            lessons: lessons.into_iter().collect(),
            others: readers(&file, &driver),
        };
        if let Err(error) = told.emit(&app) {
            tracing::debug!(%error, "nobody heard of a change");
        }
    }
}

impl Desk {
    /// The drafts this window has open.
    ///
    /// # Errors
    /// Why there are none.
    pub fn drafts(&self) -> Result<Arc<OpenDrafts>> {
        let drafting = self.drafting.read().unwrap_or_else(PoisonError::into_inner);
        drafting.open.clone().ok_or_else(|| match &drafting.problem {
            Some(problem) => {
                let mut error = Error::new(problem.code, problem.message.clone());
                error.next_step.clone_from(&problem.next_step);
                error
            }
            None => Error::new(Code::NotFound, "No drafts are open in this window.").next_step("Sign in first."),
        })
    }

    /// How they stand.
    ///
    /// # Errors
    /// What the file of drafts tells.
    pub async fn standing_of_drafts(&self) -> Result<Drafts> {
        match self.drafts() {
            Ok(open) => standing::of_all(&open.file, &open.driver).await,
            Err(_) => {
                let drafting = self.drafting.read().unwrap_or_else(PoisonError::into_inner);
                Ok(Drafts::closed(drafting.problem.as_ref()))
            }
        }
    }

    /// What the page shows as the connection while only drafts are open.
    pub fn offline(&self) -> Option<(Connected, Me)> {
        self.drafting.read().unwrap_or_else(PoisonError::into_inner).offline.clone()
    }

    /// Opens the drafts of whoever signed in, beside everything else: a keyring may take its time. `password` is what they
    /// typed, if they did.
    pub fn begin_drafts(&self, me: &Me, password: Option<&str>) {
        let Some(app) = self.app.get().cloned() else { return };
        let (me, password) = (me.clone(), password.map(|password| zeroize::Zeroizing::new(password.to_owned())));
        tauri::async_runtime::spawn(async move {
            let desk = app.state::<Desk>();
            let _turn = desk.opening.lock().await;
            if let Err(error) = desk.open_drafts(&app, me, password.as_ref().map(|password| password.as_str())).await {
                tracing::warn!(code = ?error.code, message = %error, "the drafts are not open");
                let mut drafting = desk.drafting.write().unwrap_or_else(PoisonError::into_inner);
                drafting.open = None;
                drafting.problem = Some(error);
            }
        });
    }

    async fn open_drafts(&self, app: &AppHandle, me: Me, password: Option<&str>) -> Result<()> {
        let has_standing = |role: Option<Role>| role.is_none_or(|role| role != Role::Learner);
        let writes = me.is_business_owner || me.organizations.iter().any(|mine| has_standing(mine.role));
        if !writes {
            self.end_drafts();
            return Ok(());
        }
        let (name, line) = self.look(|place| {
            let place = place.ok_or_else(not_connected)?;
            let session = place.session.as_ref().ok_or_else(Error::signed_out)?;
            let line = Line { database: place.database.clone(), token: session.token.clone() };
            Ok::<_, Error>((place.secret_name.clone(), line))
        })?;
        let same = self.drafts().ok().filter(|open| open.connection == name && open.file.person == me.person_id);
        let open = match same {
            Some(open) => open,
            None => {
                self.end_drafts();
                let file = self.drawer_here().await?.open(me.person_id).await?;
                Arc::new(OpenDrafts::new(app, &name, file))
            }
        };
        let unlock = match password {
            Some(password) => Some(Unlock::of(password).await?),
            None => None,
        };
        let (known, now) = (me.clone(), clock::now());
        open.file.with(move |machine| opening::note_owner(machine, known, unlock, now)).await?;
        keep_what_is_taught(&open.file, &line, &me).await?;
        // Whoever signed out meanwhile, or went to another server, leaves nothing open.
        let token = line.token.clone();
        let is_here = self.look(|place| {
            let session = place.and_then(|place| place.session.as_ref());
            session.is_some_and(|session| *session.token == *token)
        });
        if !is_here {
            self.end_drafts();
            return Ok(());
        }
        open.driver.speak_over(Some(line));
        {
            let mut drafting = self.drafting.write().unwrap_or_else(PoisonError::into_inner);
            drafting.problem = None;
            drafting.offline = None;
            drafting.open = Some(Arc::clone(&open));
        }
        open.file.tell(Changed::default());
        Ok(())
    }

    /// Closes them: somebody signed out, or another connection was chosen. What waits stays in its file.
    pub fn end_drafts(&self) {
        let ended = std::mem::take(&mut *self.drafting.write().unwrap_or_else(PoisonError::into_inner));
        drop(ended);
    }

    /// Begins new drafts for whoever is signed in; what could be read of the damaged ones is exported. Answers its path.
    ///
    /// # Errors
    /// `conflict` while the drafts are open and well; as [`Drawer::set_aside`].
    pub async fn set_drafts_aside(&self) -> Result<String> {
        let me = self.who_am_i().await?.ok_or_else(Error::signed_out)?;
        let app = self.app.get().cloned().ok_or_else(not_connected)?;
        let _turn = self.opening.lock().await;
        if self.drafts().is_ok() {
            return Err(Error::new(Code::Conflict, "Your drafts can be read; there is nothing to set aside."));
        }
        let drawer = self.drawer_here().await?;
        let export = outbox::file_name(&folders::documents()?, clock::now());
        drawer.set_aside(me.person_id, export.clone()).await?;
        self.open_drafts(&app, me, None).await?;
        Ok(export.display().to_string())
    }

    /// The drafts of the connected server.
    async fn drawer_here(&self) -> Result<Drawer> {
        let (name, secrets, is_local) = self.look(|place| {
            let place = place.ok_or_else(not_connected)?;
            Ok::<_, Error>((place.secret_name.clone(), Arc::clone(&place.secrets), place.local.is_some()))
        })?;
        if is_local { Drawer::of_private_server(&name) } else { Drawer::of(&name, &secrets).await }
    }

    /// Who may open this connection's drafts without the server.
    ///
    /// # Errors
    /// `notFound`; `keyring` in words; `invalid` at `passphrase` while the file of secrets is closed.
    pub async fn offline_people(&self, connection: &str) -> Result<Vec<OfflinePerson>> {
        // The private server is never away: it is started here.
        if connection == LOCAL || !opening::folder(connection)?.exists() {
            return Ok(Vec::new());
        }
        let now = clock::now();
        let owners = self.drawer(connection).await?.owners().await?;
        let person = |owner: opening::Owner| OfflinePerson {
            person_id: owner.me.person_id,
            name: owner.me.name.clone(),
            email: owner.me.email.clone(),
            last_online_at: owner.last_online_at,
            until: owner.until(now).filter(|_| owner.unlock.is_some()),
        };
        let mut people: Vec<_> = owners.into_iter().map(person).collect();
        people.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(people)
    }

    async fn drawer(&self, connection: &str) -> Result<Drawer> {
        let saved = Saved::of_this_account()?.find(connection)?;
        let file = self.file_of_secrets(None).await?;
        let secrets = Secrets::at(saved.secret_store, file.as_ref(), &Keyring::default())?;
        Drawer::of(&saved.name, &secrets).await
    }

    async fn can_reach(&self, connection: &str) -> bool {
        let reached = async {
            let saved = Saved::of_this_account()?.find(connection)?;
            let file = self.file_of_secrets(None).await?;
            let secrets = Secrets::at(saved.secret_store, file.as_ref(), &Keyring::default())?;
            let opened = pool::connect(&saved, secrets.password(&saved).await?.as_ref()).await?;
            opened.database.close().await;
            Ok::<_, Error>(())
        };
        reached.await.is_ok()
    }

    /// Opens a person's drafts without the server.
    ///
    /// # Errors
    /// `wrongPassword` at `password`; `locked` once the days without the server are over; `notFound`; `keyring`.
    pub async fn open_offline(
        &self,
        app: &AppHandle,
        connection: &str,
        person: PersonId,
        password: &str,
    ) -> Result<Me> {
        let _turn = self.opening.lock().await;
        let drawer = self.drawer(connection).await?;
        let nobody = || {
            Error::new(Code::NotFound, "Nobody of this name has drafts of this connection on this computer.")
                .next_step("Connect to the server and sign in once.")
        };
        if !drawer.path(person).exists() {
            return Err(nobody());
        }
        let file = drawer.open(person).await?;
        let owner = file.with(|machine| opening::owner(machine)).await?.ok_or_else(nobody)?;
        let unlock = owner.unlock.clone().ok_or_else(nobody)?;
        if !unlock.is_opened_by(password).await? {
            return Err(Error::new(
                Code::WrongPassword,
                "This is not the password of your last sign-in on this computer.",
            )
            .at("password")
            .next_step("Type it again. A password changed elsewhere counts here after the next sign-in."));
        }
        let now = clock::now();
        let me = owner.offline(now).ok_or_else(|| {
            Error::new(Code::Locked, "Your organization does not let drafts open without the server any longer.")
                .next_step("Connect to the server and sign in; everything you wrote is still here.")
        })?;
        file.with(move |machine| opening::note_seen(machine, now)).await?;
        let connected = Connected {
            name: connection.to_owned(),
            is_local: false,
            server_version: String::new(),
            schema: SchemaState {
                state: Standing::Current,
                pending: 0,
                message: "The server is away; only drafts of this computer are here.".to_owned(),
                next_step: None,
            },
            needs_first_owner: false,
            read_only: false,
            is_offline: true,
        };
        self.part().await;
        self.end_drafts();
        let mut open = OpenDrafts::new(app, connection, file);
        open.tasks.push(tauri::async_runtime::spawn(listen_for(
            app.clone(),
            connection.to_owned(),
            Arc::clone(&open.driver),
        )));
        let open = Arc::new(open);
        let mut drafting = self.drafting.write().unwrap_or_else(PoisonError::into_inner);
        drafting.open = Some(open);
        drafting.offline = Some((connected, me.clone()));
        Ok(me)
    }
}

/// Says when the server of an offline window can be reached again. Nothing is sent before somebody connects.
async fn listen_for(app: AppHandle, connection: String, driver: Arc<Driver>) {
    loop {
        tokio::time::sleep(LISTEN_AGAIN).await;
        driver.note_reachable(app.state::<Desk>().can_reach(&connection).await);
    }
}

/// Notes now and then that the server is heard, so that the days without it count from the last of them.
pub async fn note_time(desk: &Desk) {
    loop {
        tokio::time::sleep(NOTE_TIME).await;
        let Ok(open) = desk.drafts() else { continue };
        let (is_online, now) = (open.driver.standing().is_online, clock::now());
        let noted = open
            .file
            .with(move |machine| match opening::owner(machine)? {
                Some(owner) if is_online => opening::note_owner(machine, owner.me, None, now),
                _ => opening::note_seen(machine, now),
            })
            .await;
        if let Err(error) = noted {
            tracing::warn!(message = %error, "the time was not noted");
        }
    }
}

/// The courses the person teaches are kept, except those they chose not to keep.
async fn keep_what_is_taught(file: &DraftsFile, line: &Line, me: &Me) -> Result<()> {
    for organization in me.organizations.iter().filter(|mine| mine.archived_at.is_none()) {
        let id = organization.id;
        let access = Access { token: line.token.clone(), organization: Some(id) };
        let taught = line.database.read("taught_courses", &access, |c| Box::pin(courses::taught(c, id))).await?;
        for course in taught.into_iter().filter(|course| course.duty.writes()) {
            file.with(move |machine| {
                if !opening::is_left(machine, course.course_id.0)? {
                    drafts::keep(machine, id, course.course_id, &course.title)?;
                }
                Ok(())
            })
            .await?;
        }
    }
    Ok(())
}
