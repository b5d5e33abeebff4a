import { ActionIcon, Badge, TextInput } from "@mantine/core";
import { useDraggable, useDroppable } from "@dnd-kit/core";
import { IconChevronRight, IconDots, IconFile, IconFilePlus } from "@tabler/icons-react";
import { memo, useEffect, useRef, useState } from "react";
import { useFormat } from "../../format";
import { type CourseDetail, failureFrom } from "../../platform";
import { useStrings } from "../../strings";
import type { TreeAct } from "./ContentTree";
import { told } from "./courseFields";
import { RowMenu } from "./RowMenu";
import { titleProblem } from "./rules";
import { type Row, titleOf } from "./tree";
import classes from "./tree.module.css";

/** What a row tells the tree. The object never changes, so a row draws itself again only when something of it did. */
export type RowCalls = {
  act: (row: Row, what: TreeAct) => void;
  focus: (row: Row) => void;
  closeMenu: (row: Row) => void;
  rename: (row: Row, title: string) => Promise<unknown>;
  endRename: (row: Row) => void;
  reread: () => void;
};

type RowProps = {
  row: Row;
  /** Given while the row's menu is open: what may be moved where. */
  menu: CourseDetail | null;
  /** Its lesson is open in the panel. */
  current: boolean;
  tabStop: boolean;
  readOnly: boolean;
  dragging: boolean;
  /** Where a dragged row would be put. */
  line: "above" | "below" | null;
  renaming: boolean;
  on: RowCalls;
};

/** Rows are made anew from the course each time; most of them say the same as before. */
function sameRow({ row: a, ...before }: RowProps, { row: b, ...after }: RowProps): boolean {
  const shallow = (x: object, y: object) => Object.keys(y).every((key) => Object.is(x[key as keyof typeof x], y[key as keyof typeof y]));
  return a.kind === b.kind && shallow(a, b) && shallow(before, after);
}

