import { DndContext, type DragEndEvent, type DragMoveEvent, PointerSensor, pointerWithin, useDraggable, useDroppable, useSensor, useSensors } from "@dnd-kit/core";
import { createContext, type ReactNode, useContext, useMemo, useState } from "react";

type Drag = { id: string; over: string | null; before: boolean };

const Dragged = createContext<Drag | null>(null);

const pointer = { activationConstraint: { distance: 6 } };
// The list says what moves in words of its own.
const quiet = {
  announcements: { onDragStart: () => undefined, onDragOver: () => undefined, onDragEnd: () => undefined, onDragCancel: () => undefined },
  screenReaderInstructions: { draggable: "" },
};

/** Behind which row one stands after a step; undefined where there is no further. */
export function stepTarget(ids: string[], id: string, direction: "up" | "down"): string | null | undefined {
  const at = ids.indexOf(id);
  const to = direction === "up" ? at - 1 : at + 1;
  if (at < 0 || to < 0 || to >= ids.length) return undefined;
  return direction === "up" ? (ids[to - 1] ?? null) : (ids[to] ?? null);
}

/** The rows with one of them behind `after`. */
export function moved<T extends { id: string }>(rows: T[], id: string, after: string | null): T[] {
  const row = rows.find((each) => each.id === id);
  if (!row) return rows;
  const others = rows.filter((each) => each !== row);
  const at = after === null ? 0 : others.findIndex((each) => each.id === after) + 1;
  return [...others.slice(0, at), row, ...others.slice(at)];
}

/** Rows that are dragged among each other. */
export function Sortable({ ids, onMove, onDragging, children }: { ids: string[]; onMove: (id: string, after: string | null) => void; onDragging?: (id: string) => void; children: ReactNode }) {
  const sensors = useSensors(useSensor(PointerSensor, pointer));
  const [drag, setDrag] = useState<Drag | null>(null);
  const target = (event: DragMoveEvent | DragEndEvent) => {
    const { over, active } = event;
    if (!over || over.id === active.id) return null;
    const at = event.activatorEvent instanceof MouseEvent ? event.activatorEvent.clientY + event.delta.y : over.rect.top;
    return { over: String(over.id), before: at < over.rect.top + over.rect.height / 2 };
  };
  const end = (event: DragEndEvent) => {
    setDrag(null);
    const at = target(event);
    if (!at) return;
    const id = String(event.active.id);
    const others = ids.filter((each) => each !== id);
    const after = at.before ? (others[others.indexOf(at.over) - 1] ?? null) : at.over;
    if (after !== (ids[ids.indexOf(id) - 1] ?? null)) onMove(id, after);
  };
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={pointerWithin}
      accessibility={quiet}
      onDragStart={({ active }) => {
        onDragging?.(String(active.id));
        setDrag({ id: String(active.id), over: null, before: false });
      }}
      onDragMove={(event) => {
        const at = target(event);
        setDrag((old) => (old && (old.over !== (at?.over ?? null) || old.before !== (at?.before ?? false)) ? { id: old.id, over: at?.over ?? null, before: at?.before ?? false } : old));
      }}
      onDragCancel={() => setDrag(null)}
      onDragEnd={end}
    >
      <Dragged value={drag}>{children}</Dragged>
    </DndContext>
  );
}

/** What one row of a `Sortable` needs. */
export function useSorted(id: string, fixed: boolean) {
  const drag = useDraggable({ id, disabled: fixed });
  const drop = useDroppable({ id });
  const now = useContext(Dragged);
  const setDrag = drag.setNodeRef;
  const setDrop = drop.setNodeRef;
  const ref = useMemo(
    () => (element: HTMLElement | null) => {
      setDrag(element);
      setDrop(element);
    },
    [setDrag, setDrop],
  );
  return {
    ref,
    listeners: fixed ? {} : drag.listeners,
    marks: { "data-dragging": now?.id === id || undefined, "data-line": now?.over === id ? (now.before ? "above" : "below") : undefined },
  };
}
