import { waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { expectAccessible, inNorthfield, openWindow, screen } from "../../testing/open";
import { slugFrom } from "./rules";

describe("an organization's settings", () => {
  it("are saved, and the switcher shows the new name", async () => {
    const { user } = openWindow(inNorthfield("settings"));
    const name = await screen.findByLabelText("Name");
    await expectAccessible();
    await user.clear(name);
    await user.type(name, "Southfield");
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByText("Saved")).toBeInTheDocument();
    expect(screen.getByRole("button", { name: /Switch organization: Southfield/ })).toBeInTheDocument();
  });

  it("show a taken short name at the short name", async () => {
    const { user } = openWindow(inNorthfield("settings"));
    const slug = await screen.findByLabelText("Short name");
    await user.clear(slug);
    await user.type(slug, "taken");
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByText(/already uses this short name/)).toBeInTheDocument();
  });

  it("say how long drafts open without the server, and whether a reviewer approves", async () => {
    const { user, world } = openWindow(inNorthfield("settings"));
    const days = await screen.findByLabelText("Days without the server");
    expect(days).toHaveValue("14");
    await user.clear(days);
    await user.type(days, "366");
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByText("A whole number from 0 to 365.")).toBeInTheDocument();
    await user.clear(days);
    await user.type(days, "0");
    await user.click(screen.getByRole("switch", { name: /A reviewer approves before publishing/ }));
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByText("Saved")).toBeInTheDocument();
    expect(world.organizations[0]!.facts).toMatchObject({ offlineDays: 0, approvalRequired: true, locale: "en-GB" });
  });

  it("can be read, not changed, by whoever may not", async () => {
    openWindow(inNorthfield("settings"), { role: "instructor" });
    expect(await screen.findByLabelText("Name")).toBeDisabled();
    expect(screen.queryByRole("button", { name: "Save" })).not.toBeInTheDocument();
  });

  it("archive the organization after showing what that means, and restore it", async () => {
    const { user, world } = openWindow(inNorthfield("settings"));
    await user.click(await screen.findByRole("button", { name: "Archive organization…" }));
    expect(await screen.findByText(/Nobody can add or change anything/)).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Archive" }));
    await waitFor(() => expect(world.organizations[0]!.facts.archivedAt).not.toBeNull());
    expect(await screen.findByText(/It can be read; restore it/)).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Restore" }));
    await waitFor(() => expect(world.organizations[0]!.facts.archivedAt).toBeNull());
  });
});

describe("a short name made from a name", () => {
  it("keeps what can stand in an address, whatever the script", () => {
    expect(slugFrom("Žofie's Straße 12")).toBe("zofie-s-strasse-12");
    expect(slugFrom("学校")).toBe("");
    expect(slugFrom("--- x ---")).toBe("x");
  });
});
