import { expect, it } from "vitest";
import { fromWallClock, toWallClock } from "./zonedTime";

it("shows an instant on the organization's clock", () => {
  expect(toWallClock("2026-07-01T08:00:00Z", "Europe/Helsinki")).toBe("2026-07-01 11:00:00");
  expect(toWallClock("2026-01-01T00:30:00Z", "America/New_York")).toBe("2025-12-31 19:30:00");
  expect(toWallClock("2026-07-01T08:00:00+02:00", "Asia/Kathmandu")).toBe("2026-07-01 11:45:00");
});

it("reads a time of the organization's clock", () => {
  expect(fromWallClock("2026-07-01 11:00:00", "Europe/Helsinki")).toBe("2026-07-01T08:00:00Z");
  expect(fromWallClock("2026-01-15 11:00", "Europe/Helsinki")).toBe("2026-01-15T09:00:00Z");
});

it("has an answer for the hour that is skipped and takes the first of the one that comes twice", () => {
  expect(fromWallClock("2026-03-29 02:30:00", "Europe/Berlin")).toBe("2026-03-29T01:30:00Z");
  expect(toWallClock(fromWallClock("2026-03-29 02:30:00", "Europe/Berlin"), "Europe/Berlin")).toBe("2026-03-29 03:30:00");
  expect(fromWallClock("2026-10-25 02:30:00", "Europe/Berlin")).toBe("2026-10-25T00:30:00Z");
});

it("gives the same instant back for every hour of a year", () => {
  for (const zone of ["Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Apia"]) {
    for (let at = Date.UTC(2026, 0, 1); at < Date.UTC(2027, 0, 1); at += 31 * 3_600_000) {
      const instant = new Date(at).toISOString().replace(".000Z", "Z");
      const back = fromWallClock(toWallClock(instant, zone), zone);
      expect(Math.abs(Date.parse(back) - at)).toBeLessThanOrEqual(3_600_000);
      expect(toWallClock(back, zone)).toBe(toWallClock(instant, zone));
    }
  }
});
