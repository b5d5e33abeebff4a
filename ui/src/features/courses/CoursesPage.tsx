import { Button, Checkbox, Select, Text, Tooltip } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconBook2, IconFilterOff, IconPlus } from "@tabler/icons-react";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { EmptyState } from "../../components/EmptyState";
import { type Column, EndlessTable, type Sort } from "../../components/EndlessTable";
import { PageHeader } from "../../components/PageHeader";
import { useFormat } from "../../format";
import { type CourseRow, type CoursesQuery, platform } from "../../platform";
import { keyOf } from "../../queries";
import { useStrings } from "../../strings";
import { useMayManage, useOrganization } from "../sessions/session";
import { CourseStatusBadge } from "./CourseBadges";
import { CreateCourse } from "./CreateCourse";
import classes from "./courses.module.css";
import { ListSearch } from "../../components/ListSearch";
import { ProgressCell } from "./ProgressCell";
import { type CoursesSearch, courseStatuses, rememberCoursesSearch } from "./search";

/** Every course of the organization: found, filtered, opened, begun. */
export function CoursesPage() {
  const t = useStrings();
  const { organizationId } = useParams({ from: "/o/$organizationId/courses" });
  const asked = useSearch({ from: "/o/$organizationId/courses" });
  const navigate = useNavigate();
  const manages = useMayManage();
  const role = useOrganization()?.role;
  const mayCreate = manages || role === "instructor";
  const columns = useCourseColumns();
  useEffect(() => rememberCoursesSearch(organizationId, asked), [organizationId, asked]);

  const ask = (change: Partial<CoursesSearch>) =>
    void navigate({ to: "/o/$organizationId/courses", params: { organizationId }, search: { ...asked, ...change }, replace: true });
  const sort: Sort = { by: asked.sort ?? "title", descending: asked.descending ?? false };
  const filter = { search: asked.search ?? "", sort: sort.by, descending: sort.descending, archived: asked.archived ?? false, status: asked.status ?? null };
  const filtered = filter.search !== "" || filter.status !== null || filter.archived;
  const create = () => ask({ adding: true });
  useHotkeys([["mod+N", () => mayCreate && create()]], []);

  return (
    <>
      <PageHeader
        title={t.courses.title}
        actions={
          mayCreate && (
            <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={create} aria-keyshortcuts="Control+N">
              {t.courses.newCourse}
            </Button>
          )
        }
      />
      <EndlessTable<CourseRow>
        label={t.courses.title}
        queryKey={keyOf(organizationId, "courses", "list", filter)}
        load={(part) => platform.listCourses(organizationId, { ...filter, ...part } satisfies CoursesQuery)}
        columns={columns}
        rowKey={(course) => course.id}
        sort={sort}
        onSort={({ by, descending }) => ask({ sort: by === "updatedAt" ? "updatedAt" : undefined, descending: descending || undefined })}
        onOpen={(course) => void navigate({ to: "/o/$organizationId/courses/$courseId", params: { organizationId, courseId: course.id } })}
        total={(shown, count) => t.courses.total(count, shown)}
        toolbar={
          <>
            <ListSearch label={t.courses.search} value={filter.search} onSearch={(search) => ask({ search: search || undefined })} />
            <Select
              w={150}
              aria-label={t.courses.columns.status}
              data={[{ value: "", label: t.courses.anyStatus }, ...courseStatuses.map((status) => ({ value: status, label: t.courses.status[status] }))]}
              value={asked.status ?? ""}
              onChange={(value) => ask({ status: courseStatuses.find((status) => status === value) })}
            />
            <Checkbox label={t.words.archived} checked={filter.archived} onChange={(event) => ask({ archived: event.currentTarget.checked || undefined })} />
          </>
        }
        empty={
          filtered ? (
            <EmptyState
              icon={IconFilterOff}
              title={t.courses.noMatch}
              text={t.courses.noMatchText}
              action={
                <Button variant="default" onClick={() => ask({ search: undefined, status: undefined, archived: undefined })}>
                  {t.courses.showAll}
                </Button>
              }
            />
          ) : (
            <EmptyState
              icon={IconBook2}
              title={t.courses.noCourses}
              text={t.courses.noCoursesText}
              action={mayCreate ? <Button onClick={create}>{t.courses.newCourse}</Button> : undefined}
            />
          )
        }
      />
      <CreateCourse organizationId={organizationId} opened={asked.adding === true && mayCreate} onClose={() => ask({ adding: undefined })} />
    </>
  );
}

// `from` is the width at which a column still fits beside those that are always there.
function useCourseColumns(): Column<CourseRow>[] {
  const t = useStrings();
  const format = useFormat();
  const dash = (
    <Text span inherit c="dimmed">
      –
    </Text>
  );
  return [
    {
      id: "title",
      header: t.courses.columns.title,
      width: "minmax(180px, 2.4fr)",
      sort: "title",
      cell: (course) => (
        <span title={course.title}>
          <span className={classes.strong} dir="auto">
            {course.title}
          </span>
          <Text span display="block" size="xs" c="dimmed">
            {t.courses.level[course.level]}
          </Text>
        </span>
      ),
    },
    {
      id: "category",
      header: t.courses.columns.category,
      width: "minmax(84px, 0.9fr)",
      from: 990,
      cell: (course) =>
        course.category === "" ? (
          dash
        ) : (
          <bdi title={course.category}>{course.category}</bdi>
        ),
    },
    { id: "status", header: t.courses.columns.status, width: "84px", cell: (course) => <CourseStatusBadge course={course} /> },
    { id: "lessons", header: t.courses.columns.lessons, width: "60px", align: "end", from: 790, cell: (course) => format.number(course.lessons) },
    { id: "enrolled", header: t.courses.columns.enrolled, width: "68px", align: "end", cell: (course) => format.number(course.enrolled) },
    {
      id: "progress",
      header: t.courses.columns.progress,
      width: "110px",
      from: 590,
      cell: (course) => (course.enrolled === 0 ? dash : <ProgressCell value={course.averageProgress} />),
    },
    { id: "lead", header: t.courses.columns.lead, width: "minmax(110px, 1.25fr)", from: 890, cell: (course) => (course.lead === null ? dash : <bdi title={course.lead}>{course.lead}</bdi>) },
    {
      id: "updated",
      header: t.courses.columns.updated,
      width: "92px",
      sort: "updatedAt",
      from: 710,
      cell: (course) => (
        <Tooltip label={format.dateTime(course.updatedAt)}>
          <span>{format.relative(course.updatedAt)}</span>
        </Tooltip>
      ),
    },
  ];
}
