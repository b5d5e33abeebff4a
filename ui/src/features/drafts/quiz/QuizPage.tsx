import { Alert, Anchor, Badge, Button, Skeleton, Stack } from "@mantine/core";
import { IconAlertTriangle, IconArchive, IconChevronLeft, IconCircleCheck, IconGitMerge, IconWorldUpload } from "@tabler/icons-react";
import { Link, useParams } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { DetailPanel } from "../../../components/DetailPanel";
import { FailureNote } from "../../../components/FailureNote";
import { PageHeader } from "../../../components/PageHeader";
import { SplitView } from "../../../components/SplitView";
import { DiscardDialog, UnsavedGuard } from "../../../components/UnsavedGuard";
import { offerUndo } from "../../../components/undo";
import { useFormat } from "../../../format";
import { type Conflict, type DraftQuiz, type Failure, failureFrom } from "../../../platform";
import { useStrings } from "../../../strings";
import { useAuthoringStrings } from "../../../strings/authoring";
import { ConflictsPanel } from "../conflicts/ConflictsPanel";
import classes from "./quiz.module.css";
import { QuestionList } from "./QuestionList";
import { QuizSettings } from "./QuizSettings";
import { liveQuestions, unfitQuestions } from "./rules";
import { Unkept } from "./SavedField";
import { rowsOf, useQuiz } from "./useQuiz";

/** The question a conflict is about, by itself, an option or its answers. */
function questionOf(quiz: DraftQuiz, { about }: Conflict): string | null {
  if (about.table === "questions") return about.id;
  const found = quiz.questions.find(({ options, answers }) => [...options, ...answers].some(({ id }) => id === about.id));
  return found?.id ?? null;
}

/** Where only one answer can be correct, both sets of answers cannot stand. */
function withPlace(quiz: DraftQuiz, conflict: Conflict): Conflict {
  const block = questionOf(quiz, conflict);
  const kind = quiz.questions.find(({ id }) => id === block)?.kind;
  const onlyOne = conflict.kind === "answer" && (kind === "multiple_choice" || kind === "true_false");
  return { ...conflict, block, mayKeepBoth: conflict.mayKeepBoth && !onlyOne };
}

/** A quiz as its authors write it: every field is kept as one leaves it. */
export function QuizPage() {
  const { organizationId, courseId, quizId } = useParams({ strict: false }) as { organizationId: string; courseId: string; quizId: string };
  return <Quiz key={quizId} organizationId={organizationId} courseId={courseId} quizId={quizId} />;
}

