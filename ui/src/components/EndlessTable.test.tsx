import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { act, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { Failure, type Page } from "../platform";
import { makeQueryClient } from "../queries";
import { type Column, EndlessTable } from "./EndlessTable";
import type { Part } from "./endless";

type Row = { id: string; name: string };

function rows(count: number, label = "Row"): Row[] {
  return Array.from({ length: count }, (_, place) => ({ id: `${label}-${place}`, name: `${label} ${place}` }));
}

/** Pages like the server: by cursor, with the exact total. */
function pages(all: () => Row[], calls: (string | null)[] = []) {
  return async ({ cursor, limit }: Part): Promise<Page<Row>> => {
    calls.push(cursor);
    const from = Number(cursor ?? 0);
    const to = from + limit;
    return { rows: all().slice(from, to), nextCursor: to < all().length ? String(to) : null, total: all().length };
  };
}

const columns: Column<Row>[] = [{ id: "name", header: "Name", width: "1fr", sort: "name", cell: (row) => row.name }];

function openTable(load: (part: Part) => Promise<Page<Row>>, rest: { onOpen?: (row: Row) => void; onSort?: () => void } = {}) {
  const client = makeQueryClient();
  const Table = () => (
    <EndlessTable<Row>
      label="Rows"
      queryKey={["o", "people", "list"]}
      load={load}
      columns={columns}
      rowKey={(row) => row.id}
      sort={{ by: "name", descending: false }}
      onSort={rest.onSort ?? (() => undefined)}
      onOpen={rest.onOpen}
      total={(shown) => `${shown} rows`}
      empty={<p>Nothing here</p>}
    />
  );
  const router = createRouter({ routeTree: createRootRoute({ component: Table }), history: createMemoryHistory() });
  render(
    <MantineProvider>
      <QueryClientProvider client={client}>
        <RouterProvider router={router as never} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  return { client, user: userEvent.setup() };
}

describe("a list of any length", () => {
  it("shows the rows of a search before they are counted, and the exact total after", async () => {
    let tell = () => {};
    const counting = new Promise<void>((resolve) => (tell = resolve));
    const load = pages(() => rows(4312));
    openTable(async (part) => {
      if (!part.countOnly) return { ...(await load(part)), total: null };
      await counting;
      return { rows: [], nextCursor: null, total: 4312 };
    });
    expect(await screen.findByText(`${rows(2)[1]?.name}`)).toBeInTheDocument();
    expect(screen.queryByText("4,312 rows")).not.toBeInTheDocument();
    tell();
    expect(await screen.findByText("4,312 rows")).toBeInTheDocument();
  });

  it("tells the exact total and draws only the rows in view", async () => {
    openTable(pages(() => rows(4312)));
    expect(await screen.findByText("4,312 rows")).toBeInTheDocument();
    const grid = await screen.findByRole("grid", { name: "Rows" });
    expect(grid).toHaveAttribute("aria-rowcount", "4313");
    expect(within(grid).getAllByRole("row").length).toBeLessThan(60);
  });

  it("is moved through and opened by keyboard", async () => {
    const onOpen = vi.fn();
    const { user } = openTable(pages(() => rows(20)), { onOpen });
    const grid = await screen.findByRole("grid");
    await screen.findByText("Row 0");
    act(() => grid.focus());
    await user.keyboard("{ArrowDown}{ArrowDown}{ArrowUp}{Enter}");
    expect(onOpen).toHaveBeenLastCalledWith({ id: "Row-1", name: "Row 1" });
    expect(document.getElementById(grid.getAttribute("aria-activedescendant") ?? "")).toHaveTextContent("Row 1");
    await user.keyboard("{End}{Enter}");
    expect(onOpen).toHaveBeenLastCalledWith({ id: "Row-19", name: "Row 19" });
    await user.keyboard("{Home}{Enter}");
    expect(onOpen).toHaveBeenLastCalledWith({ id: "Row-0", name: "Row 0" });
  });

  it("asks for the next page from where this one ends", async () => {
    const calls: (string | null)[] = [];
    openTable(pages(() => rows(250), calls));
    await screen.findByText("Row 0");
    await waitFor(() => expect(calls).toEqual([null, "100"]));
  });

  it("shows the fresh rows after a change without an empty moment", async () => {
    let all = rows(30);
    const { client } = openTable(pages(() => all));
    await screen.findByText("Row 0");
    all = [{ id: "new", name: "A new row" }, ...all];
    const refetch = client.invalidateQueries();
    expect(screen.getByText("Row 0")).toBeInTheDocument();
    await act(() => refetch);
    expect(await screen.findByText("A new row")).toBeInTheDocument();
    expect(screen.getByText("31 rows")).toBeInTheDocument();
  });

  it("says when nothing matches", async () => {
    openTable(pages(() => []));
    expect(await screen.findByText("Nothing here")).toBeInTheDocument();
    expect(screen.getByText("0 rows")).toBeInTheDocument();
  });

  it("tells why it could not be read and tries again when asked", async () => {
    let broken = true;
    const load = pages(() => rows(3));
    const { user } = openTable(async (part) => {
      if (broken) throw new Failure({ code: "internal", message: "Reading failed.", field: null, nextStep: "Try again." });
      return load(part);
    });
    expect(await screen.findByText("Reading failed.")).toBeInTheDocument();
    broken = false;
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("Row 0")).toBeInTheDocument();
  });

  it("turns the order around at its heading", async () => {
    const onSort = vi.fn();
    const { user } = openTable(pages(() => rows(3)), { onSort });
    const heading = await screen.findByRole("columnheader", { name: "Name" });
    expect(heading).toHaveAttribute("aria-sort", "ascending");
    await user.click(within(heading).getByRole("button"));
    expect(onSort).toHaveBeenCalledWith({ by: "name", descending: true });
  });
});
