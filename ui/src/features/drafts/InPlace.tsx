import { TextInput, type TextInputProps } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { failureFrom } from "../../platform";

/** A field that is its own form: Enter or leaving it keeps what was typed, Esc takes it back, a refusal stays beside it. */
export function InPlace({
  value,
  problem,
  keep,
  fields,
  readOnly,
  ...input
}: Omit<TextInputProps, "value" | "onChange" | "error"> & {
  value: string;
  problem: (typed: string) => string | null;
  keep: (typed: string) => Promise<unknown>;
  /** Kept before the page is left. */
  fields: Set<() => Promise<boolean>>;
}) {
  const [typed, setTyped] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [pending, setPending] = useState<Promise<boolean> | null>(null);
  const shown = typed ?? value;

  const commit = async (): Promise<boolean> => {
    if (pending) return pending;
    if (typed === null || typed.trim() === value.trim()) {
      setTyped(null);
      setError(null);
      return true;
    }
    const wrong = problem(typed);
    if (wrong !== null) {
      setError(wrong);
      return false;
    }
    const work = keep(typed.trim()).then(
      () => {
        setTyped(null);
        setError(null);
        return true;
      },
      (thrown) => {
        const failure = failureFrom(thrown);
        setError([failure.message, failure.nextStep].filter(Boolean).join(" "));
        return false;
      },
    );
    setPending(work);
    const safe = await work;
    setPending(null);
    return safe;
  };
  const latest = useRef(commit);
  latest.current = commit;
  useEffect(() => {
    const keepNow = () => latest.current();
    fields.add(keepNow);
    return () => void fields.delete(keepNow);
  }, [fields]);

  return (
    <TextInput
      {...input}
      value={shown}
      error={error}
      readOnly={readOnly}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        if (error !== null) setError(problem(event.currentTarget.value));
      }}
      onBlur={() => void commit()}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing) return;
        if (event.key === "Enter") {
          event.preventDefault();
          void commit();
        } else if (event.key === "Escape" && typed !== null) {
          event.preventDefault();
          event.stopPropagation();
          setTyped(null);
          setError(null);
        }
      }}
    />
  );
}
