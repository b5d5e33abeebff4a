import { Alert, Button, Group, Text } from "@mantine/core";
import { IconGitMerge } from "@tabler/icons-react";
import { useStrings } from "../../strings";

/** Two people changed one row: says so, keeps what was typed, and lets the person choose where both changed the same. */
export function StaleNote({ shown, both, onKeep, onTake }: { shown: boolean; both: string[]; onKeep: () => void; onTake: () => void }) {
  const t = useStrings();
  if (!shown) return null;
  return (
    <Alert color="amber" variant="light" role="alert" icon={<IconGitMerge size={18} aria-hidden />} title={t.courses.stale.title}>
      <Text size="sm">{t.courses.stale.text}</Text>
      {both.length > 0 && (
        <>
          <Text size="sm" mt={4}>
            {t.courses.stale.both(both.join(", "))}
          </Text>
          <Group gap="xs" mt="sm">
            <Button size="xs" variant="default" onClick={onKeep}>
              {t.courses.stale.keepMine}
            </Button>
            <Button size="xs" variant="default" onClick={onTake}>
              {t.courses.stale.takeTheirs}
            </Button>
          </Group>
        </>
      )}
    </Alert>
  );
}
