import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { Failure } from "../platform";
import { useStrings } from "../strings";
import { FailureNote } from "./FailureNote";
import { useFocusBack } from "./focus";

/** Shows the effect first, then asks. */
export function ConfirmDialog(props: {
  opened: boolean;
  title: string;
  /** What will be different afterwards, in sentences. */
  effect: ReactNode;
  confirm: string;
  cancel?: string;
  danger?: boolean;
  pending: boolean;
  failure: Failure | null;
  onConfirm: () => void;
  onClose: () => void;
}) {
  const t = useStrings();
  useFocusBack(props.opened);
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={props.title} closeButtonProps={{ "aria-label": t.words.close }} zIndex={320}>
      <Stack gap="md">
        <Text size="sm" component="div">
          {props.effect}
        </Text>
        <FailureNote failure={props.failure} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={props.onClose}>
            {props.cancel ?? t.words.cancel}
          </Button>
          <Button color={props.danger ? "red" : undefined} loading={props.pending} onClick={props.onConfirm} data-autofocus>
            {props.confirm}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
