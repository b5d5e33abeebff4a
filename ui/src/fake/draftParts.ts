import { newId } from "../ids";
import type { Conflict, Platform, Revision, Value } from "../platform";
import { organizationOf, refuse } from "./answers";
import { approvalsOf } from "./approvals";
import { questionsOf } from "./draftQuizzes";
import { announce, draftOf, draftRow, type FakeDraft, rowName, rowsOf, rowState, writableDraft, wrote } from "./draftWorld";
import { fakeId } from "./random";
import { blocksOf, diffBlocks } from "./wordDiff";
import type { World } from "./world";

type Part = Pick<
  Platform,
  | "openQuiz" | "listConflicts" | "decideConflict"
  | "saveRevision" | "listRevisions" | "readRevision" | "compareRevisions" | "restoreRevision"
  | "readPublication" | "publishLesson" | "unpublishLesson"
>;

type FakeRevision = Revision & { document: Value };

const text = (value: Value | undefined): string => (typeof value === "string" ? value : "");
const object = (value: Value | undefined) => (typeof value === "object" && value !== null && !Array.isArray(value) ? value : {});

/** The version of a lesson that has so many before it, itself counted. */
export const newestRevision = (lessonId: string, count: number) => fakeId(15, Number.parseInt(lessonId.slice(-6), 16) * 1000 + count);

/** The document with another text in one block; null: without the block. */
function withBlock(document: Value, id: string, words: string | null): Value {
  const { content } = object(document);
  const blocks = (Array.isArray(content) ? content : []).flatMap((json): Value[] => {
    const block = object(json);
    if (object(block.attrs).id !== id) return [json];
    return words === null ? [] : [{ ...block, content: words === "" ? [] : [{ type: "text", text: words }] }];
  });
  return { ...object(document), type: "doc", content: blocks };
}

