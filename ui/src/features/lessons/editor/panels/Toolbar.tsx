import type { Editor } from "@tiptap/core";
import { ActionIcon, Button, Menu, Tooltip } from "@mantine/core";
import {
  IconArrowBackUp, IconArrowForwardUp, IconArrowsDiagonal, IconArrowsDiagonalMinimize2, IconBold, IconCheckbox, IconChevronDown, IconClearFormatting, IconCode, IconDots, IconHighlight, IconItalic,
  IconLayoutSidebarRight, IconLink, IconList, IconListNumbers, IconPlus, IconSearch, IconStrikethrough, IconSubscript, IconSuperscript, IconUnderline,
} from "@tabler/icons-react";
import { redo, redoDepth, undo, undoDepth } from "@tiptap/pm/history";
import { type ComponentType, forwardRef, type KeyboardEvent, memo, type RefObject, useEffect, useMemo } from "react";
import type { EditorStrings } from "../../../../strings/editor";
import { inserts } from "../blocks";
import { clearMarks, setKind } from "../commands";
import classes from "../editor.module.css";
import type { Host } from "../host";
import { useEditorState } from "../useEditorState";

const marks = ["bold", "italic", "underline", "strike", "code", "highlight", "subscript", "superscript", "link"] as const;

/** A toolbar with one tab stop: arrows, Home and End move inside it, Esc goes back to the text. */
export const Toolbar = memo(function Toolbar({ editor, host, t, bar, side, wide, canAttach, onSide, onWide }: {
  editor: Editor;
  host: Host;
  t: EditorStrings;
  bar: RefObject<HTMLDivElement | null>;
  side: boolean;
  wide: boolean;
  canAttach: boolean;
  onSide: () => void;
  onWide: (() => void) | null;
}) {
  const state = useEditorState(editor, ({ state, isEditable }) => {
    const { $from } = state.selection;
    const lists: string[] = [];
    for (let depth = $from.depth; depth > 0; depth--) lists.push($from.node(depth).type.name);
    const list = lists.find((name) => name.endsWith("List")) ?? null;
    return {
      off: !isEditable,
      undo: undoDepth(state) > 0,
      redo: redoDepth(state) > 0,
      on: marks.filter((name) => editor.isActive(name)),
      kind: $from.parent.type.name,
      level: $from.parent.type.name === "heading" ? (($from.parent.attrs.level as number | undefined) ?? 1) : 0,
      list,
      plain: $from.parent.type.spec.code === true || !$from.parent.inlineContent,
    };
  });
  const all = useMemo(() => inserts(t, host).filter(({ needsFiles }) => canAttach || !needsFiles), [t, host, canAttach]);
  const back = (act: () => void) => () => {
    act();
    // Unless what was done opened a box and put the focus there.
    if (!document.activeElement?.closest("[data-editor-box]")) editor.view.focus();
  };
  // A menu lets the focus go only once it is gone; what opens a box must come after.
  const fromMenu = (act: () => void) => () => void setTimeout(back(act), 20);
  const mark = (name: (typeof marks)[number], icon: ComponentType<{ size?: number }>, keys: string) => (
    <Tool key={name} label={t[name]} keys={keys} icon={icon} pressed={state.on.includes(name)} disabled={state.off || state.plain} onClick={back(() => void editor.commands.toggleMark(name))} />
  );
  const moving = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      editor.view.focus();
      return;
    }
    const tools = [...event.currentTarget.querySelectorAll<HTMLButtonElement>("button[data-tool]:not(:disabled)")];
    const here = tools.indexOf(document.activeElement as HTMLButtonElement);
    const rtl = getComputedStyle(event.currentTarget).direction === "rtl";
    const to = { ArrowRight: here + (rtl ? -1 : 1), ArrowLeft: here + (rtl ? 1 : -1), Home: 0, End: tools.length - 1 }[event.key];
    if (to === undefined || here < 0) return;
    event.preventDefault();
    tools[(to + tools.length) % tools.length]?.focus();
  };
  // The stop must be a tool that can be used: undo cannot, before anything is written.
  useEffect(() => {
    const tools = [...(bar.current?.querySelectorAll<HTMLButtonElement>("button[data-tool]") ?? [])];
    if (tools.some((tool) => tool.tabIndex === 0 && !tool.disabled)) return;
    const first = tools.find((tool) => !tool.disabled);
    for (const tool of tools) tool.tabIndex = tool === first ? 0 : -1;
  });
  const kindName = state.kind === "heading" ? t.heading(state.level) : state.kind === "codeBlock" ? t.codeBlock : t.paragraph;
  return (
    // The tools take the focus, one of them at a time.
    // oxlint-disable-next-line jsx-a11y/interactive-supports-focus
    <div
      ref={bar}
      className={classes.toolbar}
      role="toolbar"
      aria-label={t.toolbar}
      onKeyDown={moving}
      // One stop for Tab: the tool used last, else the first.
      onFocus={(event) => {
        for (const tool of event.currentTarget.querySelectorAll<HTMLButtonElement>("button[data-tool]")) tool.tabIndex = tool === (event.target as Element) ? 0 : -1;
      }}
    >
      <div className={classes.tools}>
        <Tool first label={t.undo} keys="Ctrl+Z" icon={IconArrowBackUp} disabled={state.off || !state.undo} onClick={back(() => void undo(editor.state, editor.view.dispatch))} />
        <Tool label={t.redo} keys="Ctrl+Shift+Z" icon={IconArrowForwardUp} disabled={state.off || !state.redo} onClick={back(() => void redo(editor.state, editor.view.dispatch))} />
        <span className={classes.gap} />
        <Menu position="bottom-start" shadow="md" returnFocus={false} trapFocus withinPortal transitionProps={{ duration: 0 }}>
          <Menu.Target>
            <Button data-tool tabIndex={-1} className={classes.kind} variant="subtle" color="gray" size="compact-sm" disabled={state.off} rightSection={<IconChevronDown size={14} aria-hidden />} aria-label={`${t.kind}: ${kindName}`}>
              {kindName}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item rightSection={<kbd>Ctrl+Alt+0</kbd>} onClick={fromMenu(() => void setKind(editor, "paragraph"))}>
              {t.paragraph}
            </Menu.Item>
            {[1, 2, 3, 4, 5, 6].map((level) => (
              <Menu.Item key={level} rightSection={<kbd>Ctrl+Alt+{level}</kbd>} onClick={fromMenu(() => void setKind(editor, "heading", { level }))}>
                <span className={classes.headingItem} data-level={level}>
                  {t.heading(level)}
                </span>
              </Menu.Item>
            ))}
            <Menu.Item rightSection={<kbd>Ctrl+Alt+C</kbd>} onClick={fromMenu(() => void setKind(editor, "codeBlock"))}>
              {t.codeBlock}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
        <span className={classes.gap} />
        {mark("bold", IconBold, "Ctrl+B")}
        {mark("italic", IconItalic, "Ctrl+I")}
        {mark("code", IconCode, "Ctrl+E")}
        <Tool label={t.link} keys="Ctrl+K" icon={IconLink} pressed={state.on.includes("link")} disabled={state.off || state.plain} onClick={() => host.openBox("link")} />
        <Menu position="bottom-start" shadow="md" returnFocus={false} trapFocus withinPortal transitionProps={{ duration: 0 }}>
          <Menu.Target>
            <Tool label={t.more} icon={IconDots} disabled={state.off || state.plain} pressed={["underline", "strike", "highlight", "subscript", "superscript"].some((name) => (state.on as string[]).includes(name))} popup />
          </Menu.Target>
          <Menu.Dropdown>
            {(
              [
                ["underline", IconUnderline, "Ctrl+U"],
                ["strike", IconStrikethrough, "Ctrl+Shift+S"],
                ["highlight", IconHighlight, "Ctrl+Shift+H"],
                ["subscript", IconSubscript, "Ctrl+,"],
                ["superscript", IconSuperscript, "Ctrl+."],
              ] as const
            ).map(([name, Icon, keys]) => (
              <Menu.Item
                key={name}
                role="menuitemcheckbox"
                aria-checked={state.on.includes(name)}
                data-on={state.on.includes(name) || undefined}
                className={classes.markItem}
                leftSection={<Icon size={16} aria-hidden />}
                rightSection={<kbd>{keys}</kbd>}
                onClick={fromMenu(() => void editor.commands.toggleMark(name))}
              >
                {t[name]}
              </Menu.Item>
            ))}
            <Menu.Divider />
            <Menu.Item leftSection={<IconClearFormatting size={16} aria-hidden />} onClick={fromMenu(() => void clearMarks(editor))}>
              {t.clear}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
        <span className={classes.gap} />
        <Tool label={t.bulletList} keys="Ctrl+Shift+8" icon={IconList} pressed={state.list === "bulletList"} disabled={state.off} onClick={back(() => void editor.commands.toggleList("bulletList", "listItem"))} />
        <Tool label={t.orderedList} keys="Ctrl+Shift+7" icon={IconListNumbers} pressed={state.list === "orderedList"} disabled={state.off} onClick={back(() => void editor.commands.toggleList("orderedList", "listItem"))} />
        <Tool label={t.taskList} keys="Ctrl+Shift+9" icon={IconCheckbox} pressed={state.list === "taskList"} disabled={state.off} onClick={back(() => void editor.commands.toggleList("taskList", "taskItem"))} />
        <Menu position="bottom-start" shadow="md" returnFocus={false} trapFocus withinPortal transitionProps={{ duration: 0 }}>
          <Menu.Target>
            <Tool label={t.insert} icon={IconPlus} disabled={state.off} popup />
          </Menu.Target>
          <Menu.Dropdown className={classes.longMenu}>
            {all
              .filter(({ id }) => !/^(paragraph|heading|bulletList|orderedList|taskList)/.test(id))
              .map(({ id, name, icon: Icon, keys, run }) => (
                <Menu.Item key={id} leftSection={<Icon size={16} aria-hidden />} rightSection={keys && <kbd>{keys}</kbd>} onClick={fromMenu(() => run(editor))}>
                  {name}
                </Menu.Item>
              ))}
          </Menu.Dropdown>
        </Menu>
      </div>
      <div className={classes.tools}>
        <Tool label={t.find} keys="Ctrl+F" icon={IconSearch} onClick={() => host.find(false)} />
        <Tool label={t.side} icon={IconLayoutSidebarRight} pressed={side} onClick={onSide} />
        {onWide && <Tool label={wide ? t.narrow : t.widen} icon={wide ? IconArrowsDiagonalMinimize2 : IconArrowsDiagonal} onClick={onWide} />}
      </div>
    </div>
  );
});

type ToolProps = { label: string; keys?: string; icon: ComponentType<{ size?: number }>; pressed?: boolean; disabled?: boolean; first?: boolean; popup?: boolean; onClick?: () => void };

const Tool = forwardRef<HTMLButtonElement, ToolProps>(function Tool({ label, keys, icon: Icon, pressed, disabled, first, popup, ...rest }, ref) {
  return (
    <Tooltip label={keys ? `${label} (${keys})` : label} disabled={disabled}>
      <ActionIcon
        {...rest}
        ref={ref}
        data-tool
        tabIndex={first ? 0 : -1}
        className={classes.tool}
        size={30}
        disabled={disabled}
        aria-label={label}
        aria-pressed={popup ? undefined : pressed}
        data-on={pressed || undefined}
        aria-keyshortcuts={keys?.replace("Ctrl", "Control")}
        onMouseDown={(event) => event.preventDefault()}
      >
        <Icon size={17} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
});
