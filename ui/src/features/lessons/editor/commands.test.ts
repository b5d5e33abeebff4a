import { history } from "@tiptap/pm/history";
import { EditorState, TextSelection } from "@tiptap/pm/state";
import { describe, expect, it } from "vitest";
import { moveBlocks } from "./commands";
import { documentFromJson } from "./document/json";
import type { NodeJson } from "./document/shape";
import { keepsUnknown } from "./plugins/guard";
import { blockIdsPlugin } from "./plugins/ids";
import { lessonSchema as schema } from "./schema";
import { randomDocument, seeded } from "./testing/random";

const id = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, "0")}`;
const p = (n: number, text: string): NodeJson => ({ type: "paragraph", attrs: { id: id(n) }, content: [{ type: "text", text }] });
const open = (...content: NodeJson[]) => EditorState.create({ doc: documentFromJson(schema, { type: "doc", content }).doc, plugins: [blockIdsPlugin(), history()] });
const at = (state: EditorState, anchor: number, head = anchor) => state.apply(state.tr.setSelection(TextSelection.between(state.doc.resolve(anchor), state.doc.resolve(head))));
const moved = (state: EditorState, by: 1 | -1) => {
  let next = state;
  const could = moveBlocks(state, by, (tr) => (next = state.apply(tr)));
  return { could, state: next, order: next.doc.content.content.map((block) => block.textContent) };
};

describe("moving blocks by keyboard", () => {
  it("moves one, or all that are chosen, and the choice goes along", () => {
    const state = open(p(1, "a"), p(2, "b"), p(3, "c"), p(4, "d"));
    expect(moved(at(state, 4), -1).order).toEqual(["b", "a", "c", "d"]);
    const both = moved(at(state, 4, 8), 1);
    expect(both.order).toEqual(["a", "d", "b", "c"]);
    expect(both.state.doc.textBetween(both.state.selection.from, both.state.selection.to, "|")).toMatch(/\|/);
    expect(moved(at(state, 1), -1).could).toBe(false);
    expect(moved(at(state, 10), 1).could).toBe(false);
  });

  it("moves an item inside its list and keeps what is below it", () => {
    const item = (n: number, text: string, ...more: NodeJson[]): NodeJson => ({ type: "listItem", attrs: { id: id(n) }, content: [p(n + 100, text), ...more] });
    const state = open({ type: "bulletList", attrs: { id: id(1) }, content: [item(2, "a"), item(3, "b", { type: "bulletList", attrs: { id: id(4) }, content: [item(5, "inner")] }), item(6, "c")] });
    const pos = 9;
    const after = moved(at(state, pos), -1).state.doc.firstChild!;
    expect(after.content.content.map((each) => each.attrs.id as string)).toEqual([id(3), id(2), id(6)]);
    expect(after.firstChild?.textContent).toBe("binner");
  });

  it("there and back is the same document, whatever it holds", () => {
    for (let seed = 1; seed <= 200; seed++) {
      const random = seeded(seed);
      const lesson = documentFromJson(schema, randomDocument(random, 5)).doc;
      const start = EditorState.create({ doc: lesson, plugins: [blockIdsPlugin()] });
      const state = at(start, 1 + random.below(lesson.content.size - 1));
      const down = moved(state, 1);
      if (!down.could) continue;
      expect(keepsUnknown(lesson, down.state.doc)).toBe(true);
      expect(moved(down.state, -1).state.doc.toJSON(), `seed ${seed}`).toEqual(lesson.toJSON());
    }
  });
});

describe("what a newer version made", () => {
  it("is counted wherever it stands, and a copy with a new id is no loss", () => {
    const poll: NodeJson = { type: "poll", attrs: { id: id(9) } };
    const with1 = open(p(1, "a"), poll).doc;
    expect(keepsUnknown(with1, open(p(1, "a")).doc)).toBe(false);
    expect(keepsUnknown(with1, open(poll, p(1, "b")).doc)).toBe(true);
    expect(keepsUnknown(with1, open(p(1, "a"), { type: "blockquote", attrs: { id: id(2) }, content: [poll] }).doc)).toBe(true);
    expect(keepsUnknown(open(poll, { type: "poll", attrs: { id: id(8) } }).doc, with1)).toBe(false);
  });
});
