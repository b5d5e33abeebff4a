import { Title } from "@mantine/core";
import { useFormat } from "../../../format";
import type { DraftQuiz, Value } from "../../../platform";
import { useAuthoringStrings } from "../../../strings/authoring";
import classes from "./quiz.module.css";
import { limits, needed, optional, wholeBetween, wholeOrNone } from "./rules";
import { SavedField } from "./SavedField";
import type { Rows, WriteQuiz } from "./useQuiz";

/** What holds for the whole quiz. */
export function QuizSettings({ quiz, readOnly, rows, write }: { quiz: DraftQuiz; readOnly: boolean; rows: Rows; write: WriteQuiz }) {
  const t = useAuthoringStrings().quiz;
  const format = useFormat();
  const save = (field: string) => (value: Value) => write(() => rows.change("quizzes", quiz.row.id, { [field]: value }));
  const number = (value: number | null) => (value === null ? "" : format.number(value));
  return (
    <section className={classes.card} aria-labelledby="quiz-settings">
      <Title order={2} id="quiz-settings">
        {t.settings}
      </Title>
      <SavedField label={t.title} value={quiz.row.title} show={(text) => text} read={needed(t.problems, limits.title)} save={save("title")} readOnly={readOnly} />
      <SavedField
        label={t.description}
        description={t.descriptionHint}
        value={quiz.description}
        show={(text) => text}
        read={optional(t.problems, limits.description)}
        save={save("description")}
        readOnly={readOnly}
        multiline
      />
      <div className={classes.numbers}>
        <SavedField label={t.timeLimit} placeholder={t.noLimit} description={t.timeLimitHint} value={quiz.timeLimitMinutes} show={(value) => (value === null ? "" : String(value))} read={wholeOrNone(t.problems, 1, limits.minutes)} save={save("time_limit_minutes")} readOnly={readOnly} decimal />
        <SavedField label={t.attempts} placeholder={t.unlimited} description={t.attemptsHint} value={quiz.maxAttempts} show={number} read={wholeOrNone(t.problems, 1, limits.attempts)} save={save("max_attempts")} readOnly={readOnly} decimal />
        <SavedField label={t.passingScore} description={t.passingScoreHint} value={quiz.passingScore} show={number} read={wholeBetween(t.problems, 0, 100)} save={save("passing_score")} readOnly={readOnly} decimal />
      </div>
    </section>
  );
}
