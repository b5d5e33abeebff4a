import { describe, expect, it } from "vitest";
import type { LessonRow, SubCourse } from "../../platform";
import { afterMove, answerKey, buildTree, dropTarget, liveCounts, moveInto, neighbour, newRowPlace, standing, stepTarget, visibleRows, type Content, type Direction } from "./tree";

const lesson = (id: string, subCourseId: string | null, more: Partial<LessonRow> = {}): LessonRow => ({
  id,
  courseId: "course",
  subCourseId,
  title: `Lesson ${id}`,
  position: id,
  durationMinutes: 10,
  publishedAt: null,
  archivedAt: null,
  version: "1",
  ...more,
});
const part = (id: string, more: Partial<SubCourse> = {}): SubCourse => ({
  id,
  courseId: "course",
  title: `Part ${id}`,
  description: "",
  position: id,
  publishedAt: null,
  archivedAt: null,
  version: "1",
  ...more,
});
const archivedAt = "2026-01-01T00:00:00Z";

/** a · b · P(c · d) · Q() · R(e) with an archived lesson x in P and an archived part Z(y) between P and Q. */
const course: Content = {
  subCourses: [part("P"), part("Z", { archivedAt }), part("Q"), part("R")],
  lessonRows: [lesson("a", null), lesson("b", null), lesson("c", "P"), lesson("x", "P", { archivedAt }), lesson("d", "P"), lesson("e", "R"), lesson("y", "Z")],
};
const none = new Set<string>();
const shape = (content: Content, showArchived = false) => {
  const tree = buildTree(content, showArchived);
  const ids = (leaves: { lesson: { id: string }[]; quiz: { id: string }[] }) => [...leaves.lesson, ...leaves.quiz].map(({ id }) => id);
  return [...ids(tree.direct), ...tree.parts.map((part) => `${part.subCourse.id}(${ids(part).join(" ")})`)].join(" ");
};
const stepped = (id: string, direction: Direction) => {
  const move = stepTarget(course, id, direction);
  return move === null ? null : shape(afterMove(course, move));
};
const dropped = (id: string, over: string, before: boolean, collapsed: ReadonlySet<string> = none) => {
  const rows = visibleRows(buildTree(course, false), collapsed);
  const move = dropTarget(course, rows, id, over, before);
  return move === null ? null : shape(afterMove(course, move));
};

describe("what the tree shows", () => {
  it("shows lessons of the course first, then its sub-courses with theirs", () => {
    expect(shape(course)).toBe("a b P(c d) Q() R(e)");
  });
  it("shows archived rows in their place when asked", () => {
    expect(shape(course, true)).toBe("a b P(c x d) Z(y) Q() R(e)");
  });
  it("counts each row among its siblings", () => {
    const rows = visibleRows(buildTree(course, false), none);
    expect(rows.map((row) => `${row.id} ${row.level} ${row.place}/${row.of}`)).toEqual([
      "a 1 1/5", "b 1 2/5", "P 1 3/5", "c 2 1/2", "d 2 2/2", "Q 1 4/5", "R 1 5/5", "e 2 1/1",
    ]);
  });
  it("hides the lessons of a closed sub-course", () => {
    expect(visibleRows(buildTree(course, false), new Set(["P"])).map(({ id }) => id)).toEqual(["a", "b", "P", "Q", "R", "e"]);
  });
  it("counts what is live and what is archived", () => {
    expect(liveCounts(course)).toEqual({ lessons: 5, published: 0, archived: 2 });
  });
});

describe("keys in the tree", () => {
  const rows = visibleRows(buildTree(course, false), none);
  const closed = visibleRows(buildTree(course, false), new Set(["P"]));
  it("walks up, down, to the first and to the last row", () => {
    expect(answerKey(rows, "b", "ArrowDown")).toEqual({ focus: "P" });
    expect(answerKey(rows, "b", "ArrowUp")).toEqual({ focus: "a" });
    expect(answerKey(rows, "b", "End")).toEqual({ focus: "e" });
    expect(answerKey(rows, "d", "Home")).toEqual({ focus: "a" });
    expect(answerKey(rows, "e", "ArrowDown")).toBeNull();
  });
  it("opens, enters and closes a sub-course", () => {
    expect(answerKey(closed, "P", "ArrowRight")).toEqual({ expand: "P" });
    expect(answerKey(rows, "P", "ArrowRight")).toEqual({ focus: "c" });
    expect(answerKey(rows, "P", "ArrowLeft")).toEqual({ collapse: "P" });
    expect(answerKey(rows, "d", "ArrowLeft")).toEqual({ focus: "P" });
    expect(answerKey(rows, "Q", "ArrowRight")).toBeNull();
  });
  it("finds the next row that starts with a typed letter, in any script", () => {
    expect(answerKey(rows, "a", "p")).toEqual({ focus: "P" });
    expect(answerKey(rows, "R", "l")).toEqual({ focus: "e" });
    const named = visibleRows(buildTree({ subCourses: [], lessonRows: [lesson("1", null), lesson("2", null, { title: "Ёлка" })] }, false), none);
    expect(answerKey(named, "1", "ё")).toEqual({ focus: "2" });
  });
});

