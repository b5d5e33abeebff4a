import { ActionIcon, Menu } from "@mantine/core";
import { IconArchive, IconArchiveOff, IconDots, IconEyeOff, IconUserPlus, IconWorldUpload } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { offerUndo, say } from "../../components/undo";
import type { CourseChange, CourseDetail } from "../../platform";
import { useStrings } from "../../strings";
import { WriteButton } from "../drafts/WriteButton";
import { EnrollPerson } from "../enrollments/EnrollPerson";
import { Reasoned } from "./Reasoned";
import { tellRefusal } from "./refusal";
import { missingForPublishing } from "./rules";
import { courseStatuses } from "./search";
import { courseQuery, useArchiveCourse, useChangeCourse } from "./writes";

export function useEnrollReason(course: CourseDetail): string | null {
  const t = useStrings();
  if (course.archivedAt !== null) return t.courses.reasons.archived;
  return course.mayEnroll ? null : t.courses.reasons.mayNotEnroll;
}

/** What can be done with the whole course; each thing can be taken back. */
export function CourseActions({ organizationId, course }: { organizationId: string; course: CourseDetail }) {
  const t = useStrings();
  const client = useQueryClient();
  const change = useChangeCourse(organizationId, course.id);
  const archive = useArchiveCourse(organizationId, course.id);
  const [enrolling, setEnrolling] = useState(false);
  const enrollReason = useEnrollReason(course);
  const archived = course.archivedAt !== null;
  const mayNot = course.mayEdit ? null : t.courses.reasons.mayNotEdit;
  const blocked = missingForPublishing(course).some(({ must }) => must);

  // The version is read when the change is made: an undo comes after the change it takes back.
  const apply = (next: CourseChange) => {
    const current = client.getQueryData<CourseDetail>(courseQuery(organizationId, course.id).queryKey) ?? course;
    return change.mutateAsync({ version: current.version, change: next });
  };
  const make = async (next: CourseChange, back: CourseChange, words: string) => {
    try {
      await apply(next);
      offerUndo(t, words, () => apply(back));
    } catch (thrown) {
      tellRefusal(thrown);
      void client.invalidateQueries({ queryKey: courseQuery(organizationId, course.id).queryKey });
    }
  };
  const publish = (published: boolean) => {
    const status = published && course.status === "draft" ? ({ status: "active" } as const) : {};
    const back = "status" in status ? { status: course.status } : {};
    void make(
      { published, ...status },
      { published: !published, ...back },
      published ? t.courses.publishedToast(course.title) : t.courses.unpublishedToast(course.title),
    );
  };
  const putAway = async (away: boolean) => {
    try {
      await archive.mutateAsync({ archived: away });
      if (away) offerUndo(t, t.courses.archivedToast(course.title), () => archive.mutateAsync({ archived: false }));
      else say(t.courses.restoredToast(course.title));
    } catch (thrown) {
      tellRefusal(thrown);
    }
  };

  return (
    <>
      {archived ? (
        <Reasoned reason={mayNot} variant="default" leftSection={<IconArchiveOff size={16} aria-hidden />} loading={archive.isPending} onClick={() => void putAway(false)}>
          {t.courses.restore}
        </Reasoned>
      ) : (
        <>
          <Reasoned reason={enrollReason} variant="default" leftSection={<IconUserPlus size={16} aria-hidden />} onClick={() => setEnrolling(true)}>
            {t.courses.enrolled.enroll}
          </Reasoned>
          {course.mayEdit && <WriteButton organizationId={organizationId} courseId={course.id} variant="default" />}
          {course.publishedAt === null && (
            <Reasoned
              reason={mayNot ?? (blocked ? t.courses.missing.blocked : null)}
              leftSection={<IconWorldUpload size={16} aria-hidden />}
              loading={change.isPending}
              onClick={() => publish(true)}
            >
              {t.courses.publish}
            </Reasoned>
          )}
          {course.mayEdit && (
            <Menu position="bottom-end" withinPortal returnFocus>
              <Menu.Target>
                <ActionIcon size={34} variant="default" aria-label={t.courses.actions}>
                  <IconDots size={18} aria-hidden />
                </ActionIcon>
              </Menu.Target>
              <Menu.Dropdown>
                {course.publishedAt !== null && (
                  <Menu.Item leftSection={<IconEyeOff size={16} aria-hidden />} onClick={() => publish(false)}>
                    {t.courses.unpublish}
                  </Menu.Item>
                )}
                {courseStatuses
                  .filter((status) => status !== course.status)
                  .map((status) => (
                    <Menu.Item
                      key={status}
                      onClick={() => void make({ status }, { status: course.status }, t.courses.statusChanged(t.courses.status[status]))}
                    >
                      {t.courses.setStatus(t.courses.status[status])}
                    </Menu.Item>
                  ))}
                <Menu.Divider />
                <Menu.Item leftSection={<IconArchive size={16} aria-hidden />} onClick={() => void putAway(true)}>
                  {t.courses.archive}
                </Menu.Item>
              </Menu.Dropdown>
            </Menu>
          )}
        </>
      )}
      <EnrollPerson
        organizationId={organizationId}
        opened={enrolling}
        course={{ id: course.id, label: course.title, hint: course.category }}
        onClose={() => setEnrolling(false)}
      />
    </>
  );
}
