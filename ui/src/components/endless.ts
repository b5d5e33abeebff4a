import { type QueryKey, useQueries, useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Failure, Page } from "../platform";

/** Rows asked for at once. Large enough to stay ahead of a fast wheel, small enough to answer at once. */
export const pageSize = 100;

export type Endless<T> = {
  /** The row at this place, or undefined while its page is on the way. */
  rowAt: (index: number) => T | undefined;
  /** Rows that can be shown or are known to come. */
  count: number;
  /** Exact number for the filter, undefined until it is counted: for a search that is after its first rows. */
  total: number | undefined;
  loading: boolean;
  /** The rows on screen belong to the previous search or order. */
  outdated: boolean;
  failure: Failure | null;
  retry: () => void;
};

type Chain = { identity: string; cursors: (string | null)[] };

/** Which part of a list is asked for: a page, or only the number of all rows. */
export type Part = { cursor: string | null; limit: number; countOnly: boolean };

/**
 * Reads a list of any length page by page with keyset cursors. Only pages around the rows on screen are asked for and
 * kept fresh; a page that was seen stays on screen until its newer self arrives, so scrolling and saving show no gaps.
 */
export function useEndless<T>(
  queryKey: QueryKey,
  load: (part: Part) => Promise<Page<T>>,
  firstRow: number,
  lastRow: number,
): Endless<T> {
  const identity = JSON.stringify(queryKey);
  const [held, setChain] = useState<Chain>({ identity, cursors: [null] });
  const chain = useMemo(() => (held.identity === identity ? held : { identity, cursors: [null] }), [held, identity]);
  const seen = useRef<{ identity: string; pages: Map<number, Page<T>>; total?: number | null }>({ identity, pages: new Map() });

  const sameList = held.identity === identity;
  const from = sameList ? Math.max(0, Math.floor(firstRow / pageSize)) : 0;
  const to = sameList ? Math.floor(lastRow / pageSize) + 1 : 1;
  const wanted: number[] = [];
  for (let page = Math.min(from, chain.cursors.length - 1); page <= Math.min(to, chain.cursors.length - 1); page++) wanted.push(page);

  const results = useQueries({
    queries: wanted.map((page) => {
      const cursor = chain.cursors[page] ?? null;
      return { queryKey: [...queryKey, "page", cursor], queryFn: () => load({ cursor, limit: pageSize, countOnly: false }), gcTime: 60_000 };
    }),
  });

  const fresh = wanted.map((page, place) => [page, results[place]?.data] as const);
  const answered = fresh.some(([, data]) => data !== undefined);
  if (seen.current.identity !== identity && answered) seen.current = { identity, pages: new Map() };
  const outdated = seen.current.identity !== identity && seen.current.pages.size > 0;
  if (!outdated) {
    seen.current.identity = identity;
    for (const [page, data] of fresh) {
      if (data) {
        seen.current.pages.set(page, data);
        seen.current.total = data.total;
      }
    }
    for (const page of seen.current.pages.keys()) if (page < from - 4 || page > to + 4) seen.current.pages.delete(page);
  }

  // The chain of cursors follows the pages: when rows moved between pages, the next page is asked for from where this one now ends.
  const ends = JSON.stringify(fresh.map(([page, data]) => (data ? [page, data.nextCursor] : null)));
  useEffect(() => {
    let cursors = chain.cursors;
    for (const end of JSON.parse(ends) as ([number, string | null] | null)[]) {
      if (!end) continue;
      const [page, next] = end;
      if (next === null) {
        if (cursors.length > page + 1) cursors = cursors.slice(0, page + 1);
      } else if (cursors[page + 1] !== next) {
        cursors = [...cursors.slice(0, page + 1), next, ...cursors.slice(page + 2)];
      }
    }
    if (cursors !== chain.cursors || held.identity !== identity) setChain({ identity, cursors });
  }, [ends, chain, held.identity, identity]);

  const pages = seen.current.pages;
  const rowAt = useCallback((index: number) => pages.get(Math.floor(index / pageSize))?.rows[index % pageSize], [pages]);

  const counted = useQuery({
    queryKey: [...queryKey, "total"],
    queryFn: () => load({ cursor: null, limit: 1, countOnly: true }),
    enabled: !outdated && seen.current.total === null,
    gcTime: 60_000,
  });
  const total = seen.current.total ?? counted.data?.total ?? undefined;
  const answeredOnce = seen.current.total !== undefined;
  const lastPage = chain.cursors.length - 1;
  const last = pages.get(lastPage);
  let count = 0;
  if (outdated) count = Math.max(0, ...[...pages].map(([page, data]) => page * pageSize + data.rows.length));
  else if (last && last.nextCursor === null) count = lastPage * pageSize + last.rows.length;
  else if (answeredOnce) count = Math.min(total ?? Number.POSITIVE_INFINITY, chain.cursors.length * pageSize);

  return {
    rowAt,
    count,
    total: outdated ? undefined : total,
    loading: !answeredOnce && results.some((result) => result.isPending),
    outdated,
    failure: results.find((result) => result.error)?.error ?? counted.error ?? null,
    retry: () => {
      for (const result of [...results, counted]) if (result.error) void result.refetch();
    },
  };
}
