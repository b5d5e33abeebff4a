import type { PersonDetail, PersonRow, Platform } from "../platform";
import { expectVersion, managed, matches, nextVersion, note, once, organizationOf, pageOf, refuse, sentinels } from "./answers";
import type { FakeOrganization, FakePerson, World } from "./world";

type Part = Pick<Platform, "listPeople" | "readPerson" | "addPerson" | "changePerson" | "changeMembership" | "archivePerson" | "restorePerson">;

export function fakePeople(world: World): Part {
  const rowOf = (organization: FakeOrganization, person: FakePerson): PersonRow => {
    const { personId, membershipId, name, email, role, isActive, joinedAt, archivedAt, version } = person;
    const enrollments = organization.enrollments.filter((enrollment) => enrollment.personId === personId).length;
    return { personId, membershipId, name, email, role, isActive, joinedAt, archivedAt, enrollments, version };
  };
  const detailOf = (organization: FakeOrganization, person: FakePerson): PersonDetail => ({
    ...person,
    ...rowOf(organization, person),
    teaching: organization.courses.flatMap((course) =>
      course.staff.filter((staff) => staff.personId === person.personId && !staff.archivedAt).map(({ duty }) => ({ courseId: course.id, title: course.title, duty })),
    ),
  });
  const personOf = (organization: FakeOrganization, personId: string): FakePerson =>
    organization.people.find((person) => person.personId === personId) ?? refuse("notFound", "This person is not in this organization.");
  const archiving = (archived: boolean) => async (operationId: string, organizationId: string, personId: string) => {
    const organization = managed(world, organizationId);
    return once(world, operationId, personId, () => {
      const person = personOf(organization, personId);
      if (person.isMe) refuse("notAllowed", "You cannot archive yourself.", { nextStep: "Ask another owner or admin." });
      const before = person.archivedAt;
      person.archivedAt = archived ? new Date(world.now()).toISOString() : null;
      person.version = nextVersion(world);
      note(world, organization, "update", "memberships", person.membershipId, { archived_at: before }, { archived_at: person.archivedAt });
      return detailOf(organization, person);
    });
  };
  const emailTaken = (organization: FakeOrganization, email: string, except: string | null) =>
    email.startsWith("taken@") || organization.people.some((person) => person.personId !== except && person.email.toLowerCase() === email.toLowerCase());
  const taken = () => refuse("conflict", "Someone in this organization already has this e-mail.", { field: "email", nextStep: "Open that person, or use another address." });

  return {
    listPeople: async (organizationId, query) => {
      sentinels(world, query.search);
      const organization = organizationOf(world, organizationId);
      const rows = organization.people
        .filter((person) => query.archived === (person.archivedAt !== null))
        .filter((person) => query.role === null || person.role === query.role)
        .filter((person) => query.isActive === null || person.isActive === query.isActive)
        .filter((person) => matches(query.search, person.name, person.email))
        .toSorted((a, b) => (query.sort === "joinedAt" ? a.joinedAt.localeCompare(b.joinedAt) : a.name.localeCompare(b.name, "und")));
      if (query.descending) rows.reverse();
      const page = pageOf(rows, query);
      return { ...page, rows: page.rows.map((person) => rowOf(organization, person)) };
    },
    readPerson: async (organizationId, personId) => {
      const organization = organizationOf(world, organizationId);
      return structuredClone(detailOf(organization, personOf(organization, personId)));
    },
    addPerson: async (operationId, organizationId, input) => {
      const organization = managed(world, organizationId);
      return once(world, operationId, input, () => {
        if (emailTaken(organization, input.email, null)) taken();
        const person: FakePerson = {
          personId: input.personId, membershipId: `m-${input.personId}`, name: input.name.trim(), email: input.email.trim(), role: input.role, isActive: true,
          joinedAt: new Date(world.now()).toISOString(), archivedAt: null, version: nextVersion(world), bio: input.bio, avatar: null, phone: input.phone,
          bornOn: input.bornOn, hasSignedIn: false, mayChangeRole: true, mayResetPassword: true, isMe: false,
        };
        organization.people.push(person);
        note(world, organization, "insert", "memberships", person.membershipId, null, { name: person.name, role: person.role });
        return detailOf(organization, person);
      });
    },
    changePerson: async (operationId, organizationId, personId, version, change) => {
      const organization = managed(world, organizationId);
      return once(world, operationId, change, () => {
        const person = personOf(organization, personId);
        expectVersion(person.version, change.name === "stale" ? "another" : version);
        if (change.email !== undefined && emailTaken(organization, change.email, personId)) taken();
        const before = Object.fromEntries(Object.keys(change).map((key) => [key, person[key as keyof FakePerson] ?? null]));
        Object.assign(person, change, { version: nextVersion(world) });
        for (const enrollment of organization.enrollments) {
          if (enrollment.personId === personId) Object.assign(enrollment, { personName: person.name, personEmail: person.email });
        }
        note(world, organization, "update", "people", person.personId, before, { ...change });
        return detailOf(organization, person);
      });
    },
    changeMembership: async (operationId, organizationId, personId, version, change) => {
      const organization = managed(world, organizationId);
      return once(world, operationId, change, () => {
        const person = personOf(organization, personId);
        expectVersion(person.version, version);
        if (!person.mayChangeRole) refuse("notAllowed", "You may not change the membership of someone of your own rank or above.", { nextStep: "Ask an owner." });
        const before = { role: person.role, is_active: person.isActive };
        Object.assign(person, change, { version: nextVersion(world) });
        note(world, organization, "update", "memberships", person.membershipId, before, { role: person.role, is_active: person.isActive });
        return detailOf(organization, person);
      });
    },
    archivePerson: archiving(true),
    restorePerson: archiving(false),
  };
}
