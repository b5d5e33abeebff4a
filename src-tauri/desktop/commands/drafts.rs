//! The window's commands about the drafts of this computer.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Serialize;
use serde_json::Value;
use sync_core::store::{Decision, Store};
use tauri::{AppHandle, State};
use uuid::Uuid;

use crate::{
    clock, courses,
    desktop::{Desk, LessonReader, Reply},
    drafts::{
        self, DraftKey,
        conflicts::{self, Conflict, ConflictChoice},
        file,
        history::{self, BlockChange, Revisions},
        lessons::LessonWriting,
        opening::OfflinePerson,
        outbox::{self, OutboxEntry},
        outline::{self, DraftLessonRow, DraftQuizRow, DraftSubCourse},
        publication::{self, Publication},
        quizzes::{self, DraftQuiz},
        rows,
        standing::{self, CourseDraft, Drafts},
    },
    error::{Error, Result},
    folders,
    ids::{CourseId, LessonId, OrganizationId, PersonId, QuizId},
    sessions::Me,
    sync::files,
};

/// A course the person may write in.
#[derive(Clone, Debug, Serialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct DraftCourse {
    pub course_id: CourseId,
    pub title: String,
    /// None: an admin's.
    pub duty: Option<courses::Duty>,
    pub is_kept: bool,
}

#[derive(Clone, Debug, Serialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct Outline {
    pub course: CourseDraft,
    /// Each list by position, then id; archived ones too.
    pub sub_courses: Vec<DraftSubCourse>,
    pub lessons: Vec<DraftLessonRow>,
    pub quizzes: Vec<DraftQuizRow>,
}

#[derive(Clone, Debug, Serialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct DraftLesson {
    pub row: DraftLessonRow,
    pub course_title: String,
    /// Null while it is empty, or not on this computer (`row.isDownloaded`).
    pub document: Value,
    pub may_write: bool,
    pub conflicts: Vec<Conflict>,
    pub others: Vec<LessonReader>,
    /// What the editor asked to keep for taking steps back, `null` when it kept nothing.
    pub undo: Value,
}

#[derive(Clone, Debug, Serialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct AttachedFile {
    /// SHA-256 of the content, hexadecimal.
    pub attachment: String,
    pub name: String,
    pub size_bytes: u64,
    pub media_type: String,
}

