import { history, undo, undoDepth } from "@tiptap/pm/history";
import { EditorState, TextSelection } from "@tiptap/pm/state";
import { describe, expect, it } from "vitest";
import { blockIdsPlugin } from "../plugins/ids";
import { lessonSchema as schema } from "../schema";
import { type Random, randomBlock, randomDocument, randomInline, seeded } from "../testing/random";
import { documentFromJson, documentToJson } from "./json";
import { keeping, longestRising, patchTransaction } from "./patch";
import type { NodeJson } from "./shape";

const open = (json: NodeJson) => EditorState.create({ doc: documentFromJson(schema, json).doc, plugins: [blockIdsPlugin(), history()] });
const read = (json: NodeJson) => documentFromJson(schema, json).doc;
const id = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, "0")}`;
const p = (n: number, text: string): NodeJson => ({ type: "paragraph", attrs: { id: id(n) }, content: [{ type: "text", text }] });
const doc = (...content: NodeJson[]): NodeJson => ({ type: "doc", content });

/** What a colleague may have done: blocks gone, new, moved, changed inside, changed in kind. */
function merged(json: NodeJson, random: Random, spare?: string): NodeJson {
  let content = [...(json.content ?? [])];
  for (let step = 0; step < 1 + random.below(6); step++) {
    const index = random.below(content.length);
    const block = content[index];
    if (block && block.attrs?.id === spare) continue;
    switch (random.below(5)) {
      case 0: if (content.length > 1) content = content.toSpliced(index, 1); break;
      case 1: content = content.toSpliced(index, 0, randomBlock(random)); break;
      case 2: if (block) content = content.toSpliced(index, 1).toSpliced(random.below(content.length), 0, block); break;
      case 3: if (block?.type === "paragraph" || block?.type === "heading") {
        const inside = randomInline(random);
        content = content.with(index, { type: block.type, attrs: block.attrs, ...(inside.length > 0 && { content: inside }) });
      } break;
      default: if (block?.type === "paragraph") content = content.with(index, { ...block, type: "heading", attrs: { ...block.attrs, level: 2 } });
    }
  }
  return { ...json, content };
}

describe("a merged document arriving in the open editor", () => {
  it("equals what was merged, however much changed", () => {
    for (let seed = 1; seed <= 400; seed++) {
      const random = seeded(seed);
      const json = randomDocument(random);
      const state = open(json);
      const target = merged(json, random);
      const tr = patchTransaction(state, read(target));
      const next = tr ? state.apply(tr) : state;
      next.doc.check();
      expect(documentToJson(next.doc), `seed ${seed}`).toEqual(documentToJson(read(target)));
    }
  });

  it("keeps the cursor where it is in a block nobody touched, and that block is the same object", () => {
    for (let seed = 1; seed <= 300; seed++) {
      const random = seeded(seed);
      const json = randomDocument(random, 6);
      let state = open(json);
      const spots: { id: string; start: number; offset: number }[] = [];
      state.doc.forEach((block, start) => {
        if (block.isTextblock) spots.push({ id: block.attrs.id as string, start, offset: 1 + random.below(block.content.size + 1) });
      });
      if (spots.length === 0) continue;
      const spot = random.pick(spots);
      state = state.apply(state.tr.setSelection(TextSelection.create(state.doc, spot.start + spot.offset)));
      const block = state.selection.$from.node(1);
      const tr = patchTransaction(state, read(merged(json, random, spot.id)));
      const next = tr ? state.apply(tr) : state;
      expect(next.selection.$from.node(1).attrs.id, `seed ${seed}`).toBe(spot.id);
      expect(next.selection.$from.pos - next.selection.$from.before(1), `seed ${seed}`).toBe(spot.offset);
      expect(next.selection.$from.node(1).eq(block)).toBe(true);
    }
  });

  it("keeps the cursor at its word where a colleague changed another word of the same paragraph", () => {
    let state = open(doc(p(1, "the quick brown fox")));
    state = state.apply(state.tr.setSelection(TextSelection.create(state.doc, 17)));
    const next = state.apply(patchTransaction(state, read(doc(p(1, "the very quick brown fox"))))!);
    expect(next.doc.textBetween(next.selection.from, next.doc.content.size)).toBe("fox");
  });

  it("cannot be undone, and what was written before still can", () => {
    let state = open(doc(p(1, "mine"), p(2, "theirs")));
    state = state.apply(state.tr.insertText("!", 5));
    expect(undoDepth(state)).toBe(1);
    state = state.apply(patchTransaction(state, read(doc(p(1, "mine!"), p(3, "new"), p(2, "theirs, changed"))))!);
    expect(undoDepth(state)).toBe(1);
    undo(state, (tr) => (state = state.apply(tr)));
    expect(state.doc.content.content.map((block) => block.textContent)).toEqual(["mine", "new", "theirs, changed"]);
  });

  it("does nothing where nothing changed", () => {
    const state = open(doc(p(1, "a"), p(2, "b")));
    expect(patchTransaction(state, read(doc(p(1, "a"), p(2, "b"))))).toBeNull();
  });

  it("never overwrites what is not saved yet: changed, new or removed here", () => {
    const here = read(doc(p(1, "typing"), p(4, "just written"), p(3, "c")));
    const there = read(doc(p(5, "from a colleague"), p(1, "old"), p(2, "removed here"), p(3, "c changed")));
    const kept = keeping(here, there, new Set([id(1), id(4), id(2)]));
    expect(kept.content.content.map((block) => block.textContent)).toEqual(["from a colleague", "typing", "just written", "c changed"]);
  });

  it("moves as few blocks as it can", () => {
    expect([...longestRising([4, 0, 1, 5, 2, 3])].toSorted()).toEqual([1, 2, 4, 5]);
    expect(longestRising([]).size).toBe(0);
  });
});
