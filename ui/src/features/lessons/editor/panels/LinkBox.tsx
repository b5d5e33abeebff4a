import type { Editor } from "@tiptap/core";
import { ActionIcon, Button, Group, Stack, TextInput, Tooltip } from "@mantine/core";
import { IconExternalLink, IconLinkOff, IconPencil } from "@tabler/icons-react";
import { type KeyboardEvent, type RefObject, useState } from "react";
import type { EditorStrings } from "../../../../strings/editor";
import { linkAround, removeLink, setLink } from "../commands";
import { completedHref, safeHref } from "../document/shape";
import classes from "../editor.module.css";
import type { Host } from "../host";
import { Floating } from "./Floating";

/** Shows where the link at the cursor leads; `editing` asks for a new or other address. */
export function LinkBox({ editor, host, t, surface, editing, onEdit, onClose }: { editor: Editor; host: Host; t: EditorStrings; surface: RefObject<HTMLDivElement | null>; editing: boolean; onEdit: () => void; onClose: () => void }) {
  const { selection } = editor.state;
  const link = linkAround(editor.state, selection.from);
  const range: { from: number; to: number } = link ?? { from: selection.from, to: selection.$from.sameParent(selection.$to) ? selection.to : selection.from };
  const at = () => {
    const [from, to] = [editor.view.coordsAtPos(range.from), editor.view.coordsAtPos(range.to)];
    return { top: from.top, bottom: to.bottom, left: Math.min(from.left, to.left), right: Math.max(from.right, to.right) };
  };
  const toText = () => {
    onClose();
    editor.view.focus();
  };
  if (!editing && !link) return null;
  return (
    <Floating editor={editor} surface={surface} at={at} side="below" label={t.linkBox.title} onEscape={toText}>
      {editing ? (
        <LinkForm key={`${range.from}`} editor={editor} t={t} range={range} href={link?.href ?? ""} title={link?.title ?? ""} onDone={toText} />
      ) : (
        <Group gap={4} wrap="nowrap" className={classes.linkPeek}>
          <span className={classes.linkHref} dir="ltr">
            {link?.href}
          </span>
          {safeHref(link?.href) && <Peek label={t.linkBox.open} icon={<IconExternalLink size={16} />} onClick={() => host.openOutside(link?.href ?? "")} />}
          {editor.isEditable && <Peek label={t.linkBox.edit} icon={<IconPencil size={16} />} onClick={onEdit} />}
          {editor.isEditable && link && <Peek label={t.linkBox.remove} icon={<IconLinkOff size={16} />} onClick={() => (removeLink(editor, link), toText())} />}
        </Group>
      )}
    </Floating>
  );
}

function Peek({ label, icon, onClick }: { label: string; icon: React.ReactNode; onClick: () => void }) {
  return (
    <Tooltip label={label}>
      <ActionIcon aria-label={label} size={28} onMouseDown={(event) => event.preventDefault()} onClick={onClick}>
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}

function LinkForm({ editor, t, range, href, title, onDone }: { editor: Editor; t: EditorStrings; range: { from: number; to: number }; href: string; title: string; onDone: () => void }) {
  const before = editor.state.doc.textBetween(range.from, range.to, " ");
  const [address, setAddress] = useState(href || (completedHref(before) ?? ""));
  const [text, setText] = useState(before);
  const [name, setName] = useState(title);
  const [tried, setTried] = useState(false);
  // Words with pictures or formulas among them keep them: only their address can be changed here.
  const plain = editor.state.doc.textBetween(range.from, range.to, "", "\ufffc").includes("\ufffc") === false;
  const good = completedHref(address);
  const apply = () => {
    setTried(true);
    if (!good) return;
    setLink(editor, range, good, name.trim(), plain && text !== before ? text : plain && before === "" ? address : undefined);
    onDone();
  };
  const enter = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    apply();
  };
  return (
    <Stack gap="xs" p="xs" w={300} onKeyDown={enter}>
      <TextInput label={t.linkBox.address} placeholder={t.linkBox.placeholder} value={address} onChange={(event) => setAddress(event.currentTarget.value)} error={tried && !good ? t.linkBox.wrong : null} inputMode="url" dir="ltr" data-autofocus autoFocus />
      {plain && <TextInput label={t.linkBox.text} value={text} onChange={(event) => setText(event.currentTarget.value)} dir="auto" />}
      <TextInput label={t.linkBox.name} value={name} onChange={(event) => setName(event.currentTarget.value)} dir="auto" />
      <Group gap="xs" justify="flex-end">
        {href !== "" && (
          <Button size="xs" variant="subtle" color="gray" onClick={() => (removeLink(editor, range), onDone())}>
            {t.linkBox.remove}
          </Button>
        )}
        <Button size="xs" onClick={apply}>
          {t.linkBox.apply}
        </Button>
      </Group>
    </Stack>
  );
}
