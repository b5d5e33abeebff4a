import type { Editor } from "@tiptap/core";
import { type RefObject, useEffect, useMemo, useRef, useState } from "react";
import type { EditorStrings } from "../../../../strings/editor";
import { inserts, matching } from "../blocks";
import classes from "../editor.module.css";
import type { Host } from "../host";
import type { Slash } from "../plugins/slash";
import { Floating } from "./Floating";

/** The blocks after "/": the focus stays in the text, arrows choose, Enter puts in, Esc leaves the "/" as it is. */
export function SlashList({ editor, host, t, surface, slash, canAttach }: { editor: Editor; host: Host; t: EditorStrings; surface: RefObject<HTMLDivElement | null>; slash: Slash; canAttach: boolean }) {
  const all = useMemo(() => inserts(t, host).filter(({ needsFiles }) => canAttach || !needsFiles), [t, host, canAttach]);
  const found = useMemo(() => matching(all, slash.query), [all, slash.query]);
  // Another word begins at the first block again.
  const [active, setActiveOf] = useState({ query: slash.query, place: 0 });
  const setActive = (place: number) => setActiveOf({ query: slash.query, place });
  const at = active.query === slash.query ? Math.min(active.place, Math.max(0, found.length - 1)) : 0;
  const list = useRef<HTMLDivElement>(null);

  const run = (place: number) => {
    const chosen = found[place];
    if (!chosen) return false;
    editor.view.dispatch(editor.state.tr.delete(slash.from, slash.to));
    chosen.run(editor);
    if (!document.activeElement?.closest("[data-editor-box]")) editor.view.focus();
    return true;
  };
  const key = useRef<Host["slashKey"]>(() => false);
  key.current = (event) => {
    if (found.length === 0) return false;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      setActive((at + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length);
      return true;
    }
    return (event.key === "Enter" || event.key === "Tab") && !event.shiftKey ? run(at) : false;
  };
  const activeId = found[at] ? `slash-${found[at].id}` : undefined;
  useEffect(() => {
    const { dom } = editor.view;
    dom.setAttribute("aria-controls", "slash-list");
    if (activeId) dom.setAttribute("aria-activedescendant", activeId);
    list.current?.querySelector(`#${activeId}`)?.scrollIntoView({ block: "nearest" });
    return () => {
      dom.removeAttribute("aria-controls");
      dom.removeAttribute("aria-activedescendant");
    };
  }, [editor, activeId]);
  useEffect(() => host.onSlashKey((event) => key.current(event)), [host]);
  if (found.length === 0 && slash.query.length > 2) return null;
  return (
    <Floating editor={editor} surface={surface} at={() => editor.view.coordsAtPos(slash.from)} side="below" label={t.slash.label} onEscape={() => undefined}>
      <div ref={list} id="slash-list" role="listbox" aria-label={t.slash.label} className={classes.slash}>
        {found.map(({ id, name, hint, icon: Icon }, place) => (
          <div
            key={id}
            id={`slash-${id}`}
            role="option"
            aria-selected={place === at}
            tabIndex={-1}
            className={classes.slashItem}
            onMouseDown={(event) => event.preventDefault()}
            onMouseMove={() => place !== at && setActive(place)}
            onClick={() => run(place)}
          >
            <span className={classes.slashIcon}>
              <Icon size={18} aria-hidden />
            </span>
            <span>
              <strong>{name}</strong>
              <small>{hint}</small>
            </span>
          </div>
        ))}
        {found.length === 0 && <div className={classes.slashNone} role="option" aria-selected={false} aria-disabled tabIndex={-1}>{t.slash.nothing}</div>}
      </div>
    </Floating>
  );
}
