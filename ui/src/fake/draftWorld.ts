/**
 * The drafts of the world in memory: courses kept on this computer with their rows, and a server that hears of what was
 * written a moment later, or never while the network is away.
 */
import type { Aside, Conflict, CourseDraft, DraftKey, Drafts, DraftsChanged, DraftTable, LessonReader, MassDeletion, RowState, SyncState, Value } from "../platform";
import { refuse } from "./answers";
import { seedConflicts, seedQuestions } from "./draftQuizzes";
import { fakeId } from "./random";
import type { FakeOrganization, Scenario, World } from "./world";

export type FakeFields = Record<string, Value>;
/** Columns by name, as PostgreSQL has them. */
export type FakeRow = {
  key: DraftKey;
  fields: FakeFields;
  /** As the server has it; null: it never heard of it. */
  server: FakeFields | null;
  refused: string | null;
};

export type FakeDraft = {
  courseId: string;
  organizationId: string;
  title: string;
  /** By `rowName`. */
  rows: Map<string, FakeRow>;
  /** What each lesson says here; null: it is empty. A lesson that is not in it is not downloaded. */
  documents: Map<string, Value>;
  conflicts: Conflict[];
  mayWrite: boolean;
  aside: Aside | null;
  healing: boolean;
  massDeletion: MassDeletion | null;
  syncedAt: string | null;
};

export type FakeDrafts = {
  isOnline: boolean;
  /** Why the file of drafts is not open, or what is wrong with it. */
  problem: { isOpen: boolean; mayBeginAnew?: boolean; message: string; nextStep: string } | null;
  courses: Map<string, FakeDraft>;
  readers: LessonReader[];
  /** What the editor keeps for taking steps back, by lesson. */
  undo: Map<string, Value>;
  /** `data:` addresses by attachment. */
  files: Map<string, string>;
  hears: Set<(change: DraftsChanged) => void>;
  timer: ReturnType<typeof setTimeout> | null;
  counter: number;
};

export const rowName = (key: DraftKey): string => `${key.table}/${key.id}`;

export function makeDrafts(scenario: Scenario, organizations: FakeOrganization[], now: () => number): FakeDrafts {
  const drafts: FakeDrafts = { isOnline: !scenario.offline, problem: null, courses: new Map(), readers: [], undo: new Map(), files: new Map(), hears: new Set(), timer: null, counter: 0 };
  const [first] = organizations;
  if (scenario.drafts === "damaged") {
    drafts.problem = { isOpen: false, mayBeginAnew: true, message: "The file of drafts on this computer is damaged.", nextStep: "Export what can be read and begin anew, or restart the computer and look again." };
    return drafts;
  }
  if (!first || scenario.drafts === "none" || scenario.empty) return drafts;
  for (const title of ["Algebra again", "Bread from first principles", "Reading weather"]) {
    const course = first.courses.find((each) => each.title === title);
    if (course) drafts.courses.set(course.id, makeDraft(first, course.id, new Date(now() - 140_000).toISOString()));
  }
  if (scenario.drafts === "trouble") trouble(drafts, first, now);
  return drafts;
}

const position = (place: number) => String((place + 1) * 1_000_000).padStart(12, "0");

/** A course of an organization as it is kept: all of it downloaded and nothing waiting. */
export function makeDraft(organization: FakeOrganization, courseId: string, syncedAt: string | null): FakeDraft {
  const course = organization.courses.find((each) => each.id === courseId) ?? refuse("notFound", "This course does not exist, or you may not see it.");
  const draft: FakeDraft = {
    courseId,
    organizationId: organization.facts.id,
    title: course.title,
    rows: new Map(),
    documents: new Map(),
    conflicts: [],
    mayWrite: course.mayEdit && course.archivedAt === null,
    aside: course.archivedAt === null ? null : "archived",
    healing: false,
    massDeletion: null,
    syncedAt,
  };
  course.subCourses.forEach(({ id, title, description, publishedAt, archivedAt }, place) =>
    arriveRow(draft, { table: "sub_courses", id }, { title, description, position: position(place), published_at: publishedAt, archived_at: archivedAt }),
  );
  const lessons = organization.lessons.filter((lesson) => lesson.courseId === courseId);
  lessons.forEach((lesson, place) => {
    const revision = fakeId(8, place + 1);
    arriveRow(draft, { table: "lessons", id: lesson.id }, {
      sub_course_id: lesson.subCourseId, title: lesson.title, position: position(place), duration_minutes: lesson.durationMinutes, video: lesson.video,
      revision_id: revision, published_at: lesson.publishedAt, published_revision_id: lesson.publishedAt && revision, archived_at: lesson.archivedAt,
    });
    draft.documents.set(lesson.id, sampleDocument(place));
  });
  const parents = [...course.subCourses.map(({ id }) => id), null];
  ["What do you remember?", "Before the exam"].forEach((title, place) =>
    arriveRow(draft, { table: "quizzes", id: quizId(courseId, place) }, {
      sub_course_id: parents[place % parents.length] ?? null, title, description: "", position: position(place), time_limit_minutes: place ? 30 : null,
      max_attempts: place ? 1 : null, passing_score: 60, published_at: null, archived_at: null,
    }),
  );
  seedQuestions(draft, quizId(courseId, 0), "every kind");
  if (course.title.startsWith("Bread")) seedQuestions(draft, quizId(courseId, 1), "a hundred");
  return draft;
}

