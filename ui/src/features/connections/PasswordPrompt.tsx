import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useFields } from "../../components/fields";
import { FailureNote } from "../../components/FailureNote";
import { PasswordField } from "../../components/PasswordField";
import type { Connection, Failure } from "../../platform";
import { useStrings } from "../../strings";
import { passwordGiven } from "../sessions/rules";

/** What a connection still needs: the password it keeps nowhere (or whose kept one is refused), or the passphrase of its file. */
export type Asked = { connection: Connection; secret: "password" | "passphrase" };

export function PasswordPrompt(props: {
  asked: Asked | null;
  pending: boolean;
  failure: Failure | null;
  onTyped: (typed: { password: string | null; passphrase: string | null }) => void;
  onClose: () => void;
}) {
  const t = useStrings();
  const [rules] = useState(() => ({ [secretOf(props.asked)]: passwordGiven(t) }));
  const fields = useFields({ password: "", passphrase: "" }, rules, props.failure);
  const secret = secretOf(props.asked);
  const name = props.asked?.connection.name ?? "";
  return (
    <Modal
      opened={props.asked !== null}
      onClose={props.onClose}
      title={secret === "passphrase" ? t.connections.passphraseTitle(name) : t.connections.askTitle(name)}
      closeButtonProps={{ "aria-label": t.words.close }}
    >
      <form
        noValidate
        onSubmit={fields.submit((values) => props.onTyped({ password: values.password || null, passphrase: values.passphrase || null }))}
        aria-busy={props.pending}
      >
        <Stack gap="md">
          {(secret === "passphrase" || props.asked?.connection.secretStore === "ask") && (
            <Text size="sm" c="dimmed">
              {secret === "passphrase" ? t.connections.fileText : t.connections.askText}
            </Text>
          )}
          <PasswordField label={secret === "passphrase" ? t.connections.passphrase : t.connections.password} autoComplete="off" data-autofocus {...fields.bind(secret)} />
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

const secretOf = (asked: Asked | null) => asked?.secret ?? "password";
