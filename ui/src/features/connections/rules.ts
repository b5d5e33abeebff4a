import { textBetween1And } from "../../components/rules";
import type { Connection } from "../../platform";
import type { Strings } from "../../strings";

/** A socket's directory or a loopback address: the line does not leave this computer. */
export const isThisComputer = (host: string) => /^\/|^localhost$|^127\.|^\[?::1\]?$/i.test(host.trim());

export const connectionRules = (t: Strings) => ({
  name: (value: string) => {
    const length = textBetween1And(t, 60)(value);
    if (length) return length;
    if (value.trim().toLowerCase() === "local") return t.connections.nameLocal;
    return /^(?:[\p{L}\p{N}\p{M} _.()-]|\u200c|\u200d)+$/u.test(value.trim()) ? null : t.connections.nameRule;
  },
  host: (value: string) => {
    const host = value.trim();
    if (host === "") return t.words.isRequired;
    if (host.startsWith("/")) return null;
    const address = /^\[?[0-9a-f]*:[0-9a-f:.]*:[0-9a-f:.]*\]?$/i.test(host);
    return address || /^[\p{L}\p{N}._-]{1,253}$/u.test(host) ? null : t.connections.hostRule;
  },
  port: (value: string) => (/^\d{1,5}$/.test(value.trim()) && Number(value) >= 1 && Number(value) <= 65_535 ? null : t.connections.portRule),
  database: (value: string) => nameOfServerThing(t, value),
  user: (value: string) => nameOfServerThing(t, value),
  caFile: (value: string) => path(t, value),
  clientCertificate: (value: string) => path(t, value),
  clientKey: (value: string) => path(t, value),
  fallbackHosts: (value: string) => (hostsIn(value).length > 8 ? t.connections.fallbackRule : null),
});

/** Only a new one is judged by its length; an existing file knows its own. */
export const passphraseRule = (t: Strings, exists: boolean) => (value: string) =>
  !exists && value !== "" && [...value].length < 12 ? t.connections.passphraseShort : null;

// PostgreSQL counts the bytes of a name, not its letters (NAMEDATALEN).
function nameOfServerThing(t: Strings, value: string): string | null {
  if (value.trim() === "") return t.words.isRequired;
  return new TextEncoder().encode(value.trim()).length > 63 ? t.connections.nameTooLong : null;
}

const path = (t: Strings, value: string) => (value.trim() === "" || /^(\/|[a-z]:[\\/])/i.test(value.trim()) ? null : t.connections.pathRule);

export const hostsIn = (lines: string): string[] =>
  lines
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter(Boolean);

export type ConnectionFields = {
  name: string;
  host: string;
  port: string;
  database: string;
  user: string;
  password: string;
  passphrase: string;
  secretStore: Connection["secretStore"];
  tls: Connection["tls"];
  caFile: string;
  clientCertificate: string;
  clientKey: string;
  fallbackHosts: string;
};

export function fieldsOf(connection: Connection | null): ConnectionFields {
  return {
    name: connection?.name ?? "",
    host: connection?.host ?? "",
    port: String(connection?.port ?? 5432),
    database: connection?.database ?? "lectern",
    user: connection?.user ?? "",
    password: "",
    passphrase: "",
    secretStore: connection?.secretStore ?? "keyring",
    tls: connection?.tls ?? "verifyFull",
    caFile: connection?.caFile ?? "",
    clientCertificate: connection?.clientCertificate ?? "",
    clientKey: connection?.clientKey ?? "",
    fallbackHosts: connection?.fallbackHosts.join("\n") ?? "",
  };
}

export function connectionOf(fields: ConnectionFields): Connection {
  const orNull = (value: string) => value.trim() || null;
  return {
    name: fields.name.trim(),
    host: fields.host.trim(),
    port: Number(fields.port),
    database: fields.database.trim(),
    user: fields.user.trim(),
    tls: fields.tls,
    caFile: orNull(fields.caFile),
    clientCertificate: orNull(fields.clientCertificate),
    clientKey: orNull(fields.clientKey),
    fallbackHosts: hostsIn(fields.fallbackHosts),
    secretStore: fields.secretStore,
  };
}
