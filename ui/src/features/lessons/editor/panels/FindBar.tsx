import type { Editor } from "@tiptap/core";
import { ActionIcon, Button, Checkbox, Group, TextInput, Tooltip } from "@mantine/core";
import { IconChevronDown, IconChevronUp, IconX } from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import type { EditorStrings } from "../../../../strings/editor";
import classes from "../editor.module.css";
import type { Host } from "../host";
import { findState, type Query, replaceAll, replaceOne, search, show, step } from "../plugins/find";
import { useEditorState } from "../useEditorState";

/** Ctrl+F and Ctrl+H: finds in the whole lesson; Enter goes on, Shift+Enter back, Esc returns to the text at the match. */
export function FindBar({ editor, host, t, asked, onClose }: { editor: Editor; host: Host; t: EditorStrings; asked: { replacing: boolean; time: number }; onClose: () => void }) {
  const chosen = () => {
    const { from, to, $from, $to } = editor.state.selection;
    return $from.sameParent($to) && to - from < 100 ? editor.state.doc.textBetween(from, to, " ") : "";
  };
  const [query, setQuery] = useState<Query>(() => ({ text: chosen(), matchCase: false, wholeWord: false }));
  const [replacement, setReplacement] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const { count, current } = useEditorState(editor, ({ state }) => ({ count: findState(state).matches.length, current: findState(state).current }));

  useEffect(() => {
    search(editor.state, editor.view.dispatch, query);
  }, [editor, query]);
  useEffect(
    () => () => {
      if (!editor.isDestroyed) search(editor.state, editor.view.dispatch, { text: "", matchCase: false, wholeWord: false });
    },
    [editor],
  );
  useEffect(() => {
    const words = chosen();
    if (words !== "") setQuery((old) => ({ ...old, text: words }));
    field.current?.focus();
    field.current?.select();
    // Asked again with Ctrl+F while it is open: what is chosen now is looked for.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [asked.time]);

  const go = (by: 1 | -1) => step(editor.state, editor.view.dispatch, by);
  const close = () => {
    onClose();
    editor.view.focus();
  };
  const keys = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === "Enter" && event.target === field.current) {
      event.preventDefault();
      go(event.shiftKey ? -1 : 1);
    } else if ((event.ctrlKey || event.metaKey) && (event.key === "f" || event.key === "h")) {
      event.preventDefault();
      event.stopPropagation();
      host.find(event.key === "h");
    } else if (event.key === "Enter" && event.target instanceof HTMLInputElement) event.preventDefault();
  };
  const one = () => {
    replaceOne(editor.state, editor.view.dispatch, replacement);
    show(editor.state, editor.view.dispatch, findState(editor.state).current);
  };
  const all = () => {
    const replaced = replaceAll(editor.state, editor.view.dispatch, replacement);
    host.tell(t.findBar.replaced(replaced, host.number(replaced)));
  };
  const told = query.text === "" ? "" : count === 0 ? t.findBar.none : t.findBar.count(host.number(current + 1), host.number(count));
  return (
    <div className={classes.find} role="search" aria-label={t.findBar.label} onKeyDown={keys} data-editor-box>
      <Group gap={6} wrap="wrap">
        <TextInput ref={field} size="xs" flex="1 1 150px" aria-label={t.findBar.find} placeholder={t.findBar.find} value={query.text} onChange={(event) => setQuery({ ...query, text: event.currentTarget.value })} dir="auto" />
        <span className={classes.findCount} role="status">
          {told}
        </span>
        <Nav label={t.findBar.previous} keys="Shift+Enter" disabled={count === 0} onClick={() => go(-1)} icon={<IconChevronUp size={16} aria-hidden />} />
        <Nav label={t.findBar.next} keys="Enter" disabled={count === 0} onClick={() => go(1)} icon={<IconChevronDown size={16} aria-hidden />} />
        <Nav label={t.findBar.close} keys="Esc" onClick={close} icon={<IconX size={16} aria-hidden />} />
      </Group>
      <Group gap={12} mt={6} wrap="wrap">
        {asked.replacing && editor.isEditable && (
          <Group gap={6} flex="1 1 260px" wrap="nowrap">
            <TextInput size="xs" flex={1} aria-label={t.findBar.replace} placeholder={t.findBar.replace} value={replacement} onChange={(event) => setReplacement(event.currentTarget.value)} dir="auto" />
            <Button size="compact-xs" variant="default" disabled={count === 0} onClick={one}>
              {t.findBar.one}
            </Button>
            <Button size="compact-xs" variant="default" disabled={count === 0} onClick={all}>
              {t.findBar.all}
            </Button>
          </Group>
        )}
        <Checkbox size="xs" label={t.findBar.case} checked={query.matchCase} onChange={(event) => setQuery({ ...query, matchCase: event.currentTarget.checked })} />
        <Checkbox size="xs" label={t.findBar.word} checked={query.wholeWord} onChange={(event) => setQuery({ ...query, wholeWord: event.currentTarget.checked })} />
      </Group>
    </div>
  );
}

function Nav({ label, keys, icon, disabled, onClick }: { label: string; keys: string; icon: React.ReactNode; disabled?: boolean; onClick: () => void }) {
  return (
    <Tooltip label={`${label} (${keys})`}>
      <ActionIcon size={26} aria-label={label} disabled={disabled} onClick={onClick}>
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}
