import { Extension } from "@tiptap/core";
import { history, redo, undo } from "@tiptap/pm/history";

export const History = Extension.create({
  name: "history",
  addProseMirrorPlugins: () => [history({ depth: 1_000, newGroupDelay: 500 })],
  addKeyboardShortcuts() {
    const run = (command: typeof undo) => () => command(this.editor.state, this.editor.view.dispatch);
    return { "Mod-z": run(undo), "Mod-Z": run(undo), "Mod-y": run(redo), "Shift-Mod-z": run(redo), "Mod-я": run(undo) };
  },
});