/** One line of the tree. Keys are answered by the tree; everything a pointer can do here has a key or a menu entry too. */
export const TreeRow = memo(function TreeRow(props: RowProps) {
  const t = useStrings();
  const format = useFormat();
  const { row, readOnly, on } = props;
  const onAct = (what: TreeAct) => on.act(row, what);
  const title = titleOf(row);
  const fixed = readOnly || row.archived || props.renaming;
  const drag = useDraggable({ id: row.id, disabled: fixed });
  const drop = useDroppable({ id: row.id });
  const fact =
    row.kind === "subCourse"
      ? t.courses.tree.subCourseLessons(row.lessons, format.number(row.lessons))
      : row.lesson.durationMinutes > 0
        ? format.minutes(row.lesson.durationMinutes)
        : null;
  const published = row.kind === "lesson" ? row.lesson.publishedAt !== null : row.subCourse.publishedAt !== null;
  const mark = row.archived ? t.words.archived : published ? null : t.courses.tree.draft;
  return (
    <div
      ref={(element) => {
        drag.setNodeRef(element);
        drop.setNodeRef(element);
      }}
      id={`row-${row.id}`}
      role="treeitem"
      aria-level={row.level}
      aria-posinset={row.place}
      aria-setsize={row.of}
      aria-expanded={row.kind === "subCourse" ? row.expanded : undefined}
      aria-selected={props.current}
      // What is seen comes first and in its order, so that who speaks to the window can say what they see.
      aria-label={[title, fact, mark, row.kind === "subCourse" ? t.courses.tree.subCourse : t.courses.tree.lesson, mark === null ? t.courses.published : null].filter((part) => part !== null).join(", ")}
      tabIndex={props.tabStop && !props.renaming ? 0 : -1}
      className={classes.row}
      data-level={row.level}
      data-kind={row.kind}
      data-archived={row.archived || undefined}
      data-dragging={props.dragging || undefined}
      data-line={props.line ?? undefined}
      data-menu={props.menu !== null || undefined}
      onFocus={(event) => event.target === event.currentTarget && on.focus(row)}
      onClick={() => !props.renaming && onAct({ do: "open" })}
      onContextMenu={(event) => {
        if (readOnly) return;
        event.preventDefault();
        onAct({ do: "menu" });
      }}
      {...(fixed ? {} : drag.listeners)}
    >
      <span className={classes.toggle}>
        {row.kind === "subCourse" ? (
          <IconChevronRight size={16} aria-hidden className={classes.chevron} data-open={row.expanded || undefined} />
        ) : (
          <IconFile size={16} stroke={1.6} aria-hidden />
        )}
      </span>
      {props.renaming ? (
        <Rename title={title} onRename={(next) => on.rename(row, next)} onEnd={() => on.endRename(row)} onStale={on.reread} />
      ) : (
        <>
          <span className={classes.title} title={title} dir="auto">
            {title}
          </span>{" "}
          <span className={classes.facts} aria-hidden>
            {fact !== null && <span className="tabular">{fact}</span>}{" "}
            {mark !== null && (
              <Badge component="span" size="sm" variant={row.archived ? "default" : "light"} color="gray" tt="none" fw={500}>
                {mark}
              </Badge>
            )}
          </span>
          {/* Reached by the menu key from the row; a tab stop for each would make the tree endless. */}
          {!readOnly && (
            <span className={classes.tools} onClick={(event) => event.stopPropagation()} onPointerDown={(event) => event.stopPropagation()} role="presentation">
              {row.kind === "subCourse" && !row.archived && (
                <ActionIcon size={26} tabIndex={-1} aria-label={t.courses.tree.addLessonIn(title)} onClick={() => onAct({ do: "add", what: "lesson" })}>
                  <IconFilePlus size={16} aria-hidden />
                </ActionIcon>
              )}
              {props.menu !== null ? (
                <RowMenu row={row} course={props.menu} onAct={onAct} onClose={() => on.closeMenu(row)} />
              ) : (
                <ActionIcon size={26} tabIndex={-1} aria-label={t.courses.tree.actionsFor(title)} aria-haspopup="menu" onClick={() => onAct({ do: "menu" })}>
                  <IconDots size={16} aria-hidden />
                </ActionIcon>
              )}
            </span>
          )}
        </>
      )}
    </div>
  );
}, sameRow);

/** Enter or leaving the field saves, Esc takes it back. A refused title stays in the field with the reason. */
function Rename({ title, onRename, onEnd, onStale }: { title: string; onRename: (title: string) => Promise<unknown>; onEnd: () => void; onStale: () => void }) {
  const t = useStrings();
  const [text, setText] = useState(title);
  const [error, setError] = useState<string | null>(null);
  const [pending, setPending] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const ended = useRef(false);
  useEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, []);
  const end = () => {
    ended.current = true;
    onEnd();
  };
  const save = async () => {
    if (pending || ended.current) return;
    const problem = told(t, titleProblem(text));
    if (problem !== null) return setError(problem);
    if (text.trim() === title) return end();
    setPending(true);
    try {
      await onRename(text.trim());
      end();
    } catch (thrown) {
      const failure = failureFrom(thrown);
      if (failure.code === "stale") onStale();
      setError([failure.message, failure.nextStep].filter(Boolean).join(" "));
      setPending(false);
      input.current?.focus();
    }
  };
  return (
    <TextInput
      ref={input}
      className={classes.input}
      size="xs"
      value={text}
      error={error}
      aria-label={t.courses.tree.renameLabel(title)}
      dir="auto"
      readOnly={pending}
      onClick={(event) => event.stopPropagation()}
      onPointerDown={(event) => event.stopPropagation()}
      onChange={(event) => {
        setText(event.currentTarget.value);
        setError(told(t, titleProblem(event.currentTarget.value)));
      }}
      onBlur={() => void save()}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.nativeEvent.isComposing) return;
        if (event.key === "Enter") {
          event.preventDefault();
          void save();
        } else if (event.key === "Escape") {
          event.preventDefault();
          end();
        }
      }}
    />
  );
}
