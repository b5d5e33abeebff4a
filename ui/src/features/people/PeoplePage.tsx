import { Button, Checkbox, Select } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconArchive, IconPlus, IconUsers, IconUserSearch } from "@tabler/icons-react";
import { Outlet, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { Avatar } from "../../components/Avatar";
import { EmptyState } from "../../components/EmptyState";
import { type Column, EndlessTable } from "../../components/EndlessTable";
import { ListSearch } from "../../components/ListSearch";
import { PageHeader } from "../../components/PageHeader";
import { SplitView } from "../../components/SplitView";
import { useFormat } from "../../format";
import { type PersonRow, platform, type Role } from "../../platform";
import { keyOf } from "../../queries";
import { useStrings } from "../../strings";
import { useMayManage } from "../sessions/session";
import { AddPersonForm } from "./AddPersonForm";
import classes from "./People.module.css";
import { PersonState } from "./PersonBadges";
import { type PeopleSearch, roles } from "./search";

const route = "/o/$organizationId/people";

export function PeoplePage() {
  const t = useStrings();
  const format = useFormat();
  const navigate = useNavigate();
  const { organizationId } = useParams({ from: route });
  const { personId = null } = useParams({ strict: false }) as { personId?: string };
  const search = useSearch({ from: route });
  const mayManage = useMayManage();

  const change = (next: Partial<PeopleSearch>) => {
    const how = { search: { ...search, ...next }, replace: next.adding === undefined };
    if (personId) void navigate({ to: "/o/$organizationId/people/$personId", params: { organizationId, personId }, ...how });
    else void navigate({ to: route, params: { organizationId }, ...how });
  };
  useHotkeys([["mod+N", () => mayManage && change({ adding: true })]], []);

  const sort = { by: search.sort ?? "name", descending: search.descending ?? false };
  const filter = {
    search: search.search ?? "",
    role: search.role ?? null,
    isActive: search.active ?? null,
    archived: search.archived ?? false,
    sort: sort.by,
    descending: sort.descending,
  };
  const filtered = filter.search !== "" || filter.role !== null || filter.isActive !== null;

  const columns = useMemo<Column<PersonRow>[]>(
    () => [
      {
        id: "name",
        header: t.people.name,
        width: "minmax(180px, 3fr)",
        sort: "name",
        cell: (person) => (
          <span className={classes.name}>
            <Avatar name={person.name} size={28} />
            <bdi className={classes.cut}>{person.name}</bdi>
            <PersonState person={person} />
          </span>
        ),
      },
      { id: "email", header: t.people.email, width: "minmax(140px, 2.4fr)", from: 600, cell: (person) => <span className={classes.dim}>{person.email}</span> },
      { id: "role", header: t.people.role, width: "104px", cell: (person) => t.people.roles[person.role] },
      {
        id: "enrollments",
        header: t.people.enrollments,
        width: "96px",
        align: "end",
        from: 660,
        cell: (person) => format.number(person.enrollments),
      },
      {
        id: "joined",
        header: t.people.joined,
        width: "112px",
        sort: "joinedAt",
        align: "end",
        from: 840,
        cell: (person) => <span className={classes.dim}>{format.date(person.joinedAt)}</span>,
      },
    ],
    [t, format],
  );

  const addButton = (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => change({ adding: true })} aria-keyshortcuts="Control+N">
      {t.people.add}
    </Button>
  );

  const empty = filtered ? (
    <EmptyState
      icon={IconUserSearch}
      title={t.people.noMatchTitle}
      text={t.people.noMatchText}
      action={
        <Button variant="default" onClick={() => change({ search: undefined, role: undefined, active: undefined })}>
          {t.people.clearFilters}
        </Button>
      }
    />
  ) : filter.archived ? (
    <EmptyState icon={IconArchive} title={t.people.noArchivedTitle} text={t.people.noArchivedText} />
  ) : (
    <EmptyState icon={IconUsers} title={t.people.emptyTitle} text={t.people.emptyText} action={mayManage ? addButton : undefined} />
  );

  return (
    <SplitView
      panel={personId ? <Outlet /> : null}
      list={
        <>
          <PageHeader title={t.people.title} actions={mayManage ? addButton : undefined} />
          <EndlessTable<PersonRow>
            label={t.people.title}
            queryKey={keyOf(organizationId, "people", "list", filter)}
            load={(part) => platform.listPeople(organizationId, { ...filter, ...part })}
            columns={columns}
            rowKey={(person) => person.personId}
            sort={sort}
            onSort={({ by, descending }) => change({ sort: by as PeopleSearch["sort"], descending: descending || undefined })}
            onOpen={(person) =>
              void navigate({ to: "/o/$organizationId/people/$personId", params: { organizationId, personId: person.personId }, search })
            }
            openKey={personId}
            total={t.people.total}
            toolbar={
              <>
                <ListSearch label={t.people.search} value={filter.search} onSearch={(text) => change({ search: text || undefined })} />
                <Select
                  w={126}
                  aria-label={t.people.role}
                  data={[{ value: "", label: t.people.anyRole }, ...roles.map((role) => ({ value: role, label: t.people.roles[role] }))]}
                  value={filter.role ?? ""}
                  onChange={(role) => change({ role: (role || undefined) as Role | undefined })}
                />
                <Select
                  w={126}
                  aria-label={t.people.status}
                  data={[
                    { value: "", label: t.people.anyStatus },
                    { value: "true", label: t.words.active },
                    { value: "false", label: t.words.disabled },
                  ]}
                  value={filter.isActive === null ? "" : String(filter.isActive)}
                  onChange={(active) => change({ active: active ? active === "true" : undefined })}
                />
                <Checkbox
                  label={t.words.archived}
                  checked={filter.archived}
                  onChange={(event) => change({ archived: event.currentTarget.checked || undefined })}
                />
              </>
            }
            empty={empty}
          />
          {search.adding && mayManage && <AddPersonForm organizationId={organizationId} onClose={() => change({ adding: undefined })} />}
        </>
      }
    />
  );
}
