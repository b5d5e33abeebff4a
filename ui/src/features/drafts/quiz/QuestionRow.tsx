import { ActionIcon, Badge, Menu } from "@mantine/core";
import { IconAlertTriangle, IconArchive, IconArchiveOff, IconArrowDown, IconArrowUp, IconChevronRight, IconCopy, IconDots, IconGitMerge, IconPlus } from "@tabler/icons-react";
import { memo, type ReactNode } from "react";
import { useFormat } from "../../../format";
import type { DraftQuestion } from "../../../platform";
import { useStrings } from "../../../strings";
import { useAuthoringStrings } from "../../../strings/authoring";
import { QuestionEditor } from "./QuestionEditor";
import type { QuestionAct } from "./QuestionList";
import classes from "./quiz.module.css";
import { firstLine, unfitness } from "./rules";
import { useSorted } from "./Sortable";
import type { Rows, WriteQuiz } from "./useQuiz";

type Props = {
  question: DraftQuestion;
  number: number;
  of: number;
  open: boolean;
  tabStop: boolean;
  menu: boolean;
  readOnly: boolean;
  conflicts: number;
  onConflicts: () => void;
  rows: Rows;
  write: WriteQuiz;
  on: { act: (question: DraftQuestion, what: QuestionAct) => void; focus: (question: DraftQuestion) => void; closeMenu: (question: DraftQuestion) => void };
};

/** One question: a line that says what it asks and what it lacks, and below it, when open, all of it. */
export const QuestionRow = memo(function QuestionRow(props: Props) {
  const { question, number, readOnly, on, open, conflicts } = props;
  const t = useAuthoringStrings().quiz;
  const words = useStrings().words;
  const format = useFormat();
  const archived = question.archivedAt !== null;
  const sorted = useSorted(question.id, readOnly || archived);
  const problems = archived ? [] : unfitness(question);
  const prompt = firstLine(question.prompt);
  const points = question.pointsHundredths / 100;
  const hasRefused = question.refused !== null || question.options.some(({ refused, archivedAt }) => refused !== null && archivedAt === null) || question.answers.some(({ refused }) => refused !== null);
  return (
    <li ref={sorted.ref} className={classes.question} data-open={open || undefined} data-archived={archived || undefined} {...sorted.marks}>
      <div className={classes.line} onContextMenu={(event) => !readOnly && (event.preventDefault(), on.act(question, "menu"))}>
        <button
          type="button"
          id={`question-${question.id}`}
          className={classes.opener}
          aria-expanded={open}
          tabIndex={props.tabStop ? 0 : -1}
          onFocus={() => on.focus(question)}
          onClick={() => on.act(question, "toggle")}
          {...sorted.listeners}
        >
          <IconChevronRight size={16} aria-hidden className={classes.chevron} />
          <span className={classes.number}>{archived ? "–" : format.number(number)}</span>
          <span className={classes.prompt} dir="auto" data-none={prompt === "" || undefined}>
            {prompt || t.noPrompt}
          </span>
          <span className={classes.facts}>
            {archived && (
              <Badge component="span" color="gray">
                {words.archived}
              </Badge>
            )}
            {hasRefused && (
              <Badge component="span" color="red" leftSection={<IconAlertTriangle size={12} aria-hidden />}>
                {t.refusedMark}
              </Badge>
            )}
            {conflicts > 0 && (
              <Badge component="span" color="amber" leftSection={<IconGitMerge size={12} aria-hidden />}>
                {t.conflictMark(conflicts, format.number(conflicts))}
              </Badge>
            )}
            {problems.length > 0 && (
              <Badge component="span" color="gray" leftSection={<IconAlertTriangle size={12} aria-hidden />} title={problems.map((problem) => t.unfit[problem]).join(" ")}>
                {t.incomplete}
              </Badge>
            )}
            <span className={classes.kind}>{t.kind[question.kind]}</span>
            <span className={classes.worth}>{t.points(points, format.number(points))}</span>
          </span>
        </button>
        {!readOnly && (
          <RowMenu question={question} opened={props.menu} first={number === 1} last={number === props.of} onOpen={() => on.act(question, "menu")} onClose={() => on.closeMenu(question)} onAct={(what) => on.act(question, what)} />
        )}
      </div>
      {open && (
        <QuestionEditor
          question={question}
          readOnly={readOnly || archived}
          problems={problems}
          conflicts={conflicts}
          onConflicts={props.onConflicts}
          rows={props.rows}
          write={props.write}
          onClose={() => on.act(question, "toggle")}
        />
      )}
    </li>
  );
});

function RowMenu({ question, opened, first, last, onOpen, onClose, onAct }: { question: DraftQuestion; opened: boolean; first: boolean; last: boolean; onOpen: () => void; onClose: () => void; onAct: (what: QuestionAct) => void }) {
  const t = useAuthoringStrings().quiz;
  const words = useStrings().words;
  const button = (
    <ActionIcon size={28} tabIndex={-1} className={classes.dots} aria-label={t.actionsFor(firstLine(question.prompt) || t.noPrompt)} aria-haspopup="menu" onClick={opened ? onClose : onOpen}>
      <IconDots size={16} aria-hidden />
    </ActionIcon>
  );
  if (!opened) return button;
  const size = { size: 16, "aria-hidden": true } as const;
  const item = (icon: ReactNode, label: string, what: QuestionAct, key?: string, disabled?: boolean) => (
    <Menu.Item leftSection={icon} rightSection={key && <kbd aria-hidden>{key}</kbd>} disabled={disabled} onClick={() => onAct(what)}>
      {label}
    </Menu.Item>
  );
  return (
    <Menu opened onClose={onClose} position="bottom-end" width={260} withinPortal returnFocus={false} trapFocus>
      <Menu.Target>{button}</Menu.Target>
      <Menu.Dropdown onKeyDown={(event) => event.stopPropagation()}>
        {question.archivedAt !== null ? (
          item(<IconArchiveOff {...size} />, words.restore, "restore")
        ) : (
          <>
            {item(<IconPlus {...size} />, t.addBelow, "add", "Insert")}
            {item(<IconCopy {...size} />, t.copy, "copy")}
            <Menu.Divider />
            {item(<IconArrowUp {...size} />, t.moveUp, "up", "Alt ↑", first)}
            {item(<IconArrowDown {...size} />, t.moveDown, "down", "Alt ↓", last)}
            <Menu.Divider />
            {item(<IconArchive {...size} />, words.archive, "archive", "Delete")}
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
