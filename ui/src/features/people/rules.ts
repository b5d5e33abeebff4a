import { textBetween1And, textUpTo } from "../../components/rules";
import type { Role } from "../../platform";
import type { Strings } from "../../strings";
import { emailRule } from "../sessions/rules";

export const bioLimit = 500;

export const personRules = (t: Strings) => ({
  name: textBetween1And(t, 200),
  email: emailRule(t),
  phone: (value: string) => (value === "" || /^\+?[0-9 ()./-]{3,30}$/.test(value) ? null : t.people.phoneRule),
  bornOn: (value: string | null) => (value === null || value === "" || dayWritten(value) ? null : t.people.bornRule),
  bio: textUpTo(t, bioLimit),
});

/** The day somebody wrote as YYYY-MM-DD, from 1900 to 2199 as the database has it; null for anything else, 31 February too. */
export function dayWritten(text: string): string | null {
  const day = text.trim();
  if (!/^(19|20|21)\d\d-\d\d-\d\d$/.test(day)) return null;
  const moment = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(day) ? day : null;
}

export const rankOf: Record<Role, number> = { owner: 50, admin: 40, instructor: 30, reviewer: 20, learner: 10 };
const businessOwner = 60;

/** Roles somebody may give: below their own rank. The database refuses the others whatever is offered here. */
export function givableRoles(mine: Role | null, isBusinessOwner: boolean): Role[] {
  const rank = isBusinessOwner ? businessOwner : mine ? rankOf[mine] : 0;
  return (Object.keys(rankOf) as Role[]).filter((role) => rankOf[role] < rank);
}
