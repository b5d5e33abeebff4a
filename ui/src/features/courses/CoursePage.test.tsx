import { waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { courseAddress, courseIn } from "../../testing/northfield";
import { expectAccessible, openWindow, screen } from "../../testing/open";

const draft = "Algebra again";
const live = "Bread from first principles";
const bare = "Repairing bicycles";

describe("a course and its publication", () => {
  it("shows how it stands and where it leads", async () => {
    openWindow(courseAddress(live));
    expect(await screen.findByRole("heading", { level: 1, name: live })).toBeInTheDocument();
    expect(within(screen.getByRole("main")).getByRole("link", { name: "Courses" })).toBeInTheDocument();
    expect(screen.getByText(/people enrolled$/)).toBeInTheDocument();
    await expectAccessible();
  });

  it("publishes a finished draft, makes it active, and takes both back on undo", async () => {
    const { user, world } = openWindow(courseAddress(draft));
    await user.click(await screen.findByRole("button", { name: "Publish" }));
    await waitFor(() => expect(courseIn(world, draft)).toMatchObject({ status: "active", publishedAt: expect.any(String) }));
    await user.click(await screen.findByRole("button", { name: "Undo" }));
    await waitFor(() => expect(courseIn(world, draft)).toMatchObject({ status: "draft", publishedAt: null }));
  });

  it("says what is missing before an empty course is published", async () => {
    const { user, world } = openWindow(courseAddress(bare));
    expect(await screen.findByRole("button", { name: "Add a lesson" })).toBeInTheDocument();
    const publish = screen.getByRole("button", { name: /^Publish/ });
    expect(publish).toHaveAttribute("aria-disabled", "true");
    expect(publish).toHaveAccessibleDescription("Publish is possible once what is needed is done.");
    await user.click(publish);
    expect(courseIn(world, bare).publishedAt).toBeNull();
    await expectAccessible();
  });

  it("is archived and brought back by undo", async () => {
    const { user, world } = openWindow(courseAddress(draft));
    await user.click(await screen.findByRole("button", { name: "Course actions" }));
    await user.click(await screen.findByRole("menuitem", { name: "Archive course" }));
    expect(await screen.findByText(/It can be read, but not changed/)).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Restore course" })).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Undo" }));
    await waitFor(() => expect(courseIn(world, draft).archivedAt).toBeNull());
  });

  it("can be read and not changed by whoever may not edit it", async () => {
    const { world, client, user } = openWindow(courseAddress(draft));
    await screen.findByRole("heading", { level: 1, name: draft });
    courseIn(world, draft).mayEdit = false;
    courseIn(world, draft).mayEnroll = false;
    await client.invalidateQueries();
    await waitFor(() => expect(screen.queryByRole("button", { name: "Add lesson" })).not.toBeInTheDocument());
    expect(within(screen.getByRole("tabpanel")).getByText("Only owners, admins and those who teach this course may change it.")).toBeInTheDocument();
    expect(screen.getByRole("button", { name: /Enroll a person/ })).toHaveAttribute("aria-disabled", "true");
    await user.click(screen.getByRole("tab", { name: "Details" }));
    expect(screen.getByRole("textbox", { name: /Title/ })).toBeDisabled();
    await expectAccessible();
  });

  it("says so when it does not exist, and offers to try again", async () => {
    openWindow(courseAddress(draft).replace(/courses\/.*/, "courses/0190ffff-0000-7000-8000-00000000dead"));
    expect(await screen.findByText("This course does not exist, or you may not see it.")).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Try again" })).toBeInTheDocument();
  });
});

