import { Alert, Button, Select, Stack } from "@mantine/core";
import { IconAlertTriangle, IconGitMerge } from "@tabler/icons-react";
import { type KeyboardEvent, useCallback, useContext, useState } from "react";
import { ConfirmDialog } from "../../../components/ConfirmDialog";
import { offerUndo } from "../../../components/undo";
import { useFormat } from "../../../format";
import { type DraftQuestion, type Failure, failureFrom, type QuestionKind, type Value } from "../../../platform";
import { useStrings } from "../../../strings";
import { useAuthoringStrings } from "../../../strings/authoring";
import { Answers } from "./Answers";
import { changeOfKind, type KindChange } from "./kinds";
import { Options } from "./Options";
import classes from "./quiz.module.css";
import { firstLine, isChoice, kinds, limits, needed, optional, pointsFrom, type Unfit } from "./rules";
import { SavedField, Unkept } from "./SavedField";
import type { Rows, WriteQuiz } from "./useQuiz";

type Props = {
  question: DraftQuestion;
  readOnly: boolean;
  problems: Unfit[];
  conflicts: number;
  onConflicts: () => void;
  rows: Rows;
  write: WriteQuiz;
  onClose: () => void;
};

/** Everything of one question. Esc closes it; nothing is lost by that. */
export function QuestionEditor({ question, readOnly, problems, conflicts, onConflicts, rows, write, onClose }: Props) {
  const strings = useStrings();
  const authoring = useAuthoringStrings();
  const t = authoring.quiz;
  const format = useFormat();
  const [asked, setAsked] = useState<KindChange | null>(null);
  const [pending, setPending] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const save = (field: string) => (value: Value) => write(() => rows.change("questions", question.id, { [field]: value }));

  const apply = async (plan: KindChange) => {
    const from = question.kind;
    setPending(true);
    setFailure(null);
    try {
      await write(async () => {
        await rows.change("questions", question.id, { kind: plan.to });
        for (const { id } of plan.answersGone) await rows.archive("answer_keys", id);
        for (const { id } of plan.optionsGone) await rows.archive("question_options", id);
        let after: string | null = null;
        for (const option of plan.newOptions) {
          await rows.addOption(option.id, question.id, option.label, after);
          after = option.id;
        }
        for (const answer of plan.newAnswers) await rows.addAnswer(answer.id, question.id, answer);
      });
      setAsked(null);
      if (plan.answersGone.length + plan.optionsGone.length > 0) {
        offerUndo(strings, t.kindChanged(t.kind[plan.to]), () =>
          write(async () => {
            for (const { id } of plan.newAnswers) await rows.archive("answer_keys", id);
            for (const { id } of plan.newOptions) await rows.archive("question_options", id);
            await rows.change("questions", question.id, { kind: from });
            for (const { id } of plan.optionsGone) await rows.restore("question_options", id);
            for (const { id } of plan.answersGone) await rows.restore("answer_keys", id);
          }),
        );
      }
    } catch (thrown) {
      setFailure(failureFrom(thrown));
    }
    setPending(false);
  };
  const choose = (kind: QuestionKind) => {
    const plan = changeOfKind(question, kind, { true: t.true, false: t.false });
    if (plan.lost.length > 0) setAsked(plan);
    else void apply(plan);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.defaultPrevented || asked !== null) return;
    if ((event.target as Element).closest("[role=listbox], [role=menu], [role=dialog]")) return;
    event.preventDefault();
    event.stopPropagation();
    onClose();
    document.getElementById(`question-${question.id}`)?.focus();
  };
  const tell = useContext(Unkept);
  const tellOfQuestion = useCallback((field: string, is: boolean) => tell(`${question.id} ${field}`, is), [tell, question.id]);
  return (
    <Unkept value={tellOfQuestion}>
      <div className={classes.editor} role="group" aria-label={firstLine(question.prompt) || t.noPrompt} onKeyDown={onKeyDown}>
        {question.refused !== null && (
          <Alert color="red" variant="light" title={t.refused} icon={<IconAlertTriangle size={18} aria-hidden />}>
            <Stack gap="xs" align="flex-start">
              <span>{question.refused}</span>
              {!readOnly && (
                <Button size="xs" variant="default" onClick={() => void write(() => rows.takeBack("questions", question.id)).catch((thrown: unknown) => setFailure(failureFrom(thrown)))}>
                  {t.takeBack}
                </Button>
              )}
            </Stack>
          </Alert>
        )}
        {conflicts > 0 && (
          <Alert color="amber" variant="light" icon={<IconGitMerge size={18} aria-hidden />}>
            <span className={classes.conflict}>
              {authoring.conflicts.waiting(conflicts, format.number(conflicts))}
              <Button size="compact-sm" variant="default" onClick={onConflicts}>
                {t.decide}
              </Button>
            </span>
          </Alert>
        )}
        <SavedField label={t.prompt} value={question.prompt} show={(text) => text} read={needed(t.problems, limits.prompt)} save={save("prompt")} readOnly={readOnly} multiline minRows={2} />
        <div className={classes.numbers}>
          <Select
            label={t.kindLabel}
            value={question.kind}
            data={kinds.map((each) => ({ value: each, label: t.kind[each] }))}
            onChange={(next) => next && choose(next as QuestionKind)}
            disabled={readOnly || pending}
          />
          <SavedField
            label={t.pointsLabel}
            value={question.pointsHundredths}
            show={(value) => (value / 100).toLocaleString(format.locale, { useGrouping: false })}
            read={pointsFrom(t.problems)}
            save={save("points_hundredths")}
            readOnly={readOnly}
            decimal
          />
        </div>
        {isChoice(question.kind) ? <Options question={question} readOnly={readOnly} rows={rows} write={write} /> : <Answers question={question} readOnly={readOnly} rows={rows} write={write} />}
        {problems.length > 0 && !readOnly && (
          <ul className={classes.problems} aria-label={t.missingHere}>
            {problems.map((problem) => (
              <li key={problem}>
                <IconAlertTriangle size={14} aria-hidden /> {t.unfit[problem]}
              </li>
            ))}
          </ul>
        )}
        <SavedField id={`explanation-${question.id}`} label={t.explanation} description={t.explanationHint} value={question.explanation} show={(text) => text} read={optional(t.problems, limits.note)} save={save("explanation")} readOnly={readOnly} multiline minRows={1} />
        <SavedField label={t.feedback} description={t.feedbackHint} value={question.feedback} show={(text) => text} read={optional(t.problems, limits.note)} save={save("feedback")} readOnly={readOnly} multiline minRows={1} />
        {failure && asked === null && (
          <Alert color="red" variant="light" role="alert">
            {[failure.message, failure.nextStep].filter(Boolean).join(" ")}
          </Alert>
        )}
        <ConfirmDialog
          opened={asked !== null}
          title={asked ? t.kindTitle(t.kind[asked.to]) : ""}
          confirm={t.kindConfirm}
          pending={pending}
          failure={failure}
          onConfirm={() => asked && void apply(asked)}
          onClose={() => setAsked(null)}
          effect={
            asked && (
              <Stack gap="xs">
                <span>{t.kindEffect}</span>
                <ul className={classes.lost}>
                  {asked.lost.map((words, at) => (
                    <li key={at} dir="auto">
                      {words}
                    </li>
                  ))}
                </ul>
              </Stack>
            )
          }
        />
      </div>
    </Unkept>
  );
}
