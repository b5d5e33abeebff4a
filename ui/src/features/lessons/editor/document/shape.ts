/**
 * What this version knows of a lesson's document: the same names and attributes as the document's Rust half. Everything
 * else in a document was made by a newer version and travels untouched.
 */
export type Json = Record<string, unknown>;
export type MarkJson = { type: string; attrs?: Json };
export type NodeJson = { type: string; attrs?: Json; content?: NodeJson[]; marks?: MarkJson[]; text?: string };
/** `type` is always "doc"; its content are blocks, each with a stable `attrs.id`. */
export type LessonDocument = NodeJson;

type Check = (value: unknown) => boolean;

const whole =
  (from: number, to: number): Check =>
  (value) =>
    typeof value === "number" && Number.isInteger(value) && value >= from && value <= to;
const oneOf =
  (...names: string[]): Check =>
  (value) =>
    typeof value === "string" && names.includes(value);
const text: Check = (value) => typeof value === "string";
const maybe =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);

export const calloutKinds = ["note", "tip", "warning", "danger"] as const;
export type CalloutKind = (typeof calloutKinds)[number];

const cell = { colspan: whole(1, 1000), rowspan: whole(1, 1000), align: maybe(oneOf("left", "center", "right")) };

/** Attributes beside `id`, with the values this version can show. */
export const blocks: Record<string, Record<string, Check>> = {
  paragraph: {},
  heading: { level: whole(1, 6) },
  bulletList: {},
  orderedList: { start: maybe(whole(0, 1_000_000_000)) },
  listItem: {},
  taskList: {},
  taskItem: { checked: (value) => typeof value === "boolean" },
  blockquote: {},
  callout: { kind: oneOf(...calloutKinds) },
  codeBlock: { language: maybe(text) },
  mathBlock: { latex: text },
  horizontalRule: {},
  image: { attachment: maybe(text), src: maybe(text), alt: maybe(text), title: maybe(text), width: maybe(whole(1, 100_000)) },
  attachment: { attachment: maybe(text), name: maybe(text), size_bytes: maybe(whole(0, Number.MAX_SAFE_INTEGER)), mime: maybe(text) },
  video: { url: maybe(text), title: maybe(text) },
  table: {},
  tableRow: {},
  tableHeader: cell,
  tableCell: cell,
};
export const inlines: Record<string, Record<string, Check>> = { hardBreak: {}, mathInline: { latex: text } };
export const marks: Record<string, Record<string, Check>> = {
  bold: {},
  italic: {},
  underline: {},
  strike: {},
  code: {},
  link: { href: text, title: maybe(text) },
  highlight: {},
  subscript: {},
  superscript: {},
};

/** Links this application opens. Anything else keeps its text and opens nothing. */
export function safeHref(href: unknown): string | null {
  if (typeof href !== "string") return null;
  const bare = href.trim();
  return /^(https?:\/\/[^\s/]|mailto:[^\s@]+@[^\s@])/i.test(bare) ? bare : null;
}

/** What was typed as a link, completed: "example.org/x" means https, "a@b.c" a mail address. Null when it is none of these. */
export function completedHref(typed: string): string | null {
  const bare = typed.trim();
  if (bare === "" || /\s/.test(bare)) return null;
  if (safeHref(bare)) return bare;
  if (/^[a-z][a-z0-9+.-]*:/i.test(bare) && !/^[\w.-]+:\d+(\/|$)/.test(bare)) return null;
  if (/^[^\s@/]+@[^\s@/]+\.[^\s@/]+$/.test(bare)) return `mailto:${bare}`;
  return /^[^\s/@:]+\.[^\s/@:.]{2,}([/?#:].*)?$/.test(bare) ? `https://${bare}` : null;
}
