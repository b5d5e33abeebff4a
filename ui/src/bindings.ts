// Generated from the desktop commands; never edited by hand.
import { invoke as __invoke } from "@tauri-apps/api/core";

export type Code = "invalid" | "notFound" | "notAllowed" | "signedOut" | "stale" | "conflict" | "unreachable" | "tls" | "wrongPassword" | "schemaOutdated" | "schemaNewer" | "keyring" | "localServer" | "locked" | "unclear" | "cancelled" | "internal";
export type AppError = { code: Code; message: string; field: string | null; nextStep: string | null };
export type Page<T> = { rows: T[]; nextCursor: string | null; total: number };
export type ListQuery = { search: string; sort: string; descending: boolean; cursor: string | null; limit: number; archived: boolean };

export type Tls = "verifyFull" | "verifyCa" | "require" | "off";
export type SecretStore = "keyring" | "ask" | "file";
export type Connection = { name: string; host: string; port: number; database: string; user: string; tls: Tls; caFile: string | null; clientCertificate: string | null; clientKey: string | null; fallbackHosts: string[]; secretStore: SecretStore };
export type CheckStep = { name: string; state: "ok" | "failed" | "skipped" | "warning"; message: string; nextStep: string | null };
export type SchemaState = { state: "current" | "outdated" | "newer" | "missing"; pending: number; message: string; nextStep: string | null };
export type Connected = { name: string; isLocal: boolean; serverVersion: string; schema: SchemaState; needsFirstOwner: boolean; readOnly: boolean };
export type ConnectionState = { connected: Connected | null; me: Me | null; lastUsed: string | null; appVersion: string };
export type KeyringState = { state: "working" | "missing" | "locked" | "dead"; message: string; nextStep: string | null };

export type Role = "owner" | "admin" | "instructor" | "reviewer" | "learner";
export type MyOrganization = { id: string; name: string; slug: string; role: Role | null; timeZone: string; locale: string; archivedAt: string | null };
export type Me = { personId: string; name: string; email: string; isBusinessOwner: boolean; organizations: MyOrganization[]; provedAt: string };
export type FirstOwner = { code: string | null; email: string; name: string; password: string; organizationName: string | null };
export type ResetCode = { code: string; expiresAt: string };

export type Organization = { id: string; name: string; slug: string; description: string; timeZone: string; locale: string; plan: string; status: string; archivedAt: string | null; version: string; createdAt: string };
export type NewOrganization = { id: string; name: string; slug: string; timeZone: string; locale: string };
export type OrganizationChange = { name?: string; slug?: string; description?: string; timeZone?: string; locale?: string };
export type WeekCount = { week: string; enrolled: number; completed: number };
export type RecentChange = { at: string; actorName: string | null; verb: string; tableName: string; rowId: string | null; label: string | null };
export type Overview = { people: number; learners: number; staff: number; courses: number; activeCourses: number; enrollments: number; completed: number; withdrawn: number; atRisk: number; averageProgress: number; enrolledByWeek: WeekCount[]; recent: RecentChange[] };

export type PersonRow = { personId: string; membershipId: string; name: string; email: string; role: Role; isActive: boolean; joinedAt: string; archivedAt: string | null; enrollments: number; version: string };
export type Teaching = { courseId: string; title: string; duty: Duty };
export type PersonDetail = PersonRow & { bio: string; avatar: string | null; phone: string | null; bornOn: string | null; hasSignedIn: boolean; mayChangeRole: boolean; mayResetPassword: boolean; isMe: boolean; teaching: Teaching[] };
export type PeopleQuery = ListQuery & { role: Role | null; isActive: boolean | null };
export type NewPerson = { personId: string; email: string; name: string; role: Role; phone: string | null; bornOn: string | null; bio: string };
export type PersonChange = { name?: string; email?: string; phone?: string | null; bornOn?: string | null; bio?: string };
export type MembershipChange = { role?: Role; isActive?: boolean };

export type Level = "beginner" | "intermediate" | "advanced";
export type CourseStatus = "draft" | "active" | "disabled";
export type CourseRow = { id: string; title: string; category: string; level: Level; status: CourseStatus; publishedAt: string | null; archivedAt: string | null; lessons: number; enrolled: number; completed: number; averageProgress: number; lead: string | null; updatedAt: string; version: string };
export type CourseDetail = CourseRow & { description: string; tags: string[]; priceCents: number; thumbnail: string | null; enrollmentOpen: boolean; availableFrom: string | null; availableUntil: string | null; createdAt: string; mayEdit: boolean; mayEnroll: boolean; staff: StaffRow[]; subCourses: SubCourse[]; lessonRows: LessonRow[] };
export type Duty = "lead" | "instructor" | "assistant" | "reviewer";
export type StaffRow = { id: string; personId: string; name: string; email: string; duty: Duty; archivedAt: string | null; version: string };
export type SubCourse = { id: string; courseId: string; title: string; description: string; position: string; publishedAt: string | null; archivedAt: string | null; version: string };
export type LessonRow = { id: string; courseId: string; subCourseId: string | null; title: string; position: string; durationMinutes: number; publishedAt: string | null; archivedAt: string | null; version: string };
export type Lesson = LessonRow & { video: string | null; markdown: string; updatedAt: string; mayEdit: boolean };
export type Place = { subCourseId: string | null; after: string | null };
export type CoursesQuery = ListQuery & { status: CourseStatus | null };
export type NewCourse = { id: string; title: string; description: string; level: Level; category: string; tags: string[]; priceCents: number };
export type CourseChange = { title?: string; description?: string; level?: Level; category?: string; tags?: string[]; priceCents?: number; thumbnail?: string | null; status?: CourseStatus; enrollmentOpen?: boolean; availableFrom?: string | null; availableUntil?: string | null; published?: boolean };
export type NewStaff = { id: string; personId: string; duty: Duty };
export type NewSubCourse = { id: string; title: string; description: string; after: string | null };
export type SubCourseChange = { title?: string; description?: string; published?: boolean };
export type NewLesson = { id: string; title: string; durationMinutes: number; place: Place };
export type LessonChange = { title?: string; durationMinutes?: number; video?: string | null; markdown?: string; published?: boolean };

