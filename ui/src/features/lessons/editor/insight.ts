import type { Node } from "@tiptap/pm/model";
import type { EditorStrings } from "../../../strings/editor";
import { safeHref } from "./document/shape";
import { mathProblem } from "./math";

export type HintKind = keyof EditorStrings["hints"];
/** `pos` is where the block or words begin, `size` how much of the document they are. */
export type Hint = { kind: HintKind; pos: number; size: number; excerpt: string };
export type OutlineEntry = { id: string; level: number; text: string; pos: number };
export type Insight = { words: number; outline: OutlineEntry[]; hints: Hint[] };

type Part = { words: number; headings: { id: string; level: number; text: string; offset: number; size: number }[]; hints: (Omit<Hint, "pos"> & { offset: number })[]; mathSeen: boolean; judged: boolean };
const parts = new WeakMap<Node, Part>();

const segmenter = new Intl.Segmenter(undefined, { granularity: "word" });
export function countWords(text: string): number {
  if (text === "") return 0;
  let count = 0;
  for (const { isWordLike } of segmenter.segment(text)) if (isWordLike) count++;
  return count;
}

/** Link texts that say nothing when a screen reader lists them. */
const vague = new Set([
  "here", "click here", "click", "link", "this link", "this", "more", "read more", "learn more", "see here", "this page", "website", "details",
  "hier", "hier klicken", "klicken sie hier", "klick hier", "mehr", "mehr lesen", "weiterlesen", "diese seite", "siehe hier", "details hier", "тут", "ici", "cliquez ici", "aquí",
]);
const colourWords = "red|green|blue|yellow|orange|purple|pink|rot|rote[nrsm]?|grün|grüne[nrsm]?|blau|blaue[nrsm]?|gelb|gelbe[nrsm]?";
const byColour = new RegExp(
  `\\b(?:(?:marked|shown|highlighted|written|printed|coloured|colored|text|words|items|parts?) in (?:${colourWords})|the (?:${colourWords}) (?:one|ones|text|words?|button|box(?:es)?|line|part|items?|area|field)s?|(?:in|mit) (?:${colourWords}) (?:markiert|geschrieben|gedruckt|hervorgehoben)|(?:rot|grün|blau|gelb) (?:markiert|geschrieben|gedruckt|hervorgehoben)\\w*)`,
  "iu",
);

function partOf(block: Node): Part {
  const before = parts.get(block);
  if (before && (!before.mathSeen || before.judged === mathIsReady)) return before;
  const part: Part = { words: 0, headings: [], hints: [], mathSeen: false, judged: mathIsReady };
  const hint = (kind: HintKind, offset: number, size: number, excerpt: string) => part.hints.push({ kind, offset, size, excerpt: excerpt.trim().slice(0, 80) });
  const look = (node: Node, offset: number): boolean => {
    switch (node.type.name) {
      case "image":
        if (typeof node.attrs.alt !== "string") hint("missingAlt", offset, node.nodeSize, (node.attrs.title as string | undefined) ?? "");
        return false;
      case "video":
        if (!node.attrs.title) hint("untitledVideo", offset, node.nodeSize, (node.attrs.url as string | undefined) ?? "");
        return false;
      case "mathBlock":
      case "mathInline": {
        part.mathSeen = true;
        const latex = (node.attrs.latex as string | undefined) ?? "";
        if (mathProblem(latex) !== null) hint("brokenMath", offset, node.nodeSize, latex);
        return false;
      }
      case "table": {
        const first = node.firstChild;
        let header = first !== null && first.childCount > 0;
        first?.forEach((cell) => (header &&= cell.type.name === "tableHeader"));
        let column = true;
        node.forEach((row) => (column &&= row.firstChild?.type.name === "tableHeader"));
        if (!header && !column) hint("noHeader", offset, node.nodeSize, node.textContent);
        return true;
      }
      default:
    }
    if (!node.isTextblock) return true;
    const text = node.textBetween(0, node.content.size, " ", " ");
    part.words += countWords(text);
    if (node.type.name === "codeBlock") return false;
    if (node.type.name === "heading") {
      part.headings.push({ id: node.attrs.id as string, level: (node.attrs.level as number | undefined) ?? 1, text: text.trim(), offset, size: node.nodeSize });
      if (text.trim() === "") hint("emptyHeading", offset, node.nodeSize, "");
    }
    const letters = text.replaceAll(/[^\p{L}]/gu, "");
    if (letters.length >= 40 && letters === letters.toUpperCase() && letters !== letters.toLowerCase()) hint("longCapitals", offset, node.nodeSize, text);
    const colour = byColour.exec(text);
    if (colour) hint("byColour", offset, node.nodeSize, colour[0]);
    if (node.type.name === "paragraph" && offset === 0 && node.childCount === 1 && node.firstChild?.marks.some(({ type }) => type.name === "bold") && text.trim().length >= 3 && text.length <= 80 && !/[.!?…:;,]\s*$/.test(text)) {
      hint("fakeHeading", offset, node.nodeSize, text);
    }
    links(node, offset, hint);
    return node.childCount > 0;
  };
  look(block, 0);
  block.descendants((node, offset) => !node.isText && look(node, offset + 1));
  parts.set(block, part);
  return part;
}

