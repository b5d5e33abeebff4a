import type { Editor } from "@tiptap/core";
import type { Node } from "@tiptap/pm/model";
import { type EditorState, Selection, TextSelection, type Transaction } from "@tiptap/pm/state";
import { documentFromJson } from "./json";
import type { LessonDocument } from "./shape";

const idOf = (block: Node) => block.attrs.id as string;

/** Indices of the longest run of `places` that only rises: the blocks that need not move. */
export function longestRising(places: readonly number[]): Set<number> {
  const ends: number[] = [];
  const before: number[] = [];
  places.forEach((place, index) => {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (places[ends[middle]!]! < place) low = middle + 1;
      else high = middle;
    }
    before[index] = low > 0 ? ends[low - 1]! : -1;
    ends[low] = index;
  });
  const kept = new Set<number>();
  for (let index = ends.at(-1) ?? -1; index >= 0; index = before[index]!) kept.add(index);
  return kept;
}

/** Changes one block into another by the smallest replacement, so a cursor elsewhere in it stays. */
function replaceBlock(tr: Transaction, pos: number, old: Node, next: Node): void {
  if (old.type !== next.type || old.isLeaf) {
    tr.replaceWith(pos, pos + old.nodeSize, next);
    return;
  }
  if (!old.sameMarkup(next)) {
    try {
      tr.setNodeMarkup(pos, null, next.attrs);
    } catch {
      tr.replaceWith(pos, pos + old.nodeSize, next);
      return;
    }
  }
  const start = old.content.findDiffStart(next.content);
  if (start === null) return;
  const end = old.content.findDiffEnd(next.content);
  if (!end) return;
  let { a, b } = end;
  const overlap = start - Math.min(a, b);
  if (overlap > 0) {
    a += overlap;
    b += overlap;
  }
  tr.replace(pos + 1 + start, pos + 1 + a, next.slice(start, b));
}

type Anchor = { id: string; offset: number } | null;
function anchorOf(doc: Node, pos: number): Anchor {
  const index = doc.resolve(pos).index(0);
  if (index >= doc.childCount) return null;
  let start = 0;
  for (let each = 0; each < index; each++) start += doc.child(each).nodeSize;
  return { id: idOf(doc.child(index)), offset: pos - start };
}
function positionOf(doc: Node, anchor: Anchor): number | null {
  let found: number | null = null;
  doc.forEach((block, pos) => {
    if (anchor && idOf(block) === anchor.id) found = pos + Math.min(anchor.offset, block.nodeSize - 1);
  });
  return found;
}

/** The steps that turn the open document into `target`, top-level block by block. Null when nothing differs. */
export function patchTransaction(state: EditorState, target: Node): Transaction | null {
  const { tr, doc } = state;
  const wanted = new Map<string, { node: Node; place: number }>();
  target.forEach((node, _, place) => wanted.set(idOf(node), { node, place }));
  const current = doc.content.content;
  const common = current.map((block, index) => ({ index, place: wanted.get(idOf(block))?.place })).filter((each): each is { index: number; place: number } => each.place !== undefined);
  const rising = longestRising(common.map(({ place }) => place));
  const staying = new Set(common.filter((_, at) => rising.has(at)).map(({ index }) => index));
  const [anchor, head] = [anchorOf(doc, state.selection.anchor), anchorOf(doc, state.selection.head)];

  // From the back, so the positions before stay true: new blocks after a staying one, then the staying one itself.
  let place = target.childCount;
  let pos = doc.content.size;
  const insertAt = (at: number, from: number, to: number) => {
    if (from < to) tr.insert(at, target.content.content.slice(from, to));
  };
  for (let index = current.length - 1; index >= 0; index--) {
    const block = current[index]!;
    const start = pos - block.nodeSize;
    if (staying.has(index)) {
      const { node, place: here } = wanted.get(idOf(block))!;
      insertAt(pos, here + 1, place);
      if (!node.eq(block)) replaceBlock(tr, start, block, node);
      place = here;
    } else {
      // A document is never empty, not even between two steps.
      if (tr.doc.childCount === 1) {
        tr.replaceWith(start, pos, target.content.content.slice(0, place));
        place = 0;
      } else tr.delete(start, pos);
    }
    pos = start;
  }
  insertAt(0, 0, place);
  if (!tr.doc.eq(target)) tr.replaceWith(0, tr.doc.content.size, target.content);
  if (doc.attrs.rest !== target.attrs.rest) tr.setDocAttribute("rest", target.attrs.rest);
  if (!tr.docChanged) return null;

  if (state.selection instanceof TextSelection) {
    const lost = [anchor, head].some((each) => each && !staying.has(current.findIndex((block) => idOf(block) === each.id)));
    if (lost) {
      const [from, to] = [positionOf(tr.doc, anchor), positionOf(tr.doc, head)];
      if (from !== null && to !== null) {
        const [$from, $to] = [tr.doc.resolve(from), tr.doc.resolve(to)];
        tr.setSelection($from.parent.inlineContent && $to.parent.inlineContent ? TextSelection.create(tr.doc, from, to) : Selection.near($to));
      }
    }
  }
  return tr.setMeta("addToHistory", false).setMeta("patch", true);
}

/** `target` with every block in `keep` as it stands in the open document: what is not saved yet is never overwritten. */
export function keeping(open: Node, target: Node, keep: ReadonlySet<string>): Node {
  if (keep.size === 0) return target;
  const here = new Map<string, Node>();
  open.forEach((block) => here.set(idOf(block), block));
  const there = new Set(target.content.content.map(idOf));
  const blocks = target.content.content.flatMap((block) => (keep.has(idOf(block)) ? (here.get(idOf(block)) ?? []) : block));
  // New here and unknown there: after the block it follows.
  open.forEach((block, _, index) => {
    const id = idOf(block);
    if (!keep.has(id) || there.has(id)) return;
    let at = 0;
    for (let before = index - 1; before >= 0; before--) {
      const found = blocks.findIndex((other) => idOf(other) === idOf(open.child(before)));
      if (found >= 0) {
        at = found + 1;
        break;
      }
    }
    blocks.splice(at, 0, block);
  });
  return blocks.length > 0 ? target.type.create(target.attrs, blocks) : target;
}

/**
 * Applies a merged document to the open editor: untouched blocks keep their nodes and the cursor in them, nothing of it can
 * be undone, and blocks in `keep` (not saved yet) stay as they are. Answers with the document that was merged in.
 */
export function patchDocument(editor: Editor, next: LessonDocument, keep: ReadonlySet<string> = new Set()): Node {
  const { doc } = documentFromJson(editor.schema, next);
  const tr = patchTransaction(editor.state, keeping(editor.state.doc, doc, keep));
  if (tr) editor.view.dispatch(tr);
  return doc;
}
