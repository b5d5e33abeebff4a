import { Extension } from "@tiptap/core";
import { NodeSelection, Plugin, PluginKey } from "@tiptap/pm/state";
import type { EditorView } from "@tiptap/pm/view";
import { sliceOf } from "../commands";
import type { Host } from "../host";

const key = new PluginKey("handle");

/** A grip beside the block under the pointer: drag to move it. By keyboard the same is Alt+Shift+↑ and ↓. */
export const DragHandle = Extension.create<{ host: Host | null }>({
  name: "dragHandle",
  addOptions: () => ({ host: null }),
  addProseMirrorPlugins() {
    const { editor } = this;
    const host = this.options.host!;
    return [
      new Plugin({
        key,
        view: (view: EditorView) => {
          const grip = document.createElement("div");
          grip.className = "grip";
          grip.draggable = true;
          grip.hidden = true;
          grip.setAttribute("aria-hidden", "true");
          const name = () => {
            grip.title = `${host.strings.blockMenu.handle} (Alt+Shift+↑ ↓)`;
          };
          name();
          host.redraw.add(name);
          let pos: number | null = null;
          const around = view.dom.parentElement;
          around?.append(grip);

          const over = (event: MouseEvent) => {
            if (!editor.isEditable || view.dragging) return;
            let block = event.target instanceof Node ? (event.target as HTMLElement) : null;
            if (block === grip || grip.contains(block)) return;
            if (!block || !view.dom.contains(block) || block === view.dom) {
              // In the margin: the block at this height.
              block = [...view.dom.children].find((child) => {
                const { top, bottom } = child.getBoundingClientRect();
                return top <= event.clientY && event.clientY <= bottom;
              }) as HTMLElement | null;
            }
            while (block && block.parentElement !== view.dom) block = block.parentElement;
            if (!block || !around) {
              grip.hidden = true;
              return;
            }
            const inside = view.posAtDOM(block, 0);
            const $inside = view.state.doc.resolve(Math.min(inside, view.state.doc.content.size));
            pos = $inside.depth > 0 ? $inside.before(1) : inside;
            const box = block.getBoundingClientRect();
            const base = around.getBoundingClientRect();
            grip.style.top = `${box.top - base.top + around.scrollTop + Math.min(6, box.height / 2)}px`;
            grip.hidden = false;
          };
          const leave = () => {
            if (!grip.hidden) grip.hidden = true;
          };
          const choose = () => {
            if (pos === null || !view.state.doc.nodeAt(pos)) return null;
            const selection = NodeSelection.create(view.state.doc, pos);
            view.dispatch(view.state.tr.setSelection(selection));
            return selection;
          };
          grip.addEventListener("click", () => {
            choose();
            view.focus();
          });
          grip.addEventListener("dragstart", (event) => {
            const selection = choose();
            if (!selection || !event.dataTransfer) return;
            const dom = view.nodeDOM(selection.from);
            const { dom: html, text } = view.serializeForClipboard(selection.content());
            event.dataTransfer.clearData();
            event.dataTransfer.setData("text/html", html.innerHTML);
            event.dataTransfer.setData("text/plain", text);
            event.dataTransfer.effectAllowed = "copyMove";
            if (dom instanceof HTMLElement) event.dataTransfer.setDragImage(dom, 0, 0);
            view.dragging = { slice: sliceOf(selection.node), move: true };
          });
          grip.addEventListener("dragend", () => {
            view.dragging = null;
          });
          around?.addEventListener("mousemove", over);
          around?.addEventListener("mouseleave", leave);
          view.dom.addEventListener("keydown", leave);
          return {
            destroy: () => {
              around?.removeEventListener("mousemove", over);
              around?.removeEventListener("mouseleave", leave);
              view.dom.removeEventListener("keydown", leave);
              host.redraw.delete(name);
              grip.remove();
            },
          };
        },
      }),
    ];
  },
});
