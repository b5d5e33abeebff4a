import { Button, Group, Stack, Text } from "@mantine/core";
import { IconCloudOff } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useFields } from "../../components/fields";
import { FailureNote } from "../../components/FailureNote";
import { PasswordField } from "../../components/PasswordField";
import { useFormat } from "../../format";
import { type OfflinePerson, platform } from "../../platform";
import { useStrings } from "../../strings";
import { useArrive } from "../sessions/leave";
import { passwordGiven } from "../sessions/rules";
import classes from "./ConnectPage.module.css";
import { connectionsKey } from "./queries";

/** Who can go on with their drafts on this computer while the server is out of reach. Says nothing when nobody can. */
export function OfflinePeople({ connection }: { connection: string }) {
  const t = useStrings();
  const people = useQuery({ queryKey: [...connectionsKey, "offline", connection], queryFn: () => platform.listOfflinePeople(connection), meta: { isHere: true }, staleTime: 0 }).data ?? [];
  const [opening, setOpening] = useState<string | null>(null);
  if (people.length === 0) return null;
  const chosen = opening ?? (people.length === 1 ? people[0]?.personId : null);
  return (
    <section className={classes.offline} aria-label={t.connections.offline.title}>
      <Group gap="xs" wrap="nowrap" align="flex-start">
        <IconCloudOff size={18} aria-hidden color="var(--text-dim)" />
        <div>
          <Text size="sm" fw={600}>
            {t.connections.offline.title}
          </Text>
          <Text size="sm" c="dimmed">
            {t.connections.offline.text}
          </Text>
        </div>
      </Group>
      <ul className={classes.people}>
        {people.map((person) => (
          <li key={person.personId}>
            <Person connection={connection} person={person} isOpen={chosen === person.personId} onOpen={() => setOpening(person.personId)} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Person({ connection, person, isOpen, onOpen }: { connection: string; person: OfflinePerson; isOpen: boolean; onOpen: () => void }) {
  const t = useStrings();
  const format = useFormat();
  const arrive = useArrive();
  const [rules] = useState(() => ({ password: passwordGiven(t) }));
  const open = useMutation({
    mutationFn: (password: string) => platform.openOffline(connection, person.personId, password),
    meta: { isHere: true },
    onSuccess: () => arrive(),
  });
  const form = useRef<HTMLFormElement>(null);
  // Whoever just chose themselves types next; what is open from the start leaves the focus where it is.
  const wasOpen = useRef(isOpen);
  useEffect(() => {
    if (isOpen && !wasOpen.current) form.current?.querySelector("input")?.focus();
    wasOpen.current = isOpen;
  }, [isOpen]);
  const fields = useFields({ password: "" }, rules, open.error);
  return (
    <Stack gap={6}>
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <div>
          <div className={classes.name}>{person.name}</div>
          <div className={classes.dim}>
            {person.email} · {person.until === null ? t.connections.offline.expired(format.relative(person.lastOnlineAt)) : t.connections.offline.until(format.date(person.until))}
          </div>
        </div>
        {person.until !== null && !isOpen && (
          <Button variant="default" size="xs" onClick={onOpen} aria-label={t.connections.offline.workAs(person.name)}>
            {t.connections.offline.work}
          </Button>
        )}
      </Group>
      {person.until === null && (
        <Text size="sm" c="dimmed">
          {t.connections.offline.expiredNext}
        </Text>
      )}
      {person.until !== null && isOpen && (
        <form ref={form} noValidate onSubmit={fields.submit(({ password }) => open.mutate(password))} aria-label={t.connections.offline.workAs(person.name)} aria-busy={open.isPending}>
          <Stack gap="xs">
            <PasswordField label={t.connections.offline.password} autoComplete="current-password" {...fields.bind("password")} />
            <FailureNote failure={fields.unplaced} />
            <Group justify="flex-end">
              <Button type="submit" size="sm" loading={open.isPending}>
                {t.connections.offline.workAs(person.name)}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Stack>
  );
}
