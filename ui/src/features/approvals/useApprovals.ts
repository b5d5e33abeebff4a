import { useQuery } from "@tanstack/react-query";
import { type Approval, type Failure, platform, type Revision } from "../../platform";
import { keyOf } from "../../queries";
import { isChange } from "../drafts/diff/Changes";
import { comparisonQuery, revisionsQuery } from "../drafts/history/revisions";
import { useOrganization } from "../sessions/session";

export type ApprovalState = {
  /** Undefined until it was read; it is on the server. */
  approvals: Approval[] | undefined;
  failure: Failure | null;
  retry: () => void;
  /** The newest version on the server; null: there is none. */
  newest: Revision | null;
  /** Something was written since that version. */
  isChangedSince: boolean;
  /** What would be published is approved. */
  isApproved: boolean;
};

/** How the approval of a lesson stands. Where none is wanted any more, what was decided is shown if the server can be asked. */
export function useApprovals(courseId: string, lessonId: string, wanted: boolean, beforeReading: () => Promise<unknown>): ApprovalState {
  const organizationId = useOrganization()?.id ?? "";
  const query = useQuery({
    queryKey: keyOf(organizationId, "approvals", "of lesson", lessonId),
    queryFn: () => platform.listApprovals(organizationId, lessonId),
    enabled: organizationId !== "",
  });
  const asked = wanted || (query.data?.length ?? 0) > 0;
  const revisions = useQuery({ ...revisionsQuery(courseId, lessonId, beforeReading), enabled: asked });
  const newest = revisions.data?.revisions.find(({ savedAt }) => savedAt !== null) ?? null;
  const since = useQuery({ ...comparisonQuery(courseId, lessonId, newest?.id ?? null, null, beforeReading), enabled: asked && newest !== null });
  const isChangedSince = since.data?.some(isChange) ?? false;
  return {
    approvals: query.data,
    failure: wanted ? (query.error ?? revisions.error) : null,
    retry: () => {
      void query.refetch();
      void revisions.refetch();
    },
    newest,
    isChangedSince,
    isApproved: !isChangedSince && (query.data?.some(({ revisionId, decision }) => revisionId === newest?.id && decision === "approved") ?? false),
  };
}
