//! The window's commands about lessons.

use uuid::Uuid;

use super::{asking, changing};
use crate::{
    courses::{self, CourseDetail},
    ids::{CourseId, LessonId},
    lessons::{self, Lesson, LessonChange, NewLesson, Place},
};

asking! {
    read_lesson(lesson_id: LessonId) -> Lesson = lessons::read(lesson_id);
}

changing! {
    create_lesson(course_id: CourseId, input: NewLesson) -> CourseDetail
        = lessons::create(course_id, &input) then |_| courses::read(course_id);
    change_lesson(lesson_id: LessonId, version: Uuid, change: LessonChange) -> Lesson
        = lessons::change(lesson_id, version, &change) then |()| lessons::read(lesson_id);
    move_lesson(course_id: CourseId, lesson_id: LessonId, place: Place) -> CourseDetail
        = lessons::move_to(course_id, lesson_id, &place) then |()| courses::read(course_id);
    archive_lesson(course_id: CourseId, lesson_id: LessonId) -> CourseDetail
        = lessons::archive(course_id, lesson_id) then |()| courses::read(course_id);
    restore_lesson(course_id: CourseId, lesson_id: LessonId) -> CourseDetail
        = lessons::restore(course_id, lesson_id) then |()| courses::read(course_id);
}
