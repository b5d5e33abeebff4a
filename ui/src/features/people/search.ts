import { oneOf, text } from "../../address";
import type { Role } from "../../platform";

export const roles: readonly Role[] = ["owner", "admin", "instructor", "reviewer", "learner"];
export type PeopleSearch = {
  search?: string;
  role?: Role;
  /** Only those who may (true) or may not (false) come in. */
  active?: boolean;
  archived?: boolean;
  sort?: "name" | "joinedAt";
  descending?: boolean;
  /** The form for adding a person is open. */
  adding?: boolean;
};

/** What the address says, with everything unknown dropped. */
export function peopleSearch(raw: Record<string, unknown>): PeopleSearch {
  return {
    search: text(raw.search),
    role: oneOf(raw.role, roles),
    active: typeof raw.active === "boolean" ? raw.active : undefined,
    archived: raw.archived === true ? true : undefined,
    sort: oneOf(raw.sort, ["name", "joinedAt"] as const),
    descending: raw.descending === true ? true : undefined,
    adding: raw.adding === true ? true : undefined,
  };
}
