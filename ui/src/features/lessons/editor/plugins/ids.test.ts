import { history, redo, undo } from "@tiptap/pm/history";
import type { Node } from "@tiptap/pm/model";
import { EditorState, NodeSelection, TextSelection, type Transaction } from "@tiptap/pm/state";
import { canJoin, findWrapping, liftTarget } from "@tiptap/pm/transform";
import { liftListItem, sinkListItem, splitListItem, wrapInList } from "@tiptap/pm/schema-list";
import { joinBackward, splitBlock } from "@tiptap/pm/commands";
import { describe, expect, it } from "vitest";
import { documentFromJson, documentToJson, idsInside } from "../document/json";
import type { NodeJson } from "../document/shape";
import { lessonSchema as schema } from "../schema";
import { type Random, randomBlock, randomDocument, seeded } from "../testing/random";
import { blockIdsPlugin } from "./ids";

const open = (json: NodeJson) => EditorState.create({ doc: documentFromJson(schema, json).doc, plugins: [blockIdsPlugin(), history({ newGroupDelay: 0 })] });
const id = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, "0")}`;
const p = (n: number, text = "one two"): NodeJson => ({ type: "paragraph", attrs: { id: id(n) }, content: [{ type: "text", text }] });
const ids = (state: EditorState) => state.doc.content.content.map((block) => block.attrs.id as string);

type Run = (state: EditorState, dispatch?: (tr: Transaction) => void) => boolean;
const run = (state: EditorState, command: Run) => {
  let next = state;
  command(state, (tr) => (next = state.apply(tr)));
  return next;
};
const at = (state: EditorState, pos: number, to = pos) => state.apply(state.tr.setSelection(TextSelection.between(state.doc.resolve(pos), state.doc.resolve(to))));

/** Every block has an id, and no id stands twice. */
function expectIds(doc: Node, told: string) {
  doc.descendants((node) => {
    if (node.isText || node.isInline || node.type.name === "unknownBlock") return false;
    expect(node.attrs.id, told).toMatch(/^[0-9a-f-]{36}$/);
    return true;
  });
  const all = idsInside(documentToJson(doc).content);
  expect(new Set(all).size, told).toBe(all.length);
}

describe("the ids of blocks", () => {
  it("stay with the first part when a block is split, and the second gets a new one", () => {
    for (const pos of [1, 4, 8]) {
      const state = run(at(open({ type: "doc", content: [p(1), p(2)] }), pos), splitBlock);
      expect(ids(state)[0]).toBe(id(1));
      expect(ids(state)[1]).not.toBe(id(1));
      expect(ids(state)[2]).toBe(id(2));
    }
  });

  it("stay when a block changes its kind", () => {
    const state = open({ type: "doc", content: [p(1), p(2)] });
    const heading = state.apply(state.tr.setBlockType(0, state.doc.content.size, schema.nodes.heading!, { level: 2 }));
    expect(ids(heading)).toEqual([id(1), id(2)]);
    expect(heading.doc.firstChild?.type.name).toBe("heading");
  });

  it("stay with the words when they are put in a list, and the list and its items are new", () => {
    const state = run(at(open({ type: "doc", content: [p(1)] }), 2), wrapInList(schema.nodes.bulletList!));
    const list = state.doc.firstChild!;
    expect(list.firstChild?.firstChild?.attrs.id).toBe(id(1));
    expectIds(state.doc, "list");
    expect(ids(run(at(state, 4), liftListItem(schema.nodes.listItem!)))).toEqual([id(1)]);
  });

  it("are new for a copy, wherever it lands, and stay for a move", () => {
    const state = open({ type: "doc", content: [p(1), { type: "poll", attrs: { id: id(2) }, content: [{ type: "choice", attrs: { id: id(3) } }] }] });
    for (const pos of [0, 9, state.doc.content.size]) {
      const copied = state.apply(state.tr.insert(pos, [state.doc.child(0), state.doc.child(1)]));
      expectIds(copied.doc, `copied to ${pos}`);
      for (const kept of [id(1), id(2)]) expect(ids(copied).filter((each) => each === kept)).toHaveLength(1);
    }
    const moved = state.apply(state.tr.delete(0, 9).insert(1, state.doc.child(0)));
    expect(ids(moved)).toEqual([id(2), id(1)]);
  });

  it("come back with undo and again with redo", () => {
    const state = open({ type: "doc", content: [p(1), p(2), p(3)] });
    const gone = state.apply(state.tr.delete(9, 18));
    expect(ids(gone)).toEqual([id(1), id(3)]);
    expect(ids(run(gone, undo))).toEqual([id(1), id(2), id(3)]);
    const split = run(at(state, 4), splitBlock);
    expect(run(run(split, undo), redo).doc.eq(split.doc)).toBe(true);
  });

  it("cost nothing while words are typed", () => {
    const state = at(open({ type: "doc", content: [p(1), p(2)] }), 4);
    const applied = state.applyTransaction(state.tr.insertText("x"));
    expect(applied.transactions).toHaveLength(1);
  });

  it("hold through any sequence of edits, and undoing all of them gives the document back", () => {
    for (let seed = 1; seed <= 120; seed++) {
      const random = seeded(seed);
      const start = open(randomDocument(random));
      let state = start;
      for (let step = 0; step < 25; step++) {
        state = edit(state, random);
        state.doc.check();
        expectIds(state.doc, `seed ${seed} step ${step}`);
      }
      for (let step = 0; step < 200 && undoable(state); step++) {
        state = run(state, undo);
        expectIds(state.doc, `seed ${seed} undo ${step}`);
      }
      expect(documentToJson(state.doc), `seed ${seed}`).toEqual(documentToJson(start.doc));
    }
  });
});

const undoable = (state: EditorState) => undo(state);

function edit(state: EditorState, random: Random): EditorState {
  const size = state.doc.content.size;
  const here = at(state, random.below(size + 1), random.chance(0.5) ? random.below(size + 1) : undefined);
  const index = random.below(state.doc.childCount);
  let start = 0;
  for (let each = 0; each < index; each++) start += state.doc.child(each).nodeSize;
  const block = state.doc.child(index);
  const item = random.pick([schema.nodes.listItem!, schema.nodes.taskItem!]);
  try {
    switch (random.below(15)) {
      case 0: return here.selection.$from.parent.isTextblock && here.selection.$from.sameParent(here.selection.$to) ? run(here, splitBlock) : state;
      case 1: return here.apply(here.tr.insertText("typed"));
      case 2: return here.apply(here.tr.deleteSelection());
      case 3: return here.apply(here.tr.setBlockType(here.selection.from, here.selection.to, schema.nodes.heading!, { level: 3 }));
      case 4: return run(here, wrapInList(random.pick([schema.nodes.bulletList!, schema.nodes.orderedList!, schema.nodes.taskList!])));
      case 5: return run(here, liftListItem(item));
      case 6: return run(here, sinkListItem(item));
      case 7: return run(here, splitListItem(item));
      case 8: return run(here, joinBackward);
      case 9: return state.apply(state.tr.insert(random.pick([start, size]), block));
      case 10: return state.doc.childCount > 1 ? state.apply(state.tr.delete(start, start + block.nodeSize).insert(0, block)) : state;
      case 11: return state.apply(state.tr.insert(start, documentFromJson(schema, { type: "doc", content: [randomBlock(random)] }).doc.content));
      case 12: {
        const range = here.selection.$from.blockRange(here.selection.$to);
        const wrapping = range && findWrapping(range, schema.nodes.blockquote!);
        if (range && wrapping) return here.apply(here.tr.wrap(range, wrapping));
        const target = range && liftTarget(range);
        return range && target !== null && target !== undefined ? here.apply(here.tr.lift(range, target)) : state;
      }
      case 13: return canJoin(state.doc, start) ? state.apply(state.tr.join(start)) : state;
      default: {
        const slice = here.selection.content();
        const selected = NodeSelection.isSelectable(block) ? state.apply(state.tr.setSelection(NodeSelection.create(state.doc, start))) : state;
        return selected.apply(selected.tr.replaceSelection(slice));
      }
    }
  } catch (thrown) {
    // What the schema forbids does not happen; what it allows must keep its ids.
    if (thrown instanceof Error && (thrown instanceof RangeError || thrown.name === "TransformError")) return state;
    throw thrown;
  }
}
