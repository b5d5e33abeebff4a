import { createStore } from "../../store";
import type { Failure } from "../../platform";

/** Whether the last thing said to the server was heard. Watched by the one status place. */
export const link = createStore<"up" | "lost">("up");

/** The session was ended while a page was open; the page stays and sign-in is laid over it. */
export const sessionEnded = createStore(false);

const connectionLost = new Set(["unreachable", "localServer", "tls"]);

/** Called with every outcome of a query or a write: `null` when the server answered. */
export function noteOutcome(failure: Failure | null): void {
  if (failure === null) link.set("up");
  else if (connectionLost.has(failure.code)) link.set("lost");
  else if (failure.code === "signedOut") sessionEnded.set(true);
}
