import { waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { courseAddress, courseIn } from "../../testing/northfield";
import { expectAccessible, openWindow, screen } from "../../testing/open";

const title = "Algebra again";

/** The tree with its rows as "title" or "· title" for lessons in a sub-course. */
async function open() {
  const window = openWindow(courseAddress(title));
  const tree = await screen.findByRole("tree", { name: `Content of ${title}` });
  const rows = () => within(tree).getAllByRole("treeitem");
  const name = (row: HTMLElement) => (row.getAttribute("aria-label") ?? "").split(",")[0] ?? "";
  const outline = () => rows().map((row) => `${row.getAttribute("aria-level") === "2" ? "· " : ""}${name(row)}`);
  const kind = (wanted: string) => rows().filter((row) => row.getAttribute("aria-label")?.includes(`, ${wanted}`));
  return { ...window, tree, rows, name, outline, lessons: () => kind("Lesson"), subCourses: () => kind("Sub-course") };
}

describe("the content of a course", () => {
  it("is a tree one walks, closes and opens by keyboard", async () => {
    const { user, rows, subCourses } = await open();
    const all = rows().length;
    rows()[0]?.focus();
    await user.keyboard("{End}");
    expect(rows().at(-1)).toHaveFocus();
    await user.keyboard("{ArrowLeft}");
    expect(subCourses().at(-1)).toHaveFocus();
    await user.keyboard("{ArrowLeft}");
    expect(subCourses().at(-1)).toHaveAttribute("aria-expanded", "false");
    expect(rows().length).toBeLessThan(all);
    await user.keyboard("{ArrowRight}");
    expect(rows()).toHaveLength(all);
    await expectAccessible();
  });

  it("moves a lesson with Alt and arrows, keeps the focus on it and says where it is", async () => {
    const { user, lessons, name, outline, world } = await open();
    const lesson = lessons()[0] as HTMLElement;
    const moved = name(lesson);
    lesson.focus();
    await user.keyboard("{Alt>}{ArrowDown}{ArrowDown}{/Alt}");
    await waitFor(() => expect(outline()).toContain(`· ${moved}`));
    expect(document.activeElement).toHaveAttribute("aria-label", expect.stringContaining(moved));
    expect(await screen.findByText(new RegExp(`^${moved} is now 1 of \\d+ in `))).toBeInTheDocument();
    await waitFor(() => expect(world.organizations[0]?.lessons.find((each) => each.title === moved && each.courseId === courseIn(world, title).id)?.subCourseId).not.toBeNull());
    await user.keyboard("{Alt>}{ArrowLeft}{/Alt}");
    await waitFor(() => expect(outline()).not.toContain(`· ${moved}`));
    expect(outline()).toContain(moved);
  });

  it("moves a sub-course with all its lessons", async () => {
    const { user, subCourses, outline, name } = await open();
    const first = name(subCourses()[0] as HTMLElement);
    const second = name(subCourses()[1] as HTMLElement);
    subCourses()[0]?.focus();
    await user.keyboard("{Alt>}{ArrowDown}{/Alt}");
    await waitFor(() => expect(outline().indexOf(second)).toBeLessThan(outline().indexOf(first)));
    expect(outline()[outline().indexOf(first) + 1]).toMatch(/^· /);
  });

  it("says so when a row cannot move further", async () => {
    const { user, rows, name } = await open();
    rows()[0]?.focus();
    await user.keyboard("{Alt>}{ArrowUp}{/Alt}");
    expect(await screen.findByText(`${name(rows()[0] as HTMLElement)} cannot move further that way.`)).toBeInTheDocument();
  });

  it("renames with F2, refuses an empty title and gives up with Esc", async () => {
    const { user, lessons, outline, name } = await open();
    const before = name(lessons()[0] as HTMLElement);
    lessons()[0]?.focus();
    await user.keyboard("{F2}");
    const input = await screen.findByRole("textbox", { name: `New title of ${before}` });
    await user.clear(input);
    await user.keyboard("{Enter}");
    expect(await screen.findByText("Give it a title.")).toBeInTheDocument();
    await user.type(input, "ახალი სახელი{Enter}");
    await waitFor(() => expect(outline()).toContain("ახალი სახელი"));
    expect(lessons()[0]).toHaveFocus();
    await user.keyboard("{F2}xyz{Escape}");
    expect(outline()).toContain("ახალი სახელი");
    expect(lessons()[0]).toHaveFocus();
  });

  it("keeps a title that somebody else changed meanwhile in the field and tells why", async () => {
    const { user, lessons } = await open();
    lessons()[0]?.focus();
    await user.keyboard("{F2}stale{Enter}");
    expect(await screen.findByText(/Someone changed this while you had it open/)).toBeInTheDocument();
    expect(screen.getByRole("textbox", { name: /^New title of/ })).toHaveValue("stale");
  });

  it("adds several lessons one after the other with Enter", async () => {
    const { user, outline, subCourses, name } = await open();
    const parent = name(subCourses()[0] as HTMLElement);
    await user.click(within(subCourses()[0] as HTMLElement).getByRole("button", { name: `Add a lesson to ${parent}` }));
    await user.keyboard("One{Enter}Two{Enter}Three{Enter}");
    await waitFor(() => expect(outline()).toContain("· Three"));
    const at = outline().indexOf("· One");
    expect(outline().slice(at, at + 3)).toEqual(["· One", "· Two", "· Three"]);
    await user.keyboard("{Escape}");
    expect(document.activeElement).toHaveAttribute("aria-label", expect.stringContaining("Three"));
    await expectAccessible();
  });

  it("adds a sub-course after the last one", async () => {
    const { user, outline } = await open();
    await user.click(screen.getByRole("button", { name: "Add sub-course" }));
    await user.keyboard("Wrapping up{Enter}{Escape}");
    await waitFor(() => expect(outline().at(-1)).toBe("Wrapping up"));
  });

  it("archives with Delete, moves on to the next row and brings back with undo", async () => {
    const { user, lessons, outline, name } = await open();
    const gone = name(lessons()[0] as HTMLElement);
    const next = name(lessons()[1] as HTMLElement);
    lessons()[0]?.focus();
    await user.keyboard("{Delete}");
    await waitFor(() => expect(outline()).not.toContain(gone));
    expect(document.activeElement).toHaveAttribute("aria-label", expect.stringContaining(next));
    await user.click(await screen.findByRole("button", { name: "Undo" }));
    await waitFor(() => expect(outline()).toContain(gone));
  });

  it("shows what is archived when asked and restores it", async () => {
    const { user, subCourses, outline, name } = await open();
    const part = name(subCourses()[0] as HTMLElement);
    subCourses()[0]?.focus();
    await user.keyboard("{Delete}");
    await waitFor(() => expect(outline()).not.toContain(part));
    await user.click(await screen.findByRole("checkbox", { name: "Show archived (1)" }));
    expect(outline()).toContain(part);
    await expectAccessible();
    await user.click(within(subCourses()[0] as HTMLElement).getByRole("button", { name: `Actions for ${part}` }));
    await user.click(await screen.findByRole("menuitem", { name: "Restore" }));
    await waitFor(() => expect(screen.queryByRole("checkbox", { name: /Show archived/ })).not.toBeInTheDocument());
    expect(outline()).toContain(part);
  });

  it("publishes and unpublishes a sub-course from the row's menu, reached by the menu key, and a lesson only where it is written", async () => {
    const { user, lessons, subCourses } = await open();
    lessons()[0]?.focus();
    await user.keyboard("{Shift>}{F10}{/Shift}");
    await screen.findByRole("menuitem", { name: /^Rename/ });
    expect(screen.queryByRole("menuitem", { name: /ublish/ })).not.toBeInTheDocument();
    await user.keyboard("{Escape}");
    const row = subCourses()[0] as HTMLElement;
    const wasPublished = row.getAttribute("aria-label")?.endsWith("Published") === true;
    row.focus();
    await user.keyboard("{Shift>}{F10}{/Shift}");
    await user.click(await screen.findByRole("menuitem", { name: wasPublished ? "Unpublish" : "Publish" }));
    await waitFor(() => expect(subCourses()[0]).toHaveAttribute("aria-label", expect.stringMatching(wasPublished ? /Not published/ : /Published$/)));
    await waitFor(() => expect(subCourses()[0]).toHaveFocus());
  });
});
