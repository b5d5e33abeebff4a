import { Anchor, Button, Code, Group, Text } from "@mantine/core";
import { useState } from "react";
import { useStrings } from "../../strings";
import { Gate } from "../sessions/Gate";
import { useLeave } from "../sessions/leave";
import { useMe } from "../sessions/session";
import { CreateOrganizationPanel } from "./CreateOrganizationPanel";

/** Signed in, but there is nowhere to go yet. */
export function NoOrganizationPage() {
  const t = useStrings();
  const me = useMe();
  const leave = useLeave();
  const [creating, setCreating] = useState(false);
  const mayCreate = me?.isBusinessOwner === true;
  return (
    <Gate
      title={t.organizations.noneTitle}
      text={mayCreate ? t.organizations.noneOwnerText : t.organizations.noneText}
      under={
        <Anchor component="button" type="button" size="sm" c="dimmed" onClick={() => leave.session.mutate()}>
          {t.shell.signOut}
        </Anchor>
      }
    >
      {mayCreate ? (
        <Group>
          <Button onClick={() => setCreating(true)}>{t.organizations.createTitle}</Button>
        </Group>
      ) : (
        <Text>
          <Code>{me?.email}</Code>
        </Text>
      )}
      {creating && <CreateOrganizationPanel onClose={() => setCreating(false)} />}
    </Gate>
  );
}
