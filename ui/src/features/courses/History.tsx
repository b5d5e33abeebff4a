import { Button, Skeleton, Stack, Text } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { EmptyState } from "../../components/EmptyState";
import { FailureNote } from "../../components/FailureNote";
import { useFormat } from "../../format";
import { type AuditRow, type JsonValue, platform } from "../../platform";
import { keyOf } from "../../queries";
import { useStrings } from "../../strings";
import { sentenceOf, tellChange } from "./changes";
import classes from "./courses.module.css";

const atOnce = 20;

/** What is asked about: one row, or a course with all that is in it. */
type Subject = { rowId: string; courseId?: undefined } | { courseId: string; rowId?: undefined };

/** Who changed it, when and how, newest first, as the database's own audit tells it. */
export function History({ organizationId, rowId, courseId, compact }: { organizationId: string; compact?: boolean } & Subject) {
  const t = useStrings();
  const query = useInfiniteQuery({
    queryKey: keyOf(organizationId, "audit", courseId ? "course" : "row", courseId ?? rowId),
    queryFn: ({ pageParam }) => platform.listAudit(organizationId, { rowId: rowId ?? null, courseId: courseId ?? null, cursor: pageParam, limit: atOnce }),
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
  const told = tellChange(row, words.fields);
  const { fields } = told;
  const shown = (name: string, value: JsonValue): string => {
    if (name === "duty" && typeof value === "string") return (t.courses.staff.duties as Record<string, string>)[value] ?? value;
    if (value === null || value === "" || (Array.isArray(value) && value.length === 0)) return words.nothing;
    if (typeof value === "boolean") return value ? t.words.yes : t.words.no;
    if (typeof value === "string" && /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/.test(value)) return format.dateTime(value);
    const text = typeof value === "string" ? value : Array.isArray(value) ? value.map(String).join(", ") : typeof value === "object" ? JSON.stringify(value) : String(value);
    return [...text].length > 160 ? `${[...text].slice(0, 160).join("")}…` : text;
  };
  return (
    <li>
      <div>
        <strong dir="auto">{row.actorName ?? words.someone}</strong> {sentenceOf(told, row, t, format)}
        <span className={classes.dim} title={format.dateTime(row.at)}>
          {" "}
          · {format.relative(row.at)}
        </span>
      </div>
      {fields.length > 0 && (
        <ul className={classes.changes}>
          {fields
            .filter(({ name }) => name !== "position" && !name.endsWith("_id"))
            .map(({ name, before, after }) => (
              <li key={name}>
                <span className={classes.dim}>{words.fields[name]}</span> <del dir="auto">{shown(name, before)}</del> → <ins dir="auto">{shown(name, after)}</ins>
              </li>
            ))}
        </ul>
      )}
    </li>
  );
}
