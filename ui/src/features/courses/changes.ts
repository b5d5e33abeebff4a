/** What an audit entry says about one row, told by the columns that mean something to a person. */
import type { AuditRow, JsonValue } from "../../platform";

export type Told = { did: "created" | "archived" | "restored" | "published" | "unpublished" | "deleted" | "changed" | "touched" | "completed" | "reopened"; lessons?: number; fields: { name: string; before: JsonValue; after: JsonValue }[] };

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
  if (verb === "insert") return { did: "created", fields: [] };
  if (verb === "delete") return { did: "deleted", fields: [] };
  const turned = (name: string) => {
    const is = name in now ? now[name] : undefined;
    const was = old[name] ?? null;
    if (is === undefined || (is === null) === (was === null)) return null;
    return is !== null;
  };
  const archived = turned("archived_at");
  if (archived !== null) return { did: archived ? "archived" : "restored", fields: [] };
  const published = turned("published_at");
  const rest = fields.filter(({ name }) => name !== "published_at");
  if (published !== null && rest.every(({ name }) => name === "status")) return { did: published ? "published" : "unpublished", fields: [] };
  return fields.length > 0 ? { did: "changed", fields } : { did: "touched", fields: [] };
}
