import type { Format } from "../../format";
import type { AuditRow, JsonValue } from "../../platform";
import type { Strings } from "../../strings";

/** Columns nobody asks about: keys and stamps. */
const noise = new Set(["id", "organization_id", "version", "updated_at", "created_at", "seq", "name_key", "title_key", "search_text"]);

export type FieldChange = { field: string; before: JsonValue | undefined; after: JsonValue | undefined };

/** Fields an entry changed, in the order they were recorded. */
export function changedFields(before: JsonValue | null, after: JsonValue | null): FieldChange[] {
  const old = record(before);
  const now = record(after);
  return [...new Set([...Object.keys(now), ...Object.keys(old)])]
    // What a new row points to is an id nobody can read; what an old one was made to point to is worth knowing.
    .filter((field) => !noise.has(field) && !((before === null || after === null) && field.endsWith("_id")))
    .filter((field) => JSON.stringify(old[field]) !== JSON.stringify(now[field]))
    .map((field) => ({ field, before: old[field], after: now[field] }));
}

type Named = Partial<Pick<AuditRow, "title" | "personName" | "courseTitle">>;

/** What an entry is about by name: "Levers · Ada Lovelace · Mechanics". */
export function subject({ title, personName, courseTitle }: Named): string {
  return [title, personName, courseTitle].filter(Boolean).join(" · ");
}

/** What an entry is about in few words: its subject and the fields it changed. */
export function gist(t: Strings, entry: Pick<AuditRow, "before" | "after"> & Named): string {
  const named = subject(entry);
  if (entry.before && entry.after) {
    const fields = changedFields(entry.before, entry.after)
      .map((change) => fieldName(t, change.field))
      .join(", ");
    return named && fields ? `${named}: ${fields}` : named || fields;
  }
  if (named) return named;
  const row = record(entry.after ?? entry.before);
  const recorded = [row.name, row.title, row.email].find((value) => typeof value === "string" && value !== "");
  return typeof recorded === "string" ? recorded : "";
}

function record(value: JsonValue | null): Record<string, JsonValue | undefined> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}

export function fieldName(t: Strings, field: string): string {
  return t.activity.fields[field] ?? field.replaceAll("_", " ");
}

export function tableName(t: Strings, table: string): string {
  return t.activity.tables[table] ?? table.replaceAll("_", " ");
}

/** "changed membership" */
export function sentence(t: Strings, verb: string, table: string): string {
  return t.activity.otherVerbs[verb] ?? t.activity.sentence(t.activity.verbs[verb] ?? verb.replaceAll("_", " "), tableName(t, table));
}

/** A recorded value as a person reads it. */
export function valueText(t: Strings, format: Format, value: JsonValue | undefined): string {
  if (value === null || value === undefined || value === "") return t.activity.empty;
  if (typeof value === "boolean") return value ? t.words.yes : t.words.no;
  if (typeof value === "number") return format.number(value);
  if (typeof value === "string") return /^\d{4}-\d\d-\d\d[T ]\d\d:/.test(value) ? format.dateTime(value) : value;
  if (Array.isArray(value)) return value.length === 0 ? t.activity.empty : value.map((one) => valueText(t, format, one)).join(", ");
  return JSON.stringify(value);
}
