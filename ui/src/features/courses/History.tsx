import { Button, Skeleton, Stack, Text } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { EmptyState } from "../../components/EmptyState";
import { FailureNote } from "../../components/FailureNote";
import { useFormat } from "../../format";
import { type AuditRow, type JsonValue, platform } from "../../platform";
import { keyOf } from "../../queries";
import { useStrings } from "../../strings";
import { tellChange } from "./changes";
import classes from "./courses.module.css";

const atOnce = 20;

/** Who changed one row, when and how, newest first, as the database's own audit tells it. */
export function History({ organizationId, rowId, compact }: { organizationId: string; rowId: string; compact?: boolean }) {
  const t = useStrings();
  const query = useInfiniteQuery({
    queryKey: keyOf(organizationId, "audit", "row", rowId),
    queryFn: ({ pageParam }) => platform.listAudit(organizationId, { rowId, cursor: pageParam, limit: atOnce }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });
  const rows = query.data?.pages.flatMap((page) => page.rows) ?? [];
  if (query.isPending) {
    return (
      <Stack gap="sm" role="status" aria-label={t.words.loading}>
        {[60, 72, 48].map((width) => (
          <Skeleton key={width} h={16} w={`${width}%`} />
        ))}
      </Stack>
    );
  }
  if (query.error && rows.length === 0) return <FailureNote title={t.words.couldNotLoad} failure={query.error} onRetry={() => void query.refetch()} />;
  if (rows.length === 0) {
    return compact ? (
      <Text size="sm" c="dimmed">
        {t.courses.history.empty}
      </Text>
    ) : (
      <div className={classes.emptyTab}>
        <EmptyState icon={IconHistory} title={t.courses.history.empty} text="" />
      </div>
    );
  }
  return (
    <>
      <ol className={classes.history}>
        {rows.map((row) => (
          <Entry key={row.id} row={row} />
        ))}
      </ol>
      <FailureNote failure={query.error} />
      {query.hasNextPage && (
        <Button mt="sm" variant="default" size="xs" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t.courses.history.more}
        </Button>
      )}
    </>
  );
}

function Entry({ row }: { row: AuditRow }) {
  const t = useStrings();
  const format = useFormat();
  const words = t.courses.history;
  const { did, fields, lessons = 1 } = tellChange(row, words.fields);
  const what =
    did === "changed"
      ? words.changed(fields.map(({ name }) => words.fields[name] ?? name).join(", "))
      : did === "completed" || did === "reopened"
        ? words[did](lessons, format.number(lessons))
        : words[did];
  const shown = (value: JsonValue): string => {
    if (value === null || value === "" || (Array.isArray(value) && value.length === 0)) return words.nothing;
    if (typeof value === "boolean") return value ? t.words.yes : t.words.no;
    if (typeof value === "string" && /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/.test(value)) return format.dateTime(value);
    const text = typeof value === "string" ? value : Array.isArray(value) ? value.map(String).join(", ") : typeof value === "object" ? JSON.stringify(value) : String(value);
    return [...text].length > 160 ? `${[...text].slice(0, 160).join("")}…` : text;
  };
  return (
    <li>
      <div>
        <strong dir="auto">{row.actorName ?? words.someone}</strong> {what}
        <span className={classes.dim} title={format.dateTime(row.at)}>
          {" "}
          · {format.relative(row.at)}
        </span>
      </div>
      {fields.length > 0 && (
        <ul className={classes.changes}>
          {fields
            .filter(({ name }) => name !== "position" && name !== "sub_course_id")
            .map(({ name, before, after }) => (
              <li key={name}>
                <span className={classes.dim}>{words.fields[name]}</span> <del dir="auto">{shown(before)}</del> → <ins dir="auto">{shown(after)}</ins>
              </li>
            ))}
        </ul>
      )}
    </li>
  );
}
