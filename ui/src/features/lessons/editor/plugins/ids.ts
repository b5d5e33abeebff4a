import { Extension } from "@tiptap/core";
import type { Node } from "@tiptap/pm/model";
import { type EditorState, Plugin, PluginKey, type Transaction } from "@tiptap/pm/state";
import { Mapping } from "@tiptap/pm/transform";
import { newId } from "../../../../ids";
import { idsInside, withNewIds } from "../document/json";

const carries = (node: Node) => "id" in node.attrs;

/** All ids of a top-level block, its own first. Nodes never change, so each is walked once. */
const known = new WeakMap<Node, readonly string[]>();
export function idsOf(block: Node): readonly string[] {
  const before = known.get(block);
  if (before) return before;
  const ids: string[] = [];
  const walk = (node: Node) => {
    if (!carries(node)) return;
    if (typeof node.attrs.id === "string") ids.push(node.attrs.id);
    if (node.type.name === "unknownBlock") ids.push(...idsInside(node.attrs.json).filter((id) => id !== node.attrs.id));
    else if (!node.isTextblock) node.forEach(walk);
  };
  walk(block);
  known.set(block, ids);
  return ids;
}

/** Which children differ between two versions of a document, by reference: [from, to) in the old, [from, to) in the new. */
export function changedChildren(before: Node, now: Node): { from: number; toBefore: number; toNow: number } {
  let from = 0;
  const least = Math.min(before.childCount, now.childCount);
  while (from < least && before.child(from) === now.child(from)) from++;
  let tail = 0;
  while (tail < least - from && before.child(before.childCount - 1 - tail) === now.child(now.childCount - 1 - tail)) tail++;
  return { from, toBefore: before.childCount - tail, toNow: now.childCount - tail };
}

const sameIds = (a: Node, b: Node) => {
  const [x, y] = [idsOf(a), idsOf(b)];
  return x.length === y.length && x.every((id, place) => id === y[place]);
};

type Place = { node: Node; pos: number; top: boolean };

function placesIn(doc: Node, from: number, to: number): Place[] {
  const places: Place[] = [];
  let pos = 0;
  for (let index = 0; index < to; index++) {
    const child = doc.child(index);
    if (index >= from) {
      places.push({ node: child, pos, top: true });
      const start = pos + 1;
      if (!child.isTextblock) {
        child.descendants((node, offset) => {
          if (!carries(node)) return false;
          places.push({ node, pos: start + offset, top: false });
          return !node.isTextblock;
        });
      }
    }
    pos += child.nodeSize;
  }
  return places;
}

const ownIds = ({ node }: Place): string[] => {
  const inner = node.type.name === "unknownBlock" ? idsInside(node.attrs.json) : [];
  const id = node.attrs.id as string | undefined;
  return typeof id === "string" && !inner.includes(id) ? [id, ...inner] : inner;
};

/**
 * Repairs ids after a change, or null when they are right. Of two blocks with one id the one that stood there before keeps
 * it; a block that only changed its kind keeps the id its place had; everything else that is new gets a new one.
 */
export function repairIds(transactions: readonly Transaction[], before: EditorState, now: EditorState): Transaction | null {
  const { from, toBefore, toNow } = changedChildren(before.doc, now.doc);
  if (toBefore - from === toNow - from) {
    let same = true;
    for (let index = from; same && index < toNow; index++) same = sameIds(before.doc.child(index), now.doc.child(index)) && allHave(now.doc.child(index));
    if (same) return null;
  }
  const places = placesIn(now.doc, from, toNow);
  const taken = new Set<string>();
  for (let index = 0; index < now.doc.childCount; index++) if (index < from || index >= toNow) for (const id of idsOf(now.doc.child(index))) taken.add(id);

  const counted = new Map<string, number>();
  for (const place of places) for (const id of ownIds(place)) counted.set(id, (counted.get(id) ?? 0) + 1);
  const wrong = places.some((place) => missing(place) || ownIds(place).some((id) => taken.has(id) || (counted.get(id) ?? 0) > 1));
  if (!wrong) return null;

  const mapping = new Mapping(transactions.flatMap((transaction) => transaction.mapping.maps));
  const back = mapping.invert();
  const keeper = new Map<string, number>();
  for (const { node, pos } of placesIn(before.doc, 0, before.doc.childCount)) {
    const id = node.attrs.id as string | undefined;
    if (typeof id === "string" && (counted.get(id) ?? 0) > 1) keeper.set(id, mapping.map(pos, 1));
  }
  const keeps = (id: string, pos: number) => keeper.get(id) === pos && places.some((place) => place.pos === pos && place.node.attrs.id === id);
  for (const [id, pos] of keeper) if (!keeps(id, pos)) keeper.delete(id);

  const { tr } = now;
  for (const place of places) {
    const { node, pos } = place;
    const ids = ownIds(place);
    const clash = ids.some((id) => taken.has(id) || (keeper.has(id) && keeper.get(id) !== pos)) || new Set(ids).size < ids.length;
    if (!clash && !missing(place)) {
      for (const id of ids) taken.add(id);
      continue;
    }
    if (node.type.name === "unknownBlock") {
      const json = clash ? withNewIds(node.attrs.json as { attrs?: { id?: string } }) : (node.attrs.json as { attrs?: { id?: string } });
      const id = json.attrs?.id ?? (place.top ? newId() : undefined);
      tr.setNodeMarkup(pos, null, { ...node.attrs, id, json });
      for (const each of idsInside(json)) taken.add(each);
      if (id) taken.add(id);
      continue;
    }
    let id: string | undefined;
    if (missing(place)) {
      const old = before.doc.nodeAt(Math.min(back.map(pos, 1), before.doc.content.size));
      const was = old && !old.isText ? (old.attrs.id as string | undefined) : undefined;
      if (typeof was === "string" && !taken.has(was) && !counted.has(was)) id = was;
    }
    id ??= newId();
    taken.add(id);
    tr.setNodeMarkup(pos, null, { ...node.attrs, id }, node.marks);
  }
  return tr.docChanged ? tr.setMeta("addToHistory", transactions.every((each) => each.getMeta("addToHistory") !== false)) : null;
}

const missing = ({ node, top }: Place) => typeof node.attrs.id !== "string" && (top || node.type.name !== "unknownBlock");

const complete = new WeakMap<Node, boolean>();
function allHave(block: Node): boolean {
  const before = complete.get(block);
  if (before !== undefined) return before;
  let all = typeof block.attrs.id === "string";
  const seen = new Set(idsOf(block));
  if (seen.size < idsOf(block).length) all = false;
  if (!block.isTextblock) {
    block.descendants((node) => {
      if (!carries(node)) return false;
      if (typeof node.attrs.id !== "string" && node.type.name !== "unknownBlock") all = false;
      return all && !node.isTextblock;
    });
  }
  complete.set(block, all);
  return all;
}

export const blockIdsPlugin = () =>
  new Plugin({
    key: new PluginKey("blockIds"),
    appendTransaction: (transactions, before, now) => (transactions.some((transaction) => transaction.docChanged) ? repairIds(transactions, before, now) : null),
  });

export const BlockIds = Extension.create({
  name: "blockIds",
  // Before everything that reads ids.
  priority: 10_000,
  addProseMirrorPlugins: () => [blockIdsPlugin()],
});
