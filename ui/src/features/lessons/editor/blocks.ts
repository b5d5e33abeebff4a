import type { Editor } from "@tiptap/core";
import {
  IconBlockquote, IconBulb, IconCheckbox, IconCode, IconFileDownload, IconH1, IconH2, IconH3, IconLetterT, IconList, IconListNumbers, IconMathFunction, IconMinus, IconPhoto, IconTable, IconVideo,
} from "@tabler/icons-react";
import type { ComponentType } from "react";
import type { EditorStrings } from "../../../strings/editor";
import { insertBlocks, insertTable, setCallout, setKind, toggleWrap } from "./commands";
import type { Host } from "./host";

/** Something to put in, from the menu, the toolbar or after "/". */
export type Insert = { id: string; name: string; hint: string; also: string; icon: ComponentType<{ size?: number }>; keys?: string; run: (editor: Editor) => void; needsFiles?: boolean };

export function inserts(t: EditorStrings, host: Host): Insert[] {
  const { hint } = t.slash;
  const node = (editor: Editor, name: string, attrs: Record<string, unknown> = {}) => {
    if (insertBlocks(editor, [editor.schema.node(name, attrs)], "node")) host.openBox("block");
  };
  const heading = (level: number, icon: Insert["icon"]): Insert => ({ id: `heading${level}`, name: t.heading(level), hint: hint.heading, also: `h${level} title heading überschrift`, icon, keys: `Ctrl+Alt+${level}`, run: (editor) => void setKind(editor, "heading", { level }) });
  return [
    { id: "paragraph", name: t.paragraph, hint: hint.paragraph, also: "text paragraph absatz", icon: IconLetterT, keys: "Ctrl+Alt+0", run: (editor) => void setKind(editor, "paragraph") },
    heading(1, IconH1),
    heading(2, IconH2),
    heading(3, IconH3),
    { id: "bulletList", name: t.bulletList, hint: hint.bulletList, also: "list bullet ul liste punkte", icon: IconList, keys: "Ctrl+Shift+8", run: (editor) => void editor.commands.toggleList("bulletList", "listItem") },
    { id: "orderedList", name: t.orderedList, hint: hint.orderedList, also: "list number ol liste nummer", icon: IconListNumbers, keys: "Ctrl+Shift+7", run: (editor) => void editor.commands.toggleList("orderedList", "listItem") },
    { id: "taskList", name: t.taskList, hint: hint.taskList, also: "todo task check aufgabe", icon: IconCheckbox, keys: "Ctrl+Shift+9", run: (editor) => void editor.commands.toggleList("taskList", "taskItem") },
    { id: "image", name: t.image, hint: hint.image, also: "image picture photo bild foto", icon: IconPhoto, needsFiles: true, run: () => host.pickFile("image") },
    { id: "table", name: t.table, hint: hint.table, also: "table grid tabelle", icon: IconTable, run: (editor) => void insertTable(editor) },
    { id: "callout", name: t.callout, hint: hint.callout, also: "callout note tip warning danger hinweis kasten warnung", icon: IconBulb, keys: "Ctrl+Alt+N", run: (editor) => void setCallout(editor, "note") },
    { id: "codeBlock", name: t.codeBlock, hint: hint.codeBlock, also: "code program", icon: IconCode, keys: "Ctrl+Alt+C", run: (editor) => void setKind(editor, "codeBlock") },
    { id: "quote", name: t.quote, hint: hint.quote, also: "quote zitat", icon: IconBlockquote, keys: "Ctrl+Shift+B", run: (editor) => void toggleWrap(editor, "blockquote") },
    { id: "math", name: t.math, hint: hint.math, also: "math latex formula formel gleichung", icon: IconMathFunction, run: (editor) => node(editor, "mathBlock", { latex: "" }) },
    {
      id: "mathInline", name: t.mathInline, hint: hint.math, also: "math inline formel", icon: IconMathFunction,
      run: (editor) => {
        editor.view.dispatch(editor.state.tr.replaceSelectionWith(editor.schema.node("mathInline", { latex: "" }), false));
        editor.commands.setNodeSelection(editor.state.selection.from - 1);
        host.openBox("block");
      },
    },
    { id: "video", name: t.video, hint: hint.video, also: "video film link", icon: IconVideo, run: (editor) => node(editor, "video", { url: "" }) },
    { id: "attachment", name: t.attachment, hint: hint.attachment, also: "file attachment pdf datei anhang", icon: IconFileDownload, needsFiles: true, run: () => host.pickFile("any") },
    { id: "divider", name: t.divider, hint: hint.divider, also: "divider line hr trennlinie", icon: IconMinus, run: (editor) => void insertBlocks(editor, [editor.schema.node("horizontalRule")], "node") },
  ];
}

const bare = (text: string) => text.toLowerCase().normalize("NFD").replaceAll(/\p{M}/gu, "");

/** Those whose name or further words begin like the query, names first. */
export function matching(all: Insert[], query: string): Insert[] {
  const asked = bare(query.trim());
  if (asked === "") return all;
  const score = ({ name, also }: Insert) => (bare(name).startsWith(asked) ? 0 : bare(name).includes(asked) ? 1 : bare(also).split(" ").some((word) => word.startsWith(asked)) ? 2 : 3);
  return all.map((each, place) => ({ each, place, at: score(each) })).filter(({ at }) => at < 3).toSorted((a, b) => a.at - b.at || a.place - b.place).map(({ each }) => each);
}
