import type { DraftKey, DraftLessonRow, DraftQuizRow, DraftSubCourse, DraftTable, Platform, Value } from "../platform";
import { newId } from "../ids";
import { organizationOf, refuse, unreachable } from "./answers";
import {
  announce, courseDraft, draftOf, draftRow, draftsNow, type FakeDraft, type FakeFields, type FakeRow, isWaiting, makeDraft, rowName, rowState, rowsOf, syncFake, writableDraft, wrote,
} from "./draftWorld";
import type { World } from "./world";

type Part = Pick<
  Platform,
  | "readDrafts" | "listDraftCourses" | "keepCourse" | "forgetCourse" | "syncNow" | "readOutline"
  | "addRow" | "changeRow" | "placeRow" | "copyRow" | "archiveRow" | "restoreRow" | "takeBackRow"
  | "openLesson" | "closeLesson" | "keepUndo" | "setDraftsAside" | "writeLesson" | "decideMassDeletion" | "readOutbox" | "exportOutbox" | "attachFile" | "showFile"
>;

/** The field that names what a row stands in. */
const parentField: Partial<Record<DraftTable, string>> = { lessons: "sub_course_id", quizzes: "sub_course_id", questions: "quiz_id", question_options: "question_id", answer_keys: "question_id" };
const contents: Partial<Record<DraftTable, DraftTable[]>> = { sub_courses: ["lessons", "quizzes"], quizzes: ["questions"], questions: ["question_options", "answer_keys"], question_options: ["answer_keys"] };

const newRow: Partial<Record<DraftTable, FakeFields>> = {
  sub_courses: { description: "", published_at: null },
  lessons: { duration_minutes: 0, video: null, revision_id: null, published_at: null, published_revision_id: null },
  quizzes: { description: "", time_limit_minutes: null, max_attempts: null, passing_score: 70, published_at: null },
  questions: { kind: "multiple_choice", prompt: "", points_hundredths: 100, explanation: "", feedback: "", source: null },
  question_options: { label: "", feedback: "" },
  answer_keys: { option_id: null, accepted_text: null, accepted_number: null, tolerance: null, weight_percent: 100 },
};

/** What a row may be given from outside: what else its table has comes from its place or the server. */
const settable: Partial<Record<DraftTable, string[]>> = {
  sub_courses: ["title", "description", "published_at"],
  lessons: ["title", "duration_minutes", "video"],
  quizzes: ["title", "description", "time_limit_minutes", "max_attempts", "passing_score", "published_at"],
  questions: ["kind", "prompt", "points_hundredths", "explanation", "feedback", "source"],
  question_options: ["label", "feedback"],
  answer_keys: ["option_id", "accepted_text", "accepted_number", "tolerance", "weight_percent"],
};

function checked(key: DraftKey, fields: FakeFields): FakeFields {
  const foreign = Object.keys(fields).find((field) => !settable[key.table]?.includes(field));
  if (foreign !== undefined) refuse("invalid", `“${foreign}” cannot be set here.`, { field: foreign });
  return structuredClone(fields);
}

const text = (value: Value | undefined): string => (typeof value === "string" ? value : "");
const maybe = (value: Value | undefined): string | null => (typeof value === "string" ? value : null);

