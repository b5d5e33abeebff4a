/**
 * The content of a course as a tree of two levels: lessons directly in the course first, then its sub-courses with their
 * lessons. Everything here is pure: what is shown, where keys go, where a moved row lands.
 * The arrays of a course come in the server's order, so order in the array is the only order known here.
 */
import type { CourseDetail, LessonRow, Place, SubCourse } from "../../platform";

export type Content = Pick<CourseDetail, "subCourses" | "lessonRows">;

export type Part = { subCourse: SubCourse; lessons: LessonRow[] };
export type Tree = { direct: LessonRow[]; parts: Part[] };

/** One visible line. `place` and `of` count from 1 among siblings shown; a lesson in an archived sub-course is archived with it. */
export type Row = { id: string; level: 1 | 2; place: number; of: number; archived: boolean } & (
  | { kind: "lesson"; lesson: LessonRow; parent: SubCourse | null }
  | { kind: "subCourse"; subCourse: SubCourse; lessons: number; expanded: boolean }
);

export type Move =
  | { kind: "lesson"; id: string; place: Place }
  | { kind: "subCourse"; id: string; after: string | null };

export type Direction = "up" | "down" | "out" | "in";

export function buildTree(course: Content, showArchived: boolean): Tree {
  const shown = <T extends { archivedAt: string | null }>(row: T) => showArchived || row.archivedAt === null;
  const lessons = course.lessonRows.filter(shown);
  return {
    direct: lessons.filter((lesson) => lesson.subCourseId === null),
    parts: course.subCourses.filter(shown).map((subCourse) => ({
      subCourse,
      lessons: lessons.filter((lesson) => lesson.subCourseId === subCourse.id),
    })),
  };
}

export function visibleRows(tree: Tree, collapsed: ReadonlySet<string>): Row[] {
  const of = tree.direct.length + tree.parts.length;
  const lessonRow = (lesson: LessonRow, parent: SubCourse | null, place: number, count: number): Row => ({
    kind: "lesson",
    id: lesson.id,
    level: parent === null ? 1 : 2,
    lesson,
    parent,
    place,
    of: count,
    archived: lesson.archivedAt !== null || (parent !== null && parent.archivedAt !== null),
  });
  const rows = tree.direct.map((lesson, index) => lessonRow(lesson, null, index + 1, of));
  tree.parts.forEach(({ subCourse, lessons }, index) => {
    const expanded = !collapsed.has(subCourse.id);
    rows.push({
      kind: "subCourse",
      id: subCourse.id,
      level: 1,
      subCourse,
      lessons: lessons.length,
      expanded,
      place: tree.direct.length + index + 1,
      of,
      archived: subCourse.archivedAt !== null,
    });
    if (expanded) {
      lessons.forEach((lesson, at) => rows.push(lessonRow(lesson, subCourse, at + 1, lessons.length)));
    }
  });
  return rows;
}

export type KeyAnswer = { focus: string } | { expand: string } | { collapse: string } | null;

/** Where a key leads from the focused row, after the ARIA tree pattern. A single printable character is type-ahead. */
export function answerKey(rows: Row[], focused: string, key: string): KeyAnswer {
  const index = rows.findIndex((row) => row.id === focused);
  const row = rows[index];
  if (row === undefined) return null;
  const to = (target: Row | undefined): KeyAnswer =>
    target === undefined || target.id === focused ? null : { focus: target.id };
  switch (key) {
    case "ArrowDown":
      return to(rows[index + 1]);
    case "ArrowUp":
      return to(rows[index - 1]);
    case "Home":
      return to(rows[0]);
    case "End":
      return to(rows[rows.length - 1]);
    case "ArrowRight":
      if (row.kind !== "subCourse") return null;
      if (!row.expanded) return { expand: row.id };
      return rows[index + 1]?.level === 2 ? to(rows[index + 1]) : null;
    case "ArrowLeft":
      if (row.kind === "subCourse") return row.expanded ? { collapse: row.id } : null;
      return row.parent === null ? null : { focus: row.parent.id };
    default:
      return [...key].length === 1 && key.trim() !== "" ? to(typeAhead(rows, index, key)) : null;
  }
}

export function titleOf(row: Row): string {
  return row.kind === "lesson" ? row.lesson.title : row.subCourse.title;
}

function typeAhead(rows: Row[], index: number, key: string): Row | undefined {
  const wanted = key.toLocaleLowerCase();
  const after = [...rows.slice(index + 1), ...rows.slice(0, index)];
  return after.find((row) => titleOf(row).trim().toLocaleLowerCase().startsWith(wanted));
}

const lastId = (rows: { id: string }[]): string | null => rows[rows.length - 1]?.id ?? null;

