import { Button, Select, Text, Tooltip } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconFilterOff, IconSchool, IconUserPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Outlet, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { EmptyState } from "../../components/EmptyState";
import { type Column, EndlessTable } from "../../components/EndlessTable";
import { PageHeader } from "../../components/PageHeader";
import { SplitView } from "../../components/SplitView";
import { useFormat } from "../../format";
import { type EnrollmentRow, type EnrollmentsQuery, platform } from "../../platform";
import { keyOf } from "../../queries";
import { useStrings } from "../../strings";
import { ListSearch } from "../../components/ListSearch";
import { ProgressCell } from "../courses/ProgressCell";
import { courseQuery } from "../courses/writes";
import { useMayManage, useOrganization } from "../sessions/session";
import classes from "./enrollments.module.css";
import { EnrollPerson } from "./EnrollPerson";
import { type Choice, CoursePicker, PersonPicker } from "./Picker";
import { type EnrollmentsSearch, enrollmentStates } from "./search";
import { StateBadge } from "./StateBadge";

/** Who learns what, how far they are, and who is falling behind. */
export function EnrollmentsPage() {
  const t = useStrings();
  const { organizationId } = useParams({ from: "/o/$organizationId/enrollments" });
  const { enrollmentId } = useParams({ strict: false }) as { enrollmentId?: string };
  const asked = useSearch({ from: "/o/$organizationId/enrollments" });
  const navigate = useNavigate();
  const manages = useMayManage();
  const role = useOrganization()?.role;
  const mayEnroll = manages || role === "instructor";
  const columns = useEnrollmentColumns();
  const course = useChosenCourse(organizationId, asked.courseId);
  const person = useChosenPerson(organizationId, asked.personId);

  const ask = (change: Partial<EnrollmentsSearch>) => void navigate({ to: ".", search: { ...asked, ...change } as never, replace: true });
  const filter = {
    search: asked.search ?? "",
    sort: "enrolledAt",
    descending: asked.descending ?? true,
    archived: false,
    courseId: asked.courseId ?? null,
    personId: asked.personId ?? null,
    state: asked.state ?? null,
  };
  const filtered = filter.search !== "" || filter.courseId !== null || filter.personId !== null || filter.state !== null;
  const enroll = () => ask({ adding: true });
  useHotkeys([["mod+N", () => mayEnroll && enroll()]], []);

  const list = (
    <>
      <PageHeader
        title={t.enrollments.title}
        actions={
          mayEnroll && (
            <Button leftSection={<IconUserPlus size={16} aria-hidden />} onClick={enroll} aria-keyshortcuts="Control+N">
              {t.enrollments.enroll}
            </Button>
          )
        }
      />
      <EndlessTable<EnrollmentRow>
        label={t.enrollments.title}
        queryKey={keyOf(organizationId, "enrollments", "list", filter)}
        load={(part) => platform.listEnrollments(organizationId, { ...filter, ...part } satisfies EnrollmentsQuery)}
        columns={columns}
        rowKey={(row) => row.id}
        sort={{ by: "enrolledAt", descending: filter.descending }}
        onSort={({ descending }) => ask({ descending })}
        openKey={enrollmentId ?? null}
        onOpen={(row) =>
          void navigate({ to: "/o/$organizationId/enrollments/$enrollmentId", params: { organizationId, enrollmentId: row.id }, search: { ...asked, adding: undefined } })
        }
        total={(shown, count) => t.enrollments.total(count, shown)}
        toolbar={
          <>
            <ListSearch label={t.enrollments.search} value={filter.search} onSearch={(search) => ask({ search: search || undefined })} />
            <Select
              w={176}
              aria-label={t.enrollments.stateFilter}
              data={[{ value: "", label: t.enrollments.anyState }, ...enrollmentStates.map((state) => ({ value: state, label: t.enrollments.state[state] }))]}
              value={asked.state ?? ""}
              onChange={(value) => ask({ state: enrollmentStates.find((state) => state === value) })}
            />
            <CoursePicker
              organizationId={organizationId}
              label={t.enrollments.courseFilter}
              hideLabel
              clearable
              width={170}
              placeholder={t.enrollments.anyCourse}
              value={course}
              onChange={(choice) => ask({ courseId: choice?.id })}
            />
            <PersonPicker
              organizationId={organizationId}
              label={t.enrollments.personFilter}
              hideLabel
              clearable
              width={170}
              placeholder={t.enrollments.anyPerson}
              value={person}
              onChange={(choice) => ask({ personId: choice?.id })}
            />
          </>
        }
        empty={
          filtered ? (
            <EmptyState
              icon={IconFilterOff}
              title={t.enrollments.noMatch}
              text={t.enrollments.noMatchText}
              action={
                <Button variant="default" onClick={() => ask({ search: undefined, courseId: undefined, personId: undefined, state: undefined })}>
                  {t.enrollments.showAll}
                </Button>
              }
            />
          ) : (
            <EmptyState icon={IconSchool} title={t.enrollments.none} text={t.enrollments.noneText} action={mayEnroll ? <Button onClick={enroll}>{t.enrollments.enroll}</Button> : undefined} />
          )
        }
      />
      <EnrollPerson
        organizationId={organizationId}
        opened={asked.adding === true && mayEnroll}
        course={course}
        person={person}
        onClose={() => ask({ adding: undefined })}
        onDone={(enrollment) =>
          void navigate({ to: "/o/$organizationId/enrollments/$enrollmentId", params: { organizationId, enrollmentId: enrollment.id }, search: { ...asked, adding: undefined } })
        }
      />
    </>
  );
  return <SplitView list={list} panel={enrollmentId ? <Outlet /> : null} />;
}

