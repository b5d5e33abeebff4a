import { Alert, Anchor, Skeleton, Stack, Tabs } from "@mantine/core";
import { IconArchive, IconChevronLeft } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { FailureNote } from "../../components/FailureNote";
import { PageHeader } from "../../components/PageHeader";
import { SplitView } from "../../components/SplitView";
import { useFormat } from "../../format";
import type { CourseDetail } from "../../platform";
import { useStrings } from "../../strings";
import { useMayManage } from "../sessions/session";
import { BeforePublishing } from "./BeforePublishing";
import { ContentTree } from "./ContentTree";
import { CourseActions } from "./CourseActions";
import classes from "./courses.module.css";
import { CourseMeta } from "./CourseMeta";
import { DetailsForm } from "./DetailsForm";
import { Enrolled } from "./Enrolled";
import { History } from "./History";
import { type CourseTab, courseTabs, rememberedCoursesSearch } from "./search";
import { Staff } from "./Staff";
import type { Row } from "./tree";
import { useContent } from "./useContent";
import { courseQuery } from "./writes";

/** One course: what it consists of, who teaches it, who learns in it. An open lesson is the panel at its right. */
export function CoursePage() {
  const { organizationId, courseId } = useParams({ from: "/o/$organizationId/courses/$courseId" });
  const { lessonId } = useParams({ strict: false }) as { lessonId?: string };
  return <SplitView wide list={<Course key={courseId} organizationId={organizationId} courseId={courseId} lessonId={lessonId ?? null} />} panel={lessonId ? <Outlet /> : null} />;
}

function Course({ organizationId, courseId, lessonId }: { organizationId: string; courseId: string; lessonId: string | null }) {
  const t = useStrings();
  const format = useFormat();
  const navigate = useNavigate();
  const asked = useSearch({ from: "/o/$organizationId/courses/$courseId" });
  const seesHistory = useMayManage();
  const [unsaved, setUnsaved] = useState(false);
  const query = useQuery(courseQuery(organizationId, courseId));
  const course = query.data;
  const back = (
    <Anchor
      component={Link}
      to="/o/$organizationId/courses"
      params={{ organizationId } as never}
      search={rememberedCoursesSearch(organizationId) as never}
      className={classes.back}
    >
      <IconChevronLeft size={14} aria-hidden />
      {t.courses.title}
    </Anchor>
  );

  if (course === undefined) {
    return (
      <div className={classes.course}>
        {back}
        {query.error ? (
          <div className={classes.padded}>
            <FailureNote title={t.words.couldNotLoad} failure={query.error} onRetry={() => void query.refetch()} />
          </div>
        ) : (
          <Stack className={classes.padded} gap="sm" aria-busy aria-label={t.words.loading} role="status">
            <Skeleton h={24} w="45%" />
            <Skeleton h={14} w="60%" />
            <Skeleton h={36} mt="lg" />
            {[72, 58, 80, 64, 50].map((width) => (
              <Skeleton key={width} h={18} w={`${width}%`} />
            ))}
          </Stack>
        )}
      </div>
    );
  }

  const open = (tab: CourseTab) =>
    void navigate({ to: ".", search: { tab: tab === "content" ? undefined : tab } as never, replace: true });
  const tabs = courseTabs.filter((tab) => tab !== "history" || seesHistory);
  const tab = asked.tab && tabs.includes(asked.tab) ? asked.tab : "content";
  const readOnly = course.archivedAt !== null ? t.courses.reasons.archived : course.mayEdit ? null : t.courses.reasons.mayNotEdit;

  return (
    <div className={classes.course}>
      {back}
      <PageHeader title={course.title} text={<CourseMeta course={course} />} actions={<CourseActions organizationId={organizationId} course={course} />} />
      {course.archivedAt !== null && (
        <Alert className={classes.banner} color="gray" variant="light" icon={<IconArchive size={18} aria-hidden />}>
          {t.courses.archivedBanner(format.date(course.archivedAt))}
        </Alert>
      )}
      {query.error && (
        <div className={classes.banner}>
          <FailureNote failure={query.error} onRetry={() => void query.refetch()} />
        </div>
      )}
      {readOnly === null && course.publishedAt === null && <BeforePublishing course={course} onGo={open} />}
      <Tabs value={tab} onChange={(next) => open(courseTabs.find((each) => each === next) ?? "content")} className={classes.tabs}>
        <Tabs.List className={classes.tabList} aria-label={course.title}>
          {tabs.map((each) => (
            <Tabs.Tab key={each} value={each} rightSection={<TabCount tab={each} course={course} unsaved={unsaved} />}>
              {t.courses.tabs[each]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="content" className={classes.panel}>
          {tab === "content" && <CourseContent organizationId={organizationId} course={course} readOnly={readOnly} openLesson={lessonId} />}
        </Tabs.Panel>
        <Tabs.Panel value="staff" className={classes.panel}>
          {tab === "staff" && <Staff organizationId={organizationId} course={course} readOnly={readOnly} />}
        </Tabs.Panel>
        <Tabs.Panel value="enrolled" className={classes.panel}>
          {tab === "enrolled" && <Enrolled organizationId={organizationId} course={course} />}
        </Tabs.Panel>
        {/* Stays while another tab is looked at, so nothing typed is lost. */}
        <Tabs.Panel value="details" className={classes.panel} keepMounted>
          <DetailsForm organizationId={organizationId} course={course} readOnly={readOnly} onDirty={setUnsaved} />
        </Tabs.Panel>
        {seesHistory && (
          <Tabs.Panel value="history" className={classes.panel}>
            {tab === "history" && <History organizationId={organizationId} courseId={course.id} />}
          </Tabs.Panel>
        )}
      </Tabs>
    </div>
  );
}

function CourseContent({ organizationId, course, readOnly, openLesson }: { organizationId: string; course: CourseDetail; readOnly: string | null; openLesson: string | null }) {
  const navigate = useNavigate();
  const edits = useContent(organizationId, course);
  const open = ({ id }: Row) => void navigate({ to: "/o/$organizationId/courses/$courseId/lessons/$lessonId", params: { organizationId, courseId: course.id, lessonId: id } });
  return <ContentTree course={course} edits={edits} readOnly={readOnly} openRow={openLesson} onOpen={open} />;
}

function TabCount({ tab, course, unsaved }: { tab: CourseTab; course: { staff: { archivedAt: string | null }[]; enrolled: number }; unsaved: boolean }) {
  const t = useStrings();
  const format = useFormat();
  if (tab === "details") return unsaved ? <span className={classes.unsaved} title={t.courses.form.unsaved} aria-label={t.courses.form.unsaved} role="img" /> : null;
  const count = tab === "staff" ? course.staff.filter(({ archivedAt }) => archivedAt === null).length : tab === "enrolled" ? course.enrolled : 0;
  return count === 0 ? null : <span className={classes.count}>{format.number(count)}</span>;
}