/**
 * Where one keyboard step takes a row, null when it cannot go there. Up and down cross from one parent into the next, so
 * every place is reached with two keys; out puts a lesson directly in the course, in puts it into the nearest sub-course.
 * Archived rows do not move and nothing moves into an archived sub-course.
 */
export function stepTarget(course: Content, id: string, direction: Direction): Move | null {
  const tree = buildTree(course, false);
  const partAt = tree.parts.findIndex(({ subCourse }) => subCourse.id === id);
  if (partAt >= 0) {
    const ids = tree.parts.map(({ subCourse }) => subCourse.id);
    if (direction === "up" && partAt > 0) return { kind: "subCourse", id, after: ids[partAt - 2] ?? null };
    if (direction === "down" && partAt < ids.length - 1) return { kind: "subCourse", id, after: ids[partAt + 1] ?? null };
    return null;
  }

  const lists = [
    { subCourseId: null as string | null, lessons: tree.direct },
    ...tree.parts.map(({ subCourse, lessons }) => ({ subCourseId: subCourse.id as string | null, lessons })),
  ];
  const listAt = lists.findIndex(({ lessons }) => lessons.some((lesson) => lesson.id === id));
  const list = lists[listAt];
  if (list === undefined) return null;
  const at = list.lessons.findIndex((lesson) => lesson.id === id);
  const lesson = (subCourseId: string | null, after: string | null): Move => ({ kind: "lesson", id, place: { subCourseId, after } });
  const previous = lists[listAt - 1];
  const next = lists[listAt + 1];
  switch (direction) {
    case "up":
      if (at > 0) return lesson(list.subCourseId, list.lessons[at - 2]?.id ?? null);
      return previous === undefined ? null : lesson(previous.subCourseId, lastId(previous.lessons));
    case "down":
      if (at < list.lessons.length - 1) return lesson(list.subCourseId, list.lessons[at + 1]?.id ?? null);
      return next === undefined ? null : lesson(next.subCourseId, null);
    case "out":
      return list.subCourseId === null ? null : lesson(null, lastId(tree.direct));
    case "in":
      return list.subCourseId === null && lists[1] !== undefined ? lesson(lists[1].subCourseId, null) : null;
  }
}

/**
 * Where a dragged row lands when it is let go on the upper (`before`) or lower half of another visible row; null when
 * that changes nothing or is no place for it. A lesson let go on a closed sub-course goes to its end.
 */
export function dropTarget(course: Content, rows: Row[], dragged: string, over: string, before: boolean): Move | null {
  const row = rows.find((each) => each.id === dragged);
  const target = rows.find((each) => each.id === over);
  if (row === undefined || target === undefined || dragged === over || row.archived) return null;
  const tree = buildTree(course, rows.some((each) => each.archived));
  const move =
    row.kind === "subCourse"
      ? subCourseDrop(tree, dragged, target, before)
      : lessonDrop(tree, dragged, target, before);
  return move === null || changesNothing(tree, move) ? null : move;
}

function subCourseDrop(tree: Tree, id: string, target: Row, before: boolean): Move | null {
  if (target.kind === "lesson" && target.parent === null) return { kind: "subCourse", id, after: null };
  const overId = target.kind === "lesson" ? (target.parent?.id ?? "") : target.id;
  if (overId === id) return null;
  const ids = tree.parts.map(({ subCourse }) => subCourse.id).filter((each) => each !== id);
  const at = ids.indexOf(overId);
  return { kind: "subCourse", id, after: target.kind === "subCourse" && before ? (ids[at - 1] ?? null) : overId };
}

function lessonDrop(tree: Tree, id: string, target: Row, before: boolean): Move | null {
  const without = (lessons: LessonRow[]) => lessons.filter((lesson) => lesson.id !== id);
  const into = (subCourseId: string | null, after: string | null): Move => ({ kind: "lesson", id, place: { subCourseId, after } });
  if (target.kind === "lesson") {
    if (target.parent !== null && target.parent.archivedAt !== null) return null;
    const parentId = target.parent?.id ?? null;
    const siblings = without(parentId === null ? tree.direct : (tree.parts.find(({ subCourse }) => subCourse.id === parentId)?.lessons ?? []));
    const at = siblings.findIndex((lesson) => lesson.id === target.id);
    return into(parentId, before ? (siblings[at - 1]?.id ?? null) : target.id);
  }
  const at = tree.parts.findIndex(({ subCourse }) => subCourse.id === target.id);
  const endOf = (part: Part) => into(part.subCourse.id, lastId(without(part.lessons)));
  if (before) {
    const previous = tree.parts[at - 1];
    if (previous === undefined) return into(null, lastId(without(tree.direct)));
    return previous.subCourse.archivedAt === null ? endOf(previous) : null;
  }
  if (target.archived) return null;
  if (target.expanded) return into(target.id, null);
  const part = tree.parts[at];
  return part === undefined ? null : endOf(part);
}

