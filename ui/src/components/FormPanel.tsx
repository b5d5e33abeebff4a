import { Button, Drawer, Group, Stack, Text } from "@mantine/core";
import { type FormEvent, type KeyboardEvent, type ReactNode, useState } from "react";
import type { Failure } from "../platform";
import { useStrings } from "../strings";
import { FailureNote } from "./FailureNote";
import { useFocusBack } from "./focus";
import classes from "./FormPanel.module.css";
import { useUnsavedGuard } from "./unsaved";
import { DiscardDialog } from "./UnsavedGuard";

/**
 * A form in a panel at the right. Ctrl+Enter saves, Esc closes, and what was written is never thrown away unasked.
 * `pending` and `failure` are required: a form that cannot show them is not finished.
 */
export function FormPanel(props: {
  title: string;
  opened: boolean;
  dirty: boolean;
  pending: boolean;
  /** The failure that belongs to no field (`fields.unplaced`). */
  failure: Failure | null;
  submitLabel: string;
  onSubmit: (event?: FormEvent) => void;
  onClose: () => void;
  children: ReactNode;
}) {
  const t = useStrings();
  const [asking, setAsking] = useState(false);
  useFocusBack(props.opened);
  const guard = useUnsavedGuard(props.opened && props.dirty && !props.pending);
  // Asked once the Esc that led here is over: the question would take that key as its own.
  const close = () => (props.dirty && !props.pending ? void setTimeout(() => setAsking(true)) : props.onClose());
  const keys = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    (event.currentTarget as HTMLFormElement).requestSubmit();
  };
  return (
    <>
      <Drawer
        opened={props.opened}
        onClose={close}
        title={props.title}
        size={460}
        closeButtonProps={{ "aria-label": t.words.close }}
        classNames={{ content: classes.content, header: classes.header, body: classes.body, title: classes.title }}
      >
        <form className={classes.form} onSubmit={props.onSubmit} onKeyDown={keys} noValidate aria-busy={props.pending}>
          <Stack gap="md" className={classes.fields}>
            {props.children}
            <FailureNote failure={props.failure} />
          </Stack>
          <Group className={classes.foot} justify="space-between" gap="xs">
            <Text size="xs" c="dimmed">
              {t.words.saveHint}
            </Text>
            <Group gap="xs">
              <Button variant="default" onClick={close}>
                {t.words.cancel}
              </Button>
              <Button type="submit" loading={props.pending}>
                {props.submitLabel}
              </Button>
            </Group>
          </Group>
        </form>
      </Drawer>
      <DiscardDialog
        asking={asking || guard.asking}
        onDiscard={() => {
          setAsking(false);
          if (guard.asking) guard.proceed();
          else props.onClose();
        }}
        onKeep={() => {
          setAsking(false);
          guard.stay();
        }}
      />
    </>
  );
}
