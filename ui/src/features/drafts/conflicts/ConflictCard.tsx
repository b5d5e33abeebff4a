import { Button, Collapse, Text, Tooltip } from "@mantine/core";
import { IconArrowRight, IconChevronRight } from "@tabler/icons-react";
import { useId, useState } from "react";
import { FailureNote } from "../../../components/FailureNote";
import { useFormat } from "../../../format";
import type { Conflict, ConflictChoice, Failure } from "../../../platform";
import { useAuthoringStrings } from "../../../strings/authoring";
import { Pieces } from "../diff/Pieces";
import classes from "./conflicts.module.css";

type Props = {
  conflict: Conflict;
  mayWrite: boolean;
  tabStop: boolean;
  pending: boolean;
  failure: Failure | null;
  onFocus: () => void;
  /** Null: it has no place in a text. */
  onShow: (() => void) | null;
  onDecide: (choice: ConflictChoice) => void;
};

/** Longer versions are folded to their beginning. */
const long = 600;

export function ConflictCard({ conflict, mayWrite, tabStop, pending, failure, onFocus, onShow, onDecide }: Props) {
  const t = useAuthoringStrings().conflicts;
  const format = useFormat();
  const id = useId();
  const [open, setOpen] = useState(true);
  const [whole, setWhole] = useState(false);
  const [before, setBefore] = useState(false);
  const isLong = Math.max(conflict.stands.length, conflict.other.length) > long;
  const answers = conflict.kind === "answer";
  // Where the two have no word in common, marking all of it tells nothing.
  const alike = conflict.pieces.some(({ kind, text }) => kind === "same" && text.trim() !== "");
  const field = conflict.kind === "field" ? (t.field[conflict.field] ?? conflict.field) : null;
  const who = conflict.personName ?? t.unknownPerson;
  const version = (side: "stands" | "other") => {
    const empty = conflict[side].trim() === "";
    return (
      <div className={classes.version} data-side={side}>
        <div className={classes.side}>{answers ? (side === "stands" ? t.standsAnswers : t.otherAnswers) : t[side]}</div>
        <div className={classes.words} dir="auto" data-folded={(isLong && !whole) || undefined}>
          {empty ? (
            <Text component="span" size="sm" c="dimmed" fs="italic">
              {t.nothing}
            </Text>
          ) : !alike ? (
            conflict[side]
          ) : (
            <Pieces pieces={conflict.pieces} without={side === "stands" ? "added" : "removed"} />
          )}
        </div>
      </div>
    );
  };
  const button = (choice: ConflictChoice, key: string, primary: boolean) => (
    <Tooltip label={t[`${choice}Tip`]}>
      <Button
        size="xs"
        variant={primary ? "light" : "default"}
        disabled={pending}
        onClick={() => onDecide(choice)}
        aria-describedby={`${id}-what`}
        rightSection={<kbd aria-hidden>{key}</kbd>}
      >
        {t[choice]}
      </Button>
    </Tooltip>
  );
  const body = (
    <>
      {version("stands")}
      {version("other")}
      <div className={classes.extras}>
        {onShow && (
          <Button size="compact-xs" variant="subtle" rightSection={<IconArrowRight size={14} aria-hidden />} onClick={onShow}>
            {t.go}
          </Button>
        )}
        {isLong && (
          <Button size="compact-xs" variant="subtle" color="gray" aria-expanded={whole} onClick={() => setWhole(!whole)}>
            {whole ? t.less : t.more}
          </Button>
        )}
        {conflict.before.trim() !== "" && (
          <Button size="compact-xs" variant="subtle" color="gray" aria-expanded={before} onClick={() => setBefore(!before)}>
            {t.before}
          </Button>
        )}
      </div>
      <Collapse expanded={before}>
        {before && (
          <div className={classes.words} dir="auto">
            {conflict.before}
          </div>
        )}
      </Collapse>
      <FailureNote failure={failure} />
      {mayWrite && (
        <div className={classes.choices}>
          {button("keep", "1", true)}
          {button("useOther", "2", true)}
          {conflict.mayKeepBoth && button("keepBoth", "3", false)}
        </div>
      )}
    </>
  );
  return (
    <li className={classes.card} data-conflict={conflict.id} aria-labelledby={`${id}-what`}>
      <div id={`${id}-what`}>
        <button
          type="button"
          id={`conflict-${conflict.id}`}
          className={classes.about}
          dir="auto"
          tabIndex={tabStop ? 0 : -1}
          aria-expanded={open}
          aria-keyshortcuts={mayWrite ? "1 2 3" : undefined}
          onFocus={onFocus}
          onClick={() => setOpen(!open)}
        >
          <IconChevronRight size={14} aria-hidden className={classes.chevron} />
          <span>
            {t.about[conflict.about.table]}: {conflict.title}
          </span>
        </button>
        <Text size="xs" c="dimmed">
          {t.kind[conflict.kind]}
          {field !== null && `: ${field}`}
        </Text>
        <Text size="xs" c="dimmed" title={conflict.createdAt === null ? undefined : format.dateTime(conflict.createdAt)}>
          {conflict.createdAt === null ? t.unsent : t.by(who, format.relative(conflict.createdAt))}
        </Text>
      </div>
      {open && body}
    </li>
  );
}
