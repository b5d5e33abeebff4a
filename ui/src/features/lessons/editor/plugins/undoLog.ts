import { closeHistory, history, isHistoryTransaction, redo, undo, undoDepth } from "@tiptap/pm/history";
import type { Node } from "@tiptap/pm/model";
import { EditorState, Plugin, PluginKey, Selection, type Transaction } from "@tiptap/pm/state";
import { ReplaceStep, Step } from "@tiptap/pm/transform";

type Json = Record<string, unknown>;

/**
 * What happened to the document, as the history groups it: a change begins a group that is taken back at once, "more" is the
 * rest of that group, a patch came from elsewhere and is never taken back.
 */
type Kind = "change" | "more" | "patch" | "undo" | "redo";

type Entry = {
  readonly kind: Kind;
  /** Forward. Of undo and redo only what was repaired after them. */
  readonly steps: readonly Step[];
  /** Where the cursor was before a change. */
  readonly selection: Selection | null;
  /** Undo and redo of what a patch had removed: nothing changed, and there is no way back. */
  readonly isEmpty: boolean;
  readonly after: Node;
};

export type UndoLog = { readonly base: Node; readonly entries: readonly Entry[] };

/** As it is kept: a document and what was done since. */
export type KeptUndo = { version: 1; base: Json; entries: { kind: Kind; steps: Json[]; selection?: Json }[] };

/** Groups that are kept at most, and the letters of JSON they may have. */
const most = { entries: 100, letters: 300_000 };

export const undoLogKey = new PluginKey<UndoLog>("undoLog");
const historyOptions = { depth: 1_000, newGroupDelay: 500 };

/** The history puts together what it takes back; letters typed on are what both see alike, so that a replay leads the same way. */
const onlyInserts = (step: Step | undefined) => step instanceof ReplaceStep && step.from === step.to;

function joined(steps: readonly Step[], more: readonly Step[]): Step[] {
  const all = [...steps];
  for (const step of more) {
    const merged = onlyInserts(step) && onlyInserts(all.at(-1)) ? all.at(-1)?.merge(step) : null;
    if (merged) all[all.length - 1] = merged;
    else all.push(step);
  }
  return all;
}

/** Whether these entries can be done again with nothing before them. */
function standsAlone(entries: readonly Entry[]): boolean {
  let [done, undone] = [0, 0];
  for (const { kind, isEmpty } of entries) {
    const back = isEmpty ? 0 : 1;
    if (kind === "change") [done, undone] = [done + 1, 0];
    else if (kind === "undo") [done, undone] = [done - 1, undone + back];
    else if (kind === "redo") [done, undone] = [done + back, undone - 1];
    else if (kind === "more" && done === 0) return false;
    if (done < 0 || undone < 0) return false;
  }
  return true;
}

/** The base moves forward by at least so many entries. */
function without({ base, entries }: UndoLog, first: number): UndoLog {
  let from = Math.min(first, entries.length);
  while (from < entries.length && !standsAlone(entries.slice(from))) from++;
  return from === 0 ? { base, entries } : { base: entries[from - 1]?.after ?? base, entries: entries.slice(from) };
}

const comesFromElsewhere = (tr: Transaction, appended: Transaction | undefined) => tr.getMeta("addToHistory") === false || appended?.getMeta("addToHistory") === false;

/** The log after one more transaction; what the history does with it decides which entry it is part of. */
function logged(log: UndoLog, tr: Transaction, before: EditorState, now: EditorState): UndoLog {
  const isHistory = isHistoryTransaction(tr);
  if (tr.steps.length === 0 && !isHistory) return log;
  const appended = tr.getMeta("appendedTransaction") as Transaction | undefined;
  const last = log.entries.at(-1);
  const add = (kind: Kind, steps: readonly Step[], selection: Selection | null = null): UndoLog => {
    const entries = [...log.entries, { kind, steps, selection, isEmpty: tr.steps.length === 0, after: tr.doc }];
    const next = { base: log.base, entries };
    // What began before the base cannot be taken back from it.
    if (kind !== "change" && kind !== "patch" && !standsAlone(entries)) return { base: tr.doc, entries: [] };
    // In handfuls, so that not every letter moves the base.
    return entries.length > most.entries + 20 ? without(next, entries.length - most.entries) : next;
  };
  const extend = (entry: Entry): UndoLog => ({ base: log.base, entries: [...log.entries.slice(0, -1), { ...entry, steps: joined(entry.steps, tr.steps), after: tr.doc }] });

  if (isHistory) return add(undoDepth(now) < undoDepth(before) ? "undo" : "redo", []);
  if (appended && isHistoryTransaction(appended)) return last && (last.kind === "undo" || last.kind === "redo") ? extend(last) : { base: tr.doc, entries: [] };
  if (comesFromElsewhere(tr, appended)) return last?.kind === "patch" ? extend(last) : add("patch", tr.steps);
  if (undoDepth(now) !== undoDepth(before) || log.entries.length === 0) return add("change", joined([], tr.steps), before.selection);
  return last && (last.kind === "change" || last.kind === "more") ? extend(last) : add("more", joined([], tr.steps));
}

