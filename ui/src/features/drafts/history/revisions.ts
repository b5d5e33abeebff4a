import { type QueryClient, queryOptions } from "@tanstack/react-query";
import type { Format } from "../../../format";
import { platform, type Revision } from "../../../platform";
import type { AuthoringStrings } from "../../../strings/authoring";
import { draftKey } from "../drafts";

/** Saved versions never change, and a list of them asks the server: it is not read again at every word written. */
export const historyKey = (courseId: string, lessonId: string) => ["drafts", "history", courseId, lessonId] as const;

export const revisionsQuery = (courseId: string, lessonId: string, beforeReading: () => Promise<unknown>) =>
  queryOptions({
    queryKey: [...historyKey(courseId, lessonId), "revisions"],
    queryFn: async () => {
      await beforeReading();
      return platform.listRevisions(courseId, lessonId);
    },
    meta: { isHere: true },
    staleTime: 0,
    refetchOnWindowFocus: false,
    retry: false,
  });

/** Null is what the lesson says now: that is old with every change of the course. */
export const comparisonQuery = (courseId: string, lessonId: string, older: string | null, newer: string | null, beforeReading: () => Promise<unknown>) => {
  const withNow = older === null || newer === null;
  return queryOptions({
    queryKey: withNow ? draftKey(courseId, "comparison", lessonId, older, newer) : [...historyKey(courseId, lessonId), "comparison", older, newer],
    queryFn: async () => {
      if (withNow) await beforeReading();
      return platform.compareRevisions(courseId, lessonId, older, newer);
    },
    meta: { isHere: true },
    staleTime: withNow ? 0 : Number.POSITIVE_INFINITY,
    retry: false,
  });
};

export const revisionQuery = (courseId: string, lessonId: string, revisionId: string) =>
  queryOptions({
    queryKey: [...historyKey(courseId, lessonId), "revision", revisionId],
    queryFn: () => platform.readRevision(courseId, lessonId, revisionId),
    meta: { isHere: true },
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });

export const publicationQuery = (courseId: string, lessonId: string, beforeReading: () => Promise<unknown>) =>
  queryOptions({
    queryKey: draftKey(courseId, "publication", lessonId),
    queryFn: async () => {
      await beforeReading();
      return platform.readPublication(courseId, lessonId);
    },
    meta: { isHere: true },
    staleTime: 0,
    retry: false,
  });

/** After a version was made, restored or published. */
export async function readHistoryAgain(client: QueryClient, courseId: string, lessonId: string): Promise<void> {
  await Promise.all([client.invalidateQueries({ queryKey: historyKey(courseId, lessonId) }), client.invalidateQueries({ queryKey: draftKey(courseId) })]);
}

/** What a version is called: its name, or when it was kept. */
export function titleOf(t: AuthoringStrings["history"], format: Format, revision: Revision): string {
  return revision.name ?? (revision.savedAt === null ? t.unsent : format.dateTime(revision.savedAt));
}
