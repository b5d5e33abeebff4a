//! Making, changing, placing, copying and putting aside the rows of a course: sub-courses, lessons, quizzes and what they
//! consist of.

use std::collections::BTreeMap;

use chrono::SecondsFormat;
use serde_json::{Value, json};
use sync_core::{
    store::LocalRow,
    wire::{Fields, Key, Table},
};
use uuid::Uuid;

use super::{DraftKey, Keeping, Machine, id_of, is_archived, text_of, told};
use crate::{
    clock,
    error::{Code, Error, Result},
    ids::{self, CourseId},
    position::{self, Sibling},
};

/// What a row may be given here. What else its table has is the server's to set.
const SETTABLE: [(Table, &[&str]); 6] = [
    (Table::SubCourses, &["title", "description", "published_at"]),
    (Table::Lessons, &["title", "duration_minutes", "video"]),
    (Table::Quizzes, &["title", "description", "time_limit_minutes", "max_attempts", "passing_score", "published_at"]),
    (Table::Questions, &["kind", "prompt", "points_hundredths", "explanation", "feedback", "source"]),
    (Table::QuestionOptions, &["label", "feedback"]),
    (Table::AnswerKeys, &["option_id", "accepted_text", "accepted_number", "tolerance", "weight_percent"]),
];

/// The field that says where a row stands, if its table has one.
fn parent_field(table: Table) -> Option<&'static str> {
    match table {
        Table::Lessons | Table::Quizzes => Some("sub_course_id"),
        Table::Questions => Some("quiz_id"),
        Table::QuestionOptions | Table::AnswerKeys => Some("question_id"),
        Table::SubCourses | Table::MergeCards | Table::Unknown => None,
    }
}

/// The tables a row shares its order with: lessons and quizzes of one place stand in one.
fn ordered_with(table: Table) -> &'static [Table] {
    match table {
        Table::SubCourses => &[Table::SubCourses],
        Table::Lessons | Table::Quizzes => &[Table::Lessons, Table::Quizzes],
        Table::Questions => &[Table::Questions],
        Table::QuestionOptions => &[Table::QuestionOptions],
        Table::AnswerKeys | Table::MergeCards | Table::Unknown => &[],
    }
}

/// Makes a row with these fields behind `after` (first for none) in `parent`.
///
/// # Errors
/// `invalid` for a field the table does not have; `notFound` when parent or sibling are not of this course; what the file
/// of drafts tells.
pub fn add<S: Keeping>(
    machine: &mut Machine<S>,
    course: CourseId,
    key: DraftKey,
    fields: &BTreeMap<String, Value>,
    parent: Option<Uuid>,
    after: Option<Uuid>,
) -> Result<()> {
    let key = Key::from(key);
    let mut row: Fields = whole(key.table);
    row.extend(checked(key.table, fields)?);
    if machine.store().row(key).map_err(Into::into)?.is_some() {
        return Err(Error::new(Code::Conflict, "This exists already."));
    }
    let mut rows = placed(machine, course, key, parent, after, &mut row)?;
    rows.push((key, row));
    machine.edit_all(course.0, &rows, &[]).map_err(told)
}

/// # Errors
/// As [`add`].
pub fn change<S: Keeping>(
    machine: &mut Machine<S>,
    course: CourseId,
    key: DraftKey,
    fields: &BTreeMap<String, Value>,
) -> Result<()> {
    let key = Key::from(key);
    let fields = checked(key.table, fields)?;
    existing(machine, course, key)?;
    machine.edit(course.0, key, &fields).map_err(told)
}

/// Puts a row behind `after` (first for none) in `parent`.
///
/// # Errors
/// As [`add`].
pub fn place<S: Keeping>(
    machine: &mut Machine<S>,
    course: CourseId,
    key: DraftKey,
    parent: Option<Uuid>,
    after: Option<Uuid>,
) -> Result<()> {
    let key = Key::from(key);
    existing(machine, course, key)?;
    let mut fields = Fields::new();
    let mut rows = placed(machine, course, key, parent, after, &mut fields)?;
    rows.push((key, fields));
    machine.edit_all(course.0, &rows, &[]).map_err(told)
}

/// Archives a row with everything in it.
///
/// # Errors
/// `notFound`; what the file of drafts tells.
pub fn archive<S: Keeping>(machine: &mut Machine<S>, course: CourseId, key: DraftKey) -> Result<()> {
    machine.archive(course.0, key.into(), &now()).map_err(told)
}

/// Brings a row back with what was archived together with it and what it stands in.
///
/// # Errors
/// As [`archive`].
pub fn restore<S: Keeping>(machine: &mut Machine<S>, course: CourseId, key: DraftKey) -> Result<()> {
    machine.restore(course.0, key.into()).map_err(told)
}