const jsonOfEntry = new WeakMap<Entry, { json: KeptUndo["entries"][number]; letters: number }>();
function packed(entry: Entry) {
  const known = jsonOfEntry.get(entry);
  if (known) return known;
  const json = { kind: entry.kind, steps: entry.steps.map((step) => step.toJSON() as Json), ...(entry.selection && { selection: entry.selection.toJSON() as Json }) };
  const made = { json, letters: JSON.stringify(json).length };
  jsonOfEntry.set(entry, made);
  return made;
}

const jsonOfBase = new WeakMap<Node, Json>();
function baseJson(base: Node): Json {
  const json = jsonOfBase.get(base) ?? (base.toJSON() as Json);
  jsonOfBase.set(base, json);
  return json;
}

/** What is to be kept of the steps taken, or null when none can be taken back. */
export function packUndo(state: EditorState): KeptUndo | null {
  const log = undoLogKey.getState(state);
  if (!log) return null;
  let first = log.entries.length;
  for (let letters = 0; first > 0 && log.entries.length - first < most.entries; first--) {
    letters += packed(log.entries[first - 1]!).letters;
    if (letters > most.letters) break;
  }
  const { base, entries } = without(log, first);
  if (entries.every(({ kind }) => kind === "patch")) return null;
  return { version: 1, base: baseJson(base), entries: entries.map((entry) => packed(entry).json) };
}

/** A history with what was kept done again, as far as it leads to this very document; else null. */
export function unpackUndo(kept: unknown, doc: Node): { state: EditorState; log: UndoLog } | null {
  const { schema } = doc.type;
  try {
    const { version, base, entries } = kept as KeptUndo;
    if (version !== 1) return null;
    const first = schema.nodeFromJSON(base);
    first.check();
    let state = EditorState.create({ doc: first, plugins: [history(historyOptions)] });
    const done: Entry[] = [];
    let group = -1;
    for (const { kind, steps: stepsJson, selection: selectionJson } of entries) {
      const steps = stepsJson.map((json) => Step.fromJSON(schema, json));
      const selection = selectionJson ? Selection.fromJSON(state.doc, selectionJson) : null;
      let root: Transaction | undefined;
      if (kind === "undo" || kind === "redo") {
        const took = (kind === "undo" ? undo : redo)(state, (tr) => {
          root = tr;
          state = state.apply(tr);
        });
        if (!took) return null;
      } else if (selection) state = state.apply(state.tr.setSelection(selection));
      if (steps.length > 0) {
        const { tr } = state;
        for (const step of steps) tr.step(step);
        if (kind === "patch") tr.setMeta("addToHistory", false);
        else if (root) tr.setMeta("appendedTransaction", root);
        else {
          // Groups are told apart by number, as compositions are: never by how fast this runs. Those of a keyboard count up.
          if (kind === "change") closeHistory(tr).setMeta("composition", --group);
          else tr.setMeta("composition", group);
        }
        state = state.apply(tr);
      }
      done.push({ kind, steps, selection, isEmpty: root !== undefined && root.steps.length === 0, after: state.doc });
    }
    if (!state.doc.eq(doc)) return null;
    // What is typed next is a group of its own.
    return { state: state.apply(closeHistory(state.tr)), log: { base: first, entries: done } };
  } catch {
    // Kept by a version with another schema, or damaged: the lesson opens without it.
    return null;
  }
}

/** The history of the editor and the log of it, going on from what was kept when that leads to the document opened. */
export function historyPlugins(kept: unknown, onForgotten: () => void): Plugin[] {
  const plain = history(historyOptions);
  let found: ReturnType<typeof unpackUndo> | undefined;
  const restored = (doc: Node) => {
    if (found === undefined) {
      found = kept === null || kept === undefined ? null : unpackUndo(kept, doc);
      if (!found && kept !== null && kept !== undefined) onForgotten();
    }
    return found;
  };
  const { state } = plain.spec;
  if (!state) return [plain];
  const going: Plugin = new Plugin({
    ...plain.spec,
    state: {
      ...state,
      init: (config, instance): unknown => {
        const from = restored(instance.doc);
        return from ? plain.getState(from.state) : state.init.call(going, config, instance);
      },
    },
  });
  const log = new Plugin<UndoLog>({
    key: undoLogKey,
    state: {
      init: (_, instance) => restored(instance.doc)?.log ?? { base: instance.doc, entries: [] },
      apply: (tr, log, before, now) => logged(log, tr, before, now),
    },
  });
  return [going, log];
}
