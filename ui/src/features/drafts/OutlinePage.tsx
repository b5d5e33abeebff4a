import { Alert, Anchor, Button, Center, Menu, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconAlertTriangle, IconBooks, IconChevronDown, IconChevronLeft, IconFolderSymlink } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { EmptyState } from "../../components/EmptyState";
import { FailureNote } from "../../components/FailureNote";
import { PageHeader } from "../../components/PageHeader";
import { say } from "../../components/undo";
import { useFormat } from "../../format";
import { type CourseDraft, type Outline, platform } from "../../platform";
import { useStrings } from "../../strings";
import { ContentTree } from "../courses/ContentTree";
import { tellRefusal } from "../courses/refusal";
import type { LeafKind, Row } from "../courses/tree";
import { CourseNotes } from "./CourseNotes";
import { keyOfRow, useDraftContent } from "./draftContent";
import { outlineQuery, useCourseDraft, useDraftWrite } from "./drafts";
import classes from "./drafts.module.css";
import { StateBadge } from "./StateBadge";

/** The draft of one course: its sub-courses, lessons and quizzes as a tree, what has lost its place, and the bin. */
export function OutlinePage() {
  const { organizationId, courseId } = useParams({ from: "/o/$organizationId/drafts/$courseId" });
  return <Draft key={courseId} organizationId={organizationId} courseId={courseId} />;
}

function Draft({ organizationId, courseId }: { organizationId: string; courseId: string }) {
  const t = useStrings();
  const format = useFormat();
  const navigate = useNavigate();
  const query = useQuery(outlineQuery(courseId));
  const told = useCourseDraft(courseId);
  const outline = query.data;
  const course = told ?? outline?.course;
  const back = (
    <Anchor component={Link} to="/o/$organizationId/drafts" params={{ organizationId } as never} className={classes.back}>
      <IconChevronLeft size={14} aria-hidden />
      {t.drafts.title}
    </Anchor>
  );
  if (told === null || query.error?.code === "notFound") {
    return (
      <Center h="100%" p="xl">
        <EmptyState
          icon={IconBooks}
          order={1}
          title={t.drafts.outline.notKept}
          text={t.drafts.outline.notKeptText}
          action={
            <Button component={Link} to="/o/$organizationId/drafts" params={{ organizationId } as never} variant="default">
              {t.drafts.outline.toDrafts}
            </Button>
          }
        />
      </Center>
    );
  }
  if (outline === undefined || course === undefined) {
    return (
      <>
        {back}
        <div className={classes.page}>
          {query.error ? (
            <FailureNote title={t.words.couldNotLoad} failure={query.error} onRetry={() => void query.refetch()} />
          ) : (
            <Stack gap="sm" pt="md" role="status" aria-label={t.words.loading}>
              <Skeleton h={24} w="45%" />
              <Skeleton h={36} mt="lg" />
              {[72, 58, 80, 64].map((width) => (
                <Skeleton key={width} h={18} w={`${width}%`} />
              ))}
            </Stack>
          )}
        </div>
      </>
    );
  }
  const open = (kind: LeafKind, id: string) => {
    if (kind === "lesson") void navigate({ to: "/o/$organizationId/drafts/$courseId/lessons/$lessonId", params: { organizationId, courseId, lessonId: id } });
    else void navigate({ to: "/o/$organizationId/drafts/$courseId/quizzes/$quizId", params: { organizationId, courseId, quizId: id } });
  };
  const readOnly = course.mayWrite ? null : course.aside ? t.drafts.asides[course.aside].title : t.drafts.outline.mayNotWrite;
  return (
    <div className={classes.outline}>
      {back}
      <PageHeader title={course.title} text={course.syncedAt ? t.drafts.heard(format.relative(course.syncedAt)) : t.drafts.neverHeard} actions={<StateBadge state={course.state} />} />
      <div className={classes.page}>
        <CourseNotes course={course} />
        <Conflicts outline={outline} onOpen={open} />
        <Tree course={course} outline={outline} readOnly={readOnly} onOpen={open} />
        <Unfiled courseId={courseId} outline={outline} readOnly={readOnly !== null} onOpen={open} />
        <Bin courseId={courseId} outline={outline} readOnly={readOnly !== null} />
      </div>
    </div>
  );
}

function Tree({ course, outline, readOnly, onOpen }: { course: CourseDraft; outline: Outline; readOnly: string | null; onOpen: (kind: LeafKind, id: string) => void }) {
  const edits = useDraftContent(course.courseId, outline);
  const open = (row: Row) => {
    if (row.kind !== "subCourse") onOpen(row.kind, row.id);
  };
  return <ContentTree course={{ id: course.courseId, title: course.title }} edits={edits} readOnly={readOnly} openRow={null} onOpen={open} />;
}

/** Where somebody has to choose, with the way there. */
function Conflicts({ outline, onOpen }: { outline: Outline; onOpen: (kind: LeafKind, id: string) => void }) {
  const t = useStrings();
  const format = useFormat();
  const { conflicts } = outline.course;
  if (conflicts === 0) return null;
  const lessons = outline.lessons.filter((lesson) => lesson.conflicts > 0).map(({ id, title }) => ({ kind: "lesson" as const, id, title }));
  const quizzes = outline.quizzes.filter((quiz) => quiz.conflicts > 0).map(({ id, title }) => ({ kind: "quiz" as const, id, title }));
  return (
    <Alert color="amber" variant="light" p="sm" className={classes.banner} icon={<IconAlertTriangle size={18} aria-hidden />} title={t.drafts.outline.conflictsWait(conflicts, format.number(conflicts))}>
      <div className={classes.links}>
        {[...lessons, ...quizzes].map(({ kind, id, title }) => (
          <Button key={id} size="compact-sm" variant="default" maw={280} onClick={() => onOpen(kind, id)}>
            {t.drafts.outline.inLesson(title)}
          </Button>
        ))}
      </div>
    </Alert>
  );
}

