import { ActionIcon, Group, Menu, Tooltip } from "@mantine/core";
import {
  IconAlignCenter, IconAlignLeft, IconAlignRight, IconColumnInsertLeft, IconColumnInsertRight, IconColumnRemove, IconDots, IconRowInsertBottom, IconRowInsertTop, IconRowRemove, IconTableRow, IconTrash,
} from "@tabler/icons-react";
import type { Command } from "@tiptap/pm/state";
import { addColumnAfter, addColumnBefore, addRowAfter, addRowBefore, deleteColumn, deleteRow, deleteTable, mergeCells, setCellAttr, splitCell, toggleHeaderColumn, toggleHeaderRow } from "@tiptap/pm/tables";
import type { ComponentType } from "react";
import { useEditorState } from "../useEditorState";
import type { Parts } from "./BlockBox";

export function TableTools({ editor, t, node }: Parts) {
  const able = useEditorState(editor, ({ state }) => ({ merge: mergeCells(state), split: splitCell(state) }));
  const run = (command: Command) => () => {
    command(editor.state, editor.view.dispatch);
    editor.view.focus();
  };
  // A menu lets the focus go only once it is gone.
  const fromMenu = (command: Command) => () => void setTimeout(run(command), 20);
  const tool = (label: string, Icon: ComponentType<{ size?: number }>, command: Command) => (
    <Tooltip key={label} label={label}>
      <ActionIcon aria-label={label} size={28} onMouseDown={(event) => event.preventDefault()} onClick={run(command)}>
        <Icon size={16} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
  let columns = 0;
  node.firstChild?.forEach((cell) => (columns += (cell.attrs.colspan as number | undefined) ?? 1));
  const box = t.tableBox;
  return (
    <Group gap={0} p={3} wrap="nowrap" aria-description={box.size(node.childCount, columns)}>
      {tool(box.rowBefore, IconRowInsertTop, addRowBefore)}
      {tool(box.rowAfter, IconRowInsertBottom, addRowAfter)}
      {tool(box.deleteRow, IconRowRemove, (state, dispatch) => (node.childCount > 1 ? deleteRow(state, dispatch) : deleteTable(state, dispatch)))}
      {tool(box.columnBefore, IconColumnInsertLeft, addColumnBefore)}
      {tool(box.columnAfter, IconColumnInsertRight, addColumnAfter)}
      {tool(box.deleteColumn, IconColumnRemove, (state, dispatch) => (columns > 1 ? deleteColumn(state, dispatch) : deleteTable(state, dispatch)))}
      {tool(box.header, IconTableRow, toggleHeaderRow)}
      <Menu position="bottom-end" shadow="md" withinPortal returnFocus={false} transitionProps={{ duration: 0 }}>
        <Menu.Target>
          <ActionIcon aria-label={t.more} size={28}>
            <IconDots size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={fromMenu(toggleHeaderColumn)}>{box.headerColumn}</Menu.Item>
          <Menu.Item disabled={!able.merge} onClick={fromMenu(mergeCells)}>
            {box.merge}
          </Menu.Item>
          <Menu.Item disabled={!able.split} onClick={fromMenu(splitCell)}>
            {box.split}
          </Menu.Item>
          <Menu.Divider />
          {(
            [
              ["left", IconAlignLeft],
              ["center", IconAlignCenter],
              ["right", IconAlignRight],
            ] as const
          ).map(([align, Icon]) => (
            <Menu.Item key={align} leftSection={<Icon size={16} aria-hidden />} onClick={fromMenu(setCellAttr("align", align))}>
              {box.align[align]}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item leftSection={<IconTrash size={16} aria-hidden />} onClick={fromMenu(deleteTable)}>
            {box.remove}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}
