import { describe, expect, it } from "vitest";
import { makeFormat } from "../../format";
import type { Strings } from "../../strings";
import { de } from "../../strings/de";
import { en } from "../../strings/en";
import { sentenceOf, tellChange } from "./changes";

const tell = (verb: string, before: Record<string, string | number | null> | null, after: Record<string, string | number | null> | null, tableName = "courses") =>
  tellChange({ verb, tableName, before, after }, en.courses.history.fields);

describe("what an audit entry says", () => {
  it("names the fields that mean something and leaves out the rest", () => {
    expect(tell("update", { title: "a", position: "b", html: "x" }, { title: "b", position: "b", html: "y" })).toMatchObject({ did: "changed", fields: [{ name: "title", before: "a", after: "b" }] });
    expect(tell("update", { html: "x" }, { html: "y" })).toMatchObject({ did: "touched" });
  });
  it("tells archiving, restoring and publishing by their own words", () => {
    expect(tell("update", { archived_at: null }, { archived_at: "2026-01-01T00:00:00Z" }).did).toBe("archived");
    expect(tell("update", { archived_at: "2026-01-01T00:00:00Z" }, { archived_at: null }).did).toBe("restored");
    expect(tell("update", { published_at: null, status: "draft" }, { published_at: "2026-01-01T00:00:00Z", status: "active" }).did).toBe("published");
    expect(tell("update", { published_at: "2026-01-01T00:00:00Z" }, { published_at: null }).did).toBe("unpublished");
  });
  it("tells enrolling, withdrawing and coming back by their own words", () => {
    expect(tell("insert", null, { person_id: "a" }, "enrollments").did).toBe("enrolled");
    expect(tell("update", { withdrawn_at: null }, { withdrawn_at: "2026-01-01T00:00:00Z" }, "enrollments").did).toBe("withdrew");
    expect(tell("update", { withdrawn_at: "2026-01-01T00:00:00Z" }, { withdrawn_at: null }, "enrollments").did).toBe("reinstated");
  });
  it("tells who teaches by their own words", () => {
    expect(tell("insert", null, { duty: "lead" }, "course_staff")).toMatchObject({ did: "staffed", duty: "lead" });
    expect(tell("update", { archived_at: null }, { archived_at: "2026-01-01T00:00:00Z" }, "course_staff").did).toBe("unstaffed");
    expect(tell("update", { archived_at: "2026-01-01T00:00:00Z" }, { archived_at: null }, "course_staff").did).toBe("staffed");
    expect(tell("update", { duty: "lead" }, { duty: "assistant" }, "course_staff")).toMatchObject({ did: "reassigned", fields: [{ name: "duty" }] });
  });
  it("names the row or the person, in each language", () => {
    const said = (strings: Strings, verb: string, tableName: string, before: Record<string, string | number | null> | null, after: Record<string, string | number | null>, named: { title?: string; personName?: string }) => {
      const row = { verb, tableName, before, after, title: named.title ?? null, personName: named.personName ?? null };
      return sentenceOf(tellChange(row, strings.courses.history.fields), row, strings, makeFormat("en-GB", "UTC")).replace(/[\u2068\u2069]/g, "");
    };
    const renamed = [{ title: "a" }, { title: "b" }] as const;
    expect(said(en, "update", "lessons", ...renamed, { title: "Levers" })).toBe("changed the lesson “Levers”: title");
    expect(said(de, "update", "lessons", ...renamed, { title: "Hebel" })).toBe("hat die Lektion „Hebel“ geändert: Titel");
    expect(said(en, "insert", "enrollments", null, {}, { personName: "李雷" })).toBe("enrolled 李雷");
    expect(said(de, "insert", "enrollments", null, {}, { personName: "李雷" })).toBe("hat 李雷 eingeschrieben");
    expect(said(en, "insert", "course_staff", null, { duty: "instructor" }, { personName: "Iris Novak" })).toBe("gave Iris Novak the duty instructor");
    expect(said(en, "insert", "lesson_progress", null, { lessons: 1, completed: 1 }, { title: "Levers", personName: "Sam Field" })).toBe("marked the lesson “Levers” completed for Sam Field");
    expect(said(en, "insert", "lesson_progress", null, { lessons: 3, completed: 3 }, {})).toBe("marked 3 lessons completed for somebody");
    expect(said(en, "insert", "cohorts", null, {}, { title: "Autumn" })).toBe("created the cohort “Autumn”");
    expect(said(en, "update", "courses", ...renamed, { title: "b" })).toBe("changed the course: title");
  });
  it("tells asking for approval, deciding about it, and conflicts by their own words", () => {
    const said = (strings: Strings, verb: string, tableName: string, after: Record<string, string | null>, title: string | null) => {
      const row = { verb, tableName, before: verb === "insert" ? null : {}, after, title, personName: null };
      return sentenceOf(tellChange(row, strings.courses.history.fields), row, strings, makeFormat("en-GB", "UTC")).replace(/[\u2068\u2069]/g, "");
    };
    expect(said(en, "insert", "approvals", { note: "" }, "Levers")).toBe("asked for approval of the lesson “Levers”");
    expect(said(en, "update", "approvals", { decision: "approved" }, "Levers")).toBe("approved the lesson “Levers”");
    expect(said(en, "update", "approvals", { decision: "changes_wanted" }, null)).toBe("wanted changes to the lesson");
    expect(said(en, "update", "approvals", { withdrawn_at: "2026-01-01T00:00:00Z" }, "Levers")).toBe("took back asking for approval of the lesson “Levers”");
    expect(said(de, "insert", "approvals", { note: "" }, "Hebel")).toBe("hat um Freigabe für die Lektion „Hebel“ gebeten");
    expect(said(en, "insert", "merge_cards", {}, "Levers")).toBe("met a conflict in “Levers”");
    expect(said(en, "update", "merge_cards", { resolution: "keep" }, null)).toBe("decided a conflict");
    expect(said(de, "update", "merge_cards", { resolution: "keep" }, "Hebel")).toBe("hat einen Konflikt in „Hebel“ entschieden");
  });
  it("counts the lessons completed and opened again", () => {
    expect(tell("insert", null, { lessons: 3, completed: 3 }, "lesson_progress")).toMatchObject({ did: "completed", lessons: 3 });
    expect(tell("update", null, { lessons: 1, completed: 0 }, "lesson_progress")).toMatchObject({ did: "reopened", lessons: 1 });
  });
  it("does not stumble over an entry without contents", () => {
    expect(tell("insert", null, null)).toMatchObject({ did: "created" });
    expect(tell("update", null, null)).toMatchObject({ did: "touched" });
  });
});
