import { Alert, Badge, Button, Group, NumberInput, Skeleton, Stack, Text, TextInput, Title } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconArchive, IconChevronDown, IconChevronUp, IconExternalLink } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { type KeyboardEvent, useMemo, useRef } from "react";
import { DetailPanel } from "../../components/DetailPanel";
import { FailureNote } from "../../components/FailureNote";
import type { Rules } from "../../components/fields";
import { say } from "../../components/undo";
import { useFormat } from "../../format";
import { type CourseDetail, type Lesson, type LessonChange, openOutside } from "../../platform";
import { type Strings, useStrings } from "../../strings";
import { told } from "../courses/courseFields";
import { useEditing } from "../courses/editing";
import { durationProblem, linkProblem, titleProblem } from "../courses/rules";
import { StaleNote } from "../courses/StaleNote";
import { buildTree } from "../courses/tree";
import { UnsavedGuard } from "../../components/UnsavedGuard";
import { courseQuery, lessonQuery, useArchiveContent, useChangeLesson } from "../courses/writes";
import { tellRefusal } from "../courses/refusal";
import { WriteButton } from "../drafts/WriteButton";
import classes from "./lessons.module.css";

/** One lesson beside its course's content. */
export function LessonPanel() {
  const t = useStrings();
  const { organizationId, courseId, lessonId } = useParams({ from: "/o/$organizationId/courses/$courseId/lessons/$lessonId" });
  const search = useSearch({ from: "/o/$organizationId/courses/$courseId" });
  const navigate = useNavigate();
  const query = useQuery(lessonQuery(organizationId, lessonId));
  const course = useQuery(courseQuery(organizationId, courseId)).data;
  const close = () => void navigate({ to: "/o/$organizationId/courses/$courseId", params: { organizationId, courseId }, search });
  const lesson = query.data;
  if (lesson === undefined) {
    return (
      <DetailPanel subject={lessonId} title={t.courses.tree.lesson} onClose={close}>
        {query.error ? (
          <FailureNote title={t.words.couldNotLoad} failure={query.error} onRetry={() => void query.refetch()} />
        ) : (
          <Stack gap="sm" role="status" aria-label={t.words.loading}>
            <Skeleton h={34} />
            <Skeleton h={34} w="40%" />
            <Skeleton h={34} />
            <Skeleton h={200} />
          </Stack>
        )}
      </DetailPanel>
    );
  }
  return <Editor key={lessonId} organizationId={organizationId} lesson={lesson} course={course} onClose={close} />;
}

type Values = { title: string; durationMinutes: number | string; video: string };

const valuesOf = (lesson: Lesson): Values => ({
  title: lesson.title,
  durationMinutes: lesson.durationMinutes,
  video: lesson.video ?? "",
});

const rulesOf = (t: Strings): Rules<Values> => ({
  title: (title) => told(t, titleProblem(title)),
  durationMinutes: (minutes) => told(t, durationProblem(minutes)),
  video: (link) => told(t, linkProblem(link)),
});

function changeOf({ title, durationMinutes, video }: Partial<Values>): LessonChange {
  const change: LessonChange = {};
  if (title !== undefined) change.title = title.trim();
  if (durationMinutes !== undefined) change.durationMinutes = durationMinutes === "" ? 0 : Number(durationMinutes);
  if (video !== undefined) change.video = video.trim() === "" ? null : video.trim();
  return change;
}