/// Goes on without what the server refuses.
///
/// # Errors
/// As [`archive`].
pub fn take_back<S: Keeping>(machine: &mut Machine<S>, course: CourseId, key: DraftKey) -> Result<()> {
    machine.take_back(course.0, key.into(), &now()).map_err(told)
}

/// Copies a row with everything in use in it, right behind it; nothing of a copy is published. Answers the copy's id.
///
/// # Errors
/// `notFound`, also for a lesson whose text is not on this computer yet; what the file of drafts tells.
pub fn copy<S: Keeping>(machine: &mut Machine<S>, course: CourseId, key: DraftKey) -> Result<Uuid> {
    let key = Key::from(key);
    let row = existing(machine, course, key)?;
    let parent = parent_field(key.table).and_then(|field| id_of(&row.current, field));
    let copy = Key { table: key.table, id: ids::OperationId::new().0 };
    let mut copies = Copies { course, rows: Vec::new(), documents: Vec::new(), ids: BTreeMap::new() };
    copies.add(machine, &row, copy)?;
    let (_, top) = copies.rows.first_mut().ok_or_else(|| Error::internal("There was nothing to copy."))?;
    let field = if key.table == Table::Questions { "prompt" } else { "title" };
    if top.contains_key(field) {
        let title = format!("{} (copy)", text_of(top, field));
        top.insert(field.into(), json!(cut(&title, if key.table == Table::Questions { 10_000 } else { 200 })));
    }
    let mut place = Fields::new();
    let mut rows = placed(machine, course, copy, parent, Some(key.id), &mut place)?;
    if let Some((_, top)) = copies.rows.first_mut() {
        top.extend(place);
    }
    rows.extend(copies.rows);
    machine.edit_all(course.0, &rows, &copies.documents).map_err(told)?;
    Ok(copy.id)
}

struct Copies {
    course: CourseId,
    rows: Vec<(Key, Fields)>,
    documents: Vec<(Uuid, String)>,
    /// What was copied and its copy.
    ids: BTreeMap<Uuid, Uuid>,
}

impl Copies {
    fn add<S: Keeping>(&mut self, machine: &Machine<S>, row: &LocalRow, copy: Key) -> Result<()> {
        self.ids.insert(row.key.id, copy.id);
        let mut fields = whole(row.key.table);
        let known: Vec<String> = fields.keys().cloned().collect();
        fields.extend(known.into_iter().filter_map(|field| Some((field.clone(), row.current.get(&field)?.clone()))));
        for field in ["published_at", "archived_at"] {
            fields.entry(field.into()).and_modify(|value| *value = Value::Null);
        }
        for field in ["sub_course_id", "quiz_id", "question_id", "option_id"] {
            let copied = id_of(&row.current, field).map(|id| self.ids.get(&id).copied().unwrap_or(id));
            if row.current.contains_key(field) {
                fields.insert(field.into(), json!(copied));
            }
        }
        if let Some(position) = row.current.get("position") {
            fields.insert("position".into(), position.clone());
        }
        self.rows.push((copy, fields));
        if row.key.table == Table::Lessons {
            let document = machine.document(self.course.0, row.key.id).map_err(told)?;
            if let Some(document) = document {
                self.documents.push((copy.id, with_new_ids(&document)?));
            } else if row.base.as_ref().is_some_and(|base| id_of(base, "revision_id").is_some()) {
                let title = text_of(&row.current, "title");
                return Err(Error::new(Code::NotFound, format!("The text of “{title}” is not on this computer yet."))
                    .next_step("Connect to the server, wait until it is here, then copy again."));
            }
        }
        // Options before keys: a key names its option.
        let inside: &[(Table, &str)] = match row.key.table {
            Table::SubCourses => &[(Table::Lessons, "sub_course_id"), (Table::Quizzes, "sub_course_id")],
            Table::Quizzes => &[(Table::Questions, "quiz_id")],
            Table::Questions => &[(Table::QuestionOptions, "question_id"), (Table::AnswerKeys, "question_id")],
            _ => &[],
        };
        for (table, field) in inside {
            for child in machine.store().children(*table, field, row.key.id).map_err(Into::into)? {
                let Some(child) = machine.store().row(child).map_err(Into::into)? else { continue };
                if !is_archived(&child.current) {
                    self.add(machine, &child, Key { table: *table, id: ids::OperationId::new().0 })?;
                }
            }
        }
        Ok(())
    }
}

/// A document's blocks with ids of their own: what is copied is another lesson's.
fn with_new_ids(document: &str) -> Result<String> {
    fn renew(node: &mut Value) {
        if let Some(id) = node.pointer_mut("/attrs/id") {
            *id = json!(ids::OperationId::new().0);
        }
        for child in node.get_mut("content").and_then(Value::as_array_mut).into_iter().flatten() {
            renew(child);
        }
    }
    let mut document = serde_json::from_str(document).map_err(Error::from_json)?;
    renew(&mut document);
    sync_core::engine::canonical(&document).ok_or_else(|| Error::internal("This lesson's text cannot be copied."))
}

