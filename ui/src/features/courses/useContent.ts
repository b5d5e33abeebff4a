import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useRef, useState } from "react";
import { newId } from "../../ids";
import type { CourseDetail } from "../../platform";
import { afterMove, type Move } from "./tree";
import { courseQuery, useMoveContent } from "./writes";

/**
 * The course as it will be once every move is made, and the moves themselves, sent one after the other: holding
 * Alt+↓ makes many, and each is said relative to where the one before left things.
 */
export function useContent(organizationId: string, course: CourseDetail, refused: (thrown: unknown) => void) {
  const client = useQueryClient();
  const moves = useMoveContent(organizationId, course.id);
  const [waiting, setWaiting] = useState<{ id: string; move: Move }[]>([]);
  const line = useRef<Promise<unknown>>(Promise.resolve());
  const broken = useRef(0);
  const send = moves.mutateAsync;

  const shown = useMemo(() => waiting.reduce((content, { move }) => afterMove(content, move), course), [waiting, course]);
  const key = courseQuery(organizationId, course.id).queryKey;

  const move = useCallback(
    (next: Move) => {
      const id = newId();
      const round = broken.current;
      setWaiting((old) => [...old, { id, move: next }]);
      line.current = line.current.then(async () => {
        // A refused move takes those after it along: they were said relative to it.
        if (broken.current !== round) return;
        try {
          await send(next);
          setWaiting((old) => old.filter((each) => each.id !== id));
        } catch (thrown) {
          broken.current += 1;
          setWaiting([]);
          await client.invalidateQueries({ queryKey: key });
          refused(thrown);
        }
      });
    },
    [send, client, key, refused],
  );

  return { shown, move, moving: waiting.length > 0 };
}
