import { Button, type ButtonProps, Tooltip } from "@mantine/core";
import { type ReactNode, useId } from "react";
import classes from "./courses.module.css";

/** A button that, when it may not be used, stays reachable and says why. */
export function Reasoned({ reason, onClick, children, ...props }: ButtonProps & { reason: string | null; onClick: () => void; children: ReactNode }) {
  const id = useId();
  if (reason === null) {
    return (
      <Button {...props} onClick={onClick}>
        {children}
      </Button>
    );
  }
  return (
    <Tooltip label={reason} multiline maw={280}>
      <Button {...props} aria-disabled data-disabled aria-describedby={id} onClick={(event) => event.preventDefault()} className={classes.refusing}>
        {children}
        <span id={id} className={classes.unseen}>
          {reason}
        </span>
      </Button>
    </Tooltip>
  );
}
