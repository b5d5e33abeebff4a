/**
 * The whole platform in memory: an invented organization that pages, searches, refuses and fails like the server does.
 * It stands under the tests and under the page server without a desktop; no build for people contains it.
 */
import { fakeApprovals } from "./fake/approvals";
import { fakeCourses } from "./fake/courses";
import { fakeDraftParts } from "./fake/draftParts";
import { fakeDrafts } from "./fake/drafts";
import { fakeEnrollments } from "./fake/enrollments";
import { fakeOrganizations } from "./fake/organizations";
import { fakePeople } from "./fake/people";
import { fakeSessions } from "./fake/sessions";
import { makeWorld, type Scenario, type World } from "./fake/world";
import type { DraftsSource, Platform, Role } from "./platform";

export const usualScenario: Scenario = { start: "signedIn", people: 64, empty: false, role: "owner", delay: 0, keyring: "working", drafts: "usual", offline: false };

/** Platform and the world behind it, so a test can look at what was written; `drafts` tells what changes in them. */
export function fakeWorld(change: Partial<Scenario> = {}): { platform: Platform; world: World; drafts: DraftsSource } {
  const world = makeWorld({ ...usualScenario, ...change });
  const drafts: DraftsSource = (hear) => {
    world.drafts.hears.add(hear);
    return () => world.drafts.hears.delete(hear);
  };
  return { platform: fakePlatformOn(world), world, drafts };
}

function fakePlatformOn(world: World): Platform {
  const platform: Platform = {
    ...fakeSessions(world),
    ...fakeOrganizations(world),
    ...fakePeople(world),
    ...fakeCourses(world),
    ...fakeEnrollments(world),
    ...fakeDrafts(world),
    ...fakeDraftParts(world),
    ...fakeApprovals(world),
  };
  const { delay } = world.scenario;
  if (delay === 0) return platform;
  const late = Object.entries(platform).map(([name, command]) => [
    name,
    async (...args: unknown[]) => {
      await new Promise((resolve) => setTimeout(resolve, delay));
      return (command as (...args: unknown[]) => Promise<unknown>)(...args);
    },
  ]);
  return Object.fromEntries(late) as Platform;
}

/**
 * The scenario in the page's address: `?fake&start=firstOwner&people=5000&empty&role=learner&delay=800&keyring=locked&drafts=trouble&offline&now=2026-11-20T10:00:00Z`.
 * It moves from the address into the tab, because the router reads the address too.
 */
export function rememberedScenario(): Partial<Scenario> {
  if (location.search) sessionStorage.setItem("fake", location.search);
  history.replaceState(null, "", location.pathname + location.hash);
  return scenarioFrom(sessionStorage.getItem("fake") ?? "");
}

function scenarioFrom(search: string): Partial<Scenario> {
  const asked = new URLSearchParams(search);
  const scenario: Partial<Scenario> = { people: Number(asked.get("people") ?? 1240), delay: Number(asked.get("delay") ?? 80), empty: asked.has("empty") };
  const start = asked.get("start");
  if (start) scenario.start = start as Scenario["start"];
  const role = asked.get("role");
  if (role) scenario.role = role as Role;
  const keyring = asked.get("keyring");
  if (keyring) scenario.keyring = keyring as Scenario["keyring"];
  const drafts = asked.get("drafts");
  if (drafts) scenario.drafts = drafts as Scenario["drafts"];
  scenario.offline = asked.has("offline");
  const now = asked.get("now");
  if (now) scenario.now = Date.parse(now);
  return scenario;
}
