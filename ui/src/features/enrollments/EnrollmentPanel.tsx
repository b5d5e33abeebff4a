import { Alert, Anchor, Button, Checkbox, Progress, Skeleton, Stack, Text, VisuallyHidden } from "@mantine/core";
import { IconDoorExit, IconRotateClockwise, IconUser } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { DetailPanel } from "../../components/DetailPanel";
import { FailureNote } from "../../components/FailureNote";
import { offerUndo } from "../../components/undo";
import { useFormat } from "../../format";
import { type EnrollmentDetail, type Failure, failureFrom } from "../../platform";
import { useStrings } from "../../strings";
import { History } from "../courses/History";
import { Reasoned } from "../courses/Reasoned";
import { tellRefusal } from "../courses/refusal";
import { useMayManage } from "../sessions/session";
import classes from "./enrollments.module.css";
import { StateBadge } from "./StateBadge";
import { enrollmentQuery, useCompleteLesson, useWithdraw } from "./writes";

/** One person in one course: how far, what is done, and taking part at all. */
export function EnrollmentPanel() {
  const t = useStrings();
  const { organizationId, enrollmentId } = useParams({ from: "/o/$organizationId/enrollments/$enrollmentId" });
  const asked = useSearch({ from: "/o/$organizationId/enrollments" });
  const navigate = useNavigate();
  const query = useQuery(enrollmentQuery(organizationId, enrollmentId));
  const close = () => void navigate({ to: "/o/$organizationId/enrollments", params: { organizationId }, search: asked });
  const enrollment = query.data;
  if (enrollment === undefined) {
    return (
      <DetailPanel subject={enrollmentId} title={t.enrollments.one} onClose={close}>
        {query.error ? (
          <FailureNote title={t.words.couldNotLoad} failure={query.error} onRetry={() => void query.refetch()} />
        ) : (
          <Stack gap="sm" role="status" aria-label={t.words.loading}>
            {[70, 45, 90, 80, 85].map((width) => (
              <Skeleton key={width} h={16} w={`${width}%`} />
            ))}
          </Stack>
        )}
      </DetailPanel>
    );
  }
  return <Details key={enrollmentId} organizationId={organizationId} enrollment={enrollment} failure={query.error} onClose={close} />;
}

function Details({ organizationId, enrollment, failure, onClose }: { organizationId: string; enrollment: EnrollmentDetail; failure: Failure | null; onClose: () => void }) {
  const t = useStrings();
  const format = useFormat();
  const client = useQueryClient();
  const withdrawing = useWithdraw(organizationId);
  const seesHistory = useMayManage();
  const [asking, setAsking] = useState(false);
  const { id, personName, courseTitle, withdrawnAt } = enrollment;
  const reason = enrollment.mayEdit ? null : t.enrollments.mayNotEdit;
  const key = enrollmentQuery(organizationId, id).queryKey;
  // An undo comes after the change it takes back, so the version is read when it is made.
  const set = (withdrawn: boolean) => withdrawing.mutateAsync({ id, withdrawn, version: client.getQueryData<EnrollmentDetail>(key)?.version ?? enrollment.version });
  const refused = (thrown: unknown) => {
    if (failureFrom(thrown).code === "stale") void client.invalidateQueries({ queryKey: key });
  };
  const withdraw = async () => {
    try {
      await set(true);
      setAsking(false);
      offerUndo(t, t.enrollments.withdrawn(personName), () => set(false));
    } catch (thrown) {
      refused(thrown);
    }
  };
  const reinstate = async () => {
    try {
      await set(false);
      offerUndo(t, t.enrollments.reinstated(personName), () => set(true));
    } catch (thrown) {
      refused(thrown);
      tellRefusal(thrown);
    }
  };
  const facts = [
    t.enrollments.enrolledOn(format.date(enrollment.enrolledAt)),
    enrollment.completedAt ? t.enrollments.completedOn(format.date(enrollment.completedAt)) : null,
    enrollment.lastAccessedAt ? t.enrollments.lastVisit(format.relative(enrollment.lastAccessedAt)) : t.enrollments.neverVisited,
  ].filter((fact) => fact !== null);

  return (
    <DetailPanel
      subject={id}
      title={personName}
      subtitle={
        <>
          <div>
            <Anchor component={Link} to="/o/$organizationId/courses/$courseId" params={{ organizationId, courseId: enrollment.courseId } as never} size="sm" dir="auto">
              {courseTitle}
            </Anchor>
          </div>
          <div>{enrollment.personEmail}</div>
        </>
      }
      badges={<StateBadge enrollment={enrollment} />}
      onClose={onClose}
      actions={
        <>
          <Button component={Link} to="/o/$organizationId/people/$personId" params={{ organizationId, personId: enrollment.personId } as never} variant="default" size="xs" leftSection={<IconUser size={15} aria-hidden />}>
            {t.enrollments.openPerson}
          </Button>
          {withdrawnAt === null ? (
            <Reasoned reason={reason} variant="default" size="xs" leftSection={<IconDoorExit size={15} aria-hidden />} onClick={() => setAsking(true)}>
              {t.enrollments.withdraw}
            </Reasoned>
          ) : (
            <Reasoned reason={reason} size="xs" leftSection={<IconRotateClockwise size={15} aria-hidden />} loading={withdrawing.isPending} onClick={() => void reinstate()}>
              {t.enrollments.reinstate}
            </Reasoned>
          )}
        </>
      }
    >
      <Stack gap="lg">
        <FailureNote failure={failure} />
        {withdrawnAt !== null && (
          <Alert color="gray" variant="light" p="sm">
            <Text size="sm">{t.enrollments.withdrawnBanner(format.date(withdrawnAt))}</Text>
          </Alert>
        )}
        <ul className={classes.facts}>
          {facts.map((fact) => (
            <li key={fact}>{fact}</li>
          ))}
        </ul>
        <Lessons organizationId={organizationId} enrollment={enrollment} />
        {seesHistory && (
          <section>
            <Text component="h3" size="sm" fw={600} mb="xs">
              {t.enrollments.history}
            </Text>
            <History organizationId={organizationId} rowId={id} compact />
          </section>
        )}
      </Stack>
      <ConfirmDialog
        opened={asking}
        title={t.enrollments.withdrawTitle(personName)}
        effect={t.enrollments.withdrawEffect(courseTitle, format.percent(enrollment.progress))}
        confirm={t.enrollments.withdraw}
        danger
        pending={withdrawing.isPending}
        failure={asking ? withdrawing.error : null}
        onConfirm={() => void withdraw()}
        onClose={() => {
          setAsking(false);
          withdrawing.reset();
        }}
      />
    </DetailPanel>
  );
}

