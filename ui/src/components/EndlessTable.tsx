import { useElementSize, useMergedRef } from "@mantine/hooks";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import type { QueryKey } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type ReactNode, useCallback, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useFormat } from "../format";
import type { Page } from "../platform";
import { useStrings } from "../strings";
import { type Part, useEndless } from "./endless";
import classes from "./EndlessTable.module.css";
import { FailureNote } from "./FailureNote";

export type Column<T> = {
  id: string;
  header: string;
  cell: (row: T) => ReactNode;
  /** A grid track: "minmax(160px, 2fr)" or "96px". */
  width: string;
  /** The `sort` value the server knows for this column. Without it the column cannot be sorted. */
  sort?: string;
  align?: "end";
  /** Shown only when the table is at least this wide, in px. The first column is always shown. */
  from?: number;
};

export type Sort = { by: string; descending: boolean };

export type EndlessTableProps<T> = {
  /** What the rows are, for those who hear the page. */
  label: string;
  queryKey: QueryKey;
  load: (part: Part) => Promise<Page<T>>;
  columns: Column<T>[];
  rowKey: (row: T) => string;
  sort: Sort;
  onSort: (sort: Sort) => void;
  onOpen?: (row: T) => void;
  /** Key of the row whose details are open beside the list. */
  openKey?: string | null;
  /** The exact number as a phrase: "1,240 people". */
  total: (formatted: string, total: number) => string;
  /** Search and filters, left of the total. */
  toolbar?: ReactNode;
  /** What stands here when nothing matches. */
  empty: ReactNode;
};

export const rowHeight = 48;
const headHeight = 36;
/** Engines cap an element at about 33,000,000 px; past this many rows the list shows a window that moves along. */
export const windowRows = 200_000;