function changesNothing(tree: Tree, move: Move): boolean {
  if (move.kind === "subCourse") {
    const ids = tree.parts.map(({ subCourse }) => subCourse.id);
    return (ids[ids.indexOf(move.id) - 1] ?? null) === move.after;
  }
  const lists = [{ id: null as string | null, lessons: tree.direct }, ...tree.parts.map(({ subCourse, lessons }) => ({ id: subCourse.id as string | null, lessons }))];
  const list = lists.find(({ id }) => id === move.place.subCourseId);
  const at = list?.lessons.findIndex((lesson) => lesson.id === move.id) ?? -1;
  return at >= 0 && (list?.lessons[at - 1]?.id ?? null) === move.place.after;
}

/** The course as it looks once the server has made the move: shown at once, replaced by the server's answer. */
export function afterMove<T extends Content>(course: T, move: Move): T {
  if (move.kind === "subCourse") {
    return { ...course, subCourses: placed(course.subCourses, move.id, move.after, (row) => row) };
  }
  const { subCourseId, after } = move.place;
  return { ...course, lessonRows: placed(course.lessonRows, move.id, after, (lesson) => ({ ...lesson, subCourseId })) };
}

function placed<T extends { id: string }>(rows: T[], id: string, after: string | null, changed: (row: T) => T): T[] {
  const moved = rows.find((row) => row.id === id);
  if (moved === undefined) return rows;
  const others = rows.filter((row) => row.id !== id);
  const at = after === null ? 0 : others.findIndex((row) => row.id === after) + 1;
  return [...others.slice(0, at), changed(moved), ...others.slice(at)];
}

/** Where a row stands now, for the announcement after a move: its place among its siblings and their parent. */
export function standing(course: Content, id: string): { title: string; place: number; of: number; parent: string | null } | null {
  const tree = buildTree(course, false);
  const inList = <T extends { id: string; title: string }>(rows: T[], parent: string | null) => {
    const at = rows.findIndex((row) => row.id === id);
    const row = rows[at];
    return row === undefined ? null : { title: row.title, place: at + 1, of: rows.length, parent };
  };
  const subCourses = tree.parts.map(({ subCourse }) => subCourse);
  const found = inList(tree.direct, null) ?? inList(subCourses, null);
  if (found !== null) return found;
  for (const { subCourse, lessons } of tree.parts) {
    const inside = inList(lessons, subCourse.title);
    if (inside !== null) return inside;
  }
  return null;
}

/** The row that takes the focus when this one goes: the next of its level, else the one before, else its parent. */
export function neighbour(rows: Row[], id: string): string | null {
  const index = rows.findIndex((row) => row.id === id);
  const row = rows[index];
  if (row === undefined) return null;
  const next = rows.slice(index + 1).find((each) => each.level <= row.level);
  if (next !== undefined && next.level === row.level) return next.id;
  return rows[index - 1]?.id ?? next?.id ?? null;
}

export function liveCounts(course: Content): { lessons: number; published: number; archived: number } {
  const closed = new Set(course.subCourses.filter((each) => each.archivedAt !== null).map(({ id }) => id));
  const live = course.lessonRows.filter(
    (lesson) => lesson.archivedAt === null && (lesson.subCourseId === null || !closed.has(lesson.subCourseId)),
  );
  return {
    lessons: live.length,
    published: live.filter((lesson) => lesson.publishedAt !== null).length,
    archived: closed.size + course.lessonRows.filter((lesson) => lesson.archivedAt !== null).length,
  };
}

/** A row being written: what it will be, in which sub-course (null: the course), after which sibling (null: first). */
export type Adding = { what: "lesson" | "subCourse"; subCourseId: string | null; after: string | null };

/** The index among the visible rows before which a row being written stands. */
export function newRowPlace(rows: Row[], { what, subCourseId, after }: Adding): number {
  const at = (id: string | null) => rows.findIndex((row) => row.id === id);
  if (what === "lesson") {
    const above = at(after ?? subCourseId);
    return above >= 0 ? above + 1 : after === null && subCourseId === null ? 0 : rows.length;
  }
  if (after === null) {
    const first = rows.findIndex((row) => row.kind === "subCourse");
    return first >= 0 ? first : rows.length;
  }
  const end = rows.findIndex((row, index) => index > at(after) && row.level === 1);
  return at(after) >= 0 && end >= 0 ? end : rows.length;
}