type Loose = { kind: LeafKind; id: string; title: string };

/** Lessons and quizzes whose sub-course is gone: they say so and are given a new place. */
function Unfiled({ courseId, outline, readOnly, onOpen }: { courseId: string; outline: Outline; readOnly: boolean; onOpen: (kind: LeafKind, id: string) => void }) {
  const t = useStrings();
  const place = useDraftWrite(courseId, ({ kind, id, to }: { kind: LeafKind; id: string; to: string | null }) => {
    const siblings = (kind === "lesson" ? outline.lessons : outline.quizzes).filter((row) => row.subCourseId === to && row.archivedAt === null);
    return platform.placeRow(courseId, keyOfRow(kind, id), to, siblings.at(-1)?.id ?? null);
  });
  const loose: Loose[] = [
    ...outline.lessons.filter(({ isUnfiled }) => isUnfiled).map(({ id, title }) => ({ kind: "lesson" as const, id, title })),
    ...outline.quizzes.filter(({ isUnfiled }) => isUnfiled).map(({ id, title }) => ({ kind: "quiz" as const, id, title })),
  ];
  if (loose.length === 0) return null;
  const places = outline.subCourses.filter(({ archivedAt }) => archivedAt === null);
  const file = async (row: Loose, to: string | null) => {
    try {
      await place.mutateAsync({ ...row, to });
      say(t.drafts.outline.filed(row.title, places.find(({ id }) => id === to)?.title ?? t.drafts.outline.theCourse));
    } catch (thrown) {
      tellRefusal(thrown);
    }
  };
  return (
    <section className={classes.group} aria-labelledby="unfiled">
      <Title order={2} id="unfiled">
        {t.drafts.outline.unfiled}
      </Title>
      <Text size="sm" c="dimmed">
        {t.drafts.outline.unfiledText}
      </Text>
      <ul className={classes.rows}>
        {loose.map((row) => (
          <li key={row.id}>
            <span className={classes.words}>
              <Anchor component="button" type="button" size="sm" dir="auto" onClick={() => onOpen(row.kind, row.id)}>
                {row.title}
              </Anchor>
            </span>
            {!readOnly && (
              <Menu position="bottom-end" withinPortal>
                <Menu.Target>
                  <Button size="compact-sm" variant="default" leftSection={<IconFolderSymlink size={14} aria-hidden />} rightSection={<IconChevronDown size={14} aria-hidden />} aria-label={t.drafts.outline.fileLabel(row.title)}>
                    {t.drafts.outline.fileInto}
                  </Button>
                </Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item onClick={() => void file(row, null)}>{t.courses.tree.intoCourse}</Menu.Item>
                  {places.map(({ id, title }) => (
                    <Menu.Item key={id} dir="auto" onClick={() => void file(row, id)}>
                      {title}
                    </Menu.Item>
                  ))}
                </Menu.Dropdown>
              </Menu>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

const binDays = 180;

/** What was archived lately. What was archived together comes back together, so it is one line. */
function Bin({ courseId, outline, readOnly }: { courseId: string; outline: Outline; readOnly: boolean }) {
  const t = useStrings();
  const format = useFormat();
  const restore = useDraftWrite(courseId, ({ kind, id }: { kind: "lesson" | "quiz" | "subCourse"; id: string }) => platform.restoreRow(courseId, keyOfRow(kind, id)));
  const gone = new Map(outline.subCourses.filter(({ archivedAt }) => archivedAt !== null).map(({ id, archivedAt }) => [id, archivedAt]));
  const alone = (row: { subCourseId: string | null; archivedAt: string | null }) => row.subCourseId === null || gone.get(row.subCourseId) !== row.archivedAt;
  const [since] = useState(() => Date.now() - binDays * 86_400_000);
  const rows = [
    ...outline.subCourses.map((row) => ({ kind: "subCourse" as const, label: t.courses.tree.subCourse, ...row })),
    ...outline.lessons.filter(alone).map((row) => ({ kind: "lesson" as const, label: t.courses.tree.lesson, ...row })),
    ...outline.quizzes.filter(alone).map((row) => ({ kind: "quiz" as const, label: t.courses.tree.quiz, ...row })),
  ]
    .flatMap(({ kind, label, id, title, archivedAt }) => (archivedAt !== null && Date.parse(archivedAt) >= since ? [{ kind, label, id, title, archivedAt }] : []))
    .toSorted((a, b) => b.archivedAt.localeCompare(a.archivedAt));
  if (rows.length === 0) return null;
  const bring = async (row: (typeof rows)[number]) => {
    try {
      await restore.mutateAsync(row);
      say(t.courses.tree.restoredToast(row.title));
    } catch (thrown) {
      tellRefusal(thrown);
    }
  };
  return (
    <section className={classes.group} aria-labelledby="bin">
      <Title order={2} id="bin">
        {t.drafts.outline.bin}
      </Title>
      <Text size="sm" c="dimmed">
        {t.drafts.outline.binText}
      </Text>
      <ul className={classes.rows}>
        {rows.map((row) => (
          <li key={row.id}>
            <span className={classes.words} dir="auto">
              {row.title}
            </span>
            <Text size="xs" c="dimmed" className={classes.fact}>
              {row.label} · {t.drafts.outline.archivedOn(format.relative(row.archivedAt))}
            </Text>
            {!readOnly && (
              <Button size="compact-sm" variant="default" onClick={() => void bring(row)} aria-label={`${t.words.restore}: ${row.title}`}>
                {t.words.restore}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
