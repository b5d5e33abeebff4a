import { describe, expect, it } from "vitest";
import { makeFormat } from "./format";

describe("dates and numbers", () => {
  it("are written in the organization's time zone", () => {
    expect(makeFormat("en-GB", "Europe/Vienna").dateTime("2026-03-14T23:30:00Z")).toContain("15 Mar 2026");
    expect(makeFormat("en-GB", "America/New_York").dateTime("2026-03-14T23:30:00Z")).toContain("14 Mar 2026");
  });

  it("leave a date without a time where it is", () => {
    expect(makeFormat("en-GB", "Pacific/Honolulu").day("1980-01-01")).toBe("1 Jan 1980");
  });

  it("follow the language", () => {
    expect(makeFormat("de", "UTC").number(1240)).toBe("1.240");
    expect(makeFormat("en", "UTC").percent(48)).toBe("48%");
  });

  it("survive a locale and a time zone nobody knows", () => {
    const format = makeFormat("not a locale", "Mars/Olympus");
    expect(format.locale).toBe("en");
    expect(format.timeZone).toBe("UTC");
    expect(format.date("no date")).toBe("no date");
  });

  it("say how long ago something was", () => {
    const now = Date.parse("2026-03-14T12:00:00Z");
    const format = makeFormat("en", "UTC");
    expect(format.relative("2026-03-14T09:00:00Z", now)).toBe("3 hours ago");
    expect(format.relative("2026-03-14T11:59:50Z", now)).toBe("this minute");
    expect(format.relative("2026-02-14T09:00:00Z", now)).toBe("Feb 14, 2026");
  });

  it("write minutes as hours and minutes", () => {
    expect(makeFormat("en", "UTC").minutes(95)).toBe("1 hr 35 min");
  });
});
