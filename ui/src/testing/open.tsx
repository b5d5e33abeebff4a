import { createMemoryHistory } from "@tanstack/react-router";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { expect } from "vitest";
import { App } from "../app";
import { fakeId } from "../fake/random";
import type { Scenario } from "../fake/world";
import { replacePlatform } from "../platform";
import { fakeWorld } from "../platform.fake";
import { makeQueryClient } from "../queries";
import { makeRouter } from "../router";

/** The organization every test opens unless it says otherwise. */
export const northfield = fakeId(0, 1);
export const inNorthfield = (path: string) => `/o/${northfield}/${path}`;

/** The whole window at an address, on a platform in memory of its own. */
export function openWindow(address: string, scenario: Partial<Scenario> = {}) {
  const { platform, world, drafts } = fakeWorld(scenario);
  replacePlatform(platform, drafts);
  const client = makeQueryClient();
  const history = createMemoryHistory({ initialEntries: [address] });
  const router = makeRouter(client, history);
  const user = userEvent.setup({ delay: null });
  render(<App client={client} router={router} />);
  return { platform, world, client, router, user };
}

/** axe over the whole window. Colours are judged in a real browser, where there are some. */
export async function expectAccessible(): Promise<void> {
  const result = await axe.run(document.body, {
    rules: { "color-contrast": { enabled: false }, "scrollable-region-focusable": { enabled: false } },
    resultTypes: ["violations"],
  });
  const told = result.violations.map((violation) => `${violation.id}: ${violation.help}\n  ${violation.nodes.map((node) => node.html).join("\n  ")}`);
  expect(told).toEqual([]);
}

export { screen };
