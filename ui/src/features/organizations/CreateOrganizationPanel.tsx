import { Select, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useFields } from "../../components/fields";
import { FormPanel } from "../../components/FormPanel";
import { say } from "../../components/undo";
import { newId } from "../../ids";
import { type ConnectionState, type NewOrganization, platform } from "../../platform";
import { languagePreference } from "../../preferences";
import { sessionKey, useWrite } from "../../queries";
import { useStore } from "../../store";
import { useStrings } from "../../strings";
import { localeChoices, organizationRules, slugFrom, timeZones } from "./rules";

export function CreateOrganizationPanel({ onClose }: { onClose: () => void }) {
  const t = useStrings();
  const client = useQueryClient();
  const navigate = useNavigate();
  const language = useStore(languagePreference);
  const [id] = useState(newId);
  const [initial] = useState(() => ({
    name: "",
    slug: "",
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC",
    locale: Intl.getCanonicalLocales(navigator.language)[0] ?? "en",
  }));
  const [ownSlug, setOwnSlug] = useState(false);
  const create = useWrite({
    organizationId: id,
    write: async (operationId, input: NewOrganization) => {
      const organization = await platform.createOrganization(operationId, input);
      const me = await platform.whoAmI();
      client.setQueryData<ConnectionState>(sessionKey, (state) => (state ? { ...state, me } : state));
      return organization;
    },
    changes: ["organizations"],
  });
  const rules = useMemo(() => organizationRules(t), [t]);
  const fields = useFields(initial, rules, create.error);
  const zones = useMemo(() => timeZones(initial.timeZone), [initial]);
  const locales = useMemo(() => localeChoices(language, initial.locale), [language, initial]);
  return (
    <FormPanel
      title={t.organizations.createTitle}
      opened
      dirty={fields.dirty && !create.isSuccess}
      pending={create.isPending}
      failure={fields.unplaced}
      submitLabel={t.organizations.createSubmit}
      onSubmit={fields.submit((values) =>
        create.mutate(
          { id, ...values, name: values.name.trim() },
          {
            onSuccess: (organization) => {
              onClose();
              say(t.organizations.created(organization.name));
              void navigate({ to: "/o/$organizationId/overview", params: { organizationId: organization.id }, ignoreBlocker: true });
            },
          },
        ),
      )}
      onClose={onClose}
    >
      <TextInput
        label={t.organizations.name}
        data-autofocus
        {...fields.bind("name")}
        onChange={(event) => {
          const name = event.currentTarget.value;
          fields.set("name", name);
          if (!ownSlug) fields.set("slug", slugFrom(name));
        }}
      />
      <TextInput
        label={t.organizations.slug}
        description={t.organizations.slugHint}
        spellCheck={false}
        {...fields.bind("slug")}
        onChange={(event) => {
          setOwnSlug(true);
          fields.set("slug", event.currentTarget.value);
        }}
      />
      <Select label={t.organizations.timeZone} description={t.organizations.timeZoneHint} data={zones} searchable limit={100} {...fields.bind("timeZone")} />
      <Select label={t.organizations.locale} description={t.organizations.localeHint} data={locales} searchable limit={100} {...fields.bind("locale")} />
    </FormPanel>
  );
}
