import { ActionIcon, Checkbox, Collapse, Radio, TextInput, Tooltip, VisuallyHidden } from "@mantine/core";
import { IconArchive, IconGripVertical, IconMessage } from "@tabler/icons-react";
import { type KeyboardEvent, useContext, useEffect, useRef, useState } from "react";
import { FailureNote } from "../../../components/FailureNote";
import { offerUndo } from "../../../components/undo";
import { useFormat } from "../../../format";
import { newId } from "../../../ids";
import { type DraftOption, type DraftQuestion, type DraftQuiz, type Failure, failureFrom } from "../../../platform";
import { useStrings } from "../../../strings";
import { useAuthoringStrings } from "../../../strings/authoring";
import classes from "./quiz.module.css";
import { isCorrect, limits, liveOptions, needed, optional } from "./rules";
import { SavedField, Unkept } from "./SavedField";
import { moved, Sortable, stepTarget, useSorted } from "./Sortable";
import type { Rows, WriteQuiz } from "./useQuiz";

type Part = { question: DraftQuestion; readOnly: boolean; rows: Rows; write: WriteQuiz };

const inQuestion = (id: string, change: (question: DraftQuestion) => DraftQuestion) => (quiz: DraftQuiz): DraftQuiz => ({
  ...quiz,
  questions: quiz.questions.map((each) => (each.id === id ? change(each) : each)),
});

/** The choices of a question and which of them are correct. Enter goes to the next, from the last one to a new one. */
export function Options({ question, readOnly, rows, write }: Part) {
  const strings = useStrings();
  const t = useAuthoringStrings().quiz;
  const format = useFormat();
  const [failure, setFailure] = useState<Failure | null>(null);
  const [said, setSaid] = useState("");
  const options = liveOptions(question);
  const ids = options.map(({ id }) => id);
  const single = question.kind === "multiple_choice";
  const wanted = useRef<string | null>(null);
  // Whoever types fast adds the next option while the last is on its way.
  const last = useRef<string | null>(null);
  const add = (label: string) => {
    const id = newId();
    const after = last.current !== null && !question.options.some((option) => option.id === last.current) ? last.current : (ids.at(-1) ?? null);
    last.current = id;
    return write(() => rows.addOption(id, question.id, label, after)).catch((thrown: unknown) => {
      last.current = null;
      throw thrown;
    });
  };
  useEffect(() => {
    if (wanted.current === null) return;
    document.getElementById(wanted.current)?.focus();
    wanted.current = null;
  });
  const attempt = (act: Promise<unknown>) => {
    setFailure(null);
    return act.catch((thrown: unknown) => setFailure(failureFrom(thrown)));
  };

  /** Another correct answer is another row: which one is right never merges by itself. */
  const mark = (option: DraftOption, correct: boolean) => {
    const keys = question.answers.filter(({ optionId }) => optionId !== null);
    const gone = keys.filter(({ optionId }) => (single && correct ? optionId !== option.id : !correct && optionId === option.id));
    const made = correct && !isCorrect(question, option) ? newId() : null;
    const shown = inQuestion(question.id, (each) => ({
      ...each,
      answers: [
        ...each.answers.filter(({ id }) => !gone.some((key) => key.id === id)),
        ...(made === null ? [] : [{ id: made, optionId: option.id, acceptedText: null, acceptedNumber: null, tolerance: null, weightPercent: 100, refused: null }]),
      ],
    }));
    void attempt(
      write(async () => {
        for (const { id } of gone) await rows.archive("answer_keys", id);
        // An option that took points away has a key already, and may have only one.
        const taking = keys.find(({ optionId, weightPercent }) => optionId === option.id && weightPercent <= 0);
        if (made !== null && taking) await rows.change("answer_keys", taking.id, { weight_percent: 100 });
        else if (made !== null) await rows.addAnswer(made, question.id, { optionId: option.id });
      }, shown),
    );
  };
  const move = (option: DraftOption, after: string | null) => {
    const order = moved(options, option.id, after);
    setSaid(t.moved(option.label || t.noLabel, format.number(order.findIndex(({ id }) => id === option.id) + 1), format.number(order.length)));
    wanted.current = `option-${option.id}`;
    void attempt(write(() => rows.place("question_options", option.id, question.id, after), inQuestion(question.id, (each) => ({ ...each, options: moved(each.options, option.id, after) }))));
  };
  const step = (option: DraftOption, direction: "up" | "down") => {
    const after = stepTarget(ids, option.id, direction);
    if (after === undefined) setSaid(t.movedNowhere(option.label || t.noLabel));
    else move(option, direction === "up" ? (ids[ids.indexOf(option.id) - 2] ?? null) : after);
  };
  const archive = (option: DraftOption) => {
    const at = ids.indexOf(option.id);
    const next = ids[at + 1] ?? ids[at - 1];
    wanted.current = next ? `option-${next}` : `new-option-${question.id}`;
    void attempt(
      write(
        () => rows.archive("question_options", option.id),
        inQuestion(question.id, (each) => ({ ...each, options: each.options.map((row) => (row.id === option.id ? { ...row, archivedAt: new Date().toISOString() } : row)) })),
      ).then(() => offerUndo(strings, t.optionArchived(option.label || t.noLabel), () => write(() => rows.restore("question_options", option.id)))),
    );
  };
  const goOn = (option: DraftOption) => document.getElementById(ids[ids.indexOf(option.id) + 1] ? `option-${ids[ids.indexOf(option.id) + 1]}` : `new-option-${question.id}`)?.focus();

  return (
    <fieldset className={classes.answers}>
      <legend>{single ? t.optionsOne : t.optionsSeveral}</legend>
      <Sortable
        ids={ids}
        onMove={(id, after) => {
          const option = options.find((each) => each.id === id);
          if (option) move(option, after);
        }}
      >
        <ol className={classes.options}>
          {options.map((option, at) => (
            <OptionLine
              key={option.id}
              option={option}
              place={format.number(at + 1)}
              question={question}
              readOnly={readOnly}
              rows={rows}
              write={write}
              onMark={(correct) => mark(option, correct)}
              onStep={(direction) => step(option, direction)}
              onArchive={() => archive(option)}
              onEnter={() => goOn(option)}
            />
          ))}
        </ol>
      </Sortable>
      {!readOnly && (
        <div className={classes.newOption}>
          <NewLine
            id={`new-option-${question.id}`}
            label={t.newOption}
            read={needed(t.problems, limits.label)}
            onAdd={add}
          />
        </div>
      )}
      <FailureNote failure={failure} />
      <VisuallyHidden role="status" aria-live="polite">
        {said}
      </VisuallyHidden>
    </fieldset>
  );
}

