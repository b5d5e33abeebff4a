import type { EnrollmentDetail, EnrollmentRow, Platform } from "../platform";
import { expectVersion, managed, matches, nextVersion, note, once, organizationOf, pageOf, refuse, sentinels } from "./answers";
import type { FakeCourse, FakeEnrollment, FakeOrganization, World } from "./world";

type Part = Pick<Platform, "listEnrollments" | "readEnrollment" | "enrollPerson" | "withdrawEnrollment" | "reinstateEnrollment" | "setLessonCompleted">;

const riskAfter = 14 * 86_400_000;

export function isAtRisk(enrollment: EnrollmentRow, now: number): boolean {
  return !enrollment.completedAt && !enrollment.withdrawnAt && enrollment.progress < 25 && now - Date.parse(enrollment.enrolledAt) > riskAfter;
}

function refuseArchived(course: FakeCourse): void {
  if (course.archivedAt !== null) refuse("conflict", "This course is archived, so nobody can be enrolled.", { field: "courseId", nextStep: "Restore the course first." });
}

export function fakeEnrollments(world: World): Part {
  const now = () => new Date(world.now()).toISOString();
  const rowOf = ({ done: _, ...row }: FakeEnrollment): EnrollmentRow => row;
  /** Its own lessons first, then those of each sub-course, as learners meet them. */
  const lessonsOf = (organization: FakeOrganization, courseId: string) => {
    const parts = organization.courses.find((course) => course.id === courseId)?.subCourses ?? [];
    const published = organization.lessons.filter((lesson) => lesson.courseId === courseId && lesson.publishedAt && !lesson.archivedAt);
    return [null, ...parts.map((part) => part.id)].flatMap((parent) => published.filter((lesson) => lesson.subCourseId === parent));
  };
  const detailOf = (organization: FakeOrganization, enrollment: FakeEnrollment): EnrollmentDetail => {
    const course = organization.courses.find((candidate) => candidate.id === enrollment.courseId);
    return {
      ...rowOf(enrollment),
      mayEdit: organization.role === "owner" || organization.role === "admin",
      lessons: lessonsOf(organization, enrollment.courseId).map((lesson) => ({
        lessonId: lesson.id,
        title: lesson.title,
        subCourseTitle: course?.subCourses.find((sub) => sub.id === lesson.subCourseId)?.title ?? null,
        durationMinutes: lesson.durationMinutes,
        completedAt: enrollment.done.get(lesson.id)?.completedAt ?? null,
        minutes: enrollment.done.get(lesson.id)?.minutes ?? 0,
      })),
    };
  };
  const enrollmentOf = (organization: FakeOrganization, id: string) =>
    organization.enrollments.find((enrollment) => enrollment.id === id) ?? refuse("notFound", "This enrollment does not exist, or you may not see it.");
  const withdrawing = (withdrawn: boolean) => async (operationId: string, organizationId: string, enrollmentId: string, version: string) => {
    const organization = managed(world, organizationId);
    return once(world, operationId, enrollmentId, () => {
      const enrollment = enrollmentOf(organization, enrollmentId);
      expectVersion(enrollment.version, version);
      const course = organization.courses.find((candidate) => candidate.id === enrollment.courseId);
      if (!withdrawn && course) refuseArchived(course);
      const before = enrollment.withdrawnAt;
      Object.assign(enrollment, { withdrawnAt: withdrawn ? now() : null, version: nextVersion(world) });
      note(world, organization, "update", "enrollments", enrollment.id, { withdrawn_at: before }, { withdrawn_at: enrollment.withdrawnAt });
      return detailOf(organization, enrollment);
    });
  };

  return {
    listEnrollments: async (organizationId, query) => {
      sentinels(world, query.search);
      const organization = organizationOf(world, organizationId);
      const inState = (enrollment: FakeEnrollment) => {
        if (query.state === "active") return !enrollment.withdrawnAt && !enrollment.completedAt;
        if (query.state === "completed") return enrollment.completedAt !== null && !enrollment.withdrawnAt;
        if (query.state === "withdrawn") return enrollment.withdrawnAt !== null;
        if (query.state === "atRisk") return isAtRisk(enrollment, world.now());
        return query.archived === (enrollment.withdrawnAt !== null);
      };
      const rows = organization.enrollments
        .filter((enrollment) => query.courseId === null || enrollment.courseId === query.courseId)
        .filter((enrollment) => query.personId === null || enrollment.personId === query.personId)
        .filter(inState)
        .filter((enrollment) => matches(query.search, enrollment.personName, enrollment.personEmail, enrollment.courseTitle))
        .toSorted((a, b) => a.enrolledAt.localeCompare(b.enrolledAt));
      if (query.descending) rows.reverse();
      const page = pageOf(rows, query);
      return { ...page, rows: page.rows.map(rowOf) };
    },
    readEnrollment: async (organizationId, enrollmentId) => {
      const organization = organizationOf(world, organizationId);
      return structuredClone(detailOf(organization, enrollmentOf(organization, enrollmentId)));
    },
    enrollPerson: async (operationId, organizationId, input) => {
      const organization = managed(world, organizationId);
      return once(world, operationId, input, () => {
        const person = organization.people.find((candidate) => candidate.personId === input.personId) ?? refuse("notFound", "This person is not in this organization.", { field: "personId" });
        const course = organization.courses.find((candidate) => candidate.id === input.courseId) ?? refuse("notFound", "This course does not exist.", { field: "courseId" });
        refuseArchived(course);
        const known = organization.enrollments.find((enrollment) => enrollment.courseId === course.id && enrollment.personId === person.personId);
        if (known && !known.withdrawnAt) refuse("conflict", `${person.name} is already enrolled in this course.`, { field: "personId", nextStep: "Choose another person or course." });
        if (known) {
          Object.assign(known, { withdrawnAt: null, version: nextVersion(world) });
          return detailOf(organization, known);
        }
        const enrollment: FakeEnrollment = {
          id: input.id, courseId: course.id, courseTitle: course.title, personId: person.personId, personName: person.name, personEmail: person.email, enrolledAt: now(),
          progress: 0, completedAt: null, lastAccessedAt: null, withdrawnAt: null, version: nextVersion(world), done: new Map(),
        };
        organization.enrollments.push(enrollment);
        note(world, organization, "insert", "enrollments", enrollment.id, null, { course_id: course.id, person_id: person.personId });
        return detailOf(organization, enrollment);
      });
    },
    withdrawEnrollment: withdrawing(true),
    reinstateEnrollment: withdrawing(false),
    setLessonCompleted: async (operationId, organizationId, enrollmentId, lessonId, completed) => {
      const organization = managed(world, organizationId);
      return once(world, operationId, { lessonId, completed }, () => {
        const enrollment = enrollmentOf(organization, enrollmentId);
        const lessons = lessonsOf(organization, enrollment.courseId);
        if (completed) enrollment.done.set(lessonId, { completedAt: now(), minutes: 0 });
        else enrollment.done.delete(lessonId);
        const done = lessons.filter((lesson) => enrollment.done.has(lesson.id)).length;
        enrollment.progress = lessons.length ? Math.round((100 * done) / lessons.length) : 0;
        if (enrollment.progress === 100) enrollment.completedAt ??= now();
        enrollment.version = nextVersion(world);
        note(world, organization, completed ? "insert" : "update", "lesson_progress", enrollment.id, null, { lessons: 1, completed: completed ? 1 : 0, lesson_id: lessonId });
        return detailOf(organization, enrollment);
      });
    },
  };
}
