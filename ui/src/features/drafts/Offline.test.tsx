import { act, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { setOnline } from "../../fake/draftWorld";
import { startAnew } from "../connections/start";
import { draftLessonAddress } from "../../testing/northfield";
import { expectAccessible, inNorthfield, openWindow, screen } from "../../testing/open";

const away = { start: "disconnected", offline: true } as const;

describe("when the server cannot be reached", () => {
  const connect = async () => {
    const window = openWindow("/connect", away);
    await window.user.click(await screen.findByRole("button", { name: "Connect: Northfield production" }));
    return { ...window, offered: within(await screen.findByRole("region", { name: "Go on without the server" })) };
  };

  it("opens the drafts of somebody who signed in here before, with their password", async () => {
    startAnew();
    const { user, offered, router } = await connect();
    expect(screen.getByText("The server does not answer.")).toBeInTheDocument();
    await user.click(offered.getByRole("button", { name: "Work offline as Amara Nwosu-Lindqvist" }));
    expect(offered.getByLabelText(/^Password/)).toHaveFocus();
    await user.keyboard("wrong one{Enter}");
    expect(await offered.findByText(/not the password of your last sign-in/)).toBeInTheDocument();
    await expectAccessible();
    await user.clear(offered.getByLabelText(/^Password/));
    await user.type(offered.getByLabelText(/^Password/), "the right one{Enter}");
    expect(await screen.findByRole("heading", { name: "Drafts" })).toBeInTheDocument();
    expect(router.state.location.pathname).toBe(inNorthfield("drafts"));
  });

  it("says why somebody's drafts no longer open, and what to do", async () => {
    const { offered } = await connect();
    expect(offered.getByText(/Too long without the server/)).toBeInTheDocument();
    expect(offered.queryByRole("button", { name: "Work offline as Søren Ødegård" })).not.toBeInTheDocument();
  });
});

describe("the window with only the drafts open", () => {
  it("offers nothing that needs the server, and says so at other addresses", async () => {
    const { user } = openWindow(inNorthfield("people"), { offline: true });
    expect(await screen.findByText("This page needs the server")).toBeInTheDocument();
    const sections = within(screen.getByRole("navigation", { name: "Sections" }));
    expect(sections.getAllByRole("listitem")).toHaveLength(1);
    await expectAccessible();
    await user.click(screen.getByRole("button", { name: "Try to connect" }));
    expect(await screen.findByText("The server does not answer.")).toBeInTheDocument();
    await user.click(screen.getByRole("link", { name: "Go to drafts" }));
    expect(await screen.findByRole("heading", { name: "Drafts" })).toBeInTheDocument();
  });

  it("says that the server is back without a dialog, and connects when asked to", async () => {
    const { user, world } = openWindow(draftLessonAddress("Algebra again", "A first attempt"), { offline: true });
    await screen.findByRole("textbox", { name: "Text of A first attempt" });
    expect(screen.getByRole("link", { name: "Offline, saved here" })).toBeInTheDocument();
    act(() => setOnline(world, true));
    expect(await screen.findByRole("link", { name: "The server is back" })).toBeInTheDocument();
    expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Connect" }));
    expect(await screen.findByRole("link", { name: /Overview/ })).toBeInTheDocument();
  });

  it("lets one leave, and choose again who works", async () => {
    const { user, router } = openWindow(inNorthfield("drafts"), { offline: true });
    await user.click(await screen.findByRole("button", { name: /Your account/ }));
    expect(screen.queryByRole("menuitem", { name: "Change password…" })).not.toBeInTheDocument();
    await user.click(await screen.findByRole("menuitem", { name: "Sign out" }));
    await waitFor(() => expect(router.state.location.pathname).toBe("/connect"));
  });
});
