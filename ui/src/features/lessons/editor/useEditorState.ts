import type { Editor } from "@tiptap/core";
import { useRef, useSyncExternalStore } from "react";

/** What `select` says of the editor, read after every transaction; the component is drawn again only when the answer differs. */
export function useEditorState<T extends object>(editor: Editor, select: (editor: Editor) => T): T {
  const last = useRef<{ key: string; value: T } | null>(null);
  const read = () => {
    const value = select(editor);
    const key = JSON.stringify(value);
    if (last.current?.key !== key) last.current = { key, value };
    return last.current.value;
  };
  return useSyncExternalStore((changed) => {
    editor.on("transaction", changed);
    editor.on("focus", changed);
    editor.on("blur", changed);
    return () => {
      editor.off("transaction", changed);
      editor.off("focus", changed);
      editor.off("blur", changed);
    };
  }, read);
}