describe("moving with the keyboard", () => {
  it("moves a lesson among its siblings", () => {
    expect(stepped("b", "up")).toBe("b a P(c d) Q() R(e)");
    expect(stepped("a", "down")).toBe("b a P(c d) Q() R(e)");
    expect(stepped("c", "down")).toBe("a b P(d c) Q() R(e)");
  });
  it("carries a lesson over the edge of its sub-course into the next one", () => {
    expect(stepped("c", "up")).toBe("a b c P(d) Q() R(e)");
    expect(stepped("d", "down")).toBe("a b P(c) Q(d) R(e)");
    expect(stepped("b", "down")).toBe("a P(b c d) Q() R(e)");
    expect(stepped("e", "up")).toBe("a b P(c d) Q(e) R()");
  });
  it("takes a lesson out to the course and into the nearest sub-course", () => {
    expect(stepped("e", "out")).toBe("a b e P(c d) Q() R()");
    expect(stepped("a", "in")).toBe("b P(a c d) Q() R(e)");
    expect(stepped("a", "out")).toBeNull();
    expect(stepped("c", "in")).toBeNull();
  });
  it("moves a sub-course with all its lessons, past archived ones", () => {
    expect(stepped("Q", "up")).toBe("a b Q() P(c d) R(e)");
    expect(stepped("P", "down")).toBe("a b Q() P(c d) R(e)");
    expect(stepped("P", "up")).toBeNull();
    expect(stepped("R", "down")).toBeNull();
    expect(stepped("P", "in")).toBeNull();
  });
  it("stops at both ends and leaves archived rows alone", () => {
    expect(stepped("a", "up")).toBeNull();
    expect(stepped("e", "down")).toBeNull();
    expect(stepped("x", "up")).toBeNull();
  });
  it("returns to where it started when every step is taken back", () => {
    let now = course;
    for (const direction of ["down", "down", "down", "up", "up", "up"] as const) {
      const move = stepTarget(now, "b", direction);
      expect(move).not.toBeNull();
      if (move !== null) now = afterMove(now, move);
    }
    expect(shape(now)).toBe(shape(course));
  });
});

describe("letting a dragged row go", () => {
  it("puts a lesson before or after another one, in that one's parent", () => {
    expect(dropped("a", "d", true)).toBe("b P(c a d) Q() R(e)");
    expect(dropped("a", "d", false)).toBe("b P(c d a) Q() R(e)");
    expect(dropped("d", "a", true)).toBe("d a b P(c) Q() R(e)");
  });
  it("puts a lesson first in an open sub-course and last in a closed one", () => {
    expect(dropped("a", "P", false)).toBe("b P(a c d) Q() R(e)");
    expect(dropped("a", "P", false, new Set(["P"]))).toBe("b P(c d a) Q() R(e)");
    expect(dropped("a", "Q", false)).toBe("b P(c d) Q(a) R(e)");
  });
  it("puts a lesson above a sub-course at the end of what stands above it", () => {
    expect(dropped("c", "P", true)).toBe("a b c P(d) Q() R(e)");
    expect(dropped("a", "R", true)).toBe("b P(c d) Q(a) R(e)");
  });
  it("puts a sub-course around others and never inside one", () => {
    expect(dropped("R", "P", true)).toBe("a b R(e) P(c d) Q()");
    expect(dropped("R", "c", false)).toBe("a b P(c d) R(e) Q()");
    expect(dropped("R", "a", true)).toBe("a b R(e) P(c d) Q()");
    expect(dropped("P", "d", false)).toBeNull();
  });
  it("does nothing when the row already stands there", () => {
    expect(dropped("a", "b", true)).toBeNull();
    expect(dropped("b", "a", false)).toBeNull();
    expect(dropped("b", "P", true)).toBeNull();
    expect(dropped("c", "P", false)).toBeNull();
    expect(dropped("Q", "R", true)).toBeNull();
  });
  it("refuses archived rows and places inside an archived sub-course", () => {
    const rows = visibleRows(buildTree(course, true), none);
    expect(dropTarget(course, rows, "x", "a", true)).toBeNull();
    expect(dropTarget(course, rows, "a", "y", true)).toBeNull();
    expect(dropTarget(course, rows, "a", "Z", false)).toBeNull();
  });
});

