import { Button, Text, VisuallyHidden } from "@mantine/core";
import { DndContext, type DragEndEvent, type DragMoveEvent, PointerSensor, pointerWithin, useSensor, useSensors } from "@dnd-kit/core";
import { IconListTree } from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { EmptyState } from "../../components/EmptyState";
import { offerUndo } from "../../components/undo";
import { useStrings } from "../../strings";
import { NewRow } from "./NewRow";
import { tellRefusal } from "./refusal";
import { type Adding, afterMove, answerKey, buildTree, type Content, type Direction, dropTarget, type Kind, liveCounts, type Move, moveInto, neighbour, newRowPlace, type Row, standing, stepTarget, titleOf, visibleRows } from "./tree";
import classes from "./tree.module.css";
import { ShowArchived, TreeBar } from "./TreeBar";
import { type RowCalls, TreeRow } from "./TreeRow";

/** What can be done with the content of a course, wherever it is kept. A rejection is a refusal in words. */
export type ContentEdits = {
  /** As it will be once every move is made. */
  shown: Content;
  /** What can be added here. */
  kinds: readonly Kind[];
  move: (move: Move) => void;
  add: (row: Adding & { id: string; title: string }) => Promise<unknown>;
  rename: (row: Row, title: string) => Promise<unknown>;
  archive: (row: Row, archived: boolean) => Promise<unknown>;
  mayPublish: (row: Row) => boolean;
  publish: (row: Row, published: boolean) => Promise<unknown>;
  /** Makes a copy right behind the row, and says which it is. */
  copy?: (row: Row) => Promise<string>;
  /** Goes on without what the server refuses. */
  takeBack?: (row: Row) => Promise<unknown>;
  /** Reads again what is shown. */
  reread: () => Promise<unknown>;
};

export type TreeAct =
  | { do: "open" | "toggle" | "rename" | "archive" | "restore" | "publish" | "unpublish" | "copy" | "takeBack" | "menu" }
  | { do: "move"; direction: Direction }
  | { do: "moveInto"; subCourseId: string | null }
  | { do: "add"; what: Kind };

const directions: Record<string, Direction> = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "out", ArrowRight: "in" };

// Outside of the component: a new object each time would make every row draw itself again at every key.
const pointer = { activationConstraint: { distance: 6 } };
const quiet = {
  announcements: { onDragStart: () => undefined, onDragOver: () => undefined, onDragEnd: () => undefined, onDragCancel: () => undefined },
  screenReaderInstructions: { draggable: "" },
};

/** Which sub-courses are closed, per course, as long as the window is open. */
const closedIn = new Map<string, ReadonlySet<string>>();

