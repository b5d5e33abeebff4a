import {
  MutationCache,
  QueryCache,
  QueryClient,
  type QueryKey,
  useMutation,
  type UseMutationResult,
  useQueryClient,
} from "@tanstack/react-query";
import { useRef } from "react";
import { noteOutcome } from "./features/connections/link";
import { newId } from "./ids";
import { type Failure, failureFrom } from "./platform";

declare module "@tanstack/react-query" {
  interface Register {
    defaultError: Failure;
    /** `isHere`: asked of this computer, so the outcome says nothing about the server. */
    queryMeta: { isHere?: boolean };
    mutationMeta: { isHere?: boolean };
  }
}

/** What a query reads and a write changes. */
export type Concept = "organizations" | "overview" | "people" | "courses" | "enrollments" | "approvals" | "audit";

/** Every key of an organization starts with its id and the concept read, so a write can name what it makes old. */
export function keyOf(organizationId: string, concept: Concept, ...rest: unknown[]): QueryKey {
  return [organizationId, concept, ...rest];
}

export const sessionKey = ["session"] as const;

export function makeQueryClient(): QueryClient {
  const heard = (failure: Failure | null, { meta }: { meta?: { isHere?: boolean } }) => {
    if (!meta?.isHere) noteOutcome(failure);
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError: (failure, query) => heard(failure, query), onSuccess: (_, query) => heard(null, query) }),
    mutationCache: new MutationCache({
      onError: (failure, _input, _context, mutation) => heard(failure, mutation),
      onSuccess: (_output, _input, _context, mutation) => heard(null, mutation),
    }),
    defaultOptions: {
      queries: {
        // The database is not the internet: what the browser believes about being online says nothing about it.
        networkMode: "always",
        staleTime: 15_000,
        retry: (count, failure) => failure.code === "unreachable" && count < 1,
        retryDelay: 400,
        refetchOnWindowFocus: true,
      },
      mutations: { networkMode: "always", retry: false },
    },
  });
}

const unclearAttempts = 3;

export type Write<Input, Output> = {
  organizationId: string;
  write: (operationId: string, input: Input) => Promise<Output>;
  /** Concepts whose pages are refetched before the write counts as done, so "saved" and "fresh" arrive together. The audit is always among them. */
  changes: readonly Concept[];
  /** Where the row that came back is put at once. */
  remember?: (output: Output, input: Input) => QueryKey;
};

/**
 * The one way a page writes. Each intent makes its operation id once: an answer that got lost on the way ("unclear")
 * is asked for again with the same id, and so is the same input sent again by hand, so nothing is done twice.
 */
export function useWrite<Input, Output>(spec: Write<Input, Output>): UseMutationResult<Output, Failure, Input> {
  const client = useQueryClient();
  const unsettled = useRef<{ input: string; operationId: string } | null>(null);
  return useMutation<Output, Failure, Input>({
    mutationFn: async (input) => {
      const fingerprint = JSON.stringify(input) ?? "";
      const operationId = unsettled.current?.input === fingerprint ? unsettled.current.operationId : newId();
      unsettled.current = { input: fingerprint, operationId };
      for (let attempt = 1; ; attempt++) {
        try {
          const output = await spec.write(operationId, input);
          unsettled.current = null;
          return output;
        } catch (thrown) {
          const failure = failureFrom(thrown);
          if (failure.code === "unclear" && attempt < unclearAttempts) continue;
          if (failure.code !== "unclear" && failure.code !== "unreachable") unsettled.current = null;
          throw failure;
        }
      }
    },
    onSuccess: async (output, input) => {
      if (spec.remember) client.setQueryData(spec.remember(output, input), output);
      await refresh(client, spec);
    },
    // Someone was faster: their state is fetched, so what is tried next is tried on top of it.
    onError: async (failure) => {
      if (failure.code === "stale" || failure.code === "notFound") await refresh(client, spec);
    },
  });
}

async function refresh(client: QueryClient, spec: Pick<Write<never, unknown>, "organizationId" | "changes">): Promise<void> {
  const concepts = new Set<Concept>([...spec.changes, "audit"]);
  await Promise.all([...concepts].map((concept) => client.invalidateQueries({ queryKey: [spec.organizationId, concept] })));
}
