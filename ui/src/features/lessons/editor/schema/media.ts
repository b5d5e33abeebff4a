import { InputRule, Node } from "@tiptap/core";
import { hidden, hiddenRest, optional } from "./hidden";

const text = (name: string) => optional((element) => element.getAttribute(name));
const number = (name: string) => optional((element) => Number.parseInt(element.getAttribute(name) ?? "", 10) || null);

export const Image = Node.create({
  name: "image",
  group: "block",
  draggable: true,
  addAttributes: () => ({ ...hidden, attachment: text("data-attachment"), src: text("src"), alt: text("alt"), title: text("title"), width: number("width") }),
  parseHTML: () => [{ tag: "img[src], img[data-attachment]" }],
  renderHTML: ({ node }) => {
    const { attachment, src, alt, title, width } = node.attrs as Record<string, string | undefined>;
    return ["img", { "data-attachment": attachment, src, alt, title, width }];
  },
});

export const Attachment = Node.create({
  name: "attachment",
  group: "block",
  draggable: true,
  addAttributes: () => ({ ...hidden, attachment: text("data-attachment"), name: text("data-name"), size_bytes: number("data-size"), mime: text("data-mime") }),
  parseHTML: () => [{ tag: "div[data-attachment]" }],
  renderHTML: ({ node }) => {
    const { attachment, name, size_bytes, mime } = node.attrs as Record<string, string | number | undefined>;
    return ["div", { "data-attachment": attachment ?? "", "data-name": name, "data-size": size_bytes, "data-mime": mime }, String(name ?? "")];
  },
});

export const Video = Node.create({
  name: "video",
  group: "block",
  draggable: true,
  addAttributes: () => ({ ...hidden, url: text("data-url"), title: text("data-title") }),
  parseHTML: () => [
    { tag: "div[data-url]" },
    // An embedded player from a web page becomes a link to what it plays; nothing remote is loaded.
    { tag: "iframe[src^='https:']", getAttrs: (element) => ({ url: (element as HTMLElement).getAttribute("src"), title: (element as HTMLElement).getAttribute("title") ?? undefined }) },
  ],
  renderHTML: ({ node }) => ["div", { "data-url": (node.attrs.url as string | undefined) ?? "", "data-title": node.attrs.title as string | undefined }, String(node.attrs.url ?? "")],
});

export const MathBlock = Node.create({
  name: "mathBlock",
  group: "block",
  draggable: true,
  addAttributes: () => ({ ...hidden, latex: text("data-latex") }),
  parseHTML: () => [{ tag: "div[data-latex]" }],
  renderHTML: ({ node }) => ["div", { "data-latex": (node.attrs.latex as string | undefined) ?? "" }, String(node.attrs.latex ?? "")],
  renderText: ({ node }) => `$$${String(node.attrs.latex ?? "")}$$`,
});

export const MathInline = Node.create({
  name: "mathInline",
  group: "inline",
  inline: true,
  addAttributes: () => ({ ...hiddenRest, latex: text("data-latex") }),
  parseHTML: () => [{ tag: "span[data-latex]" }],
  renderHTML: ({ node }) => ["span", { "data-latex": (node.attrs.latex as string | undefined) ?? "" }, String(node.attrs.latex ?? "")],
  renderText: ({ node }) => `$${String(node.attrs.latex ?? "")}$`,
  addInputRules() {
    return [
      new InputRule({
        // "$5 and $6" stays money: a formula has no blank at its inner ends and no digit after it.
        find: /(?:^|[\s(])\$([^\s$](?:[^$\n]*[^\s$])?)\$(?=$)/,
        handler: ({ state, range, match }) => {
          const latex = match[1] ?? "";
          if (/^\d+([.,]\d+)?\s+\S+.*$/.test(latex)) return null;
          // A blank or bracket before the first $ stays.
          const from = range.from + match[0].length - latex.length - 2;
          state.tr.replaceWith(from, range.to, this.type.create({ latex }));
          return undefined;
        },
      }),
    ];
  },
});