function Editor({ organizationId, lesson, course, onClose }: { organizationId: string; lesson: Lesson; course: CourseDetail | undefined; onClose: () => void }) {
  const t = useStrings();
  const format = useFormat();
  const client = useQueryClient();
  const change = useChangeLesson(organizationId);
  const archiving = useArchiveContent(organizationId, lesson.courseId);
  const rules = useMemo(() => rulesOf(t), [t]);
  const server = useMemo(() => ({ version: lesson.version, values: valuesOf(lesson) }), [lesson]);
  const editing = useEditing(lesson.id, server, rules, change.error);
  const { fields, contested } = editing;
  const form = useRef<HTMLFormElement>(null);

  const parent = course?.subCourses.find(({ id }) => id === lesson.subCourseId);
  const archived = lesson.archivedAt !== null;
  const closed = course !== undefined && course.archivedAt !== null;
  const readOnly = closed ? t.courses.reasons.archived : archived ? t.courses.reasons.lessonArchived : lesson.mayEdit ? null : t.courses.reasons.mayNotEdit;
  const off = readOnly !== null;
  const stale = change.error?.code === "stale";
  const save = () => {
    if (!fields.dirty || contested.length > 0 || change.isPending || off) return;
    change.mutate(
      { id: lesson.id, version: editing.version, change: changeOf(editing.change()) },
      {
        onSuccess: () => say(t.courses.lesson.saved),
        onError: (failure) => {
          if (failure.code === "stale") void client.invalidateQueries({ queryKey: lessonQuery(organizationId, lesson.id).queryKey });
        },
      },
    );
  };
  // Wherever the focus is while the lesson is open: a browser's own "save page" never helps here.
  useHotkeys([["mod+S", () => form.current?.requestSubmit()]], []);
  const keys = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.current?.requestSubmit();
  };
  const restore = async () => {
    try {
      await archiving.mutateAsync({ kind: "lesson", id: lesson.id, archived: false });
      say(t.courses.tree.restoredToast(lesson.title));
    } catch (thrown) {
      tellRefusal(thrown);
    }
  };
  const names: Record<keyof Values, string> = {
    title: t.courses.lesson.title,
    durationMinutes: t.courses.lesson.duration,
    video: t.courses.lesson.video,
  };
  const video = fields.bind("video");
  const playable = fields.values.video.trim() !== "" && linkProblem(fields.values.video) === null;
  const words = lesson.markdown.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;

  return (
    <DetailPanel
      subject={lesson.id}
      title={lesson.title}
      subtitle={<span dir="auto">{parent ? t.courses.lesson.inSubCourse(parent.title) : t.courses.lesson.inCourse}</span>}
      badges={
        <>
          {archived ? (
            <Badge variant="default" tt="none" fw={500}>
              {t.words.archived}
            </Badge>
          ) : (
            <Badge variant="light" color={lesson.publishedAt === null ? "gray" : "ink"} tt="none" fw={500}>
              {lesson.publishedAt === null ? t.courses.tree.draft : t.courses.publishedOn(format.date(lesson.publishedAt))}
            </Badge>
          )}
        </>
      }
      actions={
        <>
          {!off && <WriteButton organizationId={organizationId} courseId={lesson.courseId} lessonId={lesson.id} />}
          <Siblings organizationId={organizationId} lesson={lesson} course={course} />
        </>
      }
      onClose={onClose}
    >
      <form ref={form} onSubmit={fields.submit(save)} onKeyDown={keys} noValidate aria-busy={change.isPending} aria-label={lesson.title}>
        <Stack gap="md">
          {archived && (
            <Alert color="gray" variant="light" icon={<IconArchive size={18} aria-hidden />} p="sm">
              <Text size="sm">{t.courses.lesson.archivedBanner(format.date(lesson.archivedAt ?? ""))}</Text>
              {lesson.mayEdit && !closed && (
                <Button size="xs" variant="default" mt="xs" loading={archiving.isPending} onClick={() => void restore()}>
                  {t.courses.tree.restore}
                </Button>
              )}
            </Alert>
          )}
          {readOnly !== null && !archived && (
            <Text size="sm" c="dimmed">
              {readOnly}
            </Text>
          )}
          <TextInput label={t.courses.lesson.title} readOnly={off} dir="auto" {...fields.bind("title")} />
          <NumberInput
            label={t.courses.lesson.duration}
            readOnly={off}
            w={180}
            min={0}
            max={10_000}
            clampBehavior="none"
            allowDecimal={false}
            allowNegative={false}
            {...fields.bind("durationMinutes")}
          />
          <div>
            <TextInput label={t.courses.lesson.video} readOnly={off} placeholder="https://" inputMode="url" {...video} />
            {playable && (
              <Button mt={6} size="compact-xs" variant="subtle" leftSection={<IconExternalLink size={14} aria-hidden />} onClick={() => void openOutside(fields.values.video.trim())}>
                {t.courses.lesson.openVideo}
              </Button>
            )}
          </div>
          <div>
            <Text size="sm" fw={500}>
              {lesson.publishedAt === null ? t.courses.tree.draft : t.courses.publishedOn(format.date(lesson.publishedAt))}
            </Text>
            <Text size="xs" c="dimmed">
              {lesson.publishedAt !== null && course?.publishedAt === null && `${t.courses.lesson.courseHidden} `}
              {!off && t.courses.lesson.publishedWhere(t.drafts.write)}
            </Text>
          </div>
          <StaleNote
            shown={contested.length > 0 || stale}
            both={contested.map((name) => names[name])}
            onKeep={() => {
              editing.keepMine();
              change.reset();
            }}
            onTake={() => {
              editing.takeTheirs();
              change.reset();
            }}
          />
          {!stale && <FailureNote failure={fields.unplaced} />}
          {!off && (
            <Group gap="xs">
              <Button type="submit" loading={change.isPending} disabled={!fields.dirty || contested.length > 0}>
                {t.courses.lesson.save}
              </Button>
              {fields.dirty && (
                <Button variant="subtle" color="gray" disabled={change.isPending} onClick={() => fields.reset()}>
                  {t.courses.form.reset}
                </Button>
              )}
            </Group>
          )}
        </Stack>
      </form>
      <div className={classes.text}>
        <Group justify="space-between" gap="xs">
          <Title order={3} size="sm" id={`text-${lesson.id}`}>
            {lesson.publishedAt === null ? t.courses.lesson.text : t.courses.lesson.publishedText}
          </Title>
          <Text size="xs" c="dimmed" className="tabular">
            {t.courses.lesson.words(words, format.number(words))} · {t.courses.lesson.changedAt(format.relative(lesson.updatedAt))}
          </Text>
        </Group>
        {lesson.markdown.trim() === "" ? (
          <Text size="sm" c="dimmed">
            {t.courses.lesson.noText}
          </Text>
        ) : (
          // Scrolled by keyboard too.
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
          <div className={classes.markdown} dir="auto" tabIndex={0} role="region" aria-labelledby={`text-${lesson.id}`}>
            {lesson.markdown}
          </div>
        )}
      </div>
      <UnsavedGuard dirty={fields.dirty && !change.isPending} />
    </DetailPanel>
  );
}

/** To the lesson before and after, in the order learners meet them. */
function Siblings({ organizationId, lesson, course }: { organizationId: string; lesson: Lesson; course: CourseDetail | undefined }) {
  const t = useStrings();
  if (course === undefined) return null;
  const tree = buildTree(course, false);
  const all = [...tree.direct.lesson, ...tree.parts.flatMap(({ lesson: inside }) => inside)];
  const at = all.findIndex(({ id }) => id === lesson.id);
  const to = (target: { id: string } | undefined, label: string, icon: React.ReactNode) =>
    target && (
      <Button
        component={Link}
        to="/o/$organizationId/courses/$courseId/lessons/$lessonId"
        params={{ organizationId, courseId: course.id, lessonId: target.id } as never}
        variant="default"
        size="xs"
        leftSection={icon}
      >
        {label}
      </Button>
    );
  if (at < 0) return null;
  return (
    <>
      {to(all[at - 1], t.courses.lesson.previous, <IconChevronUp size={15} aria-hidden />)}
      {to(all[at + 1], t.courses.lesson.next, <IconChevronDown size={15} aria-hidden />)}
    </>
  );
}