let mathIsReady = false;
/** The formula setter arrived: what was left unsaid about formulas is looked at again. */
export function mathArrived(): void {
  mathIsReady = true;
}

function links(block: Node, offset: number, hint: (kind: HintKind, offset: number, size: number, excerpt: string) => void): void {
  let open: { href: unknown; from: number; text: string } | null = null;
  const close = () => {
    if (!open) return;
    const said = open.text.trim().toLowerCase().replaceAll(/[\s.!»›→>…]+$/g, "");
    if (safeHref(open.href) === null) hint("emptyLink", open.from, open.text.length, open.text);
    else if (said === "" || vague.has(said)) hint("vagueLink", open.from, open.text.length, open.text);
    else if (/^(https?:\/\/|www\.)\S{12,}$/.test(said)) hint("bareLink", open.from, open.text.length, open.text);
    open = null;
  };
  block.forEach((node, at) => {
    const mark = node.marks.find(({ type }) => type.name === "link");
    if (open && mark?.attrs.href !== open.href) close();
    if (mark) open = { href: mark.attrs.href, from: open?.from ?? offset + 1 + at, text: (open?.text ?? "") + (node.text ?? "") };
    else close();
  });
  close();
}

/** Everything the outline, the count and the hints say, from parts looked at once each. */
export function insightOf(doc: Node): Insight {
  const insight: Insight = { words: 0, outline: [], hints: [] };
  let level = 0;
  doc.forEach((block, pos) => {
    const part = partOf(block);
    insight.words += part.words;
    for (const hint of part.hints) insight.hints.push({ kind: hint.kind, pos: pos + hint.offset, size: hint.size, excerpt: hint.excerpt });
    for (const heading of part.headings) {
      insight.outline.push({ id: heading.id, level: heading.level, text: heading.text, pos: pos + heading.offset });
      if (level > 0 && heading.level > level + 1) insight.hints.push({ kind: "skippedLevel", pos: pos + heading.offset, size: heading.size, excerpt: heading.text });
      level = heading.level;
    }
  });
  insight.hints.sort((a, b) => a.pos - b.pos);
  return insight;
}

/** The same, without ever holding up typing: looks at new blocks for a few milliseconds at a time. Answers how to stop. */
export function insightSlowly(doc: Node, done: (insight: Insight) => void): () => void {
  let index = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const work = () => {
    const end = performance.now() + 6;
    while (index < doc.childCount) {
      partOf(doc.child(index++));
      if (performance.now() > end) {
        timer = setTimeout(work, 0);
        return;
      }
    }
    done(insightOf(doc));
  };
  timer = setTimeout(work, 0);
  return () => clearTimeout(timer);
}

/** At 200 words a minute. */
export const readingMinutes = (words: number) => (words < 100 ? 0 : Math.round(words / 200));