function OptionLine(
  props: Part & { option: DraftOption; place: string; onMark: (correct: boolean) => void; onStep: (direction: "up" | "down") => void; onArchive: () => void; onEnter: () => void },
) {
  const { option, question, readOnly, rows, write } = props;
  const t = useAuthoringStrings().quiz;
  const [note, setNote] = useState(option.feedback !== "");
  const sorted = useSorted(option.id, readOnly);
  const correct = isCorrect(question, option);
  const name = option.label || t.noLabel;
  const save = (field: string) => (value: string) => write(() => rows.change("question_options", option.id, { [field]: value }));
  const Mark = question.kind === "multiple_choice" ? Radio : Checkbox;
  const refused = option.refused ?? question.answers.find(({ optionId }) => optionId === option.id)?.refused ?? null;
  const onKeyDown = (event: KeyboardEvent) => {
    if (readOnly || !event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    event.preventDefault();
    event.stopPropagation();
    props.onStep(event.key === "ArrowUp" ? "up" : "down");
  };
  return (
    <li ref={sorted.ref} className={classes.option} {...sorted.marks}>
      <div className={classes.optionLine}>
        {!readOnly && (
          <span className={classes.grip} {...sorted.listeners} aria-hidden>
            <IconGripVertical size={16} />
          </span>
        )}
        <Mark
          name={`correct-${question.id}`}
          checked={correct}
          disabled={readOnly}
          aria-label={t.isCorrect(name)}
          className={classes.mark}
          onChange={(event) => props.onMark(event.currentTarget.checked)}
        />
        <SavedField
          id={`option-${option.id}`}
          label={null}
          aria-label={t.option(props.place)}
          value={option.label}
          show={(text) => text}
          read={needed(t.problems, limits.label)}
          save={save("label")}
          readOnly={readOnly}
          refused={refused}
          className={classes.label}
          onEnter={props.onEnter}
          onKeyDown={onKeyDown}
        />
        {(!readOnly || option.feedback !== "") && (
          <Tooltip label={t.optionFeedback}>
            <ActionIcon aria-label={t.optionFeedbackOf(name)} aria-expanded={note} onClick={() => setNote(!note)} data-filled={option.feedback !== "" || undefined} className={classes.tool}>
              <IconMessage size={16} aria-hidden />
            </ActionIcon>
          </Tooltip>
        )}
        {!readOnly && (
          <Tooltip label={t.archiveOption}>
            <ActionIcon aria-label={t.archiveOptionOf(name)} onClick={props.onArchive} className={classes.tool}>
              <IconArchive size={16} aria-hidden />
            </ActionIcon>
          </Tooltip>
        )}
      </div>
      <Collapse expanded={note} className={classes.noteField}>
        {note && <SavedField label={null} aria-label={t.optionFeedbackOf(name)} placeholder={t.optionFeedback} value={option.feedback} show={(text) => text} read={optional(t.problems, limits.note)} save={save("feedback")} readOnly={readOnly} multiline minRows={1} />}
      </Collapse>
    </li>
  );
}

/** An empty line at the end of a list. Enter, or leaving it with words in it, adds them. */
export function NewLine<V>(props: { id: string; label: string; read: (text: string) => { value: V } | { problem: string }; decimal?: boolean; onAdd: (value: V) => Promise<unknown> }) {
  const [text, setText] = useState("");
  const [left, setLeft] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const tellUnkept = useContext(Unkept);
  const { id } = props;
  const waits = text.trim() !== "";
  useEffect(() => {
    tellUnkept(id, waits);
    return () => tellUnkept(id, false);
  }, [tellUnkept, id, waits]);
  const reading = props.read(text);
  const problem = "problem" in reading && text.trim() !== "" && (left || [...text].length > 200) ? reading.problem : null;
  const add = () => {
    setLeft(true);
    if (!("value" in reading) || text.trim() === "") return;
    const { value } = reading;
    const words = text;
    setText("");
    setLeft(false);
    setFailure(null);
    props.onAdd(value).catch((thrown: unknown) => {
      setFailure(failureFrom(thrown));
      setText((now) => (now === "" ? words : now));
    });
  };
  return (
    <TextInput
      id={props.id}
      aria-label={props.label}
      placeholder={props.label}
      value={text}
      error={problem ?? (failure ? [failure.message, failure.nextStep].filter(Boolean).join(" ") : null)}
      dir={props.decimal ? undefined : "auto"}
      inputMode={props.decimal ? "decimal" : undefined}
      className={classes.newLine}
      onChange={(event) => {
        setText(event.currentTarget.value);
        setLeft(false);
      }}
      onBlur={add}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing) return;
        if (event.key === "Enter") {
          event.preventDefault();
          add();
        } else if (event.key === "Escape" && text !== "") {
          event.preventDefault();
          event.stopPropagation();
          setText("");
        }
      }}
    />
  );
}
