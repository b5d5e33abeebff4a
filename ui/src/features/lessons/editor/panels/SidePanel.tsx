import type { Editor } from "@tiptap/core";
import { ActionIcon, Tabs } from "@mantine/core";
import { IconCircleCheck, IconX } from "@tabler/icons-react";
import { NodeSelection, TextSelection } from "@tiptap/pm/state";
import type { EditorStrings } from "../../../../strings/editor";
import classes from "../editor.module.css";
import type { Hint, Insight } from "../insight";

/** Goes to a place of the text, chooses what is there and puts the focus into it. */
export function jump(editor: Editor, pos: number, size: number): void {
  const { doc, tr } = editor.state;
  if (pos >= doc.content.size) return;
  const node = doc.nodeAt(pos);
  const $pos = doc.resolve(pos);
  const selection =
    $pos.parent.inlineContent && !node?.type.isAtom
      ? TextSelection.create(doc, pos, Math.min(pos + size, $pos.end()))
      : node && (node.isAtom || !node.isTextblock) && NodeSelection.isSelectable(node) && node.isLeaf
        ? NodeSelection.create(doc, pos)
        : TextSelection.near(doc.resolve(pos + 1));
  editor.view.dispatch(tr.setSelection(selection));
  const dom = editor.view.nodeDOM(pos) ?? editor.view.domAtPos(pos + (node?.isText ? 0 : 1)).node;
  const element = dom instanceof HTMLElement ? dom : dom.parentElement;
  element?.scrollIntoView({ block: "center" });
  editor.view.focus();
}

export function SidePanel({ editor, t, insight, tab, onTab, onClose }: { editor: Editor; t: EditorStrings; insight: Insight; tab: "outline" | "hints"; onTab: (tab: "outline" | "hints") => void; onClose: () => void }) {
  const least = Math.min(...insight.outline.map(({ level }) => level));
  return (
    <aside className={classes.side} aria-label={t.side} onKeyDown={(event) => event.key === "Escape" && (event.preventDefault(), event.stopPropagation(), onClose(), editor.view.focus())}>
      <Tabs value={tab} onChange={(next) => next && onTab(next as "outline" | "hints")} classNames={{ root: classes.tabs, panel: classes.tabPanel }}>
        <Tabs.List>
          <Tabs.Tab value="outline">{t.sidePanel.outline}</Tabs.Tab>
          <Tabs.Tab value="hints">{`${t.sidePanel.hints}${insight.hints.length > 0 ? ` (${insight.hints.length})` : ""}`}</Tabs.Tab>
        </Tabs.List>
        <ActionIcon className={classes.sideClose} size={26} aria-label={t.sidePanel.close} onClick={() => (onClose(), editor.view.focus())}>
          <IconX size={16} aria-hidden />
        </ActionIcon>
        <Tabs.Panel value="outline">
          {insight.outline.length === 0 ? (
            <p className={classes.sideNone}>{t.sidePanel.noHeadings}</p>
          ) : (
            <ol className={classes.outline}>
              {insight.outline.map(({ id, level, text, pos }) => (
                <li key={id} style={{ paddingInlineStart: (level - least) * 14 }}>
                  <button type="button" onClick={() => jump(editor, pos, 0)} dir="auto" data-level={level - least}>
                    {text || t.sidePanel.untitled}
                  </button>
                </li>
              ))}
            </ol>
          )}
        </Tabs.Panel>
        <Tabs.Panel value="hints">
          {insight.hints.length === 0 ? (
            <p className={classes.sideNone}>
              <IconCircleCheck size={16} aria-hidden /> {t.sidePanel.noHints}
            </p>
          ) : (
            <ol className={classes.hints}>
              {insight.hints.slice(0, 200).map((hint) => (
                <li key={`${hint.kind}-${hint.pos}`}>
                  <HintButton hint={hint} t={t} onClick={() => jump(editor, hint.pos, hint.size)} />
                </li>
              ))}
            </ol>
          )}
        </Tabs.Panel>
      </Tabs>
    </aside>
  );
}

function HintButton({ hint, t, onClick }: { hint: Hint; t: EditorStrings; onClick: () => void }) {
  const { title, text } = t.hints[hint.kind];
  return (
    <button type="button" onClick={onClick}>
      <strong>{title}</strong>
      {hint.excerpt && <q dir="auto">{hint.excerpt}</q>}
      <span>{text}</span>
    </button>
  );
}
