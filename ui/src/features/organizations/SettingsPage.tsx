import { Button, Group, NumberInput, Select, Skeleton, Stack, Switch, Text, Textarea, TextInput, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { useFields } from "../../components/fields";
import { FailureNote } from "../../components/FailureNote";
import { PageHeader } from "../../components/PageHeader";
import { offerUndo, say } from "../../components/undo";
import { UnsavedGuard } from "../../components/UnsavedGuard";
import { useFormat } from "../../format";
import { type ConnectionState, type Organization, type OrganizationChange, platform } from "../../platform";
import { languagePreference } from "../../preferences";
import { keyOf, sessionKey, useWrite } from "../../queries";
import { useStore } from "../../store";
import { useStrings } from "../../strings";
import { useMayAdminister, useMayManage } from "../sessions/session";
import { localeChoices, organizationRules, timeZones } from "./rules";
import classes from "./SettingsPage.module.css";

export function SettingsPage() {
  const t = useStrings();
  const { organizationId } = useParams({ from: "/o/$organizationId" });
  const organization = useQuery({
    queryKey: keyOf(organizationId, "organizations", "one"),
    queryFn: () => platform.readOrganization(organizationId),
  });
  return (
    <>
      <PageHeader title={t.organizations.settingsTitle} text={t.organizations.settingsText} />
      <div className={classes.body}>
        {organization.error && !organization.data && (
          <FailureNote title={t.words.couldNotLoad} failure={organization.error} onRetry={() => void organization.refetch()} />
        )}
        {organization.isPending && <Skeleton height={320} maw={560} />}
        {organization.data && (
          <>
            <Facts key={organization.data.id} organization={organization.data} />
            <Archive organization={organization.data} />
          </>
        )}
      </div>
    </>
  );
}

/** What everybody's switcher shows follows at once. */
function useRefreshMe() {
  const client = useQueryClient();
  return async () => {
    const me = await platform.whoAmI();
    client.setQueryData<ConnectionState>(sessionKey, (state) => (state ? { ...state, me } : state));
  };
}

/** A number's field is empty while it is being written. */
type Values = Omit<Required<OrganizationChange>, "offlineDays"> & { offlineDays: number | string };

function Facts({ organization }: { organization: Organization }) {
  const t = useStrings();
  const format = useFormat();
  const language = useStore(languagePreference);
  const mayManage = useMayManage();
  const refreshMe = useRefreshMe();
  const save = useWrite({
    organizationId: organization.id,
    write: async (operationId, input: { version: string; change: OrganizationChange }) => {
      const changed = await platform.changeOrganization(operationId, organization.id, input.version, input.change);
      await refreshMe();
      return changed;
    },
    changes: ["organizations", "overview"],
    remember: () => keyOf(organization.id, "organizations", "one"),
  });
  const { name, slug, description, timeZone, locale, offlineDays, approvalRequired } = organization;
  const [initial] = useState<Values>({ name, slug, description, timeZone, locale, offlineDays, approvalRequired });
  const rules = useMemo(() => organizationRules(t), [t]);
  const fields = useFields(initial, rules, save.error);
  const zones = useMemo(() => timeZones(timeZone), [timeZone]);
  const locales = useMemo(() => localeChoices(language, locale), [language, locale]);
  const submit = fields.submit((values) => {
    // Only what was changed here: another admin's change to another field stays.
    const change = Object.fromEntries(
      Object.entries({ ...values, name: values.name.trim() }).filter(([key, value]) => value !== fields.start[key as keyof typeof values]),
    );
    save.mutate(
      { version: organization.version, change },
      {
        onSuccess: () => {
          fields.reset(values);
          say(t.organizations.saved);
        },
      },
    );
  });
  return (
    <form
      className={classes.form}
      noValidate
      aria-busy={save.isPending}
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key === "Enter" && event.ctrlKey) event.currentTarget.requestSubmit();
      }}
    >
      <Stack gap="md">
        <TextInput label={t.organizations.name} disabled={!mayManage} {...fields.bind("name")} />
        <TextInput label={t.organizations.slug} description={t.organizations.slugHint} disabled={!mayManage} spellCheck={false} {...fields.bind("slug")} />
        <Textarea label={t.organizations.description} disabled={!mayManage} {...fields.bind("description")} />
        <Select
          label={t.organizations.timeZone}
          description={t.organizations.timeZoneHint}
          data={zones}
          searchable
          limit={100}
          disabled={!mayManage}
          {...fields.bind("timeZone")}
        />
        <Select
          label={t.organizations.locale}
          description={t.organizations.localeHint}
          data={locales}
          searchable
          limit={100}
          disabled={!mayManage}
          {...fields.bind("locale")}
        />
        <NumberInput
          label={t.organizations.offlineDays}
          description={t.organizations.offlineDaysHint}
          disabled={!mayManage}
          maw={320}
          min={0}
          max={365}
          clampBehavior="none"
          allowDecimal={false}
          allowNegative={false}
          {...fields.bind("offlineDays")}
        />
        <Switch
          label={t.organizations.approvalRequired}
          description={t.organizations.approvalRequiredHint}
          disabled={!mayManage}
          checked={fields.values.approvalRequired}
          onChange={(event) => fields.set("approvalRequired", event.currentTarget.checked)}
        />
        <Text size="sm" c="dimmed">
          {t.organizations.createdAt}: {format.date(organization.createdAt)} · {t.organizations.plan}: {organization.plan}
        </Text>
        <FailureNote failure={fields.unplaced} />
        {mayManage ? (
          <Group gap="xs">
            <Button type="submit" loading={save.isPending} disabled={!fields.dirty}>
              {t.words.save}
            </Button>
            {fields.dirty && (
              <Button variant="default" onClick={() => fields.reset()}>
                {t.words.discard}
              </Button>
            )}
          </Group>
        ) : (
          organization.archivedAt === null && (
            <Text size="sm" c="dimmed">
              {t.organizations.notAllowed}
            </Text>
          )
        )}
      </Stack>
      <UnsavedGuard dirty={fields.dirty} />
    </form>
  );
}

