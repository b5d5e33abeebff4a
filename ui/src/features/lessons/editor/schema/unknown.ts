import { Mark, Node } from "@tiptap/core";
import { blocks, inlines, type NodeJson } from "../document/shape";

/** Raw JSON through the clipboard. What this version knows never comes in this way. */
function carried(element: HTMLElement): NodeJson | null {
  try {
    const json = JSON.parse(element.getAttribute("data-newer") ?? "") as NodeJson;
    if (typeof json !== "object" || json === null || typeof json.type !== "string") return null;
    return Object.hasOwn(blocks, json.type) || Object.hasOwn(inlines, json.type) || json.type === "text" ? null : json;
  } catch {
    return null;
  }
}
const fromClipboard = (element: HTMLElement | string) => {
  const json = typeof element === "string" ? null : carried(element);
  return json ? { json } : (false as const);
};

/** A block only a newer version can show: the raw JSON, kept as it came. Removed only on purpose (see the guard). */
export const UnknownBlock = Node.create({
  name: "unknownBlock",
  group: "block",
  atom: true,
  selectable: true,
  draggable: true,
  isolating: true,
  addAttributes: () => ({ id: { default: undefined, rendered: false, parseHTML: () => null }, json: { default: null, rendered: false, parseHTML: () => null } }),
  parseHTML: () => [{ tag: "div[data-newer]", getAttrs: fromClipboard }],
  renderHTML: ({ node }) => ["div", { "data-newer": JSON.stringify(node.attrs.json) }],
});

export const UnknownInline = Node.create({
  name: "unknownInline",
  group: "inline",
  inline: true,
  atom: true,
  selectable: true,
  addAttributes: () => ({ json: { default: null, rendered: false, parseHTML: () => null } }),
  parseHTML: () => [{ tag: "span[data-newer]", getAttrs: fromClipboard }],
  renderHTML: ({ node }) => ["span", { "data-newer": JSON.stringify(node.attrs.json) }],
});

/** Several of these can stand on the same words, so it excludes nothing, not even itself. */
export const UnknownMark = Mark.create({
  name: "unknownMark",
  excludes: "",
  inclusive: false,
  addAttributes: () => ({ json: { default: null, rendered: false, parseHTML: () => null } }),
  renderHTML: () => ["span", { class: "newer-mark" }, 0],
});
