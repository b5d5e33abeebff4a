import { Button, Center, Stack } from "@mantine/core";
import { IconCompass } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { EmptyState } from "../../components/EmptyState";
import { FailureNote } from "../../components/FailureNote";
import { Failure, failureFrom } from "../../platform";
import { useStrings } from "../../strings";

export function NotFound() {
  const t = useStrings();
  return (
    <Center h="100%" p="xl">
      <EmptyState
        icon={IconCompass}
        title={t.words.notFoundTitle}
        text={t.words.notFoundText}
        action={
          <Button component={Link} to="/" variant="default">
            {t.words.toOverview}
          </Button>
        }
      />
    </Center>
  );
}

/** A bug in a page stays in that page: the rest of the window works on. */
export function PageBroke({ error, reset }: { error: unknown; reset: () => void }) {
  const t = useStrings();
  const failure = failureFrom(error);
  const told = failure.code === "internal" ? new Failure({ ...failure, message: failure.message, nextStep: t.words.unexpectedNext }) : failure;
  return (
    <Center h="100%" p="xl">
      <Stack>
        <FailureNote title={t.words.unexpectedTitle} failure={told} onRetry={reset} />
      </Stack>
    </Center>
  );
}

/** The same where no page's frame stands around it. */
export function NotFoundAlone() {
  return (
    <main style={{ height: "100vh" }}>
      <NotFound />
    </main>
  );
}

export function PageBrokeAlone(props: { error: unknown; reset: () => void }) {
  return (
    <main style={{ height: "100vh" }}>
      <PageBroke {...props} />
    </main>
  );
}