function Archive({ organization }: { organization: Organization }) {
  const t = useStrings();
  const mayAdminister = useMayAdminister();
  const refreshMe = useRefreshMe();
  const [asking, setAsking] = useState(false);
  const spec = { organizationId: organization.id, changes: ["organizations"] as const, remember: () => keyOf(organization.id, "organizations", "one") };
  const archive = useWrite({
    ...spec,
    write: async (operationId, _: null) => {
      const archived = await platform.archiveOrganization(operationId, organization.id);
      await refreshMe();
      return archived;
    },
  });
  const restore = useWrite({
    ...spec,
    write: async (operationId, _: null) => {
      const restored = await platform.restoreOrganization(operationId, organization.id);
      await refreshMe();
      return restored;
    },
  });
  if (!mayAdminister) return null;
  if (organization.archivedAt) {
    return (
      <section className={classes.section}>
        <Title order={2}>{t.organizations.restoreHeading}</Title>
        <Text size="sm" c="dimmed">
          {t.organizations.restoreText}
        </Text>
        <FailureNote failure={restore.error} />
        <Group>
          <Button loading={restore.isPending} onClick={() => restore.mutate(null, { onSuccess: () => say(t.organizations.restoredToast(organization.name)) })}>
            {t.words.restore}
          </Button>
        </Group>
      </section>
    );
  }
  return (
    <section className={classes.section}>
      <Title order={2}>{t.organizations.archiveHeading}</Title>
      <Text size="sm" c="dimmed">
        {t.organizations.archiveText}
      </Text>
      <Group>
        <Button variant="default" onClick={() => setAsking(true)}>
          {t.organizations.archiveAction}
        </Button>
      </Group>
      <ConfirmDialog
        opened={asking}
        title={t.organizations.archiveTitle(organization.name)}
        effect={t.organizations.archiveEffect}
        confirm={t.words.archive}
        danger
        pending={archive.isPending}
        failure={archive.error}
        onConfirm={() =>
          archive.mutate(null, {
            onSuccess: () => {
              setAsking(false);
              offerUndo(t, t.organizations.archivedToast(organization.name), () => restore.mutateAsync(null));
            },
          })
        }
        onClose={() => setAsking(false)}
      />
    </section>
  );
}
