import { ActionIcon, Badge, Button, SegmentedControl, Select, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconArrowBackUp, IconChevronDown, IconChevronLeft, IconChevronUp } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { ConfirmDialog } from "../../../components/ConfirmDialog";
import { FailureNote } from "../../../components/FailureNote";
import { say } from "../../../components/undo";
import { useFormat } from "../../../format";
import { type BlockChange, openOutside, platform, type Revision } from "../../../platform";
import { useStrings } from "../../../strings";
import { useAuthoringStrings } from "../../../strings/authoring";
import type { LessonDocument } from "../../lessons/editor/document/shape";
import { LazyLessonEditor } from "../../lessons/editor/LazyLessonEditor";
import { Changes, countsOf, isChange } from "../diff/Changes";
import classes from "./history.module.css";
import { comparisonQuery, readHistoryAgain, revisionQuery, titleOf } from "./revisions";

type Props = {
  courseId: string;
  lessonId: string;
  revision: Revision;
  revisions: Revision[];
  mayWrite: boolean;
  beforeReading: () => Promise<unknown>;
  older: string | null;
  newer: string | null;
  onOpen: (id: string) => void;
  onBack: () => void;
  /** The whole lesson or, if not, one part of it. */
  onRestored: (whole: boolean) => void;
};

/** "now" stands in lists where the contract says null. */
const now = "now";

/** The words a part began with, to name it to who does not see it. */
const beginning = (change: BlockChange) => {
  const words = change.pieces.filter(({ kind }) => kind !== "added").map(({ text }) => text).join("").trim();
  return words.length > 40 ? `${words.slice(0, 40)}…` : words;
};

/** One version: read, or compared with any other; all of it or a part is restored as a new version. */
export function RevisionView(props: Props) {
  const { courseId, lessonId, revision, revisions, mayWrite, beforeReading } = props;
  const t = useAuthoringStrings().history;
  const format = useFormat();
  const client = useQueryClient();
  const heading = useRef<HTMLHeadingElement>(null);
  const [tab, setTab] = useState<"changes" | "read">("changes");
  const [other, setOther] = useState(now);
  const [asking, setAsking] = useState(false);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);

  const title = titleOf(t, format, revision);
  const place = (id: string) => (id === now ? -1 : revisions.findIndex((each) => each.id === id));
  const otherIsOlder = place(other) > place(revision.id);
  const known = revisions.find(({ id }) => id === other);
  const otherTitle = known ? titleOf(t, format, known) : t.now;
  const otherId = other === now ? null : other;
  const comparison = useQuery({
    ...comparisonQuery(courseId, lessonId, otherIsOlder ? otherId : revision.id, otherIsOlder ? revision.id : otherId, beforeReading),
    enabled: tab === "changes",
  });

  const restoring = useMutation({
    meta: { isHere: true },
    mutationFn: async (blockId: string | null) => {
      await beforeReading();
      return platform.restoreRevision(courseId, lessonId, revision.id, blockId);
    },
    onSuccess: async (_, blockId) => {
      await readHistoryAgain(client, courseId, lessonId);
      setAsking(false);
      say(blockId === null ? t.restored : t.restoredBlock);
      props.onRestored(blockId === null);
    },
  });

  const part = (change: BlockChange): ReactNode =>
    mayWrite && other === now && change.change !== "added" ? (
      <Button
        size="compact-xs"
        variant="subtle"
        leftSection={<IconArrowBackUp size={14} aria-hidden />}
        loading={restoring.isPending && restoring.variables === change.id}
        aria-label={beginning(change) === "" ? t.restoreBlock : t.restoreBlockOf(beginning(change))}
        onClick={() => restoring.mutate(change.id)}
      >
        {t.restoreBlock}
      </Button>
    ) : null;

  return (
    <section className={classes.panel} aria-label={title}>
      <div className={classes.bar}>
        <Button size="compact-sm" variant="subtle" leftSection={<IconChevronLeft size={14} aria-hidden />} onClick={props.onBack}>
          {t.back}
        </Button>
        <span className={classes.steps}>
          <ActionIcon aria-label={t.nextVersion} disabled={props.newer === null} onClick={() => props.newer && props.onOpen(props.newer)}>
            <IconChevronUp size={16} aria-hidden />
          </ActionIcon>
          <ActionIcon aria-label={t.previousVersion} disabled={props.older === null} onClick={() => props.older && props.onOpen(props.older)}>
            <IconChevronDown size={16} aria-hidden />
          </ActionIcon>
        </span>
      </div>
      <div>
        <Title order={3} ref={heading} tabIndex={-1} dir="auto" className={classes.title}>
          {title}
        </Title>
        <Text size="xs" c="dimmed" component="div" className={classes.facts}>
          <span dir="auto">
            {[revision.personName ?? t.unknownPerson, revision.savedAt === null ? t.unsent : format.dateTime(revision.savedAt)].filter((each) => each !== title).join(" · ")}
          </span>
          {revision.isPublished && (
            <Badge component="span" color="green">
              {t.published}
            </Badge>
          )}
        </Text>
      </div>
      {mayWrite ? (
        <Button variant="light" className={classes.restore} leftSection={<IconArrowBackUp size={16} aria-hidden />} onClick={() => setAsking(true)}>
          {t.restore}
        </Button>
      ) : (
        <Text size="xs" c="dimmed">
          {t.mayNot}
        </Text>
      )}
      <SegmentedControl
        aria-label={t.what}
        size="xs"
        value={tab}
        onChange={(next) => setTab(next === "read" ? "read" : "changes")}
        data={[
          { value: "changes", label: t.changes },
          { value: "read", label: t.read },
        ]}
      />
      {!asking && <FailureNote failure={restoring.error} />}
      {tab === "read" ? (
        <ReadRevision courseId={courseId} lessonId={lessonId} revision={revision} title={title} />
      ) : (
        <>
          <Select
            label={t.compareWith}
            searchable
            limit={60}
            nothingFoundMessage={t.noVersion}
            placeholder={t.findVersion}
            value={other}
            onChange={(next) => next && setOther(next)}
            data={[
              { value: now, label: t.now },
              ...revisions
                .filter(({ id }) => id !== revision.id)
                .map((each) => ({ value: each.id, label: [titleOf(t, format, each), each.personName, each.name === null || each.savedAt === null ? null : format.dateTime(each.savedAt)].filter((fact) => fact !== null).join(" · ") })),
            ]}
          />
          <Text size="xs" c="dimmed" dir="auto">
            {otherIsOlder ? t.from(otherTitle, title) : t.from(title, otherTitle)}
          </Text>
          {comparison.data ? (
            <Changes changes={comparison.data} label={otherIsOlder ? t.from(otherTitle, title) : t.from(title, otherTitle)} action={part} />
          ) : comparison.error ? (
            <FailureNote failure={comparison.error} onRetry={() => void comparison.refetch()} />
          ) : (
            <Waiting />
          )}
        </>
      )}
      {asking && <RestoreDialog {...props} title={title} pending={restoring.isPending} failure={restoring.error} onConfirm={() => restoring.mutate(null)} onClose={() => setAsking(false)} />}
    </section>
  );
}

