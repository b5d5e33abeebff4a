import { Button, Checkbox, HoverCard, UnstyledButton } from "@mantine/core";
import { IconFilePlus, IconFolderPlus, IconKeyboard, IconListCheck } from "@tabler/icons-react";
import { useFormat } from "../../format";
import { useStrings } from "../../strings";
import type { Adding } from "./tree";
import classes from "./tree.module.css";

/** What stands above the tree: adding, opening and closing, what is hidden, how much there is. */
export function TreeBar(props: {
  counts: { lessons: number; published: number; archived: number };
  readOnly: boolean;
  anyClosed: boolean;
  hasSubCourses: boolean;
  withArchived: boolean;
  onArchived: (show: boolean) => void;
  kinds: readonly Adding["what"][];
  onAdd: (what: Adding["what"]) => void;
  onClose: (close: boolean) => void;
}) {
  const t = useStrings();
  const format = useFormat();
  const { counts, readOnly } = props;
  return (
    <div className={classes.bar}>
      {!readOnly && (
        <>
          <Button size="xs" variant="default" leftSection={<IconFilePlus size={15} aria-hidden />} onClick={() => props.onAdd("lesson")}>
            {t.courses.tree.addLesson}
          </Button>
          {props.kinds.includes("quiz") && (
            <Button size="xs" variant="default" leftSection={<IconListCheck size={15} aria-hidden />} onClick={() => props.onAdd("quiz")}>
              {t.courses.tree.addQuiz}
            </Button>
          )}
          <Button size="xs" variant="default" leftSection={<IconFolderPlus size={15} aria-hidden />} onClick={() => props.onAdd("subCourse")}>
            {t.courses.tree.addSubCourse}
          </Button>
        </>
      )}
      {props.hasSubCourses && (
        <Button size="xs" variant="subtle" color="gray" onClick={() => props.onClose(!props.anyClosed)}>
          {props.anyClosed ? t.courses.tree.expandAll : t.courses.tree.collapseAll}
        </Button>
      )}
      {counts.archived > 0 && <ShowArchived count={counts.archived} checked={props.withArchived} onChange={props.onArchived} />}
      <span className={classes.summary}>
        {t.courses.tree.summary(t.courses.lessonCount(counts.lessons, format.number(counts.lessons)), format.number(counts.published))}
      </span>
      {!readOnly && <Keys />}
    </div>
  );
}

export function ShowArchived({ count, checked, onChange }: { count: number; checked: boolean; onChange: (show: boolean) => void }) {
  const t = useStrings();
  const format = useFormat();
  return <Checkbox size="xs" label={`${t.words.showArchived} (${format.number(count)})`} checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />;
}

function Keys() {
  const t = useStrings();
  const list = t.courses.tree.keyList;
  return (
    <HoverCard position="bottom-end" width={320} openDelay={100} withinPortal>
      <HoverCard.Target>
        <UnstyledButton className={classes.keys} aria-label={`${t.courses.tree.keys}: ${list.map(([key, what]) => `${key} ${what}`).join("; ")}`}>
          <IconKeyboard size={17} aria-hidden />
        </UnstyledButton>
      </HoverCard.Target>
      <HoverCard.Dropdown>
        <dl className={classes.keyList}>
          {list.map(([key, what]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
      </HoverCard.Dropdown>
    </HoverCard>
  );
}
