import type { CheckStep, Connection, Me, Platform } from "../platform";
import { refuse, signedOut, unreachable } from "./answers";
import { emptyOrganization, myOrganization, type World } from "./world";

type Part = Pick<
  Platform,
  | "listConnections" | "saveConnection" | "removeConnection" | "checkConnection" | "connect" | "connectionState" | "disconnect" | "keyringState" | "secretsFileState"
  | "createFirstOwner" | "signIn" | "signOut" | "whoAmI" | "redeemCode" | "changePassword" | "issueResetCode"
  | "listOfflinePeople" | "openOffline"
>;

export function fakeSessions(world: World): Part {
  const me = (): Me | null =>
    world.me === null
      ? null
      : {
          ...world.signedInAs,
          isBusinessOwner: world.scenario.role === "owner",
          organizations: world.organizations.map(myOrganization),
          provedAt: new Date(world.now() - 60_000).toISOString(),
        };
  const connected = () => ({
    name: world.connected === "local" ? "local" : (world.connected ?? ""),
    isLocal: world.connected === "local",
    serverVersion: "17.10",
    schema: { state: "current" as const, pending: 0, message: "The schema is current.", nextStep: null },
    needsFirstOwner: !world.hasOwner,
    readOnly: false,
    isOffline: world.openedOffline,
  });
  const signedIn = (): Me => {
    world.me = world.signedInAs.personId;
    return me() ?? signedOut();
  };

  const openFile = (passphrase: string) => {
    if (world.file.passphrase === null && passphrase.length < 12) refuse("invalid", "A passphrase that protects passwords has at least 12 characters.", { field: "passphrase" });
    if (world.file.passphrase !== null && world.file.passphrase !== passphrase) {
      refuse("wrongPassword", "This passphrase does not open the file of secrets.", { field: "passphrase", nextStep: "Type it again." });
    }
    world.file = { ...world.file, passphrase, isOpen: true };
  };
  const needFile = () => {
    if (!world.file.isOpen) refuse("invalid", "Type the passphrase of your file of secrets.", { field: "passphrase" });
  };

  return {
    listConnections: async () => structuredClone(world.connections),
    saveConnection: async (connection, password, passphrase) => {
      if (world.scenario.keyring !== "working" && connection.secretStore === "keyring" && password) {
        const { message, nextStep } = keyringWords[world.scenario.keyring];
        refuse("keyring", message, { nextStep });
      }
      const before = world.connections.find((known) => known.name === connection.name);
      const moves = before !== undefined && before.secretStore !== connection.secretStore;
      if (passphrase !== null) openFile(passphrase);
      if (connection.secretStore === "file" ? password !== null || moves : moves && before.secretStore === "file" && world.file.passphrase !== null) needFile();
      if (connection.secretStore === "file" && password !== null) world.file.kept.set(connection.name, password);
      else if (connection.secretStore !== "file") world.file.kept.delete(connection.name);
      world.connections = [...world.connections.filter((known) => known.name !== connection.name), connection];
      return structuredClone(connection);
    },
    removeConnection: async (name, passphrase) => {
      if (passphrase !== null) openFile(passphrase);
      if (world.file.isOpen) world.file.kept.delete(name);
      world.connections = world.connections.filter((known) => known.name !== name);
      return null;
    },
    checkConnection: async (connection, password) => checkSteps(connection, password),
    connect: async (name, typed, passphrase) => {
      if (name === "local") {
        world.connected = "local";
        world.openedOffline = false;
        return connected();
      }
      const saved = world.connections.find((known) => known.name === name);
      if (!saved) refuse("notFound", `There is no saved connection named ${name}.`);
      if (passphrase !== null) openFile(passphrase);
      if (saved.secretStore === "file") needFile();
      if (saved.host.includes("unreachable") || !world.drafts.isOnline) unreachable();
      const password = typed ?? world.file.kept.get(name) ?? null;
      if (password === "wrong") refuse("wrongPassword", "The server refused this user and password.", { field: "password", nextStep: "Ask IT for the password of the desk's login." });
      if (saved.secretStore === "ask" && !password) refuse("wrongPassword", "This connection asks for its password each time.", { field: "password", nextStep: "Type the password of the desk's login." });
      if (saved.host.includes("old")) refuse("schemaOutdated", "The database is 3 migrations behind this version of Lectern.", { nextStep: "Ask IT to run: lectern migrate" });
      world.connected = name;
      world.hasOwner = true;
      world.openedOffline = false;
      return connected();
    },
    connectionState: async () => ({
      connected: world.connected ? connected() : null,
      me: me(),
      lastUsed: world.scenario.start === "disconnected" ? null : world.connected,
      appVersion: "0.1.0",
    }),
    disconnect: async () => {
      world.openedOffline = false;
      world.connected = null;
      world.me = null;
      return null;
    },
    keyringState: async () => keyringWords[world.scenario.keyring],
    secretsFileState: async () => ({ exists: world.file.passphrase !== null, isOpen: world.file.isOpen }),

    createFirstOwner: async (input) => {
      if (input.password.length < 10) refuse("invalid", "The password needs at least 10 characters.", { field: "password" });
      if (world.hasOwner) refuse("conflict", "This installation already has an owner.", { nextStep: "Sign in instead." });
      world.hasOwner = true;
      world.signedInAs = { ...world.signedInAs, name: input.name, email: input.email };
      world.organizations = [];
      if (input.organizationName) {
        const now = new Date(world.now()).toISOString();
        const facts = {
          id: "0190aaaa-0000-7000-8000-000000000001", name: input.organizationName, slug: "first", description: "", timeZone: "Europe/Vienna", locale: "en",
          offlineDays: 14, approvalRequired: false, plan: "free", status: "active", archivedAt: null, version: "0190aaab-0000-7000-8000-000000000001", createdAt: now,
        };
        world.organizations = [emptyOrganization(facts, "owner")];
      }
      return signedIn();
    },
    signIn: async (_email, password) => {
      if (password === "locked") refuse("locked", "Too many tries. Signing in waits for 2 minutes.", { nextStep: "Wait, then try again, or ask for a sign-in code." });
      if (password.startsWith("wrong")) refuse("wrongPassword", "E-mail and password do not match.", { nextStep: "Try again, or ask an admin for a sign-in code." });
      return signedIn();
    },
    signOut: async () => {
      world.me = null;
      return null;
    },
    whoAmI: async () => (world.drafts.isOnline ? me() : unreachable()),
    redeemCode: async (_email, code) => {
      if (!/^[0-9A-Z-]{6,}$/i.test(code)) refuse("invalid", "This code is not valid, or it was used already.", { field: "code", nextStep: "Ask for a new code." });
      return signedIn();
    },
    changePassword: async (current) => {
      if (!world.me) signedOut();
      if (current.startsWith("wrong")) refuse("wrongPassword", "The current password is not right.", { field: "currentPassword" });
      return null;
    },
    listOfflinePeople: async (connection) => {
      if (!world.connections.some((known) => known.name === connection)) return [];
      const day = 86_400_000;
      const at = (days: number) => new Date(world.now() + days * day).toISOString();
      return [
        { ...world.signedInAs, lastOnlineAt: at(-2), until: at(12) },
        { personId: "0190eeee-0000-7000-8000-000000000001", name: "Søren Ødegård", email: "person15@northfield.example", lastOnlineAt: at(-40), until: null },
      ];
    },
    openOffline: async (connection, _personId, password) => {
      if (password.startsWith("wrong")) refuse("wrongPassword", "This is not the password of your last sign-in on this computer.", { field: "password", nextStep: "Type it again." });
      world.connected = connection;
      world.openedOffline = true;
      world.hasOwner = true;
      return signedIn();
    },
    issueResetCode: async () => {
      if (!world.me) signedOut();
      return { code: "K7QM-42XD-9TPA", expiresAt: new Date(world.now() + 24 * 3_600_000).toISOString() };
    },
  };
}

