import type { BlockChange, Piece, Value } from "../platform";

/** Word by word by the longest common run of words. */
export function diffWords(before: string, after: string): Piece[] {
  const words = (text: string) => text.match(/\s+|[^\s]+/g) ?? [];
  const [old, next] = [words(before), words(after)];
  const length = old.map(() => new Array<number>(next.length + 1).fill(0));
  length.push(new Array<number>(next.length + 1).fill(0));
  const at = (i: number, j: number) => length[i]?.[j] ?? 0;
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = next.length - 1; j >= 0; j--) (length[i] ?? [])[j] = old[i] === next[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  }
  const pieces: Piece[] = [];
  const push = (kind: Piece["kind"], text: string) => {
    const last = pieces.at(-1);
    if (last?.kind === kind) last.text += text;
    else pieces.push({ kind, text });
  };
  let [i, j] = [0, 0];
  while (i < old.length || j < next.length) {
    if (i < old.length && j < next.length && old[i] === next[j]) {
      push("same", old[i++] ?? "");
      j++;
    } else if (i < old.length && (j >= next.length || at(i + 1, j) >= at(i, j + 1))) push("removed", old[i++] ?? "");
    else push("added", next[j++] ?? "");
  }
  return pieces;
}

const object = (value: Value | undefined) => (typeof value === "object" && value !== null && !Array.isArray(value) ? value : {});

export function blocksOf(document: Value): { id: string; json: Value; text: string }[] {
  const { content } = object(document);
  const words = (value: Value): string => {
    const { text, content: inside } = object(value);
    return typeof text === "string" ? text : Array.isArray(inside) ? inside.map(words).join("") : "";
  };
  return (Array.isArray(content) ? content : []).map((json) => ({ id: String(object(object(json).attrs).id), json, text: words(json) }));
}

/** Block by block in the order of `after`; what was removed stands behind the block it followed. */
export function diffBlocks(before: Value, after: Value): BlockChange[] {
  const [old, next] = [blocksOf(before), blocksOf(after)];
  const told: BlockChange[] = next.map(({ id, json, text }) => {
    const was = old.find((block) => block.id === id);
    const change = !was ? "added" : JSON.stringify(was.json) === JSON.stringify(json) ? "same" : "changed";
    return { id, change, pieces: diffWords(was?.text ?? "", text) };
  });
  old.forEach(({ id, text }, place) => {
    if (next.some((block) => block.id === id)) return;
    const follows = told.findIndex((change) => change.id === old[place - 1]?.id);
    told.splice(follows + 1, 0, { id, change: "removed", pieces: diffWords(text, "") });
  });
  return told;
}
