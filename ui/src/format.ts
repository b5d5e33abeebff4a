import { useMemo } from "react";
import { languagePreference } from "./preferences";
import { useStore } from "./store";
import { useOrganization } from "./features/sessions/session";

export type Format = {
  locale: string;
  timeZone: string;
  number: (value: number) => string;
  percent: (zeroToHundred: number) => string;
  /** "14 Mar 2026" for an instant, in the organization's time zone. */
  date: (instant: string) => string;
  /** "14 Mar 2026, 09:30", in the organization's time zone. */
  dateTime: (instant: string) => string;
  /** A date without a time ("2026-03-14"), which no time zone may move. */
  day: (date: string) => string;
  /** "14 Mar", for axes. */
  shortDay: (date: string) => string;
  /** "3 hours ago"; after a week the date. */
  relative: (instant: string, now?: number) => string;
  minutes: (minutes: number) => string;
  money: (cents: number, currency?: string) => string;
};

const relativeUnits = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
] as const;

/** Formats by a locale and a time zone that may come from data: an unknown one falls back instead of breaking the page. */
export function makeFormat(locale: string, timeZone: string): Format {
  const known = supported(locale) ?? "en";
  const zone = supportedZone(timeZone) ?? "UTC";
  const number = new Intl.NumberFormat(known);
  const percent = new Intl.NumberFormat(known, { style: "percent", maximumFractionDigits: 0 });
  const date = new Intl.DateTimeFormat(known, { dateStyle: "medium", timeZone: zone });
  const dateTime = new Intl.DateTimeFormat(known, { dateStyle: "medium", timeStyle: "short", timeZone: zone });
  const day = new Intl.DateTimeFormat(known, { dateStyle: "medium", timeZone: "UTC" });
  const shortDay = new Intl.DateTimeFormat(known, { day: "numeric", month: "short", timeZone: "UTC" });
  const relative = new Intl.RelativeTimeFormat(known, { numeric: "auto" });
  const minute = new Intl.NumberFormat(known, { style: "unit", unit: "minute", unitDisplay: "short" });
  const hour = new Intl.NumberFormat(known, { style: "unit", unit: "hour", unitDisplay: "short" });
  const valid = (text: string, write: (at: Date) => string) => {
    const at = new Date(text);
    return Number.isNaN(at.getTime()) ? text : write(at);
  };
  return {
    locale: known,
    timeZone: zone,
    number: (value) => number.format(value),
    percent: (value) => percent.format(value / 100),
    date: (instant) => valid(instant, (at) => date.format(at)),
    dateTime: (instant) => valid(instant, (at) => dateTime.format(at)),
    day: (text) => valid(text, (at) => day.format(at)),
    shortDay: (text) => valid(text, (at) => shortDay.format(at)),
    relative: (instant, now = Date.now()) =>
      valid(instant, (at) => {
        const elapsed = at.getTime() - now;
        if (Math.abs(elapsed) >= 7 * 86_400_000) return date.format(at);
        for (const [unit, millis] of relativeUnits) {
          if (Math.abs(elapsed) >= millis) return relative.format(Math.trunc(elapsed / millis), unit);
        }
        return relative.format(0, "minute");
      }),
    minutes: (total) => {
      const hours = Math.floor(total / 60);
      const rest = total % 60;
      if (hours === 0) return minute.format(rest);
      return rest === 0 ? hour.format(hours) : `${hour.format(hours)} ${minute.format(rest)}`;
    },
    money: (cents, currency = "EUR") => new Intl.NumberFormat(known, { style: "currency", currency }).format(cents / 100),
  };
}

function supported(locale: string): string | null {
  try {
    return Intl.getCanonicalLocales(locale)[0] ?? null;
  } catch {
    return null;
  }
}

function supportedZone(timeZone: string): string | null {
  try {
    new Intl.DateTimeFormat("en", { timeZone });
    return timeZone;
  } catch {
    return null;
  }
}

/**
 * Formats for the open organization. Its locale refines the window's language ("en" to "en-GB"), but an English window
 * never shows German dates: words and figures stay in one language.
 */
export function useFormat(): Format {
  const language = useStore(languagePreference);
  const organization = useOrganization();
  const locale = organization?.locale.split("-")[0] === language ? organization.locale : language;
  const timeZone = organization?.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  return useMemo(() => makeFormat(locale, timeZone), [locale, timeZone]);
}
