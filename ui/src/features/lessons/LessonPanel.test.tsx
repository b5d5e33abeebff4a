import { waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { lessonAddress, lessonIn } from "../../testing/northfield";
import { expectAccessible, openWindow, screen } from "../../testing/open";

const address = lessonAddress("Algebra again", "A first attempt");
const idOf = address.split("/").at(-1);
const panel = () => within(screen.getByRole("complementary"));

describe("a lesson beside its course", () => {
  it("shows its fields and marks its row in the content", async () => {
    openWindow(address);
    expect(await screen.findByRole("heading", { level: 2, name: "A first attempt" })).toBeInTheDocument();
    expect(panel().getByRole("region", { name: "What learners read" })).toHaveTextContent("Read the text, then try it yourself.");
    expect(panel().getAllByText(/^Published /)).not.toHaveLength(0);
    expect(panel().getByText(/A lesson is published where it is written/)).toBeInTheDocument();
    expect(panel().queryByRole("switch")).not.toBeInTheDocument();
    expect(await screen.findByRole("treeitem", { name: /A first attempt/, selected: true })).toBeInTheDocument();
    await expectAccessible();
  });

  it("saves what was changed with Ctrl+S", async () => {
    const { user, world } = openWindow(address);
    const title = await screen.findByRole("textbox", { name: /^Title/ });
    await user.clear(title);
    await user.type(title, "Нове{Control>}s{/Control}");
    await waitFor(() => expect(lessonIn(world, idOf).title).toBe("Нове"));
    await waitFor(() => expect(panel().getByRole("button", { name: "Save lesson" })).toBeDisabled());
    expect(title).toHaveFocus();
  });

  it("refuses a duration out of range and a link that is not of the web before anything is sent", async () => {
    const { user, world } = openWindow(address);
    const minutes = await screen.findByRole("textbox", { name: "Duration in minutes" });
    await user.clear(minutes);
    await user.type(minutes, "10001");
    await user.type(panel().getByRole("textbox", { name: "Video (link)" }), "file:///etc/passwd{Control>}{Enter}{/Control}");
    expect(await screen.findByText("Use whole minutes from 0 to 10,000.")).toBeInTheDocument();
    expect(screen.getByText("Use a link that starts with https:// or http://.")).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: "Open the video outside" })).not.toBeInTheDocument();
    expect(world.operations.size).toBe(0);
    await expectAccessible();
  });

  it("asks before another lesson takes the place of unsaved words", async () => {
    const { user } = openWindow(address);
    await user.type(await screen.findByRole("textbox", { name: /^Title/ }), "unsaved");
    await user.click(await screen.findByRole("treeitem", { name: /Measuring/ }));
    expect(await screen.findByText("Discard what you wrote?")).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Discard" }));
    expect(await screen.findByRole("heading", { level: 2, name: "Measuring" })).toBeInTheDocument();
  });

  it("keeps both people's changes when they touched different fields", async () => {
    const { user, world } = openWindow(address);
    const minutes = await screen.findByRole("textbox", { name: "Duration in minutes" });
    await user.clear(minutes);
    await user.type(minutes, "77");
    Object.assign(lessonIn(world, idOf), { title: "Their title", version: "newer" });
    await user.click(panel().getByRole("button", { name: "Save lesson" }));
    expect(await screen.findByText("Somebody changed this meanwhile")).toBeInTheDocument();
    expect(minutes).toHaveValue("77");
    expect(panel().getByRole("textbox", { name: /^Title/ })).toHaveValue("Their title");
    await user.click(panel().getByRole("button", { name: "Save lesson" }));
    await waitFor(() => expect(lessonIn(world, idOf)).toMatchObject({ title: "Their title", durationMinutes: 77 }));
  });

  it("keeps the course on this computer and opens the text to write it", async () => {
    const { user, world } = openWindow(address, { drafts: "none" });
    await screen.findByRole("textbox", { name: /^Title/ });
    await user.click(panel().getByRole("button", { name: "Write" }));
    expect(await screen.findByRole("textbox", { name: "Text of A first attempt" })).toBeInTheDocument();
    expect(world.drafts.courses.size).toBe(1);
  });

  it("closes with Esc back to the course", async () => {
    const { user, router } = openWindow(address);
    (await screen.findByRole("textbox", { name: /^Title/ })).focus();
    await user.keyboard("{Escape}");
    await waitFor(() => expect(router.state.location.pathname).not.toContain("lessons"));
  });

  it("cannot be changed while it is archived", async () => {
    const { world, client, user } = openWindow(address);
    await screen.findByRole("textbox", { name: /^Title/ });
    Object.assign(lessonIn(world, idOf), { archivedAt: "2026-01-01T00:00:00Z", version: "newer" });
    await client.invalidateQueries();
    await user.click(await panel().findByRole("button", { name: "Restore" }));
    await waitFor(() => expect(lessonIn(world, idOf).archivedAt).toBeNull());
  });
});
