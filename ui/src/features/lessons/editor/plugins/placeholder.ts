import { Extension } from "@tiptap/core";
import { Plugin, PluginKey } from "@tiptap/pm/state";
import { Decoration, DecorationSet } from "@tiptap/pm/view";
import type { Host } from "../host";

/** What to do in an empty line, shown in the one the cursor is in. */
export const Placeholder = Extension.create<{ host: Host | null }>({
  name: "placeholder",
  addOptions: () => ({ host: null }),
  addProseMirrorPlugins() {
    const { editor } = this;
    const host = this.options.host!;
    return [
      new Plugin({
        key: new PluginKey("placeholder"),
        props: {
          decorations: ({ doc, selection }) => {
            const { $from, empty } = selection;
            if (!editor.isEditable || !empty || $from.depth !== 1 || $from.parent.content.size > 0) return null;
            const { name } = $from.parent.type;
            const words = name === "heading" ? host.strings.placeholderHeading : name === "paragraph" ? host.strings.placeholder : null;
            return words ? DecorationSet.create(doc, [Decoration.node($from.before(), $from.after(), { class: "empty", "data-placeholder": words })]) : null;
          },
        },
      }),
    ];
  },
});
