import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { type ConnectionState, type Me, platform } from "../../platform";
import { sessionKey } from "../../queries";
import { sessionEnded } from "../connections/link";
import { connectionsKey } from "../connections/queries";
import { chooseFromNowOn } from "../connections/start";
import { homeOf } from "./home";
import { sessionQuery } from "./session";

/** After each step of getting in: what is known now, and where that belongs. */
export function useArrive() {
  const client = useQueryClient();
  const router = useRouter();
  return async (change?: Partial<ConnectionState>) => {
    const known = client.getQueryData<ConnectionState>(sessionKey);
    if (change && known) client.setQueryData<ConnectionState>(sessionKey, { ...known, ...change });
    else await client.fetchQuery({ ...sessionQuery, staleTime: 0 });
    const session = await client.ensureQueryData(sessionQuery);
    await router.navigate({ ...homeOf(session), replace: true } as never);
  };
}

/** Signing out, and leaving the server. Nothing read by one person stays in memory for the next. */
export function useLeave() {
  const client = useQueryClient();
  const arrive = useArrive();
  const forget = async () => {
    await arrive();
    // Once no page is open that would read anew what is taken from under it. What connections there are belongs to nobody.
    client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionKey[0] && queryKey[0] !== connectionsKey[0] });
    sessionEnded.set(false);
  };
  const session = useMutation({ mutationFn: () => platform.signOut(), onSuccess: forget });
  const connection = useMutation({
    mutationFn: () => {
      chooseFromNowOn();
      return platform.disconnect();
    },
    onSuccess: forget,
  });
  return { session, connection };
}

/** Someone signed in: the window goes where they belong. */
export function useSignedIn() {
  const client = useQueryClient();
  const arrive = useArrive();
  return async (me: Me) => {
    client.removeQueries({ predicate: (query) => query.queryKey[0] !== sessionKey[0] });
    const state = await client.ensureQueryData(sessionQuery);
    const connected = state.connected ? { ...state.connected, needsFirstOwner: false } : null;
    await arrive({ me, connected });
  };
}
