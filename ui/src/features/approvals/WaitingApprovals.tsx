import { Button, Text, Title } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { FailureNote } from "../../components/FailureNote";
import { useFormat } from "../../format";
import { type Approval, type Failure, platform } from "../../platform";
import { keyOf } from "../../queries";
import { useAuthoringStrings } from "../../strings/authoring";
import { useDrafts } from "../drafts/drafts";
import classes from "./approvals.module.css";

/** What waits for this person to approve, the oldest first. Nothing while the server is away or nothing waits. */
export function WaitingApprovals({ organizationId }: { organizationId: string }) {
  const t = useAuthoringStrings().approvals;
  const format = useFormat();
  const navigate = useNavigate();
  const drafts = useDrafts();
  const query = useQuery({
    queryKey: keyOf(organizationId, "approvals", "waiting"),
    queryFn: () => platform.listApprovals(organizationId, null),
    enabled: drafts?.isOnline === true,
  });
  // A lesson is read where its course is kept, so it is kept first.
  const open = useMutation<void, Failure, Approval>({
    mutationFn: async ({ courseId, lessonId }) => {
      if (!drafts?.courses.some((course) => course.courseId === courseId)) await platform.keepCourse(organizationId, courseId);
      await navigate({ to: "/o/$organizationId/drafts/$courseId/lessons/$lessonId", params: { organizationId, courseId, lessonId } });
    },
  });
  const waiting = query.data?.filter(({ mayDecide }) => mayDecide) ?? [];
  if (waiting.length === 0) return null;
  return (
    <section className={classes.waiting} aria-labelledby="waiting-approvals">
      <Title order={2} id="waiting-approvals">
        {t.waiting(waiting.length, format.number(waiting.length))}
      </Title>
      <FailureNote failure={open.error} />
      <ul className={classes.list}>
        {waiting.map((approval) => (
          <li key={approval.id} className={classes.line}>
            <div className={classes.words}>
              <div dir="auto">
                {approval.lessonTitle} · {approval.courseTitle}
              </div>
              <Text size="xs" c="dimmed">
                {t.waits(approval.askedByName ?? t.someone, format.relative(approval.askedAt))}
              </Text>
            </div>
            <Button size="xs" variant="default" loading={open.isPending && open.variables.id === approval.id} aria-label={t.decideAbout(approval.lessonTitle)} onClick={() => open.mutate(approval)}>
              {t.decide}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
