import { Extension } from "@tiptap/core";
import { isHistoryTransaction } from "@tiptap/pm/history";
import type { Node } from "@tiptap/pm/model";
import { Plugin, PluginKey } from "@tiptap/pm/state";
import type { Host } from "../host";
import { changedChildren } from "./ids";

const held = new WeakMap<Node, readonly unknown[]>();
/** The raw JSON of everything in a block that only a newer version can show. */
function unknownIn(block: Node): readonly unknown[] {
  const before = held.get(block);
  if (before) return before;
  const found: unknown[] = [];
  const look = (node: Node) => {
    if (node.type.name === "unknownBlock" || node.type.name === "unknownInline") found.push(JSON.stringify({ ...(node.attrs.json as object), attrs: withoutId((node.attrs.json as { attrs?: object }).attrs) }));
  };
  look(block);
  block.descendants(look);
  held.set(block, found);
  return found;
}
const withoutId = (attrs: object | undefined) => (attrs && "id" in attrs ? { ...attrs, id: null } : attrs);

/** True when `now` holds everything of newer versions that `before` held, as often. */
export function keepsUnknown(before: Node, now: Node): boolean {
  const { from, toBefore, toNow } = changedChildren(before, now);
  const counts = new Map<unknown, number>();
  for (let index = from; index < toBefore; index++) for (const each of unknownIn(before.child(index))) counts.set(each, (counts.get(each) ?? 0) + 1);
  if (counts.size === 0) return true;
  for (let index = from; index < toNow; index++) for (const each of unknownIn(now.child(index))) counts.set(each, (counts.get(each) ?? 0) - 1);
  return [...counts.values()].every((count) => count <= 0);
}

/** What a newer version made is removed only on purpose: a transaction that would drop it by the way is refused, with words. */
export const Guard = Extension.create<{ host: Host | null }>({
  name: "guard",
  addOptions: () => ({ host: null }),
  addProseMirrorPlugins() {
    const { host } = this.options;
    return [
      new Plugin({
        key: new PluginKey("guard"),
        filterTransaction: (tr, state) => {
          if (!tr.docChanged || tr.getMeta("onPurpose") || tr.getMeta("patch") || isHistoryTransaction(tr) || keepsUnknown(state.doc, tr.doc)) return true;
          host?.tell(host.strings.newer.guarded, "refusal");
          return false;
        },
      }),
    ];
  },
});
