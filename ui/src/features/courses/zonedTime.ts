/**
 * Wall-clock times in the organization's time zone, whatever the zone of the computer. A wall clock is
 * `YYYY-MM-DD HH:mm:ss`, the form of the date fields; an instant is RFC 3339.
 */
function offsetMinutes(instant: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
  }).formatToParts(instant);
  const part = (type: string) => Number(parts.find((each) => each.type === type)?.value ?? 0);
  const asUtc = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
  return Math.round((asUtc - Math.floor(instant / 1000) * 1000) / 60_000);
}

export function toWallClock(instant: string, timeZone: string): string {
  const at = Date.parse(instant);
  return new Date(at + offsetMinutes(at, timeZone) * 60_000).toISOString().slice(0, 19).replace("T", " ");
}

/**
 * The instant of a wall clock. In the hour a clock skips in spring the time is read as if it had not skipped, an hour
 * later on the new clock; in the hour it repeats in autumn the first one counts.
 */
export function fromWallClock(wall: string, timeZone: string): string {
  const asUtc = Date.parse(`${wall.replace(" ", "T")}${wall.length === 16 ? ":00" : ""}Z`);
  const day = 86_400_000;
  const before = offsetMinutes(asUtc - day, timeZone);
  const after = offsetMinutes(asUtc + day, timeZone);
  const fits = [before, after].find((offset) => offsetMinutes(asUtc - offset * 60_000, timeZone) === offset);
  return new Date(asUtc - (fits ?? before) * 60_000).toISOString().replace(".000Z", "Z");
}