describe("the staff of a course", () => {
  it("takes on a person found by typing, with a duty", async () => {
    const { user, world } = openWindow(courseAddress(draft, "staff"));
    await user.click(await screen.findByRole("button", { name: "Add to staff" }));
    const dialog = within(await screen.findByRole("dialog", { name: "Add to staff" }));
    await user.click(dialog.getByRole("combobox", { name: /Person/ }));
    await user.paste("person40@");
    await user.click(await screen.findByRole("option", { name: /person40@/ }));
    await user.click(dialog.getByRole("radio", { name: "Assistant" }));
    await user.click(dialog.getByRole("button", { name: "Add to staff" }));
    await waitFor(() => expect(courseIn(world, draft).staff.some(({ email, duty }) => email.startsWith("person40@") && duty === "assistant")).toBe(true));
    await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
    await expectAccessible();
  });

  it("lets somebody go and brings them back on undo", async () => {
    const { user, world } = openWindow(courseAddress(draft, "staff"));
    const who = courseIn(world, draft).staff[0];
    await user.click(await screen.findByRole("button", { name: `Take ${who?.name} off the staff` }));
    await waitFor(() => expect(courseIn(world, draft).staff.some(({ personId }) => personId === who?.personId)).toBe(false));
    await user.click(await screen.findByRole("button", { name: "Undo" }));
    await waitFor(() => expect(courseIn(world, draft).staff.some(({ personId, duty }) => personId === who?.personId && duty === who?.duty)).toBe(true));
  });
});

describe("the details of a course", () => {
  it("sends only what was changed", async () => {
    const { user, world } = openWindow(courseAddress(draft, "details"));
    const category = await screen.findByRole("textbox", { name: "Category (optional)" });
    await user.clear(category);
    await user.type(category, "Numbers{Control>}s{/Control}");
    await waitFor(() => expect(courseIn(world, draft).category).toBe("Numbers"));
    expect(world.organizations[0]?.audit.at(-1)?.after).toEqual({ category: "Numbers" });
    expect(await screen.findByText("Nothing has been changed yet.")).toBeInTheDocument();
    await expectAccessible();
  });

  it("shows availability on the organization's clock", async () => {
    const { world, client } = openWindow(courseAddress(draft, "details"));
    await screen.findByRole("heading", { level: 1, name: draft });
    Object.assign(courseIn(world, draft), { availableFrom: "2026-07-01T08:00:00Z", version: "another" });
    await client.invalidateQueries();
    const from = await screen.findByLabelText("Available from");
    await waitFor(() => expect(from).toHaveTextContent("2026-07-01 10:00"));
    expect(screen.getByText("Clock of the organization: Europe/Vienna")).toBeInTheDocument();
  });

  it("keeps what was typed when somebody else changed the same field, and asks whose it shall be", async () => {
    const { user, world } = openWindow(courseAddress(draft, "details"));
    const title = await screen.findByRole("textbox", { name: /Title/ });
    await user.clear(title);
    await user.type(title, "Mine");
    Object.assign(courseIn(world, draft), { title: "Theirs", category: "Theirs too", version: "newer" });
    await user.click(screen.getByRole("button", { name: "Save changes" }));
    expect(await screen.findByText("Changed by both of you: Title.")).toBeInTheDocument();
    expect(title).toHaveValue("Mine");
    expect(screen.getByRole("textbox", { name: "Category (optional)" })).toHaveValue("Theirs too");
    await expectAccessible();
    await user.click(screen.getByRole("button", { name: "Save mine over it" }));
    await user.click(screen.getByRole("button", { name: "Save changes" }));
    await waitFor(() => expect(world.organizations[0]?.courses.find(({ title: name }) => name === "Mine")?.category).toBe("Theirs too"));
  });

  it("takes theirs when asked to", async () => {
    const { user, world } = openWindow(courseAddress(draft, "details"));
    const title = await screen.findByRole("textbox", { name: /Title/ });
    await user.type(title, " and again");
    Object.assign(courseIn(world, draft), { title: "Theirs", version: "newer" });
    await user.click(screen.getByRole("button", { name: "Save changes" }));
    await user.click(await screen.findByRole("button", { name: "Drop mine, show theirs" }));
    expect(title).toHaveValue("Theirs");
    expect(screen.getByText("Nothing has been changed yet.")).toBeInTheDocument();
  });

  it("asks before typing is left behind, and keeps it through the other tabs", async () => {
    const { user } = openWindow(courseAddress(draft, "details"));
    await user.type(await screen.findByRole("textbox", { name: /Title/ }), "!");
    await user.click(screen.getByRole("tab", { name: /Content/ }));
    await user.click(screen.getByRole("tab", { name: /Details/ }));
    expect(screen.getByRole("textbox", { name: /Title/ })).toHaveValue(`${draft}!`);
    await user.click(screen.getByRole("link", { name: /People/ }));
    expect(await screen.findByText("Discard what you wrote?")).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Keep writing" }));
    expect(screen.getByRole("textbox", { name: /Title/ })).toHaveValue(`${draft}!`);
  });
});

