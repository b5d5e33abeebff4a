import { Alert, Button, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconEyeOff, IconWorldUpload } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ConfirmDialog } from "../../../components/ConfirmDialog";
import { FailureNote } from "../../../components/FailureNote";
import { say } from "../../../components/undo";
import { useFormat } from "../../../format";
import { platform } from "../../../platform";
import { useStrings } from "../../../strings";
import { useAuthoringStrings } from "../../../strings/authoring";
import { LessonApproval } from "../../approvals/LessonApproval";
import { useApprovals } from "../../approvals/useApprovals";
import { Changes, countsOf, isChange } from "../diff/Changes";
import classes from "./history.module.css";
import { publicationQuery, readHistoryAgain } from "./revisions";

type Props = {
  courseId: string;
  lessonId: string;
  mayWrite: boolean;
  beforeReading: () => Promise<unknown>;
  onPublished: () => void;
};

/** What learners would read anew, what warns against it, and the way to publish it or to take it back. */
export function PublishPanel({ courseId, lessonId, mayWrite, beforeReading, onPublished }: Props) {
  const strings = useAuthoringStrings();
  const t = strings.publish;
  const words = useStrings().words;
  const format = useFormat();
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const query = useQuery(publicationQuery(courseId, lessonId, beforeReading));
  const approval = useApprovals(courseId, lessonId, query.data?.needsApproval === true, beforeReading);
  const publishing = useMutation({
    meta: { isHere: true },
    mutationFn: async (published: boolean) => {
      await beforeReading();
      return published ? platform.publishLesson(courseId, lessonId) : platform.unpublishLesson(courseId, lessonId);
    },
    onSuccess: async (_, published) => {
      await readHistoryAgain(client, courseId, lessonId);
      setAsking(false);
      say(published ? t.done : t.undone);
      onPublished();
    },
    onError: () => void query.refetch(),
  });

  if (query.data === undefined) {
    return query.error ? (
      <FailureNote title={words.couldNotLoad} failure={query.error} onRetry={() => void query.refetch()} />
    ) : (
      <Stack gap="sm" aria-busy aria-label={words.loading} role="status">
        <Skeleton h={20} w="70%" />
        <Skeleton h={34} w={140} />
        <Skeleton h={60} />
      </Stack>
    );
  }
  const { publishedAt, changes, warnings, refusal, needsApproval } = query.data;
  const counts = countsOf(changes);
  const anything = publishedAt === null || changes.some(isChange);
  return (
    <div className={classes.panel}>
      <div className={classes.state}>
        {publishedAt === null ? <IconEyeOff size={16} color="var(--text-dim)" aria-hidden /> : <IconCircleCheck size={16} color="var(--ok)" aria-hidden />}
        <span title={publishedAt === null ? undefined : format.dateTime(publishedAt)}>{publishedAt === null ? t.never : t.published(format.relative(publishedAt))}</span>
      </div>
      {refusal !== null && (
        <Alert color="amber" variant="light" title={t.refusal} icon={<IconAlertTriangle size={18} aria-hidden />}>
          {refusal}
        </Alert>
      )}
      {warnings.length > 0 && (
        <Alert color="amber" variant="light" title={t.warnings} icon={<IconAlertTriangle size={18} aria-hidden />}>
          <ul className={classes.warnings}>
            {warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </Alert>
      )}
      <LessonApproval lessonId={lessonId} mayAsk={mayWrite && anything && needsApproval} state={approval} />
      {!asking && <FailureNote failure={publishing.error} />}
      {mayWrite ? (
        <div className={classes.buttons}>
          {anything && (
            <Button leftSection={<IconWorldUpload size={16} aria-hidden />} disabled={refusal !== null || (needsApproval && !approval.isApproved)} loading={publishing.isPending && publishing.variables} onClick={() => publishing.mutate(true)}>
              {publishedAt === null ? t.publish : t.again}
            </Button>
          )}
          {publishedAt !== null && (
            <Button variant="default" onClick={() => setAsking(true)}>
              {t.unpublish}
            </Button>
          )}
        </div>
      ) : (
        <Text size="xs" c="dimmed">
          {t.mayNot}
        </Text>
      )}
      {anything ? (
        <>
          <div>
            <Title order={3}>{publishedAt === null ? t.changesFirst : t.changes}</Title>
            <Text size="xs" c="dimmed">
              {strings.diff.count(counts)}
            </Text>
          </div>
          <Changes changes={changes} label={publishedAt === null ? t.changesFirst : t.changes} />
        </>
      ) : (
        <Text size="sm" c="dimmed">
          {t.none}
        </Text>
      )}
      <ConfirmDialog
        opened={asking}
        title={t.unpublishTitle}
        effect={t.unpublishEffect}
        confirm={t.unpublish}
        danger
        pending={publishing.isPending}
        failure={asking ? publishing.error : null}
        onConfirm={() => publishing.mutate(false)}
        onClose={() => setAsking(false)}
      />
    </div>
  );
}
