import { Alert, Button, Text } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import type { Failure } from "../platform";
import { useStrings } from "../strings";

/** A refusal in words with its next step, where it happened. Never beside a toast for the same thing. */
export function FailureNote({ failure, title, onRetry }: { failure: Failure | null; title?: string; onRetry?: () => void }) {
  const t = useStrings();
  if (!failure) return null;
  return (
    <Alert color="red" variant="light" role="alert" icon={<IconAlertCircle size={18} aria-hidden />} title={title} maw={640}>
      <Text size="sm">{failure.message}</Text>
      {failure.nextStep && (
        <Text size="sm" mt={4}>
          {failure.nextStep}
        </Text>
      )}
      {onRetry && (
        <Button mt="sm" size="xs" variant="default" onClick={onRetry}>
          {t.words.retry}
        </Button>
      )}
    </Alert>
  );
}
