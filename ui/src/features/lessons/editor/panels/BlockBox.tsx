import type { Editor } from "@tiptap/core";
import type { Node } from "@tiptap/pm/model";
import { NodeSelection } from "@tiptap/pm/state";
import { ActionIcon, Button, Checkbox, Group, NumberInput, Select, Stack, Textarea, TextInput, Tooltip } from "@mantine/core";
import { IconCopy, IconTrash } from "@tabler/icons-react";
import { type RefObject, useEffect, useState } from "react";
import type { EditorStrings } from "../../../../strings/editor";
import { languageOf, languages } from "../code";
import { deleteBlock, setAttrs, unwrapAt } from "../commands";
import { calloutKinds } from "../document/shape";
import type { Host } from "../host";
import { loadMath, mathProblem } from "../math";
import { Floating } from "./Floating";
import { TableTools } from "./TableTools";

export type Target = { type: string; pos: number };

/** The block whose properties can be changed at the selection: the chosen card, else the innermost code, callout or table. */
export function targetOf({ state }: Editor): Target | null {
  const { selection } = state;
  if (selection instanceof NodeSelection) {
    const { name } = selection.node.type;
    return /^(image|video|attachment|mathBlock|mathInline)$/.test(name) ? { type: name, pos: selection.from } : null;
  }
  const { $from } = selection;
  for (let depth = $from.depth; depth > 0; depth--) {
    const { name } = $from.node(depth).type;
    if (name === "codeBlock" || name === "callout" || name === "table") return { type: name, pos: $from.before(depth) };
  }
  return null;
}

export const isCard = ({ type }: Target) => !/^(codeBlock|callout|table)$/.test(type);

export function BlockBox({ editor, host, t, surface, target, focus, onClose }: { editor: Editor; host: Host; t: EditorStrings; surface: RefObject<HTMLDivElement | null>; target: Target; focus: boolean; onClose: () => void }) {
  const node = editor.state.doc.nodeAt(target.pos);
  if (!node || node.type.name !== target.type) return null;
  const at = () => {
    const dom = editor.view.nodeDOM(target.pos);
    if (!(dom instanceof HTMLElement)) return null;
    return (dom.querySelector("table") ?? dom).getBoundingClientRect();
  };
  const toText = () => {
    onClose();
    editor.view.focus();
  };
  const set = (attrs: Record<string, unknown>) => setAttrs(editor, target.pos, attrs);
  const parts = { editor, host, t, node, set, focus, pos: target.pos, done: toText };
  const label = { image: t.imageBox.title, video: t.videoBox.title, attachment: t.fileBox.title, mathBlock: t.mathBox.title, mathInline: t.mathBox.title, codeBlock: t.codeBlock, callout: t.callout, table: t.tableBox.title }[target.type] ?? "";
  return (
    <Floating editor={editor} surface={surface} at={at} side={isCard(target) ? "below" : "above"} label={label} onEscape={toText}>
      {target.type === "image" && <ImageFields {...parts} />}
      {target.type === "video" && <VideoFields {...parts} />}
      {target.type === "attachment" && <FileFields {...parts} />}
      {(target.type === "mathBlock" || target.type === "mathInline") && <MathFields {...parts} />}
      {target.type === "codeBlock" && <CodeTools {...parts} />}
      {target.type === "callout" && <CalloutTools {...parts} />}
      {target.type === "table" && <TableTools {...parts} />}
    </Floating>
  );
}

export type Parts = { editor: Editor; host: Host; t: EditorStrings; node: Node; set: (attrs: Record<string, unknown>) => void; focus: boolean; pos: number; done: () => void };
const text = (node: Node, name: string) => (typeof node.attrs[name] === "string" ? (node.attrs[name] as string) : "");

/** A field that writes into the block when it is left, when Enter is pressed and when its box goes away: one undo step, not one per letter. */
function useDraft(value: string, keep: (next: string) => void) {
  const [draft, setDraft] = useState(value);
  const [seen, setSeen] = useState(value);
  if (seen !== value) {
    setSeen(value);
    setDraft(value);
  }
  const write = () => {
    if (draft !== value) keep(draft);
  };
  return { value: draft, onChange: (event: { currentTarget: { value: string } }) => setDraft(event.currentTarget.value), onBlur: write, write };
}

