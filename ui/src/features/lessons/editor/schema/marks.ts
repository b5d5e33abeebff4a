import { Mark, markInputRule, type MarkConfig } from "@tiptap/core";
import { safeHref } from "../document/shape";
import { hiddenRest, optional } from "./hidden";

const simple = (name: string, tag: string, config: Partial<MarkConfig> & { keys?: string[]; rule?: RegExp }) => {
  const { keys = [], rule, ...more } = config;
  return Mark.create({
    name,
    addAttributes: () => hiddenRest,
    renderHTML: () => [tag, 0],
    addKeyboardShortcuts() {
      return Object.fromEntries(keys.map((key) => [key, () => this.editor.commands.toggleMark(this.name)]));
    },
    addInputRules() {
      return rule ? [markInputRule({ find: rule, type: this.type })] : [];
    },
    ...more,
  } as MarkConfig);
};

export const Bold = simple("bold", "strong", {
  keys: ["Mod-b", "Mod-B"],
  rule: /(?:^|[^\w*])(\*\*(?!\s)((?:[^*]+))(?<!\s)\*\*)$/,
  parseHTML: () => [
    { tag: "strong" },
    { tag: "b", getAttrs: (element) => (/^(normal|400)$/.test((element as HTMLElement).style.fontWeight) ? false : null) },
    { style: "font-weight", getAttrs: (weight) => (/^(bold(er)?|[6-9]\d{2})$/.test(weight as unknown as string) ? null : false) },
  ],
});
export const Italic = simple("italic", "em", {
  keys: ["Mod-i", "Mod-I"],
  rule: /(?:^|[^\w*_])([*_](?![\s*_])([^*_]+)(?<!\s)[*_])$/,
  parseHTML: () => [{ tag: "em" }, { tag: "i", getAttrs: (element) => ((element as HTMLElement).style.fontStyle === "normal" ? false : null) }, { style: "font-style=italic" }],
});
export const Underline = simple("underline", "u", { keys: ["Mod-u", "Mod-U"], parseHTML: () => [{ tag: "u" }, { tag: "ins" }, { style: "text-decoration", consuming: false, getAttrs: (style) => ((style as unknown as string).includes("underline") ? {} : false) }] });
export const Strike = simple("strike", "s", {
  keys: ["Mod-Shift-s"],
  rule: /(?:^|[^\w~])(~~(?!\s)([^~]+)(?<!\s)~~)$/,
  parseHTML: () => [{ tag: "s" }, { tag: "del" }, { tag: "strike" }, { style: "text-decoration", consuming: false, getAttrs: (style) => ((style as unknown as string).includes("line-through") ? {} : false) }],
});
export const Code = simple("code", "code", { keys: ["Mod-e"], code: true, rule: /(?:^|[^`])(`([^`]+)`)$/, parseHTML: () => [{ tag: "code" }, { tag: "kbd" }, { tag: "samp" }] });
export const Highlight = simple("highlight", "mark", { keys: ["Mod-Shift-h"], rule: /(?:^|[^\w=])(==(?!\s)([^=]+)(?<!\s)==)$/, parseHTML: () => [{ tag: "mark" }] });
export const Subscript = simple("subscript", "sub", { keys: ["Mod-,"], excludes: "superscript subscript", parseHTML: () => [{ tag: "sub" }, { style: "vertical-align=sub" }] });
export const Superscript = simple("superscript", "sup", { keys: ["Mod-."], excludes: "superscript subscript", parseHTML: () => [{ tag: "sup" }, { style: "vertical-align=super" }] });

export const Link = Mark.create({
  name: "link",
  priority: 1000,
  inclusive: false,
  addAttributes: () => ({ ...hiddenRest, href: optional((element) => safeHref(element.getAttribute("href"))), title: optional((element) => element.getAttribute("title")) }),
  parseHTML: () => [{ tag: "a[href]", getAttrs: (element) => (safeHref((element as HTMLElement).getAttribute("href")) ? null : false) }],
  // Never a live link inside the window: a click edits, "open" asks the system.
  renderHTML: ({ mark }) => {
    const href = safeHref(mark.attrs.href);
    return ["a", { href, title: (mark.attrs.title as string | null | undefined) ?? href, rel: "noopener noreferrer nofollow", "data-unsafe": href ? null : "true" }, 0];
  },
});
