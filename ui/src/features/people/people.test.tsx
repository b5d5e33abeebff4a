import { act, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { fakeId } from "../../fake/random";
import { expectAccessible, inNorthfield, openWindow, screen } from "../../testing/open";

const ottoline = fakeId(1, 1_000_001);
const reviewer = fakeId(1, 1_000_018);
const learner = fakeId(1, 1_000_022);

describe("the people of an organization", () => {
  it("stand in a list with their exact number, in any script", async () => {
    openWindow(inNorthfield("people?search=李"));
    expect(await screen.findByText("李 雨桐")).toBeInTheDocument();
    expect(screen.getByText("1 person")).toBeInTheDocument();
    await expectAccessible();
  });

  it("are searched and filtered in the address, so the page can be found again", async () => {
    const { user, router } = openWindow(inNorthfield("people"));
    await user.type(await screen.findByRole("textbox", { name: "Search name or e-mail" }), "person1");
    await waitFor(() => expect(router.state.location.search).toMatchObject({ search: "person1" }));
    await user.click(screen.getByRole("combobox", { name: "Role" }));
    await user.click(await screen.findByRole("option", { name: "Instructor" }));
    await waitFor(() => expect(router.state.location.search).toMatchObject({ search: "person1", role: "instructor" }));
  });

  it("are none: the page says what to do", async () => {
    const { user } = openWindow(inNorthfield("people?search=nobody-is-called-this"));
    expect(await screen.findByText("Nobody matches")).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Clear filters" }));
    expect(await screen.findByRole("grid", { name: "People" })).toBeInTheDocument();
  });

  it("cannot be added by whoever may not", async () => {
    openWindow(inNorthfield("people?adding=true"), { role: "instructor" });
    await screen.findByRole("grid", { name: "People" });
    expect(screen.queryByRole("button", { name: "Add person" })).not.toBeInTheDocument();
  });
});

describe("adding a person", () => {
  it("opens them once they are on the server", async () => {
    const { user, world } = openWindow(inNorthfield("people"));
    await screen.findByRole("grid");
    await user.keyboard("{Control>}n{/Control}");
    await user.type(await screen.findByLabelText("Name"), "Yara Moreau");
    await user.type(screen.getByLabelText("E-mail"), "yara@example.org");
    await expectAccessible();
    await user.keyboard("{Control>}{Enter}{/Control}");
    expect(await screen.findByRole("heading", { name: "Yara Moreau" })).toBeInTheDocument();
    expect(world.organizations[0]!.people.at(-1)).toMatchObject({ name: "Yara Moreau", role: "learner", phone: null });
  });

  it("shows a taken e-mail at the e-mail", async () => {
    const { user } = openWindow(inNorthfield("people?adding=true"));
    await user.type(await screen.findByLabelText("Name"), "Yara Moreau");
    await user.type(screen.getByLabelText("E-mail"), "taken@example.org");
    await user.click(screen.getAllByRole("button", { name: "Add person" }).at(-1)!);
    expect(await screen.findByText(/already has this e-mail/)).toBeInTheDocument();
    expect(screen.getByLabelText("E-mail")).toHaveAttribute("aria-invalid", "true");
  });

  it("happens once although the first answer was lost", async () => {
    const { user, world } = openWindow(inNorthfield("people?adding=true"));
    const before = world.organizations[0]!.people.length;
    await user.type(await screen.findByLabelText("Name"), "Answer unclear");
    await user.type(screen.getByLabelText("E-mail"), "lost@example.org");
    await user.click(screen.getAllByRole("button", { name: "Add person" }).at(-1)!);
    expect(await screen.findByRole("heading", { name: "Answer unclear" })).toBeInTheDocument();
    expect(world.organizations[0]!.people).toHaveLength(before + 1);
  });

  it("asks before it throws away what was written", async () => {
    const { user, router } = openWindow(inNorthfield("people?adding=true"));
    await user.type(await screen.findByLabelText("Name"), "Yara");
    await user.keyboard("{Escape}");
    expect(await screen.findByText("Discard what you wrote?")).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Keep writing" }));
    expect(screen.getByLabelText("Name")).toHaveValue("Yara");
    act(() => void router.navigate({ to: "/o/$organizationId/activity", params: { organizationId: fakeId(0, 1) } }));
    await screen.findByText("Discard what you wrote?");
    await user.click(screen.getByRole("button", { name: "Discard" }));
    expect(await screen.findByRole("heading", { name: "Activity" })).toBeInTheDocument();
  });

  it("takes a birth date as it is written or says how to write it, and never makes another day of it", async () => {
    const { user, world } = openWindow(inNorthfield("people?adding=true"));
    await user.type(await screen.findByLabelText("Name"), "Yara Moreau");
    await user.type(screen.getByLabelText("E-mail"), "yara@example.org");
    const bornOn = screen.getByLabelText("Born on (optional)");
    for (const written of ["31/12/1999", "12.11.1999", "3 May 1990", "1999-02-31", "1850-01-01", "soon"]) {
      await user.clear(bornOn);
      await user.type(bornOn, written);
      await user.tab();
      expect(bornOn).toHaveValue(written);
      expect(bornOn).toHaveAccessibleDescription(expect.stringContaining("written as year-month-day"));
    }
    await user.clear(bornOn);
    await user.type(bornOn, "1999-12-31");
    await user.keyboard("{Control>}{Enter}{/Control}");
    await screen.findByRole("heading", { name: "Yara Moreau" });
    expect(world.organizations[0]!.people.at(-1)).toMatchObject({ name: "Yara Moreau", bornOn: "1999-12-31" });
  });

  it("tells what a phone number may not hold while it is typed", async () => {
    const { user } = openWindow(inNorthfield("people?adding=true"));
    await user.type(await screen.findByLabelText("Phone (optional)"), "+43 660x");
    expect(screen.getByText(/Digits, spaces/)).toBeInTheDocument();
  });
});

describe("a person", () => {
  it("is shown beside the list, with the focus on their name and back again", async () => {
    const { user } = openWindow(inNorthfield("people"));
    const grid = await screen.findByRole("grid");
    await within(grid).findAllByRole("row");
    act(() => grid.focus());
    await user.keyboard("{ArrowDown}{Enter}");
    await screen.findByRole("button", { name: "Edit" });
    const heading = screen.getByRole("heading", { level: 2 });
    await waitFor(() => expect(heading).toHaveFocus());
    await expectAccessible();
    await user.keyboard("{Escape}");
    await waitFor(() => expect(grid).toHaveFocus());
  });

  it("is edited, and only what was changed is sent", async () => {
    const { user, world } = openWindow(inNorthfield(`people/${learner}`));
    await user.click(await screen.findByRole("button", { name: "Edit" }));
    const name = await screen.findByLabelText("Name");
    await user.clear(name);
    await user.type(name, "Zeno of Elea");
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByRole("heading", { name: "Zeno of Elea" })).toBeInTheDocument();
    expect(world.organizations[0]!.audit.at(-1)?.after).toEqual({ name: "Zeno of Elea" });
  });

  it("stays open when its form is closed with Esc", async () => {
    const { user } = openWindow(inNorthfield(`people/${learner}`));
    await user.click(await screen.findByRole("button", { name: "Edit" }));
    await user.type(await screen.findByLabelText("Phone (optional)"), "1");
    await user.keyboard("{Escape}");
    await user.click(await screen.findByRole("button", { name: "Discard" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
    expect(screen.getByRole("button", { name: "Edit" })).toBeInTheDocument();
  });

  it("is not overwritten when somebody else was faster", async () => {
    const { user } = openWindow(inNorthfield(`people/${learner}`));
    await user.click(await screen.findByRole("button", { name: "Edit" }));
    const name = await screen.findByLabelText("Name");
    await user.clear(name);
    await user.type(name, "stale");
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByText("Someone changed this while you had it open.")).toBeInTheDocument();
    expect(screen.getByLabelText("Name")).toHaveValue("stale");
  });

  it("gets another role only after its effect was shown, and back by undo", async () => {
    const { user, world } = openWindow(inNorthfield(`people/${reviewer}`));
    const person = world.organizations[0]!.people.find((candidate) => candidate.personId === reviewer)!;
    await screen.findByRole("button", { name: "Edit" });
    const panel = screen.getByRole("complementary");
    await user.click(within(panel).getByRole("combobox", { name: "Role" }));
    await user.click(await screen.findByRole("option", { name: "Instructor" }));
    expect(await screen.findByText(/It counts at once/)).toBeInTheDocument();
    expect(person.role).toBe("reviewer");
    await user.click(screen.getByRole("button", { name: "Change role" }));
    await screen.findByText(/is now instructor/);
    expect(person.role).toBe("instructor");
    await user.click(screen.getByRole("button", { name: "Undo" }));
    await waitFor(() => expect(person.role).toBe("reviewer"));
  });

  it("is archived after its effect was shown, and restored by Ctrl+Z", async () => {
    const { user, world } = openWindow(inNorthfield(`people/${learner}`));
    const person = world.organizations[0]!.people.find((candidate) => candidate.personId === learner)!;
    await user.click(await screen.findByRole("button", { name: "More actions" }));
    await user.click(await screen.findByRole("menuitem", { name: "Archive…" }));
    expect(await screen.findByText(/come back with them/)).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Archive" }));
    await screen.findByText(/is archived/);
    expect(person.archivedAt).not.toBeNull();
    act(() => document.body.focus());
    await user.keyboard("{Control>}z{/Control}");
    await waitFor(() => expect(person.archivedAt).toBeNull());
  });

  it("gets a sign-in code that is shown once, with its effect first", async () => {
    const { user } = openWindow(inNorthfield(`people/${learner}`));
    await user.click(await screen.findByRole("button", { name: "Sign-in code" }));
    expect(await screen.findByText(/signed out everywhere/)).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Make code" }));
    expect(await screen.findByText("K7QM-42XD-9TPA")).toBeInTheDocument();
    await expectAccessible();
  });

  it("of one's own rank keeps the role", async () => {
    openWindow(inNorthfield(`people/${ottoline}`));
    await screen.findByRole("button", { name: "Edit" });
    const panel = screen.getByRole("complementary");
    expect(within(panel).getByRole("combobox", { name: "Role" })).toBeDisabled();
  });

  it("says who changed what", async () => {
    const { user } = openWindow(inNorthfield(`people/${learner}`));
    await user.click(await screen.findByRole("button", { name: "Edit" }));
    await user.type(await screen.findByLabelText("Phone (optional)"), "+43 1 555");
    await user.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
    await user.click(screen.getByRole("button", { name: "Who changed this?" }));
    expect(await screen.findByText(/changed a person/)).toBeInTheDocument();
  });

  it("that does not exist is told in words", async () => {
    openWindow(inNorthfield(`people/${fakeId(1, 424_242)}`));
    expect(await screen.findByText("This person is not in this organization.")).toBeInTheDocument();
  });
});
