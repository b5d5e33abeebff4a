import { Extension } from "@tiptap/core";
import type { Node } from "@tiptap/pm/model";
import { Plugin, PluginKey } from "@tiptap/pm/state";
import { Decoration, DecorationSet, type EditorView } from "@tiptap/pm/view";
import { highlighter } from "../code";
import { changedChildren } from "./ids";

const key = new PluginKey<DecorationSet>("codeColours");
type Part = { from: number; to: number; className: string };
const parts = new WeakMap<Node, Part[]>();
/** Code longer than this stays plain: nobody reads it here, and typing must not wait for it. */
const longest = 40_000;

function partsOf(block: Node): Part[] {
  const before = parts.get(block);
  if (before) return before;
  const language = block.attrs.language as string | null | undefined;
  const tree = language && block.content.size <= longest ? highlighter.tree(language, block.textContent) : null;
  const found: Part[] = [];
  if (tree) {
    let at = 0;
    const walk = (nodes: readonly HighlightNode[], classes: string) => {
      for (const node of nodes) {
        if (node.type === "text") {
          if (classes) found.push({ from: at, to: at + (node.value ?? "").length, className: classes });
          at += (node.value ?? "").length;
        } else walk(node.children ?? [], [classes, ...((node.properties?.className as string[] | undefined) ?? [])].filter(Boolean).join(" "));
      }
    };
    walk(tree.children as HighlightNode[], "");
    parts.set(block, found);
  }
  return found;
}
type HighlightNode = { type: string; value?: string; children?: HighlightNode[]; properties?: Record<string, unknown> };

function decorationsIn(doc: Node, from: number, to: number): Decoration[] {
  const made: Decoration[] = [];
  doc.nodesBetween(from, to, (node, pos) => {
    if (node.type.name !== "codeBlock") return !node.isTextblock;
    for (const part of partsOf(node)) made.push(Decoration.inline(pos + 1 + part.from, pos + 1 + part.to, { class: part.className }));
    return false;
  });
  return made;
}

/** Colours in code blocks. A language is fetched when the first block names it; only touched blocks are coloured again. */
export const CodeColours = Extension.create({
  name: "codeColours",
  addProseMirrorPlugins: () => [
    new Plugin<DecorationSet>({
      key,
      state: {
        init: (_, { doc }) => DecorationSet.create(doc, decorationsIn(doc, 0, doc.content.size)),
        apply: (tr, before, old) => {
          if (tr.getMeta(key)) return DecorationSet.create(tr.doc, decorationsIn(tr.doc, 0, tr.doc.content.size));
          if (!tr.docChanged) return before;
          const mapped = before.map(tr.mapping, tr.doc);
          const { from, toNow } = changedChildren(old.doc, tr.doc);
          let start = 0;
          for (let index = 0; index < from; index++) start += tr.doc.child(index).nodeSize;
          let end = start;
          let code = false;
          for (let index = from; index < toNow; index++) {
            const child = tr.doc.child(index);
            end += child.nodeSize;
            code ||= child.type.name === "codeBlock" || !child.isTextblock;
          }
          return code ? mapped.remove(mapped.find(start, end)).add(tr.doc, decorationsIn(tr.doc, start, end)) : mapped;
        },
      },
      props: { decorations: (state) => key.getState(state) },
      view: (view) => {
        let gone = false;
        const fetch = (current: EditorView) => {
          const wanted = new Set<string>();
          current.state.doc.descendants((node) => {
            if (node.type.name === "codeBlock" && typeof node.attrs.language === "string") wanted.add(node.attrs.language);
            return !node.isTextblock;
          });
          void highlighter.load([...wanted]).then((news) => {
            if (news && !gone) current.dispatch(current.state.tr.setMeta(key, true).setMeta("addToHistory", false));
          });
        };
        fetch(view);
        return {
          update: (current, before) => {
            if (current.state.doc === before.doc) return;
            const { from, toNow } = changedChildren(before.doc, current.state.doc);
            let code = false;
            for (let index = from; index < toNow; index++) code ||= !/^(paragraph|heading)$/.test(current.state.doc.child(index).type.name);
            if (code) fetch(current);
          },
          destroy: () => {
            gone = true;
          },
        };
      },
    }),
  ],
});