/** A list of any length: read page by page, drawn row by row, moved through by keyboard. */
export function EndlessTable<T>(props: EndlessTableProps<T>) {
  const { columns, rowKey, sort, onOpen, openKey = null } = props;
  const t = useStrings();
  const format = useFormat();
  const id = useId();
  const scroller = useRef<HTMLDivElement | null>(null);
  const { ref: measure, width } = useElementSize<HTMLDivElement>();
  const grid = useMergedRef(scroller, measure);
  const [active, setActive] = useState(0);
  const [base, setBase] = useState(0);
  const [range, setRange] = useState({ first: 0, last: 30 });

  const endless = useEndless(props.queryKey, props.load, range.first, range.last);
  const { count, rowAt } = endless;
  const inWindow = Math.min(Math.max(0, count - base), windowRows);

  const virtual = useVirtualizer({
    count: inWindow,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollMargin: headHeight,
    scrollPaddingStart: headHeight,
  });
  const items = virtual.getVirtualItems();
  const first = base + (items[0]?.index ?? 0);
  const last = base + (items.at(-1)?.index ?? 30);
  useEffect(() => setRange((old) => (old.first === first && old.last === last ? old : { first, last })), [first, last]);

  // Moving the window keeps every row where the eye has it: the base and the scroll offset change in the same frame.
  const shift = useRef(0);
  useLayoutEffect(() => {
    if (shift.current !== 0 && scroller.current) scroller.current.scrollTop -= shift.current * rowHeight;
    shift.current = 0;
  }, [base]);
  const near = windowRows / 20;
  useEffect(() => {
    const lowest = (items.at(-1)?.index ?? 0) > windowRows - near && base + windowRows < count;
    const highest = base > 0 && (items[0]?.index ?? 0) < near;
    if (!lowest && !highest) return;
    shift.current = lowest ? windowRows / 2 : -windowRows / 2;
    setBase(base + shift.current);
  }, [items, base, count, near]);

  // Another search or order is another list: it starts at its top.
  const list = JSON.stringify(props.queryKey);
  useEffect(() => {
    setActive(0);
    setBase(0);
    scroller.current?.scrollTo?.({ top: 0 });
  }, [list]);

  const shown = useMemo(() => columns.filter((column, place) => place === 0 || width === 0 || width >= (column.from ?? 0)), [columns, width]);
  const template = { gridTemplateColumns: shown.map((column) => column.width).join(" ") };

  const moveTo = useCallback(
    (row: number) => {
      if (count === 0) return;
      const next = Math.min(Math.max(0, row), count - 1);
      setActive(next);
      if (next < base) {
        setBase(0);
        scroller.current?.scrollTo?.({ top: next * rowHeight });
      } else virtual.scrollToIndex(next - base);
    },
    [count, base, virtual],
  );
  const open = (index: number) => {
    const row = rowAt(index);
    if (row !== undefined) onOpen?.(row);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.altKey || event.metaKey) return;
    const page = Math.max(1, Math.floor(((scroller.current?.clientHeight ?? 480) - headHeight) / rowHeight) - 1);
    const moves: Record<string, () => void> = {
      ArrowDown: () => moveTo(active + 1),
      ArrowUp: () => moveTo(active - 1),
      PageDown: () => moveTo(active + page),
      PageUp: () => moveTo(active - page),
      Home: () => moveTo(0),
      End: () => moveTo(count - 1),
      Enter: () => open(active),
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    move();
  };

  const nothing = !endless.loading && !endless.failure && endless.total === 0 && count === 0;
  const broken = endless.failure !== null && count === 0;
  const activeShown = items.some((item) => base + item.index === active);

  return (
    <div className={classes.frame}>
      <div className={classes.toolbar}>
        {props.toolbar}
        <div className={classes.total} role="status">
          {endless.total === undefined ? "" : props.total(format.number(endless.total), endless.total)}
        </div>
      </div>
      {broken ? (
        <div className={classes.message}>
          <FailureNote title={t.words.couldNotLoad} failure={endless.failure} onRetry={endless.retry} />
        </div>
      ) : nothing ? (
        <div className={classes.message}>{props.empty}</div>
      ) : (
        <div
          ref={grid}
          id={id}
          className={`${classes.grid} ${endless.outdated ? classes.outdated : ""}`}
          role="grid"
          aria-label={props.label}
          aria-rowcount={endless.total === undefined ? -1 : endless.total + 1}
          aria-colcount={shown.length}
          aria-busy={endless.loading || endless.outdated}
          aria-activedescendant={activeShown ? `${id}-${active}` : undefined}
          tabIndex={0}
          onKeyDown={onKeyDown}
        >
          <div role="rowgroup">
            <div className={classes.head} style={template} role="row" aria-rowindex={1}>
              {shown.map((column) => (
                <Heading key={column.id} column={column} sort={sort} onSort={props.onSort} />
              ))}
            </div>
          </div>
          <div role="rowgroup" className={classes.body} style={{ height: endless.loading ? rowHeight * 12 : inWindow * rowHeight }}>
            {endless.loading
              ? Array.from({ length: 12 }, (_, place) => <Bones key={place} place={place} columns={shown} template={template} />)
              : items.map((item) => {
                  const index = base + item.index;
                  const row = rowAt(index);
                  const top = item.start - headHeight;
                  if (row === undefined) return <Bones key={`bones-${index}`} place={item.index} columns={shown} template={template} />;
                  const key = rowKey(row);
                  return (
                    <div
                      key={key}
                      id={`${id}-${index}`}
                      role="row"
                      aria-rowindex={index + 2}
                      aria-selected={key === openKey}
                      data-active={index === active || undefined}
                      data-opens={onOpen ? true : undefined}
                      className={classes.row}
                      style={{ ...template, top }}
                      onClick={() => {
                        setActive(index);
                        open(index);
                      }}
                    >
                      {shown.map((column) => (
                        <div key={column.id} role="gridcell" className={`${classes.cell} ${column.align ? classes.end : ""}`}>
                          {column.cell(row)}
                        </div>
                      ))}
                    </div>
                  );
                })}
          </div>
          {endless.failure && (
            <div className={classes.below}>
              <FailureNote title={t.words.couldNotLoad} failure={endless.failure} onRetry={endless.retry} />
            </div>
          )}
        </div>
      )}
    </div>
  );
}

function Heading<T>({ column, sort, onSort }: { column: Column<T>; sort: Sort; onSort: (sort: Sort) => void }) {
  const sorted = column.sort !== undefined && sort.by === column.sort;
  const Arrow = sort.descending ? IconArrowDown : IconArrowUp;
  return (
    <div
      role="columnheader"
      aria-sort={sorted ? (sort.descending ? "descending" : "ascending") : undefined}
      className={`${classes.cell} ${column.align ? classes.end : ""}`}
    >
      {column.sort === undefined ? (
        column.header
      ) : (
        <button
          type="button"
          className={`${classes.sort} ${sorted ? classes.sorted : ""}`}
          onClick={() => onSort({ by: column.sort ?? "", descending: sorted ? !sort.descending : false })}
        >
          {column.header}
          {sorted && <Arrow size={12} aria-hidden />}
        </button>
      )}
    </div>
  );
}

const boneWidths = ["62%", "48%", "70%", "55%", "40%"];

function Bones<T>({ place, columns, template }: { place: number; columns: Column<T>[]; template: { gridTemplateColumns: string } }) {
  return (
    <div className={classes.row} style={{ ...template, top: place * rowHeight }} aria-hidden>
      {columns.map((column, at) => (
        <div key={column.id} className={classes.bone} style={{ width: boneWidths[(place + at) % boneWidths.length] }} />
      ))}
    </div>
  );
}