describe("people enrolled and the history of a course", () => {
  it("shows the latest and leads to all of them", async () => {
    const { user, router } = openWindow(courseAddress(live, "enrolled"));
    await user.click(await screen.findByRole("link", { name: /in the list$/ }));
    await waitFor(() => expect(router.state.location.pathname).toMatch(/enrollments$/));
    expect(router.state.location.search).toMatchObject({ courseId: expect.any(String) });
    await expectAccessible();
  });

  it("tells who changed what", async () => {
    const { user } = openWindow(courseAddress(draft));
    await user.click(await screen.findByRole("button", { name: "Course actions" }));
    await user.click(await screen.findByRole("menuitem", { name: "Set to active" }));
    await user.click(screen.getByRole("tab", { name: "History" }));
    expect(await screen.findByText("Amara Nwosu-Lindqvist", { selector: "strong" })).toBeInTheDocument();
    await expectAccessible();
  });

  it("tells of lessons, sub-courses, staff and people enrolled by name, and of no other course, page by page", async () => {
    const { user, world, platform } = openWindow(courseAddress(live));
    const organization = world.organizations[0]!;
    const course = courseIn(world, live);
    const elsewhere = organization.enrollments.find((enrollment) => enrollment.courseId !== course.id)!;
    const enrollment = organization.enrollments.find((candidate) => candidate.courseId === course.id && !candidate.withdrawnAt)!;
    const lesson = organization.lessons.find((candidate) => candidate.courseId === course.id)!;
    const person = organization.people.find((candidate) => !course.staff.some((staff) => staff.personId === candidate.personId))!;
    organization.audit = [];
    const { id } = organization.facts;
    for (let place = 0; place < 25; place++) {
      const version = organization.lessons.find((candidate) => candidate.id === lesson.id)!.version;
      await platform.changeLesson(crypto.randomUUID(), id, lesson.id, version, { title: `Kneading ${place}` });
    }
    await platform.createSubCourse(crypto.randomUUID(), id, course.id, { id: crypto.randomUUID(), title: "Sourdough", description: "", after: null });
    await platform.addStaff(crypto.randomUUID(), id, course.id, { id: crypto.randomUUID(), personId: person.personId, duty: "instructor" });
    await platform.setLessonCompleted(crypto.randomUUID(), id, enrollment.id, lesson.id, true);
    await platform.withdrawEnrollment(crypto.randomUUID(), id, enrollment.id, enrollment.version);
    if (!elsewhere.withdrawnAt) await platform.withdrawEnrollment(crypto.randomUUID(), id, elsewhere.id, elsewhere.version);
    await user.click(await screen.findByRole("tab", { name: "History" }));
    const panel = await screen.findByRole("tabpanel", { name: "History" });
    await within(panel).findByText(/withdrew/);
    const said = () => within(panel).getAllByText("Amara Nwosu-Lindqvist", { selector: "strong" }).map((name) => name.parentElement!.textContent!.replace(/[\u2068\u2069]/g, ""));
    expect(said()).toHaveLength(20);
    expect(said().slice(0, 5)).toEqual([
      expect.stringContaining(`withdrew ${enrollment.personName}`),
      expect.stringContaining(`marked the lesson “Kneading 24” completed for ${enrollment.personName}`),
      expect.stringContaining(`gave ${person.name} the duty instructor`),
      expect.stringContaining("created the sub-course “Sourdough”"),
      expect.stringContaining("changed the lesson “Kneading 24”: title"),
    ]);
    expect(within(panel).getByText("Kneading 23", { selector: "del" })).toBeInTheDocument();
    await expectAccessible();
    await user.click(within(panel).getByRole("button", { name: "Show earlier changes" }));
    await waitFor(() => expect(said()).toHaveLength(29));
    expect(within(panel).queryByRole("button", { name: "Show earlier changes" })).not.toBeInTheDocument();
  });
});
