/**
 * The only file that talks to the desktop. Pages call `platform.listPeople(…)`; what a command throws arrives
 * here untyped and leaves as a `Failure`, so nobody else asks what kind of thing was thrown.
 */
import { getCurrentWindow } from "@tauri-apps/api/window";
import { openUrl } from "@tauri-apps/plugin-opener";
import { type AppError, type Code, commands, type Connecting, type DraftsChanged, events } from "./bindings";

export type * from "./bindings";

export type Platform = typeof commands;

/** A refusal told in words: `message` is a sentence for the person, `nextStep` what to do now, `field` the input it belongs to. */
export class Failure extends Error implements AppError {
  readonly code: Code;
  readonly field: string | null;
  readonly nextStep: string | null;

  constructor(error: AppError) {
    super(error.message);
    this.name = "Failure";
    this.code = error.code;
    this.field = error.field;
    this.nextStep = error.nextStep;
  }
}

function isAppError(thrown: unknown): thrown is AppError {
  return typeof thrown === "object" && thrown !== null && "code" in thrown && "message" in thrown;
}

/** Whatever was thrown, as a `Failure`. A bug in the window itself is "internal" and keeps its text. */
export function failureFrom(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  if (isAppError(thrown)) {
    const { code, message, field, nextStep } = thrown;
    return new Failure({ code, message, field: field ?? null, nextStep: nextStep ?? null });
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new Failure({ code: "internal", message, field: null, nextStep: null });
}

function narrowed(raw: Platform): Platform {
  const entries = Object.entries(raw).map(([name, command]) => [
    name,
    async (...args: unknown[]) => {
      try {
        return await (command as (...args: unknown[]) => Promise<unknown>)(...args);
      } catch (thrown) {
        throw failureFrom(thrown);
      }
    },
  ]);
  return Object.fromEntries(entries) as Platform;
}

export let platform: Platform = narrowed(commands);
let inWindow = true;

/** Hears what changes in the drafts. Returns the way to stop hearing. */
export type DraftsSource = (hear: (change: DraftsChanged) => void) => () => void;

let draftsSource: DraftsSource = (hear) => {
  const stop = events.draftsChanged.listen((event) => hear(event.payload));
  return () => void stop.then((unlisten) => unlisten());
};

/** Something of the drafts changed: by this window, another, or the server. */
export function onDraftsChanged(hear: (change: DraftsChanged) => void): () => void {
  return draftsSource(hear);
}

/** Tests and the page server without a desktop stand on another platform. */
export function replacePlatform(other: Platform, drafts: DraftsSource = () => () => undefined): void {
  platform = narrowed(other);
  draftsSource = drafts;
  inWindow = false;
}

/** Hears what is being done while `connect` starts the private server. Returns the way to stop hearing. */
export function onConnecting(hear: (progress: Connecting) => void): () => void {
  if (!inWindow) return () => undefined;
  const stop = events.connecting.listen((event) => hear(event.payload));
  return () => void stop.then((unlisten) => unlisten());
}

/** What the window's frame and the task bar say. */
export function nameWindow(title: string): void {
  document.title = title;
  // A frame that cannot be named is still the window.
  if (inWindow) getCurrentWindow().setTitle(title).catch(() => undefined);
}

/** Links leave the window; nothing remote is ever shown inside it. */
export async function openOutside(url: string): Promise<void> {
  if (inWindow) await openUrl(url);
}

/** Calls `ask` instead of closing the window, until the returned function is called. `closeWindow` then really closes. */
export function guardClosing(ask: () => void): () => void {
  if (!inWindow) return () => undefined;
  const stop = getCurrentWindow().onCloseRequested((event) => {
    event.preventDefault();
    ask();
  });
  return () => void stop.then((unlisten) => unlisten());
}

export async function closeWindow(): Promise<void> {
  if (inWindow) await getCurrentWindow().destroy();
}