const keyringWords = {
  working: { state: "working" as const, message: "Passwords are kept in this computer's keyring.", nextStep: null },
  missing: { state: "missing" as const, message: "This computer has no keyring.", nextStep: "Install gnome-keyring or KWallet, or let Lectern ask each time." },
  locked: { state: "locked" as const, message: "The keyring is locked.", nextStep: "Unlock it with your login password, then try again." },
  dead: { state: "dead" as const, message: "The keyring does not answer.", nextStep: "Log out of the computer and in again, or let Lectern ask each time." },
};

function checkSteps(connection: Connection, password: string | null): CheckStep[] {
  const step = (name: string, state: CheckStep["state"], message: string, nextStep: string | null = null): CheckStep => ({ name, state, message, nextStep });
  const skipped = (name: string) => step(name, "skipped", "Not tried, because an earlier step failed.");
  if (connection.host.includes("unreachable")) {
    return [step("Host", "failed", `Nothing answers at ${connection.host}:${connection.port}.`, "Check host and port, and whether a VPN is needed."), skipped("TLS"), skipped("Sign-in"), skipped("Schema")];
  }
  const host = step("Host", "ok", `${connection.host}:${connection.port} answers.`);
  if (connection.host.includes("badca")) {
    return [host, step("TLS", "failed", "The server's certificate is signed by an authority this computer does not know.", "Choose your organization's CA file."), skipped("Sign-in"), skipped("Schema")];
  }
  const tls =
    connection.tls === "verifyFull"
      ? step("TLS", "ok", "The certificate is valid and belongs to this host.")
      : step("TLS", "warning", "Anyone in between could read and change everything.", "Choose “Verify certificate and host”.");
  if (password === "wrong") return [host, tls, step("Sign-in", "failed", "The server refused this user and password.", "Ask IT for the password."), skipped("Schema")];
  return [host, tls, step("Sign-in", "ok", `Signed in as ${connection.user}.`), step("Schema", "ok", "The schema is current.")];
}
