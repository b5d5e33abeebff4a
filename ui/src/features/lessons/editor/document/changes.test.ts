import { EditorState } from "@tiptap/pm/state";
import { describe, expect, it, vi } from "vitest";
import { blockIdsPlugin } from "../plugins/ids";
import { lessonSchema as schema } from "../schema";
import { randomDocument, seeded } from "../testing/random";
import { type Change, changeBetween, ChangeFlow, type ChangeState } from "./changes";
import { documentFromJson, documentToJson } from "./json";
import type { NodeJson } from "./shape";

const id = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, "0")}`;
const p = (n: number, text: string): NodeJson => ({ type: "paragraph", attrs: { id: id(n) }, content: [{ type: "text", text }] });
const open = (...content: NodeJson[]) => EditorState.create({ doc: documentFromJson(schema, { type: "doc", content }).doc, plugins: [blockIdsPlugin()] });

describe("what changed in a lesson", () => {
  it("is one block when one of five hundred was typed in", () => {
    const state = open(...Array.from({ length: 500 }, (_, n) => p(n, "word")));
    const now = state.apply(state.tr.insertText("x", 3));
    const change = changeBetween(state.doc, now.doc);
    expect(change?.changed.map((each) => each.id)).toEqual([id(0)]);
    expect(change?.order).toHaveLength(500);
    expect(change?.removed).toEqual([]);
  });

  it("is the order alone when a block moved, and names what is gone", () => {
    const state = open(p(1, "a"), p(2, "b"), p(3, "c"));
    const moved = state.apply(state.tr.delete(0, 3).insert(6, state.doc.child(0)));
    expect(changeBetween(state.doc, moved.doc)).toEqual({ changed: [], order: [id(2), id(3), id(1)], removed: [] });
    expect(changeBetween(state.doc, state.apply(state.tr.delete(3, 6)).doc)).toEqual({ changed: [], order: [id(1), id(3)], removed: [id(2)] });
    expect(changeBetween(state.doc, state.doc)).toBeNull();
  });

  it("applied to the stored blocks gives the document", () => {
    for (let seed = 1; seed <= 200; seed++) {
      const random = seeded(seed);
      const before = documentFromJson(schema, randomDocument(random)).doc;
      const after = documentFromJson(schema, { type: "doc", content: [...(documentToJson(before).content ?? []), ...(randomDocument(random).content ?? [])].filter(() => random.chance(0.7)) }).doc;
      const change = changeBetween(before, after);
      const stored = new Map((documentToJson(before).content ?? []).map((json) => [json.attrs?.id, json]));
      for (const each of change?.changed ?? []) stored.set(each.id, each.json);
      const order = change?.order ?? before.content.content.map((block) => block.attrs.id as string);
      expect(order.map((each) => stored.get(each)), `seed ${seed}`).toEqual(documentToJson(after).content);
    }
  });
});

describe("handing changes on", () => {
  const flowing = (answers: (() => Promise<void>)[]) => {
    let state = open(p(1, "a"), p(2, "b"));
    const sent: Change[] = [];
    const states: ChangeState[] = [];
    const flow = new ChangeFlow(
      state.doc,
      [],
      () => state.doc,
      (change) => {
        sent.push(change);
        return answers.shift()?.() ?? Promise.resolve();
      },
      (told) => states.push(told),
    );
    const type = (text: string, pos: number) => {
      state = state.apply(state.tr.insertText(text, pos));
      flow.touched();
    };
    return { flow, type, sent, states, now: () => state };
  };

  it("sends one at a time, and everything typed meanwhile as the next", async () => {
    let finish = () => {};
    const { flow, type, sent } = flowing([() => new Promise((done) => (finish = done))]);
    type("1", 2);
    const first = flow.flush();
    type("2", 3);
    type("3", 4);
    type("x", 8);
    expect(sent).toHaveLength(1);
    finish();
    await first;
    expect(await flow.flush()).toBe(true);
    expect(sent).toHaveLength(2);
    expect(sent[1]?.changed.map((each) => each.json.content?.[0]?.text)).toEqual(["a123", "bx"]);
  });

  it("offers again what was refused, with what came since", async () => {
    vi.useFakeTimers();
    try {
      const { flow, type, sent, states } = flowing([() => Promise.reject(new Error("full"))]);
      type("1", 2);
      expect(await flow.flush()).toBe(false);
      expect(states.at(-1)).toBe("failed");
      type("2", 3);
      await vi.advanceTimersByTimeAsync(1_000);
      expect(sent[1]?.changed[0]?.json.content?.[0]?.text).toBe("a12");
      expect(states.at(-1)).toBe("saved");
    } finally {
      vi.useRealTimers();
    }
  });

  it("sends nothing for what a colleague wrote, and still sends what is unsaved here", async () => {
    const { flow, type, sent } = flowing([]);
    type("1", 2);
    expect(flow.dirty()).toEqual(new Set([id(1)]));
    flow.rebase(documentFromJson(schema, { type: "doc", content: [p(1, "a"), p(2, "b")] }).doc);
    await flow.flush();
    expect(sent.map((change) => change.changed.map((each) => each.id))).toEqual([[id(1)]]);
    expect(flow.dirty().size).toBe(0);
  });

  it("hands on the last words when it closes", async () => {
    const { flow, type, sent } = flowing([]);
    type("1", 2);
    await flow.close();
    expect(sent).toHaveLength(1);
  });

  it("sends a block whose id had to be repaired once something is written", async () => {
    const { doc, repaired } = documentFromJson(schema, { type: "doc", content: [p(1, "a"), p(1, "b")] });
    let now = doc;
    const sent: Change[] = [];
    const flow = new ChangeFlow(doc, repaired, () => now, (change) => void sent.push(change));
    await flow.flush();
    expect(sent).toEqual([]);
    now = EditorState.create({ doc }).tr.insertText("x", 2).doc;
    await flow.flush();
    expect(sent[0]?.changed.map((each) => each.id)).toEqual([id(1), repaired[0]]);
  });
});