function Lessons({ organizationId, enrollment }: { organizationId: string; enrollment: EnrollmentDetail }) {
  const t = useStrings();
  const format = useFormat();
  const complete = useCompleteLesson(organizationId);
  const [said, setSaid] = useState("");
  // What was just ticked shows at once and is taken back where the server refuses.
  const [ticked, setTicked] = useState<ReadonlyMap<string, boolean>>(new Map());
  const { lessons } = enrollment;
  const done = lessons.filter(({ completedAt }) => completedAt !== null).length;
  const fixed = !enrollment.mayEdit ? t.enrollments.mayNotEdit : enrollment.withdrawnAt !== null ? t.enrollments.withdrawnLessons : null;

  const tick = async (lessonId: string, title: string, completed: boolean) => {
    setTicked((old) => new Map(old).set(lessonId, completed));
    try {
      const now = await complete.mutateAsync({ id: enrollment.id, lessonId, completed });
      const percent = format.percent(now.progress);
      setSaid(completed ? t.enrollments.nowCompleted(title, percent) : t.enrollments.nowOpen(title, percent));
    } catch (thrown) {
      tellRefusal(thrown);
    }
    setTicked((old) => new Map([...old].filter(([id]) => id !== lessonId)));
  };

  return (
    <section aria-labelledby="enrollment-lessons">
      <div className={classes.heading}>
        <Text component="h3" id="enrollment-lessons" size="sm" fw={600}>
          {t.enrollments.columns.progress}
        </Text>
        <span className={classes.percent}>{format.percent(enrollment.progress)}</span>
      </div>
      <Progress.Root size={8} mt={6}>
        <Progress.Section
          value={enrollment.progress}
          color={enrollment.withdrawnAt !== null ? "gray" : enrollment.progress >= 100 ? "green" : undefined}
          aria-label={t.enrollments.progressLabel(enrollment.personName)}
        />
      </Progress.Root>
      {lessons.length === 0 ? (
        <Text size="sm" c="dimmed" mt="sm">
          {t.enrollments.noLessons}. {t.enrollments.noLessonsText}
        </Text>
      ) : (
        <>
          <Text size="xs" c="dimmed" mt={6} className="tabular">
            {t.enrollments.completedCount(format.number(done), format.number(lessons.length))}
          </Text>
          {enrollment.completedAt !== null && enrollment.progress < 100 && (
            <Text size="xs" c="dimmed" mt={4}>
              {t.enrollments.keptCompletion}
            </Text>
          )}
          {fixed !== null && (
            <Text size="xs" c="dimmed" mt={4} id="enrollment-fixed">
              {fixed}
            </Text>
          )}
          <ul className={classes.lessons}>
            {lessons.map((lesson, index) => {
              const part = lesson.subCourseTitle;
              const begins = part !== null && part !== lessons[index - 1]?.subCourseTitle;
              const facts = [
                lesson.durationMinutes > 0 ? format.minutes(lesson.durationMinutes) : null,
                lesson.minutes > 0 ? t.enrollments.minutesSpent(format.minutes(lesson.minutes)) : null,
                lesson.completedAt ? t.enrollments.completedAt(format.date(lesson.completedAt)) : null,
              ].filter((fact) => fact !== null);
              return (
                <li key={lesson.lessonId}>
                  {begins && (
                    <div className={classes.part} dir="auto">
                      {part}
                    </div>
                  )}
                  <Checkbox
                    checked={ticked.get(lesson.lessonId) ?? lesson.completedAt !== null}
                    disabled={fixed !== null}
                    label={<span dir="auto">{lesson.title}</span>}
                    description={facts.join(" · ") || undefined}
                    onChange={(event) => void tick(lesson.lessonId, lesson.title, event.currentTarget.checked)}
                  />
                </li>
              );
            })}
          </ul>
        </>
      )}
      <VisuallyHidden role="status" aria-live="polite">
        {said}
      </VisuallyHidden>
    </section>
  );
}
