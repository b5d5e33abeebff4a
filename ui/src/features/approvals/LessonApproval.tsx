import { Button, Loader, Text, Textarea, Title } from "@mantine/core";
import { IconCircleCheck, IconClockHour4, IconMessageCircle } from "@tabler/icons-react";
import { useState } from "react";
import { FailureNote } from "../../components/FailureNote";
import { textUpTo } from "../../components/rules";
import { say } from "../../components/undo";
import { useFormat } from "../../format";
import { newId } from "../../ids";
import { type Approval, type Decision, platform } from "../../platform";
import { useWrite } from "../../queries";
import { useStrings } from "../../strings";
import { useAuthoringStrings } from "../../strings/authoring";
import { useMe, useOrganization } from "../sessions/session";
import classes from "./approvals.module.css";
import type { ApprovalState } from "./useApprovals";

/** Where a lesson's approval stands, and the next step for who reads this: ask, take back, or decide. */
export function LessonApproval({ lessonId, mayAsk, state }: { lessonId: string; mayAsk: boolean; state: ApprovalState }) {
  const t = useAuthoringStrings().approvals;
  const { approvals, newest } = state;
  if (state.failure) return <FailureNote failure={state.failure} onRetry={state.retry} />;
  if (approvals === undefined) return mayAsk ? <Loader size="sm" /> : null;
  const open = approvals.find(({ decision, withdrawnAt }) => decision === null && withdrawnAt === null);
  const latest = approvals.find(({ decision }) => decision !== null);
  const about = open ?? (latest?.revisionId === newest?.id ? latest : undefined);
  // Nothing is asked and there is nothing to ask about.
  if (!mayAsk && about === undefined) return null;
  return (
    <section className={classes.approval} aria-label={t.title}>
      <Title order={3}>{t.title}</Title>
      {about ? <Standing approval={about} state={state} /> : <Text size="sm">{t.required}</Text>}
      {!about && latest && <Standing approval={latest} state={state} />}
      {open?.mayDecide && <Decide key={open.id} approval={open} />}
      {open?.mayWithdraw && <Withdraw approval={open} />}
      {mayAsk && open === undefined && !state.isApproved && (newest === null || state.isChangedSince ? <Text size="sm" c="dimmed">{t.notOnServer}</Text> : about?.decision !== "approved" && <Ask lessonId={lessonId} revisionId={newest.id} />)}
    </section>
  );
}

function Standing({ approval, state }: { approval: Approval; state: ApprovalState }) {
  const t = useAuthoringStrings().approvals;
  const format = useFormat();
  const me = useMe();
  const { decision } = approval;
  const decider = approval.decidedByName ?? t.someone;
  const isOther = approval.revisionId !== state.newest?.id;
  const Icon = decision === "approved" ? IconCircleCheck : decision === null ? IconClockHour4 : IconMessageCircle;
  return (
    <div className={classes.standing}>
      <Icon size={16} aria-hidden color={decision === "approved" && !isOther ? "var(--ok)" : "var(--text-dim)"} />
      <div>
        <div>
          {decision === "approved"
            ? t.approved(decider, format.relative(approval.decidedAt ?? approval.askedAt))
            : decision === "changes_wanted"
              ? t.changesWanted(decider, format.relative(approval.decidedAt ?? approval.askedAt))
              : approval.askedBy === me?.personId
                ? t.waitsMine(format.relative(approval.askedAt))
                : t.waits(approval.askedByName ?? t.someone, format.relative(approval.askedAt))}
        </div>
        {decision === null && approval.note !== "" && <q dir="auto">{approval.note}</q>}
        {decision !== null && approval.comment !== "" && <q dir="auto">{approval.comment}</q>}
        {isOther ? (
          <Text size="xs" c="dimmed">
            {t.olderWaits}
          </Text>
        ) : (
          state.isChangedSince && (
            <Text size="xs" c="dimmed">
              {t.changedSince}
            </Text>
          )
        )}
      </div>
    </div>
  );
}

function Ask({ lessonId, revisionId }: { lessonId: string; revisionId: string }) {
  const strings = useStrings();
  const t = useAuthoringStrings().approvals;
  const organizationId = useOrganization()?.id ?? "";
  const [note, setNote] = useState("");
  const [id] = useState(newId);
  const problem = textUpTo(strings, 2000)(note) === null ? null : t.noteTooLong;
  const ask = useWrite({
    organizationId,
    write: (operationId, text: string) => platform.askApproval(operationId, organizationId, { id, lessonId, revisionId, note: text }),
    changes: ["approvals"],
  });
  return (
    <>
      <Textarea label={`${t.note} (${strings.words.optional})`} value={note} error={problem ?? (ask.error?.field === "note" ? ask.error.message : null)} dir="auto" minRows={2} onChange={(event) => setNote(event.currentTarget.value)} />
      {ask.error && ask.error.field !== "note" && <FailureNote failure={ask.error} />}
      <Button className={classes.start} disabled={problem !== null} loading={ask.isPending} onClick={() => ask.mutate(note, { onSuccess: () => say(t.asked) })}>
        {t.ask}
      </Button>
    </>
  );
}

function Withdraw({ approval }: { approval: Approval }) {
  const t = useAuthoringStrings().approvals;
  const organizationId = useOrganization()?.id ?? "";
  const withdraw = useWrite({ organizationId, write: (operationId, id: string) => platform.withdrawApproval(operationId, organizationId, id), changes: ["approvals"] });
  return (
    <>
      <FailureNote failure={withdraw.error} />
      <Button className={classes.start} size="xs" variant="default" loading={withdraw.isPending} onClick={() => withdraw.mutate(approval.id, { onSuccess: () => say(t.withdrawn) })}>
        {t.withdraw}
      </Button>
    </>
  );
}

function Decide({ approval }: { approval: Approval }) {
  const strings = useStrings();
  const t = useAuthoringStrings().approvals;
  const organizationId = useOrganization()?.id ?? "";
  const [comment, setComment] = useState("");
  const [asked, setAsked] = useState(false);
  const decide = useWrite({
    organizationId,
    write: (operationId, input: { decision: Decision; comment: string }) => platform.decideApproval(operationId, organizationId, approval.id, input.decision, input.comment),
    changes: ["approvals"],
  });
  const tooLong = textUpTo(strings, 2000)(comment) === null ? null : t.noteTooLong;
  const problem = tooLong ?? (asked && comment.trim() === "" ? t.commentNeeded : null);
  const send = (decision: Decision) => {
    if (decision === "changes_wanted" && comment.trim() === "") return setAsked(true);
    decide.mutate({ decision, comment }, { onSuccess: () => say(decision === "approved" ? t.decidedApproved : t.decidedChanges) });
  };
  return (
    <>
      <Text size="xs" c="dimmed">
        {t.read}
      </Text>
      <Textarea label={t.comment} value={comment} error={problem} dir="auto" minRows={2} onChange={(event) => setComment(event.currentTarget.value)} />
      <FailureNote failure={decide.error} />
      <div className={classes.buttons}>
        <Button disabled={tooLong !== null} loading={decide.isPending && decide.variables.decision === "approved"} onClick={() => send("approved")}>
          {t.approve}
        </Button>
        <Button variant="default" disabled={tooLong !== null} loading={decide.isPending && decide.variables.decision === "changes_wanted"} onClick={() => send("changes_wanted")}>
          {t.wantChanges}
        </Button>
      </div>
    </>
  );
}
