import { Select, Text } from "@mantine/core";
import { useState } from "react";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { offerUndo } from "../../components/undo";
import type { PersonDetail, Role } from "../../platform";
import { useStrings } from "../../strings";
import { useMe, useOrganization } from "../sessions/session";
import classes from "./People.module.css";
import { useChangeMembership } from "./queries";
import { givableRoles } from "./rules";

/** The role, and what it allows. A change shows its effect before it counts. */
export function Access({ organizationId, person }: { organizationId: string; person: PersonDetail }) {
  const t = useStrings();
  const me = useMe();
  const mine = useOrganization()?.role ?? null;
  const [wanted, setWanted] = useState<Role | null>(null);
  const change = useChangeMembership(organizationId);
  const givable = givableRoles(mine, me?.isBusinessOwner ?? false);
  const choices = givable.includes(person.role) ? givable : [person.role, ...givable];
  const give = (role: Role) =>
    change.mutate(
      { personId: person.personId, version: person.version, change: { role } },
      {
        onSuccess: (changed) => {
          setWanted(null);
          offerUndo(t, t.people.roleDone(person.name, t.people.roles[role]), () =>
            change.mutateAsync({ personId: person.personId, version: changed.version, change: { role: person.role } }),
          );
        },
      },
    );
  return (
    <>
      <h3 className={classes.heading}>{t.people.access}</h3>
      <Select
        aria-label={t.people.role}
        description={t.people.roleTexts[person.role]}
        inputWrapperOrder={["input", "description"]}
        data={choices.map((role) => ({ value: role, label: t.people.roles[role] }))}
        value={person.role}
        disabled={!person.mayChangeRole}
        onChange={(role) => role && role !== person.role && setWanted(role as Role)}
      />
      {!person.mayChangeRole && (
        <Text size="xs" c="dimmed" mt={6}>
          {t.people.cannotChange}
        </Text>
      )}
      <ConfirmDialog
        opened={wanted !== null}
        title={t.people.roleTitle(person.name, wanted ? t.people.roles[wanted] : "")}
        effect={
          wanted && (
            <>
              <Text size="sm">{t.people.roleEffect(t.people.roles[person.role], t.people.roles[wanted])}</Text>
              <Text size="sm" mt="xs" c="dimmed">
                {t.people.roles[wanted]}: {t.people.roleTexts[wanted]}
              </Text>
            </>
          )
        }
        confirm={t.people.roleConfirm}
        pending={change.isPending}
        failure={change.error}
        onConfirm={() => wanted && give(wanted)}
        onClose={() => {
          setWanted(null);
          change.reset();
        }}
      />
    </>
  );
}
