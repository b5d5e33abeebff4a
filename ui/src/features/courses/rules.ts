/** The limits the database keeps for courses and lessons (constraints courses_*, sub_courses_*, lessons_*), told while typing. */
import type { CourseDetail, Level } from "../../platform";
import { liveCounts } from "./tree";

export const limits = {
  title: 200,
  description: 2000,
  category: 100,
  tags: 20,
  tagsTogether: 1000,
  priceCents: 100_000_000,
  link: 2000,
  durationMinutes: 10_000,
} as const;

export type CourseProblem =
  | "titleMissing"
  | "titleTooLong"
  | "descriptionTooLong"
  | "categoryTooLong"
  | "tooManyTags"
  | "tagsTooLong"
  | "priceNegative"
  | "priceTooHigh"
  | "linkNotWeb"
  | "linkTooLong"
  | "endsBeforeStart"
  | "durationOutOfRange";

/** Characters as the database counts them: code points, not UTF-16 halves. */
export function lengthOf(text: string): number {
  return [...text].length;
}

export function titleProblem(title: string): CourseProblem | null {
  if (title.trim() === "") return "titleMissing";
  return lengthOf(title.trim()) > limits.title ? "titleTooLong" : null;
}

export function descriptionProblem(description: string): CourseProblem | null {
  return lengthOf(description) > limits.description ? "descriptionTooLong" : null;
}

export function categoryProblem(category: string): CourseProblem | null {
  return lengthOf(category.trim()) > limits.category ? "categoryTooLong" : null;
}

/** Tags as they are saved: pasted lists taken apart, trimmed, without blanks, each once whatever its capitals. */
export function cleanTags(tags: string[]): string[] {
  const seen = new Map<string, string>();
  for (const tag of tags.flatMap((text) => text.split(/[,;\t\n]/))) {
    const clean = tag.trim();
    const key = clean.toLocaleLowerCase();
    if (clean !== "" && !seen.has(key)) seen.set(key, clean);
  }
  return [...seen.values()];
}

export function tagsProblem(tags: string[]): CourseProblem | null {
  if (tags.length > limits.tags) return "tooManyTags";
  return lengthOf(tags.join(",")) > limits.tagsTogether ? "tagsTooLong" : null;
}

/** Money fields hold whole units with two decimals, the database whole cents; an empty field is free of charge. */
export function centsOf(price: number | string): number {
  const value = typeof price === "number" ? price : Number(price === "" ? 0 : price);
  return Math.round(value * 100);
}

export function priceProblem(price: number | string): CourseProblem | null {
  const cents = centsOf(price);
  if (!(cents >= 0)) return "priceNegative";
  return cents > limits.priceCents ? "priceTooHigh" : null;
}

/** Links to videos and pictures: of the web, so that opening one cannot start a program on this computer. */
export function linkProblem(link: string): CourseProblem | null {
  const text = link.trim();
  if (text === "") return null;
  if (lengthOf(text) > limits.link) return "linkTooLong";
  return URL.canParse(text) && /^https?:\/\/[^/]/i.test(text) ? null : "linkNotWeb";
}

/** Both as wall clocks of the same zone, whose text order is their order. */
export function availabilityProblem(from: string | null, until: string | null): CourseProblem | null {
  return from !== null && until !== null && until <= from ? "endsBeforeStart" : null;
}

export function durationProblem(minutes: number | string): CourseProblem | null {
  const value = minutes === "" ? 0 : Number(minutes);
  return Number.isInteger(value) && value >= 0 && value <= limits.durationMinutes ? null : "durationOutOfRange";
}

export const levels: Level[] = ["beginner", "intermediate", "advanced"];

export type Missing = { what: "lesson" | "publishedLesson" | "description" | "lead" | "over"; must: boolean };

/** What a course lacks before learners should see it. `must` keeps it from being published, the rest is advice. */
export function missingForPublishing(course: CourseDetail, now: number = Date.now()): Missing[] {
  const { lessons, published } = liveCounts(course);
  const missing: Missing[] = [];
  if (lessons === 0) missing.push({ what: "lesson", must: true });
  else if (published === 0) missing.push({ what: "publishedLesson", must: true });
  if (course.description.trim() === "") missing.push({ what: "description", must: false });
  if (!course.staff.some(({ duty, archivedAt }) => duty === "lead" && archivedAt === null)) missing.push({ what: "lead", must: false });
  if (course.availableUntil !== null && Date.parse(course.availableUntil) <= now) missing.push({ what: "over", must: false });
  return missing;
}

/** Only what differs from the saved row is sent, so that two people can change different fields of one course. */
export function changed<T extends object>(before: T, after: T): Partial<T> {
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  return Object.fromEntries(
    Object.entries(after).filter(([key, value]) => !same(value, before[key as keyof T])),
  ) as Partial<T>;
}
