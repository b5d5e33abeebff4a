import { oneOf, text } from "../../address";
import type { EnrollmentState } from "../../platform";

export const enrollmentStates: readonly EnrollmentState[] = ["active", "completed", "withdrawn", "atRisk"];
export type EnrollmentsSearch = {
  search?: string;
  state?: EnrollmentState;
  courseId?: string;
  personId?: string;
  descending?: boolean;
  /** The form for enrolling a person is open. */
  adding?: boolean;
};

/** What the address says, with everything unknown dropped. */
export function enrollmentsSearch(raw: Record<string, unknown>): EnrollmentsSearch {
  return {
    search: text(raw.search),
    state: oneOf(raw.state, enrollmentStates),
    courseId: text(raw.courseId),
    personId: text(raw.personId),
    descending: typeof raw.descending === "boolean" ? raw.descending : undefined,
    adding: raw.adding === true ? true : undefined,
  };
}
