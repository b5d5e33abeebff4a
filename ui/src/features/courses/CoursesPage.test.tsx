import { waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { expectAccessible, inNorthfield, openWindow, screen } from "../../testing/open";

const address = inNorthfield("courses");

describe("the list of courses", () => {
  it("shows each course with how it stands and how many there are", async () => {
    openWindow(address);
    const row = await screen.findByRole("row", { name: /Bread from first principles/ });
    expect(within(row).getByText("Active")).toBeInTheDocument();
    expect(within(row).getByText("Beginner")).toBeInTheDocument();
    expect(screen.getByText(/^\d+ courses$/)).toBeInTheDocument();
    await expectAccessible();
  });

  it("finds courses by what is typed, says when none fits and shows all again", async () => {
    const { user } = openWindow(address);
    const search = await screen.findByRole("textbox", { name: "Search title and category" });
    await user.type(search, "beekeep");
    expect(await screen.findByText("1 course")).toBeInTheDocument();
    await user.clear(search);
    await user.type(search, "nothing like this");
    await user.click(await screen.findByRole("button", { name: "Show every course" }));
    expect(await screen.findByRole("row", { name: /Bread from first principles/ })).toBeInTheDocument();
    expect(search).toHaveValue("");
  });

  it("shows only drafts when asked for drafts", async () => {
    openWindow(`${address}?status=draft`);
    expect(await screen.findByRole("row", { name: /Algebra again/ })).toBeInTheDocument();
    expect(screen.queryByRole("row", { name: /Bread from first principles/ })).not.toBeInTheDocument();
  });

  it("begins with an invitation where there is no course", async () => {
    const { user } = openWindow(address, { empty: true });
    expect(await screen.findByRole("heading", { name: "No courses yet" })).toBeInTheDocument();
    await user.click(screen.getAllByRole("button", { name: "New course" })[1] as HTMLElement);
    expect(await screen.findByRole("dialog", { name: "New course" })).toBeInTheDocument();
    await expectAccessible();
  });

  it("tells what failed and reads again", async () => {
    openWindow(`${address}?search=!broken`);
    expect(await screen.findByText("Reading the list failed.")).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Try again" })).toBeInTheDocument();
  });

  it("offers no new course to a reviewer", async () => {
    openWindow(address, { role: "reviewer" });
    await screen.findByRole("row", { name: /Bread/ });
    expect(screen.queryByRole("button", { name: "New course" })).not.toBeInTheDocument();
  });
});

describe("creating a course", () => {
  const form = async () => within(await screen.findByRole("dialog", { name: "New course" }));

  it("opens the new course, with tags taken apart and the price in cents", async () => {
    const { user, world, router } = openWindow(`${address}?adding=true`);
    const dialog = await form();
    await user.type(dialog.getByRole("textbox", { name: /Title/ }), "  Знайомство з ткацтвом ");
    await user.type(dialog.getByLabelText(/^Tags/, { selector: "input" }), "loom, wool,");
    const price = dialog.getByRole("textbox", { name: /Price/ });
    await user.clear(price);
    await user.type(price, "12.50");
    await user.click(dialog.getByRole("button", { name: "Create course" }));
    expect(await screen.findByRole("heading", { level: 1, name: "Знайомство з ткацтвом" })).toBeInTheDocument();
    const made = world.organizations[0]?.courses.at(-1);
    expect(made).toMatchObject({ title: "Знайомство з ткацтвом", tags: ["loom", "wool"], priceCents: 1250, status: "draft" });
    expect(router.state.location.pathname).toContain(`/courses/${made?.id}`);
    expect(screen.getByText("Nothing in this course yet")).toBeInTheDocument();
  });

  it("says at its field what is wrong before anything is sent", async () => {
    const { user, world } = openWindow(`${address}?adding=true`);
    const dialog = await form();
    await user.click(dialog.getByRole("button", { name: "Create course" }));
    expect(await dialog.findByText("Give it a title.")).toBeInTheDocument();
    expect(dialog.getByRole("textbox", { name: /Title/ })).toHaveFocus();
    expect(world.operations.size).toBe(0);
  });

  it("puts the server's refusal at its field and keeps what was typed", async () => {
    const { user } = openWindow(`${address}?adding=true`);
    const dialog = await form();
    await user.type(dialog.getByRole("textbox", { name: /Title/ }), "taken{Control>}{Enter}{/Control}");
    expect(await dialog.findByText(/already has this title/)).toBeInTheDocument();
    expect(dialog.getByRole("textbox", { name: /Title/ })).toHaveValue("taken");
  });

  it("makes one course even when the first answer is lost", async () => {
    const { user, world } = openWindow(`${address}?adding=true`);
    const before = world.organizations[0]?.courses.length ?? 0;
    const dialog = await form();
    await user.type(dialog.getByRole("textbox", { name: /Title/ }), "An unclear matter{Enter}");
    expect(await screen.findByRole("heading", { level: 1, name: "An unclear matter" })).toBeInTheDocument();
    expect(world.organizations[0]?.courses.length).toBe(before + 1);
  });

  it("asks before throwing away what was written", async () => {
    const { user } = openWindow(`${address}?adding=true`);
    const dialog = await form();
    await user.type(dialog.getByRole("textbox", { name: /Title/ }), "Half a thought");
    await user.click(dialog.getByRole("button", { name: "Cancel" }));
    await user.click(await screen.findByRole("button", { name: "Keep writing" }));
    await waitFor(() => expect(dialog.getByRole("textbox", { name: /Title/ })).toHaveValue("Half a thought"));
  });
});
