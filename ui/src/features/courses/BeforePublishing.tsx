import { Text } from "@mantine/core";
import { IconBulb, IconCircleCheck, IconCircleDashed } from "@tabler/icons-react";
import type { CourseDetail } from "../../platform";
import { useStrings } from "../../strings";
import classes from "./courses.module.css";
import { type Missing, missingForPublishing } from "./rules";
import type { CourseTab } from "./search";

const placeOf: Record<Missing["what"], CourseTab> = { lesson: "content", publishedLesson: "content", description: "details", lead: "staff", over: "details" };

/** What a course lacks before learners should see it; each line leads to where it is done. */
export function BeforePublishing({ course, onGo }: { course: CourseDetail; onGo: (tab: CourseTab) => void }) {
  const t = useStrings();
  const missing = missingForPublishing(course);
  if (missing.length === 0) {
    return (
      <div className={classes.ready}>
        <IconCircleCheck size={16} aria-hidden />
        {t.courses.missing.ready}
      </div>
    );
  }
  return (
    <section className={classes.before} aria-labelledby="before-publishing">
      <Text id="before-publishing" size="sm" fw={600} component="h2">
        {t.courses.missing.title}
      </Text>
      <ul className={classes.checklist}>
        {missing.map(({ what, must }) => (
          <li key={what}>
            {must ? <IconCircleDashed size={16} color="var(--warn)" aria-hidden /> : <IconBulb size={16} color="var(--text-dim)" aria-hidden />}
            <button type="button" className={classes.link} onClick={() => onGo(placeOf[what])}>
              {t.courses.missing[what]}
            </button>
            <span className={classes.dim}>{must ? t.courses.missing.must : t.courses.missing.advice}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
