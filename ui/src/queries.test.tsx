import { QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { describe, expect, it } from "vitest";
import { Failure } from "./platform";
import { keyOf, makeQueryClient, useWrite } from "./queries";

const failure = (code: "unclear" | "stale" | "unreachable") => new Failure({ code, message: code, field: null, nextStep: null });

function open(answers: (Failure | string)[]) {
  const client = makeQueryClient();
  const ids: string[] = [];
  const wrapper = ({ children }: { children: ReactNode }) => <QueryClientProvider client={client}>{children}</QueryClientProvider>;
  const { result } = renderHook(
    () =>
      useWrite({
        organizationId: "o",
        write: async (operationId, _input: string) => {
          ids.push(operationId);
          const answer = answers.shift();
          if (answer instanceof Failure) throw answer;
          return answer;
        },
        changes: ["people"],
      }),
    { wrapper },
  );
  return { client, ids, result };
}

describe("a write", () => {
  it("asks again with the same operation id when its answer was lost", async () => {
    const { ids, result } = open([failure("unclear"), failure("unclear"), "done"]);
    await act(() => result.current.mutateAsync("a"));
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(1);
  });

  it("keeps its operation id when the same input is sent again by hand after the line broke", async () => {
    const { ids, result } = open([failure("unreachable"), "done"]);
    await act(() => result.current.mutateAsync("a").catch(() => undefined));
    await act(() => result.current.mutateAsync("a"));
    expect(ids[0]).toBe(ids[1]);
  });

  it("is another operation when something else is written", async () => {
    const { ids, result } = open([failure("unreachable"), "done", "done"]);
    await act(() => result.current.mutateAsync("a").catch(() => undefined));
    await act(() => result.current.mutateAsync("b"));
    await act(() => result.current.mutateAsync("b"));
    expect(new Set(ids).size).toBe(3);
  });

  it("makes what it changes, and the audit, old; and only in its organization", async () => {
    const { client, result } = open(["done"]);
    const keys = [keyOf("o", "people", "list"), keyOf("o", "audit", "list"), keyOf("o", "courses", "list"), keyOf("other", "people", "list")];
    for (const key of keys) client.setQueryData(key, 1);
    await act(() => result.current.mutateAsync("a"));
    expect(keys.map((key) => client.getQueryState(key)?.isInvalidated)).toEqual([true, true, false, false]);
  });

  it("fetches the newer state when someone else was faster", async () => {
    const { client, result } = open([failure("stale")]);
    client.setQueryData(keyOf("o", "people", "one"), 1);
    await act(() => result.current.mutateAsync("a").catch(() => undefined));
    await waitFor(() => expect(client.getQueryState(keyOf("o", "people", "one"))?.isInvalidated).toBe(true));
  });
});
