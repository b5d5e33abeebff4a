/** Reading what stands in an address: anything may have been typed there, so the unknown is dropped. */

export function text(value: unknown): string | undefined {
  const written = typeof value === "number" ? String(value) : value;
  return typeof written === "string" && written !== "" ? written : undefined;
}

export function oneOf<T extends string>(value: unknown, known: readonly T[]): T | undefined {
  return known.find((candidate) => candidate === value);
}
