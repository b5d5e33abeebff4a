import { Button } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { platform } from "../../platform";
import { useStrings } from "../../strings";
import { tellRefusal } from "../courses/refusal";
import { draftsQuery } from "./drafts";

/** From a page of the server to the place where it is written: the course is kept on this computer from then on. */
export function WriteButton({ organizationId, courseId, lessonId, variant }: { organizationId: string; courseId: string; lessonId?: string; variant?: string }) {
  const t = useStrings();
  const client = useQueryClient();
  const navigate = useNavigate();
  const write = useMutation({
    mutationFn: async () => {
      const drafts = await client.fetchQuery({ ...draftsQuery, staleTime: 0 });
      if (drafts.courses.some((course) => course.courseId === courseId)) return;
      await platform.keepCourse(organizationId, courseId);
      await client.fetchQuery({ ...draftsQuery, staleTime: 0 });
    },
    onSuccess: () =>
      lessonId === undefined
        ? navigate({ to: "/o/$organizationId/drafts/$courseId", params: { organizationId, courseId } })
        : navigate({ to: "/o/$organizationId/drafts/$courseId/lessons/$lessonId", params: { organizationId, courseId, lessonId } }),
    onError: tellRefusal,
  });
  return (
    <Button size={lessonId === undefined ? "sm" : "xs"} variant={variant} leftSection={<IconPencil size={15} aria-hidden />} loading={write.isPending} onClick={() => write.mutate()} title={t.drafts.writeHint}>
      {t.drafts.write}
    </Button>
  );
}
