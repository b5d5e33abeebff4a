import { type ChangeEvent, type FormEvent, useCallback, useMemo, useState } from "react";
import type { Failure } from "../platform";

/** A sentence saying what is wrong, or null. The same rule the database keeps. */
export type Rule<V> = (value: V) => string | null;
export type Rules<Values> = { [K in keyof Values]?: Rule<Values[K]> };

export type Fields<Values extends object> = {
  values: Values;
  /** The values before anything was written. */
  start: Values;
  set: <K extends keyof Values>(name: K, value: Values[K]) => void;
  /** Props for an input: `<TextInput label="Name" {...fields.bind("name")} />`. Takes events and plain values alike. */
  bind: <K extends keyof Values & string>(
    name: K,
  ) => {
    name: K;
    value: Values[K];
    onChange: (next: ChangeEvent<HTMLInputElement | HTMLTextAreaElement> | Values[K] | null) => void;
    onBlur: () => void;
    error: string | null;
  };
  /** Something was written that is not saved. */
  dirty: boolean;
  valid: boolean;
  reset: (values?: Values) => void;
  /** Runs `save` when every rule holds; otherwise shows each sentence and focuses the first field that has one. */
  submit: (save: (values: Values) => void) => (event?: FormEvent) => void;
  /** The part of a failure that belongs to no field of this form. */
  unplaced: Failure | null;
};

/**
 * The fields of a form, checked as they are typed: a field speaks up once it was left with something in it, once what was right becomes
 * wrong (too long, a letter in a number), or when saving was tried. A server's refusal stands at its field until that is changed.
 */
export function useFields<Values extends object>(initial: Values, rules: Rules<Values>, failure: Failure | null = null): Fields<Values> {
  const [start, setStart] = useState(initial);
  const [values, setValues] = useState(initial);
  const [speaking, setSpeaking] = useState<ReadonlySet<string>>(new Set());
  const [answered, setAnswered] = useState<{ failure: Failure; value: unknown } | null>(null);

  const failedField = failure?.field && failure.field in values ? failure.field : null;
  if (failure && failedField && answered?.failure !== failure) {
    setAnswered({ failure, value: values[failedField as keyof Values] });
  }

  const judge = useCallback((name: keyof Values, value: Values[keyof Values]) => rules[name]?.(value) ?? null, [rules]);
  const speak = useCallback((name: string) => setSpeaking((old) => (old.has(name) ? old : new Set(old).add(name))), []);

  const set = <K extends keyof Values>(name: K, value: Values[K]) => {
    const before = values[name];
    const wasRight = judge(name, before) === null && before !== "" && before !== null;
    if (wasRight && judge(name, value) !== null) speak(String(name));
    setValues((old) => ({ ...old, [name]: value }));
  };

  const dirty = useMemo(() => JSON.stringify(values) !== JSON.stringify(start), [values, start]);
  const names = Object.keys(values) as (keyof Values & string)[];
  const valid = names.every((name) => judge(name, values[name]) === null);

  return {
    values,
    start,
    set,
    bind: (name) => {
      const ruled = speaking.has(name) ? judge(name, values[name]) : null;
      const refused = failure && failedField === name && answered?.failure === failure && answered.value === values[name] ? failure : null;
      const told = refused ? [refused.message, refused.nextStep].filter(Boolean).join(" ") : null;
      return {
        name,
        value: values[name],
        onChange: (next) => {
          const value = isEvent(next) ? next.currentTarget.value : next;
          set(name, value as Values[typeof name]);
        },
        // An empty field that was only passed through is not wrong yet.
        onBlur: () => {
          if (values[name] !== "" && values[name] !== null) speak(name);
        },
        error: ruled ?? told,
      };
    },
    dirty,
    valid,
    reset: (next) => {
      if (next) setStart(next);
      setValues(next ?? start);
      setSpeaking(new Set());
    },
    submit: (save) => (event) => {
      event?.preventDefault();
      setSpeaking(new Set(names));
      if (valid) {
        save(values);
        return;
      }
      const form = event?.currentTarget;
      const wrong = names.find((name) => judge(name, values[name]) !== null);
      if (form instanceof HTMLElement && wrong) form.querySelector<HTMLElement>(`[name="${wrong}"]`)?.focus();
    },
    unplaced: failure && !failedField ? failure : null,
  };
}

function isEvent(next: unknown): next is ChangeEvent<HTMLInputElement> {
  return typeof next === "object" && next !== null && "currentTarget" in next;
}
