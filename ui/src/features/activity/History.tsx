import { Button, Skeleton, Text } from "@mantine/core";
import { useQueries } from "@tanstack/react-query";
import { useState } from "react";
import { FailureNote } from "../../components/FailureNote";
import { useFormat } from "../../format";
import { platform } from "../../platform";
import { keyOf } from "../../queries";
import { useStrings } from "../../strings";
import classes from "./Activity.module.css";
import { changedFields, fieldName, sentence, valueText } from "./words";

const atOnce = 20;

/** "Who changed this?": the audit of some rows, newest first, asked for only when it is opened. */
export function History({ organizationId, rows }: { organizationId: string; rows: string[] }) {
  const t = useStrings();
  const format = useFormat();
  const [opened, setOpened] = useState(false);
  const [limit, setLimit] = useState(atOnce);
  const results = useQueries({
    queries: rows.map((rowId) => ({
      queryKey: keyOf(organizationId, "audit", "of row", rowId, limit),
      queryFn: () => platform.listAudit(organizationId, { rowId, courseId: null, cursor: null, limit }),
      enabled: opened,
      placeholderData: <T,>(previous: T) => previous,
    })),
  });
  const entries = results
    .flatMap((result) => result.data?.rows ?? [])
    .toSorted((a, b) => b.id - a.id)
    .slice(0, limit);
  const failure = results.find((result) => result.error)?.error ?? null;
  const loading = opened && results.some((result) => result.isPending);
  const more = results.some((result) => result.data?.nextCursor);
  return (
    <section className={classes.history}>
      <Button size="compact-sm" variant="subtle" onClick={() => setOpened(!opened)} aria-expanded={opened} className={classes.toggle}>
        {t.people.history}
      </Button>
      {opened && (
        <>
          <FailureNote failure={failure} onRetry={() => results.forEach((result) => void result.refetch())} />
          {loading && <Skeleton height={80} />}
          {!loading && !failure && entries.length === 0 && (
            <Text size="sm" c="dimmed">
              {t.people.historyEmpty}
            </Text>
          )}
          <ol className={classes.entries}>
            {entries.map((entry) => (
              <li key={entry.id} className={classes.entry}>
                <div>
                  <strong>{entry.actorName ?? t.activity.nobody}</strong> {sentence(t, entry.verb, entry.tableName)}
                </div>
                {changedFields(entry.before, entry.after)
                  .slice(0, 6)
                  .map((change) => (
                    <div key={change.field} className={classes.change}>
                      {fieldName(t, change.field)}: {entry.before ? `${valueText(t, format, change.before)} → ` : ""}
                      {valueText(t, format, change.after)}
                    </div>
                  ))}
                <time dateTime={entry.at} className={classes.when}>
                  {format.dateTime(entry.at)}
                </time>
              </li>
            ))}
          </ol>
          {more && (
            <Button size="compact-sm" variant="default" onClick={() => setLimit(limit + atOnce)}>
              {t.activity.showEarlier}
            </Button>
          )}
        </>
      )}
    </section>
  );
}
