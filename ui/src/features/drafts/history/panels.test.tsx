import { QueryClientProvider, useQuery } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { describe, expect, it, vi } from "vitest";
import { approvalsOf, seedApproval } from "../../../fake/approvals";
import { newestRevision } from "../../../fake/draftParts";
import { rowsOf } from "../../../fake/draftWorld";
import { blocksOf } from "../../../fake/wordDiff";
import type { Scenario } from "../../../fake/world";
import { type Conflict, platform, replacePlatform } from "../../../platform";
import { fakeWorld } from "../../../platform.fake";
import { makeQueryClient } from "../../../queries";
import { courseIn } from "../../../testing/northfield";
import { expectAccessible, northfield } from "../../../testing/open";
import { theme } from "../../../theme";
import { ConflictsPanel } from "../conflicts/ConflictsPanel";
import { useHearDrafts } from "../drafts";
import { HistoryPanel } from "./HistoryPanel";
import { PublishPanel } from "./PublishPanel";

/** A panel of the first lesson of "Algebra again", as it stands beside the text. */
function open(panel: "conflicts" | "history" | "publish", { approvalRequired = false, asked = false, ...scenario }: Partial<Scenario> & { approvalRequired?: boolean; asked?: boolean } = {}, mayWrite = true) {
  const { platform: fake, world, drafts } = fakeWorld(scenario);
  replacePlatform(fake, drafts);
  const courseId = courseIn(world, "Algebra again").id;
  const draft = world.drafts.courses.get(courseId);
  const lesson = draft && rowsOf(draft, "lessons")[0];
  if (!draft || !lesson) throw new Error("the course is not kept");
  const lessonId = lesson.key.id;
  const organization = world.organizations[0];
  if (organization) organization.facts.approvalRequired = approvalRequired;
  if (asked) seedApproval(world, lessonId, newestRevision(lessonId, 5));
  const heard = { shown: vi.fn(), changed: vi.fn() };
  const common = { courseId, lessonId, mayWrite, beforeReading: async () => undefined };
  const Conflicts = () => {
    const query = useQuery({ queryKey: ["conflicts"], queryFn: () => platform.listConflicts(courseId) });
    return query.data ? <ConflictsPanel courseId={courseId} conflicts={query.data as Conflict[]} mayWrite={mayWrite} onShow={heard.shown} onDecided={() => void query.refetch()} /> : null;
  };
  const Page = () => {
    useHearDrafts();
    return (
      <main>
        <h1>Lesson</h1>
        <h2>Panel</h2>
        {panel === "conflicts" && <Conflicts />}
        {panel === "history" && <HistoryPanel {...common} onRestored={heard.changed} />}
        {panel === "publish" && <PublishPanel {...common} onPublished={heard.changed} />}
      </main>
    );
  };
  const root = createRootRoute();
  const router = createRouter({
    routeTree: root.addChildren([createRoute({ getParentRoute: () => root, path: "/o/$organizationId", component: Page })]),
    history: createMemoryHistory({ initialEntries: [`/o/${northfield}`] }),
  });
  render(
    <MantineProvider theme={theme} env="test">
      <Notifications />
      <QueryClientProvider client={makeQueryClient()}>
        <RouterProvider router={router as never} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  const texts = () => blocksOf(draft.documents.get(lessonId) ?? null).map(({ text }) => text);
  return { user: userEvent.setup({ delay: null }), world, draft, lesson, courseId, lessonId, texts, ...heard };
}

describe("conflicts", () => {
  const cards = () => screen.queryAllByRole("listitem");

  it("show both versions with what differs marked in words, who met them and when", async () => {
    open("conflicts", { drafts: "trouble" });
    await screen.findByText("4 conflicts wait");
    const [words] = cards();
    expect(words).toHaveTextContent("Both changed these words");
    expect(words).toHaveTextContent("Met by Jonas Weber, 1 hour ago");
    const [stands, other] = [within(words as HTMLElement).getAllByRole("deletion"), within(words as HTMLElement).getAllByRole("insertion")];
    expect(stands[0]).toHaveTextContent(/^removed: /);
    expect(other[0]).toHaveTextContent(/^added: /);
    expect(cards()[1]).toHaveTextContent("(nothing: deleted or not there)");
    expect(cards()[2]).toHaveTextContent("Met on this computer, not on the server yet");
    await expectAccessible();
  });

  it("are decided by keyboard, one after the other, and say how many are left", async () => {
    const { user, texts, draft } = open("conflicts", { drafts: "trouble" });
    await screen.findByText("4 conflicts wait");
    cards()[0]?.querySelector("button")?.focus();
    await user.keyboard("{ArrowDown}");
    expect(document.activeElement?.closest("li")).toBe(cards()[1]);
    await user.keyboard("{ArrowUp}2");
    await screen.findByText("3 conflicts wait");
    expect(await screen.findByText("Decided. 3 conflicts are left.")).toBeInTheDocument();
    await waitFor(() => expect(texts()[1]).toMatch(/^Read the text twice/));
    await waitFor(() => expect(document.activeElement?.closest("li")).toBe(cards()[0]));
    await user.keyboard("1");
    await screen.findByText("2 conflicts wait");
    expect(draft.conflicts).toHaveLength(2);
  });

  it("keep both only where that can be", async () => {
    const { user, texts } = open("conflicts", { drafts: "trouble" });
    await screen.findByText("4 conflicts wait");
    const [first, second] = cards() as [HTMLElement, HTMLElement];
    expect(within(second).queryByRole("button", { name: "Keep both" })).not.toBeInTheDocument();
    const before = texts().length;
    await user.click(within(first).getByRole("button", { name: "Keep both" }));
    await waitFor(() => expect(texts()).toHaveLength(before + 1));
  });

  it("lead to their place in the text", async () => {
    const { user, shown, draft } = open("conflicts", { drafts: "trouble" });
    await screen.findByText("4 conflicts wait");
    await user.click(within(cards()[0] as HTMLElement).getByRole("button", { name: "Go to its place" }));
    expect(shown).toHaveBeenCalledWith(draft.conflicts[0]?.block);
  });

  it("are only read by who may not write", async () => {
    open("conflicts", { drafts: "trouble" }, false);
    await screen.findByText("You read this course. Whoever writes in it decides.");
    expect(screen.queryByRole("button", { name: "Keep this" })).not.toBeInTheDocument();
  });

  it("say so when there are none", async () => {
    open("conflicts");
    expect(await screen.findByRole("heading", { name: "Nothing to decide" })).toBeInTheDocument();
  });
});

describe("the history of a lesson", () => {
  const versions = () => within(screen.getByRole("list", { name: "Versions, newest first" })).getAllByRole("button");

  it("names what the lesson says now", async () => {
    const { user } = open("history");
    await user.type(await screen.findByRole("textbox", { name: "Name what it says now" }), "Ένα πρώτο σχέδιο{Enter}");
    await waitFor(() => expect(versions()[0]).toHaveTextContent("Ένα πρώτο σχέδιο"));
    expect(versions()[0]).toHaveTextContent("Newest");
    await expectAccessible();
  });

  it("compares a version with now, and with any other, word by word", async () => {
    const { user } = open("history");
    await screen.findByText("Before the holidays");
    await user.click(versions()[2] as HTMLElement);
    expect(await screen.findByRole("heading", { name: "Before the holidays" })).toHaveFocus();
    expect(await screen.findByText("From “Before the holidays” to “What it says now”")).toBeInTheDocument();
    const list = await screen.findByRole("list", { name: /^From/ });
    expect(within(list).getAllByRole("deletion").length).toBeGreaterThan(0);
    await user.click(screen.getByRole("combobox", { name: "Compare with" }));
    await user.click(await screen.findByRole("option", { name: /პირველი ვერსია/ }));
    expect(await screen.findByText("From “პირველი ვერსია” to “Before the holidays”")).toBeInTheDocument();
    await waitFor(() => expect(within(screen.getByRole("list", { name: /^From/ })).getAllByText("New").length).toBe(1));
    await expectAccessible();
  });

  it("shows the effect before it restores a version, and keeps what was there", async () => {
    const { user, texts, changed } = open("history");
    const before = texts();
    await screen.findByText("Before the holidays");
    const count = versions().length;
    await user.click(versions()[2] as HTMLElement);
    await user.click(await screen.findByRole("button", { name: "Restore this version" }));
    const dialog = await screen.findByRole("dialog");
    expect(await within(dialog).findByText(/1 part changes\. What it says now is kept as a version/)).toBeInTheDocument();
    await user.click(within(dialog).getByRole("button", { name: "Restore" }));
    await waitFor(() => expect(texts()[1]).toMatch(/^Read the text\. Draft/));
    await waitFor(() => expect(changed).toHaveBeenCalled());
    await waitFor(() => expect(versions()).toHaveLength(count + 2));
    expect(texts()).not.toEqual(before);
  });

  it("restores one part and leaves the others as they are", async () => {
    const { user, texts } = open("history");
    await screen.findByText("Before the holidays");
    const before = texts();
    await user.click(versions()[4] as HTMLElement);
    await user.click(await screen.findByRole("button", { name: /^Restore “Read the text\. Draft/ }));
    await waitFor(() => expect(texts()[1]).toMatch(/^Read the text\. Draft/));
    expect(texts()[2]).toBe(before[2]);
  });

  it("says that older versions need the network", async () => {
    open("history", { offline: true });
    expect(await screen.findByText("Older versions are on the server. They appear once it can be reached.")).toBeInTheDocument();
    expect(versions()).toHaveLength(3);
  });

  it("walks three hundred versions with one tab stop", async () => {
    const { user } = open("history", { drafts: "trouble" });
    await screen.findByText("300 versions");
    expect(versions().filter((button) => button.tabIndex === 0)).toHaveLength(1);
    await user.click(screen.getByRole("switch", { name: "Only named ones" }));
    expect(versions().map((button) => button.textContent)).toEqual([expect.stringContaining("Before the holidays"), expect.stringContaining("პირველი ვერსია")]);
    await user.click(screen.getByRole("switch", { name: "Only named ones" }));
    versions()[0]?.focus();
    await user.keyboard("{End}{Enter}");
    expect(await screen.findByRole("heading", { name: "პირველი ვერსია" })).toHaveFocus();
    await user.click(screen.getByRole("button", { name: "All versions" }));
    await waitFor(() => expect(versions()[299]).toHaveFocus());
  });

  it("lets who only reads compare, not restore", async () => {
    const { user } = open("history", {}, false);
    await screen.findByText("Before the holidays");
    await user.click(versions()[2] as HTMLElement);
    await screen.findByText("You may read versions here, not restore them.");
    expect(screen.queryByRole("button", { name: /^Restore/ })).not.toBeInTheDocument();
  });
});

describe("publishing a lesson", () => {
  it("shows what changed since it was published and publishes it", async () => {
    const { user, lesson, changed } = open("publish", { drafts: "trouble" });
    expect(await screen.findByText("Nothing changed since it was published.")).toBeInTheDocument();
    expect(screen.getByRole("alert")).toHaveTextContent("2 conflicts are not decided: learners read the version that stands.");
    await user.click(screen.getByRole("button", { name: "Unpublish" }));
    const dialog = await screen.findByRole("dialog", { name: "Unpublish this lesson?" });
    await user.click(within(dialog).getByRole("button", { name: "Unpublish" }));
    await waitFor(() => expect(lesson.fields.published_at).toBeNull());
    expect(await screen.findByText("Never published. Learners read nothing of it yet.")).toBeInTheDocument();
    expect(await screen.findByText("3 parts come in")).toBeInTheDocument();
    await expectAccessible();
    await user.click(screen.getByRole("button", { name: "Publish" }));
    await waitFor(() => expect(lesson.fields.published_at).toEqual(expect.any(String)));
    expect(await screen.findByText("Nothing changed since it was published.")).toBeInTheDocument();
    expect(changed).toHaveBeenCalledTimes(2);
  });

  it("says why a lesson cannot be published", async () => {
    const { draft, lessonId, world, courseId, lesson } = open("publish");
    lesson.fields.published_at = null;
    draft.documents.set(lessonId, null);
    for (const hear of world.drafts.hears) hear({ drafts: await platform.readDrafts(), courses: [courseId], lessons: [], others: [] });
    expect(await screen.findByText("The lesson says nothing yet.")).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Publish" })).toBeDisabled();
  });

  it("asks a reviewer first where the organization wants that, and takes the question back", async () => {
    const { user, world, lesson } = open("publish", { approvalRequired: true });
    lesson.fields.published_at = null;
    expect(await screen.findByText("A reviewer approves a version here before learners read it.")).toBeInTheDocument();
    await user.type(await screen.findByRole("textbox", { name: /What the reviewer should know/ }), "დანახეთ მეორე სავარჯიშო");
    await user.click(screen.getByRole("button", { name: "Ask for approval" }));
    expect(await screen.findByText(/^You asked .* It waits for a reviewer\.$/)).toBeInTheDocument();
    expect([...approvalsOf(world).values()]).toEqual([expect.objectContaining({ note: "დანახეთ მეორე სავარჯიშო", decision: null })]);
    expect(screen.queryByRole("button", { name: "Approve" })).not.toBeInTheDocument();
    await expectAccessible();
    await user.click(screen.getByRole("button", { name: "Take the question back" }));
    expect(await screen.findByRole("button", { name: "Ask for approval" })).toBeInTheDocument();
  });

  it("lets a reviewer ask for changes only with a word what to change, and approve", async () => {
    const { user, world, lessonId } = open("publish", { approvalRequired: true, asked: true }, false);
    expect(await screen.findByText(/^Jonas Weber asked/)).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Ask for changes" }));
    expect(await screen.findByText("Say what to change.")).toBeInTheDocument();
    await user.type(screen.getByRole("textbox", { name: "What to change, or a word of thanks" }), "Lovely");
    await user.click(screen.getByRole("button", { name: "Approve" }));
    expect(await screen.findByText(/^Approved by Amara Nwosu-Lindqvist/)).toBeInTheDocument();
    expect([...approvalsOf(world).values()].find((each) => each.lessonId === lessonId)).toMatchObject({ decision: "approved", comment: "Lovely" });
    await expectAccessible();
  });

  it("publishes what a reviewer approved", async () => {
    const { user, lesson, world } = open("publish", { approvalRequired: true, asked: true });
    lesson.fields.published_at = null;
    await user.click(await screen.findByRole("button", { name: "Approve" }));
    await screen.findByText(/^Approved by/);
    expect([...approvalsOf(world).values()]).toHaveLength(1);
    await user.click(screen.getByRole("button", { name: "Publish" }));
    await waitFor(() => expect(lesson.fields.published_at).toEqual(expect.any(String)));
  });
});
