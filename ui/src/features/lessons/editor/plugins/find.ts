import { Extension } from "@tiptap/core";
import type { Node } from "@tiptap/pm/model";
import { type EditorState, Plugin, PluginKey, TextSelection, type Transaction } from "@tiptap/pm/state";
import { Decoration, DecorationSet } from "@tiptap/pm/view";

export type Query = { text: string; matchCase: boolean; wholeWord: boolean };
export type Match = { from: number; to: number };
type Found = { query: Query; matches: Match[]; current: number; drawn: DecorationSet };

const nothing: Found = { query: { text: "", matchCase: false, wholeWord: false }, matches: [], current: -1, drawn: DecorationSet.empty };
export const findKey = new PluginKey<Found>("find");

/** The query as a pattern; every character stands for itself, and any blank for any blank. */
export function patternOf({ text, matchCase, wholeWord }: Query): RegExp | null {
  if (text === "") return null;
  const bare = text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`).replaceAll(/[ \u00a0]/g, "[ \\u00a0]");
  const source = wholeWord ? `(?<![\\p{L}\\p{M}\\p{N}_])(?:${bare})(?![\\p{L}\\p{M}\\p{N}_])` : bare;
  return new RegExp(source.replaceAll(String.raw`\-`, "\\x2d"), matchCase ? "gu" : "giu");
}

/** Every match inside one text block, in order. A match never spans two blocks; a picture in the line is one unknown character. */
export function matchesIn(doc: Node, query: Query): Match[] {
  const pattern = patternOf(query);
  const matches: Match[] = [];
  if (!pattern) return matches;
  doc.descendants((node, pos) => {
    if (!node.isTextblock) return !node.isLeaf;
    const text = node.textBetween(0, node.content.size, "\n", "\ufffc");
    for (const found of text.matchAll(pattern)) matches.push({ from: pos + 1 + found.index, to: pos + 1 + found.index + found[0].length });
    return false;
  });
  return matches;
}

/** More are counted and walked through, but not drawn. */
const mostDrawn = 2_000;

function found(doc: Node, query: Query, near: number): Found {
  const matches = matchesIn(doc, query);
  const next = matches.findIndex(({ from }) => from >= near);
  return drawn(doc, { query, matches, current: matches.length === 0 ? -1 : Math.max(0, next), drawn: DecorationSet.empty });
}

function drawn(doc: Node, state: Found): Found {
  const first = Math.max(0, state.current - mostDrawn / 2);
  const shown = state.matches.slice(first, first + mostDrawn);
  return { ...state, drawn: DecorationSet.create(doc, shown.map(({ from, to }, at) => Decoration.inline(from, to, { class: at + first === state.current ? "found found-now" : "found" }))) };
}

export const findState = (state: EditorState): Found => findKey.getState(state) ?? nothing;

type Order = { query: Query; near: number } | { current: number };

export const Find = Extension.create({
  name: "find",
  addProseMirrorPlugins: () => [
    new Plugin<Found>({
      key: findKey,
      state: {
        init: () => nothing,
        apply: (tr, before) => {
          const order = tr.getMeta(findKey) as Order | undefined;
          if (order && "query" in order) return found(tr.doc, order.query, order.near);
          if (order && !tr.docChanged) return drawn(tr.doc, { ...before, current: order.current });
          if (!tr.docChanged || before.query.text === "") return before;
          const at = before.matches[before.current];
          return found(tr.doc, before.query, at ? tr.mapping.map(at.from, 1) : 0);
        },
      },
      props: { decorations: (state) => findKey.getState(state)?.drawn },
    }),
  ],
});

type Dispatch = (tr: Transaction) => void;

export function search(state: EditorState, dispatch: Dispatch, query: Query): void {
  dispatch(state.tr.setMeta(findKey, { query, near: state.selection.from } satisfies Order));
}

/** Goes to the next or previous match, around the ends, and selects it. */
export function step(state: EditorState, dispatch: Dispatch, by: 1 | -1): void {
  const { matches, current } = findState(state);
  if (matches.length === 0) return;
  const next = (current + by + matches.length) % matches.length;
  show(state, dispatch, next);
}

export function show(state: EditorState, dispatch: Dispatch, place: number): void {
  const match = findState(state).matches[place];
  if (!match) return;
  dispatch(state.tr.setMeta(findKey, { current: place } satisfies Order).setSelection(TextSelection.create(state.doc, match.from, match.to)).scrollIntoView());
}

export function replaceOne(state: EditorState, dispatch: Dispatch, replacement: string): boolean {
  const { matches, current } = findState(state);
  const match = matches[current];
  if (!match) return false;
  dispatch(put(state.tr, match, replacement));
  return true;
}

/** All matches in one transaction: one undo brings all of them back. Answers how many. */
export function replaceAll(state: EditorState, dispatch: Dispatch, replacement: string): number {
  const { matches } = findState(state);
  if (matches.length === 0) return 0;
  const { tr } = state;
  for (const match of matches.toReversed()) put(tr, match, replacement);
  dispatch(tr);
  return matches.length;
}

/** The new words look like the first of the old ones. */
function put(tr: Transaction, { from, to }: Match, replacement: string): Transaction {
  if (replacement === "") return tr.delete(from, to);
  const { marks } = tr.doc.resolve(from).nodeAfter ?? { marks: [] };
  return tr.replaceWith(from, to, tr.doc.type.schema.text(replacement, marks));
}
