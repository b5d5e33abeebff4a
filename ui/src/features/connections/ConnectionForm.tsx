import { Alert, Button, Collapse, Group, Select, SimpleGrid, Stack, Text, Textarea, TextInput, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconChevronRight, IconKey } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { FailureNote } from "../../components/FailureNote";
import { useFields } from "../../components/fields";
import { FormPanel } from "../../components/FormPanel";
import { PasswordField } from "../../components/PasswordField";
import { type Connection, platform } from "../../platform";
import { useStrings } from "../../strings";
import { CheckSteps } from "./CheckSteps";
import { connectionsKey, useKeyring, useSecretsFile } from "./queries";
import { connectionOf, connectionRules, type ConnectionFields, fieldsOf, isThisComputer, passphraseRule } from "./rules";

/** Adding a server or changing a saved one, with a check that says step by step why something does not connect. */
export function ConnectionForm({ connection, onClose }: { connection: Connection | null; onClose: () => void }) {
  const t = useStrings();
  const client = useQueryClient();
  const keyring = useKeyring().data;
  const save = useMutation({
    // What is asked each time is not sent to be kept.
    mutationFn: (values: ConnectionFields) =>
      platform.saveConnection(
        connectionOf(values),
        values.secretStore === "ask" ? null : values.password || null,
        usesFile(values) ? values.passphrase || null : null,
      ),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: connectionsKey });
      onClose();
    },
  });
  const check = useMutation({ mutationFn: (values: ConnectionFields) => platform.checkConnection(connectionOf(values), values.password || null) });
  const file = useSecretsFile().data;
  const rules = useMemo(() => ({ ...connectionRules(t), passphrase: passphraseRule(t, file?.exists ?? true) }), [t, file?.exists]);
  const [initial] = useState(() => fieldsOf(connection));
  const fields = useFields(initial, rules, save.error ?? check.error);
  const { values } = fields;
  const [advanced, setAdvanced] = useState(Boolean(values.caFile || values.clientCertificate || values.fallbackHosts));
  const unpaired = (values.clientCertificate.trim() === "") !== (values.clientKey.trim() === "");
  const tlsText = { verifyFull: t.connections.verifyFullText, verifyCa: t.connections.verifyCaText, require: t.connections.requireText, off: t.connections.offText };

  const passwordText = {
    keyring: connection ? t.connections.passwordKeep : undefined,
    ask: t.connections.passwordForCheck,
    file: connection ? t.connections.passwordKeep : undefined,
  }[values.secretStore];
  // Leaving the file takes the password out of it, which takes the passphrase too.
  const usesFile = (written: ConnectionFields) => written.secretStore === "file" || (connection?.secretStore === "file" && file?.exists === true);

  const setHost = (host: string) => {
    fields.set("host", host);
    // What protects the line when nobody chose: everything, unless it does not leave this computer.
    if (values.tls === (isThisComputer(values.host) ? "off" : "verifyFull")) fields.set("tls", isThisComputer(host) ? "off" : "verifyFull");
  };
  const Chevron = advanced ? IconChevronDown : IconChevronRight;

  return (
    <FormPanel
      title={connection ? t.connections.editTitle : t.connections.addTitle}
      opened
      dirty={fields.dirty}
      pending={save.isPending}
      failure={fields.unplaced}
      submitLabel={t.connections.save}
      onSubmit={fields.submit((written) => (unpaired ? setAdvanced(true) : save.mutate(written)))}
      onClose={onClose}
    >
      <TextInput
        label={t.connections.name}
        description={connection ? t.connections.nameStays : t.connections.nameHint}
        readOnly={connection !== null}
        data-autofocus
        {...fields.bind("name")}
      />
      <SimpleGrid cols={2} spacing="sm" style={{ gridTemplateColumns: "minmax(0, 1fr) 96px" }}>
        <TextInput label={t.connections.host} spellCheck={false} {...fields.bind("host")} onChange={(event) => setHost(event.currentTarget.value)} />
        <TextInput label={t.connections.port} inputMode="numeric" {...fields.bind("port")} />
      </SimpleGrid>
      <TextInput label={t.connections.database} spellCheck={false} {...fields.bind("database")} />
      <TextInput label={t.connections.user} description={t.connections.userHint} spellCheck={false} {...fields.bind("user")} />
      <PasswordField
        label={t.connections.password}
        description={passwordText}
        autoComplete="off"
        {...fields.bind("password")}
      />
      <Select
        label={t.connections.secretStore}
        data={[
          { value: "keyring", label: t.connections.keyring },
          { value: "ask", label: t.connections.ask },
          { value: "file", label: t.connections.file },
        ]}
        {...fields.bind("secretStore")}
      />
      {usesFile(values) && file && !file.isOpen && (
        <PasswordField
          label={file.exists ? t.connections.passphrase : t.connections.newPassphrase}
          description={file.exists ? t.connections.passphraseText : t.connections.newPassphraseText}
          autoComplete="off"
          {...fields.bind("passphrase")}
        />
      )}
      {keyring && keyring.state !== "working" && values.secretStore === "keyring" && (
        <Alert color="amber" icon={<IconKey size={18} aria-hidden />} title={keyring.message}>
          <Stack gap="xs">
            {keyring.nextStep}
            <Group gap="xs">
              <Button size="xs" variant="default" onClick={() => fields.set("secretStore", "ask")}>
                {t.connections.chooseAsk}
              </Button>
              <Button size="xs" variant="default" onClick={() => fields.set("secretStore", "file")}>
                {t.connections.chooseFile}
              </Button>
            </Group>
          </Stack>
        </Alert>
      )}
      <Select
        label={t.connections.encryption}
        description={tlsText[values.tls]}
        inputWrapperOrder={["label", "input", "description", "error"]}
        data={[
          { value: "verifyFull", label: t.connections.verifyFull },
          { value: "verifyCa", label: t.connections.verifyCa },
          { value: "require", label: t.connections.require },
          { value: "off", label: t.connections.off },
        ]}
        {...fields.bind("tls")}
      />
      <div>
        <UnstyledButton onClick={() => setAdvanced(!advanced)} aria-expanded={advanced} fz="sm" fw={500}>
          <Group gap={4}>
            <Chevron size={16} aria-hidden />
            {t.connections.advanced}
          </Group>
        </UnstyledButton>
        <Collapse expanded={advanced}>
          <Stack gap="md" pt="sm">
            <TextInput label={t.connections.caFile} description={t.connections.caFileHint} spellCheck={false} {...fields.bind("caFile")} />
            <TextInput label={t.connections.clientCertificate} spellCheck={false} {...fields.bind("clientCertificate")} />
            <TextInput
              label={t.connections.clientKey}
              spellCheck={false}
              {...fields.bind("clientKey")}
              error={fields.bind("clientKey").error ?? (unpaired ? t.connections.pairRule : null)}
            />
            <Textarea label={t.connections.fallbackHosts} description={t.connections.fallbackHint} minRows={2} spellCheck={false} {...fields.bind("fallbackHosts")} />
          </Stack>
        </Collapse>
      </div>
      <Stack gap="sm">
        <Group gap="sm">
          <Button variant="default" loading={check.isPending} disabled={!fields.valid || unpaired} onClick={() => check.mutate(values)}>
            {t.connections.check}
          </Button>
          {check.isPending && (
            <Text size="sm" c="dimmed" role="status">
              {t.connections.checking}
            </Text>
          )}
        </Group>
        {check.data && <CheckSteps steps={check.data} />}
        {check.error && !save.error && !fields.unplaced && <FailureNote failure={check.error} />}
      </Stack>
    </FormPanel>
  );
}
