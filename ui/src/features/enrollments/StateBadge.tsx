import { Badge, Tooltip } from "@mantine/core";
import type { EnrollmentRow, EnrollmentState } from "../../platform";
import { useStrings } from "../../strings";
import { stateOf } from "./state";

const colors: Record<EnrollmentState, string> = { active: "ink", completed: "green", withdrawn: "gray", atRisk: "amber" };

export function StateBadge({ enrollment }: { enrollment: EnrollmentRow }) {
  const t = useStrings();
  const state = stateOf(enrollment);
  const badge = (
    <Badge component="span" variant={state === "withdrawn" ? "default" : "light"} color={colors[state]} tt="none" fw={500}>
      {t.enrollments.state[state]}
    </Badge>
  );
  return state === "atRisk" ? <Tooltip label={t.enrollments.atRiskHint}>{badge}</Tooltip> : badge;
}