function Remove({ editor, t, pos }: Pick<Parts, "editor" | "t" | "pos">) {
  return (
    <Tooltip label={t.blockMenu.remove}>
      <ActionIcon aria-label={t.blockMenu.remove} onClick={() => (deleteBlock(editor, pos), editor.view.focus())}>
        <IconTrash size={16} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}

function ImageFields({ editor, t, node, set, focus, pos, done }: Parts) {
  const alt = useDraft(text(node, "alt"), (next) => set({ alt: next }));
  const caption = useDraft(text(node, "title"), (next) => set({ title: next || undefined }));
  const decorative = node.attrs.alt === "";
  const enter = (field: { write: () => void }) => (event: React.KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    field.write();
    done();
  };
  return (
    <Stack gap="xs" p="xs" w={340}>
      <Textarea label={t.imageBox.alt} description={t.imageBox.altHint} autosize minRows={1} maxRows={4} disabled={decorative} value={alt.value} onChange={alt.onChange} onBlur={alt.onBlur} onKeyDown={enter(alt)} autoFocus={focus} dir="auto" />
      <Checkbox size="xs" label={t.imageBox.decorative} checked={decorative} disabled={text(node, "alt") !== ""} onChange={(event) => set({ alt: event.currentTarget.checked ? "" : undefined })} />
      <Group gap="xs" align="flex-end" wrap="nowrap">
        <TextInput label={t.imageBox.caption} flex={1} value={caption.value} onChange={caption.onChange} onBlur={caption.onBlur} onKeyDown={enter(caption)} dir="auto" />
        <NumberInput label={t.imageBox.width} w={110} min={16} max={4000} value={(node.attrs.width as number | undefined) ?? ""} onChange={(next) => set({ width: typeof next === "number" && next >= 16 ? Math.round(next) : undefined })} />
        <Remove editor={editor} t={t} pos={pos} />
      </Group>
    </Stack>
  );
}

function VideoFields({ editor, host, t, node, set, focus, pos, done }: Parts) {
  const url = useDraft(text(node, "url"), (next) => set({ url: next.trim() }));
  const title = useDraft(text(node, "title"), (next) => set({ title: next.trim() || undefined }));
  const good = /^https?:\/\/[^\s/]+/i.test(url.value.trim());
  const enter = (event: React.KeyboardEvent) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    set({ url: url.value.trim(), title: title.value.trim() || undefined });
    done();
  };
  return (
    <Stack gap="xs" p="xs" w={340} onKeyDown={enter}>
      <TextInput label={t.videoBox.url} placeholder="https://" inputMode="url" dir="ltr" value={url.value} onChange={url.onChange} onBlur={url.onBlur} error={url.value !== "" && !good ? t.videoBox.wrong : null} autoFocus={focus} />
      <Group gap="xs" align="flex-end" wrap="nowrap">
        <TextInput label={t.videoBox.name} flex={1} value={title.value} onChange={title.onChange} onBlur={title.onBlur} dir="auto" />
        <Button variant="default" disabled={!good} onClick={() => host.openOutside(url.value.trim())}>
          {t.videoBox.open}
        </Button>
        <Remove editor={editor} t={t} pos={pos} />
      </Group>
    </Stack>
  );
}

function FileFields({ editor, t, node, set, focus, pos, done }: Parts) {
  const name = useDraft(text(node, "name"), (next) => set({ name: next.trim() }));
  return (
    <Group gap="xs" p="xs" w={320} align="flex-end" wrap="nowrap">
      <TextInput label={t.fileBox.name} flex={1} value={name.value} onChange={name.onChange} onBlur={name.onBlur} autoFocus={focus} dir="auto" onKeyDown={(event) => event.key === "Enter" && (event.preventDefault(), name.write(), done())} />
      <Remove editor={editor} t={t} pos={pos} />
    </Group>
  );
}

function MathFields({ editor, t, node, set, focus, pos, done }: Parts) {
  const latex = useDraft(text(node, "latex"), (next) => set({ latex: next }));
  const [, ready] = useState(false);
  useEffect(() => void loadMath().then(() => ready(true)), []);
  const problem = mathProblem(latex.value);
  const block = node.type.name === "mathBlock";
  return (
    <Stack gap={6} p="xs" w={360}>
      <Textarea
        label={t.mathBox.latex}
        description={t.mathBox.hint}
        autosize
        minRows={block ? 2 : 1}
        maxRows={8}
        dir="ltr"
        spellCheck={false}
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
        value={latex.value}
        onChange={latex.onChange}
        onBlur={latex.onBlur}
        autoFocus={focus}
        error={problem === null ? null : t.mathBox.wrong(problem)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey) return;
          event.preventDefault();
          latex.write();
          done();
        }}
      />
      <Group justify="flex-end">
        <Remove editor={editor} t={t} pos={pos} />
      </Group>
    </Stack>
  );
}

function CodeTools({ host, t, node, set, focus }: Parts) {
  const now = text(node, "language");
  const known = languageOf(now);
  const data = [{ value: "", label: t.codeBox.plain }, ...(now !== "" && !known ? [{ value: now, label: now }] : []), ...languages.map(({ id, name }) => ({ value: known?.id === id ? now : id, label: name }))];
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(node.textContent);
      host.tell(t.codeBox.copied);
    } catch {
      // No clipboard here: Ctrl+C in the block still copies.
    }
  };
  return (
    <Group gap={4} p={4} wrap="nowrap">
      <Select aria-label={t.codeBox.language} size="xs" w={150} searchable autoFocus={focus} data={data} value={now} onChange={(next) => set({ language: next || null })} maxDropdownHeight={280} comboboxProps={{ withinPortal: true }} />
      <Tooltip label={t.codeBox.copy}>
        <ActionIcon aria-label={t.codeBox.copy} onClick={() => void copy()}>
          <IconCopy size={16} aria-hidden />
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}

function CalloutTools({ editor, t, node, set, focus, pos }: Parts) {
  return (
    <Group gap={4} p={4} wrap="nowrap">
      <Select aria-label={t.calloutBox.kind} size="xs" w={130} autoFocus={focus} data={calloutKinds.map((kind) => ({ value: kind, label: t.calloutKind[kind] }))} value={text(node, "kind") || "note"} onChange={(next) => next && set({ kind: next })} />
      <Button size="xs" variant="subtle" color="gray" onClick={() => (unwrapAt(editor, pos), editor.view.focus())}>
        {t.calloutBox.remove}
      </Button>
    </Group>
  );
}

