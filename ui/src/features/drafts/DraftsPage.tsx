import { ActionIcon, Alert, Badge, Button, Center, Menu, Skeleton, Stack, Text } from "@mantine/core";
import { IconBooks, IconCloudOff, IconDots, IconPlus, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { EmptyState } from "../../components/EmptyState";
import { FailureNote } from "../../components/FailureNote";
import { PageHeader } from "../../components/PageHeader";
import { say } from "../../components/undo";
import { useFormat } from "../../format";
import { type CourseDraft, Failure, platform } from "../../platform";
import { useStrings } from "../../strings";
import { WaitingApprovals } from "../approvals/WaitingApprovals";
import { ChooseCourses } from "./ChooseCourses";
import { CourseNotes } from "./CourseNotes";
import { Damaged } from "./Damaged";
import { draftsQuery } from "./drafts";
import classes from "./drafts.module.css";
import { ExportHere } from "./ExportButton";
import { StateBadge } from "./StateBadge";

/** The courses kept on this computer: how each stands, and which others to keep. */
export function DraftsPage() {
  const t = useStrings();
  const { organizationId } = useParams({ from: "/o/$organizationId/drafts" });
  const query = useQuery(draftsQuery);
  const [choosing, setChoosing] = useState(false);
  const [forgetting, setForgetting] = useState<CourseDraft | null>(null);
  const drafts = query.data;
  const courses = drafts?.courses.filter((course) => course.organizationId === organizationId) ?? [];
  const choose = drafts?.isOpen && (
    <Button leftSection={<IconPlus size={16} aria-hidden />} disabled={!drafts.isOnline} title={drafts.isOnline ? undefined : t.drafts.choose.needsServer} onClick={() => setChoosing(true)}>
      {t.drafts.choose.button}
    </Button>
  );

  return (
    <>
      <PageHeader title={t.drafts.title} text={t.drafts.text} actions={courses.length > 0 && choose} />
      <div className={classes.page}>
        {query.error && <FailureNote title={t.words.couldNotLoad} failure={query.error} onRetry={() => void query.refetch()} />}
        <WaitingApprovals organizationId={organizationId} />
        {query.isPending && (
          <Stack gap="sm" role="status" aria-label={t.words.loading}>
            <Skeleton h={72} />
            <Skeleton h={72} />
          </Stack>
        )}
        {drafts && <Damaged drafts={drafts} />}
        {drafts && !drafts.isOpen && !drafts.mayBeginAnew && <FailureNote title={t.drafts.notOpenTitle} failure={new Failure({ code: "internal", message: drafts.problem ?? t.drafts.notOpenText, field: null, nextStep: drafts.nextStep ?? t.drafts.notOpenNext })} />}
        {drafts?.isOpen && drafts.problem && (
          <Alert color="amber" variant="light" mb="md" title={drafts.problem}>
            {drafts.nextStep}
          </Alert>
        )}
        {drafts?.isOpen && !drafts.isOnline && courses.length > 0 && (
          <Alert color="gray" variant="light" mb="md" icon={<IconCloudOff size={18} aria-hidden />}>
            {t.drafts.offlineText}
          </Alert>
        )}
        {drafts?.isOpen && courses.length === 0 && (
          <Center py={64}>
            <EmptyState icon={IconBooks} title={t.drafts.none} text={drafts.isOnline ? t.drafts.noneText : t.drafts.noneOfflineText} action={choose} />
          </Center>
        )}
        {courses.length > 0 && (
          <ul className={classes.courses} aria-label={t.drafts.title}>
            {courses.map((course) => (
              <Course key={course.courseId} course={course} onForget={() => setForgetting(course)} />
            ))}
          </ul>
        )}
      </div>
      {choosing && <ChooseCourses organizationId={organizationId} onClose={() => setChoosing(false)} />}
      <Forget course={forgetting} onClose={() => setForgetting(null)} />
    </>
  );
}

function Course({ course, onForget }: { course: CourseDraft; onForget: () => void }) {
  const t = useStrings();
  const format = useFormat();
  const params = { organizationId: course.organizationId, courseId: course.courseId } as never;
  const facts = [
    t.drafts.lessons(course.lessons, format.number(course.lessons)),
    course.waiting > 0 && t.drafts.waiting(course.waiting, format.number(course.waiting)),
    course.refused > 0 && t.drafts.refused(course.refused, format.number(course.refused)),
    course.conflicts > 0 && t.drafts.conflicts(course.conflicts, format.number(course.conflicts)),
    course.syncedAt ? t.drafts.heard(format.relative(course.syncedAt)) : t.drafts.neverHeard,
  ].filter((fact) => fact !== false);
  return (
    <li className={classes.course}>
      <div className={classes.line}>
        <div className={classes.words}>
          <Link to="/o/$organizationId/drafts/$courseId" params={params} className={classes.title} dir="auto">
            {course.title}
          </Link>
          <Text size="xs" c="dimmed">
            {facts.join(" · ")}
          </Text>
        </div>
        {!course.mayWrite && (
          <Badge variant="default" tt="none" fw={500}>
            {t.drafts.readOnly}
          </Badge>
        )}
        <StateBadge state={course.state} />
        <Menu position="bottom-end" withinPortal>
          <Menu.Target>
            <ActionIcon size={30} aria-label={t.drafts.actionsFor(course.title)}>
              <IconDots size={16} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconTrash size={16} aria-hidden />} onClick={onForget}>
              {t.drafts.forget.menu}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
      <CourseNotes course={course} />
    </li>
  );
}

/** What is lost is named, and saved first if wished. */
function Forget({ course, onClose }: { course: CourseDraft | null; onClose: () => void }) {
  const t = useStrings();
  const format = useFormat();
  const forget = useMutation({
    mutationFn: ({ courseId, waiting }: CourseDraft) => platform.forgetCourse(courseId, waiting > 0),
    meta: { isHere: true },
    onSuccess: (_, { title }) => {
      onClose();
      say(t.drafts.forget.done(title));
    },
  });
  const losing = course !== null && course.waiting > 0;
  return (
    <ConfirmDialog
      opened={course !== null}
      title={t.drafts.forget.title(course?.title ?? "")}
      effect={
        <Stack gap="sm">
          <Text size="sm">{t.drafts.forget.effect}</Text>
          {course && losing && (
            <>
              <Text size="sm" fw={600}>
                {t.drafts.forget.waiting(course.waiting, format.number(course.waiting))}
              </Text>
              <Text size="sm">{t.drafts.forget.first}</Text>
              <ExportHere />
            </>
          )}
        </Stack>
      }
      confirm={losing ? t.drafts.forget.confirmLosing : t.drafts.forget.confirm}
      danger={losing}
      pending={forget.isPending}
      failure={forget.error}
      onConfirm={() => course && forget.mutate(course)}
      onClose={() => {
        forget.reset();
        onClose();
      }}
    />
  );
}
