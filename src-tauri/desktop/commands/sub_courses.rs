//! The window's commands about sub-courses; each shows the whole course afterwards.

use uuid::Uuid;

use super::changing;
use crate::{
    courses::{self, CourseDetail},
    ids::{CourseId, SubCourseId},
    sub_courses::{self, NewSubCourse, SubCourseChange},
};

changing! {
    create_sub_course(course_id: CourseId, input: NewSubCourse) -> CourseDetail
        = sub_courses::create(course_id, &input) then |_| courses::read(course_id);
    change_sub_course(course_id: CourseId, sub_course_id: SubCourseId, version: Uuid, change: SubCourseChange) -> CourseDetail
        = sub_courses::change(course_id, sub_course_id, version, &change) then |()| courses::read(course_id);
    move_sub_course(course_id: CourseId, sub_course_id: SubCourseId, after: Option<SubCourseId>) -> CourseDetail
        = sub_courses::move_after(course_id, sub_course_id, after) then |()| courses::read(course_id);
    archive_sub_course(course_id: CourseId, sub_course_id: SubCourseId) -> CourseDetail
        = sub_courses::archive(course_id, sub_course_id) then |()| courses::read(course_id);
    restore_sub_course(course_id: CourseId, sub_course_id: SubCourseId) -> CourseDetail
        = sub_courses::restore(course_id, sub_course_id) then |()| courses::read(course_id);
}
