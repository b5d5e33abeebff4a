/**
 * The content of a course as a tree of two levels: lessons and quizzes directly in the course first, then its sub-courses
 * with theirs. It is the same for a course on the server and for the draft of one. Everything here is pure: what is shown,
 * where keys go, where a moved row lands. The arrays come in their order, so order in the array is the only order known here.
 */
import type { Place, RowState } from "../../platform";

export type Entry = {
  id: string;
  title: string;
  publishedAt: string | null;
  archivedAt: string | null;
  /** Of a draft: whether the server has it, and why it refuses it. */
  state?: RowState;
  refused?: string | null;
  conflicts?: number;
  isChangedSince?: boolean;
  isDownloaded?: boolean;
};
/** A lesson or a quiz. */
export type Leaf = Entry & { subCourseId: string | null; durationMinutes?: number; questions?: number };
export type LeafKind = "lesson" | "quiz";
export type Kind = LeafKind | "subCourse";
export type Content = { subCourses: Entry[]; lessonRows: Leaf[]; quizzes?: Leaf[] };

type Leaves = Record<LeafKind, Leaf[]>;
export type Part = { subCourse: Entry } & Leaves;
export type Tree = { direct: Leaves; parts: Part[] };

const leafKinds = ["lesson", "quiz"] as const;

/** One visible line. `place` and `of` count from 1 among siblings shown; what stands in an archived sub-course is archived with it. */
export type Row = { id: string; level: 1 | 2; place: number; of: number; archived: boolean } & (
  | { kind: LeafKind; leaf: Leaf; parent: Entry | null }
  | { kind: "subCourse"; subCourse: Entry; lessons: number; quizzes: number; expanded: boolean }
);

export type Move =
  | { kind: LeafKind; id: string; place: Place }
  | { kind: "subCourse"; id: string; after: string | null };

export type Direction = "up" | "down" | "out" | "in";

export const entryOf = (row: Row): Entry => (row.kind === "subCourse" ? row.subCourse : row.leaf);

export function buildTree(course: Content, showArchived: boolean): Tree {
  const shown = <T extends Entry>(row: T) => showArchived || row.archivedAt === null;
  const all: Leaves = { lesson: course.lessonRows.filter(shown), quiz: (course.quizzes ?? []).filter(shown) };
  const inside = (id: string | null): Leaves => ({
    lesson: all.lesson.filter((leaf) => leaf.subCourseId === id),
    quiz: all.quiz.filter((leaf) => leaf.subCourseId === id),
  });
  return { direct: inside(null), parts: course.subCourses.filter(shown).map((subCourse) => ({ subCourse, ...inside(subCourse.id) })) };
}

