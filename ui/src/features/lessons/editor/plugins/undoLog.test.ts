import { redo, undo } from "@tiptap/pm/history";
import type { Node } from "@tiptap/pm/model";
import { EditorState, TextSelection, type Transaction } from "@tiptap/pm/state";
import { describe, expect, it } from "vitest";
import { documentFromJson, documentToJson } from "../document/json";
import { patchTransaction } from "../document/patch";
import type { NodeJson } from "../document/shape";
import { lessonSchema } from "../schema";
import { seeded } from "../testing/random";
import { blockIdsPlugin } from "./ids";
import { historyPlugins, packUndo } from "./undoLog";

const id = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, "0")}`;
const p = (n: number, words: string): NodeJson => ({ type: "paragraph", attrs: { id: id(n) }, ...(words !== "" && { content: [{ type: "text", text: words }] }) });
const read = (content: NodeJson[]) => documentFromJson(lessonSchema, { type: "doc", content }).doc;

/** An open lesson, as far as its history goes. */
class Open {
  state: EditorState;
  forgotten = false;
  private time = 1_000_000;
  constructor(doc: Node, kept: unknown = null) {
    this.state = EditorState.create({ doc, plugins: [blockIdsPlugin(), ...historyPlugins(kept, () => (this.forgotten = true))] });
  }
  do(make: (tr: Transaction) => Transaction, later = 1_000): void {
    this.time += later;
    this.state = this.state.apply(make(this.state.tr).setTime(this.time));
  }
  type(words: string, at: number, later?: number): void {
    this.do((tr) => tr.setSelection(TextSelection.create(tr.doc, at)).insertText(words), later);
  }
  undo = (): boolean => undo(this.state, (tr) => (this.state = this.state.apply(tr)));
  redo = (): boolean => redo(this.state, (tr) => (this.state = this.state.apply(tr)));
  patch(content: NodeJson[]): void {
    const tr = patchTransaction(this.state, read(content));
    if (tr) this.state = this.state.apply(tr);
  }
  /** Closed and opened again, by way of what is written down. */
  again(): Open {
    const stored = JSON.parse(JSON.stringify([documentToJson(this.state.doc), packUndo(this.state)])) as [{ content: NodeJson[] }, unknown];
    return new Open(read(stored[0].content), stored[1]);
  }
  get words(): string {
    return this.state.doc.textBetween(0, this.state.doc.content.size, "|");
  }
}

describe("steps to take back after a restart", () => {
  it("takes back and brings again what was typed before, group by group", () => {
    const before = new Open(read([p(1, "tea")]));
    before.type(" a", 4);
    before.type("nd", 6, 10);
    before.type(" milk", 8);
    const after = before.again();
    expect(after.words).toBe("tea and milk");
    after.undo();
    expect(after.words).toBe("tea and");
    after.undo();
    expect(after.words).toBe("tea");
    expect(after.undo()).toBe(false);
    after.redo();
    after.redo();
    expect(after.words).toBe("tea and milk");
  });

  it("brings again what was taken back before it was closed", () => {
    const before = new Open(read([p(1, "tea")]));
    before.type(" one", 4);
    before.type(" two", 8);
    before.undo();
    const after = before.again();
    after.redo();
    expect(after.words).toBe("tea one two");
    after.undo();
    after.undo();
    expect(after.words).toBe("tea");
  });

  it("leaves a colleague's words where they are", () => {
    const before = new Open(read([p(1, "tea"), p(2, "milk")]));
    before.type("!", 4);
    before.patch([p(3, "new"), p(1, "tea!"), p(2, "milk and sugar")]);
    before.type("?", 10);
    const after = before.again();
    after.undo();
    after.undo();
    expect(after.words).toBe("new|tea|milk and sugar");
    expect(after.undo()).toBe(false);
  });

  it("opens a lesson that was changed elsewhere plainly, without it", () => {
    const before = new Open(read([p(1, "tea")]));
    before.type("!", 4);
    const elsewhere = new Open(read([p(1, "coffee!")]), packUndo(before.state));
    expect(elsewhere.forgotten).toBe(true);
    expect(elsewhere.words).toBe("coffee!");
    expect(elsewhere.undo()).toBe(false);
    for (const broken of [{}, 7, { version: 1, base: {}, entries: [] }, { ...packUndo(before.state), version: 2 }]) expect(new Open(read([p(1, "tea!")]), broken).undo()).toBe(false);
  });

  it("keeps the newest groups where there are many, or much in them", () => {
    const before = new Open(read([p(1, "tea")]));
    for (let count = 0; count < 300; count++) before.type("x", 4);
    const kept = packUndo(before.state);
    expect(kept?.entries).toHaveLength(100);
    const after = before.again();
    for (let count = 0; count < 100; count++) expect(after.undo()).toBe(true);
    expect(after.undo()).toBe(false);
    expect(after.words).toBe(`tea${"x".repeat(200)}`);

    for (let count = 0; count < 5; count++) before.type("y".repeat(100_000), 4);
    expect(packUndo(before.state)?.entries).toHaveLength(2);
    expect(before.again().undo()).toBe(true);
  });

  it("goes on past the kept ones while the lesson is open", () => {
    const before = new Open(read([p(1, "tea")]));
    for (let count = 0; count < 300; count++) before.type("x", 4);
    while (before.undo());
    expect(before.words).toBe("tea");
    before.redo();
    before.type("z", 4);
    const after = before.again();
    expect(after.forgotten).toBe(false);
    after.undo();
    expect(after.words).toBe("teax");
  });

  it("leads back through the same documents as without a restart, whatever was done", () => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = seeded(seed).below;
      let open = new Open(read([p(1, "one two three"), p(2, "four"), p(3, "")]));
      let fresh = 100;
      for (let step = 0; step < 80; step++) {
        const { doc } = open.state;
        const spot = () => TextSelection.near(doc.resolve(random(doc.content.size + 1))).from;
        const later = random(2) === 0 ? 20 : 1_000;
        switch (random(8)) {
          case 0: {
            const [a, b] = [spot(), spot()].toSorted((x, y) => x - y) as [number, number];
            open.do((tr) => tr.delete(a, b), later);
            break;
          }
          case 1: {
            const at = spot();
            open.do((tr) => tr.split(at), later);
            break;
          }
          case 2:
            open.undo();
            break;
          case 3:
            open.redo();
            break;
          case 4: {
            const content = documentToJson(doc).content ?? [];
            content.splice(random(content.length + 1), random(2), p(fresh++, `patch ${step}`));
            open.patch(content);
            break;
          }
          case 5:
            if (random(4) === 0) {
              open = open.again();
              expect(open.forgotten, `seed ${seed}, step ${step}`).toBe(false);
            }
            break;
          default:
            open.type("w", spot(), later);
        }
      }
      const again = open.again();
      expect(again.forgotten, `seed ${seed}`).toBe(false);
      for (let back = 0; again.undo(); back++) {
        open.undo();
        expect(again.words, `seed ${seed}, back ${back}`).toBe(open.words);
      }
    }
  });
});
