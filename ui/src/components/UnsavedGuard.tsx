import { ConfirmDialog } from "./ConfirmDialog";
import { useUnsavedGuard } from "./unsaved";
import { useStrings } from "../strings";

/** Asks before what was typed is left behind. Addresses `within` do not leave it. */
export function UnsavedGuard({ dirty, within }: { dirty: boolean; within?: string }) {
  const t = useStrings();
  const guard = useUnsavedGuard(dirty, within);
  return (
    <ConfirmDialog
      opened={guard.asking}
      title={t.words.discardTitle}
      effect={t.words.discardEffect}
      confirm={t.words.discard}
      cancel={t.words.keepWriting}
      danger
      pending={false}
      failure={null}
      onConfirm={guard.proceed}
      onClose={guard.stay}
    />
  );
}
