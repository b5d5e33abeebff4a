import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useRef, useState } from "react";
import { newId } from "../../../ids";
import { type DraftQuiz, type DraftTable, type Failure, failureFrom, platform, type Value } from "../../../platform";
import { draftKey } from "../drafts";

export const quizQuery = (courseId: string, quizId: string) =>
  queryOptions({ queryKey: draftKey(courseId, "quiz", quizId), queryFn: () => platform.openQuiz(courseId, quizId), meta: { isHere: true }, staleTime: Number.POSITIVE_INFINITY, retry: false });

/** One write after the other, each durable when it resolves. What it throws is a `Failure`. */
export type WriteQuiz = (write: () => Promise<unknown>, shown?: (quiz: DraftQuiz) => DraftQuiz) => Promise<void>;

/**
 * The quiz as it will be once every write is made, and the way to write. Writes go one after the other: an option follows
 * its question, and holding Alt+↓ makes many moves, each said relative to the one before.
 */
export function useQuiz(courseId: string, quizId: string) {
  const client = useQueryClient();
  const options = quizQuery(courseId, quizId);
  const query = useQuery(options);
  const [waiting, setWaiting] = useState<{ id: string; shown: (quiz: DraftQuiz) => DraftQuiz }[]>([]);
  const line = useRef<Promise<unknown>>(Promise.resolve());
  const key = useMemo(() => draftKey(courseId, "quiz", quizId), [courseId, quizId]);

  const write: WriteQuiz = useCallback(
    (act, shown) => {
      const id = newId();
      if (shown) setWaiting((old) => [...old, { id, shown }]);
      const turn = line.current.then(async () => {
        try {
          await act();
          await client.invalidateQueries({ queryKey: key });
        } catch (thrown) {
          await client.invalidateQueries({ queryKey: key });
          throw failureFrom(thrown);
        } finally {
          setWaiting((old) => (old.some((each) => each.id === id) ? old.filter((each) => each.id !== id) : old));
        }
      });
      line.current = turn.catch(() => undefined);
      return turn;
    },
    [client, key],
  );

  const { data } = query;
  const quiz = useMemo(() => data && waiting.reduce((each, { shown }) => shown(each), data), [data, waiting]);
  return { quiz, error: query.error as Failure | null, refetch: query.refetch, write };
}

/** How rows of one course are written. What a new row stands in comes from its parent. */
export function rowsOf(courseId: string) {
  return {
    add: (table: DraftTable, id: string, fields: Record<string, Value>, parent: string | null, after: string | null) => platform.addRow(courseId, { table, id }, fields, parent, after),
    change: (table: DraftTable, id: string, fields: Record<string, Value>) => platform.changeRow(courseId, { table, id }, fields),
    place: (table: DraftTable, id: string, parent: string | null, after: string | null) => platform.placeRow(courseId, { table, id }, parent, after),
    archive: (table: DraftTable, id: string) => platform.archiveRow(courseId, { table, id }),
    restore: (table: DraftTable, id: string) => platform.restoreRow(courseId, { table, id }),
    addQuestion: (id: string, quizId: string, kind: string, prompt: string, after: string | null) =>
      platform.addRow(courseId, { table: "questions", id }, { kind, prompt, points_hundredths: 100, explanation: "", feedback: "", source: null }, quizId, after),
    addOption: (id: string, questionId: string, label: string, after: string | null) =>
      platform.addRow(courseId, { table: "question_options", id }, { label, feedback: "" }, questionId, after),
    addAnswer: (id: string, questionId: string, answer: { optionId?: string | null; acceptedText?: string | null; acceptedNumber?: number | null; tolerance?: number | null; weightPercent?: number }) =>
      platform.addRow(
        courseId,
        { table: "answer_keys", id },
        {
          option_id: answer.optionId ?? null,
          accepted_text: answer.acceptedText ?? null,
          accepted_number: answer.acceptedNumber ?? null,
          tolerance: answer.tolerance ?? null,
          weight_percent: answer.weightPercent ?? 100,
        },
        questionId,
        null,
      ),
    copy: (table: DraftTable, id: string) => platform.copyRow(courseId, { table, id }),
    takeBack: (table: DraftTable, id: string) => platform.takeBackRow(courseId, { table, id }),
  };
}

export type Rows = ReturnType<typeof rowsOf>;
