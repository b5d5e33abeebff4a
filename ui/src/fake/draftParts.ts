import type { Platform } from "../platform";
import { refuse } from "./answers";
import type { World } from "./world";

type Part = Pick<
  Platform,
  | "openQuiz" | "listConflicts" | "decideConflict"
  | "saveRevision" | "listRevisions" | "readRevision" | "compareRevisions" | "restoreRevision"
  | "readPublication" | "publishLesson" | "unpublishLesson"
>;

/** Quizzes, conflicts, revisions and publication of the drafts in memory. */
export function fakeDraftParts(_world: World): Part {
  const unmade = async () => refuse("internal", "The platform in memory does not do this yet.");
  return {
    openQuiz: unmade, listConflicts: unmade, decideConflict: unmade, saveRevision: unmade, listRevisions: unmade, readRevision: unmade,
    compareRevisions: unmade, restoreRevision: unmade, readPublication: unmade, publishLesson: unmade, unpublishLesson: unmade,
  };
}
