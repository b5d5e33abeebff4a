import { ActionIcon, Title } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { type ReactNode, useEffect, useRef } from "react";
import { useStrings } from "../strings";
import { firstOf } from "./focus";
import classes from "./DetailPanel.module.css";

/**
 * The details of one row beside its list, on an address of its own. Takes the focus when it opens, gives it back
 * when it closes; Esc closes.
 */
export function DetailPanel(props: {
  /** Changes when another row is shown, so the heading is focused again. */
  subject: string;
  title: string;
  subtitle?: ReactNode;
  badges?: ReactNode;
  actions?: ReactNode;
  onClose: () => void;
  children: ReactNode;
}) {
  const t = useStrings();
  const heading = useRef<HTMLHeadingElement>(null);
  const cameFrom = useRef<Element | null>(null);
  useEffect(() => {
    cameFrom.current = document.activeElement;
    return () => {
      // The list may have been another meanwhile, or empty for a moment.
      const from = cameFrom.current instanceof HTMLElement && cameFrom.current.isConnected && cameFrom.current !== document.body ? cameFrom.current : firstOf("main [role=grid]", "main h1[tabindex]");
      from?.focus({ preventScroll: true });
    };
  }, []);
  const { subject } = props;
  useEffect(() => {
    if (subject) heading.current?.focus({ preventScroll: true });
  }, [subject]);
  return (
    <aside
      className={classes.panel}
      aria-label={props.title}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented) return;
        // A form, a menu or a question opened from here closes itself.
        if ((event.target as Element).closest("aside, [role=dialog], [role=menu], [role=listbox]") !== event.currentTarget) return;
        event.stopPropagation();
        props.onClose();
      }}
    >
      <div className={classes.top}>
        <div className={classes.words}>
          <Title order={2} ref={heading} tabIndex={-1}>
            {props.title}
          </Title>
          {props.subtitle && <div className={classes.subtitle}>{props.subtitle}</div>}
          {props.badges && <div className={classes.badges}>{props.badges}</div>}
        </div>
        <ActionIcon onClick={props.onClose} aria-label={t.words.close}>
          <IconX size={16} />
        </ActionIcon>
      </div>
      {props.actions && <div className={classes.actions}>{props.actions}</div>}
      <div className={classes.body}>{props.children}</div>
    </aside>
  );
}
