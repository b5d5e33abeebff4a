import type { Editor } from "@tiptap/core";
import { lift } from "@tiptap/pm/commands";
import { Fragment, type Node, type NodeType, Slice } from "@tiptap/pm/model";
import { type EditorState, NodeSelection, Selection, TextSelection, type Transaction } from "@tiptap/pm/state";
import type { CalloutKind } from "./document/shape";

/** Makes the chosen text blocks paragraphs, headings or code. Their ids stay. */
export function setKind(editor: Editor, name: "paragraph" | "heading" | "codeBlock", attrs: Record<string, unknown> = {}): boolean {
  const { state, view } = editor;
  const type = state.schema.nodes[name]!;
  const { tr } = state;
  for (const { $from, $to } of state.selection.ranges) tr.setBlockType($from.pos, $to.pos, type, (old) => ({ ...attrs, id: old.attrs.id, rest: old.type === type ? old.attrs.rest : undefined }));
  if (!tr.docChanged) return false;
  view.dispatch(tr.scrollIntoView());
  return true;
}

/** Puts blocks in place of the empty paragraph at the cursor, else after the block the cursor is in, and the cursor into them. */
export function insertBlocks(editor: Editor, nodes: Node[], select: "inside" | "node" = "inside"): boolean {
  const { state, view } = editor;
  const { $from } = state.selection;
  const { tr } = state;
  const fragment = Fragment.from(nodes);
  const empty = $from.parent.isTextblock && $from.parent.content.size === 0 && $from.depth > 0 && $from.node(-1).canReplace($from.index(-1), $from.indexAfter(-1), fragment);
  let at: number;
  if (empty) {
    at = $from.before();
    tr.replaceWith(at, $from.after(), fragment);
  } else {
    let depth = $from.depth;
    while (depth > 0 && !$from.node(depth - 1).canReplace($from.indexAfter(depth - 1), $from.indexAfter(depth - 1), fragment)) depth--;
    if (depth === 0 && !(state.selection instanceof NodeSelection)) return false;
    at = state.selection instanceof NodeSelection ? state.selection.to : $from.after(depth);
    tr.insert(at, fragment);
  }
  // Somewhere to go on writing after a block the cursor cannot enter.
  const end = at + fragment.size;
  if (nodes.at(-1)?.isLeaf && end === tr.doc.content.size) tr.insert(end, state.schema.node("paragraph"));
  const selection = select === "node" && NodeSelection.isSelectable(nodes[0]!) ? NodeSelection.create(tr.doc, at) : Selection.near(tr.doc.resolve(at + 1));
  view.dispatch(tr.setSelection(selection).scrollIntoView());
  return true;
}

export function insertTable(editor: Editor, rows = 3, columns = 3): boolean {
  const { nodes } = editor.schema;
  const row = (cell: NodeType) => nodes.tableRow!.create(null, Array.from({ length: columns }, () => cell.create(null, nodes.paragraph!.create())));
  return insertBlocks(editor, [nodes.table!.create(null, Array.from({ length: rows }, (_, place) => row(place === 0 ? nodes.tableHeader! : nodes.tableCell!)))]);
}

/** Wraps the chosen blocks in a callout or quote, or takes them out when they are in one. */
export function toggleWrap(editor: Editor, name: "blockquote" | "callout", attrs: Record<string, unknown> = {}): boolean {
  const { state, view } = editor;
  const { $from } = state.selection;
  for (let depth = $from.depth; depth > 0; depth--) if ($from.node(depth).type.name === name) return name === "blockquote" ? lift(state, view.dispatch) : unwrapAt(editor, $from.before(depth));
  return editor.commands.wrapIn(name, attrs);
}

/** Replaces the block at a position by what is inside it. */
export function unwrapAt(editor: Editor, pos: number): boolean {
  const { state, view } = editor;
  const node = state.doc.nodeAt(pos);
  if (!node || !state.doc.resolve(pos).parent.canReplace(state.doc.resolve(pos).index(), state.doc.resolve(pos).indexAfter(), node.content)) return false;
  const { from, to } = state.selection;
  const tr = state.tr.replaceWith(pos, pos + node.nodeSize, node.content);
  const size = tr.doc.content.size;
  view.dispatch(tr.setSelection(TextSelection.between(tr.doc.resolve(Math.min(size, Math.max(0, from - 1))), tr.doc.resolve(Math.min(size, Math.max(0, to - 1))))));
  return true;
}

export const setCallout = (editor: Editor, kind: CalloutKind): boolean => toggleWrap(editor, "callout", { kind });

export function setAttrs(editor: Editor, pos: number, attrs: Record<string, unknown>): boolean {
  const node = editor.state.doc.nodeAt(pos);
  if (!node) return false;
  const tr = editor.state.tr.setNodeMarkup(pos, null, { ...node.attrs, ...attrs }, node.marks);
  if (editor.state.selection instanceof NodeSelection && editor.state.selection.from === pos) tr.setSelection(NodeSelection.create(tr.doc, pos));
  editor.view.dispatch(tr);
  return true;
}

/** Blocks that are moved as a whole: list items within their list, everything else within the document. */
function movable(state: EditorState): { parent: Node; start: number; from: number; to: number } | null {
  const { $from, $to } = state.selection;
  for (let depth = $from.sharedDepth($to.pos); depth >= 0; depth--) {
    const parent = $from.node(depth);
    const items = /^(bulletList|orderedList|taskList)$/.test(parent.type.name);
    if (depth > 0 && !items) continue;
    const from = $from.index(depth);
    const to = Math.max(from + 1, $to.indexAfter(depth));
    return { parent, start: $from.start(depth), from, to: Math.min(to, parent.childCount) };
  }
  return null;
}

