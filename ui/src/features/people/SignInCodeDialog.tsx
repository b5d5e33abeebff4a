import { Button, CopyButton, Group, Modal, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { FailureNote } from "../../components/FailureNote";
import { useFocusBack } from "../../components/focus";
import { useFormat } from "../../format";
import { type PersonDetail, platform } from "../../platform";
import { useStrings } from "../../strings";
import classes from "./People.module.css";

/** Says what a code does before it is made; shows it once. */
export function SignInCodeDialog({ organizationId, person, onClose }: { organizationId: string; person: PersonDetail; onClose: () => void }) {
  const t = useStrings();
  useFocusBack(true);
  const format = useFormat();
  const make = useMutation({ mutationFn: () => platform.issueResetCode(organizationId, person.personId), gcTime: 0 });
  return (
    <Modal opened onClose={onClose} title={t.people.codeTitle(person.name)} closeButtonProps={{ "aria-label": t.words.close }} closeOnClickOutside={!make.data}>
      <Stack gap="md" aria-live="polite">
        {make.data ? (
          <>
            <Text size="sm">{t.people.codeReady}</Text>
            <output className={classes.code}>{make.data.code}</output>
            <Text size="sm" c="dimmed">
              {t.people.codeExpires(format.dateTime(make.data.expiresAt))}
            </Text>
            <Group justify="flex-end" gap="xs">
              <CopyButton value={make.data.code}>
                {({ copied, copy }) => (
                  <Button variant="default" onClick={copy} autoFocus>
                    {copied ? t.words.copied : t.words.copy}
                  </Button>
                )}
              </CopyButton>
              <Button onClick={onClose}>{t.words.close}</Button>
            </Group>
          </>
        ) : (
          <>
            <Text size="sm">{t.people.codeEffect}</Text>
            <FailureNote failure={make.error} />
            <Group justify="flex-end" gap="xs">
              <Button variant="default" onClick={onClose}>
                {t.words.cancel}
              </Button>
              <Button loading={make.isPending} onClick={() => make.mutate()} data-autofocus>
                {t.people.codeMake}
              </Button>
            </Group>
          </>
        )}
      </Stack>
    </Modal>
  );
}
