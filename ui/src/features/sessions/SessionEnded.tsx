import { Anchor, Modal, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import type { ConnectionState, Me } from "../../platform";
import { sessionKey } from "../../queries";
import { useStore } from "../../store";
import { useStrings } from "../../strings";
import { sessionEnded } from "../connections/link";
import { useLeave, useSignedIn } from "./leave";
import { useMe } from "./session";
import { SignInForm } from "./SignInForm";

/** Sign-in laid over the page when the session ends mid-work: the page below stays as it is, unsaved words and all. */
export function SessionEnded() {
  const t = useStrings();
  const ended = useStore(sessionEnded);
  const me = useMe();
  const client = useQueryClient();
  const leave = useLeave();
  const elsewhere = useSignedIn();
  if (!me) return null;
  const signedIn = async (again: Me) => {
    sessionEnded.set(false);
    if (again.personId !== me.personId) {
      await elsewhere(again);
      return;
    }
    client.setQueryData<ConnectionState>(sessionKey, (state) => (state ? { ...state, me: again } : state));
    await client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== sessionKey[0] });
  };
  return (
    <Modal
      opened={ended}
      onClose={() => undefined}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title={t.sessions.endedTitle}
      zIndex={500}
    >
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          {t.sessions.endedText}
        </Text>
        <SignInForm email={me.email} onSignedIn={signedIn} />
        <Anchor component="button" type="button" size="sm" c="dimmed" onClick={() => leave.session.mutate()}>
          {t.sessions.endedLeave}
        </Anchor>
      </Stack>
    </Modal>
  );
}
