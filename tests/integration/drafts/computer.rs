//! A computer with a person's drafts of one school.

use std::sync::Arc;

use lectern::{
    Result,
    drafts::{
        self, DraftKey, DraftTable, Machine,
        file::{self, DraftsFile},
        lessons::{ChangedBlock, LessonWriting},
        opening::Drawer,
        rows,
        standing::{self, Drafts},
    },
    ids::{CourseId, LessonId, OrganizationId, PersonId},
    sync::driver::{Driver, Line},
};
use local_store::LocalStore;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{self, Fresh};

/// A school with one course and who leads it.
pub struct School {
    pub fresh: Fresh,
    pub id: OrganizationId,
    pub course: CourseId,
    pub lead: PersonId,
}

pub async fn school() -> School {
    school_on(harness::fresh().await).await
}

pub async fn school_on(fresh: Fresh) -> School {
    let id = fresh.organization("Northwind School").await;
    let course = fresh.course(id, "Mechanics").await;
    let lead = fresh.member(id, "Aiko Tanaka", "instructor").await;
    fresh.staff(id, course, lead, "lead").await;
    School { fresh, id, course, lead }
}

impl School {
    pub async fn computer(&self) -> Computer {
        self.computer_of(self.lead).await
    }

    /// Keeps the school's course, and speaks to the server.
    pub async fn computer_of(&self, person: PersonId) -> Computer {
        let folder = tempfile::tempdir().unwrap();
        let computer = Computer::at(folder, self, person).await;
        let (school, course) = (self.id, self.course);
        computer.file.with(move |machine| drafts::keep(machine, school, course, "Mechanics")).await.unwrap();
        computer.speak(self).await;
        computer
    }
}

pub struct Computer {
    pub folder: tempfile::TempDir,
    pub file: Arc<DraftsFile>,
    pub driver: Arc<Driver>,
    pub course: CourseId,
}

impl Computer {
    pub async fn at(folder: tempfile::TempDir, school: &School, person: PersonId) -> Self {
        let drawer = Drawer::in_folder(folder.path()).unwrap();
        let file = Arc::new(drawer.open(person).await.unwrap());
        let driver = Driver::new(Arc::clone(&file));
        Self { folder, file, driver, course: school.course }
    }

    pub async fn speak(&self, school: &School) {
        let token = school.fresh.sign_in_as(self.file.person).await;
        self.driver.speak_over(Some(Line { database: school.fresh.database(), token }));
    }

    /// Everything there is to do with the server now.
    pub async fn sync(&self) {
        self.driver.pass().await.unwrap();
    }

    pub async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Machine<LocalStore>) -> Result<T> + Send + 'static,
    ) -> T {
        self.file.with(work).await.unwrap()
    }

    pub async fn add(&self, table: DraftTable, fields: Value, parent: Option<Uuid>, after: Option<Uuid>) -> Uuid {
        let (course, id) = (self.course, CourseId::new().0);
        let fields = serde_json::from_value(fields).unwrap();
        self.with(move |machine| rows::add(machine, course, DraftKey { table, id }, &fields, parent, after)).await;
        id
    }

    pub async fn lesson(&self, title: &str) -> LessonId {
        LessonId(self.add(DraftTable::Lessons, json!({"title": title}), None, None).await)
    }

    /// Types paragraphs, each under its id, as the whole of the lesson.
    pub async fn write(&self, lesson: LessonId, paragraphs: &[(Uuid, &str)]) {
        let changed =
            paragraphs.iter().map(|(id, text)| ChangedBlock { id: id.to_string(), json: paragraph(*id, text) });
        let change = LessonWriting {
            changed: changed.collect(),
            order: paragraphs.iter().map(|(id, _)| id.to_string()).collect(),
            removed: Vec::new(),
        };
        let course = self.course;
        self.with(move |machine| file::write(machine, course, lesson, &change)).await;
    }

    /// What the lesson says here, paragraph by paragraph.
    pub async fn text(&self, lesson: LessonId) -> Vec<String> {
        let course = self.course;
        let document = self.with(move |machine| drafts::history::document(machine, course, lesson)).await;
        document.unwrap_or_default().blocks.iter().map(words_of).collect()
    }

    pub async fn drafts(&self) -> Drafts {
        standing::of_all(&self.file, &self.driver).await.unwrap()
    }
}

fn words_of(block: &document::Block) -> String {
    let document = document::Document { blocks: vec![block.clone()], ..document::Document::default() };
    document.plain_text().trim().to_owned()
}

pub fn paragraph(id: Uuid, text: &str) -> Value {
    json!({"type": "paragraph", "attrs": {"id": id}, "content": [{"type": "text", "text": text}]})
}
