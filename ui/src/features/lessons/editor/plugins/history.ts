import { Extension } from "@tiptap/core";
import { redo, undo } from "@tiptap/pm/history";
import { historyPlugins } from "./undoLog";

type Options = {
  /** What was kept when the lesson was last open; null: nothing. */
  kept: unknown;
  /** It does not lead to the document that was opened. */
  onForgotten: () => void;
};

export const History = Extension.create<Options>({
  name: "history",
  addOptions: () => ({ kept: null, onForgotten: () => undefined }),
  addProseMirrorPlugins() {
    return historyPlugins(this.options.kept, this.options.onForgotten);
  },
  addKeyboardShortcuts() {
    const run = (command: typeof undo) => () => command(this.editor.state, this.editor.view.dispatch);
    return { "Mod-z": run(undo), "Mod-Z": run(undo), "Mod-y": run(redo), "Shift-Mod-z": run(redo), "Mod-я": run(undo) };
  },
});