/** The content of a course as a tree: walked, renamed, reordered, published and archived by keyboard and by mouse alike. */
export function ContentTree(props: {
  course: { id: string; title: string };
  edits: ContentEdits;
  readOnly: string | null;
  /** The lesson shown beside the tree. */
  openRow: string | null;
  onOpen: (row: Row) => void;
}) {
  const { course, edits, readOnly, openRow } = props;
  const { shown } = edits;
  const t = useStrings();

  const [closed, setClosedHere] = useState<ReadonlySet<string>>(() => closedIn.get(course.id) ?? new Set());
  const [withArchived, setWithArchived] = useState(false);
  const [focused, setFocused] = useState<string | null>(openRow);
  const [renaming, setRenaming] = useState<string | null>(null);
  const [menu, setMenu] = useState<string | null>(null);
  const [adding, setAdding] = useState<Adding | null>(null);
  const [round, setRound] = useState(0);
  const [said, setSaid] = useState("");
  const [drag, setDrag] = useState<{ id: string; over: string | null; before: boolean } | null>(null);

  const setClosed = (next: ReadonlySet<string>) => {
    closedIn.set(course.id, next);
    setClosedHere(next);
  };
  const rows = useMemo(() => visibleRows(buildTree(shown, withArchived), closed), [shown, withArchived, closed]);
  const counts = liveCounts(shown);
  const tabStop = rows.some((row) => row.id === focused) ? focused : (rows[0]?.id ?? null);

  // Moving a row in the document takes the focus from it; whoever works in the tree stays on their row.
  const inside = useRef(false);
  const wanted = useRef<string | null>(null);
  useLayoutEffect(() => {
    const lost = inside.current && (document.activeElement === document.body || document.activeElement === null);
    const id = wanted.current ?? (lost ? tabStop : null);
    if (id === null || renaming !== null) return;
    const element = document.getElementById(`row-${id}`);
    if (!element) return;
    wanted.current = null;
    element.focus({ preventScroll: false });
  });
  const focus = (id: string | null) => {
    if (id === null) return;
    wanted.current = id;
    setFocused(id);
  };
  useEffect(() => {
    if (openRow !== null) setFocused(openRow);
  }, [openRow]);

  const announceMove = (id: string, next: Move) => {
    const at = standing(afterMove(shown, next), id);
    if (at) setSaid(t.courses.tree.moved(at.title, at.place, at.of, at.parent));
  };
  const carry = (next: Move) => {
    if (next.kind !== "subCourse" && next.place.subCourseId !== null && closed.has(next.place.subCourseId)) {
      setClosed(new Set([...closed].filter((id) => id !== (next.place.subCourseId ?? ""))));
    }
    edits.move(next);
    announceMove(next.id, next);
    setFocused(next.id);
  };

  const putAway = async (row: Row, archived: boolean) => {
    const title = titleOf(row);
    const next = archived && !withArchived ? neighbour(rows, row.id) : row.id;
    try {
      await edits.archive(row, archived);
      if (inside.current) focus(next);
      if (!archived) {
        setSaid(t.courses.tree.restoredToast(title));
        return;
      }
      const words = row.kind === "subCourse" && row.lessons > 0 ? t.courses.tree.archivedWithLessons(title, row.lessons) : t.courses.tree.archivedToast(title);
      offerUndo(t, words, () => edits.archive(row, false));
    } catch (thrown) {
      tellRefusal(thrown);
      void edits.reread();
    }
  };
  const attempt = async (work: Promise<unknown>, done: string) => {
    try {
      await work;
      setSaid(done);
    } catch (thrown) {
      tellRefusal(thrown);
      void edits.reread();
    }
  };
  const copy = async (row: Row) => {
    try {
      const id = await edits.copy?.(row);
      if (id === undefined) return;
      setSaid(t.courses.tree.copied(titleOf(row)));
      focus(id);
    } catch (thrown) {
      tellRefusal(thrown);
    }
  };
  const beginAdding = (what: Adding["what"], row: Row | null) => {
    setRound((count) => count + 1);
    const tree = buildTree(shown, false);
    const last = (list: { id: string }[]) => list.at(-1)?.id ?? null;
    if (what === "subCourse") {
      const parent = row === null ? null : row.kind === "subCourse" ? row.subCourse : row.parent;
      setAdding({ what, subCourseId: null, after: parent?.id ?? last(tree.parts.map(({ subCourse }) => subCourse)) });
    } else if (row?.kind === "subCourse") {
      setClosed(new Set([...closed].filter((id) => id !== row.id)));
      setAdding({ what, subCourseId: row.id, after: last(tree.parts.find(({ subCourse }) => subCourse.id === row.id)?.[what] ?? []) });
    } else if (row) {
      const siblings = row.parent === null ? tree.direct : tree.parts.find(({ subCourse }) => subCourse.id === row.parent?.id);
      setAdding({ what, subCourseId: row.parent?.id ?? null, after: row.kind === what ? row.id : last(siblings?.[what] ?? []) });
    } else {
      setAdding({ what, subCourseId: null, after: last(tree.direct[what]) });
    }
  };

  const act = (row: Row, what: TreeAct) => {
    setFocused(row.id);
    if (what.do === "open") {
      if (row.kind === "subCourse") act(row, { do: "toggle" });
      else props.onOpen(row);
      return;
    }
    if (what.do === "toggle") {
      const next = new Set(closed);
      if (!next.delete(row.id)) next.add(row.id);
      setClosed(next);
      return;
    }
    if (readOnly !== null) return;
    if (what.do === "menu") setMenu(row.id);
    else if (what.do === "restore") void putAway(row, false);
    else if (row.archived) return;
    else if (what.do === "rename") setRenaming(row.id);
    else if (what.do === "archive") void putAway(row, true);
    else if (what.do === "publish") void attempt(edits.publish(row, true), t.courses.tree.publishedState(titleOf(row)));
    else if (what.do === "unpublish") void attempt(edits.publish(row, false), t.courses.tree.unpublishedState(titleOf(row)));
    else if (what.do === "copy") void copy(row);
    else if (what.do === "takeBack") void attempt(edits.takeBack?.(row) ?? Promise.resolve(), t.courses.tree.tookBack(titleOf(row)));
    else if (what.do === "moveInto") {
      const next = moveInto(shown, row, what.subCourseId);
      if (next !== null) carry(next);
    } else if (what.do === "add") beginAdding(what.what, row);
    else if (what.do === "move") {
      const next = stepTarget(shown, row.id, what.direction);
      if (next === null) setSaid(t.courses.tree.movedNowhere(titleOf(row)));
      else carry(next);
    }
  };

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const target = event.target as HTMLElement;
    const row = rows.find(({ id }) => `row-${id}` === target.id);
    if (row === undefined || event.ctrlKey || event.metaKey) return;
    const run = (what: TreeAct) => {
      event.preventDefault();
      event.stopPropagation();
      act(row, what);
    };
    const direction = directions[event.key];
    if (event.altKey) {
      if (direction) run({ do: "move", direction });
      return;
    }
    if (event.key === "Enter" || event.key === " ") return run({ do: "open" });
    if (event.key === "F2") return run({ do: "rename" });
    if (event.key === "Delete") return run({ do: "archive" });
    if (event.key === "Insert") return run({ do: "add", what: event.shiftKey ? "subCourse" : "lesson" });
    if (event.key === "ContextMenu" || (event.shiftKey && event.key === "F10")) return run({ do: "menu" });
    if (event.key === "*") {
      event.preventDefault();
      return setClosed(new Set());
    }
    const answer = answerKey(rows, row.id, event.key);
    if (answer === null) return;
    event.preventDefault();
    if ("focus" in answer) focus(answer.focus);
    else act(row, { do: "toggle" });
  };

  const sensors = useSensors(useSensor(PointerSensor, pointer));
  const target = (event: DragMoveEvent | DragEndEvent): { over: string; before: boolean } | null => {
    const over = event.over;
    if (!over) return null;
    const pointer = event.activatorEvent instanceof MouseEvent ? event.activatorEvent.clientY + event.delta.y : over.rect.top;
    return { over: String(over.id), before: pointer < over.rect.top + over.rect.height / 2 };
  };
  const onDragEnd = (event: DragEndEvent) => {
    const at = target(event);
    const id = String(event.active.id);
    setDrag(null);
    const next = at && dropTarget(shown, rows, id, at.over, at.before);
    const row = rows.find((each) => each.id === id);
    if (next) carry(next);
    else if (row) setSaid(t.courses.tree.droppedBack(titleOf(row)));
  };

  const newRow = adding && (
    <NewRow
      key={`new ${round}`}
      adding={adding}
      add={edits.add}
      onAdded={(id, title) => {
        setSaid(t.courses.tree.added(title));
        setFocused(id);
        setAdding((old) => old && { ...old, after: id });
      }}
      onEnd={() => {
        setAdding(null);
        focus(tabStop);
      }}
    />
  );
  const newAt = adding === null ? -1 : newRowPlace(rows, adding);

  const calls: RowCalls = {
    act,
    focus: (row) => setFocused(row.id),
    closeMenu: (row) => {
      setMenu(null);
      if (renaming === null && adding === null) focus(row.id);
    },
    rename: (row, name) => edits.rename(row, name),
    endRename: (row) => {
      setRenaming(null);
      focus(row.id);
    },
    reread: () => void edits.reread(),
  };
  const latest = useRef(calls);
  useLayoutEffect(() => {
    latest.current = calls;
  });
  const [on] = useState<RowCalls>(() => ({
    act: (row, what) => latest.current.act(row, what),
    focus: (row) => latest.current.focus(row),
    closeMenu: (row) => latest.current.closeMenu(row),
    rename: (row, name) => latest.current.rename(row, name),
    endRename: (row) => latest.current.endRename(row),
    reread: () => latest.current.reread(),
  }));

  // One flat list with keys: the row being written keeps its words while rows appear above it.
  const lines = rows.map((row) => {
    const over = drag?.over === row.id && dropTarget(shown, rows, drag.id, row.id, drag.before) !== null;
    return (
      <TreeRow
        key={row.id}
        row={row}
        menu={menu === row.id ? edits : null}
        current={row.id === openRow}
        tabStop={row.id === tabStop}
        readOnly={readOnly !== null}
        dragging={drag?.id === row.id}
        line={over ? (drag?.before ? "above" : "below") : null}
        renaming={renaming === row.id}
        on={on}
      />
    );
  });
  if (newRow && newAt >= 0) lines.splice(newAt, 0, newRow);

  const empty = rows.length === 0 && adding === null;
  return (
    <div
      onFocus={() => (inside.current = true)}
      onBlur={(event) => {
        // A row that is moved blurs to nothing; leaving for something else names it.
        if (event.relatedTarget !== null && !event.currentTarget.contains(event.relatedTarget)) inside.current = false;
      }}
    >
      {!empty && (
        <TreeBar
          counts={counts}
          readOnly={readOnly !== null}
          anyClosed={closed.size > 0}
          hasSubCourses={rows.some((row) => row.kind === "subCourse")}
          withArchived={withArchived}
          onArchived={setWithArchived}
          kinds={edits.kinds}
          onAdd={(what) => beginAdding(what, null)}
          onClose={(close) => setClosed(close ? new Set(shown.subCourses.map(({ id }) => id)) : new Set())}
        />
      )}
      {readOnly !== null && !empty && (
        <Text size="sm" c="dimmed" className={classes.reason}>
          {readOnly}
        </Text>
      )}
      {empty ? (
        <div className={classes.empty}>
          <EmptyState
            icon={IconListTree}
            title={t.courses.tree.empty}
            text={readOnly ?? t.courses.tree.emptyText}
            action={
              readOnly === null ? (
                <div className={classes.emptyActions}>
                  <Button size="sm" onClick={() => beginAdding("lesson", null)}>
                    {t.courses.tree.addLesson}
                  </Button>
                  <Button size="sm" variant="default" onClick={() => beginAdding("subCourse", null)}>
                    {t.courses.tree.addSubCourse}
                  </Button>
                </div>
              ) : undefined
            }
          />
          {counts.archived > 0 && <ShowArchived count={counts.archived} checked={withArchived} onChange={setWithArchived} />}
        </div>
      ) : (
        <DndContext
          sensors={sensors}
          collisionDetection={pointerWithin}
          accessibility={quiet}
          onDragStart={({ active }) => {
            const row = rows.find(({ id }) => id === active.id);
            if (row) setSaid(t.courses.tree.lifted(titleOf(row)));
            setDrag({ id: String(active.id), over: null, before: false });
          }}
          onDragMove={(event) => {
            const at = target(event);
            setDrag((old) => (old && (old.over !== (at?.over ?? null) || old.before !== (at?.before ?? false)) ? { id: old.id, over: at?.over ?? null, before: at?.before ?? false } : old));
          }}
          onDragCancel={() => setDrag(null)}
          onDragEnd={onDragEnd}
        >
          <div role="tree" tabIndex={-1} aria-label={t.courses.tree.label(course.title)} className={classes.tree} onKeyDown={onKeyDown}>
            {lines}
          </div>
        </DndContext>
      )}
      <VisuallyHidden role="status" aria-live="polite">
        {said}
      </VisuallyHidden>
    </div>
  );
}
