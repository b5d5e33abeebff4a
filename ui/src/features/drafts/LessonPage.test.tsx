import type { Editor } from "@tiptap/core";
import { act, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { announce, draftOf, rowsOf, setOnline } from "../../fake/draftWorld";
import type { Conflict } from "../../platform";
import type { Scenario } from "../../fake/world";
import { courseIn, draftLessonAddress } from "../../testing/northfield";
import { expectAccessible, openWindow, screen } from "../../testing/open";

const [course, lesson] = ["Algebra again", "A first attempt"] as const;
const address = draftLessonAddress(course, lesson);
const lessonId = address.split("/").at(-1) ?? "";

async function open(scenario: Partial<Scenario> = {}) {
  const window = openWindow(address, scenario);
  const text = (await screen.findByRole("textbox", { name: `Text of ${lesson}` })) as HTMLElement & { editor: Editor };
  const draft = () => draftOf(window.world, courseIn(window.world, course).id);
  const written = () => JSON.stringify(draft().documents.get(lessonId));
  const type = (words: string) => act(() => text.editor.view.dispatch(text.editor.state.tr.insertText(words, text.editor.state.doc.content.size - 1)));
  return { ...window, text, draft, written, type };
}

describe("writing a lesson", () => {
  it("keeps what is typed without the network and says so only once it is kept", async () => {
    const { type, written } = await open({ offline: true });
    expect(screen.getByText("On the server")).toBeInTheDocument();
    type(" Ещё одно слово.");
    await waitFor(() => expect(screen.queryByText("On the server")).not.toBeInTheDocument());
    expect(await screen.findByText("Saved on this computer")).toBeInTheDocument();
    expect(written()).toContain("Ещё одно слово.");
    await expectAccessible();
  });

  it("is on the server a moment later when the network is there", async () => {
    const { type, draft } = await open();
    type(" More.");
    await waitFor(() => expect(rowsOf(draft(), "lessons").find(({ key }) => key.id === lessonId)?.server?.revision_id).toMatch(/^(?!0190)/));
    expect(await screen.findByText("On the server")).toBeInTheDocument();
  });

  it("says that nothing is saved when the disk is full, and asks before that is left behind", async () => {
    const { type, user, router } = await open();
    type("!full");
    expect(await screen.findByText("Not saved yet")).toBeInTheDocument();
    expect(screen.getByRole("alert")).toHaveTextContent("This computer's disk is full");
    await user.click(screen.getByRole("link", { name: course }));
    await user.click(await screen.findByRole("button", { name: "Keep writing" }));
    expect(router.state.location.pathname).toContain("/lessons/");
  });

  it("keeps the last words when one leaves at once", async () => {
    const { type, user, written, router } = await open({ offline: true });
    type(" Last words.");
    await user.click(screen.getByRole("link", { name: course }));
    await waitFor(() => expect(router.state.location.pathname).not.toContain("/lessons/"));
    expect(written()).toContain("Last words.");
  });

  it("takes in what a colleague wrote without touching what is being written here", async () => {
    const { text, type, draft, written, world } = await open({ offline: true });
    type(" Mine.");
    await waitFor(() => expect(written()).toContain("Mine."));
    const document = structuredClone(draft().documents.get(lessonId)) as { content: { content: { text: string }[] }[] };
    const first = document.content[0]?.content[0];
    if (first) first.text = "Their heading";
    draft().documents.set(lessonId, document as never);
    act(() => announce(world, [draft().courseId], [lessonId]));
    await waitFor(() => expect(text).toHaveTextContent("Their heading"));
    expect(text).toHaveTextContent("Mine.");
  });

  it("takes back what was typed before the lesson was closed, around a colleague's words, and brings it again", async () => {
    const { text, type, draft, written, world, user, router } = await open({ offline: true });
    type(" Mine.");
    await waitFor(() => expect(written()).toContain("Mine."));
    const document = structuredClone(draft().documents.get(lessonId)) as { content: { content: { text: string }[] }[] };
    const first = document.content[0]?.content[0];
    if (first) first.text = "Their heading";
    draft().documents.set(lessonId, document as never);
    act(() => announce(world, [draft().courseId], [lessonId]));
    await waitFor(() => expect(text).toHaveTextContent("Their heading"));
    type(" More.");
    const reopen = async () => {
      await user.click(screen.getByRole("link", { name: course }));
      await waitFor(() => expect(router.state.location.pathname).not.toContain("/lessons/"));
      await act(() => router.navigate({ to: address } as never));
      return (await screen.findByRole("textbox", { name: `Text of ${lesson}` })) as HTMLElement & { editor: Editor };
    };
    const again = await reopen();
    expect(again).toHaveTextContent("Mine. More.");
    const press = (key: string) => act(() => void again.dispatchEvent(new KeyboardEvent("keydown", { key, ctrlKey: true, bubbles: true, cancelable: true })));
    press("z");
    expect(again).not.toHaveTextContent("More.");
    press("z");
    expect(again).not.toHaveTextContent("Mine.");
    expect(again).toHaveTextContent("Their heading");
    press("y");
    expect(again).toHaveTextContent("Mine.");
    await waitFor(() => expect(written()).toContain("Mine."));
  });

  it("opens without steps to take back once the lesson was changed elsewhere meanwhile", async () => {
    const { type, draft, world, user, router } = await open({ offline: true });
    type(" Mine.");
    await user.click(screen.getByRole("link", { name: course }));
    await waitFor(() => expect(world.drafts.undo.has(lessonId)).toBe(true));
    await waitFor(() => expect(router.state.location.pathname).not.toContain("/lessons/"));
    const document = structuredClone(draft().documents.get(lessonId)) as { content: { content: { text: string }[] }[] };
    const first = document.content[0]?.content[0];
    if (first) first.text = "Their heading";
    draft().documents.set(lessonId, document as never);
    await act(() => router.navigate({ to: address } as never));
    const again = (await screen.findByRole("textbox", { name: `Text of ${lesson}` })) as HTMLElement & { editor: Editor };
    act(() => void again.dispatchEvent(new KeyboardEvent("keydown", { key: "z", ctrlKey: true, bubbles: true, cancelable: true })));
    expect(again).toHaveTextContent("Mine.");
    await waitFor(() => expect(world.drafts.undo.has(lessonId)).toBe(false));
  });

  it("says who else has it open", async () => {
    const { world } = await open();
    world.drafts.readers = [{ lessonId, personId: "0190aaaa-0000-7000-8000-00000000000a", name: "Žofie Havránková", isMe: false }];
    act(() => announce(world, []));
    expect(await screen.findByText("Also open: Žofie Havránková")).toBeInTheDocument();
  });

  it("renames in place with Enter, refuses an empty title and takes back with Esc", async () => {
    const { user, draft } = await open();
    const title = screen.getByRole("textbox", { name: "Title of the lesson" });
    await user.clear(title);
    await user.keyboard("{Enter}");
    expect(await screen.findByText("Give it a title.")).toBeInTheDocument();
    await user.keyboard("{Escape}");
    expect(title).toHaveValue(lesson);
    await user.clear(title);
    await user.type(title, "Ein neuer Anfang{Enter}");
    await waitFor(() => expect(rowsOf(draft(), "lessons").find(({ key }) => key.id === lessonId)?.fields.title).toBe("Ein neuer Anfang"));
  });

  it("waits for a text that is not here yet and opens it when it is", async () => {
    const { world } = openWindow(address);
    const draft = draftOf(world, courseIn(world, course).id);
    const text = draft.documents.get(lessonId) ?? null;
    draft.documents.delete(lessonId);
    expect(await screen.findByText("The text of this lesson is on its way")).toBeInTheDocument();
    draft.documents.set(lessonId, text);
    act(() => announce(world, [draft.courseId]));
    expect(await screen.findByRole("textbox", { name: `Text of ${lesson}` })).toBeInTheDocument();
  });

  it("can only be read once it is archived, and is restored from there", async () => {
    const { world, draft, user } = await open();
    const row = rowsOf(draft(), "lessons").find(({ key }) => key.id === lessonId);
    Object.assign(row?.fields ?? {}, { archived_at: "2026-11-20T08:00:00Z" });
    act(() => announce(world, [draft().courseId]));
    await user.click(await screen.findByRole("button", { name: "Restore" }));
    await waitFor(() => expect(screen.queryByText(/This lesson is archived/)).not.toBeInTheDocument());
    act(() => setOnline(world, true));
  });
});

describe("beside the text", () => {
  const conflict: Conflict = { id: "0190cccc-0000-7000-8000-000000000001", about: { table: "lessons", id: lessonId }, title: lesson, kind: "words", block: null, field: "document", before: "once", stands: "once a day", other: "twice a day", pieces: [], mayKeepBoth: true, personName: "Jonas Weber", createdAt: null };

  it("decides a conflict while writing goes on", async () => {
    const { world, draft, user, text, type } = await open();
    draft().conflicts.push({ ...conflict });
    act(() => announce(world, [draft().courseId]));
    await user.click(await screen.findByRole("button", { name: "1 conflict" }));
    expect(await screen.findByRole("complementary", { name: "Conflicts" })).toBeInTheDocument();
    type(" Still writing.");
    await user.click(await screen.findByRole("button", { name: /^Keep this/ }));
    await waitFor(() => expect(draft().conflicts).toHaveLength(0));
    expect(text).toHaveTextContent("Still writing.");
    await expectAccessible();
  });

  it("keeps what is being written before the versions are read, and closes with Esc", async () => {
    const { user, type, written } = await open({ offline: true });
    type(" Before the history.");
    await user.click(screen.getByRole("button", { name: "History" }));
    const panel = await screen.findByRole("complementary", { name: "History" });
    await waitFor(() => expect(written()).toContain("Before the history."));
    panel.querySelector("h2")?.focus();
    await user.keyboard("{Escape}");
    expect(screen.queryByRole("complementary")).not.toBeInTheDocument();
  });

  it("publishes what it says now", async () => {
    const { user, type, draft } = await open();
    type(" New for learners.");
    expect(await screen.findByText("Changed since published")).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Publish" }));
    const panel = within(await screen.findByRole("complementary", { name: "Publish" }));
    await user.click(await panel.findByRole("button", { name: /^Publish/ }));
    await waitFor(() => {
      const row = rowsOf(draft(), "lessons").find(({ key }) => key.id === lessonId);
      expect(row?.fields.published_revision_id).toBe(row?.fields.revision_id);
    });
  });
});
