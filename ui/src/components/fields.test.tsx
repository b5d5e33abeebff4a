import { act, renderHook } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { Failure } from "../platform";
import { useFields } from "./fields";

const tooLong = (value: string) => (value.length > 5 ? "Too long." : value === "" ? "Needed." : null);

function open(failure: Failure | null = null) {
  const initial = { name: "", note: "" };
  const rules = { name: tooLong };
  return renderHook(({ refused }: { refused: Failure | null }) => useFields(initial, rules, refused), { initialProps: { refused: failure } });
}

const taken = new Failure({ code: "conflict", message: "Taken.", field: "name", nextStep: "Choose another." });

describe("the fields of a form", () => {
  it("stay silent while something is typed for the first time", () => {
    const { result } = open();
    act(() => result.current.bind("name").onChange("a"));
    expect(result.current.bind("name").error).toBeNull();
  });

  it("speak up the moment what was right becomes wrong", () => {
    const { result } = open();
    act(() => result.current.bind("name").onChange("right"));
    act(() => result.current.bind("name").onChange("righter"));
    expect(result.current.bind("name").error).toBe("Too long.");
  });

  it("are not saved while a rule does not hold, and say which", () => {
    const { result } = open();
    const save = vi.fn();
    act(() => result.current.submit(save)());
    expect(save).not.toHaveBeenCalled();
    expect(result.current.bind("name").error).toBe("Needed.");
  });

  it("show a server's refusal at its field until it is changed", () => {
    const { result, rerender } = open();
    act(() => result.current.bind("name").onChange("Ada"));
    rerender({ refused: taken });
    expect(result.current.bind("name").error).toBe("Taken. Choose another.");
    expect(result.current.unplaced).toBeNull();
    act(() => result.current.bind("name").onChange("Bea"));
    expect(result.current.bind("name").error).toBeNull();
  });

  it("leave a refusal that belongs to none of them to the form", () => {
    const elsewhere = new Failure({ code: "notAllowed", message: "You may not.", field: null, nextStep: null });
    expect(open(elsewhere).result.current.unplaced).toBe(elsewhere);
  });

  it("know whether anything is unsaved", () => {
    const { result } = open();
    act(() => result.current.bind("note").onChange("x"));
    expect(result.current.dirty).toBe(true);
    act(() => result.current.bind("note").onChange(""));
    expect(result.current.dirty).toBe(false);
  });
});
