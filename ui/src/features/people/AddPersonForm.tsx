import { Select, Text, TextInput } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useFields } from "../../components/fields";
import { FormPanel } from "../../components/FormPanel";
import { say } from "../../components/undo";
import { newId } from "../../ids";
import type { Role } from "../../platform";
import { useStrings } from "../../strings";
import { useMe, useOrganization } from "../sessions/session";
import { ProfileInputs } from "./PersonFields";
import { useAddPerson } from "./queries";
import { givableRoles, personRules } from "./rules";

export function AddPersonForm({ organizationId, onClose }: { organizationId: string; onClose: () => void }) {
  const t = useStrings();
  const navigate = useNavigate();
  const search = useSearch({ from: "/o/$organizationId/people" });
  const me = useMe();
  const mine = useOrganization()?.role ?? null;
  const givable = givableRoles(mine, me?.isBusinessOwner ?? false);
  const add = useAddPerson(organizationId);
  const [personId] = useState(newId);
  const [initial] = useState({ name: "", email: "", role: "learner" as Role, phone: "", bornOn: null as string | null, bio: "" });
  const rules = useMemo(() => personRules(t), [t]);
  const fields = useFields(initial, rules, add.error);
  return (
    <FormPanel
      title={t.people.addTitle}
      opened
      dirty={fields.dirty && !add.isSuccess}
      pending={add.isPending}
      failure={fields.unplaced}
      submitLabel={t.people.addSubmit}
      onSubmit={fields.submit((values) =>
        add.mutate(
          { personId, ...values, name: values.name.trim(), email: values.email.trim(), phone: values.phone.trim() || null, bornOn: values.bornOn || null },
          {
            onSuccess: (person) => {
              say(t.people.added(person.name));
              void navigate({
                to: "/o/$organizationId/people/$personId",
                params: { organizationId, personId: person.personId },
                search: { ...search, adding: undefined },
                ignoreBlocker: true,
              });
            },
          },
        ),
      )}
      onClose={onClose}
    >
      <TextInput label={t.people.name} autoComplete="off" data-autofocus {...fields.bind("name")} />
      <TextInput type="email" label={t.people.email} description={t.people.addKnown} autoComplete="off" {...fields.bind("email")} />
      <Select
        label={t.people.role}
        description={t.people.roleTexts[fields.values.role]}
        inputWrapperOrder={["label", "input", "description", "error"]}
        data={givable.map((role) => ({ value: role, label: t.people.roles[role] }))}
        {...fields.bind("role")}
      />
      <ProfileInputs fields={fields} />
      {givable.length === 0 && (
        <Text size="sm" c="dimmed">
          {t.people.cannotChange}
        </Text>
      )}
    </FormPanel>
  );
}
