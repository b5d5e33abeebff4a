import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterEach, beforeEach, vi } from "vitest";
import { notifications } from "@mantine/notifications";
import { link, sessionEnded } from "../features/connections/link";
import { languagePreference } from "../preferences";

// How long something may take to appear. A busy machine is slow; a test that passes never waits this long.
configure({ asyncUtilTimeout: 8_000 });

// A window of a real size, so virtual rows are drawn.
for (const [side, length] of [["Height", 640], ["Width", 1280]] as const) {
  Object.defineProperty(HTMLElement.prototype, `offset${side}`, { configurable: true, get: () => length });
  Object.defineProperty(HTMLElement.prototype, `client${side}`, { configurable: true, get: () => length });
}

// What Mantine asks of a browser and happy-dom does not answer.
window.matchMedia ??= vi.fn((query: string) => ({ matches: false, media: query, addEventListener() {}, removeEventListener() {} }) as unknown as MediaQueryList);
Element.prototype.scrollIntoView = () => undefined;
if (!document.fonts) Object.defineProperty(document, "fonts", { value: { addEventListener() {}, removeEventListener() {} } });

beforeEach(() => {
  localStorage.clear();
  languagePreference.set("en");
});

afterEach(() => {
  cleanup();
  notifications.clean();
  link.set("up");
  sessionEnded.set(false);
});
