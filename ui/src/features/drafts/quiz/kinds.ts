/** What a change of kind keeps of a question, what it makes and what goes. */
import { newId } from "../../../ids";
import type { DraftAnswer, DraftOption, DraftQuestion, QuestionKind } from "../../../platform";
import { answersOf, isChoice, isCorrect, limits, liveOptions, numberFrom } from "./rules";

export type KindChange = {
  to: QuestionKind;
  /** Correct answers and options that are archived. */
  answersGone: DraftAnswer[];
  optionsGone: DraftOption[];
  newOptions: { id: string; label: string }[];
  newAnswers: (Pick<DraftAnswer, "id"> & Partial<Pick<DraftAnswer, "optionId" | "acceptedText" | "acceptedNumber" | "tolerance" | "weightPercent">>)[];
  /** Words of what goes and comes back in no other form. */
  lost: string[];
};

/** `truth` are the words of true and false where they become options. */
export function changeOfKind(question: DraftQuestion, to: QuestionKind, truth: { true: string; false: string }): KindChange {
  const { kind } = question;
  const options = liveOptions(question);
  const correct = options.filter((option) => isCorrect(question, option));
  const answers = answersOf(question);
  const plan: KindChange = { to, answersGone: [], optionsGone: [], newOptions: [], newAnswers: [], lost: [] };
  if (kind === to) return plan;

  if (isChoice(kind) && isChoice(to)) {
    const extra = to === "multiple_choice" ? correct.slice(1) : [];
    plan.answersGone = question.answers.filter(({ optionId }) => extra.some(({ id }) => id === optionId));
    plan.lost = extra.map(({ label }) => label);
    return plan;
  }

  const texts = isChoice(kind)
    ? correct.map(({ label }) => label)
    : kind === "numeric"
      ? answers.map(({ acceptedNumber }) => String(acceptedNumber))
      : kind === "short_answer"
        ? answers.map(({ acceptedText }) => acceptedText ?? "")
        : [];
  plan.answersGone = question.answers;
  plan.optionsGone = options;
  let kept: string[] = [];
  if (isChoice(to)) {
    if (kind === "true_false") {
      const said = answers[0]?.acceptedText;
      for (const side of ["true", "false"] as const) {
        const id = newId();
        plan.newOptions.push({ id, label: truth[side] });
        if (said === side) plan.newAnswers.push({ id: newId(), optionId: id });
      }
    } else {
      kept = to === "multiple_choice" ? texts.slice(0, 1) : texts;
      for (const label of kept) {
        const id = newId();
        plan.newOptions.push({ id, label });
        plan.newAnswers.push({ id: newId(), optionId: id });
      }
    }
  } else if (to === "short_answer") {
    kept = texts.filter((text) => text.trim() !== "" && [...text].length <= limits.accepted);
    for (const acceptedText of kept) plan.newAnswers.push({ id: newId(), acceptedText });
  } else if (to === "numeric") {
    kept = texts.filter((text) => numberFrom(text) !== null).slice(0, 1);
    for (const text of kept) plan.newAnswers.push({ id: newId(), acceptedNumber: numberFrom(text) });
  }
  const wrong = isChoice(kind) ? options.filter((option) => !correct.includes(option)).map(({ label }) => label) : [];
  plan.lost = [...texts.filter((text) => !kept.includes(text)), ...wrong];
  if (kind === "true_false" && !isChoice(to)) plan.lost = answers.map(({ acceptedText }) => (acceptedText === "true" ? truth.true : truth.false));
  return plan;
}
