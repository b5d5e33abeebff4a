import { Button, Text } from "@mantine/core";
import { IconFileExport } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { FailureNote } from "../../components/FailureNote";
import { platform } from "../../platform";
import { useStrings } from "../../strings";
import classes from "./drafts.module.css";

type Exporting = ReturnType<typeof useExport>;

/** Writes what waits into a file of the person's documents. */
export function useExport() {
  return useMutation({ mutationFn: () => platform.exportOutbox(), meta: { isHere: true } });
}

export function ExportButton({ exporting, label, size = "xs" }: { exporting: Exporting; label?: string; size?: string }) {
  const t = useStrings();
  return (
    <Button size={size} variant="default" leftSection={<IconFileExport size={15} aria-hidden />} loading={exporting.isPending} onClick={() => exporting.mutate()}>
      {label ?? t.drafts.export}
    </Button>
  );
}

/** Where the file is, or why there is none. */
export function Exported({ exporting }: { exporting: Exporting }) {
  const t = useStrings();
  return (
    <>
      <Text size="sm" c="dimmed" role="status" className={classes.told}>
        {exporting.data && t.drafts.exported(exporting.data)}
      </Text>
      <FailureNote failure={exporting.error} />
    </>
  );
}

export function ExportHere() {
  const exporting = useExport();
  return (
    <div>
      <ExportButton exporting={exporting} />
      <Exported exporting={exporting} />
    </div>
  );
}
