import { ConfirmDialog } from "./ConfirmDialog";
import { useUnsavedGuard } from "./unsaved";
import { useStrings } from "../strings";

/** Whether what was typed may be thrown away. */
export function DiscardDialog(props: { asking: boolean; onDiscard: () => void; onKeep: () => void }) {
  const t = useStrings();
  return (
    <ConfirmDialog
      opened={props.asking}
      title={t.words.discardTitle}
      effect={t.words.discardEffect}
      confirm={t.words.discard}
      cancel={t.words.keepWriting}
      danger
      pending={false}
      failure={null}
      onConfirm={props.onDiscard}
      onClose={props.onKeep}
    />
  );
}

/** Asks before what was typed is left behind. Addresses `within` do not leave it. */
export function UnsavedGuard({ dirty, within }: { dirty: boolean; within?: string }) {
  const guard = useUnsavedGuard(dirty, within);
  return <DiscardDialog asking={guard.asking} onDiscard={guard.proceed} onKeep={guard.stay} />;
}
