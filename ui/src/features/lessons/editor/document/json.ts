import type { Mark, Node, Schema } from "@tiptap/pm/model";
import { newId } from "../../../../ids";
import { blocks, inlines, type Json, type LessonDocument, type MarkJson, marks as markShapes, type NodeJson } from "./shape";

/** What a node carries that this version does not know: attributes, and fields beside `type`, `attrs`, `content`. */
export type Rest = { attrs?: Json; fields?: Json; given?: string[] };

const object = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const standard = new Set(["type", "attrs", "content", "marks", "text"]);
const spans = ["colspan", "rowspan"];

/** Splits what a node or mark holds into what its shape knows and the rest; null when a known attribute has a value this version cannot show. */
function sorted(json: Json, shape: Record<string, (value: unknown) => boolean>, withId: boolean): { attrs: Json; rest: Rest | null } | null {
  const attrs: Json = {};
  const unknown: Json = {};
  const fields: Json = {};
  const given: string[] = [];
  if (json.attrs !== undefined && !object(json.attrs)) return null;
  for (const [name, value] of Object.entries((json.attrs as Json | undefined) ?? {})) {
    if (withId && name === "id") {
      if (typeof value === "string") attrs.id = value;
      else if (value !== null) return null;
    } else if (Object.hasOwn(shape, name)) {
      if (!shape[name]?.(value)) return null;
      attrs[name] = value;
      if (spans.includes(name) && value === 1) given.push(name);
    } else unknown[name] = value;
  }
  for (const [name, value] of Object.entries(json)) if (!standard.has(name)) fields[name] = value;
  const rest: Rest = {};
  if (Object.keys(unknown).length > 0) rest.attrs = unknown;
  if (Object.keys(fields).length > 0) rest.fields = fields;
  if (given.length > 0) rest.given = given;
  return { attrs, rest: Object.keys(rest).length > 0 ? rest : null };
}

/** The same JSON with a new id wherever a block inside carries one. */
export function withNewIds<T>(json: T): T {
  if (Array.isArray(json)) return json.map((each) => withNewIds(each)) as T;
  if (!object(json)) return json;
  const copy: Json = {};
  for (const [name, value] of Object.entries(json)) copy[name] = name === "attrs" && object(value) && typeof value.id === "string" ? { ...value, id: newId() } : withNewIds(value);
  return copy as T;
}

function markOf(schema: Schema, json: MarkJson): Mark {
  const shape = object(json) && typeof json.type === "string" && Object.hasOwn(markShapes, json.type) ? markShapes[json.type] : undefined;
  const known = shape && sorted(json, shape, false);
  const type = known && schema.marks[json.type];
  if (!known || !type) return schema.mark("unknownMark", { json });
  return type.create({ ...known.attrs, rest: known.rest ?? undefined });
}

function inlineOf(schema: Schema, json: NodeJson, plain: boolean): Node | null {
  if (plain && json.marks?.length) return null;
  if (json.marks !== undefined && !Array.isArray(json.marks)) return plain ? null : schema.node("unknownInline", { json });
  const given = (json.marks ?? []).map((mark) => markOf(schema, mark));
  const marks = given.reduce<readonly Mark[]>((set, mark) => mark.addToSet(set), []);
  // Two marks of one kind on the same words are nothing this version can draw.
  if (marks.length < given.length) return schema.node("unknownInline", { json });
  if (json.type === "text" && typeof json.text === "string" && json.text !== "" && json.attrs === undefined && Object.keys(json).every((name) => standard.has(name)))
    return schema.text(json.text, marks);
  const shape = Object.hasOwn(inlines, json.type) ? inlines[json.type] : undefined;
  const known = shape && !json.content ? sorted(json, shape, false) : null;
  const type = schema.nodes[json.type];
  if (known && type) return type.create({ ...known.attrs, rest: known.rest ?? undefined }, null, marks);
  return plain ? null : schema.node("unknownInline", { json });
}

function unknownBlock(schema: Schema, json: NodeJson): Node {
  const id = object(json) && object(json.attrs) && typeof json.attrs.id === "string" ? json.attrs.id : undefined;
  return schema.node("unknownBlock", { id, json });
}

/** One block as the editor's node. What this version cannot show comes back as the wrapper that keeps the raw JSON. */
export function blockFromJson(schema: Schema, json: NodeJson): Node {
  const shape = object(json) && typeof json.type === "string" && Object.hasOwn(blocks, json.type) ? blocks[json.type] : undefined;
  const type = shape && schema.nodes[json.type];
  const known = shape && sorted(json, shape, true);
  if (!known || !type || json.marks?.length || json.text !== undefined) return unknownBlock(schema, json);
  if (json.content !== undefined && !Array.isArray(json.content)) return unknownBlock(schema, json);
  const attrs = { ...known.attrs, rest: known.rest ?? undefined };
  const children: Node[] = [];
  for (const child of json.content ?? []) {
    if (!object(child) || typeof child.type !== "string") return unknownBlock(schema, json);
    const node = type.isTextblock ? inlineOf(schema, child, type.spec.marks === "") : blockFromJson(schema, child);
    if (!node) return unknownBlock(schema, json);
    children.push(node);
  }
  try {
    const node = type.createChecked(attrs, children);
    return node;
  } catch {
    return unknownBlock(schema, json);
  }
}

