//! The window's commands about enrollments and their progress.

use uuid::Uuid;

use super::{asking, changing};
use crate::{
    enrollments::{self, EnrollmentDetail, EnrollmentRow, EnrollmentsQuery, NewEnrollment},
    ids::{EnrollmentId, LessonId},
    page::Page,
    progress,
};

asking! {
    list_enrollments(query: EnrollmentsQuery) -> Page<EnrollmentRow> = enrollments::list(&query);
    read_enrollment(enrollment_id: EnrollmentId) -> EnrollmentDetail = enrollments::read(enrollment_id);
}

changing! {
    enroll_person(input: NewEnrollment) -> EnrollmentDetail
        = enrollments::enroll(&input) then |enrollment| enrollments::read(enrollment);
    withdraw_enrollment(enrollment_id: EnrollmentId, version: Uuid) -> EnrollmentDetail
        = enrollments::withdraw(enrollment_id, version) then |()| enrollments::read(enrollment_id);
    reinstate_enrollment(enrollment_id: EnrollmentId, version: Uuid) -> EnrollmentDetail
        = enrollments::reinstate(enrollment_id, version) then |()| enrollments::read(enrollment_id);
    set_lesson_completed(enrollment_id: EnrollmentId, lesson_id: LessonId, completed: bool) -> EnrollmentDetail
        = progress::set_lesson_completed(enrollment_id, lesson_id, completed) then |_| enrollments::read(enrollment_id);
}