/** The address names ids; the pickers show names. */
function useChosenCourse(organizationId: string, courseId: string | undefined): Choice | null {
  const t = useStrings();
  const query = useQuery({ ...courseQuery(organizationId, courseId ?? ""), enabled: courseId !== undefined });
  if (courseId === undefined) return null;
  return { id: courseId, label: query.data?.title ?? (query.isPending ? t.words.loading : t.words.notFoundTitle), hint: query.data?.category ?? "" };
}

function useChosenPerson(organizationId: string, personId: string | undefined): Choice | null {
  const t = useStrings();
  const query = useQuery({
    queryKey: keyOf(organizationId, "people", "named", personId ?? ""),
    queryFn: () => platform.readPerson(organizationId, personId ?? ""),
    enabled: personId !== undefined,
  });
  if (personId === undefined) return null;
  return { id: personId, label: query.data?.name ?? (query.isPending ? t.words.loading : t.words.notFoundTitle), hint: query.data?.email ?? "" };
}

function useEnrollmentColumns(): Column<EnrollmentRow>[] {
  const t = useStrings();
  const format = useFormat();
  return [
    {
      id: "person",
      header: t.enrollments.columns.person,
      width: "minmax(150px, 1.4fr)",
      cell: (row) => (
        <span title={`${row.personName} · ${row.personEmail}`}>
          <span className={classes.name} dir="auto">
            {row.personName}
          </span>
          <Text span display="block" size="xs" c="dimmed" truncate>
            {row.personEmail}
          </Text>
        </span>
      ),
    },
    {
      id: "course",
      header: t.enrollments.columns.course,
      width: "minmax(140px, 1.6fr)",
      cell: (row) => (
        <bdi title={row.courseTitle}>{row.courseTitle}</bdi>
      ),
    },
    {
      id: "progress",
      header: t.enrollments.columns.progress,
      width: "132px",
      from: 630,
      cell: (row) => <ProgressCell value={row.progress} color={row.withdrawnAt === null ? undefined : "gray"} />,
    },
    { id: "state", header: t.enrollments.columns.state, width: "104px", cell: (row) => <StateBadge enrollment={row} /> },
    {
      id: "enrolled",
      header: t.enrollments.columns.enrolled,
      width: "108px",
      sort: "enrolledAt",
      from: 750,
      cell: (row) => (
        <Tooltip label={format.dateTime(row.enrolledAt)}>
          <span>{format.date(row.enrolledAt)}</span>
        </Tooltip>
      ),
    },
    {
      id: "accessed",
      header: t.enrollments.columns.accessed,
      width: "112px",
      from: 880,
      cell: (row) =>
        row.lastAccessedAt === null ? (
          <Text span inherit c="dimmed">
            {t.enrollments.never}
          </Text>
        ) : (
          format.relative(row.lastAccessedAt)
        ),
    },
  ];
}
