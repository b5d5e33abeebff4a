/** The limits the database keeps for quizzes (constraints quizzes_*, questions_*, question_options_*, answer_keys_*), told at the field. */
import type { DraftAnswer, DraftOption, DraftQuestion, DraftQuiz, QuestionKind } from "../../../platform";
import type { AuthoringStrings } from "../../../strings/authoring";

type Words = AuthoringStrings["quiz"]["problems"];

export const kinds: QuestionKind[] = ["multiple_choice", "multiple_response", "true_false", "short_answer", "numeric", "essay"];

export const limits = { title: 200, description: 2000, prompt: 10_000, note: 10_000, label: 2000, accepted: 2000, points: 1000, minutes: 1440, attempts: 10 } as const;

/** What a field says: the value that is kept, or why none can be. */
export type Reading<V> = { value: V } | { problem: string };

const lengthOf = (text: string) => [...text].length;

export const needed = (t: Words, max: number) => (text: string): Reading<string> =>
  text.trim() === "" ? { problem: t.missing } : lengthOf(text.trim()) > max ? { problem: t.tooLong(max) } : { value: text.trim() };

export const optional = (t: Words, max: number) => (text: string): Reading<string> => (lengthOf(text) > max ? { problem: t.tooLong(max) } : { value: text });

/** "2,5", "2.5", "−3", "1e-9"; not a number: null. Never with separators of thousands: "1,000" would be one. */
export function numberFrom(text: string): number | null {
  const clean = text.trim().replace(/^[−–]/, "-").replace(",", ".");
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(clean)) return null;
  const value = Number(clean);
  return Number.isFinite(value) ? value : null;
}

export const wholeOrNone = (t: Words, from: number, to: number) => (text: string): Reading<number | null> => {
  if (text.trim() === "") return { value: null };
  const value = numberFrom(text);
  return value !== null && Number.isInteger(value) && value >= from && value <= to ? { value } : { problem: t.wholeBetween(from, to) };
};

export const wholeBetween = (t: Words, from: number, to: number) => (text: string): Reading<number> => {
  const value = numberFrom(text);
  return value !== null && Number.isInteger(value) && value >= from && value <= to ? { value } : { problem: t.wholeBetween(from, to) };
};

/** Points as they are typed, hundredths as they are kept. */
export const pointsFrom = (t: Words) => (text: string): Reading<number> => {
  const value = numberFrom(text);
  if (value === null || value < 0 || value > limits.points) return { problem: t.points };
  const hundredths = Math.round(value * 100);
  return Math.abs(hundredths - value * 100) < 1e-6 ? { value: hundredths } : { problem: t.pointsTooFine };
};

export const acceptedNumber = (t: Words) => (text: string): Reading<number> => {
  const value = numberFrom(text);
  return value === null ? { problem: t.notNumber } : { value };
};

export const toleranceFrom = (t: Words) => (text: string): Reading<number | null> => {
  if (text.trim() === "") return { value: null };
  const value = numberFrom(text);
  return value !== null && value >= 0 ? { value } : { problem: t.tolerance };
};

export const liveQuestions = (quiz: DraftQuiz) => quiz.questions.filter(({ archivedAt }) => archivedAt === null);
export const liveOptions = (question: DraftQuestion) => question.options.filter(({ archivedAt }) => archivedAt === null);
export const isChoice = (kind: QuestionKind) => kind === "multiple_choice" || kind === "multiple_response";

/** Those that say what this kind of question asks for; a change of kind by another person may leave others. */
export function answersOf(question: DraftQuestion): DraftAnswer[] {
  const { kind, answers } = question;
  if (isChoice(kind)) {
    const live = new Set(liveOptions(question).map(({ id }) => id));
    return answers.filter(({ optionId, weightPercent }) => optionId !== null && live.has(optionId) && weightPercent > 0);
  }
  if (kind === "true_false") return answers.filter(({ acceptedText }) => acceptedText === "true" || acceptedText === "false");
  if (kind === "short_answer") return answers.filter(({ acceptedText }) => acceptedText !== null);
  if (kind === "numeric") return answers.filter(({ acceptedNumber }) => acceptedNumber !== null);
  return [];
}

export const isCorrect = (question: DraftQuestion, option: DraftOption) => answersOf(question).some(({ optionId }) => optionId === option.id);

/** The first line of a prompt, for lists and for what is said. */
export const firstLine = (prompt: string) => prompt.trim().split("\n", 1)[0] ?? "";

export type Unfit = "prompt" | "fewOptions" | "emptyLabel" | "noCorrect" | "severalCorrect" | "noAnswer";

/** What keeps a question from being published. It never keeps anybody from writing. */
export function unfitness(question: DraftQuestion): Unfit[] {
  const found: Unfit[] = [];
  const { kind } = question;
  const options = liveOptions(question);
  const answers = answersOf(question).length;
  if (question.prompt.trim() === "") found.push("prompt");
  if (isChoice(kind)) {
    if (options.length < 2) found.push("fewOptions");
    if (options.some(({ label }) => label.trim() === "")) found.push("emptyLabel");
    if (options.length > 0 && answers === 0) found.push("noCorrect");
    if (kind === "multiple_choice" && answers > 1) found.push("severalCorrect");
  } else if (kind !== "essay" && answers === 0) found.push("noAnswer");
  else if (kind === "true_false" && answers > 1) found.push("severalCorrect");
  return found;
}

export function unfitQuestions(quiz: DraftQuiz): { question: DraftQuestion; number: number; problems: Unfit[] }[] {
  return liveQuestions(quiz)
    .map((question, at) => ({ question, number: at + 1, problems: unfitness(question) }))
    .filter(({ problems }) => problems.length > 0);
}
