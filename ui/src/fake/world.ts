import type {
  AuditRow,
  Connection,
  CourseDetail,
  Duty,
  EnrolledLesson,
  EnrollmentRow,
  Lesson,
  MyOrganization,
  Organization,
  PersonDetail,
  Role,
  SubCourse,
} from "../platform";
import { type FakeDrafts, makeDrafts } from "./draftWorld";
import { categories, courseTitles, familyNames, givenNames, lessonTitles, subCourseTitles, wholeNames } from "./names";
import { fakeId, makeRandom } from "./random";

/** Which moment of the product the platform in memory shows. */
export type Scenario = {
  /** Where the window starts: before a connection, before the first owner, signed out, or at work. */
  start: "disconnected" | "firstOwner" | "signedOut" | "signedIn";
  /** Rows of the first organization. */
  people: number;
  /** An organization with nothing in it. */
  empty: boolean;
  /** The role of the person signed in. */
  role: Role;
  /** Milliseconds each command takes. */
  delay: number;
  keyring: "working" | "missing" | "locked" | "dead";
  /** Courses kept on this computer: a few, none, or a few with everything that can be wrong. */
  drafts: "usual" | "none" | "trouble" | "damaged";
  /** The network is away. */
  offline: boolean;
  /** "Now" for ages and weeks, so pictures are the same each time. Left out: the real time. */
  now?: number;
};

export type FakePerson = Omit<PersonDetail, "enrollments" | "teaching">;
export type FakeCourse = Omit<CourseDetail, "lessons" | "enrolled" | "completed" | "averageProgress" | "lead" | "lessonRows">;
export type FakeEnrollment = EnrollmentRow & { done: Map<string, Pick<EnrolledLesson, "completedAt" | "minutes">> };
/** Names are found when an entry is read, as the database does. */
export type FakeEntry = Omit<AuditRow, "title" | "personName" | "courseTitle">;
export type FakeOrganization = {
  facts: Organization;
  role: Role | null;
  people: FakePerson[];
  courses: FakeCourse[];
  lessons: Lesson[];
  enrollments: FakeEnrollment[];
  audit: FakeEntry[];
};
export type World = {
  scenario: Scenario;
  now: () => number;
  organizations: FakeOrganization[];
  connections: Connection[];
  /** The file of secrets; no passphrase: there is none yet. */
  file: { passphrase: string | null; isOpen: boolean; kept: Map<string, string> };
  connected: string | null;
  hasOwner: boolean;
  me: string | null;
  /** Only the drafts of this computer are open. */
  openedOffline: boolean;
  drafts: FakeDrafts;
  signedInAs: { personId: string; name: string; email: string };
  /** Results by operation id, as the server keeps them. */
  operations: Map<string, unknown>;
  /** Operation ids whose first answer was lost on purpose. */
  lost: Set<string>;
  counter: number;
};

const day = 86_400_000;
const iso = (millis: number) => new Date(millis).toISOString();

export function makeWorld(scenario: Scenario): World {
  const now = () => scenario.now ?? Date.now();
  const me = { personId: fakeId(1, 1), name: "Amara Nwosu-Lindqvist", email: "amara@northfield.example" };
  const first = makeOrganization(1, "Northfield Institute", "northfield", "Europe/Vienna", "en-GB", scenario, now());
  const second = makeOrganization(2, "Школа Верес", "veres", "Europe/Kyiv", "en", { ...scenario, people: 12, role: "instructor" }, now());
  return {
    scenario,
    now,
    organizations: [first, second],
    file: { passphrase: null, isOpen: false, kept: new Map() },
    connections: [
      {
        name: "Northfield production",
        host: "db.northfield.example",
        port: 5432,
        database: "lectern",
        user: "lectern_desk",
        tls: "verifyFull",
        caFile: null,
        clientCertificate: null,
        clientKey: null,
        fallbackHosts: ["db2.northfield.example"],
        secretStore: "keyring",
      },
    ],
    connected: scenario.start === "disconnected" ? null : scenario.offline ? "Northfield production" : "local",
    hasOwner: scenario.start !== "firstOwner" && scenario.start !== "disconnected",
    me: scenario.start === "signedIn" ? me.personId : null,
    openedOffline: scenario.start === "signedIn" && scenario.offline,
    drafts: makeDrafts(scenario, [first, second], now),
    signedInAs: me,
    operations: new Map(),
    lost: new Set(),
    counter: 0,
  };
}

