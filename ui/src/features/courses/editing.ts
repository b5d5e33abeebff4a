import { useEffect, useRef, useState } from "react";
import { type Fields, type Rules, useFields } from "../../components/fields";
import type { Failure } from "../../platform";
import { changed } from "./rules";

export type Saved<Values> = { version: string; values: Values };

export type Editing<Values extends object> = {
  fields: Fields<Values>;
  /** The version the change is made against. */
  version: string;
  /** What to send: only the fields that differ from the saved row. */
  change: () => Partial<Values>;
  /** Fields both changed differently; saving waits until one side is chosen. */
  contested: (keyof Values & string)[];
  keepMine: () => void;
  takeTheirs: () => void;
};

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
/** The server keeps texts without blanks at their ends. */
const sameText = (a: unknown, b: unknown) => same(typeof a === "string" ? a.trim() : a, typeof b === "string" ? b.trim() : b);

/**
 * A form over a row others may change meanwhile. Fields nobody touched here follow the server, what was typed stays,
 * and where both changed the same field the person decides. Nothing is overwritten unseen.
 */
export function useEditing<Values extends object>(subject: string, server: Saved<Values>, rules: Rules<Values>, failure: Failure | null): Editing<Values> {
  const fields = useFields(server.values, rules, failure);
  const [base, setBase] = useState({ subject, ...server });
  const [contested, setContested] = useState<(keyof Values & string)[]>([]);
  // What was last sent: its coming back is no change of somebody else, even if typing went on meanwhile.
  const sent = useRef<Partial<Values>>({});
  const now = useRef(fields);
  now.current = fields;

  const signature = JSON.stringify([subject, server]);
  useEffect(() => {
    const next = JSON.parse(signature) as [string, Saved<Values>];
    const saved = next[1];
    if (base.subject !== next[0]) {
      now.current.reset(saved.values);
      setContested([]);
      setBase({ subject: next[0], ...saved });
      return;
    }
    if (JSON.stringify({ version: base.version, values: base.values }) === JSON.stringify(saved)) return;
    const mine = changed(base.values, now.current.values);
    const theirs = changed(base.values, saved.values);
    const names = Object.keys(mine) as (keyof Values & string)[];
    const mineIsSaved = (name: keyof Values) => name in sent.current && sameText(saved.values[name], sent.current[name]);
    const open = names.filter((name) => !same(mine[name], saved.values[name]) && !(mineIsSaved(name) && same(mine[name], sent.current[name])));
    now.current.reset(saved.values);
    for (const name of open) now.current.set(name, mine[name] as Values[typeof name]);
    const both = open.filter((name) => name in theirs && !mineIsSaved(name));
    sent.current = {};
    setContested((old) => [...new Set([...old.filter((name) => open.includes(name)), ...both])]);
    setBase({ subject: next[0], ...saved });
  }, [signature, base]);

  return {
    fields,
    version: base.version,
    change: () => {
      sent.current = changed(base.values, now.current.values);
      return sent.current;
    },
    contested,
    keepMine: () => setContested([]),
    takeTheirs: () => {
      for (const name of contested) fields.set(name, base.values[name]);
      setContested([]);
    },
  };
}
