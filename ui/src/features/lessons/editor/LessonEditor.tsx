import type { Editor } from "@tiptap/core";
import { VisuallyHidden } from "@mantine/core";
import { type Ref, useCallback, useEffect, useId, useImperativeHandle, useLayoutEffect, useMemo, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { ConfirmDialog } from "../../../components/ConfirmDialog";
import { makeFormat } from "../../../format";
import { languagePreference } from "../../../preferences";
import { useStore } from "../../../store";
import { useEditorStrings } from "../../../strings/editor";
import { createEditor } from "./create";
import { type Change, ChangeFlow, type ChangeState } from "./document/changes";
import { documentToJson } from "./document/json";
import { patchDocument } from "./document/patch";
import type { LessonDocument } from "./document/shape";
import "./text.css";
import classes from "./editor.module.css";
import type { Attach, Box, Host, Images } from "./host";
import { type Insight, insightSlowly, mathArrived, readingMinutes } from "./insight";
import { loadMath } from "./math";
import { BlockBox, isCard, targetOf } from "./panels/BlockBox";
import { FindBar } from "./panels/FindBar";
import { LinkBox } from "./panels/LinkBox";
import { jump, SidePanel } from "./panels/SidePanel";
import { SlashList } from "./panels/SlashList";
import { Toolbar } from "./panels/Toolbar";
import { addFiles } from "./plugins/uploads";
import { type KeptUndo, packUndo } from "./plugins/undoLog";
import { slashState } from "./plugins/slash";
import { linkAround } from "./commands";
import { useEditorState } from "./useEditorState";

export type LessonEditorHandle = {
  /** Resolves once everything written until now was kept (true) or refused (false). */
  flush: () => Promise<boolean>;
  /** Applies a merged document: the cursor stays, what is not kept yet is not overwritten, nothing of it can be undone. */
  patch: (next: LessonDocument) => Promise<void>;
  /** Resolves once what is needed for taking steps back is kept, if anything of it waits. */
  keepUndo: () => Promise<void>;
  document: () => LessonDocument;
  focus: () => void;
  /** Goes to a top-level block; false when it is gone. */
  show: (blockId: string) => boolean;
};

export type LessonEditorProps = {
  /** Read once. What comes later comes through `handle.patch`; another lesson is another editor (`key`). */
  document: LessonDocument;
  /** Keeps a change. One at a time: the next is offered when this one resolved; what it throws leaves the change waiting. */
  onChange?: (change: Change) => Promise<void> | void;
  /** What `onUndo` was given last, read once: taken only where it leads to `document`. */
  undo?: unknown;
  /** Keeps what is needed to take steps back after a restart; null: nothing. Told when typing rests, and at the end. */
  onUndo?: (undo: KeptUndo | null) => Promise<void> | void;
  /** Told at every step from typed to kept. */
  onState?: (state: ChangeState) => void;
  readOnly?: boolean;
  /** Where attached pictures can be shown from; must be an address the window's policy allows (`asset:`, `data:`). */
  images?: Images;
  /** Keeps a file's bytes. Without it, pictures and files are refused with words. */
  onAttach?: Attach;
  /** Bytes a file may have. */
  attachLimit?: number;
  openOutside: (url: string) => void;
  label?: string;
  handle?: Ref<LessonEditorHandle>;
};

/** Typing rests after so many milliseconds. */
const rest = 2_000;

const nothing: Insight = { words: 0, outline: [], hints: [] };

export function LessonEditor(props: LessonEditorProps) {
  const { readOnly = false, onAttach, images, attachLimit = 50_000_000, label } = props;
  const t = useEditorStrings();
  const language = useStore(languagePreference);
  const format = useMemo(() => makeFormat(language, "UTC"), [language]);
  const hint = useId();
  const surface = useRef<HTMLDivElement>(null);
  const bar = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const [editor, setEditor] = useState<Editor | null>(null);
  const [told, setTold] = useState<{ sentence: string; kind: "note" | "refusal"; time: number } | null>(null);
  const [box, setBox] = useState<{ box: Box; time: number } | null>(null);
  const [finding, setFinding] = useState<{ replacing: boolean; time: number } | null>(null);
  const [removal, setRemoval] = useState<{ run: () => void } | null>(null);
  const [side, setSide] = useState<"outline" | "hints" | null>(null);
  const [failed, setFailed] = useState(false);
  const [insight, setInsight] = useState<Insight>(nothing);
  const [wide, setWide] = useState(false);
  const flow = useRef<ChangeFlow | null>(null);
  const undoKeeping = useRef<(() => Promise<void>) | null>(null);
  const latest = useRef(props);
  latest.current = props;

  const host = useMemo<Host>(() => {
    let time = 0;
    let slashKey: Host["slashKey"] | null = null;
    return {
      strings: t,
      number: (value) => format.number(value),
      attach: null,
      images: null,
      limit: 0,
      openOutside: (url) => latest.current.openOutside(url),
      tell: (sentence, kind = "note") => setTold({ sentence, kind, time: ++time }),
      openBox: (which) => setBox({ box: which, time: ++time }),
      find: (replacing) => setFinding({ replacing, time: ++time }),
      focusToolbar: () => bar.current?.querySelector<HTMLButtonElement>("button[data-tool][tabindex='0']")?.focus(),
      pickFile: (kind) => {
        if (!input.current) return;
        input.current.accept = kind === "image" ? "image/png,image/jpeg,image/gif,image/webp,image/avif,image/svg+xml" : "";
        input.current.click();
      },
      slashKey: (event) => slashKey?.(event) ?? false,
      onSlashKey: (take) => {
        slashKey = take;
        return () => {
          if (slashKey === take) slashKey = null;
        };
      },
      confirmRemoval: (run) => setRemoval({ run }),
      redraw: new Set(),
    };
    // One for the life of the editor; what changes is written into it below.
    // oxlint-disable-next-line react/exhaustive-deps
  }, []);
  host.strings = t;
  host.number = (value) => format.number(value);
  host.attach = onAttach ?? null;
  host.images = images ?? null;
  host.limit = attachLimit;

  useLayoutEffect(() => {
    if (!surface.current) return undefined;
    const element = document.createElement("div");
    element.className = classes.mount ?? "";
    surface.current.prepend(element);
    const kept = latest.current.readOnly ? null : latest.current.undo;
    const tellUndo = async (undo: KeptUndo | null) => {
      try {
        await latest.current.onUndo?.(undo);
      } catch {
        // Only taking back after a restart is lost; the text has its own keeping.
      }
    };
    const { editor, repaired } = createEditor(element, latest.current.document, host, !latest.current.readOnly, hint, kept, () => void tellUndo(null));
    let { doc } = editor.state;
    const changes = new ChangeFlow(doc, repaired, () => doc, (change) => latest.current.onChange?.(change), (state) => {
      setFailed((old) => (state === "sending" || state === "waiting" ? old : state === "failed"));
      latest.current.onState?.(state);
    });
    flow.current = changes;
    let last = editor.state;
    let isKept = Boolean(kept);
    let waits = false;
    let resting: ReturnType<typeof setTimeout> | undefined;
    const keepUndo = async () => {
      clearTimeout(resting);
      if (!waits) return;
      waits = false;
      // It is taken again only where it leads to what is stored, so that goes first.
      if (!(await changes.flush())) {
        waits = true;
        return;
      }
      const undo = packUndo(last);
      if (undo || isKept) await tellUndo(undo);
      isKept = undo !== null;
    };
    undoKeeping.current = keepUndo;
    let stop = insightSlowly(doc, setInsight);
    let timer: ReturnType<typeof setTimeout> | undefined;
    editor.on("transaction", ({ transaction }) => {
      if (!transaction.docChanged) return;
      doc = editor.state.doc;
      last = editor.state;
      if (!transaction.getMeta("patch")) changes.touched();
      waits = true;
      clearTimeout(resting);
      resting = setTimeout(() => void keepUndo(), rest);
      clearTimeout(timer);
      stop();
      timer = setTimeout(() => (stop = insightSlowly(doc, setInsight)), 300);
    });
    let formulas = false;
    doc.descendants((node) => {
      formulas ||= node.type.name.startsWith("math");
      return !formulas;
    });
    if (formulas) void loadMath().then(() => (mathArrived(), (stop = insightSlowly(doc, setInsight))));
    setEditor(editor);
    return () => {
      void changes.close().then(keepUndo);
      clearTimeout(resting);
      clearTimeout(timer);
      stop();
      setEditor(null);
      editor.destroy();
      element.remove();
    };
  }, [host, hint]);

  useEffect(() => {
    if (!editor) return;
    if (editor.isEditable === readOnly) editor.setEditable(!readOnly, false);
    editor.view.dom.setAttribute("aria-readonly", String(readOnly));
    editor.view.dom.setAttribute("aria-label", label ?? t.text);
    for (const redraw of host.redraw) redraw();
    editor.view.dispatch(editor.state.tr.setMeta("addToHistory", false));
  }, [editor, readOnly, t, label, host]);

  useImperativeHandle(
    props.handle,
    () => ({
      flush: async () => (await flow.current?.flush()) ?? true,
      patch: async (next) => {
        // Never into the middle of a word being composed (Chinese, Japanese, dead keys): it would be torn.
        while (editor?.view.composing) await new Promise((done) => editor.view.dom.addEventListener("compositionend", () => setTimeout(done, 50), { once: true }));
        if (!editor || editor.isDestroyed || !flow.current) return;
        flow.current.rebase(patchDocument(editor, next, flow.current.dirty()));
      },
      keepUndo: async () => undoKeeping.current?.(),
      document: () => (editor ? documentToJson(editor.state.doc) : latest.current.document),
      focus: () => editor?.view.focus(),
      show: (id) => {
        let found: number | null = null;
        editor?.state.doc.forEach((block, pos) => {
          if (block.attrs.id === id) found = pos;
        });
        if (!editor || found === null) return false;
        jump(editor, found, 0);
        return true;
      },
    }),
    [editor],
  );

  useEffect(() => {
    if (!told) return undefined;
    const timer = setTimeout(() => setTold(null), told.kind === "refusal" ? 12_000 : 5_000);
    return () => clearTimeout(timer);
  }, [told]);

  const widen = useCallback(
    (next: boolean) => {
      setWide(next);
      if (next) setSide((old) => old ?? "outline");
      setTimeout(() => editor?.view.focus(), 0);
    },
    [editor],
  );

  const toggleSide = useCallback(() => setSide((old) => (old ? null : "outline")), []);
  const toggleWide = useCallback(() => widen(!wide), [widen, wide]);

  const body = (
    // Keys of the text and its tools, before the window sees them.
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      className={classes.editor}
      data-editor
      data-wide={wide || undefined}
      data-read-only={readOnly || undefined}
      {...(wide && { role: "dialog", "aria-modal": true, "aria-label": label ?? t.text })}
      onKeyDown={(event) => {
        // A key the text took is not the window's too (Ctrl+K, Ctrl+F, Ctrl+Z).
        if (event.defaultPrevented && event.key !== "s") event.stopPropagation();
        else if (event.key === "Escape" && wide && !event.defaultPrevented) {
          event.preventDefault();
          event.stopPropagation();
          widen(false);
        }
      }}
    >
      <div className={classes.head} data-head>
        {editor && <Toolbar editor={editor} host={host} t={t} bar={bar} side={side !== null} wide={wide} canAttach={onAttach !== undefined} onSide={toggleSide} onWide={toggleWide} />}
        {editor && finding && <FindBar editor={editor} host={host} t={t} asked={finding} onClose={() => setFinding(null)} />}
      </div>
      <div className={classes.middle}>
        {/* A click below the text goes on writing; by keyboard ↓ does. */}
        {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions */}
        <div
          ref={surface}
          className={classes.surface}
          onMouseDown={(event) => {
            if (!editor || event.target !== event.currentTarget || readOnly) return;
            event.preventDefault();
            continueBelow(editor);
          }}
        >
          {editor && <Beside editor={editor} host={host} t={t} surface={surface} asked={box} canAttach={onAttach !== undefined} onDone={() => setBox(null)} />}
        </div>
        {editor && side && <SidePanel editor={editor} t={t} insight={insight} tab={side} onTab={setSide} onClose={() => setSide(null)} />}
      </div>
      <div className={classes.status}>
        <span className={classes.told} role="status" data-kind={told?.kind}>
          {told?.sentence ?? (readOnly ? t.readOnly : failed ? t.status.failed : "")}
        </span>
        <span className="tabular">
          {t.status.words(insight.words, format.number(insight.words))} · {t.status.reading(readingMinutes(insight.words))}
        </span>
        {insight.hints.length > 0 && !readOnly && (
          <button type="button" className={classes.hintCount} onClick={() => setSide("hints")}>
            {t.status.hints(insight.hints.length, format.number(insight.hints.length))}
          </button>
        )}
      </div>
      <VisuallyHidden id={hint}>{t.keysHint}</VisuallyHidden>
      <input
        ref={input}
        type="file"
        hidden
        multiple
        tabIndex={-1}
        aria-hidden
        onChange={(event) => {
          const files = [...(event.currentTarget.files ?? [])];
          event.currentTarget.value = "";
          if (!editor) return;
          editor.view.focus();
          addFiles(editor, host, files);
        }}
      />
      <ConfirmDialog
        opened={removal !== null}
        title={t.newer.confirm}
        confirm={t.newer.yes}
        cancel={t.newer.keep}
        danger
        pending={false}
        failure={null}
        effect={t.newer.confirmText}
        onConfirm={() => {
          removal?.run();
          setRemoval(null);
          editor?.view.focus();
        }}
        onClose={() => setRemoval(null)}
      />
    </div>
  );
  return <Movable wide={wide}>{body}</Movable>;
}

/** Writing goes on below the last block, whatever that is. */
function continueBelow(editor: Editor): void {
  const { doc, schema, tr } = editor.state;
  if (doc.lastChild?.type.name !== "paragraph") tr.insert(doc.content.size, schema.node("paragraph"));
  editor.view.dispatch(tr);
  editor.commands.focus("end");
}

/** The boxes beside the text: blocks after "/", the link and the block at the cursor. */
function Beside({ editor, host, t, surface, asked, canAttach, onDone }: { editor: Editor; host: Host; t: ReturnType<typeof useEditorStrings>; surface: React.RefObject<HTMLDivElement | null>; asked: { box: Box; time: number } | null; canAttach: boolean; onDone: () => void }) {
  const now = useEditorState(editor, (editor) => ({
    slash: editor.isFocused ? slashState(editor.state) : null,
    target: targetOf(editor),
    attrs: targetOf(editor) && editor.state.doc.nodeAt(targetOf(editor)!.pos)?.attrs,
    link: linkAround(editor.state, editor.state.selection.from),
    focused: editor.isFocused,
    editable: editor.isEditable,
  }));
  const [inBox, setInBox] = useState(false);
  const [dismissed, setDismissed] = useState<string | null>(null);
  const key = JSON.stringify([now.target?.pos, now.target?.type, now.link?.from]);
  useEffect(() => {
    const look = () => setInBox(Boolean(document.activeElement?.closest("[data-editor-box]")) || document.activeElement?.closest("[data-portal]") !== null);
    look();
    document.addEventListener("focusin", look);
    return () => document.removeEventListener("focusin", look);
  }, []);
  useEffect(() => {
    if (asked) setDismissed(null);
  }, [asked]);
  // Asked for at one place; somewhere else it is another question.
  const place = useRef(key);
  useEffect(() => {
    if (place.current !== key && asked === null) setDismissed(null);
    place.current = key;
  }, [key, asked]);
  // Back in the text after its box was entered, what was asked for is over.
  const entered = useRef(0);
  useEffect(() => {
    if (inBox && asked) entered.current = asked.time;
    if (now.focused && !inBox && asked && entered.current === asked.time) onDone();
  }, [now.focused, inBox, asked, onDone]);
  const close = () => {
    setDismissed(key);
    onDone();
  };
  const live = now.focused || inBox || asked !== null;
  // On its way from the text into a box the focus is nowhere for a moment; the box must still be there when it arrives.
  const [alive, setAlive] = useState(live);
  useEffect(() => {
    const timer = setTimeout(() => setAlive(live), live ? 0 : 120);
    return () => clearTimeout(timer);
  }, [live]);
  if (now.slash && now.editable) return <SlashList editor={editor} host={host} t={t} surface={surface} slash={now.slash} canAttach={canAttach} />;
  if ((!alive && !live) || dismissed === key) return null;
  if (asked?.box === "link" || (now.link && !now.target)) return <LinkBox key={`link-${asked?.time ?? ""}`} editor={editor} host={host} t={t} surface={surface} editing={asked?.box === "link" && now.editable} onEdit={() => host.openBox("link")} onClose={close} />;
  if (now.target && now.editable) {
    const focus = asked?.box === "block" && isCard(now.target);
    return <BlockBox key={`${now.target.type}-${now.target.pos}-${focus ? asked?.time : ""}`} editor={editor} host={host} t={t} surface={surface} target={now.target} focus={asked?.box === "block"} onClose={close} />;
  }
  return null;
}

/** Moves its content between its place and the whole window without building it anew, so cursor and undo stay. */
function Movable({ wide, children }: { wide: boolean; children: React.ReactNode }) {
  const slot = useRef<HTMLDivElement>(null);
  const [holder] = useState(() => {
    const made = document.createElement("div");
    made.className = classes.holder ?? "";
    return made;
  });
  useLayoutEffect(() => {
    const root = document.getElementById("root");
    if (wide) {
      document.body.append(holder);
      if (root) root.inert = true;
    } else slot.current?.append(holder);
    return () => {
      if (root) root.inert = false;
    };
  }, [wide, holder]);
  useLayoutEffect(() => () => holder.remove(), [holder]);
  return <div ref={slot}>{createPortal(children, holder)}</div>;
}
