import { waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { draftOf, rowsOf } from "../../fake/draftWorld";
import { courseIn, draftAddress } from "../../testing/northfield";
import { expectAccessible, openWindow, screen } from "../../testing/open";

const title = "Algebra again";

async function open(online = true) {
  const window = openWindow(draftAddress(title), { offline: !online });
  const tree = await screen.findByRole("tree", { name: `Content of ${title}` });
  const rows = () => within(tree).getAllByRole("treeitem");
  const name = (row: HTMLElement) => (row.getAttribute("aria-label") ?? "").split(",")[0] ?? "";
  const outline = () => rows().map((row) => `${row.getAttribute("aria-level") === "2" ? "· " : ""}${name(row)}`);
  const row = (wanted: string) => rows().find((each) => name(each) === wanted) as HTMLElement;
  const draft = () => draftOf(window.world, courseIn(window.world, title).id);
  return { ...window, rows, outline, row, draft };
}

describe.each([true, false])("the outline of a draft, with the server there: %s", (online) => {
  it("adds lessons and quizzes, moves, renames and copies them", async () => {
    const { user, outline, row, draft } = await open(online);
    await user.click(screen.getByRole("button", { name: "Add quiz" }));
    await user.keyboard("Fractions{Enter}{Escape}");
    await waitFor(() => expect(outline()).toContain("Fractions"));
    row("Fractions").focus();
    await user.keyboard("{Alt>}{ArrowRight}{/Alt}");
    await waitFor(() => expect(outline()).toContain("· Fractions"));
    row("Fractions").focus();
    await user.keyboard("{F2}Дроби{Enter}");
    await waitFor(() => expect(outline()).toContain("· Дроби"));
    row("Measuring").focus();
    await user.keyboard("{Shift>}{F10}{/Shift}");
    await user.click(await screen.findByRole("menuitem", { name: "Copy" }));
    await waitFor(() => expect(outline()).toContain("· Measuring (copy)"));
    expect(outline().indexOf("· Measuring (copy)")).toBe(outline().indexOf("· Measuring") + 1);
    expect(rowsOf(draft(), "quizzes").some((each) => each.fields.title === "Дроби")).toBe(true);
  });

  it("archives with everything in it, takes that back, and restores from the bin", async () => {
    const { user, outline, row } = await open(online);
    row("Practice").focus();
    await user.keyboard("{Delete}");
    await waitFor(() => expect(outline()).not.toContain("Practice"));
    const bin = within(await screen.findByRole("region", { name: "Bin" }));
    expect(bin.getAllByRole("listitem")).toHaveLength(1);
    await user.click(await screen.findByRole("button", { name: "Undo" }));
    await waitFor(() => expect(outline()).toContain("· Measuring"));
    row("Measuring").focus();
    await user.keyboard("{Delete}");
    await user.click(await screen.findByRole("button", { name: "Restore: Measuring" }));
    await waitFor(() => expect(outline()).toContain("· Measuring"));
  });
});

describe("the outline of a draft", () => {
  it("moves a row into a place chosen by name", async () => {
    const { user, outline, row } = await open();
    row("A first attempt").focus();
    await user.keyboard("{Shift>}{F10}{/Shift}");
    (await screen.findByRole("menuitem", { name: "Move to" })).focus();
    await user.keyboard("{ArrowRight}");
    (await screen.findByRole("menuitem", { name: "Practice" })).focus();
    await user.keyboard("{Enter}");
    await waitFor(() => expect(outline()).toContain("· A first attempt"));
  });

  it("says what waits, what is refused and what is not downloaded yet", async () => {
    openWindow(draftAddress(title), { drafts: "trouble" });
    expect(await screen.findByRole("treeitem", { name: /second edition.*Refused/ })).toBeInTheDocument();
    expect(screen.getByRole("treeitem", { name: /second edition.*Saved here, not on the server yet/ })).toBeInTheDocument();
    expect(screen.getAllByRole("treeitem", { name: /Not on this computer yet/ }).length).toBeGreaterThan(0);
    await expectAccessible();
  });

  it("gives a lesson whose sub-course is gone a new place", async () => {
    const { user, draft, outline, client } = await open();
    const part = rowsOf(draft(), "sub_courses").find((each) => each.fields.title === "Practice");
    Object.assign(part?.fields ?? {}, { archived_at: "2026-11-01T00:00:00Z" });
    await client.invalidateQueries();
    const unfiled = within(await screen.findByRole("region", { name: "Unfiled" }));
    expect(unfiled.getByRole("button", { name: "Measuring" })).toBeInTheDocument();
    await expectAccessible();
    await user.click(unfiled.getByRole("button", { name: "Put Measuring into" }));
    await user.click(await screen.findByRole("menuitem", { name: "Foundations" }));
    await waitFor(() => expect(outline()).toContain("· Measuring"));
  });
});
