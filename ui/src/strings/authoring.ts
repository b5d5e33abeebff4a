import type { Language } from "../preferences";
import { languagePreference } from "../preferences";
import { useStore } from "../store";
import { authoring as german } from "./de/authoring";
import { authoring as english } from "./en/authoring";

/** What is said about conflicts, history, publishing and quizzes. Loaded with those pages: the window's start does not wait for it. */
export type AuthoringStrings = typeof english;

export const authoringCatalogues: Record<Language, AuthoringStrings> = { en: english, de: german };

export function useAuthoringStrings(): AuthoringStrings {
  return authoringCatalogues[useStore(languagePreference)];
}