export function myOrganization(organization: FakeOrganization): MyOrganization {
  const { id, name, slug, timeZone, locale, archivedAt, offlineDays } = organization.facts;
  return { id, name, slug, role: organization.role, timeZone, locale, archivedAt, offlineDays };
}

export function emptyOrganization(facts: Organization, role: Role | null): FakeOrganization {
  return { facts, role, people: [], courses: [], lessons: [], enrollments: [], audit: [] };
}

function makeOrganization(number: number, name: string, slug: string, timeZone: string, locale: string, scenario: Scenario, now: number) {
  const facts: Organization = {
    id: fakeId(0, number),
    name,
    slug,
    description: number === 1 ? "Evening courses for people who work during the day." : "",
    timeZone,
    locale,
    offlineDays: 14,
    approvalRequired: false,
    plan: "standard",
    status: "active",
    archivedAt: null,
    version: fakeId(99, number),
    createdAt: iso(now - 400 * day),
  };
  const organization = emptyOrganization(facts, scenario.role);
  const random = makeRandom(number * 7919);
  const ids = number * 1_000_000;
  const roleAt = (place: number): Role =>
    place === 0 ? scenario.role : place === 1 ? "owner" : place < 4 ? "admin" : place < 16 ? "instructor" : place < 20 ? "reviewer" : "learner";
  const rank: Record<Role, number> = { owner: 50, admin: 40, instructor: 30, reviewer: 20, learner: 10 };
  const count = scenario.empty ? 1 : scenario.people;
  for (let place = 0; place < count; place++) {
    const personName = place === 0 ? "Amara Nwosu-Lindqvist" : nameAt(place, random);
    const role = roleAt(place);
    const below = rank[role] < rank[scenario.role];
    organization.people.push({
      personId: place === 0 ? fakeId(1, 1) : fakeId(1, ids + place),
      membershipId: fakeId(2, ids + place),
      name: personName,
      email: place === 0 ? "amara@northfield.example" : `person${place}@${slug}.example`,
      role,
      isActive: place < 6 || random.next() > 0.03,
      joinedAt: iso(now - (3 + random.below(380)) * day - random.below(day)),
      archivedAt: place > 30 && random.next() < 0.02 ? iso(now - random.below(30) * day) : null,
      version: fakeId(98, ids + place),
      bio: random.next() < 0.3 ? "Works in a hospital kitchen and learns in the evening." : "",
      avatar: null,
      phone: random.next() < 0.4 ? `+43 660 555 ${String(1000 + random.below(9000))}` : null,
      bornOn: random.next() < 0.3 ? `19${60 + random.below(40)}-0${1 + random.below(9)}-1${random.below(10)}` : null,
      hasSignedIn: random.next() < 0.8,
      mayChangeRole: below,
      mayResetPassword: below,
      isMe: place === 0,
    });
  }
  if (scenario.empty) return organization;

  const staffDuties: Duty[] = ["lead", "instructor", "assistant", "reviewer"];
  const titles = number === 1 ? courseTitles : courseTitles.slice(0, 3);
  titles.forEach((title, place) => addCourse(title, place));

  function addCourse(title: string, place: number) {
    const id = fakeId(3, ids + place);
    const status = place % 9 === 7 ? "disabled" : place % 5 === 4 ? "draft" : "active";
    const createdAt = iso(now - (120 + place * 3) * day);
    const subCourses: SubCourse[] = Array.from({ length: place % 4 }, (_, at) => ({
      id: fakeId(4, ids + place * 100 + at),
      courseId: id,
      title: subCourseTitles[at % subCourseTitles.length] ?? "",
      description: "",
      position: `a${at}`,
      publishedAt: at < 3 ? createdAt : null,
      archivedAt: null,
      version: fakeId(97, ids + place * 100 + at),
    }));
    const staffed = organization.people.filter((person) => person.role === "instructor" || person.role === "reviewer");
    organization.courses.push({
      id,
      title,
      category: categories[place % categories.length] ?? "",
      level: (["beginner", "intermediate", "advanced"] as const)[place % 3] ?? "beginner",
      status,
      publishedAt: status === "draft" ? null : createdAt,
      archivedAt: place === titles.length - 1 && number === 1 ? iso(now - 9 * day) : null,
      updatedAt: iso(now - (place * 31 + random.below(20)) * 3_600_000),
      version: fakeId(96, ids + place),
      description: `${title}, from the first steps to work of your own.`,
      tags: place % 2 ? ["evening", "project"] : ["evening"],
      priceCents: place % 4 === 0 ? 0 : 4900 + place * 500,
      thumbnail: null,
      enrollmentOpen: place % 6 !== 5,
      availableFrom: null,
      availableUntil: null,
      createdAt,
      mayEdit: scenario.role !== "learner" && scenario.role !== "reviewer",
      mayEnroll: scenario.role === "owner" || scenario.role === "admin",
      staff: staffDuties.slice(0, 1 + (place % 3)).flatMap((duty, at) => {
        const person = staffed[(place + at) % Math.max(1, staffed.length)];
        if (!person) return [];
        const { personId, name, email } = person;
        return [{ id: fakeId(5, ids + place * 10 + at), personId, name, email, duty, archivedAt: null, version: fakeId(95, ids + place * 10 + at) }];
      }),
      subCourses,
    });
    const lessonCount = place === 4 ? 0 : 4 + (place % 7);
    for (let at = 0; at < lessonCount; at++) {
      const parent = subCourses.length > 0 ? subCourses[at % (subCourses.length + 1)] : undefined;
      organization.lessons.push({
        id: fakeId(6, ids + place * 100 + at),
        courseId: id,
        subCourseId: parent?.id ?? null,
        title: lessonTitles[(place + at) % lessonTitles.length] ?? "",
        position: `a${at}`,
        durationMinutes: 15 + random.below(8) * 10,
        publishedAt: at < lessonCount - 1 ? createdAt : null,
        archivedAt: null,
        version: fakeId(94, ids + place * 100 + at),
        video: null,
        markdown: "# What this lesson is about\n\nRead the text, then try it yourself.\n",
        updatedAt: createdAt,
        mayEdit: scenario.role !== "learner" && scenario.role !== "reviewer",
      });
    }
  }

  let enrollmentNumber = 0;
  const learners = organization.people.filter((person) => person.role === "learner" && !person.archivedAt);
  for (const course of organization.courses) {
    if (course.status === "draft") continue;
    const lessons = organization.lessons.filter((lesson) => lesson.courseId === course.id && lesson.publishedAt);
    for (const person of learners) {
      if (random.next() > 2.4 / Math.max(3, titles.length) + 0.05) continue;
      const enrolledAt = now - random.below(110) * day - random.below(day);
      const share = Math.min(1, Math.max(0, ((now - enrolledAt) / (80 * day)) * random.next() * 1.6));
      const withdrawn = random.next() < 0.04;
      const done: FakeEnrollment["done"] = new Map();
      lessons.slice(0, Math.round(lessons.length * share)).forEach((lesson, at) => {
        const completedAt = iso(enrolledAt + ((now - enrolledAt) * (at + 1)) / (lessons.length + 1));
        done.set(lesson.id, { completedAt, minutes: lesson.durationMinutes });
      });
      const progress = lessons.length ? Math.round((100 * done.size) / lessons.length) : 0;
      organization.enrollments.push({
        id: fakeId(7, ids + enrollmentNumber++),
        courseId: course.id,
        courseTitle: course.title,
        personId: person.personId,
        personName: person.name,
        personEmail: person.email,
        enrolledAt: iso(enrolledAt),
        progress,
        completedAt: progress === 100 && lessons.length ? iso(enrolledAt + (now - enrolledAt) * (0.35 + 0.6 * random.next())) : null,
        lastAccessedAt: done.size ? iso(now - random.below(20) * day) : null,
        withdrawnAt: withdrawn ? iso(now - random.below(10) * day) : null,
        version: fakeId(93, ids + enrollmentNumber),
        done,
      });
    }
  }

  organization.audit = organization.enrollments
    .slice(-60)
    .map((enrollment, place): FakeEntry => ({
      id: place + 1,
      at: iso(now - (62 - place) * 2_900_000),
      actorName: organization.people[1 + (place % 3)]?.name ?? null,
      verb: place % 4 === 0 ? "update" : "insert",
      tableName: "enrollments",
      rowId: enrollment.id,
      before: place % 4 === 0 ? { withdrawn_at: null } : null,
      after: place % 4 === 0 ? { withdrawn_at: enrollment.enrolledAt } : { course_id: enrollment.courseId, person_id: enrollment.personId, progress: 0 },
    }));
  return organization;
}

function nameAt(place: number, random: ReturnType<typeof makeRandom>): string {
  if (place < wholeNames.length) return wholeNames[place] ?? "";
  if (random.next() < 0.12) return random.pick(wholeNames);
  return `${random.pick(givenNames)} ${random.pick(familyNames)}`;
}
