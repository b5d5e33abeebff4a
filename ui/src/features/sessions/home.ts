import type { ConnectionState } from "../../platform";
import { lastOrganization } from "../../preferences";

/** Where someone in this state belongs. One rule, asked at the start and after every step of getting in. */
export function homeOf(session: ConnectionState): { to: string; params?: Record<string, string> } {
  // Without the server nobody can sign in: who left has to be chosen again.
  if (!session.connected || (session.connected.isOffline && !session.me)) return { to: "/connect" };
  if (session.connected.needsFirstOwner) return { to: "/first-owner" };
  if (!session.me) return { to: "/sign-in" };
  const open = session.me.organizations.filter((organization) => organization.archivedAt === null);
  const all = open.length > 0 ? open : session.me.organizations;
  const home = all.find((organization) => organization.id === lastOrganization.get()) ?? all[0];
  if (!home) return { to: "/no-organization" };
  if (session.connected.isOffline) return { to: "/o/$organizationId/drafts", params: { organizationId: home.id } };
  return { to: "/o/$organizationId/overview", params: { organizationId: home.id } };
}
