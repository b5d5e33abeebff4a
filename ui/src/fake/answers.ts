import { type AppError, type Code, failureFrom, type JsonValue, type ListQuery, type Page } from "../platform";
import type { FakeOrganization, World } from "./world";

export function refuse(code: Code, message: string, rest: { field?: string; nextStep?: string } = {}): never {
  const error: AppError = { code, message, field: rest.field ?? null, nextStep: rest.nextStep ?? null };
  throw failureFrom(error);
}

export const signedOut = () => refuse("signedOut", "Your session has ended.", { nextStep: "Sign in again." });
export const unreachable = () =>
  refuse("unreachable", "The server does not answer.", { nextStep: "Check the network; Lectern keeps trying." });

export function organizationOf(world: World, id: string): FakeOrganization {
  if (!world.me) signedOut();
  if (!world.drafts.isOnline) unreachable();
  const found = world.organizations.find((candidate) => candidate.facts.id === id);
  return found ?? refuse("notFound", "This organization does not exist, or you may not see it.");
}

/** May write: role of at least an admin, organization not archived. */
export function managed(world: World, id: string): FakeOrganization {
  const organization = organizationOf(world, id);
  if (organization.role === "learner" || organization.role === "reviewer") {
    refuse("notAllowed", "Your role does not allow this.", { nextStep: "Ask an owner or admin of the organization." });
  }
  return organization;
}

/** Inputs that stand for bad days, so tests and pages meet the same failure: searching "!unreachable", "!signedout", "!broken". */
export function sentinels(world: World, search: string): void {
  if (search === "!unreachable") unreachable();
  if (search === "!broken") refuse("internal", "Reading the list failed.", { nextStep: "Try again; if it stays, send the log to support." });
  if (search === "!signedout") {
    world.me = null;
    signedOut();
  }
}

/** A write happens once for its operation id; an input that contains "unclear" loses its first answer after it was applied. */
export function once<T>(world: World, operationId: string, input: unknown, write: () => T): T {
  const known = world.operations.get(operationId);
  if (known !== undefined) return structuredClone(known) as T;
  const result = write();
  world.operations.set(operationId, result);
  if (JSON.stringify(input ?? null).includes("unclear") && !world.lost.has(operationId)) {
    world.lost.add(operationId);
    refuse("unclear", "It is not known whether this was saved.", { nextStep: "Try again: nothing is saved twice." });
  }
  return structuredClone(result);
}

export function nextVersion(world: World): string {
  return `0190ffff-0000-7000-8000-${(++world.counter).toString(16).padStart(12, "0")}`;
}

export function expectVersion(have: string, expected: string): void {
  if (have !== expected) {
    refuse("stale", "Someone changed this while you had it open.", { nextStep: "What you wrote is still here. Look at the newer state, then save again." });
  }
}

/** Keyset paging over rows already filtered and sorted; the cursor is the place of the next row. A search of several pages is counted apart. */
export function pageOf<T>(rows: T[], query: Pick<ListQuery, "cursor" | "limit"> & Partial<Pick<ListQuery, "search" | "countOnly">>): Page<T> {
  if (query.countOnly) return { rows: [], nextCursor: null, total: rows.length };
  const from = query.cursor ? Number(query.cursor) : 0;
  const to = from + query.limit;
  return structuredClone({ rows: rows.slice(from, to), nextCursor: to < rows.length ? String(to) : null, total: query.search?.trim() && (query.cursor || to < rows.length) ? null : rows.length });
}

export function matches(search: string, ...texts: string[]): boolean {
  const wanted = search.trim().toLowerCase();
  return wanted === "" || texts.join(" ").toLowerCase().includes(wanted);
}

export function note(world: World, organization: FakeOrganization, verb: string, tableName: string, rowId: string, before: JsonValue, after: JsonValue) {
  organization.audit.push({
    id: organization.audit.length + 1,
    at: new Date(world.now()).toISOString(),
    actorName: world.signedInAs.name,
    verb,
    tableName,
    rowId,
    before,
    after,
  });
}
