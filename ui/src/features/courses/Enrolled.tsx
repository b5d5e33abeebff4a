import { Anchor, Button, Skeleton, Stack, Text } from "@mantine/core";
import { IconUserPlus, IconUsersGroup } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Avatar } from "../../components/Avatar";
import { EmptyState } from "../../components/EmptyState";
import { FailureNote } from "../../components/FailureNote";
import { useFormat } from "../../format";
import { type CourseDetail, platform } from "../../platform";
import { keyOf } from "../../queries";
import { useStrings } from "../../strings";
import { EnrollPerson } from "../enrollments/EnrollPerson";
import { StateBadge } from "../enrollments/StateBadge";
import { useEnrollReason } from "./CourseActions";
import classes from "./courses.module.css";
import { ProgressCell } from "./ProgressCell";
import { Reasoned } from "./Reasoned";

const latest = 8;

/** Who learns in a course: the numbers, the latest, and the way to all of them. */
export function Enrolled({ organizationId, course }: { organizationId: string; course: CourseDetail }) {
  const t = useStrings();
  const format = useFormat();
  const reason = useEnrollReason(course);
  const [enrolling, setEnrolling] = useState(false);
  const query = useQuery({
    queryKey: keyOf(organizationId, "enrollments", "latest", course.id),
    queryFn: () =>
      platform.listEnrollments(organizationId, {
        search: "", sort: "enrolledAt", descending: true, cursor: null, limit: latest, archived: false, courseId: course.id, personId: null, state: null,
      }),
  });
  const rows = query.data?.rows ?? [];
  const total = query.data?.total ?? 0;
  const enroll = (
    <Reasoned reason={reason} variant={rows.length === 0 ? "filled" : "default"} leftSection={<IconUserPlus size={16} aria-hidden />} onClick={() => setEnrolling(true)}>
      {t.courses.enrolled.enroll}
    </Reasoned>
  );
  const numbers: [string, string][] = [
    [t.courses.enrolled.enrolled, format.number(course.enrolled)],
    [t.courses.enrolled.completed, format.number(course.completed)],
    [t.courses.enrolled.progress, course.enrolled === 0 ? "–" : format.percent(course.averageProgress)],
  ];
  return (
    <>
      {query.isPending ? (
        <Stack gap="sm" role="status" aria-label={t.words.loading}>
          {[1, 2, 3, 4].map((line) => (
            <Skeleton key={line} h={40} />
          ))}
        </Stack>
      ) : query.error && !query.data ? (
        <FailureNote title={t.words.couldNotLoad} failure={query.error} onRetry={() => void query.refetch()} />
      ) : rows.length === 0 ? (
        <div className={classes.emptyTab}>
          <EmptyState icon={IconUsersGroup} title={t.courses.enrolled.none} text={t.courses.enrolled.noneText} action={enroll} />
        </div>
      ) : (
        <Stack gap="md">
          <dl className={classes.numbers}>
            {numbers.map(([name, number]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd className="tabular">{number}</dd>
              </div>
            ))}
          </dl>
          <div>
            <Text component="h2" size="sm" fw={600} mb={6}>
              {t.courses.enrolled.latest}
            </Text>
            <ul className={classes.cards}>
              {rows.map((row) => (
                <li key={row.id} className={classes.card}>
                  <Avatar name={row.personName} size={30} />
                  <div className={classes.who}>
                    <Anchor component={Link} to="/o/$organizationId/enrollments/$enrollmentId" params={{ organizationId, enrollmentId: row.id } as never} size="sm" fw={500} dir="auto">
                      {row.personName}
                    </Anchor>
                    <span className={classes.dim}>{t.enrollments.enrolledOn(format.date(row.enrolledAt))}</span>
                  </div>
                  <StateBadge enrollment={row} />
                  <div className={classes.cardProgress}>
                    <ProgressCell value={row.progress} label={t.enrollments.progressLabel(row.personName)} />
                  </div>
                </li>
              ))}
            </ul>
          </div>
          <div className={classes.row}>
            <Button component={Link} to="/o/$organizationId/enrollments" params={{ organizationId } as never} search={{ courseId: course.id } as never} variant="default">
              {t.courses.enrolled.seeAll(format.number(total), total)}
            </Button>
            {enroll}
          </div>
        </Stack>
      )}
      <EnrollPerson organizationId={organizationId} opened={enrolling} course={{ id: course.id, label: course.title, hint: course.category }} onClose={() => setEnrolling(false)} />
    </>
  );
}
