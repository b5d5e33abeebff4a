import { ActionIcon, Alert, Anchor, Badge, Button, Center, Progress, Skeleton, Stack, Text, Tooltip } from "@mantine/core";
import { IconAlertTriangle, IconArchive, IconBooks, IconChevronDown, IconChevronLeft, IconChevronUp, IconCloudDown, IconEye, IconExternalLink, IconGitMerge, IconHistory, IconWorldUpload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { memo, type ReactNode, useEffect, useRef, useState } from "react";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { DetailPanel } from "../../components/DetailPanel";
import { EmptyState } from "../../components/EmptyState";
import { FailureNote } from "../../components/FailureNote";
import { SplitView } from "../../components/SplitView";
import { useFormat } from "../../format";
import { type DraftLesson, type DraftLessonRow, nameWindow, openOutside, type Outline, platform, type Value } from "../../platform";
import { useStrings } from "../../strings";
import { told } from "../courses/courseFields";
import { tellRefusal } from "../courses/refusal";
import { durationProblem, linkProblem, titleProblem } from "../courses/rules";
import { buildTree } from "../courses/tree";
import { LazyLessonEditor } from "../lessons/editor/LazyLessonEditor";
import { useMe } from "../sessions/session";
import { ConflictsPanel } from "./conflicts/ConflictsPanel";
import { contentOf } from "./draftContent";
import { outlineQuery, useCourseDraft, useDrafts, useDraftWrite, useReaders } from "./drafts";
import { HistoryPanel } from "./history/HistoryPanel";
import { PublishPanel } from "./history/PublishPanel";
import { InPlace } from "./InPlace";
import classes from "./lesson.module.css";
import { SaveState } from "./SaveState";
import { base64Of, documentOf, type LessonDraft, useLessonDraft } from "./useLessonDraft";

/** One lesson to write in, with and without a network. */
export function LessonPage() {
  const { organizationId, courseId, lessonId } = useParams({ from: "/o/$organizationId/drafts/$courseId/lessons/$lessonId" });
  return <Lesson key={lessonId} organizationId={organizationId} courseId={courseId} lessonId={lessonId} />;
}

function Lesson({ organizationId, courseId, lessonId }: { organizationId: string; courseId: string; lessonId: string }) {
  const t = useStrings();
  const draft = useLessonDraft(courseId, lessonId);
  const outline = useQuery(outlineQuery(courseId));
  const [side, setSide] = useState<Side | null>(null);
  const { query } = draft;
  const row = outline.data?.lessons.find(({ id }) => id === lessonId) ?? query.data?.row;
  const isHere = row?.isDownloaded === true;
  const opened = query.data;
  const title = row?.title ?? "";
  useEffect(() => {
    if (title !== "") nameWindow(`${title} · ${t.shell.product}`);
  }, [title, t]);

  // The text arrived after the page was opened.
  const { refetch } = query;
  const arriving = useCourseDraft(courseId);
  const isComing = query.error?.code === "notFound" && (arriving?.syncedAt === null || (arriving?.toDownload ?? 0) > 0);
  const { dataUpdatedAt } = outline;
  useEffect(() => {
    if (isComing && dataUpdatedAt > 0) void refetch();
  }, [isComing, dataUpdatedAt, refetch]);
  const wasHere = opened?.row.isDownloaded;
  useEffect(() => {
    if (isHere && wasHere === false) void refetch();
  }, [isHere, wasHere, refetch]);

  // Conflicts met or decided elsewhere: those shown here are read again.
  const { takeIn } = draft;
  const open = row?.conflicts ?? 0;
  const shown = opened?.conflicts.length ?? open;
  useEffect(() => {
    if (open !== shown) void takeIn().catch(() => undefined);
  }, [open, shown, takeIn]);

  const back = (
    <Anchor component={Link} to="/o/$organizationId/drafts/$courseId" params={{ organizationId, courseId } as never} className={classes.back}>
      <IconChevronLeft size={14} aria-hidden />
      <span dir="auto">{opened?.courseTitle ?? t.drafts.title}</span>
    </Anchor>
  );
  if (opened === undefined || row === undefined) {
    if (isComing) {
      return (
        <div className={classes.lesson}>
          <div className={classes.top}>{back}</div>
          <NotHere courseId={courseId} />
        </div>
      );
    }
    if (query.error?.code === "notFound") {
      return (
        <Center h="100%" p="xl">
          <EmptyState
            icon={IconBooks}
            order={1}
            title={query.error.message}
            text={query.error.nextStep ?? t.drafts.outline.notKeptText}
            action={
              <Button component={Link} to="/o/$organizationId/drafts" params={{ organizationId } as never} variant="default">
                {t.drafts.outline.toDrafts}
              </Button>
            }
          />
        </Center>
      );
    }
    return (
      <div className={classes.lesson}>
        <div className={classes.top}>{back}</div>
        {query.error ? (
          <FailureNote title={t.words.couldNotLoad} failure={query.error} onRetry={() => void query.refetch()} />
        ) : (
          <Stack gap="sm" role="status" aria-label={t.words.loading}>
            <Skeleton h={28} w="50%" />
            <Skeleton h={34} />
            <Skeleton h={240} />
          </Stack>
        )}
      </div>
    );
  }
  const writable = opened.mayWrite && row.archivedAt === null;
  const page = (
    <div className={classes.lesson}>
      <div className={classes.top}>
        {back}
        <Siblings organizationId={organizationId} courseId={courseId} lessonId={lessonId} outline={outline.data} />
        <span className={classes.gap} />
        <Readers lessonId={lessonId} />
        {outline.data && <SaveState keeping={draft.keeping} row={row} readAt={outline.dataUpdatedAt} course={outline.data.course.state} />}
        {isHere && <SideButtons open={side} conflicts={row.conflicts} onOpen={setSide} />}
      </div>
      <Head courseId={courseId} row={row} readOnly={!writable} fields={draft.fields} />
      <Notes courseId={courseId} row={row} lesson={opened} keeping={draft.keeping} />
      {isHere && opened.row.isDownloaded ? (
        <Writing key={lessonId} courseId={courseId} opened={opened} title={row.title} readOnly={!writable} write={draft.write} keepUndo={draft.keepUndo} told={draft.told} handle={draft.handle} />
      ) : (
        <NotHere courseId={courseId} />
      )}
      <ConfirmDialog
        opened={draft.asking}
        title={t.drafts.lesson.leaveTitle}
        effect={
          <>
            {t.drafts.lesson.leaveEffect} {draft.keeping.failure?.message}
          </>
        }
        confirm={t.drafts.lesson.leave}
        cancel={t.words.keepWriting}
        danger
        pending={false}
        failure={null}
        onConfirm={draft.leave}
        onClose={draft.stay}
      />
    </div>
  );
  const close = () => setSide(null);
  const show = (block: string) => {
    // Where the panel lies over the text, the text comes first.
    const lies = (document.getElementById("page")?.clientWidth ?? 0) <= overlayWidth;
    if (lies) close();
    setTimeout(() => draft.handle.current?.show(block), lies ? 50 : 0);
  };
  const panels: Record<Side, () => ReactNode> = {
    conflicts: () => <ConflictsPanel courseId={courseId} conflicts={opened.conflicts} mayWrite={opened.mayWrite} onShow={show} onDecided={() => void draft.takeIn().catch(tellRefusal)} />,
    history: () => <HistoryPanel courseId={courseId} lessonId={lessonId} mayWrite={writable} beforeReading={draft.flush} onRestored={() => void draft.takeIn().catch(tellRefusal)} />,
    publish: () => <PublishPanel courseId={courseId} lessonId={lessonId} mayWrite={writable} beforeReading={draft.flush} onPublished={() => void outline.refetch()} />,
  };
  return (
    <SplitView
      list={page}
      panel={
        side && isHere && (
          <DetailPanel subject={side} title={t.drafts.lesson.sides[side]} onClose={close}>
            {panels[side]()}
          </DetailPanel>
        )
      }
    />
  );
}

/** Of the page, in pixels: up to here a panel lies over what it stands beside. The same as in `DetailPanel.module.css`. */
const overlayWidth = 860;

const sides = ["conflicts", "history", "publish"] as const;
type Side = (typeof sides)[number];
const sideIcons = { conflicts: IconGitMerge, history: IconHistory, publish: IconWorldUpload };

/** What can be looked at beside the text. */
function SideButtons({ open, conflicts, onOpen }: { open: Side | null; conflicts: number; onOpen: (side: Side | null) => void }) {
  const t = useStrings();
  const format = useFormat();
  const offered = sides.filter((side) => side !== "conflicts" || conflicts > 0 || open === "conflicts");
  return (
    <div className={classes.sides} role="group" aria-label={t.drafts.lesson.beside}>
      {offered.map((side) => {
        const Icon = sideIcons[side];
        return (
          <Button
            key={side}
            size="compact-sm"
            variant={open === side ? "light" : side === "conflicts" ? "light" : "subtle"}
            color={side === "conflicts" ? "amber" : open === side ? undefined : "gray"}
            aria-pressed={open === side}
            leftSection={<Icon size={15} aria-hidden />}
            onClick={() => onOpen(open === side ? null : side)}
          >
            {side === "conflicts" ? t.drafts.conflicts(conflicts, format.number(conflicts)) : t.drafts.lesson.sides[side]}
          </Button>
        );
      })}
    </div>
  );
}

type WritingProps = {
  courseId: string;
  opened: DraftLesson;
  title: string;
  readOnly: boolean;
  write: LessonDraft["write"];
  keepUndo: LessonDraft["keepUndo"];
  told: LessonDraft["told"];
  handle: LessonDraft["handle"];
};

/** The text. It is not drawn again because something around it changed: nothing may come between a key and its letter. */
const Writing = memo(function Writing({ courseId, opened, title, readOnly, write, keepUndo, told, handle }: WritingProps) {
  const t = useStrings();
  const [host] = useState(() => ({
    attach: async (file: File) => {
      const { attachment, name, sizeBytes, mediaType } = await platform.attachFile(courseId, file.name, file.type || "application/octet-stream", await base64Of(file));
      return { attachment, name, size_bytes: sizeBytes, mime: mediaType };
    },
    images: (attachment: string) => platform.showFile(courseId, attachment),
    openOutside: (url: string) => void openOutside(url),
  }));
  return (
    <div className={classes.writing}>
      <LazyLessonEditor
        document={documentOf(opened.document)}
        undo={opened.undo}
        onChange={write}
        onUndo={keepUndo}
        onState={told}
        readOnly={readOnly}
        onAttach={host.attach}
        images={host.images}
        openOutside={host.openOutside}
        label={t.drafts.lesson.textLabel(title)}
        handle={handle}
      />
    </div>
  );
});

/** Title, duration and video, each kept on its own. */
function Head({ courseId, row, readOnly, fields }: { courseId: string; row: DraftLessonRow; readOnly: boolean; fields: Set<() => Promise<boolean>> }) {
  const t = useStrings();
  const format = useFormat();
  const change = useDraftWrite(courseId, (next: { [field: string]: Value }) => platform.changeRow(courseId, { table: "lessons", id: row.id }, next));
  const page = useRef<HTMLDivElement>(null);
  useEffect(() => page.current?.focus({ preventScroll: true }), []);
  const video = row.video ?? "";
  return (
    <div className={classes.head}>
      {/* Where reading begins when the page opens; the title itself is a field. */}
      <div ref={page} tabIndex={-1} role="heading" aria-level={1} className={classes.unseen}>
        {row.title}
      </div>
      <InPlace
        fields={fields}
        value={row.title}
        problem={(typed) => told(t, titleProblem(typed))}
        keep={(title) => change.mutateAsync({ title })}
        readOnly={readOnly}
        aria-label={t.drafts.lesson.titleLabel}
        dir="auto"
        classNames={{ input: classes.title }}
      />
      <div className={classes.details}>
        <InPlace
          fields={fields}
          value={row.durationMinutes === 0 ? "" : String(row.durationMinutes)}
          problem={(typed) => told(t, durationProblem(typed.trim()))}
          keep={(typed) => change.mutateAsync({ duration_minutes: typed === "" ? 0 : Number(typed) })}
          readOnly={readOnly}
          label={t.drafts.lesson.duration}
          inputMode="numeric"
          size="xs"
          w={150}
        />
        <InPlace
          fields={fields}
          value={video}
          problem={(typed) => told(t, linkProblem(typed))}
          keep={(typed) => change.mutateAsync({ video: typed === "" ? null : typed })}
          readOnly={readOnly}
          label={t.drafts.lesson.video}
          placeholder="https://"
          inputMode="url"
          size="xs"
          className={classes.video}
          rightSection={
            video !== "" &&
            linkProblem(video) === null && (
              <ActionIcon size={24} aria-label={t.courses.lesson.openVideo} onClick={() => void openOutside(video)}>
                <IconExternalLink size={15} aria-hidden />
              </ActionIcon>
            )
          }
        />
        <Badge variant="light" color={row.publishedAt === null ? "gray" : row.isChangedSince ? "amber" : "ink"} tt="none" fw={500} className={classes.publication}>
          {row.publishedAt === null ? t.drafts.lesson.unpublished : row.isChangedSince ? t.drafts.lesson.changedSince : t.drafts.lesson.published(format.date(row.publishedAt))}
        </Badge>
      </div>
    </div>
  );
}

/** Why nothing can be written, and what is not saved. */
function Notes({ courseId, row, lesson, keeping }: { courseId: string; row: DraftLessonRow; lesson: DraftLesson; keeping: LessonDraft["keeping"] }) {
  const t = useStrings();
  const restore = useDraftWrite(courseId, () => platform.restoreRow(courseId, { table: "lessons", id: row.id }));
  const course = useCourseDraft(courseId);
  const aside = course?.aside;
  return (
    <div className={classes.notes}>
      {keeping.state === "refused" && keeping.failure && (
        <Alert color="red" variant="light" role="alert" p="sm" icon={<IconAlertTriangle size={18} aria-hidden />} title={keeping.failure.message}>
          {keeping.failure.nextStep ?? t.drafts.lesson.trying}
        </Alert>
      )}
      {row.refused !== null && (
        <Alert color="red" variant="light" p="sm" icon={<IconAlertTriangle size={18} aria-hidden />} title={t.courses.tree.refused}>
          {row.refused}
        </Alert>
      )}
      {row.archivedAt !== null ? (
        <Alert color="gray" variant="light" p="sm" icon={<IconArchive size={18} aria-hidden />}>
          <Text size="sm">{t.drafts.lesson.archived}</Text>
          {lesson.mayWrite && (
            <Button size="xs" variant="default" mt="xs" loading={restore.isPending} onClick={() => restore.mutate(undefined, { onError: tellRefusal })}>
              {t.drafts.lesson.restore}
            </Button>
          )}
        </Alert>
      ) : (
        !lesson.mayWrite && (
          <Text size="sm" c="dimmed">
            {aside ? t.drafts.asides[aside].title : t.drafts.lesson.readOnly}
          </Text>
        )
      )}
    </div>
  );
}

function NotHere({ courseId }: { courseId: string }) {
  const t = useStrings();
  const format = useFormat();
  const course = useCourseDraft(courseId);
  const isOnline = useDrafts()?.isOnline !== false;
  const all = course?.lessons ?? 0;
  const done = all - (course?.toDownload ?? 0);
  return (
    <Center py={64}>
      <Stack align="center" gap="md" role="status">
        <EmptyState icon={IconCloudDown} title={t.drafts.lesson.notHere} text={isOnline ? t.drafts.lesson.notHereText(format.number(done), format.number(all)) : t.drafts.lesson.notHereOffline} />
        <Progress w={240} value={(100 * done) / Math.max(1, all)} aria-label={t.drafts.downloading(format.number(done), format.number(all))} />
      </Stack>
    </Center>
  );
}

function Readers({ lessonId }: { lessonId: string }) {
  const t = useStrings();
  const me = useMe();
  const others = useReaders(lessonId);
  if (others.length === 0) return null;
  const names = others.map(({ isMe, personId, name }) => (isMe || personId === me?.personId ? t.drafts.lesson.you : name)).join(", ");
  return (
    <Tooltip label={t.drafts.lesson.alsoOpen(names)} multiline maw={280}>
      <span className={classes.readers} role="status">
        <IconEye size={15} aria-hidden />
        <span>{t.drafts.lesson.alsoOpen(names)}</span>
      </span>
    </Tooltip>
  );
}

/** To the lesson before and after, in the order learners meet them. */
function Siblings({ organizationId, courseId, lessonId, outline }: { organizationId: string; courseId: string; lessonId: string; outline: Outline | undefined }) {
  const t = useStrings();
  const navigate = useNavigate();
  if (!outline) return null;
  const tree = buildTree(contentOf(outline), false);
  const all = [...tree.direct.lesson, ...tree.parts.flatMap(({ lesson }) => lesson)];
  const at = all.findIndex(({ id }) => id === lessonId);
  const to = (target: { id: string } | undefined, label: string, Icon: typeof IconChevronUp) => (
    <Tooltip label={label}>
      <ActionIcon
        size={28}
        aria-label={label}
        disabled={at < 0 || target === undefined}
        onClick={() => target && void navigate({ to: "/o/$organizationId/drafts/$courseId/lessons/$lessonId", params: { organizationId, courseId, lessonId: target.id } })}
      >
        <Icon size={16} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
  return (
    <>
      {to(all[at - 1], t.drafts.lesson.previous, IconChevronUp)}
      {to(all[at + 1], t.drafts.lesson.next, IconChevronDown)}
    </>
  );
}
