/** What an audit entry says about a row, told by the columns that mean something to a person. */
import type { Format } from "../../format";
import type { AuditRow, JsonValue } from "../../platform";
import type { Strings } from "../../strings";

type Did =
  | "created" | "archived" | "restored" | "published" | "unpublished" | "deleted" | "changed" | "touched"
  | "enrolled" | "withdrew" | "reinstated" | "staffed" | "unstaffed" | "reassigned" | "completed" | "reopened"
  | "asked" | "approved" | "wantedChanges" | "tookBack" | "collided" | "decided";
export type Told = { did: Did; lessons?: number; duty?: string; fields: { name: string; before: JsonValue; after: JsonValue }[] };

const record = (value: JsonValue | null): Record<string, JsonValue> => (value !== null && typeof value === "object" && !Array.isArray(value) ? value : {});

/** `known` are the columns worth naming; the rest (keys, versions, search texts) is the database's own business. */
export function tellChange({ verb, tableName, before, after }: Pick<AuditRow, "verb" | "tableName" | "before" | "after">, known: Record<string, string>): Told {
  const old = record(before);
  const now = record(after);
  // Progress is noted on the enrollment's own row: how many lessons were touched and how many of them are completed.
  if (tableName === "lesson_progress") {
    const completed = Number(now.completed ?? 0);
    return completed > 0 ? { did: "completed", lessons: completed, fields: [] } : { did: "reopened", lessons: Number(now.lessons ?? 1), fields: [] };
  }
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  const fields = names
    .filter((name) => name in known && JSON.stringify(old[name] ?? null) !== JSON.stringify(now[name] ?? null))
    .map((name) => ({ name, before: old[name] ?? null, after: now[name] ?? null }));
  const duty = typeof now.duty === "string" ? { duty: now.duty } : {};
  if (verb === "insert" && tableName === "enrollments") return { did: "enrolled", fields: [] };
  if (verb === "insert" && tableName === "course_staff") return { did: "staffed", ...duty, fields: [] };
  if (verb === "delete" && tableName === "course_staff") return { did: "unstaffed", fields: [] };
  if (tableName === "approvals") {
    if (verb === "insert") return { did: "asked", fields: [] };
    return { did: now.decision === "approved" ? "approved" : now.decision === "changes_wanted" ? "wantedChanges" : "tookBack", fields: [] };
  }
  if (tableName === "merge_cards") return { did: verb === "insert" ? "collided" : "decided", fields: [] };
  if (verb === "insert") return { did: "created", fields: [] };
  if (verb === "delete") return { did: "deleted", fields: [] };
  const turned = (name: string) => {
    const is = name in now ? now[name] : undefined;
    const was = old[name] ?? null;
    if (is === undefined || (is === null) === (was === null)) return null;
    return is !== null;
  };
  const archived = turned("archived_at");
  if (tableName === "course_staff") {
    if (archived === null) return { did: "reassigned", fields };
    return archived ? { did: "unstaffed", fields: [] } : { did: "staffed", ...duty, fields: [] };
  }
  const withdrawn = tableName === "enrollments" ? turned("withdrawn_at") : null;
  if (withdrawn !== null) return { did: withdrawn ? "withdrew" : "reinstated", fields: [] };
  if (archived !== null) return { did: archived ? "archived" : "restored", fields: [] };
  const published = turned("published_at");
  const rest = fields.filter(({ name }) => name !== "published_at");
  if (published !== null && rest.every(({ name }) => name === "status")) return { did: published ? "published" : "unpublished", fields: [] };
  return fields.length > 0 ? { did: "changed", fields } : { did: "touched", fields: [] };
}

/** Keeps a name in its own direction within a sentence of the other. */
const apart = (name: string) => `\u2068${name}\u2069`;

/** What was done, to what or to whom: "enrolled Ada Lovelace", "changed the lesson “Levers”: title". */
export function sentenceOf({ did, fields, lessons = 1, duty }: Told, row: Pick<AuditRow, "tableName" | "title" | "personName">, t: Strings, format: Format): string {
  const words = t.courses.history;
  const kind = words.kinds[row.tableName] ?? row.tableName.replaceAll("_", " ");
  const who = row.personName === null ? words.somebody : apart(row.personName);
  const lesson = row.title === null ? "" : words.called(words.kinds.lessons ?? "", apart(row.title));
  // An approval is told by its lesson, a conflict by where it is.
  if (row.tableName === "merge_cards") return words[did === "collided" ? "collided" : "decided"](row.title === null ? words.conflict : words.conflictIn(apart(row.title)));
  const what = row.tableName === "enrollments" ? words.enrollmentOf(who) : row.title === null || row.tableName === "courses" ? kind : words.called(kind, apart(row.title));
  switch (did) {
    case "completed":
    case "reopened":
      return words[did](who, lessons, format.number(lessons), lesson);
    case "changed":
      return words.changed(what, fields.map(({ name }) => words.fields[name] ?? name).join(", "));
    case "staffed":
      return words.staffed(who, (t.courses.staff.duties as Record<string, string>)[duty ?? ""] ?? duty ?? "");
    case "enrolled":
    case "withdrew":
    case "reinstated":
    case "unstaffed":
    case "reassigned":
      return words[did](who);
    default:
      return words[did](what);
  }
}
