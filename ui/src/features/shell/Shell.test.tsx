import { describe, expect, it } from "vitest";
import { expectAccessible, inNorthfield, openWindow, screen } from "../../testing/open";

describe("the window around a page", () => {
  it("shows the sections and which one is open", async () => {
    openWindow(inNorthfield("people"));
    expect(await screen.findByRole("link", { name: /People/ })).toHaveAttribute("aria-current", "page");
    await expectAccessible();
  });
});
