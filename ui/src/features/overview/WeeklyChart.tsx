import { Button, Group, Table, Text, Title } from "@mantine/core";
import { useState } from "react";
import { useFormat } from "../../format";
import type { WeekCount } from "../../platform";
import { useStrings } from "../../strings";
import classes from "./Overview.module.css";

const width = 640;
const height = 240;
const left = 36;
const bottom = 22;
const top = 8;

/** Two bars a week. The same figures stand in a table for whoever reads better there. */
export function WeeklyChart({ weeks, headingId }: { weeks: WeekCount[]; headingId: string }) {
  const t = useStrings();
  const format = useFormat();
  const [asTable, setAsTable] = useState(false);
  const sum = (of: "enrolled" | "completed") => format.number(weeks.reduce((total, week) => total + week[of], 0));
  return (
    <>
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <div>
          <Title order={2} id={headingId}>
            {t.overview.chartTitle}
          </Title>
          <Text size="xs" c="dimmed">
            {t.overview.chartText}
          </Text>
        </div>
        <Button size="compact-sm" variant="subtle" className={classes.more} onClick={() => setAsTable(!asTable)}>
          {asTable ? t.overview.asChart : t.overview.asTable}
        </Button>
      </Group>
      {asTable ? (
        <Table className="tabular" mt="sm" verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t.overview.week}</Table.Th>
              <Table.Th ta="end">{t.overview.enrolled}</Table.Th>
              <Table.Th ta="end">{t.overview.completions}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {weeks.map((week) => (
              <Table.Tr key={week.week}>
                <Table.Th scope="row" fw={400}>
                  {format.day(week.week)}
                </Table.Th>
                <Table.Td ta="end">{format.number(week.enrolled)}</Table.Td>
                <Table.Td ta="end">{format.number(week.completed)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      ) : (
        <>
          <div className={classes.legend} aria-hidden>
            <span className={classes.key}>
              <span className={classes.swatch} style={{ background: "var(--bar)" }} />
              {t.overview.enrolled}
            </span>
            <span className={classes.key}>
              <span className={classes.swatch} style={{ background: "var(--bar-second)" }} />
              {t.overview.completions}
            </span>
          </div>
          <Bars weeks={weeks} label={t.overview.chartSummary(sum("enrolled"), sum("completed"))} />
        </>
      )}
    </>
  );
}

function Bars({ weeks, label }: { weeks: WeekCount[]; label: string }) {
  const t = useStrings();
  const format = useFormat();
  const most = Math.max(1, ...weeks.flatMap((week) => [week.enrolled, week.completed]));
  const marks = niceMarks(most);
  const ceiling = marks.at(-1) ?? most;
  const slot = (width - left) / Math.max(1, weeks.length);
  const bar = Math.min(16, slot * 0.34);
  const y = (count: number) => top + (height - top - bottom) * (1 - count / ceiling);
  return (
    <svg viewBox={`0 0 ${width} ${height}`} className={classes.chart} role="img" aria-label={label}>
      {marks.map((mark) => (
        <g key={mark}>
          <line x1={left} x2={width} y1={y(mark)} y2={y(mark)} className={classes.grid} />
          <text x={left - 8} y={y(mark)} dy="0.32em" textAnchor="end" className={classes.axis}>
            {format.number(mark)}
          </text>
        </g>
      ))}
      {weeks.map((week, place) => {
        const middle = left + slot * (place + 0.5);
        const told = `${t.overview.week} ${format.day(week.week)}: ${t.overview.enrolled} ${format.number(week.enrolled)}, ${t.overview.completions} ${format.number(week.completed)}`;
        return (
          <g key={week.week}>
            <title>{told}</title>
            <rect x={middle - slot / 2} y={top} width={slot} height={height - top - bottom} fill="transparent" />
            <rect x={middle - bar - 1} y={y(week.enrolled)} width={bar} height={y(0) - y(week.enrolled)} rx={2} className={classes.enrolled} />
            <rect x={middle + 1} y={y(week.completed)} width={bar} height={y(0) - y(week.completed)} rx={2} className={classes.completed} />
            {place % 2 === weeks.length % 2 && (
              <text x={middle} y={height - 4} textAnchor="middle" className={classes.axis}>
                {format.shortDay(week.week)}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}

/** 0 and up to four round marks that reach over `most`. */
export function niceMarks(most: number): number[] {
  const rough = most / 4;
  const power = 10 ** Math.floor(Math.log10(Math.max(1, rough)));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? power * 10;
  const marks = [0];
  while ((marks.at(-1) ?? 0) < most) marks.push((marks.at(-1) ?? 0) + step);
  return marks;
}
