import { waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { quizId, rowsOf } from "../../../fake/draftWorld";
import type { Scenario } from "../../../fake/world";
import { courseIn } from "../../../testing/northfield";
import { expectAccessible, inNorthfield, openWindow, screen } from "../../../testing/open";
import { fakeWorld } from "../../../platform.fake";

/** The first quiz of a course has a question of every kind; the second has none, in the bread course a hundred. */
async function open(title = "Algebra again", place = 0, scenario: Partial<Scenario> = {}) {
  const { id } = courseIn(fakeWorld(scenario).world, title);
  const quiz = quizId(id, place);
  const window = openWindow(inNorthfield(`drafts/${id}/quizzes/${quiz}`), scenario);
  const draft = window.world.drafts.courses.get(id);
  if (!draft) throw new Error("the course is not kept");
  await screen.findByRole("heading", { level: 2, name: "Questions" });
  const list = () => screen.queryAllByRole("button", { expanded: undefined }).filter((button) => button.id.startsWith("question-"));
  const live = (table: "questions" | "question_options" | "answer_keys") => rowsOf(draft, table).filter(({ fields }) => fields.archived_at === null);
  const question = (prompt: string) => live("questions").find(({ fields }) => fields.prompt === prompt);
  const keysOf = (prompt: string) => live("answer_keys").filter(({ fields }) => fields.question_id === question(prompt)?.key.id).map(({ fields }) => fields);
  const optionsOf = (prompt: string) => live("question_options").filter(({ fields }) => fields.question_id === question(prompt)?.key.id).map(({ fields }) => fields.label);
  const row = (prompt: string) => {
    const found = list().find((button) => button.textContent?.includes(prompt));
    if (!found) throw new Error(`no question ${prompt}`);
    return found;
  };
  const openQuestion = async (prompt: string) => {
    await window.user.click(row(prompt));
    return screen.findByRole("group", { name: prompt });
  };
  const quizRow = () => draft.rows.get(`quizzes/${quiz}`)?.fields;
  return { ...window, draft, list, row, live, question, keysOf, optionsOf, openQuestion, quizRow };
}

const flour = "Which flour makes the strongest dough?";

describe("the quiz builder", () => {
  it("lists every question closed, with its kind, points and what is not ready", async () => {
    const { list, row } = await open();
    expect(list()).toHaveLength(7);
    expect(row(flour)).toHaveAttribute("aria-expanded", "false");
    expect(row(flour)).toHaveTextContent("Multiple choice");
    expect(row("At how many degrees")).toHaveTextContent("1.5 points");
    expect(row("How long should it rest?")).toHaveTextContent("Not ready");
    expect(screen.getByRole("note")).toHaveTextContent("One question is not ready yet");
    await expectAccessible();
  });

  it("begins a question with what it asks and goes on from option to option with Enter", async () => {
    const { user, keysOf, optionsOf, question } = await open("Algebra again", 1);
    await user.click(screen.getByRole("button", { name: "Add question" }));
    await user.keyboard("What is 2 + 2?{Enter}");
    expect(await screen.findByRole("textbox", { name: "Add an option" })).toHaveFocus();
    await user.keyboard("3{Enter}4{Enter}");
    await waitFor(() => expect(optionsOf("What is 2 + 2?")).toEqual(["3", "4"]));
    expect(question("What is 2 + 2?")?.fields).toMatchObject({ kind: "multiple_choice", points_hundredths: 100, explanation: "", feedback: "", source: null, archived_at: null });
    expect(screen.getByRole("textbox", { name: "Add an option" })).toHaveFocus();
    await user.click(screen.getByRole("radio", { name: "“4” is correct" }));
    await waitFor(() => expect(keysOf("What is 2 + 2?")).toHaveLength(1));
    expect(await screen.findByText("Nothing is missing: it can be published.")).toBeInTheDocument();
    await expectAccessible();
  });

  it("keeps a field as one leaves it, and after a pause", async () => {
    const { user, question, openQuestion, draft } = await open();
    const group = await openQuestion(flour);
    const prompt = within(group).getByRole("textbox", { name: "Question" });
    await user.clear(prompt);
    await user.type(prompt, "რომელი ფქვილი?");
    await user.tab();
    await waitFor(() => expect(question("რომელი ფქვილი?")).toBeDefined());
    const points = screen.getByRole("textbox", { name: "Points" });
    await user.clear(points);
    await user.type(points, "2,5");
    await waitFor(() => expect(question("რომელი ფქვილი?")?.fields.points_hundredths).toBe(250));
    expect(draft.rows.size).toBeGreaterThan(0);
  });

  it("says at the field what cannot be kept, and keeps what stood before", async () => {
    const { user, quizRow } = await open();
    const attempts = screen.getByRole("textbox", { name: "Attempts" });
    await user.type(attempts, "11");
    await user.tab();
    expect(await screen.findByText("Use a whole number from 1 to 10.")).toBeInTheDocument();
    expect(quizRow()?.max_attempts).toBeNull();
    await user.clear(attempts);
    await user.type(attempts, "3");
    await user.tab();
    await waitFor(() => expect(quizRow()?.max_attempts).toBe(3));
    await user.clear(attempts);
    await user.tab();
    await waitFor(() => expect(quizRow()?.max_attempts).toBeNull());
    const title = screen.getByRole("textbox", { name: "Title" });
    await user.clear(title);
    await user.tab();
    expect(await screen.findByText(/what stood before is kept/)).toBeInTheDocument();
    expect(quizRow()?.title).toBe("What do you remember?");
  });

  it("asks before it closes a question with words that cannot be kept", async () => {
    const { user, openQuestion, row } = await open();
    await openQuestion(flour);
    const points = screen.getByRole("textbox", { name: "Points" });
    await user.clear(points);
    await user.type(points, "a lot");
    await user.click(row(flour));
    const dialog = await screen.findByRole("dialog", { name: "Discard what you wrote?" });
    await user.click(within(dialog).getByRole("button", { name: "Keep writing" }));
    expect(points).toHaveValue("a lot");
    await user.click(row(flour));
    await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Discard" }));
    await waitFor(() => expect(row(flour)).toHaveAttribute("aria-expanded", "false"));
  });

  it("makes another correct answer another row and archives the one before", async () => {
    const { user, draft, keysOf, openQuestion } = await open();
    const before = rowsOf(draft, "answer_keys").length;
    const group = await openQuestion(flour);
    expect(within(group).getByRole("radio", { name: "“Wheat” is correct" })).toBeChecked();
    await user.click(within(group).getByRole("radio", { name: "“Rye” is correct" }));
    await waitFor(() => expect(keysOf(flour)).toHaveLength(1));
    await waitFor(() => expect(rowsOf(draft, "answer_keys")).toHaveLength(before + 1));
    await waitFor(() => expect(within(group).getByRole("radio", { name: "“Rye” is correct" })).toBeChecked());
    expect(keysOf(flour)[0]).toMatchObject({ accepted_text: null, accepted_number: null, tolerance: null, weight_percent: 100, archived_at: null });
  });

  it("moves a question and an option with Alt and arrows, keeps the focus and says where it is", async () => {
    const { user, list, row, optionsOf, openQuestion } = await open();
    row(flour).focus();
    await user.keyboard("{Alt>}{ArrowDown}{ArrowDown}{/Alt}");
    await waitFor(() => expect(list()[2]).toHaveTextContent(flour));
    expect(await screen.findByText(`${flour} is now 3 of 7.`)).toBeInTheDocument();
    await waitFor(() => expect(row(flour)).toHaveFocus());
    const group = await openQuestion(flour);
    within(group).getByRole("textbox", { name: "Option 1" }).focus();
    await user.keyboard("{Alt>}{ArrowDown}{/Alt}");
    await waitFor(() => expect(optionsOf(flour)).toEqual(["Wheat", "Rye", "Oat"]));
    await waitFor(() => expect(within(group).getByRole("textbox", { name: "Option 2" })).toHaveFocus());
    expect(within(group).getByRole("textbox", { name: "Option 2" })).toHaveValue("Rye");
  });

  it("archives a question with Delete and brings it back with undo, its answers too", async () => {
    const { user, list, row, keysOf } = await open();
    row(flour).focus();
    await user.keyboard("{Delete}");
    await waitFor(() => expect(list()).toHaveLength(6));
    await waitFor(() => expect(document.activeElement).toHaveTextContent("What does yeast need?"));
    await user.click(await screen.findByRole("button", { name: "Undo" }));
    await waitFor(() => expect(list()).toHaveLength(7));
    expect(keysOf(flour)).toHaveLength(1);
  });

  it("duplicates a question with its options and answers", async () => {
    const { user, list, row, live } = await open();
    row(flour).focus();
    await user.keyboard("{Shift>}{F10}{/Shift}");
    await user.click(await screen.findByRole("menuitem", { name: "Duplicate" }));
    await waitFor(() => expect(list()).toHaveLength(8));
    const [one, two] = live("questions").filter(({ fields }) => String(fields.prompt).startsWith(flour));
    expect(two?.fields.prompt).toBe(`${flour} (copy)`);
    const key = (id: string | undefined) => live("answer_keys").find(({ fields }) => fields.question_id === id)?.fields.option_id;
    expect(key(two?.key.id)).not.toBe(key(one?.key.id));
    await waitFor(() => expect(list()[1]).toHaveFocus());
  });

  it("keeps what has a place in another kind and says what goes before it does", async () => {
    const { user, openQuestion, keysOf, optionsOf, question } = await open();
    await openQuestion(flour);
    await user.click(screen.getByRole("combobox", { name: "Kind" }));
    await user.click(await screen.findByRole("option", { name: "Short answer" }));
    const dialog = await screen.findByRole("dialog", { name: "Make it “Short answer”?" });
    expect(within(dialog).getAllByRole("listitem").map((item) => item.textContent)).toEqual(["Rye", "Oat"]);
    await user.click(within(dialog).getByRole("button", { name: "Change the kind" }));
    await waitFor(() => expect(keysOf(flour)).toEqual([expect.objectContaining({ accepted_text: "Wheat", option_id: null })]));
    expect(optionsOf(flour)).toEqual([]);
    await user.click(await screen.findByRole("button", { name: "Undo" }));
    await waitFor(() => expect(optionsOf(flour)).toEqual(["Rye", "Wheat", "Oat"]));
    await waitFor(() => expect(question(flour)?.fields.kind).toBe("multiple_choice"));
    await waitFor(() => expect(keysOf(flour)).toEqual([expect.objectContaining({ accepted_text: null })]));
  });

  it("takes several accepted texts, a number with its tolerance, and true or false", async () => {
    const { user, openQuestion, keysOf } = await open();
    const bread = "როგორ ჰქვია ქართულ პურს?";
    await openQuestion(bread);
    await user.type(screen.getByRole("textbox", { name: "Another accepted answer" }), "puri{Enter}");
    await waitFor(() => expect(keysOf(bread)).toHaveLength(3));
    const degrees = "At how many degrees does yeast die?";
    await openQuestion(degrees);
    const tolerance = await screen.findByRole("textbox", { name: "Tolerance 1" });
    await user.clear(tolerance);
    await user.type(tolerance, "-1");
    await user.tab();
    expect(await screen.findByText("Use 0 or more.")).toBeInTheDocument();
    await user.clear(tolerance);
    await user.type(tolerance, "2,5");
    await user.tab();
    await waitFor(() => expect(keysOf(degrees)[0]?.tolerance).toBe(2.5));
    const cold = "Dough rises faster in the cold.";
    await openQuestion(cold);
    await user.click(await screen.findByRole("radio", { name: "True" }));
    await waitFor(() => expect(keysOf(cold)).toEqual([expect.objectContaining({ accepted_text: "true" })]));
    await expectAccessible();
  });

  it("refuses to publish while something is missing, says what, and publishes once it is done", async () => {
    const { user, quizRow, keysOf } = await open();
    await user.click(screen.getByRole("button", { name: "Publish quiz" }));
    const alert = await screen.findByRole("alert");
    expect(alert).toHaveTextContent("The quiz cannot be published until this is done");
    expect(alert).toHaveTextContent("It needs at least two options. No option is marked as correct.");
    expect(quizRow()?.published_at).toBeNull();
    await user.click(within(alert).getByRole("button", { name: "Question 7" }));
    await user.type(await screen.findByRole("textbox", { name: "Add an option" }), "A night{Enter}");
    await user.click(await screen.findByRole("radio", { name: "“A night” is correct" }));
    await waitFor(() => expect(keysOf("How long should it rest?")).toHaveLength(1));
    await screen.findByText("Nothing is missing: it can be published.");
    await user.click(screen.getByRole("button", { name: "Publish quiz" }));
    await waitFor(() => expect(quizRow()?.published_at).toEqual(expect.any(String)));
    expect(await screen.findByText("Published: learners see changes once they are on the server.")).toBeInTheDocument();
  });

  it("marks conflicts at their question and shows both sets of correct answers, decided by nobody", async () => {
    const { user, row, openQuestion, keysOf, draft } = await open("Algebra again", 0, { drafts: "trouble" });
    expect(row(flour)).toHaveTextContent("1 conflict");
    await openQuestion(flour);
    await user.click(screen.getByRole("button", { name: "Decide" }));
    const panel = await screen.findByRole("complementary", { name: "Conflicts" });
    const card = within(panel).getByText("Both changed what counts as correct").closest("li") as HTMLElement;
    expect(card).toHaveTextContent("Correct now");
    expect(card).toHaveTextContent("Correct in the other version");
    expect(within(card).queryByRole("button", { name: "Keep both" })).not.toBeInTheDocument();
    expect(draft.conflicts).toHaveLength(4);
    await expectAccessible();
    await user.click(within(card).getByRole("button", { name: "Use the other" }));
    await waitFor(() => expect(keysOf(flour)).toHaveLength(2));
    await waitFor(() => expect(row(flour)).not.toHaveTextContent("conflict"));
  });

  it("stays quick to walk with a hundred questions", async () => {
    const { user, list } = await open("Bread from first principles", 1);
    expect(list()).toHaveLength(100);
    list()[0]?.focus();
    await user.keyboard("{End}");
    expect(list()[99]).toHaveFocus();
    await user.keyboard("{Enter}");
    expect(await screen.findByRole("group", { name: "Question 100: what comes next?" })).toBeInTheDocument();
  });

  it("lets who only reads look at everything and change nothing", async () => {
    const { list, openQuestion } = await open("Algebra again", 0, { role: "reviewer" });
    expect(screen.queryByRole("button", { name: "Add question" })).not.toBeInTheDocument();
    expect(list()).toHaveLength(7);
    const group = await openQuestion(flour);
    expect(within(group).getByRole("textbox", { name: "Question" })).toHaveAttribute("readonly");
    expect(within(group).queryByRole("textbox", { name: "Add an option" })).not.toBeInTheDocument();
    await expectAccessible();
  });
});
