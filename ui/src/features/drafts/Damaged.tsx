import { Alert, Button, Text } from "@mantine/core";
import { IconAlertCircle, IconCheck, IconFileExport } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { FailureNote } from "../../components/FailureNote";
import { type Drafts, platform } from "../../platform";
import { useStrings } from "../../strings";
import { draftsQuery } from "./drafts";
import classes from "./drafts.module.css";

/** The file of drafts cannot be read any more: what can still be read is exported, then new drafts begin beside it. */
export function Damaged({ drafts }: { drafts: Drafts }) {
  const t = useStrings();
  const client = useQueryClient();
  const anew = useMutation({
    mutationFn: () => platform.setDraftsAside(),
    meta: { isHere: true },
    onSuccess: () => client.invalidateQueries({ queryKey: draftsQuery.queryKey }),
  });
  if (anew.data !== undefined) {
    return (
      <Alert color="green" variant="light" role="status" mb="md" maw={640} icon={<IconCheck size={18} aria-hidden />} title={t.drafts.damaged.done}>
        <Text size="sm" className={classes.told}>
          {t.drafts.exported(anew.data)}
        </Text>
        <Text size="sm">{t.drafts.damaged.doneNext}</Text>
      </Alert>
    );
  }
  if (drafts.isOpen || !drafts.mayBeginAnew) return null;
  return (
    <>
      <Alert color="red" variant="light" role="alert" mb="md" maw={640} icon={<IconAlertCircle size={18} aria-hidden />} title={t.drafts.notOpenTitle}>
        <Text size="sm">{drafts.problem ?? t.drafts.notOpenText}</Text>
        {drafts.nextStep && (
          <Text size="sm" mt={4}>
            {drafts.nextStep}
          </Text>
        )}
        <Text size="sm" mt={4} id="begin-anew">
          {t.drafts.damaged.effect}
        </Text>
        <Button mt="sm" size="xs" leftSection={<IconFileExport size={15} aria-hidden />} loading={anew.isPending} aria-describedby="begin-anew" onClick={() => anew.mutate()}>
          {t.drafts.damaged.button}
        </Button>
      </Alert>
      <FailureNote failure={anew.error} />
    </>
  );
}
