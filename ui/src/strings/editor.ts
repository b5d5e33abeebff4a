import type { Language } from "../preferences";
import { languagePreference } from "../preferences";
import { useStore } from "../store";
import { editor as german } from "./de/editor";
import { editor as english } from "./en/editor";

/** The lesson editor's part of the catalogue. Loaded with the editor: the window's start does not wait for it. */
export type EditorStrings = typeof english;

export const editorCatalogues: Record<Language, EditorStrings> = { en: english, de: german };

export function useEditorStrings(): EditorStrings {
  return editorCatalogues[useStore(languagePreference)];
}
