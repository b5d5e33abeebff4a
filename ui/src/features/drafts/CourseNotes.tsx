import { Alert, Button, Group, List, Progress, Stack, Text } from "@mantine/core";
import { IconCloudDown, IconRefresh, IconInfoCircle, IconTrashX } from "@tabler/icons-react";
import { FailureNote } from "../../components/FailureNote";
import { useFormat } from "../../format";
import { type CourseDraft, type MassDeletion, platform } from "../../platform";
import { useStrings } from "../../strings";
import classes from "./drafts.module.css";
import { useDraftWrite } from "./drafts";
import { ExportHere } from "./ExportButton";

/** What a kept course has to tell: why nothing is sent, what is being done about it, what is asked. Nothing stops the writing. */
export function CourseNotes({ course }: { course: CourseDraft }) {
  const t = useStrings();
  const format = useFormat();
  const { aside, healing, massDeletion, toDownload, lessons } = course;
  if (!aside && !healing && !massDeletion && toDownload === 0) return null;
  return (
    <Stack gap="xs" className={classes.notes}>
      {toDownload > 0 && (
        <Group gap="xs" wrap="nowrap">
          <IconCloudDown size={16} aria-hidden color="var(--text-dim)" />
          <Progress flex={1} maw={220} size="sm" value={(100 * (lessons - toDownload)) / Math.max(1, lessons)} aria-label={t.drafts.downloading(format.number(lessons - toDownload), format.number(lessons))} />
          <Text size="xs" c="dimmed">
            {t.drafts.downloading(format.number(lessons - toDownload), format.number(lessons))}
          </Text>
        </Group>
      )}
      {massDeletion && <MassQuestion courseId={course.courseId} asked={massDeletion} />}
      {aside && (
        <Alert color={aside === "archived" ? "gray" : "amber"} variant="light" p="sm" icon={<IconInfoCircle size={18} aria-hidden />} title={t.drafts.asides[aside].title}>
          <Text size="sm">{t.drafts.asides[aside].text}</Text>
          {course.waiting > 0 && (
            <div className={classes.noteAction}>
              <ExportHere />
            </div>
          )}
        </Alert>
      )}
      {healing && (
        <Alert color="gray" variant="light" p="sm" icon={<IconRefresh size={18} aria-hidden />}>
          {t.drafts.healing}
        </Alert>
      )}
    </Stack>
  );
}

/** Asked in its place, never over the work. */
function MassQuestion({ courseId, asked }: { courseId: string; asked: MassDeletion }) {
  const t = useStrings();
  const format = useFormat();
  const decide = useDraftWrite(courseId, (remove: boolean) => platform.decideMassDeletion(courseId, remove));
  const more = asked.count - asked.titles.length;
  return (
    <Alert color="amber" variant="light" p="sm" icon={<IconTrashX size={18} aria-hidden />} title={t.drafts.mass[asked.direction](format.number(asked.count), format.number(asked.of))}>
      <List size="sm" spacing={2} mb={6}>
        {asked.titles.map((title, at) => (
          <List.Item key={`${title} ${at}`} dir="auto">
            {title}
          </List.Item>
        ))}
        {more > 0 && <List.Item>{t.drafts.mass.more(format.number(more))}</List.Item>}
      </List>
      <Text size="sm">{t.drafts.mass.question}</Text>
      <FailureNote failure={decide.error} />
      <Group gap="xs" mt="xs">
        <Button size="xs" variant="default" disabled={decide.isPending} onClick={() => decide.mutate(false)}>
          {t.drafts.mass.keep}
        </Button>
        <Button size="xs" variant="light" color="red" disabled={decide.isPending} onClick={() => decide.mutate(true)}>
          {t.drafts.mass.remove}
        </Button>
      </Group>
    </Alert>
  );
}
