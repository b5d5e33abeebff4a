import { describe, expect, it } from "vitest";
import { makeFormat } from "../../format";
import { en } from "../../strings/en";
import { expectAccessible, inNorthfield, openWindow, screen } from "../../testing/open";
import { changedFields, gist, sentence, valueText } from "./words";

describe("the activity of an organization", () => {
  it("opens each change with what was there before and after", async () => {
    const { user, world } = openWindow(inNorthfield("activity"));
    world.organizations[0]!.audit.push({
      id: 999, at: "2026-03-14T09:00:00Z", actorName: "Ángel Ibarrondo", verb: "update", tableName: "memberships", rowId: null,
      before: { role: "learner", is_active: true }, after: { role: "admin", is_active: false },
    });
    const rows = await screen.findAllByText("changed a membership");
    await expectAccessible();
    await user.click(rows[0]!);
    expect(await screen.findByRole("rowheader", { name: "role" })).toBeInTheDocument();
    expect(screen.getByRole("cell", { name: "learner" })).toBeInTheDocument();
    expect(screen.getByRole("cell", { name: "admin" })).toBeInTheDocument();
    await expectAccessible();
  });

  it("is said to be for owners and admins, not to be empty, to whoever may not read it", async () => {
    openWindow(inNorthfield("activity"), { role: "instructor" });
    expect(await screen.findByText("Owners and admins read this")).toBeInTheDocument();
    expect(screen.queryByText("Nothing is recorded yet")).not.toBeInTheDocument();
    expect(screen.queryByText(/changes$/)).not.toBeInTheDocument();
    await expectAccessible();
  });
});

describe("progress in the activity", () => {
  it("names the person, the lesson and the course", async () => {
    const { world, platform, user } = openWindow(inNorthfield("activity"));
    const organization = world.organizations[0]!;
    const enrollment = organization.enrollments.find((candidate) => organization.lessons.some((lesson) => lesson.courseId === candidate.courseId))!;
    const lesson = organization.lessons.find((candidate) => candidate.courseId === enrollment.courseId)!;
    await platform.setLessonCompleted("operation", organization.facts.id, enrollment.id, lesson.id, true);
    await user.click(await screen.findByRole("button", { name: "Refresh" }));
    await user.click(await screen.findByText(`${lesson.title} · ${enrollment.personName} · ${enrollment.courseTitle}`));
    expect(await screen.findAllByText(`${lesson.title} · ${enrollment.personName} · ${enrollment.courseTitle}`)).toHaveLength(2);
    await expectAccessible();
  });
});

describe("an audit entry in words", () => {
  it("names what changed and keeps keys and stamps out", () => {
    const fields = changedFields({ role: "learner", version: "1", person_id: "a" }, { role: "admin", version: "2", person_id: "b" });
    expect(fields.map((change) => change.field)).toEqual(["role", "person_id"]);
    expect(changedFields(null, { person_id: "b", name: "Ada" }).map((change) => change.field)).toEqual(["name"]);
  });

  it("says what it is about", () => {
    expect(gist(en, { before: null, after: { name: "Ada", role: "learner" } })).toBe("Ada");
    expect(gist(en, { before: { is_active: true }, after: { is_active: false } })).toBe("may sign in");
    expect(gist(en, { before: { title: "a" }, after: { title: "b" }, title: "b", personName: null, courseTitle: "Mechanics" })).toBe("b · Mechanics: title");
  });

  it("reads an unknown verb and table as they are", () => {
    expect(sentence(en, "sealed_off", "some_table")).toBe("sealed off some table");
  });

  it("writes values as people do", () => {
    const format = makeFormat("en-GB", "Europe/Vienna");
    expect(valueText(en, format, null)).toBe("empty");
    expect(valueText(en, format, true)).toBe("Yes");
    expect(valueText(en, format, "2026-03-14T09:00:00+00:00")).toBe("14 Mar 2026, 10:00");
    expect(valueText(en, format, ["a", "b"])).toBe("a, b");
  });
});
