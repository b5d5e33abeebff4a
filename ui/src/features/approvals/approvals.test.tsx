import { waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { seedApproval } from "../../fake/approvals";
import { newestRevision } from "../../fake/draftParts";
import { rowsOf } from "../../fake/draftWorld";
import { courseIn } from "../../testing/northfield";
import { expectAccessible, inNorthfield, openWindow, screen } from "../../testing/open";

/** Somebody asked about the first lesson of "Algebra again". */
function open() {
  const window = openWindow(inNorthfield("drafts"));
  const { world } = window;
  const courseId = courseIn(world, "Algebra again").id;
  const draft = world.drafts.courses.get(courseId);
  const lesson = draft && rowsOf(draft, "lessons")[0];
  const facts = world.organizations[0]?.facts;
  if (!lesson || !facts) throw new Error("the course is not kept");
  facts.approvalRequired = true;
  const title = String(lesson.fields.title);
  lesson.fields.published_at = null;
  seedApproval(world, lesson.key.id, newestRevision(lesson.key.id, 5), { courseId, courseTitle: "Algebra again", lessonTitle: title });
  return { ...window, title };
}

describe("what waits for approval", () => {
  it("stands above the drafts, leads to the lesson and is decided there", async () => {
    const { user, title, router } = open();
    const list = await screen.findByRole("region", { name: "1 lesson waits for your approval" });
    expect(list).toHaveTextContent(`${title} · Algebra again`);
    expect(list).toHaveTextContent("Jonas Weber asked 2 hours ago");
    await expectAccessible();
    await user.click(within(list).getByRole("button", { name: `Read and decide about ${title}` }));
    await waitFor(() => expect(router.state.location.pathname).toMatch(/\/lessons\//));
    await user.click(await screen.findByRole("button", { name: "Publish" }));
    await user.click(await screen.findByRole("button", { name: "Approve" }));
    expect(await screen.findByText(/^Approved by/)).toBeInTheDocument();
  });
});