/** Moves the chosen blocks one place. The neighbour is what moves in the document, so the cursor and the blocks stay as they are. */
export function moveBlocks(state: EditorState, by: 1 | -1, dispatch?: (tr: Transaction) => void): boolean {
  const place = movable(state);
  if (!place) return false;
  const { parent, start, from, to } = place;
  const neighbour = by < 0 ? from - 1 : to;
  if (neighbour < 0 || neighbour >= parent.childCount) return false;
  if (!dispatch) return true;
  let neighbourStart = start;
  for (let index = 0; index < neighbour; index++) neighbourStart += parent.child(index).nodeSize;
  let [rangeStart, rangeSize] = [start, 0];
  for (let index = 0; index < from; index++) rangeStart += parent.child(index).nodeSize;
  for (let index = from; index < to; index++) rangeSize += parent.child(index).nodeSize;
  const node = parent.child(neighbour);
  const { tr } = state;
  if (by < 0) tr.insert(rangeStart + rangeSize, node).delete(neighbourStart, neighbourStart + node.nodeSize);
  else tr.delete(neighbourStart, neighbourStart + node.nodeSize).insert(rangeStart, node);
  dispatch(tr.scrollIntoView());
  return true;
}

/** The top-level block the selection begins in: its position and node. */
export function blockAt(state: EditorState): { pos: number; node: Node; index: number } | null {
  const { selection, doc } = state;
  const index = Math.min(selection.$from.index(0), doc.childCount - 1);
  let pos = 0;
  for (let each = 0; each < index; each++) pos += doc.child(each).nodeSize;
  return { pos, node: doc.child(index), index };
}

/** A copy after the block; it gets ids of its own. */
export function duplicateBlock(editor: Editor, pos: number): boolean {
  const node = editor.state.doc.nodeAt(pos);
  if (!node) return false;
  const end = pos + node.nodeSize;
  const tr = editor.state.tr.insert(end, node);
  const { anchor, head } = editor.state.selection;
  if (anchor > pos && head < end) tr.setSelection(TextSelection.between(tr.doc.resolve(anchor + node.nodeSize), tr.doc.resolve(head + node.nodeSize)));
  editor.view.dispatch(tr.scrollIntoView());
  return true;
}

export function deleteBlock(editor: Editor, pos: number, onPurpose = false): boolean {
  const node = editor.state.doc.nodeAt(pos);
  if (!node) return false;
  const { tr } = editor.state;
  if (editor.state.doc.childCount === 1 && pos === 0) tr.replaceWith(pos, pos + node.nodeSize, editor.schema.node("paragraph"));
  else tr.delete(pos, pos + node.nodeSize);
  if (onPurpose) tr.setMeta("onPurpose", true);
  editor.view.dispatch(tr.setSelection(Selection.near(tr.doc.resolve(Math.min(pos, tr.doc.content.size)))).scrollIntoView());
  return true;
}

/** Puts a link on the chosen words, or inserts `text` with it where nothing is chosen. */
export function setLink(editor: Editor, range: { from: number; to: number }, href: string, title: string | undefined, text?: string): void {
  const { schema } = editor;
  const { tr } = editor.state;
  const current = editor.state.doc.textBetween(range.from, range.to);
  const old = editor.state.doc.nodeAt(range.from)?.marks.find((mark) => mark.type === schema.marks.link);
  const mark = schema.marks.link!.create({ href, title: title || undefined, rest: old?.attrs.rest });
  let { from, to } = range;
  if (text !== undefined && text !== current) {
    const marks = (editor.state.doc.nodeAt(from)?.marks ?? []).filter(({ type }) => type !== schema.marks.link);
    tr.replaceWith(from, to, schema.text(text || href, marks));
    to = from + (text || href).length;
  } else if (from === to) {
    tr.insertText(text || href, from);
    to = from + (text || href).length;
  }
  tr.removeMark(from, to, schema.marks.link).addMark(from, to, mark);
  editor.view.dispatch(tr.setSelection(TextSelection.create(tr.doc, to)).removeStoredMark(schema.marks.link!).scrollIntoView());
}

/** The words around a position that carry the same link. */
export function linkAround(state: EditorState, pos: number): { from: number; to: number; href: string; title: string } | null {
  const $pos = state.doc.resolve(pos);
  if (!$pos.parent.inlineContent) return null;
  const type = state.schema.marks.link!;
  const mark = ($pos.nodeAfter && type.isInSet($pos.nodeAfter.marks)) || ($pos.nodeBefore && type.isInSet($pos.nodeBefore.marks));
  if (!mark) return null;
  let from: number | null = null;
  let to = 0;
  let found: { from: number; to: number } | null = null;
  $pos.parent.forEach((node, offset) => {
    const start = $pos.start() + offset;
    if (mark.isInSet(node.marks)) {
      from ??= start;
      to = start + node.nodeSize;
      if (from <= pos && pos <= to) found = { from, to };
    } else from = null;
  });
  return found ? { ...(found as { from: number; to: number }), href: (mark.attrs.href as string | undefined) ?? "", title: (mark.attrs.title as string | undefined) ?? "" } : null;
}

export function removeLink(editor: Editor, { from, to }: { from: number; to: number }): void {
  editor.view.dispatch(editor.state.tr.removeMark(from, to, editor.schema.marks.link));
}

/** Takes every known mark from the chosen words; what a newer version marked stays. */
export function clearMarks(editor: Editor): boolean {
  const { tr, selection, schema } = editor.state;
  for (const type of Object.values(schema.marks)) if (type.name !== "unknownMark" && type.name !== "link") tr.removeMark(selection.from, selection.to, type);
  editor.view.dispatch(tr.setStoredMarks([]));
  return true;
}

export const sliceOf = (node: Node) => new Slice(Fragment.from(node), 0, 0);
