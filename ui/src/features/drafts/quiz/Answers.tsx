import { ActionIcon, Radio, Stack, Text, Tooltip } from "@mantine/core";
import { IconArchive } from "@tabler/icons-react";
import { useState } from "react";
import { FailureNote } from "../../../components/FailureNote";
import { offerUndo } from "../../../components/undo";
import { useFormat } from "../../../format";
import { newId } from "../../../ids";
import { type DraftAnswer, type DraftQuestion, type Failure, failureFrom, type Value } from "../../../platform";
import { useStrings } from "../../../strings";
import { useAuthoringStrings } from "../../../strings/authoring";
import { NewLine } from "./Options";
import classes from "./quiz.module.css";
import { acceptedNumber, answersOf, limits, needed, toleranceFrom, wholeBetween } from "./rules";
import { SavedField } from "./SavedField";
import type { Rows, WriteQuiz } from "./useQuiz";

type Part = { question: DraftQuestion; readOnly: boolean; rows: Rows; write: WriteQuiz };

/** What counts as correct where there is nothing to choose from. */
export function Answers(props: Part) {
  const t = useAuthoringStrings().quiz;
  const { kind } = props.question;
  if (kind === "true_false") return <Truth {...props} />;
  if (kind === "essay") return <Text size="sm" c="dimmed">{t.essay}</Text>;
  return <Accepted {...props} />;
}

function Truth({ question, readOnly, rows, write }: Part) {
  const t = useAuthoringStrings().quiz;
  const [failure, setFailure] = useState<Failure | null>(null);
  const answers = answersOf(question);
  const chosen = answers.length === 1 ? (answers[0]?.acceptedText ?? null) : null;
  const choose = (side: string) => {
    if (chosen === side) return;
    setFailure(null);
    write(async () => {
      for (const { id } of answers) await rows.archive("answer_keys", id);
      await rows.addAnswer(newId(), question.id, { acceptedText: side });
    }).catch((thrown: unknown) => setFailure(failureFrom(thrown)));
  };
  return (
    <fieldset className={classes.answers}>
      <legend>{t.truth}</legend>
      <Radio.Group value={chosen} onChange={choose} aria-label={t.truth} name={`truth-${question.id}`}>
        <Stack gap="xs">
          <Radio id={`truth-${question.id}`} value="true" label={t.true} disabled={readOnly} />
          <Radio value="false" label={t.false} disabled={readOnly} />
        </Stack>
      </Radio.Group>
      <FailureNote failure={failure} />
    </fieldset>
  );
}

/** Several texts or numbers, each worth all of the points or a part of them. */
function Accepted({ question, readOnly, rows, write }: Part) {
  const strings = useStrings();
  const t = useAuthoringStrings().quiz;
  const format = useFormat();
  const [failure, setFailure] = useState<Failure | null>(null);
  const numeric = question.kind === "numeric";
  const answers = answersOf(question);
  const number = (value: number | null) => (value === null ? "" : plain(value, format.locale));
  const save = (answer: DraftAnswer, field: string) => (value: Value) => write(() => rows.change("answer_keys", answer.id, { [field]: value }));
  const focusNew = () => document.getElementById(`new-answer-${question.id}`)?.focus();
  const archive = (answer: DraftAnswer) => {
    setFailure(null);
    focusNew();
    write(() => rows.archive("answer_keys", answer.id))
      .then(() => offerUndo(strings, t.answerArchived(answer.acceptedText ?? number(answer.acceptedNumber)), () => write(() => rows.restore("answer_keys", answer.id))))
      .catch((thrown: unknown) => setFailure(failureFrom(thrown)));
  };
  return (
    <fieldset className={classes.answers}>
      <legend>{numeric ? t.acceptedNumbers : t.acceptedTexts}</legend>
      <ul className={classes.options}>
        {answers.map((answer, at) => {
          const place = format.number(at + 1);
          const name = answer.acceptedText ?? number(answer.acceptedNumber);
          return (
            <li key={answer.id} className={classes.answerLine}>
              {numeric ? (
                <>
                  <SavedField label={null} aria-label={t.answerNumber(place)} value={answer.acceptedNumber ?? 0} show={number} read={acceptedNumber(t.problems)} save={save(answer, "accepted_number")} readOnly={readOnly} refused={answer.refused} decimal className={classes.label} onEnter={focusNew} />
                  <span className={classes.unit} aria-hidden>
                    ±
                  </span>
                  <SavedField label={null} aria-label={t.tolerance(place)} placeholder="0" value={answer.tolerance} show={number} read={toleranceFrom(t.problems)} save={save(answer, "tolerance")} readOnly={readOnly} decimal width={90} />
                </>
              ) : (
                <SavedField label={null} aria-label={t.answerText(place)} value={answer.acceptedText ?? ""} show={(text) => text} read={needed(t.problems, limits.accepted)} save={save(answer, "accepted_text")} readOnly={readOnly} refused={answer.refused} className={classes.label} onEnter={focusNew} />
              )}
              <Tooltip label={t.weightHint}>
                <span>
                  <SavedField label={null} aria-label={t.weight(place)} value={answer.weightPercent} show={String} read={wholeBetween(t.problems, -100, 100)} save={save(answer, "weight_percent")} readOnly={readOnly} decimal width={76} rightSection={<span className={classes.unit}>%</span>} />
                </span>
              </Tooltip>
              {!readOnly && (
                <ActionIcon aria-label={t.archiveAnswer(name)} onClick={() => archive(answer)} className={classes.tool}>
                  <IconArchive size={16} aria-hidden />
                </ActionIcon>
              )}
            </li>
          );
        })}
      </ul>
      {!readOnly &&
        (numeric ? (
          <NewLine key="number" id={`new-answer-${question.id}`} label={answers.length === 0 ? t.firstNumber : t.newNumber} read={acceptedNumber(t.problems)} decimal onAdd={(value) => write(() => rows.addAnswer(newId(), question.id, { acceptedNumber: value }))} />
        ) : (
          <NewLine key="text" id={`new-answer-${question.id}`} label={answers.length === 0 ? t.firstAnswer : t.newAnswer} read={needed(t.problems, limits.accepted)} onAdd={(value) => write(() => rows.addAnswer(newId(), question.id, { acceptedText: value }))} />
        ))}
      <FailureNote failure={failure} />
    </fieldset>
  );
}

/** Every digit that counts, with the language's comma or point and nothing between thousands. */
function plain(value: number, locale: string): string {
  if (value !== 0 && (Math.abs(value) < 1e-6 || Math.abs(value) >= 1e15)) return String(value);
  return value.toLocaleString(locale, { useGrouping: false, maximumFractionDigits: 20 });
}
