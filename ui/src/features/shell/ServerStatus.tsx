import { Button, Tooltip } from "@mantine/core";
import { useIsMutating, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect } from "react";
import { failureFrom, platform } from "../../platform";
import { useStore } from "../../store";
import { useStrings } from "../../strings";
import { link, noteOutcome } from "../connections/link";
import { useSession } from "../sessions/session";
import classes from "./Shell.module.css";

const askAgainAfter = 5_000;

/** The one place that says where what is seen and written stands. */
export function ServerStatus() {
  const t = useStrings();
  const state = useStore(link);
  const sending = useIsMutating() > 0;
  const connected = useSession()?.connected;
  const client = useQueryClient();

  const askAgain = useCallback(async () => {
    try {
      await platform.whoAmI();
      noteOutcome(null);
      await client.invalidateQueries();
    } catch (thrown) {
      noteOutcome(failureFrom(thrown));
    }
  }, [client]);

  useEffect(() => {
    if (state === "up") return;
    const timer = setInterval(() => void askAgain(), askAgainAfter);
    return () => clearInterval(timer);
  }, [state, askAgain]);

  const detail = connected ? t.shell.statusDetail(connected.name, connected.serverVersion) : "";
  const shown = (() => {
    if (state === "lost") return { dot: classes.lost, text: t.shell.statusLost, detail: t.shell.statusLostDetail };
    if (sending) return { dot: classes.sending, text: t.shell.statusSending, detail };
    if (connected?.readOnly) return { dot: classes.readOnly, text: t.shell.statusReadOnly, detail: connected.schema.message };
    return { dot: "", text: connected?.isLocal ? t.shell.statusLocal : t.shell.statusServer, detail };
  })();

  return (
    <div className={classes.status}>
      <Tooltip label={shown.detail} position="top-start" multiline maw={280}>
        <span className={`${classes.dot} ${shown.dot}`} aria-hidden />
      </Tooltip>
      <span className={classes.label} role="status">
        {shown.text}
      </span>
      {state === "lost" && (
        <Button size="compact-xs" variant="subtle" onClick={() => void askAgain()} className={classes.label}>
          {t.shell.retryNow}
        </Button>
      )}
    </div>
  );
}
