import { Extension } from "@tiptap/core";
import { type EditorState, Plugin, PluginKey } from "@tiptap/pm/state";
import type { Host } from "../host";

export type Slash = { from: number; to: number; query: string };
const key = new PluginKey<{ open: Slash | null; closed: number | null }>("slash");

/** The "/word" before the cursor, at the start of a line or after a blank. */
function before(state: EditorState): Slash | null {
  const { $from, empty } = state.selection;
  if (!empty || !$from.parent.isTextblock || $from.parent.type.spec.code || $from.marks().some((mark) => mark.type.spec.code)) return null;
  const text = $from.parent.textBetween(0, $from.parentOffset, "\n", "\ufffc");
  const found = /(?:^|\s)\/([\p{L}\p{N}][\p{L}\p{N} -]{0,24}|)$/u.exec(text);
  if (!found) return null;
  const query = found[1] ?? "";
  return { from: $from.pos - query.length - 1, to: $from.pos, query };
}

export const slashState = (state: EditorState): Slash | null => key.getState(state)?.open ?? null;
export const closeSlash = (state: EditorState) => state.tr.setMeta(key, "close");

/** Opens only when "/" was typed here, never because the cursor walked past one. */
export const SlashMenu = Extension.create<{ host: Host | null }>({
  name: "slashMenu",
  priority: 3_000,
  addOptions: () => ({ host: null }),
  addProseMirrorPlugins() {
    const { host } = this.options;
    return [
      new Plugin({
        key,
        state: {
          init: () => ({ open: null, closed: null }) as { open: Slash | null; closed: number | null },
          apply: (tr, value, _, state) => {
            if (tr.getMeta(key) === "close") return { open: null, closed: value.open?.from ?? null };
            const now = before(state);
            if (!now) return { open: null, closed: null };
            if (value.closed !== null && tr.mapping.map(value.closed) === now.from) return { open: null, closed: now.from };
            if (value.open) return { open: now, closed: null };
            return { open: tr.docChanged && now.query === "" && !tr.getMeta("patch") && !tr.getMeta("paste") ? now : null, closed: null };
          },
        },
        props: {
          handleKeyDown: (view, event) => {
            if (!slashState(view.state)) return false;
            if (event.key === "Escape") {
              view.dispatch(closeSlash(view.state));
              return true;
            }
            return host?.slashKey(event) ?? false;
          },
        },
      }),
    ];
  },
});
