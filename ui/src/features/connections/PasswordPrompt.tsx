import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useFields } from "../../components/fields";
import { FailureNote } from "../../components/FailureNote";
import { PasswordField } from "../../components/PasswordField";
import type { Connection, Failure } from "../../platform";
import { useStrings } from "../../strings";
import { passwordGiven } from "../sessions/rules";

/** The password of a connection that keeps none, or whose kept one is refused. */
export function PasswordPrompt(props: {
  connection: Connection | null;
  pending: boolean;
  failure: Failure | null;
  onPassword: (password: string) => void;
  onClose: () => void;
}) {
  const t = useStrings();
  const [rules] = useState(() => ({ password: passwordGiven(t) }));
  const fields = useFields({ password: "" }, rules, props.failure);
  return (
    <Modal
      opened={props.connection !== null}
      onClose={props.onClose}
      title={t.connections.askTitle(props.connection?.name ?? "")}
      closeButtonProps={{ "aria-label": t.words.close }}
    >
      <form noValidate onSubmit={fields.submit((values) => props.onPassword(values.password))} aria-busy={props.pending}>
        <Stack gap="md">
          {props.connection?.secretStore === "ask" && (
            <Text size="sm" c="dimmed">
              {t.connections.askText}
            </Text>
          )}
          <PasswordField label={props.connection?.secretStore === "file" ? t.connections.passphrase : t.connections.password} autoComplete="off" data-autofocus {...fields.bind("password")} />
          <FailureNote failure={fields.unplaced} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={props.onClose}>
              {t.words.cancel}
            </Button>
            <Button type="submit" loading={props.pending}>
              {t.connections.connect}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
