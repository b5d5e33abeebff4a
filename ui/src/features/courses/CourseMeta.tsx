import { Badge } from "@mantine/core";
import { useFormat } from "../../format";
import type { CourseDetail } from "../../platform";
import { useStrings } from "../../strings";
import { CourseStatusBadge } from "./CourseBadges";
import classes from "./courses.module.css";

/** The line under a course's title: how it stands, then what it is. */
export function CourseMeta({ course }: { course: CourseDetail }) {
  const t = useStrings();
  const format = useFormat();
  const facts = [
    course.category,
    t.courses.level[course.level],
    t.courses.lessonCount(course.lessons, format.number(course.lessons)),
    t.courses.enrolledCount(course.enrolled, format.number(course.enrolled)),
    course.enrolled > 0 ? t.courses.averageProgress(format.percent(course.averageProgress)) : "",
  ].filter((fact) => fact !== "");
  return (
    <span className={classes.meta}>
      <CourseStatusBadge course={course} />
      {course.archivedAt === null && (
        <Badge component="span" variant={course.publishedAt === null ? "default" : "light"} tt="none" fw={500}>
          {course.publishedAt === null ? t.courses.notPublished : t.courses.publishedOn(format.date(course.publishedAt))}
        </Badge>
      )}
      <span className={classes.facts}>
        {facts.map((fact) => (
          <span key={fact} className={classes.fact}>
            <bdi>{fact}</bdi>
          </span>
        ))}
      </span>
    </span>
  );
}
