import { ActionIcon, Alert, Button, Group, Menu, Stack, Text, Title } from "@mantine/core";
import { IconDeviceLaptop, IconDots, IconKey, IconPencil, IconPlus, IconServer, IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { FailureNote } from "../../components/FailureNote";
import { PasswordField } from "../../components/PasswordField";
import { type Connected, type Connection, Failure, onConnecting, platform } from "../../platform";
import { useStrings } from "../../strings";
import { Gate } from "../sessions/Gate";
import { useArrive } from "../sessions/leave";
import { useSession } from "../sessions/session";
import classes from "./ConnectPage.module.css";
import { ConnectionForm } from "./ConnectionForm";
import { OfflinePeople } from "./OfflinePeople";
import { type Asked, PasswordPrompt } from "./PasswordPrompt";
import { connectionsKey, useConnections, useKeyring, useSecretsFile } from "./queries";
import { openAlone } from "./start";

const local = "local";

type Opening = { name: string; password?: string | null; passphrase?: string | null };

export function ConnectPage() {
  const t = useStrings();
  const session = useSession();
  const arrive = useArrive();
  const client = useQueryClient();
  const connections = useConnections();
  const keyring = useKeyring().data;
  const file = useSecretsFile().data;
  const [editing, setEditing] = useState<Connection | "new" | null>(null);
  const [removing, setRemoving] = useState<Connection | null>(null);
  const [asking, setAsking] = useState<Asked | null>(null);
  const [passphrase, setPassphrase] = useState("");
  const [progress, setProgress] = useState<string | null>(null);
  const abandoned = useRef(0);
  useEffect(() => onConnecting(({ message }) => setProgress(message)), []);

  const connect = useMutation({
    mutationFn: async ({ name, password = null, passphrase: opening = null }: Opening) => {
      const attempt = abandoned.current;
      setProgress(null);
      const connected = await platform.connect(name, password, opening);
      if (attempt !== abandoned.current) {
        await platform.disconnect();
        throw new Failure({ code: "cancelled", message: "", field: null, nextStep: null });
      }
      refuseUnfit(connected, t.connections.outdatedNext);
      return connected;
    },
    onSuccess: async () => {
      setAsking(null);
      await arrive();
    },
    onError: (failure, { name }) => {
      const saved = connections.data?.find((known) => known.name === name);
      if (saved && failure.field === "passphrase") setAsking({ connection: saved, secret: "passphrase" });
      else if (saved && failure.code === "wrongPassword") setAsking({ connection: saved, secret: "password" });
      else setAsking(null);
    },
    onSettled: () => client.invalidateQueries({ queryKey: connectionsKey }),
  });
  const remove = useMutation({
    mutationFn: (name: string) => platform.removeConnection(name, passphrase || null),
    onSuccess: async () => {
      setRemoving(null);
      setPassphrase("");
      await client.invalidateQueries({ queryKey: connectionsKey });
    },
  });
  const stopWaiting = () => {
    abandoned.current += 1;
    connect.reset();
  };

  const open = (connection: Connection) => {
    // A password that is kept nowhere is asked for first; whether a passphrase is needed the desk knows.
    if (connection.secretStore === "ask") setAsking({ connection, secret: "password" });
    else connect.mutate({ name: connection.name });
  };
  const lastUsed = session?.lastUsed ?? null;
  const saved = connections.data;
  const started = useRef(false);
  useEffect(() => {
    if (started.current || !session || !saved) return;
    started.current = true;
    const name = session.connected ? null : openAlone(lastUsed);
    const known = saved.find((connection) => connection.name === name);
    if (name === local) connect.mutate({ name });
    else if (known) open(known);
  });

  const waitingFor = connect.isPending ? connect.variables.name : null;
  const failureOf = (name: string) =>
    connect.error && connect.error.code !== "cancelled" && connect.variables?.name === name && asking === null ? connect.error : null;

  const waiting = (text: string, hint?: string): ReactNode => (
    <Group gap="xs" role="status">
      <Text size="sm" c="dimmed">
        {text} {hint}
      </Text>
      <Button size="compact-sm" variant="subtle" onClick={stopWaiting}>
        {t.connections.stopWaiting}
      </Button>
    </Group>
  );

  return (
    <Gate title={t.connections.title} text={t.connections.text} width={600}>
      <Stack gap="lg">
        <Stack gap="xs">
          <div className={classes.choice}>
            <div className={classes.icon}>
              <IconDeviceLaptop size={20} stroke={1.7} aria-hidden />
            </div>
            <div>
              <div className={classes.name}>{t.connections.local}</div>
              <div className={classes.dim}>{t.connections.localText}</div>
            </div>
            <Button onClick={() => connect.mutate({ name: local })} loading={waitingFor === local} disabled={waitingFor !== null && waitingFor !== local}>
              {t.connections.open}
            </Button>
          </div>
          {waitingFor === local && waiting(progress ?? t.connections.starting, lastUsed === local ? undefined : t.connections.firstStart)}
          <FailureNote failure={failureOf(local)} onRetry={() => connect.mutate({ name: local })} />
          {isAway(failureOf(local)) && <OfflinePeople connection={local} />}
        </Stack>

        <Stack gap="xs">
          <Group justify="space-between">
            <Title order={2}>{t.connections.saved}</Title>
            <Button size="xs" variant="default" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => setEditing("new")}>
              {t.connections.add}
            </Button>
          </Group>
          <FailureNote title={t.words.couldNotLoad} failure={connections.error} onRetry={() => void connections.refetch()} />
          {connections.data?.length === 0 && (
            <Text size="sm" c="dimmed">
              {t.connections.noneSaved}
            </Text>
          )}
          <ul className={classes.list}>
            {connections.data?.map((connection) => (
              <li key={connection.name}>
                <Stack gap="xs">
                  <div className={classes.choice}>
                    <div className={classes.icon}>
                      <IconServer size={20} stroke={1.7} aria-hidden />
                    </div>
                    <div>
                      <div className={classes.name}>{connection.name}</div>
                      <div className={classes.dim}>
                        {connection.database} · {connection.host}
                        {connection.port === 5432 ? "" : `:${connection.port}`}
                      </div>
                    </div>
                    <Group gap={4} wrap="nowrap">
                      <Button
                        variant="default"
                        aria-label={`${t.connections.connect}: ${connection.name}`}
                        loading={waitingFor === connection.name}
                        disabled={waitingFor !== null && waitingFor !== connection.name}
                        onClick={() => open(connection)}
                      >
                        {t.connections.connect}
                      </Button>
                      <Menu position="bottom-end">
                        <Menu.Target>
                          <ActionIcon size={34} aria-label={t.connections.actionsFor(connection.name)}>
                            <IconDots size={16} />
                          </ActionIcon>
                        </Menu.Target>
                        <Menu.Dropdown>
                          <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={() => setEditing(connection)}>
                            {t.words.edit}
                          </Menu.Item>
                          <Menu.Item leftSection={<IconTrash size={16} aria-hidden />} color="red" onClick={() => setRemoving(connection)}>
                            {t.words.remove}
                          </Menu.Item>
                        </Menu.Dropdown>
                      </Menu>
                    </Group>
                  </div>
                  {waitingFor === connection.name && waiting(t.connections.connecting(connection.name))}
                  <FailureNote failure={failureOf(connection.name)} onRetry={() => open(connection)} />
                  {isAway(failureOf(connection.name)) && <OfflinePeople connection={connection.name} />}
                </Stack>
              </li>
            ))}
          </ul>
        </Stack>

        {keyring && keyring.state !== "working" && (
          <Alert color="amber" icon={<IconKey size={18} aria-hidden />} title={keyring.message}>
            {keyring.nextStep}
          </Alert>
        )}
      </Stack>

      {editing && <ConnectionForm connection={editing === "new" ? null : editing} onClose={() => setEditing(null)} />}
      <ConfirmDialog
        opened={removing !== null}
        title={t.connections.removeTitle(removing?.name ?? "")}
        effect={
          <Stack gap="sm">
            {t.connections.removeEffect}
            {removing?.secretStore === "file" && file?.exists && !file.isOpen && (
              <PasswordField
                label={t.connections.passphrase}
                description={t.connections.removePassphrase}
                autoComplete="off"
                value={passphrase}
                onChange={(event) => setPassphrase(event.currentTarget.value)}
              />
            )}
          </Stack>
        }
        confirm={t.words.remove}
        danger
        pending={remove.isPending}
        failure={remove.error}
        onConfirm={() => removing && remove.mutate(removing.name)}
        onClose={() => {
          setRemoving(null);
          setPassphrase("");
          remove.reset();
        }}
      />
      <PasswordPrompt
        key={asking ? `${asking.secret} ${asking.connection.name}` : undefined}
        asked={asking}
        pending={connect.isPending}
        failure={connect.variables?.[asking?.secret ?? "password"] ? connect.error : null}
        onTyped={(typed) => asking && connect.mutate({ name: asking.connection.name, ...typed })}
        onClose={() => {
          setAsking(null);
          stopWaiting();
        }}
      />
    </Gate>
  );
}

/** The server cannot be reached; what it would have answered is not known. */
const isAway = (failure: Failure | null): boolean => failure !== null && ["unreachable", "localServer", "tls"].includes(failure.code);

/** A database that is behind, or empty, cannot be worked on; a newer one can be read. */
function refuseUnfit(connected: Connected, nextStep: string): void {
  const { state, message } = connected.schema;
  if (state !== "outdated" && state !== "missing") return;
  throw new Failure({ code: "schemaOutdated", message, field: null, nextStep: connected.schema.nextStep ?? nextStep });
}
