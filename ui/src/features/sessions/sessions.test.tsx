import { act, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { expectAccessible, inNorthfield, northfield, openWindow, screen } from "../../testing/open";

describe("the first owner", () => {
  it("is set up with an organization and lands in it", async () => {
    const { user } = openWindow("/", { start: "firstOwner" });
    await user.type(await screen.findByLabelText("Your name"), "Ottoline Brandt");
    await user.type(screen.getByLabelText("E-mail"), "ottoline@example.org");
    await user.type(screen.getByLabelText("New password"), "a long enough sentence");
    await user.type(screen.getByLabelText("Name of your organization"), "Evening School");
    await expectAccessible();
    await user.click(screen.getByRole("button", { name: "Create owner and sign in" }));
    expect(await screen.findByRole("heading", { name: "Overview" })).toBeInTheDocument();
    expect(screen.getAllByText("Evening School").length).toBeGreaterThan(0);
  });

  it("may leave the organization for later and is offered to create one", async () => {
    const { user } = openWindow("/", { start: "firstOwner" });
    await user.type(await screen.findByLabelText("Your name"), "Ottoline Brandt");
    await user.type(screen.getByLabelText("E-mail"), "ottoline@example.org");
    await user.type(screen.getByLabelText("New password"), "a long enough sentence");
    await user.click(screen.getByRole("button", { name: "Create owner and sign in" }));
    await user.click(await screen.findByRole("button", { name: "New organization" }));
    await user.type(await screen.findByLabelText("Name"), "Žofie's School");
    expect(screen.getByLabelText("Short name")).toHaveValue("zofie-s-school");
    await user.click(screen.getByRole("button", { name: "Create organization" }));
    expect(await screen.findByRole("heading", { name: "Overview" })).toBeInTheDocument();
  });

  it("is told what is missing, at its field", async () => {
    const { user } = openWindow("/", { start: "firstOwner" });
    await user.type(await screen.findByLabelText("New password"), "short");
    await user.click(screen.getByRole("button", { name: "Create owner and sign in" }));
    expect(screen.getByText("Use at least 10 characters.")).toBeInTheDocument();
    expect(screen.getByLabelText("Your name")).toHaveFocus();
  });
});

describe("signing in", () => {
  it("opens the organization", async () => {
    const { user } = openWindow("/", { start: "signedOut" });
    await user.type(await screen.findByLabelText("E-mail"), "amara@northfield.example");
    await user.type(screen.getByLabelText("Password"), "right{Enter}");
    expect(await screen.findByRole("heading", { name: "Overview" })).toBeInTheDocument();
  });

  it("says in one sentence that e-mail and password do not match", async () => {
    const { user } = openWindow("/", { start: "signedOut" });
    await user.type(await screen.findByLabelText("E-mail"), "amara@northfield.example");
    await user.type(screen.getByLabelText("Password"), "wrong{Enter}");
    expect(await screen.findByRole("alert")).toHaveTextContent("E-mail and password do not match.");
    await expectAccessible();
  });

  it("says how long to wait after too many tries", async () => {
    const { user } = openWindow("/", { start: "signedOut" });
    await user.type(await screen.findByLabelText("E-mail"), "amara@northfield.example");
    await user.type(screen.getByLabelText("Password"), "locked{Enter}");
    expect(await screen.findByRole("alert")).toHaveTextContent("waits for 2 minutes");
  });

  it("takes a code and a new password instead, and keeps the e-mail typed", async () => {
    const { user } = openWindow("/", { start: "signedOut" });
    await user.type(await screen.findByLabelText("E-mail"), "amara@northfield.example");
    await user.click(screen.getByRole("button", { name: "I have a sign-in code" }));
    expect(screen.getByLabelText("E-mail")).toHaveValue("amara@northfield.example");
    await user.type(screen.getByLabelText("Sign-in code"), "K7QM-42XD");
    await user.type(screen.getByLabelText("New password"), "a long enough sentence");
    await user.click(screen.getByRole("button", { name: "Set password and sign in" }));
    expect(await screen.findByRole("heading", { name: "Overview" })).toBeInTheDocument();
  });

  it("does not offer to stay signed in where nothing can keep the session safe, and says why", async () => {
    openWindow("/", { start: "signedOut", keyring: "missing" });
    expect(await screen.findByText("This computer has no keyring.")).toBeInTheDocument();
    expect(screen.getByRole("checkbox", { name: "Stay signed in on this computer" })).toBeDisabled();
  });

  it("ends with signing out, and nothing read stays in memory", async () => {
    const { user, client } = openWindow(inNorthfield("people"));
    await screen.findByRole("grid", { name: "People" });
    await user.click(await screen.findByRole("button", { name: /Your account/ }));
    await user.click(await screen.findByRole("menuitem", { name: "Sign out" }));
    expect(await screen.findByRole("heading", { name: "Sign in" })).toBeInTheDocument();
    const kept = client.getQueryCache().getAll().map((query) => query.queryKey[0]);
    expect(kept).not.toContain(northfield);
  });
});

describe("a session that ends in the middle of work", () => {
  it("asks to sign in again over the page and keeps what was written", async () => {
    const { user, world } = openWindow(inNorthfield("people?adding=true"));
    await user.type(await screen.findByLabelText("Name"), "Zeno Ueda");
    await user.type(screen.getByLabelText("E-mail"), "zeno@example.org");
    act(() => {
      world.me = null;
    });
    await user.click(screen.getAllByRole("button", { name: "Add person" }).at(-1)!);
    const dialog = await screen.findByRole("dialog", { name: "Your session has ended" });
    await user.type(within(dialog).getByLabelText("Password"), "right{Enter}");
    await waitFor(() => expect(screen.queryByRole("dialog", { name: "Your session has ended" })).not.toBeInTheDocument());
    expect(screen.getByLabelText("Name")).toHaveValue("Zeno Ueda");
    await user.click(screen.getAllByRole("button", { name: "Add person" }).at(-1)!);
    expect(await screen.findByRole("heading", { name: "Zeno Ueda" })).toBeInTheDocument();
  });
});

describe("changing the password", () => {
  it("tells at its field that the current one is not right", async () => {
    const { user } = openWindow(inNorthfield("overview"));
    await user.click(await screen.findByRole("button", { name: /Your account/ }));
    await user.click(await screen.findByRole("menuitem", { name: "Change password…" }));
    await user.type(await screen.findByLabelText("Current password"), "wrong");
    await user.type(screen.getByLabelText("New password"), "a long enough sentence");
    await user.click(screen.getByRole("button", { name: "Change password" }));
    expect(await screen.findByText("The current password is not right.")).toBeInTheDocument();
    await user.clear(screen.getByLabelText("Current password"));
    await user.type(screen.getByLabelText("Current password"), "right");
    await user.click(screen.getByRole("button", { name: "Change password" }));
    expect(await screen.findByText(/Your password is changed/)).toBeInTheDocument();
  });
});
