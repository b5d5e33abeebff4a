import { waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { replacePlatform } from "../../platform";
import { expectAccessible, openWindow, screen } from "../../testing/open";
import { startAnew } from "./start";

beforeEach(startAnew);

async function fillServer(user: ReturnType<typeof openWindow>["user"], host: string) {
  await user.click(await screen.findByRole("button", { name: "Add a server" }));
  await user.type(await screen.findByLabelText("Name"), "Test server");
  await user.type(screen.getByLabelText("Host"), host);
  await user.type(screen.getByLabelText("Login of this desk"), "desk");
}

describe("connecting", () => {
  it("opens the database on this computer and asks for its first owner", async () => {
    const { user } = openWindow("/", { start: "disconnected" });
    await user.click(await screen.findByRole("button", { name: "Open" }));
    expect(await screen.findByRole("heading", { name: "Set up the first owner" })).toBeInTheDocument();
  });

  it("has nothing an assistive technology would stumble over", async () => {
    openWindow("/connect", { start: "disconnected", keyring: "locked" });
    await screen.findByText("Northfield production");
    await screen.findByText("The keyring is locked.");
    await expectAccessible();
  });

  it("goes to signing in on a saved server", async () => {
    const { user } = openWindow("/connect", { start: "disconnected" });
    await user.click(await screen.findByRole("button", { name: "Connect: Northfield production" }));
    expect(await screen.findByRole("heading", { name: "Sign in" })).toBeInTheDocument();
  });

  it("says at the server why it could not be reached", async () => {
    const { user } = openWindow("/connect", { start: "disconnected" });
    await fillServer(user, "unreachable.example");
    await user.click(screen.getByRole("button", { name: "Save" }));
    await user.click(await screen.findByRole("button", { name: "Connect: Test server" }));
    expect(await screen.findByText("The server does not answer.")).toBeInTheDocument();
  });

  it("shows step by step what fails before anything is saved", async () => {
    const { user, world } = openWindow("/connect", { start: "disconnected" });
    await fillServer(user, "badca.example");
    await user.click(screen.getByRole("button", { name: "Check the connection" }));
    const steps = await screen.findByRole("list", { name: "Check of the connection" });
    expect(within(steps).getByText(/authority this computer does not know/)).toBeInTheDocument();
    expect(within(steps).getByText("Choose your organization's CA file.")).toBeInTheDocument();
    expect(world.connections).toHaveLength(1);
    await expectAccessible();
  });

  it("asks for the password a connection does not keep", async () => {
    const { user, world } = openWindow("/connect", { start: "disconnected" });
    world.connections[0]!.secretStore = "ask";
    await user.click(await screen.findByRole("button", { name: "Connect: Northfield production" }));
    const dialog = await screen.findByRole("dialog", { name: "Password for Northfield production" });
    await user.type(within(dialog).getByLabelText("Password of that login"), "wrong");
    await user.click(within(dialog).getByRole("button", { name: "Connect" }));
    expect(await within(dialog).findByText(/refused this user and password/)).toBeInTheDocument();
  });

  it("does not send a password away to be kept when it is to be asked for each time", async () => {
    const { user, platform } = openWindow("/connect", { start: "disconnected" });
    const sent = vi.spyOn(platform, "saveConnection");
    replacePlatform(platform);
    await fillServer(user, "db.example");
    await user.type(screen.getByLabelText("Password of that login"), "a secret");
    await user.click(screen.getByRole("combobox", { name: "Where the password is kept" }));
    await user.click(await screen.findByRole("option", { name: "Nowhere: ask each time" }));
    await user.click(screen.getByRole("button", { name: "Save" }));
    await screen.findByRole("button", { name: "Connect: Test server" });
    expect(sent).toHaveBeenCalledWith(expect.objectContaining({ name: "Test server", secretStore: "ask" }), null);
  });

  it("turns encryption off only for this computer, and back on for any other", async () => {
    const { user } = openWindow("/connect", { start: "disconnected" });
    await fillServer(user, "localhost");
    expect(screen.getByText(/Everything travels readable/)).toBeInTheDocument();
    await user.type(screen.getByLabelText("Host"), ".example.org");
    expect(screen.getByText(/Nobody in between/)).toBeInTheDocument();
  });

  it("refuses what cannot be a server while it is typed", async () => {
    const { user } = openWindow("/connect", { start: "disconnected" });
    await fillServer(user, "postgres://desk@db");
    expect(screen.getByText("Only the server's name, without user, password or port.")).toBeInTheDocument();
  });

  it("does not work on a database whose schema is behind", async () => {
    const { user, world } = openWindow("/connect", { start: "disconnected" });
    world.connections[0]!.host = "old.example";
    await user.click(await screen.findByRole("button", { name: "Connect: Northfield production" }));
    expect(await screen.findByText("Ask IT to run: lectern migrate")).toBeInTheDocument();
  });

  it("shows a removal's effect before it removes a server", async () => {
    const { user, world } = openWindow("/connect", { start: "disconnected" });
    await user.click(await screen.findByRole("button", { name: "More for Northfield production" }));
    await user.click(await screen.findByRole("menuitem", { name: "Remove" }));
    expect(await screen.findByText(/The database on the server stays as it is/)).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Remove" }));
    await waitFor(() => expect(world.connections).toEqual([]));
  });
});