export function fakeDrafts(world: World): Part {
  const now = () => new Date(world.now()).toISOString();
  const inside = (draft: FakeDraft, key: DraftKey): FakeRow[] =>
    (contents[key.table] ?? []).flatMap((table) => rowsOf(draft, table).filter((row) => row.fields[table === "answer_keys" && key.table === "question_options" ? "option_id" : (parentField[table] ?? "")] === key.id));
  const change = (courseId: string, act: (draft: FakeDraft) => void) => {
    const draft = writableDraft(world, courseId);
    act(draft);
    wrote(world, courseId);
    return null;
  };
  /** Between its neighbours, so that no other row is touched. */
  const place = (draft: FakeDraft, row: FakeRow, parent: string | null, after: string | null) => {
    const field = parentField[row.key.table];
    if (field) row.fields[field] = parent;
    if (row.key.table === "answer_keys") return;
    const siblings = rowsOf(draft, row.key.table).filter((each) => each !== row && (field === undefined || each.fields[field] === parent));
    const at = after === null ? 0 : siblings.findIndex((each) => each.key.id === after) + 1;
    const low = Number(siblings[at - 1]?.fields.position ?? 0);
    const high = siblings[at] ? Number(siblings[at].fields.position) : low + 2_000_000;
    row.fields.position = String(Math.floor((low + high) / 2)).padStart(12, "0");
  };
  const isGone = (draft: FakeDraft, subCourse: string | null) => {
    if (subCourse === null) return false;
    const row = draft.rows.get(rowName({ table: "sub_courses", id: subCourse }));
    return row === undefined || row.fields.archived_at !== null;
  };
  const conflictsAbout = (draft: FakeDraft, id: string) => draft.conflicts.filter(({ about }) => about.id === id).length;
  const lessonRow = (draft: FakeDraft, row: FakeRow): DraftLessonRow => {
    const { fields, key } = row;
    const subCourseId = maybe(fields.sub_course_id);
    return {
      id: key.id, subCourseId, title: text(fields.title), position: text(fields.position), durationMinutes: Number(fields.duration_minutes ?? 0), video: maybe(fields.video),
      publishedAt: maybe(fields.published_at), isChangedSince: fields.published_at !== null && fields.revision_id !== fields.published_revision_id,
      archivedAt: maybe(fields.archived_at), isUnfiled: fields.archived_at === null && isGone(draft, subCourseId), isDownloaded: draft.documents.has(key.id),
      conflicts: conflictsAbout(draft, key.id), ...rowState(row),
    };
  };
  const quizRow = (draft: FakeDraft, row: FakeRow): DraftQuizRow => {
    const { fields, key } = row;
    const questions = rowsOf(draft, "questions").filter((each) => each.fields.quiz_id === key.id && each.fields.archived_at === null);
    const subCourseId = maybe(fields.sub_course_id);
    return {
      id: key.id, subCourseId, title: text(fields.title), position: text(fields.position), questions: questions.length, publishedAt: maybe(fields.published_at),
      archivedAt: maybe(fields.archived_at), isUnfiled: fields.archived_at === null && isGone(draft, subCourseId),
      conflicts: conflictsAbout(draft, key.id) + questions.reduce((sum, question) => sum + conflictsAbout(draft, question.key.id), 0), ...rowState(row),
    };
  };
  const subCourse = (row: FakeRow): DraftSubCourse => ({
    id: row.key.id, title: text(row.fields.title), description: text(row.fields.description), position: text(row.fields.position),
    publishedAt: maybe(row.fields.published_at), archivedAt: maybe(row.fields.archived_at), ...rowState(row),
  });
  const copy = (draft: FakeDraft, row: FakeRow, parent: string | null, fields: FakeFields): FakeRow => {
    const key = { table: row.key.table, id: newId() };
    const made: FakeRow = { key, fields: { ...structuredClone(row.fields), ...fields, published_at: null }, server: null, refused: null };
    if (!("published_at" in row.fields)) delete made.fields.published_at;
    const field = parentField[key.table];
    if (field && parent !== null) made.fields[field] = parent;
    draft.rows.set(rowName(key), made);
    if (key.table === "lessons") draft.documents.set(key.id, structuredClone(draft.documents.get(row.key.id) ?? null));
    // The answers of a copied question name its own options.
    const options = new Map<string, string>();
    for (const child of inside(draft, row.key)) {
      if (child.fields.archived_at !== null || row.key.table === "question_options") continue;
      const option = child.key.table === "answer_keys" ? options.get(String(child.fields.option_id)) : undefined;
      const made = copy(draft, child, key.id, option === undefined ? {} : { option_id: option });
      if (child.key.table === "question_options") options.set(child.key.id, made.key.id);
    }
    return made;
  };

  return {
    readDrafts: async () => draftsNow(world),
    listDraftCourses: async (organizationId) => {
      if (!world.drafts.isOnline) unreachable();
      const organization = organizationOf(world, organizationId);
      return organization.courses
        .filter((course) => course.mayEdit && course.archivedAt === null)
        .map((course) => ({
          courseId: course.id,
          title: course.title,
          duty: course.staff.find(({ personId }) => personId === world.me)?.duty ?? (course.title.startsWith("Singing") ? "instructor" : null),
          isKept: world.drafts.courses.has(course.id),
        }))
        .toSorted((a, b) => a.title.localeCompare(b.title, "und"));
    },
    keepCourse: async (organizationId, courseId) => {
      if (world.drafts.courses.has(courseId)) return null;
      if (!world.drafts.isOnline) unreachable();
      world.drafts.courses.set(courseId, makeDraft(organizationOf(world, organizationId), courseId, now()));
      announce(world, [courseId]);
      return null;
    },
    forgetCourse: async (courseId, evenWaiting) => {
      const draft = draftOf(world, courseId);
      if (!evenWaiting && [...draft.rows.values()].some(isWaiting)) refuse("conflict", "Something of this course is not on the server yet.", { nextStep: "Send it or export it first." });
      world.drafts.courses.delete(courseId);
      announce(world, [courseId]);
      return null;
    },
    syncNow: async () => {
      if (!world.drafts.isOnline) unreachable();
      syncFake(world);
      return null;
    },
    readOutline: async (courseId) => {
      const draft = draftOf(world, courseId);
      return structuredClone({
        course: courseDraft(world, draft),
        subCourses: rowsOf(draft, "sub_courses").map(subCourse),
        lessons: rowsOf(draft, "lessons").map((row) => lessonRow(draft, row)),
        quizzes: rowsOf(draft, "quizzes").map((row) => quizRow(draft, row)),
      });
    },

    addRow: async (courseId, key, fields, parent, after) =>
      change(courseId, (draft) => {
        if (draft.rows.has(rowName(key))) return;
        const row: FakeRow = { key, fields: { ...newRow[key.table], archived_at: null, ...checked(key, fields) }, server: null, refused: null };
        place(draft, row, parent, after);
        draft.rows.set(rowName(key), row);
        if (key.table === "lessons") draft.documents.set(key.id, null);
      }),
    changeRow: async (courseId, key, fields) =>
      change(courseId, (draft) => {
        const row = draftRow(draft, key);
        Object.assign(row.fields, checked(key, fields));
        row.refused = null;
      }),
    placeRow: async (courseId, key, parent, after) => change(courseId, (draft) => place(draft, draftRow(draft, key), parent, after)),
    copyRow: async (courseId, key) => {
      let id = "";
      change(courseId, (draft) => {
        const row = draftRow(draft, key);
        const made = copy(draft, row, null, "title" in row.fields ? { title: `${text(row.fields.title)} (copy)` } : "prompt" in row.fields ? { prompt: `${text(row.fields.prompt)} (copy)` } : {});
        const field = parentField[key.table];
        place(draft, made, field ? maybe(row.fields[field]) : null, key.id);
        id = made.key.id;
      });
      return id;
    },
    archiveRow: async (courseId, key) => {
      const at = now();
      const archive = (draft: FakeDraft, row: FakeRow) => {
        row.fields.archived_at = at;
        for (const child of inside(draft, row.key)) if (child.fields.archived_at === null) archive(draft, child);
      };
      return change(courseId, (draft) => archive(draft, draftRow(draft, key)));
    },
    restoreRow: async (courseId, key) => {
      const restore = (draft: FakeDraft, row: FakeRow) => {
        const at = row.fields.archived_at;
        row.fields.archived_at = null;
        for (const child of inside(draft, row.key)) if (child.fields.archived_at === at) restore(draft, child);
      };
      return change(courseId, (draft) => {
        const row = draftRow(draft, key);
        restore(draft, row);
        const parent = maybe(row.fields[parentField[key.table] ?? ""]);
        const holder = key.table === "questions" ? "quizzes" : key.table === "question_options" ? "questions" : "sub_courses";
        const container = parent && draft.rows.get(rowName({ table: holder, id: parent }));
        if (container) container.fields.archived_at = null;
      });
    },
    takeBackRow: async (courseId, key) =>
      change(courseId, (draft) => {
        const row = draftRow(draft, key);
        if (row.server === null) draft.rows.delete(rowName(key));
        else Object.assign(row, { fields: structuredClone(row.server), refused: null });
      }),

    openLesson: async (courseId, lessonId) => {
      const draft = draftOf(world, courseId);
      const row = draftRow(draft, { table: "lessons", id: lessonId });
      return structuredClone({
        row: lessonRow(draft, row),
        courseTitle: draft.title,
        document: draft.documents.get(lessonId) ?? null,
        mayWrite: draft.mayWrite,
        conflicts: draft.conflicts.filter(({ about }) => about.id === lessonId),
        others: world.drafts.readers.filter((reader) => reader.lessonId === lessonId),
        undo: world.drafts.undo.get(lessonId) ?? null,
      });
    },
    closeLesson: async () => null,
    keepUndo: async (lessonId, undo) => {
      if (undo === null) world.drafts.undo.delete(lessonId);
      else world.drafts.undo.set(lessonId, structuredClone(undo));
      return null;
    },
    setDraftsAside: async () => {
      if (world.drafts.problem?.mayBeginAnew !== true) refuse("invalid", "The drafts on this computer can be read.", { nextStep: "Look at the Drafts page again." });
      Object.assign(world.drafts, { problem: null, courses: new Map(), undo: new Map() });
      announce(world, []);
      return `/home/amara/Documents/lectern-damaged-drafts-${now().slice(0, 10)}.json`;
    },
    writeLesson: async (courseId, lessonId, writing) => {
      if (JSON.stringify(writing.changed).includes("!full")) refuse("internal", "This computer's disk is full: what you wrote last is not saved yet.", { nextStep: "Free some space; Lectern keeps trying." });
      return change(courseId, (draft) => {
        const row = draftRow(draft, { table: "lessons", id: lessonId });
        const before = draft.documents.get(lessonId);
        const blocks = new Map<string, Value>();
        const object = (value: Value | undefined) => (typeof value === "object" && value !== null && !Array.isArray(value) ? value : {});
        const content = object(before).content;
        for (const block of Array.isArray(content) ? content : []) blocks.set(text(object(object(block).attrs).id), block);
        for (const { id, json } of writing.changed) blocks.set(id, json);
        for (const id of writing.removed) blocks.delete(id);
        draft.documents.set(lessonId, { ...object(before), type: "doc", content: writing.order.flatMap((id) => blocks.get(id) ?? []) });
        row.fields.revision_id = newId();
      });
    },
    decideMassDeletion: async (courseId, remove) => {
      const draft = draftOf(world, courseId);
      const asked = draft.massDeletion;
      draft.massDeletion = null;
      if (remove && asked?.direction === "pull") for (const row of rowsOf(draft, "lessons").slice(0, asked.count)) Object.assign(row.fields, { archived_at: now() });
      announce(world, [courseId]);
      return null;
    },

    readOutbox: async () =>
      [...world.drafts.courses.values()].flatMap((draft) =>
        [...draft.rows.values()].filter(isWaiting).map((row) => ({
          courseId: draft.courseId,
          courseTitle: draft.title,
          key: row.key,
          name: text(row.fields.title) || text(row.fields.prompt) || text(row.fields.label),
          isNew: row.server === null,
          changed: Object.keys(row.fields)
            .filter((name) => JSON.stringify(row.fields[name]) !== JSON.stringify(row.server?.[name]))
            .map((name) => (name === "revision_id" ? "document" : name)),
          refused: row.refused,
        })),
      ),
    exportOutbox: async () => `/home/amara/Documents/lectern-drafts-${now().slice(0, 10)}.json`,
    attachFile: async (_courseId, name, mediaType, content) => {
      const attachment = (++world.drafts.counter).toString(16).padStart(64, "0");
      world.drafts.files.set(attachment, `data:${mediaType};base64,${content}`);
      return { attachment, name, sizeBytes: Math.floor((content.length * 3) / 4), mediaType };
    },
    showFile: async (_courseId, attachment) => world.drafts.files.get(attachment) ?? null,
  };
}
