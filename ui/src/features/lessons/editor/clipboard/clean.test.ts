import { DOMParser as ModelParser } from "@tiptap/pm/model";
import { describe, expect, it } from "vitest";
import { blockToJson } from "../document/json";
import type { NodeJson } from "../document/shape";
import { lessonSchema as schema } from "../schema";
import { cleanHtml, plainBlanks } from "./clean";
import { docsChecklist, docsPage, excelTable, wordFootnotes, wordList, wordPage, wordTable } from "./fixtures";

/** The document as indented lines: kind, then its words with their marks. */
function told(node: NodeJson, depth = 0): string[] {
  const words = (node.content ?? [])
    .filter((each) => each.type === "text" || each.type === "hardBreak")
    .map((each) => (each.marks ?? []).reduce((text, mark) => `<${mark.type}>${text}</${mark.type}>`, each.text ?? "⏎"))
    .join("");
  const attrs = Object.entries(node.attrs ?? {}).filter(([name]) => name !== "id").map(([name, value]) => ` ${name}=${String(value)}`).join("");
  const own = `${"  ".repeat(depth)}${node.type}${attrs}${words ? `: ${words}` : ""}`;
  return [own, ...(node.content ?? []).filter((each) => each.type !== "text" && each.type !== "hardBreak").flatMap((each) => told(each, depth + 1))];
}
const pasted = (html: string) => {
  const holder = document.createElement("div");
  holder.innerHTML = cleanHtml(html).html;
  return ModelParser.fromSchema(schema).parse(holder).content.content.flatMap((block) => told(blockToJson(block)));
};

describe("pasting from Word", () => {
  it("keeps headings, bold, italic, links and sub-script and drops fonts, colours and empty lines", () => {
    expect(pasted(wordPage)).toEqual([
      "heading level=1: Heat and temperature",
      "paragraph: Water <bold>boils</bold> at <italic>100\u00a0°C</italic> at sea level. See <link>the tables</link>.",
      "heading level=2: Formula",
      "paragraph: H<subscript>2</subscript>O and x<superscript>2</superscript>, <underline>underlined</underline>, <strike>gone</strike>",
    ]);
  });

  it("makes lists of its list paragraphs, with their levels, kinds and numbers", () => {
    expect(pasted(wordList)).toEqual([
      "paragraph: You need:",
      "bulletList",
      "  listItem",
      "    paragraph: A kettle",
      "    bulletList",
      "      listItem",
      "        paragraph: with a lid",
      "      listItem",
      "        paragraph: of <bold>steel</bold>",
      "  listItem",
      "    paragraph: A thermometer",
      "orderedList start=3",
      "  listItem",
      "    paragraph: Fill it",
      "  listItem",
      "    paragraph: Boil it",
      "paragraph: Done.",
    ]);
  });

  it("keeps tables, with header cells and joined cells", () => {
    expect(pasted(wordTable)).toEqual([
      "table",
      "  tableRow",
      "    tableHeader",
      "      paragraph: Place",
      "    tableHeader",
      "      paragraph: Boils at",
      "  tableRow",
      "    tableCell colspan=2",
      "      paragraph: Sea level",
      "  tableRow",
      "    tableCell",
      "      paragraph: Summit",
      "    tableCell",
      "      paragraph",
    ]);
  });

  it("keeps footnotes as raised numbers and their texts at the end", () => {
    expect(pasted(wordFootnotes)).toEqual(["paragraph: As measured<superscript>[1]</superscript> before.", "paragraph: [1] By Fahrenheit."]);
  });

  it("says how many pictures stayed on the other program's disk", () => {
    const { html, lostPictures } = cleanHtml('<p>a<img src="file:///C:/Users/x/clip_image002.png"><img src="https://example.org/a.png"></p>');
    expect(lostPictures).toBe(1);
    expect(html).toContain("https://example.org/a.png");
  });
});

describe("pasting from Google Docs", () => {
  it("unwraps its bold wrapper, reads styles as marks and nests lists", () => {
    expect(pasted(docsPage)).toEqual([
      "heading level=2: Plan",
      "paragraph: Plain, <bold>bold</bold>, <italic>italic</italic> and <link>a link</link>.",
      "bulletList",
      "  listItem",
      "    paragraph: First",
      "    bulletList",
      "      listItem",
      "        paragraph: Inner",
      "  listItem",
      "    paragraph: Second",
    ]);
  });

  it("keeps its check lists", () => {
    expect(pasted(docsChecklist)).toEqual(["taskList", "  taskItem checked=true", "    paragraph: Done already", "  taskItem checked=false", "    paragraph: To do"]);
  });
});

describe("pasting from elsewhere", () => {
  it("keeps a spreadsheet's cells as a table", () => {
    expect(pasted(excelTable)).toEqual(["table", "  tableRow", "    tableCell", "      paragraph: 1", "    tableCell align=right", "      paragraph: 2,5"]);
  });

  it("brings no script, no form and no link that is not of the web or mail", () => {
    expect(pasted('<p onclick="x()">a<script>alert(1)</script><a href="javascript:alert(1)">b</a><iframe src="javascript:x"></iframe><button>c</button></p>')).toEqual(["paragraph: ab"]);
  });

  it("cannot smuggle in a block as if a newer version had made it", () => {
    expect(pasted('<div data-newer=\'{"type":"paragraph"}\'>x</div>')).toEqual(["paragraph: x"]);
  });

  it("turns an embedded player into a card that loads nothing", () => {
    expect(pasted('<iframe src="https://video.example/embed/1" title="Boiling"></iframe>')).toEqual(["video url=https://video.example/embed/1 title=Boiling"]);
  });

  it("keeps blanks that hold a number and its unit together and no others", () => {
    expect(plainBlanks("a\u00a0b")).toBe("a b");
    expect(plainBlanks("100\u00a0°C, 10\u00a0000, 5\u00a0km,\u00a0x")).toBe("100\u00a0°C, 10\u00a0000, 5\u00a0km, x");
    expect(plainBlanks("«\u00a0vrai\u00a0»")).toBe("«\u00a0vrai\u00a0»");
  });
});
