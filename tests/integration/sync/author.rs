//! An author with a device: makes pushes, sends them, pulls.

use lectern::{
    Error,
    ids::{CourseId, OrganizationId, PersonId},
    sync::remote,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sync_core::{
    batch,
    wire::{
        CLIENT_SCHEMA, Change, FetchAnswer, FetchRequest, Fields, Key, Point, PullAnswer, PullRequest, Push,
        PushAnswer, Revision, Row, StaleRow, Table,
    },
};
use uuid::Uuid;

use crate::{
    desk::Desk,
    harness::{self, Fresh},
};

/// A school with one course, and who leads it.
pub struct School {
    pub fresh: Fresh,
    pub id: OrganizationId,
    pub course: CourseId,
    pub lead: PersonId,
}

pub async fn school() -> School {
    let fresh = harness::fresh().await;
    let id = fresh.organization("Northwind School").await;
    let course = fresh.course(id, "Mechanics").await;
    let lead = fresh.member(id, "Aiko Tanaka", "instructor").await;
    fresh.staff(id, course, lead, "lead").await;
    School { fresh, id, course, lead }
}

impl School {
    pub async fn author(&self) -> Author {
        self.device_of(self.lead).await
    }

    pub async fn device_of(&self, person: PersonId) -> Author {
        let desk = Desk::of(&self.fresh, person, self.id).await;
        Author { desk, organization: self.id, course: self.course, device: new_id(), point: Point::default() }
    }

    /// A member with a role and, if any, a duty in the course.
    pub async fn staff(&self, name: &str, role: &str, duty: Option<&str>) -> Author {
        let person = self.fresh.member(self.id, name, role).await;
        if let Some(duty) = duty {
            self.fresh.staff(self.id, self.course, person, duty).await;
        }
        self.device_of(person).await
    }
}

pub struct Author {
    pub desk: Desk,
    pub organization: OrganizationId,
    pub course: CourseId,
    pub device: Uuid,
    /// Cursor and horizon.
    pub point: Point,
}

impl Author {
    pub fn push_of(&self, rows: Vec<Change>) -> Push {
        Push {
            organization_id: self.organization.0,
            course_id: self.course.0,
            push_id: new_id(),
            device_id: self.device,
            client_schema: CLIENT_SCHEMA,
            horizon: self.point.clone(),
            rows,
            revisions: Vec::new(),
        }
    }

    pub async fn send(&mut self, push: &Push, contents: &[Vec<u8>]) -> PushAnswer {
        let answer = self.try_send(push, contents).await.unwrap();
        if let PushAnswer::Ok { seq, chain, .. } = &answer {
            self.point = Point { seq: *seq, chain: chain.clone() };
        }
        answer
    }

    pub async fn try_send(&mut self, push: &Push, contents: &[Vec<u8>]) -> Result<PushAnswer, Error> {
        let frozen = batch::freeze(push, contents).unwrap();
        does!(self.desk, |c| remote::push(c, &frozen))
    }

    pub async fn push(&mut self, rows: Vec<Change>) -> PushAnswer {
        let push = self.push_of(rows);
        self.send(&push, &[]).await
    }

    /// The versions of a push that must be taken.
    pub async fn pushed(&mut self, rows: Vec<Change>) -> Vec<Uuid> {
        versions(self.push(rows).await)
    }

    pub async fn pull_from(&mut self, cursor: &Point, pushes: u32) -> PullAnswer {
        let request = PullRequest {
            organization_id: self.organization.0,
            course_id: self.course.0,
            client_schema: CLIENT_SCHEMA,
            cursor: cursor.clone(),
            horizon: self.point.clone(),
            pushes,
        };
        does!(self.desk, |c| remote::pull(c, &request)).unwrap()
    }

    /// Everything of the course from the start.
    pub async fn pull_all(&mut self) -> Vec<Row> {
        match self.pull_from(&Point::default(), 1000).await {
            PullAnswer::Page { rows, .. } => rows,
            other => panic!("{other:?}"),
        }
    }

    pub async fn fetch(&mut self, revisions: &[Uuid], known: &[Uuid]) -> (FetchAnswer, Vec<Vec<u8>>) {
        let request = FetchRequest {
            organization_id: self.organization.0,
            course_id: self.course.0,
            revisions: revisions.to_vec(),
            known: known.to_vec(),
        };
        does!(self.desk, |c| remote::bodies(c, &request)).unwrap()
    }
}

pub fn new_id() -> Uuid {
    OrganizationId::new().0
}

#[track_caller]
pub fn versions(answer: PushAnswer) -> Vec<Uuid> {
    match answer {
        PushAnswer::Ok { versions, .. } => versions.into_iter().map(|(.., version)| version).collect(),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
pub fn stale(answer: PushAnswer) -> Vec<StaleRow> {
    match answer {
        PushAnswer::Stale { rows, .. } => rows,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
pub fn refusal(answer: PushAnswer) -> (Table, Uuid, String) {
    match answer {
        PushAnswer::Invalid { table, id, reason } => {
            assert!(reason.ends_with('.'), "a sentence: {reason}");
            (table, id, reason)
        }
        other => panic!("{other:?}"),
    }
}

fn fields(value: Value) -> Fields {
    serde_json::from_value(value).unwrap()
}

pub fn new(table: Table, id: Uuid, value: Value) -> Change {
    Change { key: Key { table, id }, expect: None, fields: fields(value) }
}

pub fn change(table: Table, id: Uuid, expect: Uuid, value: Value) -> Change {
    Change { key: Key { table, id }, expect: Some(expect), fields: fields(value) }
}

pub fn new_part(id: Uuid, title: &str) -> Change {
    new(Table::SubCourses, id, json!({"title": title, "position": "a"}))
}

pub fn new_lesson(id: Uuid, title: &str, part: Option<Uuid>) -> Change {
    new(Table::Lessons, id, json!({"title": title, "position": "a", "sub_course_id": part}))
}

pub fn new_quiz(id: Uuid) -> Change {
    new(Table::Quizzes, id, json!({"title": "Check", "position": "a"}))
}

pub fn new_question(id: Uuid, quiz: Uuid) -> Change {
    new(
        Table::Questions,
        id,
        json!({"quiz_id": quiz, "kind": "multiple_choice", "prompt": "Which?", "position": "a", "source": null}),
    )
}

pub fn new_option(id: Uuid, question: Uuid) -> Change {
    new(Table::QuestionOptions, id, json!({"question_id": question, "label": "This", "position": "a"}))
}

pub fn new_key(id: Uuid, question: Uuid, option: Uuid) -> Change {
    new(Table::AnswerKeys, id, json!({"question_id": question, "option_id": option}))
}

pub fn revision(lesson: Uuid, parent: Option<Uuid>, device: Uuid, content: &[u8]) -> Revision {
    Revision {
        id: new_id(),
        lesson_id: lesson,
        parent_id: parent,
        merged_id: None,
        is_key_frame: parent.is_none(),
        content_hash: hex::encode(Sha256::digest(content)),
        name: None,
        device_id: device,
        person_id: None,
        created_at: None,
    }
}
