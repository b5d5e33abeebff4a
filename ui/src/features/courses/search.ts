import { oneOf, text } from "../../address";
import type { CourseStatus } from "../../platform";

export const courseStatuses: readonly CourseStatus[] = ["draft", "active", "disabled"];
export type CoursesSearch = {
  search?: string;
  status?: CourseStatus;
  archived?: boolean;
  sort?: "title" | "updatedAt";
  descending?: boolean;
  /** The form for creating a course is open. */
  adding?: boolean;
  /** The lesson open inside the course. */
  lesson?: string;
};

/** What the address says, with everything unknown dropped. */
export function coursesSearch(raw: Record<string, unknown>): CoursesSearch {
  return {
    search: text(raw.search),
    status: oneOf(raw.status, courseStatuses),
    archived: raw.archived === true ? true : undefined,
    sort: oneOf(raw.sort, ["title", "updatedAt"] as const),
    descending: raw.descending === true ? true : undefined,
    adding: raw.adding === true ? true : undefined,
    lesson: text(raw.lesson),
  };
}
