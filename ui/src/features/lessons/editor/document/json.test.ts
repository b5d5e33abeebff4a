import { describe, expect, it } from "vitest";
import { lessonSchema as schema } from "../schema";
import { randomDocument, seeded } from "../testing/random";
import { documentFromJson, documentToJson, idsInside } from "./json";
import { completedHref, type NodeJson, safeHref } from "./shape";

const id = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, "0")}`;
const p = (n: number, ...content: NodeJson[]): NodeJson => ({ type: "paragraph", attrs: { id: id(n) }, ...(content.length > 0 && { content }) });
const doc = (...content: NodeJson[]): NodeJson => ({ type: "doc", content });

/** As after an edit: every node made anew, so nothing can be handed through by reference. */
const rewritten = (json: NodeJson) => {
  const read = documentFromJson(schema, json);
  const again = schema.nodeFromJSON(read.doc.toJSON());
  again.check();
  return { json: documentToJson(again), repaired: read.repaired };
};

describe("a stored document in the editor", () => {
  it("comes out as it went in, whatever it holds", () => {
    for (let seed = 1; seed <= 500; seed++) {
      const json = randomDocument(seeded(seed));
      expect(documentToJson(documentFromJson(schema, json).doc), `seed ${seed}`).toEqual(json);
      const edited = rewritten(json);
      expect(edited.json, `seed ${seed}`).toEqual(json);
      expect(edited.repaired).toEqual([]);
    }
  });

  it.each<[string, NodeJson]>([
    ["a block of a newer kind", doc({ type: "poll", attrs: { id: id(1), votes: [1, { deep: true }] }, content: [{ type: "choice", attrs: { id: id(2) } }] })],
    ["an inline of a newer kind", doc(p(1, { type: "text", text: "see " }, { type: "footnote", attrs: { n: 1 } }))],
    ["a mark of a newer kind", doc(p(1, { type: "text", text: "see", marks: [{ type: "comment", attrs: { by: "x" } }] }))],
    ["two marks of a newer kind on the same words", doc(p(1, { type: "text", text: "see", marks: [{ type: "comment", attrs: { by: "x" } }, { type: "comment", attrs: { by: "y" } }] }))],
    ["two links on the same words", doc(p(1, { type: "text", text: "see", marks: [{ type: "link", attrs: { href: "https://a.example" } }, { type: "link", attrs: { href: "https://b.example" } }] }))],
    ["a newer attribute of a block", doc({ type: "paragraph", attrs: { id: id(1), indent: 2, style: { a: null } } })],
    ["a newer attribute of a mark", doc(p(1, { type: "text", text: "see", marks: [{ type: "link", attrs: { href: "https://a.example", rel: "me" } }] }))],
    ["a newer field beside the attributes", doc({ type: "paragraph", attrs: { id: id(1) }, lock: "x" } as NodeJson)],
    ["a newer field of a text", doc(p(1, { type: "text", text: "see", attrs: { lang: "uk" } }))],
    ["a newer field of the document", { ...doc(p(1)), attrs: { theme: "x" }, version: 3 } as NodeJson],
    ["a kind of callout this version has no colour for", doc({ type: "callout", attrs: { id: id(1), kind: "success" }, content: [p(2)] })],
    ["a heading deeper than six", doc({ type: "heading", attrs: { id: id(1), level: 9 } })],
    ["a list with something else than items", doc({ type: "bulletList", attrs: { id: id(1) }, content: [p(2)] })],
    ["a table with a caption", doc({ type: "table", attrs: { id: id(1) }, content: [{ type: "caption", attrs: { id: id(2) } }] })],
    ["bold words in code", doc({ type: "codeBlock", attrs: { id: id(1) }, content: [{ type: "text", text: "x", marks: [{ type: "bold" }] }] })],
    ["explicit nulls and absent attributes", doc({ type: "codeBlock", attrs: { id: id(1), language: null } }, { type: "codeBlock", attrs: { id: id(2) } }, { type: "orderedList", attrs: { id: id(3), start: 1 }, content: [{ type: "listItem", attrs: { id: id(4) }, content: [p(5)] }] })],
    ["a link nobody may open", doc(p(1, { type: "text", text: "x", marks: [{ type: "link", attrs: { href: "javascript:alert(1)" } }] }))],
  ])("keeps %s", (_, json) => {
    expect(rewritten(json).json).toEqual(json);
  });

  it("wraps only the smallest part it does not know", () => {
    const { doc: read } = documentFromJson(schema, doc({ type: "blockquote", attrs: { id: id(1) }, content: [p(2), { type: "poll", attrs: { id: id(3) } }] }));
    expect(read.firstChild?.type.name).toBe("blockquote");
    expect(read.firstChild?.lastChild?.type.name).toBe("unknownBlock");
  });

  it("gives blocks without an id, or with one already taken, their own and says which", () => {
    const { doc: read, repaired } = documentFromJson(schema, doc({ type: "paragraph" }, p(1), p(1), { type: "poll", attrs: { id: id(1) } }));
    const ids = idsInside(documentToJson(read));
    expect(new Set(ids).size).toBe(4);
    expect(read.child(1).attrs.id).toBe(id(1));
    expect(repaired).toEqual([read.child(0).attrs.id, read.child(2).attrs.id, read.child(3).attrs.id]);
  });

  it("begins with an empty paragraph where nothing is", () => {
    expect(documentFromJson(schema, { type: "doc" }).doc.childCount).toBe(1);
  });

  it("never throws on what is no document", () => {
    for (const json of [{ type: "doc", content: [null, 5, "x", [], {}, { type: 3 }] }, { type: "doc", content: "x" }, {}]) expect(() => documentFromJson(schema, json as unknown as NodeJson)).not.toThrow();
  });
});

describe("links", () => {
  it("are of the web or of mail, nothing else", () => {
    for (const href of ["javascript:alert(1)", " JaVaScRiPt:x", "data:text/html,x", "file:///etc/passwd", "//evil.example", "", "vbscript:x", null]) expect(safeHref(href)).toBeNull();
    for (const href of ["https://example.org/a?b#c", "http://localhost:3000/", "mailto:a@b.example"]) expect(safeHref(href)).toBe(href);
  });

  it("are completed the way people type them", () => {
    expect(completedHref("example.org/a b")).toBeNull();
    expect(completedHref("example.org/a")).toBe("https://example.org/a");
    expect(completedHref("anna@example.org")).toBe("mailto:anna@example.org");
    expect(completedHref("javascript:alert(1)")).toBeNull();
    expect(completedHref("тест.укр")).toBe("https://тест.укр");
  });
});
