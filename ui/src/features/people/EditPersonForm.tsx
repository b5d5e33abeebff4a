import { TextInput } from "@mantine/core";
import { useMemo, useState } from "react";
import { useFields } from "../../components/fields";
import { FormPanel } from "../../components/FormPanel";
import type { PersonChange, PersonDetail } from "../../platform";
import { useStrings } from "../../strings";
import { ProfileInputs } from "./PersonFields";
import { useChangePerson } from "./queries";
import { personRules } from "./rules";

export function EditPersonForm({ organizationId, person, onClose }: { organizationId: string; person: PersonDetail; onClose: () => void }) {
  const t = useStrings();
  const save = useChangePerson(organizationId);
  const [initial] = useState({ name: person.name, email: person.email, phone: person.phone ?? "", bornOn: person.bornOn, bio: person.bio });
  const rules = useMemo(() => personRules(t), [t]);
  const fields = useFields(initial, rules, save.error);
  return (
    <FormPanel
      title={t.people.editTitle}
      opened
      dirty={fields.dirty && !save.isSuccess}
      pending={save.isPending}
      failure={fields.unplaced}
      submitLabel={t.words.save}
      onSubmit={fields.submit((values) => {
        // Only what was changed here: what somebody else changed meanwhile in another field stays.
        const change: PersonChange = {};
        if (values.name !== initial.name) change.name = values.name.trim();
        if (values.email !== initial.email) change.email = values.email.trim();
        if (values.phone !== initial.phone) change.phone = values.phone.trim() || null;
        if (values.bornOn !== initial.bornOn) change.bornOn = values.bornOn || null;
        if (values.bio !== initial.bio) change.bio = values.bio;
        if (Object.keys(change).length === 0) onClose();
        else save.mutate({ personId: person.personId, version: person.version, change }, { onSuccess: onClose });
      })}
      onClose={onClose}
    >
      <TextInput label={t.people.name} autoComplete="off" data-autofocus {...fields.bind("name")} />
      <TextInput type="email" label={t.people.email} autoComplete="off" {...fields.bind("email")} />
      <ProfileInputs fields={fields} />
    </FormPanel>
  );
}
