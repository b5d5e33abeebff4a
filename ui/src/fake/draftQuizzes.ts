/** Questions and conflicts of the drafts in memory. */
import type { Conflict, DraftAnswer, DraftQuestion, QuestionKind, Value } from "../platform";
import { arriveRow, type FakeDraft, type FakeFields, rowsOf, rowState } from "./draftWorld";
import { fakeId } from "./random";
import { blocksOf, diffWords } from "./wordDiff";

type Sample = { kind: QuestionKind; prompt: string; points?: number; options?: string[]; correct?: number[]; texts?: string[]; number?: [number, number | null] };

const samples: Sample[] = [
  { kind: "multiple_choice", prompt: "Which flour makes the strongest dough?", options: ["Rye", "Wheat", "Oat"], correct: [1] },
  { kind: "multiple_response", prompt: "What does yeast need?", points: 200, options: ["Water", "Warmth", "Salt", "Sugar"], correct: [0, 1, 3] },
  { kind: "true_false", prompt: "Dough rises faster in the cold.", texts: ["false"] },
  { kind: "short_answer", prompt: "როგორ ჰქვია ქართულ პურს?", texts: ["თონის პური", "შოთი"] },
  { kind: "numeric", prompt: "At how many degrees does yeast die?", points: 150, number: [60, 5] },
  { kind: "essay", prompt: "Describe a loaf that went wrong and what you would do differently.", points: 1000 },
  { kind: "multiple_choice", prompt: "How long should it rest?", options: ["An hour"] },
];

const position = (place: number) => String((place + 1) * 1_000_000).padStart(12, "0");

/** A quiz that shows every kind, one of a hundred questions, or none. */
export function seedQuestions(draft: FakeDraft, quizId: string, which: "every kind" | "a hundred"): void {
  const number = Number.parseInt(quizId.slice(-8), 16);
  const list: Sample[] = which === "every kind" ? samples : Array.from({ length: 100 }, (_, place) => ({ kind: "short_answer", prompt: `Question ${place + 1}: what comes next?`, texts: [`answer ${place + 1}`] }));
  list.forEach((sample, place) => {
    const id = fakeId(11, number * 200 + place);
    arriveRow(draft, { table: "questions", id }, {
      quiz_id: quizId, kind: sample.kind, prompt: sample.prompt, points_hundredths: sample.points ?? 100, explanation: "", feedback: "", source: null, position: position(place), archived_at: null,
    });
    const answer = (at: number, fields: FakeFields) =>
      arriveRow(draft, { table: "answer_keys", id: fakeId(13, (number * 200 + place) * 10 + at) }, {
        question_id: id, option_id: null, accepted_text: null, accepted_number: null, tolerance: null, weight_percent: 100, archived_at: null, ...fields,
      });
    sample.options?.forEach((label, at) => {
      const option = fakeId(12, (number * 200 + place) * 10 + at);
      arriveRow(draft, { table: "question_options", id: option }, { question_id: id, label, feedback: "", position: position(at), archived_at: null });
      if (sample.correct?.includes(at)) answer(at, { option_id: option });
    });
    sample.texts?.forEach((text, at) => answer(at, { accepted_text: text }));
    if (sample.number) answer(0, { accepted_number: sample.number[0], tolerance: sample.number[1] });
  });
}

const text = (value: Value | undefined): string => (typeof value === "string" ? value : "");
const maybe = (value: Value | undefined): string | null => (typeof value === "string" ? value : null);
const number = (value: Value | undefined): number | null => (typeof value === "number" ? value : null);

export function questionsOf(draft: FakeDraft, quizId: string): DraftQuestion[] {
  const options = rowsOf(draft, "question_options");
  const keys = rowsOf(draft, "answer_keys");
  return rowsOf(draft, "questions")
    .filter(({ fields }) => fields.quiz_id === quizId)
    .map((row): DraftQuestion => {
      const { key, fields } = row;
      return {
        id: key.id, kind: text(fields.kind) as QuestionKind, prompt: text(fields.prompt), pointsHundredths: Number(fields.points_hundredths), explanation: text(fields.explanation),
        feedback: text(fields.feedback), position: text(fields.position), archivedAt: maybe(fields.archived_at),
        options: options
          .filter((option) => option.fields.question_id === key.id)
          .map((option) => ({ id: option.key.id, label: text(option.fields.label), feedback: text(option.fields.feedback), position: text(option.fields.position), archivedAt: maybe(option.fields.archived_at), refused: option.refused })),
        answers: keys
          .filter((answer) => answer.fields.question_id === key.id && answer.fields.archived_at === null)
          .map(({ key: { id }, fields: answer, refused }): DraftAnswer => ({
            id, optionId: maybe(answer.option_id), acceptedText: maybe(answer.accepted_text), acceptedNumber: number(answer.accepted_number), tolerance: number(answer.tolerance),
            weightPercent: Number(answer.weight_percent), refused,
          })),
        ...rowState(row),
      };
    });
}

/** What two people did to the same things of a course. */
export function seedConflicts(draft: FakeDraft, at: string): void {
  const conflict = (place: number, rest: Omit<Conflict, "id" | "pieces" | "personName" | "createdAt"> & Partial<Conflict>) =>
    draft.conflicts.push({ id: fakeId(14, place), pieces: diffWords(rest.stands, rest.other), personName: "Jonas Weber", createdAt: at, ...rest });
  const [lesson] = rowsOf(draft, "lessons");
  const blocks = lesson ? blocksOf(draft.documents.get(lesson.key.id) ?? null) : [];
  if (lesson) {
    const title = text(lesson.fields.title);
    conflict(1, {
      about: lesson.key, title, kind: "words", block: blocks[1]?.id ?? null, field: "document", mayKeepBoth: true,
      before: "Read the text. Nothing here needs more than what is in a kitchen.", stands: blocks[1]?.text ?? "",
      other: "Read the text twice, then try it with somebody else. Nothing here needs more than what is in a kitchen.",
    });
    conflict(2, { about: lesson.key, title, kind: "words_deleted", block: blocks[2]?.id ?? null, field: "document", mayKeepBoth: false, before: blocks[2]?.text ?? "", stands: blocks[2]?.text ?? "", other: "", personName: "Ζωή Παπαδοπούλου" });
  }
  const [quiz] = rowsOf(draft, "quizzes");
  const [question] = quiz ? questionsOf(draft, quiz.key.id) : [];
  if (!quiz || !question) return;
  conflict(3, { about: { table: "questions", id: question.id }, title: question.prompt, kind: "answer", block: null, field: "answers", mayKeepBoth: true, before: "Rye", stands: "Wheat", other: "Wheat, Oat", personName: null, createdAt: null });
  conflict(4, { about: quiz.key, title: text(quiz.fields.title), kind: "field", block: null, field: "passing_score", mayKeepBoth: false, before: "50", stands: "60", other: "75" });
}