/** The quizzes of a kept course have the same ids each time. */
export function quizId(courseId: string, place: number): string {
  return fakeId(9, Number.parseInt(courseId.slice(-8), 16) * 10 + place);
}

/** A row as the server sends it. */
export function arriveRow(draft: FakeDraft, key: DraftKey, fields: FakeFields): void {
  draft.rows.set(rowName(key), { key, fields, server: structuredClone(fields), refused: null });
}

function sampleDocument(place: number): Value {
  const block = (number: number, type: string, words: string, attrs: FakeFields = {}): Value => ({
    type, attrs: { id: fakeId(10, place * 100 + number), ...attrs }, content: [{ type: "text", text: words }],
  });
  return {
    type: "doc",
    content: [
      block(1, "heading", "What this lesson is about", { level: 2 }),
      block(2, "paragraph", "Read the text, then try it yourself. Nothing here needs more than what is in a kitchen."),
      block(3, "paragraph", "Write down what you expect before you begin, and compare it with what happened."),
    ],
  };
}

export const isWaiting = (row: FakeRow): boolean => JSON.stringify(row.fields) !== JSON.stringify(row.server);

export function rowState(row: FakeRow): { state: RowState; refused: string | null } {
  return { state: row.refused !== null ? "refused" : isWaiting(row) ? "here" : "onTheServer", refused: row.refused };
}

export function rowsOf(draft: FakeDraft, table: DraftTable): FakeRow[] {
  const rows = [...draft.rows.values()].filter((row) => row.key.table === table);
  const place = (row: FakeRow) => `${String(row.fields.position ?? "")} ${row.key.id}`;
  return rows.toSorted((a, b) => (place(a) < place(b) ? -1 : 1));
}

export function draftOf(world: World, courseId: string): FakeDraft {
  return world.drafts.courses.get(courseId) ?? refuse("notFound", "This course is not kept on this computer.", { nextStep: "Choose it under Drafts first." });
}

export function draftRow(draft: FakeDraft, key: DraftKey): FakeRow {
  return draft.rows.get(rowName(key)) ?? refuse("notFound", "This is no longer in the course.");
}

/** The draft, if this person may write in it. */
export function writableDraft(world: World, courseId: string): FakeDraft {
  const draft = draftOf(world, courseId);
  if (!draft.mayWrite) refuse("notAllowed", "You may read this course but not write in it.", { nextStep: "Ask its lead or an admin." });
  return draft;
}

export function courseDraft(world: World, draft: FakeDraft): CourseDraft {
  const rows = [...draft.rows.values()];
  const waiting = rows.filter(isWaiting).length;
  const refused = rows.filter((row) => row.refused !== null).length;
  const lessons = rows.filter((row) => row.key.table === "lessons" && row.fields.archived_at === null);
  const asks = refused > 0 || draft.conflicts.length > 0 || draft.massDeletion !== null || (draft.aside !== null && waiting > 0);
  const state: SyncState = asks ? "needsYourDecision" : waiting === 0 ? "onTheServer" : world.drafts.isOnline && !draft.aside ? "sending" : "savedHere";
  const { courseId, organizationId, title, mayWrite, aside, healing, massDeletion, syncedAt } = draft;
  return {
    courseId, organizationId, title, state, waiting, refused, conflicts: draft.conflicts.length, lessons: lessons.length,
    toDownload: lessons.filter(({ key }) => !draft.documents.has(key.id)).length, mayWrite, aside, healing, massDeletion, syncedAt,
  };
}

