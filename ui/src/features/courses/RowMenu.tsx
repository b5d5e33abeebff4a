import { ActionIcon, Menu } from "@mantine/core";
import {
  IconArchive, IconArchiveOff, IconArrowDown, IconArrowLeft, IconArrowRight, IconArrowUp, IconCopy, IconDots, IconExternalLink, IconEyeOff, IconFilePlus, IconFolderSymlink, IconListCheck, IconPencil, IconRotate2, IconWorldUpload,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useStrings } from "../../strings";
import type { ContentEdits, TreeAct } from "./ContentTree";
import { type Direction, entryOf, type Row, stepTarget, titleOf } from "./tree";
import classes from "./tree.module.css";

/** Everything that can be done with one row, with its key. */
export function RowMenu({ row, edits, onAct, onClose }: { row: Row; edits: ContentEdits; onAct: (what: TreeAct) => void; onClose: () => void }) {
  const t = useStrings();
  const words = t.courses.tree;
  const { publishedAt, archivedAt, state } = entryOf(row);
  const places = row.kind === "subCourse" ? [] : edits.shown.subCourses.filter((each) => each.archivedAt === null && each.id !== row.parent?.id);
  const item = (icon: ReactNode, label: string, what: TreeAct, key?: string, disabled?: boolean) => (
    <Menu.Item leftSection={icon} rightSection={key && <kbd aria-hidden>{key}</kbd>} disabled={disabled} aria-keyshortcuts={key?.replace("↑", "ArrowUp").replace("↓", "ArrowDown").replace("←", "ArrowLeft").replace("→", "ArrowRight").replaceAll(" ", "+")} onClick={() => onAct(what)}>
      {label}
    </Menu.Item>
  );
  const move = (direction: Direction, icon: ReactNode, label: string, key: string) => item(icon, label, { do: "move", direction }, key, stepTarget(edits.shown, row.id, direction) === null);
  const size = { size: 16, "aria-hidden": true } as const;
  return (
    <Menu opened onClose={onClose} position="bottom-end" width={310} withinPortal returnFocus={false} trapFocus>
      <Menu.Target>
        <ActionIcon size={26} tabIndex={-1} aria-label={words.actionsFor(titleOf(row))} className={classes.opened} onClick={onClose}>
          <IconDots size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown onKeyDown={(event) => event.stopPropagation()}>
        {row.kind !== "subCourse" && item(<IconExternalLink {...size} />, words.open, { do: "open" }, "Enter")}
        {row.archived ? (
          archivedAt !== null && item(<IconArchiveOff {...size} />, words.restore, { do: "restore" })
        ) : (
          <>
            {item(<IconPencil {...size} />, words.rename, { do: "rename" }, "F2")}
            {state === "refused" && edits.takeBack && item(<IconRotate2 {...size} />, words.takeBack, { do: "takeBack" })}
            {edits.copy && item(<IconCopy {...size} />, words.copy, { do: "copy" })}
            {edits.mayPublish(row) && (publishedAt !== null
              ? item(<IconEyeOff {...size} />, words.unpublish, { do: "unpublish" })
              : item(<IconWorldUpload {...size} />, words.publish, { do: "publish" }))}
            {item(<IconFilePlus {...size} />, row.kind === "subCourse" ? words.addLessonHere : words.addLessonBelow, { do: "add", what: "lesson" }, "Insert")}
            {edits.kinds.includes("quiz") && item(<IconListCheck {...size} />, row.kind === "subCourse" ? words.addQuizHere : words.addQuizBelow, { do: "add", what: "quiz" })}
            <Menu.Divider />
            {move("up", <IconArrowUp {...size} />, words.moveUp, "Alt ↑")}
            {move("down", <IconArrowDown {...size} />, words.moveDown, "Alt ↓")}
            {row.level === 2 && move("out", <IconArrowLeft {...size} />, words.moveOut, "Alt ←")}
            {row.kind !== "subCourse" && row.level === 1 && move("in", <IconArrowRight {...size} />, words.moveIn, "Alt →")}
            {row.kind !== "subCourse" && (places.length > 0 || row.parent !== null) && (
              <Menu.Sub position="left-start">
                <Menu.Sub.Target>
                  <Menu.Sub.Item leftSection={<IconFolderSymlink {...size} />}>{words.moveTo}</Menu.Sub.Item>
                </Menu.Sub.Target>
                <Menu.Sub.Dropdown>
                  {row.parent !== null && item(null, words.intoCourse, { do: "moveInto", subCourseId: null })}
                  {places.map(({ id, title }) => (
                    <Menu.Item key={id} dir="auto" onClick={() => onAct({ do: "moveInto", subCourseId: id })}>
                      {title}
                    </Menu.Item>
                  ))}
                </Menu.Sub.Dropdown>
              </Menu.Sub>
            )}
            <Menu.Divider />
            {item(<IconArchive {...size} />, words.archive, { do: "archive" }, "Delete")}
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
