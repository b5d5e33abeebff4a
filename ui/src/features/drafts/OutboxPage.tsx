import { Alert, Badge, Button, Center, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconRotate2, IconSend } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { EmptyState } from "../../components/EmptyState";
import { FailureNote } from "../../components/FailureNote";
import { PageHeader } from "../../components/PageHeader";
import { say } from "../../components/undo";
import { useFormat } from "../../format";
import { type CourseDraft, type OutboxEntry, platform } from "../../platform";
import { useStrings } from "../../strings";
import { tellRefusal } from "../courses/refusal";
import { outboxQuery, useDrafts, useDraftWrite } from "./drafts";
import classes from "./drafts.module.css";
import { ExportButton, Exported, useExport } from "./ExportButton";

/** Everything written here that the server does not have yet. */
export function OutboxPage() {
  const t = useStrings();
  const client = useQueryClient();
  const drafts = useDrafts();
  const query = useQuery({ ...outboxQuery, refetchOnMount: "always" });
  const send = useMutation({
    mutationFn: () => platform.syncNow(),
    onSuccess: () => say(t.drafts.outbox.sent),
    onSettled: () => client.invalidateQueries({ queryKey: outboxQuery.queryKey }),
  });
  const exporting = useExport();
  const entries = query.data ?? [];
  const courses = [...new Map(entries.map(({ courseId, courseTitle }) => [courseId, courseTitle]))];
  return (
    <>
      <PageHeader
        title={t.drafts.outbox.title}
        text={t.drafts.outbox.text}
        actions={
          entries.length > 0 && (
            <Group gap="xs">
              <ExportButton exporting={exporting} size="sm" label={t.drafts.outbox.export} />
              {drafts?.isOnline && (
                <Button leftSection={<IconSend size={15} aria-hidden />} loading={send.isPending} onClick={() => send.mutate()}>
                  {t.drafts.outbox.send}
                </Button>
              )}
            </Group>
          )
        }
      />
      <div className={classes.page}>
        <Exported exporting={exporting} />
        <FailureNote failure={send.error} />
        <Undecided courses={drafts?.courses ?? []} />
        {query.error && <FailureNote title={t.words.couldNotLoad} failure={query.error} onRetry={() => void query.refetch()} />}
        {query.isPending && (
          <Stack gap="sm" role="status" aria-label={t.words.loading}>
            <Skeleton h={42} />
            <Skeleton h={42} />
          </Stack>
        )}
        {drafts && !drafts.isOnline && entries.length > 0 && (
          <Text size="sm" c="dimmed">
            {t.drafts.offlineText}
          </Text>
        )}
        {query.data && entries.length === 0 && (
          <Center py={64}>
            <EmptyState icon={IconCircleCheck} title={t.drafts.outbox.empty} text={t.drafts.outbox.emptyText} />
          </Center>
        )}
        {courses.map(([courseId, title]) => (
          <section key={courseId} className={classes.group} aria-labelledby={`course-${courseId}`}>
            <Title order={2} id={`course-${courseId}`} dir="auto">
              {title}
            </Title>
            <Why course={drafts?.courses.find((course) => course.courseId === courseId)} />
            <ul className={classes.rows}>
              {entries.filter((entry) => entry.courseId === courseId).map((entry) => (
                <Entry key={`${entry.key.table} ${entry.key.id}`} entry={entry} />
              ))}
            </ul>
          </section>
        ))}
      </div>
    </>
  );
}

/** Why nothing of a course goes, if nothing goes. */
function Why({ course }: { course: CourseDraft | undefined }) {
  const t = useStrings();
  if (!course?.aside) return null;
  const { title, text } = t.drafts.asides[course.aside];
  return (
    <Text size="sm" c="dimmed">
      {title}. {text}
    </Text>
  );
}

/** What waits for an answer rather than for the server, with the way to it. */
function Undecided({ courses }: { courses: CourseDraft[] }) {
  const t = useStrings();
  const format = useFormat();
  const asking = courses.filter((course) => course.conflicts > 0 || course.massDeletion !== null);
  if (asking.length === 0) return null;
  return (
    <Alert color="amber" variant="light" p="sm" icon={<IconAlertTriangle size={18} aria-hidden />} title={t.drafts.states.needsYourDecision}>
      <div className={classes.links}>
        {asking.map(({ organizationId, courseId, title, conflicts, massDeletion }) => (
          <Button key={courseId} component={Link} to="/o/$organizationId/drafts/$courseId" params={{ organizationId, courseId } as never} size="compact-sm" variant="default" maw={360}>
            {title}: {[massDeletion && t.drafts.mass.short, conflicts > 0 && t.drafts.conflicts(conflicts, format.number(conflicts))].filter(Boolean).join(", ")}
          </Button>
        ))}
      </div>
    </Alert>
  );
}

function Entry({ entry }: { entry: OutboxEntry }) {
  const t = useStrings();
  const { organizationId } = useParams({ from: "/o/$organizationId/drafts/outbox" });
  const words = t.drafts.outbox;
  const takeBack = useDraftWrite(entry.courseId, () => platform.takeBackRow(entry.courseId, entry.key));
  const name = entry.name.trim() || words.unnamed;
  const fields = [...new Set(entry.changed.map((field) => words.fields[field] ?? words.otherField))];
  return (
    <li>
      <div className={classes.words}>
        {entry.key.table === "lessons" ? (
          <Link to="/o/$organizationId/drafts/$courseId/lessons/$lessonId" params={{ organizationId, courseId: entry.courseId, lessonId: entry.key.id }} className={classes.link} dir="auto">
            {name}
          </Link>
        ) : entry.key.table === "quizzes" ? (
          <Link to="/o/$organizationId/drafts/$courseId/quizzes/$quizId" params={{ organizationId, courseId: entry.courseId, quizId: entry.key.id }} className={classes.link} dir="auto">
            {name}
          </Link>
        ) : (
          <span dir="auto">{name}</span>
        )}
        <Text size="xs" c="dimmed">
          {words.tables[entry.key.table]} · {entry.isNew ? words.isNew.toLocaleLowerCase() : fields.join(", ")}
        </Text>
        {entry.refused !== null && (
          <Text size="xs" className={classes.reason}>
            {entry.refused}
          </Text>
        )}
      </div>
      {entry.refused !== null && (
        <>
          <Badge variant="light" color="red" tt="none" fw={500}>
            {t.courses.tree.refused}
          </Badge>
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconRotate2 size={14} aria-hidden />}
            loading={takeBack.isPending}
            aria-label={words.takeBackOf(name)}
            onClick={() => takeBack.mutate(undefined, { onSuccess: () => say(words.tookBack(name)), onError: tellRefusal })}
          >
            {words.takeBack}
          </Button>
        </>
      )}
    </li>
  );
}
