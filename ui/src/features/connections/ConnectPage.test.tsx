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
    expect(sent).toHaveBeenCalledWith(expect.objectContaining({ name: "Test server", secretStore: "ask" }), null, null);
  });

  it("says what is wrong with the keyring and keeps the password in an encrypted file once that is chosen", async () => {
    const { user, world } = openWindow("/connect", { start: "disconnected", keyring: "dead" });
    await fillServer(user, "db.example");
    const form = screen.getByRole("dialog", { name: "Add a server" });
    expect(within(form).getByText("The keyring does not answer.")).toBeInTheDocument();
    await user.type(within(form).getByLabelText("Password of that login"), "a secret");
    await user.click(within(form).getByRole("button", { name: "Use an encrypted file" }));
    await user.type(await within(form).findByLabelText("New passphrase for the encrypted file"), "too short");
    await user.click(within(form).getByRole("button", { name: "Save" }));
    expect(within(form).getByText("A passphrase that protects passwords has at least 12 characters.")).toBeInTheDocument();
    expect(world.connections).toHaveLength(1);
    await expectAccessible();
    await user.clear(within(form).getByLabelText("New passphrase for the encrypted file"));
    await user.type(within(form).getByLabelText("New passphrase for the encrypted file"), "ladder orbit mustard");
    await user.click(within(form).getByRole("button", { name: "Save" }));
    await user.click(await screen.findByRole("button", { name: "Connect: Test server" }));
    expect(await screen.findByRole("heading", { name: "Sign in" })).toBeInTheDocument();
    expect(world.file.kept.get("Test server")).toBe("a secret");
  });

  it("asks for the passphrase of the file once per start, and tells a wrong one from a wrong password", async () => {
    const { user, world } = openWindow("/connect", { start: "disconnected" });
    world.connections[0]!.secretStore = "file";
    world.file = { passphrase: "ladder orbit mustard", isOpen: false, kept: new Map([["Northfield production", "wrong"]]) };
    await user.click(await screen.findByRole("button", { name: "Connect: Northfield production" }));
    const dialog = await screen.findByRole("dialog", { name: "Passphrase for Northfield production" });
    await user.type(within(dialog).getByLabelText("Passphrase of the encrypted file"), "ladder orbit hunger");
    await user.click(within(dialog).getByRole("button", { name: "Connect" }));
    expect(await within(dialog).findByText(/does not open the file of secrets/)).toBeInTheDocument();
    await user.clear(within(dialog).getByLabelText("Passphrase of the encrypted file"));
    await user.type(within(dialog).getByLabelText("Passphrase of the encrypted file"), "ladder orbit mustard");
    await user.click(within(dialog).getByRole("button", { name: "Connect" }));

    const password = await screen.findByRole("dialog", { name: "Password for Northfield production" });
    await user.type(within(password).getByLabelText("Password of that login"), "right");
    await user.click(within(password).getByRole("button", { name: "Connect" }));
    expect(await screen.findByRole("heading", { name: "Sign in" })).toBeInTheDocument();
  });

  it("removes a connection whose passphrase is lost, and says what stays", async () => {
    const { user, world } = openWindow("/connect", { start: "disconnected" });
    world.connections[0]!.secretStore = "file";
    world.file = { passphrase: "ladder orbit mustard", isOpen: false, kept: new Map([["Northfield production", "a secret"]]) };
    await user.click(await screen.findByRole("button", { name: "More for Northfield production" }));
    await user.click(await screen.findByRole("menuitem", { name: "Remove" }));
    expect(await screen.findByText(/the password stays in the file/)).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Remove" }));
    await waitFor(() => expect(world.connections).toEqual([]));
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