/** Quizzes, conflicts, revisions and publication of the drafts in memory. */
export function fakeDraftParts(world: World): Part {
  const now = () => new Date(world.now()).toISOString();
  const histories = new Map<string, FakeRevision[]>();
  // What learners read of each lesson when the window opened.
  const published = new Map<string, Value>();
  for (const draft of world.drafts.courses.values()) for (const [lesson, document] of draft.documents) published.set(lesson, structuredClone(document));

  /** Newest first; made up when first asked for: a lesson that grew over some weeks, or over a year. */
  const history = (draft: FakeDraft, lessonId: string): FakeRevision[] => {
    const known = histories.get(lessonId);
    if (known) return known;
    const document = draft.documents.get(lessonId) ?? null;
    const count = world.scenario.drafts === "trouble" ? 300 : 5;
    const blocks = blocksOf(document);
    const earlier = (place: number): Value => {
      if (place === 0 || blocks.length === 0) return structuredClone(document);
      const shorter = withBlock(document, blocks[1]?.id ?? "", `Read the text. Draft ${count - place}.`);
      return place > count / 2 ? withBlock(shorter, blocks[2]?.id ?? "", null) : shorter;
    };
    const { fields } = draftRow(draft, { table: "lessons", id: lessonId });
    const made = Array.from({ length: count }, (_, place): FakeRevision => ({
      id: newestRevision(lessonId, count - place),
      name: place === 2 ? "Before the holidays" : place === count - 1 ? "პირველი ვერსია" : null,
      savedAt: new Date(world.now() - (place * 9 + 1) * 3_600_000).toISOString(),
      personName: ["Amara Nwosu-Lindqvist", "Jonas Weber", null][place % 3] ?? null,
      isHere: place < 3,
      isPublished: place === 0 && fields.published_at !== null,
      isCurrent: place === 0,
      document: earlier(place),
    }));
    histories.set(lessonId, made);
    return made;
  };
  const documentOf = (draft: FakeDraft, lessonId: string, revision: string | null): Value => {
    if (revision === null) return draft.documents.get(lessonId) ?? null;
    const found = history(draft, lessonId).find(({ id }) => id === revision) ?? refuse("notFound", "This version is gone.");
    if (!found.isHere && !world.drafts.isOnline) refuse("unreachable", "This version is on the server, which does not answer.", { nextStep: "Read it when there is a network." });
    found.isHere = true;
    return found.document;
  };
  const keep = (draft: FakeDraft, lessonId: string, name: string | null) => {
    const list = history(draft, lessonId);
    const document = structuredClone(draft.documents.get(lessonId) ?? null);
    for (const revision of list) revision.isCurrent = false;
    const made: FakeRevision = { id: newId(), name, savedAt: world.drafts.isOnline ? now() : null, personName: world.signedInAs.name, isHere: true, isPublished: false, isCurrent: true, document };
    list.unshift(made);
    return made;
  };
  const say = (draft: FakeDraft, lessonId: string, document: Value) => {
    draft.documents.set(lessonId, structuredClone(document));
    draftRow(draft, { table: "lessons", id: lessonId }).fields.revision_id = newId();
  };
  const lacksApproval = (draft: FakeDraft, lessonId: string) => {
    const newest = history(draft, lessonId)[0]?.id;
    return organizationOf(world, draft.organizationId).facts.approvalRequired && ![...approvalsOf(world).values()].some(({ revisionId, decision }) => revisionId === newest && decision === "approved");
  };
  const done = (courseId: string, lessonId: string) => {
    announce(world, [courseId], [lessonId]);
    wrote(world, courseId);
    return null;
  };
  const useOther = (draft: FakeDraft, conflict: Conflict, both: boolean) => {
    const { about, block, kind, field, other } = conflict;
    if (about.table === "lessons" && block !== null) {
      const document = draft.documents.get(about.id) ?? null;
      if (!both) return say(draft, about.id, withBlock(document, block, kind === "words_deleted" ? null : other));
      const content = blocksOf(document).flatMap(({ id, json }) => (id === block ? [json, { ...object(json), attrs: { ...object(object(json).attrs), id: newId() }, content: [{ type: "text", text: other }] }] : [json]));
      return say(draft, about.id, { ...object(document), content });
    }
    if (kind === "answer") {
      const labels = other.split(", ");
      for (const row of rowsOf(draft, "answer_keys")) if (row.fields.question_id === about.id) row.fields.archived_at = now();
      for (const option of rowsOf(draft, "question_options")) {
        if (option.fields.question_id !== about.id || !labels.includes(text(option.fields.label))) continue;
        const key = { table: "answer_keys" as const, id: newId() };
        draft.rows.set(rowName(key), { key, fields: { question_id: about.id, option_id: option.key.id, accepted_text: null, accepted_number: null, tolerance: null, weight_percent: 100, archived_at: null }, server: null, refused: null });
      }
      return;
    }
    const row = draftRow(draft, about);
    row.fields[field] = typeof row.fields[field] === "number" ? Number(other) : other;
  };

  return {
    openQuiz: async (courseId, quizId) => {
      const draft = draftOf(world, courseId);
      const row = draftRow(draft, { table: "quizzes", id: quizId });
      const { fields } = row;
      const questions = questionsOf(draft, quizId);
      const inside = new Set([quizId, ...questions.flatMap(({ id, options, answers }) => [id, ...[...options, ...answers].map((part) => part.id)])]);
      const conflicts = draft.conflicts.filter(({ about }) => inside.has(about.id));
      return structuredClone({
        row: {
          id: quizId, subCourseId: typeof fields.sub_course_id === "string" ? fields.sub_course_id : null, title: text(fields.title), position: text(fields.position),
          questions: questions.filter(({ archivedAt }) => archivedAt === null).length, publishedAt: text(fields.published_at) || null, archivedAt: text(fields.archived_at) || null,
          isUnfiled: false, conflicts: conflicts.length, ...rowState(row),
        },
        courseTitle: draft.title,
        description: text(fields.description),
        timeLimitMinutes: typeof fields.time_limit_minutes === "number" ? fields.time_limit_minutes : null,
        maxAttempts: typeof fields.max_attempts === "number" ? fields.max_attempts : null,
        passingScore: Number(fields.passing_score),
        mayWrite: draft.mayWrite,
        questions,
        conflicts,
      });
    },
    listConflicts: async (courseId) => structuredClone(draftOf(world, courseId).conflicts),
    decideConflict: async (courseId, conflictId, choice) => {
      const draft = writableDraft(world, courseId);
      const conflict = draft.conflicts.find(({ id }) => id === conflictId) ?? refuse("notFound", "Somebody decided this already.");
      if (choice !== "keep") useOther(draft, conflict, choice === "keepBoth");
      draft.conflicts = draft.conflicts.filter((each) => each !== conflict);
      return done(courseId, conflict.about.id);
    },

    saveRevision: async (courseId, lessonId, name) => {
      keep(writableDraft(world, courseId), lessonId, name);
      announce(world, [courseId]);
      return null;
    },
    listRevisions: async (courseId, lessonId) => {
      const revisions = history(draftOf(world, courseId), lessonId).filter(({ isHere }) => isHere || world.drafts.isOnline);
      return structuredClone({ revisions: revisions.map(({ document: _, ...revision }) => revision), isComplete: world.drafts.isOnline });
    },
    readRevision: async (courseId, lessonId, revisionId) => structuredClone(documentOf(draftOf(world, courseId), lessonId, revisionId)),
    compareRevisions: async (courseId, lessonId, older, newer) => {
      const draft = draftOf(world, courseId);
      return diffBlocks(documentOf(draft, lessonId, older), documentOf(draft, lessonId, newer));
    },
    restoreRevision: async (courseId, lessonId, revisionId, blockId) => {
      const draft = writableDraft(world, courseId);
      const then = documentOf(draft, lessonId, revisionId);
      const current = draft.documents.get(lessonId) ?? null;
      keep(draft, lessonId, null);
      if (blockId === null) say(draft, lessonId, then);
      else {
        const old = blocksOf(then);
        const at = old.findIndex(({ id }) => id === blockId);
        const block = old[at] ?? refuse("notFound", "This part is not in that version.");
        const blocks = blocksOf(current);
        const here = blocks.findIndex(({ id }) => id === blockId);
        const behind = blocks.findIndex(({ id }) => id === old[at - 1]?.id);
        const content = blocks.map(({ json }) => json);
        if (here >= 0) content[here] = block.json;
        else content.splice(behind + 1, 0, block.json);
        say(draft, lessonId, { ...object(current), type: "doc", content });
      }
      keep(draft, lessonId, null);
      return done(courseId, lessonId);
    },

    readPublication: async (courseId, lessonId) => {
      const draft = draftOf(world, courseId);
      const { fields } = draftRow(draft, { table: "lessons", id: lessonId });
      const document = draft.documents.get(lessonId) ?? null;
      const conflicts = draft.conflicts.filter(({ about }) => about.id === lessonId).length;
      return {
        publishedAt: text(fields.published_at) || null,
        changes: diffBlocks(fields.published_at === null ? null : (published.get(lessonId) ?? null), document),
        warnings: conflicts > 0 ? [`${conflicts === 1 ? "One conflict is" : `${conflicts} conflicts are`} not decided: learners read the version that stands.`] : [],
        refusal: blocksOf(document).length === 0 ? "The lesson says nothing yet." : draft.aside === "denied" ? "You may no longer write in this course." : null,
        needsApproval: lacksApproval(draft, lessonId),
      };
    },
    publishLesson: async (courseId, lessonId) => {
      const draft = writableDraft(world, courseId);
      const row = draftRow(draft, { table: "lessons", id: lessonId });
      if (lacksApproval(draft, lessonId)) refuse("conflict", "Nobody approved what would be published.", { nextStep: "Ask a reviewer first." });
      published.set(lessonId, structuredClone(draft.documents.get(lessonId) ?? null));
      const made = keep(draft, lessonId, null);
      for (const revision of history(draft, lessonId)) revision.isPublished = revision === made;
      Object.assign(row.fields, { published_at: now(), published_revision_id: row.fields.revision_id });
      wrote(world, courseId);
      return null;
    },
    unpublishLesson: async (courseId, lessonId) => {
      const draft = writableDraft(world, courseId);
      Object.assign(draftRow(draft, { table: "lessons", id: lessonId }).fields, { published_at: null, published_revision_id: null });
      for (const revision of history(draft, lessonId)) revision.isPublished = false;
      wrote(world, courseId);
      return null;
    },
  };
}
