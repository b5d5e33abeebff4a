import { Modal, Table } from "@mantine/core";
import { useStrings } from "../../strings";

export function ShortcutsDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const t = useStrings();
  const rows: [string, string[]][] = [
    [t.shell.shortcutPalette, ["Ctrl K"]],
    [t.shell.shortcutSections, ["Ctrl 1", "…", "Ctrl 7"]],
    [t.shell.shortcutFind, ["Ctrl F"]],
    [t.shell.shortcutNew, ["Ctrl N"]],
    [t.shell.shortcutRows, ["↑", "↓", "Home", "End"]],
    [t.shell.shortcutOpen, ["Enter"]],
    [t.shell.shortcutClose, ["Esc"]],
    [t.shell.shortcutSave, ["Ctrl Enter"]],
    [t.shell.shortcutUndo, ["Ctrl Z"]],
  ];
  return (
    <Modal opened={opened} onClose={onClose} title={t.shell.shortcuts} closeButtonProps={{ "aria-label": t.words.close }}>
      <Table>
        <Table.Tbody>
          {rows.map(([what, keys]) => (
            <Table.Tr key={what}>
              <Table.Td>{what}</Table.Td>
              <Table.Td ta="end">
                {keys.map((key) => (
                  <kbd key={key} style={{ marginInlineStart: 4 }}>
                    {key}
                  </kbd>
                ))}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