export function visibleRows(tree: Tree, collapsed: ReadonlySet<string>): Row[] {
  const size = (leaves: Leaves) => leaves.lesson.length + leaves.quiz.length;
  const leafRows = (leaves: Leaves, parent: Entry | null, of: number): Row[] =>
    leafKinds
      .flatMap((kind) => leaves[kind].map((leaf) => ({ kind, leaf })))
      .map(({ kind, leaf }, at) => ({
        kind,
        id: leaf.id,
        level: parent === null ? 1 : 2,
        leaf,
        parent,
        place: at + 1,
        of,
        archived: leaf.archivedAt !== null || (parent !== null && parent.archivedAt !== null),
      }));
  const of = size(tree.direct) + tree.parts.length;
  const rows = leafRows(tree.direct, null, of);
  tree.parts.forEach((part, index) => {
    const { subCourse } = part;
    const expanded = !collapsed.has(subCourse.id);
    rows.push({
      kind: "subCourse",
      id: subCourse.id,
      level: 1,
      subCourse,
      lessons: part.lesson.length,
      quizzes: part.quiz.length,
      expanded,
      place: size(tree.direct) + index + 1,
      of,
      archived: subCourse.archivedAt !== null,
    });
    if (expanded) rows.push(...leafRows(part, subCourse, size(part)));
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
  return entryOf(row).title;
}

function typeAhead(rows: Row[], index: number, key: string): Row | undefined {
  const wanted = key.toLocaleLowerCase();
  const after = [...rows.slice(index + 1), ...rows.slice(0, index)];
  return after.find((row) => titleOf(row).trim().toLocaleLowerCase().startsWith(wanted));
}

const lastId = (rows: { id: string }[]): string | null => rows[rows.length - 1]?.id ?? null;

/** The lists one kind of leaf stands in, in their order on the page. */
const listsOf = (tree: Tree, kind: LeafKind) => [
  { subCourseId: null as string | null, leaves: tree.direct[kind] },
  ...tree.parts.map((part) => ({ subCourseId: part.subCourse.id as string | null, leaves: part[kind] })),
];

/**
 * Where one keyboard step takes a row, null when it cannot go there. Up and down cross from one parent into the next, so
 * every place is reached with two keys; out puts a leaf directly in the course, in puts it into the nearest sub-course.
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
  for (const kind of leafKinds) {
    const lists = listsOf(tree, kind);
    const listAt = lists.findIndex(({ leaves }) => leaves.some((leaf) => leaf.id === id));
    if (listAt >= 0) return leafStep(lists, listAt, kind, id, direction);
  }
  return null;
}

function leafStep(lists: ReturnType<typeof listsOf>, listAt: number, kind: LeafKind, id: string, direction: Direction): Move | null {
  const list = lists[listAt];
  if (list === undefined) return null;
  const at = list.leaves.findIndex((leaf) => leaf.id === id);
  const into = (subCourseId: string | null, after: string | null): Move => ({ kind, id, place: { subCourseId, after } });
  const previous = lists[listAt - 1];
  const next = lists[listAt + 1];
  switch (direction) {
    case "up":
      if (at > 0) return into(list.subCourseId, list.leaves[at - 2]?.id ?? null);
      return previous === undefined ? null : into(previous.subCourseId, lastId(previous.leaves));
    case "down":
      if (at < list.leaves.length - 1) return into(list.subCourseId, list.leaves[at + 1]?.id ?? null);
      return next === undefined ? null : into(next.subCourseId, null);
    case "out":
      return list.subCourseId === null ? null : into(null, lastId(lists[0]?.leaves ?? []));
    case "in":
      return list.subCourseId === null && lists[1] !== undefined ? into(lists[1].subCourseId, null) : null;
  }
}

/** To the end of a sub-course, or of the course itself (null); null when it stands there already. */
export function moveInto(course: Content, row: Row, subCourseId: string | null): Move | null {
  if (row.kind === "subCourse" || row.leaf.subCourseId === subCourseId) return null;
  const list = listsOf(buildTree(course, false), row.kind).find((each) => each.subCourseId === subCourseId);
  return list === undefined ? null : { kind: row.kind, id: row.id, place: { subCourseId, after: lastId(list.leaves) } };
}

/**
 * Where a dragged row lands when it is let go on the upper (`before`) or lower half of another visible row; null when
 * that changes nothing or is no place for it. A lesson or quiz let go on a closed sub-course goes to its end.
 */
export function dropTarget(course: Content, rows: Row[], dragged: string, over: string, before: boolean): Move | null {
  const row = rows.find((each) => each.id === dragged);
  const target = rows.find((each) => each.id === over);
  if (row === undefined || target === undefined || dragged === over || row.archived) return null;
  const tree = buildTree(course, rows.some((each) => each.archived));
  const move =
    row.kind === "subCourse"
      ? subCourseDrop(tree, dragged, target, before)
      : leafDrop(tree, row.kind, dragged, target, before);
  return move === null || changesNothing(tree, move) ? null : move;
}

function subCourseDrop(tree: Tree, id: string, target: Row, before: boolean): Move | null {
  if (target.kind !== "subCourse" && target.parent === null) return { kind: "subCourse", id, after: null };
  const overId = target.kind === "subCourse" ? target.id : (target.parent?.id ?? "");
  if (overId === id) return null;
  const ids = tree.parts.map(({ subCourse }) => subCourse.id).filter((each) => each !== id);
  const at = ids.indexOf(overId);
  return { kind: "subCourse", id, after: target.kind === "subCourse" && before ? (ids[at - 1] ?? null) : overId };
}

function leafDrop(tree: Tree, kind: LeafKind, id: string, target: Row, before: boolean): Move | null {
  const without = (leaves: Leaf[]) => leaves.filter((leaf) => leaf.id !== id);
  const into = (subCourseId: string | null, after: string | null): Move => ({ kind, id, place: { subCourseId, after } });
  if (target.kind !== "subCourse") {
    if (target.parent !== null && target.parent.archivedAt !== null) return null;
    const parentId = target.parent?.id ?? null;
    const siblings = without(listsOf(tree, kind).find(({ subCourseId }) => subCourseId === parentId)?.leaves ?? []);
    // Quizzes stand below lessons: over a row of the other kind it is the near end of its own.
    if (target.kind !== kind) return into(parentId, kind === "lesson" ? lastId(siblings) : null);
    const at = siblings.findIndex((leaf) => leaf.id === target.id);
    return into(parentId, before ? (siblings[at - 1]?.id ?? null) : target.id);
  }
  const at = tree.parts.findIndex(({ subCourse }) => subCourse.id === target.id);
  const endOf = (part: Part) => into(part.subCourse.id, lastId(without(part[kind])));
  if (before) {
    const previous = tree.parts[at - 1];
    if (previous === undefined) return into(null, lastId(without(tree.direct[kind])));
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
  const list = listsOf(tree, move.kind).find(({ subCourseId }) => subCourseId === move.place.subCourseId);
  const at = list?.leaves.findIndex((leaf) => leaf.id === move.id) ?? -1;
  return at >= 0 && (list?.leaves[at - 1]?.id ?? null) === move.place.after;
}

/** The course as it looks once the move is made: shown at once, replaced by the answer. */
export function afterMove<T extends Content>(course: T, move: Move): T {
  if (move.kind === "subCourse") {
    return { ...course, subCourses: placed(course.subCourses, move.id, move.after, (row) => row) };
  }
  const { subCourseId, after } = move.place;
  if (move.kind === "quiz") return { ...course, quizzes: placed(course.quizzes ?? [], move.id, after, (leaf) => ({ ...leaf, subCourseId })) };
  return { ...course, lessonRows: placed(course.lessonRows, move.id, after, (leaf) => ({ ...leaf, subCourseId })) };
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
  const found = inList(
    tree.parts.map(({ subCourse }) => subCourse),
    null,
  );
  if (found !== null) return found;
  for (const part of [{ subCourse: null, ...tree.direct }, ...tree.parts]) {
    const inside = inList(part.lesson, part.subCourse?.title ?? null) ?? inList(part.quiz, part.subCourse?.title ?? null);
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
export type Adding = { what: Kind; subCourseId: string | null; after: string | null };

/** The index among the visible rows before which a row being written stands. */
export function newRowPlace(rows: Row[], { what, subCourseId, after }: Adding): number {
  const at = (id: string | null) => rows.findIndex((row) => row.id === id);
  if (what !== "subCourse") {
    const above = at(after ?? subCourseId);
    if (what === "lesson" || after !== null) return above >= 0 ? above + 1 : after === null && subCourseId === null ? 0 : rows.length;
    // The first quiz stands below the lessons of its place.
    const end = rows.findIndex((row, index) => index > above && (row.kind === "subCourse" || row.kind === "quiz" || row.level === (subCourseId === null ? 2 : 1)));
    return end >= 0 ? end : rows.length;
  }
  if (after === null) {
    const first = rows.findIndex((row) => row.kind === "subCourse");
    return first >= 0 ? first : rows.length;
  }
  const end = rows.findIndex((row, index) => index > at(after) && row.level === 1);
  return at(after) >= 0 && end >= 0 ? end : rows.length;
}
