import { Progress } from "@mantine/core";
import { useFormat } from "../../format";
import classes from "./courses.module.css";

/** A bar with its number. The number is what is read out; the bar is for the eye. */
export function ProgressCell({ value, color, label }: { value: number; color?: string; label?: string }) {
  const format = useFormat();
  return (
    <div className={classes.progress}>
      <Progress.Root size={6} className={classes.bar}>
        <Progress.Section value={value} color={color ?? (value >= 100 ? "green" : undefined)} aria-label={label} aria-hidden={label === undefined} />
      </Progress.Root>
      <span className="tabular">{format.percent(value)}</span>
    </div>
  );
}
