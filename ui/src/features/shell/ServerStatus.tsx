import { Button, Tooltip, VisuallyHidden } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useIsMutating, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useCallback, useEffect, useRef } from "react";
import { useFormat } from "../../format";
import { failureFrom, platform } from "../../platform";
import { useStore } from "../../store";
import { useStrings } from "../../strings";
import { link, noteOutcome } from "../connections/link";
import { useDrafts } from "../drafts/drafts";
import { useConnectAgain } from "../sessions/connectAgain";
import { useSession } from "../sessions/session";
import classes from "./Shell.module.css";

const askAgainAfter = 5_000;
/** Spoken once it has lasted: saving and sending alternate while somebody types. */
const spokenAfter = 2_500;

/** The one place that says where what is seen and written stands. It leads to what waits. */
export function ServerStatus() {
  const t = useStrings();
  const format = useFormat();
  const { organizationId } = useParams({ from: "/o/$organizationId" });
  const state = useStore(link);
  const sending = useIsMutating({ predicate: ({ meta }) => !meta?.isHere }) > 0;
  const connected = useSession()?.connected;
  const drafts = useDrafts();
  const client = useQueryClient();
  const again = useConnectAgain();
  const isOffline = connected?.isOffline === true;

  const askAgain = useCallback(async () => {
    try {
      await platform.whoAmI();
      noteOutcome(null);
      await client.invalidateQueries({ predicate: ({ meta }) => !meta?.isHere });
    } catch (thrown) {
      noteOutcome(failureFrom(thrown));
    }
  }, [client]);

  const isLost = state === "lost" && !isOffline;
  useEffect(() => {
    if (!isLost) return;
    const timer = setInterval(() => void askAgain(), askAgainAfter);
    return () => clearInterval(timer);
  }, [isLost, askAgain]);

  // The drafts notice first that the server is away; everything else would only at the next question.
  const isHeard = drafts?.isOnline;
  const wasHeard = useRef(isHeard);
  useEffect(() => {
    if (wasHeard.current && isHeard === false && !isOffline) void askAgain();
    wasHeard.current = isHeard;
  }, [isHeard, isOffline, askAgain]);

  const waiting = drafts?.courses.reduce((sum, course) => sum + course.waiting, 0) ?? 0;
  const count = waiting > 0 ? ` · ${format.number(waiting)}` : "";
  const detail = connected ? (isOffline ? t.shell.statusOfflineDetail(connected.name) : t.shell.statusDetail(connected.name, connected.serverVersion)) : "";
  const words = t.drafts.states;
  const shown = (() => {
    if (drafts?.problem) return { dot: classes.lost, text: drafts.isOpen ? drafts.problem : t.drafts.notOpenTitle, detail: [drafts.problem, drafts.nextStep].filter(Boolean).join(" ") };
    if (isOffline && drafts?.isOnline) return { dot: classes.sending, text: t.drafts.server.back, detail };
    if (drafts?.state === "needsYourDecision") return { dot: classes.readOnly, text: words.needsYourDecision + count, detail: isLost || isOffline ? t.drafts.offlineText : detail };
    if (isOffline) return { dot: classes.offline, text: t.drafts.server.offline + count, detail };
    if (isLost) return { dot: classes.lost, text: waiting > 0 ? t.drafts.server.lost(format.number(waiting)) : t.shell.statusLost, detail: drafts?.courses.length ? t.drafts.offlineText : t.shell.statusLostDetail };
    if (sending || drafts?.state === "sending") return { dot: classes.sending, text: t.shell.statusSending, detail };
    if (drafts?.state === "savedHere") return { dot: classes.offline, text: words.savedHere + count, detail: drafts.isOnline ? detail : t.drafts.offlineText };
    if (connected?.readOnly) return { dot: classes.readOnly, text: t.shell.statusReadOnly, detail: connected.schema.message };
    return { dot: "", text: connected?.isLocal ? t.shell.statusLocal : t.shell.statusServer, detail };
  })();
  const [spoken] = useDebouncedValue(shown.text, spokenAfter);

  return (
    <div className={classes.status}>
      <Tooltip label={shown.detail} position="top-start" multiline maw={280}>
        <span className={`${classes.dot} ${shown.dot}`} aria-hidden />
      </Tooltip>
      {drafts?.isOpen || drafts?.problem ? (
        <Link to={drafts.isOpen && !drafts.problem ? "/o/$organizationId/drafts/outbox" : "/o/$organizationId/drafts"} params={{ organizationId }} className={`${classes.label} ${classes.outbox}`} title={t.drafts.server.openOutbox}>
          {shown.text}
        </Link>
      ) : (
        <span className={classes.label}>{shown.text}</span>
      )}
      <VisuallyHidden role="status">{`${t.shell.status}: ${spoken}`}</VisuallyHidden>
      {isLost && (
        <Button size="compact-xs" variant="subtle" onClick={() => void askAgain()} className={classes.label}>
          {t.shell.retryNow}
        </Button>
      )}
      {isOffline && drafts?.isOnline && (
        <Button size="compact-xs" variant="subtle" loading={again.isPending} onClick={() => again.mutate()} className={classes.label}>
          {t.drafts.server.connect}
        </Button>
      )}
    </div>
  );
}
