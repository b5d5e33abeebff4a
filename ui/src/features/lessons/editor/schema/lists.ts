import { Node, wrappingInputRule } from "@tiptap/core";
import { hidden, optional } from "./hidden";

const list = (name: string, item: string, tag: string) =>
  Node.create({
    name,
    group: "block",
    content: `${item}+`,
    addAttributes: () => hidden,
    parseHTML: () => [{ tag }],
    renderHTML: () => [tag, 0],
  });

export const BulletList = list("bulletList", "listItem", "ul").extend({
  addInputRules() {
    return [wrappingInputRule({ find: /^\s*([-+*•])\s$/, type: this.type })];
  },
});

export const OrderedList = list("orderedList", "listItem", "ol").extend({
  addAttributes: () => ({
    ...hidden,
    start: optional((element) => {
      const start = Number.parseInt(element.getAttribute("start") ?? "", 10);
      return start >= 0 && start !== 1 ? start : null;
    }),
  }),
  renderHTML: ({ node }) => ["ol", { start: typeof node.attrs.start === "number" && node.attrs.start !== 1 ? node.attrs.start : null }, 0],
  addInputRules() {
    return [
      wrappingInputRule({
        find: /^(\d{1,9})[.)]\s$/,
        type: this.type,
        getAttributes: (match) => (Number(match[1]) === 1 ? {} : { start: Number(match[1]) }),
        joinPredicate: (match, node) => node.childCount + ((node.attrs.start as number | undefined) ?? 1) === Number(match[1]),
      }),
    ];
  },
});

export const ListItem = Node.create({
  name: "listItem",
  // The first is a paragraph, so an item can be split, joined and merged by its words.
  content: "(paragraph | unknownBlock) block*",
  defining: true,
  addAttributes: () => hidden,
  parseHTML: () => [{ tag: "li" }],
  renderHTML: () => ["li", { dir: "auto" }, 0],
  addKeyboardShortcuts() {
    return { Enter: () => this.editor.commands.splitListItem(this.name) };
  },
});

export const TaskList = list("taskList", "taskItem", "ul").extend({
  priority: 60,
  parseHTML: () => [{ tag: 'ul[data-type="taskList"]', priority: 60 }],
  renderHTML: () => ["ul", { "data-type": "taskList" }, 0],
});

export const TaskItem = Node.create({
  name: "taskItem",
  // The first is a paragraph, so an item can be split, joined and merged by its words.
  content: "(paragraph | unknownBlock) block*",
  defining: true,
  addAttributes: () => ({
    ...hidden,
    checked: { default: false, rendered: false, keepOnSplit: false, parseHTML: (element: HTMLElement) => element.getAttribute("data-checked") === "true" },
  }),
  parseHTML: () => [{ tag: 'li[data-type="taskItem"]', priority: 60 }],
  renderHTML: ({ node }) => ["li", { "data-type": "taskItem", "data-checked": String(node.attrs.checked === true), dir: "auto" }, 0],
  addKeyboardShortcuts() {
    return { Enter: () => this.editor.commands.splitListItem(this.name) };
  },
  addInputRules() {
    return [wrappingInputRule({ find: /^\s*\[([ xX]?)\]\s$/, type: this.type, getAttributes: (match) => ({ checked: match[1]?.toLowerCase() === "x" }) })];
  },
});
