import { type Editor, Extension } from "@tiptap/core";
import { NodeSelection, Plugin, PluginKey } from "@tiptap/pm/state";
import { Decoration, DecorationSet } from "@tiptap/pm/view";
import type { Host } from "../host";

type Place = { id: object; pos: number; widget: (redraw: HTMLElement) => void };
type Order = { add: Place } | { remove: object };
const key = new PluginKey<DecorationSet>("uploads");

export const Uploads = Extension.create({
  name: "uploads",
  addProseMirrorPlugins: () => [
    new Plugin<DecorationSet>({
      key,
      state: {
        init: () => DecorationSet.empty,
        apply: (tr, before) => {
          const set = before.map(tr.mapping, tr.doc);
          const order = tr.getMeta(key) as Order | undefined;
          if (order && "add" in order) {
            const { id, pos, widget } = order.add;
            const draw = () => {
              const card = document.createElement("div");
              widget(card);
              return card;
            };
            return set.add(tr.doc, [Decoration.widget(pos, draw, { id, side: -1, key: String(Math.random()), stopEvent: () => true, ignoreSelection: true })]);
          }
          if (order) return set.remove(set.find(undefined, undefined, (spec) => spec.id === order.remove));
          return set;
        },
      },
      props: { decorations: (state) => key.getState(state) },
    }),
  ],
});

const units = ["B", "kB", "MB", "GB"];
export function sizeInWords(bytes: number, number: (value: number) => string): string {
  let [value, unit] = [bytes, 0];
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${number(unit > 0 && value < 10 ? Math.round(value * 10) / 10 : Math.round(value))} ${units[unit]}`;
}

const isPicture = (file: File) => /^image\/(png|jpe?g|gif|webp|avif|svg\+xml)$/.test(file.type);

/**
 * Hands files to be kept and puts them into the text once they are: a card shows progress, a failure says why and can be tried
 * again. Nothing half-kept ever stands in the document.
 */
export function addFiles(editor: Editor, host: Host, files: readonly File[], at?: number): boolean {
  if (files.length === 0) return false;
  const { attach } = host;
  if (!attach) {
    host.tell(host.strings.attach.notHere, "refusal");
    return true;
  }
  for (const file of files) {
    const name = file.name || host.strings.image;
    if (file.size > host.limit) host.tell(host.strings.attach.tooLarge(name, sizeInWords(file.size, host.number), sizeInWords(host.limit, host.number)), "refusal");
    else if (file.size === 0) host.tell(host.strings.attach.empty(name), "refusal");
    else start(editor, host, attach, file, name, at);
  }
  return true;
}

function start(editor: Editor, host: Host, attach: NonNullable<Host["attach"]>, file: File, name: string, at: number | undefined): void {
  const id = {};
  const control = new AbortController();
  let share: number | null = null;
  let failure: string | null = null;
  let card: HTMLElement | null = null;

  const remove = () => {
    if (!editor.isDestroyed) editor.view.dispatch(editor.state.tr.setMeta(key, { remove: id } satisfies Order));
  };
  const button = (label: string, act: () => void) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = label;
    made.addEventListener("click", act);
    return made;
  };
  const draw = () => {
    if (!card) return;
    const t = host.strings.attach;
    card.className = failure === null ? "upload" : "upload upload-failed";
    card.contentEditable = "false";
    card.setAttribute("role", failure === null ? "status" : "alert");
    const words = document.createElement("span");
    words.textContent = failure === null ? (share === null ? t.sending(name) : t.percent(name, `${host.number(Math.round(share * 100))} %`)) : `${t.failed(name)} ${failure}`;
    const bar = document.createElement("progress");
    bar.max = 1;
    bar.setAttribute("aria-label", name);
    if (share !== null) bar.value = share;
    card.replaceChildren(words, ...(failure === null ? [bar, button(t.cancel, () => (control.abort(), remove(), editor.view.focus()))] : [button(t.again, () => void run()), button(t.dismiss, () => (remove(), editor.view.focus()))]));
  };
  const run = async () => {
    failure = null;
    share = null;
    draw();
    try {
      const kept = await attach(file, { progress: (now) => ((share = Math.min(1, Math.max(0, now))), draw()), signal: control.signal });
      if (control.signal.aborted || editor.isDestroyed) return;
      const found = key.getState(editor.state)?.find(undefined, undefined, (spec) => spec.id === id)[0];
      if (!found) return;
      const { schema } = editor;
      const picture = isPicture(file);
      const node = picture
        ? schema.nodes.image!.create({ attachment: kept.attachment })
        : schema.nodes.attachment!.create({ attachment: kept.attachment, name: kept.name ?? name, size_bytes: kept.size_bytes ?? file.size, mime: kept.mime ?? (file.type || undefined) });
      const { tr } = editor.state;
      const $pos = tr.doc.resolve(found.from);
      let pos = found.from;
      if ($pos.depth > 0) {
        let depth = $pos.depth;
        while (depth > 0 && !$pos.node(depth - 1).canReplaceWith($pos.indexAfter(depth - 1), $pos.indexAfter(depth - 1), node.type)) depth--;
        const empty = depth === $pos.depth && $pos.parent.content.size === 0;
        pos = empty ? $pos.before(depth) : $pos.after(Math.max(1, depth));
        if (empty) tr.delete($pos.before(depth), $pos.after(depth));
      }
      tr.insert(pos, node);
      if (pos + node.nodeSize >= tr.doc.content.size) tr.insert(pos + node.nodeSize, schema.node("paragraph"));
      tr.setMeta(key, { remove: id } satisfies Order);
      // The description is asked for at once, while it is known what the picture shows.
      const asks = picture && editor.isFocused;
      if (asks) tr.setSelection(NodeSelection.create(tr.doc, pos));
      editor.view.dispatch(tr.scrollIntoView());
      if (asks) host.openBox("block");
    } catch (thrown) {
      if (control.signal.aborted) return;
      failure = thrown instanceof Error ? thrown.message : String(thrown);
      draw();
    }
  };
  const pos = at ?? editor.state.selection.from;
  editor.view.dispatch(editor.state.tr.setMeta(key, { add: { id, pos, widget: (made) => ((card = made), draw()) } } satisfies Order));
  void run();
}