describe("after a move", () => {
  it("tells the place among its siblings and the parent's name", () => {
    expect(standing(course, "d")).toEqual({ title: "Lesson d", place: 2, of: 2, parent: "Part P" });
    expect(standing(course, "R")).toEqual({ title: "Part R", place: 3, of: 3, parent: null });
    expect(standing(course, "nobody")).toBeNull();
  });
  it("gives the focus to a sibling, else to the row above, when a row goes", () => {
    const rows = visibleRows(buildTree(course, false), none);
    expect(neighbour(rows, "a")).toBe("b");
    expect(neighbour(rows, "d")).toBe("c");
    expect(neighbour(rows, "e")).toBe("R");
    expect(neighbour(rows, "P")).toBe("Q");
    expect(neighbour(rows, "R")).toBe("Q");
  });
});

describe("a row being written", () => {
  const rows = visibleRows(buildTree(course, false), none);
  const before = (what: "lesson" | "subCourse", subCourseId: string | null, after: string | null) => rows[newRowPlace(rows, { what, subCourseId, after })]?.id ?? "end";
  it("stands where it will be", () => {
    expect(before("lesson", null, null)).toBe("a");
    expect(before("lesson", null, "b")).toBe("P");
    expect(before("lesson", "P", null)).toBe("c");
    expect(before("lesson", "P", "d")).toBe("Q");
    expect(before("lesson", "R", "e")).toBe("end");
    expect(before("subCourse", null, null)).toBe("P");
    expect(before("subCourse", null, "P")).toBe("Q");
    expect(before("subCourse", null, "R")).toBe("end");
  });
});

describe("quizzes in the tree", () => {
  const { courseId: _, ...quiz } = lesson("k", null);
  const both: Content = { ...course, quizzes: [{ ...quiz, id: "k", title: "Quiz k" }, { ...quiz, id: "l", title: "Quiz l", subCourseId: "P" }, { ...quiz, id: "m", title: "Quiz m", subCourseId: "P" }] };
  const quizStep = (id: string, direction: Direction) => {
    const move = stepTarget(both, id, direction);
    return move === null ? null : shape(afterMove(both, move));
  };
  it("stand below the lessons of their place", () => {
    expect(shape(both)).toBe("a b k P(c d l m) Q() R(e)");
  });
  it("move among themselves and from one sub-course into the next", () => {
    expect(quizStep("m", "up")).toBe("a b k P(c d m l) Q() R(e)");
    expect(quizStep("l", "up")).toBe("a b k l P(c d m) Q() R(e)");
    expect(quizStep("m", "down")).toBe("a b k P(c d l) Q(m) R(e)");
    expect(quizStep("k", "in")).toBe("a b P(c d k l m) Q() R(e)");
  });
  it("keep their place below the lessons when let go over one", () => {
    const rows = visibleRows(buildTree(both, false), none);
    const move = dropTarget(both, rows, "m", "a", true);
    expect(move && shape(afterMove(both, move))).toBe("a b m k P(c d l) Q() R(e)");
    const into = dropTarget(both, rows, "a", "m", false);
    expect(into && shape(afterMove(both, into))).toBe("b k P(c d a l m) Q() R(e)");
  });
  it("go to the end of another place when that is chosen", () => {
    const row = visibleRows(buildTree(both, false), none).find(({ id }) => id === "k");
    const move = row && moveInto(both, row, "P");
    expect(move && shape(afterMove(both, move))).toBe("a b P(c d l m k) Q() R(e)");
    expect(row && moveInto(both, row, null)).toBeNull();
  });
  it("are written below the lessons", () => {
    const rows = visibleRows(buildTree(both, false), none);
    const before = (subCourseId: string | null, after: string | null) => rows[newRowPlace(rows, { what: "quiz", subCourseId, after })]?.id ?? "end";
    expect(before(null, null)).toBe("k");
    expect(before(null, "k")).toBe("P");
    expect(before("P", null)).toBe("l");
    expect(before("Q", null)).toBe("R");
    expect(before("R", null)).toBe("end");
  });
});
