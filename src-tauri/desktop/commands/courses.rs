//! The window's commands about courses and who teaches them.

use uuid::Uuid;

use super::{asking, changing};
use crate::{
    courses::{self, CourseChange, CourseDetail, CourseRow, CoursesQuery, Duty, NewCourse, NewStaff},
    ids::{CourseId, CourseStaffId},
    page::Page,
};

asking! {
    list_courses(query: CoursesQuery) -> Page<CourseRow> = courses::list(&query);
    read_course(course_id: CourseId) -> CourseDetail = courses::read(course_id);
}

changing! {
    create_course(input: NewCourse) -> CourseDetail = courses::create(&input) then |course| courses::read(course);
    change_course(course_id: CourseId, version: Uuid, change: CourseChange) -> CourseDetail
        = courses::change(course_id, version, &change) then |()| courses::read(course_id);
    archive_course(course_id: CourseId) -> CourseDetail = courses::archive(course_id) then |()| courses::read(course_id);
    restore_course(course_id: CourseId) -> CourseDetail = courses::restore(course_id) then |()| courses::read(course_id);
    add_staff(course_id: CourseId, input: NewStaff) -> CourseDetail
        = courses::add_staff(course_id, &input) then |_| courses::read(course_id);
    change_staff(course_id: CourseId, staff_id: CourseStaffId, duty: Duty) -> CourseDetail
        = courses::change_staff(course_id, staff_id, duty) then |()| courses::read(course_id);
    remove_staff(course_id: CourseId, staff_id: CourseStaffId) -> CourseDetail
        = courses::remove_staff(course_id, staff_id) then |()| courses::read(course_id);
}
