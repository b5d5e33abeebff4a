import { Button } from "@mantine/core";
import { IconHistory, IconRefresh } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { DetailPanel } from "../../components/DetailPanel";
import { EmptyState } from "../../components/EmptyState";
import { type Column, EndlessTable } from "../../components/EndlessTable";
import { PageHeader } from "../../components/PageHeader";
import { SplitView } from "../../components/SplitView";
import { useFormat } from "../../format";
import { type AuditRow, platform } from "../../platform";
import { keyOf } from "../../queries";
import { useStrings } from "../../strings";
import { useMayReadActivity } from "../sessions/session";
import classes from "./Activity.module.css";
import { changedFields, fieldName, gist, sentence, subject, valueText } from "./words";

export function ActivityPage() {
  const t = useStrings();
  const format = useFormat();
  const client = useQueryClient();
  const mayRead = useMayReadActivity();
  const { organizationId } = useParams({ from: "/o/$organizationId" });
  const [open, setOpen] = useState<AuditRow | null>(null);

  const columns = useMemo<Column<AuditRow>[]>(
    () => [
      { id: "when", header: t.activity.when, width: "168px", cell: (entry) => <time dateTime={entry.at}>{format.dateTime(entry.at)}</time> },
      { id: "who", header: t.activity.who, width: "minmax(120px, 1.4fr)", from: 560, cell: (entry) => <bdi>{entry.actorName ?? t.activity.nobody}</bdi> },
      { id: "what", header: t.activity.what, width: "minmax(140px, 1.4fr)", cell: (entry) => sentence(t, entry.verb, entry.tableName) },
      {
        id: "details",
        header: t.activity.details,
        width: "minmax(140px, 2.4fr)",
        from: 760,
        cell: (entry) => <bdi className={classes.change}>{gist(t, entry)}</bdi>,
      },
    ],
    [t, format],
  );

  // The server would answer with no rows, which would read as if nothing had been recorded.
  if (!mayRead) {
    return (
      <>
        <PageHeader title={t.activity.title} />
        <EmptyState icon={IconHistory} title={t.activity.notAllowedTitle} text={t.activity.notAllowedText} />
      </>
    );
  }

  return (
    <SplitView
      panel={open && <Entry entry={open} onClose={() => setOpen(null)} />}
      list={
        <>
          <PageHeader
            title={t.activity.title}
            text={t.activity.text}
            actions={
              <Button
                variant="default"
                leftSection={<IconRefresh size={16} aria-hidden />}
                onClick={() => void client.invalidateQueries({ queryKey: [organizationId, "audit"] })}
              >
                {t.activity.refresh}
              </Button>
            }
          />
          <EndlessTable<AuditRow>
            label={t.activity.title}
            queryKey={keyOf(organizationId, "audit", "list")}
            load={({ cursor, limit }) => platform.listAudit(organizationId, { rowId: null, courseId: null, cursor, limit })}
            columns={columns}
            rowKey={(entry) => String(entry.id)}
            sort={{ by: "at", descending: true }}
            onSort={() => undefined}
            onOpen={setOpen}
            openKey={open ? String(open.id) : null}
            total={t.activity.total}
            empty={<EmptyState icon={IconHistory} title={t.activity.emptyTitle} text={t.activity.emptyText} />}
          />
        </>
      }
    />
  );
}

function Entry({ entry, onClose }: { entry: AuditRow; onClose: () => void }) {
  const t = useStrings();
  const format = useFormat();
  return (
    <DetailPanel
      subject={String(entry.id)}
      title={`${entry.actorName ?? t.activity.nobody} ${sentence(t, entry.verb, entry.tableName)}`}
      subtitle={
        <>
          {subject(entry) && (
            <>
              <bdi>{subject(entry)}</bdi> ·{" "}
            </>
          )}
          <time dateTime={entry.at}>{format.dateTime(entry.at)}</time>
        </>
      }
      onClose={onClose}
    >
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t.activity.field}</th>
            {entry.before && <th scope="col">{t.activity.before}</th>}
            {entry.after && <th scope="col">{t.activity.after}</th>}
          </tr>
        </thead>
        <tbody>
          {changedFields(entry.before, entry.after).map((change) => (
            <tr key={change.field}>
              <th scope="row">{fieldName(t, change.field)}</th>
              {entry.before && <td>{valueText(t, format, change.before)}</td>}
              {entry.after && <td>{valueText(t, format, change.after)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </DetailPanel>
  );
}
