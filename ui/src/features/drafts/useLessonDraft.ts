import { useBlocker } from "@tanstack/react-router";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { closeWindow, type Failure, failureFrom, guardClosing, type LessonWriting, onDraftsChanged, platform, type Value } from "../../platform";
import type { Change } from "../lessons/editor/document/changes";
import type { LessonDocument } from "../lessons/editor/document/shape";
import type { LessonEditorHandle } from "../lessons/editor/LessonEditor";
import { knowReaders, lessonQuery } from "./drafts";

export type Keeping = { state: "kept" | "keeping" | "refused"; failure: Failure | null; /** When something was kept last. */ at: number };

const kept: Keeping = { state: "kept", failure: null, at: 0 };

export const documentOf = (value: Value): LessonDocument => (value === null ? { type: "doc", content: [] } : (value as LessonDocument));

/** A lesson open for writing: what is typed is kept, what others write comes in, and nobody leaves with words unsaved. */
export function useLessonDraft(courseId: string, lessonId: string) {
  const client = useQueryClient();
  const query = useQuery(lessonQuery(courseId, lessonId));
  const handle = useRef<LessonEditorHandle>(null);
  const [keeping, setKeeping] = useState<Keeping>(kept);
  const failure = useRef<Failure | null>(null);
  /** What the page itself still has to keep, such as a title being typed. */
  const fields = useRef(new Set<() => Promise<boolean>>());

  const flush = useCallback(async () => {
    const typed = await Promise.all([...fields.current].map((keep) => keep()));
    const written = (await handle.current?.flush()) ?? true;
    return written && typed.every(Boolean);
  }, []);

  const write = useCallback(
    async (change: Change) => {
      try {
        await platform.writeLesson(courseId, lessonId, change as unknown as LessonWriting);
        failure.current = null;
      } catch (thrown) {
        failure.current = failureFrom(thrown);
        throw thrown;
      }
    },
    [courseId, lessonId],
  );
  const keepUndo = useCallback(
    async (undo: unknown) => {
      await platform.keepUndo(lessonId, undo as Value);
    },
    [lessonId],
  );
  // Before the lesson or the window closes: everything kept, and what takes it back too.
  const settle = useCallback(async () => {
    const safe = await flush();
    if (safe) await handle.current?.keepUndo();
    return safe;
  }, [flush]);
  const told = useCallback((state: "saved" | "waiting" | "sending" | "failed") => {
    if (state === "saved") setKeeping((old) => (old.state === "kept" ? old : { ...kept, at: Date.now() }));
    else if (state === "failed") setKeeping((old) => ({ state: "refused", failure: failure.current, at: old.at }));
    // Trying again is not yet better: the refusal stays in sight until something was kept. Drawn before anybody can look:
    // a letter that is seen is never called saved before it is.
    else queueMicrotask(() => flushSync(() => setKeeping((old) => (old.state === "refused" ? old : { ...old, state: "keeping" }))));
  }, []);

  // What came from the server is patched in behind what is written here, one after the other.
  const line = useRef<Promise<unknown>>(Promise.resolve());
  const takeIn = useCallback(() => {
    const next = line.current.then(async () => {
      await handle.current?.flush();
      const lesson = await platform.openLesson(courseId, lessonId);
      knowReaders(lessonId, lesson.others);
      client.setQueryData(lessonQuery(courseId, lessonId).queryKey, lesson);
      await handle.current?.patch(documentOf(lesson.document));
    });
    // What could not be read now is read with the next change.
    line.current = next.catch(() => undefined);
    return next;
  }, [client, courseId, lessonId]);
  useEffect(
    () =>
      onDraftsChanged(({ lessons }) => {
        if (lessons.includes(lessonId)) void takeIn().catch(() => undefined);
      }),
    [lessonId, takeIn],
  );

  const others = query.data?.others;
  useEffect(() => {
    if (others) knowReaders(lessonId, others);
  }, [lessonId, others]);

  // Left for good once nothing opened it again in the same breath.
  const leaving = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    clearTimeout(leaving.current);
    return () => {
      leaving.current = setTimeout(() => void platform.closeLesson(courseId, lessonId).catch(() => undefined));
    };
  }, [courseId, lessonId]);

  const [closing, setClosing] = useState(false);
  useEffect(
    () =>
      guardClosing(() => {
        void settle().then((safe) => (safe ? closeWindow() : setClosing(true)));
      }),
    [settle],
  );
  const blocker = useBlocker({
    shouldBlockFn: async ({ current, next }) => current.pathname !== next.pathname && !(await settle()),
    withResolver: true,
    enableBeforeUnload: false,
  });
  const asking = closing || blocker.status === "blocked";
  const leave = () => {
    if (closing) void closeWindow();
    if (blocker.status === "blocked") blocker.proceed();
  };
  const stay = () => {
    setClosing(false);
    if (blocker.status === "blocked") blocker.reset();
  };

  return { query, handle, keeping, write, keepUndo, told, flush, fields: fields.current, takeIn, asking, leave, stay };
}

export type LessonDraft = ReturnType<typeof useLessonDraft>;

/** The bytes of a file as the desk takes them. */
export async function base64Of(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = "";
  const step = 0x8000;
  for (let at = 0; at < bytes.length; at += step) binary += String.fromCharCode(...bytes.subarray(at, at + step));
  return btoa(binary);
}
