import { Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useFormat } from "../../format";
import type { Overview } from "../../platform";
import { useStrings } from "../../strings";
import { sentence } from "../activity/words";
import classes from "./Overview.module.css";

type RecentEntry = Overview["recent"][number];

/** As many as stand beside the chart; the rest is in the activity. */
const shown = 5;

export function Recent({ organizationId, changes }: { organizationId: string; changes: RecentEntry[] }) {
  const t = useStrings();
  const format = useFormat();
  if (changes.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t.overview.recentEmpty}
      </Text>
    );
  }
  return (
    <ul className={classes.recent}>
      {changes.slice(0, shown).map((change, place) => (
        <li key={`${change.at}-${place}`}>
          <span className={classes.said}>
            <strong>{change.actorName ?? t.activity.nobody}</strong> {sentence(t, change.verb, change.tableName)}
            {change.label && (
              <span className={classes.row} dir="auto" title={change.label}>
                <Labelled organizationId={organizationId} change={change} label={change.label} />
              </span>
            )}
          </span>
          <time className={classes.when} dateTime={change.at} title={format.dateTime(change.at)}>
            {format.relative(change.at)}
          </time>
        </li>
      ))}
    </ul>
  );
}

/** The row's own words, as a link where it has an address. */
function Labelled({ organizationId, change, label }: { organizationId: string; change: RecentEntry; label: string }) {
  const { rowId, tableName, verb } = change;
  if (rowId && verb !== "delete") {
    if (tableName === "enrollments" || tableName === "lesson_progress") {
      return (
        <Link to="/o/$organizationId/enrollments/$enrollmentId" params={{ organizationId, enrollmentId: rowId }} className={classes.rowLink}>
          {label}
        </Link>
      );
    }
    if (tableName === "courses") {
      return (
        <Link to="/o/$organizationId/courses/$courseId" params={{ organizationId, courseId: rowId }} className={classes.rowLink}>
          {label}
        </Link>
      );
    }
    if (tableName === "people" || tableName === "profiles") {
      return (
        <Link to="/o/$organizationId/people/$personId" params={{ organizationId, personId: rowId }} className={classes.rowLink}>
          {label}
        </Link>
      );
    }
  }
  return <bdi>{label}</bdi>;
}
