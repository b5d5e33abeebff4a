import { act, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { announce, draftOf, rowsOf, setOnline } from "../../fake/draftWorld";
import { courseIn } from "../../testing/northfield";
import { expectAccessible, inNorthfield, openWindow, screen } from "../../testing/open";

const address = inNorthfield("drafts");
const course = async (title: string) => within((await screen.findByRole("link", { name: title })).closest("li") as HTMLElement);

describe("the courses kept on this computer", () => {
  it("says of each how it stands", async () => {
    openWindow(address);
    expect((await course("Algebra again")).getByText("On the server")).toBeInTheDocument();
    expect((await course("Algebra again")).getByText(/9 lessons · Server last heard/)).toBeInTheDocument();
    await expectAccessible();
  });

  it("says in words why nothing is sent, what is downloaded and what is asked, without a dialog", async () => {
    openWindow(address, { drafts: "trouble" });
    expect((await course("Repairing bicycles")).getByText("You may no longer write in this course")).toBeInTheDocument();
    expect((await course("Public speaking")).getByText("This course is archived")).toBeInTheDocument();
    expect((await course("Singing by ear")).getByText("The server wants a newer Lectern")).toBeInTheDocument();
    expect((await course("Beekeeping through the year")).getByText(/nothing of yours is lost/)).toBeInTheDocument();
    expect((await course("Algebra again")).getByText("3 of 9 lessons are on this computer")).toBeInTheDocument();
    expect((await course("Photography in low light")).getByText("Others deleted 24 of the 31 entries of this course.")).toBeInTheDocument();
    expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
    await expectAccessible();
  });

  it("keeps what others deleted in bulk when asked to", async () => {
    const { user, world } = openWindow(address, { drafts: "trouble" });
    await user.click((await course("Photography in low light")).getByRole("button", { name: "No, keep them" }));
    await waitFor(() => expect(screen.queryByText(/Others deleted/)).not.toBeInTheDocument());
    const draft = draftOf(world, courseIn(world, "Photography in low light").id);
    expect(rowsOf(draft, "lessons").every((row) => row.fields.archived_at === null)).toBe(true);
  });

  it("offers the courses one teaches, ticked, when none is kept", async () => {
    const { user, world } = openWindow(address, { drafts: "none" });
    await user.click(await screen.findByRole("button", { name: "Choose courses" }));
    expect(await screen.findByRole("checkbox", { name: "Singing by ear" })).toBeChecked();
    expect(screen.getByRole("checkbox", { name: "Reading weather" })).not.toBeChecked();
    await expectAccessible();
    await user.click(screen.getByRole("checkbox", { name: "Singing by ear" }));
    await user.click(screen.getByRole("button", { name: "Keep 0 courses" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("Tick at least one course.");
    await user.click(screen.getByRole("checkbox", { name: "Singing by ear" }));
    await user.click(screen.getByRole("checkbox", { name: "Reading weather" }));
    await user.click(screen.getByRole("button", { name: "Keep 2 courses" }));
    expect(await screen.findByRole("link", { name: "Singing by ear" })).toBeInTheDocument();
    expect(world.drafts.courses.size).toBe(2);
  });

  it("names what would be lost before a course is no longer kept, and offers to export it first", async () => {
    const { user, world } = openWindow(address);
    await course("Algebra again");
    const draft = draftOf(world, courseIn(world, "Algebra again").id);
    act(() => {
      setOnline(world, false);
      Object.assign(rowsOf(draft, "lessons")[0]?.fields ?? {}, { title: "Changed" });
      setOnline(world, false);
    });
    expect((await course("Algebra again")).getByText("Saved on this computer")).toBeInTheDocument();
    await user.click((await course("Algebra again")).getByRole("button", { name: "Actions for Algebra again" }));
    await user.click(await screen.findByRole("menuitem", { name: "Stop keeping…" }));
    const dialog = within(await screen.findByRole("dialog"));
    expect(dialog.getByText("1 change is not on the server. It would be lost.")).toBeInTheDocument();
    await user.click(dialog.getByRole("button", { name: "Export what waits" }));
    expect(await dialog.findByText(/^Written to .*\.json$/)).toBeInTheDocument();
    await user.click(dialog.getByRole("button", { name: "Stop keeping and lose them" }));
    await waitFor(() => expect(screen.queryByRole("link", { name: "Algebra again" })).not.toBeInTheDocument());
  });
});

describe("the place that says where work stands", () => {
  it("says that what waits is saved here while the network is away, and leads to it", async () => {
    const { user, world } = openWindow(address);
    await course("Algebra again");
    act(() => {
      Object.assign(rowsOf(draftOf(world, courseIn(world, "Algebra again").id), "lessons")[0]?.fields ?? {}, { title: "Changed", duration_minutes: 3 });
      setOnline(world, false);
    });
    await user.click(await screen.findByRole("link", { name: "Saved on this computer · 1" }));
    expect(await screen.findByRole("heading", { name: "What waits" })).toHaveFocus();
    expect(await screen.findByText("Changed")).toBeInTheDocument();
    expect(screen.getByText("Lesson · title, duration")).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: "Send now" })).not.toBeInTheDocument();
    await expectAccessible();
    act(() => setOnline(world, true));
    expect(await screen.findByText("Everything is on the server")).toBeInTheDocument();
    expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
  });

  it("says why the server refuses something, and takes it back", async () => {
    const { user } = openWindow(inNorthfield("drafts/outbox"), { drafts: "trouble" });
    expect(await screen.findByText("The server allows no lesson with this title.")).toBeInTheDocument();
    expect(screen.getByRole("link", { name: "Needs your decision · 3" })).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: /^Take back/ }));
    await waitFor(() => expect(screen.queryByText("The server allows no lesson with this title.")).not.toBeInTheDocument());
  });
});

describe("when something is wrong with the drafts themselves", () => {
  it("says so in the status and on the page, with what to do", async () => {
    const { world } = openWindow(address);
    await course("Algebra again");
    world.drafts.problem = { isOpen: false, message: "A newer Lectern wrote this file of drafts.", nextStep: "Update Lectern on this computer." };
    act(() => announce(world, []));
    expect(await screen.findByRole("link", { name: "Drafts cannot be opened" })).toBeInTheDocument();
    expect(screen.getByRole("alert")).toHaveTextContent("A newer Lectern wrote this file of drafts.Update Lectern on this computer.");
    await expectAccessible();
  });

  it("exports what can be read of a damaged file, begins anew and says where the export is", async () => {
    const { user, world } = openWindow(address, { drafts: "damaged" });
    expect(await screen.findByRole("alert")).toHaveTextContent("The damaged file is kept");
    await expectAccessible();
    await user.click(screen.getByRole("button", { name: "Export what can be read and begin anew" }));
    expect(await screen.findByText(/^Written to .+lectern-damaged-drafts.+\.json$/)).toBeInTheDocument();
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
    expect(await screen.findByText("No course is kept on this computer")).toBeInTheDocument();
    expect(world.drafts.problem).toBeNull();
  });

  it("is not offered to learners", async () => {
    openWindow(inNorthfield("overview"), { role: "learner" });
    expect(await screen.findByRole("link", { name: /Overview/ })).toBeInTheDocument();
    expect(screen.queryByRole("link", { name: /^Drafts/ })).not.toBeInTheDocument();
  });
});
