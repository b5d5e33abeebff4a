import { act, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { noteOutcome } from "../connections/link";
import { Failure } from "../../platform";
import { expectAccessible, inNorthfield, openWindow, screen } from "../../testing/open";

describe("the window around a page", () => {
  it("shows the sections and which one is open", async () => {
    openWindow(inNorthfield("people"));
    expect(await screen.findByRole("link", { name: /People/ })).toHaveAttribute("aria-current", "page");
    await screen.findByRole("grid");
    await expectAccessible();
  });

  it("goes from section to section by keyboard, with the focus on the heading", async () => {
    const { user } = openWindow(inNorthfield("overview"));
    await screen.findByRole("heading", { name: "Overview" });
    await user.keyboard("{Control>}6{/Control}");
    const heading = await screen.findByRole("heading", { name: "Activity" });
    await waitFor(() => expect(heading).toHaveFocus());
  });

  it("finds people, courses and commands from anywhere", async () => {
    const { user, router } = openWindow(inNorthfield("overview"));
    await screen.findByRole("heading", { name: "Overview" });
    await user.keyboard("{Control>}k{/Control}");
    const search = await screen.findByRole("textbox", { name: /Search people and courses/ });
    await user.type(search, "bread");
    expect(await screen.findByText("Bread from first principles")).toBeInTheDocument();
    await user.clear(search);
    await user.type(search, "Ottoline");
    await screen.findByRole("button", { name: /Ottoline Vasquez-Brandt person1@/ });
    await user.keyboard("{Enter}");
    await waitFor(() => expect(router.state.location.pathname).toContain("/people/"));
    await user.keyboard("{Control>}k{/Control}");
    await user.type(await screen.findByRole("textbox", { name: /Search people and courses/ }), "Ottoline");
    await user.click(await screen.findByRole("button", { name: /Ottoline Vasquez-Brandt person1@/ }));
    await waitFor(() => expect(router.state.location.pathname).toContain("/people/"));
  });

  it("says that the connection is lost, and that it is back", async () => {
    const { user } = openWindow(inNorthfield("settings"));
    await screen.findByText("On this computer");
    act(() => noteOutcome(new Failure({ code: "unreachable", message: "", field: null, nextStep: null })));
    expect(await screen.findByText("Connection lost")).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Try now" }));
    expect(await screen.findByText("On this computer")).toBeInTheDocument();
  });

  it("switches the organization", async () => {
    const { user } = openWindow(inNorthfield("people"));
    await user.click(await screen.findByRole("button", { name: /Switch organization/ }));
    await user.click(await screen.findByRole("menuitem", { name: /Школа Верес/ }));
    expect(await screen.findByRole("button", { name: /Switch organization: Школа Верес/ })).toBeInTheDocument();
  });

  it("speaks German when asked", async () => {
    const { user } = openWindow(inNorthfield("people"));
    await user.click(await screen.findByRole("button", { name: /Your account/ }));
    await user.click(await screen.findByRole("menuitemradio", { name: "Deutsch" }));
    expect(await screen.findByRole("heading", { name: "Personen" })).toBeInTheDocument();
    expect(document.documentElement.lang).toBe("de");
  });

  it("keeps a broken page from taking the rest with it, and a wrong address from being a blank page", async () => {
    openWindow("/no-such-page");
    expect(await screen.findByText("There is nothing here")).toBeInTheDocument();
    await expectAccessible();
  });

  it("lists its keys", async () => {
    const { user } = openWindow(inNorthfield("people"));
    await user.click(await screen.findByRole("button", { name: /Your account/ }));
    await user.click(await screen.findByRole("menuitem", { name: "Keyboard shortcuts" }));
    const dialog = await screen.findByRole("dialog", { name: "Keyboard shortcuts" });
    expect(within(dialog).getByText("Search everything")).toBeInTheDocument();
  });
});
