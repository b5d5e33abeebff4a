import { queryOptions, useQuery } from "@tanstack/react-query";
import { platform } from "../../platform";

export const connectionsKey = ["connections"] as const;

export function useConnections() {
  return useQuery(queryOptions({ queryKey: connectionsKey, queryFn: () => platform.listConnections() }));
}

export function useKeyring() {
  return useQuery(queryOptions({ queryKey: [...connectionsKey, "keyring"], queryFn: () => platform.keyringState(), staleTime: 0 }));
}

/** Whether there is a file of secrets, and whether it was opened since this window started. */
export function useSecretsFile() {
  return useQuery(queryOptions({ queryKey: [...connectionsKey, "file"], queryFn: () => platform.secretsFileState(), staleTime: 0 }));
}
