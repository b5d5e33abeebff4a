import { useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { type DraftKey, type DraftTable, type Outline, platform, type Value } from "../../platform";
import type { ContentEdits } from "../courses/ContentTree";
import type { Content, Kind } from "../courses/tree";
import { useMoves } from "../courses/useContent";
import { draftKey } from "./drafts";

const tables: Record<Kind, DraftTable> = { lesson: "lessons", quiz: "quizzes", subCourse: "sub_courses" };
const newFields: Record<Kind, { [field: string]: Value }> = {
  lesson: { duration_minutes: 0 },
  quiz: { description: "", passing_score: 70 },
  subCourse: { description: "" },
};

export const keyOfRow = (kind: Kind, id: string): DraftKey => ({ table: tables[kind], id });

/** What stands in the tree: archived rows are in the bin, and those without a place among the unfiled. */
export function contentOf(outline: Outline): Content {
  const stands = (leaf: { archivedAt: string | null; isUnfiled: boolean }) => leaf.archivedAt === null && !leaf.isUnfiled;
  return {
    subCourses: outline.subCourses.filter(({ archivedAt }) => archivedAt === null),
    lessonRows: outline.lessons.filter(stands),
    quizzes: outline.quizzes.filter(stands),
  };
}

/** The content of a course as it is kept on this computer; each change is durable when it resolves, with or without a network. */
export function useDraftContent(courseId: string, outline: Outline): ContentEdits {
  const client = useQueryClient();
  const content = useMemo(() => contentOf(outline), [outline]);
  const reread = () => client.invalidateQueries({ queryKey: draftKey(courseId) });
  const then = async <T,>(work: Promise<T>): Promise<T> => {
    const result = await work;
    await reread();
    return result;
  };
  const { shown, move } = useMoves(
    content,
    (next) => then(platform.placeRow(courseId, keyOfRow(next.kind, next.id), next.kind === "subCourse" ? null : next.place.subCourseId, next.kind === "subCourse" ? next.after : next.place.after)),
    reread,
  );
  return {
    shown,
    move,
    reread,
    kinds: ["lesson", "quiz", "subCourse"],
    add: ({ what, id, title, subCourseId, after }) => then(platform.addRow(courseId, keyOfRow(what, id), { ...newFields[what], title }, subCourseId, after)),
    rename: (row, title) => then(platform.changeRow(courseId, keyOfRow(row.kind, row.id), { title })),
    archive: (row, archived) => then(archived ? platform.archiveRow(courseId, keyOfRow(row.kind, row.id)) : platform.restoreRow(courseId, keyOfRow(row.kind, row.id))),
    // A lesson is published with its text, from its own page.
    mayPublish: (row) => row.kind !== "lesson",
    publish: (row, published) => then(platform.changeRow(courseId, keyOfRow(row.kind, row.id), { published_at: published ? new Date().toISOString() : null })),
    copy: (row) => then(platform.copyRow(courseId, keyOfRow(row.kind, row.id))),
    takeBack: (row) => then(platform.takeBackRow(courseId, keyOfRow(row.kind, row.id))),
  };
}
