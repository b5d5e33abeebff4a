import { Menu, VisuallyHidden } from "@mantine/core";
import { IconCheck, IconPlus, IconSelector } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { initialsOf } from "../../components/Avatar";
import { useStrings } from "../../strings";
import { useMe, useOrganization } from "../sessions/session";
import { CreateOrganizationPanel } from "./CreateOrganizationPanel";
import classes from "./OrganizationSwitcher.module.css";

export function OrganizationSwitcher() {
  const t = useStrings();
  const me = useMe();
  const current = useOrganization();
  const navigate = useNavigate();
  const [creating, setCreating] = useState(false);
  if (!me || !current) return null;
  const roleOf = (role: typeof current.role) => (role === null ? t.shell.businessOwner : t.people.roles[role]);
  const open = me.organizations.filter((organization) => !organization.archivedAt || organization.id === current.id);
  const archived = me.organizations.filter((organization) => organization.archivedAt && organization.id !== current.id);
  const item = (organization: typeof current) => (
    <Menu.Item
      key={organization.id}
      leftSection={<span className={classes.tile} aria-hidden>{initialsOf(organization.name)}</span>}
      rightSection={organization.id === current.id ? <IconCheck size={16} aria-label={t.words.active} /> : null}
      onClick={() => void navigate({ to: "/o/$organizationId/overview", params: { organizationId: organization.id } })}
    >
      <span className={classes.name}>{organization.name}</span>
      <span className={classes.role}>{organization.archivedAt ? t.words.archived : roleOf(organization.role)}</span>
    </Menu.Item>
  );
  return (
    <>
      <Menu position="bottom-start" width={280} shadow="md">
        <Menu.Target>
          <button type="button" className={classes.switch}>
            <VisuallyHidden>{t.shell.switchOrganization}: </VisuallyHidden>
            <span className={classes.tile} aria-hidden>
              {initialsOf(current.name)}
            </span>
            <span className={classes.words}>
              <span className={classes.name}>{current.name}</span>
              <span className={classes.role}>{roleOf(current.role)}</span>
            </span>
            <IconSelector size={16} className={classes.chevron} aria-hidden />
          </button>
        </Menu.Target>
        <Menu.Dropdown mah={420} style={{ overflowY: "auto" }}>
          {open.map(item)}
          {archived.length > 0 && <Menu.Label>{t.words.archived}</Menu.Label>}
          {archived.map(item)}
          {me.isBusinessOwner && (
            <>
              <Menu.Divider />
              <Menu.Item leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setCreating(true)}>
                {t.shell.createOrganization}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {creating && <CreateOrganizationPanel onClose={() => setCreating(false)} />}
    </>
  );
}