function hasId(node: Node): boolean {
  return typeof node.attrs.id === "string" && uuid.test(node.attrs.id);
}

/** Gives every block without an id, or with one already taken, its own. The same node comes back when nothing was missing. */
function identified(node: Node, taken: Set<string>, top: boolean): Node {
  let next = node;
  if (node.type.name === "unknownBlock") {
    const inner = idsInside(node.attrs.json as Json);
    const clash = inner.some((id) => taken.has(id)) || new Set(inner).size < inner.length;
    if (clash) {
      const json = withNewIds(node.attrs.json as NodeJson);
      next = node.type.create({ id: json.attrs?.id, json });
    }
    if (top && typeof next.attrs.id !== "string") next = node.type.create({ json: next.attrs.json, id: newId() });
    for (const id of [...idsInside(next.attrs.json as Json), ...(typeof next.attrs.id === "string" ? [next.attrs.id] : [])]) taken.add(id);
    return next;
  }
  if (!("id" in node.attrs)) return node;
  const fresh = !hasId(node) || taken.has(node.attrs.id as string);
  const id = fresh ? newId() : (node.attrs.id as string);
  taken.add(id);
  if (node.isTextblock || node.isLeaf) return fresh ? node.type.create({ ...node.attrs, id }, node.content) : node;
  const children: Node[] = [];
  let same = true;
  node.forEach((child) => {
    const made = identified(child, taken, false);
    same &&= made === child;
    children.push(made);
  });
  return fresh || !same ? node.type.create({ ...node.attrs, id }, children) : node;
}

/** Every id of a block inside raw JSON, the outermost first. */
export function idsInside(json: unknown): string[] {
  if (Array.isArray(json)) return json.flatMap((each) => idsInside(each));
  if (!object(json)) return [];
  const own = object(json.attrs) && typeof json.attrs.id === "string" ? [json.attrs.id] : [];
  return [...own, ...Object.entries(json).flatMap(([name, value]) => (name === "attrs" ? [] : idsInside(value)))];
}

/** The JSON a block came from, as long as nobody touched it: what was not edited leaves exactly as it came. */
const origins = new WeakMap<Node, NodeJson>();

/** A stored document as the editor's. Never throws; blocks without a usable id get one. */
export function documentFromJson(schema: Schema, json: LessonDocument): { doc: Node; repaired: string[] } {
  const { attrs, ...fields } = Object.fromEntries(Object.entries(json).filter(([name]) => name !== "type" && name !== "content")) as Json;
  const taken = new Set<string>();
  const repaired: string[] = [];
  const children = (Array.isArray(json.content) ? json.content : []).map((block) => {
    const read = blockFromJson(schema, block);
    const node = identified(read, taken, true);
    if (node === read) origins.set(node, block);
    else repaired.push(node.attrs.id as string);
    return node;
  });
  if (children.length === 0) children.push(schema.node("paragraph", { id: newId() }));
  const rest: Rest = {};
  if (object(attrs)) rest.attrs = attrs;
  if (Object.keys(fields).length > 0) rest.fields = fields;
  return { doc: schema.node("doc", { rest: Object.keys(rest).length > 0 ? rest : undefined }, children), repaired };
}

function attrsToJson(node: Node | Mark): Json | undefined {
  const { rest, id, ...own } = node.attrs as Json & { rest?: Rest };
  const attrs: Json = {};
  if (id !== undefined && id !== null) attrs.id = id;
  for (const [name, value] of Object.entries(own)) {
    if (value === undefined) continue;
    if (spans.includes(name) && value === 1 && !rest?.given?.includes(name)) continue;
    attrs[name] = value;
  }
  Object.assign(attrs, rest?.attrs);
  return Object.keys(attrs).length > 0 ? attrs : undefined;
}

function markToJson(mark: Mark): MarkJson {
  if (mark.type.name === "unknownMark") return mark.attrs.json as MarkJson;
  const attrs = attrsToJson(mark);
  return { type: mark.type.name, ...(attrs && { attrs }), ...(mark.attrs.rest as Rest | undefined)?.fields };
}

export function blockToJson(node: Node): NodeJson {
  const origin = origins.get(node);
  if (origin) return origin;
  if (node.type.name === "unknownBlock" || node.type.name === "unknownInline") {
    const json = node.attrs.json as NodeJson;
    const id = node.attrs.id as string | undefined;
    return id === undefined || !object(json) || json.attrs?.id === id ? json : { ...json, attrs: { ...json.attrs, id } };
  }
  const json: NodeJson = { type: node.type.name };
  const attrs = attrsToJson(node);
  if (attrs) json.attrs = attrs;
  if (node.isText) json.text = node.text ?? "";
  if (node.content.size > 0) json.content = node.content.content.map((child) => blockToJson(child));
  if (node.marks.length > 0) json.marks = node.marks.map(markToJson);
  return Object.assign(json, (node.attrs.rest as Rest | undefined)?.fields);
}

export function documentToJson(doc: Node): LessonDocument {
  const rest = doc.attrs.rest as Rest | undefined;
  return { type: "doc", ...(rest?.attrs && { attrs: rest.attrs }), content: doc.content.content.map((block) => blockToJson(block)), ...rest?.fields };
}
