import type { Node } from "@tiptap/pm/model";
import { blockToJson } from "./json";
import type { NodeJson } from "./shape";

/** What happened to the top-level blocks: each changed or new one whole, the order of all, and the ids that are gone. */
export type Change = { changed: { id: string; json: NodeJson }[]; order: string[]; removed: string[] };

const idOf = (block: Node) => block.attrs.id as string;

/** Compares by reference: a block nobody touched is the same object, so fifty pages cost one walk over their blocks. */
export function changeBetween(base: Node, now: Node, also: ReadonlySet<string> = new Set()): Change | null {
  if (base === now && also.size === 0) return null;
  const old = new Map<string, Node>();
  base.forEach((block) => old.set(idOf(block), block));
  const change: Change = { changed: [], order: [], removed: [] };
  let moved = base.childCount !== now.childCount;
  now.forEach((block, _, index) => {
    const id = idOf(block);
    change.order.push(id);
    const was = old.get(id);
    if ((was !== block && !was?.eq(block)) || also.has(id)) change.changed.push({ id, json: blockToJson(block) });
    moved ||= index < base.childCount && idOf(base.child(index)) !== id;
    old.delete(id);
  });
  change.removed = [...old.keys()];
  return change.changed.length > 0 || change.removed.length > 0 || moved ? change : null;
}

export type ChangeState = "saved" | "waiting" | "sending" | "failed";

/**
 * Hands changes on, one at a time: while one is being kept, typing goes on, and everything typed meanwhile is the next one.
 * What was refused stays and is offered again, so a failure costs time and never a word.
 */
export class ChangeFlow {
  private base: Node;
  private pending: ReadonlySet<string>;
  private inFlight: Promise<boolean> | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private closed = false;

  constructor(
    doc: Node,
    repaired: readonly string[],
    private readonly now: () => Node,
    private readonly send: (change: Change) => Promise<void> | void,
    private readonly tell: (state: ChangeState) => void = () => undefined,
    private readonly delay = 150,
  ) {
    this.base = doc;
    this.pending = new Set(repaired);
  }

  /** Something changed in the document. */
  touched(): void {
    if (this.closed || this.timer !== undefined) return;
    if (this.inFlight) return;
    this.tell("waiting");
    this.timer = setTimeout(() => void this.run(), this.delay);
  }

  /** Resolves when everything written until now is kept (true), or was refused (false). */
  async flush(): Promise<boolean> {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.inFlight) await this.inFlight;
    return this.run();
  }

  /** Ids of the blocks that differ from what was last kept, deleted ones too. */
  dirty(): Set<string> {
    const change = changeBetween(this.base, this.now());
    return new Set([...(change?.changed.map(({ id }) => id) ?? []), ...(change?.removed ?? [])]);
  }

  /** The document was patched to `merged`: that is what is kept now. Blocks still unsaved here differ from it and go out next. */
  rebase(merged: Node): void {
    const here = new Map<string, Node>();
    this.now().forEach((block) => here.set(idOf(block), block));
    const blocks = merged.content.content.map((block) => {
      const open = here.get(idOf(block));
      return open?.eq(block) ? open : block;
    });
    this.base = merged.type.create(merged.attrs, blocks);
    if (changeBetween(this.base, this.now())) this.touched();
  }

  /** No more changes are handed on; the last ones are. */
  close(): Promise<boolean> {
    const last = this.flush();
    this.closed = true;
    return last;
  }

  private run(): Promise<boolean> {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.inFlight) return this.inFlight;
    const doc = this.now();
    const change = changeBetween(this.base, doc, this.base === doc ? new Set() : this.pending);
    if (!change) {
      this.tell("saved");
      return Promise.resolve(true);
    }
    const base = this.base;
    this.tell("sending");
    const work = async () => {
      try {
        await this.send(change);
        // A patch that came in meanwhile already stands on the newer state.
        if (this.base === base) this.base = doc;
        this.pending = new Set();
        this.failures = 0;
      } catch {
        this.failures += 1;
        return false;
      } finally {
        this.inFlight = null;
      }
      return true;
    };
    this.inFlight = work().then((kept) => {
      if (!kept) this.tell("failed");
      else if (changeBetween(this.base, this.now())) this.touched();
      else this.tell("saved");
      if (!kept && !this.closed) this.timer = setTimeout(() => void this.run(), Math.min(30_000, 1_000 * 2 ** (this.failures - 1)));
      return kept;
    });
    return this.inFlight;
  }
}
