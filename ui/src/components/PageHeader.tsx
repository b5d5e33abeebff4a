import { Text, Title } from "@mantine/core";
import { type ReactNode, useEffect, useRef } from "react";
import { nameWindow } from "../platform";
import { useStrings } from "../strings";
import classes from "./PageHeader.module.css";

/** The page's heading. It takes the focus when the page opens, so a screen reader says where one is. */
export function PageHeader({ title, text, actions }: { title: string; text?: ReactNode; actions?: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const t = useStrings();
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  useEffect(() => {
    nameWindow(`${title} · ${t.shell.product}`);
  }, [title, t]);
  return (
    <header className={classes.header}>
      <div className={classes.words}>
        <Title order={1} ref={heading} tabIndex={-1}>
          {title}
        </Title>
        {text && (
          <Text size="sm" c="dimmed">
            {text}
          </Text>
        )}
      </div>
      {actions && <div className={classes.actions}>{actions}</div>}
    </header>
  );
}
