import { ActionIcon, Menu } from "@mantine/core";
import {
  IconArchive, IconArchiveOff, IconArrowDown, IconArrowLeft, IconArrowRight, IconArrowUp, IconDots, IconExternalLink, IconEyeOff, IconFilePlus, IconPencil, IconWorldUpload,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { CourseDetail } from "../../platform";
import { useStrings } from "../../strings";
import type { TreeAct } from "./ContentTree";
import { type Direction, type Row, stepTarget, titleOf } from "./tree";
import classes from "./tree.module.css";

/** Everything that can be done with one row, with its key. */
export function RowMenu({ row, course, onAct, onClose }: { row: Row; course: CourseDetail; onAct: (what: TreeAct) => void; onClose: () => void }) {
  const t = useStrings();
  const words = t.courses.tree;
  const published = row.kind === "lesson" ? row.lesson.publishedAt !== null : row.subCourse.publishedAt !== null;
  const own = row.kind === "lesson" ? row.lesson.archivedAt !== null : row.archived;
  const item = (icon: ReactNode, label: string, what: TreeAct, key?: string, disabled?: boolean) => (
    <Menu.Item leftSection={icon} rightSection={key && <kbd aria-hidden>{key}</kbd>} disabled={disabled} aria-keyshortcuts={key?.replace("↑", "ArrowUp").replace("↓", "ArrowDown").replace("←", "ArrowLeft").replace("→", "ArrowRight").replaceAll(" ", "+")} onClick={() => onAct(what)}>
      {label}
    </Menu.Item>
  );
  const move = (direction: Direction, icon: ReactNode, label: string, key: string) => item(icon, label, { do: "move", direction }, key, stepTarget(course, row.id, direction) === null);
  const size = { size: 16, "aria-hidden": true } as const;
  return (
    <Menu opened onClose={onClose} position="bottom-end" width={310} withinPortal returnFocus={false} trapFocus>
      <Menu.Target>
        <ActionIcon size={26} tabIndex={-1} aria-label={words.actionsFor(titleOf(row))} className={classes.opened} onClick={onClose}>
          <IconDots size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown onKeyDown={(event) => event.stopPropagation()}>
        {row.kind === "lesson" && item(<IconExternalLink {...size} />, words.open, { do: "open" }, "Enter")}
        {row.archived ? (
          own && item(<IconArchiveOff {...size} />, words.restore, { do: "restore" })
        ) : (
          <>
            {item(<IconPencil {...size} />, words.rename, { do: "rename" }, "F2")}
            {published
              ? item(<IconEyeOff {...size} />, words.unpublish, { do: "unpublish" })
              : item(<IconWorldUpload {...size} />, words.publish, { do: "publish" })}
            {item(<IconFilePlus {...size} />, row.kind === "subCourse" ? words.addLessonHere : words.addLessonBelow, { do: "add", what: "lesson" }, "Insert")}
            <Menu.Divider />
            {move("up", <IconArrowUp {...size} />, words.moveUp, "Alt ↑")}
            {move("down", <IconArrowDown {...size} />, words.moveDown, "Alt ↓")}
            {row.level === 2 && move("out", <IconArrowLeft {...size} />, words.moveOut, "Alt ←")}
            {row.kind === "lesson" && row.level === 1 && move("in", <IconArrowRight {...size} />, words.moveIn, "Alt →")}
            <Menu.Divider />
            {item(<IconArchive {...size} />, words.archive, { do: "archive" }, "Delete")}
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
