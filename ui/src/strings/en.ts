import { activity } from "./en/activity";
import { connections } from "./en/connections";
import { courses } from "./en/courses";
import { drafts } from "./en/drafts";
import { enrollments } from "./en/enrollments";
import { organizations } from "./en/organizations";
import { overview } from "./en/overview";
import { people } from "./en/people";
import { sessions } from "./en/sessions";
import { shell } from "./en/shell";
import { words } from "./en/words";

export const en = { words, shell, connections, sessions, organizations, overview, people, courses, drafts, enrollments, activity };
