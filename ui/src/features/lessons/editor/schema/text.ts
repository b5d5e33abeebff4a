import { InputRule, Node, textblockTypeInputRule, wrappingInputRule } from "@tiptap/core";
import type { CalloutKind } from "../document/shape";
import { calloutKinds } from "../document/shape";
import { hidden, hiddenRest, optional } from "./hidden";

export const Doc = Node.create({
  name: "doc",
  topNode: true,
  content: "block+",
  addAttributes: () => hiddenRest,
});

export const Text = Node.create({ name: "text", group: "inline" });

export const Paragraph = Node.create({
  name: "paragraph",
  priority: 1000,
  group: "block",
  content: "inline*",
  addAttributes: () => hidden,
  parseHTML: () => [{ tag: "p" }],
  renderHTML: () => ["p", { dir: "auto" }, 0],
});

export const Heading = Node.create({
  name: "heading",
  group: "block",
  content: "inline*",
  defining: true,
  addAttributes: () => ({ ...hidden, level: { default: 1, rendered: false } }),
  parseHTML: () => [1, 2, 3, 4, 5, 6].map((level) => ({ tag: `h${level}`, attrs: { level } })),
  renderHTML: ({ node }) => [`h${(node.attrs.level as number | undefined) ?? 1}`, { dir: "auto" }, 0],
  addInputRules() {
    return [1, 2, 3, 4, 5, 6].map((level) => textblockTypeInputRule({ find: new RegExp(`^(#{${level}})\\s$`), type: this.type, getAttributes: { level } }));
  },
});

export const Blockquote = Node.create({
  name: "blockquote",
  group: "block",
  content: "block+",
  defining: true,
  addAttributes: () => hidden,
  parseHTML: () => [{ tag: "blockquote" }],
  renderHTML: () => ["blockquote", { dir: "auto" }, 0],
  addInputRules() {
    return [wrappingInputRule({ find: /^\s*>\s$/, type: this.type })];
  },
});

const kindOf = (said: string | null | undefined): CalloutKind => calloutKinds.find((kind) => kind === said?.toLowerCase()) ?? "note";

export const Callout = Node.create({
  name: "callout",
  group: "block",
  content: "block+",
  defining: true,
  addAttributes: () => ({ ...hidden, kind: { default: "note", rendered: false, parseHTML: (element: HTMLElement) => kindOf(element.getAttribute("data-kind")) } }),
  parseHTML: () => [{ tag: "aside[data-kind]" }],
  renderHTML: ({ node }) => ["aside", { "data-kind": (node.attrs.kind as string | undefined) ?? "note", dir: "auto" }, 0],
  addInputRules() {
    return [wrappingInputRule({ find: /^:::(note|tip|warning|danger)\s$/, type: this.type, getAttributes: (match) => ({ kind: kindOf(match[1]) }) })];
  },
});

export const CodeBlock = Node.create({
  name: "codeBlock",
  group: "block",
  content: "text*",
  marks: "",
  code: true,
  defining: true,
  addAttributes: () => ({
    ...hidden,
    language: optional((element) => /(?:language|lang)-([\w+#-]+)/.exec(`${element.className} ${element.firstElementChild?.className ?? ""}`)?.[1] ?? null),
  }),
  parseHTML: () => [{ tag: "pre", preserveWhitespace: "full" }],
  renderHTML: ({ node }) => ["pre", ["code", node.attrs.language ? { class: `language-${String(node.attrs.language)}` } : {}, 0]],
  addInputRules() {
    return [textblockTypeInputRule({ find: /^```([\w+#-]*)[\s\n]$/, type: this.type, getAttributes: (match) => (match[1] ? { language: match[1].toLowerCase() } : {}) })];
  },
});

export const HorizontalRule = Node.create({
  name: "horizontalRule",
  group: "block",
  addAttributes: () => hidden,
  parseHTML: () => [{ tag: "hr" }],
  renderHTML: () => ["hr"],
  addInputRules() {
    return [
      new InputRule({
        find: /^(?:---|—-|\*\*\*)$/,
        handler: ({ state, range }) => {
          const { tr } = state;
          const $from = tr.doc.resolve(range.from);
          tr.delete(range.from, range.to).insert($from.before(), this.type.create());
        },
      }),
    ];
  },
});

export const HardBreak = Node.create({
  name: "hardBreak",
  group: "inline",
  inline: true,
  selectable: false,
  linebreakReplacement: true,
  addAttributes: () => hiddenRest,
  parseHTML: () => [{ tag: "br" }],
  renderHTML: () => ["br"],
  renderText: () => "\n",
  addKeyboardShortcuts() {
    const insert = () =>
      this.editor.commands.command(({ state, dispatch }) => {
        if (state.selection.$from.parent.type.spec.code) return false;
        dispatch?.(state.tr.replaceSelectionWith(this.type.create(), true).scrollIntoView());
        return true;
      });
    return { "Shift-Enter": insert, "Mod-Enter": insert };
  },
});
