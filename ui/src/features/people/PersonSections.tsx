import { Badge, Progress, Skeleton, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { FailureNote } from "../../components/FailureNote";
import { useFormat } from "../../format";
import { type PersonDetail, platform } from "../../platform";
import { keyOf } from "../../queries";
import { useStrings } from "../../strings";
import classes from "./People.module.css";

export function Profile({ person }: { person: PersonDetail }) {
  const t = useStrings();
  const format = useFormat();
  return (
    <section className={classes.section}>
      <h3 className={classes.heading}>{t.people.profile}</h3>
      <dl className={classes.facts}>
        <dt>{t.people.joined}</dt>
        <dd>{format.date(person.joinedAt)}</dd>
        {person.phone && (
          <>
            <dt>{t.people.phone}</dt>
            <dd>{person.phone}</dd>
          </>
        )}
        {person.bornOn && (
          <>
            <dt>{t.people.bornOn}</dt>
            <dd>{format.day(person.bornOn)}</dd>
          </>
        )}
        {person.bio && (
          <>
            <dt>{t.people.bio}</dt>
            <dd style={{ whiteSpace: "pre-wrap" }}>{person.bio}</dd>
          </>
        )}
      </dl>
    </section>
  );
}

export function Teaching({ organizationId, person }: { organizationId: string; person: PersonDetail }) {
  const t = useStrings();
  if (person.teaching.length === 0) return null;
  return (
    <section className={classes.section}>
      <h3 className={classes.heading}>{t.people.teaching}</h3>
      <ul className={classes.rows}>
        {person.teaching.map((course) => (
          <li key={course.courseId}>
            <Link to="/o/$organizationId/courses/$courseId" params={{ organizationId, courseId: course.courseId }} className={classes.rowLink}>
              <span className={classes.grow}>{course.title}</span>
              <span className={classes.dim}>{t.people.duties[course.duty]}</span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

const shown = 8;

export function Enrolled({ organizationId, person }: { organizationId: string; person: PersonDetail }) {
  const t = useStrings();
  const format = useFormat();
  const { personId } = person;
  const enrollments = useQuery({
    queryKey: keyOf(organizationId, "enrollments", "of person", personId),
    queryFn: () =>
      platform.listEnrollments(organizationId, {
        search: "",
        sort: "enrolledAt",
        descending: true,
        cursor: null,
        limit: shown,
        archived: false,
        courseId: null,
        personId,
        state: null,
      }),
  });
  const page = enrollments.data;
  const total = page?.total ?? 0;
  return (
    <section className={classes.section}>
      <h3 className={classes.heading}>{t.people.enrolledIn}</h3>
      {enrollments.isPending && <Skeleton height={72} />}
      <FailureNote failure={enrollments.error} onRetry={() => void enrollments.refetch()} />
      {page?.total === 0 && (
        <Text size="sm" c="dimmed">
          {t.people.enrollmentsEmpty}
        </Text>
      )}
      <ul className={classes.rows}>
        {page?.rows.map((enrollment) => (
          <li key={enrollment.id}>
            <Link
              to="/o/$organizationId/enrollments/$enrollmentId"
              params={{ organizationId, enrollmentId: enrollment.id }}
              search={{ personId }}
              className={classes.rowLink}
            >
              <span className={classes.grow}>{enrollment.courseTitle}</span>
              {enrollment.withdrawnAt ? (
                <Badge size="sm" variant="light" color="gray">
                  {t.people.withdrawn}
                </Badge>
              ) : (
                <>
                  <Progress value={enrollment.progress} w={56} size="sm" aria-hidden color={enrollment.completedAt ? "green" : undefined} />
                  <span className={`${classes.dim} tabular`}>{format.percent(enrollment.progress)}</span>
                </>
              )}
            </Link>
          </li>
        ))}
      </ul>
      {total > shown && (
        <Link to="/o/$organizationId/enrollments" params={{ organizationId }} search={{ personId }} className={classes.rowLink}>
          {t.people.enrollmentsAll(format.number(total))}
        </Link>
      )}
    </section>
  );
}