/// Commands that change drafts: durable when they answer, and on their way once writing rests.
macro_rules! drafting {
    ($($(#[$doc:meta])* $name:ident($($given:ident: $type:ty),*) -> $answer:ty = $concept:ident::$call:ident($($argument:expr),*);)+) => {$(
        $(#[$doc])*
        #[tauri::command]
        #[specta::specta]
        pub async fn $name(desk: State<'_, Desk>, course_id: CourseId, $($given: $type),*) -> Reply<$answer> {
            let open = desk.drafts()?;
            let answer = open
                .file
                .change(course_id, move |machine| $concept::$call(machine, course_id, $($argument),*))
                .await?;
            open.driver.written();
            Ok(answer)
        }
    )+};
}

drafting! {
    /// Makes a row with these fields behind `after` (first for null) in `parent`.
    add_row(key: DraftKey, fields: BTreeMap<String, Value>, parent: Option<Uuid>, after: Option<Uuid>) -> ()
        = rows::add(key, &fields, parent, after);
    change_row(key: DraftKey, fields: BTreeMap<String, Value>) -> () = rows::change(key, &fields);
    /// Puts a row behind `after` (first for null) in `parent`: a sub-course or null for lessons and quizzes, the quiz of a question, the question of an option.
    place_row(key: DraftKey, parent: Option<Uuid>, after: Option<Uuid>) -> () = rows::place(key, parent, after);
    /// Copies a row with everything in it, right behind it; answers the id of the copy.
    copy_row(key: DraftKey) -> Uuid = rows::copy(key);
    archive_row(key: DraftKey) -> () = rows::archive(key);
    restore_row(key: DraftKey) -> () = rows::restore(key);
    /// Goes on without a row the server refuses.
    take_back_row(key: DraftKey) -> () = rows::take_back(key);
    save_revision(lesson_id: LessonId, name: Option<String>) -> () = history::save(lesson_id, name.as_deref());
    publish_lesson(lesson_id: LessonId) -> () = publication::publish(lesson_id);
    /// Learners no longer read the lesson.
    unpublish_lesson(lesson_id: LessonId) -> () = publication::unpublish(lesson_id);
    /// Durable when it resolves.
    write_lesson(lesson_id: LessonId, change: LessonWriting) -> () = file::write(lesson_id, &change);
}

/// How the drafts of this computer stand, without asking the server.
#[tauri::command]
#[specta::specta]
pub async fn read_drafts(desk: State<'_, Desk>) -> Reply<Drafts> {
    Ok(desk.standing_of_drafts().await?)
}

/// Courses the person may write in, kept on this computer or not; asks the server.
#[tauri::command]
#[specta::specta]
pub async fn list_draft_courses(desk: State<'_, Desk>, organization_id: OrganizationId) -> Reply<Vec<DraftCourse>> {
    let open = desk.drafts()?;
    let taught = desk
        .read("taught_courses", organization_id, (), move |connection, ()| {
            Box::pin(courses::taught(connection, organization_id))
        })
        .await?;
    let kept = standing::of_all(&open.file, &open.driver).await?.courses;
    let mut list: Vec<DraftCourse> = taught
        .into_iter()
        .filter(|course| course.duty.writes())
        .map(|course| DraftCourse {
            is_kept: kept.iter().any(|kept| kept.course_id == course.course_id),
            course_id: course.course_id,
            title: course.title,
            duty: Some(course.duty),
        })
        .collect();
    for kept in kept.into_iter().filter(|kept| kept.organization_id == organization_id) {
        if list.iter().all(|known| known.course_id != kept.course_id) {
            list.push(DraftCourse { course_id: kept.course_id, title: kept.title, duty: None, is_kept: true });
        }
    }
    Ok(list)
}

#[tauri::command]
#[specta::specta]
pub async fn keep_course(desk: State<'_, Desk>, organization_id: OrganizationId, course_id: CourseId) -> Reply<()> {
    let open = desk.drafts()?;
    let title = desk
        .read("read_course", organization_id, course_id, move |connection, course| {
            Box::pin(async move { Ok(courses::read(connection, organization_id, course).await?.row.title) })
        })
        .await?;
    open.file.change(course_id, move |machine| drafts::keep(machine, organization_id, course_id, &title)).await?;
    open.driver.now();
    Ok(())
}

/// Refused as "conflict" while something waits, unless `evenWaiting`.
#[tauri::command]
#[specta::specta]
pub async fn forget_course(desk: State<'_, Desk>, course_id: CourseId, even_waiting: bool) -> Reply<()> {
    let open = desk.drafts()?;
    Ok(open.file.change(course_id, move |machine| drafts::leave(machine, course_id, even_waiting)).await?)
}

#[tauri::command]
#[specta::specta]
pub async fn sync_now(desk: State<'_, Desk>) -> Reply<()> {
    desk.drafts()?.driver.now();
    Ok(())
}

#[tauri::command]
#[specta::specta]
pub async fn read_outline(desk: State<'_, Desk>, course_id: CourseId) -> Reply<Outline> {
    let open = desk.drafts()?;
    let line = open.driver.standing();
    let read = move |machine: &mut drafts::Machine<_>| {
        let contents = outline::read(machine, course_id)?;
        Ok(Outline {
            course: standing::of_course(machine, course_id, &line)?,
            sub_courses: contents.sub_courses,
            lessons: contents.lessons,
            quizzes: contents.quizzes,
        })
    };
    Ok(open.file.with(read).await?)
}

#[tauri::command]
#[specta::specta]
pub async fn open_lesson(desk: State<'_, Desk>, course_id: CourseId, lesson_id: LessonId) -> Reply<DraftLesson> {
    let open = desk.drafts()?;
    let line = open.driver.standing();
    let others = open.readers();
    let read = move |machine: &mut drafts::Machine<_>| {
        let lesson = drafts::lessons::open(machine, course_id, lesson_id)?;
        let course = standing::of_course(machine, course_id, &line)?;
        let mut conflicts = lesson.conflicts;
        file::name_people(machine, course_id, &mut conflicts)?;
        Ok(DraftLesson {
            row: lesson.row,
            course_title: course.title,
            document: lesson.document.unwrap_or_default(),
            may_write: course.may_write,
            conflicts,
            others: others.into_iter().filter(|reader| reader.lesson_id == lesson_id).collect(),
            undo: file::undo(machine, lesson_id)?,
        })
    };
    let lesson = open.file.with(read).await?;
    open.driver.note_open(course_id, lesson_id, true);
    Ok(lesson)
}

/// The lesson is no longer open in this window.
#[tauri::command]
#[specta::specta]
pub async fn close_lesson(desk: State<'_, Desk>, course_id: CourseId, lesson_id: LessonId) -> Reply<()> {
    if let Ok(open) = desk.drafts() {
        open.driver.note_open(course_id, lesson_id, false);
        open.file.with(move |machine| Ok(machine.store_mut().fold(lesson_id.0)?)).await?;
    }
    Ok(())
}

/// Keeps what the editor needs for taking steps back after a restart; null forgets it. Only this computer has it.
#[tauri::command]
#[specta::specta]
pub async fn keep_undo(desk: State<'_, Desk>, lesson_id: LessonId, undo: Value) -> Reply<()> {
    Ok(desk.drafts()?.file.with(move |machine| file::keep_undo(machine, lesson_id, &undo)).await?)
}

/// Begins new drafts where the file cannot be read any more: what can still be read of it is exported first, and the file
/// itself is kept aside. Answers the export's path.
#[tauri::command]
#[specta::specta]
pub async fn set_drafts_aside(desk: State<'_, Desk>) -> Reply<String> {
    Ok(desk.set_drafts_aside().await?)
}

/// Newest first. Without a network only those this computer has.
#[tauri::command]
#[specta::specta]
pub async fn list_revisions(desk: State<'_, Desk>, course_id: CourseId, lesson_id: LessonId) -> Reply<Revisions> {
    let open = desk.drafts()?;
    let organization = organization_of(&desk, course_id).await?;
    let here = open.file.with(move |machine| history::here(machine, lesson_id)).await?;
    let asked = desk
        .read("list_revisions", organization, lesson_id, move |connection, lesson| {
            Box::pin(history::on_server(connection, organization, lesson))
        })
        .await;
    Ok(history::together(here, asked.ok()))
}

/// Null is what the lesson says here now.
#[tauri::command]
#[specta::specta]
pub async fn read_revision(
    desk: State<'_, Desk>,
    course_id: CourseId,
    lesson_id: LessonId,
    revision_id: Option<Uuid>,
) -> Reply<Value> {
    Ok(text_of(&desk, course_id, lesson_id, revision_id).await?.to_value())
}

/// From the older to the newer; null is what the lesson says here now.
#[tauri::command]
#[specta::specta]
pub async fn compare_revisions(
    desk: State<'_, Desk>,
    course_id: CourseId,
    lesson_id: LessonId,
    older: Option<Uuid>,
    newer: Option<Uuid>,
) -> Reply<Vec<BlockChange>> {
    let older = text_of(&desk, course_id, lesson_id, older).await?;
    let newer = text_of(&desk, course_id, lesson_id, newer).await?;
    Ok(history::changes(&older, &newer))
}

/// The whole lesson, or one block of it, says again what it said then; what it says now is kept as a revision first.
#[tauri::command]
#[specta::specta]
pub async fn restore_revision(
    desk: State<'_, Desk>,
    course_id: CourseId,
    lesson_id: LessonId,
    revision_id: Uuid,
    block_id: Option<String>,
) -> Reply<()> {
    let open = desk.drafts()?;
    let then = text_of(&desk, course_id, lesson_id, Some(revision_id)).await?;
    let restore = move |machine: &mut drafts::Machine<_>| {
        history::restore(machine, course_id, lesson_id, &then, block_id.as_deref())
    };
    open.file.change(course_id, restore).await?;
    open.driver.written();
    Ok(())
}

/// What would be published, and what warns against it.
#[tauri::command]
#[specta::specta]
pub async fn read_publication(desk: State<'_, Desk>, course_id: CourseId, lesson_id: LessonId) -> Reply<Publication> {
    let open = desk.drafts()?;
    let published = open.file.with(move |machine| publication::published(machine, lesson_id)).await?;
    let published = match published {
        Some(revision) => text_of(&desk, course_id, lesson_id, Some(revision)).await.ok(),
        None => None,
    };
    let organization = organization_of(&desk, course_id).await?;
    let asked = desk
        .read("needs_approval", organization, lesson_id, move |connection, lesson| {
            Box::pin(publication::needs_approval(connection, organization, lesson))
        })
        .await;
    let needs_approval = asked.unwrap_or(false);
    let read = move |machine: &mut drafts::Machine<_>| {
        publication::read(machine, course_id, lesson_id, published.as_ref(), needs_approval)
    };
    Ok(open.file.with(read).await?)
}

#[tauri::command]
#[specta::specta]
pub async fn list_conflicts(desk: State<'_, Desk>, course_id: CourseId) -> Reply<Vec<Conflict>> {
    let read = move |machine: &mut drafts::Machine<_>| {
        let mut open = conflicts::open(machine, course_id, None)?;
        file::name_people(machine, course_id, &mut open)?;
        Ok(open)
    };
    Ok(desk.drafts()?.file.with(read).await?)
}

#[tauri::command]
#[specta::specta]
pub async fn decide_conflict(
    desk: State<'_, Desk>,
    course_id: CourseId,
    conflict_id: Uuid,
    choice: ConflictChoice,
) -> Reply<()> {
    let open = desk.drafts()?;
    open.file.change(course_id, move |machine| conflicts::decide(machine, course_id, conflict_id, choice)).await?;
    open.driver.written();
    Ok(())
}

#[tauri::command]
#[specta::specta]
pub async fn decide_mass_deletion(desk: State<'_, Desk>, course_id: CourseId, remove: bool) -> Reply<()> {
    let open = desk.drafts()?;
    let decision = if remove { Decision::Delete } else { Decision::Keep };
    open.file.change(course_id, move |machine| machine.decide(course_id.0, decision).map_err(drafts::told)).await?;
    open.driver.now();
    Ok(())
}

#[tauri::command]
#[specta::specta]
pub async fn read_outbox(desk: State<'_, Desk>) -> Reply<Vec<OutboxEntry>> {
    let read = |machine: &mut drafts::Machine<local_store::LocalStore>| {
        let mut entries = Vec::new();
        for course in machine.store().courses()? {
            let title = file::about(machine, CourseId(course))?.title;
            entries.extend(outbox::of_course(machine, CourseId(course), &title)?);
        }
        Ok(entries)
    };
    Ok(desk.drafts()?.file.with(read).await?)
}

/// Writes what waits, with its contents, into a file of the person's documents; answers its path.
#[tauri::command]
#[specta::specta]
pub async fn export_outbox(desk: State<'_, Desk>) -> Reply<String> {
    let open = desk.drafts()?;
    let path = outbox::file_name(&folders::documents()?, clock::now());
    let written = path.display().to_string();
    open.file.with(move |machine| outbox::export(machine, &path)).await?;
    Ok(written)
}

#[tauri::command]
#[specta::specta]
pub async fn open_quiz(desk: State<'_, Desk>, course_id: CourseId, quiz_id: QuizId) -> Reply<DraftQuiz> {
    let open = desk.drafts()?;
    let line = open.driver.standing();
    let read = move |machine: &mut drafts::Machine<_>| {
        let course = standing::of_course(machine, course_id, &line)?;
        let quiz = quizzes::open(machine, course_id, quiz_id)?;
        let mut quiz = DraftQuiz { course_title: course.title, may_write: course.may_write, ..quiz };
        file::name_people(machine, course_id, &mut quiz.conflicts)?;
        Ok(quiz)
    };
    Ok(open.file.with(read).await?)
}

/// Keeps the bytes of a file (base64) on this computer and sends them with the lesson.
#[tauri::command]
#[specta::specta]
pub async fn attach_file(
    desk: State<'_, Desk>,
    course_id: CourseId,
    name: String,
    media_type: String,
    content: String,
) -> Reply<AttachedFile> {
    let open = desk.drafts()?;
    let unreadable = |_| Error::invalid("content", "This file could not be taken over.").next_step("Try it again.");
    let content = STANDARD.decode(content).map_err(unreadable)?;
    let keep = move |machine: &mut drafts::Machine<local_store::LocalStore>| {
        Ok(machine.store_mut().put_file(course_id.0, &name, &media_type, &mut content.as_slice())?)
    };
    let kept = open.file.change(course_id, keep).await?;
    open.driver.written();
    Ok(AttachedFile {
        attachment: kept.sha256,
        name: kept.name,
        size_bytes: kept.byte_size,
        media_type: kept.media_type,
    })
}

/// A `data:` address to show a picture from; null while it is not on this computer.
#[tauri::command]
#[specta::specta]
pub async fn show_file(desk: State<'_, Desk>, course_id: CourseId, attachment: String) -> Reply<Option<String>> {
    let open = desk.drafts()?;
    let wanted = attachment.clone();
    let address = open.file.with(move |machine| files::address(machine, course_id, &wanted)).await?;
    if address.is_some() {
        return Ok(address);
    }
    open.driver.fetch_file(course_id, &attachment).await?;
    Ok(open.file.with(move |machine| files::address(machine, course_id, &attachment)).await?)
}

/// Who may open this connection's drafts on this computer without the server.
#[tauri::command]
#[specta::specta]
pub async fn list_offline_people(desk: State<'_, Desk>, connection: String) -> Reply<Vec<OfflinePerson>> {
    Ok(desk.offline_people(&connection).await?)
}

/// Opens the drafts without the server; `password` is the one of the last sign-in here.
#[tauri::command]
#[specta::specta]
pub async fn open_offline(
    app: AppHandle,
    desk: State<'_, Desk>,
    connection: String,
    person_id: PersonId,
    password: String,
) -> Reply<Me> {
    Ok(desk.open_offline(&app, &connection, person_id, &zeroize::Zeroizing::new(password)).await?)
}

async fn organization_of(desk: &Desk, course: CourseId) -> Result<OrganizationId> {
    desk.drafts()?.file.with(move |machine| drafts::organization(machine, course)).await
}

/// The text of a revision: from this computer, or asked of the server. None is what the lesson says here now.
async fn text_of(
    desk: &Desk,
    course: CourseId,
    lesson: LessonId,
    revision: Option<Uuid>,
) -> Result<document::Document> {
    let open = desk.drafts()?;
    let Some(revision) = revision else {
        let now = open.file.with(move |machine| history::document(machine, course, lesson)).await?;
        return Ok(now.unwrap_or_default());
    };
    if let Some(text) = open.file.with(move |machine| history::local_text(machine, lesson, revision)).await? {
        return history::parsed(&text);
    }
    let organization = organization_of(desk, course).await?;
    let (database, access) = desk.access(organization)?;
    let read = database.read("read_revision", &access, |connection| {
        Box::pin(history::text_on_server(connection, organization, course, revision))
    });
    history::parsed(&read.await?)
}
