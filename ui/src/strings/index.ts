import type { Language } from "../preferences";
import { languagePreference } from "../preferences";
import { useStore } from "../store";
import { de } from "./de";
import { en } from "./en";

/** Every sentence of the window. English is the original; any other language must say all of it or does not compile. */
export type Strings = typeof en;

const catalogues: Record<Language, Strings> = { en, de };

export function stringsOf(language: Language): Strings {
  return catalogues[language];
}

export function useStrings(): Strings {
  return catalogues[useStore(languagePreference)];
}
