import type { Editor } from "@tiptap/core";
import { MantineProvider } from "@mantine/core";
import { undo } from "@tiptap/pm/history";
import { TextSelection } from "@tiptap/pm/state";
import { act, render, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createRef } from "react";
import { describe, expect, it, vi } from "vitest";
import { languagePreference } from "../../../preferences";
import { expectAccessible, screen } from "../../../testing/open";
import { theme } from "../../../theme";
import { wordList } from "./clipboard/fixtures";
import type { Change } from "./document/changes";
import type { NodeJson } from "./document/shape";
import { LessonEditor, type LessonEditorHandle, type LessonEditorProps } from "./LessonEditor";

const id = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, "0")}`;
const text = (words: string, ...marks: { type: string; attrs?: Record<string, unknown> }[]): NodeJson => ({ type: "text", text: words, ...(marks.length > 0 && { marks }) });
const p = (n: number, ...content: (string | NodeJson)[]): NodeJson => ({ type: "paragraph", attrs: { id: id(n) }, ...(content.length > 0 && { content: content.map((each) => (typeof each === "string" ? text(each) : each)) }) });
const block = (type: string, n: number, attrs: Record<string, unknown> = {}, ...content: NodeJson[]): NodeJson => ({ type, attrs: { id: id(n), ...attrs }, ...(content.length > 0 && { content }) });
const poll = block("poll", 9, { question: "?" });

function open(content: NodeJson[], props: Partial<LessonEditorProps> = {}) {
  const changes: Change[] = [];
  const handle = createRef<LessonEditorHandle>();
  const opened: string[] = [];
  render(
    <MantineProvider theme={theme} env="test">
      <main>
        <LessonEditor document={{ type: "doc", content }} onChange={(change) => void changes.push(change)} openOutside={(url) => opened.push(url)} handle={handle} {...props} />
      </main>
    </MantineProvider>,
  );
  const dom = screen.getByRole("textbox", { name: /Lesson text|Text der Lektion/ }) as HTMLElement & { editor: Editor };
  const { editor } = dom;
  const key = (name: string, more: KeyboardEventInit = {}) => act(() => void dom.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true, ...more })));
  const at = (pos: number, to = pos) => act(() => editor.view.dispatch(editor.state.tr.setSelection(TextSelection.create(editor.state.doc, pos, to))));
  const type = (words: string) => act(() => editor.view.dispatch(editor.state.tr.insertText(words)));
  const blocks = () => handle.current?.document().content ?? [];
  const paste = (html: string) => act(() => void editor.view.pasteHTML(html));
  const drop = (...files: File[]) => {
    const event = new Event("paste", { bubbles: true, cancelable: true });
    Object.assign(event, { clipboardData: { files, getData: () => "", types: ["Files"] } });
    act(() => void dom.dispatchEvent(event));
  };
  return { dom, editor, key, at, type, blocks, paste, drop, changes, opened, handle, user: userEvent.setup({ delay: null }) };
}

const everything: NodeJson[] = [
  block("heading", 1, { level: 2 }, text("Heat")),
  p(2, "Water ", text("boils", { type: "bold" }), " at ", { type: "mathInline", attrs: { latex: "T" } }),
  block("bulletList", 3, {}, block("listItem", 4, {}, p(5, "a kettle"))),
  block("taskList", 6, {}, block("taskItem", 7, { checked: true }, p(8, "fill it"))),
  poll,
  block("table", 10, {}, block("tableRow", 11, {}, block("tableHeader", 12, {}, p(13, "Place")))),
  block("codeBlock", 14, { language: "python" }, text("print(1)")),
  block("callout", 15, { kind: "tip" }, p(16, "Wait.")),
  block("image", 17, { attachment: "x", alt: "A flask" }),
  block("video", 18, { url: "https://video.example/1", title: "Boiling" }),
  block("attachment", 19, { attachment: "y", name: "Worksheet.pdf", size_bytes: 1_234_567 }),
  block("horizontalRule", 20),
];

describe("the lesson editor", () => {
  it("shows every kind of block, leaves the document as it is, and axe finds nothing", async () => {
    const { blocks, changes, user } = open(everything);
    expect(screen.getByText("Made with a newer version of Lectern")).toBeInTheDocument();
    expect(screen.getByRole("checkbox", { name: "Task: fill it" })).toBeChecked();
    expect(screen.getByRole("note", { name: "Tip" })).toBeInTheDocument();
    expect(screen.getByText("1.2 MB", { exact: false })).toBeInTheDocument();
    expect(blocks()).toEqual(everything);
    expect(changes).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Outline and hints" }));
    expect(await screen.findByRole("button", { name: "Heat" })).toBeInTheDocument();
    await expectAccessible();
  });

  it("hands on the one block that was typed in", async () => {
    const { at, type, changes, handle } = open([p(1, "one"), p(2, "two")]);
    at(4);
    type("!");
    await handle.current?.flush();
    expect(changes).toEqual([{ changed: [{ id: id(1), json: p(1, "one!") }], order: [id(1), id(2)], removed: [] }]);
  });

  it("hands on the last words when it is closed", async () => {
    const { type, changes } = open([p(1)]);
    type("x");
    const { cleanup } = await import("@testing-library/react");
    cleanup();
    await waitFor(() => expect(changes).toHaveLength(1));
  });

  it("puts in a block chosen after a slash", async () => {
    const { dom, editor, key, type, blocks } = open([p(1)]);
    dom.focus();
    act(() => editor.view.focus());
    type("/");
    const list = await screen.findByRole("listbox", { name: "Blocks" });
    type("tab");
    await waitFor(() => expect(within(list).getAllByRole("option")[0]).toHaveTextContent("Table"));
    expect(dom).toHaveAttribute("aria-activedescendant", "slash-table");
    key("Enter");
    expect(blocks()[0]?.type).toBe("table");
    await waitFor(() => expect(screen.queryByRole("listbox")).not.toBeInTheDocument());
  });

  it("makes formulas of what stands between dollar signs, and leaves money and snake_case alone", async () => {
    const { editor, key, blocks } = open([p(1)]);
    act(() => editor.view.focus());
    const write = (words: string) => {
      for (const letter of words) {
        act(() => {
          const { from, to } = editor.state.selection;
          if (!editor.view.someProp("handleTextInput", (handle) => handle(editor.view, from, to, letter, () => editor.state.tr.insertText(letter)))) editor.view.dispatch(editor.state.tr.insertText(letter));
        });
      }
    };
    write("a $x^2$ b");
    expect(blocks()[0]?.content).toEqual([text("a "), { type: "mathInline", attrs: { latex: "x^2" } }, text(" b")]);
    key("Enter");
    write("$5 and $6, snake_case_name, 2*3*4");
    expect(blocks()[1]?.content).toEqual([text("$5 and $6, snake_case_name, 2*3*4")]);
    key("Enter");
    write("---");
    expect(blocks().map(({ type }) => type)).toEqual(["paragraph", "paragraph", "horizontalRule", "paragraph"]);
    write("## ");
    expect(blocks()[3]?.type).toBe("heading");
    await screen.findByRole("toolbar");
  });

  it("has one tab stop in the toolbar, and arrows move in it", async () => {
    const { at, user } = open([p(1, "one")]);
    at(1, 4);
    const tools = within(screen.getByRole("toolbar")).getAllByRole("button").filter((tool) => tool.hasAttribute("data-tool"));
    await waitFor(() => expect(tools.filter((tool) => tool.tabIndex === 0)).toHaveLength(1));
    act(() => within(screen.getByRole("toolbar")).getByRole("button", { name: "Bold" }).focus());
    await user.keyboard("{ArrowRight}");
    expect(screen.getByRole("button", { name: "Italic" })).toHaveFocus();
    await user.keyboard("{End}");
    expect(screen.getByRole("button", { name: "Use the whole window" })).toHaveFocus();
  });

  it("makes links of the web and of mail only", async () => {
    const { at, editor, blocks, key, user } = open([p(1, "see this")]);
    act(() => editor.view.focus());
    at(5, 9);
    key("k", { ctrlKey: true });
    const address = await screen.findByRole("textbox", { name: "Address" });
    await user.type(address, "javascript:alert(1){Enter}");
    expect(await screen.findByText(/Use an address that starts with/)).toBeInTheDocument();
    await user.clear(address);
    await user.type(address, "example.org{Enter}");
    expect(blocks()[0]?.content?.[1]).toEqual(text("this", { type: "link", attrs: { href: "https://example.org" } }));
  });

  it("removes what a newer version made only on purpose, and brings it back with undo", async () => {
    const { editor, blocks, user, key } = open([p(1, "one"), poll, p(2, "two")]);
    act(() => void editor.chain().focus().selectAll().deleteSelection().run());
    expect(blocks()).toHaveLength(3);
    expect(await screen.findByText(/so nothing was removed/)).toBeInTheDocument();
    act(() => void editor.commands.setNodeSelection(5));
    key("Backspace");
    expect(blocks()).toContainEqual(poll);
    await user.click(screen.getByRole("button", { name: "Remove…" }));
    await user.click(await screen.findByRole("button", { name: "Remove" }));
    expect(blocks().map(({ type }) => type)).toEqual(["paragraph", "paragraph"]);
    act(() => void undo(editor.state, editor.view.dispatch));
    expect(blocks()[1]).toEqual(poll);
  });

  it("keeps a pasted picture's bytes, then asks what it shows", async () => {
    const attached: File[] = [];
    const { editor, drop, blocks, user } = open([p(1)], {
      onAttach: async (file, { progress }) => {
        attached.push(file);
        progress(0.5);
        return { attachment: "abc" };
      },
      images: async () => "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=",
    });
    act(() => editor.view.focus());
    drop(new File(["bytes"], "flask.png", { type: "image/png" }));
    const description = await screen.findByRole("textbox", { name: "Description" });
    await user.type(description, "A flask{Enter}");
    expect(attached.map(({ name }) => name)).toEqual(["flask.png"]);
    expect(blocks()[0]).toMatchObject({ type: "image", attrs: { attachment: "abc", alt: "A flask" } });
  });

  it("says in words why a file was not added, and tries again", async () => {
    const onAttach = vi.fn<NonNullable<LessonEditorProps["onAttach"]>>().mockRejectedValueOnce(new Error("The disk is full.")).mockResolvedValue({ attachment: "abc" });
    const { drop, blocks, user } = open([p(1)], { onAttach, attachLimit: 1_000 });
    drop(new File([new Uint8Array(2_000)], "large.pdf"));
    expect(await screen.findByText(/large.pdf has 2 kB. At most 1 kB fit here/)).toBeInTheDocument();
    drop(new File(["x"], "plan.pdf", { type: "application/pdf" }));
    expect(await screen.findByText("plan.pdf was not added. The disk is full.")).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(blocks()[0]).toMatchObject({ type: "attachment", attrs: { name: "plan.pdf", size_bytes: 1, mime: "application/pdf" } }));
  });

  it("refuses pictures with words where nothing can keep them", async () => {
    const { drop } = open([p(1)]);
    drop(new File(["x"], "flask.png", { type: "image/png" }));
    expect(await screen.findByText(/cannot be kept in this lesson yet/)).toBeInTheDocument();
  });

  it("pastes a list from Word as a list, with ids of its own", () => {
    const { paste, blocks, editor } = open([p(1)]);
    paste(wordList);
    expect(blocks().map(({ type }) => type)).toEqual(["paragraph", "bulletList", "orderedList", "paragraph"]);
    const ids: unknown[] = [];
    editor.state.doc.descendants((node) => void ("id" in node.attrs && ids.push(node.attrs.id)));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).not.toContain(undefined);
  });

  it("finds and replaces all as one step of undo", async () => {
    const { blocks, key, user, editor } = open([p(1, "water, Water"), p(2, "underwater ", text("water", { type: "bold" }))]);
    key("h", { ctrlKey: true });
    await user.type(await screen.findByRole("textbox", { name: "Find" }), "water");
    expect(await screen.findByText("1 of 4")).toBeInTheDocument();
    await user.click(screen.getByRole("checkbox", { name: "Whole words" }));
    expect(await screen.findByText("1 of 3")).toBeInTheDocument();
    await user.click(screen.getByRole("checkbox", { name: "Match case" }));
    expect(await screen.findByText("1 of 2")).toBeInTheDocument();
    await user.type(screen.getByRole("textbox", { name: "Replace with" }), "ice");
    await user.click(screen.getByRole("button", { name: "Replace all" }));
    expect(blocks()).toEqual([p(1, "ice, Water"), p(2, "underwater ", text("ice", { type: "bold" }))]);
    act(() => void undo(editor.state, editor.view.dispatch));
    expect(blocks()[0]).toEqual(p(1, "water, Water"));
  });

  it("takes in a colleague's words without moving the cursor or sending them back", async () => {
    const { at, editor, handle, changes, blocks } = open([p(1, "one"), p(2, "two")]);
    at(7);
    await act(async () => handle.current?.patch({ type: "doc", content: [p(3, "new"), p(1, "one, changed"), p(2, "two")] }));
    await handle.current?.flush();
    expect(blocks().map((each) => each.content?.[0]?.text)).toEqual(["new", "one, changed", "two"]);
    expect(editor.state.selection.$from.parent.textContent).toBe("two");
    expect(editor.state.selection.$from.parentOffset).toBe(1);
    expect(changes).toEqual([]);
  });

  it("keeps words that are not saved yet when a colleague's arrive", async () => {
    const { at, type, handle, blocks } = open([p(1, "one"), p(2, "two")], { onChange: () => Promise.reject(new Error("full")) });
    at(4);
    type("!");
    await act(async () => handle.current?.patch({ type: "doc", content: [p(1, "old"), p(2, "two, changed")] }));
    expect(blocks().map((each) => each.content?.[0]?.text)).toEqual(["one!", "two, changed"]);
    await act(async () => void (await handle.current?.flush()));
    expect(await screen.findByText(/Not saved yet/)).toBeInTheDocument();
  });

  it("leaves with Esc and Tab, and a second Esc is the window's", () => {
    const { dom, key } = open([block("bulletList", 1, {}, block("listItem", 2, {}, p(3, "a")))]);
    const seen = vi.fn();
    document.addEventListener("keydown", (event) => seen(event.key, event.defaultPrevented));
    dom.focus();
    key("Escape");
    expect(screen.getByText("Tab now leaves the text.")).toBeInTheDocument();
    key("Tab");
    expect(seen).toHaveBeenLastCalledWith("Tab", false);
    key("Escape");
    expect(seen).toHaveBeenLastCalledWith("Escape", false);
  });

  it("moves a block by keyboard and says where it is", async () => {
    const { at, key, blocks } = open([p(1, "one"), p(2, "two"), p(3, "three")]);
    at(7);
    key("ArrowUp", { altKey: true, shiftKey: true });
    expect(blocks().map(({ attrs }) => attrs?.id)).toEqual([id(2), id(1), id(3)]);
    expect(await screen.findByText("Moved to place 1 of 3")).toBeInTheDocument();
  });

  it("names what people with a screen reader would miss and jumps there", async () => {
    const { editor, user } = open([
      block("heading", 1, { level: 2 }, text("A")),
      block("heading", 2, { level: 4 }, text("B")),
      p(3, "Read ", text("here", { type: "link", attrs: { href: "https://example.org" } })),
      block("image", 4, { attachment: "x" }),
      block("table", 5, {}, block("tableRow", 6, {}, block("tableCell", 7, {}, p(8, "a")))),
      p(9, "THIS WHOLE PARAGRAPH IS WRITTEN IN CAPITALS AND HARD TO READ"),
      p(10, "Press the red button."),
    ]);
    await user.click(await screen.findByRole("button", { name: "6 hints" }));
    for (const title of ["Heading level skipped", "Link text says too little", "Picture without a description", "Table without a header", "Long text in capitals", "Meaning by colour alone"]) {
      expect(screen.getByText(title)).toBeInTheDocument();
    }
    await user.click(screen.getByRole("button", { name: /Heading level skipped/ }));
    expect(editor.state.selection.$from.parent.textContent).toBe("B");
  });

  it("can be read and not changed where the lesson is closed", () => {
    const { dom, blocks, key } = open(everything, { readOnly: true });
    expect(dom).toHaveAttribute("contenteditable", "false");
    expect(screen.getByRole("button", { name: "Insert" })).toBeDisabled();
    expect(screen.queryByRole("button", { name: "Remove…" })).not.toBeInTheDocument();
    key("Enter");
    expect(blocks()).toEqual(everything);
  });

  it("speaks German at once when the window does, with undo kept", async () => {
    const { type, editor } = open([poll, p(1)]);
    act(() => void editor.commands.focus("end"));
    type("x");
    act(() => languagePreference.set("de"));
    expect(await screen.findByText("Mit einer neueren Version von Lectern gemacht")).toBeInTheDocument();
    expect(screen.getByRole("textbox", { name: "Text der Lektion" })).toBeInTheDocument();
    act(() => void undo(editor.state, editor.view.dispatch));
    expect(editor.state.doc.lastChild?.textContent).toBe("");
  });
});
