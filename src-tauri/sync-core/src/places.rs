//! What stands in what. A container that is archived holds nothing live that anybody could miss.

use crate::wire::{Fields, Key, Table};
use crate::work::id;

/// The fields of a table that name a container, with the container's table.
pub(crate) fn containers(table: Table) -> &'static [(&'static str, Table)] {
    match table {
        Table::Lessons | Table::Quizzes => &[("sub_course_id", Table::SubCourses)],
        Table::Questions => &[("quiz_id", Table::Quizzes)],
        Table::QuestionOptions => &[("question_id", Table::Questions)],
        Table::AnswerKeys => &[("question_id", Table::Questions), ("option_id", Table::QuestionOptions)],
        Table::SubCourses | Table::MergeCards | Table::Unknown => &[],
    }
}

/// The tables and fields by which rows stand in a row of this table.
pub(crate) fn contents(table: Table) -> &'static [(Table, &'static str)] {
    match table {
        Table::SubCourses => &[(Table::Lessons, "sub_course_id"), (Table::Quizzes, "sub_course_id")],
        Table::Quizzes => &[(Table::Questions, "quiz_id")],
        Table::Questions => &[(Table::QuestionOptions, "question_id"), (Table::AnswerKeys, "question_id")],
        Table::QuestionOptions => &[(Table::AnswerKeys, "option_id")],
        Table::Lessons | Table::AnswerKeys | Table::MergeCards | Table::Unknown => &[],
    }
}

/// The containers a row stands in.
pub(crate) fn containers_of(table: Table, fields: &Fields) -> impl Iterator<Item = Key> {
    containers(table).iter().filter_map(move |(field, table)| Some(Key { table: *table, id: id(fields, field)? }))
}
