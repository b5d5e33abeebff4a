import { Textarea, TextInput } from "@mantine/core";
import { createContext, type KeyboardEvent, type ReactNode, type Ref, useContext, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { type Failure, failureFrom } from "../../../platform";
import type { Reading } from "./rules";

/** How long a pause saves what was typed. */
const pause = 500;

/** Told which fields hold something that could not be kept. */
export const Unkept = createContext<(field: string, unkept: boolean) => void>(() => undefined);

type Props<V> = {
  label: ReactNode;
  /** Instead of a label that is seen. */
  "aria-label"?: string;
  description?: string;
  placeholder?: string;
  value: V;
  show: (value: V) => string;
  read: (text: string) => Reading<V>;
  save: (value: V) => Promise<unknown>;
  readOnly: boolean;
  multiline?: boolean;
  minRows?: number;
  decimal?: boolean;
  width?: number;
  className?: string;
  rightSection?: ReactNode;
  /** Why the server refuses what stands here. */
  refused?: string | null;
  inputRef?: Ref<HTMLInputElement & HTMLTextAreaElement>;
  id?: string;
  onEnter?: () => void;
  onKeyDown?: (event: KeyboardEvent<HTMLInputElement | HTMLTextAreaElement>) => void;
};

/**
 * Saves as one leaves it or pauses. What cannot be kept stays in the field with the reason; what changes elsewhere comes in
 * as long as nothing is being written here.
 */
export function SavedField<V>(props: Props<V>) {
  const { value, show, read, readOnly } = props;
  const own = useId();
  const tellUnkept = useContext(Unkept);
  const shown = show(value);
  const [text, setText] = useState(shown);
  const [base, setBase] = useState(shown);
  const [speaks, setSpeaks] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const underway = useRef<string | null>(null);
  if (shown !== base) {
    setBase(shown);
    // One's own words coming back, or another's where nothing was written.
    if (text === base) setText(shown);
  }
  const reading = read(text);
  const problem = "problem" in reading ? reading.problem : null;
  // Nothing is lost with an empty field: what stood before is kept.
  const unkept = text !== base && ((problem !== null && text.trim() !== "") || failure !== null);
  useEffect(() => {
    tellUnkept(own, unkept);
    return () => tellUnkept(own, false);
  }, [tellUnkept, own, unkept]);

  const keep = async (words: string) => {
    clearTimeout(timer.current);
    const result = latest.current.read(words);
    if (readOnly || !("value" in result)) return;
    const next = latest.current.show(result.value);
    if (next === (underway.current ?? latest.current.shown)) return;
    underway.current = next;
    try {
      await latest.current.save(result.value);
      setFailure(null);
    } catch (thrown) {
      setFailure(failureFrom(thrown));
    }
    if (underway.current === next) underway.current = null;
  };
  const latest = useRef({ text, read, save: props.save, show, shown, keep });
  useLayoutEffect(() => {
    latest.current = { text, read, save: props.save, show, shown, keep };
  });
  // The page is left while a pause was waited for: what was typed is kept all the same.
  useEffect(() => () => void latest.current.keep(latest.current.text), []);

  const write = (next: string) => {
    setText(next);
    setFailure(null);
    if (problem === null && "problem" in read(next) && next.trim() !== "") setSpeaks(true);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => void latest.current.keep(next), pause);
  };
  const error = (speaks ? problem : null) ?? (failure ? [failure.message, failure.nextStep].filter(Boolean).join(" ") : null) ?? (text === shown ? (props.refused ?? null) : null);
  const common = {
    id: props.id,
    label: props["aria-label"] === undefined ? props.label : undefined,
    "aria-label": props["aria-label"],
    description: props.description,
    placeholder: props.placeholder,
    value: text,
    error,
    readOnly,
    className: props.className,
    rightSection: props.rightSection,
    ref: props.inputRef as never,
    onBlur: () => {
      setSpeaks(true);
      void keep(text);
      if ("value" in reading) setText(show(reading.value));
    },
    onKeyDown: (event: KeyboardEvent<HTMLInputElement | HTMLTextAreaElement>) => {
      props.onKeyDown?.(event);
      if (event.defaultPrevented || event.nativeEvent.isComposing || event.key !== "Enter" || event.shiftKey || props.onEnter === undefined) return;
      event.preventDefault();
      setSpeaks(true);
      void keep(text);
      props.onEnter();
    },
    inputWrapperOrder: ["label", "description", "input", "error"] as ("label" | "description" | "input" | "error")[],
  };
  if (props.multiline) return <Textarea {...common} dir="auto" minRows={props.minRows ?? 2} onChange={(event) => write(event.currentTarget.value)} />;
  return (
    <TextInput
      {...common}
      dir={props.decimal ? undefined : "auto"}
      w={props.width}
      inputMode={props.decimal ? "decimal" : undefined}
      classNames={props.decimal ? { input: "tabular" } : undefined}
      onChange={(event) => write(event.currentTarget.value)}
    />
  );
}