/// A new row of this table with everything but its place; the database's own defaults.
fn whole(table: Table) -> Fields {
    let fields = match table {
        Table::SubCourses => json!({"title": "", "description": "", "published_at": null}),
        Table::Lessons => json!({"sub_course_id": null, "title": "", "duration_minutes": 0, "video": null}),
        Table::Quizzes => json!({"sub_course_id": null, "title": "", "description": "", "time_limit_minutes": null,
            "max_attempts": null, "passing_score": 70, "published_at": null}),
        Table::Questions => {
            json!({"kind": "multiple_choice", "prompt": "", "points_hundredths": 100, "explanation": "",
            "feedback": "", "source": null})
        }
        Table::QuestionOptions => json!({"label": "", "feedback": ""}),
        Table::AnswerKeys => json!({"option_id": null, "accepted_text": null, "accepted_number": null,
            "tolerance": null, "weight_percent": 100}),
        Table::MergeCards | Table::Unknown => Value::Null,
    };
    let mut fields: Fields = serde_json::from_value(fields).unwrap_or_default();
    fields.insert("archived_at".into(), Value::Null);
    fields
}

fn checked(table: Table, fields: &BTreeMap<String, Value>) -> Result<Fields> {
    let settable = SETTABLE.iter().find(|(known, _)| *known == table).map(|(_, fields)| *fields).unwrap_or_default();
    match fields.keys().find(|field| !settable.contains(&field.as_str())) {
        Some(field) => Err(Error::invalid(field, format!("“{field}” cannot be set here."))),
        None => Ok(fields.clone()),
    }
}

fn existing<S: Keeping>(machine: &Machine<S>, course: CourseId, key: Key) -> Result<LocalRow> {
    let row = machine.store().row(key).map_err(Into::into)?.filter(|row| row.course_id == course.0);
    row.ok_or_else(|| told::<S::Error>(sync_core::Error::NoSuchRow))
}

/// Puts parent and position into `fields`, and gives the siblings that have to move for it.
fn placed<S: Keeping>(
    machine: &Machine<S>,
    course: CourseId,
    key: Key,
    parent: Option<Uuid>,
    after: Option<Uuid>,
    fields: &mut Fields,
) -> Result<Vec<(Key, Fields)>> {
    let gone = || {
        Error::new(Code::NotFound, "The place this should go to is not there any more.")
            .next_step("Choose another place.")
    };
    let parent_field = parent_field(key.table);
    if let Some(field) = parent_field {
        let holder = match key.table {
            Table::Lessons | Table::Quizzes => Table::SubCourses,
            Table::Questions => Table::Quizzes,
            _ => Table::Questions,
        };
        if let Some(id) = parent {
            let there = machine.store().row(Key { table: holder, id }).map_err(Into::into)?;
            there.filter(|row| row.course_id == course.0 && !is_archived(&row.current)).ok_or_else(gone)?;
        } else if holder != Table::SubCourses {
            return Err(gone());
        }
        fields.insert(field.into(), json!(parent));
    }
    let tables = ordered_with(key.table);
    if tables.is_empty() {
        return Ok(Vec::new());
    }
    let mut siblings: Vec<Sibling<Key>> = machine
        .store()
        .rows(course.0)
        .map_err(Into::into)?
        .into_iter()
        .filter(|row| tables.contains(&row.key.table) && row.key != key && !is_archived(&row.current))
        .filter(|row| parent_field.is_none_or(|field| id_of(&row.current, field) == parent))
        .map(|row| Sibling { id: row.key, position: text_of(&row.current, "position").to_owned() })
        .collect();
    siblings.sort_by(|a, b| (&a.position, a.id.id).cmp(&(&b.position, b.id.id)));
    let index = match after {
        None => 0,
        Some(after) => siblings.iter().position(|sibling| sibling.id.id == after).ok_or_else(gone)? + 1,
    };
    let placement = position::place(&siblings, index);
    fields.insert("position".into(), json!(placement.position));
    let moved = placement.moved.into_iter();
    Ok(moved.map(|sibling| (sibling.id, [("position".to_owned(), json!(sibling.position))].into())).collect())
}

/// At most so many characters, counted as the database counts them.
fn cut(text: &str, characters: usize) -> String {
    text.chars().take(characters).collect()
}

/// Now, as the database writes it. What decides is never this: only how long something lies in the bin, and what is shown.
pub(super) fn now() -> String {
    clock::now().to_rfc3339_opts(SecondsFormat::Micros, false)
}
