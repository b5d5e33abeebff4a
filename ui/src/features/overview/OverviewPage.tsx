import { Button, Group, Skeleton, Title } from "@mantine/core";
import { IconSchool } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { EmptyState } from "../../components/EmptyState";
import { FailureNote } from "../../components/FailureNote";
import { PageHeader } from "../../components/PageHeader";
import { useFormat } from "../../format";
import { type Overview, platform } from "../../platform";
import { keyOf } from "../../queries";
import { useStrings } from "../../strings";
import { useMayManage, useMayReadActivity, useOrganization } from "../sessions/session";
import classes from "./Overview.module.css";
import { Recent } from "./Recent";
import { WeeklyChart } from "./WeeklyChart";

export function OverviewPage() {
  const t = useStrings();
  const { organizationId } = useParams({ from: "/o/$organizationId" });
  const organization = useOrganization();
  const overview = useQuery({ queryKey: keyOf(organizationId, "overview"), queryFn: () => platform.readOverview(organizationId) });
  return (
    <>
      <PageHeader title={t.overview.title} text={organization?.name} />
      <div className={classes.body}>
        {overview.error && !overview.data && (
          <FailureNote title={t.words.couldNotLoad} failure={overview.error} onRetry={() => void overview.refetch()} />
        )}
        {overview.isPending && <Bones />}
        {overview.data && <Shown organizationId={organizationId} overview={overview.data} />}
      </div>
    </>
  );
}

function Shown({ organizationId, overview }: { organizationId: string; overview: Overview }) {
  const t = useStrings();
  const format = useFormat();
  const mayManage = useMayManage();
  const mayReadActivity = useMayReadActivity();
  const params = { organizationId };
  const isNew = overview.courses === 0 && overview.enrollments === 0;
  const share = overview.enrollments === 0 ? 0 : (100 * overview.completed) / overview.enrollments;
  return (
    <>
      <ul className={classes.tiles}>
        <li>
          <Link to="/o/$organizationId/people" params={params} className={classes.tile}>
            <Figures label={t.overview.people} value={format.number(overview.people)} detail={t.overview.peopleDetail(format.number(overview.learners), format.number(overview.staff))} />
          </Link>
        </li>
        <li>
          <Link to="/o/$organizationId/courses" params={params} search={{ status: "active" }} className={classes.tile}>
            <Figures label={t.overview.courses} value={format.number(overview.activeCourses)} detail={t.overview.coursesDetail(format.number(overview.courses))} />
          </Link>
        </li>
        <li>
          <Link to="/o/$organizationId/enrollments" params={params} className={classes.tile}>
            <Figures label={t.overview.enrollments} value={format.number(overview.enrollments)} detail={t.overview.enrollmentsDetail(format.number(overview.withdrawn))} />
          </Link>
        </li>
        <li>
          <Link to="/o/$organizationId/enrollments" params={params} search={{ state: "completed" }} className={classes.tile}>
            <Figures label={t.overview.completed} value={format.number(overview.completed)} detail={t.overview.completedDetail(format.percent(share))} />
          </Link>
        </li>
        <li>
          <Link to="/o/$organizationId/enrollments" params={params} search={{ state: "atRisk" }} className={classes.tile}>
            <Figures label={t.overview.atRisk} value={format.number(overview.atRisk)} detail={t.overview.atRiskDetail} warns={overview.atRisk > 0} />
          </Link>
        </li>
        <li>
          <Link to="/o/$organizationId/enrollments" params={params} className={classes.tile}>
            <Figures label={t.overview.average} value={format.percent(overview.averageProgress)} detail={t.overview.averageDetail} />
          </Link>
        </li>
      </ul>
      {isNew ? (
        <div className={classes.start}>
          <EmptyState
            icon={IconSchool}
            title={mayManage ? t.overview.startTitle : t.overview.nothingMineTitle}
            text={mayManage ? t.overview.startText : t.overview.nothingMineText}
            action={
              mayManage && (
                <Group gap="xs" justify="center">
                  <Button component={Link} to="/o/$organizationId/courses" params={params as never} search={{ adding: true } as never}>
                    {t.shell.createCourse}
                  </Button>
                  <Button variant="default" component={Link} to="/o/$organizationId/people" params={params as never} search={{ adding: true } as never}>
                    {t.shell.addPerson}
                  </Button>
                </Group>
              )
            }
          />
        </div>
      ) : (
        <div className={classes.columns}>
          <section className={classes.card} aria-labelledby="weekly">
            <WeeklyChart weeks={overview.enrolledByWeek} headingId="weekly" />
          </section>
          <section className={classes.card} aria-labelledby="recent">
            <Group justify="space-between" mb="sm">
              <Title order={2} id="recent">
                {t.overview.recent}
              </Title>
              {mayReadActivity && (
                <Button component={Link} to="/o/$organizationId/activity" params={params as never} size="compact-sm" variant="subtle" className={classes.more}>
                  {t.overview.recentAll}
                </Button>
              )}
            </Group>
            <Recent organizationId={organizationId} changes={overview.recent} />
          </section>
        </div>
      )}
    </>
  );
}

/** The words of a tile; the link around them is named by all of them. */
function Figures(props: { label: string; value: string; detail: string; warns?: boolean }) {
  return (
    <>
      <span className={classes.label}>{props.label}</span>
      <span className={`${classes.value} ${props.warns ? classes.warns : ""}`}>{props.value}</span>
      <span className={classes.detail}>{props.detail}</span>
    </>
  );
}

function Bones() {
  return (
    <>
      <div className={classes.tiles}>
        {Array.from({ length: 6 }, (_, place) => (
          <Skeleton key={place} height={104} />
        ))}
      </div>
      <Skeleton height={280} />
    </>
  );
}
