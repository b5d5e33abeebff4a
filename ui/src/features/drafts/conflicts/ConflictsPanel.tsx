import { Text, VisuallyHidden } from "@mantine/core";
import { IconGitMerge } from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { EmptyState } from "../../../components/EmptyState";
import { useFormat } from "../../../format";
import { type Conflict, type ConflictChoice, type Failure, failureFrom, platform } from "../../../platform";
import { useAuthoringStrings } from "../../../strings/authoring";
import { ConflictCard } from "./ConflictCard";
import classes from "./conflicts.module.css";

type Props = {
  courseId: string;
  conflicts: Conflict[];
  mayWrite: boolean;
  onShow: (blockId: string) => void;
  onDecided: () => void;
};

/**
 * Each conflict with both versions, decided one by one. Arrows walk the cards, 1 2 3 decide.
 * Deciding asks nothing: what is not chosen stays in the history.
 */
export function ConflictsPanel({ courseId, conflicts, mayWrite, onShow, onDecided }: Props) {
  const t = useAuthoringStrings().conflicts;
  const format = useFormat();
  const [decided, setDecided] = useState<ReadonlySet<string>>(new Set());
  const [pending, setPending] = useState<string | null>(null);
  const [refused, setRefused] = useState<{ id: string; failure: Failure } | null>(null);
  const [focused, setFocused] = useState<string | null>(null);
  const [said, setSaid] = useState("");
  const list = useRef<HTMLUListElement>(null);
  const place = useRef<HTMLDivElement>(null);
  const wanted = useRef<string | null>(null);
  const open = conflicts.filter(({ id }) => !decided.has(id));
  const tabStop = open.some(({ id }) => id === focused) ? focused : (open[0]?.id ?? null);

  // The card one decided is gone: the next one takes the focus, or the panel.
  useEffect(() => {
    if (wanted.current === null) return;
    const next = document.getElementById(`conflict-${wanted.current}`) ?? place.current;
    wanted.current = null;
    next?.focus();
  });

  const decide = async (conflict: Conflict, choice: ConflictChoice) => {
    if (!mayWrite || pending !== null || (choice === "keepBoth" && !conflict.mayKeepBoth)) return;
    setPending(conflict.id);
    setRefused(null);
    try {
      await platform.decideConflict(courseId, conflict.id, choice);
      const at = open.findIndex(({ id }) => id === conflict.id);
      wanted.current = open[at + 1]?.id ?? open[at - 1]?.id ?? "none";
      setSaid(t.decided(open.length - 1));
      setDecided((old) => new Set(old).add(conflict.id));
      onDecided();
    } catch (thrown) {
      const failure = failureFrom(thrown);
      setRefused({ id: conflict.id, failure });
      // Somebody else decided it meanwhile: what is open is read again.
      if (failure.code === "notFound" || failure.code === "stale") onDecided();
    }
    setPending(null);
  };

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const card = (event.target as Element).closest("[data-conflict]")?.getAttribute("data-conflict");
    const at = open.findIndex(({ id }) => id === card);
    const conflict = open[at];
    if (conflict === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const walk = (to: Conflict | undefined) => to && document.getElementById(`conflict-${to.id}`)?.focus();
    const keys: Record<string, () => void> = {
      ArrowDown: () => walk(open[at + 1]),
      ArrowUp: () => walk(open[at - 1]),
      Home: () => walk(open[0]),
      End: () => walk(open.at(-1)),
      "1": () => void decide(conflict, "keep"),
      "2": () => void decide(conflict, "useOther"),
      "3": () => void decide(conflict, "keepBoth"),
    };
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };

  return (
    <div className={classes.panel} ref={place} tabIndex={-1}>
      <VisuallyHidden role="status" aria-live="polite">
        {said}
      </VisuallyHidden>
      {open.length === 0 ? (
        <div className={classes.empty}>
          <EmptyState icon={IconGitMerge} title={t.none} text={t.noneText} />
        </div>
      ) : (
        <>
          <div className={classes.top}>
            <strong>{t.waiting(open.length, format.number(open.length))}</strong>
            <Text size="xs" c="dimmed">
              {mayWrite ? t.intro : t.mayNot}
            </Text>
          </div>
          <ul className={classes.list} ref={list} aria-label={t.list} onKeyDown={onKeyDown}>
            {open.map((conflict) => (
              <ConflictCard
                key={conflict.id}
                conflict={conflict}
                mayWrite={mayWrite}
                tabStop={conflict.id === tabStop}
                pending={pending === conflict.id}
                failure={refused?.id === conflict.id ? refused.failure : null}
                onFocus={() => setFocused(conflict.id)}
                onShow={conflict.block === null ? null : () => onShow(conflict.block ?? "")}
                onDecide={(choice) => void decide(conflict, choice)}
              />
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
