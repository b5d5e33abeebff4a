import { useBlocker } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { closeWindow, guardClosing } from "../platform";

export type UnsavedGuard = {
  /** Leaving was tried: ask whether to discard. */
  asking: boolean;
  /** Leave after all, for wherever it was. */
  proceed: () => void;
  stay: () => void;
};

/** While `dirty`, leaving the page and closing the window wait for an answer. Addresses `within` do not leave. */
export function useUnsavedGuard(dirty: boolean, within?: string): UnsavedGuard {
  const [closing, setClosing] = useState(false);
  useEffect(() => (dirty ? guardClosing(() => setClosing(true)) : undefined), [dirty]);
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => dirty && current.pathname !== next.pathname && !(within !== undefined && next.pathname.startsWith(within)),
    withResolver: true,
    enableBeforeUnload: () => dirty,
  });
  return {
    asking: closing || blocker.status === "blocked",
    proceed: () => {
      if (closing) void closeWindow();
      if (blocker.status === "blocked") blocker.proceed();
    },
    stay: () => {
      setClosing(false);
      if (blocker.status === "blocked") blocker.reset();
    },
  };
}
