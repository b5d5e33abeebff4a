import { Badge } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconCloudUp, IconDeviceFloppy } from "@tabler/icons-react";
import type { SyncState } from "../../platform";
import { useStrings } from "../../strings";

const looks: Record<SyncState, { color: string; icon: typeof IconCheck }> = {
  needsYourDecision: { color: "amber", icon: IconAlertTriangle },
  sending: { color: "ink", icon: IconCloudUp },
  savedHere: { color: "gray", icon: IconDeviceFloppy },
  onTheServer: { color: "green", icon: IconCheck },
};

/** Where what was written stands, in the same words everywhere. */
export function StateBadge({ state }: { state: SyncState }) {
  const t = useStrings();
  const { color, icon: Icon } = looks[state];
  return (
    <Badge variant="light" color={color} tt="none" fw={500} leftSection={<Icon size={13} aria-hidden />}>
      {t.drafts.states[state]}
    </Badge>
  );
}
