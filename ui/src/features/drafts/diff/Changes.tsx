import { Button, Text } from "@mantine/core";
import { IconArrowsMoveVertical, IconMinus, IconPencil, IconPlus } from "@tabler/icons-react";
import { Fragment, type ReactNode, useMemo, useState } from "react";
import { useFormat } from "../../../format";
import type { BlockChange } from "../../../platform";
import { useAuthoringStrings } from "../../../strings/authoring";
import classes from "./diff.module.css";
import { Pieces } from "./Pieces";

const icons = { added: IconPlus, removed: IconMinus, changed: IconPencil, moved: IconArrowsMoveVertical, same: null };

type Run = { same: BlockChange[] } | { change: BlockChange };

/** What did not change is folded, so that a change in a long lesson is not searched for. */
function runsOf(changes: BlockChange[]): Run[] {
  const runs: Run[] = [];
  for (const change of changes) {
    const last = runs.at(-1);
    if (change.change !== "same") runs.push({ change });
    else if (last && "same" in last) last.same.push(change);
    else runs.push({ same: [change] });
  }
  return runs;
}

export const isChange = ({ change }: BlockChange) => change !== "same";

export function countsOf(changes: BlockChange[]) {
  const count = (kind: BlockChange["change"]) => changes.filter(({ change }) => change === kind).length;
  return { changed: count("changed"), added: count("added"), removed: count("removed"), moved: count("moved") };
}

/** Part by part, word by word. `action` stands at each part that differs. */
export function Changes({ changes, label, action }: { changes: BlockChange[]; label: string; action?: (change: BlockChange) => ReactNode }) {
  const t = useAuthoringStrings().diff;
  const format = useFormat();
  const runs = useMemo(() => runsOf(changes), [changes]);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  if (!changes.some(isChange)) return <Text size="sm" c="dimmed">{t.none}</Text>;
  const toggle = (id: string) =>
    setOpen((old) => {
      const next = new Set(old);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  return (
    <ol className={classes.changes} aria-label={label}>
      {runs.map((run) => {
        if ("change" in run) return <Change key={run.change.id} change={run.change} action={action?.(run.change)} />;
        const id = run.same[0]?.id ?? "";
        return (
          <Fragment key={`same ${id}`}>
            <li className={classes.fold}>
              <Button size="compact-xs" variant="subtle" color="gray" aria-expanded={open.has(id)} onClick={() => toggle(id)}>
                {t.same(run.same.length, format.number(run.same.length))} · {open.has(id) ? t.hide : t.show}
              </Button>
            </li>
            {open.has(id) && run.same.map((change) => <Change key={change.id} change={change} />)}
          </Fragment>
        );
      })}
    </ol>
  );
}

function Change({ change, action }: { change: BlockChange; action?: ReactNode }) {
  const t = useAuthoringStrings().diff;
  const Icon = icons[change.change];
  const onlyLook = change.change === "changed" && change.pieces.every(({ kind }) => kind === "same");
  return (
    <li className={classes.change} data-change={change.change}>
      {(change.change !== "same" || action) && (
        <div className={classes.what}>
          {Icon && <Icon size={14} aria-hidden />}
          <span>{t.block[change.change]}</span>
          {action}
        </div>
      )}
      <div className={classes.words} dir="auto">
        {/* What is new as a whole says so once, not at every word. */}
        {change.pieces.length === 0 ? <Text component="span" size="sm" c="dimmed">{t.noWords}</Text> : change.change === "added" ? change.pieces.map(({ text }) => text).join("") : <Pieces pieces={change.pieces} />}
      </div>
      {onlyLook && <Text size="xs" c="dimmed">{t.look}</Text>}
    </li>
  );
}
