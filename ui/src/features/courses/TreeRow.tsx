import { ActionIcon, Badge, TextInput, Tooltip } from "@mantine/core";
import { useDraggable, useDroppable } from "@dnd-kit/core";
import { IconChevronRight, IconCloudDown, IconCloudUp, IconDots, IconFile, IconFilePlus, IconListCheck } from "@tabler/icons-react";
import { Fragment, memo, useEffect, useRef, useState } from "react";
import { useFormat } from "../../format";
import { failureFrom } from "../../platform";
import { useStrings } from "../../strings";
import type { ContentEdits, TreeAct } from "./ContentTree";
import { told } from "./courseFields";
import { RowMenu } from "./RowMenu";
import { titleProblem } from "./rules";
import { entryOf, type Row, titleOf } from "./tree";
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
  /** Given while the row's menu is open: what can be done. */
  menu: ContentEdits | null;
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

type Mark = { label: string; color?: string; why?: string; icon?: typeof IconCloudUp };

/** One line of the tree. Keys are answered by the tree; everything a pointer can do here has a key or a menu entry too. */
export const TreeRow = memo(function TreeRow(props: RowProps) {
  const t = useStrings();
  const format = useFormat();
  const { row, readOnly, on } = props;
  const factOf = (of: Row): string | null => {
    if (of.kind === "subCourse") return [of.lessons > 0 || of.quizzes === 0 ? t.courses.tree.subCourseLessons(of.lessons, format.number(of.lessons)) : null, of.quizzes > 0 ? t.courses.tree.quizCount(of.quizzes, format.number(of.quizzes)) : null].filter((part) => part !== null).join(", ");
    if (of.kind === "quiz") return t.courses.tree.questionCount(of.leaf.questions ?? 0, format.number(of.leaf.questions ?? 0));
    return of.leaf.durationMinutes ? format.minutes(of.leaf.durationMinutes) : null;
  };
  /** What is worth knowing before the row is opened; what asks for something comes first. */
  const marksOf = (of: Row): Mark[] => {
    if (of.archived) return [{ label: t.words.archived }];
    const { state, refused, conflicts = 0, isChangedSince, isDownloaded, publishedAt } = entryOf(of);
    const marks: Mark[] = [];
    if (state === "refused") marks.push({ label: t.courses.tree.refused, color: "red", why: refused ?? undefined });
    if (conflicts > 0) marks.push({ label: t.courses.tree.conflicts(conflicts, format.number(conflicts)), color: "amber" });
    if (publishedAt === null) marks.push({ label: t.courses.tree.draft });
    else if (isChangedSince) marks.push({ label: t.courses.tree.changedSince });
    if (isDownloaded === false) marks.push({ label: t.courses.tree.toDownload, icon: IconCloudDown });
    if (state === "here") marks.push({ label: t.courses.tree.savedHere, icon: IconCloudUp });
    return marks;
  };
  const onAct = (what: TreeAct) => on.act(row, what);
  const title = titleOf(row);
  const fixed = readOnly || row.archived || props.renaming;
  const drag = useDraggable({ id: row.id, disabled: fixed });
  const drop = useDroppable({ id: row.id });
  const entry = entryOf(row);
  const fact = factOf(row);
  const marks = marksOf(row);
  const kind = row.kind === "subCourse" ? t.courses.tree.subCourse : row.kind === "quiz" ? t.courses.tree.quiz : t.courses.tree.lesson;
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
      aria-label={[title, fact, ...marks.map(({ label }) => label), kind, row.archived || entry.publishedAt === null ? null : t.courses.published].filter((part) => part !== null).join(", ")}
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
        ) : row.kind === "quiz" ? (
          <IconListCheck size={16} stroke={1.6} aria-hidden />
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
            {marks.map((mark) => (
              <Fragment key={mark.label}>
                {mark.icon ? (
                  <Tooltip label={mark.label} withinPortal>
                    <span className={classes.mark}>
                      <mark.icon size={16} stroke={1.6} aria-hidden />
                    </span>
                  </Tooltip>
                ) : (
                  <Badge component="span" size="sm" variant={row.archived ? "default" : "light"} color={mark.color ?? "gray"} tt="none" fw={500} title={mark.why}>
                    {mark.label}
                  </Badge>
                )}{" "}
              </Fragment>
            ))}
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
                <RowMenu row={row} edits={props.menu} onAct={onAct} onClose={() => on.closeMenu(row)} />
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
