import { Alert, Badge, Button, Skeleton, Stack, Switch, Text, TextInput } from "@mantine/core";
import { IconCloudOff, IconHistory } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { EmptyState } from "../../../components/EmptyState";
import { FailureNote } from "../../../components/FailureNote";
import { textUpTo } from "../../../components/rules";
import { say } from "../../../components/undo";
import { useFormat } from "../../../format";
import { platform, type Revision } from "../../../platform";
import { useStrings } from "../../../strings";
import { useAuthoringStrings } from "../../../strings/authoring";
import classes from "./history.module.css";
import { RevisionView } from "./RevisionView";
import { readHistoryAgain, revisionsQuery, titleOf } from "./revisions";

type Props = {
  courseId: string;
  lessonId: string;
  mayWrite: boolean;
  /** Keeps what is still being written, so that "now" is what one sees. */
  beforeReading: () => Promise<unknown>;
  onRestored: () => void;
};

/** The versions of a lesson, newest first: named, read, compared word by word, and restored. */
export function HistoryPanel({ courseId, lessonId, mayWrite, beforeReading, onRestored }: Props) {
  const t = useAuthoringStrings().history;
  const words = useStrings().words;
  const format = useFormat();
  const query = useQuery(revisionsQuery(courseId, lessonId, beforeReading));
  const [chosen, setChosen] = useState<string | null>(null);
  const [onlyNamed, setOnlyNamed] = useState(false);
  const back = useRef<string | null>(null);
  const revisions = query.data?.revisions ?? [];
  const at = revisions.findIndex(({ id }) => id === chosen);
  const revision = revisions[at];
  const named = revisions.filter(({ name }) => name !== null);
  const shown = onlyNamed ? named : revisions;

  const close = () => {
    back.current = chosen;
    setChosen(null);
  };
  useEffect(() => {
    if (chosen !== null || back.current === null) return;
    document.getElementById(`revision-${back.current}`)?.focus();
    back.current = null;
  });

  if (query.data === undefined) {
    return query.error ? (
      <FailureNote title={words.couldNotLoad} failure={query.error} onRetry={() => void query.refetch()} />
    ) : (
      <Stack gap="sm" aria-busy aria-label={words.loading} role="status">
        <Skeleton h={34} />
        {[60, 80, 70, 55].map((width) => (
          <Skeleton key={width} h={40} w={`${width}%`} />
        ))}
      </Stack>
    );
  }
  if (revision) {
    return (
      <RevisionView
        key={revision.id}
        courseId={courseId}
        lessonId={lessonId}
        revision={revision}
        revisions={revisions}
        mayWrite={mayWrite}
        beforeReading={beforeReading}
        older={revisions[at + 1]?.id ?? null}
        newer={revisions[at - 1]?.id ?? null}
        onOpen={setChosen}
        onBack={close}
        onRestored={(whole) => {
          if (whole) close();
          onRestored();
        }}
      />
    );
  }
  return (
    <div className={classes.panel}>
      {mayWrite && <NameVersion courseId={courseId} lessonId={lessonId} beforeReading={beforeReading} />}
      <FailureNote failure={query.error} onRetry={() => void query.refetch()} />
      {revisions.length === 0 ? (
        <div className={classes.empty}>
          <EmptyState icon={IconHistory} title={t.empty} text={t.emptyText} />
        </div>
      ) : (
        <>
          <div className={classes.counted}>
            <Text size="xs" c="dimmed" className="tabular">
              {t.count(shown.length, format.number(shown.length))}
            </Text>
            {(onlyNamed || (named.length > 0 && named.length < revisions.length)) && <Switch size="xs" label={t.onlyNamed} checked={onlyNamed} onChange={(event) => setOnlyNamed(event.currentTarget.checked)} />}
          </div>
          <RevisionList revisions={shown} onOpen={setChosen} />
        </>
      )}
      {!query.data.isComplete && (
        <Alert color="gray" variant="light" icon={<IconCloudOff size={18} aria-hidden />}>
          {t.incomplete}
        </Alert>
      )}
    </div>
  );
}

