import { VisuallyHidden } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconCircleMinus, IconCircleX } from "@tabler/icons-react";
import type { CheckStep } from "../../platform";
import { useStrings } from "../../strings";
import classes from "./CheckSteps.module.css";

const icons = { ok: IconCircleCheck, failed: IconCircleX, warning: IconAlertTriangle, skipped: IconCircleMinus };

// What was asked for comes into view by itself.
const show = (list: HTMLOListElement | null) => void list?.scrollIntoView({ block: "nearest" });

/** Each step of a connection check with what it found and what to do. The state is said, not only coloured. */
export function CheckSteps({ steps }: { steps: CheckStep[] }) {
  const t = useStrings();
  const said = { ok: t.connections.stepOk, failed: t.connections.stepFailed, warning: t.connections.stepWarning, skipped: "" };
  const tried = steps.filter(({ state }) => state !== "skipped");
  const skipped = steps.filter(({ state }) => state === "skipped");
  return (
    <ol ref={show} className={classes.steps} aria-label={t.connections.checkTitle} aria-live="polite">
      {tried.map((step) => {
        const Icon = icons[step.state];
        return (
          <li key={step.name} className={classes.step}>
            <Icon size={18} className={classes[step.state]} aria-hidden />
            <div>
              <div>
                <span className={classes.name}>{step.name}</span> <VisuallyHidden>{said[step.state]}: </VisuallyHidden>
                {step.message}
              </div>
              {step.nextStep && <div className={classes.next}>{step.nextStep}</div>}
            </div>
          </li>
        );
      })}
      {skipped.length > 0 && (
        <li className={classes.step}>
          <icons.skipped size={18} className={classes.skipped} aria-hidden />
          <div className={classes.skipped}>{t.connections.notTried(skipped.map(({ name }) => name).join(", "))}</div>
        </li>
      )}
    </ol>
  );
}
