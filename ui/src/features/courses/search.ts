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
  };
}

export const courseTabs = ["content", "staff", "enrolled", "details", "history"] as const;
export type CourseTab = (typeof courseTabs)[number];
export type CourseSearch = { tab?: CourseTab };

export function courseSearch(raw: Record<string, unknown>): CourseSearch {
  return { tab: oneOf(raw.tab, courseTabs) };
}

const lastSearch = new Map<string, CoursesSearch>();

/** The way back from a course leads to the list as it was left, without an open form. */
export function rememberCoursesSearch(organizationId: string, search: CoursesSearch): void {
  lastSearch.set(organizationId, { ...search, adding: undefined });
}
export function rememberedCoursesSearch(organizationId: string): CoursesSearch {
  return lastSearch.get(organizationId) ?? {};
}