function Waiting() {
  const words = useStrings().words;
  return (
    <Stack gap="xs" aria-busy aria-label={words.loading} role="status">
      <Skeleton h={40} />
      <Skeleton h={40} w="80%" />
    </Stack>
  );
}

/** What would be different, from what the lesson says now to what it said then. */
function RestoreDialog(props: Props & { title: string; pending: boolean; failure: Parameters<typeof FailureNote>[0]["failure"]; onConfirm: () => void; onClose: () => void }) {
  const strings = useAuthoringStrings();
  const t = strings.history;
  const { courseId, lessonId, revision, beforeReading } = props;
  const effect = useQuery(comparisonQuery(courseId, lessonId, null, revision.id, beforeReading));
  const changes = effect.data?.filter(isChange) ?? [];
  return (
    <ConfirmDialog
      opened
      title={t.confirmTitle}
      confirm={t.confirm}
      pending={props.pending}
      failure={props.failure ?? effect.error}
      onConfirm={props.onConfirm}
      onClose={props.onClose}
      effect={
        effect.data === undefined ? (
          !effect.error && <Waiting />
        ) : changes.length === 0 ? (
          t.confirmSame
        ) : (
          <Stack gap="xs">
            <span>
              {t.confirmEffect(props.title)} {strings.diff.count(countsOf(changes))}. {t.confirmKept}
            </span>
            <div className={classes.effect}>
              <Changes changes={changes} label={t.changes} />
            </div>
          </Stack>
        )
      }
    />
  );
}

function ReadRevision({ courseId, lessonId, revision, title }: { courseId: string; lessonId: string; revision: Revision; title: string }) {
  const t = useAuthoringStrings().history;
  const query = useQuery(revisionQuery(courseId, lessonId, revision.id));
  if (query.error) return <FailureNote failure={query.error} onRetry={() => void query.refetch()} />;
  if (query.data === undefined) return <Waiting />;
  if (query.data === null) return <Text size="sm">{t.nothing}</Text>;
  return (
    <div className={classes.reading}>
      <LazyLessonEditor
        key={revision.id}
        document={query.data as LessonDocument}
        readOnly
        images={(attachment) => platform.showFile(courseId, attachment)}
        openOutside={(url) => void openOutside(url)}
        label={title}
      />
    </div>
  );
}
