import { EditorState } from "@tiptap/pm/state";
import { describe, expect, it } from "vitest";
import { documentFromJson } from "../document/json";
import type { NodeJson } from "../document/shape";
import { lessonSchema as schema } from "../schema";
import { matchesIn, type Query } from "./find";

const doc = (...lines: string[]) =>
  documentFromJson(schema, { type: "doc", content: lines.map((text): NodeJson => ({ type: "paragraph", content: [{ type: "text", text }] })) }).doc;
const found = (query: Partial<Query>, ...lines: string[]) => {
  const lesson = doc(...lines);
  const state = EditorState.create({ doc: lesson });
  return matchesIn(lesson, { text: "", matchCase: false, wholeWord: false, ...query }).map(({ from, to }) => state.doc.textBetween(from, to));
};

describe("finding words", () => {
  it("takes every sign as itself", () => {
    expect(found({ text: "a.b*(c)" }, "a.b*(c) axb*(c)")).toEqual(["a.b*(c)"]);
    expect(found({ text: "x-y/z$[1]^{2}|\\" }, "x-y/z$[1]^{2}|\\")).toEqual(["x-y/z$[1]^{2}|\\"]);
    expect(found({ text: "" }, "abc")).toEqual([]);
  });

  it("knows words and capitals in other scripts", () => {
    expect(found({ text: "ВОДА" }, "Вода, вода")).toEqual(["Вода", "вода"]);
    expect(found({ text: "вода", wholeWord: true }, "вода водами підвода")).toEqual(["вода"]);
    expect(found({ text: "İ" }, "xİx")).toEqual(["İ"]);
    expect(found({ text: "straße", matchCase: true }, "Straße straße")).toEqual(["straße"]);
  });

  it("finds a blank where a non-breaking one stands", () => {
    expect(found({ text: "100 °C" }, "at 100\u00a0°C")).toEqual(["100\u00a0°C"]);
  });

  it("never spans two blocks", () => {
    expect(found({ text: "onetwo" }, "one", "two")).toEqual([]);
  });
});
