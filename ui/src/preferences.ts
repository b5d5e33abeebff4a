import { createStore, type Store } from "./store";

/** What this computer remembers about how the window looks. Never data of an organization, never a secret. */
function remembered<T extends string>(name: string, fallback: T, known?: readonly T[]): Store<T> {
  const key = `lectern.${name}`;
  const saved = readSaved(key);
  const store = createStore<T>(saved !== null && (!known || known.includes(saved as T)) ? (saved as T) : fallback);
  return {
    ...store,
    set: (next) => {
      store.set(next);
      try {
        localStorage.setItem(key, next);
      } catch {
        // A full or forbidden storage only costs the memory of a preference.
      }
    },
  };
}

function readSaved(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export type Language = "en" | "de";
export const languages = ["en", "de"] as const;

export const languagePreference = remembered<Language>(
  "language",
  navigator.language?.toLowerCase().startsWith("de") ? "de" : "en",
  languages,
);
export const lastOrganization = remembered<string>("organization", "");
