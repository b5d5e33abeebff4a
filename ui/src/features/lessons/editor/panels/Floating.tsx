import type { Editor } from "@tiptap/core";
import { type ReactNode, type RefObject, useLayoutEffect, useRef } from "react";
import classes from "../editor.module.css";

export type Spot = { top: number; bottom: number; left: number; right: number };

/** Null for a place that went away with the last change and is not drawn anew yet. */
function seen(at: () => Spot | null): Spot | null {
  try {
    return at();
  } catch {
    return null;
  }
}

/** Something beside a place of the text, kept inside the surface and in sight while the text scrolls. */
export function Floating({ editor, surface, at, side, label, onEscape, children }: {
  editor: Editor;
  surface: RefObject<HTMLDivElement | null>;
  /** Where the place is on the screen now. */
  at: () => Spot | null;
  side: "above" | "below";
  label: string;
  onEscape: () => void;
  children: ReactNode;
}) {
  const box = useRef<HTMLDivElement>(null);
  const where = useRef(at);
  where.current = at;
  useLayoutEffect(() => {
    const place = () => {
      const [own, around] = [box.current, surface.current];
      const spot = around && own ? seen(where.current) : null;
      if (!own || !around || !spot) return;
      const base = around.getBoundingClientRect();
      const size = own.getBoundingClientRect();
      const ceiling = (around.closest("[data-editor]")?.querySelector("[data-head]")?.getBoundingClientRect().bottom ?? 0) + 6;
      let top = side === "above" ? spot.top - size.height - 6 : spot.bottom + 6;
      if (side === "below" && top + size.height > innerHeight - 8 && spot.top - size.height - 6 > ceiling) top = spot.top - size.height - 6;
      if (side === "above") top = Math.min(Math.max(top, ceiling), spot.bottom + 6);
      const left = Math.max(base.left, Math.min(side === "above" ? spot.right - size.width : spot.left, base.right - size.width));
      own.style.transform = `translate(${Math.round(left - base.left)}px, ${Math.round(top - base.top)}px)`;
      own.style.opacity = "1";
    };
    place();
    const sized = new ResizeObserver(place);
    if (box.current) sized.observe(box.current);
    if (surface.current) sized.observe(surface.current);
    editor.on("transaction", place);
    addEventListener("scroll", place, true);
    return () => {
      sized.disconnect();
      editor.off("transaction", place);
      removeEventListener("scroll", place, true);
    };
  }, [editor, surface, side]);
  return (
    <div
      ref={box}
      className={classes.floating}
      data-editor-box
      role="group"
      aria-label={label}
      onKeyDown={(event) => {
        // The lesson's form must not be sent by Enter in one of these fields.
        if (event.key === "Enter" && event.target instanceof HTMLInputElement) event.preventDefault();
        if (event.key !== "Escape" || event.defaultPrevented) return;
        event.preventDefault();
        event.stopPropagation();
        onEscape();
      }}
    >
      {children}
    </div>
  );
}
