import { waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { expectAccessible, inNorthfield, openWindow, screen } from "../../testing/open";
import { niceMarks } from "./WeeklyChart";

describe("the overview", () => {
  it("leads from each number to the rows behind it", async () => {
    const { user, router } = openWindow(inNorthfield("overview"));
    await user.click(await screen.findByRole("link", { name: /At risk/ }));
    await waitFor(() => expect(router.state.location.pathname).toBe(inNorthfield("enrollments")));
    expect(router.state.location.search).toMatchObject({ state: "atRisk" });
  });

  it("shows the weeks as a chart and as a table", async () => {
    const { user } = openWindow(inNorthfield("overview"));
    expect(await screen.findByRole("img", { name: /completions in 12 weeks/ })).toBeInTheDocument();
    await expectAccessible();
    await user.click(screen.getByRole("button", { name: "Show as a table" }));
    expect(screen.getAllByRole("rowheader")).toHaveLength(12);
    await expectAccessible();
  });

  it("of a new organization says how to begin", async () => {
    openWindow(inNorthfield("overview"), { empty: true });
    expect(await screen.findByText("Ready for the first course")).toBeInTheDocument();
    await expectAccessible();
  });

  it("of an instructor without courses does not ask for what only admins may do", async () => {
    openWindow(inNorthfield("overview"), { empty: true, role: "instructor" });
    expect(await screen.findByText("No courses of yours yet")).toBeInTheDocument();
    expect(screen.queryByText(/Add people/)).not.toBeInTheDocument();
    await expectAccessible();
  });
});

describe("the marks of the chart's axis", () => {
  it("are round and reach over the highest bar", () => {
    expect(niceMarks(7)).toEqual([0, 2, 4, 6, 8]);
    expect(niceMarks(1)).toEqual([0, 1]);
    expect(niceMarks(930)).toEqual([0, 500, 1000]);
  });
});
