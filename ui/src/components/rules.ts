import type { Strings } from "../strings";

/** Rules shared by several concepts, each the same as a check in the database (named after it). */

/** `…_length check (length(btrim(x)) between 1 and max)` */
export const textBetween1And = (t: Strings, max: number) => (value: string) => {
  const length = [...value.trim()].length;
  if (length === 0) return t.words.isRequired;
  return length > max ? t.words.tooLong(max) : null;
};

/** `…_length check (length(x) <= max)`. Counted in characters as PostgreSQL counts, not in UTF-16 units. */
export const textUpTo = (t: Strings, max: number) => (value: string) => ([...value].length > max ? t.words.tooLong(max) : null);

/** `lectern.is_email` */
export const isEmail = (value: string) => value.length <= 254 && /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(value);
