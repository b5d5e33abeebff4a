import { waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { courseAddress, courseIn, enrollmentAddress } from "../../testing/northfield";
import { expectAccessible, inNorthfield, openWindow, screen } from "../../testing/open";
import { stateOf } from "./state";

const list = inNorthfield("enrollments");

describe("the list of enrollments", () => {
  it("shows who learns what and how far they are", async () => {
    openWindow(list);
    expect(await screen.findByText(/^[\d,]+ enrollments$/)).toBeInTheDocument();
    expect(screen.getAllByRole("row").length).toBeGreaterThan(3);
    await expectAccessible();
  });

  it("shows only those at risk when asked", async () => {
    openWindow(`${list}?state=atRisk`);
    const rows = await screen.findAllByText("At risk", { selector: ".mantine-Badge-label" });
    expect(rows.length).toBeGreaterThan(0);
    expect(screen.queryByText("Completed", { selector: ".mantine-Badge-label" })).not.toBeInTheDocument();
  });

  it("names the course its address filters by and drops the filter", async () => {
    const course = courseAddress("Reading weather").split("/").at(-1);
    const { user, router } = openWindow(`${list}?courseId=${course}`);
    const filter = await screen.findByRole("combobox", { name: "Course" });
    await waitFor(() => expect(filter).toHaveValue("Reading weather"));
    await user.click(screen.getByRole("button", { name: "Clear the choice" }));
    await waitFor(() => expect(router.state.location.search).not.toHaveProperty("courseId", course));
  });

  it("says that nothing fits and shows all again", async () => {
    const { user } = openWindow(`${list}?search=nobody-of-this-name`);
    await user.click(await screen.findByRole("button", { name: "Show every enrollment" }));
    expect(await screen.findByText(/^[\d,]+ enrollments$/)).toBeInTheDocument();
  });

  it("begins with an invitation where nobody is enrolled", async () => {
    openWindow(list, { empty: true });
    expect(await screen.findByRole("heading", { name: "Nobody is enrolled yet" })).toBeInTheDocument();
    await expectAccessible();
  });
});

describe("enrolling a person", () => {
  it("finds course and person by typing and opens the enrollment", async () => {
    const { user, world } = openWindow(list);
    const before = world.organizations[0]?.enrollments.length ?? 0;
    const course = courseIn(world, "Reading weather");
    const taken = new Set(world.organizations[0]?.enrollments.filter(({ courseId }) => courseId === course.id).map(({ personId }) => personId));
    const person = world.organizations[0]?.people.find(({ personId, archivedAt, role }) => !taken.has(personId) && archivedAt === null && role === "learner");
    await user.click(await screen.findByRole("button", { name: "Enroll a person" }));
    const dialog = within(await screen.findByRole("dialog", { name: "Enroll a person" }));
    await user.click(dialog.getByRole("combobox", { name: /Course/ }));
    await user.paste("reading w");
    await user.click(await screen.findByRole("option", { name: /Reading weather/ }));
    await user.click(dialog.getByRole("combobox", { name: /Person/ }));
    await user.paste(person?.email ?? "");
    await user.click(await screen.findByRole("option", { name: new RegExp(person?.email ?? "") }));
    await expectAccessible();
    await user.click(dialog.getByRole("button", { name: "Enroll" }));
    expect(await screen.findByRole("heading", { level: 2, name: person?.name ?? "" })).toBeInTheDocument();
    expect(world.organizations[0]?.enrollments).toHaveLength(before + 1);
  });

  it("tells that somebody is enrolled already, with the way to that enrollment", async () => {
    const { enrollment } = enrollmentAddress((row) => row.withdrawnAt === null && row.courseTitle === "Reading weather");
    const { user, router } = openWindow(courseAddress("Reading weather"));
    await user.click(await screen.findByRole("button", { name: "Enroll a person" }));
    const dialog = within(await screen.findByRole("dialog", { name: "Enroll a person" }));
    await user.click(dialog.getByRole("combobox", { name: /Person/ }));
    await user.paste(enrollment.personEmail);
    await user.click(await screen.findByRole("option", { name: new RegExp(enrollment.personEmail) }));
    await user.click(await dialog.findByRole("link", { name: "Show that enrollment" }));
    await waitFor(() => expect(router.state.location.pathname).toContain(enrollment.id));
  });

  it("asks for both before anything is sent", async () => {
    const { user, world } = openWindow(`${list}?adding=true`);
    const dialog = within(await screen.findByRole("dialog", { name: "Enroll a person" }));
    await user.click(dialog.getByRole("button", { name: "Enroll" }));
    expect(await dialog.findByText("Choose a course.")).toBeInTheDocument();
    expect(dialog.getByText("Choose a person.")).toBeInTheDocument();
    expect(world.operations.size).toBe(0);
  });

  it("prepares people for a draft, and puts a refusal of a course archived meanwhile at the course", async () => {
    const { user, world } = openWindow(courseAddress("Algebra again"));
    await user.click(await screen.findByRole("button", { name: "Enroll a person" }));
    const dialog = within(await screen.findByRole("dialog", { name: "Enroll a person" }));
    const person = world.organizations[0]?.people.find(({ role, archivedAt }) => role === "learner" && archivedAt === null);
    await user.click(dialog.getByRole("combobox", { name: /Person/ }));
    await user.paste(person?.email ?? "");
    await user.click(await screen.findByRole("option", { name: new RegExp(person?.email ?? "") }));
    expect(await dialog.findByText(/not published yet: the person sees it once it is/)).toBeInTheDocument();
    const course = world.organizations[0]?.courses.find(({ title }) => title === "Algebra again");
    course!.archivedAt = course!.createdAt;
    await user.click(dialog.getByRole("button", { name: "Enroll" }));
    expect(await dialog.findByText(/This course is archived/)).toBeInTheDocument();
    course!.archivedAt = null;
    await user.click(dialog.getByRole("button", { name: "Enroll" }));
    await waitFor(() => expect(world.organizations[0]?.enrollments.some((row) => row.courseId === course?.id && row.personId === person?.personId)).toBe(true));
  });
});

describe("one enrollment", () => {
  const { address, enrollment } = enrollmentAddress((row) => row.withdrawnAt === null && row.completedAt === null && row.progress > 0 && row.progress < 80);
  const now = (world: ReturnType<typeof openWindow>["world"]) => world.organizations[0]?.enrollments.find(({ id }) => id === enrollment.id);
  const panel = async () => within(await screen.findByRole("complementary", { name: enrollment.personName }));

  it("marks a lesson completed and says what that makes of the progress", async () => {
    const { user, world } = openWindow(address);
    const open = (await (await panel()).findAllByRole("checkbox", { checked: false }))[0] as HTMLElement;
    await user.click(open);
    await waitFor(() => expect(now(world)?.progress).toBeGreaterThan(enrollment.progress));
    expect(await screen.findByText(/is completed\. Progress is \d+%\./)).toBeInTheDocument();
    expect(open).toBeChecked();
    await expectAccessible();
  });

  it("is withdrawn after its effect was shown, and comes back with undo", async () => {
    const { user, world } = openWindow(address);
    await user.click(await (await panel()).findByRole("button", { name: "Withdraw" }));
    const dialog = within(await screen.findByRole("dialog"));
    expect(dialog.getByText(new RegExp(`The progress of ${enrollment.progress}% is kept`))).toBeInTheDocument();
    await user.click(dialog.getByRole("button", { name: "Withdraw" }));
    await waitFor(() => expect(now(world)?.withdrawnAt).not.toBeNull());
    expect(await screen.findByRole("button", { name: "Enroll again" })).toBeInTheDocument();
    for (const box of (await panel()).getAllByRole("checkbox")) expect(box).toBeDisabled();
    await user.click(await screen.findByRole("button", { name: "Undo" }));
    await waitFor(() => expect(now(world)?.withdrawnAt).toBeNull());
  });

  it("tells that somebody changed it meanwhile and lets the person try again", async () => {
    const { user, world } = openWindow(address);
    await user.click(await (await panel()).findByRole("button", { name: "Withdraw" }));
    Object.assign(now(world) ?? {}, { version: "newer" });
    const dialog = within(await screen.findByRole("dialog"));
    await user.click(dialog.getByRole("button", { name: "Withdraw" }));
    expect(await dialog.findByText("Someone changed this while you had it open.")).toBeInTheDocument();
    await user.click(dialog.getByRole("button", { name: "Withdraw" }));
    await waitFor(() => expect(now(world)?.withdrawnAt).not.toBeNull());
  });
});

describe("how an enrollment stands", () => {
  const at = Date.parse("2026-11-20T10:00:00Z");
  const row = { withdrawnAt: null, completedAt: null, progress: 24, enrolledAt: "2026-11-06T09:59:59Z" };
  it("is at risk after more than 14 days below a quarter", () => {
    expect(stateOf(row, at)).toBe("atRisk");
    expect(stateOf({ ...row, enrolledAt: "2026-11-06T10:00:00Z" }, at)).toBe("active");
    expect(stateOf({ ...row, progress: 25 }, at)).toBe("active");
  });
  it("is withdrawn even when it was completed", () => {
    expect(stateOf({ ...row, completedAt: row.enrolledAt }, at)).toBe("completed");
    expect(stateOf({ ...row, completedAt: row.enrolledAt, withdrawnAt: row.enrolledAt }, at)).toBe("withdrawn");
  });
});
