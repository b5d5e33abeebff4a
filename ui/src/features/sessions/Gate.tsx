import { Text, Title } from "@mantine/core";
import { type ReactNode, useEffect, useRef } from "react";
import { Mark } from "../../components/Mark";
import { nameWindow } from "../../platform";
import { useStrings } from "../../strings";
import classes from "./Gate.module.css";

/** The calm frame around the steps before an organization is open. */
export function Gate(props: { title: string; text?: ReactNode; width?: number; children: ReactNode; under?: ReactNode }) {
  const t = useStrings();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    nameWindow(`${props.title} · ${t.shell.product}`);
  }, [props.title, t]);
  useEffect(() => {
    if (document.activeElement === document.body) heading.current?.focus({ preventScroll: true });
  }, []);
  const maxWidth = props.width ?? 440;
  return (
    <main className={classes.gate}>
      <div className={classes.mark}>
        <Mark />
        {t.shell.product}
      </div>
      <div className={classes.card} style={{ maxWidth }}>
        <Title order={1} ref={heading} tabIndex={-1}>
          {props.title}
        </Title>
        {props.text && (
          <Text size="sm" c="dimmed" mt={6}>
            {props.text}
          </Text>
        )}
        <div style={{ marginTop: 20 }}>{props.children}</div>
      </div>
      {props.under && (
        <div className={classes.under} style={{ maxWidth }}>
          {props.under}
        </div>
      )}
    </main>
  );
}