/** One tab stop, walked with arrows: three hundred versions are not in the way of what comes after. */
function RevisionList({ revisions, onOpen }: { revisions: Revision[]; onOpen: (id: string) => void }) {
  const t = useAuthoringStrings().history;
  const format = useFormat();
  const [focused, setFocused] = useState<string | null>(null);
  const tabStop = revisions.some(({ id }) => id === focused) ? focused : (revisions[0]?.id ?? null);
  const onKeyDown = (event: KeyboardEvent) => {
    const at = revisions.findIndex(({ id }) => `revision-${id}` === (event.target as HTMLElement).id);
    const to: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: Math.min(at + 10, revisions.length - 1), PageUp: Math.max(at - 10, 0), Home: 0, End: revisions.length - 1 };
    const next = to[event.key];
    if (at < 0 || next === undefined) return;
    event.preventDefault();
    const revision = revisions[next];
    if (revision) document.getElementById(`revision-${revision.id}`)?.focus();
  };
  return (
    <ol className={classes.list} aria-label={t.list} onKeyDown={onKeyDown}>
      {revisions.map((revision) => {
        const who = revision.personName ?? t.unknownPerson;
        const when = revision.savedAt === null ? null : revision.name === null ? format.relative(revision.savedAt) : format.dateTime(revision.savedAt);
        return (
          <li key={revision.id} className={classes.line}>
            <button
              type="button"
              id={`revision-${revision.id}`}
              tabIndex={revision.id === tabStop ? 0 : -1}
              className={classes.revision}
              data-named={revision.name !== null || undefined}
              onFocus={() => setFocused(revision.id)}
              onClick={() => onOpen(revision.id)}
            >
              <span className={classes.name} dir="auto">
                {titleOf(t, format, revision)}
              </span>
              <span className={classes.facts}>
                <span dir="auto">{[who, when].filter((part) => part !== null).join(" · ")}</span>
                {revision.isCurrent && <Badge component="span">{t.current}</Badge>}
                {revision.isPublished && (
                  <Badge component="span" color="green">
                    {t.published}
                  </Badge>
                )}
                {revision.savedAt === null && revision.name !== null && (
                  <Badge component="span" color="gray">
                    {t.unsent}
                  </Badge>
                )}
                {!revision.isHere && (
                  <Badge component="span" color="gray">
                    {t.elsewhere}
                  </Badge>
                )}
              </span>
            </button>
          </li>
        );
      })}
    </ol>
  );
}

function NameVersion({ courseId, lessonId, beforeReading }: { courseId: string; lessonId: string; beforeReading: () => Promise<unknown> }) {
  const strings = useStrings();
  const t = useAuthoringStrings().history;
  const client = useQueryClient();
  const [name, setName] = useState("");
  const problem = textUpTo(strings, 200)(name.trim()) === null ? null : t.nameTooLong;
  const saving = useMutation({
    meta: { isHere: true },
    mutationFn: async () => {
      await beforeReading();
      return platform.saveRevision(courseId, lessonId, name.trim());
    },
    onSuccess: async () => {
      say(t.named(name.trim()));
      setName("");
      await readHistoryAgain(client, courseId, lessonId);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() !== "" && problem === null && !saving.isPending) saving.mutate();
  };
  return (
    <form onSubmit={submit} className={classes.naming}>
      <TextInput
        label={t.nameLabel}
        placeholder={t.nameHint}
        value={name}
        error={problem}
        dir="auto"
        className={classes.field}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Button type="submit" variant="default" loading={saving.isPending} disabled={name.trim() === "" || problem !== null} className={classes.keep}>
        {t.name}
      </Button>
      {saving.error && (
        <div className={classes.whole}>
          <FailureNote failure={saving.error} />
        </div>
      )}
    </form>
  );
}
