import { queryOptions, useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { type ConnectionState, type Me, type MyOrganization, platform } from "../../platform";
import { sessionKey } from "../../queries";

/** Which server is connected and who is signed in: asked once, then kept by what signs in and out. */
export const sessionQuery = queryOptions({
  queryKey: sessionKey,
  queryFn: (): Promise<ConnectionState> => platform.connectionState(),
  staleTime: Number.POSITIVE_INFINITY,
  refetchOnWindowFocus: false,
});

export function useSession(): ConnectionState | undefined {
  return useQuery(sessionQuery).data;
}

export function useMe(): Me | null {
  return useSession()?.me ?? null;
}

/** The organization named by the address of the open page, or null outside of one. */
export function useOrganization(): MyOrganization | null {
  const { organizationId } = useParams({ strict: false }) as { organizationId?: string };
  const me = useMe();
  return me?.organizations.find((organization) => organization.id === organizationId) ?? null;
}

/** May this person look after the organization itself? Only hides what the database would refuse. */
export function useMayAdminister(): boolean {
  const session = useSession();
  const role = useOrganization()?.role;
  if (session?.connected?.readOnly) return false;
  return session?.me?.isBusinessOwner === true || role === "owner" || role === "admin";
}

/** May this person manage its people, courses and enrollments now? In an archived organization nobody does. */
export function useMayManage(): boolean {
  const organization = useOrganization();
  return useMayAdminister() && organization?.archivedAt === null;
}

/** May this person read what happened? */
export function useMayReadActivity(): boolean {
  const me = useMe();
  const role = useOrganization()?.role;
  return me?.isBusinessOwner === true || role === "owner" || role === "admin";
}
