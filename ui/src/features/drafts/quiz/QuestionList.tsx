import { Button, Switch, Title, VisuallyHidden } from "@mantine/core";
import { IconListNumbers, IconPlus } from "@tabler/icons-react";
import { type KeyboardEvent, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { EmptyState } from "../../../components/EmptyState";
import { FailureNote } from "../../../components/FailureNote";
import { offerUndo } from "../../../components/undo";
import { useFormat } from "../../../format";
import { type DraftQuestion, type DraftQuiz, type Failure, failureFrom, type QuestionKind } from "../../../platform";
import { useStrings } from "../../../strings";
import { useAuthoringStrings } from "../../../strings/authoring";
import { NewQuestion } from "./NewQuestion";
import { QuestionRow } from "./QuestionRow";
import classes from "./quiz.module.css";
import { firstLine, liveQuestions } from "./rules";
import { moved, Sortable, stepTarget } from "./Sortable";
import type { Rows, WriteQuiz } from "./useQuiz";

export type QuestionAct = "toggle" | "up" | "down" | "copy" | "archive" | "restore" | "add" | "menu";

type Props = {
  quiz: DraftQuiz;
  readOnly: boolean;
  rows: Rows;
  write: WriteQuiz;
  open: string | null;
  onOpen: (id: string | null) => void;
  conflicts: Map<string, number>;
  onConflicts: () => void;
};

/** The questions in their order, one of them open. Arrows walk, Alt with arrows moves, Enter opens, Insert adds, Delete archives. */
export function QuestionList({ quiz, readOnly, rows, write, open, onOpen, conflicts, onConflicts }: Props) {
  const strings = useStrings();
  const t = useAuthoringStrings().quiz;
  const format = useFormat();
  const [focused, setFocused] = useState<string | null>(null);
  const [menu, setMenu] = useState<string | null>(null);
  const [adding, setAdding] = useState<{ after: string | null } | null>(null);
  const [kind, setKind] = useState<QuestionKind>("multiple_choice");
  const [withArchived, setWithArchived] = useState(false);
  const [refused, setRefused] = useState<Failure | null>(null);
  const [said, setSaid] = useState("");
  const live = useMemo(() => liveQuestions(quiz), [quiz]);
  const shown = withArchived ? quiz.questions : live;
  const archived = quiz.questions.length - live.length;
  const ids = useMemo(() => live.map(({ id }) => id), [live]);
  const tabStop = shown.some(({ id }) => id === focused) ? focused : (shown[0]?.id ?? null);
  const nameOf = useCallback((question: DraftQuestion) => firstLine(question.prompt) || t.noPrompt, [t]);

  // A row that is made, moved or brought back is there only after the next drawing.
  const wanted = useRef<string | null>(null);
  useEffect(() => {
    if (wanted.current === null) return;
    const element = document.getElementById(wanted.current);
    if (!element) return;
    wanted.current = null;
    element.focus();
    element.scrollIntoView({ block: "nearest" });
  });
  const focus = (id: string | null) => {
    if (id === null) return;
    wanted.current = `question-${id}`;
    setFocused(id);
  };
  const attempt = async (act: () => Promise<unknown>) => {
    setRefused(null);
    try {
      await act();
      return true;
    } catch (thrown) {
      setRefused(failureFrom(thrown));
      return false;
    }
  };

  const move = (question: DraftQuestion, after: string | null) => {
    const place = (each: DraftQuiz): DraftQuiz => ({ ...each, questions: moved(each.questions, question.id, after) });
    const order = moved(live, question.id, after);
    setSaid(t.moved(nameOf(question), format.number(order.findIndex(({ id }) => id === question.id) + 1), format.number(order.length)));
    focus(question.id);
    void attempt(() => write(() => rows.place("questions", question.id, quiz.row.id, after), place));
  };
  const copy = (question: DraftQuestion) =>
    attempt(async () => {
      let made = "";
      await write(async () => {
        made = await rows.copy("questions", question.id);
      });
      setSaid(t.copied(nameOf(question)));
      focus(made);
    });
  const putAway = (question: DraftQuestion, away: boolean) =>
    attempt(async () => {
      const at = shown.findIndex(({ id }) => id === question.id);
      const next = away && !withArchived ? (shown[at + 1] ?? shown[at - 1])?.id ?? null : question.id;
      const mark = (each: DraftQuiz): DraftQuiz => ({ ...each, questions: each.questions.map((row) => (row.id === question.id ? { ...row, archivedAt: away ? new Date().toISOString() : null } : row)) });
      if (away && open === question.id) onOpen(null);
      focus(next);
      await write(() => (away ? rows.archive("questions", question.id) : rows.restore("questions", question.id)), mark);
      if (away) offerUndo(strings, t.archivedToast(nameOf(question)), () => write(() => rows.restore("questions", question.id)));
      else setSaid(t.restoredToast(nameOf(question)));
    });

  const act = (question: DraftQuestion, what: QuestionAct) => {
    setFocused(question.id);
    if (what === "toggle") return onOpen(open === question.id ? null : question.id);
    if (readOnly) return;
    if (what === "restore") return void putAway(question, false);
    if (what === "menu") return setMenu(question.id);
    if (question.archivedAt !== null) return;
    if (what === "archive") void putAway(question, true);
    else if (what === "copy") void copy(question);
    else if (what === "add") setAdding({ after: question.id });
    else {
      const after = stepTarget(ids, question.id, what);
      if (after === undefined) setSaid(t.movedNowhere(nameOf(question)));
      // One step up stands behind the row before the one it passes.
      else move(question, what === "up" ? (ids[ids.indexOf(question.id) - 2] ?? null) : after);
    }
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const at = shown.findIndex(({ id }) => `question-${id}` === (event.target as HTMLElement).id);
    const question = shown[at];
    if (!question || event.ctrlKey || event.metaKey) return;
    const run = (work: () => void) => {
      event.preventDefault();
      event.stopPropagation();
      work();
    };
    const walk = (to: DraftQuestion | undefined) => to && document.getElementById(`question-${to.id}`)?.focus();
    if (event.altKey) {
      if (event.key === "ArrowUp" || event.key === "ArrowDown") run(() => act(question, event.key === "ArrowUp" ? "up" : "down"));
      return;
    }
    const keys: Record<string, () => void> = {
      ArrowDown: () => walk(shown[at + 1]),
      ArrowUp: () => walk(shown[at - 1]),
      Home: () => walk(shown[0]),
      End: () => walk(shown.at(-1)),
      Insert: () => act(question, "add"),
      Delete: () => act(question, "archive"),
      ContextMenu: () => act(question, "menu"),
    };
    if (event.shiftKey && event.key === "F10") return run(() => act(question, "menu"));
    const key = keys[event.key];
    if (key) run(key);
  };

  // The object never changes, so a row draws itself again only when something of it did.
  const latest = useRef({ act });
  useLayoutEffect(() => {
    latest.current = { act };
  });
  const [on] = useState(() => ({
    act: (question: DraftQuestion, what: QuestionAct) => latest.current.act(question, what),
    focus: (question: DraftQuestion) => setFocused(question.id),
    closeMenu: (question: DraftQuestion) => {
      setMenu(null);
      wanted.current = `question-${question.id}`;
    },
  }));

  const form = adding && (
    <NewQuestion
      key="new"
      quizId={quiz.row.id}
      after={adding.after}
      kind={kind}
      onKind={setKind}
      rows={rows}
      write={write}
      onAdded={(id, next) => {
        onOpen(id);
        setFocused(id);
        setAdding(null);
        wanted.current = next;
        setSaid(t.added);
      }}
      onEnd={() => {
        setAdding(null);
        focus(tabStop);
      }}
    />
  );
  const lines = shown.map((question) => (
    <QuestionRow
      key={question.id}
      question={question}
      number={live.indexOf(question) + 1}
      of={live.length}
      open={open === question.id}
      tabStop={tabStop === question.id}
      menu={menu === question.id}
      readOnly={readOnly}
      conflicts={conflicts.get(question.id) ?? 0}
      onConflicts={onConflicts}
      rows={rows}
      write={write}
      on={on}
    />
  ));
  if (form) lines.splice(adding.after === null ? shown.length : shown.findIndex(({ id }) => id === adding.after) + 1, 0, <li key="new">{form}</li>);

  return (
    <section aria-labelledby="quiz-questions" className={classes.questions}>
      <div className={classes.listHead}>
        <Title order={2} id="quiz-questions">
          {t.questionsTitle}
        </Title>
        {archived > 0 && <Switch size="xs" checked={withArchived} label={t.showArchived(format.number(archived))} onChange={(event) => setWithArchived(event.currentTarget.checked)} />}
        {!readOnly && shown.length > 0 && (
          <Button size="xs" variant="default" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => setAdding({ after: live.at(-1)?.id ?? null })}>
            {t.add}
          </Button>
        )}
      </div>
      <FailureNote failure={refused} />
      {shown.length === 0 && !adding ? (
        <div className={classes.empty}>
          <EmptyState
            icon={IconListNumbers}
            title={t.empty}
            text={readOnly ? t.mayNot : t.emptyText}
            action={!readOnly && <Button onClick={() => setAdding({ after: null })}>{t.add}</Button>}
          />
        </div>
      ) : (
        <Sortable
          ids={ids}
          onMove={(id, after) => {
            const question = live.find((each) => each.id === id);
            if (question) move(question, after);
          }}
        >
          <ol className={classes.list} onKeyDown={onKeyDown} aria-label={t.questionsTitle}>
            {lines}
          </ol>
        </Sortable>
      )}
      <VisuallyHidden role="status" aria-live="polite">
        {said}
      </VisuallyHidden>
    </section>
  );
}
