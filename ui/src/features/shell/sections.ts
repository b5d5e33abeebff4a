import { IconBook2, IconChartBar, IconHistory, IconPencil, IconSchool, IconSettings, IconUsers } from "@tabler/icons-react";
import type { Strings } from "../../strings";
import { useMe, useOrganization, useSession } from "../sessions/session";

/** The sections of an organization, in the order of their keys: Ctrl+1 is the first. */
export const sections = [
  { id: "overview", to: "/o/$organizationId/overview", icon: IconChartBar },
  { id: "people", to: "/o/$organizationId/people", icon: IconUsers },
  { id: "courses", to: "/o/$organizationId/courses", icon: IconBook2 },
  { id: "drafts", to: "/o/$organizationId/drafts", icon: IconPencil },
  { id: "enrollments", to: "/o/$organizationId/enrollments", icon: IconSchool },
  { id: "activity", to: "/o/$organizationId/activity", icon: IconHistory },
  { id: "settings", to: "/o/$organizationId/settings", icon: IconSettings },
] as const;

/** What is offered here: learners write nothing, and without the server there is only what this computer has. */
export function useSections(): readonly (typeof sections)[number][] {
  const isOffline = useSession()?.connected?.isOffline === true;
  const role = useOrganization()?.role;
  const me = useMe();
  if (isOffline) return sections.filter(({ id }) => id === "drafts");
  return role === "learner" && !me?.isBusinessOwner ? sections.filter(({ id }) => id !== "drafts") : sections;
}

export type Section = (typeof sections)[number]["id"];

export const sectionName = (t: Strings, id: Section): string => t.shell[id];
