import type { CourseDetail, CourseRow, JsonValue, LessonRow, Platform, Place } from "../platform";
import { expectVersion, managed, matches, nextVersion, note, once, organizationOf, pageOf, refuse, sentinels } from "./answers";
import type { FakeCourse, FakeOrganization, World } from "./world";

type Part = Pick<
  Platform,
  | "listCourses" | "readCourse" | "createCourse" | "changeCourse" | "archiveCourse" | "restoreCourse" | "addStaff" | "changeStaff" | "removeStaff"
  | "createSubCourse" | "changeSubCourse" | "moveSubCourse" | "archiveSubCourse" | "restoreSubCourse"
  | "createLesson" | "readLesson" | "changeLesson" | "moveLesson" | "archiveLesson" | "restoreLesson"
>;

type Recorded = Record<string, JsonValue>;
const unrecorded = new Set(["version", "updatedAt", "mayEdit", "mayEnroll", "subCourses", "staff"]);

/** A row as the audit writes it: by its columns. */
function recorded(row: object): Recorded {
  const columns = Object.entries(row).filter(([name]) => !unrecorded.has(name));
  return structuredClone(Object.fromEntries(columns.map(([name, value]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value as JsonValue])));
}

function noteChange(world: World, organization: FakeOrganization, table: string, rowId: string, before: Recorded, after: Recorded) {
  const changed = Object.keys(after).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  const only = (row: Recorded): Recorded => Object.fromEntries(changed.map((name) => [name, row[name] ?? null]));
  if (changed.length > 0) note(world, organization, "update", table, rowId, only(before), only(after));
}

