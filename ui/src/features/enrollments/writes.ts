import { queryOptions } from "@tanstack/react-query";
import { type NewEnrollment, platform } from "../../platform";
import { keyOf, useWrite } from "../../queries";

export const enrollmentQuery = (organizationId: string, enrollmentId: string) =>
  queryOptions({
    queryKey: keyOf(organizationId, "enrollments", "one", enrollmentId),
    queryFn: () => platform.readEnrollment(organizationId, enrollmentId),
  });

/** Courses count their enrollments and people theirs. */
const changes = ["enrollments", "courses", "people", "overview"] as const;

export function useEnrollPerson(organizationId: string) {
  return useWrite({
    organizationId,
    changes,
    write: (operationId: string, input: NewEnrollment) => platform.enrollPerson(operationId, organizationId, input),
    remember: (enrollment) => enrollmentQuery(organizationId, enrollment.id).queryKey,
  });
}

export function useWithdraw(organizationId: string) {
  return useWrite({
    organizationId,
    changes,
    write: (operationId: string, { id, version, withdrawn }: { id: string; version: string; withdrawn: boolean }) =>
      withdrawn
        ? platform.withdrawEnrollment(operationId, organizationId, id, version)
        : platform.reinstateEnrollment(operationId, organizationId, id, version),
    remember: (enrollment) => enrollmentQuery(organizationId, enrollment.id).queryKey,
  });
}

export function useCompleteLesson(organizationId: string) {
  return useWrite({
    organizationId,
    changes: ["enrollments", "courses", "overview"],
    write: (operationId: string, { id, lessonId, completed }: { id: string; lessonId: string; completed: boolean }) =>
      platform.setLessonCompleted(operationId, organizationId, id, lessonId, completed),
    remember: (enrollment) => enrollmentQuery(organizationId, enrollment.id).queryKey,
  });
}
