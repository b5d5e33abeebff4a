import { Editor, Extension } from "@tiptap/core";
import { ListKeymap } from "@tiptap/extension-list";
import { dropCursor } from "@tiptap/pm/dropcursor";
import { gapCursor } from "@tiptap/pm/gapcursor";
import { documentFromJson } from "./document/json";
import type { LessonDocument } from "./document/shape";
import type { Host } from "./host";
import { CodeColours } from "./plugins/colours";
import { Find } from "./plugins/find";
import { Guard } from "./plugins/guard";
import { DragHandle } from "./plugins/handle";
import { History } from "./plugins/history";
import { BlockIds } from "./plugins/ids";
import { Keys } from "./plugins/keys";
import { Paste } from "./plugins/paste";
import { Placeholder } from "./plugins/placeholder";
import { SlashMenu } from "./plugins/slash";
import { Uploads } from "./plugins/uploads";
import { withViews } from "./plugins/views";
import { lessonSchema, schemaExtensions } from "./schema";

const Cursors = Extension.create({
  name: "cursors",
  addProseMirrorPlugins: () => [dropCursor({ width: 2, class: "drop-cursor", color: false }), gapCursor()],
});

/**
 * The editor over a stored document. `repaired` names blocks that got an id and are to be kept with the next change; `kept`
 * is what was kept for taking steps back, `onForgotten` hears when it does not lead to this document.
 */
export function createEditor(element: HTMLElement, json: LessonDocument, host: Host, editable: boolean, describedBy: string, kept: unknown, onForgotten: () => void): { editor: Editor; repaired: string[] } {
  const { doc, repaired } = documentFromJson(lessonSchema, json);
  const editor = new Editor({
    element,
    editable,
    injectCSS: false,
    enableCoreExtensions: { delete: false, textDirection: false },
    extensions: [
      ...withViews(schemaExtensions, host),
      BlockIds, History.configure({ kept, onForgotten }), Guard.configure({ host }), Keys.configure({ host }), Find, CodeColours, Uploads, Paste.configure({ host }),
      SlashMenu.configure({ host }), Placeholder.configure({ host }), DragHandle.configure({ host }), Cursors,
      ListKeymap.configure({
        listTypes: [
          { itemName: "listItem", wrapperNames: ["bulletList", "orderedList"] },
          { itemName: "taskItem", wrapperNames: ["taskList"] },
        ],
      }),
    ],
    content: doc.toJSON() as Record<string, unknown>,
    editorProps: {
      attributes: { role: "textbox", "aria-multiline": "true", "aria-label": host.strings.text, "aria-describedby": describedBy, spellcheck: "true", dir: "auto", translate: "no" },
      scrollThreshold: 60,
      scrollMargin: 80,
    },
  });
  return { editor, repaired };
}
