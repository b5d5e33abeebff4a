import type { QueryClient } from "@tanstack/react-query";
import {
  createHashHistory,
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
  type RouterHistory,
} from "@tanstack/react-router";
import { courseSearch, coursesSearch } from "./features/courses/search";
import { enrollmentsSearch } from "./features/enrollments/search";
import { peopleSearch } from "./features/people/search";
import { homeOf } from "./features/sessions/home";
import { SessionEnded } from "./features/sessions/SessionEnded";
import { sessionQuery } from "./features/sessions/session";
import { lastOrganization } from "./preferences";
import { NotFound, NotFoundAlone, PageBroke, PageBrokeAlone } from "./features/shell/Fallbacks";
import { Shell } from "./features/shell/Shell";

type Context = { client: QueryClient };

const root = createRootRouteWithContext<Context>()({
  component: () => (
    <>
      <Outlet />
      <SessionEnded />
    </>
  ),
  notFoundComponent: NotFoundAlone,
  errorComponent: PageBrokeAlone,
});

const session = (client: QueryClient) => client.ensureQueryData(sessionQuery);

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: async ({ context }) => {
    throw redirect({ ...homeOf(await session(context.client)), replace: true } as never);
  },
});

const connect = createRoute({
  getParentRoute: () => root,
  path: "/connect",
  component: lazyRouteComponent(() => import("./features/connections/ConnectPage"), "ConnectPage"),
});

const needsConnection = async ({ context }: { context: Context }) => {
  if (!(await session(context.client)).connected) throw redirect({ to: "/connect", replace: true });
};

const firstOwner = createRoute({
  getParentRoute: () => root,
  path: "/first-owner",
  beforeLoad: needsConnection,
  component: lazyRouteComponent(() => import("./features/sessions/FirstOwnerPage"), "FirstOwnerPage"),
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  beforeLoad: needsConnection,
  component: lazyRouteComponent(() => import("./features/sessions/SignInPage"), "SignInPage"),
});

const noOrganization = createRoute({
  getParentRoute: () => root,
  path: "/no-organization",
  beforeLoad: async ({ context }) => {
    if (!(await session(context.client)).me) throw redirect({ to: "/", replace: true });
  },
  component: lazyRouteComponent(() => import("./features/organizations/NoOrganizationPage"), "NoOrganizationPage"),
});

const organization = createRoute({
  getParentRoute: () => root,
  path: "/o/$organizationId",
  beforeLoad: async ({ context, params }) => {
    const { me } = await session(context.client);
    const mine = me?.organizations.some((candidate) => candidate.id === params.organizationId);
    if (!mine) throw redirect({ to: "/", replace: true });
    lastOrganization.set(params.organizationId);
  },
  component: Shell,
});

const overview = createRoute({
  getParentRoute: () => organization,
  path: "overview",
  component: lazyRouteComponent(() => import("./features/overview/OverviewPage"), "OverviewPage"),
});

const people = createRoute({
  getParentRoute: () => organization,
  path: "people",
  validateSearch: peopleSearch,
  component: lazyRouteComponent(() => import("./features/people/PeoplePage"), "PeoplePage"),
});
const person = createRoute({
  getParentRoute: () => people,
  path: "$personId",
  component: lazyRouteComponent(() => import("./features/people/PersonPanel"), "PersonPanel"),
});

const courses = createRoute({
  getParentRoute: () => organization,
  path: "courses",
  validateSearch: coursesSearch,
  component: lazyRouteComponent(() => import("./features/courses/CoursesPage"), "CoursesPage"),
});
// Not inside the list: a course is a desk of its own, with its lesson as the panel.
const course = createRoute({
  getParentRoute: () => organization,
  path: "courses/$courseId",
  validateSearch: courseSearch,
  component: lazyRouteComponent(() => import("./features/courses/CoursePage"), "CoursePage"),
});
const lesson = createRoute({
  getParentRoute: () => course,
  path: "lessons/$lessonId",
  component: lazyRouteComponent(() => import("./features/lessons/LessonPanel"), "LessonPanel"),
});

const drafts = createRoute({
  getParentRoute: () => organization,
  path: "drafts",
  component: lazyRouteComponent(() => import("./features/drafts/DraftsPage"), "DraftsPage"),
});
const outbox = createRoute({
  getParentRoute: () => organization,
  path: "drafts/outbox",
  component: lazyRouteComponent(() => import("./features/drafts/OutboxPage"), "OutboxPage"),
});
const outline = createRoute({
  getParentRoute: () => organization,
  path: "drafts/$courseId",
  component: lazyRouteComponent(() => import("./features/drafts/OutlinePage"), "OutlinePage"),
});
const draftLesson = createRoute({
  getParentRoute: () => organization,
  path: "drafts/$courseId/lessons/$lessonId",
  component: lazyRouteComponent(() => import("./features/drafts/LessonPage"), "LessonPage"),
});
const draftQuiz = createRoute({
  getParentRoute: () => organization,
  path: "drafts/$courseId/quizzes/$quizId",
  component: lazyRouteComponent(() => import("./features/drafts/quiz/QuizPage"), "QuizPage"),
});

const enrollments = createRoute({
  getParentRoute: () => organization,
  path: "enrollments",
  validateSearch: enrollmentsSearch,
  component: lazyRouteComponent(() => import("./features/enrollments/EnrollmentsPage"), "EnrollmentsPage"),
});
const enrollment = createRoute({
  getParentRoute: () => enrollments,
  path: "$enrollmentId",
  component: lazyRouteComponent(() => import("./features/enrollments/EnrollmentPanel"), "EnrollmentPanel"),
});

const activity = createRoute({
  getParentRoute: () => organization,
  path: "activity",
  component: lazyRouteComponent(() => import("./features/activity/ActivityPage"), "ActivityPage"),
});

const settings = createRoute({
  getParentRoute: () => organization,
  path: "settings",
  component: lazyRouteComponent(() => import("./features/organizations/SettingsPage"), "SettingsPage"),
});

const tree = root.addChildren([
  home,
  connect,
  firstOwner,
  signIn,
  noOrganization,
  organization.addChildren([
    overview,
    people.addChildren([person]),
    courses,
    course.addChildren([lesson]),
    drafts,
    outbox,
    outline,
    draftLesson,
    draftQuiz,
    enrollments.addChildren([enrollment]),
    activity,
    settings,
  ]),
]);

export function makeRouter(client: QueryClient, history: RouterHistory = createHashHistory()) {
  return createRouter({
    routeTree: tree,
    context: { client },
    history,
    defaultPreload: false,
    defaultErrorComponent: PageBroke,
    defaultNotFoundComponent: NotFound,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