export function fakeCourses(world: World): Part {
  const now = () => new Date(world.now()).toISOString();
  const rowOf = (organization: FakeOrganization, course: FakeCourse): CourseRow => {
    const { id, title, category, level, status, publishedAt, archivedAt, updatedAt, version } = course;
    const here = organization.enrollments.filter((enrollment) => enrollment.courseId === id && !enrollment.withdrawnAt);
    const lead = course.staff.find((staff) => staff.duty === "lead" && !staff.archivedAt)?.name ?? null;
    const average = here.length ? here.reduce((sum, enrollment) => sum + enrollment.progress, 0) / here.length : 0;
    return {
      id, title, category, level, status, publishedAt, archivedAt, lead, updatedAt, version,
      lessons: organization.lessons.filter((lesson) => lesson.courseId === id && !lesson.archivedAt).length,
      enrolled: here.length,
      completed: here.filter((enrollment) => enrollment.completedAt).length,
      averageProgress: Math.round(average),
    };
  };
  const detailOf = (organization: FakeOrganization, course: FakeCourse): CourseDetail => ({
    ...course,
    ...rowOf(organization, course),
    lessonRows: organization.lessons
      .filter((lesson) => lesson.courseId === course.id)
      .map(({ id, courseId, subCourseId, title, position, durationMinutes, publishedAt, archivedAt, version }): LessonRow => ({ id, courseId, subCourseId, title, position, durationMinutes, publishedAt, archivedAt, version })),
  });
  const courseOf = (organization: FakeOrganization, id: string) =>
    organization.courses.find((course) => course.id === id) ?? refuse("notFound", "This course does not exist, or you may not see it.");
  const subCourseOf = (course: FakeCourse, id: string) => course.subCourses.find((sub) => sub.id === id) ?? refuse("notFound", "This sub-course is gone.");
  const lessonOf = (organization: FakeOrganization, id: string) =>
    organization.lessons.find((lesson) => lesson.id === id) ?? refuse("notFound", "This lesson does not exist, or you may not see it.");
  const staffOf = (course: FakeCourse, id: string) => course.staff.find((staff) => staff.id === id) ?? refuse("notFound", "This person no longer teaches here.");

  /** A write to a course or (with its id) to one of its rows: runs once, stamps it, notes it, answers with the whole course. */
  const write = (operationId: string, organizationId: string, courseId: string, input: unknown, table: string, act: (course: FakeCourse, organization: FakeOrganization) => void, rowId = courseId) => {
    const organization = managed(world, organizationId);
    return once(world, operationId, input, () => {
      const course = courseOf(organization, courseId);
      if (!course.mayEdit) refuse("notAllowed", "You may read this course but not change it.", { nextStep: "Ask its lead or an admin." });
      const rowNow = () => {
        const row = rowId === courseId ? course : [...organization.lessons, ...course.subCourses, ...course.staff].find((part) => part.id === rowId);
        return row && recorded(row);
      };
      const before = rowNow();
      act(course, organization);
      const after = rowNow();
      course.updatedAt = now();
      if (!before) note(world, organization, "insert", table, rowId, null, after ?? null);
      else if (!after) note(world, organization, "delete", table, rowId, before, null);
      else noteChange(world, organization, table, rowId, before, after);
      return detailOf(organization, course);
    });
  };
  /** Puts a row after its sibling (null: first) by its place in the list; positions are rewritten to match. */
  const placed = <T extends { id: string; position: string }>(rows: T[], row: T, after: string | null): T[] => {
    const others = rows.filter((other) => other.id !== row.id);
    const at = after === null ? 0 : others.findIndex((other) => other.id === after) + 1;
    const next = [...others.slice(0, at), row, ...others.slice(at)];
    next.forEach((other, place) => Object.assign(other, { position: `a${String(place).padStart(4, "0")}` }));
    return next;
  };
  const placeLesson = (organization: FakeOrganization, lesson: FakeOrganization["lessons"][number], place: Place) => {
    lesson.subCourseId = place.subCourseId;
    organization.lessons = placed(organization.lessons, lesson, place.after);
    if (place.after === null) organization.lessons = [lesson, ...organization.lessons.filter((other) => other.id !== lesson.id)];
  };
  const dated = (published: boolean | undefined, old: string | null) => (published === undefined ? old : published ? (old ?? now()) : null);

  return {
    listCourses: async (organizationId, query) => {
      sentinels(world, query.search);
      const organization = organizationOf(world, organizationId);
      const rows = organization.courses
        .filter((course) => query.archived === (course.archivedAt !== null))
        .filter((course) => query.status === null || course.status === query.status)
        .filter((course) => matches(query.search, course.title, course.category))
        .toSorted((a, b) => (query.sort === "updatedAt" ? a.updatedAt.localeCompare(b.updatedAt) : a.title.localeCompare(b.title, "und")));
      if (query.descending) rows.reverse();
      const page = pageOf(rows, query);
      return { ...page, rows: page.rows.map((course) => rowOf(organization, course)) };
    },
    readCourse: async (organizationId, courseId) => {
      const organization = organizationOf(world, organizationId);
      return structuredClone(detailOf(organization, courseOf(organization, courseId)));
    },
    createCourse: async (operationId, organizationId, input) => {
      const organization = managed(world, organizationId);
      return once(world, operationId, input, () => {
        if (input.title.trim().toLowerCase() === "taken") refuse("conflict", "A course of this organization already has this title.", { field: "title", nextStep: "Choose another title." });
        const course: FakeCourse = {
          ...input, title: input.title.trim(), status: "draft", publishedAt: null, archivedAt: null, updatedAt: now(), version: nextVersion(world), thumbnail: null,
          enrollmentOpen: true, availableFrom: null, availableUntil: null, createdAt: now(), mayEdit: true, mayEnroll: true, staff: [], subCourses: [],
        };
        organization.courses.push(course);
        note(world, organization, "insert", "courses", course.id, null, { title: course.title });
        return detailOf(organization, course);
      });
    },
    changeCourse: async (operationId, organizationId, courseId, version, change) =>
      write(operationId, organizationId, courseId, change, "courses", (course) => {
        expectVersion(course.version, change.title === "stale" ? "another" : version);
        const { published, ...rest } = change;
        Object.assign(course, rest, { version: nextVersion(world), publishedAt: dated(published, course.publishedAt) });
      }),
    archiveCourse: async (operationId, organizationId, courseId) =>
      write(operationId, organizationId, courseId, { archived: true }, "courses", (course) => Object.assign(course, { archivedAt: now(), version: nextVersion(world) })),
    restoreCourse: async (operationId, organizationId, courseId) =>
      write(operationId, organizationId, courseId, { archived: false }, "courses", (course) => Object.assign(course, { archivedAt: null, version: nextVersion(world) })),

    addStaff: async (operationId, organizationId, courseId, input) =>
      write(operationId, organizationId, courseId, input, "course_staff", (course, organization) => {
        const person = organization.people.find((candidate) => candidate.personId === input.personId) ?? refuse("notFound", "This person is not in this organization.", { field: "personId" });
        if (course.staff.some((staff) => staff.personId === input.personId && !staff.archivedAt)) refuse("conflict", "This person already teaches this course.", { field: "personId", nextStep: "Change their duty instead." });
        course.staff.push({ id: input.id, personId: person.personId, name: person.name, email: person.email, duty: input.duty, archivedAt: null, version: nextVersion(world) });
      }, input.id),
    changeStaff: async (operationId, organizationId, courseId, staffId, duty) =>
      write(operationId, organizationId, courseId, { staffId, duty }, "course_staff", (course) => Object.assign(staffOf(course, staffId), { duty, version: nextVersion(world) }), staffId),
    removeStaff: async (operationId, organizationId, courseId, staffId) =>
      write(operationId, organizationId, courseId, { staffId }, "course_staff", (course) => {
        course.staff = course.staff.filter((staff) => staff !== staffOf(course, staffId));
      }, staffId),

    createSubCourse: async (operationId, organizationId, courseId, input) =>
      write(operationId, organizationId, courseId, input, "sub_courses", (course) => {
        const sub = { id: input.id, courseId, title: input.title, description: input.description, position: "", publishedAt: null, archivedAt: null, version: nextVersion(world) };
        course.subCourses = placed(course.subCourses, sub, input.after);
      }, input.id),
    changeSubCourse: async (operationId, organizationId, courseId, subCourseId, version, change) =>
      write(operationId, organizationId, courseId, change, "sub_courses", (course) => {
        const sub = subCourseOf(course, subCourseId);
        expectVersion(sub.version, change.title === "stale" ? "another" : version);
        const { published, ...rest } = change;
        Object.assign(sub, rest, { version: nextVersion(world), publishedAt: dated(published, sub.publishedAt) });
      }, subCourseId),
    moveSubCourse: async (operationId, organizationId, courseId, subCourseId, after) =>
      write(operationId, organizationId, courseId, { subCourseId, after }, "sub_courses", (course) => {
        course.subCourses = placed(course.subCourses, subCourseOf(course, subCourseId), after);
      }, subCourseId),
    archiveSubCourse: async (operationId, organizationId, courseId, subCourseId) =>
      write(operationId, organizationId, courseId, { subCourseId }, "sub_courses", (course) => Object.assign(subCourseOf(course, subCourseId), { archivedAt: now(), version: nextVersion(world) }), subCourseId),
    restoreSubCourse: async (operationId, organizationId, courseId, subCourseId) =>
      write(operationId, organizationId, courseId, { subCourseId }, "sub_courses", (course) => Object.assign(subCourseOf(course, subCourseId), { archivedAt: null, version: nextVersion(world) }), subCourseId),

    createLesson: async (operationId, organizationId, courseId, input) =>
      write(operationId, organizationId, courseId, input, "lessons", (_course, organization) => {
        const lesson = {
          id: input.id, courseId, subCourseId: input.place.subCourseId, title: input.title, position: "", durationMinutes: input.durationMinutes, publishedAt: null,
          archivedAt: null, version: nextVersion(world), video: null, markdown: "", updatedAt: now(), mayEdit: true,
        };
        placeLesson(organization, lesson, input.place);
      }, input.id),
    readLesson: async (organizationId, lessonId) => structuredClone(lessonOf(organizationOf(world, organizationId), lessonId)),
    changeLesson: async (operationId, organizationId, lessonId, version, change) => {
      const organization = managed(world, organizationId);
      return once(world, operationId, change, () => {
        const lesson = lessonOf(organization, lessonId);
        expectVersion(lesson.version, change.title === "stale" ? "another" : version);
        const { published, ...rest } = change;
        const before = recorded(lesson);
        Object.assign(lesson, rest, { version: nextVersion(world), publishedAt: dated(published, lesson.publishedAt), updatedAt: now() });
        noteChange(world, organization, "lessons", lesson.id, before, recorded(lesson));
        return { ...lesson };
      });
    },
    moveLesson: async (operationId, organizationId, courseId, lessonId, place) =>
      write(operationId, organizationId, courseId, { lessonId, place }, "lessons", (_course, organization) => placeLesson(organization, lessonOf(organization, lessonId), place), lessonId),
    archiveLesson: async (operationId, organizationId, courseId, lessonId) =>
      write(operationId, organizationId, courseId, { lessonId }, "lessons", (_course, organization) => Object.assign(lessonOf(organization, lessonId), { archivedAt: now(), version: nextVersion(world) }), lessonId),
    restoreLesson: async (operationId, organizationId, courseId, lessonId) =>
      write(operationId, organizationId, courseId, { lessonId }, "lessons", (_course, organization) => Object.assign(lessonOf(organization, lessonId), { archivedAt: null, version: nextVersion(world) }), lessonId),
  };
}
