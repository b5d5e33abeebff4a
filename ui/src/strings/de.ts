import type { en } from "./en";
import { activity } from "./de/activity";
import { connections } from "./de/connections";
import { courses } from "./de/courses";
import { drafts } from "./de/drafts";
import { enrollments } from "./de/enrollments";
import { organizations } from "./de/organizations";
import { overview } from "./de/overview";
import { people } from "./de/people";
import { sessions } from "./de/sessions";
import { shell } from "./de/shell";
import { words } from "./de/words";

export const de: typeof en = { words, shell, connections, sessions, organizations, overview, people, courses, drafts, enrollments, activity };
