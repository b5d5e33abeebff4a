import { useMutation } from "@tanstack/react-query";
import { platform } from "../../platform";
import { useArrive, useLeave } from "./leave";
import { useSession } from "./session";

/** From only the drafts back to the server. What it still has to be told is asked where connections are chosen. */
export function useConnectAgain() {
  const name = useSession()?.connected?.name ?? "";
  const arrive = useArrive();
  const leave = useLeave();
  return useMutation({
    mutationFn: () => platform.connect(name, null, null),
    onSuccess: () => arrive(),
    onError: (failure) => {
      if (failure.code === "wrongPassword" || failure.field !== null) leave.connection.mutate();
    },
  });
}
