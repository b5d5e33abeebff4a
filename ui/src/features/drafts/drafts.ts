import { type QueryClient, queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { type CourseDraft, type Drafts, type DraftsChanged, type Failure, type LessonReader, onDraftsChanged, type Outline, platform } from "../../platform";
import { createStore, useStore } from "../../store";

/** What is read from this computer: it says nothing about the server, and is only old when the desk says that it changed. */
const here = { meta: { isHere: true }, staleTime: Number.POSITIVE_INFINITY, refetchOnWindowFocus: false, retry: false } as const;

/** Everything read of one kept course starts with this, so that a change of its rows makes all of it old. */
export const draftKey = (courseId: string, ...rest: unknown[]) => ["drafts", "course", courseId, ...rest];

export const draftsQuery = queryOptions({ queryKey: ["drafts", "all"], queryFn: (): Promise<Drafts> => platform.readDrafts(), ...here });

export const outlineQuery = (courseId: string) =>
  queryOptions({ queryKey: draftKey(courseId, "outline"), queryFn: (): Promise<Outline> => platform.readOutline(courseId), ...here });

/** Not under the course: an open lesson is patched by its page, never read over what is being written. */
export const lessonQuery = (courseId: string, lessonId: string) =>
  queryOptions({ queryKey: ["drafts", "lesson", lessonId], queryFn: () => platform.openLesson(courseId, lessonId), ...here, gcTime: 0 });

export const outboxQuery = queryOptions({ queryKey: ["drafts", "outbox"], queryFn: () => platform.readOutbox(), ...here });

/** How the drafts of this computer stand; undefined until that was read. */
export function useDrafts(): Drafts | undefined {
  return useQuery(draftsQuery).data;
}

/** A course kept on this computer; null when it is not, undefined until that is known. */
export function useCourseDraft(courseId: string): CourseDraft | null | undefined {
  const drafts = useDrafts();
  return drafts && (drafts.courses.find((course) => course.courseId === courseId) ?? null);
}

const readers = createStore<LessonReader[]>([]);

/** Who else has a lesson open now. */
export function useReaders(lessonId: string): LessonReader[] {
  return useStore(readers).filter((reader) => reader.lessonId === lessonId);
}

export function knowReaders(lessonId: string, others: LessonReader[]): void {
  readers.set([...readers.get().filter((reader) => reader.lessonId !== lessonId), ...others]);
}

/** A write of what is kept on this computer. It counts as done when the page shows it. */
export function useDraftWrite<Input, Output = unknown>(courseId: string, write: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation<Output, Failure, Input>({
    mutationFn: write,
    meta: { isHere: true },
    onSettled: () => Promise.all([client.invalidateQueries({ queryKey: draftKey(courseId) }), client.invalidateQueries({ queryKey: outboxQuery.queryKey })]),
  });
}

/** Rows are read again at most so often while they keep changing. */
const restMs = 500;

/** Hears the desk and makes old what changed. Once per window, around every page of an organization. */
export function useHearDrafts(): void {
  const client = useQueryClient();
  useEffect(() => hearDrafts(client), [client]);
}

function hearDrafts(client: QueryClient): () => void {
  const old = new Set<string>();
  let resting: ReturnType<typeof setTimeout> | null = null;
  const reread = () => {
    for (const courseId of old) void client.invalidateQueries({ queryKey: draftKey(courseId) });
    if (old.size > 0) void client.invalidateQueries({ queryKey: outboxQuery.queryKey });
    resting = old.size > 0 ? setTimeout(reread, restMs) : null;
    old.clear();
  };
  const stop = onDraftsChanged(({ drafts, courses, others }: DraftsChanged) => {
    client.setQueryData(draftsQuery.queryKey, drafts);
    readers.set(others);
    for (const courseId of courses) old.add(courseId);
    if (resting === null) reread();
  });
  return () => {
    stop();
    if (resting !== null) clearTimeout(resting);
  };
}
