import { Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { failureFrom } from "../platform";
import type { Strings } from "../strings";

let latest: { id: string; run: () => void } | null = null;

/** Tells what was done and offers to take it back, by button or Ctrl+Z, for ten seconds. */
export function offerUndo(t: Strings, message: string, undo: () => Promise<unknown>): void {
  const id = `undo-${++counter}`;
  const run = () => {
    if (latest?.id === id) latest = null;
    notifications.hide(id);
    undo().then(
      () => say(t.words.undone),
      (thrown) => {
        const failure = failureFrom(thrown);
        notifications.show({ closeButtonProps: { "aria-label": t.words.close }, color: "red", title: failure.message, message: failure.nextStep ?? "", role: "alert" });
      },
    );
  };
  latest = { id, run };
  notifications.show({
    id,
    autoClose: 10_000,
    closeButtonProps: { "aria-label": t.words.close },
    role: "status",
    onClose: () => {
      if (latest?.id === id) latest = null;
    },
    message: (
      <Group justify="space-between" wrap="nowrap" gap="md">
        <Text size="sm">{message}</Text>
        <Button size="compact-sm" variant="light" onClick={run}>
          {t.words.undo}
        </Button>
      </Group>
    ),
  });
}

let counter = 0;

/** A short word that something is done, when the page itself does not show it. */
export function say(message: string): void {
  notifications.show({ message, autoClose: 5_000, role: "status", withCloseButton: false });
}

/** Ctrl+Z outside of a text field. Says whether there was something to take back. */
export function undoLatest(): boolean {
  if (!latest) return false;
  latest.run();
  return true;
}
