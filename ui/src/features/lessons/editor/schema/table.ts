import { callOrReturn, getExtensionField, Node } from "@tiptap/core";
import { tableEditing } from "@tiptap/pm/tables";
import { hidden, optional } from "./hidden";

declare module "@tiptap/core" {
  // The parameters must match the declaration this adds to.
  interface NodeConfig<Options, Storage> {
    tableRole?: string | ((this: { options: Options; storage: Storage }) => string);
  }
}

const span = (name: "colspan" | "rowspan") => ({
  default: 1,
  rendered: false,
  parseHTML: (element: HTMLElement) => Math.min(1000, Math.max(1, Number.parseInt(element.getAttribute(name) ?? "1", 10) || 1)),
});
const aligned = (element: HTMLElement) => {
  const said = (element.getAttribute("align") ?? element.style.textAlign).toLowerCase();
  return said === "center" || said === "right" || said === "left" ? said : null;
};

const cell = (name: string, tag: "td" | "th", role: string) =>
  Node.create({
    name,
    content: "block+",
    tableRole: role,
    isolating: true,
    addAttributes: () => ({ ...hidden, colspan: span("colspan"), rowspan: span("rowspan"), align: optional(aligned) }),
    parseHTML: () => [{ tag }],
    renderHTML: ({ node }) => {
      const { colspan, rowspan, align } = node.attrs as { colspan: number; rowspan: number; align?: string | null };
      return [tag, { colspan: colspan > 1 ? colspan : null, rowspan: rowspan > 1 ? rowspan : null, style: align ? `text-align: ${align}` : null, scope: tag === "th" ? "col" : null }, 0];
    },
  });

export const TableCell = cell("tableCell", "td", "cell");
export const TableHeader = cell("tableHeader", "th", "header_cell");

export const TableRow = Node.create({
  name: "tableRow",
  content: "(tableCell | tableHeader)*",
  tableRole: "row",
  addAttributes: () => hidden,
  parseHTML: () => [{ tag: "tr" }],
  renderHTML: () => ["tr", 0],
});

export const Table = Node.create({
  name: "table",
  group: "block",
  content: "tableRow+",
  tableRole: "table",
  isolating: true,
  addAttributes: () => hidden,
  parseHTML: () => [{ tag: "table" }],
  renderHTML: () => ["div", { class: "table-wrap" }, ["table", ["tbody", 0]]],
  addProseMirrorPlugins: () => [tableEditing()],
  extendNodeSchema(extension) {
    const context = { name: extension.name, options: extension.options, storage: extension.storage };
    return { tableRole: callOrReturn(getExtensionField(extension, "tableRole" as "name", context)) as unknown };
  },
});
