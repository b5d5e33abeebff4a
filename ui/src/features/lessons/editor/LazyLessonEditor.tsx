import { Skeleton, Stack } from "@mantine/core";
import { lazy, Suspense } from "react";
import { useStrings } from "../../../strings";
import type { LessonEditorProps } from "./LessonEditor";

const Editor = lazy(async () => ({ default: (await import("./LessonEditor")).LessonEditor }));

/** The lesson editor, fetched when the first lesson is opened: the window's start does not carry it. */
export function LazyLessonEditor(props: LessonEditorProps) {
  const t = useStrings();
  return (
    <Suspense
      fallback={
        <Stack gap="sm" role="status" aria-label={t.words.loading}>
          <Skeleton h={34} />
          <Skeleton h={240} />
        </Stack>
      }
    >
      <Editor {...props} />
    </Suspense>
  );
}
