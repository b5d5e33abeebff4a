import { Badge } from "@mantine/core";
import type { CourseRow, CourseStatus } from "../../platform";
import { useStrings } from "../../strings";

const colors: Record<CourseStatus, string> = { draft: "gray", active: "green", disabled: "amber" };

/** How a course stands: archived wins over its status, because nothing of it can be used then. */
export function CourseStatusBadge({ course }: { course: Pick<CourseRow, "status" | "archivedAt"> }) {
  const t = useStrings();
  if (course.archivedAt !== null) return <Badge component="span" variant="default" tt="none" fw={500}>{t.words.archived}</Badge>;
  return (
    <Badge component="span" variant="light" color={colors[course.status]} tt="none" fw={500}>
      {t.courses.status[course.status]}
    </Badge>
  );
}
