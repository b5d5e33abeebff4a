import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useRef, useState } from "react";
import { newId } from "../../ids";
import type { CourseDetail } from "../../platform";
import type { ContentEdits } from "./ContentTree";
import { tellRefusal } from "./refusal";
import { afterMove, type Content, type Move } from "./tree";
import { courseQuery, useArchiveContent, useChangeLesson, useChangeSubCourse, useCreateLesson, useCreateSubCourse, useMoveContent } from "./writes";

/**
 * The content as it will be once every move is made, and the moves themselves, sent one after the other: holding
 * Alt+↓ makes many, and each is said relative to where the one before left things.
 */
export function useMoves(content: Content, send: (move: Move) => Promise<unknown>, reread: () => Promise<unknown>) {
  const [waiting, setWaiting] = useState<{ id: string; move: Move }[]>([]);
  const line = useRef<Promise<unknown>>(Promise.resolve());
  const broken = useRef(0);
  const latest = useRef({ send, reread });
  latest.current = { send, reread };

  const shown = useMemo(() => waiting.reduce((before, { move }) => afterMove(before, move), content), [waiting, content]);

  const move = useCallback((next: Move) => {
    const id = newId();
    const round = broken.current;
    setWaiting((old) => [...old, { id, move: next }]);
    line.current = line.current.then(async () => {
      // A refused move takes those after it along: they were said relative to it.
      if (broken.current !== round) return;
      try {
        await latest.current.send(next);
        setWaiting((old) => old.filter((each) => each.id !== id));
      } catch (thrown) {
        broken.current += 1;
        setWaiting([]);
        await latest.current.reread();
        tellRefusal(thrown);
      }
    });
  }, []);

  return { shown, move };
}

/** The content of a course as the server has it. */
export function useContent(organizationId: string, course: CourseDetail): ContentEdits {
  const client = useQueryClient();
  const key = courseQuery(organizationId, course.id).queryKey;
  const moves = useMoveContent(organizationId, course.id);
  const archiving = useArchiveContent(organizationId, course.id);
  const changeLesson = useChangeLesson(organizationId);
  const changeSubCourse = useChangeSubCourse(organizationId, course.id);
  const createLesson = useCreateLesson(organizationId, course.id);
  const createSubCourse = useCreateSubCourse(organizationId, course.id);
  const reread = () => client.invalidateQueries({ queryKey: key });
  const { shown, move } = useMoves(course, moves.mutateAsync, reread);

  // The version is read when the change is made: what is shown may be a moment old.
  const versionOf = (id: string) => {
    const current = client.getQueryData<CourseDetail>(key) ?? course;
    return [...current.lessonRows, ...current.subCourses].find((row) => row.id === id)?.version ?? "";
  };

  return {
    shown,
    move,
    reread,
    kinds: ["lesson", "subCourse"],
    add: ({ what, id, title, subCourseId, after }) =>
      what === "subCourse" ? createSubCourse.mutateAsync({ id, title, description: "", after }) : createLesson.mutateAsync({ id, title, durationMinutes: 0, place: { subCourseId, after } }),
    rename: ({ kind, id }, title) => {
      const change = { id, version: versionOf(id), change: { title } };
      return kind === "subCourse" ? changeSubCourse.mutateAsync(change) : changeLesson.mutateAsync(change);
    },
    archive: ({ kind, id }, archived) => archiving.mutateAsync({ kind: kind === "subCourse" ? kind : "lesson", id, archived }),
    // A lesson is published where it is written: with a revision, and approved where that is asked for.
    mayPublish: ({ kind }) => kind === "subCourse",
    publish: ({ id }, published) => changeSubCourse.mutateAsync({ id, version: versionOf(id), change: { published } }),
  };
}
