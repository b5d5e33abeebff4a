import { Button, Select, Textarea } from "@mantine/core";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { FailureNote } from "../../../components/FailureNote";
import { newId } from "../../../ids";
import { type Failure, failureFrom, type QuestionKind } from "../../../platform";
import { useStrings } from "../../../strings";
import { useAuthoringStrings } from "../../../strings/authoring";
import { UnsavedGuard } from "../../../components/UnsavedGuard";
import classes from "./quiz.module.css";
import { isChoice, kinds, limits, needed } from "./rules";
import type { Rows, WriteQuiz } from "./useQuiz";

type Props = {
  quizId: string;
  after: string | null;
  kind: QuestionKind;
  onKind: (kind: QuestionKind) => void;
  rows: Rows;
  write: WriteQuiz;
  /** The question, and the id of the field one goes on in. */
  onAdded: (id: string, next: string) => void;
  onEnd: () => void;
};

/** A question begins with what it asks: Enter adds it and goes on to its answers. Nothing without words is kept. */
export function NewQuestion({ quizId, after, kind, onKind, rows, write, onAdded, onEnd }: Props) {
  const t = useAuthoringStrings().quiz;
  const words = useStrings().words;
  const [prompt, setPrompt] = useState("");
  const [failure, setFailure] = useState<Failure | null>(null);
  const [asked, setAsked] = useState(false);
  const [pending, setPending] = useState(false);
  const [id] = useState(newId);
  const input = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    input.current?.focus();
    input.current?.scrollIntoView({ block: "nearest" });
  }, []);
  const reading = needed(t.problems, limits.prompt)(prompt);
  const problem = "problem" in reading && (asked || prompt.trim() !== "") ? reading.problem : null;
  const add = async (event?: FormEvent) => {
    event?.preventDefault();
    setAsked(true);
    if (!("value" in reading) || pending) {
      input.current?.focus();
      return;
    }
    setPending(true);
    setFailure(null);
    try {
      await write(() => rows.addQuestion(id, quizId, kind, reading.value, after));
      onAdded(id, isChoice(kind) ? `new-option-${id}` : kind === "short_answer" || kind === "numeric" ? `new-answer-${id}` : kind === "true_false" ? `truth-${id}` : `explanation-${id}`);
    } catch (thrown) {
      setFailure(failureFrom(thrown));
      setPending(false);
    }
  };
  return (
    <form
      className={classes.newQuestion}
      aria-label={t.newQuestion}
      onSubmit={(event) => void add(event)}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented || prompt.trim() !== "") return;
        event.preventDefault();
        event.stopPropagation();
        onEnd();
      }}
    >
      <Textarea
        ref={input}
        label={t.prompt}
        description={t.newHint}
        value={prompt}
        error={problem}
        dir="auto"
        minRows={1}
        inputWrapperOrder={["label", "input", "error", "description"]}
        onChange={(event) => setPrompt(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          void add();
        }}
      />
      <div className={classes.newFoot}>
        <Select label={t.kindLabel} value={kind} data={kinds.map((each) => ({ value: each, label: t.kind[each] }))} onChange={(next) => next && onKind(next as QuestionKind)} className={classes.kindSelect} />
        <Button type="submit" loading={pending}>
          {t.add}
        </Button>
        <Button variant="default" onClick={onEnd}>
          {words.cancel}
        </Button>
      </div>
      <FailureNote failure={failure} />
      <UnsavedGuard dirty={prompt.trim() !== "" && !pending} />
    </form>
  );
}
