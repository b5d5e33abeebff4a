import type { NodeJson } from "../document/shape";

/** Numbers that come out the same for the same seed (mulberry32). */
export function seeded(seed: number) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;
  const id = () => {
    const hex = Array.from({ length: 32 }, () => below(16).toString(16)).join("");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
  };
  return { next, below, pick, id, chance: (share: number) => next() < share };
}
export type Random = ReturnType<typeof seeded>;

const words = ["water", "boils", "at", "one", "hundred", "degrees", "Вода", "кипить", "حرارة", "θερμό", "energy", "a", "🧪", "measure"];
const sentence = (random: Random) => Array.from({ length: 1 + random.below(8) }, () => random.pick(words)).join(" ");

export function randomInline(random: Random): NodeJson[] {
  return Array.from({ length: random.below(4) }, (): NodeJson => {
    const roll = random.below(12);
    if (roll === 0) return { type: "hardBreak" };
    if (roll === 1) return { type: "mathInline", attrs: { latex: "x^2" } };
    if (roll === 2) return { type: "footnoteRef", attrs: { to: random.id() } };
    const text: NodeJson = { type: "text", text: `${sentence(random)} ` };
    if (random.chance(0.3)) text.marks = [{ type: random.pick(["bold", "italic", "code", "comment"]) }];
    else if (random.chance(0.1)) text.marks = [{ type: "link", attrs: { href: "https://example.org/", rel: "newer" } }];
    return text;
  }).filter((node, index, all) => node.type !== "text" || all[index - 1]?.type !== "text");
}

const paragraph = (random: Random): NodeJson => filled({ type: "paragraph", attrs: { id: random.id() } }, randomInline(random));
const filled = (node: NodeJson, content: NodeJson[]): NodeJson => (content.length > 0 ? { ...node, content } : node);

export function randomBlock(random: Random, depth = 0): NodeJson {
  const id = random.id();
  const inside = (item: string, more: Record<string, unknown> = {}) =>
    Array.from({ length: 1 + random.below(3) }, (): NodeJson => ({
      type: item,
      attrs: { id: random.id(), ...more },
      content: [paragraph(random), ...(depth < 2 && random.chance(0.2) ? [randomBlock(random, depth + 1)] : [])],
    }));
  switch (random.below(depth > 1 ? 6 : 15)) {
    case 0: return filled({ type: "heading", attrs: { id, level: 1 + random.below(6) } }, randomInline(random));
    case 1: return { type: "codeBlock", attrs: { id, language: random.chance(0.5) ? "python" : null }, content: [{ type: "text", text: "print(1)\n" }] };
    case 2: return { type: "image", attrs: { id, attachment: random.id(), src: null, alt: "A flask", title: null, width: null } };
    case 3: return { type: "horizontalRule", attrs: { id } };
    case 6: return { type: "bulletList", attrs: { id }, content: inside("listItem") };
    case 7: return { type: "orderedList", attrs: { id, start: 3 }, content: inside("listItem") };
    case 8: return { type: "taskList", attrs: { id }, content: inside("taskItem", { checked: true }) };
    case 9: return { type: "blockquote", attrs: { id }, content: [paragraph(random), paragraph(random)] };
    case 10: return { type: "callout", attrs: { id, kind: "tip", icon: "star" }, content: [paragraph(random)] };
    case 11: return { type: "poll", attrs: { id, question: "?" }, content: [{ type: "choice", attrs: { id: random.id() } }] };
    case 12: {
      const width = 1 + random.below(3);
      const row = (cell: string): NodeJson => ({ type: "tableRow", attrs: { id: random.id() }, content: Array.from({ length: width }, () => ({ type: cell, attrs: { id: random.id(), colspan: 1 }, content: [paragraph(random)] })) });
      return { type: "table", attrs: { id }, content: [row("tableHeader"), row("tableCell")] };
    }
    default: return paragraph(random);
  }
}

export const randomDocument = (random: Random, length = 1 + random.below(8)): NodeJson => ({ type: "doc", content: Array.from({ length }, () => randomBlock(random)) });
