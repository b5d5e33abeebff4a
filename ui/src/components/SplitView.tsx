import type { ReactNode } from "react";
import classes from "./DetailPanel.module.css";

/** A list with, at its right, the panel of the row that is open. `wide` for panels that hold work, not facts. */
export function SplitView({ list, panel, wide }: { list: ReactNode; panel: ReactNode | null; wide?: boolean }) {
  return (
    <div className={classes.split}>
      <div className={classes.list}>{list}</div>
      {panel && <div className={`${classes.side} ${wide ? classes.wide : ""}`}>{panel}</div>}
    </div>
  );
}