export type EnrollmentRow = { id: string; courseId: string; courseTitle: string; personId: string; personName: string; personEmail: string; enrolledAt: string; progress: number; completedAt: string | null; lastAccessedAt: string | null; withdrawnAt: string | null; version: string };
export type EnrolledLesson = { lessonId: string; title: string; subCourseTitle: string | null; durationMinutes: number; completedAt: string | null; minutes: number };
export type EnrollmentDetail = EnrollmentRow & { mayEdit: boolean; lessons: EnrolledLesson[] };
export type EnrollmentState = "active" | "completed" | "withdrawn" | "atRisk";
export type EnrollmentsQuery = ListQuery & { courseId: string | null; personId: string | null; state: EnrollmentState | null };
export type NewEnrollment = { id: string; courseId: string; personId: string };

export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };
export type AuditRow = { id: number; at: string; actorName: string | null; verb: string; tableName: string; rowId: string | null; before: JsonValue | null; after: JsonValue | null };
export type AuditQuery = { rowId: string | null; cursor: string | null; limit: number };

const call = <T>(name: string, args?: Record<string, unknown>): Promise<T> => __invoke<T>(name, args);

export const commands = {
  listConnections: () => call<Connection[]>("list_connections"),
  saveConnection: (connection: Connection, password: string | null) => call<Connection>("save_connection", { connection, password }),
  removeConnection: (name: string) => call<null>("remove_connection", { name }),
  checkConnection: (connection: Connection, password: string | null) => call<CheckStep[]>("check_connection", { connection, password }),
  connect: (name: string, password: string | null) => call<Connected>("connect", { name, password }),
  connectionState: () => call<ConnectionState>("connection_state"),
  disconnect: () => call<null>("disconnect"),
  keyringState: () => call<KeyringState>("keyring_state"),

  createFirstOwner: (input: FirstOwner) => call<Me>("create_first_owner", { input }),
  signIn: (email: string, password: string, staySignedIn: boolean) => call<Me>("sign_in", { email, password, staySignedIn }),
  signOut: () => call<null>("sign_out"),
  whoAmI: () => call<Me | null>("who_am_i"),
  redeemCode: (email: string, code: string, newPassword: string) => call<Me>("redeem_code", { email, code, newPassword }),
  changePassword: (currentPassword: string, newPassword: string) => call<null>("change_password", { currentPassword, newPassword }),
  issueResetCode: (organizationId: string, personId: string) => call<ResetCode>("issue_reset_code", { organizationId, personId }),

  readOrganization: (organizationId: string) => call<Organization>("read_organization", { organizationId }),
  createOrganization: (operationId: string, input: NewOrganization) => call<Organization>("create_organization", { operationId, input }),
  changeOrganization: (operationId: string, organizationId: string, version: string, change: OrganizationChange) => call<Organization>("change_organization", { operationId, organizationId, version, change }),
  archiveOrganization: (operationId: string, organizationId: string) => call<Organization>("archive_organization", { operationId, organizationId }),
  restoreOrganization: (operationId: string, organizationId: string) => call<Organization>("restore_organization", { operationId, organizationId }),
  readOverview: (organizationId: string) => call<Overview>("read_overview", { organizationId }),

  listPeople: (organizationId: string, query: PeopleQuery) => call<Page<PersonRow>>("list_people", { organizationId, query }),
  readPerson: (organizationId: string, personId: string) => call<PersonDetail>("read_person", { organizationId, personId }),
  addPerson: (operationId: string, organizationId: string, input: NewPerson) => call<PersonDetail>("add_person", { operationId, organizationId, input }),
  changePerson: (operationId: string, organizationId: string, personId: string, version: string, change: PersonChange) => call<PersonDetail>("change_person", { operationId, organizationId, personId, version, change }),
  changeMembership: (operationId: string, organizationId: string, personId: string, version: string, change: MembershipChange) => call<PersonDetail>("change_membership", { operationId, organizationId, personId, version, change }),
  archivePerson: (operationId: string, organizationId: string, personId: string) => call<PersonDetail>("archive_person", { operationId, organizationId, personId }),
  restorePerson: (operationId: string, organizationId: string, personId: string) => call<PersonDetail>("restore_person", { operationId, organizationId, personId }),

  listCourses: (organizationId: string, query: CoursesQuery) => call<Page<CourseRow>>("list_courses", { organizationId, query }),
  readCourse: (organizationId: string, courseId: string) => call<CourseDetail>("read_course", { organizationId, courseId }),
  createCourse: (operationId: string, organizationId: string, input: NewCourse) => call<CourseDetail>("create_course", { operationId, organizationId, input }),
  changeCourse: (operationId: string, organizationId: string, courseId: string, version: string, change: CourseChange) => call<CourseDetail>("change_course", { operationId, organizationId, courseId, version, change }),
  archiveCourse: (operationId: string, organizationId: string, courseId: string) => call<CourseDetail>("archive_course", { operationId, organizationId, courseId }),
  restoreCourse: (operationId: string, organizationId: string, courseId: string) => call<CourseDetail>("restore_course", { operationId, organizationId, courseId }),
  addStaff: (operationId: string, organizationId: string, courseId: string, input: NewStaff) => call<CourseDetail>("add_staff", { operationId, organizationId, courseId, input }),
  changeStaff: (operationId: string, organizationId: string, courseId: string, staffId: string, duty: Duty) => call<CourseDetail>("change_staff", { operationId, organizationId, courseId, staffId, duty }),
  removeStaff: (operationId: string, organizationId: string, courseId: string, staffId: string) => call<CourseDetail>("remove_staff", { operationId, organizationId, courseId, staffId }),
  createSubCourse: (operationId: string, organizationId: string, courseId: string, input: NewSubCourse) => call<CourseDetail>("create_sub_course", { operationId, organizationId, courseId, input }),
  changeSubCourse: (operationId: string, organizationId: string, courseId: string, subCourseId: string, version: string, change: SubCourseChange) => call<CourseDetail>("change_sub_course", { operationId, organizationId, courseId, subCourseId, version, change }),
  moveSubCourse: (operationId: string, organizationId: string, courseId: string, subCourseId: string, after: string | null) => call<CourseDetail>("move_sub_course", { operationId, organizationId, courseId, subCourseId, after }),
  archiveSubCourse: (operationId: string, organizationId: string, courseId: string, subCourseId: string) => call<CourseDetail>("archive_sub_course", { operationId, organizationId, courseId, subCourseId }),
  restoreSubCourse: (operationId: string, organizationId: string, courseId: string, subCourseId: string) => call<CourseDetail>("restore_sub_course", { operationId, organizationId, courseId, subCourseId }),
  createLesson: (operationId: string, organizationId: string, courseId: string, input: NewLesson) => call<CourseDetail>("create_lesson", { operationId, organizationId, courseId, input }),
  readLesson: (organizationId: string, lessonId: string) => call<Lesson>("read_lesson", { organizationId, lessonId }),
  changeLesson: (operationId: string, organizationId: string, lessonId: string, version: string, change: LessonChange) => call<Lesson>("change_lesson", { operationId, organizationId, lessonId, version, change }),
  moveLesson: (operationId: string, organizationId: string, courseId: string, lessonId: string, place: Place) => call<CourseDetail>("move_lesson", { operationId, organizationId, courseId, lessonId, place }),
  archiveLesson: (operationId: string, organizationId: string, courseId: string, lessonId: string) => call<CourseDetail>("archive_lesson", { operationId, organizationId, courseId, lessonId }),
  restoreLesson: (operationId: string, organizationId: string, courseId: string, lessonId: string) => call<CourseDetail>("restore_lesson", { operationId, organizationId, courseId, lessonId }),

  listEnrollments: (organizationId: string, query: EnrollmentsQuery) => call<Page<EnrollmentRow>>("list_enrollments", { organizationId, query }),
  readEnrollment: (organizationId: string, enrollmentId: string) => call<EnrollmentDetail>("read_enrollment", { organizationId, enrollmentId }),
  enrollPerson: (operationId: string, organizationId: string, input: NewEnrollment) => call<EnrollmentDetail>("enroll_person", { operationId, organizationId, input }),
  withdrawEnrollment: (operationId: string, organizationId: string, enrollmentId: string, version: string) => call<EnrollmentDetail>("withdraw_enrollment", { operationId, organizationId, enrollmentId, version }),
  reinstateEnrollment: (operationId: string, organizationId: string, enrollmentId: string, version: string) => call<EnrollmentDetail>("reinstate_enrollment", { operationId, organizationId, enrollmentId, version }),
  setLessonCompleted: (operationId: string, organizationId: string, enrollmentId: string, lessonId: string, completed: boolean) => call<EnrollmentDetail>("set_lesson_completed", { operationId, organizationId, enrollmentId, lessonId, completed }),

  listAudit: (organizationId: string, query: AuditQuery) => call<Page<AuditRow>>("list_audit", { organizationId, query }),
};