function Quiz({ organizationId, courseId, quizId }: { organizationId: string; courseId: string; quizId: string }) {
  const strings = useStrings();
  const authoring = useAuthoringStrings();
  const t = authoring.quiz;
  const format = useFormat();
  const { quiz, error, refetch, write } = useQuiz(courseId, quizId);
  const rows = useMemo(() => rowsOf(courseId), [courseId]);
  const [open, setOpen] = useState<string | null>(null);
  const [panel, setPanel] = useState(false);
  const [tried, setTried] = useState(false);
  const [refused, setRefused] = useState<Failure | null>(null);
  const [unkept, setUnkept] = useState<ReadonlySet<string>>(new Set());
  const tellUnkept = useCallback((field: string, is: boolean) => {
    setUnkept((old) => {
      if (old.has(field) === is) return old;
      const next = new Set(old);
      if (is) next.add(field);
      else next.delete(field);
      return next;
    });
  }, []);
  // Closing a question would take along what could not be kept of it.
  const [leaving, setLeaving] = useState<{ to: string | null } | null>(null);
  const openQuestion = (id: string | null) => {
    if (open !== null && open !== id && [...unkept].some((field) => field.startsWith(open))) setLeaving({ to: id });
    else setOpen(id);
  };
  const conflicts = useMemo(() => quiz?.conflicts.map((conflict) => withPlace(quiz, conflict)) ?? [], [quiz]);
  const conflictCounts = useMemo(() => {
    const counts = new Map<string, number>();
    for (const { block } of conflicts) if (block !== null) counts.set(block, (counts.get(block) ?? 0) + 1);
    return counts;
  }, [conflicts]);

  const back = (
    <Anchor component={Link} to={"/o/$organizationId/drafts/$courseId" as never} params={{ organizationId, courseId } as never} className={classes.back}>
      <IconChevronLeft size={14} aria-hidden />
      <span dir="auto">{quiz?.courseTitle ?? strings.words.back}</span>
    </Anchor>
  );
  if (!quiz) {
    return (
      <div className={classes.page}>
        {back}
        <div className={classes.padded}>
          {error ? (
            <FailureNote title={strings.words.couldNotLoad} failure={error} onRetry={() => void refetch()} />
          ) : (
            <Stack gap="sm" aria-busy aria-label={strings.words.loading} role="status">
              <Skeleton h={24} w="45%" />
              <Skeleton h={120} mt="md" />
              {[72, 58, 80].map((width) => (
                <Skeleton key={width} h={40} w={`${width}%`} />
              ))}
            </Stack>
          )}
        </div>
      </div>
    );
  }

  const readOnly = !quiz.mayWrite || quiz.row.archivedAt !== null;
  const questions = liveQuestions(quiz);
  const unfit = unfitQuestions(quiz);
  const problems = unfit.length + (questions.length === 0 ? 1 : 0);
  const points = questions.reduce((sum, { pointsHundredths }) => sum + pointsHundredths, 0) / 100;
  const published = quiz.row.publishedAt !== null;
  const put = async (publishedAt: string | null) => {
    setRefused(null);
    const before = quiz.row.publishedAt;
    try {
      await write(() => rows.change("quizzes", quizId, { published_at: publishedAt }));
      if (publishedAt === null) offerUndo(strings, t.unpublished, () => write(() => rows.change("quizzes", quizId, { published_at: before })));
    } catch (thrown) {
      setRefused(failureFrom(thrown));
    }
  };
  const publish = () => {
    setTried(problems > 0);
    if (problems === 0) void put(new Date().toISOString());
  };
  const show = (questionId: string) => {
    openQuestion(questionId);
    requestAnimationFrame(() => {
      const row = document.getElementById(`question-${questionId}`);
      row?.scrollIntoView({ block: "start" });
      row?.focus({ preventScroll: true });
    });
  };

  const list = (
    <div className={classes.page}>
      <div className={classes.column}>
        {back}
        <PageHeader
          title={quiz.row.title}
          text={
            <span className={classes.meta}>
              <span className="tabular">
                {t.questions(questions.length, format.number(questions.length))} · {t.points(points, format.number(points))}
              </span>
              <Badge component="span" color={published ? "green" : "gray"}>{published ? t.published : t.draft}</Badge>
            </span>
          }
          actions={
            <>
              {conflicts.length > 0 && (
                <Button variant="default" aria-expanded={panel} leftSection={<IconGitMerge size={16} aria-hidden />} onClick={() => setPanel(!panel)}>
                  {authoring.conflicts.waiting(conflicts.length, format.number(conflicts.length))}
                </Button>
              )}
              {!readOnly &&
                (published ? (
                  <Button variant="default" onClick={() => void put(null)}>
                    {t.unpublish}
                  </Button>
                ) : (
                  <Button leftSection={<IconWorldUpload size={16} aria-hidden />} onClick={publish}>
                    {t.publish}
                  </Button>
                ))}
            </>
          }
        />
        <div className={classes.content}>
          {quiz.row.archivedAt !== null && (
            <Alert color="gray" variant="light" icon={<IconArchive size={18} aria-hidden />}>
              {t.archivedBanner}
            </Alert>
          )}
          {!quiz.mayWrite && <p className={classes.note}>{t.mayNot}</p>}
          <FailureNote failure={refused ?? error} />
          {quiz.row.refused !== null && (
            <Alert color="red" variant="light" title={t.refused} icon={<IconAlertTriangle size={18} aria-hidden />}>
              {quiz.row.refused}
            </Alert>
          )}
          {!readOnly && (
            <Summary quiz={quiz} unfit={unfit} published={published} tried={tried && problems > 0} onShow={show} />
          )}
          <QuizSettings quiz={quiz} readOnly={readOnly} rows={rows} write={write} />
          <QuestionList quiz={quiz} readOnly={readOnly} rows={rows} write={write} open={open} onOpen={openQuestion} conflicts={conflictCounts} onConflicts={() => setPanel(true)} />
        </div>
      </div>
      <UnsavedGuard dirty={unkept.size > 0} />
      <DiscardDialog
        asking={leaving !== null}
        onDiscard={() => {
          setOpen(leaving?.to ?? null);
          setLeaving(null);
        }}
        onKeep={() => setLeaving(null)}
      />
    </div>
  );
  return (
    <Unkept value={tellUnkept}>
      <SplitView
        list={list}
        panel={
          panel ? (
            <DetailPanel subject="conflicts" title={authoring.conflicts.title} onClose={() => setPanel(false)}>
              <ConflictsPanel courseId={courseId} conflicts={conflicts} mayWrite={!readOnly} onShow={show} onDecided={() => void refetch()} />
            </DetailPanel>
          ) : null
        }
      />
    </Unkept>
  );
}

/** What is missing before learners can take the quiz. Calm until publishing was tried. */
function Summary({ quiz, unfit, published, tried, onShow }: { quiz: DraftQuiz; unfit: ReturnType<typeof unfitQuestions>; published: boolean; tried: boolean; onShow: (id: string) => void }) {
  const t = useAuthoringStrings().quiz;
  const format = useFormat();
  const [all, setAll] = useState(false);
  const none = liveQuestions(quiz).length === 0;
  if (none && !tried) return null;
  if (!none && unfit.length === 0) {
    return (
      <p className={classes.note}>
        <IconCircleCheck size={16} color="var(--ok)" aria-hidden /> {published ? t.isLive : t.fit}
      </p>
    );
  }
  const shown = all ? unfit : unfit.slice(0, 4);
  return (
    <Alert color={tried ? "amber" : "gray"} variant="light" role={tried ? "alert" : "note"} icon={<IconAlertTriangle size={18} aria-hidden />} title={tried ? t.cannotPublish : t.unfitTitle(unfit.length, format.number(unfit.length))}>
      {none ? (
        t.noQuestionYet
      ) : (
        <ul className={classes.unfit}>
          {shown.map(({ question, number, problems }) => (
            <li key={question.id}>
              <Anchor component="button" type="button" size="sm" onClick={() => onShow(question.id)}>
                {t.numbered(format.number(number))}
              </Anchor>{" "}
              {problems.map((problem) => t.unfit[problem]).join(" ")}
            </li>
          ))}
          {unfit.length > shown.length && (
            <li>
              <Anchor component="button" type="button" size="sm" onClick={() => setAll(true)}>
                {t.andMore(unfit.length - shown.length, format.number(unfit.length - shown.length))}
              </Anchor>
            </li>
          )}
        </ul>
      )}
    </Alert>
  );
}
