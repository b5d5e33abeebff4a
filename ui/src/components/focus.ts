import { useEffect, useRef } from "react";

/**
 * A button that waits is disabled, and an engine takes the focus from what is disabled. Gives it back once the wait is
 * over, unless the person or the page has gone elsewhere meanwhile.
 */
export function keepFocusWhileWaiting(): void {
  let waiting: HTMLElement | null = null;
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      if (!(target instanceof HTMLButtonElement)) continue;
      if (target.disabled && target === document.activeElement) waiting = target;
      if (!target.disabled && target === waiting) {
        waiting = null;
        const now = document.activeElement;
        if (now === document.body || now?.getAttribute("tabindex") === "-1") target.focus({ preventScroll: true });
      }
    }
  }).observe(document, { subtree: true, attributeFilter: ["disabled"] });
}

/**
 * When what is `opened` closes, the focus goes back to where it came from, or, if that is gone (a button that did its
 * work), to the heading of what is read. Only when nothing else took it.
 */
export function useFocusBack(opened: boolean): void {
  const cameFrom = useRef<Element | null>(null);
  useEffect(() => {
    if (!opened) return;
    cameFrom.current = document.activeElement;
    return () => giveBack(cameFrom.current, 20);
  }, [opened]);
}

/** The first of these that is on the page, the most wanted first. */
export function firstOf(...selectors: string[]): HTMLElement | null {
  for (const selector of selectors) {
    const found = document.querySelector<HTMLElement>(selector);
    if (found) return found;
  }
  return null;
}

/** What closes keeps the focus until its last frame, so this looks a few times. */
function giveBack(to: Element | null, looks: number): void {
  setTimeout(() => {
    const now = document.activeElement;
    if (now?.closest("[aria-modal=true]") && looks > 0) return giveBack(to, looks - 1);
    if (now !== null && now !== document.body) return;
    if (to instanceof HTMLElement && to !== document.body) to.focus({ preventScroll: true });
    if (document.activeElement !== document.body) return;
    firstOf("aside h2[tabindex]", "h1[tabindex]")?.focus({ preventScroll: true });
  }, 100);
}
