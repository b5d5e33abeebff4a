import { VisuallyHidden } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconAlertCircle, IconCheck, IconCloudUp, IconDeviceFloppy, IconLoader2 } from "@tabler/icons-react";
import type { DraftLessonRow, SyncState } from "../../platform";
import { useStrings } from "../../strings";
import classes from "./lesson.module.css";
import type { Keeping } from "./useLessonDraft";

/** Spoken once it has lasted, so that nobody hears every keystroke. */
const spokenAfter = 2_500;

/** Where the open lesson stands. Says nothing that is not so: "saved" only once the desk has answered. */
export function SaveState({ keeping, row, readAt, course }: { keeping: Keeping; row: DraftLessonRow; /** When `row` was read. */ readAt: number; course: SyncState }) {
  const t = useStrings();
  // A row read before the last words were kept does not know of them.
  const state = readAt < keeping.at && row.state === "onTheServer" ? "here" : row.state;
  const shown =
    keeping.state === "refused"
      ? { icon: IconAlertCircle, text: t.drafts.lesson.notSaved, look: "bad" }
      : keeping.state === "keeping"
        ? { icon: IconLoader2, text: t.drafts.lesson.saving, look: "dim" }
        : state === "refused"
          ? { icon: IconAlertCircle, text: t.courses.tree.refused, look: "bad" }
          : state === "onTheServer"
            ? { icon: IconCheck, text: t.drafts.lesson.onTheServer, look: "ok" }
            : course === "sending"
              ? { icon: IconCloudUp, text: `${t.drafts.lesson.savedHere} · ${t.drafts.states.sending}`, look: "dim" }
              : { icon: IconDeviceFloppy, text: t.drafts.lesson.savedHere, look: "dim" };
  const [spoken] = useDebouncedValue(shown.text, keeping.state === "refused" ? 0 : spokenAfter);
  return (
    <div className={classes.save} data-look={shown.look}>
      <shown.icon size={15} aria-hidden />
      <span>{shown.text}</span>
      <VisuallyHidden role="status">{row.title === "" ? spoken : `${row.title}: ${spoken}`}</VisuallyHidden>
    </div>
  );
}
