import type { AuditRow, Organization, Overview, Platform, WeekCount } from "../platform";
import { expectVersion, managed, nextVersion, note, once, organizationOf, pageOf, refuse } from "./answers";
import { isAtRisk } from "./enrollments";
import { emptyOrganization, type FakeCourse, type FakeEntry, type FakeOrganization, type World } from "./world";

type RecentEntry = Overview["recent"][number];
type Part = Pick<
  Platform,
  "readOrganization" | "createOrganization" | "changeOrganization" | "archiveOrganization" | "restoreOrganization" | "readOverview" | "listAudit"
>;

const week = 7 * 86_400_000;

export function fakeOrganizations(world: World): Part {
  const archiving = (archived: boolean) => async (operationId: string, organizationId: string): Promise<Organization> => {
    const organization = managed(world, organizationId);
    return once(world, operationId, archived, () => {
      organization.facts.archivedAt = archived ? new Date(world.now()).toISOString() : null;
      organization.facts.version = nextVersion(world);
      return organization.facts;
    });
  };
  const slugTaken = (slug: string, except: string | null) => world.organizations.some(({ facts }) => facts.slug === slug && facts.id !== except) || slug === "taken";
  const labelOf = (organization: FakeOrganization, rowId: string | null): string | null => {
    const enrollment = organization.enrollments.find((row) => row.id === rowId);
    if (enrollment) return `${enrollment.personName}, ${enrollment.courseTitle}`;
    return (
      organization.people.find((row) => row.membershipId === rowId || row.personId === rowId)?.name ??
      organization.courses.find((row) => row.id === rowId)?.title ??
      organization.lessons.find((row) => row.id === rowId)?.title ??
      null
    );
  };

  return {
    readOrganization: async (organizationId) => structuredClone(organizationOf(world, organizationId).facts),
    createOrganization: async (operationId, input) =>
      once(world, operationId, input, () => {
        if (slugTaken(input.slug, null)) refuse("conflict", "Another organization already uses this short name.", { field: "slug", nextStep: "Choose another." });
        const facts: Organization = {
          ...input, description: "", offlineDays: 14, approvalRequired: false, plan: "free", status: "active", archivedAt: null, version: nextVersion(world), createdAt: new Date(world.now()).toISOString(),
        };
        world.organizations.push(emptyOrganization(facts, "owner"));
        return facts;
      }),
    changeOrganization: async (operationId, organizationId, version, change) => {
      const organization = managed(world, organizationId);
      return once(world, operationId, change, () => {
        expectVersion(organization.facts.version, change.name === "stale" ? "another" : version);
        if (change.slug !== undefined && slugTaken(change.slug, organizationId)) {
          refuse("conflict", "Another organization already uses this short name.", { field: "slug", nextStep: "Choose another." });
        }
        Object.assign(organization.facts, change, { version: nextVersion(world) });
        note(world, organization, "update", "organizations", organizationId, null, { ...change });
        return organization.facts;
      });
    },
    archiveOrganization: archiving(true),
    restoreOrganization: archiving(false),
    readOverview: async (organizationId) => {
      const organization = organizationOf(world, organizationId);
      const present = organization.people.filter((person) => !person.archivedAt);
      const courses = organization.courses.filter((course) => !course.archivedAt);
      const here = organization.enrollments.filter((enrollment) => !enrollment.withdrawnAt);
      const monday = startOfWeek(world.now());
      const enrolledByWeek: WeekCount[] = Array.from({ length: 12 }, (_, place) => {
        const from = monday - (11 - place) * week;
        const within = (at: string | null) => at !== null && Date.parse(at) >= from && Date.parse(at) < from + week;
        return {
          week: new Date(from).toISOString().slice(0, 10),
          enrolled: organization.enrollments.filter((enrollment) => within(enrollment.enrolledAt)).length,
          completed: organization.enrollments.filter((enrollment) => within(enrollment.completedAt)).length,
        };
      });
      const learners = present.filter((person) => person.role === "learner").length;
      return {
        people: present.length,
        learners,
        staff: present.length - learners,
        courses: courses.length,
        activeCourses: courses.filter((course) => course.status === "active").length,
        enrollments: here.length,
        completed: here.filter((enrollment) => enrollment.completedAt).length,
        withdrawn: organization.enrollments.length - here.length,
        atRisk: here.filter((enrollment) => isAtRisk(enrollment, world.now())).length,
        averageProgress: here.length ? Math.round(here.reduce((sum, enrollment) => sum + enrollment.progress, 0) / here.length) : 0,
        enrolledByWeek,
        recent: organization.audit
          .slice(-8)
          .toReversed()
          .map(({ at, actorName, verb, tableName, rowId }): RecentEntry => ({ at, actorName, verb, tableName, rowId, label: labelOf(organization, rowId) })),
      };
    },
    listAudit: async (organizationId, query) => {
      const organization = organizationOf(world, organizationId);
      const found = organization.audit
        .filter((row) => (query.rowId === null || row.rowId === query.rowId) && (query.courseId === null || courseOf(organization, row)?.id === query.courseId))
        .toReversed();
      const page = pageOf(found, query);
      return { ...page, rows: page.rows.map((row): AuditRow => ({ ...row, ...namesOf(organization, row) })) };
    },
  };
}

/** The course an entry is about, or whose part it is. */
function courseOf(organization: FakeOrganization, { rowId }: FakeEntry): FakeCourse | undefined {
  const within = (courseId: string | undefined) => organization.courses.find((course) => course.id === courseId);
  return (
    within(rowId ?? undefined) ??
    within(organization.lessons.find((lesson) => lesson.id === rowId)?.courseId) ??
    within(organization.enrollments.find((enrollment) => enrollment.id === rowId)?.courseId) ??
    organization.courses.find((course) => [...course.subCourses, ...course.staff].some((part) => part.id === rowId))
  );
}

function namesOf(organization: FakeOrganization, entry: FakeEntry): Pick<AuditRow, "title" | "personName" | "courseTitle"> {
  const { tableName, rowId, before, after } = entry;
  const told = { ...(before as Record<string, unknown> | null), ...(after as Record<string, unknown> | null) };
  const course = courseOf(organization, entry);
  const lessonId = tableName === "lesson_progress" ? told.lesson_id : rowId;
  const title =
    (tableName === "courses" ? course?.title : undefined) ??
    organization.lessons.find((lesson) => lesson.id === lessonId)?.title ??
    course?.subCourses.find((sub) => sub.id === rowId)?.title ??
    (typeof told.title === "string" ? told.title : null);
  const personName =
    organization.enrollments.find((enrollment) => enrollment.id === rowId)?.personName ??
    course?.staff.find((staff) => staff.id === rowId)?.name ??
    organization.people.find((person) => [person.personId, person.membershipId].includes(rowId ?? "") || person.personId === told.person_id)?.name ??
    null;
  return { title, personName, courseTitle: tableName === "courses" ? null : (course?.title ?? null) };
}

function startOfWeek(now: number): number {
  const midnight = now - (now % 86_400_000);
  return midnight - ((new Date(midnight).getUTCDay() + 6) % 7) * 86_400_000;
}
