import { Button, Center, Group, Stack } from "@mantine/core";
import { IconCloudOff } from "@tabler/icons-react";
import { Link, useParams } from "@tanstack/react-router";
import { EmptyState } from "../../components/EmptyState";
import { FailureNote } from "../../components/FailureNote";
import { useStrings } from "../../strings";
import { useConnectAgain } from "../sessions/connectAgain";

/** In place of a page that only the server can fill, while just the drafts are open. */
export function NeedsServer() {
  const t = useStrings();
  const { organizationId } = useParams({ from: "/o/$organizationId" });
  const again = useConnectAgain();
  return (
    <Center h="100%" p="xl">
      <Stack align="center">
        <EmptyState
          icon={IconCloudOff}
          order={1}
          title={t.drafts.server.needed}
          text={t.drafts.server.neededText}
          action={
            <Group gap="xs" justify="center">
              <Button loading={again.isPending} onClick={() => again.mutate()}>
                {t.drafts.server.tryToConnect}
              </Button>
              <Button component={Link} to="/o/$organizationId/drafts" params={{ organizationId } as never} variant="default">
                {t.drafts.server.toDrafts}
              </Button>
            </Group>
          }
        />
        <FailureNote failure={again.error} />
      </Stack>
    </Center>
  );
}
