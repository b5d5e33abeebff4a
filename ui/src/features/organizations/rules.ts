import { textBetween1And, textUpTo } from "../../components/rules";
import type { Strings } from "../../strings";

export const organizationRules = (t: Strings) => ({
  name: textBetween1And(t, 200),
  slug: (value: string) => {
    if (value.length > 100) return t.words.tooLong(100);
    return /^[a-z0-9]+(-[a-z0-9]+)*$/.test(value) ? null : t.organizations.slugRule;
  },
  description: textUpTo(t, 2000),
  timeZone: textBetween1And(t, 64),
  locale: (value: string) => (/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(value) ? null : t.organizations.localeRule),
  offlineDays: (value: number | string) => (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 365 ? null : t.organizations.offlineDaysRule),
});

/** A short name from a name in any script; empty when nothing of it can stand in an address. */
export function slugFrom(name: string): string {
  return name
    .normalize("NFKD")
    .replaceAll("ß", "ss")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 100)
    .replace(/-+$/, "");
}

export function timeZones(current: string): string[] {
  const known = Intl.supportedValuesOf("timeZone");
  return [...new Set(["UTC", current, ...known])].toSorted();
}

const usualLocales = [
  "ar", "bg", "bn", "ca", "cs", "da", "de", "de-AT", "de-CH", "el", "en", "en-AU", "en-CA", "en-GB", "en-IE", "en-IN", "en-US", "es", "es-419", "es-MX",
  "et", "fa", "fi", "fr", "fr-BE", "fr-CA", "fr-CH", "gu", "he", "hi", "hr", "hu", "id", "is", "it", "ja", "ko", "lt", "lv", "ms", "nb", "nl", "nl-BE",
  "pl", "pt", "pt-BR", "ro", "ru", "sk", "sl", "sr", "sv", "ta", "th", "tr", "uk", "ur", "vi", "yo", "zh", "zh-CN", "zh-TW",
];

/** Locales with their names in the window's language. */
export function localeChoices(language: string, current: string): { value: string; label: string }[] {
  const names = new Intl.DisplayNames([language], { type: "language" });
  const inOrder = new Intl.Collator(language);
  const nameOf = (locale: string) => {
    try {
      return names.of(locale) ?? locale;
    } catch {
      return locale;
    }
  };
  return [...new Set([current, ...usualLocales])]
    .filter(Boolean)
    .map((value) => ({ value, label: `${nameOf(value)} (${value})` }))
    .toSorted((a, b) => inOrder.compare(a.label, b.label));
}
