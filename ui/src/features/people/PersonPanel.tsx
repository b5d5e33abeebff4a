import { ActionIcon, Badge, Button, Menu, Skeleton, Stack } from "@mantine/core";
import { IconArchive, IconArchiveOff, IconDots, IconKey, IconPencil, IconUserCheck, IconUserOff } from "@tabler/icons-react";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { DetailPanel } from "../../components/DetailPanel";
import { FailureNote } from "../../components/FailureNote";
import { offerUndo, say } from "../../components/undo";
import type { PersonDetail } from "../../platform";
import { useStrings } from "../../strings";
import { History } from "../activity/History";
import { useMayManage, useMayReadActivity } from "../sessions/session";
import { EditPersonForm } from "./EditPersonForm";
import classes from "./People.module.css";
import { Access } from "./PersonAccess";
import { PersonState } from "./PersonBadges";
import { Enrolled, Profile, Teaching } from "./PersonSections";
import { useArchivePerson, useChangeMembership, usePerson, useRestorePerson } from "./queries";
import { SignInCodeDialog } from "./SignInCodeDialog";

const route = "/o/$organizationId/people/$personId";

export function PersonPanel() {
  const t = useStrings();
  const navigate = useNavigate();
  const { organizationId, personId } = useParams({ from: route });
  const search = useSearch({ from: route });
  const person = usePerson(organizationId, personId);
  const close = () => void navigate({ to: "/o/$organizationId/people", params: { organizationId }, search });
  if (person.data) return <Shown key={personId} organizationId={organizationId} person={person.data} onClose={close} />;
  return (
    <DetailPanel subject="" title={person.error ? t.words.notFoundTitle : t.words.loading} onClose={close}>
      {person.error ? (
        <FailureNote failure={person.error} onRetry={() => void person.refetch()} />
      ) : (
        <Stack>
          <Skeleton height={20} width="60%" />
          <Skeleton height={96} />
          <Skeleton height={96} />
        </Stack>
      )}
    </DetailPanel>
  );
}

function Shown({ organizationId, person, onClose }: { organizationId: string; person: PersonDetail; onClose: () => void }) {
  const t = useStrings();
  const mayManage = useMayManage();
  const mayReadActivity = useMayReadActivity();
  const [open, setOpen] = useState<"edit" | "archive" | "disable" | "code" | null>(null);
  const archive = useArchivePerson(organizationId);
  const restore = useRestorePerson(organizationId);
  const membership = useChangeMembership(organizationId);
  const { personId, name } = person;
  const mayTouch = mayManage && !person.isMe;
  const archived = person.archivedAt !== null;
  const closed = () => setOpen(null);

  const setActive = (isActive: boolean) =>
    membership.mutate(
      { personId, version: person.version, change: { isActive } },
      {
        onSuccess: (changed) => {
          setOpen(null);
          offerUndo(t, isActive ? t.people.enableDone(name) : t.people.disableDone(name), () =>
            membership.mutateAsync({ personId, version: changed.version, change: { isActive: !isActive } }),
          );
        },
      },
    );

  return (
    <DetailPanel
      subject={personId}
      title={name}
      subtitle={person.email}
      onClose={onClose}
      badges={
        <>
          <Badge size="sm" variant="light">
            {t.people.roles[person.role]}
          </Badge>
          {person.isMe && (
            <Badge size="sm" variant="light" color="gray">
              {t.people.you}
            </Badge>
          )}
          <PersonState person={person} />
          {!person.hasSignedIn && (
            <Badge size="sm" variant="light" color="gray">
              {t.people.neverSignedIn}
            </Badge>
          )}
        </>
      }
      actions={
        mayManage && (
          <>
            {archived ? (
              <Button
                size="xs"
                loading={restore.isPending}
                leftSection={<IconArchiveOff size={14} aria-hidden />}
                onClick={() => restore.mutate(personId, { onSuccess: () => say(t.people.restoreDone(name)) })}
              >
                {t.words.restore}
              </Button>
            ) : (
              <>
                <Button size="xs" variant="default" leftSection={<IconPencil size={14} aria-hidden />} onClick={() => setOpen("edit")}>
                  {t.people.edit}
                </Button>
                <Button
                  size="xs"
                  variant="default"
                  leftSection={<IconKey size={14} aria-hidden />}
                  disabled={!person.mayResetPassword}
                  title={person.mayResetPassword ? undefined : t.people.codeNotAllowed}
                  onClick={() => setOpen("code")}
                >
                  {t.people.code}
                </Button>
                {mayTouch && (
                  <Menu position="bottom-end">
                    <Menu.Target>
                      <ActionIcon size={30} variant="default" aria-label={t.people.actions}>
                        <IconDots size={16} />
                      </ActionIcon>
                    </Menu.Target>
                    <Menu.Dropdown>
                      {person.isActive ? (
                        <Menu.Item disabled={!person.mayChangeRole} leftSection={<IconUserOff size={16} aria-hidden />} onClick={() => setOpen("disable")}>
                          {t.people.disable}…
                        </Menu.Item>
                      ) : (
                        <Menu.Item disabled={!person.mayChangeRole} leftSection={<IconUserCheck size={16} aria-hidden />} onClick={() => setActive(true)}>
                          {t.people.enable}
                        </Menu.Item>
                      )}
                      <Menu.Item disabled={!person.mayChangeRole} leftSection={<IconArchive size={16} aria-hidden />} onClick={() => setOpen("archive")}>
                        {t.people.archive}…
                      </Menu.Item>
                    </Menu.Dropdown>
                  </Menu>
                )}
              </>
            )}
          </>
        )
      }
    >
      <FailureNote failure={open === null ? (restore.error ?? membership.error) : null} />
      {mayManage && !archived && (
        <section className={classes.section}>
          <Access organizationId={organizationId} person={person} />
        </section>
      )}
      <Profile person={person} />
      <Teaching organizationId={organizationId} person={person} />
      <Enrolled organizationId={organizationId} person={person} />
      {mayReadActivity && <History organizationId={organizationId} rows={[personId, person.membershipId]} />}

      {open === "edit" && <EditPersonForm organizationId={organizationId} person={person} onClose={closed} />}
      {open === "code" && <SignInCodeDialog organizationId={organizationId} person={person} onClose={closed} />}
      <ConfirmDialog
        opened={open === "archive"}
        title={t.people.archiveTitle(name)}
        effect={t.people.archiveEffect}
        confirm={t.people.archive}
        danger
        pending={archive.isPending}
        failure={archive.error}
        onConfirm={() =>
          archive.mutate(personId, {
            onSuccess: () => {
              setOpen(null);
              offerUndo(t, t.people.archiveDone(name), () => restore.mutateAsync(personId));
            },
          })
        }
        onClose={closed}
      />
      <ConfirmDialog
        opened={open === "disable"}
        title={t.people.disableTitle(name)}
        effect={t.people.disableEffect}
        confirm={t.people.disable}
        danger
        pending={membership.isPending}
        failure={membership.error}
        onConfirm={() => setActive(false)}
        onClose={closed}
      />
    </DetailPanel>
  );
}