const states: SyncState[] = ["needsYourDecision", "sending", "savedHere", "onTheServer"];

export function draftsNow(world: World): Drafts {
  const courses = [...world.drafts.courses.values()].map((draft) => courseDraft(world, draft)).toSorted((a, b) => a.title.localeCompare(b.title, "und"));
  const state = states.find((each) => courses.some((course) => course.state === each)) ?? "onTheServer";
  const { isOnline, problem } = world.drafts;
  const isOpen = world.me !== null && problem?.isOpen !== false;
  return structuredClone({ isOpen, state, isOnline, problem: problem?.message ?? null, nextStep: problem?.nextStep ?? null, mayBeginAnew: problem?.mayBeginAnew === true, courses });
}

/** Everybody hears what changed. */
export function announce(world: World, courses: string[], lessons: string[] = []): void {
  const change: DraftsChanged = { drafts: draftsNow(world), courses, lessons, others: structuredClone(world.drafts.readers) };
  for (const hear of world.drafts.hears) hear(change);
}

/** Something was written here: told at once, and sent a moment later. */
export function wrote(world: World, courseId: string): void {
  announce(world, [courseId]);
  syncSoon(world);
}

export function syncSoon(world: World): void {
  if (!world.drafts.isOnline || world.drafts.timer !== null) return;
  world.drafts.timer = setTimeout(() => syncFake(world), world.scenario.delay === 0 ? 0 : 1_200);
}

/** Everything that may go goes. A row titled "refuse" is refused, once. */
export function syncFake(world: World): void {
  if (world.drafts.timer !== null) clearTimeout(world.drafts.timer);
  world.drafts.timer = null;
  if (!world.drafts.isOnline) return;
  const sent: string[] = [];
  for (const draft of world.drafts.courses.values()) {
    draft.syncedAt = new Date(world.now()).toISOString();
    if (draft.aside !== null || draft.massDeletion !== null) continue;
    for (const row of draft.rows.values()) {
      if (!isWaiting(row)) continue;
      row.refused = row.fields.title === "refuse" ? "The server allows no lesson with this title." : null;
      if (row.refused === null) row.server = structuredClone(row.fields);
      sent.push(draft.courseId);
    }
  }
  announce(world, [...new Set(sent)]);
}

/** The network goes or comes back. */
export function setOnline(world: World, isOnline: boolean): void {
  world.drafts.isOnline = isOnline;
  announce(world, []);
  syncSoon(world);
}

/** Everything that can be wrong, for looking at it. */
function trouble(drafts: FakeDrafts, organization: FakeOrganization, now: () => number): void {
  const keep = (title: string, change: (draft: FakeDraft) => void) => {
    const course = organization.courses.find((each) => each.title === title);
    if (!course) return;
    const draft = makeDraft(organization, course.id, new Date(now() - 7_200_000).toISOString());
    change(draft);
    drafts.courses.set(course.id, draft);
  };
  const touch = (draft: FakeDraft, count: number) =>
    rowsOf(draft, "lessons").slice(0, count).forEach((row) => (row.fields.title = `${String(row.fields.title)}, second edition`));
  keep("Algebra again", (draft) => {
    touch(draft, 2);
    const lesson = rowsOf(draft, "lessons")[0];
    if (lesson) lesson.refused = "The server allows no lesson with this title.";
    for (const { key } of rowsOf(draft, "lessons").slice(3)) draft.documents.delete(key.id);
    seedConflicts(draft, new Date(now() - 5_400_000).toISOString());
  });
  keep("Repairing bicycles", (draft) => {
    touch(draft, 2);
    Object.assign(draft, { aside: "denied", mayWrite: false });
  });
  keep("Public speaking", (draft) => {
    touch(draft, 1);
    Object.assign(draft, { aside: "archived", mayWrite: false });
  });
  keep("Singing by ear", (draft) => Object.assign(draft, { aside: "upgrade" }));
  keep("Beekeeping through the year", (draft) => Object.assign(draft, { healing: true }));
  keep("Photography in low light", (draft) => {
    const titles = rowsOf(draft, "lessons").map((row) => String(row.fields.title));
    draft.massDeletion = { direction: "pull", titles: titles.slice(0, 5), count: 24, of: 31 };
  });
}
