import { Button, Text } from "@mantine/core";
import { IconFileExport } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { FailureNote } from "../../components/FailureNote";
import { platform } from "../../platform";
import { useStrings } from "../../strings";

/** Writes what waits into a file and says where it is. */
export function ExportButton({ label, size = "xs", onExported }: { label?: string; size?: string; onExported?: () => void }) {
  const t = useStrings();
  const write = useMutation({ mutationFn: () => platform.exportOutbox(), meta: { isHere: true }, onSuccess: onExported });
  return (
    <div>
      <Button size={size} variant="default" leftSection={<IconFileExport size={15} aria-hidden />} loading={write.isPending} onClick={() => write.mutate()}>
        {label ?? t.drafts.export}
      </Button>
      <Text size="xs" c="dimmed" mt={write.data ? 6 : 0} role="status" style={{ overflowWrap: "anywhere" }}>
        {write.data && t.drafts.exported(write.data)}
      </Text>
      <FailureNote failure={write.error} />
    </div>
  );
}
