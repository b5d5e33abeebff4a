import { type Editor, Extension } from "@tiptap/core";
import { exitCode } from "@tiptap/pm/commands";
import { NodeSelection, Plugin, PluginKey, TextSelection } from "@tiptap/pm/state";
import { addRowAfter, goToNextCell, isInTable } from "@tiptap/pm/tables";
import { blockAt, duplicateBlock, moveBlocks, setCallout, setKind, toggleWrap } from "../commands";
import type { Host } from "../host";

/** Esc was pressed: the next Tab belongs to the window. */
const leaving = new WeakSet<Editor>();

const inside = (editor: Editor, name: string) => {
  const { $from } = editor.state.selection;
  for (let depth = $from.depth; depth > 0; depth--) if ($from.node(depth).type.name === name) return true;
  return false;
};
const item = (editor: Editor) => (inside(editor, "taskItem") || inside(editor, "listItem") ? nearest(editor) : null);
function nearest(editor: Editor): "listItem" | "taskItem" | null {
  const { $from } = editor.state.selection;
  for (let depth = $from.depth; depth > 0; depth--) {
    const { name } = $from.node(depth).type;
    if (name === "listItem" || name === "taskItem") return name;
    if (name === "tableCell" || name === "tableHeader") return null;
  }
  return null;
}

function tab(editor: Editor, back: boolean): boolean {
  if (leaving.has(editor)) return false;
  const { state, view } = editor;
  if (isInTable(state) && nearest(editor) === null) {
    if (goToNextCell(back ? -1 : 1)(state, view.dispatch)) return true;
    if (back) return true;
    addRowAfter(state, view.dispatch);
    return goToNextCell(1)(editor.state, view.dispatch);
  }
  const kind = item(editor);
  // A Tab that cannot indent is swallowed: jumping out of the middle of a list is no indent.
  if (kind) return (back ? editor.commands.liftListItem(kind) : editor.commands.sinkListItem(kind)) || true;
  if (state.selection.$from.parent.type.spec.code) {
    if (back) {
      const { $from } = state.selection;
      const start = $from.start() + $from.parent.textContent.lastIndexOf("\n", $from.parentOffset - 1) + 1;
      const blanks = /^( {1,2}|\t)/.exec(state.doc.textBetween(start, $from.end()))?.[0].length ?? 0;
      if (blanks > 0) view.dispatch(state.tr.delete(start, start + blanks));
    } else view.dispatch(state.tr.insertText("  "));
    return true;
  }
  return false;
}

/** Two empty lines at the end of code mean the code is over. */
function leaveCode(editor: Editor): boolean {
  const { state, view } = editor;
  const { $from, empty } = state.selection;
  if (!empty || !$from.parent.type.spec.code || $from.parentOffset !== $from.parent.content.size || !$from.parent.textContent.endsWith("\n\n")) return false;
  view.dispatch(state.tr.delete($from.pos - 2, $from.pos));
  return exitCode(editor.state, view.dispatch);
}

/** Below a last block that is no plain paragraph there is always a place to go on. */
function goOn(editor: Editor): boolean {
  const { state, view } = editor;
  const { selection, doc } = state;
  if (doc.lastChild?.type.name === "paragraph") return false;
  const { $to } = selection;
  for (let depth = 0; depth < $to.depth; depth++) {
    // The cells of a row stand beside each other: below each of them is the end.
    const beside = $to.node(depth).type.name === "tableRow";
    if (!beside && $to.index(depth) < $to.node(depth).childCount - 1) return false;
  }
  if (selection instanceof TextSelection && (!selection.empty || !view.endOfTextblock("down"))) return false;
  const tr = state.tr.insert(doc.content.size, state.schema.node("paragraph"));
  view.dispatch(tr.setSelection(TextSelection.create(tr.doc, tr.doc.content.size - 1)).scrollIntoView());
  return true;
}

export const Keys = Extension.create<{ host: Host | null }>({
  name: "lessonKeys",
  priority: 2_000,
  addOptions: () => ({ host: null }),
  addKeyboardShortcuts() {
    const { editor } = this;
    const host = this.options.host!;
    const move = (by: 1 | -1) => () => {
      if (!moveBlocks(editor.state, by, editor.view.dispatch)) return true;
      const at = blockAt(editor.state);
      if (at) host.tell(host.strings.blockMenu.moved(at.index + 1, editor.state.doc.childCount));
      return true;
    };
    const heading = (level: number) => () => setKind(editor, "heading", { level });
    return {
      "Mod-k": () => (host.openBox("link"), true),
      "Mod-f": () => (host.find(false), true),
      "Mod-h": () => (host.find(true), true),
      "Alt-F10": () => (host.focusToolbar(), true),
      "Alt-Shift-ArrowUp": move(-1),
      "Alt-Shift-ArrowDown": move(1),
      "Mod-Shift-d": () => {
        const at = blockAt(editor.state);
        return at ? duplicateBlock(editor, at.pos) : false;
      },
      "Mod-Alt-0": () => setKind(editor, "paragraph"),
      "Mod-Alt-1": heading(1),
      "Mod-Alt-2": heading(2),
      "Mod-Alt-3": heading(3),
      "Mod-Alt-4": heading(4),
      "Mod-Alt-5": heading(5),
      "Mod-Alt-6": heading(6),
      "Mod-Alt-c": () => setKind(editor, "codeBlock"),
      "Mod-Alt-n": () => setCallout(editor, "note"),
      "Mod-Shift-7": () => editor.commands.toggleList("orderedList", "listItem"),
      "Mod-Shift-8": () => editor.commands.toggleList("bulletList", "listItem"),
      "Mod-Shift-9": () => editor.commands.toggleList("taskList", "taskItem"),
      "Mod-Shift-b": () => toggleWrap(editor, "blockquote"),
      "Alt-Enter": () => {
        const { selection } = editor.state;
        if (selection instanceof NodeSelection) return (host.openBox("block"), true);
        const { $from } = selection;
        for (let depth = $from.depth; depth > 0; depth--) {
          const node = $from.node(depth);
          if (node.type.name === "taskItem") {
            editor.view.dispatch(editor.state.tr.setNodeMarkup($from.before(depth), null, { ...node.attrs, checked: node.attrs.checked !== true }));
            return true;
          }
        }
        host.openBox("block");
        return true;
      },
      Enter: () => {
        if (editor.state.selection instanceof NodeSelection && editor.state.selection.node.isLeaf) return (host.openBox("block"), true);
        return leaveCode(editor);
      },
      ArrowDown: () => goOn(editor),
      Tab: () => tab(editor, false),
      "Shift-Tab": () => tab(editor, true),
      Escape: () => {
        if (leaving.has(editor)) return false;
        leaving.add(editor);
        host.tell(host.strings.leaving);
        return true;
      },
    };
  },
  addProseMirrorPlugins() {
    const { editor } = this;
    return [
      new Plugin({
        key: new PluginKey("leaving"),
        props: {
          handleDOMEvents: {
            keydown: (_, event) => {
              if (!["Escape", "Tab", "Shift"].includes(event.key)) leaving.delete(editor);
              // The second Esc is not the text's any more; ProseMirror would swallow it.
              return event.key === "Escape" && leaving.has(editor);
            },
            blur: () => (leaving.delete(editor), false),
            mousedown: () => (leaving.delete(editor), false),
          },
        },
      }),
    ];
  },
});
