import { describe, expect, it } from "vitest";
import { authoringCatalogues } from "./authoring";
import { de } from "./de";
import { editorCatalogues } from "./editor";
import { en } from "./en";

function leaves(node: unknown, path: string[] = []): [string, unknown][] {
  if (typeof node === "object" && node !== null) return Object.entries(node).flatMap(([key, child]) => leaves(child, [...path, key]));
  return [[path.join("."), node]];
}

describe("the catalogue of sentences", () => {
  it("says in German everything it says in English", () => {
    expect(leaves(de).map(([path]) => path)).toEqual(leaves(en).map(([path]) => path));
    expect(leaves(editorCatalogues.de).map(([path]) => path)).toEqual(leaves(editorCatalogues.en).map(([path]) => path));
    expect(leaves(authoringCatalogues.de).map(([path]) => path)).toEqual(leaves(authoringCatalogues.en).map(([path]) => path));
  });

  it("has no empty sentence", () => {
    const empty = [...leaves(en), ...leaves(de), ...leaves(editorCatalogues.en), ...leaves(editorCatalogues.de), ...leaves(authoringCatalogues.en), ...leaves(authoringCatalogues.de)].filter(([, said]) => typeof said === "string" && said.trim() === "");
    expect(empty).toEqual([]);
  });
});
