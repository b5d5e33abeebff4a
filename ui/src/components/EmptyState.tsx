import { Stack, Text, Title } from "@mantine/core";
import type { Icon } from "@tabler/icons-react";
import type { ReactNode } from "react";

/** Says why nothing is here and what to do about it. */
export function EmptyState({ icon: Icon, title, text, action, order = 2 }: { icon: Icon; title: string; text: string; action?: ReactNode; /** 1 where nothing else heads the page. */ order?: 1 | 2 }) {
  return (
    <Stack align="center" gap="xs" maw={400} ta="center">
      <Icon size={32} stroke={1.4} color="var(--text-dim)" aria-hidden />
      <Title order={order} size="h2">{title}</Title>
      <Text size="sm" c="dimmed" style={{ textWrap: "balance" }}>
        {text}
      </Text>
      {action && <div style={{ marginTop: 8 }}>{action}</div>}
    </Stack>
  );
}
