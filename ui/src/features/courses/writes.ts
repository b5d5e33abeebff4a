import { queryOptions } from "@tanstack/react-query";
import type { CourseChange, CourseDetail, Duty, LessonChange, NewCourse, NewLesson, NewStaff, NewSubCourse, SubCourseChange } from "../../platform";
import { platform } from "../../platform";
import { keyOf, useWrite } from "../../queries";
import type { Move } from "./tree";

export const courseQuery = (organizationId: string, courseId: string) =>
  queryOptions({
    queryKey: keyOf(organizationId, "courses", "one", courseId),
    queryFn: () => platform.readCourse(organizationId, courseId),
  });

export const lessonQuery = (organizationId: string, lessonId: string) =>
  queryOptions({
    queryKey: keyOf(organizationId, "courses", "lesson", lessonId),
    queryFn: () => platform.readLesson(organizationId, lessonId),
  });

const changes = ["courses", "overview"] as const;
/** Progress counts published lessons, and a page of enrollments names courses. */
const changesProgress = ["courses", "overview", "enrollments"] as const;

export function useCreateCourse(organizationId: string) {
  return useWrite({
    organizationId,
    changes,
    write: (operationId: string, input: NewCourse) => platform.createCourse(operationId, organizationId, input),
    remember: (course) => courseQuery(organizationId, course.id).queryKey,
  });
}

function useCourseWrite<Input>(
  organizationId: string,
  concepts: readonly ("courses" | "overview" | "enrollments" | "people")[],
  write: (operationId: string, input: Input) => Promise<CourseDetail>,
) {
  return useWrite({
    organizationId,
    changes: concepts,
    write,
    remember: (course) => courseQuery(organizationId, course.id).queryKey,
  });
}

export function useChangeCourse(organizationId: string, courseId: string) {
  return useCourseWrite(organizationId, changesProgress, (operationId, { version, change }: { version: string; change: CourseChange }) =>
    platform.changeCourse(operationId, organizationId, courseId, version, change),
  );
}

export function useArchiveCourse(organizationId: string, courseId: string) {
  return useCourseWrite(organizationId, changesProgress, (operationId, { archived }: { archived: boolean }) =>
    archived
      ? platform.archiveCourse(operationId, organizationId, courseId)
      : platform.restoreCourse(operationId, organizationId, courseId),
  );
}

export function useAddStaff(organizationId: string, courseId: string) {
  return useCourseWrite(organizationId, ["courses", "people"], (operationId, input: NewStaff) =>
    platform.addStaff(operationId, organizationId, courseId, input),
  );
}

export function useChangeStaff(organizationId: string, courseId: string) {
  return useCourseWrite(organizationId, ["courses", "people"], (operationId, { staffId, duty }: { staffId: string; duty: Duty | null }) =>
    duty === null
      ? platform.removeStaff(operationId, organizationId, courseId, staffId)
      : platform.changeStaff(operationId, organizationId, courseId, staffId, duty),
  );
}

export function useCreateSubCourse(organizationId: string, courseId: string) {
  return useCourseWrite(organizationId, changes, (operationId, input: NewSubCourse) =>
    platform.createSubCourse(operationId, organizationId, courseId, input),
  );
}

export function useCreateLesson(organizationId: string, courseId: string) {
  return useCourseWrite(organizationId, changes, (operationId, input: NewLesson) =>
    platform.createLesson(operationId, organizationId, courseId, input),
  );
}

export function useChangeSubCourse(organizationId: string, courseId: string) {
  return useCourseWrite(
    organizationId,
    changesProgress,
    (operationId, { id, version, change }: { id: string; version: string; change: SubCourseChange }) =>
      platform.changeSubCourse(operationId, organizationId, courseId, id, version, change),
  );
}

/** One lesson; what comes back is the lesson, and its course is read again. */
export function useChangeLesson(organizationId: string) {
  return useWrite({
    organizationId,
    changes: changesProgress,
    write: (operationId: string, { id, version, change }: { id: string; version: string; change: LessonChange }) =>
      platform.changeLesson(operationId, organizationId, id, version, change),
    remember: (lesson) => lessonQuery(organizationId, lesson.id).queryKey,
  });
}

export function useMoveContent(organizationId: string, courseId: string) {
  return useCourseWrite(organizationId, changes, (operationId, move: Move) =>
    move.kind === "subCourse"
      ? platform.moveSubCourse(operationId, organizationId, courseId, move.id, move.after)
      : platform.moveLesson(operationId, organizationId, courseId, move.id, move.place),
  );
}

export function useArchiveContent(organizationId: string, courseId: string) {
  return useCourseWrite(
    organizationId,
    changesProgress,
    (operationId, { kind, id, archived }: { kind: "lesson" | "subCourse"; id: string; archived: boolean }) => {
      if (kind === "lesson") {
        return archived
          ? platform.archiveLesson(operationId, organizationId, courseId, id)
          : platform.restoreLesson(operationId, organizationId, courseId, id);
      }
      return archived
        ? platform.archiveSubCourse(operationId, organizationId, courseId, id)
        : platform.restoreSubCourse(operationId, organizationId, courseId, id);
    },
  );
}
