import { describe, expect, it } from "vitest";
import { en } from "../../strings/en";
import { tellChange } from "./changes";

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
  it("says that somebody withdrew as a change of the withdrawal", () => {
    expect(tell("update", { withdrawn_at: null }, { withdrawn_at: "2026-01-01T00:00:00Z" }, "enrollments").fields[0]?.name).toBe("withdrawn_at");
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
