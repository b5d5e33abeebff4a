import { Extension } from "@tiptap/core";
import { Fragment, Slice } from "@tiptap/pm/model";
import { Plugin, PluginKey, TextSelection } from "@tiptap/pm/state";
import type { EditorView } from "@tiptap/pm/view";
import { cleanHtml } from "../clipboard/clean";
import { completedHref, safeHref } from "../document/shape";
import type { Host } from "../host";
import { addFiles } from "./uploads";

/** What was copied last in this window, with all that HTML cannot carry. */
let copied: { html: string; slice: Slice } | null = null;

const withoutIds = (fragment: Fragment): Fragment => {
  const nodes = fragment.content.map((node) => {
    if (node.isText || !("id" in node.attrs)) return node;
    return node.type.create({ ...node.attrs, id: undefined }, withoutIds(node.content), node.marks);
  });
  return Fragment.from(nodes);
};

/** `data:` pictures in pasted HTML as files, so their bytes are kept like any other. */
function pictureFile(src: string): File | null {
  const found = /^data:(image\/[\w+.-]+);base64,([A-Za-z0-9+/=\s]+)$/.exec(src);
  if (!found) return null;
  try {
    const bytes = Uint8Array.from(atob(found[2]!.replaceAll(/\s/g, "")), (char) => char.charCodeAt(0));
    return new File([bytes], `picture.${found[1]!.split("/")[1]!.replace("jpeg", "jpg").replace("svg+xml", "svg")}`, { type: found[1]! });
  } catch {
    return null;
  }
}

export const Paste = Extension.create<{ host: Host | null }>({
  name: "lessonPaste",
  addOptions: () => ({ host: null }),
  addProseMirrorPlugins() {
    const { editor } = this;
    const host = this.options.host!;
    let copying = false;
    let inline: File[] = [];
    const files = (data: DataTransfer | null) => [...(data?.files ?? [])];
    return [
      new Plugin({
        key: new PluginKey("lessonPaste"),
        props: {
          transformCopied: (slice: Slice, view: EditorView) => {
            if (copying) return slice;
            copying = true;
            try {
              copied = { html: view.serializeForClipboard(slice).dom.innerHTML, slice };
            } finally {
              copying = false;
            }
            return slice;
          },
          transformPastedHTML: (html) => {
            inline = [];
            if (/data-pm-slice/.test(html)) return html;
            const { html: clean, lostPictures } = cleanHtml(html);
            if (lostPictures > 0) host.tell(host.strings.attach.lost(lostPictures), "refusal");
            return clean.replaceAll(/<img\b[^>]*\bsrc="(data:image\/[^"]+)"[^>]*>/g, (_, src: string) => {
              const file = pictureFile(src);
              if (file) inline.push(file);
              return "";
            });
          },
          handlePaste: (view, event, slice) => {
            const data = event.clipboardData;
            const html = data?.getData("text/html") ?? "";
            // A picture copied from a page comes with HTML that only names it; from Office, with a picture of the words.
            const words = (data?.getData("text/plain") ?? "").trim();
            if (files(data).length > 0 && words === "") return addFiles(editor, host, files(data));
            const text = words;
            if (!view.state.selection.empty && view.state.selection instanceof TextSelection && safeHref(text) && completedHref(text) === text && view.state.selection.$from.parent.inlineContent) {
              const { from, to } = view.state.selection;
              view.dispatch(view.state.tr.addMark(from, to, view.state.schema.marks.link!.create({ href: text })));
              return true;
            }
            if (copied && html !== "" && html.includes(copied.html)) {
              view.dispatch(view.state.tr.replaceSelection(new Slice(withoutIds(copied.slice.content), copied.slice.openStart, copied.slice.openEnd)).scrollIntoView().setMeta("paste", true).setMeta("uiEvent", "paste"));
              return true;
            }
            if (inline.length > 0) {
              const waiting = inline;
              inline = [];
              if (slice.size > 0) view.dispatch(view.state.tr.replaceSelection(slice).scrollIntoView().setMeta("paste", true));
              return addFiles(editor, host, waiting);
            }
            return false;
          },
          handleDrop: (view, event, _slice, moved) => {
            if (moved || files(event.dataTransfer).length === 0) return false;
            const at = view.posAtCoords({ left: event.clientX, top: event.clientY });
            event.preventDefault();
            return addFiles(editor, host, files(event.dataTransfer), at?.pos);
          },
        },
      }),
    ];
  },
});
