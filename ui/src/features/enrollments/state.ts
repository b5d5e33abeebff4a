import type { EnrollmentRow, EnrollmentState } from "../../platform";

const riskAfter = 14 * 86_400_000;

/** How an enrollment stands; the same rule the database filters by (`EnrollmentState`). Withdrawn wins over completed. */
export function stateOf(row: Pick<EnrollmentRow, "withdrawnAt" | "completedAt" | "progress" | "enrolledAt">, now: number = Date.now()): EnrollmentState {
  if (row.withdrawnAt !== null) return "withdrawn";
  if (row.completedAt !== null) return "completed";
  return row.progress < 25 && now - Date.parse(row.enrolledAt) > riskAfter ? "atRisk" : "active";
}
