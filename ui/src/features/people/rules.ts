import { textBetween1And, textUpTo } from "../../components/rules";
import type { Role } from "../../platform";
import type { Strings } from "../../strings";
import { emailRule } from "../sessions/rules";

export const bioLimit = 500;

export const personRules = (t: Strings) => ({
  name: textBetween1And(t, 200),
  email: emailRule(t),
  phone: (value: string) => (value === "" || /^\+?[0-9 ()./-]{3,30}$/.test(value) ? null : t.people.phoneRule),
  bornOn: (value: string | null) => (value === null || value === "" || (value >= "1900-01-01" && value < "2200-01-01") ? null : t.people.bornRule),
  bio: textUpTo(t, bioLimit),
});

export const rankOf: Record<Role, number> = { owner: 50, admin: 40, instructor: 30, reviewer: 20, learner: 10 };
const businessOwner = 60;

/** Roles somebody may give: below their own rank. The database refuses the others whatever is offered here. */
export function givableRoles(mine: Role | null, isBusinessOwner: boolean): Role[] {
  const rank = isBusinessOwner ? businessOwner : mine ? rankOf[mine] : 0;
  return (Object.keys(rankOf) as Role[]).filter((role) => rankOf[role] < rank);
}
